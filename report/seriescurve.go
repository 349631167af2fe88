package report

import (
	"slices"

	"axbench/results"
)

// curve computes the percentile curves of what was recorded.
func (s *Series) curve() Curve {
	offered := results.NewOfferedSet(s.response, s.bounds)
	line := curveLine(s.response)
	c := Curve{Response: line, Service: curveLine(s.service), Offered: line}
	if s.bounds.Count() == 0 {
		return c
	}
	// Certain ranks have the values of response; of those behind, AtRank takes the values of the union.
	union := results.MergeAll(s.response, s.bounds)
	c.Offered = CurveLine{N: offered.Count(), Certain: s.response.Count(), Rank: []int64{}, NS: []int64{}}
	thin := thinner{line: &c.Offered}
	eachRank(s.response, 0, thin.add)
	eachRank(union, c.Offered.Certain, thin.add)
	thin.end()
	return c
}

// curveLine is the curve of one histogram, without bounds.
func curveLine(h *results.Histogram) CurveLine {
	line := CurveLine{N: h.Count(), Certain: h.Count(), Rank: []int64{}, NS: []int64{}}
	thin := thinner{line: &line}
	eachRank(h, 0, thin.add)
	thin.end()
	return line
}

// eachRank calls f for the last rank of each bucket of h above the given rank, with its value, and for the highest rank.
func eachRank(h *results.Histogram, above int64, f func(rank, ns int64)) {
	d := distOf(h)
	put := func(rank, ns int64) {
		if rank > above {
			f(rank, ns)
			above = rank
		}
	}
	rank := int64(0)
	d.each(func(b bucket) bool {
		rank += b.count
		put(min(rank, d.count-1), d.value(b))
		return true
	})
	if d.count > 0 {
		put(d.count, d.max)
	}
}

// thinner leaves out ranks that a drawing could not tell from the next ones.
type thinner struct {
	line     *CurveLine
	kept, ns int64 // rank and value put out last
	x        float64
	rank     int64 // passed over
	value    int64
}

func (t *thinner) add(rank, ns int64) {
	n := float64(t.line.N)
	x := n / max(n-float64(rank), 1)
	far := t.kept == 0 || x > t.x*1.02 || float64(ns) > float64(t.ns)*1.01 || ns < t.ns
	if !far {
		t.rank, t.value = rank, ns
		return
	}
	if t.rank > t.kept { // where a jump begins
		t.put(t.rank, t.value)
	}
	t.put(rank, ns)
	t.x = x
}

func (t *thinner) put(rank, ns int64) {
	t.line.Rank, t.line.NS = append(t.line.Rank, rank), append(t.line.NS, ns)
	t.kept, t.ns = rank, ns
}

// end puts out the last rank.
func (t *thinner) end() {
	if t.rank > t.kept {
		t.put(t.rank, t.value)
	}
	t.line.Rank, t.line.NS = slices.Clip(t.line.Rank), slices.Clip(t.line.NS)
}
