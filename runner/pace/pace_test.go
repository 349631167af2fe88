package pace

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func walk(t testing.TB, p *Plan) []Arrival {
	t.Helper()
	var all []Arrival
	c := p.Cursor()
	for a, ok := c.Next(); ok; a, ok = c.Next() {
		all = append(all, a)
	}
	if int64(len(all)) != p.Total() {
		t.Fatalf("the cursor gives %d arrivals, Total says %d", len(all), p.Total())
	}
	return all
}

func mustPlan(t testing.TB, phases []Phase, seed int64, ceiling Rate) *Plan {
	t.Helper()
	p, err := NewPlan(phases, seed, ceiling)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestShapes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		shape Shape
		d     time.Duration
		want  int64
		last  time.Duration
	}{
		{"constant", Constant{PerSecond(500)}, 10 * time.Second, 5000, 9998 * time.Millisecond},
		{"constant, a third", Constant{Rate{3, time.Second}}, time.Second, 3, 666666666},
		{"constant, slow", Constant{Rate{1, 10 * time.Second}}, 5 * time.Second, 1, 0},
		{"ramp up", Ramp{Rate{}, PerSecond(100)}, 10 * time.Second, 500, 9989994993},
		{"ramp down", Ramp{PerSecond(100), Rate{}}, 10 * time.Second, 500, 10*time.Second - time.Duration(math.Sqrt(1.0/500)*1e10)},
		{"ramp flat", Ramp{PerSecond(10), PerSecond(10)}, time.Second, 10, 900 * time.Millisecond},
		{"steps", Steps{[]Step{{PerSecond(1), 2 * time.Second}, {PerSecond(2), time.Second}}}, 3 * time.Second, 4, 2500 * time.Millisecond},
		{"one burst", Burst{Size: 7}, time.Second, 7, 0},
		{"bursts", Burst{Size: 3, Every: time.Second}, 2500 * time.Millisecond, 9, 2 * time.Second},
		{"trace", Trace{[]time.Duration{0, 5, 5, 9}}, 10, 4, 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := walk(t, mustPlan(t, []Phase{{Name: "p", Duration: tt.d, Shape: tt.shape}}, 1, Rate{}))
			if int64(len(all)) != tt.want {
				t.Fatalf("%d arrivals, want %d", len(all), tt.want)
			}
			if d := all[len(all)-1].Due - tt.last; d < -2 || d > 2 {
				t.Errorf("last arrival due at %d, want %d", all[len(all)-1].Due, tt.last)
			}
		})
	}
}

func TestConstantHasNoDrift(t *testing.T) {
	r := Rate{7, 3 * time.Second}
	k := int64(1) << 40
	want := new(big.Int).Mul(big.NewInt(k), big.NewInt(int64(r.Per)))
	want.Div(want, big.NewInt(r.Num))
	if got := r.at(k); int64(got) != want.Int64() {
		t.Errorf("arrival 2^40 due at %d, want %s", got, want)
	}
}

func TestPoissonIsPoisson(t *testing.T) {
	all := walk(t, mustPlan(t, []Phase{{Name: "p", Duration: 100 * time.Second, Shape: Poisson{PerSecond(1000)}}}, 7, Rate{}))
	if n := float64(len(all)); math.Abs(n-100_000) > 5*math.Sqrt(100_000) {
		t.Errorf("%v arrivals, want 100000 give or take 5 sigma", n)
	}
	longer := 0
	for i := 1; i < len(all); i++ {
		if all[i].Due-all[i-1].Due > time.Millisecond {
			longer++
		}
	}
	if share := float64(longer) / float64(len(all)); math.Abs(share-1/math.E) > 0.01 {
		t.Errorf("%.4f of the gaps are above the mean, want 1/e", share)
	}
}

var genRate = rapid.Custom(func(t *rapid.T) Rate {
	return Rate{rapid.Int64Range(1, 2000).Draw(t, "num"), time.Duration(rapid.Int64Range(1, 3).Draw(t, "per")) * time.Second}
})

