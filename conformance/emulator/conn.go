package emulator

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// began is the zero of instants: nanoseconds of the machine's own clock.
var began = time.Now()

func instant() int64 { return int64(time.Since(began)) }

// listener wraps connections into conns, those that no fault resets.
type listener struct {
	net.Listener
	server *Server
}

func (l listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if f := l.server.faults; f != nil && !f.accept(raw) {
			l.server.truth.opened()
			l.server.truth.closed()
			continue
		}
		return l.server.take(raw), nil
	}
}

// take wraps an accepted connection as the HTTP server is to have it.
func (s *Server) take(raw net.Conn) (out net.Conn) {
	c := s.newConn(raw)
	out = c
	if s.secure != nil {
		out = s.secure.wrap(c)
	}
	s.registry.add(c) // as it is now: others may close it from here on
	return out
}

// conn knows when the last byte of a request was read and when its answer went out. One goroutine uses it at a time.
type conn struct {
	net.Conn          // what bytes of HTTP go through
	raw      net.Conn // the TCP connection below
	direct   *direct  // nil where bytes go through Conn
	server   *Server
	limits   []*limiter    // those counted by connection
	wake     chan struct{} // of the waiter
	read     int64         // instant after the last Read, 0 once a call has taken it
	wrote    int64         // instant of the last answer, 0 before it
	owed     []owed
	tamper   tamper       // of the call that is being handled
	previous []byte       // what a deviation remembers of the call before
	held     []byte       // of an answer that is not whole yet
	idle     atomic.Int64 // instant since which it is idle; 0 while a call is read or answered; claimed when it is being closed
	used     atomic.Bool  // something was read
	closed   atomic.Bool
}

// newConn wraps an accepted connection and counts it.
func (s *Server) newConn(raw net.Conn) *conn {
	c := &conn{Conn: raw, raw: raw, direct: newDirect(raw), server: s, wake: make(chan struct{}, 1)}
	for i := range s.perConn {
		c.limits = append(c.limits, newLimiter(&s.perConn[i], s.rows))
	}
	c.idle.Store(instant())
	s.truth.opened()
	return c
}

// owed is an answer that is not written yet.
type owed struct {
	arrival, due int64   // the instants at which its request was read and at which it is to go out
	row          *row    // nil for a call that was not decided
	fate         *tamper // nil for an answer that goes out as it is
	bare         bool    // it answers a HEAD, which has no body
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.get(p)
	c.read = instant()
	if n > 0 && c.idle.Swap(0) == claimed {
		return 0, io.EOF
	}
	if n > 0 && !c.used.Load() {
		c.used.Store(true)
	}
	if n == 0 && c.idle.Load() != 0 {
		return 0, io.EOF // between two calls the end is the end, whatever it was
	}
	return n, err
}

// Write takes the time before it writes: behind the system call the client may already be running on this core.
func (c *conn) Write(p []byte) (int, error) {
	if c.server.tampers() {
		if err := c.writeEach(p); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	now := int64(0)
	if len(c.owed) > 0 {
		now = instant()
	}
	n, err := c.put(p)
	if now != 0 {
		for _, o := range c.owed {
			c.settle(o, now, err == nil)
		}
		c.owed = c.owed[:0]
	}
	return n, err
}

// Close may come from the server that stops, while the connection is idle.
func (c *conn) Close() error {
	first := !c.closed.Swap(true)
	err := c.Conn.Close()
	if first {
		c.server.truth.closed()
		c.server.registry.remove(c) // the last: without it the server may end
	}
	return err
}

func (c *conn) get(p []byte) (int, error) {
	if c.direct != nil {
		return c.direct.read(p)
	}
	return c.Conn.Read(p)
}

func (c *conn) put(p []byte) (int, error) {
	if c.direct != nil {
		return c.direct.write(p)
	}
	return c.Conn.Write(p)
}

// arrival is when the call being handled was read: for one that came in the same bytes as the call before it, now.
func (c *conn) arrival() int64 {
	at := c.read
	if c.read = 0; at == 0 {
		at = instant()
	}
	return at
}
