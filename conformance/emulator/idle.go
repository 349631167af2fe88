package emulator

import (
	"context"
	"sync"
	"time"
)

// registry has the connections of one server, so that idle ones can be closed. A deadline for each request would cost a tenth of
// the call. It is safe for concurrent use.
type registry struct {
	mu    sync.Mutex
	conns map[*conn]reader
	until time.Time     // the read deadline of every connection once the server stops
	empty chan struct{} // told each time that there is none left; has room for one
}

// reader is who reads a connection.
type reader uint8

const (
	byUs reader = iota
	byOther
)

func newRegistry() *registry {
	return &registry{conns: map[*conn]reader{}, empty: make(chan struct{}, 1)}
}

func (r *registry) add(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns[c] = byUs
	if !r.until.IsZero() {
		_ = c.Conn.SetReadDeadline(r.until)
	}
}

// hand gives a connection to a server that looks after idle ones and stops by itself.
func (r *registry) hand(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, open := r.conns[c]; !open {
		return
	}
	r.conns[c] = byOther
	c.idle.Store(0)
	_ = c.raw.SetReadDeadline(time.Time{})
}

func (r *registry) remove(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
	if len(r.conns) == 0 {
		select {
		case r.empty <- struct{}{}:
		default:
		}
	}
}

// drain waits until no connection is left: the HTTP server ends before it has closed its last ones.
func (r *registry) drain(ctx context.Context) {
	for r.count() > 0 {
		select {
		case <-r.empty:
		case <-ctx.Done():
			return
		}
	}
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}

// claimed is the idle time of a connection that is being closed because of it.
const claimed = -1

// sweep closes the connections that have been idle for a time.
func (r *registry) sweep(now int64, idle time.Duration) {
	var over []*conn
	r.mu.Lock()
	for c := range r.conns {
		if since := c.idle.Load(); since > 0 && now-since >= int64(idle) && c.idle.CompareAndSwap(since, claimed) {
			over = append(over, c)
		}
	}
	r.mu.Unlock()
	for _, c := range over {
		_ = c.Close()
	}
}

// stop ends the connections that are idle, and gives those that are reading a time to come to an end: half of a request may
// never be followed by the rest, and a new connection may have sent its first.
func (r *registry) stop(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until = until
	for c, by := range r.conns {
		if by != byUs {
			continue
		}
		at := until
		if since := c.idle.Load(); since > 0 && c.used.Load() && c.idle.CompareAndSwap(since, claimed) {
			at = time.Now() // between two calls; who reads it closes it
		}
		_ = c.Conn.SetReadDeadline(at)
	}
}

// sweepTime is how often the connections are looked at: an idle one is closed by so much late.
const sweepTime = time.Second

// sweepIdle closes idle connections until the server stops.
func (s *Server) sweepIdle() {
	if s.idle <= 0 {
		return
	}
	for s.sleep(max(min(sweepTime, s.idle/4), time.Millisecond)) {
		s.registry.sweep(instant(), s.idle)
	}
}
