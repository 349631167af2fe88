package pace

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawDivision draws weights and epochs that take slots out, and returns how they were drawn.
func drawDivision(t *rapid.T) (d Division, weights []int) {
	weights = rapid.SliceOfN(rapid.IntRange(1, 5), 1, 8).Draw(t, "weights")
	d, err := Divide(weights)
	if err != nil {
		t.Fatal(err)
	}
	for range rapid.IntRange(0, 3).Draw(t, "epochs") {
		var left []int
		for s := range weights {
			if !slices.Contains(d.Lost(), s) {
				left = append(left, s)
			}
		}
		if len(left) < 2 {
			break
		}
		lost := rapid.SliceOfNDistinct(rapid.SampledFrom(left), 1, len(left)-1, rapid.ID).Draw(t, "lost")
		from := rapid.Int64Range(0, 600).Draw(t, "from")
		if d, err = d.WithoutSlots(lost, from, weights); err != nil {
			t.Fatal(err)
		}
	}
	return d, weights
}

// Every arrival is one slot's; a lost slot has none behind its epoch; and no epoch takes an arrival from a slot that is left.
func TestDivisionIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, weights := drawDivision(t)
		const total = 1000
		counts := make([]int64, len(weights))
		for k := range int64(total) {
			o := d.Owner(k)
			if o < 0 || o >= len(weights) {
				t.Fatalf("arrival %d is for slot %d of %d", k, o, len(weights))
			}
			counts[o]++
			before := d.OwnerIn(k, 0)
			for n, e := range d.Epochs {
				after := d.OwnerIn(k, n+1)
				if after != before && (k < e.From || !slices.Contains(e.Lost, before)) {
					t.Fatalf("arrival %d went from slot %d to %d by %+v", k, before, after, e)
				}
				if k >= e.From && slices.Contains(e.Lost, after) {
					t.Fatalf("arrival %d is for slot %d, which is lost by %+v", k, after, e)
				}
				before = after
			}
		}
		for s, n := range counts {
			a := rapid.Int64Range(0, total).Draw(t, "cut")
			if got := d.Mine(s, 0, a) + d.Mine(s, a, total); got != n {
				t.Fatalf("slot %d has %d arrivals, counted %d", s, n, got)
			}
		}
	})
}

// Shares are those of the weights to within a turn, before an epoch and behind it.
func TestDivisionIsFair(t *testing.T) {
	weights := []int{4, 2, 1, 1}
	d, err := Divide(weights)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 0, 2, 3, 0, 1, 0}; !slices.Equal(d.Cycle, want) {
		t.Errorf("cycle %v, want %v", d.Cycle, want)
	}
	const total = 80_000
	for s, w := range weights {
		if n := d.Mine(s, 0, total); n != int64(w)*total/8 {
			t.Errorf("slot %d of weight %d has %d of %d", s, w, n, total)
		}
	}
	if d, err = d.WithoutSlots([]int{1}, 0, weights); err != nil {
		t.Fatal(err)
	}
	if d, err = d.WithoutSlots([]int{3}, 0, weights); err != nil {
		t.Fatal(err)
	}
	for s, want := range []int64{total * 4 / 5, 0, total / 5, 0} {
		if n := d.Mine(s, 0, total); n < want-want/50 || n > want+want/50 {
			t.Errorf("slot %d has %d of %d behind both epochs, want about %d", s, n, total, want)
		}
	}
}

// A rate that is cut into equal rates of whole calls a second for each slot, or rounded down for each, is not the rate: the division
// of the index is what keeps it. This holds the wrong way against the right one.
func TestFloorOfRateIsNoDivision(t *testing.T) {
	const slots, rate, seconds = 3, 100, 60
	plan, err := NewPlan([]Phase{{Name: "main", Duration: seconds * 1e9, Shape: Constant{PerSecond(rate)}, Record: true}}, 1, Rate{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Divide([]int{1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	divided, floored := int64(0), int64(0)
	for s := range slots {
		divided += d.Mine(s, 0, plan.Total())
		floored += rate / slots * seconds
	}
	if divided != plan.Total() || floored == plan.Total() {
		t.Errorf("of %d arrivals the division has %d, rates rounded down %d", plan.Total(), divided, floored)
	}
}

func TestDivisionErrors(t *testing.T) {
	for _, w := range [][]int{nil, {0}, {1, -1}, {1, 1001}} {
		if d, err := Divide(w); err == nil {
			t.Errorf("weights %v made %v", w, d)
		}
	}
	d, err := Divide([]int{1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = d.WithoutSlots([]int{1}, 100, []int{1, 1, 1}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lost []int
		from int64
	}{"none": {nil, 200}, "twice": {[]int{1}, 200}, "unknown": {[]int{3}, 200}, "all": {[]int{0, 2}, 200}, "same": {[]int{0, 0}, 200}} {
		if got, err := d.WithoutSlots(c.lost, c.from, []int{1, 1, 1}); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
