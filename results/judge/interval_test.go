package judge

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func close3(a, b float64) bool { return math.Abs(a-b) <= 5e-4*math.Max(1, math.Abs(b)) }

// The values are those of published tables.
func TestIntervalsAgainstTables(t *testing.T) {
	shares := []struct {
		k, n      int64
		low, high float64
	}{{0, 10, 0, 0.3085}, {5, 10, 0.1871, 0.8129}, {10, 10, 0.6915, 1}, {1, 100, 0.0003, 0.0545}, {990, 1000, 0.9817, 0.9952}}
	for _, c := range shares {
		if low, high := shareInterval(c.k, c.n); !close3(low, c.low) || !close3(high, c.high) {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
	counts := []struct {
		k         int64
		low, high float64
	}{{0, 0, 3.6889}, {1, 0.0253, 5.5716}, {10, 4.7954, 18.3904}, {100, 81.3637, 121.6275}}
	for _, c := range counts {
		if low, high := countInterval(c.k); !close3(low, c.low) || !close3(high, c.high) {
			t.Errorf("count %d: %.4f to %.4f, want %.4f to %.4f", c.k, low, high, c.low, c.high)
		}
	}
	ranks := []struct {
		q         float64
		n         int64
		low, high int64
	}{{0.5, 10, 2, 9}, {0.5, 100, 40, 61}, {0.5, 5, 0, 6}, {0.99, 100, 97, 101}, {0.9, 1, 0, 2}}
	for _, c := range ranks {
		if low, high := rankInterval(c.q, c.n); low != c.low || high != c.high {
			t.Errorf("ranks of %v among %d: %d to %d, want %d to %d", c.q, c.n, low, high, c.low, c.high)
		}
	}
}

// Long runs have many calls: the special functions must neither fail nor drift there.
func TestIntervalsOfLongRuns(t *testing.T) {
	const z = 1.959964
	for _, n := range []int64{10_000, 1_000_000, 100_000_000, 10_000_000_000} {
		for _, q := range []float64{0.5, 0.9, 0.99, 0.9999} {
			mean, sd := q*float64(n), math.Sqrt(q*(1-q)*float64(n))
			if sd < 10 {
				continue // too skewed for the normal approximation that is the reference here
			}
			low, high := rankInterval(q, n)
			if d := math.Abs(float64(low)-(mean-z*sd)) / sd; d > 0.1 {
				t.Errorf("q %v of %d: low rank %d is %.3f deviations off", q, n, low, d)
			}
			if d := math.Abs(float64(high)-(mean+z*sd)) / sd; d > 0.2 {
				t.Errorf("q %v of %d: high rank %d is %.3f deviations off", q, n, high, d)
			}
			l, h := shareInterval(int64(mean), n)
			if d := math.Abs(l*float64(n)-(mean-z*sd)) / sd; d > 0.1 {
				t.Errorf("share %v of %d: low %v is %.3f deviations off", q, n, l, d)
			}
			if d := math.Abs(h*float64(n)-(mean+z*sd)) / sd; d > 0.1 {
				t.Errorf("share %v of %d: high %v is %.3f deviations off", q, n, h, d)
			}
		}
		low, high := countInterval(n)
		sd := math.Sqrt(float64(n))
		if math.Abs(low-(float64(n)-z*sd)) > 0.1*sd || math.Abs(high-(float64(n)+z*sd)) > 0.1*sd {
			t.Errorf("count %d: %v to %v", n, low, high)
		}
	}
}

func TestIntervalsHoldTheirPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1e7).Draw(t, "n")
		k := rapid.Int64Range(0, n).Draw(t, "k")
		low, high := shareInterval(k, n)
		if p := float64(k) / float64(n); !(low >= 0 && low <= p && p <= high && high <= 1) {
			t.Fatalf("%d of %d: %v to %v", k, n, low, high)
		}
		if low, high := countInterval(k); !(low >= 0 && low <= float64(k) && float64(k) <= high) {
			t.Fatalf("count %d: %v to %v", k, low, high)
		}
		q := rapid.Float64Range(0.5, 0.9999).Draw(t, "q")
		l, h := rankInterval(q, n)
		if rank := math.Ceil(q * float64(n)); l < 0 || float64(l) > rank || float64(h) < rank || h > n+1 {
			t.Fatalf("q %v of %d: ranks %d to %d", q, n, l, h)
		}
	})
}

