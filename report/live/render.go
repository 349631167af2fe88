package live

import (
	"maps"
	"time"

	"axbench/report"
	"axbench/results"
)

// book is what the renderer has counted so far. It is the renderer's own but for series, which is safe for concurrent use.
type book struct {
	tally    *results.Tally
	series   *report.Series
	versions map[string]uint64 // of the sections: the number of the state that brought them last
	sections map[string]string
	number   uint64
	counted  int64 // seconds
}

func newBook(run *results.Run) *book {
	return &book{tally: results.NewTally(run), series: report.NewSeries(run), versions: map[string]uint64{}, sections: map[string]string{}}
}

// render counts what comes in, and renders a state when somebody looks or the run is over. It ends with stop.
func (s *Server) render() {
	defer close(s.rendered)
	b := newBook(s.config.Run)
	pause := time.NewTimer(0)
	defer pause.Stop()
	rested := false
	for {
		select {
		case <-s.stop:
			return
		case <-pause.C:
			rested = true
		case <-s.wake:
		}
		waiting, over := s.take()
		for i := range waiting {
			b.count(&waiting[i])
		}
		switch {
		case over != nil && s.wanted(b):
			s.publish(b.end(s, over))
			<-s.stop // nothing comes any more
			return
		case over == nil && rested && s.wanted(b):
			s.publish(b.next(s))
			rested = false
			pause.Reset(s.every)
		}
	}
}

// take returns what waits.
func (s *Server) take() ([]second, *ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := s.waiting
	s.waiting = nil
	return waiting, s.over
}

// wanted says whether somebody would see a new state.
func (s *Server) wanted(b *book) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != nil && s.state.counted == b.counted && s.over == nil {
		return false // there is nothing new
	}
	return s.clients > 0 || s.asked
}

// publish makes st the state that is served.
func (s *Server) publish(st *state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.asked = st, false
	s.announce()
}

// count takes in one second. A second that does not fit, as no runner makes them, is left out: the final report does not come
// from here.
func (b *book) count(x *second) {
	if b.tally.AppendSecond(x.start, x.end, x.lines, x.intervals) == nil {
		_ = b.series.AppendSecond(x.start, x.end, x.lines, x.intervals)
	}
	b.counted++
}

// next renders what was counted.
func (b *book) next(s *Server) *state {
	rec := b.tally.Record()
	rec.Dir = s.config.Dir
	if s.config.Add != nil {
		s.config.Add(rec)
	}
	return b.state(s, rec, b.series)
}

// end renders the finished run.
func (b *book) end(s *Server, over *ending) *state {
	series := b.series
	if whole, err := report.ReadSeries(over.rec); err == nil { // as the page on disk has it
		series = whole
	}
	st := b.state(s, over.rec, series)
	st.ended, st.report = true, over.report
	st.verdict, st.exitCode = over.rec.Run.Verdict, over.rec.Run.ExitCode
	return st
}

// state renders rec. Should a template fail, its sections keep their last text.
func (b *book) state(s *Server, rec *results.Record, series *report.Series) *state {
	b.number++
	page := s.config.Page
	page.Series = series
	sections, _ := report.RunSections(rec, page)
	for name, html := range sections {
		if old, known := b.sections[name]; !known || old != html {
			b.sections[name], b.versions[name] = html, b.number
		}
	}
	return &state{number: b.number, at: time.Now(), counted: b.counted, rec: rec, page: page,
		sections: maps.Clone(b.sections), versions: maps.Clone(b.versions), messages: map[seen]*message{}}
}

// cloneLine copies a line of the timeline with its maps.
func cloneLine(l *results.Second) results.Second {
	own := *l
	own.Classes, own.Codes, own.CodeClass = maps.Clone(l.Classes), maps.Clone(l.Codes), maps.Clone(l.CodeClass)
	return own
}
