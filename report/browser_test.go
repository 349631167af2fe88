package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"axbench/report"
	"axbench/report/browser"
	"axbench/results"
)

// tab is the page of a run.
type tab struct {
	*browser.Tab
	file string // its URL
}

func newTab(t *testing.T, ctx context.Context, width, height int64) *tab {
	t.Helper()
	return &tab{Tab: browser.NewTab(t, ctx, width, height)}
}

// open loads a file.
func (b *tab) open(file string) {
	b.Helper()
	b.file = "file://" + filepath.ToSlash(file)
	b.Open(b.file)
}

// quiet fails if anything is on the console, or the page has asked for anything but itself.
func (b *tab) quiet() {
	b.Helper()
	b.Quiet()
	for _, url := range b.Requests() {
		if url != b.file {
			b.Errorf("the page asked for %s", url)
		}
	}
}

// eval evaluates an expression and decodes its value as JSON.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	return browser.Eval[T](b.Tab, expression)
}

// drawn waits until all charts of the page are drawn.
func (b *tab) drawn() {
	b.Helper()
	b.Until(`document.querySelectorAll('figure[data-chart]').length === 7 && document.querySelectorAll('figure[data-chart][data-drawn]').length === 7`)
}

// pages writes the page of a sample run and returns it with its record.
func pageOf(t *testing.T, dir, lang string) (file string, rec *results.Record) {
	t.Helper()
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := report.RunHTML(f, rec, report.HTMLOptions{Lang: lang}); err != nil {
		t.Fatal(err)
	}
	return file, rec
}

func sampleDir(name string) string { return filepath.Join("testdata", "runs", name) }

// timed are the charts that zoom and hover in step.
var timed = []string{"rate", "flight", "latency", "codes", "generator", "heat"}

func TestBrowser(t *testing.T) {
	chromium := browser.Start(t, os.Getenv(browser.Variable))
	for _, c := range []struct {
		name string
		test func(*testing.T, context.Context)
	}{
		{"charts", testCharts}, {"append", testAppend}, {"numbers", testNumbers}, {"zoom", testZoom}, {"hover", testHover}, {"codes", testCodes}, {"alone", testAlone},
		{"themes", testThemes}, {"languages", testLanguages}, {"narrow", testNarrow}, {"print", testPrint}, {"no scripts", testNoScripts}, {"no charts", testNoCharts},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, chromium) })
	}
}

// testCharts holds what is drawn against the series in Go.
func testCharts(t *testing.T, chromium context.Context) {
	for _, name := range []string{"pass", "slo-missed", "nonconformant", "closed", "bounds", "no-data", "partial"} {
		t.Run(name, func(t *testing.T) {
			file, rec := pageOf(t, sampleDir(name), "en")
			s, err := report.SeriesOf(rec)
			if err != nil {
				t.Fatal(err)
			}
			p := s.Points()
			b := newTab(t, chromium, 1200, 900)
			b.open(file)
			b.drawn()
			want := map[string]int{"heat": len(p.Heat.Columns), "curve": max(len(p.Curve.Response.Rank), len(p.Curve.Service.Rank), len(p.Curve.Offered.Rank))}
			for _, chart := range []string{"rate", "flight", "latency", "codes", "generator"} {
				want[chart] = len(p.Planned)
			}
			if name == "no-data" {
				want["latency"], want["heat"] = 0, 0
			}
			got := eval[map[string]int](b, `Object.fromEntries([...document.querySelectorAll('figure[data-chart]')].map((f) => [f.dataset.chart, +f.dataset.drawn]))`)
			for chart, n := range want {
				if got[chart] != n {
					t.Errorf("%s: %d points are drawn, want %d", chart, got[chart], n)
				}
			}
			// What a chart draws has more colours than a ground, and its canvas its size.
			for chart, n := range eval[map[string]int](b, colours) {
				if want[chart] > 0 && n < 3 {
					t.Errorf("%s: %d colours on its canvas", chart, n)
				}
			}
			samePoints(t, b, p)
			b.quiet()
		})
	}
}

// colours counts the colours on the canvas of each chart.
const colours = `Object.fromEntries([...document.querySelectorAll('figure[data-chart]')].map((f) => {
	const c = f.querySelector('canvas');
	if (!c) return [f.dataset.chart, 0];
	const d = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);
	return [f.dataset.chart, new Set(d).size];
}))`

