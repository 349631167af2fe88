package results

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// The one geometry of all histograms: nanoseconds from 1 µs to 1 h with three significant digits.
const (
	LowestNS  int64 = 1_000
	HighestNS int64 = 3_600_000_000_000
	digits          = 3

	unitBits = 9  // the lowest bucket is [0, 512) ns: the power of two below LowestNS
	subBits  = 11 // 2048 sub-buckets hold three digits
)

// Histogram counts durations in nanoseconds in the one geometry of this package, beside exact minimum, maximum and sum.
//
// A value below 1 µs (a negative one too) counts in the lowest bucket. A value above 1 h is counted by Count and
// Overflow, and a rank that falls there is the exact maximum. The zero value is an empty histogram. It is not safe for
// concurrent use.
//
// It becomes dense (196 KB) with the first Record and stays sparse as long as it is only merged into.
type Histogram struct {
	dense    *hdr.Histogram
	sparse   *hdr.PackedHistogram
	count    int64 // with overflow
	overflow int64
	min, max int64
	sum      int64
}

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram { return &Histogram{} }

// NewDenseHistogram returns an empty histogram that is dense from the start (196 KB): merging into it takes a tenth of the time.
func NewDenseHistogram() *Histogram {
	h := &Histogram{}
	h.makeDense()
	return h
}

// Record counts one duration of ns nanoseconds. Only the first call after NewHistogram allocates.
func (h *Histogram) Record(ns int64) {
	if h.dense == nil {
		h.makeDense()
	}
	ns = max(ns, 0)
	if ns > HighestNS || h.dense.RecordValue(ns) != nil {
		h.overflow++
	}
	h.extend(ns, ns, ns, 1)
}

// extend takes count values between lo and hi into the exact figures.
func (h *Histogram) extend(lo, hi, sum, count int64) {
	if h.count == 0 || lo < h.min {
		h.min = lo
	}
	h.max = max(h.max, hi)
	h.count += count
	if sum > math.MaxInt64-h.sum {
		h.sum = math.MaxInt64
		return
	}
	h.sum += sum
}

func (h *Histogram) makeDense() {
	h.dense = hdr.New(LowestNS, HighestNS, digits)
	if h.sparse != nil {
		h.sparse.MergeInto(h.dense) // the same geometry: nothing can be dropped but a count beyond int64
		h.sparse = nil
	}
}

var errDropped = errors.New("histogram: merge dropped values")

// Merge adds what from counted; from stays as it is. An error says how many values found no place, which the one
// geometry leaves possible only for counts beyond an int64.
func (h *Histogram) Merge(from *Histogram) error {
	if from == nil || from.count == 0 {
		return nil
	}
	if h == from {
		return errors.New("histogram: merged into itself")
	}
	if from.count > math.MaxInt64-h.count {
		return fmt.Errorf("%w: %d and %d are more than can be counted", errDropped, h.count, from.count)
	}
	var dropped int64
	switch {
	case h.dense != nil && from.dense != nil:
		dropped = h.dense.Merge(from.dense)
	case h.dense != nil && from.sparse != nil:
		dropped = from.sparse.MergeInto(h.dense)
	case from.dense != nil:
		dropped = h.needSparse().MergeFrom(from.dense)
	case from.sparse != nil:
		dropped = h.needSparse().Merge(from.sparse)
	}
	h.extend(from.min, from.max, from.sum, from.count-dropped)
	h.overflow += from.overflow
	if dropped != 0 {
		return fmt.Errorf("%w: %d", errDropped, dropped)
	}
	return nil
}

func (h *Histogram) needSparse() *hdr.PackedHistogram {
	if h.sparse == nil {
		h.sparse = hdr.NewPacked(LowestNS, HighestNS, digits)
	}
	return h.sparse
}

// Reset empties the histogram and keeps its memory.
func (h *Histogram) Reset() {
	if h.dense != nil && h.dense.TotalCount() > 0 {
		h.dense.Reset()
	}
	if h.sparse != nil {
		h.sparse.Reset()
	}
	h.count, h.overflow, h.min, h.max, h.sum = 0, 0, 0, 0, 0
}

// Count returns how many values were recorded, those above the range included.
func (h *Histogram) Count() int64 { return h.count }

