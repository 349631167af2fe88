package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"axbench/report"
	"axbench/results"
)

// patience bounds everything that waits for a browser, on the slowest of hosts. Nothing waits for a time.
const patience = 2 * time.Minute

// browserPath returns the browser to test with: AXBENCH_BROWSER, then a Chromium of the system. Without one the test is skipped.
func browserPath(t *testing.T) (path string, asked bool) {
	t.Helper()
	if path = os.Getenv("AXBENCH_BROWSER"); path != "" {
		return path, true
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, false
		}
	}
	t.Skip("no Chromium was found, so no page was opened: install one, or name it in AXBENCH_BROWSER")
	return "", false
}

// startBrowser starts a headless browser that ends with the test. A browser that was not asked for and does not start is none.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path, asked := browserPath(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	var err error
	for range 3 {
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(allocator)
		if err = chromedp.Do(ctx); err == nil {
			t.Cleanup(func() {
				if err := chromedp.Cancel(ctx); err != nil {
					t.Logf("the browser did not end as asked: %v", err)
				}
				stop()
			})
			return ctx
		}
		cancel()
		stop()
	}
	if asked {
		t.Fatalf("%s does not start: %v", path, err)
	}
	t.Skipf("%s does not start, so no page was opened: %v", path, err)
	return nil
}

// tab is one page in the browser. It notes what a good page has none of: errors on the console, exceptions, requests.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
	page     string
}

func newTab(t *testing.T, browser context.Context, width, height int64) *tab {
	t.Helper()
	b := &tab{T: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(ctx, 2*patience)
	t.Cleanup(stop)
	b.ctx = ctx
	b.size(width, height, 1)
	return b
}

// listen is called with every event of the page.
func (b *tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.note("exception: " + e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			b.note(fmt.Sprintf("console: %s %s", e.Type, e.Args[0].Value))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.note("log: " + e.Entry.Text + " " + e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		b.mu.Lock()
		own := e.Request.URL == b.page
		b.mu.Unlock()
		if !own {
			b.note("request: " + e.Request.URL)
		}
	}
}

func (b *tab) note(problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, problem)
}

// quiet fails if anything was noted.
func (b *tab) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.Errorf("the page: %s", p)
	}
	b.problems = nil
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// call sends a command to the page.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.Helper()
	r, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// size makes the window of that size, with so many pixels of the screen to one of the page.
func (b *tab) size(width, height int64, ratio float64) {
	b.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: ratio})
}

// run runs a script in the page.
func (b *tab) run(script string) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](script))
}

// open loads a file.
func (b *tab) open(file string) {
	b.Helper()
	b.mu.Lock()
	b.page = "file://" + filepath.ToSlash(file)
	b.mu.Unlock()
	b.do(chromedp.Navigate(b.page))
}

// eval evaluates an expression and decodes its value as JSON.
func eval[T any](b *tab, expression string) (v T) {
	b.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("JSON.stringify("+expression+") ?? 'null'"))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		b.Fatalf("%s is %s: %v", expression, text, err)
	}
	return v
}

// until waits for a condition of the page.
func (b *tab) until(condition string) {
	b.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if eval[bool](b, "!!("+condition+")") {
			return
		}
		select {
		case <-b.ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	b.quiet()
	b.Fatalf("not within %v: %.300s", patience, condition)
}

// drawn waits until all charts of the page are drawn.
func (b *tab) drawn() {
	b.Helper()
	b.until(`document.querySelectorAll('figure[data-chart]').length === 7 && document.querySelectorAll('figure[data-chart][data-drawn]').length === 7`)
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
	browser := startBrowser(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, context.Context)
	}{
		{"charts", testCharts}, {"append", testAppend}, {"numbers", testNumbers}, {"zoom", testZoom}, {"hover", testHover}, {"codes", testCodes}, {"alone", testAlone},
		{"themes", testThemes}, {"languages", testLanguages}, {"narrow", testNarrow}, {"print", testPrint}, {"no scripts", testNoScripts}, {"no charts", testNoCharts},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, browser) })
	}
}

// testCharts holds what is drawn against the series in Go.
func testCharts(t *testing.T, browser context.Context) {
	for _, name := range []string{"pass", "slo-missed", "nonconformant", "closed", "bounds", "no-data", "partial"} {
		t.Run(name, func(t *testing.T) {
			file, rec := pageOf(t, sampleDir(name), "en")
			s, err := report.SeriesOf(rec)
			if err != nil {
				t.Fatal(err)
			}
			p := s.Points()
			b := newTab(t, browser, 1200, 900)
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
func testAppend(t *testing.T, browser context.Context) {
	file, rec := pageOf(t, sampleDir("bounds"), "en")
	b := newTab(t, browser, 1000, 800)
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
		b.run(fmt.Sprintf("axbenchCharts.append(%s)", js))
		b.until(fmt.Sprintf(`document.querySelector('figure[data-chart=rate]').dataset.drawn === '%d'`, i+1))
		samePoints(t, b, s.Points())
	}
	b.drawn()
	b.quiet()
}

// testNumbers holds the page's way of writing numbers against that of the reports.
func testNumbers(t *testing.T, browser context.Context) {
	file, _ := pageOf(t, sampleDir("pass"), "en")
	b := newTab(t, browser, 1000, 800)
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
