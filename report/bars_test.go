package report

import (
	"math"
	"strings"
	"testing"

	"axbench/results"

	"pgregory.net/rapid"
)

// TestBins: whatever was recorded, every call is in exactly one bin, the bins touch and there is room for them.
func TestBins(t *testing.T) {
	values := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 2000), rapid.Int64Range(1e6, 1.2e6), rapid.Int64Range(0, 3600e9), rapid.SampledFrom([]int64{-5, math.MaxInt64})), 0, 30)
	rapid.Check(t, func(t *rapid.T) {
		fill := func(list []int64) *results.Histogram {
			h := results.NewHistogram()
			for _, v := range list {
				h.Record(v)
			}
			return h
		}
		m, b := values.Draw(t, "measured"), values.Draw(t, "bounds")
		bins := makeBins(fill(m), fill(b))
		if len(m)+len(b) == 0 {
			if bins != nil {
				t.Fatalf("bins of nothing: %v", bins)
			}
			return
		}
		if len(bins) == 0 || len(bins) > 2*maxBins {
			t.Fatalf("%d bins", len(bins))
		}
		var measured, bounds int64
		for i, bin := range bins {
			measured, bounds = measured+bin.measured, bounds+bin.bounds
			if bin.from >= bin.to || i > 0 && math.Abs(bins[i-1].to-bin.from) > 1e-6*bin.from {
				t.Fatalf("bin %d from %g to %g after %v", i, bin.from, bin.to, bins[max(0, i-1)])
			}
		}
		if measured != int64(len(m)) || bounds != int64(len(b)) {
			t.Fatalf("%d and %d counted, want %d and %d", measured, bounds, len(m), len(b))
		}
	})
}

// TestBinPlaces: a value stands between the edges of its bin.
func TestBinPlaces(t *testing.T) {
	h := results.NewHistogram()
	for range 10 {
		h.Record(5_200_000)
	}
	h.Record(2_000_500_000)
	for _, b := range makeBins(h, nil) {
		holdsMany, holdsOne := b.from <= 5.2e6 && 5.2e6 < b.to, b.from <= 2.0005e9 && 2.0005e9 < b.to
		want := int64(0)
		if holdsMany {
			want = 10
		} else if holdsOne {
			want = 1
		}
		if b.measured != want {
			t.Errorf("bin [%g, %g) holds %d, want %d", b.from, b.to, b.measured, want)
		}
	}
}

func TestBar(t *testing.T) {
	p := newPage(TextOptions{})
	full := width(p.bar(bin{measured: 1_000_000}, 1_000_000))
	if full != maxBar {
		t.Errorf("the highest bar is %d wide, want %d", full, maxBar)
	}
	if got := p.bar(bin{measured: 1}, 1_000_000); got != "▏" {
		t.Errorf("a single call of a million shows as %q", got)
	}
	if got := p.bar(bin{}, 1_000_000); got != "" {
		t.Errorf("an empty bin shows as %q", got)
	}
	if got := p.bar(bin{measured: 500_000, bounds: 500_000}, 1_000_000); strings.Count(got, "█") != maxBar/2 || strings.Count(got, "░") != maxBar/2 {
		t.Errorf("half and half shows as %q", got)
	}
}
