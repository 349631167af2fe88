package conformance

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"axbench/conformance/traffic"
)

// phoneBook hands out the numbers that may be bound: each of the declared ones once, from a place that the seed chooses, and then again.
type phoneBook struct {
	sides [3]side // of A, of B, landlines for either
	given map[string]bool
}

// side walks through the ranges of one side.
type side struct {
	ranges []traffic.Numbers
	size   uint64
	next   uint64
}

// The numbers for loopback, where nobody can be rung: the prefixes of the document's samples.
var loopbackPhones = ProvisionPhones{
	A: []string{"15000000000-15000999999"}, B: []string{"15800000000-15800999999"}, Landline: []string{"057188990000-057188999999"},
}

// newPhoneBook returns an error when a foreign endpoint has no declared numbers: then nothing may be sent.
func newPhoneBook(p *Provision, foreign bool, random *rand.Rand) (phoneBook, error) {
	a, b, landline := p.Ranges()
	if !foreign {
		fallback := &Provision{Phones: loopbackPhones}
		da, db, dl := fallback.Ranges()
		a, b, landline = orRanges(a, da), orRanges(b, db), orRanges(landline, dl)
	}
	if len(a) == 0 || len(b) == 0 {
		return phoneBook{}, fmt.Errorf("no numbers are declared: phones.a and phones.b of the provisioning file say which ones may be bound")
	}
	book := phoneBook{given: map[string]bool{}}
	for i, ranges := range [][]traffic.Numbers{a, b, landline} {
		s := side{ranges: ranges}
		for _, r := range ranges {
			s.size += width(r)
		}
		if s.size > 0 {
			s.next = random.Uint64N(s.size)
		}
		book.sides[i] = s
	}
	return book, nil
}

func orRanges(list, fallback []traffic.Numbers) []traffic.Numbers {
	if len(list) == 0 {
		return fallback
	}
	return list
}

func width(r traffic.Numbers) uint64 {
	from, _ := strconv.ParseUint(r.From, 10, 64) // checked when it was read
	to, _ := strconv.ParseUint(r.To, 10, 64)
	return to - from + 1
}

// draw returns the next number of a side.
func (s *side) draw() string {
	if s.size == 0 {
		return ""
	}
	n := s.next % s.size
	s.next++
	for _, r := range s.ranges {
		if size := width(r); n >= size {
			n -= size
			continue
		}
		from, _ := strconv.ParseUint(r.From, 10, 64)
		return fmt.Sprintf("%0*d", len(r.From), from+n)
	}
	return ""
}

func (p *phoneBook) a() string        { return p.give(&p.sides[0]) }
func (p *phoneBook) b() string        { return p.give(&p.sides[1]) }
func (p *phoneBook) landline() string { return p.give(&p.sides[2]) }

func (p *phoneBook) give(s *side) string {
	n := s.draw()
	p.given[n] = true
	return n
}

// drawn reports whether a number was handed out here.
func (p *phoneBook) drawn(n string) bool { return p.given[n] }

// like returns a fresh number for a parameter.
func (p *phoneBook) like(param string) string {
	if param == "PhoneNoB" {
		return p.b()
	}
	return p.a()
}

// mayUse reports whether a number is one of the declared ones, or this is loopback where all are.
func (p *phoneBook) mayUse(s *suite, n string) bool {
	if !s.cfg.Foreign {
		return true
	}
	for i := range p.sides {
		for _, r := range p.sides[i].ranges {
			if len(n) == len(r.From) && n >= r.From && n <= r.To {
				return true
			}
		}
	}
	return false
}
