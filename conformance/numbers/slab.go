package numbers

// record is one binding. Its links are indices of the slab, 0 for none.
type record struct {
	a, b             Number
	subs             SubsID
	expires, created int64
	x, note          uint32
	due, ofA, ofB    link
}

type link struct{ prev, next uint32 }

// of returns the link of n's chain.
func (r *record) of(n Number) *link {
	if r.a == n {
		return &r.ofA
	}
	return &r.ofB
}

// slab holds records in chunks, so that growing it moves nothing. Index 0 is never given.
type slab struct {
	chunks [][]record
	next   uint32
	free   uint32 // chain of free ones by due.next
}

const chunkBits = 12

func (s *slab) at(i uint32) *record { return &s.chunks[i>>chunkBits][i&(1<<chunkBits-1)] }

func (s *slab) take() uint32 {
	if i := s.free; i != 0 {
		s.free = s.at(i).due.next
		return i
	}
	s.next++
	if int(s.next>>chunkBits) >= len(s.chunks) {
		s.chunks = append(s.chunks, make([]record, 1<<chunkBits))
	}
	return s.next
}

func (s *slab) put(i uint32) {
	*s.at(i) = record{due: link{next: s.free}}
	s.free = i
}

// tuning is where the pool changes its ways. Tests of small pools lower it.
type tuning struct {
	many, few uint32 // bindings at which a number gets its bitmap, and below which it loses it
	step      int    // how many bindings that have ended one call removes at most, so that no call pays for a whole second's
}

var tuned = tuning{many: 1024, few: 256, step: 32}

// link enters record i everywhere.
func (p *Pool) link(i uint32) {
	r := p.slab.at(i)
	p.bySubs[r.subs] = i
	p.chain(i, r.a, &r.ofA)
	p.chain(i, r.b, &r.ofB)
	if r.expires <= p.purged { // the clock was set back
		p.purged = r.expires - 1
	}
	first := p.due[r.expires]
	r.due = link{next: first}
	if first != 0 {
		p.slab.at(first).due.prev = i
	}
	p.due[r.expires] = i
	if p.load[r.x]++; p.load[r.x] == p.limit {
		p.shut(r.x)
	}
}

// chain enters record i in the bindings of n.
func (p *Pool) chain(i uint32, n Number, l *link) {
	x := p.slab.at(i).x
	p.pairs[pair{n, x}] = i
	f := p.phones[n]
	*l = link{next: f.first}
	if f.first != 0 {
		p.slab.at(f.first).of(n).prev = i
	}
	f.first = i
	f.count++
	p.phones[n] = f
	if marks := p.heavy[n]; marks != nil {
		marks[x/64] |= 1 << (x % 64)
	} else if f.count >= p.tune.many {
		p.mark(n, f.first)
	}
}

// mark makes the bitmap of n from its bindings.
func (p *Pool) mark(n Number, first uint32) {
	marks := make([]uint64, len(p.open))
	for i := first; i != 0; {
		r := p.slab.at(i)
		marks[r.x/64] |= 1 << (r.x % 64)
		i = r.of(n).next
	}
	p.heavy[n] = marks
}

// drop removes record i from everywhere.
func (p *Pool) drop(i uint32) {
	r := p.slab.at(i)
	delete(p.bySubs, r.subs)
	p.unchain(r, r.a, r.ofA)
	p.unchain(r, r.b, r.ofB)
	if r.due.next != 0 {
		p.slab.at(r.due.next).due.prev = r.due.prev
	}
	if r.due.prev != 0 {
		p.slab.at(r.due.prev).due.next = r.due.next
	} else {
		p.due[r.expires] = r.due.next
	}
	if p.load[r.x]--; p.load[r.x] == p.limit-1 {
		p.reopen(r.x)
	}
	p.slab.put(i)
}

// unchain removes r from the bindings of n, where its link is l.
func (p *Pool) unchain(r *record, n Number, l link) {
	delete(p.pairs, pair{n, r.x})
	f := p.phones[n]
	if l.next != 0 {
		p.slab.at(l.next).of(n).prev = l.prev
	}
	if l.prev != 0 {
		p.slab.at(l.prev).of(n).next = l.next
	} else {
		f.first = l.next
	}
	if f.count--; f.count == 0 {
		delete(p.phones, n)
	} else {
		p.phones[n] = f
	}
	switch marks := p.heavy[n]; {
	case marks == nil:
	case f.count < p.tune.few:
		delete(p.heavy, n)
	default:
		marks[r.x/64] &^= 1 << (r.x % 64)
	}
}

// shut takes x out of its city's list of open ones.
func (p *Pool) shut(x uint32) {
	c := p.home(x)
	last := c.open[len(c.open)-1]
	c.open[p.at[x]] = last
	p.at[last] = p.at[x]
	c.open = c.open[:len(c.open)-1]
	p.open[x/64] &^= 1 << (x % 64)
}

// reopen puts x back.
func (p *Pool) reopen(x uint32) {
	c := p.home(x)
	p.at[x] = uint32(len(c.open))
	c.open = append(c.open, x)
	p.open[x/64] |= 1 << (x % 64)
}

// purge removes bindings that have ended by now: at most budget of them, or all when it is negative.
func (p *Pool) purge(now int64, budget int) {
	for p.behind = false; p.purged < now; {
		sec := p.purged + 1
		if now-p.purged > maxWalk {
			sec = p.firstDue(now)
		}
		for first := p.due[sec]; first != 0; first = p.due[sec] {
			if budget == 0 {
				p.behind = true
				return
			}
			budget--
			p.drop(first)
		}
		delete(p.due, sec)
		p.purged = sec
	}
}

// maxWalk is the longest time, in seconds, that purge goes through second by second.
const maxWalk = 1 << 12

// firstDue returns the first second in which a binding may end, now at the latest.
func (p *Pool) firstDue(now int64) int64 {
	first := now
	for sec := range p.due {
		first = min(first, sec)
	}
	return first
}
