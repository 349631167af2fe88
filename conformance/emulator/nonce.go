package emulator

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// nonceMinutes is how long a nonce is refused after it was used, or after its Timestamp if that is later: while the
// Timestamp would be accepted again (SIG-9, SIG-10).
const nonceMinutes = 15

// maxNonces is how many nonces are remembered at most: 20,000 a second for a quarter of an hour, and half as many again, in
// 256 MB. The table grows to that only as it fills.
const maxNonces = 1 << 25

const (
	nonceShards = 256
	firstPlaces = 512 // of a shard
	probes      = 256 // places looked at for one nonce: at two thirds full, fewer would be too few for 1 in 10^8
)

// nonces remembers fingerprints of nonces: 64 bits each, of which a shard's number is 8. Beyond its size it forgets the one
// nearest to its end and counts that. It is safe for concurrent use.
type nonces struct {
	seed      maphash.Seed
	max       int // places in one shard
	shards    [nonceShards]nonceShard
	forgotten atomic.Int64
}

// nonceShard is an open table of places: 56 bits of fingerprint, and the minute, modulo 256, from which the place is free
// again in the low 8. 0 is a place that was never used.
type nonceShard struct {
	mu     sync.Mutex
	places []uint64
	used   int      // places that are not 0
	tidied int64    // the minute of the last grow
	_      [16]byte // a cache line each
}

// key returns the hash of a key.
func (n *nonces) key(id string) uint64 { return maphash.String(n.seed, id) }

// newNonces makes a table for at most size nonces, a power of two.
func newNonces(size int) *nonces {
	return &nonces{seed: maphash.MakeSeed(), max: size / nonceShards}
}

// first reports whether the nonce is new to the key of that hash, and remembers it. minute is the time's, stamp the
// Timestamp's, which is at most nonceMinutes off.
func (n *nonces) first(key uint64, nonce string, minute, stamp int64) bool {
	sum := mix(maphash.String(n.seed, nonce) ^ key)
	s := &n.shards[sum&(nonceShards-1)]
	end := uint8(max(minute, stamp) + nonceMinutes + 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if 3*s.used >= 2*len(s.places) && (len(s.places) < n.max || s.tidied != minute) {
		s.tidied = minute
		s.grow(n.max, uint8(minute))
	}
	return s.enter(sum&^0xff, end, uint8(minute), &n.forgotten)
}

// over reports whether a place that ends at minute end is free at now. Ends lie at most 31 minutes ahead.
func over(end, now uint8) bool { return now-end < 128 }

// enter looks for the fingerprint, and puts it into the first free place unless it is there.
func (s *nonceShard) enter(print uint64, end, now uint8, forgotten *atomic.Int64) bool {
	mask := len(s.places) - 1
	at := int(print>>32) & mask
	free, next := -1, at
	for i := range min(probes, len(s.places)) {
		p := s.places[(at+i)&mask]
		if p == 0 {
			if free < 0 {
				free = (at + i) & mask
				s.used++
			}
			s.places[free] = print | uint64(end)
			return true
		}
		switch {
		case over(uint8(p), now):
			if free < 0 {
				free = (at + i) & mask
			}
		case p&^0xff == print:
			return false
		case uint8(p)-now < uint8(s.places[next])-now:
			next = (at + i) & mask
		}
	}
	if free < 0 {
		free = next
		forgotten.Add(1)
	}
	s.places[free] = print | uint64(end)
	return true
}

// grow leaves out what is over and doubles the table, up to limit places, if more than a third of it is left.
func (s *nonceShard) grow(limit int, now uint8) {
	live := 0
	for _, p := range s.places {
		if p != 0 && !over(uint8(p), now) {
			live++
		}
	}
	size := max(len(s.places), min(firstPlaces, limit))
	if 3*live >= size {
		size = min(2*size, limit)
	}
	before := s.places
	s.places, s.used = make([]uint64, size), 0
	var lost atomic.Int64
	for _, p := range before {
		if p != 0 && !over(uint8(p), now) {
			s.enter(p&^0xff, uint8(p), now, &lost)
		}
	}
}

// reset forgets every nonce.
func (n *nonces) reset() {
	for i := range n.shards {
		s := &n.shards[i]
		s.mu.Lock()
		s.places, s.used, s.tidied = nil, 0, 0
		s.mu.Unlock()
	}
}
