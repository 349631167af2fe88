package judge

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"axbench/results"

	"gonum.org/v1/gonum/mathext"
)

// measured is a figure of one side, and how to find the interval that holds what is behind it.
type measured struct {
	value   float64
	bound   bool // no more than a lower bound
	n       int64
	v0      float64
	strands []strand
	// limits returns the ends of the interval that leaves alpha on either side; an open end is infinite.
	limits func(alpha float64, s spread) (low, high float64)
}

// side is the runs of one side, cut into the phases that are compared.
type side struct {
	cells   []cell
	offered *pooledSet // made when first asked for
	service *pooledSet
}

// cell is one phase of one run.
type cell struct {
	run, phase int
	steady     bool
	seconds    []results.CourseSecond
}

// sideOf takes the phases of those names from every course.
func sideOf(courses []*results.Course, phases []string) *side {
	s := &side{}
	for run, c := range courses {
		for i := range c.Phases {
			p := &c.Phases[i]
			if at := slices.Index(phases, p.Phase.Name); at >= 0 {
				s.cells = append(s.cells, cell{run, at, steady(p.Phase), p.Seconds})
			}
		}
	}
	return s
}

// steady tells whether the seconds of a phase are planned to be like each other.
func steady(p *results.Phase) bool {
	return p.Model == results.ModelClosed || strings.HasPrefix(p.Shape, "constant ") || strings.HasPrefix(p.Shape, "poisson ")
}

// strands makes the series of what f gives for each second.
func (s *side) strands(f func(*results.CourseSecond) (n, e float64)) []strand {
	list := make([]strand, len(s.cells))
	for i := range s.cells {
		c := &s.cells[i]
		list[i] = strand{run: c.run, phase: c.phase, steady: c.steady, n: make([]float64, len(c.seconds)), e: make([]float64, len(c.seconds))}
		for j := range c.seconds {
			list[i].n[j], list[i].e[j] = f(&c.seconds[j])
		}
	}
	return list
}

// total sums up what f gives for each second.
func (s *side) total(f func(*results.CourseSecond) int64) (sum int64) {
	for i := range s.cells {
		for j := range s.cells[i].seconds {
			sum += f(&s.cells[i].seconds[j])
		}
	}
	return sum
}

// pooledSet is a set of latencies, with calls behind all of them of which only a lower bound is known.
type pooledSet struct {
	values []results.Counted // ascending, Count is how many are up to here
	union  []results.Counted // with the bounds at their elapsed times
	n      int64             // values
	all    int64             // bounds too
}

func newPooledSet(s *side, bounds bool, of func(*results.CourseSecond) []results.Counted) *pooledSet {
	var values, open []results.Counted
	for i := range s.cells {
		for j := range s.cells[i].seconds {
			second := &s.cells[i].seconds[j]
			values = append(values, of(second)...)
			if bounds {
				open = append(open, second.Bounds...)
			}
		}
	}
	out := &pooledSet{}
	out.values, out.n = cumulated(values)
	out.union, out.all = out.values, out.n
	if len(open) > 0 {
		out.union, out.all = cumulated(append(values, open...))
	}
	return out
}

func cumulated(list []results.Counted) ([]results.Counted, int64) {
	slices.SortFunc(list, func(a, b results.Counted) int { return cmp.Compare(a.Value, b.Value) })
	out, sum := make([]results.Counted, 0, len(list)), int64(0)
	for _, c := range list {
		sum += c.Count
		if k := len(out); k > 0 && out[k-1].Value == c.Value {
			out[k-1].Count = sum
		} else {
			out = append(out, results.Counted{Value: c.Value, Count: sum})
		}
	}
	return out, sum
}

// at returns the value at a rank, from 1, and whether it is only a bound.
func (s *pooledSet) at(rank int64) (v int64, bound bool) {
	list := s.values
	if rank > s.n {
		list, bound = s.union, true
	}
	i, _ := slices.BinarySearchFunc(list, rank, func(c results.Counted, r int64) int { return cmp.Compare(c.Count, r) })
	return list[min(i, len(list)-1)].Value, bound
}

// upTo counts the values of a list up to v.
func upTo(list []results.Counted, v float64) (n int64) {
	for _, c := range list {
		if float64(c.Value) > v {
			break
		}
		n += c.Count
	}
	return n
}

func countOf(list []results.Counted) (n int64) {
	for _, c := range list {
		n += c.Count
	}
	return n
}

