package emulator

import (
	"net"
	"sync/atomic"
	"time"
)

// began is the zero of instants: nanoseconds of the machine's own clock.
var began = time.Now()

func instant() int64 { return int64(time.Since(began)) }

// listener wraps connections into conns.
type listener struct {
	net.Listener
	server *Server
}

func (l listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := l.server.newConn(raw)
	if l.server.secure != nil {
		return l.server.secure.wrap(c), nil
	}
	return c, nil
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
	tamper   tamper
	previous []byte // what a deviation remembers of the call before
	closed   atomic.Bool
}

// newConn wraps an accepted connection and counts it.
func (s *Server) newConn(raw net.Conn) *conn {
	c := &conn{Conn: raw, raw: raw, direct: newDirect(raw), server: s, wake: make(chan struct{}, 1)}
	for i := range s.perConn {
		c.limits = append(c.limits, newLimiter(&s.perConn[i], s.rows))
	}
	s.truth.opened()
	return c
}

// owed is an answer that is not written yet: the instants at which its request was read and at which it was to go out.
type owed struct{ arrival, due int64 }

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.get(p)
	c.read = instant()
	return n, err
}

// Write takes the time before it writes: behind the system call the client may already be running on this core.
func (c *conn) Write(p []byte) (int, error) {
	now := int64(0)
	if len(c.owed) > 0 {
		now = instant()
	}
	n, err := len(p), error(nil)
	if c.tamper.pass() {
		n, err = c.put(p)
	} else {
		err = c.tampered(p)
	}
	if now != 0 {
		c.wrote = now
		for _, o := range c.owed {
			c.server.truth.written(o, now, err == nil)
		}
		c.owed = c.owed[:0]
	}
	return n, err
}

// Close may come from the server that stops, while the connection is idle.
func (c *conn) Close() error {
	if !c.closed.Swap(true) {
		c.server.truth.closed()
	}
	return c.Conn.Close()
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
