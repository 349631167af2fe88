package sizing

import (
	"math"
	"math/rand/v2"
	"testing"

	"axbench/conformance/numbers"
)

// TestAlias holds the draws against Zipf's law by chi-square.
func TestAlias(t *testing.T) {
	const people, draws = 50, 200_000
	for _, skew := range []float64{0, 0.5, 1, 2.5} {
		a, rng := newAlias(people, skew), rand.New(rand.NewPCG(3, 3))
		count, sum, chi := make([]float64, people), 0.0, 0.0
		for range draws {
			count[a.draw(rng)]++
		}
		for k := range people {
			sum += math.Pow(float64(k+1), -skew)
		}
		for k := range people {
			want := draws * math.Pow(float64(k+1), -skew) / sum
			chi += (count[k] - want) * (count[k] - want) / want
		}
		if chi > 110 { // 49 degrees of freedom: p = 1e-6
			t.Errorf("skew %g: chi-square %.0f", skew, chi)
		}
	}
}

// TestSource: how often a number comes again, and how far back it lies.
func TestSource(t *testing.T) {
	const draws = 100_000
	for name, c := range map[string]struct {
		phones     Phones
		again      float64 // share of numbers that were seen before
		back, kind int     // the furthest that a number lies back; distinct numbers, 0 for as many as are new
	}{
		"new each time": {Phones{}, 0, 0, 0},
		"half repeat":   {Phones{Repeat: 0.5, Recent: 10}, 0.5, 10, 0},
		"a fifth":       {Phones{Repeat: 0.2}, 0.2, 77, 0},
		"one person":    {Phones{People: 1}, 1, 1, 1},
		"people":        {Phones{People: 100}, 1, math.MaxInt, 100},
		"skewed people": {Phones{People: 100, Skew: 1}, 1, math.MaxInt, 100},
	} {
		var a *alias
		if c.phones.Skew > 0 {
			a = newAlias(c.phones.People, c.phones.Skew)
		}
		s, rng := newSource(&c.phones, a, firstA, 77), rand.New(rand.NewPCG(1, 2))
		last, again, back := map[numbers.Number]int{}, 0, 0
		for i := range draws {
			n := s.next(rng)
			if at, seen := last[n]; seen {
				again++
				back = max(back, i-at)
			}
			last[n] = i
		}
		if got := float64(again) / draws; math.Abs(got-c.again) > 0.006 {
			t.Errorf("%s: %.3f seen before, want %.3f", name, got, c.again)
		}
		if back > c.back || c.kind > 0 && len(last) != c.kind {
			t.Errorf("%s: %d back and %d distinct, want at most %d and %d", name, back, len(last), c.back, c.kind)
		}
	}
}
