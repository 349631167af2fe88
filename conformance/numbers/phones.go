package numbers

import (
	"iter"
	"math/bits"
)

// asB marks, in a key of phones, a number in the role of B. It is no part of a Number.
const asB Number = 1 << 63

// phones is what each number is bound on. Its keys are numbers, or a number and its role.
type phones struct {
	at     map[Number]uint32 // index of a phone, from 1
	chunks [][]phone
	next   uint32
	free   []uint32
}

// phone is the X that one number is bound on: a single one, a list, or a bitmap when they are many. In a list they lie side by
// side, so that looking through some hundreds of them costs less than one look-up in a large map.
type phone struct {
	count uint32
	one   [1]uint32
	many  *many // nil for a single one
}

// many is either a list or a bitmap.
type many struct {
	list  []uint32
	marks []uint64 // bit x
}

func (s *phones) of(i uint32) *phone { return &s.chunks[i>>chunkBits][i&(1<<chunkBits-1)] }

// find returns the phone of a number, or nil.
func (s *phones) find(n Number) *phone {
	if i := s.at[n]; i != 0 {
		return s.of(i)
	}
	return nil
}

// add makes the phone of a number that has none.
func (s *phones) add(n Number) *phone {
	i := s.take()
	s.at[n] = i
	return s.of(i)
}

func (s *phones) take() uint32 {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i
	}
	s.next++
	if int(s.next>>chunkBits) >= len(s.chunks) {
		s.chunks = append(s.chunks, make([]phone, 1<<chunkBits))
	}
	return s.next
}

// release notes that a number is no longer bound on x, and forgets it when that was its last one.
func (s *phones) release(n Number, x uint32, t *tuning) {
	i := s.at[n]
	f := s.of(i)
	if f.release(x, t); f.count == 0 {
		delete(s.at, n)
		*f = phone{}
		s.free = append(s.free, i)
	}
}

// listed returns the X in no order, valid until the next hold or release; none for a phone with marks.
func (f *phone) listed() []uint32 {
	switch {
	case f == nil:
		return nil
	case f.many != nil:
		return f.many.list
	}
	return f.one[:f.count]
}

// bitmap returns the marks, nil without.
func (f *phone) bitmap() []uint64 {
	if f == nil || f.many == nil {
		return nil
	}
	return f.many.marks
}

// on reports whether the number is bound on x.
func (f *phone) on(x uint32) bool {
	if marks := f.bitmap(); marks != nil {
		return marks[x/64]&(1<<(x%64)) != 0
	}
	for _, l := range f.listed() {
		if l == x {
			return true
		}
	}
	return false
}

// common yields the X that both numbers are bound on, in no order.
func common(f, g *phone) iter.Seq[uint32] {
	if f == nil || g == nil {
		return func(func(uint32) bool) {}
	}
	if m := f.bitmap(); g.bitmap() == nil && (m != nil || g.count < f.count) {
		f, g = g, f
	}
	return func(yield func(uint32) bool) {
		marks := g.bitmap()
		for i, w := range f.bitmap() { // then g has one too
			for w &= marks[i]; w != 0; w &= w - 1 {
				if !yield(uint32(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
		for _, x := range f.listed() {
			if g.on(x) && !yield(x) {
				return
			}
		}
	}
}

// hold adds x. words is the length of a bitmap.
func (f *phone) hold(x uint32, t *tuning, words int) {
	f.count++
	m := f.many
	switch {
	case m == nil && f.count == 1:
		f.one[0] = x
		return
	case m == nil:
		m = &many{list: []uint32{f.one[0], x}}
		f.many = m
	case m.marks != nil:
		m.marks[x/64] |= 1 << (x % 64)
	default:
		m.list = append(m.list, x)
	}
	if f.count >= t.many && m.marks == nil {
		m.mark(words)
	}
}

// release takes x back.
func (f *phone) release(x uint32, t *tuning) {
	f.count--
	m := f.many
	switch {
	case m == nil:
	case m.marks != nil:
		m.marks[x/64] &^= 1 << (x % 64)
		if f.count < t.few {
			m.unmark(f.count)
		}
	default:
		for i := range m.list {
			if m.list[i] == x {
				m.list[i] = m.list[f.count]
				break
			}
		}
		m.list = m.list[:f.count]
	}
}

// mark turns the list into a bitmap.
func (m *many) mark(words int) {
	m.marks = make([]uint64, words)
	for _, x := range m.list {
		m.marks[x/64] |= 1 << (x % 64)
	}
	m.list = nil
}

// unmark turns the bitmap into a list again.
func (m *many) unmark(count uint32) {
	m.list = make([]uint32, 0, count)
	for i, w := range m.marks {
		for ; w != 0; w &= w - 1 {
			m.list = append(m.list, uint32(i*64+bits.TrailingZeros64(w)))
		}
	}
	m.marks = nil
}
