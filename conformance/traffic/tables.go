package traffic

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// loadOf returns how many of n slots may be in use before linear probing becomes slow.
func loadOf(n uint64) uint64 { return n - n/8 }

// slotOf spreads fingerprints over n slots.
func slotOf(fp, n uint64) uint64 {
	hi, _ := bits.Mul64(fp, n)
	return hi
}

// idSet remembers 64-bit fingerprints in a memory that is fixed at the start. It is safe for concurrent use and has no locks:
// a slot is taken once and for ever.
type idSet struct {
	keys    []atomic.Uint64 // 0 for a free slot
	used    atomic.Int64
	full    atomic.Bool
	checked atomic.Int64 // held against all earlier ones
	seen    atomic.Int64
}

// newIDSet makes a set that takes about that many bytes.
func newIDSet(bytes int64) *idSet {
	s := &idSet{keys: make([]atomic.Uint64, max(64, bytes/8))}
	// Memory that was only read so far is the one page of zeros: the first write to each page would cost a fault in the
	// middle of a call, and all processors a pause. So each page is written now.
	for i := 0; i < len(s.keys); i += pageBytes / 8 {
		s.keys[i].Store(0)
	}
	return s
}

const pageBytes = 4096

// touch reads the slot of fp. A few of these in a row fetch their memory at the same time and not one after the other.
func (s *idSet) touch(fp uint64) uint64 {
	return s.keys[slotOf(fp, uint64(len(s.keys)))].Load()
}

// add remembers fp and reports whether it was there before. When the memory is full it still finds what it remembers, but
// takes no more.
func (s *idSet) add(fp uint64) (duplicate bool) {
	fp = max(fp, 1)
	n := uint64(len(s.keys))
	s.seen.Add(1)
	full := s.full.Load()
	if !full {
		s.checked.Add(1)
	}
	at := slotOf(fp, n)
	for range n {
		switch have := s.keys[at].Load(); {
		case have == fp:
			return true
		case have == 0 && full:
			return false
		case have == 0:
			if s.keys[at].CompareAndSwap(0, fp) {
				if s.used.Add(1) >= int64(loadOf(n)) {
					s.full.Store(true)
				}
				return false
			}
			continue // another worker took the slot: it may be the same fingerprint
		}
		if at++; at == n {
			at = 0
		}
	}
	return false // more workers than free slots came at once
}

// shards is how many parts, each with a lock of its own, a liveSet has: enough that two workers rarely meet, and few slots
// each, so that a sweep of one part is short. A power of two.
const shards = 64

// place spreads a fingerprint over shards and slots: the low bits choose the shard, the high ones the slot.
func place(fp, slots uint64) (shard, slot uint64) { return fp & (shards - 1), slotOf(fp, slots) }

// liveSet remembers fingerprints until a time of their own, in a memory that is fixed at the start: what is dead makes room.
// It is safe for concurrent use. Times are Unix milliseconds.
type liveSet struct {
	slots   uint64
	full    atomic.Bool
	checked atomic.Int64
	seen    atomic.Int64
	parts   [shards]liveShard
}

type liveShard struct {
	mu    sync.Mutex
	used  uint64
	slots []liveSlot
	_     [64]byte
}

// liveSlot is read and written under its shard's lock; key is atomic for touch only.
type liveSlot struct {
	key   atomic.Uint64
	until int64
}

// newLiveSet makes a set that takes about that many bytes.
func newLiveSet(bytes int64) *liveSet {
	s := &liveSet{slots: max(8, uint64(bytes)/16/shards)}
	for i := range s.parts {
		s.parts[i].slots = make([]liveSlot, s.slots)
		for j := 0; j < len(s.parts[i].slots); j += pageBytes / 16 { // as in newIDSet
			s.parts[i].slots[j].key.Store(0)
		}
	}
	return s
}

// touch reads the slot of fp, as idSet.touch does.
func (s *liveSet) touch(fp uint64) uint64 {
	n, slot := place(fp, s.slots)
	return s.parts[n].slots[slot].key.Load()
}

// add makes fp live until that time and reports whether it was live at now.
func (s *liveSet) add(fp uint64, now, until int64) (alive bool) {
	fp = max(fp, 1)
	n, slot := place(fp, s.slots)
	full := s.full.Load()
	p := &s.parts[n]
	p.mu.Lock()
	defer p.mu.Unlock()
	if at, found := p.find(fp, slot); found {
		alive = p.slots[at].until > now
		p.slots[at].until = max(p.slots[at].until, until)
		if !alive {
			p.slots[at].until = until
		}
		return alive
	}
	if full || until <= now {
		return false
	}
	if p.used >= loadOf(s.slots) && !s.sweep(p, now) {
		s.full.Store(true)
		return false
	}
	at, _ := p.find(fp, slot)
	p.slots[at].key.Store(fp)
	p.slots[at].until = until
	p.used++
	return false
}

// remove ends the life of fp.
func (s *liveSet) remove(fp uint64) {
	fp = max(fp, 1)
	n, slot := place(fp, s.slots)
	p := &s.parts[n]
	p.mu.Lock()
	defer p.mu.Unlock()
	if at, found := p.find(fp, slot); found {
		s.clear(p, at)
	}
}

// find returns where fp is, or the free slot where it would go. There always is a free slot.
func (p *liveShard) find(fp, slot uint64) (at uint64, found bool) {
	for have := p.slots[slot].key.Load(); have != 0; have = p.slots[slot].key.Load() {
		if have == fp {
			return slot, true
		}
		if slot++; slot == uint64(len(p.slots)) {
			slot = 0
		}
	}
	return slot, false
}

// clear frees slot at and moves later entries up, so that no probe is cut short (linear probing without tombstones).
func (s *liveSet) clear(p *liveShard, at uint64) {
	n := uint64(len(p.slots))
	hole := at
	for next := (hole + 1) % n; p.slots[next].key.Load() != 0; next = (next + 1) % n {
		_, home := place(p.slots[next].key.Load(), n)
		// The entry may move into the hole unless its home lies behind the hole and not behind the entry, cyclically.
		if (next+n-home)%n >= (next+n-hole)%n {
			p.slots[hole].key.Store(p.slots[next].key.Load())
			p.slots[hole].until = p.slots[next].until
			hole = next
		}
	}
	p.slots[hole].key.Store(0)
	p.slots[hole].until = 0
	p.used--
}

// sweep frees what is dead at now. It reports whether that was worth it: less than a sixteenth of the slots is not, or a
// nearly full table would be swept for every new entry.
func (s *liveSet) sweep(p *liveShard, now int64) bool {
	before := p.used
	for i := uint64(0); i < uint64(len(p.slots)); {
		if e := &p.slots[i]; e.key.Load() != 0 && e.until <= now {
			s.clear(p, i) // may move another entry here: look again
			continue
		}
		i++
	}
	return before-p.used > uint64(len(p.slots))/16
}
