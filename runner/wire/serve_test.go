package wire

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// server is a loopback listener whose connections are scripted.
type server struct {
	addr     string
	conns    atomic.Int64 // accepted
	requests atomic.Int64 // read by peer.request
	gone     chan struct{}

	mu   sync.Mutex
	open []net.Conn
}

// peer is one accepted connection.
type peer struct {
	net.Conn
	s *server
}

// request reads a request without a body. It returns false at the end of the connection.
func (p peer) request() bool {
	var buf []byte
	b := make([]byte, 64<<10)
	for {
		n, err := p.Read(b)
		if buf = append(buf, b[:n]...); bytes.HasSuffix(buf, []byte("\r\n\r\n")) {
			p.s.requests.Add(1)
			return true
		}
		if err != nil {
			return false
		}
	}
}

func (p peer) send(s string) { io.WriteString(p.Conn, s) }

// reset ends the connection by RST.
func (p peer) reset() {
	p.Conn.(*net.TCPConn).SetLinger(0)
	p.Close()
}

// serve runs script for every connection, i counting from 0, and closes it afterwards. The test waits for all of them.
func serve(t *testing.T, script func(i int, p peer)) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: ln.Addr().String(), gone: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open = append(s.open, conn)
			s.mu.Unlock()
			i := int(s.conns.Add(1)) - 1
			wg.Go(func() {
				defer conn.Close()
				script(i, peer{conn, s})
			})
		}
	})
	t.Cleanup(func() {
		close(s.gone)
		ln.Close()
		s.mu.Lock()
		for _, conn := range s.open {
			conn.Close()
		}
		s.mu.Unlock()
		wg.Wait()
	})
	return s
}

// wait blocks until the test ends.
func (s *server) wait() { <-s.gone }

// modes runs a test with raw access to sockets and without.
func modes(t *testing.T, test func(t *testing.T, pool func(Target, Limits) *Pool)) {
	for _, slow := range []bool{false, true} {
		name := "raw"
		if slow {
			name = "net"
		}
		t.Run(name, func(t *testing.T) {
			test(t, func(target Target, l Limits) *Pool {
				p := NewPool(target, l)
				p.slow = slow
				t.Cleanup(p.Close)
				return p
			})
		})
	}
}

// long is a timeout that is not to pass.
const long = 30 * time.Second

// do makes one call and checks what must hold for every call.
func do(t *testing.T, p *Pool, a *Answer, timeout time.Duration) {
	t.Helper()
	doRequest(t, p, []byte(getRequest), a, timeout)
}

func doRequest(t *testing.T, p *Pool, req []byte, a *Answer, timeout time.Duration) {
	t.Helper()
	told := time.Time{}
	p.Do(req, timeout, a, func(sent time.Time) {
		if !told.IsZero() {
			t.Error("sending was called twice")
		}
		told = sent
	})
	x := a.Times
	if !told.Equal(x.Sent) {
		t.Errorf("sending was told %v, Sent is %v", told, x.Sent)
	}
	var last time.Time
	for i, now := range []time.Time{x.DialStart, x.Connected, x.Secured, x.Sent, x.Written, x.First, x.Done} {
		if now.IsZero() {
			continue
		}
		if now.Before(last) {
			t.Errorf("instant %d lies before the one before it: %+v", i, x)
		}
		last = now
	}
	if x.Done.IsZero() {
		t.Error("no instant Done")
	}
	if a.Failure == None && (x.Sent.IsZero() || x.Written.IsZero() || x.First.IsZero() || !a.Started) {
		t.Errorf("started %v, instants %+v of an answer", a.Started, x)
	}
	if a.Failure != None && (a.Detail == "" || a.Status != 0 || a.Head != nil || a.Body != nil || a.KeepAlive || a.Extra) {
		t.Errorf("failure with parts of an answer: %+v", a)
	}
	if a.Started && x.Sent.IsZero() {
		t.Error("started, but not sent")
	}
}

func want(t *testing.T, a *Answer, f Failure, started bool) {
	t.Helper()
	if a.Failure != f || a.Started != started {
		t.Errorf("got failure %q (%s), started %v; want %q, %v", a.Failure, a.Detail, a.Started, f, started)
	}
}

func wantStats(t *testing.T, p *Pool, opened, idle int) {
	t.Helper()
	if o, i := p.Stats(); o != opened || i != idle {
		t.Errorf("opened %d, idle %d; want %d, %d", o, i, opened, idle)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) != len(p.idle) {
		t.Errorf("%d connections known, %d idle, and no call in flight", len(p.open), len(p.idle))
	}
}

// eventually waits until cond holds. It fails the test after a time that is out of all proportion.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for range 3000 {
		if cond() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}
