package report

import (
	"bytes"
	"io"

	"axbench/results"
)

// conformPage is the whole page of a conformance run.
type conformPage struct {
	*pageView
	*conformView
}

// ConformHTML writes a conformance run as one page that needs no network and reads the same without scripts: the content and order of
// ConformText, with every clause and its observations. Each clause is an element with data-clause, data-verdict and its id, so that
// tools can read it back and people can point at it. The error is w's, or about o.
func ConformHTML(w io.Writer, rec *results.ConformRecord, o HTMLOptions) error {
	l, err := languageOf(o.Lang)
	if err != nil {
		return err
	}
	page := &conformPage{conformView: newConformViewIn(rec, Escape, l)}
	title := page.Headline + " · " + page.Target + " · axbench conform"
	if page.pageView, err = newPageView(l, title, false, pageStyles[:1], pageScripts[:1]); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := templatesOf(l).ExecuteTemplate(&b, "conform.html.tmpl", page); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}
