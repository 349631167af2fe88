package sizing

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
)

// Sizing is how many X a demand needs so that at most the target share is refused.
type Sizing struct {
	Need, Low, High int      // by the shares as simulated, and by the low and the high ends of their intervals
	Step            int      // by which sizes were told apart: 1, or more where pools are large
	Curve           []*Point // by size
}

// Holding is which rate a pool holds so that at most the target share is refused.
type Holding struct {
	Rate, Low, High float64  // by the shares as simulated, and by the high and the low ends of their intervals; at least rateStep apart
	At              *Point   // the pool under the demand itself
	Curve           []*Point // by rate
}

// The errors of a search that has no end.
var (
	ErrNoSize = errors.New("even the largest pool refuses more")
	ErrNoRate = errors.New("no rate within a factor of a thousand is where it begins to refuse more")
)

// places are where the curve has points beside those of the search, in parts of its breadth.
var places = []int{-8, -4, -2, 2, 4}

// sizeSteps is into how many steps a size is divided at most.
const sizeSteps = 1000

// Need searches for the smallest pool that refuses at most the target share.
func (s *Study) Need(ctx context.Context) (*Sizing, error) {
	load, pairs := s.demand.Load(), s.demand.Pairs
	guess := max(1, (ErlangServers(load, s.target, MaxSize*pairs)+pairs-1)/pairs)
	step := max(1, guess/sizeSteps)
	spread := math.Sqrt(load) / float64(pairs*step) // of the bindings at once, in steps
	lengths := s.plan(&s.demand)
	x := &axis{first: 1, last: MaxSize / step, stride: max(1, int(spread/8)), points: map[int]*Point{}, none: ErrNoSize,
		at: func(i int) (*Point, error) { return s.simulate(ctx, s.demand, i*step, lengths) }}
	i, low, high, err := x.search((guess+step-1)/step, s.target)
	if err != nil {
		return nil, err
	}
	around := max(1, int(spread/2), i/50)
	if err := x.fill(i, around); err != nil {
		return nil, err
	}
	return &Sizing{Need: i * step, Low: low * step, High: high * step, Step: step, Curve: x.curve(false)}, nil
}

// rateStep is the factor by which rates are told apart.
const rateStep = 1.005

// Holds searches for the highest rate of which a pool of that size refuses at most the target share, all else being as in the
// demand.
func (s *Study) Holds(ctx context.Context, size int) (*Holding, error) {
	at, err := s.At(ctx, size)
	if err != nil {
		return nil, err
	}
	guess := s.demand
	if guess.ErlangApplies() == "" {
		guess.Rate *= ErlangLoad(size*s.demand.Pairs, s.target) / s.demand.Load()
	}
	for range rateTries {
		if guess.Rate > MaxRate {
			return nil, ErrNoRate
		}
		h, err := s.around(ctx, size, guess)
		if err != nil {
			return nil, err
		}
		if h.At = at; h.Rate < rateReach*guess.Rate && h.Rate > guess.Rate/rateReach {
			return h, nil
		}
		guess.Rate = h.Rate // the lengths of the simulations were those of another load
	}
	return nil, ErrNoRate
}

// The search for a rate begins again where the rate that was found is further than by this factor from the one it began at.
const (
	rateReach = 1.4
	rateTries = 5
)

// around searches from a guess, whose load makes the lengths of the simulations.
func (s *Study) around(ctx context.Context, size int, guess Demand) (*Holding, error) {
	begin := *s
	begin.demand = guess
	if err := begin.bounded(); err != nil {
		return nil, err
	}
	longer := guess
	longer.Rate *= rateReach
	lengths := s.plan(&longer)
	span := int(math.Log(1000) / math.Log(rateStep))
	x := &axis{first: -span, last: span, stride: 4, points: map[int]*Point{}, none: ErrNoRate, at: func(i int) (*Point, error) {
		d := guess
		d.Rate *= math.Pow(rateStep, -float64(i))
		return s.simulate(ctx, d, size, lengths)
	}}
	i, low, high, err := x.search(0, s.target)
	if err != nil {
		return nil, err
	}
	if err := x.fill(i, max(1, int(1/math.Sqrt(guess.Load())/2/(rateStep-1)), 4)); err != nil {
		return nil, err
	}
	rate := func(i int) float64 { return x.points[i].Rate }
	return &Holding{Rate: rate(i), Low: rate(high), High: rate(low), Curve: x.curve(true)}, nil
}

