package conformance

import (
	"context"
	"strconv"
	"time"
)

// pacer keeps the calls of cases below a rate, and slows down when a flow limit is met. Turns that nobody took are not made up
// for.
type pacer struct {
	rate float64 // calls a second; 0 is no bound
	next time.Time
	met  int // how often a flow limit was met
}

// wait waits for the next turn.
func (p *pacer) wait(ctx context.Context) {
	if p.rate <= 0 {
		return
	}
	now := time.Now()
	if p.next.After(now) {
		sleep(ctx, p.next.Sub(now))
		now = p.next
	}
	p.next = now.Add(time.Duration(float64(time.Second) / p.rate))
}

// slower is told that a flow limit answered the try of that number, and pauses before the next one.
func (p *pacer) slower(ctx context.Context, try int) {
	p.met++
	switch {
	case p.rate <= 0 || p.rate > 50:
		p.rate = 50
	case p.rate > 1:
		p.rate *= 0.7
	}
	sleep(ctx, time.Duration(250<<min(try, 3))*time.Millisecond)
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
