package results

import (
	"fmt"
	"slices"
)

// SecondPart is what one of several generators recorded in a second.
type SecondPart struct {
	Lines     []Second
	Intervals []Interval
}

// MergeSecond makes one second of a run of those of its generators. Nothing passed in is changed, but what is returned may share it.
//
// Histograms of one name become one, to the bucket, and the quantiles of the lines are read from those: never made of other quantiles. Counts
// are added up by phase, and so are calls in flight and queued, and memory. Of what a generator suffers (its CPU and that of other processes, lateness,
// stalls, pauses) a line has the worst. In flight, queued and the follow-ups stand on the last line, as ever; the phases stand in the order in which
// the parts have them. An error is about a line of another second, or counts beyond an int64.
func MergeSecond(t int64, parts []SecondPart) (lines []Second, intervals []Interval, err error) {
	m := secondMerger{t: t, at: map[tagParts]int{}}
	for i := range parts {
		if err := m.add(&parts[i]); err != nil {
			return nil, nil, fmt.Errorf("merge second %d: %w", t, err)
		}
	}
	m.finish()
	return m.lines, m.intervals, nil
}

type tagParts struct{ phase, clock, code string }

type secondMerger struct {
	t         int64
	lines     []Second
	intervals []Interval
	at        map[tagParts]int // in intervals
	own       []bool           // intervals that are no longer somebody else's

	whole Second // what is of the whole generator, all of them together
}

func (m *secondMerger) add(part *SecondPart) error {
	var memory int64
	for i := range part.Lines {
		s := &part.Lines[i]
		if s.T != m.t {
			return fmt.Errorf("a line is of second %d", s.T)
		}
		m.line(part.Lines, i).merge(s)
		w := &m.whole
		w.CPU, w.CPUOthers, w.GCPauseNS = max(w.CPU, s.CPU), max(w.CPUOthers, s.CPUOthers), max(w.GCPauseNS, s.GCPauseNS)
		w.FollowUps.Add(&s.FollowUps)
		memory = max(memory, s.RSSBytes) // each line of a generator has it
	}
	m.whole.RSSBytes += memory
	if n := len(part.Lines); n > 0 {
		m.whole.InFlight += part.Lines[n-1].InFlight
		m.whole.Queued += part.Lines[n-1].Queued
	}
	for i := range part.Intervals {
		if err := m.interval(&part.Intervals[i]); err != nil {
			return err
		}
	}
	return nil
}

// line returns the line of the phase of from[i]. A new one stands before the next phase of from that has one.
func (m *secondMerger) line(from []Second, i int) *Second {
	find := func(phase string) int {
		return slices.IndexFunc(m.lines, func(s Second) bool { return s.Phase == phase })
	}
	if at := find(from[i].Phase); at >= 0 {
		return &m.lines[at]
	}
	at := len(m.lines)
	for _, next := range from[i+1:] {
		if found := find(next.Phase); found >= 0 {
			at = found
			break
		}
	}
	m.lines = slices.Insert(m.lines, at, Second{T: m.t, Phase: from[i].Phase})
	return &m.lines[at]
}

func (m *secondMerger) interval(iv *Interval) error {
	if iv.H == nil || iv.H.Count() == 0 {
		return nil
	}
	tag := tagParts{iv.Phase, iv.Clock, iv.Code}
	at, ok := m.at[tag]
	if !ok {
		m.at[tag] = len(m.intervals)
		m.intervals, m.own = append(m.intervals, *iv), append(m.own, false)
		return nil
	}
	into := &m.intervals[at]
	if !m.own[at] {
		first := into.H
		into.H, m.own[at] = NewHistogram(), true
		if err := into.H.Merge(first); err != nil {
			return err
		}
	}
	return into.H.Merge(iv.H)
}

// finish puts onto the lines what follows from all parts together.
func (m *secondMerger) finish() {
	if len(m.lines) > 1 { // a generator to which nothing happened has a line that says so
		if busy := slices.DeleteFunc(slices.Clone(m.lines), func(s Second) bool { return s.idle() }); len(busy) > 0 {
			m.lines = busy
		}
	}
	for i := range m.lines {
		s := &m.lines[i]
		s.CPU, s.CPUOthers, s.GCPauseNS, s.RSSBytes = m.whole.CPU, m.whole.CPUOthers, m.whole.GCPauseNS, m.whole.RSSBytes
		if at, ok := m.at[tagParts{s.Phase, ClockResponse.String(), CodeGood}]; ok {
			h := m.intervals[at].H
			s.RespP50NS, s.RespP90NS, s.RespP99NS, s.RespMaxNS = h.Quantile(0.5), h.Quantile(0.9), h.Quantile(0.99), h.Max()
		}
	}
	if n := len(m.lines); n > 0 {
		last := &m.lines[n-1]
		last.InFlight, last.Queued, last.FollowUps = m.whole.InFlight, m.whole.Queued, m.whole.FollowUps
	}
}

// idle tells whether nothing happened.
func (s *Second) idle() bool {
	return s.Planned+s.Sent+s.Done+s.Failed+s.Unfinished+s.Dropped+s.NotOffered == 0 && s.StallMaxNS == 0 && len(s.Codes) == 0
}

