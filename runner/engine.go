package runner

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"

	"axbench/runner/pace"
	"axbench/runner/record"
	"axbench/runner/wire"
)

// engine is the state that dispatcher and workers share. Everything below mu is guarded by it.
type engine struct {
	Config
	started time.Time
	before  connections // of the pool, which may have served other runs
	names   []string    // of the phases
	gauges  *record.Gauges
	book    *record.Collector
	health  *health
	pulse   *pulse
	calls   *calls
	group   sync.WaitGroup // workers

	upcoming    atomic.Int64  // when the arrival is due that the preparer has in hand
	stoppedAt   time.Duration // end of the arrivals
	draining    atomic.Bool
	aborted     atomic.Bool // the drain is over: what ends now is unfinished
	unreachable string      // why no connection could be made; for keep, and read when it has ended

	mu       sync.Mutex
	idle     []*worker // free slots, the last used on top: few connections stay warm
	workers  int       // slots in use or idle
	busy     int
	busiest  int
	queue    queue
	later    laterHeap     // follow-ups and thinking callers, by due
	ceiling  *pace.Ceiling // nil for none
	held     time.Duration // until when the ceiling lets nothing go
	stopping bool          // nothing more is handed out
}

// connections are counts of a pool.
type connections struct{ opened, short int64 }

func connectionsOf(p *wire.Pool) connections {
	opened, _ := p.Stats()
	return connections{int64(opened), p.Short()}
}

// pending is one call that is due: an arrival of the plan or a follow-up.
type pending struct {
	due    time.Duration
	k      int64
	phase  int
	follow *Request // nil for an arrival
}

// call is a pending call in the hands of a worker.
type call struct {
	pending
	req      *Request
	signNS   int64
	slotFree time.Duration // when a slot became free for a call that queued, else 0
}

// now returns the time since the start of the run, on the monotonic clock.
func (e *engine) now() time.Duration { return time.Since(e.started) }

// at returns t as time since the start.
func (e *engine) at(t time.Time) time.Duration { return t.Sub(e.started) }

// offer hands a due call to a free slot, or lets it queue. prepared may be nil: then the worker prepares it. It says
// whether it passed prepared on.
func (e *engine) offer(p pending, prepared *call) (passed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.queue.len() == 0 && e.free() && e.admit() {
		w := e.slot()
		e.count(1)
		if prepared == nil {
			w.work <- w.own(p)
			return false
		}
		w.work <- prepared
		return true
	}
	e.queue.push(p)
	e.gauges.Queued.Add(1)
	return false
}

// admit asks for one call whether it may be sent, by the permission of this generator and by the ceiling. The caller holds mu.
func (e *engine) admit() bool {
	if e.Share != nil && !e.Share.Permit() {
		e.held = e.now() + glance
		return false
	}
	if e.ceiling == nil {
		return true
	}
	if now := e.now(); now < e.held {
		return false
	} else if wait := e.ceiling.Take(now); wait > 0 {
		e.held = now + wait
		return false
	}
	return true
}

// free says whether there is a free slot. The caller holds mu.
func (e *engine) free() bool { return len(e.idle) > 0 || e.workers < e.MaxInFlight }

// count adds n to the calls in flight. The caller holds mu.
func (e *engine) count(n int) {
	e.busy += n
	e.gauges.InFlight.Store(int64(e.busy))
	e.busiest = max(e.busiest, e.busy)
}

// slot returns a free slot; there is one. The caller holds mu.
func (e *engine) slot() *worker {
	if n := len(e.idle); n > 0 {
		w := e.idle[n-1]
		e.idle = e.idle[:n-1]
		return w
	}
	w := newWorker(e, e.workers)
	e.workers++
	e.group.Go(w.run)
	return w
}

// next gives a worker whose call ended the first call of the queue, or puts its slot among the free ones.
func (e *engine) next(w *worker) (pending, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count(-1)
	if e.queue.len() > 0 && !e.stopping && e.admit() {
		e.count(1)
		e.gauges.Queued.Add(-1)
		return e.queue.pop(), true
	}
	e.idle = append(e.idle, w)
	return pending{}, false
}

// release hands queued calls to free slots: it serves those that the ceiling held back.
func (e *engine) release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.queue.len() > 0 && e.free() && e.admit() {
		w := e.slot()
		e.count(1)
		e.gauges.Queued.Add(-1)
		w.work <- w.own(e.queue.pop())
	}
}

// expire takes the calls out of the queue whose patience has ended.
func (e *engine) expire(now time.Duration) []pending {
	e.mu.Lock()
	defer e.mu.Unlock()
	var gone []pending
	for e.queue.len() > 0 && e.queue.first().due+e.Patience <= now {
		gone = append(gone, e.queue.pop())
	}
	e.gauges.Queued.Add(-int64(len(gone)))
	return gone
}

// clear empties the queue.
func (e *engine) clear() []pending {
	e.mu.Lock()
	defer e.mu.Unlock()
	var gone []pending
	for e.queue.len() > 0 {
		gone = append(gone, e.queue.pop())
	}
	e.gauges.Queued.Add(-int64(len(gone)))
	return gone
}

// wait says until when the dispatcher may sleep with regard to the queue, the ceiling and the follow-ups.
func (e *engine) wait(until time.Duration) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.queue.len() > 0 {
		until = min(until, e.queue.first().due+e.Patience)
		if e.held > 0 && e.free() {
			until = min(until, e.held)
		}
	}
	if len(e.later) > 0 {
		until = min(until, e.later[0].due)
	}
	return until
}

// quiet says whether nothing is in flight or queued.
func (e *engine) quiet() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.busy == 0 && e.queue.len() == 0
}

// schedule takes a call that is due later. The dispatcher looks at the heap every few milliseconds at the latest.
func (e *engine) schedule(l later) {
	e.mu.Lock()
	heap.Push(&e.later, l)
	e.mu.Unlock()
}

// dueNow takes one scheduled call that is due out of the heap.
func (e *engine) dueNow(now time.Duration) (later, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.later) == 0 || e.later[0].due > now {
		return later{}, false
	}
	return heap.Pop(&e.later).(later), true
}

// later is something that is due at an instant which an answer decided.
type later struct {
	due    time.Duration
	follow *Request      // a follow-up call, or
	wake   chan struct{} // a caller whose think time ends
}

type laterHeap []later

func (h laterHeap) Len() int           { return len(h) }
func (h laterHeap) Less(i, j int) bool { return h[i].due < h[j].due }
func (h laterHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *laterHeap) Push(x any)        { *h = append(*h, x.(later)) }
func (h *laterHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	old[len(old)-1] = later{}
	*h = old[:len(old)-1]
	return x
}

// queue is a ring of pending calls in order of due, so that the first is always the first to lose its patience.
type queue struct {
	ring    []pending
	head, n int
}

func (q *queue) len() int        { return q.n }
func (q *queue) first() *pending { return &q.ring[q.head] }

func (q *queue) push(p pending) {
	if q.n == len(q.ring) {
		grown := make([]pending, max(64, 2*len(q.ring)))
		for i := range q.n {
			grown[i] = q.ring[(q.head+i)%len(q.ring)]
		}
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.n)%len(q.ring)] = p
	q.n++
}

func (q *queue) pop() pending {
	p := q.ring[q.head]
	q.ring[q.head] = pending{}
	q.head = (q.head + 1) % len(q.ring)
	q.n--
	return p
}
