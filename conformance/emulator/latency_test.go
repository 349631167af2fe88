package emulator

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

const ms = int64(time.Millisecond)

func parsed(t testing.TB, text string) *latency {
	return newLatency(&config(t, "latency: "+text).Latency, 1)
}

func TestLognormal(t *testing.T) {
	l := parsed(t, "{lognormal: {median: 20ms, p99: 80ms}}")
	const n = 200_000
	var drawn []int64
	for k := range uint64(n) {
		drawn = append(drawn, l.due(k, 1000)-1000)
	}
	if first := l.due(7, 0); first != l.due(7, 0) || first == l.due(8, 0) {
		t.Error("a call does not draw by its number")
	}
	slices.Sort(drawn)
	for q, want := range map[float64]float64{0.5: 20, 0.99: 80, 0.01: 5} {
		if got := float64(drawn[int(q*n)]) / float64(ms); math.Abs(got/want-1) > 0.03 {
			t.Errorf("quantile %v is %.2f ms, want %v ms", q, got, want)
		}
	}
}

func TestStall(t *testing.T) {
	l := parsed(t, "{fixed: 5ms, stall: {after: 3s, for: 2s}}")
	const first = int64(7e9)                          // the first call, some time after the start
	for _, c := range []struct{ arrival, due int64 }{ // in ms after the first call
		{0, 5}, {2990, 2995}, {2994, 2999}, {2995, 5000}, {2998, 5003}, {3000, 5005}, {3001, 5005}, {4999, 5005}, {5000, 5005}, {5001, 5006}, {9000, 9005},
	} {
		if got := (l.due(1, first+c.arrival*ms) - first) / ms; got != c.due {
			t.Errorf("a call at %d ms is due at %d ms, want %d", c.arrival, got, c.due)
		}
	}
	if l := parsed(t, "{stall: {after: 1s, for: 1s}}"); l.due(1, first) != first || l.due(2, first+1500*ms) != first+2000*ms {
		t.Error("a call without latency does not wait for the end of the stall")
	}
}

func TestQueue(t *testing.T) {
	l := parsed(t, "{queue: {servers: 2, service: 10ms}}")
	for i, c := range []struct{ arrival, due int64 }{{100, 110}, {101, 111}, {102, 120}, {103, 121}, {104, 130}, {200, 210}} {
		if got := l.due(1, c.arrival*ms) / ms; got != c.due {
			t.Errorf("call %d: due at %d ms, want %d", i, got, c.due)
		}
	}
	if u := l.utilisation(210 * ms); math.Abs(u-60.0/220) > 1e-9 {
		t.Errorf("utilisation %v, want 60 ms of 2·110 ms", u)
	}
	l = parsed(t, "{queue: {servers: 1, service: 10ms}, stall: {after: 15ms, for: 100ms}}")
	for i, c := range []struct{ arrival, due int64 }{{100, 110}, {101, 220}, {150, 230}, {230, 240}} {
		if got := l.due(1, c.arrival*ms) / ms; got != c.due {
			t.Errorf("with a stall, call %d: due at %d ms, want %d", i, got, c.due)
		}
	}
}

// TestQueueAgainstSimulation holds the heap against a plain search for the server that is free first.
func TestQueueAgainstSimulation(t *testing.T) {
	for _, servers := range []int{1, 2, 3, 7, 64} {
		l := &latency{queue: true, service: 10 * ms, free: make([]int64, servers)}
		free := make([]int64, servers)
		now := int64(1)
		for i := range 5000 {
			now += rand.Int64N(2 * l.service / int64(servers))
			next := slices.Index(free, slices.Min(free))
			free[next] = max(now, free[next]) + l.service
			if got := l.due(uint64(i), now); got != free[next] {
				t.Fatalf("%d servers, call %d: %d, want %d", servers, i, got, free[next])
			}
		}
	}
}

// TestWaiter has many sleepers: nobody wakes before the time, and everybody wakes.
func TestWaiter(t *testing.T) {
	leaks(t)
	w := newWaiter()
	if err := w.start(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var late tally
	late.init()
	for i := range 64 {
		wg.Go(func() {
			wake := make(chan struct{}, 1)
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range 50 {
				at := instant() + r.Int64N(8*ms)
				w.until(at, wake)
				now := instant()
				if now < at-int64(pause) {
					t.Errorf("woken %d ns before the time", at-now)
				}
				late.add(now - at)
			}
		})
	}
	wg.Wait()
	w.stop()
	q := late.quantiles()
	if q.Count != 64*50 {
		t.Errorf("%d wakes", q.Count)
	}
	t.Logf("late: p50 %v, p99 %v", time.Duration(q.P50), time.Duration(q.P99))
}

// TestTally holds quantiles against the sorted sample.
func TestTally(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 99, 100, 10_000} {
		var ta tally
		ta.init()
		var all []int64
		sum := 0.0
		for range n {
			v := int64(math.Exp(r.Float64() * 28)) // 1 ns to 24 min
			ta.add(v)
			all = append(all, v)
			sum += float64(v)
		}
		slices.Sort(all)
		q := ta.quantiles()
		for _, c := range []struct {
			q   float64
			got int64
		}{{0.5, q.P50}, {0.9, q.P90}, {0.95, q.P95}, {0.99, q.P99}, {0.999, q.P999}, {0.9999, q.P9999}} {
			want := all[int(math.Ceil(c.q*float64(n)))-1]
			if float64(c.got) < float64(want) || float64(c.got) > float64(want)*(1+1.0/half) {
				t.Errorf("%d values: quantile %v is %d, want %d", n, c.q, c.got, want)
			}
		}
		if q.Min != all[0] || q.Max != all[n-1] || q.Count != int64(n) || math.Abs(q.Mean/(sum/float64(n))-1) > 1e-9 {
			t.Errorf("%d values: %+v", n, q)
		}
	}
	var ta tally
	ta.init()
	if ta.quantiles() != (Quantiles{}) {
		t.Error("quantiles of nothing")
	}
	ta.add(-5)
	ta.add(math.MaxInt64)
	if q := ta.quantiles(); q.Min != 0 || q.Max != maxTally || q.P99 != maxTally {
		t.Errorf("out of range: %+v", q)
	}
}

// TestTruthOfLatency serves a lognormal latency to real connections and holds the client's own measurement against the record.
func TestTruthOfLatency(t *testing.T) {
	e := serve(t, config(t, "latency: {lognormal: {median: 20ms, p99: 80ms}}"), fixed)
	var mine tally
	mine.init()
	const callers, each = 30, 30
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			c := dial(t, e.addr)
			defer c.Close()
			for range each {
				start := instant()
				c.call(t, newBind().get())
				mine.add(instant() - start)
			}
		})
	}
	wg.Wait()
	truth := e.settled(t, callers*each)
	own, theirs := mine.quantiles(), truth.Service
	if theirs.Count != callers*each || theirs.Min < truth.Overshoot.Min {
		t.Errorf("truth: %+v", truth)
	}
	for name, q := range map[string][2]int64{"p50": {own.P50, theirs.P50}, "p90": {own.P90, theirs.P90}, "p99": {own.P99, theirs.P99}} {
		t.Logf("%s: client %v, truth %v", name, time.Duration(q[0]), time.Duration(q[1]))
		if ratio := float64(q[0]) / float64(q[1]); ratio < 0.95 || ratio > 1.2 {
			t.Errorf("%s: the client's time is %.3f of the service's", name, ratio)
		}
	}
	t.Logf("overshoot: p50 %v, p99 %v", time.Duration(truth.Overshoot.P50), time.Duration(truth.Overshoot.P99))
}
