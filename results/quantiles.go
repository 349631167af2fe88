package results

import "slices"

// Levels are the quantiles that a summary holds, in the order of Quantiles, with the names that Bounds uses.
var Levels = []struct {
	Name string
	Q    float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99_9", 0.999}, {"p99_99", 0.9999}}

// at returns the field of a level by its index in Levels.
func (q *Quantiles) at(level int) *int64 {
	return [...]*int64{&q.P50, &q.P90, &q.P95, &q.P99, &q.P999, &q.P9999}[level]
}

// IsBound tells whether the named value ("p50" … "p99_99", "min", "mean", "max") is a lower bound, to be read "> value".
func (q Quantiles) IsBound(name string) bool { return slices.Contains(q.Bounds, name) }

// Summary returns the figures of the histogram. Nothing in it is a bound.
func (h *Histogram) Summary() Quantiles {
	q := Quantiles{Count: h.count, Min: h.min, Mean: h.Mean(), Max: h.max, Overflow: h.overflow}
	for i, level := range Levels {
		*q.at(i) = h.Quantile(level.Q)
	}
	return q
}

// Summary returns the figures of the latency "offered": the response times of good answers, and behind them the calls
// without an end (timeouts, unfinished and dropped ones), of which only is known that they took longer than their elapsed
// time. AtRank defines what a quantile is. Min is that of the good answers. Mean and Max are bounds as soon as there is
// any call without an end.
func (o *OfferedSet) Summary() Quantiles {
	q := Quantiles{Count: o.Count(), Overflow: o.Overflow()}
	if q.Count == 0 {
		return q
	}
	mark := func(name string, bound bool) {
		if bound {
			q.Bounds = append(q.Bounds, name)
		}
	}
	q.Min, q.Mean, q.Max = o.union.Min(), o.union.Mean(), o.union.Max()
	if o.response.Count() > 0 {
		q.Min = o.response.Min()
	}
	mark("min", o.response.Count() == 0)
	mark("mean", o.bounds > 0)
	for i, level := range Levels {
		v, bound := o.AtRank(Rank(level.Q, q.Count))
		*q.at(i) = v
		mark(level.Name, bound)
	}
	mark("max", o.bounds > 0)
	q.Bound = len(q.Bounds) > 0
	return q
}

// OfferedSet is a set of response times and of lower bounds, to be asked for ranks.
type OfferedSet struct {
	response *Histogram
	union    *Histogram
	bounds   int64
}

// NewOfferedSet makes the set; either argument may be nil, neither is changed. The result reads response later on.
func NewOfferedSet(response, bounds *Histogram) *OfferedSet {
	o := &OfferedSet{response: response, union: response}
	if response == nil {
		o.response, o.union = NewHistogram(), NewHistogram()
	}
	if bounds != nil && bounds.Count() > 0 {
		o.bounds = bounds.Count()
		o.union = NewHistogram()
		// One geometry: the only error of Merge is a count beyond int64.
		_ = o.union.Merge(o.response)
		_ = o.union.Merge(bounds)
	}
	return o
}

// Count returns the number of calls in the set, those without an end included.
func (o *OfferedSet) Count() int64 { return o.union.Count() }

// Overflow returns how many values are above the histogram's range.
func (o *OfferedSet) Overflow() int64 { return o.union.Overflow() }

// AtRank returns the value at rank n (from 1) in nanoseconds, and whether it is only a lower bound.
//
// A call without an end may have taken for ever, so it stands behind every answered one. With g response times:
//
//	n <= g: the n-th smallest response time. It is certain: however the others would have ended, at least n calls
//	        took no longer than that.
//	n >  g: a bound. At least Count-n+1 calls took no less than the n-th smallest value of the union of response
//	        times and elapsed times; how much longer nobody knows. It misses every limit.
//
// Example: answers after 10, 20 and 30 ms, one call dropped after 15 ms, one timeout after 10 s. Rank 3 (the median)
// is 30 ms; rank 4 is "> 30 ms"; rank 5 and the maximum are "> 10 s".
func (o *OfferedSet) AtRank(n int64) (ns int64, bound bool) {
	if n <= o.response.Count() {
		return o.response.ValueAtRank(n), false
	}
	return o.union.ValueAtRank(n), o.bounds > 0
}

// Low returns a value that the n-th smallest of the set is certain not to be below, in nanoseconds.
func (o *OfferedSet) Low(n int64) int64 { return o.union.ValueAtRank(n) }
