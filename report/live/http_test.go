package live

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAnswers: what there is, what there is not, and what every answer carries.
func TestAnswers(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s, address := serving(t, r, nil)
	s.Finish(r.rec, "x") // so that the events end
	for _, tt := range []struct {
		method, path, site string
		status             int
		kind, has          string
	}{
		{"GET", "/", "", 200, "text/html; charset=utf-8", "<!DOCTYPE html>"},
		{"GET", "/", "cross-site", 200, "text/html; charset=utf-8", "<!DOCTYPE html>"}, // a link leads here
		{"HEAD", "/", "", 200, "text/html; charset=utf-8", ""},
		{"GET", "/events", "same-origin", 200, "text/event-stream", "event: end\n"},
		{"GET", "/events", "cross-site", 403, "text/plain; charset=utf-8", "another origin"},
		{"GET", "/events", "same-site", 403, "text/plain; charset=utf-8", "another origin"},
		{"HEAD", "/events", "", 200, "text/event-stream", ""},
		{"GET", "/live.js", "", 200, "text/javascript; charset=utf-8", "EventSource"},
		{"GET", "/healthz", "", 200, "text/plain; charset=utf-8", "ok\n"},
		{"GET", "/live.js/", "", 404, "text/plain; charset=utf-8", "nothing"},
		{"GET", "/events/../", "", 404, "text/plain; charset=utf-8", "nothing"},
		{"GET", "//", "", 404, "text/plain; charset=utf-8", "nothing"},
		{"GET", "/run.json", "", 404, "text/plain; charset=utf-8", "nothing"},
		{"POST", "/", "", 405, "text/plain; charset=utf-8", "only to be read"},
		{"PUT", "/events", "", 405, "text/plain; charset=utf-8", "only to be read"},
		{"DELETE", "/nowhere", "", 405, "text/plain; charset=utf-8", "only to be read"},
		{"OPTIONS", "/events", "", 405, "text/plain; charset=utf-8", "only to be read"},
	} {
		t.Run(tt.method+" "+tt.path+" "+tt.site, func(t *testing.T) {
			resp, text := ask(t, tt.method, address+tt.path, http.Header{"Sec-Fetch-Site": {tt.site}, "Origin": {"http://page.example"}})
			if resp.StatusCode != tt.status || resp.Header.Get("Content-Type") != tt.kind || !strings.Contains(text, tt.has) || tt.method == "HEAD" && text != "" {
				t.Errorf("%s, %s: %.80q", resp.Status, resp.Header.Get("Content-Type"), text)
			}
			for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
				"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
				if got := resp.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") ||
				!strings.Contains(policy, "default-src 'none'") && !strings.Contains(policy, "connect-src 'self'") {
				t.Errorf("policy %q", policy)
			}
			for name := range resp.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s lets other origins read", name)
				}
			}
			if tt.status == 405 && resp.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("Allow %q", resp.Header.Get("Allow"))
			}
		})
	}
}

// ask makes one request on a connection of its own.
func ask(t *testing.T, method, url string, head http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range head {
		if values[0] != "" {
			req.Header[name] = values
		}
	}
	own := &http.Transport{DisableKeepAlives: true}
	resp, err := own.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// TestGuard: what the guard refuses reaches nothing, and carries the same head.
func TestGuard(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s := newServer(Config{Run: r.begun(), Guard: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host != "localhost" {
				http.Error(w, "not here", http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		})
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.start(l)
	t.Cleanup(s.Close)
	for _, path := range []string{"/", "/events", "/live.js", "/healthz", "/x"} {
		resp, text := ask(t, "GET", "http://"+l.Addr().String()+path, nil)
		if resp.StatusCode != 403 || text != "not here\n" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %q", path, resp.Status, text)
		}
	}
}

// TestManyClients: as many as may follow do, one more is told to come back, and does when there is room.
func TestManyClients(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s, address := serving(t, r, nil)
	r.tell(t, s, 0)
	var all []*stream
	for range maxClients {
		c := follow(t, address, nil)
		c.must(t)
		all = append(all, c)
	}
	resp, _ := ask(t, "GET", address+"/events", nil)
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Fatalf("one too many: %s", resp.Status)
	}
	get(t, address+"/", 200) // the page is there all the same
	all[0].body.Close()
	for { // until the server has seen that it went
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request(t, address+"/events"))
		if err != nil {
			t.Fatal(err)
		}
		status := resp.StatusCode
		resp.Body.Close()
		if status == 200 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	r.tell(t, s, 1)
	for i, c := range all[1:] {
		if e := c.must(t); e.data.Series.Seconds != r.seconds[1].lines[0].T+1 {
			t.Errorf("client %d has seen %d seconds", i, e.data.Series.Seconds)
		}
	}
}

func request(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// pipes is a listener of connections without any buffer: what one side writes waits until the other reads.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// follow asks for the events over a new connection.
func (p *pipes) follow(t *testing.T) (*stream, net.Conn) {
	t.Helper()
	mine, theirs := net.Pipe()
	t.Cleanup(func() { mine.Close() })
	p.conns <- theirs
	if _, err := io.WriteString(mine, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(mine)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v, %v", resp, err)
	}
	return &stream{resp.Body, bufio.NewReaderSize(resp.Body, 16)}, mine
}

// TestSlowClient: a client that takes its time holds up neither the run nor the others, and goes on with the latest state, not
// with those it missed.
func TestSlowClient(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s := newServer(Config{Run: r.begun(), Dir: r.rec.Dir})
	s.every, s.writeTime = time.Millisecond, time.Hour
	l := newPipes()
	s.start(l)
	t.Cleanup(s.Close)
	r.tell(t, s, 0)
	slow, _ := l.follow(t)
	quick, _ := l.follow(t)
	var late, page shown
	late.apply(slow.must(t))
	page.apply(quick.must(t))
	for i := 1; i < len(r.seconds); i++ { // the slow one reads nothing
		r.tell(t, s, i)
		for page.series.Seconds < r.seconds[i].lines[0].T+1 {
			page.apply(quick.must(t))
		}
	}
	events := 0
	for late.number < page.number {
		late.apply(slow.must(t))
		events++
	}
	if states := int(page.number) - 1; events > 2 || states < len(r.seconds)-1 {
		t.Errorf("%d events for %d states: want one that was on its way and the latest", events, states)
	}
	late.same(t, page.sections, &page.series)
}

// TestStuckClient: a client that takes nothing is dropped, and gives its place back.
func TestStuckClient(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s := newServer(Config{Run: r.begun(), Dir: r.rec.Dir})
	s.every, s.writeTime = time.Millisecond, 50*time.Millisecond
	l := newPipes()
	s.start(l)
	t.Cleanup(s.Close)
	_, conn := l.follow(t)
	r.tell(t, s, 0)
	for { // nothing is read until the place is free
		s.mu.Lock()
		clients, changed := s.clients, s.changed
		s.mu.Unlock()
		if clients == 0 {
			break
		}
		<-changed
	}
	if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v, want a closed connection", err)
	}
}

// TestFarewell: the end waits for who follows, but not for ever.
func TestFarewell(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s := newServer(Config{Run: r.begun(), Dir: r.rec.Dir})
	s.every, s.writeTime, s.farewell = time.Millisecond, time.Hour, 20*time.Millisecond
	l := newPipes()
	s.start(l)
	r.tell(t, s, 0)
	l.follow(t) // reads no more than the head
	s.Finish(r.rec, "x")
	s.Close()
}
