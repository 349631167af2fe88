package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
)

// Tab is one page of a browser. It notes what comes to the console and what the page asks for. Its methods end the test when the
// browser fails, and are for the goroutine of the test.
type Tab struct {
	testing.TB
	Ctx context.Context // of the page

	mu       sync.Mutex
	problems []string
	requests []string
}

// NewTab opens an empty page of that size in pixels, which is shut with the test.
func NewTab(t testing.TB, browser context.Context, width, height int64) *Tab {
	t.Helper()
	b := &Tab{TB: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(ctx, 2*Patience)
	t.Cleanup(stop)
	b.Ctx = ctx
	b.Size(width, height, 1)
	return b
}

// listen is called with every event of the page.
func (b *Tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		text := ""
		if len(e.Args) > 0 {
			text = string(e.Args[0].Value)
		}
		b.problems = append(b.problems, fmt.Sprintf("console: %s %s", e.Type, text))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.problems = append(b.problems, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

// Quiet fails the test if anything has come to the console since it was last called, but for what has one of the texts in it.
func (b *Tab) Quiet(but ...string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		if !slices.ContainsFunc(but, func(text string) bool { return strings.Contains(p, text) }) {
			b.Errorf("the page: %s", p)
		}
	}
	b.problems = nil
}

// Requests returns the URLs that the page has asked for, in order, itself among them.
func (b *Tab) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests)
}

// Do takes steps of the library, one after the other.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.Ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// Call sends a command of the protocol to the page.
func Call[P, R any](b *Tab, command cdp.Command[P, R], params P) R {
	b.Helper()
	r, err := chromedp.Call(b.Ctx, command, params)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// Size makes the window of that size, with so many pixels of the screen to one of the page.
func (b *Tab) Size(width, height int64, ratio float64) {
	b.Helper()
	Call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: ratio})
}

// Scheme makes the reader of the page one who likes it "dark" or "light".
func (b *Tab) Scheme(scheme string) {
	b.Helper()
	Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// Open loads a URL.
func (b *Tab) Open(url string) {
	b.Helper()
	b.Do(chromedp.Navigate(url))
}

// Run runs a script in the page, in a block of its own.
func (b *Tab) Run(script string) {
	b.Helper()
	if err := chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void]("{"+script+"}")); err != nil {
		b.Fatalf("%.300s: %v", script, err)
	}
}

// Eval evaluates an expression in the page and decodes its value as JSON.
func Eval[T any](b *Tab, expression string) (v T) {
	b.Helper()
	text, err := chromedp.Run(b.Ctx, chromedp.Evaluate[string]("JSON.stringify("+expression+") ?? 'null'"))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		b.Fatalf("%s is %s: %v", expression, text, err)
	}
	return v
}

// Until waits for a condition of the page, at most Patience.
func (b *Tab) Until(condition string) {
	b.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); {
		if Eval[bool](b, "!!("+condition+")") {
			return
		}
		select {
		case <-b.Ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	b.Quiet()
	b.Fatalf("not within %v: %.300s", Patience, condition)
}
