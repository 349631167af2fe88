package numbers

import "math/bits"

// dense is how many X there are to an open one, at most, where X are drawn blindly until one is open.
const dense = 8

// party is A or B while an X is looked for. phone is nil without a binding.
type party struct {
	n     Number
	phone *phone
}

func (p *Pool) parties(a, b Number) (party, party) {
	return party{a, p.phones.find(a)}, party{b, p.phones.find(b | p.roleB)}
}

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

// draw returns a random open X of the scope on which neither a nor b is bound, each with the same chance. A packed pool draws
// the first one.
func (p *Pool) draw(s scope, a, b party) (uint32, bool) {
	if p.packed {
		return p.first(s, a, b)
	}
	total := 0
	for i := s.from; i < s.to; i++ {
		if i != s.but {
			total += p.cities[i].open
		}
	}
	if total == 0 {
		return 0, false
	}
	for range p.tune.tries {
		x := p.pick(s, total)
		if a.phone.on(x) || b.phone.on(x) {
			continue
		}
		if n := p.number(x); p.same || n != a.n && n != b.n {
			return x, true
		}
	}
	return p.exactly(s, a, b)
}

// pick returns one of the total open X of the scope, each with the same chance.
func (p *Pool) pick(s scope, total int) uint32 {
	from, to := p.cities[s.from].from*64, p.cities[s.to-1].to*64
	if total >= int(to-from)/dense {
		for range 2 * dense {
			x := from + p.rng.Uint32N(to-from)
			if p.open.has(x) && (s.but < 0 || x/64 < p.cities[s.but].from || x/64 >= p.cities[s.but].to) {
				return x
			}
		}
	}
	r, before := p.rng.IntN(total), 0
	for i := range p.cities[:s.to] { // r becomes its place among all open X of the pool
		open := p.cities[i].open
		if i < s.from || i == s.but && r >= before {
			r += open
		}
		before += open
	}
	return p.open.nth(r)
}

// exactly is draw by looking at every X of the scope, 64 at a time.
func (p *Pool) exactly(s scope, a, b party) (x uint32, ok bool) {
	p.mask(a)
	p.mask(b)
	defer p.unmask()
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
			x, ok = uint32(i*64)+bit(w, uint32(r)), true
			return false
		})
	}
	return x, ok
}

// first is draw by looking at the X of the scope in the order of the configuration.
func (p *Pool) first(s scope, a, b party) (x uint32, ok bool) {
	p.mask(a)
	p.mask(b)
	defer p.unmask()
	p.words(s, a, b, func(i int, w uint64) bool {
		x, ok = uint32(i*64+bits.TrailingZeros64(w)), true
		return false
	})
	return x, ok
}

// words calls yield with each word of the scope that has an open X without a mark of a or b, until it returns false.
func (p *Pool) words(s scope, a, b party, yield func(i int, w uint64) bool) {
	ma, mb := a.phone.bitmap(), b.phone.bitmap()
	for c := s.from; c < s.to; c++ {
		if c == s.but {
			continue
		}
		to := int(p.cities[c].to)
		for i := int(p.cities[c].from); i < to; {
			if i%16 == 0 {
				i = p.open.skip(i)
			}
			for end := min(i|15+1, to); i < end; i++ {
				w := p.open.words[i]
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
}

// mask closes, until unmask, the X that a party itself is and, unless it has marks, those that it is bound on.
func (p *Pool) mask(a party) {
	if x, ok := p.place(a.n); ok && !p.same {
		p.close(x)
	}
	for _, x := range a.phone.listed() {
		p.close(x)
	}
}

func (p *Pool) close(x uint32) {
	if p.open.has(x) {
		p.open.words[x/64] &^= 1 << (x % 64)
		p.masked = append(p.masked, x)
	}
}

func (p *Pool) unmask() {
	for _, x := range p.masked {
		p.open.words[x/64] |= 1 << (x % 64)
	}
	p.masked = p.masked[:0]
}
