package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestStale lets the server end or spoil an idle connection: the next call finds it before it writes anything.
func TestStale(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(p peer)
		stray int64
	}{
		{"closed", func(p peer) { p.Close() }, 0},
		{"reset", func(p peer) { p.reset() }, 0},
		{"half closed", func(p peer) { p.Conn.(*net.TCPConn).CloseWrite() }, 0},
		{"unasked bytes", func(p peer) { p.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n") }, 1},
		{"unasked bytes and closed", func(p peer) { p.send("x"); p.Close() }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			spoiled := make(chan struct{})
			spoil := make(chan struct{})
			s := serve(t, func(i int, p peer) {
				p.request()
				p.send(okAnswer)
				if i == 0 {
					<-spoil
					c.spoil(p)
					close(spoiled)
				}
				if p.request() {
					p.send(okAnswer)
				}
				p.s.wait()
			})
			p := rawPool(t, Target{Addr: s.addr}, Limits{})
			var a Answer
			do(t, p, &a, long)
			want(t, &a, None, true)
			wantStats(t, p, 1, 1)
			close(spoil)
			<-spoiled
			time.Sleep(20 * time.Millisecond) // for the segment to cross the loopback
			do(t, p, &a, long)
			want(t, &a, None, true)
			if a.Times.DialStart.IsZero() {
				t.Error("no new connection")
			}
			wantStats(t, p, 2, 1)
			if n := s.requests.Load(); n != 2 {
				t.Errorf("%d requests for 2 calls", n)
			}
			if n := p.Stray(); n != c.stray {
				t.Errorf("%d stray, want %d", n, c.stray)
			}
			do(t, p, &a, long) // the new one is not stale
			want(t, &a, None, true)
			wantStats(t, p, 2, 1)
		})
	}
}

// rawPool skips the test where sockets cannot be looked at.
func rawPool(t *testing.T, target Target, l Limits) *Pool {
	p := NewPool(target, l)
	if !unixLike {
		t.Skip("sockets cannot be looked at here")
	}
	t.Cleanup(p.Close)
	return p
}

// TestManyStale finds a whole pool stale. Not every stale connection is tried one after the other.
func TestManyStale(t *testing.T) {
	hold, gone := make(chan struct{}), make(chan struct{})
	var closed atomic.Int64
	s := serve(t, func(i int, p peer) {
		p.request()
		if i < 20 {
			<-hold
			p.send(okAnswer)
			<-gone
			p.Close()
			closed.Add(1)
			return
		}
		p.send(okAnswer)
		p.s.wait()
	})
	p := rawPool(t, Target{Addr: s.addr}, Limits{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			var a Answer
			do(t, p, &a, long)
			want(t, &a, None, true)
		})
	}
	eventually(t, "all requests arrive", func() bool { return s.requests.Load() == 20 })
	close(hold)
	wg.Wait()
	close(gone)
	eventually(t, "all are closed", func() bool { return closed.Load() == 20 })
	time.Sleep(20 * time.Millisecond) // for the segments to cross the loopback
	var a Answer
	do(t, p, &a, long)
	want(t, &a, None, true)
	wantStats(t, p, 21, 17)
	if n := s.requests.Load(); n != 21 {
		t.Errorf("%d requests for 21 calls", n)
	}
}

func TestTooOld(t *testing.T) {
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(_ int, p peer) {
			for p.request() {
				p.send(okAnswer)
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{MaxIdle: time.Hour})
		var a Answer
		for range 3 {
			do(t, p, &a, long)
		}
		wantStats(t, p, 1, 1)
		p.limits.MaxIdle = time.Nanosecond
		for i := range 3 {
			do(t, p, &a, long)
			want(t, &a, None, true)
			wantStats(t, p, 2+i, 1)
		}
		if n := s.requests.Load(); n != 6 {
			t.Errorf("%d requests for 6 calls", n)
		}
	})
}

// TestOldestGoes makes connections idle at once and sees them leave, oldest first, when they are too old.
func TestOldestGoes(t *testing.T) {
	p := NewPool(Target{Addr: "127.0.0.1:1"}, Limits{MaxIdle: time.Minute})
	s := serve(t, func(_ int, p peer) { p.s.wait() })
	begin := time.Now()
	age := func(since time.Duration) {
		nc, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		c := newConn(p, nc.(*net.TCPConn))
		if !p.add(c, p.flight) {
			t.Fatal("aborted")
		}
		c.since = begin.Add(since)
		p.put(c)
	}
	for i, idle := range []int{1, 2, 3, 3, 3} {
		age(time.Duration(i) * 25 * time.Second)
		wantStats(t, p, i+1, idle)
	}
	if first := p.idle[0].since; !first.Equal(begin.Add(50 * time.Second)) {
		t.Errorf("the oldest is from %v", first.Sub(begin))
	}
	p.Close()
	wantStats(t, p, 5, 0)
}

