package export

import (
	"maps"
	"math"

	"axbench/results"
)

const (
	fineSchema   = 5   // buckets 2^(1/32) wide, 2.2 %
	coarseSchema = -4  // the widest that Prometheus reads
	mostBuckets  = 160 // as the SDKs of OpenTelemetry hold it, and some stores of Prometheus' data
	zeroNS       = 512 // the lowest bucket of a results.Histogram is [0, 512) ns
)

// classicNS are the upper bounds of the classic buckets, in nanoseconds.
var classicNS = [...]int64{
	10e3, 25e3, 50e3, 100e3, 250e3, 500e3, 1e6, 2.5e6, 5e6, 10e6, 25e6, 50e6, 100e6, 250e6, 500e6, 1e9, 2.5e9, 5e9, 10e9, 30e9, 60e9,
}

// spread adds up histograms. It is not safe for concurrent use.
type spread struct {
	count, zero int64
	sumNS       float64 // a sum of whole numbers
	min, max    int64
	buckets     map[int]int64             // of fineSchema, but for zero
	classic     [len(classicNS) + 1]int64 // not cumulative; the last is for what is above all bounds
}

// add counts what h holds. h stays as it is.
func (s *spread) add(h *results.Histogram) {
	if h.Count() == 0 {
		return
	}
	if s.count == 0 || h.Min() < s.min {
		s.min = h.Min()
	}
	s.max = max(s.max, h.Max())
	s.count += h.Count()
	s.sumNS += math.Round(h.Mean() * float64(h.Count()))
	if s.buckets == nil {
		s.buckets = map[int]int64{}
	}
	// Buckets come in ascending order, so that a place is looked for only when the last one is left.
	place, upTo, held, i := 0, int64(-1), int64(0), 0
	h.Buckets(func(from, to, n int64) {
		at := min(max(from+(to-from)/2, h.Min()), h.Max())
		if from >= results.HighestNS {
			at = h.Max() // beyond the range there is nothing but that
		}
		switch {
		case to <= zeroNS:
			s.zero += n
		case at <= upTo:
			held += n
		default:
			if held > 0 {
				s.buckets[place] += held
			}
			place, held = bucketOf(at), n
			upTo = int64(math.Exp2(float64(place)/(1<<fineSchema)) * 1e9)
		}
		for i < len(classicNS) && at > classicNS[i] {
			i++
		}
		s.classic[i] += n
	})
	if held > 0 {
		s.buckets[place] += held
	}
}

// bucketOf is the bucket of fineSchema for a duration in nanoseconds, above 0.
func bucketOf(ns int64) int {
	return int(math.Ceil(math.Log2(float64(ns)/1e9) * (1 << fineSchema)))
}

// into makes s a Sample's distribution, in seconds.
func (s *spread) into(sample *Sample) {
	sample.Kind, sample.Count, sample.Sum = Histogram, uint64(s.count), s.sumNS/1e9
	sample.Points = make(map[float64]float64, len(classicNS))
	below := int64(0)
	for i, bound := range classicNS {
		below += s.classic[i]
		sample.Points[float64(bound)/1e9] = float64(below)
	}
	sample.Exponential = &Exponential{Schema: fineSchema, ZeroUpTo: zeroNS / 1e9, Zero: uint64(s.zero), Buckets: maps.Clone(s.buckets),
		Min: float64(s.min) / 1e9, Max: float64(s.max) / 1e9}
	sample.Exponential.limit(mostBuckets)
}

// limit joins neighbours until at most n buckets hold values. As long as values are only added, a schema that was left does not
// come back.
func (e *Exponential) limit(n int) {
	for len(e.Buckets) > n && e.Schema > coarseSchema {
		joined := make(map[int]int64, len(e.Buckets)/2+1)
		for i, count := range e.Buckets {
			joined[(i+1)>>1] += count
		}
		e.Buckets, e.Schema = joined, e.Schema-1
	}
}
