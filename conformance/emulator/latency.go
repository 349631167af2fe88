package emulator

import "time"

// latency says when an answer is to go out. It is safe for concurrent use.
type latency struct {
	seed   uint64
	origin *origin
	main   *draw
	queue  *queue    // instead of main; nil for none
	stalls *timeline // nil for none

	codes      map[*row]*draw // nil for none
	operations map[string]*draw
}

func newLatency(cfg *Config, t *rows, from *origin) *latency {
	c := &cfg.Latency
	l := &latency{seed: uint64(cfg.Seed), origin: from, main: newDraw(&c.Times)}
	if c.Queue != nil {
		l.queue = newQueue(c.Queue.Servers, int64(c.Queue.Service))
	}
	if windows := c.windows(); len(windows) > 0 {
		l.stalls = newTimeline(windows)
	}
	for name, s := range c.ByCode {
		if l.codes == nil {
			l.codes = map[*row]*draw{}
		}
		l.codes[t.find(name)] = newDraw(&s.Times)
	}
	for name, s := range c.ByOperation {
		if l.operations == nil {
			l.operations = map[string]*draw{}
		}
		l.operations[name] = newDraw(&s.Times)
	}
	return l
}

// own returns the distribution of a call that the main one does not hold for, else nil. r is nil for a call that was not
// decided.
func (l *latency) own(c *call, r *row) *draw {
	if l.codes == nil && l.operations == nil {
		return nil
	}
	if d := l.codes[r]; d != nil {
		return d
	}
	if c.op == nil {
		return nil
	}
	return l.operations[c.op.Name]
}

// due returns when the answer to call k, read at the instant arrival, is to be written. own replaces the main latency.
func (l *latency) due(k uint64, arrival int64, own *draw) int64 {
	at := arrival
	if l.stalls != nil {
		at = l.moving(arrival)
	}
	switch {
	case own != nil:
		at += own.of(l.seed, k)
	case l.queue != nil:
		at = l.queue.served(at)
	default:
		at += l.main.of(l.seed, k)
	}
	if l.stalls != nil {
		at = l.standing(at)
	}
	return at
}

// moving turns an instant into time without the stalls, and standing turns it back.
func (l *latency) moving(at int64) int64 {
	first := l.origin.at.Load()
	return first + l.stalls.moving(at-first)
}

func (l *latency) standing(at int64) int64 {
	first := l.origin.at.Load()
	return first + l.stalls.standing(at-first)
}

// queueTruth is the record of the queue up to an instant; nil without a queue or a call.
func (l *latency) queueTruth(now int64) *QueueTruth {
	first := l.origin.at.Load()
	if l.queue == nil || first == 0 || now <= first {
		return nil
	}
	if l.stalls != nil {
		first, now = l.moving(first), l.moving(now)
	}
	return l.queue.truth(first, now)
}

// pause is how long a call may be early without being held back: less than a timer's own error.
const pause = 5 * time.Microsecond
