package report_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"axbench/report"
	"axbench/report/browser"
	"axbench/results"
)

// plot returns where the plotting area of a chart is in the window, after it was scrolled into view.
func (b *tab) plot(chart string) (r struct{ Left, Top, Width, Height float64 }) {
	b.Helper()
	at := fmt.Sprintf("document.querySelector('figure[data-chart=%s] .u-over')", chart)
	b.Run(at + ".scrollIntoView({block: 'center', behavior: 'instant'})")
	b.Until(fmt.Sprintf("((r) => r.top >= 0 && r.bottom <= innerHeight && r.width > 50)(%s.getBoundingClientRect())", at))
	return eval[struct{ Left, Top, Width, Height float64 }](b, fmt.Sprintf("((r) => ({Left: r.left, Top: r.top, Width: r.width, Height: r.height}))(%s.getBoundingClientRect())", at))
}

// mouse moves the mouse there, or presses or releases its button for the given time in a row.
func (b *tab) mouse(kind input.DispatchMouseEventType, x, y float64, clicks int64) {
	b.Helper()
	e := input.DispatchMouseEventParams{Type: kind, X: x, Y: y, ClickCount: clicks}
	if clicks > 0 {
		e.Button = input.MouseButtonLeft
	}
	browser.Call(b.Tab, input.DispatchMouseEvent, e)
}

// drag drags across a chart, from and to as shares of its width.
func (b *tab) drag(chart string, from, to float64) {
	b.Helper()
	r := b.plot(chart)
	y := r.Top + r.Height/2
	b.mouse(chromedp.MouseMoved, r.Left+from*r.Width, y, 0)
	b.mouse(chromedp.MousePressed, r.Left+from*r.Width, y, 1)
	for i := range 5 {
		b.mouse(chromedp.MouseMoved, r.Left+(from+(to-from)*float64(i+1)/5)*r.Width, y, 1)
	}
	b.mouse(chromedp.MouseReleased, r.Left+to*r.Width, y, 1)
}

// scales returns the time that each chart shows.
func (b *tab) scales() map[string][2]float64 {
	b.Helper()
	return eval[map[string][2]float64](b, "axbenchCharts.state().scales")
}

const inStep = `((s) => ['rate', 'flight', 'latency', 'codes', 'generator', 'heat'].every((c) => s[c] && s[c][0] === s.rate[0] && s[c][1] === s.rate[1]))(axbenchCharts.state().scales)`

func testZoom(t *testing.T, chromium context.Context) {
	file, _ := pageOf(t, sampleDir("pass"), "en")
	b := newTab(t, chromium, 1200, 900)
	b.open(file)
	b.drawn()
	whole := b.scales()
	if len(whole) != 7 || whole["rate"] != [2]float64{0, 8} {
		t.Fatalf("scales %v, want 0 to 8 s", whole)
	}
	shown := `[...document.querySelectorAll('button[data-reset]')].filter((b) => !b.hidden).length`
	back := func(how string) {
		t.Helper()
		b.Until("axbenchCharts.state().zoom === null && " + inStep + " && axbenchCharts.state().scales.rate[1] === 8")
		if n := eval[int](b, shown); n != 0 {
			t.Errorf("%s: %d buttons are still there", how, n)
		}
	}
	for _, chart := range timed {
		b.drag(chart, 0.25, 0.75)
		b.Until("axbenchCharts.state().zoom !== null && axbenchCharts.state().scales.rate[1] < 8 && " + inStep)
		at := b.scales()
		if got := at["heat"]; math.Abs(got[0]-2) > 0.3 || math.Abs(got[1]-6) > 0.3 {
			t.Errorf("dragged across %s: %v, want about 2 to 6 s", chart, got)
		}
		if at["curve"] != whole["curve"] {
			t.Errorf("dragged across %s: the curve shows %v", chart, at["curve"])
		}
		if n := eval[int](b, shown); n == 0 {
			t.Errorf("dragged across %s: no button to show all", chart)
		}
		r := b.plot(chart)
		x, y := r.Left+r.Width/2, r.Top+r.Height/2
		for clicks := range int64(2) {
			b.mouse(chromedp.MousePressed, x, y, clicks+1)
			b.mouse(chromedp.MouseReleased, x, y, clicks+1)
		}
		back("double click on " + chart)
	}
	b.drag("rate", 0.5, 0.9)
	b.Until("axbenchCharts.state().zoom !== null")
	b.Run(`[...document.querySelectorAll('button[data-reset]')].find((b) => !b.hidden).focus()`)
	b.Do(chromedp.KeyEvent("\r"))
	back("button by keyboard")
	b.drag("latency", 0.5, 0.505) // narrower than is of use
	b.Until("axbenchCharts.state().zoom === null || axbenchCharts.state().zoom[1] - axbenchCharts.state().zoom[0] >= 1.99")
	b.quiet()
}

