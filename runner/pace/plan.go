// Package pace says when the k-th call is due. It has no clock: an arrival plan is a pure function of phases, seed and
// ceiling, fixed before the run, and a ceiling is a token bucket that is driven by the time it is given. Sending calls,
// waiting and measuring are left to package runner. It starts no goroutines.
package pace

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// maxArrivals bounds a plan: at 10,000/s it is more than a day.
const maxArrivals = 1_000_000_000

// Phase is one stretch of a run. Phases follow each other without a pause.
type Phase struct {
	Name     string
	Record   bool // counts for the verdict; false for a warm-up
	Duration time.Duration
	Shape    Shape
}

// Arrival is one planned call.
type Arrival struct {
	K     int64         // index in the plan, from 0
	Due   time.Duration // since the start of the run
	Phase int           // index of the phase it belongs to
}

// Plan is when every call of a run is due. It is immutable and safe for concurrent use.
type Plan struct {
	phases  []Phase
	starts  []time.Duration // start of each phase; one more for the end
	counts  []int64
	seed    uint64
	ceiling Rate
	closed  bool
}

// NewPlan checks the phases and fixes the plan. A ceiling moves arrivals that would exceed it to later instants (they stay
// in their phase); the zero Rate means none. A plan is open or closed: phases with Callers and phases with arrivals do not mix.
func NewPlan(phases []Phase, seed int64, ceiling Rate) (*Plan, error) {
	if len(phases) == 0 {
		return nil, errors.New("a plan needs at least one phase")
	}
	p := &Plan{phases: phases, seed: uint64(seed), ceiling: ceiling}
	var at time.Duration
	var total int64
	for i, ph := range phases {
		if err := p.checkPhase(i, ph); err != nil {
			return nil, fmt.Errorf("phase %q: %w", ph.Name, err)
		}
		n := ph.Shape.count(ph.Duration, p.phaseSeed(i))
		if n > maxArrivals-total {
			return nil, fmt.Errorf("phase %q: the plan has more than %d arrivals", ph.Name, maxArrivals)
		}
		p.starts = append(p.starts, at)
		p.counts = append(p.counts, n)
		total += n
		at += ph.Duration
	}
	p.starts = append(p.starts, at)
	if total == 0 && !p.closed {
		return nil, errors.New("the plan has no arrivals")
	}
	return p, nil
}

func (p *Plan) checkPhase(i int, ph Phase) error {
	if ph.Shape == nil {
		return errors.New("it says nothing about its arrivals")
	}
	if ph.Duration <= 0 || ph.Duration > 31*24*time.Hour {
		return errors.New("its duration must be above 0 and at most 31 days")
	}
	_, closed := ph.Shape.(Callers)
	if i == 0 {
		p.closed = closed
	}
	if closed != p.closed {
		return errors.New("a scenario is open (arrivals) or closed (callers), not both")
	}
	if c, ok := ph.Shape.(Constant); ok && c.Rate.count(ph.Duration) > maxArrivals {
		return fmt.Errorf("it has more than %d arrivals", maxArrivals)
	}
	if c, ok := ph.Shape.(Poisson); ok && c.Rate.Float()*ph.Duration.Seconds() > maxArrivals {
		return fmt.Errorf("it has more than %d arrivals", maxArrivals)
	}
	return ph.Shape.check(ph.Duration)
}

// phaseSeed gives each phase draws of its own.
func (p *Plan) phaseSeed(i int) uint64 { return p.seed ^ (uint64(i)+1)*0x9e3779b97f4a7c15 }

// Phases returns the phases; not to be changed.
func (p *Plan) Phases() []Phase { return p.phases }

// Start returns when phase i begins; Start(len(Phases())) is the end of the plan.
func (p *Plan) Start(i int) time.Duration { return p.starts[i] }

// Duration returns the length of all phases together.
func (p *Plan) Duration() time.Duration { return p.starts[len(p.starts)-1] }

// Count returns the number of arrivals of phase i; 0 in a closed plan.
func (p *Plan) Count(i int) int64 { return p.counts[i] }

// Total returns the number of arrivals of all phases; 0 in a closed plan.
func (p *Plan) Total() (n int64) {
	for _, c := range p.counts {
		n += c
	}
	return n
}

// Closed says whether the plan is of the closed model.
func (p *Plan) Closed() bool { return p.closed }

// Ceiling returns the ceiling the plan was made with.
func (p *Plan) Ceiling() Rate { return p.ceiling }

// Peak returns the highest number of arrivals a second that any shape asks for, for sizing. A burst counts its size.
func (p *Plan) Peak() float64 {
	peak := 0.0
	for _, ph := range p.phases {
		switch s := ph.Shape.(type) {
		case Constant:
			peak = max(peak, s.Rate.Float())
		case Poisson:
			peak = max(peak, s.Rate.Float())
		case Ramp:
			peak = max(peak, s.From.Float(), s.To.Float())
		case Steps:
			for _, st := range s.List {
				peak = max(peak, st.Rate.Float())
			}
		case Burst:
			peak = max(peak, float64(s.Size)*math.Max(1, 1/math.Max(s.Every.Seconds(), 1)))
		case Trace:
			peak = max(peak, s.peak())
		}
	}
	return peak
}

// peak returns the most arrivals that fall into any one second of the trace.
func (s Trace) peak() float64 {
	most, from := 0, 0
	for i, o := range s.Offsets {
		for s.Offsets[from] <= o-time.Second {
			from++
		}
		most = max(most, i-from+1)
	}
	return float64(most)
}

// Cursor walks the arrivals of a plan in order of due time. It is for one goroutine.
type Cursor struct {
	plan  *Plan
	next  func() (time.Duration, bool)
	phase int
	k     int64
	limit *Ceiling
}

// Cursor returns a cursor before the first arrival.
func (p *Plan) Cursor() *Cursor {
	c := &Cursor{plan: p, phase: -1}
	if !p.ceiling.IsZero() {
		c.limit = NewCeiling(p.ceiling)
	}
	return c
}

// Next returns the next arrival, ok false behind the last.
func (c *Cursor) Next() (Arrival, bool) {
	for {
		if c.next != nil {
			if offset, ok := c.next(); ok {
				a := Arrival{K: c.k, Due: c.plan.starts[c.phase] + offset, Phase: c.phase}
				if c.limit != nil {
					a.Due += c.limit.Reserve(a.Due)
				}
				c.k++
				return a, true
			}
		}
		c.phase++
		if c.phase >= len(c.plan.phases) {
			c.next, c.phase = nil, len(c.plan.phases)-1
			return Arrival{}, false
		}
		ph := c.plan.phases[c.phase]
		c.next = ph.Shape.arrivals(ph.Duration, c.plan.phaseSeed(c.phase))
	}
}
