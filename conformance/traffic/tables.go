package traffic

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// shards is how many parts, each with a lock of its own, a table has: enough that two workers rarely meet, and few slots
// each, so that a sweep of one part is short. A power of two.
const shards = 256

// loadOf returns how many of n slots may be in use before linear probing becomes slow.
func loadOf(n uint64) uint64 { return n - n/8 }

// place spreads a fingerprint over shards and slots: the low bits choose the shard, the high ones the slot.
func place(fp, slots uint64) (shard, slot uint64) {
	slot, _ = bits.Mul64(fp, slots)
	return fp & (shards - 1), slot
}

// idSet remembers 64-bit fingerprints in a memory that is fixed at the start. It is safe for concurrent use.
type idSet struct {
	slots   uint64 // per shard
	full    atomic.Bool
	checked atomic.Int64 // held against all earlier ones
	seen    atomic.Int64
	parts   [shards]idShard
}

type idShard struct {
	mu   sync.Mutex
	used uint64
	keys []uint64
	_    [64]byte // the next shard's lock is on another cache line
}

// newIDSet makes a set that takes about that many bytes.
func newIDSet(bytes int64) *idSet {
	s := &idSet{slots: max(8, uint64(bytes)/8/shards)}
	for i := range s.parts {
		s.parts[i].keys = make([]uint64, s.slots)
	}
	return s
}

// add remembers fp and reports whether it was there before. When the memory is full it still finds what it remembers, but
// takes no more.
func (s *idSet) add(fp uint64) (duplicate bool) {
	fp = max(fp, 1) // 0 marks a free slot
	n, slot := place(fp, s.slots)
	s.seen.Add(1)
	full := s.full.Load()
	if !full {
		s.checked.Add(1)
	}
	p := &s.parts[n]
	p.mu.Lock()
	defer p.mu.Unlock()
	for ; p.keys[slot] != 0; slot++ {
		if p.keys[slot] == fp {
			return true
		}
		if slot == s.slots-1 {
			slot = ^uint64(0)
		}
	}
	if full || p.used >= loadOf(s.slots) { // the second: another worker has just taken the last slot
		return false
	}
	p.keys[slot] = fp
	if p.used++; p.used >= loadOf(s.slots) {
		s.full.Store(true)
	}
	return false
}

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

type liveSlot struct {
	key   uint64
	until int64
}

// newLiveSet makes a set that takes about that many bytes.
func newLiveSet(bytes int64) *liveSet {
	s := &liveSet{slots: max(8, uint64(bytes)/16/shards)}
	for i := range s.parts {
		s.parts[i].slots = make([]liveSlot, s.slots)
	}
	return s
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
	p.slots[at] = liveSlot{fp, until}
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
	for p.slots[slot].key != 0 {
		if p.slots[slot].key == fp {
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
	for next := (hole + 1) % n; p.slots[next].key != 0; next = (next + 1) % n {
		_, home := place(p.slots[next].key, n)
		// The entry may move into the hole unless its home lies behind the hole and not behind the entry, cyclically.
		if (next+n-home)%n >= (next+n-hole)%n {
			p.slots[hole] = p.slots[next]
			hole = next
		}
	}
	p.slots[hole] = liveSlot{}
	p.used--
}

// sweep frees what is dead at now. It reports whether that was worth it: less than a sixteenth of the slots is not, or a
// nearly full table would be swept for every new entry.
func (s *liveSet) sweep(p *liveShard, now int64) bool {
	before := p.used
	for i := uint64(0); i < uint64(len(p.slots)); {
		if e := p.slots[i]; e.key != 0 && e.until <= now {
			s.clear(p, i) // may move another entry here: look again
			continue
		}
		i++
	}
	return before-p.used > uint64(len(p.slots))/16
}