func testHover(t *testing.T, chromium context.Context) {
	file, rec := pageOf(t, sampleDir("pass"), "en")
	s, err := report.SeriesOf(rec)
	if err != nil {
		t.Fatal(err)
	}
	p := s.Points()
	b := newTab(t, chromium, 1200, 900)
	b.open(file)
	b.drawn()
	legend := func(chart, what string) string {
		return fmt.Sprintf("[...document.querySelectorAll('figure[data-chart=%s] .chart-key .%s')].map((e) => e.textContent)", chart, what)
	}
	for i, chart := range []string{"rate", "latency", "heat", "codes"} {
		point := 2 + i // second
		r := b.plot(chart)
		b.mouse(chromedp.MouseMoved, r.Left+r.Width*(float64(point)+0.4)/float64(len(p.Planned)), r.Top+r.Height/2, 0)
		b.mouse(chromedp.MouseMoved, r.Left+r.Width*(float64(point)+0.5)/float64(len(p.Planned)), r.Top+r.Height/2, 0)
		when := fmt.Sprintf("%d s", point)
		for _, other := range timed[:5] {
			b.Until(fmt.Sprintf("%s[0] === '%s'", legend(other, "when"), when))
		}
		b.Until(fmt.Sprintf("%s[0] === '%d s – %d s'", legend("heat", "when"), point, point+1))
		want := map[string][]string{
			"rate":    {report.Rate(float64(p.Good[point])), report.Rate(float64(p.Sent[point])), report.Rate(float64(p.Planned[point]))},
			"flight":  {report.Count(p.InFlight[point]), "0"},
			"latency": {report.Duration(float64(p.Max[point])), report.Duration(float64(p.P99[point])), report.Duration(float64(p.P90[point])), report.Duration(float64(p.P50[point]))},
		}
		for other, values := range want {
			if got := eval[[]string](b, legend(other, "value")); !slices.Equal(got, values) {
				t.Errorf("over %s: %s says %q, want %q", chart, other, got, values)
			}
		}
		if got := eval[[]string](b, legend("heat", "value")); !strings.Contains(strings.Join(got, ""), report.Count(p.Good[point])+" calls") {
			t.Errorf("over %s: the heat map says %q, want %d calls", chart, got, p.Good[point])
		}
	}
	b.mouse(chromedp.MouseMoved, 2, 2, 0)
	b.Until(legend("rate", "value") + ".join('') === ''")
	r := b.plot("curve")
	b.mouse(chromedp.MouseMoved, r.Left+r.Width*0.4, r.Top+10, 0)
	b.mouse(chromedp.MouseMoved, r.Left+r.Width*0.5, r.Top+10, 0)
	b.Until(legend("curve", "when") + "[0].endsWith(' %')")
	b.quiet()
}

// testCodes hides and shows codes by their legend.
func testCodes(t *testing.T, chromium context.Context) {
	file, _ := pageOf(t, sampleDir("nonconformant"), "en")
	b := newTab(t, chromium, 1200, 900)
	b.open(file)
	b.drawn()
	keys := eval[[]string](b, `[...document.querySelectorAll('figure[data-chart=codes] .chart-key .name')].map((e) => e.textContent)`)
	if len(keys) != 4 || keys[0] != "OK" || keys[3] != "isv.MYSTERY_ERROR" {
		t.Errorf("from the top down: %q, want OK first and what is not documented last", keys)
	}
	before := eval[map[string]int](b, colours)["codes"]
	picture := `document.querySelector('figure[data-chart=codes] canvas').toDataURL()`
	full := eval[string](b, picture)
	b.plot("codes")
	b.Do(chromedp.Click(chromedp.CSS(`figure[data-chart=codes] .chart-key button.entry`)))
	b.Until(fmt.Sprintf("document.querySelector('figure[data-chart=codes] .chart-key button.entry').getAttribute('aria-pressed') === 'false' && %s !== %q", picture, full))
	b.Do(chromedp.Click(chromedp.CSS(`figure[data-chart=codes] .chart-key button.entry`)))
	b.mouse(chromedp.MouseMoved, 2, 2, 0)
	b.Until(fmt.Sprintf("%s === %q", picture, full))
	if before < 4 {
		t.Errorf("%d colours for four codes", before)
	}
	b.quiet()
}

