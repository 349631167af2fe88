package judge

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/results"

	"pgregory.net/rapid"
)

// happening is one call of a run that never was.
type happening struct {
	phase int
	end   time.Duration
	took  time.Duration // since due
	kind  string        // "good", a code of an answer, "timeout", or a ledger name
}

// course is a run that never was: phases as planned and kept, and calls.
type course struct {
	phases []results.Phase
	calls  []happening
}

var courseCodes = []results.Code{{Code: "OK", Class: results.ClassOK}, {Code: "isv.FLOW_LIMIT", Class: results.ClassBusiness}, {Code: results.CodeTimeout, Class: results.ClassTransport}}

func (c *course) starts(i int) (start, end time.Duration) {
	for j := range i {
		start += time.Duration(c.phases[j].DurationNS)
	}
	return start, start + time.Duration(c.phases[i].DurationNS)
}

// add makes a call that was due in a phase.
func (c *course) add(phase int, due, took time.Duration, kind string) {
	c.calls = append(c.calls, happening{phase, due + took, took, kind})
	p := &c.phases[phase]
	_, end := c.starts(phase)
	p.Planned++
	switch kind {
	case results.CodeDropped:
		p.Dropped++
		return
	case results.CodeUnfinished:
		p.Unfinished++
		return
	case notOffered:
		p.NotOffered++
		return
	case results.CodeTimeout:
		p.Failed++
	default:
		p.Done++
		if kind == "good" {
			p.Good++
			kind = "OK"
			if due+took < end {
				p.GoodInside++
			}
		}
	}
	p.Codes[slices.IndexFunc(p.Codes, func(x results.Code) bool { return x.Code == kind })].Count++
}

func newCourse(lengths ...time.Duration) *course {
	c := &course{}
	for i, d := range lengths {
		c.phases = append(c.phases, results.Phase{Name: string(rune('a' + i)), Recorded: true, Model: results.ModelOpen, DurationNS: int64(d), ElapsedNS: int64(d),
			Codes: slices.Clone(courseCodes)})
	}
	return c
}

// clocks calls f for each histogram that the call counts in.
func (h *happening) clocks(f func(clock, code string, ns int64)) {
	took := int64(h.took)
	switch h.kind {
	case notOffered:
	case results.CodeDropped, results.CodeUnfinished:
		f(results.ClockBound, h.kind, took)
	case results.CodeTimeout:
		f(results.ClockBound, h.kind, took)
		f("response", h.kind, took)
		f("service", h.kind, took)
	case "good":
		f("response", results.CodeGood, took)
		f("response", "OK", took)
		f("service", results.CodeAll, took/2)
		f("service", "OK", took/2)
	default:
		f("response", h.kind, took)
		f("service", results.CodeAll, took/2)
		f("service", h.kind, took/2)
	}
}

// count adds the call to a line of the timeline.
func (h *happening) count(l *results.Second, end time.Duration) {
	code := h.kind
	switch h.kind {
	case results.CodeDropped:
		l.Dropped++
		return
	case results.CodeUnfinished:
		l.Unfinished++
		return
	case notOffered:
		l.NotOffered++
		return
	case results.CodeTimeout:
		l.Failed++
	default:
		l.Done++
		if h.kind == "good" {
			l.Good++
			code = "OK"
			if h.end < end {
				l.GoodInside++
			}
		}
	}
	l.Codes[code]++
}

// each calls f for every second of the run, up to the last one in which a call ended.
func (c *course) each(f func(t int64, lines []results.Second, intervals []results.Interval) error) error {
	_, end := c.starts(len(c.phases) - 1)
	last := int64((end - 1) / time.Second)
	for _, h := range c.calls {
		last = max(last, int64(h.end/time.Second))
	}
	for t := int64(0); t <= last; t++ {
		var lines []results.Second
		var intervals []results.Interval
		for i := range c.phases {
			l := results.Second{T: t, Phase: c.phases[i].Name, Codes: map[string]int64{}}
			tags := map[string]*results.Histogram{}
			_, end := c.starts(i)
			for _, h := range c.calls {
				if h.phase != i || int64(h.end/time.Second) != t {
					continue
				}
				h.count(&l, end)
				h.clocks(func(clock, code string, ns int64) {
					tag := clock + "|" + code
					if tags[tag] == nil {
						tags[tag] = results.NewHistogram()
						intervals = append(intervals, results.Interval{Phase: l.Phase, Clock: clock, Code: code, H: tags[tag]})
					}
					tags[tag].Record(ns)
				})
			}
			if l.Done+l.Failed+l.Dropped+l.Unfinished+l.NotOffered > 0 {
				lines = append(lines, l)
			}
		}
		if len(lines) == 0 {
			lines = append(lines, results.Second{T: t, Phase: c.phases[0].Name})
		}
		if err := f(t, lines, intervals); err != nil {
			return err
		}
	}
	return nil
}

