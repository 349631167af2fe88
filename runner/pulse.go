package runner

import (
	"sync"
	"sync/atomic"
	"time"

	"axbench/runner/record"
)

// stallLeast is the shortest absence that is noted: less is what a timer may be late by.
const stallLeast = time.Millisecond

// pulse notes when the dispatcher was away. It looks around every glance at the latest, whether or not a call is due, so a process
// that was stopped, suspended or starved shows as a gap, at any rate and in both models.
type pulse struct {
	last   time.Duration // when it looked around; last and rested are the dispatcher's own
	rested time.Duration // how long it meant to sleep since then
	seen   atomic.Int64  // last, for the goroutine that keeps the accounts

	mu     sync.Mutex
	stalls []record.Stall
}

// newPulse returns a pulse that begins now.
func newPulse(now time.Duration) *pulse {
	p := &pulse{last: now}
	p.seen.Store(int64(now))
	return p
}

// beat is told each time that the dispatcher looks around.
func (p *pulse) beat(now time.Duration) {
	if from := p.last + p.rested; now-from >= stallLeast {
		p.mu.Lock()
		p.stalls = append(p.stalls, record.Stall{From: from, To: now})
		p.mu.Unlock()
	}
	p.last, p.rested = now, 0
	p.seen.Store(int64(now))
}

// rest is told before a sleep.
func (p *pulse) rest(d time.Duration) { p.rested += d }

// knows says whether all stalls that began before t are known.
func (p *pulse) knows(t time.Duration) bool { return time.Duration(p.seen.Load()) >= t }

// take returns the stalls that began before end, and forgets those that were over by then.
func (p *pulse) take(end time.Duration) []record.Stall {
	p.mu.Lock()
	defer p.mu.Unlock()
	var taken []record.Stall
	kept := p.stalls[:0]
	for _, s := range p.stalls {
		if s.From < end {
			taken = append(taken, s)
		}
		if s.To > end {
			kept = append(kept, s)
		}
	}
	p.stalls = kept
	return taken
}
