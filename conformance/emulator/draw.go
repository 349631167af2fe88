package emulator

import "math"

// draw is a distribution of times. The zero draw is always 0. It does not change.
type draw struct {
	fixed  int64
	spread int64   // of a uniform one, above fixed
	median float64 // of a lognormal one, nanoseconds
	sigma  float64
}

// z99 is the 99 % quantile of the standard normal distribution.
const z99 = 2.3263478740408408

func newDraw(t *Times) *draw {
	d := &draw{fixed: int64(t.Fixed)}
	if u := t.Uniform; u != nil {
		d.fixed, d.spread = int64(u.Min), int64(u.Max-u.Min)
	}
	if n := t.Lognormal; n != nil {
		d.median = float64(n.Median)
		d.sigma = math.Log(float64(n.P99)/float64(n.Median)) / z99
	}
	return d
}

// of is how long call k takes: the same for the same seed.
func (d *draw) of(seed, k uint64) int64 {
	switch {
	case d.median > 0:
		return int64(min(d.median*math.Exp(d.sigma*normal(seed, k)), float64(longest)))
	case d.spread > 0:
		return d.fixed + int64(unit(random(seed, streamLatency, k))*float64(d.spread+1))
	}
	return d.fixed
}
