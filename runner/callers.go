package runner

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"axbench/runner/pace"
	"axbench/runner/record"
)

// callAll runs the phases of a closed plan one after the other: a phase's callers stop calling at its end, and the next
// phase's begin without waiting for the answers that are still out. It returns when the last phase has ended or ctx has,
// and all callers with it.
func (e *engine) callAll(ctx context.Context) {
	var k atomic.Int64
	var group sync.WaitGroup
	for i, ph := range e.Plan.Phases() {
		shape := ph.Shape.(pace.Callers)
		for n := range shape.N {
			c := &caller{worker: newWorker(e, n), phase: i, end: e.Plan.Start(i + 1), k: &k, think: shape.Think,
				rng: rand.New(rand.NewPCG(e.Seed, uint64(i)<<32|uint64(n)))}
			group.Go(func() { c.run(ctx) })
		}
		if !pause(ctx, e.Plan.Start(i+1)-e.now()) {
			break
		}
	}
	group.Wait()
}

// noConnection is added to the think time behind a call that found no connection: a target that is gone would otherwise be
// knocked at as fast as it refuses.
const noConnection = 100 * time.Millisecond

// caller thinks, calls and waits for the answer, over and over.
type caller struct {
	*worker
	phase int
	end   time.Duration
	k     *atomic.Int64
	think pace.Think
	rng   *rand.Rand
}

func (c *caller) run(ctx context.Context) {
	wake := make(chan struct{}, 1)
	free := max(c.e.now(), c.e.Plan.Start(c.phase))
	x := &c.mine
	x.req = newRequest(c.e.Source)
	for {
		free += c.think.Draw(c.rng.Float64())
		if free >= c.end {
			return
		}
		x.pending = pending{k: c.e.index(c.k.Add(1) - 1), phase: c.phase}
		x.slotFree = 0
		c.e.sign(x)
		// A caller is free to call once its request is ready: signing is part of the gap, not of the latency.
		x.due = max(free, c.e.now())
		if !c.await(ctx, x.due, wake) || !c.begin(ctx, x, wake) {
			return
		}
		c.perform(x)
		c.finish()
		free = c.done
		if c.sample.Kind == record.Failed && !c.sample.WasSent {
			free += noConnection
		}
	}
}

// index returns the index in the run of the n-th call that is made here.
func (e *engine) index(n int64) int64 {
	if e.Share == nil {
		return n
	}
	return e.Share.Index(n)
}

// await sleeps until due by the dispatcher's precise clock. It returns false when ctx ends first.
func (c *caller) await(ctx context.Context, due time.Duration, wake chan struct{}) bool {
	if c.e.now() < due {
		c.e.schedule(later{due: due, wake: wake})
		select {
		case <-wake:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

// begin waits for the ceiling and counts the call among those in flight. It returns false when ctx or the phase ends first.
func (c *caller) begin(ctx context.Context, x *call, wake chan struct{}) bool {
	for x.due < c.end {
		c.e.mu.Lock()
		admitted, held := c.e.admit(), c.e.held
		if admitted {
			c.e.count(1)
		}
		c.e.mu.Unlock()
		if admitted {
			c.e.gauges.Planned[c.phase].Add(1)
			return true
		}
		if held >= c.end || !c.await(ctx, held, wake) {
			return false
		}
		x.slotFree = c.e.now()
	}
	return false
}

// finish is the reverse of begin.
func (c *caller) finish() {
	c.e.mu.Lock()
	c.e.count(-1)
	c.e.mu.Unlock()
}
