package emulator

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestGracefulStopWithFaults stops while answers wait, drip, hang and are half closed. Every call that was accepted is
// finished in its way: what waits or drips comes whole, what hangs ends. Connections that said nothing, or half of a request,
// do not hold up the end.
func TestGracefulStopWithFaults(t *testing.T) {
	for _, layer := range []string{"", "tls: {}\n"} {
		for text, whole := range map[string]bool{
			"latency: {fixed: 700ms}": true,
			"faults: [{kind: slow_drip, share: 100%, bytes_per_second: 20}]": true,
			"faults: [{kind: hang, share: 100%}]":                            false,
			"faults: [{kind: half_close, share: 100%}]":                      false,
		} {
			t.Run(text+strings.TrimSpace(layer), func(t *testing.T) {
				t.Parallel()
				stopWith(t, layer+text, whole)
			})
		}
	}
}

func stopWith(t *testing.T, text string, whole bool) {
	e := serve(t, config(t, text), fixed)
	silent, half, busy := dialFault(t, e), dialFault(t, e), dialFault(t, e)
	io.WriteString(half, newBind().post()[:120])
	io.WriteString(busy, newBind().get())
	e.waitFor(t, 1)
	done := make(chan error, 1)
	go func() { done <- e.stop() }()
	b, ended := busy.all(patient)
	if err := <-done; err != nil {
		t.Errorf("stop: %v", err)
	}
	begun, complete := strings.HasPrefix(b, "HTTP/1.1 200 OK"), strings.HasSuffix(b, "}")
	if begun == strings.Contains(text, "hang") || complete != whole || ended != "eof" {
		t.Errorf("%q, ended with %s", b, ended)
	}
	truth := e.Truth()
	if truth.Arrivals != 1 || truth.InFlight != 0 || truth.Open != 0 || truth.Codes["OK"] != 1 || (truth.Answered == 1) != whole {
		t.Errorf("truth: %+v", truth)
	}
	for _, c := range []*faultClient{silent, half} {
		if _, end := c.all(patient); end == "timeout" {
			t.Error("a connection without a call is still open")
		}
	}
}

// TestStopDoesNotWaitForEver: answers that are due long after the end go out early, and nobody is left behind.
func TestStopDoesNotWaitForEver(t *testing.T) {
	leaks(t)
	s, err := New(config(t, "latency: {fixed: 1h}"), fixed)
	if err != nil {
		t.Fatal(err)
	}
	s.stopTime = 50 * time.Millisecond
	e := serving(t, s)
	const calls = 10
	got := make(chan string, calls)
	for range calls {
		c := dialFault(t, e)
		go func() {
			io.WriteString(c, newBind().get())
			b, _ := c.all(patient)
			got <- b
		}()
	}
	e.waitFor(t, calls)
	if err := e.stop(); err != nil {
		t.Error(err)
	}
	for range calls {
		if b := <-got; !strings.Contains(b, `"Code":"OK"`) {
			t.Errorf("%q", b)
		}
	}
	if truth := e.Truth(); truth.Answered != calls || truth.Unwritten != 0 {
		t.Errorf("%+v", truth)
	}
}

// TestStopOfSlowHTTP2 stops while streams wait for longer than requests are waited for.
func TestStopOfSlowHTTP2(t *testing.T) {
	e := serve(t, config(t, "tls: {http2: true}\nlatency: {fixed: 1800ms}"), fixed)
	client := secureClient(t, e.Server, true)
	const calls = 3
	codes := make(chan string, calls)
	for range calls {
		url := e.secureURL("127.0.0.1", newBind().query("GET", BuiltinSecret))
		go func() {
			res, err := client.Get(url)
			if err != nil {
				codes <- err.Error()
				return
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			codes <- string(body)
		}()
	}
	e.waitFor(t, calls)
	if err := e.stop(); err != nil {
		t.Error(err)
	}
	for range calls {
		if b := <-codes; !strings.Contains(b, `"Code":"OK"`) {
			t.Errorf("%s", b)
		}
	}
}

// broken is a listener that fails.
type broken struct{ net.Listener }

func (broken) Accept() (net.Conn, error) { return nil, io.ErrUnexpectedEOF }

// TestServeEndsWithItsListener also ends what went on beside it.
func TestServeEndsWithItsListener(t *testing.T) {
	leaks(t)
	for _, text := range []string{"", "faults: [{kind: refuse, for: 1s}]"} {
		s, err := New(config(t, text), fixed)
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Serve(context.Background(), broken{l}); err == nil || !strings.Contains(err.Error(), "the listener ended") {
			t.Errorf("%v", err)
		}
		l.Close()
	}
}
