package wire

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// slowTunnel is a proxy that waits before it opens a tunnel and answers what comes through it by itself.
func slowTunnel(t *testing.T, wait func(tunnels *atomic.Int32)) (addr string, tunnels *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tunnels = new(atomic.Int32)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for i := 0; ; i++ {
					if _, err := http.ReadRequest(r); err != nil {
						return
					}
					answer := "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
					if i == 0 {
						tunnels.Add(1)
						wait(tunnels)
						answer = "HTTP/1.1 200 Connection established\r\n\r\n"
					}
					if _, err := c.Write([]byte(answer)); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); group.Wait() })
	return l.Addr().String(), tunnels
}

// calls makes n calls at once and returns what came of them.
func calls(p *Pool, n int, timeout time.Duration) []*Answer {
	answers := make([]*Answer, n)
	var group sync.WaitGroup
	for i := range answers {
		answers[i] = new(Answer)
		group.Go(func() {
			p.Do([]byte("GET / HTTP/1.1\r\nHost: target\r\n\r\n"), timeout, answers[i], nil)
		})
	}
	group.Wait()
	return answers
}

func TestFewDialsAtOnce(t *testing.T) {
	proxy, tunnels := slowTunnel(t, func(*atomic.Int32) { time.Sleep(300 * time.Millisecond) })
	p := NewPool(Target{Addr: "127.0.0.1:9", Host: "target", Proxy: &Proxy{Addr: proxy}}, Limits{MaxDials: 2})
	defer p.Close()
	for i, a := range calls(p, 30, 10*time.Second) {
		if a.Failure != None || a.Status != 200 {
			t.Errorf("call %d: %s %s %d", i, a.Failure, a.Detail, a.Status)
		}
		if a.Times.DialStart.IsZero() || a.Times.Connected.Before(a.Times.DialStart) || a.Times.Sent.Before(a.Times.Connected) {
			t.Errorf("call %d: needed a connection at %v, had it at %v, sent at %v", i, a.Times.DialStart, a.Times.Connected, a.Times.Sent)
		}
	}
	// The first two tunnels serve the others as soon as they are idle; two more may have been begun by then.
	if n := tunnels.Load(); n > 6 {
		t.Errorf("%d tunnels for 30 calls, two at once", n)
	}
	if p.dials != 0 || len(p.wait) != 0 {
		t.Errorf("%d dials and %d waiting calls are left", p.dials, len(p.wait))
	}
}

func TestEveryCallItsDial(t *testing.T) {
	proxy, tunnels := slowTunnel(t, func(tunnels *atomic.Int32) { // no tunnel opens before all are asked for
		for i := 0; i < 2000 && tunnels.Load() < 30; i++ {
			time.Sleep(5 * time.Millisecond)
		}
	})
	p := NewPool(Target{Addr: "127.0.0.1:9", Host: "target", Proxy: &Proxy{Addr: proxy}}, Limits{MaxDials: 30})
	defer p.Close()
	for i, a := range calls(p, 30, 10*time.Second) {
		if a.Failure != None {
			t.Errorf("call %d: %s %s", i, a.Failure, a.Detail)
		}
	}
	if n := tunnels.Load(); n != 30 {
		t.Errorf("%d tunnels for 30 calls that may all dial", n)
	}
}

func TestWaitingForAConnectionEnds(t *testing.T) {
	proxy, _ := slowTunnel(t, func(*atomic.Int32) { time.Sleep(2 * time.Second) })
	p := NewPool(Target{Addr: "127.0.0.1:9", Host: "target", Proxy: &Proxy{Addr: proxy}}, Limits{MaxDials: 1})
	defer p.Close()
	for i, a := range calls(p, 5, 200*time.Millisecond) {
		if a.Failure != Timeout || a.Started {
			t.Errorf("call %d: %q (%s), started %v: want a timeout before the first byte", i, a.Failure, a.Detail, a.Started)
		}
	}
	aborted := make(chan []*Answer)
	go func() { aborted <- calls(p, 5, 10*time.Second) }()
	for {
		p.mu.Lock()
		n := len(p.wait)
		p.mu.Unlock()
		if n == 4 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	p.Abort()
	for i, a := range <-aborted {
		if a.Failure != Timeout || a.Detail != Aborted {
			t.Errorf("call %d after Abort: %q (%s)", i, a.Failure, a.Detail)
		}
	}
	if p.dials != 0 || len(p.wait) != 0 {
		t.Errorf("%d dials and %d waiting calls are left", p.dials, len(p.wait))
	}
}
