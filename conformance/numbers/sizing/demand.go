package sizing

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"axbench/conformance/numbers"
)

// Demand is who asks for bindings, and of what kind of pool.
type Demand struct {
	Rate     float64 // requests a second, on average
	Constant bool    // evenly spaced instead of a Poisson process
	Hold     Hold
	Expire   bool // bindings end at an Expiration in whole seconds, rounded down, instead of by an unbind at any instant
	A, B     Phones
	Pairs    int         // bindings that one X serves at once
	Cities   []CityShare // the numbers of the pool are split over them
	Strict   bool        // never an X of another city than asked for
}

// CityShare is how many of the requests ask for one city; the rest of them ask for none.
type CityShare struct {
	Name  string
	Share float64
}

// The limits of a Demand.
const (
	MinRate   = 1e-6
	MaxRate   = 1e6
	maxCities = 400
)

// FieldError says which part of a Demand is wrong: "rate", "hold", "a", "b", "pairs", "city" or "strict".
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

func (e *FieldError) Unwrap() error { return e.Err }

// Check returns what is wrong, as a *FieldError.
func (d *Demand) Check() error {
	wrong := func(field, format string, args ...any) error { return &FieldError{field, fmt.Errorf(format, args...)} }
	if !(d.Rate >= MinRate && d.Rate <= MaxRate) {
		return wrong("rate", "%g bindings a second is out of range, accepted: %g to %g", d.Rate, MinRate, MaxRate)
	}
	if d.Hold == (Hold{}) {
		return wrong("hold", "no hold time, accepted: 10m, 5m..30m, exp:10m, lognormal:5m,40m")
	}
	if d.Expire && d.Hold.Mean() < 2*time.Second {
		return wrong("hold", "a hold time of %s on average is too short where bindings expire on whole seconds, accepted: from 2s on", d.Hold.Mean())
	}
	if d.Pairs < 1 || d.Pairs > numbers.MaxPairs {
		return wrong("pairs", "%d bindings on one X is out of range, accepted: 1 to %d", d.Pairs, numbers.MaxPairs)
	}
	if err := d.A.check(); err != nil {
		return &FieldError{"a", err}
	}
	if err := d.B.check(); err != nil {
		return &FieldError{"b", err}
	}
	return d.checkCities()
}

func (d *Demand) checkCities() error {
	wrong := func(format string, args ...any) error { return &FieldError{"city", fmt.Errorf(format, args...)} }
	if d.Strict && len(d.Cities) == 0 {
		return &FieldError{"strict", errors.New("a strict pool is one whose numbers have cities, and no city is given")}
	}
	if len(d.Cities) > maxCities {
		return wrong("%d cities, accepted: up to %d", len(d.Cities), maxCities)
	}
	sum, seen := 0.0, map[string]bool{}
	for _, c := range d.Cities {
		name := strings.TrimSuffix(c.Name, "市")
		switch {
		case name == "":
			return wrong("a city without a name")
		case seen[name]:
			return wrong("%s stands twice", c.Name)
		case !(c.Share > 0 && c.Share <= 1):
			return wrong("a share of %g %% for %s is out of range, accepted: above 0 %%, to 100 %%", 100*c.Share, c.Name)
		}
		seen[name] = true
		sum += c.Share
	}
	if sum > 1+1e-9 {
		return wrong("the shares of the cities add up to %g %%, accepted: up to 100 %%", 100*sum)
	}
	return nil
}

// Load returns the offered load: how many bindings would be live on average if none was ever refused.
func (d *Demand) Load() float64 {
	mean := d.Hold.Mean().Seconds()
	if d.Expire {
		mean -= 0.5 // what rounding down takes off
	}
	return d.Rate * mean
}

// cityless is the share of requests that ask for no city.
func (d *Demand) cityless() float64 {
	rest := 1.0
	for _, c := range d.Cities {
		rest -= c.Share
	}
	return max(rest, 0)
}

