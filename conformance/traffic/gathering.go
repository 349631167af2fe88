package traffic

import (
	"fmt"
	"math"
	"sync"
	"time"

	"axbench/results"
)

// Gathering holds what the answers of all generators of a run say against each other: RequestId (RSP-2) and SubsId (INV-1) are
// unique, and no two bindings that are alive at the same time share (X, A) or (X, B) (INV-2). It takes what their Facts collected,
// in whatever order that comes.
//
// It counts what the generators have not counted themselves. A binding is surely alive from its answer until its unbind is sent or
// it expires; two of different generators are held against the target when they were alive together for longer than the
// tolerance of clocks could make up, and both generators have said all that they know of that time. It is safe for concurrent use.
type Gathering struct {
	mu     sync.Mutex
	counts [len(gathered)]int64

	requests, subs         *idSet
	lostRequests, lostSubs int64 // that never came

	slots    []slotFacts
	queue    eventQueue
	room     int   // of queue
	order    int64 // of arrival
	now      int64 // events up to here are done
	floor    int64 // events up to here were given up
	bindings int64 // seen
	held     int64 // of them, against all that were alive
	live     liveBook
	forgot   bool
}

// slotFacts is what is known of one generator.
type slotFacts struct {
	seq  uint32 // of the next chunk
	mark int64  // all facts up to here have come
	end  slotEnd
}

type slotEnd byte

const (
	reporting slotEnd = iota
	complete          // all that it had to say has come
	lost              // what it did behind its mark is not known
)

// longAgo is before every time; something may be taken from it.
const longAgo = math.MinInt64 / 2

// NewGathering is for so many generators. It takes about memory bytes (0: DefaultMemoryIDs); beyond that fewer identifiers are held
// against each other, and Result says how many. tolerance is by how much the clocks of two generators, corrected by the offsets
// given to Add, may differ at any time of the run.
func NewGathering(slots int, memory int64, tolerance time.Duration) *Gathering {
	if memory <= 0 {
		memory = DefaultMemoryIDs
	}
	g := &Gathering{
		requests: newIDSet(memory / 4), subs: newIDSet(memory / 4),
		slots: make([]slotFacts, slots), room: int(max(64, memory/4/eventBytes)), now: longAgo, floor: longAgo,
	}
	for i := range g.slots {
		g.slots[i].mark = longAgo
	}
	g.live = liveBook{
		tolerance: max(0, tolerance.Microseconds()), room: int(max(64, memory/4/holderBytes)),
		holders: map[uint64]holder{}, others: map[uint64][]holder{}, byPair: map[uint64][]*conflict{},
	}
	return g
}

// Add takes what Facts.Take of the generator in a slot returned, in the order in which it was taken. Its clock is ahead of the
// controller's by offset. What came before is passed over, so that it may come twice. Bytes that are no facts are an error.
func (g *Gathering) Add(slot int, facts []byte, offset time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if slot < 0 || slot >= len(g.slots) {
		return fmt.Errorf("facts of slot %d, there are %d", slot, len(g.slots))
	}
	if len(facts) == 0 {
		return fmt.Errorf("no facts of slot %d", slot)
	}
	var list []chunk
	for rest := facts; len(rest) > 0; {
		c, behind, err := parseChunk(rest)
		if err != nil {
			return fmt.Errorf("slot %d: %w", slot, err)
		}
		list, rest = append(list, c), behind
	}
	for i := range list {
		if err := g.add(slot, &list[i], offset.Microseconds()); err != nil {
			return err
		}
	}
	g.advance()
	return nil
}

// add takes one chunk.
func (g *Gathering) add(slot int, c *chunk, offset int64) error {
	s := &g.slots[slot]
	if c.seq < s.seq {
		return nil
	}
	if s.end == complete {
		return fmt.Errorf("facts of slot %d, of which all had come", slot)
	}
	if c.lost != (lostFacts{}) || c.seq > s.seq {
		g.push(event{at: s.mark, kind: eventGap, slot: slot})
	}
	s.seq = c.seq + 1
	g.lostRequests += int64(c.lost[factAnswer-1]) + int64(c.lost[factBound-1])
	g.lostSubs += int64(c.lost[factBound-1])
	g.bindings += int64(c.lost[factBound-1])
	for records := c.records; len(records) > 0; {
		var f fact
		f, records = c.next(records)
		g.fact(slot, &f, offset)
	}
	s.mark = max(s.mark, c.to-offset)
	return nil
}

// fact takes one record.
func (g *Gathering) fact(slot int, f *fact, offset int64) {
	counted := func(place int) bool { return f.counted>>place&1 != 0 }
	if f.Request != 0 && g.requests.add(f.Request) && !counted(atRSP2) {
		g.counts[atRSP2]++
		if !counted(atLOD1) {
			g.counts[atLOD1]++
		}
	}
	if f.Subs != 0 && g.subs.add(f.Subs) && !counted(atINV1) {
		g.counts[atINV1]++
	}
	e := event{at: f.at - offset, slot: slot, pairs: f.Pairs, counted: counted(atINV2)}
	switch f.kind {
	case factBound:
		g.bindings++
		// Which clock is right about the end of life nobody knows here: the earlier one counts.
		e.kind, e.until = eventBound, min(f.until, f.until-offset)
	case factUnbound:
		e.kind = eventUnbound
	case factOver:
		e.kind = eventGap
	default:
		return
	}
	if g.slots[slot].end == reporting {
		g.push(e)
	}
}

// Close says that all facts of a slot have come, and that nothing that it bound is unbound before the run is over, unless its Facts
// were told that it is Over.
func (g *Gathering) Close(slot int) { g.end(slot, complete) }

// Lost says that a slot was given up: what it unbound since the last facts that came nobody knows, so from there on nothing is held
// against its bindings. Identifiers in facts that come after all still count.
func (g *Gathering) Lost(slot int) { g.end(slot, lost) }

func (g *Gathering) end(slot int, how slotEnd) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if slot >= 0 && slot < len(g.slots) {
		g.finish(slot, how)
		g.advance()
	}
}

// finish ends a slot. The caller holds mu.
func (g *Gathering) finish(slot int, how slotEnd) {
	s := &g.slots[slot]
	if s.end != reporting {
		return
	}
	s.end = how
	if how == lost {
		g.push(event{at: s.mark, kind: eventGap, slot: slot})
	}
}

// Finish ends what has not ended: whoever still reports is lost.
func (g *Gathering) Finish() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.slots {
		g.finish(i, lost)
	}
	g.advance()
}

// Result returns what was found between generators so far, by clause, and over how many answers of the whole run each identifier
// was held against all others. LOD-1 is counted beside RSP-2 where the answer was not counted there before.
func (g *Gathering) Result() (found map[string]int64, unique []results.Unique) {
	g.mu.Lock()
	defer g.mu.Unlock()
	found = map[string]int64{}
	for i, clause := range gathered {
		found[clause] = g.counts[i]
	}
	found["INV-2"] += g.live.found
	return found, []results.Unique{
		{What: "RequestId", Clause: "RSP-2", Checked: g.requests.checked.Load(), Seen: g.requests.seen.Load() + g.lostRequests, Full: g.requests.full.Load()},
		{What: "SubsId", Clause: "INV-1", Checked: g.subs.checked.Load(), Seen: g.subs.seen.Load() + g.lostSubs, Full: g.subs.full.Load()},
		{What: "live (X,A) and (X,B)", Clause: "INV-2", Checked: g.held, Seen: g.bindings, Full: g.live.full || g.forgot},
	}
}
