package pace

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// Shape says how the arrivals of one phase lie in time. The shapes are the types of this file.
type Shape interface {
	// String names the shape as a person would: "constant 500/s".
	String() string
	check(d time.Duration) error
	// arrivals returns the offsets of the arrivals in a phase of length d, ascending, one a call, and ok false behind
	// the last. It is a pure function of the shape, d and seed.
	arrivals(d time.Duration, seed uint64) func() (offset time.Duration, ok bool)
	// count returns how many there are.
	count(d time.Duration, seed uint64) int64
}

// Constant spaces arrivals evenly.
type Constant struct{ Rate Rate }

// Ramp changes the rate linearly over the phase.
type Ramp struct{ From, To Rate }

// Steps is a stair of constant rates. The durations of the steps add up to the phase's.
type Steps struct{ List []Step }

// Step is one tread of Steps.
type Step struct {
	Rate Rate
	For  time.Duration
}

// Burst lets Size calls arrive at the same instant, at the start of the phase and then every Every.
type Burst struct {
	Size  int
	Every time.Duration
}

// Poisson draws independent, exponentially distributed gaps of mean 1/Rate: what a crowd of unrelated callers does.
type Poisson struct{ Rate Rate }

// Trace replays recorded arrivals: offsets from the start of the phase, ascending.
type Trace struct{ Offsets []time.Duration }

func (s Constant) String() string { return "constant " + s.Rate.String() }
func (s Ramp) String() string     { return fmt.Sprintf("ramp %s to %s", s.From, s.To) }
func (s Steps) String() string {
	const most = 6
	rates := make([]string, 0, most)
	for i, st := range s.List {
		if i == most {
			return fmt.Sprintf("steps %s and %d more", strings.Join(rates, ", "), len(s.List)-most)
		}
		rates = append(rates, st.Rate.String())
	}
	return "steps " + strings.Join(rates, ", ")
}

func (s Burst) String() string {
	if s.Every == 0 {
		return fmt.Sprintf("burst of %d", s.Size)
	}
	return fmt.Sprintf("burst of %d every %s", s.Size, s.Every)
}
func (s Poisson) String() string { return "poisson " + s.Rate.String() }
func (s Trace) String() string   { return fmt.Sprintf("trace of %d arrivals", len(s.Offsets)) }

func (s Constant) check(time.Duration) error { return checkRate(s.Rate) }
func (s Poisson) check(time.Duration) error  { return checkRate(s.Rate) }

func (s Ramp) check(time.Duration) error {
	if s.From.IsZero() && s.To.IsZero() {
		return errors.New("a ramp from 0/s to 0/s has no arrivals")
	}
	if s.From.Num < 0 || s.To.Num < 0 {
		return errRate
	}
	return nil
}

func (s Steps) check(d time.Duration) error {
	if len(s.List) == 0 {
		return errors.New("steps need at least one step")
	}
	var sum time.Duration
	for i, st := range s.List {
		if err := checkRate(st.Rate); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		if st.For <= 0 {
			return fmt.Errorf("step %d: its length must be above 0", i+1)
		}
		sum += st.For
	}
	if sum != d {
		return fmt.Errorf("the steps last %s, the phase %s", sum, d)
	}
	return nil
}

func (s Burst) check(time.Duration) error {
	if s.Size <= 0 || s.Every < 0 {
		return errors.New("a burst needs a size of at least 1 and a gap that is not negative")
	}
	return nil
}

func (s Trace) check(d time.Duration) error {
	if len(s.Offsets) == 0 {
		return errors.New("the trace has no arrivals")
	}
	var last time.Duration
	for i, o := range s.Offsets {
		if o < last {
			return fmt.Errorf("arrival %d of the trace is before the one ahead of it", i+1)
		}
		last = o
	}
	if last >= d {
		return fmt.Errorf("the trace lasts longer than the phase: its last arrival is at %s of %s", last, d)
	}
	return nil
}

func (s Constant) count(d time.Duration, _ uint64) int64 { return s.Rate.count(d) }

func (s Constant) arrivals(d time.Duration, _ uint64) func() (time.Duration, bool) {
	k := int64(-1)
	return func() (time.Duration, bool) {
		k++
		at := s.Rate.at(k)
		return at, at < d
	}
}