// Overflow returns how many of the values were above 1 h.
func (h *Histogram) Overflow() int64 { return h.overflow }

// Min returns the exact smallest value in nanoseconds, 0 for an empty histogram.
func (h *Histogram) Min() int64 { return h.min }

// Max returns the exact largest value in nanoseconds, 0 for an empty histogram.
func (h *Histogram) Max() int64 { return h.max }

// Mean returns the exact mean in nanoseconds, 0 for an empty histogram.
func (h *Histogram) Mean() float64 {
	if h.count == 0 {
		return 0
	}
	return float64(h.sum) / float64(h.count)
}

// Sum returns the exact sum of all values in nanoseconds; one beyond an int64 is its maximum.
func (h *Histogram) Sum() int64 { return h.sum }

// Quantile returns the value at rank ceil(q·count) in nanoseconds, 0 for an empty histogram; q is held within 0 and 1.
func (h *Histogram) Quantile(q float64) int64 { return h.ValueAtRank(Rank(q, h.count)) }

// Rank returns ceil(q·n), at least 1 and at most n: the rank of the q-quantile among n values. It is 0 for n = 0.
// Products that miss an integer by rounding alone (0.07·100) count as that integer.
func Rank(q float64, n int64) int64 {
	if n <= 0 {
		return 0
	}
	if !(q > 0) {
		return 1
	}
	product := q * float64(n)
	rank := math.Ceil(product)
	if near := math.Round(product); math.Abs(product-near) <= product*1e-15 { // a few roundings of 1.1e-16; 1/10000 is more than that up to 1e11
		rank = near
	}
	return min(max(int64(rank), 1), n)
}

// ValueAtRank returns the n-th smallest value in nanoseconds, n from 1 to Count (held within): the upper end of its
// bucket, but never below the exact minimum nor above the exact maximum. In the lowest bucket, below the resolution of
// 1 µs, it is the exact minimum. It is 0 for an empty histogram.
func (h *Histogram) ValueAtRank(n int64) int64 {
	if h.count == 0 {
		return 0
	}
	inRange := h.count - h.overflow
	n = max(n, 1)
	if n > inRange || n >= h.count {
		return h.max
	}
	percentile := 100 * float64(n) / float64(inRange) // the library rounds this back to n
	var v int64
	if h.dense != nil {
		v = h.dense.ValueAtPercentile(percentile)
	} else {
		v = h.sparse.ValueAtPercentile(percentile)
	}
	if v < 1<<unitBits {
		return h.min
	}
	return min(max(v, h.min), h.max)
}

// Above returns how many values are above ns, by whole buckets: those in the bucket of ns itself do not count.
func (h *Histogram) Above(ns int64) int64 {
	if h.count == 0 || h.max <= ns {
		return 0
	}
	var n int64
	h.Buckets(func(from, _, count int64) {
		if from > ns {
			n += count
		}
	})
	return n
}

// BucketOf returns the bucket [from, to) in nanoseconds that counts a value of ns, from 0 to HighestNS.
func BucketOf(ns int64) (from, to int64) {
	size := bucketSize(ns)
	from = ns &^ (size - 1)
	return from, from + size
}

// bucketSize returns the width in nanoseconds of the bucket that begins at v.
func bucketSize(v int64) int64 {
	return 1 << (unitBits + max(0, bits.Len64(uint64(v))-unitBits-subBits))
}

// Buckets calls f for every bucket that holds values, in ascending order: count values in [from, to). Values above the
// range come last as one bucket from HighestNS to the exact maximum.
func (h *Histogram) Buckets(f func(from, to, count int64)) {
	sparse := h.asSparse()
	if sparse != nil {
		sparse.ForEachBucket(func(v, count int64) bool {
			f(v, v+bucketSize(v), count)
			return true
		})
	}
	if h.overflow > 0 {
		f(HighestNS, h.max+1, h.overflow)
	}
}

// asSparse returns the counts in sparse form, nil if there are none; the result must not be changed.
func (h *Histogram) asSparse() *hdr.PackedHistogram {
	if h.dense == nil {
		return h.sparse
	}
	sparse := hdr.NewPacked(LowestNS, HighestNS, digits)
	sparse.MergeFrom(h.dense)
	return sparse
}