type fataler interface {
	Helper()
	Fatal(...any)
}

// recorded writes the course into a run directory and returns its record.
func (c *course) recorded(t fataler, dir string) *results.Record {
	t.Helper()
	started := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	ended := started.Add(time.Minute)
	run := &results.Run{Model: results.ModelOpen, Started: started, Ended: &ended, Phases: c.phases}
	w, err := results.Create(dir, run)
	if err != nil {
		t.Fatal(err)
	}
	err = c.each(func(s int64, lines []results.Second, intervals []results.Interval) error {
		start := started.Add(time.Duration(s) * time.Second)
		return w.AppendSecond(start, start.Add(time.Second), lines, intervals)
	})
	rec := w.Record(run)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	rec.Summarise()
	return rec
}

// followed feeds the course to a watch, second by second, as a run does. Each may end it by returning false.
func (c *course) followed(t fataler, rules []Rule, each func(w *Watch) bool) *Watch {
	t.Helper()
	w := NewWatch(c.phases, rules)
	over := false
	err := c.each(func(_ int64, lines []results.Second, intervals []results.Interval) error {
		if over {
			return nil
		}
		if err := w.Second(lines, intervals); err != nil {
			return err
		}
		for _, iv := range intervals {
			iv.H.Reset() // as the collector does
		}
		over = each != nil && !each(w)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// owner tells which seconds are wholly in phases of the rule.
func (c *course) owner(r Rule) func(t int64) bool {
	return func(t int64) bool {
		for at := time.Duration(t) * time.Second; at < time.Duration(t+1)*time.Second; {
			i := slices.IndexFunc(c.phases, func(p results.Phase) bool {
				s, e := c.starts(int(p.Name[0] - 'a'))
				return s <= at && at < e && p.Recorded && r.covers(p.Name)
			})
			if i < 0 {
				return false
			}
			_, at = c.starts(i)
		}
		return true
	}
}

// home is the second that a call counts in, and whether it ended in it; -1 for none.
func (c *course) home(owned func(int64) bool, h happening) (int64, bool) {
	_, runEnd := c.starts(len(c.phases) - 1)
	t := int64(h.end / time.Second)
	if owned(t) {
		return t, true
	}
	before, after := t, t
	for before >= 0 && !owned(before) {
		before--
	}
	for after*int64(time.Second) < int64(runEnd) && !owned(after) {
		after++
	}
	start, _ := c.starts(h.phase)
	if begun := int64(start/time.Second) == t && owned(t+1); before >= 0 && !begun {
		return before, false
	}
	if owned(after) {
		return after, false
	}
	return -1, false
}

// naive judges a rule over windows as the words say it, from the calls.
func (c *course) naive(r Rule) results.SLO {
	length := int64(r.Window / time.Second)
	_, runEnd := c.starts(len(c.phases) - 1)
	owned := c.owner(r)
	found := r.unknown("")
	w := &results.SLOWindow{Seconds: length}
	for from := int64(0); from+length <= int64(runEnd/time.Second); from++ {
		all := true
		for t := from; t < from+length; t++ {
			all = all && owned(t)
		}
		if !all {
			continue
		}
		s := &sample{elapsed: r.Window}
		for _, h := range c.calls {
			if p := &c.phases[h.phase]; !p.Recorded || !r.covers(p.Name) {
				continue
			}
			if t, inside := c.home(owned, h); t >= from && t < from+length {
				c.enter(s, r, h, inside)
			}
		}
		slo := r.measure(s)
		zero := r.unknown("")
		if r.decide(&zero, 0); slo.Pass == nil && s.ended == 0 && (r.Kind == KindGoodput || r.Kind == KindCount) && r.upward() && !*zero.Pass {
			slo = zero
		}
		if slo.Pass == nil {
			w.Thin++
			continue
		}
		w.Judged++
		if !*slo.Pass {
			w.Missed++
		}
		farther := found.Value != nil && (r.upward() && *slo.Value < *found.Value || !r.upward() && *slo.Value > *found.Value)
		switch {
		case found.Pass == nil, *found.Pass && !*slo.Pass, *found.Pass == *slo.Pass && farther,
			*found.Pass == *slo.Pass && *slo.Value == *found.Value && slo.Bound && !found.Bound:
			found, w.Worst = slo, from
		}
	}
	found.Window = w
	return found
}

// enter counts a call in a sample.
func (c *course) enter(s *sample, r Rule, h happening, inside bool) {
	if h.kind == notOffered && !inside {
		return
	}
	l := results.Second{Codes: map[string]int64{}}
	h.count(&l, 0)
	s.good += l.Good
	if inside {
		s.inside += l.Good
	}
	s.ended += l.Done + l.Failed
	s.planned++
	if n, ok := r.fromLedger(&results.Ledger{Dropped: l.Dropped, Unfinished: l.Unfinished, NotOffered: l.NotOffered}); ok {
		s.named += n
	} else {
		for _, code := range courseCodes {
			if r.matches(code.Code, code.Class) {
				s.named += l.Codes[code.Code]
			}
		}
	}
	h.clocks(func(clock, code string, ns int64) {
		class := results.Class("")
		if i := slices.IndexFunc(courseCodes, func(x results.Code) bool { return x.Code == code }); i >= 0 {
			class = courseCodes[i].Class
		}
		if p := r.part(clock, code, class); p != partNone {
			one := results.NewHistogram()
			one.Record(ns)
			s.take(p, one)
		}
	})
}

// courses draws a run of a few seconds.
func courses() *rapid.Generator[*course] {
	return rapid.Custom(func(t *rapid.T) *course {
		tenths := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 40), rapid.SampledFrom([]int{10, 20, 30})), 1, 4).Draw(t, "phases")
		lengths := make([]time.Duration, len(tenths))
		for i, n := range tenths {
			lengths[i] = time.Duration(n) * 100 * time.Millisecond
		}
		c := newCourse(lengths...)
		for i := range c.phases {
			c.phases[i].Recorded = i == len(c.phases)-1 || rapid.IntRange(0, 3).Draw(t, "recorded") > 0
		}
		for range rapid.IntRange(0, 120).Draw(t, "calls") {
			i := rapid.IntRange(0, len(c.phases)-1).Draw(t, "phase")
			start, end := c.starts(i)
			due := start + time.Duration(rapid.Int64Range(0, int64(end-start)-1).Draw(t, "due"))
			took := time.Duration(rapid.OneOf(rapid.Int64Range(1e6, 100e6), rapid.Int64Range(1e6, 4e9)).Draw(t, "took"))
			c.add(i, due, took, rapid.SampledFrom([]string{"good", "good", "good", "isv.FLOW_LIMIT", results.CodeTimeout, results.CodeDropped, results.CodeUnfinished, notOffered}).Draw(t, "kind"))
		}
		return c
	})
}