// total is the integral of the rate over the phase.
func (s Ramp) total(d time.Duration) float64 {
	return (s.From.Float() + s.To.Float()) / 2 * d.Seconds()
}

func (s Ramp) count(d time.Duration, _ uint64) int64 {
	// A whole number of calls that float arithmetic puts a hair above itself is that number.
	return int64(math.Ceil(s.total(d) - 1e-6))
}

// arrivals solves from·t + (to-from)/(2d)·t² = k for t, in the form that does not cancel.
func (s Ramp) arrivals(d time.Duration, seed uint64) func() (time.Duration, bool) {
	n, k := s.count(d, seed), int64(-1)
	from, slope := s.From.Float(), (s.To.Float()-s.From.Float())/d.Seconds()
	return func() (time.Duration, bool) {
		k++
		if k == 0 {
			return 0, n > 0
		}
		root := math.Sqrt(math.Max(0, from*from+2*slope*float64(k)))
		at := time.Duration(2 * float64(k) / (from + root) * 1e9)
		return min(at, d-1), k < n
	}
}

func (s Steps) count(_ time.Duration, _ uint64) (n int64) {
	for _, st := range s.List {
		n += st.Rate.count(st.For)
	}
	return n
}

func (s Steps) arrivals(_ time.Duration, _ uint64) func() (time.Duration, bool) {
	i, k, start := 0, int64(0), time.Duration(0)
	return func() (time.Duration, bool) {
		for i < len(s.List) {
			if at := s.List[i].Rate.at(k); at < s.List[i].For {
				k++
				return start + at, true
			}
			start += s.List[i].For
			i, k = i+1, 0
		}
		return 0, false
	}
}

func (s Burst) count(d time.Duration, _ uint64) int64 {
	if s.Every == 0 {
		return int64(s.Size)
	}
	return int64(s.Size) * int64((d+s.Every-1)/s.Every)
}

func (s Burst) arrivals(d time.Duration, seed uint64) func() (time.Duration, bool) {
	n, k := s.count(d, seed), int64(-1)
	return func() (time.Duration, bool) {
		k++
		return time.Duration(k/int64(s.Size)) * s.Every, k < n
	}
}

func (s Poisson) count(d time.Duration, seed uint64) (n int64) {
	next := s.arrivals(d, seed)
	for _, ok := next(); ok; _, ok = next() {
		n++
	}
	return n
}

func (s Poisson) arrivals(d time.Duration, seed uint64) func() (time.Duration, bool) {
	rng := rand.New(rand.NewPCG(seed, 0x706f6973736f6e))
	mean, at := 1/s.Rate.Float(), 0.0
	return func() (time.Duration, bool) {
		at -= mean * math.Log(1-rng.Float64())
		return time.Duration(at * 1e9), at*1e9 < float64(d)
	}
}

func (s Trace) count(time.Duration, uint64) int64 { return int64(len(s.Offsets)) }

func (s Trace) arrivals(time.Duration, uint64) func() (time.Duration, bool) {
	i := -1
	return func() (time.Duration, bool) {
		i++
		if i >= len(s.Offsets) {
			return 0, false
		}
		return s.Offsets[i], true
	}
}

// Scale returns s with its rates, burst sizes or callers multiplied by f, at least one of each. ok is false for a Trace,
// whose arrivals are what they were.
func Scale(s Shape, f float64) (scaled Shape, ok bool) {
	whole := func(n int) int { return max(1, int(math.Round(float64(n)*f))) }
	switch s := s.(type) {
	case Constant:
		return Constant{s.Rate.Scale(f)}, true
	case Poisson:
		return Poisson{s.Rate.Scale(f)}, true
	case Ramp:
		return Ramp{s.From.Scale(f), s.To.Scale(f)}, true
	case Steps:
		list := make([]Step, len(s.List))
		for i, st := range s.List {
			list[i] = Step{st.Rate.Scale(f), st.For}
		}
		return Steps{list}, true
	case Burst:
		return Burst{whole(s.Size), s.Every}, true
	case Callers:
		return Callers{whole(s.N), s.Think}, true
	}
	return s, false
}
