package sizing

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRefusedDemands(t *testing.T) {
	good := Demand{Rate: 5, Hold: mustHold(t, "1m"), Pairs: 2}
	if _, err := New(good, Effort{}, 0.001, nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Demand, *Effort, *float64)
		field  string
		says   string
	}{
		"no rate":       {func(d *Demand, _ *Effort, _ *float64) { d.Rate = 0 }, "rate", "out of range"},
		"NaN":           {func(d *Demand, _ *Effort, _ *float64) { d.Rate = math.NaN() }, "rate", "out of range"},
		"too fast":      {func(d *Demand, _ *Effort, _ *float64) { d.Rate = 1e7 }, "rate", "out of range"},
		"no hold":       {func(d *Demand, _ *Effort, _ *float64) { d.Hold = Hold{} }, "hold", "no hold time"},
		"short expiry":  {func(d *Demand, _ *Effort, _ *float64) { d.Hold, d.Expire = mustHold(t, "1s"), true }, "hold", "whole seconds"},
		"pairs":         {func(d *Demand, _ *Effort, _ *float64) { d.Pairs = 201 }, "pairs", "1 to 200"},
		"no pairs":      {func(d *Demand, _ *Effort, _ *float64) { d.Pairs = 0 }, "pairs", "1 to 200"},
		"people":        {func(d *Demand, _ *Effort, _ *float64) { d.A.People = -1 }, "a", "population"},
		"skew alone":    {func(d *Demand, _ *Effort, _ *float64) { d.A.Skew = 1 }, "a", "belongs to a population"},
		"skew":          {func(d *Demand, _ *Effort, _ *float64) { d.B = Phones{People: 5, Skew: -1} }, "b", "skew of -1"},
		"skewed people": {func(d *Demand, _ *Effort, _ *float64) { d.B = Phones{People: 1e8, Skew: 1} }, "b", "too much memory"},
		"repeat":        {func(d *Demand, _ *Effort, _ *float64) { d.B.Repeat = 1 }, "b", "repeat share"},
		"both":          {func(d *Demand, _ *Effort, _ *float64) { d.B = Phones{Repeat: 0.5, People: 9} }, "b", "one of them"},
		"recent":        {func(d *Demand, _ *Effort, _ *float64) { d.B.Recent = 7 }, "b", "belong to a repeat share"},
		"strict":        {func(d *Demand, _ *Effort, _ *float64) { d.Strict = true }, "strict", "no city is given"},
		"city twice":    {func(d *Demand, _ *Effort, _ *float64) { d.Cities = []CityShare{{"北京", 0.1}, {"北京市", 0.1}} }, "city", "twice"},
		"city no name":  {func(d *Demand, _ *Effort, _ *float64) { d.Cities = []CityShare{{"", 0.1}} }, "city", "without a name"},
		"city share":    {func(d *Demand, _ *Effort, _ *float64) { d.Cities = []CityShare{{"北京", 0}} }, "city", "out of range"},
		"city sum":      {func(d *Demand, _ *Effort, _ *float64) { d.Cities = []CityShare{{"北京", 0.6}, {"上海", 0.6}} }, "city", "add up to 120"},
		"target":        {func(_ *Demand, _ *Effort, target *float64) { *target = 0 }, "target", "out of range"},
		"requests":      {func(_ *Demand, e *Effort, _ *float64) { e.Requests = 10 }, "requests", "1000 to"},
		"confidence":    {func(_ *Demand, e *Effort, _ *float64) { e.Confidence = 0.5 }, "confidence", "90 %"},
	} {
		d, e, target := good, Effort{}, 0.001
		c.change(&d, &e, &target)
		_, err := New(d, e, target, nil)
		var field *FieldError
		if !errors.As(err, &field) || field.Field != c.field || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s with %q", name, err, c.field, c.says)
		}
	}
}

// TestTooMuch: what would take hours is refused before it begins, and what is said to be accepted is.
func TestTooMuch(t *testing.T) {
	for _, d := range []Demand{{Rate: 5000, Hold: mustHold(t, "30m"), Pairs: 200}, {Rate: 1e6, Hold: mustHold(t, "24h"), Pairs: 1}} {
		var much *TooMuch
		if _, err := New(d, Effort{Workers: 2}, 0.001, nil); !errors.As(err, &much) {
			t.Fatalf("%+v: %v, want TooMuch", d, err)
		}
		d.Rate *= 0.9 * much.Most / much.Load
		if _, err := New(d, Effort{Workers: 2}, 0.001, nil); err != nil {
			t.Errorf("%+v: %v, though it is within what is accepted", d, err)
		}
	}
	d := Demand{Rate: 1, Hold: mustHold(t, "1m"), Pairs: 1}
	var much *TooMuch
	if _, err := New(d, Effort{Requests: MaxRequests}, 0.001, nil); !errors.As(err, &much) || much.Most != 0 {
		t.Errorf("a hundred million bindings for each figure: %v", err)
	}
}

// TestSplit: every X goes to one city, each city has one if there are enough, and a larger pool takes none away from a city, but
// for one that rounding moves.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(1, 100), 1, 6).Draw(t, "weights")
		sum, d := rapid.IntRange(0, 50).Draw(t, "rest"), Demand{Rate: rapid.Float64Range(0.1, 100).Draw(t, "rate"), Hold: Hold{kind: "fixed", first: 1e10}, Pairs: rapid.IntRange(1, 9).Draw(t, "pairs")}
		for _, w := range weights {
			sum += w
		}
		for _, w := range weights {
			d.Cities = append(d.Cities, CityShare{Share: float64(w) / float64(sum)})
		}
		size := rapid.IntRange(1, 3000).Draw(t, "size")
		got, more := d.split(size), d.split(size+20)
		total := 0
		for i, n := range got {
			total += n
			if n < 0 || n == 0 && size >= 700*len(weights) || more[i] < n-2 {
				t.Errorf("%v of %d, %v of %d", got, size, more, size+20)
			}
		}
		if total != size {
			t.Errorf("%v is %d of %d", got, total, size)
		}
	})
}

func TestErlangApplies(t *testing.T) {
	repeat, city := Phones{Repeat: 0.1}, []CityShare{{"北京", 0.5}}
	for name, c := range map[string]struct {
		d       Demand
		applies bool
	}{
		"plain":                  {Demand{Pairs: 5}, true},
		"constant":               {Demand{Pairs: 5, Constant: true}, false},
		"A repeats":              {Demand{Pairs: 5, A: repeat}, false},
		"B repeats":              {Demand{Pairs: 5, B: Phones{People: 9}}, false},
		"both repeat":            {Demand{Pairs: 5, A: repeat, B: repeat}, false},
		"repeats on one pair":    {Demand{Pairs: 1, A: repeat, B: repeat}, true},
		"cities":                 {Demand{Pairs: 5, Cities: city}, true},
		"strict":                 {Demand{Pairs: 5, Cities: city, Strict: true}, false},
		"strict, all for a city": {Demand{Pairs: 5, Cities: []CityShare{{"北京", 0.5}, {"上海", 0.5}}, Strict: true}, true},
		"whole seconds":          {Demand{Pairs: 5, Expire: true, Hold: Hold{kind: "fixed", first: 1e10}}, false},
		"whole seconds of many":  {Demand{Pairs: 5, Expire: true, Hold: Hold{kind: "fixed", first: 1e12}}, true},
	} {
		if why := c.d.ErlangApplies(); (why == "") != c.applies {
			t.Errorf("%s: %q", name, why)
		}
	}
}