// TestNeverTwice ends connections after the request was read: one arrival, no second try, on new and used connections.
func TestNeverTwice(t *testing.T) {
	for _, reset := range []bool{false, true} {
		modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
			s := serve(t, func(_ int, p peer) {
				p.request()
				p.send(okAnswer)
				p.request()
				if reset {
					p.reset()
				}
			})
			p := pool(Target{Addr: s.addr}, Limits{})
			var a Answer
			for i := range 4 {
				do(t, p, &a, long)
				if i%2 == 0 {
					want(t, &a, None, true)
					continue
				}
				want(t, &a, Reset, true)
				if !a.Times.DialStart.IsZero() || a.Times.Written.IsZero() || !a.Times.First.IsZero() {
					t.Errorf("times %+v", a.Times)
				}
			}
			if n := s.requests.Load(); n != 4 {
				t.Errorf("%d requests for 4 calls", n)
			}
			wantStats(t, p, 2, 0)
		})
	}
}

func TestTimeout(t *testing.T) {
	for _, c := range []struct{ name, raw, detail, partial string }{
		{"silence", "", "no answer within the timeout", ""},
		{"in the head", head200 + "X", "timeout in the head", ""},
		{"in the body", head200 + "Content-Length: 2\r\n\r\na", "timeout in the body", "a"},
		{"in a chunk", head200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n5\r\ncd", "timeout in a chunk", "abcd"},
		{"before the last chunk", head200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "timeout in a chunk line", "ab"},
		{"until the end", head200 + "\r\na", "timeout in the body", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
				s := serve(t, func(_ int, p peer) {
					p.request()
					p.send(okAnswer)
					p.request()
					p.send(c.raw)
					p.s.wait()
				})
				p := pool(Target{Addr: s.addr}, Limits{})
				var a Answer
				do(t, p, &a, long) // leaves a deadline far away on the connection
				want(t, &a, None, true)
				const timeout = 300 * time.Millisecond // in which the peer has to answer, on a busy host too
				do(t, p, &a, timeout)
				want(t, &a, Timeout, true)
				if a.Detail != c.detail {
					t.Errorf("detail %q, want %q", a.Detail, c.detail)
				}
				if string(a.Partial) != c.partial {
					t.Errorf("partial body %q, want %q", a.Partial, c.partial)
				}
				if took := a.Times.Done.Sub(a.Times.Sent); took < timeout {
					t.Errorf("timeout after %v", took)
				}
				wantStats(t, p, 1, 0)
			})
		})
	}
}

// TestDeadlineCoversWholeAnswer drips bytes for ever: progress does not move the deadline.
func TestDeadlineCoversWholeAnswer(t *testing.T) {
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(_ int, p peer) {
			p.request()
			p.send(head200 + "\r\n")
			for {
				if _, err := p.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var a Answer
		do(t, p, &a, 50*time.Millisecond)
		want(t, &a, Timeout, true)
	})
}

// spring sets the read deadline of the idle connection to in from now, while it is thought to be at armed from now.
func spring(t *testing.T, p *Pool, in, armed time.Duration) {
	t.Helper()
	if len(p.idle) != 1 {
		t.Fatalf("%d idle", len(p.idle))
	}
	c := p.idle[0]
	c.arm(time.Now().Add(in))
	c.armed = time.Now().Add(armed)
}

