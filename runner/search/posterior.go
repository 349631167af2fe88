package search

import "math"

// posterior is what is believed about the rate that is held, on a grid of logarithms. A verdict at rate r about a target that holds t
// is "lost" with probability m + (1-2m)·F(ln(r/t)/w): F is a logistic step that is as steep as the normal one, m is the share of
// verdicts that are wrong whatever the rate, and w says how wide the border is. How wide it is nobody knows, so that it is
// estimated beside t: widths holds what it may be. A target that makes up its mind differently each time near its
// border is thus asked more often, and not believed at once.
type posterior struct {
	low, step float64     // logarithm of the first grid point, and their distance
	n         int         // grid points
	likely    [][]float64 // likelihood of the verdicts by width and point; the largest is 1
	mass      []float64   // normalised, over the points

	bracket [2]float64 // where the rate is believed to lie before any probe inside is made
	guess   float64    // a steady rate that was measured, 0 for none
	spread  float64    // its standard error, as a share
}

// What the width of the border may be, and the share of targets that are believed to be so.
var (
	widths  = [...]float64{0.003, 0.01, 0.03, 0.08}
	weights = [...]float64{0.35, 0.35, 0.2, 0.1}
)

// cells is how many grid points an interval of the precision asked for has.
const cells = 16

// newPosterior covers rates from low to high with intervals of that relative width.
func newPosterior(low, high, precision float64) *posterior {
	p := &posterior{low: math.Log(low), step: math.Log1p(precision) / cells}
	p.n = 1 + int(math.Ceil((math.Log(high)-p.low)/p.step))
	p.likely = make([][]float64, len(widths))
	for i := range p.likely {
		p.likely[i] = make([]float64, p.n)
		for j := range p.likely[i] {
			p.likely[i][j] = 1
		}
	}
	return p
}

// observe takes in a verdict that is wrong with probability mistakes. The rate counts as the grid point nearest to it.
func (p *posterior) observe(rate float64, lost bool, mistakes float64) {
	at, top := p.point(rate), 0.0
	for i, w := range widths {
		far := int(border*w/p.step) + 1 // beyond it the step is as good as flat
		chance := make([]float64, 2*far+1)
		for d := range chance {
			f := 1 / (1 + math.Exp(-1.702*float64(d-far)*p.step/w))
			if chance[d] = mistakes + (1-2*mistakes)*f; !lost {
				chance[d] = 1 - chance[d]
			}
		}
		likely := p.likely[i]
		for j := range likely {
			likely[j] *= chance[min(max(at-j, -far), far)+far]
			top = max(top, likely[j])
		}
	}
	for i := range p.likely { // or it would vanish after some hundred verdicts
		for j := range p.likely[i] {
			p.likely[i][j] /= top
		}
	}
}

// border is how many widths from the middle of a step it is still looked at.
const border = 6

// How much of the prior a measured steady rate gets, and how the rest is shared: a rule on latency may bind long before the target
// is full, and one that is overrun may answer less than it can. Of what is spread evenly most lies in the bracket.
const (
	guessShare   = 0.6
	belowShare   = 0.25
	aboveShare   = 0.15
	bracketShare = 0.9
)

// prior computes the belief before any verdict, which is not normalised.
func (p *posterior) prior() []float64 {
	out := make([]float64, p.n)
	spread := func(from, to int, share float64) {
		from, to = max(from, 0), min(to, p.n-1)
		for j := from; j <= to; j++ {
			out[j] += share / float64(to-from+1)
		}
	}
	even := func(from, to int, share float64) { // over points from..to, most of it in the bracket
		low, high := max(from, p.point(p.bracket[0])), min(to, p.point(p.bracket[1]))
		if low <= high {
			spread(low, high, bracketShare*share)
			share *= 1 - bracketShare
		}
		spread(from, to, share)
	}
	if p.guess == 0 {
		even(0, p.n-1, 1)
		return out
	}
	at := p.point(p.guess)
	even(0, at, belowShare)
	even(at, p.n-1, aboveShare)
	for j := range out {
		x := (p.low + float64(j)*p.step - math.Log(p.guess)) / p.spread
		out[j] += guessShare * math.Exp(-x*x/2) * p.step / p.spread / math.Sqrt(2*math.Pi)
	}
	return out
}

// update computes the mass.
func (p *posterior) update() {
	p.mass = p.prior()
	sum := 0.0
	for j := range p.mass {
		v := 0.0
		for i := range p.likely {
			v += weights[i] * p.likely[i][j]
		}
		p.mass[j] *= v
		sum += p.mass[j]
	}
	for j := range p.mass {
		p.mass[j] /= sum
	}
}

// rate returns the rate of a grid point.
func (p *posterior) rate(j int) float64 { return math.Exp(p.low + float64(j)*p.step) }

// median returns the rate with half of the mass of points from..to below it.
func (p *posterior) median(from, to int) float64 {
	half := 0.0
	for j := from; j <= to; j++ {
		half += p.mass[j] / 2
	}
	for j := from; j < to; j++ {
		if half -= p.mass[j]; half <= 0 {
			return p.rate(j)
		}
	}
	return p.rate(to)
}

// window is a stretch of the grid.
type window struct {
	from, to     int // points, both ends included
	mass         float64
	below, above float64 // what lies outside
}

// best returns the stretch of the precision's width that holds the most. Among those that hold as good as the most, or enough,
// it is the one with the same on either side.
func (p *posterior) best(enough float64) window {
	width := min(cells, p.n-1)
	sums := make([]float64, p.n+1)
	for j, m := range p.mass {
		sums[j+1] = sums[j] + m
	}
	most := 0.0
	for j := 0; j+width < p.n; j++ {
		most = max(most, sums[j+width+1]-sums[j])
	}
	least := min(most*almost, enough)
	if most < enough {
		least = most * almost
	}
	best, lean := window{}, math.Inf(1)
	for j := 0; j+width < p.n; j++ {
		w := window{from: j, to: j + width, mass: sums[j+width+1] - sums[j], below: sums[j], above: max(0, sums[p.n]-sums[j+width+1])}
		if d := math.Abs(w.below - w.above); w.mass >= least && d < lean {
			best, lean = w, d
		}
	}
	return best
}

// almost is how much of the most is as good as that.
const almost = 0.99

// at returns the stretch of so many steps from a point.
func (p *posterior) at(from, width int) window {
	w := window{from: max(0, from)}
	w.to = min(p.n-1, w.from+width)
	for j, m := range p.mass {
		switch {
		case j < w.from:
			w.below += m
		case j > w.to:
			w.above += m
		default:
			w.mass += m
		}
	}
	return w
}

// point returns the grid point nearest to a rate.
func (p *posterior) point(rate float64) int {
	return min(max(int(math.Round((math.Log(rate)-p.low)/p.step)), 0), p.n-1)
}

// from returns the mass of what is at a rate or above it.
func (p *posterior) from(rate float64) (mass float64) {
	if at := (math.Log(rate) - p.low) / p.step; at < float64(p.n) {
		for _, m := range p.mass[max(0, int(math.Ceil(at))):] {
			mass += m
		}
	}
	return mass
}

// narrowest returns the shortest stretch that holds so much.
func (p *posterior) narrowest(confidence float64) window {
	best := window{from: 0, to: p.n - 1}
	from, sum := 0, 0.0
	for to := range p.n {
		sum += p.mass[to]
		for from < to && sum-p.mass[from] >= confidence {
			sum -= p.mass[from]
			from++
		}
		if sum >= confidence && to-from < best.to-best.from {
			best.from, best.to = from, to
		}
	}
	return p.at(best.from, best.to-best.from)
}
