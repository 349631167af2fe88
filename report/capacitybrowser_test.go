package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"axbench/report"
	"axbench/report/browser"
	"axbench/results"
)

// capacityPage writes the page of a sample search.
func capacityPage(t *testing.T, name, lang string) (file string, c *results.Capacity) {
	t.Helper()
	rec, err := results.OpenCapacity(filepath.Join("testdata", "capacity", name))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := report.CapacityHTML(f, rec, report.HTMLOptions{Lang: lang}); err != nil {
		t.Fatal(err)
	}
	return file, &rec.Capacity
}

// searched waits until the charts of the page of a search are drawn.
func (b *tab) searched() {
	b.Helper()
	b.Until(`document.querySelectorAll('figure[data-chart]').length === 2 && document.querySelectorAll('figure[data-chart][data-drawn] canvas').length === 2`)
}

func TestCapacityBrowser(t *testing.T) {
	chromium := browser.Start(t, os.Getenv(browser.Variable))
	for _, name := range []string{"saturation", "throttle", "exhaustion", "generator", "ceiling", "not-held", "interrupted"} {
		t.Run(name, func(t *testing.T) { testCapacityCharts(t, chromium, name) })
	}
	t.Run("hover", func(t *testing.T) { testCapacityHover(t, chromium) })
	t.Run("signs", func(t *testing.T) { testCapacitySigns(t, chromium) })
	t.Run("looks", func(t *testing.T) { testCapacityLooks(t, chromium) })
	t.Run("no scripts", func(t *testing.T) { testCapacityNoScripts(t, chromium) })
	t.Run("pictures", func(t *testing.T) { testCapacityPictures(t, chromium) })
}

// testCapacityCharts: each probe is a point of both charts, and the charts are drawn.
func testCapacityCharts(t *testing.T, chromium context.Context, name string) {
	file, c := capacityPage(t, name, "en")
	b := newTab(t, chromium, 1100, 900)
	b.open(file)
	b.searched()
	got := eval[map[string]int](b, `Object.fromEntries([...document.querySelectorAll('figure[data-chart]')].map((f) => [f.dataset.chart, +f.dataset.drawn]))`)
	if got["latency"] != 2*len(c.Curve) || got["goodput"] != len(c.Curve) {
		t.Errorf("%v points are drawn of %d probes", got, len(c.Curve))
	}
	for chart, n := range eval[map[string]int](b, colours) {
		if n < 3 {
			t.Errorf("%s: %d colours on its canvas", chart, n)
		}
	}
	rates := eval[[]float64](b, "axbenchCharts.state().curve.probes.map((p) => p.rate)")
	if !slices.IsSorted(rates) || len(rates) != len(c.Curve) {
		t.Errorf("the page holds the rates %v", rates)
	}
	b.quiet()
}

// testCapacityHover: the legend says of the probe under the pointer what the table does.
func testCapacityHover(t *testing.T, chromium context.Context) {
	file, c := capacityPage(t, "saturation", "en")
	b := newTab(t, chromium, 1100, 900)
	b.open(file)
	b.searched()
	r := b.plot("latency")
	lost := c.Curve[4] // 800/s, the highest
	x := r.Left + r.Width*lost.Rate/(lost.Rate*1.05)
	b.mouse(chromedp.MouseMoved, x-4, r.Top+40, 0)
	b.mouse(chromedp.MouseMoved, x, r.Top+40, 0)
	legend := func(chart string) string {
		return fmt.Sprintf("document.querySelector('figure[data-chart=%s] .chart-key').textContent", chart)
	}
	b.Until(legend("latency") + ".includes('probe 5 · 800/s · missed')")
	if text := eval[string](b, legend("latency")); !strings.Contains(text, "> "+report.Duration(float64(lost.Offered.P99))) {
		t.Errorf("the legend says %q, want the lower bound of p99", text)
	}
	b.Until(legend("goodput") + ".includes('probe 5')")
	var rates []float64
	var want []string
	for _, f := range []float64{0, 0.5, 0.25, 1, 9.99, 9.996, 12.34, 20, 99.94, 99.96, 487.3, 1234.4, 28000} {
		rates, want = append(rates, f), append(want, report.PerS(f))
	}
	in, err := json.Marshal(rates)
	if err != nil {
		t.Fatal(err)
	}
	if got := eval[[]string](b, fmt.Sprintf("%s.map(axbenchCharts.format.per)", in)); !slices.Equal(got, want) {
		t.Errorf("the page writes %q, the other reports %q", got, want)
	}
	b.quiet()
}