// axis is a row of points whose shares fall from the first to the last index.
type axis struct {
	first, last int
	stride      int // of the first step away from a guess
	points      map[int]*Point
	at          func(i int) (*Point, error)
	none        error // when the last one refuses too much
}

func (x *axis) point(i int) (*Point, error) {
	if p := x.points[i]; p != nil {
		return p, nil
	}
	p, err := x.at(i)
	if err == nil {
		x.points[i] = p
	}
	return p, err
}

// search returns the least index whose share, whose interval's low end and whose interval's high end is at most the target.
func (x *axis) search(guess int, target float64) (i, low, high int, err error) {
	if i, err = x.least(guess, target, func(p *Point) bool { return p.Share <= target }); err == nil {
		low, err = x.least(i, target, func(p *Point) bool { return p.Low <= target })
	}
	if err == nil {
		high, err = x.least(i, target, func(p *Point) bool { return p.High <= target })
	}
	return i, min(low, i), max(high, i), err
}

// least returns the least index that fits, from what is known and from a guess on. Where points contradict each other, because
// their shares are only estimates, it is one of those where fitting begins.
func (x *axis) least(guess int, target float64, fits func(*Point) bool) (int, error) {
	no, yes := x.first-1, x.last+1 // the greatest index known not to fit, and the least known to fit above it
	for i, p := range x.points {
		if !fits(p) {
			no = max(no, i)
		}
	}
	for i, p := range x.points {
		if fits(p) && i > no {
			yes = min(yes, i)
		}
	}
	step := x.stride
	for i := min(max(guess, no+1), yes-1); yes > x.last && no < x.last; step *= 2 { // up, until one fits
		p, err := x.point(i)
		if err != nil {
			return 0, err
		}
		if fits(p) {
			yes = i
		} else {
			no = max(no, i)
		}
		i = min(i+step, x.last)
	}
	if yes > x.last {
		return 0, x.none
	}
	for step = x.stride; no < x.first && yes > x.first; step *= 2 { // down, until one does not
		i := max(yes-step, x.first)
		p, err := x.point(i)
		if err != nil {
			return 0, err
		}
		if fits(p) {
			yes = i
		} else {
			no = i
		}
	}
	return x.narrow(no, yes, target, fits)
}

// narrow is least between an index that does not fit and one that does.
func (x *axis) narrow(no, yes int, target float64, fits func(*Point) bool) (int, error) {
	for halve := false; yes-no > 1 && no >= x.first; {
		i, before := no+(yes-no)/2, yes-no
		if !halve {
			i = x.between(no, yes, target)
		}
		p, err := x.point(i)
		if err != nil {
			return 0, err
		}
		if fits(p) {
			yes = i
		} else {
			no = i
		}
		halve = !halve && yes-no > before/2
	}
	return yes, nil
}

// between guesses where the share is the target: on a line through the logarithms of two shares, or half-way.
func (x *axis) between(no, yes int, target float64) int {
	from, to := math.Log(x.points[no].Share/target), math.Log(x.points[yes].Share/target)
	if part := from / (from - to); part > 0 && part < 1 {
		return min(max(no+int(part*float64(yes-no)+0.5), no+1), yes-1)
	}
	return no + (yes-no)/2
}

// fill adds points around an index, for the curve.
func (x *axis) fill(i, around int) error {
	for _, k := range places {
		if at := i + k*around; at >= x.first && at <= x.last {
			if _, err := x.point(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// curve returns the points by index, or from the last to the first.
func (x *axis) curve(backwards bool) []*Point {
	var out []*Point
	for _, i := range slices.Sorted(maps.Keys(x.points)) {
		out = append(out, x.points[i])
	}
	if backwards {
		slices.Reverse(out)
	}
	return out
}
