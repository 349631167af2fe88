package judge

// ring is a queue of seconds that knows their sum. A second is merged twice in all, however long the window is: the older part is
// kept as sums up to its end, the younger one as what it is and one sum.
type ring struct {
	old   []sample // each the sum of itself and the seconds behind it in old; the oldest last
	young []sample // oldest first
	sums  sample   // of young
}

func (q *ring) len() int { return len(q.old) + len(q.young) }

// push adds the next second, which is the ring's from then on.
func (q *ring) push(s sample) {
	q.young = append(q.young, s)
	q.sums.add(&s)
}

// pop takes the oldest second out; there is one.
func (q *ring) pop() {
	if len(q.old) == 0 {
		sum := sample{}
		for i := len(q.young) - 1; i >= 0; i-- {
			next := q.young[i]
			next.disown()
			next.add(&sum)
			q.old = append(q.old, next)
			sum = next
		}
		q.young, q.sums = nil, sample{}
	}
	q.old[len(q.old)-1] = sample{}
	q.old = q.old[:len(q.old)-1]
}

// sum returns the sum of all seconds. It is the caller's to add to.
func (q *ring) sum() *sample {
	s := sample{}
	if n := len(q.old); n > 0 {
		s.add(&q.old[n-1])
	}
	s.add(&q.sums)
	return &s
}
