package numbers

import (
	"slices"
	"time"
)

// agenda says what ends when.
type agenda struct {
	hubs map[int64]uint32 // by the second of Expires
	heap []int64          // the keys of hubs, the least one in front
	idle int              // how many of the rings are empty
	hub  uint32           // the one used last, 0 for none
}

func (g *agenda) push(sec int64) {
	g.heap = append(g.heap, sec)
	i := len(g.heap) - 1
	for i > 0 && g.heap[(i-1)/2] > sec {
		g.heap[i] = g.heap[(i-1)/2]
		i = (i - 1) / 2
	}
	g.heap[i] = sec
}

// pop removes the least second.
func (g *agenda) pop() {
	n := len(g.heap) - 1
	sec := g.heap[n]
	g.heap = g.heap[:n]
	for i := 0; i < n; {
		child := 2*i + 1
		if child+1 < n && g.heap[child+1] < g.heap[child] {
			child++
		}
		if child >= n || g.heap[child] >= sec {
			g.heap[i] = sec
			break
		}
		g.heap[i] = g.heap[child]
		i = child
	}
}

// schedule enters record i under its second.
func (p *Pool) schedule(i uint32) {
	r, g := p.slab.at(i), &p.agenda
	hub := g.hub
	if hub == 0 || p.slab.at(hub).expires != r.expires {
		if hub = g.hubs[r.expires]; hub == 0 {
			hub = p.slab.hub()
			p.slab.at(hub).expires = r.expires
			g.hubs[r.expires] = hub
			g.push(r.expires)
			g.idle++
		}
		g.hub = hub
	}
	if p.slab.empty(hub) {
		g.idle--
	}
	p.slab.enter(byTime, hub, i)
}

// unschedule takes it out again.
func (p *Pool) unschedule(i uint32) {
	g := &p.agenda
	if p.slab.empty(p.slab.leave(byTime, i)) {
		if g.idle++; g.idle > p.tune.idle && g.idle > len(g.heap)/2 {
			p.tidy()
		}
	}
}

// tidy removes the seconds in which nothing ends. Those far ahead would stay long after their bindings are unbound.
func (p *Pool) tidy() {
	g := &p.agenda
	g.heap = slices.DeleteFunc(g.heap, func(sec int64) bool { return p.strike(sec) })
	slices.Sort(g.heap) // a sorted list is a heap
}

// strike removes a second from all but the heap if nothing ends in it.
func (p *Pool) strike(sec int64) bool {
	g := &p.agenda
	hub := g.hubs[sec]
	if !p.slab.empty(hub) {
		return false
	}
	if g.hub == hub {
		g.hub = 0
	}
	delete(g.hubs, sec)
	p.slab.put(hub)
	g.idle--
	return true
}

// jitter is how far behind the latest one, in seconds, the time of a call is taken for the latest: calls come in another order
// than their times were read.
const jitter = 2

// enter sets the pool's clock, to the second that bindings must end after to be live, and returns it. At most budget bindings
// are purged, or all that have ended when it is negative.
func (p *Pool) enter(now time.Time, budget int) int64 {
	sec := now.Unix()
	if p.inclusive {
		sec--
	}
	if sec < p.latest {
		if p.latest-sec <= jitter {
			sec = p.latest
		} else { // set back: what had ended does not come to life again
			p.purge(p.latest, -1)
		}
	}
	p.latest = sec
	p.purge(sec, budget)
	return sec
}

// purge ends the bindings whose time has come, the earliest first: at most budget of them, or all when it is negative.
func (p *Pool) purge(sec int64, budget int) {
	g := &p.agenda
	for p.behind = false; len(g.heap) > 0 && g.heap[0] <= sec; budget-- {
		if budget == 0 {
			p.behind = true
			return
		}
		if first := g.heap[0]; p.strike(first) {
			g.pop()
		} else {
			p.end(p.slab.at(g.hubs[first]).links[byTime].next)
		}
	}
}
