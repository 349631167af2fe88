package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"axbench/results"
)

// Compared is a comparison with the runs it is of, for those reports that draw them.
type Compared struct {
	*results.Comparison
	BaseRuns, NewRuns []*results.Record
}

// compareFormats are the forms of the report of a comparison, in the order of messages.
var compareFormats = []struct {
	name  string
	write func(io.Writer, *Compared, Options) error
}{
	{"text", func(w io.Writer, c *Compared, o Options) error { return CompareText(w, c.Comparison, o.Text) }},
	{"html", func(w io.Writer, c *Compared, o Options) error { return CompareHTML(w, c, o.HTML) }},
	{"junit", func(w io.Writer, c *Compared, _ Options) error { return CompareJUnit(w, c.Comparison) }},
	{"markdown", func(w io.Writer, c *Compared, _ Options) error { return CompareMarkdown(w, c.Comparison) }},
	{"json", func(w io.Writer, c *Compared, _ Options) error { return JSON(w, c.Comparison) }},
}

// CompareFormats names the formats of a comparison's report.
func CompareFormats() []string {
	list := make([]string, len(compareFormats))
	for i, f := range compareFormats {
		list[i] = f.name
	}
	return list
}

// CheckCompareFormat tells why name is no format of a comparison's report, nil if it is one.
func CheckCompareFormat(name string) error {
	list := CompareFormats()
	switch _, known := formatOf(name); {
	case slices.Contains(list, name):
		return nil
	case known:
		return fmt.Errorf("a comparison has no report of format %q, accepted: %s", name, strings.Join(list, ", "))
	}
	return fmt.Errorf("unknown format %q, accepted: %s", name, strings.Join(list, ", "))
}

// WriteCompare writes the report of a comparison in the format of that name, or nothing: an error comes before the first byte
// unless it is w's.
func WriteCompare(w io.Writer, c *Compared, name string, o Options) error {
	if err := CheckCompareFormat(name); err != nil {
		return err
	}
	i := slices.Index(CompareFormats(), name)
	return whole(w, func(b io.Writer) error { return compareFormats[i].write(b, c, o) })
}
