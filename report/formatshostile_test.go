package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"axbench/results"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	xhtml "golang.org/x/net/html"
	"pgregory.net/rapid"
)

// checkFormats makes every machine format of rec and holds what must be true of any: it is made, or refused for a file that cannot
// be read, and what came from outside is text in it and nothing else.
func checkFormats(t failer, rec *results.Record) {
	t.Helper()
	for _, name := range []string{"junit", "markdown", "csv", "openmetrics", "hlog", "json"} {
		var b bytes.Buffer
		if err := WriteRun(&b, rec, name, Options{}); err != nil {
			if name != "csv" && name != "hlog" {
				t.Fatalf("%s: %v", name, err)
			}
			if b.Len() > 0 {
				t.Fatalf("%s: %d bytes and %v", name, b.Len(), err)
			}
			continue
		}
		got := b.String()
		if !utf8.ValidString(got) {
			t.Fatalf("%s is no UTF-8", name)
		}
		checkTerminal(t, got, TextOptions{})
		switch name {
		case "junit":
			checkRunXML(t, got, &rec.Run)
		case "markdown":
			checkMarkdown(t, got)
		case "csv":
			checkCSV(t, got)
		case "openmetrics":
			checkOpenMetrics(t, got)
		case "json":
			if !json.Valid(b.Bytes()) {
				t.Fatalf("JSON: %q", got)
			}
		}
	}
}

func checkRunXML(t failer, text string, run *results.Run) {
	t.Helper()
	p := &parsedJUnit{}
	if err := xml.Unmarshal([]byte(text), p); err != nil { // refuses characters that XML 1.0 does not allow
		t.Fatalf("JUnit: %v", err)
	}
	for _, s := range []string{"<![CDATA[", "]]>", "<script", "<!--"} {
		if strings.Contains(text, s) {
			t.Fatalf("JUnit has %q", s)
		}
	}
	green := run.Verdict == results.VerdictPass && run.ExitCode != nil && *run.ExitCode == results.ExitPass
	if p.Failures+p.Errors == 0 && !green {
		t.Fatalf("JUnit is green for %q", run.Verdict)
	}
	var all parsedCounts
	for _, s := range p.Suites {
		if len(s.Cases) != s.Tests || s.Tests == 0 {
			t.Fatalf("JUnit: suite %s has %d cases of %d", s.Name, len(s.Cases), s.Tests)
		}
		all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
	}
	if all.Time = p.Time; all != p.parsedCounts {
		t.Fatalf("JUnit: %+v, its suites %+v", p.parsedCounts, all)
	}
}

// gfm is a reader of GitHub's Markdown that lets HTML through, as the sites do before they clean it.
var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))

// The elements that our own Markdown makes. Whatever is more came out of a text.
var markdownElements = strings.Fields("html head body h2 h3 p ul li strong table thead tbody tr th td code pre details summary")

// checkMarkdown reads a report as the sites do: what is in code is text, and outside of code is nothing that they would make a link,
// a mention or an image of.
func checkMarkdown(t failer, text string) {
	t.Helper()
	var b bytes.Buffer
	if err := gfm.Convert([]byte(text), &b); err != nil {
		t.Fatalf("Markdown: %v", err)
	}
	root, err := xhtml.Parse(&b)
	if err != nil {
		t.Fatalf("Markdown: %v", err)
	}
	depth := 0
	var visit func(n *xhtml.Node, code bool)
	visit = func(n *xhtml.Node, code bool) {
		switch n.Type {
		case xhtml.CommentNode:
			t.Fatalf("Markdown: a comment %q", n.Data)
		case xhtml.TextNode:
			if !code && strings.ContainsAny(n.Data, "@#`<[]\\$!_~^{}\"'") {
				t.Fatalf("Markdown: %q outside of code", n.Data)
			}
		case xhtml.ElementNode:
			if !slices.Contains(markdownElements, n.Data) {
				t.Fatalf("Markdown: <%s>", n.Data)
			}
			for _, a := range n.Attr {
				if a.Key != "style" || !strings.HasPrefix(a.Val, "text-align:") {
					if n.Data != "code" || a.Key != "class" || a.Val != "language-text" {
						t.Fatalf("Markdown: <%s %s=%q>", n.Data, a.Key, a.Val)
					}
				}
			}
			if n.Data == "details" {
				depth++
			}
			code = code || n.Data == "code"
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c, code)
		}
	}
	visit(root, false)
	if want := strings.Count(text, "\n<details>"); depth != want || strings.Count(text, "\n</details>") != want {
		t.Fatalf("Markdown: %d folded parts of %d", depth, want)
	}
	checkTables(t, text)
}

// checkTables: every row of a table has the cells of its head.
func checkTables(t failer, text string) {
	t.Helper()
	columns := 0
	for _, l := range strings.Split(text, "\n") {
		if !strings.HasPrefix(l, "|") {
			columns = 0
			continue
		}
		n := strings.Count(l, "|")
		if columns == 0 {
			columns = n
		}
		if n != columns {
			t.Fatalf("Markdown: %d cells under %d: %q", n-1, columns-1, l)
		}
	}
}

func checkCSV(t failer, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll() // refuses rows of another length
	if err != nil {
		t.Fatalf("CSV: %v", err)
	}
	seen := map[string]bool{}
	for _, name := range rows[0] {
		if seen[name] {
			t.Fatalf("CSV: two columns %q", name)
		}
		seen[name] = true
	}
	for _, row := range rows {
		for i, cell := range row {
			number := strings.Trim(cell, "0123456789.+e-") == "" && rows[0][i] != "phase"
			if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " ")); !number && strings.ContainsRune("=+-@＝＋－＠", first) {
				t.Fatalf("CSV: a formula %q", cell)
			}
		}
	}
}