// samePoints compares the series that the page holds with one in Go.
func samePoints(t *testing.T, b *tab, p *report.Points) {
	t.Helper()
	got := eval[report.Points](b, "axbenchCharts.state().series")
	full := func(list []int64) []int64 { return append(list, make([]int64, len(p.Planned)-len(list))...) }
	want := *p
	for _, v := range []*[]int64{&want.Failed, &want.Unfinished, &want.Dropped, &want.NotOffered, &want.Queued, &want.GC} {
		*v = full(*v)
	}
	want.Heat.Open = append(want.Heat.Open, make([]int64, len(want.Heat.Columns)-len(want.Heat.Open))...)
	a, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(w) {
		t.Errorf("the page holds\n%.2000s\nwant\n%.2000s", a, w)
	}
}

// testAppend gives a page a run in parts.
func testAppend(t *testing.T, chromium context.Context) {
	file, rec := pageOf(t, sampleDir("bounds"), "en")
	b := newTab(t, chromium, 1000, 800)
	b.open(file)
	b.drawn()
	lines, err := rec.Timeline()
	if err != nil {
		t.Fatal(err)
	}
	s := report.NewSeries(&rec.Run)
	seen := int64(0)
	for i := range lines {
		start := rec.Run.Started.Add(time.Duration(lines[i].T) * time.Second)
		h := results.NewHistogram()
		h.Record(int64(i+1) * 1e6)
		if err := s.AppendSecond(start, start.Add(time.Second), lines[i:i+1], []results.Interval{{Phase: lines[i].Phase, Clock: "response", Code: results.CodeGood, H: h}}); err != nil {
			t.Fatal(err)
		}
		part := s.Since(seen)
		seen = part.Seconds
		js, err := part.JS()
		if err != nil {
			t.Fatal(err)
		}
		b.Run(fmt.Sprintf("axbenchCharts.append(%s)", js))
		b.Until(fmt.Sprintf(`document.querySelector('figure[data-chart=rate]').dataset.drawn === '%d'`, i+1))
		samePoints(t, b, s.Points())
	}
	b.drawn()
	b.quiet()
}

// testNumbers holds the page's way of writing numbers against that of the reports.
func testNumbers(t *testing.T, chromium context.Context) {
	file, _ := pageOf(t, sampleDir("pass"), "en")
	b := newTab(t, chromium, 1000, 800)
	b.open(file)
	b.drawn()
	var durations, rates, counts []string
	var ns, perSecond []float64
	for _, f := range []float64{0, 1, 12.3, 512, 999, 999.6, 1000, 1500, 99_949, 99_951, 123_456, 999_499, 999_501, 3_456_789, 12_000_000, 987_654_321, 1e9, 9.996e9, 60e9, 119.9e9, 120e9, 3599e9, 3600e9, 86461e9} {
		ns, durations = append(ns, f), append(durations, report.Duration(f))
	}
	for _, f := range []float64{0, 0.04, 0.06, 1, 99.95, 999.94, 1000, 1234.6, 1234567.8} {
		perSecond, rates = append(perSecond, f), append(rates, report.Rate(f))
		counts = append(counts, report.Count(int64(f)))
	}
	check := func(what string, args []float64, call string, want []string) {
		in, err := json.Marshal(args)
		if err != nil {
			t.Fatal(err)
		}
		if got := eval[[]string](b, fmt.Sprintf("%s.map(%s)", in, call)); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s:\n%q\nwant\n%q", what, got, want)
		}
	}
	check("durations", ns, "axbenchCharts.format.duration", durations)
	check("rates", perSecond, "axbenchCharts.format.rate", rates)
	check("counts", perSecond, "(f) => axbenchCharts.format.count(Math.floor(f))", counts)
	check("percentiles", []float64{1, 2, 4, 10, 25, 100, 1000, 1e4, 12345}, "axbenchCharts.format.percentile",
		[]string{"0 %", "50 %", "75 %", "90 %", "96.0 %", "99 %", "99.9 %", "99.99 %", "99.9919 %"})
	b.quiet()
}
