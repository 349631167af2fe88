package traffic

import "math"

// event is what happened to a binding, or to what is known of a slot.
type event struct {
	at, until int64
	order     int64 // of arrival: what one slot says happens in the order in which it says so
	pairs     [2]uint64
	slot      int
	kind      eventKind
	counted   bool // its own generator has found the conflict
}

const eventBytes = 64

type eventKind byte

const (
	eventBound eventKind = iota
	eventUnbound
	eventGap // what the slot did from here on up to its next event is not known
)

func (e *event) before(o *event) bool { return e.at < o.at || e.at == o.at && e.order < o.order }

// push puts an event in its place. One that comes too late is taken for happening now: for a binding, alive later than it was
// and no longer, for an unbind of it as well. The caller holds mu.
func (g *Gathering) push(e event) {
	if e.at <= g.floor {
		return
	}
	e.at = max(e.at, g.now)
	e.order = g.order
	g.order++
	if len(g.queue) >= g.room {
		g.forget(e)
		return
	}
	g.queue.push(e)
}

// forget gives up all events that wait and all that is known of bindings, since there is no room for more: whoever holds the
// others up has been silent for too long. It begins anew behind the last of them.
func (g *Gathering) forget(e event) {
	g.floor = max(g.floor, e.at)
	for i := range g.queue {
		g.floor = max(g.floor, g.queue[i].at)
	}
	g.forgot = true
	g.queue = g.queue[:0]
	g.live.clear()
}

// advance does what every slot that reports has told all of. The caller holds mu.
func (g *Gathering) advance() {
	until, open := int64(math.MaxInt64), false
	for i := range g.slots {
		if s := &g.slots[i]; s.end == reporting {
			until, open = min(until, s.mark), true
		}
	}
	for len(g.queue) > 0 && g.queue[0].at <= until {
		e := g.queue.pop()
		g.now = max(g.now, e.at)
		g.live.settle(e.at)
		switch e.kind {
		case eventBound:
			if g.live.bound(&e) {
				g.held++
			}
		case eventUnbound:
			g.live.unbound(&e)
		case eventGap:
			g.live.lose(e.slot, e.at)
		}
	}
	g.live.settle(until)
	if open {
		g.now = max(g.now, until)
	}
}

// eventQueue is a heap, the earliest event first.
type eventQueue []event

func (q *eventQueue) push(e event) {
	h := append(*q, e)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !h[i].before(&h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	*q = h
}

func (q *eventQueue) pop() event {
	h := *q
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		low := 2*i + 1
		if low >= last {
			break
		}
		if right := low + 1; right < last && h[right].before(&h[low]) {
			low = right
		}
		if !h[low].before(&h[i]) {
			break
		}
		h[i], h[low] = h[low], h[i]
		i = low
	}
	*q = h
	return first
}
