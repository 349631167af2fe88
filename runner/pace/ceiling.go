package pace

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

// Ceiling is a bound on calls per second over any stretch of time: golang.org/x/time/rate on the time it is given, so
// that a stall of the caller is not made up for (on the wall clock it would be: the tokens of the stall go out in a burst).
// It is for one goroutine.
type Ceiling struct {
	lim *rate.Limiter
}

// epoch is an arbitrary instant to put durations on.
var epoch = time.Unix(1_000_000_000, 0)

// NewCeiling returns a ceiling that lets a hundredth of a second's worth of calls, at least one, go at once.
func NewCeiling(r Rate) *Ceiling {
	return &Ceiling{rate.NewLimiter(rate.Limit(r.Float()), max(1, int(math.Ceil(r.Float()/100))))}
}

// Reserve takes the place of one call at instant t since the start, and returns how long that call has to wait. t must
// not decrease from call to call.
func (c *Ceiling) Reserve(t time.Duration) time.Duration {
	now := epoch.Add(t)
	return c.lim.ReserveN(now, 1).DelayFrom(now)
}

// Take takes the place of one call at instant t and returns 0, or takes nothing and returns how long there is none. t
// must not decrease from call to call.
func (c *Ceiling) Take(t time.Duration) time.Duration {
	now := epoch.Add(t)
	r := c.lim.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}
