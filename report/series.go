package report

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"axbench/results"
)

// The limits that keep a series small however long a run is and whatever its directory holds.
const (
	maxPoints  = 4096 // above an hour and its drain: a run up to that is shown second by second
	maxColumns = 600  // of the heat map
	maxCodes   = 128  // by name; the rest counts as results.CodeOther
	maxPhases  = 512
)

// Series is a run over time, as the charts of the page draw it, built second by second from what a run directory holds or from
// a run that goes on. A point stands for one second; when there are more than 4,096 points each is made to stand for twice as
// many: counts are added up and quantiles come from the merged histograms, so that nothing is lost but time resolution. It is safe for
// concurrent use.
type Series struct {
	mu      sync.Mutex
	step    int64 // seconds of a point
	seconds int64 // of the run, seen so far: one behind the last
	widened int64 // seconds seen when step last grew
	points  []point
	codes   []seriesCode
	codeAt  map[string]int
	classes map[string]results.Class // of codes that run.json lists
	phases  []seriesPhase
	phaseAt map[string]int

	response, service, bounds *results.Histogram // of recorded phases

	done rowCache // for rows
}

// point is what ended (or fell due, for planned; or was sent) in one step.
type point struct {
	planned, sent, good                           int64
	done, failed, unfinished, dropped, notOffered int64
	inFlight, queued                              int64 // highest at the end of a second
	cpu                                           float64
	gc                                            int64 // longest pause, ns
	bounds                                        int64 // calls without an end
	response, late                                dist
	settled                                       bool // the quantiles are those of the histograms
	p50, p90, p99, max, late99                    int64
}

type seriesCode struct {
	name  string
	class results.Class
	v     []int64 // by point, as far as it was seen
}

type seriesPhase struct {
	name      string
	recorded  bool
	closed    bool
	known     bool // announced by run.json: its place is fixed
	from, end time.Duration
}

// NewSeries returns the empty series of a run, of which it reads the phases and the classes of their codes. A phase that has
// not begun is placed as planned.
func NewSeries(run *results.Run) *Series {
	s := &Series{step: 1, codeAt: map[string]int{}, classes: map[string]results.Class{}, phaseAt: map[string]int{},
		response: denseHistogram(), service: denseHistogram(), bounds: results.NewHistogram()}
	at := time.Duration(0)
	for i := range run.Phases {
		p := &run.Phases[i]
		for j := range p.Codes {
			s.classes[p.Codes[j].Code] = p.Codes[j].Class
		}
		length := time.Duration(p.ElapsedNS)
		if length <= 0 && run.Ended == nil {
			length = time.Duration(p.DurationNS)
		}
		length = min(max(length, 0), math.MaxInt64-at)
		if i < maxPhases {
			s.phaseAt[p.Name] = len(s.phases)
			s.phases = append(s.phases, seriesPhase{name: p.Name, recorded: p.Recorded, closed: p.Model == results.ModelClosed,
				known: length > 0, from: at, end: at + length})
		}
		at += length
	}
	return s
}

// denseHistogram returns an empty histogram that is quick to merge into.
func denseHistogram() *results.Histogram {
	h := results.NewHistogram()
	h.Record(results.LowestNS)
	h.Reset()
	return h
}

// AppendSecond takes in one second of the run, as results.Writer.AppendSecond does: all lines are of the same second. Seconds
// must not go back. Nothing passed in is kept.
func (s *Series) AppendSecond(_, _ time.Time, lines []results.Second, intervals []results.Interval) error {
	if len(lines) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.addLines(lines); err != nil {
		return err
	}
	for i := range intervals {
		iv := &intervals[i]
		if iv.H == nil || iv.H.Count() == 0 {
			continue
		}
		if err := s.addInterval(lines[0].T, iv.Phase, iv.Clock, iv.Code, iv.H); err != nil {
			return err
		}
	}
	return nil
}

// seriesOf reads the series of a run directory: timeline.ndjson, then intervals.hlog once, an interval at a time.
func seriesOf(rec *results.Record) (*Series, error) {
	lines, err := rec.Timeline()
	if err != nil {
		return nil, err
	}
	s := NewSeries(&rec.Run)
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].T == lines[0].T {
			n++
		}
		if err := s.addLines(lines[:n]); err != nil {
			return nil, fmt.Errorf("%s: %w", results.TimelineFile, err)
		}
		lines = lines[n:]
	}
	err = rec.EachInterval(charted, func(second int64, phase, clock, code string, h *results.Histogram) error {
		if second >= s.seconds { // of a killed run: the timeline does not have it
			return nil
		}
		return s.addInterval(second, phase, clock, code, h)
	})
	return s, err
}

// charted tells which intervals addInterval takes something from.
func charted(phase, clock, code string) bool {
	switch clock {
	case results.ClockResponse.String():
		return code == results.CodeGood && phase != results.FollowUpPhase
	case results.ClockLate.String(), results.ClockService.String():
		return code == results.CodeAll && phase != results.FollowUpPhase
	}
	return clock == results.ClockBound && phase != results.FollowUpPhase
}

