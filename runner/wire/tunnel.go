package wire

import (
	"io"
	"net"
	"os"
	"time"
)

// tunnel is what crypto/tls sees of a conn. It holds the encrypted request back until tls reads the answer, so that all its
// records leave in one write, right after the instant Sent, and right before the wait.
type tunnel struct{ c *conn }

var _ net.Conn = tunnel{}

// compose looks at a used connection and encrypts the request into c.out. It returns false if the connection is stale.
func (c *conn) compose(req []byte) bool {
	if c.used && !c.quietTLS() {
		return false
	}
	c.stage = composing
	c.block = newBlock()
	c.packed = c.block.b[:0]
	if _, err := c.tls.Write(req); err != nil {
		return false
	}
	if cap(c.packed) > len(c.block.b) {
		c.block.b = c.packed[:cap(c.packed)]
	}
	c.out = c.packed
	return true
}

// quietTLS lets tls take what came while the connection was idle: session tickets and key updates are in order, data and
// the end are not.
func (c *conn) quietTLS() bool {
	if c.raw == nil {
		return true // age decides
	}
	c.stage = probing
	var b [1]byte
	n, err := c.tls.Read(b[:])
	if n > 0 {
		c.pool.stray.Add(1)
	}
	return n == 0 && err == error(errNothing)
}

// nothing is the error of a look that found nothing. It counts as temporary, so tls goes on after it.
type nothing struct{}

var errNothing = nothing{}

func (nothing) Error() string   { return "nothing to read" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

// errStale ends a read on a connection that was found stale.
const errStale = problem("stale connection")

func (t tunnel) Read(b []byte) (n int, err error) {
	c := t.c
	switch {
	case c.stage == securing:
		n, err = c.tcp.Read(b)
	case c.raw == nil:
		n, err = c.read(b)
	default:
		n, err = c.poll(b)
	}
	c.torn = c.torn || err == io.EOF
	return n, err
}

func (t tunnel) Write(b []byte) (int, error) {
	c := t.c
	if c.stage == composing {
		c.packed = append(c.packed, b...)
		return len(b), nil
	}
	if c.stage != securing { // an answer to a key update: short, but not to wait for without end
		c.tcp.SetWriteDeadline(time.Now().Add(c.timeout))
	}
	return c.tcp.Write(b)
}

func (t tunnel) Close() error                       { return t.c.tcp.Close() }
func (t tunnel) LocalAddr() net.Addr                { return t.c.tcp.LocalAddr() }
func (t tunnel) RemoteAddr() net.Addr               { return t.c.tcp.RemoteAddr() }
func (t tunnel) SetDeadline(d time.Time) error      { return t.c.tcp.SetDeadline(d) }
func (t tunnel) SetReadDeadline(d time.Time) error  { return t.c.tcp.SetReadDeadline(d) }
func (t tunnel) SetWriteDeadline(d time.Time) error { return t.c.tcp.SetWriteDeadline(d) }

// passed says whether the deadline of the call has passed at now.
func (c *conn) passed(now time.Time) bool {
	return !c.deadline.IsZero() && !now.Before(c.deadline)
}

// rearm handles a read deadline that passed: it is that of the call, or an earlier one that is moved.
func (c *conn) rearm() error {
	now := time.Now()
	if c.passed(now) {
		return os.ErrDeadlineExceeded
	}
	if c.deadline.IsZero() {
		c.arm(now.Add(c.timeout))
	} else {
		c.arm(c.deadline)
	}
	return nil
}
