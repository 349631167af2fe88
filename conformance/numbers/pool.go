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
	key       string
	strict    bool
	same      bool // numbers may be the same
	packed    bool
	inclusive bool
	roleB     Number // asB if conflicts are within one role only, else 0
	limit     uint8
	remember  int
	size      int
	tune      tuning
	subs      *atomic.Uint64

	spans    []span // by base
	byNumber []span
	cities   []city
	cityOf   map[string]int

	mu     sync.Mutex
	rng    *rand.Rand
	open   ranked   // the X that can take another pair
	oldest []uint32 // by X: where the ring of its bindings begins
	load   []uint8  // by X: its bindings
	phones phones
	bySubs index
	slab   slab
	labels labels
	masked []uint32 // scratch of masked X

	agenda     agenda
	latest     int64  // bindings that end at or before this second have ended
	behind     bool   // some of them are not purged yet
	live       int    // bindings, those not purged yet among them
	ended      uint32 // hub of those that are remembered, the one that ended first in front
	remembered int    // how many they are
}

// Request is what a binding shall be.
type Request struct {
	A, B    Number
	X       Number // the X asked for; zero: one of the pool
	City    string // wished for when X is zero; "": none. It is not kept
	Expires time.Time
	Note    uint32 // the caller's own, kept with the binding
	Label   string // likewise; the pool keeps a copy
}

// Binding is one binding as it is now. Times are whole seconds.
type Binding struct {
	SubsID           SubsID
	A, B, X          Number
	Created, Expires time.Time
	Note             uint32
	Ended            bool // it has expired and is only remembered
	Label            string
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
	p.enter(now, -1)
	return p.live
}

// Bind makes a binding. Refused, it has no effect: None is the only Refusal that comes with a Binding.
//
// With X it is that one or nothing, whatever the city. Else it is a random X of City; if none is free there or City is empty,
// a random other one, which a strict pool refuses when a city was given. A packed pool takes the first X instead of a random
// one.
func (p *Pool) Bind(now time.Time, r Request) (Binding, Refusal) {
	if !p.distinct(r.A, r.B, r.X) {
		return Binding{}, SameNumber
	}
	expires, budget := r.Expires.Unix(), p.tune.step
	if p.packed {
		budget = -1 // the first X is sure only when nothing that has ended is in the way
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	sec := p.enter(now, budget)
	if expires <= sec {
		return Binding{}, Past
	}
	a, b := p.parties(r.A, r.B)
	x, refusal := p.choose(&r, a, b)
	if refusal != None && refusal != NotInPool && p.behind {
		p.purge(sec, -1)
		a, b = p.parties(r.A, r.B)
		x, refusal = p.choose(&r, a, b)
	}
	if refusal != None {
		return Binding{}, refusal
	}
	i := p.slab.take()
	*p.slab.at(i) = record{a: r.A, b: r.B, subs: SubsID(p.subs.Add(1)), expires: expires, created: now.Unix(), x: x, note: r.Note}
	if r.Label != "" {
		p.labels.set(i, strings.Clone(r.Label))
	}
	p.link(i, a.phone, b.phone)
	return p.binding(i), None
}

// distinct reports whether a pair may be bound, to x unless it is zero.
func (p *Pool) distinct(a, b, x Number) bool {
	return a != 0 && b != 0 && (p.same || a != b && a != x && b != x)
}

// Unbind ends the binding of that SubsID, which must be on x and live, and forgets it. The only refusal is Unknown.
func (p *Pool) Unbind(now time.Time, id SubsID, x Number) (Binding, Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, refusal := p.find(p.enter(now, p.tune.step), id, x)
	if refusal != None {
		return Binding{}, Unknown
	}
	b := p.binding(i)
	p.unlink(i)
	p.forget(i)
	return b, None
}

// Query returns the binding of that SubsID, which must be on x. One that has expired comes with Ended as long as it is
// remembered. The only refusal is Unknown.
func (p *Pool) Query(now time.Time, id SubsID, x Number) (Binding, Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, refusal := p.find(p.enter(now, p.tune.step), id, x)
	if refusal == Unknown {
		return Binding{}, Unknown
	}
	return p.binding(i), None
}

// Reset drops all bindings, those that are remembered too. SubsIDs go on.
func (p *Pool) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
}

// find returns the record of a binding on x: None for a live one, Ended for one that is remembered, or Unknown.
func (p *Pool) find(sec int64, id SubsID, x Number) (uint32, Refusal) {
	i := p.bySubs.find(id)
	if i == 0 || p.number(p.slab.at(i).x) != x {
		return 0, Unknown
	}
	if r := p.slab.at(i); !r.ended() && r.expires > sec {
		return i, None
	}
	if p.behind { // what ended after it may push it out
		p.purge(sec, -1)
		if i = p.bySubs.find(id); i == 0 {
			return 0, Unknown
		}
	}
	return i, Ended
}

func (p *Pool) binding(i uint32) Binding {
	r := p.slab.at(i)
	return Binding{r.subs, r.a, r.b, p.number(r.x), time.Unix(r.created, 0), time.Unix(r.expires, 0), r.note, r.ended(), p.labels.of(i)}
}

// number returns the number of index x. It is asked too often for sort.Search.
func (p *Pool) number(x uint32) Number {
	i := 0
	for end := len(p.spans); i+1 < end; {
		if half := (i + end) / 2; p.spans[half].base <= x {
			i = half
		} else {
			end = half
		}
	}
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