// testCapacitySigns: what was held and what was not differ in more than colour. A page of one probe each is drawn in one colour, and
// the canvases still differ.
func testCapacitySigns(t *testing.T, chromium context.Context) {
	pictures := map[string]string{}
	for name, pass := range map[string]*bool{"held": ptrTo(true), "missed": ptrTo(false), "cannot tell": nil} {
		c := results.Capacity{Verdict: results.VerdictPass, Curve: []results.Probe{{Step: 1, Rate: 100, Pass: pass, Offered: results.Quantiles{Count: 9, P50: 5e6, P99: 9e6}}}}
		file := filepath.Join(t.TempDir(), "one.html")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		err = report.CapacityHTML(f, &results.CapacityRecord{Capacity: c}, report.HTMLOptions{})
		if f.Close(); err != nil {
			t.Fatal(err)
		}
		b := newTab(t, chromium, 1000, 800)
		b.open(file)
		b.searched()
		pictures[eval[string](b, "document.querySelector('figure[data-chart=latency] canvas').toDataURL()")] = name
		b.quiet()
	}
	if len(pictures) != 3 {
		t.Errorf("only %d signs can be told apart: %v", len(pictures), len(pictures))
	}
}

func ptrTo[T any](v T) *T { return &v }

// testCapacityLooks: both themes, both languages, a telephone and paper.
func testCapacityLooks(t *testing.T, chromium context.Context) {
	for _, lang := range report.Languages {
		file, _ := capacityPage(t, "throttle", lang)
		b := newTab(t, chromium, 1100, 900)
		b.open(file)
		b.searched()
		picture := "document.querySelector('figure[data-chart=latency] canvas').toDataURL()"
		light := eval[string](b, picture)
		b.Scheme("dark")
		b.Until(fmt.Sprintf("%s !== %q", picture, light))
		b.Size(320, 800, 2)
		b.Until("[...document.querySelectorAll('figure[data-chart] .uplot')].every((u) => u.clientWidth < 320)")
		b.searched()
		b.fits(320)
		b.quiet()
	}
	file, _ := capacityPage(t, "throttle", "en")
	b := newTab(t, chromium, 1100, 900)
	b.Scheme("dark")
	b.open(file)
	b.searched()
	pdf, err := chromedp.Run(b.Ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground()))
	if err != nil || len(pdf) < 10_000 {
		t.Errorf("%d bytes on paper, %v", len(pdf), err)
	}
	b.Until("!document.documentElement.dataset.theme")
	b.quiet()
}

// testCapacityNoScripts: without scripts the tables say it all.
func testCapacityNoScripts(t *testing.T, chromium context.Context) {
	file, c := capacityPage(t, "exhaustion", "en")
	b := newTab(t, chromium, 1100, 900)
	browser.Call(b.Tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(file)
	b.Until("document.readyState === 'complete'")
	if n := eval[int](b, "[...document.querySelectorAll('figure[data-chart]')].filter((f) => getComputedStyle(f).display !== 'none').length"); n != 0 {
		t.Errorf("%d empty charts are shown", n)
	}
	if n := eval[int](b, "document.querySelectorAll('#shares .bar span').length"); n < len(c.Curve) {
		t.Errorf("%d parts of bars for %d probes", n, len(c.Curve))
	}
	text := eval[string](b, "document.body.innerText")
	for _, s := range []string{"need scripts", "holds 120/s (between 118 and 122, 95 %)", "isv.NO_AVAILABLE_NUMBER 25.00 %"} {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	b.quiet()
}

// testCapacityPictures writes pictures to AXBENCH_SCREENSHOTS, where that is set.
func testCapacityPictures(t *testing.T, chromium context.Context) {
	into := os.Getenv("AXBENCH_SCREENSHOTS")
	if into == "" {
		t.Skip("AXBENCH_SCREENSHOTS names no directory for pictures")
	}
	for _, c := range []struct{ name, lang, scheme string }{{"saturation", "en", "light"}, {"throttle", "zh", "dark"}, {"not-held", "en", "light"}, {"generator", "en", "dark"}} {
		file, _ := capacityPage(t, c.name, c.lang)
		b := newTab(t, chromium, 1100, 900)
		b.Scheme(c.scheme)
		b.open(file)
		b.searched()
		png, err := chromedp.Run(b.Ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(into, "capacity-"+c.name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
