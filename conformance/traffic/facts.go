package traffic

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"axbench/runner"
)

// Limits of what a Facts keeps.
const (
	chunkRoom = 64 << 10  // of a chunk that is growing
	maxTake   = 128 << 10 // bytes of one Take: with what surrounds it, it fits a message
	maxFacts  = 4 << 20   // bytes that nobody has taken: 20 s of 5,000 bindings a second
)

// Facts collects what the answers of one generator say, for a Gathering to hold it against the answers of all others:
// fingerprints of RequestIds, of SubsIds, and of the pairs (X, A) and (X, B) with the time for which they are surely alive. The
// fingerprints are keyed, so that who reads them but does not have the key learns no number from them.
//
// It holds maxFacts bytes at most. When nobody takes them what comes then is counted and not kept, and the Gathering
// says of the identifiers that it held fewer against each other than there were. It is safe for concurrent use.
type Facts struct {
	key   [16]byte
	clock func() time.Time
	base  time.Time // times are counted from here on the monotonic clock: a step of the wall clock reorders nothing

	mu    sync.Mutex
	seq   uint32
	mark  int64 // no fact that is still to come is older
	lost  lostFacts
	grows chunk    // what is added to
	ready [][]byte // chunks as they are written, oldest first
	kept  int      // bytes in ready
	spare [][]byte
}

// NewFacts makes an empty collection. All generators of a run have the same key, which is random and kept nowhere.
func NewFacts(key []byte) *Facts { return newFacts(key, time.Now) }

func newFacts(key []byte, clock func() time.Time) *Facts {
	sum := sha256.Sum256(key)
	f := &Facts{clock: clock, base: clock()}
	copy(f.key[:], sum[:])
	f.mark = f.micros(f.base)
	f.begin()
	return f
}

// micros returns Unix microseconds.
func (f *Facts) micros(t time.Time) int64 { return f.base.UnixMicro() + t.Sub(f.base).Microseconds() }

// Take returns what was collected since the last call, at most 128 KiB of it: when More says so there is some left. It is never
// empty: also that nothing happened until now is something that a Gathering must know.
func (f *Facts) Take() []byte {
	f.mu.Lock()
	f.mark = max(f.mark, f.micros(f.clock()))
	f.end()
	n, size := 0, 0
	for n < len(f.ready) && (n == 0 || size+len(f.ready[n]) <= maxTake) {
		size += len(f.ready[n])
		n++
	}
	list := slices.Clone(f.ready[:n])
	f.ready = slices.Delete(f.ready, 0, n)
	f.kept -= size
	f.begin()
	f.mu.Unlock()

	out := slices.Concat(list...)
	f.mu.Lock()
	if len(f.spare) == 0 {
		f.spare = append(f.spare, list[0])
	}
	f.mu.Unlock()
	return out
}

// More says whether Take left something.
func (f *Facts) More() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.ready) > 0
}

// begin starts a chunk. The caller holds mu.
func (f *Facts) begin() {
	var room []byte
	if n := len(f.spare); n > 0 {
		room, f.spare = f.spare[n-1][:0], f.spare[:n-1]
	} else {
		room = make([]byte, 0, chunkRoom)
	}
	f.grows = chunk{from: f.mark, lost: f.lost, records: room[:0]}
	f.grows.records = append(f.grows.records, make([]byte, chunkHead)...)
	f.lost = lostFacts{}
}

// end finishes the chunk that is growing. The caller holds mu.
func (f *Facts) end() {
	if f.choked() {
		return
	}
	c := &f.grows
	c.seq, c.to = f.seq, f.mark
	f.seq++
	written := c.records
	c.writeHead(written)
	f.ready, f.kept = append(f.ready, written), f.kept+len(written)
	f.grows = chunk{}
}

// choked reports that there is no chunk to add to. The caller holds mu.
func (f *Facts) choked() bool { return f.grows.records == nil }

// record makes room for a fact of a time and returns the time as it stands in the record. The caller holds mu.
func (f *Facts) record(kind byte, at int64) (in int64, ok bool) {
	if f.choked() {
		f.lost[kind-1]++
		return 0, false
	}
	f.mark = max(f.mark, at)
	// What comes in a later chunk is taken for as late as this one is: a binding that is thought to be alive a little later than it
	// was does no harm, and an unbind of which nothing was written yet will not be earlier.
	in = max(0, at-f.grows.from)
	if in <= maxMicros && len(f.grows.records)+longestRecord <= chunkRoom {
		return in, true
	}
	f.end()
	if f.kept >= maxFacts {
		f.lost[kind-1]++
		return 0, false
	}
	f.begin()
	return 0, true
}

