package emulator

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTally holds quantiles against the sorted sample.
func TestTally(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 99, 100, 10_000} {
		var ta tally
		ta.init(fine)
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
			if float64(c.got) < float64(want) || float64(c.got) > float64(want)*(1+1.0/(1<<(fine-1))) {
				t.Errorf("%d values: quantile %v is %d, want %d", n, c.q, c.got, want)
			}
		}
		if q.Min != all[0] || q.Max != all[n-1] || q.Count != int64(n) || math.Abs(q.Mean/(sum/float64(n))-1) > 1e-9 {
			t.Errorf("%d values: %+v", n, q)
		}
	}
	var ta tally
	ta.init(fine)
	if ta.quantiles() != (Quantiles{}) {
		t.Error("quantiles of nothing")
	}
	ta.add(-5)
	ta.add(math.MaxInt64)
	if q := ta.quantiles(); q.Min != 0 || q.Max != maxTally || q.P99 != maxTally {
		t.Errorf("out of range: %+v", q)
	}
}
