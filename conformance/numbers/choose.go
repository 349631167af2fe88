package numbers

import "math/bits"

// tries is how often a random open X is tried before all are looked at.
const tries = 64

// choose returns the X for a request.
func (p *Pool) choose(now int64, r *Request) (uint32, Refusal) {
	if r.X != 0 {
		x, ok := p.index(r.X)
		switch {
		case !ok:
			return 0, NotInPool
		case p.bound(now, r.A, x) || p.bound(now, r.B, x):
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
			if x, ok := p.draw(now, scope{c, c + 1, -1}, r.A, r.B); ok {
				return x, None
			}
		}
		if p.strict || c >= 0 && p.behind { // others only when it is sure that the city has none
			return 0, NoAvailable
		}
		all.but = c
	}
	if x, ok := p.draw(now, all, r.A, r.B); ok {
		return x, None
	}
	return 0, NoAvailable
}

// bound reports whether a number has a live binding on x, in either role.
func (p *Pool) bound(now int64, n Number, x uint32) bool {
	if marks := p.heavy[n]; marks != nil && (!p.behind || marks[x/64]&(1<<(x%64)) == 0) {
		return marks[x/64]&(1<<(x%64)) != 0
	}
	i, ok := p.pairs[pair{n, x}]
	if !ok {
		return false
	}
	if p.slab.at(i).expires > now {
		return true
	}
	p.drop(i)
	return false
}

// scope is a run of cities, without the one of index but.
type scope struct{ from, to, but int }

// draw returns a random open X of the scope on which neither a nor b is bound, each with the same chance.
func (p *Pool) draw(now int64, s scope, a, b Number) (uint32, bool) {
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
		if n := p.number(x); n != a && n != b && !p.bound(now, a, x) && !p.bound(now, b, x) {
			return x, true
		}
	}
	return p.exactly(s, a, b)
}

// exactly is draw by looking at every X of the scope, 64 at a time. Bindings that have ended but are not gone still count.
func (p *Pool) exactly(s scope, a, b Number) (x uint32, ok bool) {
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
func (p *Pool) words(s scope, a, b Number, yield func(i int, w uint64) bool) {
	marksA, marksB := p.heavy[a], p.heavy[b]
	for c := s.from; c < s.to; c++ {
		if c == s.but {
			continue
		}
		for i := int(p.cities[c].from); i < int(p.cities[c].to); i++ {
			w := p.open[i]
			if marksA != nil {
				w &^= marksA[i]
			}
			if marksB != nil {
				w &^= marksB[i]
			}
			if w != 0 && !yield(i, w) {
				return
			}
		}
	}
}

// mask closes, for exactly alone, the X that n itself is and, unless n has marks, those that it is bound on.
func (p *Pool) mask(n Number) {
	if x, ok := p.index(n); ok {
		p.close(x)
	}
	if p.heavy[n] != nil {
		return
	}
	for i := p.phones[n].first; i != 0; {
		r := p.slab.at(i)
		p.close(r.x)
		i = r.of(n).next
	}
}

func (p *Pool) close(x uint32) {
	if p.open[x/64]&(1<<(x%64)) != 0 {
		p.open[x/64] &^= 1 << (x % 64)
		p.masked = append(p.masked, x)
	}
}
