package traffic

import "slices"

// liveBook knows which slot's bindings are alive, by pair, and decides which of them were alive at the same time. It is told of
// events in order of time. Times are microseconds.
type liveBook struct {
	tolerance int64
	room      int // holders
	count     int
	full      bool
	holders   map[uint64]holder
	others    map[uint64][]holder // of pairs that more than one slot holds: those beside the one in holders
	pending   []*conflict         // in order of time
	byPair    map[uint64][]*conflict
	found     int64
}

// holder is a slot with a pair that is alive.
type holder struct {
	from, until int64
	slot        int
}

// holderBytes is about what one takes in a map.
const holderBytes = 64

// conflict is a binding that was made while another slot held one of its pairs. It is decided once the tolerance has passed:
// until then an unbind may turn up that explains it.
type conflict struct {
	at    int64 // when the binding was made
	slot  int
	holds []hold
}

// hold is a pair that another slot held.
type hold struct {
	pair uint64
	slot int
	from int64
	gone bool // it may have been free
}

// bound takes a binding in and reports whether it was held against all that are alive.
func (b *liveBook) bound(e *event) (held bool) {
	if e.until <= e.at {
		return true
	}
	var holds []hold
	for _, pair := range e.pairs {
		if pair == 0 {
			continue
		}
		if first, ok := b.holders[pair]; ok && !e.counted {
			holds = b.against(holds, e, pair, first)
			for _, h := range b.others[pair] {
				holds = b.against(holds, e, pair, h)
			}
		}
		b.put(pair, holder{e.at, e.until, e.slot}, e.at)
	}
	if len(holds) > 0 {
		c := &conflict{at: e.at, slot: e.slot, holds: holds}
		b.pending = append(b.pending, c)
		for _, pair := range e.pairs {
			if slices.ContainsFunc(holds, func(h hold) bool { return h.pair == pair }) {
				b.byPair[pair] = append(b.byPair[pair], c)
			}
		}
	}
	return !b.full
}

// against adds a holder to those that a binding is in conflict with, unless the tolerance explains it.
func (b *liveBook) against(holds []hold, e *event, pair uint64, h holder) []hold {
	if h.slot == e.slot || h.until <= e.at+b.tolerance || e.until <= h.from+b.tolerance {
		return holds
	}
	return append(holds, hold{pair: pair, slot: h.slot, from: h.from})
}

// put makes a slot hold a pair.
func (b *liveBook) put(pair uint64, h holder, now int64) {
	join := func(old holder) holder {
		if old.until <= now {
			return h
		}
		return holder{old.from, max(old.until, h.until), h.slot}
	}
	first, ok := b.holders[pair]
	others := b.others[pair]
	at := slices.IndexFunc(others, func(o holder) bool { return o.slot == h.slot })
	switch {
	case ok && first.slot == h.slot:
		b.holders[pair] = join(first)
	case at >= 0:
		others[at] = join(others[at])
	case ok && first.until <= now:
		b.holders[pair] = h
	case b.full || b.count >= b.room && !b.sweep(now):
		b.full = true
	case ok:
		b.others[pair] = append(others, h)
		b.count++
	default:
		b.holders[pair] = h
		b.count++
	}
}

// drop makes a slot hold a pair no more.
func (b *liveBook) drop(pair uint64, slot int) {
	others := b.others[pair]
	if first, ok := b.holders[pair]; ok && first.slot == slot {
		b.count--
		if len(others) == 0 {
			delete(b.holders, pair)
			return
		}
		b.holders[pair], others = others[0], others[1:]
	} else if at := slices.IndexFunc(others, func(o holder) bool { return o.slot == slot }); at >= 0 {
		b.count--
		others = slices.Delete(others, at, at+1)
	} else {
		return
	}
	if b.others[pair] = others; len(others) == 0 {
		delete(b.others, pair)
	}
}

// unbound takes note that an unbind was about to be sent.
func (b *liveBook) unbound(e *event) {
	for _, pair := range e.pairs {
		if pair == 0 {
			continue
		}
		b.drop(pair, e.slot)
		for _, c := range b.byPair[pair] {
			for i := range c.holds {
				if h := &c.holds[i]; h.pair == pair && c.explains(h, e.slot, e.at, b.tolerance) {
					h.gone = true
				}
			}
		}
	}
}

// explains reports whether the end of a slot's binding at that time explains a hold of a conflict that is not decided.
func (c *conflict) explains(h *hold, slot int, at, tolerance int64) bool {
	return h.slot == slot || c.slot == slot && (at <= h.from+tolerance || at <= c.at)
}

// lose takes note that what a slot unbound is not known from a time on.
func (b *liveBook) lose(slot int, at int64) {
	for _, c := range b.pending {
		for i := range c.holds {
			if h := &c.holds[i]; c.explains(h, slot, at, b.tolerance) {
				h.gone = true
			}
		}
	}
	var pairs []uint64
	for pair, h := range b.holders {
		if h.slot == slot {
			pairs = append(pairs, pair)
		}
	}
	for pair, list := range b.others {
		if slices.ContainsFunc(list, func(h holder) bool { return h.slot == slot }) {
			pairs = append(pairs, pair)
		}
	}
	for _, pair := range pairs {
		b.drop(pair, slot)
	}
}

// settle decides the conflicts about which all is known that happened before a time.
func (b *liveBook) settle(before int64) {
	n := 0
	for ; n < len(b.pending) && b.pending[n].at < before-b.tolerance; n++ {
		c := b.pending[n]
		if slices.ContainsFunc(c.holds, func(h hold) bool { return !h.gone }) {
			b.found++
		}
		for _, h := range c.holds {
			list := slices.DeleteFunc(b.byPair[h.pair], func(o *conflict) bool { return o == c })
			if b.byPair[h.pair] = list; len(list) == 0 {
				delete(b.byPair, h.pair)
			}
		}
	}
	b.pending = slices.Delete(b.pending, 0, n)
}

// sweep frees what is dead and reports whether that was worth it, as liveSet.sweep does.
func (b *liveBook) sweep(now int64) bool {
	before := b.count
	type held struct {
		pair uint64
		slot int
	}
	var dead []held
	for pair, h := range b.holders {
		if h.until <= now {
			dead = append(dead, held{pair, h.slot})
		}
		for _, o := range b.others[pair] {
			if o.until <= now {
				dead = append(dead, held{pair, o.slot})
			}
		}
	}
	for _, d := range dead {
		b.drop(d.pair, d.slot)
	}
	return before-b.count > b.room/16
}

// clear forgets everything that is alive or not decided.
func (b *liveBook) clear() {
	clear(b.holders)
	clear(b.others)
	clear(b.byPair)
	b.pending, b.count = nil, 0
}