func testThemes(t *testing.T, chromium context.Context) {
	file, _ := pageOf(t, sampleDir("slo-missed"), "en")
	b := newTab(t, chromium, 1200, 900)
	ground := "getComputedStyle(document.body).backgroundColor"
	pictures := `[...document.querySelectorAll('figure[data-chart] canvas')].map((c) => c.toDataURL()).join()`
	b.Scheme("light")
	b.open(file)
	b.drawn()
	light, lightPictures := eval[string](b, ground), eval[string](b, pictures)
	b.Scheme("dark")
	b.Until(fmt.Sprintf("%s !== %q && axbenchCharts && [...document.querySelectorAll('figure[data-chart] canvas')].length === 7", ground, light))
	b.Until(fmt.Sprintf("%s.length > 0 && %s !== %q", pictures, pictures, lightPictures))
	dark := eval[string](b, ground)
	// The switch goes from auto to light to dark to auto.
	for _, want := range []struct{ theme, ground string }{{"light", light}, {"dark", dark}, {"", dark}} {
		b.Do(chromedp.Click(chromedp.CSS("#theme")))
		b.Until(fmt.Sprintf("(document.documentElement.dataset.theme || '') === '%s' && %s === %q", want.theme, ground, want.ground))
		if want.theme == "light" {
			b.Until(fmt.Sprintf("%s === %q", pictures, lightPictures))
		}
	}
	b.drawn()
	b.quiet()
}

func testLanguages(t *testing.T, chromium context.Context) {
	file, _ := pageOf(t, sampleDir("slo-missed"), "zh")
	b := newTab(t, chromium, 1200, 900)
	b.open(file)
	b.drawn()
	if lang := eval[string](b, "document.documentElement.lang"); !strings.HasPrefix(lang, "zh") {
		t.Errorf("lang is %q", lang)
	}
	han := regexp.MustCompile(`\p{Han}`)
	for _, selector := range []string{"figcaption", "h2", "figure[data-chart=rate] .chart-key .name", "figure[data-chart=flight] .chart-key .name", ".tools .soft"} {
		texts := eval[[]string](b, fmt.Sprintf("[...document.querySelectorAll(%q)].map((e) => e.textContent)", selector))
		if len(texts) == 0 {
			t.Errorf("%s: none", selector)
		}
		for _, text := range texts {
			if !han.MatchString(text) && text != "SLO" {
				t.Errorf("%s: %q is not Chinese", selector, text)
			}
		}
	}
	b.quiet()
}

func testNarrow(t *testing.T, chromium context.Context) {
	for _, name := range []string{"nonconformant", "bounds"} {
		file, _ := pageOf(t, sampleDir(name), "en")
		b := newTab(t, chromium, 390, 844)
		b.open(file)
		b.drawn()
		b.fits(390)
		// The charts follow the window.
		b.Size(1100, 800, 1)
		b.Until("[...document.querySelectorAll('figure[data-chart] .uplot')].every((u) => u.clientWidth > 700)")
		b.Size(320, 800, 2)
		b.Until("[...document.querySelectorAll('figure[data-chart] .uplot')].every((u) => u.clientWidth < 320)")
		b.drawn()
		b.fits(320)
		b.quiet()
	}
}

// fits fails if the page is wider than its window.
func (b *tab) fits(width int) {
	b.Helper()
	if w := eval[int](b, "document.documentElement.scrollWidth"); w > width {
		wide := eval[[]string](b, fmt.Sprintf(`(() => {
			const clipped = (e) => e && (getComputedStyle(e).overflowX !== 'visible' || clipped(e.parentElement));
			return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > %d && !clipped(e.parentElement))
				.map((e) => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right)).slice(0, 8);
		})()`, width))
		b.Errorf("the page is %d wide in a window of %d: %q", w, width, wide)
	}
}