// finite takes away what no directory can hold: JSON knows no NaN, no infinity and no year of five digits.
func finite(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			if y := at.UTC().Year(); y < 1 || y > 9998 {
				v.Set(reflect.ValueOf(time.Unix(0, 0)))
			}
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				finite(v.Field(i))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			finite(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			finite(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			finite(value)
			v.SetMapIndex(key, value)
		}
	case reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			v.SetFloat(0)
		}
	}
}

func TestFormatsOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := &results.Record{Dir: rapid.SampledFrom(hostileTexts).Draw(t, "dir")}
		hostile(t, reflect.ValueOf(&rec.Run).Elem(), 0)
		finite(reflect.ValueOf(&rec.Run).Elem())
		checkFormats(t, rec)
	})
}

// markdownTexts would be markup if they were not kept from it.
var markdownTexts = []string{"@octocat", "#1", "`@octocat`", "a | b | c", "\\|", "``` @x", "</details><img src=x>", "[x](javascript:alert(1))", "![x](http://h.example/x.png)",
	"https://h.example/", "www.h.example", "a@h.example", ":tada:", "<!-- x -->", "&lt;b&gt;", "$x$", "**b**", "~~~", "\n\n# h", "- [ ] x", "| --- |", "\\", "`", "=1+1", " =1+1", "-2+3", "＝1", "\t=1", "!1", "x\\"}

// TestFormatsOfHostileTexts: a code, a message or whatever else a target says stays text in every format.
func TestFormatsOfHostileTexts(t *testing.T) {
	for _, s := range append(markdownTexts, hostileTexts...) {
		rec := sampleRun(t, "nonconformant")
		fill(reflect.ValueOf(&rec.Run).Elem(), s, false)
		checkFormats(t, rec)
		conform := conformRecord(t, "nonconformant")
		fill(reflect.ValueOf(&conform.Conform).Elem(), s, true)
		for i := range conform.Exchanges {
			fill(reflect.ValueOf(&conform.Exchanges[i]).Elem(), s, false)
		}
		var b bytes.Buffer
		if err := ConformMarkdown(&b, conform); err != nil {
			t.Fatal(err)
		}
		checkTerminal(t, b.String(), TextOptions{})
		checkMarkdown(t, b.String())
	}
}

// TestFormatsHostileTextsAreFound: the checks of this file do find what they are for.
func TestFormatsHostileTextsAreFound(t *testing.T) {
	rec := sampleRun(t, "nonconformant")
	page := rendered(t, rec, "markdown")
	for _, s := range []string{"@octocat", "#1", "<img src=x>", "<script>alert(1)</script>", "[x](http://h.example)", "https://h.example/", "</details>", "<!-- x -->", "a | b", "*x*"} {
		for _, into := range []string{"\n### Codes", "| `OK` |"} {
			if !strings.Contains(page, into) {
				t.Fatalf("no %q", into)
			}
			put := "\n" + s + into
			if into[0] == '|' {
				put = "| " + s + " |"
			}
			if s == "a | b" && into[0] != '|' || s == "</details>" && into[0] == '|' {
				continue // no more than text there
			}
			if !fails(func(t failer) { checkMarkdown(t, strings.Replace(page, into, put, 1)) }) {
				t.Errorf("%q passed in Markdown", put)
			}
		}
	}
	table := rendered(t, rec, "csv")
	for _, s := range []string{"=1+1", "@x", " +x", "-x", "＝1", "x,y", "\"x"} {
		if !fails(func(t failer) { checkCSV(t, strings.Replace(table, ",main,", ","+s+",", 1)) }) {
			t.Errorf("%q passed in CSV", s)
		}
	}
	metrics := rendered(t, rec, "openmetrics")
	for _, change := range [][2]string{{"# EOF\n", ""}, {`code="OK"`, `code="O"K"`}, {`code="OK"`, "code=\"O\nK\""}, {" 566.0\n", " x\n"}, {"# TYPE axbench_codes counter", "# TYPE axbench_codes gauge"},
		{"axbench_codes_total{", "axbench_codez_total{"}, {`le="+Inf"} 566`, `le="+Inf"} 1`}, {"# EOF\n", "# EOF\n# EOF\n"}} {
		if !strings.Contains(metrics, change[0]) {
			t.Fatalf("no %q", change[0])
		}
		if !fails(func(t failer) { checkOpenMetrics(t, strings.Replace(metrics, change[0], change[1], 1)) }) {
			t.Errorf("%q in place of %q passed in OpenMetrics", change[1], change[0])
		}
	}
	junit := rendered(t, sampleRun(t, "no-data"), "junit")
	for _, change := range [][2]string{{"</testcase>", "<script></testcase>"}, {"<error ", "<skipped "}, {"</error>", "\x1b</error>"}, {`tests="`, `tests="1`}} {
		changed := strings.ReplaceAll(strings.ReplaceAll(junit, change[0], change[1]), "</"+strings.TrimPrefix(change[0], "<"), "</skipped>")
		if !fails(func(t failer) { checkRunXML(t, changed, &results.Run{}) }) {
			t.Errorf("%q in place of %q passed in JUnit", change[1], change[0])
		}
	}
}
