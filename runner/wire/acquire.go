package wire

import (
	"context"
	"slices"
	"time"
)

// waiter is a call that found no idle connection and no place to open one.
type waiter struct {
	got chan *conn // a connection that became idle, or nil for a place to open one
}

// acquire gets a connection for a call that found none idle. It opens one, but only so many at once (maxDials): when
// calls come faster than connections can be opened, each new connection makes all of this slower, and connections that
// become idle meanwhile serve just as well. What it takes is Times.Connected - Times.DialStart. It returns nil if a has
// the failure.
func (p *Pool) acquire(flight context.Context, timeout time.Duration, a *Answer) *conn {
	if p.limits.DialTimeout > 0 {
		timeout = p.limits.DialTimeout
	}
	a.Times.DialStart = time.Now()
	p.mu.Lock()
	if p.dials >= p.maxDials() {
		w := &waiter{got: make(chan *conn, 1)}
		p.wait = append(p.wait, w)
		p.mu.Unlock()
		if c, ok := p.await(flight, w, timeout, a); !ok || c != nil {
			return c
		}
		timeout -= time.Since(a.Times.DialStart)
	} else {
		p.dials++
		p.mu.Unlock()
	}
	defer p.endDial()
	began := time.Now()
	dialled := make(chan *conn, 1)
	go func() { dialled <- p.dial(flight, timeout, a) }() // dialling needs several times the stack of a call
	c := <-dialled
	if c != nil {
		p.noteDial(time.Since(began))
	}
	return c
}

// The bounds of maxDials without a limit of the caller's, and how much of a dial is taken for work of this machine.
const (
	leastDials = 8
	mostDials  = 256
	dialWork   = 500 * time.Microsecond
)

// maxDials returns how many connections may be opened at once. A dial over a network is waiting: many may wait. A dial on
// this machine is work, and more of them at once only take longer. The fastest dial so far tells which it is: a busy
// machine makes none faster. The caller holds mu.
func (p *Pool) maxDials() int {
	if p.limits.MaxDials > 0 {
		return p.limits.MaxDials
	}
	return min(mostDials, leastDials+int(p.fastest/dialWork))
}

func (p *Pool) noteDial(took time.Duration) {
	p.mu.Lock()
	if p.fastest == 0 || took < p.fastest {
		p.fastest = took
	}
	p.mu.Unlock()
}

// await waits for what w gets: a connection, or a place to open one (nil and true). It returns false if a has the failure.
func (p *Pool) await(flight context.Context, w *waiter, timeout time.Duration, a *Answer) (*conn, bool) {
	late := time.NewTimer(timeout)
	defer late.Stop()
	detail := Aborted
	select {
	case c := <-w.got:
		if c != nil {
			a.Times.Connected = time.Now()
		}
		return c, true
	case <-flight.Done():
	case <-late.C:
		detail = "no connection in time"
	}
	p.leave(w)
	a.fail(Timeout, detail)
	return nil, false
}

// leave takes w out of the queue, and passes on what it was given in the same moment.
func (p *Pool) leave(w *waiter) {
	p.mu.Lock()
	if i := slices.Index(p.wait, w); i >= 0 {
		p.wait = slices.Delete(p.wait, i, i+1)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	if c := <-w.got; c != nil {
		p.put(c)
	} else {
		p.endDial()
	}
}

// nextWaiter takes the longest waiting call out of the queue, nil if there is none. The caller holds mu.
func (p *Pool) nextWaiter() *waiter {
	if len(p.wait) == 0 {
		return nil
	}
	w := p.wait[0]
	p.wait[0] = nil
	p.wait = p.wait[1:]
	return w
}

// endDial gives the place of a connection that is opened, or failed, to the next call.
func (p *Pool) endDial() {
	p.mu.Lock()
	w := p.nextWaiter()
	if w == nil {
		p.dials--
	}
	p.mu.Unlock()
	if w != nil {
		w.got <- nil
	}
}
