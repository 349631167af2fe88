package numbers

import (
	"math/rand/v2"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Pool is one pool of X numbers with its bindings.
type Pool struct {
	key    string
	strict bool
	limit  uint8
	size   int
	tune   tuning
	subs   *atomic.Uint64

	spans    []span // by base
	byNumber []span
	cities   []city
	cityOf   map[string]int

	mu     sync.Mutex
	rng    *rand.Rand
	open   []uint64 // bit x: X can take another pair
	load   []uint8  // bindings of X
	at     []uint32 // place of X in its city's list of open ones
	phones phones
	bySubs index
	slab   slab
	masked []uint32 // scratch of exactly

	due    map[int64]uint32 // by the second of Expires: first of the bindings that end then
	purged int64            // every binding that ends at or before this second is gone
	behind bool             // bindings are left that have ended
}

// Request is what a binding shall be.
type Request struct {
	A, B    Number
	X       Number // the X asked for; zero: one of the pool
	City    string // wished for when X is zero; "": none. It is not kept
	Expires time.Time
	Note    uint32 // the caller's own, kept with the binding
}

// Binding is one binding as it was made. Times are whole seconds.
type Binding struct {
	SubsID           SubsID
	A, B, X          Number
	Created, Expires time.Time
	Note             uint32
}

// Key returns the pool's key.
func (p *Pool) Key() string { return p.key }

// Strict reports whether the pool never takes a number of another city than asked for.
func (p *Pool) Strict() bool { return p.strict }

// Size returns how many X the pool has.
func (p *Pool) Size() int { return p.size }

// Has reports whether the number is one of the pool's X.
func (p *Pool) Has(x Number) bool { _, ok := p.place(x); return ok }

// Live returns how many bindings are live.
func (p *Pool) Live(now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.purge(now.Unix(), -1)
	return p.bySubs.live
}

// Bind makes a binding. Refused, it has no effect: None is the only Refusal that comes with a Binding.
//
// With X it is that one or nothing, whatever the city. Else it is a random X of City; if none is free there or City is empty,
// a random other one, which a strict pool refuses when a city was given.
func (p *Pool) Bind(now time.Time, r Request) (Binding, Refusal) {
	sec, expires := now.Unix(), r.Expires.Unix()
	switch {
	case r.A == r.B || r.A == r.X || r.B == r.X || r.A == 0 || r.B == 0:
		return Binding{}, SameNumber
	case expires <= sec:
		return Binding{}, Past
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.purge(sec, p.tune.step)
	a, b := p.party(r.A), p.party(r.B)
	x, refusal := p.choose(&r, a, b)
	if refusal != None && refusal != NotInPool && p.behind {
		p.purge(sec, -1)
		a, b = p.party(r.A), p.party(r.B)
		x, refusal = p.choose(&r, a, b)
	}
	if refusal != None {
		return Binding{}, refusal
	}
	i := p.slab.take()
	*p.slab.at(i) = record{a: r.A, b: r.B, subs: SubsID(p.subs.Add(1)), expires: expires, created: sec, x: x, note: r.Note}
	p.link(i, a.phone, b.phone)
	return p.binding(i), None
}

// Unbind ends the binding of that SubsID, which must be on x and live.
func (p *Pool) Unbind(now time.Time, id SubsID, x Number) (Binding, Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, ok := p.find(now.Unix(), id, x)
	if !ok {
		return Binding{}, Unknown
	}
	b := p.binding(i)
	p.drop(i)
	return b, None
}

// Query returns the binding of that SubsID, which must be on x and live.
func (p *Pool) Query(now time.Time, id SubsID, x Number) (Binding, Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, ok := p.find(now.Unix(), id, x)
	if !ok {
		return Binding{}, Unknown
	}
	return p.binding(i), None
}

func (p *Pool) find(now int64, id SubsID, x Number) (uint32, bool) {
	p.purge(now, p.tune.step)
	i := p.bySubs.find(id)
	if i == 0 {
		return 0, false
	}
	r := p.slab.at(i)
	return i, r.expires > now && p.number(r.x) == x
}

func (p *Pool) binding(i uint32) Binding {
	r := p.slab.at(i)
	return Binding{r.subs, r.a, r.b, p.number(r.x), time.Unix(r.created, 0), time.Unix(r.expires, 0), r.note}
}

// number returns the number of index x.
func (p *Pool) number(x uint32) Number {
	i := sort.Search(len(p.spans), func(i int) bool { return p.spans[i].base > x }) - 1
	return p.spans[i].first + Number(x-p.spans[i].base)
}

// place returns the index of a number of the pool.
func (p *Pool) place(n Number) (uint32, bool) {
	i := sort.Search(len(p.byNumber), func(i int) bool { return p.byNumber[i].first > n }) - 1
	if i < 0 || n-p.byNumber[i].first >= Number(p.byNumber[i].size) {
		return 0, false
	}
	return p.byNumber[i].base + uint32(n-p.byNumber[i].first), true
}

// home returns the city of index x.
func (p *Pool) home(x uint32) *city {
	return &p.cities[sort.Search(len(p.cities), func(i int) bool { return p.cities[i].to > x/64 })]
}

// wish returns the index of the city of that name, or -1.
func (p *Pool) wish(name string) int {
	if i, ok := p.cityOf[name]; ok {
		return i
	}
	if i, ok := p.cityOf[strings.TrimSuffix(name, "市")]; ok {
		return i
	}
	return -1
}
