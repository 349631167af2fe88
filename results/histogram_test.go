package results

import (
	"math"
	"math/big"
	"slices"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

func recorded(values ...int64) *Histogram {
	h := NewHistogram()
	for _, v := range values {
		h.Record(v)
	}
	return h
}

// forms returns the same values as a dense, a sparse and a decoded histogram.
func forms(t interface{ Fatal(...any) }, values []int64) map[string]*Histogram {
	dense := recorded(values...)
	sparse := NewHistogram()
	if err := sparse.Merge(dense); err != nil {
		t.Fatal(err)
	}
	payload, err := dense.asSparse().EncodeV2()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := decode(payload, []int64{dense.min, dense.max, dense.sum, dense.overflow})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Histogram{"dense": dense, "sparse": sparse, "decoded": decoded}
}

func durations() *rapid.Generator[[]int64] {
	one := rapid.OneOf(rapid.Int64Range(-5, 3000), rapid.Int64Range(0, 50_000_000), rapid.Int64Range(0, HighestNS+1_000_000))
	return rapid.SliceOfN(one, 1, 200)
}

func TestRanksReadTheRightBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := durations().Draw(t, "values")
		for name, h := range forms(t, values) {
			sorted := slices.Clone(values)
			for i, v := range sorted {
				sorted[i] = max(v, 0)
			}
			slices.Sort(sorted)
			n := int64(len(sorted))
			if h.Count() != n || h.Min() != sorted[0] || h.Max() != sorted[n-1] {
				t.Fatalf("%s: count %d min %d max %d, want %d %d %d", name, h.Count(), h.Min(), h.Max(), n, sorted[0], sorted[n-1])
			}
			for rank := int64(1); rank <= n; rank++ {
				want, got := sorted[rank-1], h.ValueAtRank(rank)
				switch {
				case want > HighestNS || rank == n:
					if got != sorted[n-1] {
						t.Fatalf("%s: rank %d is %d, want the maximum %d", name, rank, got, sorted[n-1])
					}
				case want < 1<<unitBits:
					if got != sorted[0] {
						t.Fatalf("%s: rank %d below the resolution is %d, want the minimum %d", name, rank, got, sorted[0])
					}
				case got < want || got > want+max(1<<unitBits, want/1000):
					t.Fatalf("%s: rank %d is %d, want %d to three digits", name, rank, got, want)
				}
			}
		}
	})
}

func TestRank(t *testing.T) {
	cases := []struct {
		q    float64
		n    int64
		want int64
	}{
		{0.5, 0, 0}, {0.5, 1, 1}, {0.5, 2, 1}, {0.5, 3, 2}, {0.99, 100, 99}, {0.99, 101, 100}, {0.07, 100, 7}, {0.9999, 10_000, 9999},
		{0.999, 1_000_000, 999_000}, {0, 5, 1}, {-1, 5, 1}, {1, 5, 5}, {2, 5, 5}, {math.NaN(), 5, 1}, {0.95, 20, 19}, {0.57, 100, 57},
		{0.5265, 4992188585, 2628387291}, {0.5265, 4992180000, 2628382770},
	}
	for _, c := range cases {
		if got := Rank(c.q, c.n); got != c.want {
			t.Errorf("Rank(%v, %d) = %d, want %d", c.q, c.n, got, c.want)
		}
	}
}

// The quantiles in use are decimals; their ranks must be those of exact arithmetic.
func TestRankIsExactForDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hundredths := rapid.Int64Range(5000, 9999).Draw(t, "q in 1/10000")
		n := rapid.Int64Range(1, 1e10).Draw(t, "n")
		want := new(big.Int).Mul(big.NewInt(hundredths), big.NewInt(n))
		want.Add(want, big.NewInt(9999)).Div(want, big.NewInt(10_000))
		if got := Rank(float64(hundredths)/10_000, n); got != want.Int64() {
			t.Fatalf("Rank(%d/10000, %d) = %d, want %d", hundredths, n, got, want)
		}
	})
}

func TestMergeOfEveryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := durations().Draw(t, "a"), durations().Draw(t, "b")
		want := recorded(append(slices.Clone(a), b...)...).Summary()
		left, right := forms(t, a), forms(t, b)
		for fromName, from := range right {
			for intoName := range left {
				into := forms(t, a)[intoName]
				if err := into.Merge(from); err != nil {
					t.Fatal(err)
				}
				if got := into.Summary(); !equal(got, want) {
					t.Fatalf("%s into %s: %+v, want %+v", fromName, intoName, got, want)
				}
			}
		}
	})
}

func equal(a, b Quantiles) bool {
	return slices.Equal(a.Bounds, b.Bounds) && a.Count == b.Count && a.Min == b.Min && a.Mean == b.Mean && a.P50 == b.P50 &&
		a.P90 == b.P90 && a.P95 == b.P95 && a.P99 == b.P99 && a.P999 == b.P999 && a.P9999 == b.P9999 && a.Max == b.Max &&
		a.Bound == b.Bound && a.Overflow == b.Overflow
}

