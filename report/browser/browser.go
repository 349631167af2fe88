// Package browser opens pages in a headless Chromium: for tests of the reports and for measuring them, never for axbench itself. A
// test without a browser is skipped, and says so. The browser is a process of its own that ends with the test.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience bounds everything that waits for a browser, on the slowest of hosts. Nothing waits for a time.
const Patience = 2 * time.Minute

// tries is how often a browser is started before it counts as one that does not start.
const tries = 3

// errNone says that there is no browser, which is no fault of what is tested.
var errNone = errors.New("no Chromium was found, so no page was opened: install one, or name it in " + Variable)

// find returns the path of a Chromium of the system.
func find() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNone
}

// Launch starts a headless browser: the one at that path, or for "" a Chromium of the system. stop ends it and is to be called once.
func Launch(path string) (ctx context.Context, stop func() error, err error) {
	if path == "" {
		if path, err = find(); err != nil {
			return nil, nil, err
		}
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	for range tries {
		allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(allocator)
		if err = chromedp.Do(ctx); err == nil {
			return ctx, func() error { defer release(); return chromedp.Cancel(ctx) }, nil
		}
		cancel()
		release()
	}
	return nil, nil, fmt.Errorf("%s does not start: %w", path, err)
}

// Variable is the variable of the environment whose value tests pass to Start.
const Variable = "AXBENCH_BROWSER"

// Start starts a headless browser, as Launch does, that ends with the test. Without one the test is skipped; one that has a name must
// start.
func Start(t testing.TB, path string) context.Context {
	t.Helper()
	ctx, stop, err := Launch(path)
	switch {
	case err != nil && path != "":
		t.Fatal(err)
	case err != nil:
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Logf("the browser did not end as asked: %v", err)
		}
	})
	return ctx
}
