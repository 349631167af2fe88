package emulator

import (
	"net"
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
	return &conn{Conn: raw, direct: newDirect(raw), server: l.server, wake: make(chan struct{}, 1)}, nil
}

// conn knows when the last byte of a request was read and when its answer went out. One goroutine uses it at a time.
type conn struct {
	net.Conn
	direct *direct // nil where bytes go through Conn
	server *Server
	wake   chan struct{} // of the waiter
	read   int64         // instant after the last Read, 0 once a call has taken it
	owed   []owed
}

// owed is an answer that is not written yet: the instants at which its request was read and at which it was to go out.
type owed struct{ arrival, due int64 }

func (c *conn) Read(p []byte) (int, error) {
	var n int
	var err error
	if c.direct != nil {
		n, err = c.direct.read(p)
	} else {
		n, err = c.Conn.Read(p)
	}
	c.read = instant()
	return n, err
}

// Write takes the time before it writes: behind the system call the client may already be running on this core.
func (c *conn) Write(p []byte) (int, error) {
	now := int64(0)
	if len(c.owed) > 0 {
		now = instant()
	}
	var n int
	var err error
	if c.direct != nil {
		n, err = c.direct.write(p)
	} else {
		n, err = c.Conn.Write(p)
	}
	if now != 0 {
		for _, o := range c.owed {
			c.server.truth.written(o, now, err == nil)
		}
		c.owed = c.owed[:0]
	}
	return n, err
}

// arrival is when the call being handled was read: for one that came in the same bytes as the call before it, now.
func (c *conn) arrival() int64 {
	at := c.read
	if c.read = 0; at == 0 {
		at = instant()
	}
	return at
}
