package runner

import (
	"context"
	"sync"
	"time"

	"axbench/runner/pace"
)

const lookAhead = 512 // calls that wait signed

// calls recycles calls between the preparer and the workers.
type calls struct {
	pool sync.Pool
}

func newCalls(s Source) *calls {
	return &calls{sync.Pool{New: func() any { return &call{req: newRequest(s)} }}}
}

func newRequest(s Source) *Request { return &Request{Memo: s.NewMemo()} }

func (c *calls) get() *call  { return c.pool.Get().(*call) }
func (c *calls) put(x *call) { c.pool.Put(x) }

// prepare walks the plan and signs each call some time before it is due, so that signing is in none of the latencies.
// It ends with the plan or with ctx, and closes out. It is the only one who walks the plan: upcoming says when the arrival is due
// that it has in hand.
func (e *engine) prepare(ctx context.Context, cursor *pace.Cursor, pool *calls, out chan<- *call) {
	defer close(out)
	for {
		a, ok := cursor.Next()
		if !ok {
			return
		}
		e.upcoming.Store(int64(a.Due))
		if early := a.Due - e.now() - e.LookAhead; early > 0 && !pause(ctx, early) {
			return
		}
		if e.Share != nil && !e.Share.Mine(a.K) {
			continue
		}
		c := pool.get()
		c.pending = pending{due: a.Due, k: a.K, phase: a.Phase}
		c.slotFree = 0
		e.sign(c)
		select {
		case out <- c:
		case <-ctx.Done():
			return
		}
	}
}

// sign prepares the request of an arrival.
func (e *engine) sign(c *call) {
	begin := time.Now()
	c.req.K, c.req.Phase = c.k, c.phase
	e.Source.Prepare(c.req, c.k, begin)
	c.signNS = int64(time.Since(begin))
}

// pause waits for d, or until ctx ends: then it returns false.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
