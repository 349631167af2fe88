package numbers

import (
	"iter"
	"time"
)

// On returns the live bindings on x, the oldest first: nil when x is not in the pool, empty when there is none.
func (p *Pool) On(now time.Time, x Number) []Binding {
	p.mu.Lock()
	defer p.mu.Unlock()
	sec := p.enter(now, p.tune.step)
	at, ok := p.place(x)
	if !ok {
		return nil
	}
	out := make([]Binding, 0, p.load[at])
	for i := range p.ring(at, sec) {
		out = append(out, p.binding(i))
	}
	return out
}

// ring yields the records of the live bindings on x, the oldest first.
func (p *Pool) ring(x uint32, sec int64) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		first := p.oldest[x]
		for i := first; i != 0; {
			r := p.slab.at(i)
			if r.expires > sec && !yield(i) {
				return
			}
			if i = r.links[byX].next; i == first {
				return
			}
		}
	}
}

// Pair returns a live binding of a, as A, and b, as B, if there is one. Of several it is any.
func (p *Pool) Pair(now time.Time, a, b Number) (Binding, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sec := p.enter(now, p.tune.step)
	for x := range common(p.phones.find(a), p.phones.find(b|p.roleB)) {
		for i := range p.ring(x, sec) {
			if r := p.slab.at(i); r.a == a && r.b == b {
				return p.binding(i), true
			}
		}
	}
	return Binding{}, false
}

// Reach returns who is reached when from dials x, and the binding that says so: B for A, and A for B. Of several bindings, of
// a number that is A in one and B in another, it is the oldest one.
func (p *Pool) Reach(now time.Time, x, from Number) (to Number, b Binding, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sec := p.enter(now, p.tune.step)
	at, ok := p.place(x)
	if !ok {
		return 0, Binding{}, false
	}
	for i := range p.ring(at, sec) {
		switch r := p.slab.at(i); from {
		case r.a:
			return r.b, p.binding(i), true
		case r.b:
			return r.a, p.binding(i), true
		}
	}
	return 0, Binding{}, false
}

// Bound returns on how many X the numbers of a pair are bound: each in its role where only the same one conflicts, else in either.
func (p *Pool) Bound(now time.Time, a, b Number) (onA, onB int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.enter(now, -1)
	if f := p.phones.find(a); f != nil {
		onA = int(f.count)
	}
	if f := p.phones.find(b | p.roleB); f != nil {
		onB = int(f.count)
	}
	return onA, onB
}

// CityStock is what a city of a pool has: its X, and how many of them can take no further pair.
type CityStock struct {
	Name          string // without the suffix 市
	Numbers, Full int
}

// Stock returns the cities in the order of their configuration.
func (p *Pool) Stock(now time.Time) []CityStock {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.enter(now, -1)
	out := make([]CityStock, len(p.cities))
	for i, c := range p.cities {
		out[i] = CityStock{c.name, c.size, c.size - c.open}
	}
	return out
}