// coarse is the mean hold time below which whole seconds are no small matter.
const coarse = time.Minute

// ErlangApplies returns why Erlang's formula does not say how many of the requests are refused, "" where it does.
func (d *Demand) ErlangApplies() string {
	switch {
	case d.Constant:
		return "arrivals are evenly spaced, and it is for a Poisson process"
	case d.Pairs > 1 && d.A.Repeats() && d.B.Repeats():
		return "A and B repeat, so that an X with room may be closed to them"
	case d.Pairs > 1 && d.A.Repeats():
		return "A repeats, so that an X with room may be closed to it"
	case d.Pairs > 1 && d.B.Repeats():
		return "B repeats, so that an X with room may be closed to it"
	case d.Strict && d.cityless() > 1e-9:
		return "some requests take the numbers of any city, and others those of one"
	case d.Expire && d.Hold.Mean() < coarse:
		return "bindings end on whole seconds, which is not small beside a hold time below " + short(coarse)
	}
	return ""
}

// erlang is the share that Erlang's formula gives for a pool, of all requests together.
func (d *Demand) erlang(split []int) float64 {
	load, share := d.Load(), 0.0
	if !d.Strict {
		size := 0
		for _, n := range split {
			size += n
		}
		return ErlangB(load, size*d.Pairs)
	}
	for i, c := range d.Cities {
		part := c.Share / (1 - d.cityless())
		share += part * ErlangB(load*part, split[i]*d.Pairs)
	}
	return share
}

// split returns how many of the X each city has, all in one element without cities. Each gets one for its load, in X, and the same
// multiple of the square root of its load on top, so that all refuse about as often; where there are fewer X than load, they are
// split in proportion to it. Each city has one X at least, if there are so many.
func (d *Demand) split(size int) []int {
	if len(d.Cities) == 0 {
		return []int{size}
	}
	load, roots := d.Load()/float64(d.Pairs), 0.0
	part := func(i int) float64 { return load * d.Cities[i].Share / (1 - d.cityless()) }
	for i := range d.Cities {
		roots += math.Sqrt(part(i))
	}
	out, fractions, left := make([]int, len(d.Cities)), make([]float64, len(d.Cities)), size
	for i := range d.Cities {
		x := float64(size) * part(i) / load
		if float64(size) > load {
			x = part(i) + (float64(size)-load)*math.Sqrt(part(i))/roots
		}
		out[i] = min(max(int(x), 1), max(left, 0))
		fractions[i] = x - float64(out[i])
		left -= out[i]
	}
	for ; left > 0; left-- { // the greatest fraction first; the first city among equals
		most := 0
		for i := range fractions {
			if fractions[i] > fractions[most] {
				most = i
			}
		}
		out[most]++
		fractions[most]--
	}
	return out
}

// The first number of each kind: they never meet.
var (
	firstA = number("15000000000")
	firstX = number("17000000000")
	firstB = number("18000000000")
)

func number(s string) numbers.Number {
	n, _ := numbers.Parse(s)
	return n
}

// request is one request of a simulation. Times are nanoseconds from its beginning.
type request struct {
	at, hold int64
	a, b     numbers.Number
	city     int // -1 for none
}

// stream yields the requests of one simulation in the order of their times.
type stream struct {
	d    *Demand
	rng  *rand.Rand
	at   float64 // nanoseconds
	a, b *source
}

func (s *stream) next() request {
	gap := 1.0
	if !s.d.Constant {
		gap = s.rng.ExpFloat64()
	}
	s.at += gap / s.d.Rate * 1e9
	r := request{at: int64(s.at), hold: s.d.Hold.draw(s.rng), a: s.a.next(s.rng), b: s.b.next(s.rng), city: -1}
	if len(s.d.Cities) > 0 {
		u := s.rng.Float64()
		for i := range s.d.Cities {
			if u < s.d.Cities[i].Share {
				r.city = i
				break
			}
			u -= s.d.Cities[i].Share
		}
	}
	return r
}