// latencies returns the sample of a latency on this side, and how it is read from a second.
func (s *side) latencies(latency string) (*pooledSet, func(*results.CourseSecond) (values, bounds []results.Counted)) {
	if latency == results.Offered {
		if s.offered == nil {
			s.offered = newPooledSet(s, true, func(c *results.CourseSecond) []results.Counted { return c.Response })
		}
		return s.offered, func(c *results.CourseSecond) (values, bounds []results.Counted) { return c.Response, c.Bounds }
	}
	if s.service == nil {
		s.service = newPooledSet(s, false, func(c *results.CourseSecond) []results.Counted { return c.Service })
	}
	return s.service, func(c *results.CourseSecond) (values, bounds []results.Counted) { return c.Service, nil }
}

// quantile measures the q-quantile of a latency, nil where there is no call.
func (s *side) quantile(latency string, q float64) *measured {
	set, read := s.latencies(latency)
	if set.all == 0 {
		return nil
	}
	v, bound := set.at(results.Rank(q, set.all))
	m := &measured{value: float64(v), bound: bound, n: set.all, v0: float64(set.all) * q * (1 - q)}
	cut := m.value
	if bound {
		cut = math.Inf(1)
	}
	share := float64(upToCumulated(set.values, cut)) / float64(set.all)
	m.strands = s.strands(func(c *results.CourseSecond) (n, e float64) {
		values, bounds := read(c)
		n = float64(countOf(values) + countOf(bounds))
		return n, float64(upTo(values, cut)) - n*share
	})
	m.limits = func(alpha float64, sp spread) (float64, float64) {
		return set.limits(rankLimits(q, float64(set.all), alpha, sp))
	}
	return m
}

func upToCumulated(list []results.Counted, v float64) int64 {
	i, _ := slices.BinarySearchFunc(list, v, func(c results.Counted, v float64) int {
		if float64(c.Value) <= v {
			return -1
		}
		return 1
	})
	if i == 0 {
		return 0
	}
	return list[i-1].Count
}

// limits returns the values at two ranks, given as shares of the sample: the lower one is infinite where no value is low enough, the
// upper one where the rank lies beyond the values, or among calls without an end.
func (s *pooledSet) limits(lower, upper float64) (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	if rank := int64(lower * float64(s.all)); rank >= 1 {
		v, _ := s.at(rank)
		low = float64(v)
	}
	if rank := int64(math.Ceil(upper * float64(s.all))); upper <= 1 && rank <= s.n {
		v, _ := s.at(rank)
		high = float64(v)
	}
	return low, high
}

// worth is how many independent calls n calls are worth that vary together (Korn and Graubard 1998): n over the factor of the
// spread, and less where that was found with few degrees of freedom.
func worth(n, alpha float64, s spread) float64 {
	n /= s.factor
	if s.df > 0 {
		ratio := critical(alpha, 0) / critical(alpha, s.df)
		n *= ratio * ratio
	}
	return n
}

// rankLimits returns the ranks, as shares of n, of the values that enclose the q-quantile: at most alpha is the chance, on either
// side, that it lies beyond. They are those of rankInterval for as many calls as n are worth. Lower is below 1/n and upper above
// 1 where no value is extreme enough.
func rankLimits(q, n, alpha float64, s spread) (lower, upper float64) {
	if n = worth(n, alpha, s); n < 1 {
		return 0, math.Inf(1)
	}
	if variance := n * q * (1 - q); variance > 1e6 {
		half := critical(alpha, 0) * math.Sqrt(variance)
		return q - half/n, q + half/n
	}
	atLeast := func(r float64) float64 { return mathext.RegIncBeta(r, n-r+1, q) } // P(count below the quantile >= r)
	if atLeast(n) > alpha {
		upper = math.Inf(1)
	} else {
		upper = solve(q*n, n, func(r float64) bool { return atLeast(r) <= alpha }) / n
	}
	if 1-atLeast(1) > alpha {
		return 0, upper
	}
	return solve(math.Max(1, q*n+1), 1, func(r float64) bool { return 1-atLeast(r) <= alpha }) / n, upper
}

// solve returns where ok begins to hold on the way from one number to another, at the end of which it does.
func solve(from, to float64, ok func(float64) bool) float64 {
	for range 50 {
		middle := (from + to) / 2
		if ok(middle) {
			to = middle
		} else {
			from = middle
		}
	}
	return to
}