var genShape = rapid.Custom(func(t *rapid.T) Shape {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return Constant{genRate.Draw(t, "rate")}
	case 1:
		return Ramp{genRate.Draw(t, "from"), genRate.Draw(t, "to")}
	case 2:
		return Poisson{genRate.Draw(t, "rate")}
	}
	return Burst{rapid.IntRange(1, 50).Draw(t, "size"), time.Duration(rapid.IntRange(1, 1000).Draw(t, "ms")) * time.Millisecond}
})

func genPhases(t *rapid.T) []Phase {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Phase {
		return Phase{Name: "p", Duration: time.Duration(rapid.IntRange(100, 3000).Draw(t, "ms")) * time.Millisecond, Shape: genShape.Draw(t, "shape")}
	}), 1, 4).Draw(t, "phases")
}

func TestPlanIsOrderedAndRepeats(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		phases, seed := genPhases(rt), rapid.Int64().Draw(rt, "seed")
		p, err := NewPlan(phases, seed, Rate{})
		if err != nil {
			return // a Poisson phase may be empty
		}
		first, again := walk(t, p), walk(t, p)
		for i, a := range first {
			if a != again[i] {
				rt.Fatalf("arrival %d differs on the second walk", i)
			}
			if a.K != int64(i) || a.Due < p.Start(a.Phase) || a.Due >= p.Start(a.Phase+1) {
				rt.Fatalf("arrival %d is %+v, outside its phase %s to %s", i, a, p.Start(a.Phase), p.Start(a.Phase+1))
			}
			if i > 0 && a.Due < first[i-1].Due {
				rt.Fatalf("arrival %d is due before the one ahead of it", i)
			}
		}
	})
}

func TestCeilingHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ceiling := PerSecond(rapid.Int64Range(10, 500).Draw(rt, "ceiling"))
		p, err := NewPlan(genPhases(rt), 3, ceiling)
		if err != nil {
			return
		}
		all := walk(t, p)
		burst := int(math.Ceil(ceiling.Float() / 100))
		span := time.Duration(rapid.IntRange(100, 2000).Draw(rt, "span")) * time.Millisecond
		most := int(ceiling.Float()*span.Seconds()) + burst + 1
		for i := range all {
			if j := i + most; j < len(all) && all[j].Due-all[i].Due < span {
				rt.Fatalf("more than %d arrivals in %s under a ceiling of %s", most, span, ceiling)
			}
		}
	})
}

