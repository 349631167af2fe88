package sizing

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"axbench/conformance/numbers"
)

// Phones says whose number a request carries, as A or as B. The zero value is a new number each time.
//
// Either the numbers come from a population: People numbers, all alike or, with a Skew s, the k-th of them as often as 1/k^s
// (Zipf). Or a share Repeat of the requests carries the number of one of the Recent requests before it, each of them with the
// same chance, and the others a number that was never seen.
type Phones struct {
	People int     // 0: without end
	Skew   float64 // 0: all alike
	Repeat float64 // 0 to below 1
	Recent int     // 0: as many as come in a mean hold time, so about those that are live
}

// The limits of Phones.
const (
	MaxPeople = 1_000_000_000
	maxSkewed = 10_000_000 // each of them takes 12 bytes
	maxSkew   = 5
	maxRecent = 10_000_000
)

// Repeats reports whether a number may come again while it is bound.
func (p *Phones) Repeats() bool { return p.People > 0 || p.Repeat > 0 }

func (p *Phones) check() error {
	switch {
	case p.People < 0 || p.People > MaxPeople:
		return fmt.Errorf("a population of %d is out of range, accepted: 1 to %d", p.People, MaxPeople)
	case !(p.Skew >= 0 && p.Skew <= maxSkew):
		return fmt.Errorf("a skew of %g is out of range, accepted: 0 (all alike) to %d", p.Skew, maxSkew)
	case p.Skew > 0 && p.People == 0:
		return errors.New("a skew belongs to a population")
	case p.Skew > 0 && p.People > maxSkewed:
		return fmt.Errorf("a skewed population of %d would take too much memory, accepted: up to %d", p.People, maxSkewed)
	case !(p.Repeat >= 0 && p.Repeat < 1):
		return fmt.Errorf("a repeat share of %g is out of range, accepted: from 0 to below 1", p.Repeat)
	case p.Repeat > 0 && p.People > 0:
		return errors.New("a population and a repeat share are given, accepted: one of them")
	case p.Recent < 0 || p.Recent > maxRecent:
		return fmt.Errorf("%d recent requests is out of range, accepted: 1 to %d", p.Recent, maxRecent)
	case p.Recent > 0 && p.Repeat == 0:
		return errors.New("recent requests belong to a repeat share")
	}
	return nil
}

// source yields the numbers of one simulation.
type source struct {
	p      *Phones
	alias  *alias // of a skewed population
	first  numbers.Number
	fresh  numbers.Number // how many new numbers were given
	recent []numbers.Number
	seen   int
}

func newSource(p *Phones, a *alias, first numbers.Number, recent int) *source {
	s := &source{p: p, alias: a, first: first}
	if p.Repeat > 0 {
		if p.Recent > 0 {
			recent = p.Recent
		}
		s.recent = make([]numbers.Number, max(recent, 1))
	}
	return s
}

func (s *source) next(rng *rand.Rand) numbers.Number {
	switch {
	case s.alias != nil:
		return s.first + numbers.Number(s.alias.draw(rng))
	case s.p.People > 0:
		return s.first + numbers.Number(rng.IntN(s.p.People))
	case s.recent == nil:
		s.fresh++
		return s.first + s.fresh - 1
	}
	n := s.first + s.fresh
	again, which := rng.Float64() < s.p.Repeat, rng.IntN(max(min(s.seen, len(s.recent)), 1))
	if again && s.seen > 0 {
		n = s.recent[which]
	} else {
		s.fresh++
	}
	s.recent[s.seen%len(s.recent)] = n
	s.seen++
	return n
}

// alias draws from a Zipf distribution in constant time (Walker's method with Vose's tables). It is never changed.
type alias struct {
	keep  []float64
	other []uint32
}

func newAlias(n int, skew float64) *alias {
	a := &alias{keep: make([]float64, n), other: make([]uint32, n)}
	sum := 0.0
	for k := range a.keep {
		a.keep[k] = math.Pow(float64(k+1), -skew)
		sum += a.keep[k]
	}
	var small, large []uint32
	for k := range a.keep {
		if a.keep[k] *= float64(n) / sum; a.keep[k] < 1 {
			small = append(small, uint32(k))
		} else {
			large = append(large, uint32(k))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.other[s] = l
		if a.keep[l] -= 1 - a.keep[s]; a.keep[l] < 1 {
			large, small = large[:len(large)-1], append(small, l)
		}
	}
	for _, rest := range [][]uint32{small, large} { // what rounding left
		for _, k := range rest {
			a.keep[k] = 1
		}
	}
	return a
}

func (a *alias) draw(rng *rand.Rand) int {
	k := rng.IntN(len(a.keep))
	if rng.Float64() < a.keep[k] {
		return k
	}
	return int(a.other[k])
}
