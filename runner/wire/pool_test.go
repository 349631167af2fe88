package wire

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAnswers sends every case over a connection, whole and closed afterwards.
func TestAnswers(t *testing.T) {
	cases := append(append([]answerCase(nil), goodCases...), badCases...)
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(i int, p peer) {
			if p.request() {
				p.send(cases[i].raw)
			}
		})
		p := pool(Target{Addr: s.addr}, testLimits)
		var a Answer
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				do(t, p, &a, long)
				if n := s.conns.Load(); n != int64(i+1) {
					t.Fatalf("%d connections", n)
				}
				if c.detail != "" {
					want(t, &a, Framing, true)
					if !strings.Contains(a.Detail, c.detail) {
						t.Errorf("detail %q, want %q", a.Detail, c.detail)
					}
				} else {
					checkGood(t, c, &a, c.extra)
				}
				p.Close() // each case is to meet a connection of its own
				p.closed = false
			})
		}
		if n := s.requests.Load(); n != int64(len(cases)) {
			t.Errorf("%d requests for %d calls", n, len(cases))
		}
	})
}

// TestCut ends an answer at every byte, by FIN and by RST.
func TestCut(t *testing.T) {
	for _, raw := range []string{
		head200 + "Content-Length: 3\r\n\r\nabc",
		chunked + "2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX: y\r\n\r\n",
	} {
		modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
			s := serve(t, func(i int, p peer) {
				if !p.request() {
					return
				}
				p.send(raw[:i/2])
				if i%2 == 1 {
					p.reset()
				}
			})
			p := pool(Target{Addr: s.addr}, testLimits)
			var a Answer
			for cut := range len(raw) {
				for _, end := range []string{"closed", "reset"} {
					do(t, p, &a, long)
					switch {
					case cut == 0:
						want(t, &a, Reset, true)
					case end == "closed":
						want(t, &a, Framing, true)
					case a.Failure != Framing && a.Failure != Reset || !a.Started: // RST may overtake the bytes
						t.Errorf("reset at %d: %q (%s)", cut, a.Failure, a.Detail)
					}
					if !strings.Contains(a.Detail, end) && end == "closed" {
						t.Errorf("%s at %d: detail %q", end, cut, a.Detail)
					}
				}
			}
			do(t, p, &a, long)
			want(t, &a, None, true)
			if string(a.Body) != "abc" || !a.KeepAlive {
				t.Errorf("body %q, keep alive %v", a.Body, a.KeepAlive)
			}
			if n := s.requests.Load(); n != int64(2*len(raw)+1) {
				t.Errorf("%d requests for %d calls", n, 2*len(raw)+1)
			}
		})
	}
}

func TestDrip(t *testing.T) {
	raw := chunked + "2;a\r\nab\r\n1\r\nc\r\n0\r\nX: y\r\n\r\n"
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(_ int, p peer) {
			for p.request() {
				for i := range len(raw) {
					p.send(raw[i : i+1])
					time.Sleep(200 * time.Microsecond)
				}
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var a Answer
		for range 3 {
			do(t, p, &a, long)
			want(t, &a, None, true)
			if string(a.Body) != "abc" || !a.Times.First.Before(a.Times.Done) {
				t.Errorf("body %q, times %+v", a.Body, a.Times)
			}
		}
		wantStats(t, p, 1, 1)
	})
}

// TestLastInFirstOut makes two connections idle and looks which one serves.
func TestLastInFirstOut(t *testing.T) {
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		hold := []chan struct{}{make(chan struct{}), make(chan struct{})}
		s := serve(t, func(i int, p peer) {
			for first := true; p.request(); first = false {
				if first {
					<-hold[i]
				}
				body := fmt.Sprint(i)
				p.send(fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head200, len(body), body))
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() {
				var a Answer
				do(t, p, &a, long)
				want(t, &a, None, true)
			})
			eventually(t, "request arrives", func() bool { return s.requests.Load() == int64(i+1) })
		}
		for i, last := range []int{1, 0} {
			close(hold[last])
			eventually(t, "connection is idle", func() bool { _, idle := p.Stats(); return idle == i+1 })
		}
		wg.Wait()
		var a Answer
		for range 3 {
			do(t, p, &a, long)
			if string(a.Body) != "0" || !a.Times.DialStart.IsZero() || !a.Times.Connected.IsZero() {
				t.Errorf("connection %s served; times %+v", a.Body, a.Times)
			}
		}
		wantStats(t, p, 2, 2)
	})
}

