package conformance

import (
	"context"
	"strconv"
	"time"
)

// pacer keeps the calls of cases below a rate, slows down when a flow limit is met, and finds its way back when it is not. Turns that
// nobody took are not made up for.
type pacer struct {
	rate    float64 // calls a second; 0 is no bound
	ceiling float64 // that rate never exceeds; 0 is none
	next    time.Time
	met     int // how often a flow limit was met
}

// free is the rate at which a pacer that was slowed down lets go.
const free = 500

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

// faster is told that a call was not refused for its rate.
func (p *pacer) faster() {
	if p.rate <= 0 || p.met == 0 {
		return
	}
	p.rate *= 1.05
	switch {
	case p.ceiling > 0:
		p.rate = min(p.rate, p.ceiling)
	case p.rate >= free:
		p.rate = 0
	}
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
