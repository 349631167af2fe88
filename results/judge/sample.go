package judge

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"axbench/results"
)

// sample is what came of the calls that a rule is judged on: all of its phases, those of a window, or those until now.
type sample struct {
	good    int64
	inside  int64 // good answers that count for goodput, over elapsed
	ended   int64 // done + failed
	planned int64 // of which good is a share; of a window what came to an end in it, whatever became of it
	named   int64 // calls that the rule's name stands for
	elapsed time.Duration

	values, bounds *results.Histogram // of a quantile; nil for none. Once merged into they are the sample's own
	shared         [2]bool            // values, bounds: still somebody else's
}

// part says what a histogram is to the quantile of a rule.
type part uint8

const (
	partNone  part = iota
	partValue      // durations
	partBound      // lower bounds of durations
)

// part returns what the histogram under clock and code is to the rule. Class is that of the code. What is known of a call without
// an end is a lower bound whichever latency it is asked in, so that it can never keep a limit. Of a call that brought no
// answer no code can be told, so offered of an answer's code is its response.
func (r Rule) part(clock, code string, class results.Class) part {
	offered, own := r.Latency == results.Offered, r.Latency
	if offered {
		own = results.ClockResponse.String()
	}
	all := results.CodeGood
	if own == results.ClockService.String() {
		all = results.CodeAll
	}
	switch {
	case r.Kind != KindQuantile:
	case clock == results.ClockBound:
		if offered && (r.Name == "" || r.Name == code || code == results.CodeTimeout && r.Name == string(results.ClassTransport)) {
			return partBound
		}
	case clock != own:
	case r.Name == "":
		if code == all {
			return partValue
		}
	case code == results.CodeGood || code == results.CodeAll || !r.matches(code, class):
	case code != results.CodeTimeout:
		return partValue
	case !offered:
		return partBound
	}
	return partNone
}

// matches tells whether a code is the rule's name or, where that is a class, in it.
func (r Rule) matches(code string, class results.Class) bool {
	return r.Name != "" && (code == r.Name || string(class) == r.Name && slices.Contains(results.Classes, class))
}

// ledgerNames may stand for a code in share and count: what became of calls that never ended. Their share is of the
// calls planned.
var ledgerNames = []string{results.CodeDropped, results.CodeUnfinished, notOffered}

const notOffered = "not_offered"

// fromLedger counts what the rule's name stands for, if that is no code.
func (r Rule) fromLedger(l *results.Ledger) (n int64, ok bool) {
	switch {
	case r.Kind == KindQuantile:
	case r.Name == results.CodeDropped:
		return l.Dropped, true
	case r.Name == results.CodeUnfinished:
		return l.Unfinished, true
	case r.Name == notOffered:
		return l.NotOffered, true
	}
	return 0, false
}

// ofPlan tells whether the metric is a share of the calls planned, or counts those that were kept from being offered: it says nothing
// of a plan that was cut short.
func (r Rule) ofPlan() bool {
	return r.Kind == KindGood || r.Name == notOffered || r.Kind == KindShare && slices.Contains(ledgerNames, r.Name)
}

// take merges a histogram in; nil is passed over. A single one is not copied.
func (s *sample) take(p part, h *results.Histogram) {
	if h == nil || h.Count() == 0 {
		return
	}
	into, shared := &s.values, &s.shared[0]
	if p == partBound {
		into, shared = &s.bounds, &s.shared[1]
	}
	if *into == nil {
		*into, *shared = h, true
		return
	}
	if *shared {
		first := *into
		*into, *shared = results.NewHistogram(), false
		_ = (*into).Merge(first)
	}
	_ = (*into).Merge(h) // one geometry: it fails only for counts beyond int64
}

// add takes in another sample, of other calls. What it has is shared, not copied, as long as nothing is merged into it.
func (s *sample) add(t *sample) {
	s.good += t.good
	s.inside += t.inside
	s.ended += t.ended
	s.planned += t.planned
	s.named += t.named
	s.elapsed += t.elapsed
	s.take(partValue, t.values)
	s.take(partBound, t.bounds)
}

const (
	noneEnded   = "no call ended"
	nonePlanned = "no call was planned"
)

// measure judges a rule on a sample. Pass is null where there is nothing in it, or too little.
func (r Rule) measure(s *sample) results.SLO {
	slo := r.unknown("")
	_, ledger := r.fromLedger(&results.Ledger{})
	of, none := s.ended, noneEnded
	if r.Kind == KindGood || ledger {
		of, none = s.planned, nonePlanned
	}
	switch {
	case r.Kind == KindQuantile:
		return r.quantile(s)
	case of == 0:
		slo.Reason = none
	case r.Kind == KindShare:
		r.proportion(&slo, s.named, of)
	case r.Kind == KindGood:
		r.proportion(&slo, s.good, of)
	case r.Kind == KindCount:
		r.decide(&slo, float64(s.named))
	case s.elapsed == 0:
		slo.Reason = none
	default:
		low, high := countInterval(s.inside)
		seconds := s.elapsed.Seconds()
		low, high = low/seconds, high/seconds
		slo.Low, slo.High = &low, &high
		r.decide(&slo, float64(s.inside)/seconds)
	}
	return slo
}

// decide compares the point value with the limit.
func (r Rule) decide(slo *results.SLO, value float64) {
	pass := r.Op.holds(value, r.Limit) && !slo.Bound
	slo.Value, slo.Pass = &value, &pass
}

func (r Rule) proportion(slo *results.SLO, k, n int64) {
	low, high := shareInterval(min(k, n), n)
	slo.Low, slo.High = &low, &high
	r.decide(slo, float64(k)/float64(n))
}

// level returns the quantile that a rule is about, from 0 to 1.
func (r Rule) level() float64 {
	// Shortest decimal to the nearest float: 99.9 % must be the same 0.999 that limits are made of.
	q, _ := strconv.ParseFloat(shift(r.Percent, -2), 64) // ParseRule lets nothing else through
	return q
}

// Enough returns the least number of calls that a percentile is judged on: 368 for p99. It is 1 for any other metric.
func (r Rule) Enough() int64 {
	if r.Kind != KindQuantile || r.Percent == maximum {
		return 1
	}
	return enough(r.level())
}

func (r Rule) quantile(s *sample) results.SLO {
	slo := r.unknown("")
	set := results.NewOfferedSet(s.values, s.bounds)
	n := set.Count()
	if n == 0 {
		slo.Reason = fmt.Sprintf("no call of that kind: %s", r.Metric())
		return slo
	}
	if r.Percent == maximum {
		v, bound := set.AtRank(n)
		slo.Bound = bound
		r.decide(&slo, float64(v))
		return slo
	}
	q := r.level()
	v, bound := set.AtRank(results.Rank(q, n))
	slo.Bound = bound
	low, high := rankInterval(q, n)
	if low >= 1 {
		l := float64(set.Low(low))
		slo.Low = &l
	}
	if high <= n {
		if h, open := set.AtRank(high); !open {
			f := float64(h)
			slo.High = &f
		}
	}
	r.decide(&slo, float64(v))
	if n < r.Enough() {
		slo.Pass, slo.Reason = nil, fmt.Sprintf("p%s needs %s samples, there are %s", r.Percent, Thousands(r.Enough()), Thousands(n))
	}
	return slo
}
