package results

import (
	"slices"
	"sync"
	"time"
)

// Tally counts a run while it goes on, from the same seconds that a Writer appends: what Open would count of the directory at
// that instant, without reading it. It is safe for concurrent use: one goroutine appends, others take records.
type Tally struct {
	mu  sync.Mutex
	run Run
	b   builder
	set *tagSet
}

// NewTally returns a tally of a run that has its phases, what is planned in each and its documented codes, and nothing counted
// yet. Run is copied.
func NewTally(run *Run) *Tally {
	t := &Tally{run: *run, set: newTagSet()}
	t.run.Phases = copyPhases(run.Phases)
	t.b = builder{run: &t.run, due: map[string]*span{}, last: -1}
	t.b.begin()
	return t
}

// AppendSecond takes in one second, as Writer.AppendSecond does. Nothing passed in is kept.
func (t *Tally) AppendSecond(_, _ time.Time, lines []Second, intervals []Interval) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range lines {
		if err := t.b.add(&lines[i]); err != nil {
			return err
		}
	}
	for i := range intervals {
		if iv := &intervals[i]; iv.H != nil && iv.H.Count() > 0 {
			if err := t.set.add(TagOf(iv.Phase, iv.Clock, iv.Code), iv.H); err != nil {
				return err
			}
		}
	}
	return nil
}

// Record returns the run as counted so far, with verdict partial and quantiles and rates filled in. Planned is what has fallen
// due: what is missing to it in a ledger is still open. The record is the caller's own.
func (t *Tally) Record() *Record {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &Record{Run: t.run, tags: make(map[string]*Histogram, len(t.set.tags))}
	for tag, h := range t.set.tags {
		own := NewHistogram()
		_ = own.Merge(h) // one geometry: it fails only for counts beyond int64
		r.tags[tag] = own
	}
	run := &r.Run
	run.Notes, run.Reasons = slices.Clone(run.Notes), slices.Clone(run.Reasons)
	run.Phases = copyPhases(run.Phases)
	run.FollowUps.Codes = nil
	b := builder{run: run, due: t.b.due, last: t.b.last}
	b.measure()
	for i := range run.Phases {
		p := &run.Phases[i]
		p.Planned = p.Ended()
		if due := b.due[p.Name]; due != nil {
			p.Planned = max(p.Planned, due.due)
		}
	}
	r.followUpCodes()
	r.Summarise()
	for i := range run.Phases { // what was planned in all does not tell the rate of what has fallen due
		p := &run.Phases[i]
		if p.Rate.Planned != nil && p.ElapsedNS > 0 {
			v := perSecond(p.Planned, p.ElapsedNS)
			p.Rate.Planned = &v
		}
	}
	return r
}

// copyPhases copies what a builder changes.
func copyPhases(phases []Phase) []Phase {
	list := slices.Clone(phases)
	for i := range list {
		list[i].Codes = slices.Clone(list[i].Codes)
	}
	return list
}