func TestManyAtOnce(t *testing.T) {
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(_ int, p peer) {
			for p.request() {
				p.send(okAnswer)
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				var a Answer
				for range 20 {
					do(t, p, &a, long)
					want(t, &a, None, true)
					if string(a.Body) != okBody {
						t.Errorf("body %q", a.Body)
					}
				}
			})
		}
		wg.Wait()
		if n := s.requests.Load(); n != 1000 {
			t.Errorf("%d requests for 1000 calls", n)
		}
		opened, idle := p.Stats()
		if opened > 50 || idle != opened {
			t.Errorf("opened %d, idle %d", opened, idle)
		}
	})
}

// TestPartialWrite sends a request that no socket buffer holds to a server that reads it in no hurry.
func TestPartialWrite(t *testing.T) {
	req := []byte("POST / HTTP/1.1\r\nX: " + strings.Repeat("x", 12<<20) + "\r\n\r\n")
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		got := make(chan int64, 2)
		s := serve(t, func(_ int, p peer) {
			for {
				time.Sleep(20 * time.Millisecond)
				n, err := io.Copy(io.Discard, io.LimitReader(p, int64(len(req))))
				if n == 0 || err != nil {
					return
				}
				got <- n
				p.send(okAnswer)
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var a Answer
		for range 2 {
			doRequest(t, p, req, &a, long)
			want(t, &a, None, true)
			if n := <-got; n != int64(len(req)) {
				t.Errorf("%d bytes arrived of %d", n, len(req))
			}
		}
		wantStats(t, p, 1, 1)
	})
}

// TestEarlyAnswer gets an answer while the request is still being written: it stands, the connection does not.
func TestEarlyAnswer(t *testing.T) {
	req := []byte("POST / HTTP/1.1\r\nX: " + strings.Repeat("x", 12<<20) + "\r\n\r\n")
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(_ int, p peer) {
			p.Read(make([]byte, 1))
			p.send("HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n")
			p.Conn.(*net.TCPConn).CloseWrite()
			time.Sleep(50 * time.Millisecond)
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var a Answer
		p.Do(req, long, &a, nil)
		// The RST of the unread rest may overtake the answer.
		if !a.Started || a.KeepAlive || a.Status != 413 && a.Failure != Reset {
			t.Errorf("%+v", a)
		}
		if !a.Times.Written.IsZero() {
			t.Error("written, though nobody read")
		}
		wantStats(t, p, 1, 0)
	})
}

func TestClose(t *testing.T) {
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		hold := make(chan struct{})
		s := serve(t, func(i int, p peer) {
			for p.request() {
				if i == 1 {
					<-hold
				}
				p.send(okAnswer)
			}
		})
		p := pool(Target{Addr: s.addr}, Limits{})
		var first, second Answer
		do(t, p, &first, long)
		c, _ := p.take() // so that the next call opens a second one
		var wg sync.WaitGroup
		wg.Go(func() { do(t, p, &second, long) })
		eventually(t, "request arrives", func() bool { return s.requests.Load() == 2 })
		p.put(c)
		p.Close()
		close(hold)
		wg.Wait()
		want(t, &second, None, true)
		wantStats(t, p, 2, 0)
		do(t, p, &first, long)
		want(t, &first, None, true)
		wantStats(t, p, 3, 0)
	})
}

func TestAnswerIsReusedAndReleased(t *testing.T) {
	s := serve(t, func(_ int, p peer) {
		for i := 0; p.request(); i++ {
			if i == 0 {
				p.send(okAnswer)
				continue
			}
			p.send("HTTP/1.1 204 x\r\n\r\n")
		}
	})
	p := NewPool(Target{Addr: s.addr}, Limits{})
	defer p.Close()
	var a Answer
	do(t, p, &a, long)
	do(t, p, &a, long)
	if a.Status != 204 || len(a.Body) != 0 || a.ContentType != nil || !a.Times.DialStart.IsZero() {
		t.Errorf("second answer %+v", a)
	}
	a.Release()
	if a.Status != 0 || a.Head != nil || a.block != nil {
		t.Errorf("released answer %+v", a)
	}
	a.Release()
}
