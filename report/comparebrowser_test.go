package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"axbench/report"
	"axbench/report/browser"
	"axbench/results"
)

// comparisonPage writes the page of a sample comparison with those runs.
func comparisonPage(t *testing.T, name, base, now, lang string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "compare", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	c := &report.Compared{Comparison: &results.Comparison{}}
	if err := json.Unmarshal(data, c.Comparison); err != nil {
		t.Fatal(err)
	}
	open := func(name string) []*results.Record {
		rec, err := results.Open(filepath.Join("testdata", "runs", name))
		if err != nil {
			t.Fatal(err)
		}
		return []*results.Record{rec}
	}
	c.BaseRuns, c.NewRuns = open(base), open(now)
	file := filepath.Join(t.TempDir(), "compare.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := report.CompareHTML(f, c, report.HTMLOptions{Lang: lang}); err != nil {
		t.Fatal(err)
	}
	return file
}

// overlaid waits until the charts of the page of a comparison are drawn.
func (b *tab) overlaid() {
	b.Helper()
	b.Until(`document.querySelectorAll('figure[data-chart]').length === 4 && document.querySelectorAll('figure[data-chart][data-drawn] canvas').length === 4`)
}

func TestCompareBrowser(t *testing.T) {
	chromium := browser.Start(t, os.Getenv(browser.Variable))
	t.Run("charts", func(t *testing.T) { testCompareCharts(t, chromium) })
	t.Run("hover", func(t *testing.T) { testCompareHover(t, chromium) })
	t.Run("looks", func(t *testing.T) { testCompareLooks(t, chromium) })
	t.Run("no scripts", func(t *testing.T) { testCompareNoScripts(t, chromium) })
	t.Run("pictures", func(t *testing.T) { testComparePictures(t, chromium) })
}

// testCompareCharts: both sides are drawn, in two colours.
func testCompareCharts(t *testing.T, chromium context.Context) {
	b := newTab(t, chromium, 1100, 900)
	b.open(comparisonPage(t, "worse", "pass", "slo-missed", "en"))
	b.overlaid()
	for chart, n := range eval[map[string]int](b, `Object.fromEntries([...document.querySelectorAll('figure[data-chart]')].map((f) => [f.dataset.chart, +f.dataset.drawn]))`) {
		if n < 2 {
			t.Errorf("%s draws %d points", chart, n)
		}
	}
	for chart, n := range eval[map[string]int](b, colours) {
		if n < 3 {
			t.Errorf("%s: %d colours on its canvas", chart, n)
		}
	}
	if n := eval[int](b, "document.querySelectorAll('figure[data-chart=curve] .chart-key .entry').length"); n != 2 {
		t.Errorf("%d sides are named", n)
	}
	if n := eval[int](b, "axbenchCharts.state().overlay.base.length + axbenchCharts.state().overlay.new.length"); n != 2 {
		t.Errorf("the page holds %d runs", n)
	}
	b.quiet()
}

// testCompareHover: the legend says both sides' values at the pointer, in every chart over time at once.
func testCompareHover(t *testing.T, chromium context.Context) {
	b := newTab(t, chromium, 1100, 900)
	b.open(comparisonPage(t, "same", "pass", "pass", "en"))
	b.overlaid()
	r := b.plot("curve")
	b.mouse(chromedp.MouseMoved, r.Left+r.Width/2-4, r.Top+40, 0)
	b.mouse(chromedp.MouseMoved, r.Left+r.Width/2, r.Top+40, 0)
	values := "[...document.querySelectorAll('figure[data-chart=curve] .chart-key .value')].map((e) => e.textContent)"
	b.Until(values + ".every((v) => /^[0-9.]+ (µs|ms|s)$/.test(v))")
	if got := eval[[]string](b, values); len(got) != 2 || got[0] != got[1] {
		t.Errorf("the same run reads %q on both sides", got)
	}
	b.quiet()
}

// testCompareLooks: both themes, both languages, a telephone and paper.
func testCompareLooks(t *testing.T, chromium context.Context) {
	for _, lang := range report.Languages {
		b := newTab(t, chromium, 1100, 900)
		b.open(comparisonPage(t, "worse", "pass", "slo-missed", lang))
		b.overlaid()
		picture := "document.querySelector('figure[data-chart=curve] canvas').toDataURL()"
		light := eval[string](b, picture)
		b.Scheme("dark")
		b.Until(fmt.Sprintf("%s !== %q", picture, light))
		b.Size(320, 800, 2)
		b.Until("[...document.querySelectorAll('figure[data-chart] .uplot')].every((u) => u.clientWidth < 320)")
		b.overlaid()
		b.fits(320)
		b.quiet()
	}
	b := newTab(t, chromium, 1100, 900)
	b.open(comparisonPage(t, "better", "bounds", "pass", "en"))
	b.overlaid()
	if pdf, err := chromedp.Run(b.Ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground())); err != nil || len(pdf) < 10_000 {
		t.Errorf("%d bytes on paper, %v", len(pdf), err)
	}
	b.quiet()
}

// testCompareNoScripts: without scripts the tables say it all.
func testCompareNoScripts(t *testing.T, chromium context.Context) {
	b := newTab(t, chromium, 1100, 900)
	browser.Call(b.Tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(comparisonPage(t, "worse", "pass", "slo-missed", "en"))
	b.Until("document.readyState === 'complete'")
	if n := eval[int](b, "[...document.querySelectorAll('figure[data-chart]')].filter((f) => getComputedStyle(f).display !== 'none').length"); n != 0 {
		t.Errorf("%d empty charts are shown", n)
	}
	text := eval[string](b, "document.body.innerText")
	for _, s := range []string{"need scripts", "WORSE", "+11.2 %", "> 10.0 s", "isv.MYSTERY_ERROR"} {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	b.quiet()
}

// testComparePictures writes pictures to AXBENCH_SCREENSHOTS, where that is set.
func testComparePictures(t *testing.T, chromium context.Context) {
	into := os.Getenv("AXBENCH_SCREENSHOTS")
	if into == "" {
		t.Skip("AXBENCH_SCREENSHOTS names no directory for pictures")
	}
	for _, c := range []struct{ name, base, now, lang, scheme string }{{"worse", "pass", "slo-missed", "en", "light"}, {"better", "bounds", "pass", "zh", "dark"}} {
		b := newTab(t, chromium, 1100, 900)
		b.Scheme(c.scheme)
		b.open(comparisonPage(t, c.name, c.base, c.now, c.lang))
		b.overlaid()
		png, err := chromedp.Run(b.Ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(into, "compare-"+c.name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
