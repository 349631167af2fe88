package numbers

import "math/bits"

// tries is how often a random open X is tried before all are looked at.
const tries = 64

// party is A or B while an X is looked for. phone is nil without a binding.
type party struct {
	n     Number
	phone *phone
}

func (p *Pool) party(n Number) party { return party{n, p.phones.find(n)} }

// choose returns the X for a request. Bindings that have ended but are not gone still count: when some are left (p.behind), a
// refusal is not final.
func (p *Pool) choose(r *Request, a, b party) (uint32, Refusal) {
	if r.X != 0 {
		x, ok := p.place(r.X)
		switch {
		case !ok:
			return 0, NotInPool
		case a.phone.on(x) || b.phone.on(x):
			return 0, Conflict
		case p.load[x] >= p.limit:
			return 0, Full
		}
		return x, None
	}
	all := scope{0, len(p.cities), -1}
	if r.City != "" {
		c := p.wish(r.City)
		if c >= 0 {
			if x, ok := p.draw(scope{c, c + 1, -1}, a, b); ok {
				return x, None
			}
		}
		if p.strict || c >= 0 && p.behind { // others only when it is sure that the city has none
			return 0, NoAvailable
		}
		all.but = c
	}
	if x, ok := p.draw(all, a, b); ok {
		return x, None
	}
	return 0, NoAvailable
}

// scope is a run of cities, without the one of index but.
type scope struct{ from, to, but int }

// draw returns a random open X of the scope on which neither a nor b is bound, each with the same chance.
func (p *Pool) draw(s scope, a, b party) (uint32, bool) {
	for range tries {
		total := 0
		for i := s.from; i < s.to; i++ {
			if i != s.but {
				total += len(p.cities[i].open)
			}
		}
		if total == 0 {
			return 0, false
		}
		r := p.rng.IntN(total)
		i := s.from
		for ; i == s.but || r >= len(p.cities[i].open); i++ {
			if i != s.but {
				r -= len(p.cities[i].open)
			}
		}
		x := p.cities[i].open[r]
		if n := p.number(x); n != a.n && n != b.n && !a.phone.on(x) && !b.phone.on(x) {
			return x, true
		}
	}
	return p.exactly(s, a, b)
}

// exactly is draw by looking at every X of the scope, 64 at a time.
func (p *Pool) exactly(s scope, a, b party) (x uint32, ok bool) {
	p.mask(a)
	p.mask(b)
	total := 0
	p.words(s, a, b, func(_ int, w uint64) bool {
		total += bits.OnesCount64(w)
		return true
	})
	if total > 0 {
		r := p.rng.IntN(total)
		p.words(s, a, b, func(i int, w uint64) bool {
			if n := bits.OnesCount64(w); r >= n {
				r -= n
				return true
			}
			for ; r > 0; r-- {
				w &= w - 1
			}
			x, ok = uint32(i*64+bits.TrailingZeros64(w)), true
			return false
		})
	}
	for _, m := range p.masked {
		p.open[m/64] |= 1 << (m % 64)
	}
	p.masked = p.masked[:0]
	return x, ok
}

// words calls yield with each word of the scope that has an open X without a mark of a or b, until it returns false.
func (p *Pool) words(s scope, a, b party, yield func(i int, w uint64) bool) {
	ma, mb := a.phone.bitmap(), b.phone.bitmap()
	for c := s.from; c < s.to; c++ {
		if c == s.but {
			continue
		}
		for i := int(p.cities[c].from); i < int(p.cities[c].to); i++ {
			w := p.open[i]
			if ma != nil {
				w &^= ma[i]
			}
			if mb != nil {
				w &^= mb[i]
			}
			if w != 0 && !yield(i, w) {
				return
			}
		}
	}
}

// mask closes, for exactly alone, the X that a party itself is and, unless it has marks, those that it is bound on.
func (p *Pool) mask(a party) {
	if x, ok := p.place(a.n); ok {
		p.close(x)
	}
	for _, x := range a.phone.listed() {
		p.close(x)
	}
}

func (p *Pool) close(x uint32) {
	if p.open[x/64]&(1<<(x%64)) != 0 {
		p.open[x/64] &^= 1 << (x % 64)
		p.masked = append(p.masked, x)
	}
}
