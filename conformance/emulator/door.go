package emulator

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// door is the listener of a server whose faults refuse connections: while it is shut nobody listens. It is safe for
// concurrent use.
type door struct {
	network, address string
	addr             net.Addr
	patience         time.Duration // see listenPatience

	mu     sync.Mutex
	inner  net.Listener  // nil while it is shut
	moved  chan struct{} // closed when inner changes
	closed bool
}

func newDoor(l net.Listener) *door {
	return &door{network: l.Addr().Network(), address: l.Addr().String(), addr: l.Addr(), patience: listenPatience, inner: l, moved: make(chan struct{})}
}

// Addr is the address, also while nobody listens there.
func (d *door) Addr() net.Addr { return d.addr }

// Accept waits while the door is shut.
func (d *door) Accept() (net.Conn, error) {
	for {
		inner, moved, closed := d.state()
		switch {
		case closed:
			return nil, net.ErrClosed
		case inner == nil:
			<-moved
			continue
		}
		c, err := inner.Accept()
		if err == nil {
			return c, nil
		}
		if now, _, closed := d.state(); !closed && now == inner {
			return nil, err
		}
	}
}

func (d *door) state() (net.Listener, chan struct{}, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inner, d.moved, d.closed
}

// move puts another listener, or nobody, in the place of the one that was there. It returns false when the door is closed
// for good; then l is not taken.
func (d *door) move(l net.Listener) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	if d.inner != nil {
		_ = d.inner.Close()
	}
	d.inner = l
	close(d.moved)
	d.moved = make(chan struct{})
	return true
}

// Close ends it for good.
func (d *door) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	close(d.moved)
	if d.inner != nil {
		return d.inner.Close()
	}
	return nil
}

// How long to try to listen again: another process may have taken the port meanwhile, if only for a moment.
const (
	listenPatience = 5 * time.Second
	listenAgain    = 10 * time.Millisecond
)

// reopen listens again. It returns nil when ctx is done first.
func (d *door) reopen(ctx context.Context) error {
	for end := time.Now().Add(d.patience); ; {
		l, err := new(net.ListenConfig).Listen(ctx, d.network, d.address)
		switch {
		case err == nil:
			if !d.move(l) {
				_ = l.Close()
			}
			return nil
		case ctx.Err() != nil:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("fault refuse: cannot listen again: %w", err)
		}
		wait(ctx, listenAgain)
	}
}

// wait returns true after d, and false at once when ctx is done.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// keep shuts and opens the door by the windows of the faults until ctx is done or no window is left. An error means that
// nobody listens any more.
func (f *faults) keep(ctx context.Context, d *door) error {
	select {
	case <-ctx.Done():
		return nil
	case <-f.origin.begun:
	}
	for {
		at := f.origin.since(instant())
		from, to, ok := f.shut.next(at)
		if !ok || !wait(ctx, time.Duration(from-at)) {
			return nil
		}
		if at = f.origin.since(instant()); at >= to {
			continue // a machine that slept
		}
		for _, x := range f.refuse {
			if x.window.open(at) {
				x.hits.Add(1)
			}
		}
		d.move(nil)
		if !wait(ctx, time.Duration(to-at)) {
			return nil
		}
		if err := d.reopen(ctx); err != nil {
			return err
		}
	}
}
