package judge

import (
	"testing"
	"time"

	"axbench/results"

	"pgregory.net/rapid"
)

// At every step the sum of a ring is what its seconds come to, however many strides they fill.
func TestRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quantile := rapid.Bool().Draw(t, "quantile")
		q := ring{quantile: quantile}
		var seconds []sample
		push := func(n int64) {
			s := sample{good: n, inside: n + 1, ended: n + 2, planned: n + 3, named: n + 4, elapsed: time.Second}
			if quantile {
				for i := range n % 4 {
					h := results.NewHistogram()
					h.Record(1000 * (n + i))
					s.take([]part{partValue, partBound}[i%2], h)
				}
			}
			seconds = append(seconds, s.copied())
			q.push(s)
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			if n := rapid.IntRange(0, 3*stride).Draw(t, "pop"); n > 0 && rapid.Bool().Draw(t, "or push") {
				n = min(n, len(seconds))
				for range n {
					q.pop()
				}
				seconds = seconds[n:]
			} else {
				for range n {
					push(rapid.Int64Range(0, 1000).Draw(t, "second"))
				}
			}
			want := sample{}
			for i := range seconds {
				want.add(&seconds[i])
			}
			for range 2 { // it does not change what it is made of
				got := q.sum()
				if q.len() != len(seconds) || got.good != want.good || got.inside != want.inside || got.ended != want.ended || got.planned != want.planned ||
					got.named != want.named || got.elapsed != want.elapsed {
					t.Fatalf("%d seconds: %+v, want %d: %+v", q.len(), *got, len(seconds), want)
				}
				sameValues(t, got.values, want.values)
				sameValues(t, got.bounds, want.bounds)
				got.take(partValue, func() *results.Histogram { h := results.NewHistogram(); h.Record(1); return h }())
			}
		}
	})
}

func sameValues(t *rapid.T, got, want *results.Histogram) {
	t.Helper()
	if want == nil {
		want = results.NewHistogram()
	}
	if got == nil {
		got = results.NewHistogram()
	}
	if got.Count() != want.Count() || got.Min() != want.Min() || got.Max() != want.Max() || got.Sum() != want.Sum() {
		t.Fatalf("%d values, %d to %d; want %d, %d to %d", got.Count(), got.Min(), got.Max(), want.Count(), want.Min(), want.Max())
	}
	for n := int64(1); n <= want.Count(); n++ {
		if got.ValueAtRank(n) != want.ValueAtRank(n) {
			t.Fatalf("rank %d is %d, want %d", n, got.ValueAtRank(n), want.ValueAtRank(n))
		}
	}
}
