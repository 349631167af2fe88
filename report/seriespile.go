package report

import (
	"math/bits"

	"axbench/results"
)

// subBuckets is into how many buckets results' geometry parts each power of two, from the second on.
const subBuckets = 1024

// pile adds distributions up, as dist.merge does but many at a time. The zero value is empty.
type pile struct {
	sum    dist // but for what is packed
	counts []int64
	ends   []int64 // of the buckets that hold something
}

// place is the index of the bucket that ends at to.
func place(to int64) int {
	last := uint64(to/unit) - 1 // the bucket's last unit
	shift := max(0, bits.Len64(last)-11)
	return shift*subBuckets + int(last>>shift)
}

// mostPlaces is one behind the last bucket of the range.
var mostPlaces = place(results.HighestNS*2) + 1

// add adds what d counts.
func (p *pile) add(d *dist) {
	if d.count == 0 {
		return
	}
	if p.counts == nil {
		p.counts, p.ends = make([]int64, mostPlaces), make([]int64, mostPlaces)
	}
	if p.sum.count == 0 {
		p.sum.min, p.sum.max = d.min, d.max
	}
	p.sum.count += d.count
	p.sum.overflow += d.overflow
	p.sum.min, p.sum.max = min(p.sum.min, d.min), max(p.sum.max, d.max)
	d.each(func(b bucket) bool {
		i := place(b.to)
		p.counts[i] += b.count
		p.ends[i] = b.to
		return true
	})
}

// take returns what was added since it was last called.
func (p *pile) take() dist {
	d := p.sum
	var list []bucket
	for i, n := range p.counts {
		if n > 0 {
			list = append(list, bucket{p.ends[i], n})
		}
	}
	d.pack(list)
	clear(p.counts)
	p.sum = dist{}
	return d
}
