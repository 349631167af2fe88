package report

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"axbench/results"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// failer is what a check needs of testing.T and rapid.T.
type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// checkConform makes every report of rec and holds what must be true of any: it is made without an error or a panic, and what came
// from a target is text and nothing else.
func checkConform(t failer, rec *results.ConformRecord, languages ...string) {
	t.Helper()
	for _, o := range []TextOptions{{}, {ASCII: true, Width: 1}, {Width: 1 << 20, Verbose: true}, {Color: true, Width: 80}} {
		var b strings.Builder
		if err := ConformText(&b, rec, o); err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		if !utf8.ValidString(b.String()) {
			t.Fatalf("%+v: the report is no UTF-8", o)
		}
		checkTerminal(t, b.String(), o)
	}
	var x, h strings.Builder
	if err := ConformJUnit(&x, rec); err != nil {
		t.Fatalf("JUnit: %v", err)
	}
	checkConformXML(t, x.String(), rec)
	for _, lang := range languages {
		h.Reset()
		if err := ConformHTML(&h, rec, HTMLOptions{Lang: lang}); err != nil {
			t.Fatalf("HTML: %v", err)
		}
		checkConformHTML(t, h.String(), rec)
	}
}

func checkConformXML(t failer, text string, rec *results.ConformRecord) {
	t.Helper()
	checkTerminal(t, text, TextOptions{})
	p := &parsedJUnit{}
	if err := xml.Unmarshal([]byte(text), p); err != nil { // refuses characters that XML 1.0 does not allow
		t.Fatalf("JUnit: %v", err)
	}
	cases := 0
	for _, s := range p.Suites {
		if s.Name != junitKnown {
			cases += len(s.Cases)
		}
	}
	if cases != len(rec.Conform.Clauses) {
		t.Fatalf("JUnit has %d tests for %d clauses", cases, len(rec.Conform.Clauses))
	}
	for _, s := range []string{"<![CDATA[", "]]>", "<script", "<!--"} {
		if strings.Contains(text, s) {
			t.Fatalf("JUnit has %q", s)
		}
	}
}

func checkConformHTML(t failer, page string, rec *results.ConformRecord) {
	t.Helper()
	articles := 0
	checkPage(t, page, pageStyles[:1], pageScripts[:1], func(n *html.Node) {
		if n.Data == "article" {
			articles++
		}
	})
	if articles != len(rec.Conform.Clauses) {
		t.Fatalf("HTML has %d articles for %d clauses", articles, len(rec.Conform.Clauses))
	}
}

// fill replaces every text of v, keys of maps and bytes included. Verdicts stay where keep is set, so that every branch is reached.
func fill(v reflect.Value, s string, keep bool) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), s, keep)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(s))
			return
		}
		for i := range v.Len() {
			fill(v.Index(i), s, keep)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf(s).Convert(v.Type().Key()), reflect.ValueOf(s))
		}
	case reflect.String:
		if !keep || v.Type() != reflect.TypeFor[results.ClauseWord]() {
			v.SetString(s)
		}
	}
}

// TestConformOfHostileTexts: a code, a message, an OutId or whatever else a target says stays text in every report.
func TestConformOfHostileTexts(t *testing.T) {
	for n, s := range hostileTexts {
		for _, keep := range []bool{true, false} {
			rec := conformRecord(t, "nonconformant")
			fill(reflect.ValueOf(&rec.Conform).Elem(), s, keep)
			for i := range rec.Exchanges {
				fill(reflect.ValueOf(&rec.Exchanges[i]).Elem(), s, keep)
				if i%2 == 0 {
					rec.Exchanges[i].Answer = "" // then head and body are shown
				}
			}
			rec.Dir = s
			checkConform(t, rec, Languages[n%len(Languages)])
		}
	}
}

// TestConformHostileTextsAreFound: the checks of this file do find what they are for.
func TestConformHostileTextsAreFound(t *testing.T) {
	rec := conformRecord(t, "incomplete")
	page, text := conformHTML(t, rec), conformJUnit(t, rec)
	for _, bad := range []string{"<script>alert(1)</script>", "<img src=x>", "<a href=javascript:x>", "<p onclick=x>", "\x1b[31m", "<!--", "<p style='background:url(x)'>"} {
		if !fails(func(t failer) { checkConformHTML(t, strings.Replace(page, "<footer>", "<footer>"+bad, 1), rec) }) {
			t.Errorf("%q passed in HTML", bad)
		}
	}
	for _, bad := range []string{"<script>", "\x1b", "]]>", "\x00", "&nbsp;"} {
		if !fails(func(t failer) { checkConformXML(t, strings.Replace(text, "</testcase>", bad+"</testcase>", 1), rec) }) {
			t.Errorf("%q passed in JUnit", bad)
		}
	}
}

// fails tells whether a check fails.
func fails(check func(failer)) (failed bool) {
	defer func() {
		if recover() == errBroken {
			failed = true
		}
	}()
	check(brokenTest{})
	return false
}

type brokenTest struct{}

func (brokenTest) Helper()               {}
func (brokenTest) Fatalf(string, ...any) { panic(errBroken) }

func TestConformOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := &results.ConformRecord{Dir: rapid.SampledFrom(hostileTexts).Draw(t, "dir")}
		hostile(t, reflect.ValueOf(rec).Elem(), 0)
		for i := range rec.Conform.Clauses { // most with a verdict that there is
			if n := rapid.IntRange(0, len(results.ClauseWords)).Draw(t, "word"); n < len(results.ClauseWords) {
				rec.Conform.Clauses[i].Verdict = results.ClauseWords[n]
			}
		}
		checkConform(t, rec, rapid.SampledFrom(Languages).Draw(t, "language"))
	})
}

func FuzzConformOfJSON(f *testing.F) {
	for i := range conformSamples {
		data, err := os.ReadFile("testdata/conform/" + conformSamples[i].name + "/conform.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"headline":"\u001b[31m","clauses":[{"id":"<b>","verdict":"]]>","observations":[{"got":"\u202e"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec := &results.ConformRecord{}
		if json.Unmarshal(data, &rec.Conform) != nil {
			return
		}
		checkConform(t, rec, Languages...)
	})
}