// TestDeadlineMoves has a connection whose deadline, set for an earlier call, passes while it is idle or during a later
// call: it is moved, and the later call has its own time.
func TestDeadlineMoves(t *testing.T) {
	const timeout = 400 * time.Millisecond
	ca := newAuthority(t)
	script := func(p peer) {
		for i := 0; p.request(); i++ {
			if i == 3 {
				p.s.wait()
			}
			p.send(okAnswer[:100*i])
			time.Sleep(time.Duration(i) * 50 * time.Millisecond)
			p.send(okAnswer[100*i:])
		}
	}
	for name, target := range map[string]Target{
		"plain": {Addr: serve(t, func(_ int, p peer) { script(p) }).addr},
		"TLS": {
			Addr: serveTLS(t, ca.server(t, testName, tomorrow), func(_ int, p peer, _ *tls.Conn) { script(p) }).addr,
			Host: testName, TLS: &tls.Config{RootCAs: ca.pool},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := rawPool(t, target, Limits{})
			var a Answer
			do(t, p, &a, long)
			want(t, &a, None, true)
			spring(t, p, -time.Second, long*2/3) // while idle
			do(t, p, &a, long)
			want(t, &a, None, true)
			spring(t, p, 30*time.Millisecond, long*2/3) // during the call
			do(t, p, &a, long)
			want(t, &a, None, true)
			spring(t, p, 30*time.Millisecond, timeout*3/4) // during a call without an answer
			do(t, p, &a, timeout)
			want(t, &a, Timeout, true)
			if took := a.Times.Done.Sub(a.Times.Sent); took < timeout {
				t.Errorf("timeout after %v", took)
			}
			wantStats(t, p, 1, 0)
		})
	}
}

// TestWriteTimeout has a server that does not read.
func TestWriteTimeout(t *testing.T) {
	req := []byte("POST / HTTP/1.1\r\nX: " + strings.Repeat("x", 12<<20) + "\r\n\r\n")
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(_ int, p peer) { p.s.wait() })
		p := pool(Target{Addr: s.addr}, Limits{})
		var a Answer
		doRequest(t, p, req, &a, 50*time.Millisecond)
		want(t, &a, Timeout, true)
		if !a.Times.Written.IsZero() {
			t.Error("written, though nobody read")
		}
	})
}

func TestAbort(t *testing.T) {
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(i int, p peer) {
			for n := 0; p.request(); n++ {
				if i < 20 && n == 0 {
					if i%2 == 1 {
						p.send(head200)
					}
					continue
				}
				p.send(okAnswer)
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var wg sync.WaitGroup
		answers := make([]Answer, 20)
		for i := range answers {
			wg.Go(func() { do(t, p, &answers[i], time.Hour) })
		}
		eventually(t, "all requests arrive", func() bool { return s.requests.Load() == 20 })
		p.Abort()
		wg.Wait()
		for i := range answers {
			want(t, &answers[i], Timeout, true)
			if answers[i].Detail != Aborted {
				t.Errorf("detail %q", answers[i].Detail)
			}
		}
		wantStats(t, p, 20, 0)
		var a Answer
		for range 2 { // the second finds the connection of the first, which a further Abort leaves alone
			do(t, p, &a, long)
			want(t, &a, None, true)
			p.Abort()
		}
		wantStats(t, p, 21, 1)
		if n := s.requests.Load(); n != 22 {
			t.Errorf("%d requests for 22 calls", n)
		}
	})
}

// TestAbortDuringCalls aborts again and again while calls come and go: every call ends, as aborted or with its answer.
func TestAbortDuringCalls(t *testing.T) {
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(_ int, p peer) {
			for p.request() {
				p.send(okAnswer)
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				var a Answer
				for range 100 {
					do(t, p, &a, long)
					if a.Failure != None && a.Detail != Aborted {
						t.Errorf("%q (%s)", a.Failure, a.Detail)
					}
				}
			})
		}
		for range 20 {
			time.Sleep(time.Millisecond)
			p.Abort()
		}
		wg.Wait()
		if opened, _ := p.Stats(); int64(opened) < s.conns.Load()-20*8 {
			t.Errorf("opened %d, accepted %d", opened, s.conns.Load())
		}
	})
}

func TestRefused(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	for _, c := range []struct{ name, addr, detail string }{
		{"nobody listens", addr, "connection refused"},
		{"no such name", "name.invalid:80", "name lookup failed"},
		{"no port", "127.0.0.1", "missing port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NewPool(Target{Addr: c.addr}, Limits{DialTimeout: long})
			defer p.Close()
			p.dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("no name leaves this test")
			}}
			var a Answer
			do(t, p, &a, long)
			want(t, &a, Refused, false)
			if !strings.Contains(a.Detail, c.detail) || strings.Contains(a.Detail, addr) {
				t.Errorf("detail %q, want %q", a.Detail, c.detail)
			}
			if a.Times.DialStart.IsZero() || !a.Times.Connected.IsZero() || !a.Times.Sent.IsZero() {
				t.Errorf("times %+v", a.Times)
			}
			wantStats(t, p, 0, 0)
		})
	}
}
