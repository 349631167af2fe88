package results

import (
	"testing"

	"pgregory.net/rapid"
)

const ms = int64(1_000_000)

// near tells whether got is want to the three digits of a histogram.
func near(got, want int64) bool { return got >= want && got <= want+want/1000+512 }

// The example of OfferedSet.AtRank.
func TestOfferedWorkedExample(t *testing.T) {
	set := NewOfferedSet(recorded(10*ms, 20*ms, 30*ms), recorded(15*ms, 10_000*ms))
	want := []struct {
		value int64
		bound bool
	}{{10 * ms, false}, {20 * ms, false}, {30 * ms, false}, {30 * ms, true}, {10_000 * ms, true}}
	for i, w := range want {
		if v, bound := set.AtRank(int64(i + 1)); !near(v, w.value) || bound != w.bound {
			t.Errorf("rank %d is %d, bound %v; want %d, bound %v", i+1, v, bound, w.value, w.bound)
		}
	}
	q := set.Summary()
	if q.Count != 5 || !q.Bound || q.IsBound("p50") || !q.IsBound("p90") || !q.IsBound("p99_99") || !q.IsBound("max") || !q.IsBound("mean") || q.IsBound("min") {
		t.Errorf("summary %+v", q)
	}
	if q.Min != 10*ms || q.Max != 10_000*ms {
		t.Errorf("min %d max %d", q.Min, q.Max)
	}
}

func TestOfferedWithoutBounds(t *testing.T) {
	h := recorded(10*ms, 20*ms, 30*ms)
	if got := NewOfferedSet(h, nil).Summary(); got.Bound || !equal(got, h.Summary()) {
		t.Errorf("%+v, want the response itself %+v", got, h.Summary())
	}
	if got := NewOfferedSet(nil, nil).Summary(); got.Count != 0 || got.Bound {
		t.Errorf("of nothing: %+v", got)
	}
}

func TestOfferedOfBoundsAlone(t *testing.T) {
	q := NewOfferedSet(nil, recorded(10_000*ms)).Summary()
	for _, name := range []string{"min", "mean", "p50", "p90", "p95", "p99", "p99_9", "p99_99", "max"} {
		if !q.IsBound(name) {
			t.Errorf("%s of a single timeout is no bound", name)
		}
	}
	if q.Count != 1 || q.P50 != 10_000*ms {
		t.Errorf("%+v", q)
	}
}

// However the calls without an end might have ended, a value that is not marked must hold, and a bound must be below.
func TestOfferedHoldsForEveryEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Int64Range(0, 100*ms)
		good := rapid.SliceOfN(small, 0, 30).Draw(t, "good")
		elapsed := rapid.SliceOfN(small, 0, 10).Draw(t, "elapsed")
		truth := recorded(good...)
		for _, e := range elapsed {
			truth.Record(e + rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 1000*ms)).Draw(t, "further"))
		}
		set := NewOfferedSet(recorded(good...), recorded(elapsed...))
		for rank := int64(1); rank <= set.Count(); rank++ {
			v, bound := set.AtRank(rank)
			actual := truth.ValueAtRank(rank)
			if !bound && v < actual-actual/1000-512 {
				t.Fatalf("rank %d is certain to be %d, but came out as %d", rank, v, actual)
			}
			if bound && v > actual+actual/1000+512 {
				t.Fatalf("rank %d is bound by %d, but came out as %d", rank, v, actual)
			}
			if low := set.Low(rank); low > actual+actual/1000+512 {
				t.Fatalf("rank %d is at least %d, but came out as %d", rank, low, actual)
			}
			if wantBound := rank > int64(len(good)); bound != wantBound {
				t.Fatalf("rank %d of %d good ones: bound %v", rank, len(good), bound)
			}
		}
	})
}

func TestMergeAllLeavesItsArgumentsAlone(t *testing.T) {
	a, b, c := recorded(ms), recorded(2*ms, 3*ms), recorded(4*ms)
	if got := MergeAll(nil, a, NewHistogram(), b, c).Count(); got != 4 {
		t.Errorf("merged %d of 4", got)
	}
	if a.Count() != 1 || b.Count() != 2 || c.Count() != 1 {
		t.Errorf("an argument changed: %d %d %d", a.Count(), b.Count(), c.Count())
	}
	if MergeAll(nil, NewHistogram()) != nil {
		t.Error("nothing merged into something")
	}
}
