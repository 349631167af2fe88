package emulator

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestQueue follows six calls through two servers, by hand.
func TestQueue(t *testing.T) {
	l := parsed(t, "{queue: {servers: 2, service: 10ms}}")
	if l.queueTruth(50*ms) != nil {
		t.Error("a truth before the first call")
	}
	l.origin.mark(100 * ms)
	for i, c := range []struct{ arrival, due int64 }{{100, 110}, {101, 111}, {102, 120}, {103, 121}, {104, 130}, {200, 210}} {
		if got := l.due(1, c.arrival*ms, nil) / ms; got != c.due {
			t.Errorf("call %d: due at %d ms, want %d", i, got, c.due)
		}
	}
	// The third, fourth and fifth call wait 8, 8 and 16 ms.
	q := l.queueTruth(210 * ms)
	if math.Abs(q.Utilisation-60.0/220) > 1e-9 || math.Abs(q.MeanWaiting-32.0/110) > 1e-9 || math.Abs(q.MeanWait-32e6/6) > 1e-3 ||
		q.Calls != 6 || q.Waited != 3 || q.Waiting != 0 || q.MaxWaiting != 3 || q.Servers != 2 || q.Service != 10*ms {
		t.Errorf("%+v", q)
	}
}

// TestQueueInTheMiddle asks for the truth while calls wait and are served.
func TestQueueInTheMiddle(t *testing.T) {
	l := parsed(t, "{queue: {servers: 1, service: 10ms}}")
	l.origin.mark(100 * ms)
	for range 4 { // begin at 100, 110, 120, 130
		l.due(1, 100*ms, nil)
	}
	q := l.queueTruth(115 * ms)
	if q.Waiting != 2 || q.MaxWaiting != 3 || math.Abs(q.Utilisation-1) > 1e-9 || math.Abs(q.MeanWaiting-(10+15+15)/15.0) > 1e-9 {
		t.Errorf("at 115 ms: %+v", q)
	}
	if q = l.queueTruth(160 * ms); q.Waiting != 0 || math.Abs(q.Utilisation-40.0/60) > 1e-9 || math.Abs(q.MeanWaiting-1) > 1e-9 {
		t.Errorf("at 160 ms: %+v", q)
	}
}

// naive is what a queue of c servers does, without a heap and without sums: each call takes the server that is free first.
type naive struct{ begins, arrivals, ends []int64 }

func (n *naive) serve(free []int64, at, service int64) int64 {
	i := slices.Index(free, slices.Min(free))
	begin := max(at, free[i])
	free[i] = begin + service
	n.arrivals, n.begins, n.ends = append(n.arrivals, at), append(n.begins, begin), append(n.ends, free[i])
	return free[i]
}

// overlap is how much of the intervals lies between first and now.
func overlap(from, to []int64, first, now int64) (sum float64) {
	for i := range from {
		sum += float64(max(0, min(to[i], now)-max(from[i], first)))
	}
	return sum
}

// TestQueueAgainstSimulation sends Poisson arrivals (M/D/c) to queues of several sizes and loads, and holds each due time
// against a plain search, and the truth against sums over all calls, at the end and on the way.
func TestQueueAgainstSimulation(t *testing.T) {
	for _, servers := range []int{1, 2, 3, 7, 64} {
		for _, load := range []float64{0.3, 0.9, 1.2} {
			const service = 10 * ms
			q, n, free := newQueue(servers, service), &naive{}, make([]int64, servers)
			random := rand.New(rand.NewPCG(1, uint64(servers)))
			now, first := float64(ms), int64(0)
			for i := range 5000 {
				now += random.ExpFloat64() * float64(service) / float64(servers) / load
				at := int64(now)
				if i == 0 {
					first = at
				}
				want := n.serve(free, at, service)
				if got := q.served(at); got != want {
					t.Fatalf("%d servers, load %v, call %d: %d, want %d", servers, load, i, got, want)
				}
				if i%500 == 499 {
					n.hold(t, q, first, at)
				}
			}
			n.hold(t, q, first, slices.Max(n.ends)+service)
		}
	}
}

func (n *naive) hold(t *testing.T, q *queue, first, now int64) {
	t.Helper()
	got, span, waiting := q.truth(first, now), float64(now-first), int64(0)
	for i := range n.begins {
		if n.arrivals[i] <= now && n.begins[i] > now {
			waiting++
		}
	}
	waits := 0.0
	for i := range n.begins {
		waits += float64(n.begins[i] - n.arrivals[i])
	}
	for name, c := range map[string][2]float64{
		"utilisation":  {got.Utilisation, overlap(n.begins, n.ends, first, now) / span / float64(len(q.free))},
		"mean waiting": {got.MeanWaiting, overlap(n.arrivals, n.begins, first, now) / span},
		"mean wait":    {got.MeanWait, waits / float64(len(n.begins))},
		"waiting":      {float64(got.Waiting), float64(waiting)},
	} {
		if math.Abs(c[0]-c[1]) > 1e-9*max(1, c[1]) {
			t.Errorf("%d servers, %d calls: %s is %v, want %v", len(q.free), len(n.begins), name, c[0], c[1])
		}
	}
}

// TestQueueAgainstTheory has Poisson arrivals at one server: the mean wait of M/D/1 is ρ·s/(2·(1−ρ)), the utilisation ρ.
func TestQueueAgainstTheory(t *testing.T) {
	const service, load, calls = 10 * ms, 0.8, 400_000
	q := newQueue(1, service)
	random := rand.New(rand.NewPCG(5, 6))
	now := float64(ms)
	for range calls {
		now += random.ExpFloat64() * float64(service) / load
		q.served(int64(now))
	}
	got, want := q.truth(ms, int64(now)), load*float64(service)/(2*(1-load))
	if math.Abs(got.MeanWait/want-1) > 0.05 || math.Abs(got.Utilisation/load-1) > 0.01 {
		t.Errorf("mean wait %.0f ns, want %.0f; utilisation %v, want %v", got.MeanWait, want, got.Utilisation, load)
	}
}

// TestRingOfInstants pushes and drops through several sizes.
func TestRingOfInstants(t *testing.T) {
	var r ring
	var plain []int64
	random := rand.New(rand.NewPCG(3, 4))
	for next := int64(1); next < 20_000; next++ {
		r.push(next)
		plain = append(plain, next)
		if random.IntN(3) == 0 {
			until := plain[0] + random.Int64N(int64(len(plain))+2)
			r.dropUntil(until)
			for len(plain) > 0 && plain[0] <= until {
				plain = plain[1:]
			}
		}
		if r.n != len(plain) || r.n > 0 && (r.at(0) != plain[0] || r.at(r.n-1) != plain[len(plain)-1]) {
			t.Fatalf("after %d: %d, want %d", next, r.n, len(plain))
		}
	}
}