func TestCeilingLeavesASlowPlanAlone(t *testing.T) {
	phases := []Phase{{Name: "p", Duration: 10 * time.Second, Shape: Constant{PerSecond(90)}}}
	free, held := walk(t, mustPlan(t, phases, 1, Rate{})), walk(t, mustPlan(t, phases, 1, PerSecond(100)))
	for i := range free {
		if free[i] != held[i] {
			t.Fatalf("arrival %d moved from %s to %s", i, free[i].Due, held[i].Due)
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	phases := []Phase{{Name: "p", Duration: time.Second, Shape: Poisson{PerSecond(100)}}, {Name: "q", Duration: time.Second, Shape: Poisson{PerSecond(100)}}}
	a, b := walk(t, mustPlan(t, phases, 1, Rate{})), walk(t, mustPlan(t, phases, 2, Rate{}))
	if a[1].Due == b[1].Due {
		t.Error("seeds 1 and 2 give the same arrivals")
	}
	var q time.Duration
	for _, x := range a {
		if x.Phase == 1 {
			q = x.Due - time.Second
			break
		}
	}
	if q == a[0].Due {
		t.Error("two phases of one plan draw the same gaps")
	}
}

func TestPlanRefuses(t *testing.T) {
	second := Phase{Name: "main", Duration: time.Second, Shape: Constant{PerSecond(1)}}
	for name, phases := range map[string][]Phase{
		"no phases":       nil,
		"no shape":        {{Name: "main", Duration: time.Second}},
		"no duration":     {{Name: "main", Shape: Constant{PerSecond(1)}}},
		"no rate":         {{Name: "main", Duration: time.Second, Shape: Constant{}}},
		"a flat zero":     {{Name: "main", Duration: time.Second, Shape: Ramp{}}},
		"steps too short": {{Name: "main", Duration: time.Second, Shape: Steps{[]Step{{PerSecond(1), time.Millisecond}}}}},
		"empty trace":     {{Name: "main", Duration: time.Second, Shape: Trace{}}},
		"unsorted trace":  {{Name: "main", Duration: time.Second, Shape: Trace{[]time.Duration{5, 4}}}},
		"trace too long":  {{Name: "main", Duration: 3, Shape: Trace{[]time.Duration{5}}}},
		"no callers":      {{Name: "main", Duration: time.Second, Shape: Callers{}}},
		"open and closed": {second, {Name: "c", Duration: time.Second, Shape: Callers{N: 1}}},
		"too many":        {{Name: "main", Duration: 31 * 24 * time.Hour, Shape: Constant{PerSecond(1_000_000)}}},
	} {
		if _, err := NewPlan(phases, 1, Rate{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := NewPlan([]Phase{second}, 1, Rate{}); err != nil {
		t.Errorf("a sound plan is refused: %v", err)
	}
}

func TestParseRate(t *testing.T) {
	for in, want := range map[string]float64{"500/s": 500, "500": 500, "30/m": 0.5, "0.5/s": 0.5, "1/h": 1.0 / 3600, "7200/h": 2, "33.333333/s": 33.333333} {
		r, err := ParseRate(in)
		if err != nil || math.Abs(r.Float()-want) > 1e-9 {
			t.Errorf("ParseRate(%q) = %v, %v, want %v/s", in, r, err, want)
		}
	}
	for _, in := range []string{"", "0", "0/s", "-1/s", "1/d", "1e3/s", "abc", "1.2.3/s", "1/", "/s", "99999999999/s", "0.0000001/s", "+5/s"} {
		if r, err := ParseRate(in); err == nil {
			t.Errorf("ParseRate(%q) = %v, want an error", in, r)
		}
	}
}

func TestRateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Rate{rapid.Int64Range(1, 1_000_000).Draw(t, "num"), rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour, 10 * time.Second, 1000 * time.Second}).Draw(t, "per")}
		if r.Float() < 1.0/3600 {
			return
		}
		back, err := ParseRate(r.String())
		if err != nil || math.Abs(back.Float()-r.Float()) > 1e-6 {
			t.Fatalf("%v is written %q and read back as %v, %v", r.Float(), r.String(), back.Float(), err)
		}
	})
}

func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"500/s", "30/m", "0.5/s", "1/h", "", "99999999/s", "0.000001/s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRate(s)
		if err == nil && (r.Num <= 0 || r.Per <= 0 || r.Float() > 1e7) {
			t.Errorf("ParseRate(%q) accepts %+v", s, r)
		}
	})
}

func TestThink(t *testing.T) {
	if d := (Think{Min: 10, Max: 20}).Draw(0.5); d != 15 {
		t.Errorf("uniform 10..20 at 0.5 is %d, want 15", d)
	}
	sum := 0.0
	for i := range 10_000 {
		sum += float64(Think{Mean: time.Second}.Draw((float64(i) + 0.5) / 10_000))
	}
	if mean := sum / 10_000 / 1e9; math.Abs(mean-1) > 0.01 {
		t.Errorf("mean think time is %v s, want 1", mean)
	}
}

func BenchmarkNext(b *testing.B) {
	p := mustPlan(b, []Phase{{Name: "p", Duration: time.Hour, Shape: Constant{PerSecond(100_000)}}}, 1, PerSecond(200_000))
	c := p.Cursor()
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Next(); !ok {
			c = p.Cursor()
		}
	}
}
