package judge

import "axbench/results"

// ring is a queue of seconds that knows their sum. Each second is merged a few times in all, however long the queue is: behind the
// seconds that came last, which have one sum, stand older ones with a sum up to their end at every stride of them. When the older
// ones are used up the younger take their place, which takes one merge for each: about 10 µs.
type ring struct {
	quantile bool // the seconds have histograms

	old   []sample // oldest first
	head  int      // how many of old are gone
	sums  []sample // sums[i] of old[i*stride:]
	young []sample // behind old, oldest first
	all   sample   // of young
	work  sample   // memory of sum
}

const stride = 32

func (q *ring) len() int { return len(q.old) - q.head + len(q.young) }

// push adds the next second, which is the ring's from then on.
func (q *ring) push(s sample) {
	if len(q.young) == 0 {
		q.all = q.empty(&q.all)
	}
	q.young = append(q.young, s)
	q.all.add(&s)
}

// pop takes the oldest second out; there is one.
func (q *ring) pop() {
	if q.head == len(q.old) {
		q.turn()
	}
	q.old[q.head] = sample{}
	q.head++
}

// turn lets the young seconds be the old ones.
func (q *ring) turn() {
	q.old, q.young, q.head = q.young, nil, 0
	q.sums = make([]sample, (len(q.old)+stride-1)/stride)
	sum := q.empty(&q.all)
	for i := len(q.old) - 1; i >= 0; i-- {
		sum.add(&q.old[i])
		if i%stride == 0 {
			q.sums[i/stride] = sum.copied()
		}
	}
	q.all = q.empty(&sum)
}

// sum returns the sum of all seconds. It is the caller's to add to until the next call.
func (q *ring) sum() *sample {
	q.work = q.empty(&q.work)
	i := q.head
	for ; i < len(q.old) && i%stride != 0; i++ {
		q.work.add(&q.old[i])
	}
	if i < len(q.old) {
		q.work.add(&q.sums[i/stride])
	}
	if len(q.young) > 0 {
		q.work.add(&q.all)
	}
	return &q.work
}

// empty returns a sample without anything, in the memory of another.
func (q *ring) empty(from *sample) sample {
	if !q.quantile {
		return sample{}
	}
	return emptied(from)
}

// emptied returns a sample that many are to be added to, in the memory of another that was made so.
func emptied(from *sample) sample {
	if from.values == nil {
		return sample{values: results.NewDenseHistogram(), bounds: results.NewDenseHistogram()}
	}
	from.values.Reset()
	from.bounds.Reset()
	return sample{values: from.values, bounds: from.bounds}
}

// copied returns a sample with histograms of its own.
func (s *sample) copied() sample {
	c := *s
	c.values, c.bounds, c.shared = nil, nil, [2]bool{}
	for _, part := range []struct {
		into **results.Histogram
		from *results.Histogram
	}{{&c.values, s.values}, {&c.bounds, s.bounds}} {
		if part.from != nil && part.from.Count() > 0 {
			*part.into = results.NewHistogram()
			_ = (*part.into).Merge(part.from) // one geometry: it fails only for counts beyond int64
		}
	}
	return c
}
