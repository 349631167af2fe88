package traffic

import (
	"hash/maphash"
	"math/bits"
	"time"

	"axbench/results"
)

// DefaultMemoryIDs is the memory for identifiers in bytes, unless told otherwise: about 2.7 million RequestIds, 1.8 million
// SubsIds and 0.7 million bindings alive at a time.
const DefaultMemoryIDs = 64 << 20

// Invariants holds the identifiers of a run against all earlier ones: RequestId (RSP-2) and SubsId (INV-1) are unique, and no
// two bindings that are alive at the same time share (X, A) or (X, B), in either role (INV-2). It keeps 64-bit fingerprints
// under a key of its own in memory that is fixed at the start. The chance that n different identifiers give a false alarm is
// n²/2^65. It is safe for concurrent use.
type Invariants struct {
	seed, seedX, seedN maphash.Seed
	requests, subs     *idSet
	live               *liveSet
	margin             time.Duration
}

// NewInvariants makes tables of memory bytes in all (0: DefaultMemoryIDs). A binding is taken for dead margin before its
// Expiration (0: 5 s), so that a clock that is a little ahead on the other side makes no false alarm.
func NewInvariants(memory int64, margin time.Duration) *Invariants {
	if memory <= 0 {
		memory = DefaultMemoryIDs
	}
	if margin <= 0 {
		margin = 5 * time.Second
	}
	return &Invariants{
		seed: maphash.MakeSeed(), seedX: maphash.MakeSeed(), seedN: maphash.MakeSeed(),
		requests: newIDSet(memory * 3 / 8), subs: newIDSet(memory * 2 / 8), live: newLiveSet(memory * 3 / 8),
		margin: margin,
	}
}

// RequestID remembers id and reports whether the run has seen it before.
func (v *Invariants) RequestID(id []byte) (duplicate bool) {
	return v.requests.add(maphash.Bytes(v.seed, id))
}

// SubsID remembers id and reports whether the run has seen it before.
func (v *Invariants) SubsID(id []byte) (duplicate bool) {
	return v.subs.add(maphash.Bytes(v.seed, id))
}

// Bound makes the binding of a and b at x live from now until expires and reports which of its two pairs was live already.
// The fingerprints are for Unbound; one that is 0 stands for an absent number.
func (v *Invariants) Bound(x []byte, a, b string, now, expires time.Time) (pairs [2]uint64, conflictA, conflictB bool) {
	at, until := now.UnixMilli(), expires.Add(-v.margin).UnixMilli()
	v.live.seen.Add(1)
	if !v.live.full.Load() {
		v.live.checked.Add(1)
	}
	hx := maphash.Bytes(v.seedX, x)
	if a != "" {
		pairs[0] = pair(hx, maphash.String(v.seedN, a))
		conflictA = v.live.add(pairs[0], at, until)
	}
	if b != "" && b != a {
		pairs[1] = pair(hx, maphash.String(v.seedN, b))
		conflictB = v.live.add(pairs[1], at, until)
	}
	return pairs, conflictA, conflictB
}

// Unbound ends the life of a binding, by the fingerprints that Bound gave.
func (v *Invariants) Unbound(pairs [2]uint64) {
	for _, fp := range pairs {
		if fp != 0 {
			v.live.remove(fp)
		}
	}
}

// pair makes one fingerprint of two. It is never 0.
func pair(x, n uint64) uint64 {
	hi, lo := bits.Mul64(x^0x9e3779b97f4a7c15, bits.RotateLeft64(n, 32)^0xd6e8feb86659fd93)
	return max(hi^lo, 1)
}

// Unique states over how many answers each identifier was held against all earlier ones.
func (v *Invariants) Unique() []results.Unique {
	of := func(what, clause string, checked, seen int64, full bool) results.Unique {
		return results.Unique{What: what, Clause: clause, Checked: checked, Seen: seen, Full: full}
	}
	return []results.Unique{
		of("RequestId", "RSP-2", v.requests.checked.Load(), v.requests.seen.Load(), v.requests.full.Load()),
		of("SubsId", "INV-1", v.subs.checked.Load(), v.subs.seen.Load(), v.subs.full.Load()),
		of("live (X,A) and (X,B)", "INV-2", v.live.checked.Load(), v.live.seen.Load(), v.live.full.Load()),
	}
}
