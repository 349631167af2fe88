package runner

import (
	"time"

	"axbench/results"
	"axbench/runner/record"
	"axbench/runner/wire"
)

// worker is one slot: it has at most one call in flight.
type worker struct {
	e       *engine
	work    chan *call
	shard   *record.Shard
	mine    call // for calls that queued and for follow-ups
	answer  wire.Answer
	outcome Outcome
	sample  record.Sample
	sending func(time.Time)
	current *call
	done    time.Duration // when the last answer was read
}

func newWorker(e *engine, i int) *worker {
	w := &worker{e: e, work: make(chan *call, 1), shard: e.book.Shard(i)}
	w.sending = w.sent
	return w
}

// own puts a pending call into the worker's own call, unsigned.
func (w *worker) own(p pending) *call {
	w.mine.pending = p
	w.mine.slotFree = -1
	return &w.mine
}

// run serves the slot until its channel is closed.
func (w *worker) run() {
	for c := range w.work {
		for {
			w.perform(c)
			if c != &w.mine {
				w.e.calls.put(c)
			}
			p, more := w.e.next(w)
			if !more {
				break
			}
			c = w.own(p)
		}
	}
}

// perform makes one call, from signing where that is still to be done to the sample.
func (w *worker) perform(c *call) {
	if c.slotFree < 0 {
		w.sign(c)
	}
	if w.e.Share != nil && !w.e.Share.Permit() { // it ended since the call was handed over
		w.withhold(c)
		return
	}
	w.current = c
	w.e.Pool.Do(c.req.Bytes, w.e.Timeout, &w.answer, w.sending)
	w.outcome.reset()
	name := results.FollowUpPhase
	if c.follow == nil {
		name = w.e.names[c.phase]
	}
	w.e.Judge.Judge(c.req, &w.answer, name, &w.outcome)
	w.record(c)
	for _, f := range w.outcome.FollowUps {
		w.e.gauges.Follows.Add(1)
		w.e.schedule(later{due: w.done + f.Delay, follow: f.Request})
	}
	w.answer.Release() // an idle slot holds no buffers
}

// withhold accounts for a call that must not be sent any more.
func (w *worker) withhold(c *call) {
	w.done = w.e.now()
	s := &w.sample
	*s = record.Sample{Phase: c.phase, Kind: record.NotOffered, N: 1, End: w.done}
	if c.follow != nil {
		s.Phase = record.FollowUps
	}
	s.Clocks[results.ClockResponse] = int64(w.done - c.due)
	w.shard.Put(s)
}

// sign prepares a call that waited, for now. What that takes belongs to its stay in the queue.
func (w *worker) sign(c *call) {
	switch {
	case c.follow != nil:
		begin := time.Now()
		c.req = c.follow
		w.e.Source.Refresh(c.req, begin)
		c.signNS = int64(time.Since(begin))
	default:
		if c.req == nil || c.req.K < 0 {
			c.req = newRequest(w.e.Source)
		}
		w.e.sign(c)
	}
	c.slotFree = w.e.now()
}

// sent is told by the wire just before the first byte.
func (w *worker) sent(at time.Time) {
	c := w.current
	if c.follow != nil {
		w.e.gauges.FollowTx.Add(1)
	} else {
		w.e.gauges.Sent[c.phase].Add(1)
	}
	w.e.Judge.Sending(c.req, at)
}

// record turns times and outcome into a sample.
func (w *worker) record(c *call) {
	s, a, o := &w.sample, &w.answer, &w.outcome
	*s = record.Sample{Phase: c.phase, Good: o.Good, Expected: o.Expected, Class: o.Class, Code: o.Code, Status: o.Status, N: 1}
	if c.follow != nil {
		s.Phase = record.FollowUps
	}
	switch {
	case a.Failure == wire.None:
		s.Kind = record.Done
	case w.e.gaveUp():
		s.Kind = record.Unfinished
	default:
		s.Kind = record.Failed
	}
	w.done = w.e.at(a.Times.Done)
	s.End = w.done
	s.WasSent, s.Secured = a.Started, !a.Times.Secured.IsZero()
	measure(&s.Clocks, c, w.e.started, &a.Times)
	w.shard.Put(s)
}

// measure computes the clocks of DESIGN "Time" from the instants of one call.
func measure(clocks *[results.NumClocks]int64, c *call, started time.Time, t *wire.Times) {
	due := started.Add(c.due)
	clocks[results.ClockResponse] = int64(t.Done.Sub(due))
	clocks[results.ClockSign] = c.signNS
	if t.Sent.IsZero() {
		return
	}
	clocks[results.ClockService] = int64(t.Done.Sub(t.Sent))
	lag := int64(t.Sent.Sub(due))
	queued := max(0, int64(c.slotFree-c.due))
	if c.slotFree == 0 {
		queued = 0
	}
	connect := int64(0)
	if !t.DialStart.IsZero() {
		connected := t.Connected
		if !t.Secured.IsZero() {
			connected = t.Secured
			clocks[results.ClockTLS] = int64(t.Secured.Sub(t.Connected))
		}
		connect = int64(connected.Sub(t.DialStart))
	}
	clocks[results.ClockLag] = lag
	clocks[results.ClockQueued] = queued
	clocks[results.ClockConnect] = connect
	clocks[results.ClockLate] = max(0, lag-queued-connect)
	if t.Written.IsZero() {
		return
	}
	clocks[results.ClockWrite] = int64(t.Written.Sub(t.Sent))
	if t.First.IsZero() {
		return
	}
	clocks[results.ClockWait] = int64(t.First.Sub(t.Written))
	clocks[results.ClockRead] = int64(t.Done.Sub(t.First))
}
