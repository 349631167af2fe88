package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds everything that waits for a browser, on the slowest of hosts. Nothing waits for a time.
const patience = 2 * time.Minute

// startBrowser starts a headless browser that ends with the test: AXBENCH_BROWSER, then a Chromium of the system. Without one the
// test is skipped; one that was asked for must start.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("AXBENCH_BROWSER")
	asked := path != ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		t.Skip("no Chromium was found, so no page was opened: install one, or name it in AXBENCH_BROWSER")
	}
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

// tab is one page in the browser. It notes what the page has on its console, and what it asks of whom.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
	requests []string
}

func newTab(t *testing.T, browser context.Context, url string, width int64) *tab {
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
	if _, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
	return b
}

// listen is called with every event of the page.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.problems = append(b.problems, fmt.Sprintf("console: %s %s", e.Type, e.Args[0].Value))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.problems = append(b.problems, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

// quiet fails if the console has anything but what may be there.
func (b *tab) quiet(but ...string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, p := range b.problems {
		for _, text := range but {
			if strings.Contains(p, text) {
				continue next
			}
		}
		b.Errorf("the page: %s", p)
	}
	b.problems = nil
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

// run runs a script in the page.
func (b *tab) run(script string) {
	b.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void]("{"+script+"}")); err != nil {
		b.Fatalf("%s: %v", script, err)
	}
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
	b.Fatalf("not within %v: %.300s\nthe bar says %s", patience, condition, eval[string](b, "document.getElementById('live')?.textContent"))
}

// points waits until the charts show so many points.
func (b *tab) points(n int) {
	b.Helper()
	b.until(fmt.Sprintf("document.querySelector('figure[data-chart=rate]').dataset.drawn === '%d'", n))
}

const barState = "document.getElementById('live').dataset.state"

// cuts is a listener whose connections can be cut.
type cuts struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (c *cuts) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.mu.Lock()
		c.conns = append(c.conns, conn)
		c.mu.Unlock()
	}
	return conn, err
}

func (c *cuts) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// watched is a server of a sample run that has not begun, and its address.
func watched(t *testing.T, lang string) (r *replay, s *Server, l *cuts, url string) {
	t.Helper()
	r = sample(t, "pass")
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l = &cuts{Listener: inner}
	s = newServer(Config{Run: r.begun(), Dir: r.rec.Dir})
	s.config.Page.Lang = lang
	s.every = 10 * time.Millisecond
	s.start(l)
	t.Cleanup(s.Close)
	return r, s, l, "http://" + inner.Addr().String() + "/"
}

func TestBrowser(t *testing.T) {
	browser := startBrowser(t)
	t.Run("a run", func(t *testing.T) { testRun(t, browser) })
	t.Run("reading", func(t *testing.T) { testReading(t, browser) })
	t.Run("cut", func(t *testing.T) { testCut(t, browser) })
	t.Run("Chinese and narrow", func(t *testing.T) { testNarrow(t, browser) })
}

// testRun follows a run to its end, and looks at what is left when the server is gone.
func testRun(t *testing.T, browser context.Context) {
	r, s, _, url := watched(t, "")
	r.tell(t, s, 0)
	b := newTab(t, browser, url, 1200)
	b.until(barState + " === 'live' && document.title.startsWith('RUNNING')")
	for i := 1; i < len(r.seconds); i++ {
		r.tell(t, s, i)
		b.points(int(r.seconds[i].lines[0].T) + 1)
	}
	if got := eval[string](b, "document.getElementById('live').textContent"); !strings.Contains(got, "live") || !strings.Contains(got, " UTC") {
		t.Errorf("the bar says %q", got)
	}
	s.Finish(r.rec, "results/x/report.html")
	b.until(barState + " === 'ended'")
	s.Close()
	for _, want := range []string{"the run has ended", "PASS", "exit code 0", "results/x/report.html"} {
		if got := eval[string](b, "document.getElementById('live').textContent"); !strings.Contains(got, want) {
			t.Errorf("the bar says %q, not %q", got, want)
		}
	}
	if got := eval[string](b, "document.getElementById('headline').dataset.verdict + document.title"); !strings.HasPrefix(got, "passPASS") {
		t.Errorf("the page says %q at the end", got)
	}
	b.points(int(r.seconds[len(r.seconds)-1].lines[0].T) + 1)
	if n := eval[int](b, "document.querySelectorAll('#slos tbody tr').length"); n < len(r.rec.Run.SLOs) {
		t.Errorf("%d rows of rules are left, want %d", n, len(r.rec.Run.SLOs))
	}
	b.quiet()
	b.mu.Lock()
	defer b.mu.Unlock()
	if got, want := fmt.Sprint(b.requests), fmt.Sprint([]string{url, url + "live.js", url + "events"}); got != want {
		t.Errorf("the page asked for %s, want %s", got, want)
	}
}

