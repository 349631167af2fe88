package numbers

// record is one binding, live or remembered: 64 bytes, a cache line. Its links are indices of the slab, 0 for none.
type record struct {
	a, b             Number
	subs             SubsID
	expires, created int64
	x, note          uint32
	links            [2]links
}

// links are a record's neighbours in a ring: the last one is followed by the first.
type links struct{ prev, next uint32 }

// The rings of a record. A ring byTime holds one record more that is no binding: its hub, before the first and behind the last.
const (
	byTime = iota // those that end in the same second, or those that are remembered; next also chains free records
	byX           // those on the same X; a binding that has ended is in none
)

// ended reports whether the binding is only remembered.
func (r *record) ended() bool { return r.links[byX].next == 0 }

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
		s.free = s.at(i).links[byTime].next
		return i
	}
	s.next++
	if int(s.next>>chunkBits) >= len(s.chunks) {
		s.chunks = append(s.chunks, make([]record, 1<<chunkBits))
	}
	return s.next
}

func (s *slab) put(i uint32) {
	r := s.at(i)
	*r = record{}
	r.links[byTime].next = s.free
	s.free = i
}

// hub makes the hub of an empty ring.
func (s *slab) hub() uint32 {
	i := s.take()
	*s.at(i) = record{links: [2]links{byTime: {i, i}}}
	return i
}

// empty reports whether a hub is alone in its ring.
func (s *slab) empty(hub uint32) bool { return s.at(hub).links[byTime].next == hub }

// enter puts record i into a ring before another record. With 0 for that one it makes the ring.
func (s *slab) enter(ring int, before, i uint32) {
	l := &s.at(i).links[ring]
	if before == 0 {
		*l = links{i, i}
		return
	}
	next := &s.at(before).links[ring]
	*l = links{next.prev, before}
	s.at(next.prev).links[ring].next = i
	next.prev = i
}

// leave takes record i out of its ring and returns the one behind it, 0 when there is none.
func (s *slab) leave(ring int, i uint32) uint32 {
	l := &s.at(i).links[ring]
	prev, next := l.prev, l.next
	*l = links{}
	if next == i {
		return 0
	}
	s.at(prev).links[ring].next = next
	s.at(next).links[ring].prev = prev
	return next
}

// labels are the texts of records: chunks beside those of the slab, each made when the first text for it comes.
type labels struct{ chunks [][]string }

func (l *labels) of(i uint32) string {
	if c := int(i >> chunkBits); c < len(l.chunks) && l.chunks[c] != nil {
		return l.chunks[c][i&(1<<chunkBits-1)]
	}
	return ""
}

func (l *labels) set(i uint32, text string) {
	c := int(i >> chunkBits)
	if c >= len(l.chunks) || l.chunks[c] == nil {
		if text == "" {
			return
		}
		for c >= len(l.chunks) {
			l.chunks = append(l.chunks, nil)
		}
		l.chunks[c] = make([]string, 1<<chunkBits)
	}
	l.chunks[c][i&(1<<chunkBits-1)] = text
}

// index finds records by SubsID. The ids come in sequence, so it is an array in pages that go when they are empty, but for the
// newest one.
type index struct {
	pages  map[SubsID]*page
	newest *page
}

const pageBits = 8

type page struct {
	number  SubsID
	records [1 << pageBits]uint32
	used    int
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
		if p != nil && p.used == 0 {
			delete(x.pages, p.number)
		} else {
			p = new(page)
		}
		p.number = id >> pageBits
		x.pages[p.number] = p
		x.newest = p
	}
	p.records[id&(1<<pageBits-1)] = i
	p.used++
}

func (x *index) remove(id SubsID) {
	p := x.pages[id>>pageBits]
	p.records[id&(1<<pageBits-1)] = 0
	if p.used--; p.used == 0 && p != x.newest {
		delete(x.pages, p.number)
	}
}