func testPrint(t *testing.T, chromium context.Context) {
	file, _ := pageOf(t, sampleDir("slo-missed"), "en")
	b := newTab(t, chromium, 1200, 900)
	b.Scheme("dark")
	b.open(file)
	b.drawn()
	b.Run(`window.printed = []; window.addEventListener('beforeprint', () => queueMicrotask(() => printed.push(document.documentElement.dataset.theme)))`)
	pdf, err := chromedp.Run(b.Ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatal(err)
	}
	if len(pdf) < 10_000 || !strings.HasPrefix(string(pdf), "%PDF") {
		t.Errorf("%d bytes are no page", len(pdf))
	}
	if dir := os.Getenv("AXBENCH_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "print.pdf"), pdf, 0o644); err != nil {
			t.Error(err)
		}
	}
	if got := eval[[]string](b, "printed"); len(got) != 1 || got[0] != "light" {
		t.Errorf("printed in theme %q, want light", got)
	}
	b.Until("!document.documentElement.dataset.theme")
	b.drawn()
	browser.Call(b.Tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	b.Until("[...document.querySelectorAll('figure[data-chart]')].every((f) => getComputedStyle(f).display !== 'none')")
	b.quiet()
}

func testNoScripts(t *testing.T, chromium context.Context) {
	file, _ := pageOf(t, sampleDir("slo-missed"), "en")
	b := newTab(t, chromium, 1200, 900)
	browser.Call(b.Tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(file)
	b.Until("document.readyState === 'complete'")
	if n := eval[int](b, "[...document.querySelectorAll('figure[data-chart]')].filter((f) => getComputedStyle(f).display !== 'none').length"); n != 0 {
		t.Errorf("%d empty charts are shown", n)
	}
	if n := eval[int](b, "document.querySelectorAll('canvas').length"); n != 0 {
		t.Errorf("%d canvases: scripts ran", n)
	}
	if n := eval[int](b, "document.querySelectorAll('[data-section=\"\"] table tbody tr, section table tbody tr').length"); n < 20 {
		t.Errorf("%d rows of tables", n)
	}
	if text := eval[string](b, "document.body.innerText"); !strings.Contains(text, "need scripts") {
		t.Error("nothing says where the charts are")
	}
	b.quiet()
}

// testAlone shows seconds with answers between seconds without: no line leads to them.
func testAlone(t *testing.T, chromium context.Context) {
	file, _ := pageOf(t, sampleDir("pass"), "en")
	b := newTab(t, chromium, 1000, 800)
	b.open(file)
	b.drawn()
	s := report.NewSeries(&results.Run{Phases: []results.Phase{{Name: "main", Recorded: true, DurationNS: 200e9}}})
	h := results.NewHistogram()
	for second := range int64(200) {
		var intervals []results.Interval
		if h.Reset(); second%2 == 0 {
			h.Record(20e6)
			intervals = append(intervals, results.Interval{Phase: "main", Clock: "response", Code: results.CodeGood, H: h})
		}
		if err := s.AppendSecond(time.Time{}, time.Time{}, []results.Second{{T: second, Phase: "main", Planned: 1, Sent: 1}}, intervals); err != nil {
			t.Fatal(err)
		}
	}
	js, err := s.Points().JS()
	if err != nil {
		t.Fatal(err)
	}
	b.Run(fmt.Sprintf("axbenchCharts.set(%s)", js))
	b.Until("document.querySelector('figure[data-chart=latency]').dataset.drawn === '200'")
	found := eval[int](b, `(() => {
		const c = document.querySelector('figure[data-chart=latency] canvas'), hex = getComputedStyle(document.documentElement).getPropertyValue('--s1').trim();
		const want = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)), d = c.getContext('2d').getImageData(0, 0, Math.floor(c.width * 0.8), c.height).data;
		let n = 0;
		for (let i = 0; i < d.length; i += 4) if (want.every((v, k) => d[i + k] === v)) n++;
		return n;
	})()`)
	if found < 100 {
		t.Errorf("%d pixels of p50 are drawn for 80 seconds that stand alone", found)
	}
	b.quiet()
}

// testNoCharts opens the page of a run whose intervals are lost.
func testNoCharts(t *testing.T, chromium context.Context) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(sampleDir("pass"))); err != nil {
		t.Fatal(err)
	}
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, results.IntervalFile)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := report.RunHTML(f, rec, report.HTMLOptions{}); err != nil {
		t.Fatal(err)
	}
	b := newTab(t, chromium, 1200, 900)
	b.open(file)
	b.Until("document.readyState === 'complete'")
	if text := eval[string](b, "document.body.innerText"); !strings.Contains(text, "There are no charts") {
		t.Error("nothing says why there are no charts")
	}
	if n := eval[int](b, "document.querySelectorAll('canvas').length"); n != 0 {
		t.Errorf("%d canvases", n)
	}
	b.quiet()
}