// A 95 % interval must hold the truth in at least 95 % of all samples, up to chance: 4000 samples have a standard
// deviation of 0.35 %. And it must not be so wide that it says nothing.
func TestIntervalsCoverTheTruth(t *testing.T) {
	const samples = 4000
	cases := []struct {
		name string
		draw func(*rand.Rand) bool // is the truth inside?
		most float64
	}{
		{"median of 100", quantileInside(0.5, 100), 0.99},
		{"p90 of 300", quantileInside(0.9, 300), 0.99},
		{"p99 of 1000", quantileInside(0.99, 1000), 0.99},
		{"share 0.3 of 200", shareInside(0.3, 200), 0.985},
		{"share 0.02 of 500", shareInside(0.02, 500), 0.99},
		{"count 50", countInside(50), 0.985},
	}
	for i, c := range cases {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		inside := 0
		for range samples {
			if c.draw(r) {
				inside++
			}
		}
		if got := float64(inside) / samples; got < 0.94 || got > c.most {
			t.Errorf("%s: the truth is inside %.1f %% of all intervals", c.name, 100*got)
		}
	}
}

func quantileInside(q float64, n int64) func(*rand.Rand) bool {
	low, high := rankInterval(q, n)
	truth := -math.Log(1 - q) // of an exponential distribution
	return func(r *rand.Rand) bool {
		values := make([]float64, n)
		for i := range values {
			values[i] = r.ExpFloat64()
		}
		slices.Sort(values)
		return (low == 0 || values[low-1] <= truth) && (high > n || truth <= values[high-1])
	}
}

func shareInside(p float64, n int64) func(*rand.Rand) bool {
	return func(r *rand.Rand) bool {
		var k int64
		for range n {
			if r.Float64() < p {
				k++
			}
		}
		low, high := shareInterval(k, n)
		return low <= p && p <= high
	}
}

func countInside(mean float64) func(*rand.Rand) bool {
	return func(r *rand.Rand) bool {
		var k int64
		for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
			k++
		}
		low, high := countInterval(k)
		return low <= mean && mean <= high
	}
}

// The least number for which the largest value lies above the quantile with 97.5 %, and so the least whose interval has an upper end.
func TestEnough(t *testing.T) {
	for q, want := range map[float64]int64{0.5: 6, 0.75: 13, 0.9: 36, 0.95: 72, 0.99: 368, 0.995: 736, 0.999: 3688, 0.9999: 36_887} {
		if got := enough(q); got != want {
			t.Errorf("p%v takes %d, want %d", 100*q, got, want)
		}
		if math.Pow(q, float64(want)) > tail || math.Pow(q, float64(want-1)) <= tail {
			t.Errorf("p%v: %d is not the smallest n with q^n <= %v", 100*q, want, tail)
		}
		if _, high := rankInterval(q, want); high != want {
			t.Errorf("p%v of %d: the interval ends at rank %d", 100*q, want, high)
		}
		if _, high := rankInterval(q, want-1); high != want {
			t.Errorf("p%v of %d: the interval is not open: rank %d", 100*q, want-1, high)
		}
	}
}

// The values are those of published tables.
func TestChiSquareTail(t *testing.T) {
	for _, c := range []struct {
		x       float64
		degrees int
		tail    float64
	}{{3.841, 1, 0.05}, {18.307, 10, 0.05}, {36.415, 24, 0.05}, {51.179, 24, 0.001}, {0, 5, 1}, {7, 0, 1}} {
		if got := ChiSquareTail(c.x, c.degrees); math.Abs(got-c.tail) > 2e-3*c.tail {
			t.Errorf("%g of %d degrees: %g, want %g", c.x, c.degrees, got, c.tail)
		}
	}
	if got := ChiSquareTail(1e6, 24); got > 1e-300 {
		t.Errorf("far out: %g", got)
	}
}
