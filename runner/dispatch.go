package runner

import (
	"context"
	"time"

	"axbench/results"
	"axbench/runner/pace"
	"axbench/runner/record"
)

const (
	// spin is how long before an arrival the dispatcher stops sleeping: about what a wake-up costs.
	spin = 15 * time.Microsecond
	// quantum is the shortest sleep. Above 10,000 arrivals a second it gathers several into one wake-up.
	quantum = 100 * time.Microsecond
	// glance is the longest sleep: follow-ups, expired patience and an interrupt are seen that late at most.
	glance = 2 * time.Millisecond
)

// dispatcher waits for the due instants of the plan. It is the only one who does, and it never waits for the target.
type dispatcher struct {
	*engine
	cursor  *pace.Cursor
	ready   <-chan *call
	sleeper *sleeper
	shard   *record.Shard
	planned int64 // arrivals taken from the plan
}

// offerAll offers every arrival of the plan at its due instant, and returns when all were, or when ctx ends.
func (d *dispatcher) offerAll(ctx context.Context) {
	a, ok := d.cursor.Next()
	for ok && ctx.Err() == nil {
		now := d.now()
		d.pulse.beat(now)
		if now < a.Due {
			d.serve(now)
			d.doze(a.Due)
			continue
		}
		c := <-d.ready
		if c == nil {
			return // the preparer stopped: so did ctx
		}
		d.gauges.Planned[a.Phase].Add(1)
		d.planned++
		d.arrive(c, d.now())
		a, ok = d.cursor.Next()
	}
}

// arrive hands one due arrival on, unless we ourselves are too late with it.
func (d *dispatcher) arrive(c *call, now time.Duration) {
	if now-c.due > d.MaxLate {
		d.account(record.NotOffered, c.pending, now)
		d.calls.put(c)
		return
	}
	if !d.offer(c.pending, c) {
		d.calls.put(c)
	}
}

// doze sleeps towards an arrival, but not past anything else that the dispatcher has to see to.
func (d *dispatcher) doze(due time.Duration) {
	now := d.now()
	until := d.wait(min(due, now+glance))
	if left := until - now; left > spin {
		d.sleep(max(left-spin, min(quantum, due-now)))
	}
}

// sleep sleeps, and lets the pulse know.
func (d *dispatcher) sleep(t time.Duration) {
	d.pulse.rest(t)
	d.sleeper.sleep(t)
}

// serve sees to everything but arrivals: scheduled calls that are due, calls the ceiling held back, ended patience.
func (d *dispatcher) serve(now time.Duration) {
	for l, ok := d.dueNow(now); ok; l, ok = d.dueNow(now) {
		if l.wake != nil {
			l.wake <- struct{}{}
			continue
		}
		d.offer(pending{due: l.due, k: -1, follow: l.follow}, nil)
	}
	for _, p := range d.expire(now) {
		d.account(record.Dropped, p, now)
	}
	d.release()
}

// account records a call that was never sent.
func (d *dispatcher) account(kind record.Kind, p pending, now time.Duration) {
	s := record.Sample{Phase: p.phase, Kind: kind, N: 1, End: now}
	if p.follow != nil {
		s.Phase = record.FollowUps
	}
	s.Clocks[results.ClockResponse] = int64(now - p.due)
	d.shard.Put(&s)
}

// drain waits until nothing is in flight, at most until the drain time is over, and gives up what is then still open.
// A stopped run forgets its queue; otherwise the queue is served to its end.
func (d *dispatcher) drain(stopped bool) {
	deadline := d.now() + d.Drain
	if stopped {
		d.stopHanding(record.NotOffered)
	}
	for now := d.now(); now < deadline && !d.quiet(); now = d.now() {
		d.pulse.beat(now)
		d.serve(now)
		d.sleep(glance)
	}
	d.pulse.beat(d.now())
	d.giveUp()
	d.stopHanding(record.Unfinished)
	d.Pool.Abort()
}

// stopHanding empties the queue: nothing is handed out any more.
func (d *dispatcher) stopHanding(kind record.Kind) {
	d.mu.Lock()
	d.stopping = true
	d.mu.Unlock()
	now := d.now()
	for _, p := range d.clear() {
		d.account(kind, p, now)
	}
}

// forget accounts for what the plan still holds, and for follow-ups that were not due yet.
func (d *dispatcher) forget() {
	now := d.now()
	rest := make([]int64, len(d.names))
	for i := range rest {
		rest[i] = d.Plan.Count(i) - d.gauges.Planned[i].Load()
		if rest[i] > 0 {
			d.gauges.Planned[i].Add(rest[i])
			d.shard.Put(&record.Sample{Phase: i, Kind: record.NotOffered, N: rest[i], End: now})
		}
	}
	d.mu.Lock()
	left := int64(0)
	for _, l := range d.later {
		if l.follow != nil {
			left++
		}
	}
	d.later = nil
	d.mu.Unlock()
	if left > 0 {
		d.shard.Put(&record.Sample{Phase: record.FollowUps, Kind: record.NotOffered, N: left, End: now})
	}
}
