package results

import (
	"math"
	"slices"
	"time"
)

// Course is how the recorded phases of a run went, second by second, in a form that is quick to count in.
type Course struct {
	Dir    string
	Run    *Run
	Phases []CoursePhase // recorded ones, in order
}

// CoursePhase is a recorded phase and its seconds in order. Where it is longer than CourseSteps seconds, each stands for as
// many as it takes.
type CoursePhase struct {
	Phase   *Phase
	Step    int64 // seconds of a step
	Seconds []CourseSecond
}

// CourseSecond is what ended in one step. What ended after the phase did counts in its last step.
type CourseSecond struct {
	Exposure   float64 // how much of the step was inside the phase, in seconds
	Ended      int64   // done + failed + unfinished + dropped + not offered
	Answered   int64   // done + failed
	Good       int64
	GoodInside int64
	Classes    map[Class]int64
	Codes      map[string]int64
	Response   []Counted // of good answers
	Service    []Counted // of all answers
	Bounds     []Counted // of calls without an end, elapsed times
}

// Counted is how often a value came: the upper end of its bucket in nanoseconds.
type Counted struct{ Value, Count int64 }

// CourseSteps is the largest number of steps that a phase is cut into.
const CourseSteps = 2000

// leastStep is the share of a step below which it counts with its neighbour: as a step of its own it would say nothing.
const leastStep = 0.2

// Course reads the course of a run from its directory: timeline.ndjson and once intervals.hlog.
func (r *Record) Course() (*Course, error) {
	c, at := newCourse(r)
	lines, err := r.Timeline()
	if err != nil {
		return nil, err
	}
	for i := range lines {
		l := &lines[i]
		if s := at(l.Phase, l.T); s != nil {
			s.addLine(l)
		}
	}
	err = r.EachInterval(coursed, func(second int64, phase, clock, code string, h *Histogram) error {
		s := at(phase, second)
		switch {
		case s == nil:
		case clock == ClockBound:
			s.Bounds = addCounts(s.Bounds, h)
		case clock == ClockService.String():
			s.Service = addCounts(s.Service, h)
		default:
			s.Response = addCounts(s.Response, h)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// coursed tells which intervals a course takes.
func coursed(phase, clock, code string) bool {
	switch clock {
	case ClockBound:
		return phase != FollowUpPhase
	case ClockResponse.String():
		return phase != FollowUpPhase && code == CodeGood
	case ClockService.String():
		return phase != FollowUpPhase && code == CodeAll
	}
	return false
}

// newCourse lays out the steps of every recorded phase. at finds the step that a second of a phase belongs to, nil for a phase
// that is not recorded.
func newCourse(r *Record) (c *Course, at func(phase string, second int64) *CourseSecond) {
	c = &Course{Dir: r.Dir, Run: &r.Run}
	starts, index := []int64{}, map[string]int{}
	from := time.Duration(0)
	for i := range r.Run.Phases {
		p := &r.Run.Phases[i]
		to := from + time.Duration(max(p.ElapsedNS, 0))
		if to < from {
			to = math.MaxInt64
		}
		if p.Recorded {
			phase, start := layOut(p, from, to)
			index[p.Name] = len(c.Phases)
			c.Phases, starts = append(c.Phases, phase), append(starts, start)
		}
		from = to
	}
	return c, func(phase string, second int64) *CourseSecond {
		i, ok := index[phase]
		if !ok {
			return nil
		}
		p := &c.Phases[i]
		step := min(max((second-starts[i])/p.Step, 0), int64(len(p.Seconds)-1))
		return &p.Seconds[step]
	}
}

// layOut returns the empty steps of a phase between two instants since the start, and the second that the first step begins with.
func layOut(p *Phase, from, to time.Duration) (CoursePhase, int64) {
	first, end := from.Seconds(), to.Seconds()
	start, behind := int64(math.Floor(first)), int64(math.Ceil(end))
	if float64(start)+1-first < leastStep && start+1 < behind {
		start++
	}
	if end-float64(behind-1) < leastStep && behind-1 > start {
		behind--
	}
	phase := CoursePhase{Phase: p, Step: max(1, (behind-start+CourseSteps-1)/CourseSteps)}
	n := max(1, (behind-start+phase.Step/2)/phase.Step)
	phase.Seconds = make([]CourseSecond, n)
	for i := range phase.Seconds {
		lo, hi := float64(start+int64(i)*phase.Step), float64(start+int64(i+1)*phase.Step)
		if i == 0 {
			lo = first
		}
		if i == int(n)-1 {
			hi = end
		}
		phase.Seconds[i].Exposure = max(hi-lo, 0)
		phase.Seconds[i].Classes, phase.Seconds[i].Codes = map[Class]int64{}, map[string]int64{}
	}
	return phase, start
}

func (s *CourseSecond) addLine(l *Second) {
	s.Answered += l.Done + l.Failed
	s.Ended += l.Done + l.Failed + l.Unfinished + l.Dropped + l.NotOffered
	s.Good += l.Good
	s.GoodInside += l.GoodInside
	for class, n := range l.Classes {
		s.Classes[class] += n
	}
	for code, n := range l.Codes {
		s.Codes[code] += n
	}
}

// addCounts returns list with the values of h merged in, ascending.
func addCounts(list []Counted, h *Histogram) []Counted {
	added := make([]Counted, 0, 64)
	h.Buckets(func(_, to, count int64) {
		added = append(added, Counted{min(max(to-1, h.Min()), h.Max()), count})
	})
	return MergeCounted(list, added)
}

// MergeCounted merges two ascending lists into one.
func MergeCounted(a, b []Counted) []Counted {
	if len(a) == 0 {
		return slices.Clip(b)
	}
	out := make([]Counted, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].Value < b[0].Value:
			out, a = append(out, a[0]), a[1:]
		case a[0].Value > b[0].Value:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, Counted{a[0].Value, a[0].Count + b[0].Count})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}
