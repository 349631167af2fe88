package fleet

import (
	"net"
	"sync"
)

// insideLimit is how many bytes may wait for the server to read them, about: one record fits in any case.
const insideLimit = 4 << 20

// insideConn is a connection inside of the process that keeps what is written until the other side reads it, as a socket does. The engine's own pipe
// does not: a server that refuses somebody and a client that is about to say more would wait for each other, and the reason be lost.
type insideConn struct {
	net.Conn

	mu      sync.Mutex
	changed *sync.Cond
	waiting []byte
	err     error // of the other side, or of having been closed
	pumped  sync.WaitGroup
}

func newInsideConn(pipe net.Conn) *insideConn {
	c := &insideConn{Conn: pipe}
	c.changed = sync.NewCond(&c.mu)
	c.pumped.Go(c.pump)
	return c
}

// Write implements net.Conn.
func (c *insideConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.err == nil && len(c.waiting) > insideLimit {
		c.changed.Wait()
	}
	if c.err != nil {
		return 0, c.err
	}
	c.waiting = append(c.waiting, p...)
	c.changed.Broadcast()
	return len(p), nil
}

// Close implements net.Conn.
func (c *insideConn) Close() error {
	err := c.Conn.Close()
	c.fail(net.ErrClosed)
	c.pumped.Wait()
	return err
}

func (c *insideConn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	c.changed.Broadcast()
}

// pump hands over what was written until the connection ends.
func (c *insideConn) pump() {
	for {
		c.mu.Lock()
		for c.err == nil && len(c.waiting) == 0 {
			c.changed.Wait()
		}
		next := c.waiting
		c.waiting = nil
		ended := c.err != nil
		c.changed.Broadcast()
		c.mu.Unlock()
		if ended {
			return
		}
		if _, err := c.Conn.Write(next); err != nil {
			c.fail(err)
			return
		}
	}
}