// windowed draws a rule over windows that fits the phases of a course.
func windowed(t *rapid.T, c *course) Rule {
	metric := rapid.SampledFrom([]string{"p50", "p50(response)", "p75(service)", "p50(response, isv.FLOW_LIMIT)", "p60(offered, transport)", "max", "max(service, business)",
		"share(OK)", "share(business)", "share(dropped)", "share(not_offered)", "count(OK)", "count(unfinished)", "count(transport)", "good", "goodput"}).Draw(t, "metric")
	limit := map[byte]string{'p': "50ms", 'm': "90ms", 's': "30%", 'c': "3", 'g': "60%"}[metric[0]]
	if metric == "goodput" {
		limit = "4/s"
	}
	text := fmt.Sprintf("%s %s %s over %ds", metric, rapid.SampledFrom([]string{"<", "<=", ">", ">="}).Draw(t, "op"), limit, rapid.IntRange(1, 4).Draw(t, "window"))
	var names []string
	for i := range c.phases {
		if c.phases[i].Recorded && rapid.Bool().Draw(t, "in") {
			names = append(names, c.phases[i].Name)
		}
	}
	if len(names) > 0 {
		text += " in " + strings.Join(names, ", ")
	}
	return MustParseRule(text)
}

// Every rule over windows, live and from the directory, is what a reader of the words would find in the list of calls.
func TestWindowsAgainstTheNaiveWay(t *testing.T) {
	dir, n := t.TempDir(), 0
	judged, thin := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := courses().Draw(t, "course")
		var rules []Rule
		for range 4 {
			rules = append(rules, windowed(t, c))
		}
		live := c.followed(t, rules, nil)
		var rec *results.Record
		if n++; n%4 == 1 { // files take their time
			rec = c.recorded(t, filepath.Join(dir, fmt.Sprint(n)))
		}
		for i, r := range rules {
			want := c.naive(r)
			all := map[string]results.SLO{"live": live.SLO(i)}
			if rec != nil {
				all["from the directory"] = Evaluate(rec, r)
			}
			for name, got := range all {
				if show(got) != show(withReason(want, got.Reason)) || *got.Window != *want.Window {
					t.Fatalf("%s, %s:\n%s %+v, want\n%s %+v", r, name, show(got), *got.Window, show(want), *want.Window)
				}
				if (got.Pass == nil) != (got.Reason != "") || got.Pass != nil && got.Window.Judged == 0 {
					t.Fatalf("%s, %s: %s %+v", r, name, show(got), *got.Window)
				}
			}
			judged += int(want.Window.Judged)
			thin += int(want.Window.Thin)
		}
	})
	if judged < 100 || thin < 100 {
		t.Errorf("%d windows were judged and %d were thin: that proves little", judged, thin)
	}
}

func withReason(s results.SLO, reason string) results.SLO {
	if s.Pass == nil {
		s.Reason = reason
	}
	return s
}