// shareLimits is the Clopper-Pearson interval for a share p of as many calls as n are worth.
func shareLimits(p, n, alpha float64, s spread) (low, high float64) {
	n = worth(n, alpha, s)
	low, high = 0, 1
	if k := p * n; k > 0 {
		low = mathext.InvRegIncBeta(k, n-k+1, alpha)
	}
	if k := p * n; k < n {
		high = mathext.InvRegIncBeta(k+1, n-k, 1-alpha)
	}
	return low, high
}

// trimmed is the share that the typical latency leaves out at either end.
const trimmed = 0.1

// typical measures the mean of a latency between its p10 and its p90, nil where there is no call. It moves with the median and is
// steadier. Its variance is that of the values with those outside put on the nearest end (Tukey and McLaughlin 1963).
func (s *side) typical(latency string) *measured {
	set, read := s.latencies(latency)
	if set.all == 0 {
		return nil
	}
	n := float64(set.all)
	low, _ := set.at(results.Rank(trimmed, set.all))
	high, bound := set.at(results.Rank(1-trimmed, set.all))
	m := &measured{n: set.all, bound: bound}
	lo, hi := float64(low), float64(high)
	var sum, square, before float64
	for i, c := range set.values {
		count := float64(c.Count)
		if i > 0 {
			count -= float64(set.values[i-1].Count)
		}
		v := math.Min(math.Max(float64(c.Value), lo), hi)
		sum, square, before = sum+count*v, square+count*v*v, before+count
	}
	rest := n - before // calls without an end lie above
	sum, square = sum+rest*hi, square+rest*hi*hi
	mean := sum / n
	m.value = (mean - trimmed*(lo+hi)) / (1 - 2*trimmed)
	m.v0 = math.Max(square-n*mean*mean, 0)
	m.strands = s.strands(func(c *results.CourseSecond) (calls, e float64) {
		values, bounds := read(c)
		for _, v := range values {
			calls += float64(v.Count)
			e += float64(v.Count) * (math.Min(math.Max(float64(v.Value), lo), hi) - mean)
		}
		open := float64(countOf(bounds))
		return calls + open, e + open*(hi-mean)
	})
	m.limits = func(alpha float64, sp spread) (float64, float64) {
		half := critical(alpha, sp.df) * math.Sqrt(m.v0*sp.factor) / (n * (1 - 2*trimmed))
		return m.value - half, m.value + half
	}
	return m
}

// share measures how many of some calls are of a kind, nil where there is none.
func (s *side) share(of func(*results.CourseSecond) (k, n int64)) *measured {
	k := s.total(func(c *results.CourseSecond) int64 { k, _ := of(c); return k })
	n := s.total(func(c *results.CourseSecond) int64 { _, n := of(c); return n })
	if n == 0 {
		return nil
	}
	p := float64(k) / float64(n)
	m := &measured{value: p, n: n, v0: float64(n) * p * (1 - p)}
	m.strands = s.strands(func(c *results.CourseSecond) (float64, float64) {
		k, n := of(c)
		return float64(n), float64(k) - p*float64(n)
	})
	m.limits = func(alpha float64, sp spread) (float64, float64) { return shareLimits(p, float64(n), alpha, sp) }
	return m
}

// goodput measures good answers a second. Arrivals are planned, so they vary less than calls at random: what varies is read
// from the seconds, and one call and the chance in which answers are good are the floor.
func (s *side) goodput() *measured {
	ended := s.total(func(c *results.CourseSecond) int64 { return c.Ended })
	good := s.total(func(c *results.CourseSecond) int64 { return c.GoodInside })
	seconds := 0.0
	for i := range s.cells {
		for j := range s.cells[i].seconds {
			seconds += s.cells[i].seconds[j].Exposure
		}
	}
	if ended == 0 || seconds <= 0 {
		return nil
	}
	rate := float64(good) / seconds
	p := math.Min(1, float64(good)/float64(ended))
	m := &measured{value: rate, n: ended, v0: 1 + float64(ended)*p*(1-p)}
	m.strands = s.strands(func(c *results.CourseSecond) (float64, float64) {
		return c.Exposure, float64(c.GoodInside) - rate*c.Exposure
	})
	m.limits = func(alpha float64, sp spread) (float64, float64) {
		half := critical(alpha, sp.df) * math.Sqrt(m.v0*sp.factor) / seconds
		return math.Max(0, rate-half), rate + half
	}
	return m
}
