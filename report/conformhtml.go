package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"

	"axbench/results"
)

//go:embed conform.html.tmpl
var conformPage string

var conformTemplate = template.Must(template.New("conform").Parse(conformPage))

// ConformHTML writes a conformance run as one page that needs neither a network nor a script: the content and order of ConformText,
// with every clause and its observations. Each clause is an element with data-clause, data-verdict and its id, so that tools can
// read it back and people can point at it.
func ConformHTML(w io.Writer, rec *results.ConformRecord) error {
	var b bytes.Buffer
	if err := conformTemplate.Execute(&b, newConformView(rec, Escape)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
