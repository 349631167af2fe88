package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"axbench/report"
	"axbench/report/browser"
)

// TestTrendBrowser: each run with a value is a point of each chart, hovering says what the table does, and nothing is loaded.
func TestTrendBrowser(t *testing.T) {
	chromium := browser.Start(t, os.Getenv(browser.Variable))
	for _, lang := range report.Languages {
		t.Run(lang, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "trend.html")
			f, err := os.Create(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := report.TrendHTML(f, report.TrendSample(), "1.2.3", report.HTMLOptions{Lang: lang}); err != nil {
				t.Fatal(err)
			}
			b := newTab(t, chromium, 1100, 900)
			b.open(file)
			b.Until(`document.querySelectorAll('figure[data-chart][data-drawn] canvas').length === 4`)
			for chart, n := range eval[map[string]int](b, `Object.fromEntries([...document.querySelectorAll('figure[data-chart]')].map((f) => [f.dataset.chart, +f.dataset.drawn]))`) {
				if n != 7 { // of 8 runs one was killed
					t.Errorf("%s: %d points", chart, n)
				}
			}
			for chart, n := range eval[map[string]int](b, colours) {
				if n < 3 {
					t.Errorf("%s: %d colours on its canvas", chart, n)
				}
			}
			r := b.plot("metric1")
			x := r.Left + r.Width*(4+0.6)/8 // the run with the lower bound
			b.mouse(chromedp.MouseMoved, x-4, r.Top+40, 0)
			b.mouse(chromedp.MouseMoved, x, r.Top+40, 0)
			legend := "document.querySelector('figure[data-chart=metric1] .chart-key').textContent"
			b.Until(legend + ".includes('nightly-0004')")
			if text := eval[string](b, legend); !strings.Contains(text, "> 80.0 ms") {
				t.Errorf("the legend says %q", text)
			}
			b.quiet()
		})
	}
}
