package sizing

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"
)

func study(t testing.TB, d Demand, e Effort) *Study {
	s, err := New(d, e, 0.01, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t testing.TB, d Demand, e Effort, size int) *Point {
	p, err := study(t, d, e).At(context.Background(), size)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestByHand simulates what needs no statistics: evenly spaced requests that are all held alike.
func TestByHand(t *testing.T) {
	second := mustHold(t, "1s")
	for name, c := range map[string]struct {
		d       Demand
		size    int
		refused float64
	}{
		"as many as are live":      {Demand{Rate: 10, Hold: second, Pairs: 1}, 10, 0},
		"one less":                 {Demand{Rate: 10, Hold: second, Pairs: 1}, 9, 0.1},
		"half as many":             {Demand{Rate: 10, Hold: second, Pairs: 1}, 5, 0.5},
		"five pairs on two":        {Demand{Rate: 10, Hold: second, Pairs: 5}, 2, 0},
		"three pairs on three":     {Demand{Rate: 10, Hold: second, Pairs: 3}, 3, 0.1},
		"one A alone":              {Demand{Rate: 10, Hold: second, Pairs: 200, A: Phones{People: 1}}, 9, 0.1},
		"one B alone":              {Demand{Rate: 10, Hold: second, Pairs: 200, B: Phones{People: 1}}, 10, 0},
		"expire on whole seconds":  {Demand{Rate: 1, Hold: mustHold(t, "2500ms"), Pairs: 1, Expire: true}, 2, 0},
		"one that expires is less": {Demand{Rate: 1, Hold: mustHold(t, "2500ms"), Pairs: 1, Expire: true}, 1, 0.5},
	} {
		c.d.Constant = true
		p := at(t, c.d, Effort{Requests: 10_000}, c.size)
		if math.Abs(p.Share-c.refused) > 1e-9 || p.Requests != 10_000 {
			t.Errorf("%s: %d of %d refused, want %g", name, p.Refused, p.Requests, c.refused)
		}
		if alone := c.d.A.People == 1; alone && (p.Conflicts != p.Refused || p.ConflictsA != p.Refused) || !alone && p.Conflicts > 0 {
			t.Errorf("%s: of %d refused %d because of a repeated number, %d of A", name, p.Refused, p.Conflicts, p.ConflictsA)
		}
	}
}

// TestOnePersonIsErlang: where all bindings have one A, each of them needs an X of its own, however many pairs an X could serve.
func TestOnePersonIsErlang(t *testing.T) {
	d := Demand{Rate: 8, Hold: mustHold(t, "exp:1s"), Pairs: 7, A: Phones{People: 1}}
	p := at(t, d, Effort{Requests: 100_000, Confidence: 0.99}, 10)
	if want := ErlangB(8, 10); p.Low > want || p.High < want {
		t.Errorf("%.4f (%.4f to %.4f), want %.4f", p.Share, p.Low, p.High, want)
	}
	if p.Conflicts != p.Refused || p.Erlang > 1e-9 {
		t.Errorf("%d of %d for repeats, Erlang %g", p.Conflicts, p.Refused, p.Erlang)
	}
}

// TestCities: a strict pool is one of each city's own, another takes what is free elsewhere.
func TestCities(t *testing.T) {
	d := Demand{Rate: 20, Hold: mustHold(t, "1s..3s"), Pairs: 2, Cities: []CityShare{{"北京", 0.25}, {"上海", 0.75}}}
	e := Effort{Requests: 100_000, Confidence: 0.99}
	open := at(t, d, e, 21)
	d.Strict = true
	strict := at(t, d, e, 21)
	for _, p := range []*Point{open, strict} {
		if p.Low > p.Erlang || p.High < p.Erlang || len(p.Split) != 2 || p.Split[0]+p.Split[1] != 21 {
			t.Errorf("%+v: not what Erlang's formula gives", p)
		}
		if refused := p.Cities[0].Refused + p.Cities[1].Refused; refused != p.Refused || p.Cities[0].Requests+p.Cities[1].Requests != p.Requests {
			t.Errorf("%+v: the cities do not add up", p)
		}
	}
	if open.Elsewhere == 0 || strict.Elsewhere > 0 || strict.Share < 1.3*open.Share {
		t.Errorf("open: %d elsewhere, %g; strict: %d, %g", open.Elsewhere, open.Share, strict.Elsewhere, strict.Share)
	}
}

// TestSameFigures: they follow the seed, whatever the number of workers.
func TestSameFigures(t *testing.T) {
	d := Demand{Rate: 5, Hold: mustHold(t, "lognormal:1s,9s"), Pairs: 3, A: Phones{People: 20, Skew: 1}, B: Phones{Repeat: 0.3}}
	one := at(t, d, Effort{Seed: 4, Requests: 5000, Workers: 1}, 4)
	many := at(t, d, Effort{Seed: 4, Requests: 5000, Workers: 7}, 4)
	other := at(t, d, Effort{Seed: 5, Requests: 5000, Workers: 1}, 4)
	if !reflect.DeepEqual(one, many) || reflect.DeepEqual(one, other) {
		t.Errorf("%+v\n%+v\n%+v", one, many, other)
	}
	if one.Conflicts == 0 || one.Conflicts == one.Refused && one.ConflictsA == one.Refused {
		t.Errorf("%+v: the case has no mixture of causes", one)
	}
}

func TestInterrupted(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	s := study(t, Demand{Rate: 5, Hold: mustHold(t, "1m"), Pairs: 1}, Effort{})
	if _, err := s.Need(ctx); !errors.Is(err, cause) {
		t.Errorf("%v, want the cause", err)
	}
	if _, err := s.At(context.Background(), 0); err == nil {
		t.Error("a pool without numbers was simulated")
	}
}

func TestInterval(t *testing.T) {
	low, high := interval([]float64{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0.95, 1000)
	if low != 0 || math.Abs(high-0.003682) > 1e-6 {
		t.Errorf("none of 1000: %g to %g", low, high)
	}
	shares := []float64{0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2}
	low, high = interval(shares, 0.95, 1000)
	if half := 2.262 * 0.0527046 / math.Sqrt(10); math.Abs(low-0.15+half) > 1e-6 || math.Abs(high-0.15-half) > 1e-6 {
		t.Errorf("%g to %g, want 0.15 ± %g", low, high, half)
	}
}
