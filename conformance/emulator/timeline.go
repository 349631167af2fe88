package emulator

import (
	"cmp"
	"slices"
	"sort"
)

// timeline is the union of a list of windows that end, laid out: first the head, then the cycle again and again. Times are
// since the first call. It does not change.
type timeline struct {
	head, cycle []still
	from        int64 // where the first cycle begins
	length      int64 // of a cycle; 0: there is none
	headStill   int64 // how much of the head lies in windows
	cycleStill  int64
}

// still is one window of a timeline, which touches no other one of its part.
type still struct {
	from, to int64
	before   int64 // how much lies in the windows of the same part before it
}

// newTimeline lays windows out. It returns nil when they are too many.
func newTimeline(list []interval) *timeline {
	var all []still
	ok := starts(list, func(w interval, at int64) { all = append(all, still{from: at, to: at + w.length}) })
	if !ok {
		return nil
	}
	slices.SortFunc(all, func(a, b still) int { return cmp.Compare(a.from, b.from) })
	t := &timeline{}
	t.from, t.length, _ = period(list)
	t.head, t.headStill = part(all, 0, t.from)
	t.cycle, t.cycleStill = part(all, t.from, t.from+t.length)
	return t
}

// part joins sorted windows and cuts them to one part of a timeline, whose beginning is 0.
func part(sorted []still, from, to int64) (out []still, sum int64) {
	for _, s := range sorted {
		s.from, s.to = max(s.from, from)-from, min(s.to, to)-from
		if s.from >= s.to {
			continue
		}
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			sum += max(0, s.to-out[n-1].to)
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		s.before = sum
		out = append(out, s)
		sum += s.to - s.from
	}
	return out, sum
}

// moving turns a time into time without the windows, and standing turns it back: in a window nothing moves, so that what
// meets one is late by all that is left of it.
func (t *timeline) moving(at int64) int64 {
	if at < t.from || t.length == 0 {
		return at - spent(t.head, at)
	}
	n, rest := (at-t.from)/t.length, (at-t.from)%t.length
	return t.from - t.headStill + n*(t.length-t.cycleStill) + rest - spent(t.cycle, rest)
}

// spent is how much of the time up to at lies in windows.
func spent(list []still, at int64) int64 {
	i := sort.Search(len(list), func(i int) bool { return list[i].from >= at })
	if i == 0 {
		return 0
	}
	s := list[i-1]
	return s.before + min(at, s.to) - s.from
}

func (t *timeline) standing(at int64) int64 {
	if rest := at - (t.from - t.headStill); t.length > 0 && rest >= 0 {
		n, rest := rest/(t.length-t.cycleStill), rest%(t.length-t.cycleStill)
		return t.from + n*t.length + rest + lost(t.cycle, rest)
	}
	return at + lost(t.head, at)
}

// lost is how much lies in the windows that begin up to a time without them.
func lost(list []still, at int64) int64 {
	i := sort.Search(len(list), func(i int) bool { return list[i].from-list[i].before > at })
	if i == 0 {
		return 0
	}
	s := list[i-1]
	return s.before + s.to - s.from
}

// next returns the window that is open at a time, or the next one; false when there is none any more.
func (t *timeline) next(at int64) (from, to int64, ok bool) {
	if i := sort.Search(len(t.head), func(i int) bool { return t.head[i].to > at }); i < len(t.head) {
		from, to = t.head[i].from, t.head[i].to
		if to == t.from && len(t.cycle) > 0 && t.cycle[0].from == 0 {
			to += t.cycle[0].to
		}
		return from, to, true
	}
	if len(t.cycle) == 0 {
		return 0, 0, false
	}
	n := max(0, at-t.from) / t.length
	rest := at - t.from - n*t.length
	i := sort.Search(len(t.cycle), func(i int) bool { return t.cycle[i].to > rest })
	if i == len(t.cycle) {
		n, i = n+1, 0
	}
	start := t.from + n*t.length
	from, to = start+t.cycle[i].from, start+t.cycle[i].to
	if t.cycle[i].to == t.length && t.cycle[0].from == 0 {
		to += t.cycle[0].to
	}
	return from, to, true
}

// frozen reports whether the windows leave nothing between them.
func (t *timeline) frozen() bool { return t.length > 0 && t.cycleStill == t.length }