// merge adds what is of one phase.
func (s *Second) merge(from *Second) {
	s.Planned += from.Planned
	s.Sent += from.Sent
	s.Done += from.Done
	s.Good += from.Good
	s.Failed += from.Failed
	s.Unfinished += from.Unfinished
	s.Dropped += from.Dropped
	s.NotOffered += from.NotOffered
	s.DoneInside += from.DoneInside
	s.GoodInside += from.GoodInside
	addByName(&s.Classes, from.Classes)
	addByName(&s.Codes, from.Codes)
	for code, class := range from.CodeClass {
		if s.CodeClass == nil {
			s.CodeClass = map[string]Class{}
		}
		s.CodeClass[code] = class
	}
	s.LateP99NS, s.LateMaxNS = max(s.LateP99NS, from.LateP99NS), max(s.LateMaxNS, from.LateMaxNS)
	s.StallMaxNS, s.AwayNS = max(s.StallMaxNS, from.StallMaxNS), max(s.AwayNS, from.AwayNS)
}

func addByName[K comparable](into *map[K]int64, from map[K]int64) {
	for name, n := range from {
		if *into == nil {
			*into = map[K]int64{}
		}
		(*into)[name] += n
	}
}

// MergePhases adds the accounts of one generator to those of a run, by the names of the phases: counts are added up, of elapsed times the longest
// stays, and of a code when it was first and last seen by anybody. A phase that into does not have comes behind the others. What into says of a
// phase beside (shape, rates, quantiles) stays. Into is to hold counts alone, no plan; Settle brings that in. From is not changed.
func MergePhases(into *[]Phase, from []Phase) {
	for i := range from {
		at := slices.IndexFunc(*into, func(p Phase) bool { return p.Name == from[i].Name })
		if at < 0 {
			p := &from[i]
			at = len(*into)
			*into = append(*into, Phase{Name: p.Name, Recorded: p.Recorded, Model: p.Model, Shape: p.Shape, DurationNS: p.DurationNS})
		}
		(*into)[at].Merge(&from[i])
	}
}

// Merge adds the account of one generator, as MergePhases does for all of its phases.
func (p *Phase) Merge(from *Phase) {
	p.Ledger.Add(&from.Ledger)
	p.Sent += from.Sent
	p.Good += from.Good
	p.DoneInside += from.DoneInside
	p.GoodInside += from.GoodInside
	p.ElapsedNS = max(p.ElapsedNS, from.ElapsedNS)
	for i := range from.Codes {
		p.addCode(&from.Codes[i])
	}
}

// Settle ends the account of a phase of which so many calls were planned. Unknown of them were decided by generators that were lost, and nobody knows
// how they ended: they are unfinished. What then has no end was not offered by anybody. If more calls have an end than were
// planned, the account does not add up, which the judge sees.
func (p *Phase) Settle(planned, unknown int64) {
	p.Planned = planned
	p.Unfinished += unknown
	p.NotOffered = 0
	p.NotOffered = max(0, planned-p.Ended())
}

// WorstGenerator makes the health of a run of that of its generators: of each figure the worst. Calls in flight are those of the generator with most
// of them, beside its limit, and the clock is the one that is farthest off. What is counted over the run is added up: connections, those
// that could not be opened, and values beyond the histograms. Valid and Why are the judge's.
func WorstGenerator(list []Generator) Generator {
	var w Generator
	for i := range list {
		g := &list[i]
		w.CPUPerCallUS, w.CPUCores, w.CPUOthers = max(w.CPUPerCallUS, g.CPUPerCallUS), max(w.CPUCores, g.CPUCores), max(w.CPUOthers, g.CPUOthers)
		w.LateP99NS, w.LateMaxNS = max(w.LateP99NS, g.LateP99NS), max(w.LateMaxNS, g.LateMaxNS)
		w.StallMaxNS, w.GCPauseMaxNS, w.RSSMaxBytes = max(w.StallMaxNS, g.StallMaxNS), max(w.GCPauseMaxNS, g.GCPauseMaxNS), max(w.RSSMaxBytes, g.RSSMaxBytes)
		if i == 0 || g.MaxInFlight > w.MaxInFlight {
			w.MaxInFlight, w.Limit, w.LimitDefault = g.MaxInFlight, g.Limit, g.LimitDefault
		}
		if skew := g.certainSkew(); g.SkewLowNS != nil && (w.SkewLowNS == nil || skew > w.certainSkew()) {
			w.SkewLowNS, w.SkewHighNS = g.SkewLowNS, g.SkewHighNS
		}
		w.ClockJumped = w.ClockJumped || g.ClockJumped
		w.Connections += g.Connections
		w.Unopened += g.Unopened
		w.Overflow += g.Overflow
	}
	return w
}

// certainSkew is by how much the clocks differ at least.
func (g *Generator) certainSkew() int64 {
	if g.SkewLowNS == nil || g.SkewHighNS == nil {
		return 0
	}
	return max(0, *g.SkewLowNS, -*g.SkewHighNS)
}