// answer notes an answer that has a RequestId and made no binding.
func (f *Facts) answer(p Prints, flags byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.record(factAnswer, f.mark); ok {
		b := append(f.grows.records, factAnswer|flags)
		f.grows.records = binary.LittleEndian.AppendUint64(b, p.Request)
	}
}

// bound notes an answer that made a binding, which is alive from at on and until dead.
func (f *Facts) bound(p Prints, flags byte, at, dead time.Time) {
	now, until := f.micros(at), f.micros(dead)
	f.mu.Lock()
	defer f.mu.Unlock()
	in, ok := f.record(factBound, now)
	if !ok {
		return
	}
	life := max(0, min(floorDiv(until-f.grows.from, 1000), maxMillis))
	b := append(f.grows.records, factBound|flags)
	b = binary.LittleEndian.AppendUint32(b, uint32(in))
	b = binary.LittleEndian.AppendUint32(b, uint32(life))
	for _, fp := range [...]uint64{p.Request, p.Subs, p.Pairs[0], p.Pairs[1]} {
		b = binary.LittleEndian.AppendUint64(b, fp)
	}
	f.grows.records = b
}

// unbound notes that a binding's unbind is about to be sent.
func (f *Facts) unbound(pairs [2]uint64, at time.Time) {
	now := f.micros(at)
	f.mu.Lock()
	defer f.mu.Unlock()
	in, ok := f.record(factUnbound, now)
	if !ok {
		return
	}
	b := append(f.grows.records, factUnbound)
	b = binary.LittleEndian.AppendUint32(b, uint32(in))
	b = binary.LittleEndian.AppendUint64(b, pairs[0])
	f.grows.records = binary.LittleEndian.AppendUint64(b, pairs[1])
}

// Over says that this generator makes no more calls of the run, and that from now on what it has bound may be unbound without a word
// here, as a clean-up does: nothing is held against its bindings any more.
func (f *Facts) Over() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if in, ok := f.record(factOver, f.micros(f.clock())); ok {
		f.grows.records = binary.LittleEndian.AppendUint32(append(f.grows.records, factOver), uint32(in))
	}
}

// prints takes the fingerprints of an answer, as Invariants.Prints does.
func (f *Facts) prints(requestID, subsID, x []byte, a, b string) (p Prints) {
	if len(requestID) > 0 {
		p.Request = f.print('R', requestID, "")
	}
	if len(subsID) > 0 {
		p.Subs = f.print('S', subsID, "")
	}
	if len(x) == 0 {
		return p
	}
	if a != "" {
		p.Pairs[0] = f.print('P', x, a)
	}
	if b != "" && b != a {
		p.Pairs[1] = f.print('P', x, b)
	}
	return p
}

// print takes one fingerprint. It is never 0.
func (f *Facts) print(kind byte, first []byte, second string) uint64 {
	var room [192]byte
	b := append(append(room[:0], f.key[:]...), kind)
	if kind == 'P' {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(first)))
	}
	b = append(append(b, first...), second...)
	sum := sha256.Sum256(b)
	return max(1, binary.LittleEndian.Uint64(sum[:]))
}

// export notes what an answer says. What was counted here is not counted again where it is held against all others.
func (t *Traffic) export(m *Memo, bound bool, now time.Time, out *runner.Outcome) {
	f, res := t.cfg.Facts, &m.res
	flags := byte(0)
	for _, v := range out.Violations {
		for i, clause := range gathered {
			if v.Clause == clause {
				flags |= factCounted << i
			}
		}
	}
	if !bound {
		if p := f.prints(res.RequestID, nil, nil, "", ""); p.Request != 0 {
			f.answer(p, flags)
		}
		return
	}
	p := f.prints(res.RequestID, res.SubsID, res.SecretNo, m.A, m.B)
	f.bound(p, flags, now, m.Expires.Add(-t.ids.margin))
	for i := range out.FollowUps {
		if u, ok := out.FollowUps[i].Request.Memo.(*Memo); ok {
			u.shared = p.Pairs
		}
	}
}
