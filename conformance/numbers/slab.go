package numbers

// record is one binding. Its links are indices of the slab, 0 for none.
type record struct {
	a, b             Number
	subs             SubsID
	expires, created int64
	x, note          uint32
	prev, next       uint32 // among those that end in the same second; next also chains free records
}

// slab holds records in chunks, so that growing it moves nothing. Index 0 is never given.
type slab struct {
	chunks [][]record
	next   uint32
	free   uint32
}

const chunkBits = 12

func (s *slab) at(i uint32) *record { return &s.chunks[i>>chunkBits][i&(1<<chunkBits-1)] }

func (s *slab) take() uint32 {
	if i := s.free; i != 0 {
		s.free = s.at(i).next
		return i
	}
	s.next++
	if int(s.next>>chunkBits) >= len(s.chunks) {
		s.chunks = append(s.chunks, make([]record, 1<<chunkBits))
	}
	return s.next
}

func (s *slab) put(i uint32) {
	*s.at(i) = record{next: s.free}
	s.free = i
}

// index finds records by SubsID. The ids come in sequence, so it is an array in pages that go when they are empty, but for the
// newest one.
type index struct {
	pages  map[SubsID]*page
	newest *page
	live   int
}

const pageBits = 8

type page struct {
	number  SubsID
	records [1 << pageBits]uint32
	live    int
}

func (x *index) find(id SubsID) uint32 {
	if p := x.pages[id>>pageBits]; p != nil {
		return p.records[id&(1<<pageBits-1)]
	}
	return 0
}

// add enters an id that is greater than all before.
func (x *index) add(id SubsID, i uint32) {
	p := x.newest
	if p == nil || p.number != id>>pageBits {
		if p != nil && p.live == 0 {
			delete(x.pages, p.number)
		} else {
			p = new(page)
		}
		p.number = id >> pageBits
		x.pages[p.number] = p
		x.newest = p
	}
	p.records[id&(1<<pageBits-1)] = i
	p.live++
	x.live++
}

func (x *index) remove(id SubsID) {
	p := x.pages[id>>pageBits]
	p.records[id&(1<<pageBits-1)] = 0
	x.live--
	if p.live--; p.live == 0 && p != x.newest {
		delete(x.pages, p.number)
	}
}

// tuning is where the pool changes its ways. Tests of small pools lower it.
type tuning struct {
	many, few uint32 // bindings at which a number gets its bitmap, and below which it loses it
	step      int    // how many bindings that have ended one call removes at most, so that no call pays for a whole second's
}

var tuned = tuning{many: 1024, few: 256, step: 32}

// link enters record i everywhere. a and b are the phones of its numbers, nil where there is none yet.
func (p *Pool) link(i uint32, a, b *phone) {
	r := p.slab.at(i)
	p.bySubs.add(r.subs, i)
	if a == nil {
		a = p.phones.add(r.a)
	}
	if b == nil {
		b = p.phones.add(r.b)
	}
	a.hold(r.x, &p.tune, len(p.open))
	b.hold(r.x, &p.tune, len(p.open))
	if r.expires <= p.purged { // the clock was set back
		p.purged = r.expires - 1
	}
	r.next = p.due[r.expires]
	if r.next != 0 {
		p.slab.at(r.next).prev = i
	}
	p.due[r.expires] = i
	if p.load[r.x]++; p.load[r.x] == p.limit {
		p.shut(r.x)
	}
}

// drop removes record i from everywhere.
func (p *Pool) drop(i uint32) {
	r := p.slab.at(i)
	p.bySubs.remove(r.subs)
	p.release(r.a, r.x)
	p.release(r.b, r.x)
	if r.next != 0 {
		p.slab.at(r.next).prev = r.prev
	}
	if r.prev != 0 {
		p.slab.at(r.prev).next = r.next
	} else {
		p.due[r.expires] = r.next
	}
	if p.load[r.x]--; p.load[r.x] == p.limit-1 {
		p.reopen(r.x)
	}
	p.slab.put(i)
}

// release notes that n is no longer bound on x.
func (p *Pool) release(n Number, x uint32) {
	f := p.phones.find(n)
	if f.release(x, &p.tune); f.count == 0 {
		p.phones.remove(n)
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