// testReading: what a reader does with the page is not undone by what comes in.
func testReading(t *testing.T, browser context.Context) {
	r, s, _, url := watched(t, "")
	r.tell(t, s, 0)
	b := newTab(t, browser, url, 1200)
	b.points(1)
	b.run("const d = document.querySelector('#times details'); d.open = true; d.querySelector('summary').focus(); d.dataset.old = 1;" +
		"window.scrollTo({top: 700, behavior: 'instant'})")
	anchor := "[...document.querySelectorAll('main > [data-section]')].find((e) => e.getBoundingClientRect().bottom > 0)"
	before := eval[float64](b, anchor+".getBoundingClientRect().top")
	name := eval[string](b, anchor+".id")
	r.tell(t, s, 1)
	b.until("document.querySelector('#times details') && !document.querySelector('#times details').dataset.old")
	if !eval[bool](b, "document.querySelector('#times details').open") {
		t.Error("the table that was open is shut")
	}
	if !eval[bool](b, "document.activeElement === document.querySelector('#times summary')") {
		t.Error("the focus went away")
	}
	if after := eval[float64](b, "document.getElementById('"+name+"').getBoundingClientRect().top"); after < before-2 || after > before+2 {
		t.Errorf("section %s moved from %v to %v", name, before, after)
	}
	b.run("const e = document.querySelector('#funnel .identity'); e.dataset.old = 1; getSelection().selectAllChildren(e)")
	r.tell(t, s, 2)
	b.points(3)
	if !eval[bool](b, "!!document.querySelector('#funnel .identity').dataset.old") {
		t.Error("text that was selected was replaced")
	}
	b.run("getSelection().removeAllRanges()")
	b.until("!document.querySelector('#funnel .identity').dataset.old")
	b.quiet()
}

// testCut: a lost connection is said, the state stays, and the page finds the server again; when there is none it gives up.
func testCut(t *testing.T, browser context.Context) {
	r, s, l, url := watched(t, "")
	r.tell(t, s, 0)
	b := newTab(t, browser, url, 1200)
	b.until(barState + " === 'live'")
	b.run("window.seen = []; new MutationObserver(() => seen.push(" + barState + ")).observe(document.getElementById('live'), {attributes: true})")
	l.cut()
	b.until("seen.includes('lost')")
	r.tell(t, s, 1)
	r.tell(t, s, 2)
	b.until(barState + " === 'live'")
	b.points(3)
	b.run("window.setTimeout = (f) => { queueMicrotask(f); return 1; }") // no time passes between the tries to come
	s.Close()
	b.until(barState + " === 'lost' && !document.querySelector('#live button').hidden")
	if got := eval[string](b, "document.getElementById('live').textContent"); !strings.Contains(got, "connection lost") || !strings.Contains(got, "last state of ") {
		t.Errorf("the bar says %q", got)
	}
	b.points(3)
	if got := eval[string](b, "document.getElementById('headline').dataset.verdict"); got != "partial" {
		t.Errorf("the page says %q", got)
	}
	b.mu.Lock()
	tries := 0
	for _, u := range b.requests {
		if u == url+"events" {
			tries++
		}
	}
	b.mu.Unlock()
	if tries < 3 || tries > 20 {
		t.Errorf("%d requests for events", tries)
	}
	b.quiet("net::ERR_") // the browser's own words
}

// testNarrow: in Chinese, on a telephone.
func testNarrow(t *testing.T, browser context.Context) {
	r, s, _, url := watched(t, "zh")
	r.tell(t, s, 0)
	b := newTab(t, browser, url, 390)
	b.until(barState + " === 'live'")
	r.tell(t, s, 1)
	b.points(2)
	if got := eval[string](b, "document.getElementById('live').textContent + document.getElementById('funnel').textContent"); !strings.Contains(got, "实时") || !strings.Contains(got, "漏斗") {
		t.Errorf("the page is not Chinese: %.200s", got)
	}
	s.Finish(r.rec, "results/20261127T000000Z-"+strings.Repeat("long", 20)+"/report.html")
	b.until(barState + " === 'ended'")
	if over := eval[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
		t.Errorf("the page is %d pixels wider than its window: %s", over, eval[string](b, "[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth && (!e.closest('.scroll') || getComputedStyle(e).position === 'absolute' || getComputedStyle(e.closest('.scroll')).overflowX === 'visible')).slice(0, 5)"+
			".map((e) => e.outerHTML.slice(0, 120)).join(' ; ')"))
	}
	b.quiet()
}
