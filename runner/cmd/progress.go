package cmd

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"axbench/results"
	"axbench/runner"
	"axbench/runner/pace"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// plainEvery is the time between two lines of progress where there is no terminal.
const plainEvery = 5 * time.Second

// drawEvery is the time between two drawings on a terminal.
const drawEvery = 250 * time.Millisecond

// meter shows how a run goes: a bar for each phase with the last second below on a terminal, a line every few seconds elsewhere.
// It is told of each second by the runner and only notes the numbers: whoever draws is a goroutine of its own, and a terminal
// that stands still holds up nothing but the drawing. The goroutines end with close.
type meter struct {
	plan  *pace.Plan
	out   io.Writer
	style lineStyle

	mu    sync.Mutex
	state progressState

	bars  *mpb.Progress // nil without a terminal
	lines []*mpb.Bar
	next  time.Duration // when the next plain line is due; for second alone
	due   chan struct{} // asks for a plain line
	ended chan struct{} // the writer of plain lines has
}

// progressState is what a run has come to at the end of a second.
type progressState struct {
	elapsed          time.Duration
	phases           []phaseProgress // as in the plan
	current          int             // the phase that the second fell into
	good             int64           // in the last second
	p50, p99         int64           // of its successes, nanoseconds; 0 for none
	lag, late        int64           // p99 of the last second's calls, nanoseconds; lag is 0 when nothing was sent
	inFlight, queued int64
	draining, ended  bool
	codes            map[string]*codeProgress
}

// phaseProgress is the account of one phase so far.
type phaseProgress struct {
	planned, done, good, dropped, notOffered, unfinished int64
}

// codeProgress counts one code over the run.
type codeProgress struct {
	name  string
	class results.Class
	count int64
}

// newMeter begins to show a run. terminal says what out is.
func newMeter(plan *pace.Plan, out io.Writer, terminal bool, style lineStyle) *meter {
	m := &meter{plan: plan, out: out, style: style, next: plainEvery}
	m.state = progressState{phases: make([]phaseProgress, len(plan.Phases())), codes: map[string]*codeProgress{}}
	if !terminal {
		m.due, m.ended = make(chan struct{}, 1), make(chan struct{})
		go m.writePlain()
		return m
	}
	m.draw(mpb.WithOutput(out))
	return m
}

// draw makes the bars: one line for each phase, one for the last second and one for the codes.
func (m *meter) draw(options ...mpb.ContainerOption) {
	m.bars = mpb.New(append(options, mpb.WithRefreshRate(drawEvery))...)
	for i := range m.plan.Phases() {
		m.addLine(func(s *progressState, width int) string { return m.phaseLine(s, i, width) })
	}
	m.addLine(m.secondLine, m.codesLine)
}

// addLine adds a bar that says what first does, with more lines below it. A line that has nothing to say is left out, but the first.
func (m *meter) addLine(first func(*progressState, int) string, more ...func(*progressState, int) string) {
	filler := func(line func(*progressState, int) string, end string) mpb.BarFiller {
		return mpb.BarFillerFunc(func(w io.Writer, st decor.Statistics) error {
			s := m.snapshot()
			if text := line(&s, min(st.AvailableWidth-1, lineWidth)); text != "" { // the last column makes some terminals wrap
				_, err := io.WriteString(w, text+end)
				return err
			}
			return nil
		})
	}
	var below []mpb.BarFiller
	for _, line := range more {
		below = append(below, filler(line, "\n"))
	}
	options := []mpb.BarOption{mpb.BarFillerTrim()}
	if len(below) > 0 {
		options = append(options, mpb.BarBtmExtender(below...))
	}
	bar, err := m.bars.Add(1, filler(first, ""), options...)
	if err == nil { // an error would say that the bars have ended
		m.lines = append(m.lines, bar)
	}
}

// AppendSecond is part of record.Sink: it reads the lag, which only the histograms have.
func (m *meter) AppendSecond(_, _ time.Time, _ []results.Second, intervals []results.Interval) error {
	var lag *results.Histogram
	for i := range intervals {
		if iv := &intervals[i]; iv.Clock == results.ClockLag.String() && iv.Phase != results.FollowUpPhase && (lag == nil || iv.H.Count() > lag.Count()) {
			lag = iv.H
		}
	}
	p99 := int64(0)
	if lag != nil {
		p99 = lag.Quantile(0.99)
	}
	m.mu.Lock()
	m.state.lag = p99
	m.mu.Unlock()
	return nil
}

// second takes in what ended in one second.
func (m *meter) second(p runner.Progress) {
	m.mu.Lock()
	s := &m.state
	s.elapsed, s.inFlight, s.queued, s.draining = p.Elapsed, p.InFlight, p.Queued, p.Draining
	s.good, s.p50, s.p99, s.late = 0, 0, 0, 0
	for i := range m.plan.Phases() {
		if p.Elapsed > m.plan.Start(i) {
			s.current = i
		}
	}
	most := int64(0)
	for i := range p.Seconds {
		l := &p.Seconds[i]
		m.add(l)
		s.good += l.Good
		s.late = max(s.late, l.LateP99NS)
		if l.Good > most {
			most, s.p50, s.p99 = l.Good, l.RespP50NS, l.RespP99NS
		}
	}
	m.mu.Unlock()
	if m.bars == nil && p.Elapsed >= m.next {
		m.next = p.Elapsed + plainEvery
		select {
		case m.due <- struct{}{}:
		default: // the line before was not written yet: this one replaces it
		}
	}
}

// add counts a line of the timeline. The caller holds mu.
func (m *meter) add(l *results.Second) {
	for i, ph := range m.plan.Phases() {
		if ph.Name != l.Phase {
			continue
		}
		p := &m.state.phases[i]
		p.planned += l.Planned
		p.done += l.Done
		p.good += l.Good
		p.dropped += l.Dropped
		p.notOffered += l.NotOffered
		p.unfinished += l.Unfinished
	}
	for name, n := range l.Codes {
		c := m.state.codes[name]
		if c == nil {
			c = &codeProgress{name: name, class: l.CodeClass[name]}
			m.state.codes[name] = c
		}
		c.count += n
	}
}

// snapshot returns a copy of the state.
func (m *meter) snapshot() progressState {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.state
	s.phases = slices.Clone(s.phases)
	s.codes = make(map[string]*codeProgress, len(m.state.codes))
	for name, c := range m.state.codes {
		own := *c
		s.codes[name] = &own
	}
	return s
}

// top returns the codes in the order of their counts.
func (s *progressState) top() []*codeProgress {
	list := make([]*codeProgress, 0, len(s.codes))
	for _, c := range s.codes {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *codeProgress) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.name, b.name))
	})
	return list
}

// sum returns the account of all phases together.
func (s *progressState) sum() (all phaseProgress) {
	for _, p := range s.phases {
		all.planned += p.planned
		all.done += p.done
		all.good += p.good
		all.dropped += p.dropped
		all.notOffered += p.notOffered
		all.unfinished += p.unfinished
	}
	return all
}

// writePlain writes a line whenever one is due, until due is closed.
func (m *meter) writePlain() {
	defer close(m.ended)
	for range m.due {
		s := m.snapshot()
		fmt.Fprintf(m.out, "axbench: %s\n", m.plainLine(&s))
	}
}

// close ends the drawing and leaves the last state on the screen. second must not be called any more.
func (m *meter) close() {
	m.mu.Lock()
	m.state.ended = true
	m.mu.Unlock()
	if m.bars == nil {
		close(m.due)
		<-m.ended
		return
	}
	for _, bar := range m.lines {
		bar.Abort(false)
	}
	m.bars.Wait()
}