func TestMergeLimits(t *testing.T) {
	h := recorded(1e6)
	if err := h.Merge(h); err == nil {
		t.Error("a histogram was merged into itself")
	}
	if err := h.Merge(nil); err != nil || h.Count() != 1 {
		t.Errorf("merge of nil: %v, count %d", err, h.Count())
	}
	full := &Histogram{sparse: hdr.NewPacked(LowestNS, HighestNS, digits), count: math.MaxInt64 - 1}
	if err := full.sparse.RecordValues(1e6, math.MaxInt64-1); err != nil {
		t.Fatal(err)
	}
	if err := full.Merge(recorded(2e6, 3e6)); err == nil {
		t.Error("values without a place were dropped in silence")
	}
}

func TestOverflowIsCountedAndSlow(t *testing.T) {
	h := recorded(1e6, 2e6, HighestNS+1, 3*HighestNS)
	if h.Count() != 4 || h.Overflow() != 2 || h.Max() != 3*HighestNS {
		t.Fatalf("count %d overflow %d max %d", h.Count(), h.Overflow(), h.Max())
	}
	if got := h.Quantile(0.75); got != h.Max() {
		t.Errorf("a rank above the range reads %d, want the maximum", got)
	}
	if got := h.Quantile(0.5); got < 2e6 || got > 2_002_000 {
		t.Errorf("median %d, want 2 ms", got)
	}
	if h := recorded(HighestNS); h.Overflow() != 0 {
		t.Error("one hour is within the range")
	}
}

func TestBucketsHoldEveryValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := durations().Draw(t, "values")
		h := recorded(values...)
		var sum, end int64
		h.Buckets(func(from, to, count int64) {
			if from >= to || from < end || count <= 0 {
				t.Fatalf("bucket [%d, %d) with %d behind %d", from, to, count, end)
			}
			inside := int64(0)
			for _, v := range values {
				if v = max(v, 0); v >= from && v < to {
					inside++
				}
			}
			// The last bucket of the range may reach above one hour, where values are overflow.
			if inside != count && to <= HighestNS {
				t.Fatalf("bucket [%d, %d) counts %d, want %d", from, to, count, inside)
			}
			sum, end = sum+count, min(to, HighestNS)
		})
		if sum != h.Count() {
			t.Fatalf("buckets hold %d of %d", sum, h.Count())
		}
	})
}

func TestReset(t *testing.T) {
	for name, h := range forms(t, []int64{1, 2e6, 5e12}) {
		h.Reset()
		if got := h.Summary(); !equal(got, Quantiles{}) {
			t.Errorf("%s: after Reset %+v", name, got)
		}
		h.Record(7e6)
		if got := h.Summary(); got.Count != 1 || got.Min != 7e6 || got.P99 != 7e6 {
			t.Errorf("%s: after Reset and Record %+v", name, got)
		}
	}
}

func TestRecordDoesNotAllocate(t *testing.T) {
	h := recorded(1)
	if n := testing.AllocsPerRun(100, func() { h.Record(12_345_678); h.Record(2 * HighestNS) }); n != 0 {
		t.Errorf("%v allocations a Record", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	h := NewHistogram()
	b.ReportAllocs()
	for i := range b.N {
		h.Record(int64(i&0xfffff) * 100)
	}
}

// BenchmarkSecond is what one tag costs once a second: reset, and encoding of 1000 spread values.
func BenchmarkSecond(b *testing.B) {
	h := NewHistogram()
	var line []byte
	e := newEncoder()
	b.ReportAllocs()
	for range b.N {
		for i := range 1000 {
			h.Record(5e6 + int64(i*i)*40)
		}
		var err error
		if line, err = e.appendInterval(line[:0], 0, 1e9, "main|response|good", h); err != nil {
			b.Fatal(err)
		}
		h.Reset()
	}
	b.ReportMetric(float64(len(line)), "bytes/line")
}

func BenchmarkDecodeAndMerge(b *testing.B) {
	h := NewHistogram()
	for i := range 1000 {
		h.Record(5e6 + int64(i*i)*40)
	}
	payload, err := h.asSparse().EncodeV2()
	if err != nil {
		b.Fatal(err)
	}
	into, d := NewHistogram(), newDecoder()
	b.ReportAllocs()
	for range b.N {
		err := d.read(payload, nil)
		if err == nil {
			err = d.mergeInto(into)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// TestBucketOf: every value is counted in the bucket that is said to hold it.
func TestBucketOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ns := rapid.OneOf(rapid.Int64Range(0, HighestNS), rapid.Int64Range(0, 4_000_000)).Draw(t, "ns")
		from, to := BucketOf(ns)
		if ns < from || ns >= to {
			t.Fatalf("%d is not in [%d, %d)", ns, from, to)
		}
		h := recorded(ns)
		h.Buckets(func(f, e, n int64) {
			if f != from || e != to || n != 1 {
				t.Fatalf("%d is counted in [%d, %d), said to be in [%d, %d)", ns, f, e, from, to)
			}
		})
	})
}
