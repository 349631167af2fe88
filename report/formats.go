package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"axbench/results"
)

// Options says how the reports of those formats look that leave a choice.
type Options struct {
	Text TextOptions
	HTML HTMLOptions
}

// format is one form of a report, and of what there are reports of that form.
type format struct {
	name     string
	run      func(io.Writer, *results.Record, Options) error
	conform  func(io.Writer, *results.ConformRecord, Options) error
	capacity func(io.Writer, *results.CapacityRecord, Options) error
}

// formats are all of them, in the order of messages.
var formats = []format{
	{name: "text", run: func(w io.Writer, rec *results.Record, o Options) error { return Text(w, rec, o.Text) },
		conform:  func(w io.Writer, rec *results.ConformRecord, o Options) error { return ConformText(w, rec, o.Text) },
		capacity: func(w io.Writer, rec *results.CapacityRecord, o Options) error { return CapacityText(w, rec, o.Text) }},
	{name: "html", run: func(w io.Writer, rec *results.Record, o Options) error { return RunHTML(w, rec, o.HTML) },
		conform:  func(w io.Writer, rec *results.ConformRecord, o Options) error { return ConformHTML(w, rec, o.HTML) },
		capacity: func(w io.Writer, rec *results.CapacityRecord, o Options) error { return CapacityHTML(w, rec, o.HTML) }},
	{name: "junit", run: func(w io.Writer, rec *results.Record, _ Options) error { return RunJUnit(w, rec) },
		conform:  func(w io.Writer, rec *results.ConformRecord, _ Options) error { return ConformJUnit(w, rec) },
		capacity: func(w io.Writer, rec *results.CapacityRecord, _ Options) error { return CapacityJUnit(w, rec) }},
	{name: "markdown", run: func(w io.Writer, rec *results.Record, _ Options) error { return RunMarkdown(w, rec) },
		conform:  func(w io.Writer, rec *results.ConformRecord, _ Options) error { return ConformMarkdown(w, rec) },
		capacity: func(w io.Writer, rec *results.CapacityRecord, _ Options) error { return CapacityMarkdown(w, rec) }},
	{name: "csv", run: func(w io.Writer, rec *results.Record, _ Options) error { return RunCSV(w, rec) }},
	{name: "openmetrics", run: func(w io.Writer, rec *results.Record, _ Options) error { return RunOpenMetrics(w, rec) }},
	{name: "hlog", run: func(w io.Writer, rec *results.Record, _ Options) error { return RunHlog(w, rec) }},
	{name: "json", run: func(w io.Writer, rec *results.Record, _ Options) error { return JSON(w, &rec.Run) },
		conform:  func(w io.Writer, rec *results.ConformRecord, _ Options) error { return JSON(w, &rec.Conform) },
		capacity: func(w io.Writer, rec *results.CapacityRecord, _ Options) error { return JSON(w, &rec.Capacity) }},
}

func formatOf(name string) (format, bool) {
	i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
	if i < 0 {
		return format{}, false
	}
	return formats[i], true
}

func formatNames(has func(format) bool) []string {
	var list []string
	for _, f := range formats {
		if has(f) {
			list = append(list, f.name)
		}
	}
	return list
}

func ofRun(f format) bool      { return f.run != nil }
func ofConform(f format) bool  { return f.conform != nil }
func ofCapacity(f format) bool { return f.capacity != nil }

// RunFormats names the formats of a run's report.
func RunFormats() []string { return formatNames(ofRun) }

// ConformFormats names the formats of a conformance run's report.
func ConformFormats() []string { return formatNames(ofConform) }

// CapacityFormats names the formats of the report of a search for capacity.
func CapacityFormats() []string { return formatNames(ofCapacity) }

// CheckRunFormat tells why name is no format of a run's report, nil if it is one.
func CheckRunFormat(name string) error { return checkFormat(name, "a run", ofRun) }

// CheckConformFormat tells why name is no format of a conformance run's report, nil if it is one.
func CheckConformFormat(name string) error { return checkFormat(name, "a conformance run", ofConform) }

// CheckCapacityFormat tells why name is no format of the report of a search for capacity, nil if it is one.
func CheckCapacityFormat(name string) error {
	return checkFormat(name, "a search for capacity", ofCapacity)
}

func checkFormat(name, kind string, has func(format) bool) error {
	f, ok := formatOf(name)
	accepted := strings.Join(formatNames(has), ", ")
	switch {
	case !ok:
		return fmt.Errorf("unknown format %q, accepted: %s", name, accepted)
	case !has(f):
		return fmt.Errorf("%s has no report of format %q, accepted: %s", kind, name, accepted)
	}
	return nil
}

// WriteRun writes the report of a run in the format of that name, or nothing: an error comes before the first byte unless it
// is w's.
func WriteRun(w io.Writer, rec *results.Record, name string, o Options) error {
	if err := CheckRunFormat(name); err != nil {
		return err
	}
	f, _ := formatOf(name)
	return whole(w, func(b io.Writer) error { return f.run(b, rec, o) })
}

// WriteConform is WriteRun for a conformance run.
func WriteConform(w io.Writer, rec *results.ConformRecord, name string, o Options) error {
	if err := CheckConformFormat(name); err != nil {
		return err
	}
	f, _ := formatOf(name)
	return whole(w, func(b io.Writer) error { return f.conform(b, rec, o) })
}

// WriteCapacity is WriteRun for a search for capacity.
func WriteCapacity(w io.Writer, rec *results.CapacityRecord, name string, o Options) error {
	if err := CheckCapacityFormat(name); err != nil {
		return err
	}
	f, _ := formatOf(name)
	return whole(w, func(b io.Writer) error { return f.capacity(b, rec, o) })
}

// Unsaid lists what qualifies a run's report and has no place in the given format: notes of the run, and a last line that was
// left out. Texts are not escaped. Other formats say all of it themselves.
func Unsaid(rec *results.Record, name string) []string {
	var list []string
	switch name {
	case "csv", "openmetrics", "hlog":
		list = append(list, rec.Run.Notes...)
	}
	says := func(s string) bool { return strings.Contains(s, results.TimelineFile) }
	if name == "csv" && !slices.ContainsFunc(list, says) && torn(filepath.Join(rec.Dir, results.TimelineFile)) {
		list = append(list, results.TimelineFile+": the last line is not whole and was left out")
	}
	return list
}

// torn tells whether a file ends in the middle of a line.
func torn(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var last [1]byte
	if _, err := f.Seek(-1, io.SeekEnd); err != nil {
		return false // empty
	}
	_, err = f.Read(last[:])
	return err == nil && last[0] != '\n'
}

// whole gives w what render writes once it is there in full.
func whole(w io.Writer, render func(io.Writer) error) error {
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// JSON writes v as indented JSON that is safe to print on a terminal: what Escape would make visible stands as \u202e, which
// is the same text to a reader of JSON.
func JSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, escapeJSON(b.String()))
	return err
}

// escapeJSON escapes what is not printable in a finished JSON text. Only strings can hold such characters.
func escapeJSON(s string) string {
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func hidden(r rune) bool { return r != '\n' && !printable(r, false) }
