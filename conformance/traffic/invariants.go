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

// Prints are the fingerprints of one answer's identifiers; 0 stands for one that is absent.
type Prints struct {
	Request, Subs uint64
	Pairs         [2]uint64 // (X, A) and (X, B)
}

// Prints takes the fingerprints of an answer: its RequestId, and of a binding that was made its SubsId, X, A and B. An empty
// one is absent.
func (v *Invariants) Prints(requestID, subsID, x []byte, a, b string) (p Prints) {
	warm := uint64(0)
	if len(requestID) > 0 {
		p.Request = max(1, maphash.Bytes(v.seed, requestID))
		warm = v.requests.touch(p.Request)
	}
	if len(subsID) > 0 {
		p.Subs = max(1, maphash.Bytes(v.seed, subsID))
		warm += v.subs.touch(p.Subs)
	}
	if len(x) == 0 {
		return p
	}
	hx := maphash.Bytes(v.seedX, x)
	if a != "" {
		p.Pairs[0] = pair(hx, maphash.String(v.seedN, a))
		warm += v.live.touch(p.Pairs[0])
	}
	if b != "" && b != a {
		p.Pairs[1] = pair(hx, maphash.String(v.seedN, b))
		warm += v.live.touch(p.Pairs[1])
	}
	_ = warm // atomic reads stay, though nobody uses what they read
	return p
}

// RequestID remembers a RequestId and reports whether the run has seen it before.
func (v *Invariants) RequestID(p Prints) (duplicate bool) {
	return p.Request != 0 && v.requests.add(p.Request)
}

// SubsID remembers a SubsId and reports whether the run has seen it before.
func (v *Invariants) SubsID(p Prints) (duplicate bool) { return p.Subs != 0 && v.subs.add(p.Subs) }

// Bound makes a binding live from now until expires and reports whether a live one has one of its pairs already.
func (v *Invariants) Bound(p Prints, now, expires time.Time) (conflict bool) {
	at, until := now.UnixMilli(), expires.Add(-v.margin).UnixMilli()
	v.live.seen.Add(1)
	if !v.live.full.Load() {
		v.live.checked.Add(1)
	}
	for _, fp := range p.Pairs {
		if fp != 0 && v.live.add(fp, at, until) {
			conflict = true
		}
	}
	return conflict
}

// Unbound ends the life of a binding, by the fingerprints of its pairs.
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
