package report

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"axbench/results"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// checkCapacity makes every report of rec and holds what must be true of any: it is made without an error or a panic, and what came
// from outside is text and nothing else.
func checkCapacity(t failer, rec *results.CapacityRecord, languages ...string) {
	t.Helper()
	for _, o := range []TextOptions{{}, {ASCII: true, Width: 1}, {Width: 1 << 20}, {Color: true, Width: 80}} {
		var b strings.Builder
		if err := CapacityText(&b, rec, o); err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		if !utf8.ValidString(b.String()) {
			t.Fatalf("%+v: the report is no UTF-8", o)
		}
		checkTerminal(t, b.String(), o)
	}
	var m, x strings.Builder
	if err := CapacityMarkdown(&m, rec); err != nil {
		t.Fatalf("Markdown: %v", err)
	}
	checkMarkdown(t, m.String())
	if err := CapacityJUnit(&x, rec); err != nil {
		t.Fatalf("JUnit: %v", err)
	}
	checkTerminal(t, x.String(), TextOptions{})
	p := &parsedJUnit{}
	if err := xml.Unmarshal([]byte(x.String()), p); err != nil {
		t.Fatalf("JUnit: %v", err)
	}
	for _, lang := range languages {
		var h strings.Builder
		if err := CapacityHTML(&h, rec, HTMLOptions{Lang: lang}); err != nil {
			t.Fatalf("HTML: %v", err)
		}
		rows := 0
		checkPage(t, h.String(), pageStyles, capacityScripts, func(n *html.Node) {
			if n.Data == "tr" && attr(n, "data-probe") != "" {
				rows++
			}
		})
		if rows != len(rec.Capacity.Curve) {
			t.Fatalf("HTML has %d rows for %d probes", rows, len(rec.Capacity.Curve))
		}
	}
}

// TestCapacityOfHostileTexts: the name of a scenario, a code or whatever else stands in capacity.json stays text in every report.
func TestCapacityOfHostileTexts(t *testing.T) {
	for n, s := range hostileTexts {
		rec := capacityRecord(t, &capacitySamples[n%len(capacitySamples)])
		fill(reflect.ValueOf(&rec.Capacity).Elem(), s, false)
		rec.Dir = s
		checkCapacity(t, rec, Languages...)
		rec = capacityRecord(t, &capacitySamples[1])
		for i := range rec.Capacity.Curve { // verdicts and limits stay: every branch is reached
			p := &rec.Capacity.Curve[i]
			p.Reasons, p.Dir, p.Codes[0].Code = []string{s}, s, s
		}
		checkCapacity(t, rec, Languages[n%len(Languages)])
	}
}

// TestCapacityHostileTextsAreFound: the checks of these pages do find what they are for.
func TestCapacityHostileTextsAreFound(t *testing.T) {
	page := capacityHTML(t, capacityRecord(t, &capacitySamples[0]), HTMLOptions{})
	for _, bad := range []string{"<script>alert(1)</script>", "<img src=x>", "<a href=javascript:x>", "<a href='probes/../x'>", "<a href='probes/1/x.html'>", "<p onclick=x>", "\x1b[31m", "<!--"} {
		if !fails(func(t failer) {
			checkPage(t, strings.Replace(page, "<footer>", "<footer>"+bad, 1), pageStyles, capacityScripts, nil)
		}) {
			t.Errorf("%q passed", bad)
		}
	}
}

func TestCapacityOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := &results.CapacityRecord{Dir: rapid.SampledFrom(hostileTexts).Draw(t, "dir")}
		hostile(t, reflect.ValueOf(&rec.Capacity).Elem(), 0)
		checkCapacity(t, rec, rapid.SampledFrom(Languages).Draw(t, "language"))
	})
}

func FuzzCapacityOfJSON(f *testing.F) {
	for i := range capacitySamples {
		data, err := os.ReadFile(filepath.Join(capacityDir(capacitySamples[i].name), results.CapacityFile))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"verdict":"\u001b[31m","limited_by":"<b>","rate":{"low":1e308,"high":-1},"plan":{"rate":1e-300},"knee":{"rate":1e308,"p99_ns":-1},"curve":[{"rate":1e308,"dir":"probes/../..","stage":"\u202e","pass":false}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec := &results.CapacityRecord{}
		if json.Unmarshal(data, &rec.Capacity) != nil {
			return
		}
		checkCapacity(t, rec, Languages...)
	})
}

// TestCapacityLinks: a probe is linked to where it is, and nowhere else.
func TestCapacityLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "probes", "02"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "probes", "02", runPageFile), []byte("<p>"), 0o644); err != nil {
		t.Fatal(err)
	}
	rec := capacityRecord(t, &capacitySamples[0])
	rec.Dir = dir
	for i, d := range []string{"probes/01", "probes/02", "", "../../etc", "probes/../x", "/etc", "probes/.hidden", "probes/a/b", "javascript:x", "probes/a b"} {
		rec.Capacity.Curve[i].Dir = d
	}
	var links []string
	checkPage(t, capacityHTML(t, rec, HTMLOptions{}), pageStyles, capacityScripts, func(n *html.Node) {
		if h := attr(n, "href"); h != "" && !strings.HasPrefix(h, "#") {
			links = append(links, h)
		}
	})
	if got := strings.Join(links, " "); got != "probes/01/ probes/02/report.html probes/11/" {
		t.Errorf("links to %s", got)
	}
}