// addLines takes in the lines of one second.
func (s *Series) addLines(lines []results.Second) error {
	t := lines[0].T
	if t < 0 || t < s.seconds-1 || t == math.MaxInt64 {
		return fmt.Errorf("second %d after second %d", t, s.seconds-1)
	}
	p := s.at(t)
	s.seconds = t + 1
	inFlight, queued, cpu := int64(0), int64(0), 0.0
	for i := range lines {
		l := &lines[i]
		p.planned += l.Planned
		p.sent += l.Sent
		p.good += l.Good
		p.done += l.Done
		p.failed += l.Failed
		p.unfinished += l.Unfinished
		p.dropped += l.Dropped
		p.notOffered += l.NotOffered
		inFlight, queued, cpu = max(inFlight, l.InFlight), max(queued, l.Queued), max(cpu, l.CPU) // of the whole generator
		p.gc = max(p.gc, l.GCPauseNS)
		s.addPhase(l)
		s.addCodes(t, l)
	}
	p.inFlight, p.queued = max(p.inFlight, inFlight), max(p.queued, queued)
	p.cpu += min(cpu, 1e6)
	return nil
}

// at returns the point of second t, after having made the points up to it.
func (s *Series) at(t int64) *point {
	for t/s.step >= maxPoints {
		s.widen(t)
	}
	i := int(t / s.step)
	if i >= len(s.points) {
		s.points = append(s.points, make([]point, i+1-len(s.points))...)
	}
	s.points[i].settled = false
	return &s.points[i]
}

// widen makes each point stand for twice as many seconds.
func (s *Series) widen(t int64) {
	s.step *= 2
	s.widened = t + 1
	for i := range s.points {
		if i%2 == 0 {
			s.points[i/2] = s.points[i]
			s.points[i/2].settled = false
		} else {
			s.points[i/2].add(&s.points[i])
		}
	}
	clear(s.points[(len(s.points)+1)/2:])
	s.points = s.points[:(len(s.points)+1)/2]
	for i := range s.codes {
		c := &s.codes[i]
		for j, n := range c.v {
			if j%2 == 0 {
				c.v[j/2] = n
			} else {
				c.v[j/2] += n
			}
		}
		c.v = c.v[:(len(c.v)+1)/2]
	}
}

// add takes in the point that follows.
func (p *point) add(q *point) {
	p.planned += q.planned
	p.sent += q.sent
	p.good += q.good
	p.done += q.done
	p.failed += q.failed
	p.unfinished += q.unfinished
	p.dropped += q.dropped
	p.notOffered += q.notOffered
	p.inFlight, p.queued, p.gc = max(p.inFlight, q.inFlight), max(p.queued, q.queued), max(p.gc, q.gc)
	p.cpu += q.cpu
	p.bounds += q.bounds
	p.response.merge(q.response)
	p.late.merge(q.late)
}

// settle computes what the histograms of a point say.
func (p *point) settle() {
	if p.settled {
		return
	}
	q := p.response.quantiles(0.5, 0.9, 0.99, 1)
	p.p50, p.p90, p.p99, p.max = q[0], q[1], q[2], q[3]
	p.late99 = p.late.quantiles(0.99)[0]
	p.settled = true
}

// addPhase places a phase that run.json did not announce by what it sent.
func (s *Series) addPhase(l *results.Second) {
	i, ok := s.phaseAt[l.Phase]
	if !ok {
		if len(s.phases) >= maxPhases {
			return
		}
		i = len(s.phases)
		name := strings.Clone(l.Phase)
		s.phaseAt[name] = i
		s.phases = append(s.phases, seriesPhase{name: name, recorded: true})
	}
	p := &s.phases[i]
	if p.known || l.Planned+l.Sent == 0 || l.T > int64(math.MaxInt64/time.Second)-1 {
		return
	}
	if p.end == 0 {
		p.from = time.Duration(l.T) * time.Second
	}
	p.end = time.Duration(l.T+1) * time.Second
}

func (s *Series) addCodes(t int64, l *results.Second) {
	names := make([]string, 0, len(l.Codes))
	for name := range l.Codes {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		c := s.code(name, l.CodeClass[name])
		i := int(t / s.step)
		if i >= len(c.v) {
			c.v = append(c.v, make([]int64, i+1-len(c.v))...)
		}
		c.v[i] += l.Codes[name]
	}
}

// code returns the series of a code, that of all others where there are too many. Its class is the one given, else that of
// run.json, else undocumented.
func (s *Series) code(name string, class results.Class) *seriesCode {
	if i, ok := s.codeAt[name]; ok {
		return &s.codes[i]
	}
	if len(s.codes) >= maxCodes-1 && name != results.CodeOther {
		return s.code(results.CodeOther, results.ClassUndocumented)
	}
	if class == "" {
		class = s.classes[name]
	}
	if !slices.Contains(results.Classes, class) {
		class = results.ClassUndocumented
	}
	name = strings.Clone(name)
	s.codeAt[name] = len(s.codes)
	s.codes = append(s.codes, seriesCode{name: name, class: class})
	return &s.codes[len(s.codes)-1]
}

// addInterval takes in what one tag recorded in a second that addLines has had.
func (s *Series) addInterval(t int64, phase, clock, code string, h *results.Histogram) error {
	i, known := s.phaseAt[phase]
	if phase == results.FollowUpPhase || t < 0 {
		return nil
	}
	var whole *results.Histogram
	p := s.at(t)
	switch {
	case clock == results.ClockResponse.String() && code == results.CodeGood:
		p.response.merge(distOf(h))
		whole = s.response
	case clock == results.ClockLate.String() && code == results.CodeAll:
		p.late.merge(distOf(h))
	case clock == results.ClockBound:
		p.bounds += h.Count()
		whole = s.bounds
	case clock == results.ClockService.String() && code == results.CodeAll:
		whole = s.service
	}
	if whole == nil || !known || !s.phases[i].recorded {
		return nil
	}
	return whole.Merge(h)
}
