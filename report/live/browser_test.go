package live

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/report/browser"
)

// tab is a page that follows a run.
type tab struct{ *browser.Tab }

func newTab(t *testing.T, chromium context.Context, url string, width int64) *tab {
	t.Helper()
	b := &tab{browser.NewTab(t, chromium, width, 900)}
	b.Open(url)
	return b
}

// eval evaluates an expression and decodes its value as JSON.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	return browser.Eval[T](b.Tab, expression)
}

// points waits until the charts show so many points.
func (b *tab) points(n int) {
	b.Helper()
	b.Until(fmt.Sprintf("document.querySelector('figure[data-chart=rate]').dataset.drawn === '%d'", n))
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
	chromium := browser.Start(t, os.Getenv(browser.Variable))
	t.Run("a run", func(t *testing.T) { testRun(t, chromium) })
	t.Run("reading", func(t *testing.T) { testReading(t, chromium) })
	t.Run("cut", func(t *testing.T) { testCut(t, chromium) })
	t.Run("Chinese and narrow", func(t *testing.T) { testNarrow(t, chromium) })
}

// testRun follows a run to its end, and looks at what is left when the server is gone.
func testRun(t *testing.T, chromium context.Context) {
	r, s, _, url := watched(t, "")
	r.tell(t, s, 0)
	b := newTab(t, chromium, url, 1200)
	b.Until(barState + " === 'live' && document.title.startsWith('RUNNING')")
	for i := 1; i < len(r.seconds); i++ {
		r.tell(t, s, i)
		b.points(int(r.seconds[i].lines[0].T) + 1)
	}
	if got := eval[string](b, "document.getElementById('live').textContent"); !strings.Contains(got, "live") || !strings.Contains(got, " UTC") {
		t.Errorf("the bar says %q", got)
	}
	s.Finish(r.rec, "results/x/report.html")
	b.Until(barState + " === 'ended'")
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
	b.Quiet()
	if got, want := fmt.Sprint(b.Requests()), fmt.Sprint([]string{url, url + "live.js", url + "events"}); got != want {
		t.Errorf("the page asked for %s, want %s", got, want)
	}
}

// testReading: what a reader does with the page is not undone by what comes in.
func testReading(t *testing.T, chromium context.Context) {
	r, s, _, url := watched(t, "")
	r.tell(t, s, 0)
	b := newTab(t, chromium, url, 1200)
	b.points(1)
	b.Run("const d = document.querySelector('#times details'); d.open = true; d.querySelector('summary').focus(); d.dataset.old = 1;" +
		"window.scrollTo({top: 700, behavior: 'instant'})")
	anchor := "[...document.querySelectorAll('main > [data-section]')].find((e) => e.getBoundingClientRect().bottom > 0)"
	before := eval[float64](b, anchor+".getBoundingClientRect().top")
	name := eval[string](b, anchor+".id")
	r.tell(t, s, 1)
	b.Until("document.querySelector('#times details') && !document.querySelector('#times details').dataset.old")
	if !eval[bool](b, "document.querySelector('#times details').open") {
		t.Error("the table that was open is shut")
	}
	if !eval[bool](b, "document.activeElement === document.querySelector('#times summary')") {
		t.Error("the focus went away")
	}
	if after := eval[float64](b, "document.getElementById('"+name+"').getBoundingClientRect().top"); after < before-2 || after > before+2 {
		t.Errorf("section %s moved from %v to %v", name, before, after)
	}
	b.Run("const e = document.querySelector('#funnel .identity'); e.dataset.old = 1; getSelection().selectAllChildren(e)")
	r.tell(t, s, 2)
	b.points(3)
	if !eval[bool](b, "!!document.querySelector('#funnel .identity').dataset.old") {
		t.Error("text that was selected was replaced")
	}
	b.Run("getSelection().removeAllRanges()")
	b.Until("!document.querySelector('#funnel .identity').dataset.old")
	b.Quiet()
}

// testCut: a lost connection is said, the state stays, and the page finds the server again; when there is none it gives up.
func testCut(t *testing.T, chromium context.Context) {
	r, s, l, url := watched(t, "")
	r.tell(t, s, 0)
	b := newTab(t, chromium, url, 1200)
	b.Until(barState + " === 'live'")
	b.Run("window.seen = []; new MutationObserver(() => seen.push(" + barState + ")).observe(document.getElementById('live'), {attributes: true})")
	l.cut()
	b.Until("seen.includes('lost')")
	r.tell(t, s, 1)
	r.tell(t, s, 2)
	b.Until(barState + " === 'live'")
	b.points(3)
	b.Run("window.setTimeout = (f) => { queueMicrotask(f); return 1; }") // no time passes between the tries to come
	s.Close()
	b.Until(barState + " === 'lost' && !document.querySelector('#live button').hidden")
	if got := eval[string](b, "document.getElementById('live').textContent"); !strings.Contains(got, "connection lost") || !strings.Contains(got, "last state of ") {
		t.Errorf("the bar says %q", got)
	}
	b.points(3)
	if got := eval[string](b, "document.getElementById('headline').dataset.verdict"); got != "partial" {
		t.Errorf("the page says %q", got)
	}
	tries := 0
	for _, u := range b.Requests() {
		if u == url+"events" {
			tries++
		}
	}
	if tries < 3 || tries > 20 {
		t.Errorf("%d requests for events", tries)
	}
	b.Quiet("net::ERR_") // the browser's own words
}

// testNarrow: in Chinese, on a telephone.
func testNarrow(t *testing.T, chromium context.Context) {
	r, s, _, url := watched(t, "zh")
	r.tell(t, s, 0)
	b := newTab(t, chromium, url, 390)
	b.Until(barState + " === 'live'")
	r.tell(t, s, 1)
	b.points(2)
	if got := eval[string](b, "document.getElementById('live').textContent + document.getElementById('funnel').textContent"); !strings.Contains(got, "实时") || !strings.Contains(got, "漏斗") {
		t.Errorf("the page is not Chinese: %.200s", got)
	}
	s.Finish(r.rec, "results/20261127T000000Z-"+strings.Repeat("long", 20)+"/report.html")
	b.Until(barState + " === 'ended'")
	if over := eval[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
		t.Errorf("the page is %d pixels wider than its window: %s", over, eval[string](b, "[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth && (!e.closest('.scroll') || getComputedStyle(e).position === 'absolute' || getComputedStyle(e.closest('.scroll')).overflowX === 'visible')).slice(0, 5)"+
			".map((e) => e.outerHTML.slice(0, 120)).join(' ; ')"))
	}
	b.Quiet()
}
