package report

import (
	"encoding/binary"
	"slices"

	"axbench/results"
)

// unit is the width of the finest buckets of results' geometry, and so a divisor of where any bucket ends.
const unit = 512

// dist holds the counts of a histogram in a few bytes a bucket, so that thousands of them can be kept to be merged later. It
// gives the same quantiles as results.Histogram. The zero value is empty.
type dist struct {
	count    int64 // with overflow
	overflow int64
	min, max int64  // exact
	packed   []byte // ascending buckets: distance of the end to the one before in units, count; both as uvarint
}

// bucket counts values that are reported as to - 1 ns.
type bucket struct{ to, count int64 }

// distOf packs a histogram.
func distOf(h *results.Histogram) dist {
	d := dist{count: h.Count(), overflow: h.Overflow(), min: h.Min(), max: h.Max()}
	var list []bucket
	h.Buckets(func(from, to, count int64) {
		if from < results.HighestNS { // those above are the overflow
			list = append(list, bucket{to, count})
		}
	})
	d.pack(list)
	return d
}

func (d *dist) pack(list []bucket) {
	b := make([]byte, 0, 3*len(list))
	last := int64(0)
	for _, k := range list {
		b = binary.AppendUvarint(b, uint64(k.to-last)/unit)
		b = binary.AppendUvarint(b, uint64(k.count))
		last = k.to
	}
	d.packed = slices.Clip(b)
}

// each calls f for each bucket in ascending order until it returns false.
func (d *dist) each(f func(bucket) bool) {
	to := int64(0)
	for b := d.packed; len(b) > 0; {
		step, n := binary.Uvarint(b)
		count, m := binary.Uvarint(b[n:])
		to += int64(step) * unit
		if !f(bucket{to, int64(count)}) {
			return
		}
		b = b[n+m:]
	}
}

// merge adds what e counts.
func (d *dist) merge(e dist) {
	if e.count == 0 {
		return
	}
	if d.count == 0 {
		*d = e
		return
	}
	mine, theirs := d.buckets(), e.buckets()
	list := make([]bucket, 0, len(mine)+len(theirs))
	for len(mine) > 0 && len(theirs) > 0 {
		switch a, b := mine[0], theirs[0]; {
		case a.to < b.to:
			list, mine = append(list, a), mine[1:]
		case a.to > b.to:
			list, theirs = append(list, b), theirs[1:]
		default:
			list = append(list, bucket{a.to, a.count + b.count})
			mine, theirs = mine[1:], theirs[1:]
		}
	}
	d.pack(append(append(list, mine...), theirs...))
	d.count += e.count
	d.overflow += e.overflow
	d.min, d.max = min(d.min, e.min), max(d.max, e.max)
}

func (d *dist) buckets() (list []bucket) {
	d.each(func(b bucket) bool {
		list = append(list, b)
		return true
	})
	return list
}

// value is what a bucket's values are reported as, see results.Histogram.ValueAtRank.
func (d *dist) value(b bucket) int64 {
	if b.to <= unit {
		return d.min
	}
	return min(max(b.to-1, d.min), d.max)
}

// quantiles returns the values at the given levels, which ascend, in nanoseconds; absent ones if nothing was counted.
func (d *dist) quantiles(levels ...float64) []int64 {
	values := make([]int64, len(levels))
	for i := range values {
		values[i] = d.max
		if d.count == 0 {
			values[i] = absent
		}
	}
	seen, i := int64(0), 0
	d.each(func(b bucket) bool {
		seen += b.count
		for i < len(levels) {
			rank := results.Rank(levels[i], d.count)
			if rank > seen || rank >= d.count {
				break
			}
			values[i] = d.value(b)
			i++
		}
		return i < len(levels)
	})
	return values
}
