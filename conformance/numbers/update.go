package numbers

import (
	"strings"
	"time"
)

// Change is what shall be other with a binding. A field that is zero leaves it as it is.
type Change struct {
	A, B     Number
	Expires  time.Time
	Note     uint32 // takes the place of the bits of NoteMask
	NoteMask uint32
	Label    *string
}

// Update changes the binding of that SubsID, which must be on x and live. Refused, it has no effect: as Unknown, Ended,
// SameNumber, Past, or Conflict when another binding on x has the new A or B.
func (p *Pool) Update(now time.Time, id SubsID, x Number, c Change) (Binding, Refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sec := p.enter(now, p.tune.step)
	i, refusal := p.find(sec, id, x)
	if refusal != None {
		return Binding{}, refusal
	}
	r := p.slab.at(i)
	a, b, expires := r.a, r.b, r.expires
	if c.A != 0 {
		a = c.A
	}
	if c.B != 0 {
		b = c.B
	}
	if !c.Expires.IsZero() {
		expires = c.Expires.Unix()
	}
	switch {
	case !p.distinct(a, b, x):
		return Binding{}, SameNumber
	case expires <= sec:
		return Binding{}, Past
	case !p.rebind(i, a, b, sec):
		return Binding{}, Conflict
	}
	if expires != r.expires {
		p.unschedule(i)
		r.expires = expires
		p.schedule(i)
	}
	r.note = r.note&^c.NoteMask | c.Note&c.NoteMask
	if c.Label != nil {
		p.labels.set(i, strings.Clone(*c.Label))
	}
	return p.binding(i), None
}

// rebind gives record i another pair, unless another binding on its X has a number of it.
func (p *Pool) rebind(i uint32, a, b Number, sec int64) bool {
	r := p.slab.at(i)
	if a == r.a && b == r.b {
		return true
	}
	if p.taken(r, a, b) {
		if !p.behind {
			return false
		}
		if p.purge(sec, -1); p.taken(r, a, b) {
			return false
		}
	}
	p.release(r)
	r.a, r.b = a, b
	to, with := p.parties(a, b)
	p.hold(r, to.phone, with.phone)
	return true
}

// taken reports whether a binding other than r has a or b on its X.
func (p *Pool) taken(r *record, a, b Number) bool {
	for _, key := range [...]Number{a, b | p.roleB} {
		if key != r.a && key != r.b|p.roleB && p.phones.find(key).on(r.x) {
			return true
		}
	}
	return false
}
