package emulator

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// Quantiles summarises durations. Each quantile is the value of rank ceil(q·count), to 0.05 % unless said otherwise; Min and Max are exact.
type Quantiles struct {
	Count int64   `json:"count"`
	Min   int64   `json:"min"`
	Mean  float64 `json:"mean"`
	P50   int64   `json:"p50"`
	P90   int64   `json:"p90"`
	P95   int64   `json:"p95"`
	P99   int64   `json:"p99"`
	P999  int64   `json:"p99_9"`
	P9999 int64   `json:"p99_99"`
	Max   int64   `json:"max"`
}

// maxTally is the longest time that a tally tells from longer ones: 42 bits.
const maxTally = int64(longest)

// How finely tallies count: buckets are as wide as 1 up to 2^fineness, and there are 2^(fineness-1) for every power of two.
const (
	fine   = 12 // to 0.05 %, 0.5 MB
	coarse = 9  // to 0.4 %, 72 KB
)

// tally counts durations. It is safe for concurrent use.
type tally struct {
	fineness int
	buckets  []atomic.Int64
	count    atomic.Int64
	sum      atomic.Int64
	min      atomic.Int64
	max      atomic.Int64
}

func (t *tally) init(fineness int) {
	t.fineness = fineness
	t.buckets = make([]atomic.Int64, t.bucketOf(maxTally)+1)
	t.min.Store(math.MaxInt64)
}

func (t *tally) bucketOf(v int64) int {
	shift := max(0, bits.Len64(uint64(v))-t.fineness)
	return shift<<(t.fineness-1) + int(v>>shift)
}

// highest returns the greatest value of a bucket.
func (t *tally) highest(b int) int64 {
	shift := max(0, b>>(t.fineness-1)-1)
	return (int64(b-shift<<(t.fineness-1))+1)<<shift - 1
}

func (t *tally) add(v int64) {
	v = min(max(v, 0), maxTally)
	t.buckets[t.bucketOf(v)].Add(1)
	t.count.Add(1)
	t.sum.Add(v)
	for low := t.min.Load(); v < low && !t.min.CompareAndSwap(low, v); low = t.min.Load() {
	}
	raise(&t.max, v)
}

func (t *tally) quantiles() Quantiles {
	n := t.count.Load()
	if n == 0 {
		return Quantiles{}
	}
	q := Quantiles{Count: n, Min: t.min.Load(), Max: t.max.Load(), Mean: float64(t.sum.Load()) / float64(n)}
	wanted := []struct {
		q  float64
		to *int64
	}{{0.5, &q.P50}, {0.9, &q.P90}, {0.95, &q.P95}, {0.99, &q.P99}, {0.999, &q.P999}, {0.9999, &q.P9999}}
	seen := int64(0)
	for b := range t.buckets {
		seen += t.buckets[b].Load()
		for len(wanted) > 0 && seen >= int64(math.Ceil(wanted[0].q*float64(n))) {
			*wanted[0].to = min(max(t.highest(b), q.Min), q.Max)
			wanted = wanted[1:]
		}
	}
	for _, w := range wanted { // counted while we looked
		*w.to = q.Max
	}
	return q
}
