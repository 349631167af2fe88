package emulator

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// gone waits until no more connections than n are open.
func (e *endpoint) gone(t testing.TB, n int64) {
	t.Helper()
	for range 20_000 {
		if e.Truth().Open <= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d connections are open, want %d", e.Truth().Open, n)
}

// TestIdle: connections that say nothing are closed, from the start or after a call; one that is used stays, and so does one
// whose call takes longer than the idle time, or whose request comes slowly.
func TestIdle(t *testing.T) {
	leaks(t)
	for _, layer := range []string{"", "tls: {}\n"} {
		e := serve(t, config(t, layer+"idle: 2s\nlatency: {by_code: {isv.MOBILE_NUMBER_ILLEGAL: {fixed: 3s}}}"), fixed)
		silent, _ := net.Dial("tcp", e.addr)
		defer silent.Close()
		once, used, slow, drop := dialFault(t, e), dialFault(t, e), dialFault(t, e), dialFault(t, e)
		var wg sync.WaitGroup
		wg.Go(func() { // longer than idle is the whole, shorter each pause
			for range 25 {
				if _, err := io.WriteString(used, newBind().get()); err != nil {
					t.Error(err)
				}
				if b, _ := used.some(); !strings.HasPrefix(b, "HTTP/1.1 200") {
					t.Errorf("a connection in use: %q", b)
				}
				time.Sleep(100 * time.Millisecond)
			}
		})
		wg.Go(func() {
			io.WriteString(slow, newBind().with("PhoneNoA", "1").get())
			if b, _ := slow.some(); !strings.HasPrefix(b, "HTTP/1.1 200") {
				t.Errorf("a slow call: %q", b)
			}
		})
		wg.Go(func() {
			request := newBind().get()
			for i := range 9 {
				io.WriteString(drop, request[i*10:i*10+10])
				time.Sleep(300 * time.Millisecond)
			}
			io.WriteString(drop, request[90:])
			if b, _ := drop.some(); !strings.HasPrefix(b, "HTTP/1.1 200") {
				t.Errorf("a request that comes slowly: %q", b)
			}
		})
		io.WriteString(once, newBind().get())
		if b, _ := once.some(); !strings.HasPrefix(b, "HTTP/1.1 200") {
			t.Errorf("%q", b)
		}
		if b, end := once.all(patient); b != "" || end != "eof" {
			t.Errorf("an idle connection: %q, %s", b, end)
		}
		_ = silent.SetReadDeadline(time.Now().Add(patient))
		if n, err := silent.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("a silent connection: %d bytes, %v", n, err)
		}
		wg.Wait()
		e.gone(t, 0)
		if truth := e.Truth(); truth.Arrivals != 28 || truth.Answered != 28 || truth.Accepted != 5 || truth.Peak < 3 {
			t.Errorf("truth: %+v", truth)
		}
		if err := e.stop(); err != nil {
			t.Error(err)
		}
	}
}

// some reads what comes at once.
func (c *faultClient) some() (string, error) {
	piece := make([]byte, 4096)
	_ = c.SetReadDeadline(time.Now().Add(patient))
	n, err := c.Read(piece)
	return string(piece[:n]), err
}

// TestIdleNone keeps what is idle when it is told to, and says how long it keeps when not.
func TestIdleNone(t *testing.T) {
	e := serve(t, config(t, "idle: none"), fixed)
	c := dialFault(t, e)
	io.WriteString(c, newBind().get())
	if b, _ := c.some(); strings.Contains(b, "Keep-Alive") {
		t.Errorf("%q", b)
	}
	if b, end := c.all(quiet); b != "" || end != "timeout" {
		t.Errorf("%q, %s", b, end)
	}
	if a := serve(t, config(t, "idle: 7s"), fixed).raw(t, newBind().get()); a.header.Get("Keep-Alive") != "timeout=7" {
		t.Errorf("%v", a.header)
	}
}

// TestIdleAndNetHTTP has the standard client pause for longer than connections live.
func TestIdleAndNetHTTP(t *testing.T) {
	e := serve(t, config(t, "idle: 600ms"), fixed)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: patient}
	for i := range 4 {
		res, err := client.Get("http://" + e.addr + "/?" + newBind().query("GET", BuiltinSecret))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		e.gone(t, 0)
		if truth := e.Truth(); truth.Accepted != int64(i+1) {
			t.Errorf("%d connections for %d calls", truth.Accepted, i+1)
		}
	}
}

// TestSweep is about the race between a request and the sweep: one of them has the connection.
func TestSweep(t *testing.T) {
	s, err := New(&Config{}, fixed)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		near, far := net.Pipe()
		c := s.newConn(near)
		s.registry.add(c)
		since := c.idle.Load()
		var wg sync.WaitGroup
		wg.Go(func() { fmt.Fprint(far, "x") })
		n := 0
		var readErr error
		wg.Go(func() { n, readErr = c.Read(make([]byte, 1)) })
		wg.Go(func() { s.registry.sweep(since+100, 100) })
		wg.Wait()
		if served := readErr == nil && n == 1; served == c.closed.Load() {
			t.Fatalf("round %d: read %d bytes (%v), closed %v", i, n, readErr, c.closed.Load())
		}
		c.Close()
		far.Close()
	}
	if len(s.registry.conns) != 0 || s.truth.open.Load() != 0 {
		t.Errorf("%d connections are left, %d open", len(s.registry.conns), s.truth.open.Load())
	}
}

// TestIdleHTTP2: connections of HTTP/2 that are used stay too, and idle ones end.
func TestIdleHTTP2(t *testing.T) {
	e := serve(t, config(t, "tls: {http2: true}\nidle: 2s"), fixed)
	client := secureClient(t, e.Server, true)
	for range 30 {
		a, proto := ask(t, client, e.secureURL("127.0.0.1", newBind().query("GET", BuiltinSecret)))
		if a.fields["Code"] != "OK" || proto != "HTTP/2.0" {
			t.Fatalf("%s %s", proto, a.body)
		}
		time.Sleep(80 * time.Millisecond)
	}
	if truth := e.Truth(); truth.Accepted != 1 {
		t.Errorf("%d connections", truth.Accepted)
	}
	e.gone(t, 0)
}
