package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"axbench/report/browser"
)

// TestScreenshots writes pictures of a run's page to the directory AXBENCH_SCREENSHOTS, for the README and to be looked at. The run is that
// of the run directory AXBENCH_SCREENSHOT_RUN, or a sample:
//
//	AXBENCH_SCREENSHOTS=/tmp/p AXBENCH_SCREENSHOT_RUN=results/… go test ./report -run Screenshots
func TestScreenshots(t *testing.T) {
	into := os.Getenv("AXBENCH_SCREENSHOTS")
	if into == "" {
		t.Skip("AXBENCH_SCREENSHOTS names no directory for pictures")
	}
	dir := os.Getenv("AXBENCH_SCREENSHOT_RUN")
	if dir == "" {
		dir = sampleDir("nonconformant")
	}
	chromium := browser.Start(t, os.Getenv(browser.Variable))
	for _, c := range []struct {
		name, lang, scheme string
		width              int64
		ratio              float64
		part               string // of the page; "" is all of it
	}{
		{"light", "en", "light", 1200, 1, ""}, {"dark", "en", "dark", 1200, 1, ""}, {"zh", "zh", "light", 1200, 1, ""},
		{"narrow", "en", "light", 390, 2, ""}, {"charts-light", "en", "light", 1000, 1.5, "#time"}, {"charts-dark", "en", "dark", 1000, 1.5, "#time"},
		{"spread-light", "en", "light", 1000, 1.5, "#spread"}, {"spread-dark", "en", "dark", 1000, 1.5, "#spread"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, _ := pageOf(t, dir, c.lang)
			b := newTab(t, chromium, c.width, 900)
			b.Size(c.width, 900, c.ratio)
			b.Scheme(c.scheme)
			b.open(file)
			b.drawn()
			shot := chromedp.FullScreenshot(100)
			if c.part != "" {
				shot = chromedp.Screenshot(chromedp.CSS(c.part))
			}
			png, err := chromedp.Run(b.Ctx, shot)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(into, c.name+".png"), png, 0o644); err != nil {
				t.Fatal(err)
			}
			b.quiet()
		})
	}
}
