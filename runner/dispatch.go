package runner

import (
	"context"
	"time"

	"axbench/results"
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
	ready   <-chan *call // in order of due, from the preparer
	head    *call        // the next one to be offered, if it is known
	next    int64        // index of the first arrival that is not known to be offered or somebody else's
	sleeper *sleeper
	shard   *record.Shard
}

// offerAll offers every arrival of the plan at its due instant, and returns when all were, when no other is ours, or when ctx ends.
func (d *dispatcher) offerAll(ctx context.Context) {
	for ctx.Err() == nil {
		due, more := d.peek()
		if !more {
			return
		}
		now := d.now()
		d.pulse.beat(now)
		if now < due {
			if d.head == nil && d.over(now) {
				return
			}
			d.serve(now)
			d.doze(due)
			continue
		}
		c := d.head
		d.head, d.next = nil, c.k+1
		d.gauges.Planned[c.phase].Add(1)
		d.arrive(c, d.now())
	}
}

// over says that nothing of the plan is ours any more.
func (e *engine) over(now time.Duration) bool { return e.Share != nil && e.Share.Over(now) }

// peek returns when the next arrival is due, and false behind the last one. An arrival that is due is waited for until it is signed.
func (d *dispatcher) peek() (due time.Duration, more bool) {
	if d.head == nil {
		// What is signed at a later time than this is due at this instant or later.
		due = time.Duration(d.upcoming.Load())
		select {
		case c, open := <-d.ready:
			if d.head = c; !open {
				return 0, false
			}
		default:
			if d.now() < due {
				return due, true
			}
			c, open := <-d.ready
			if d.head = c; !open {
				return 0, false
			}
		}
	}
	return d.head.due, true
}

// arrive hands one due arrival on, unless we ourselves are too late with it, or must not send.
func (d *dispatcher) arrive(c *call, now time.Duration) {
	if d.Share != nil && !d.Share.Offer(c.k) || now-c.due > d.MaxLate {
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
	end := int64(0)
	for i := range d.names {
		begin := max(d.next, end)
		end += d.Plan.Count(i)
		rest := max(0, end-begin)
		if d.Share != nil {
			rest = d.Share.Count(begin, begin+rest)
		}
		if rest > 0 {
			d.gauges.Planned[i].Add(rest)
			d.shard.Put(&record.Sample{Phase: i, Kind: record.NotOffered, N: rest, End: now})
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
