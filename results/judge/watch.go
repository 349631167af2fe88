package judge

import (
	"fmt"
	"time"

	"axbench/results"
)

// Watch follows rules through the seconds of a run: while it goes on, to stop it when a rule is proven missed, and at the end, over
// what was recorded. It sees each second once, in order, and its memory is that of the windows. It is for one goroutine.
//
// What it says of a rule is what has come to an end until now: a share of calls planned is one of those that have.
type Watch struct {
	tracks   []*track
	recorded map[string]bool // phases
	classes  map[string]results.Class
	second   int64 // that is being taken in
	any      bool  // there is one
	answered bool  // a call of a recorded phase was
}

// NewWatch follows the rules through a run with these phases, as planned. Rules on violations know nothing of seconds and are passed
// over: SLO says so.
func NewWatch(phases []results.Phase, rules []Rule) *Watch {
	return newWatch(phases, rules, spansOf(phases, true))
}

func newWatch(phases []results.Phase, rules []Rule, spans []span) *Watch {
	w := &Watch{recorded: map[string]bool{}, classes: map[string]results.Class{}}
	for i := range phases {
		w.recorded[phases[i].Name] = phases[i].Recorded
		for j := range phases[i].Codes {
			c := &phases[i].Codes[j]
			w.classes[c.Code] = c.Class
		}
	}
	for _, r := range rules {
		w.tracks = append(w.tracks, newTrack(r, phases, spans))
	}
	return w
}

// Second takes in what ended in one second of the run: all lines of timeline.ndjson and all intervals of it. Seconds come in order.
// Nothing passed in is kept.
func (w *Watch) Second(lines []results.Second, intervals []results.Interval) error {
	if len(lines) == 0 {
		return nil
	}
	t := lines[0].T
	for i := range lines {
		w.learn(&lines[i])
	}
	for i := range lines {
		if err := w.line(&lines[i]); err != nil {
			return err
		}
	}
	for i := range intervals {
		if iv := &intervals[i]; iv.H != nil && iv.H.Count() > 0 {
			if err := w.interval(t, iv.Phase, iv.Clock, iv.Code, iv.H); err != nil {
				return err
			}
		}
	}
	w.close()
	return nil
}

// learn remembers the classes of codes that no list has.
func (w *Watch) learn(l *results.Second) {
	for code, class := range l.CodeClass {
		if _, known := w.classes[code]; !known {
			w.classes[code] = class
		}
	}
}

func (w *Watch) class(code string) results.Class { return w.classes[code] }

// line takes in one line. The second before, and any that nothing is known of, ends with the first of a new one.
func (w *Watch) line(l *results.Second) error {
	if w.any && l.T < w.second {
		return outOfOrder(l.T, w.second-1)
	}
	for w.any && w.second < l.T {
		w.close()
	}
	w.second, w.any = l.T, true
	w.answered = w.answered || w.recorded[l.Phase] && l.Done > 0
	for _, k := range w.tracks {
		k.line(l, w.class)
	}
	return nil
}

func outOfOrder(t, before int64) error { return fmt.Errorf("second %d after second %d", t, before) }

// wants tells whether any rule asks for a histogram.
func (w *Watch) wants(phase, clock, code string) bool {
	for _, k := range w.tracks {
		if _, ok := k.begins[phase]; ok && k.rule.part(clock, code, w.classes[code]) != partNone {
			return true
		}
	}
	return false
}

// interval takes in a histogram of second t, which is the one of the last line.
func (w *Watch) interval(t int64, phase, clock, code string, h *results.Histogram) error {
	for _, k := range w.tracks {
		if _, ok := k.begins[phase]; !ok {
			continue
		}
		if p := k.rule.part(clock, code, w.classes[code]); p != partNone {
			if err := k.interval(t, phase, p, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// close ends the second.
func (w *Watch) close() {
	for _, k := range w.tracks {
		k.close(w.second)
	}
	w.second++
}

// Elapsed returns the end of the last second taken in, since the start of the run.
func (w *Watch) Elapsed() time.Duration { return time.Duration(w.second) * time.Second }

// SLO returns how the i-th rule stands. Of a rule over windows it is what its worst window until now says.
func (w *Watch) SLO(i int) results.SLO {
	if w.tracks[i].rule.Kind == KindViolations {
		return w.tracks[i].rule.unknown("violations are counted over the whole run")
	}
	return w.tracks[i].slo()
}

// Missed returns the abort rules that are proven missed, with the time since the start of the run at which that is known: now. A rule
// has its grace time first, and none is missed before a call of a recorded phase was answered.
func (w *Watch) Missed() []results.SLO {
	var list []results.SLO
	for _, k := range w.tracks {
		if slo, missed := w.missed(k); missed {
			list = append(list, slo)
		}
	}
	return list
}

func (w *Watch) missed(k *track) (results.SLO, bool) {
	if !k.rule.Abort || !w.answered || len(k.spans) == 0 || w.Elapsed() < k.first+k.rule.grace() {
		return results.SLO{}, false
	}
	slo := k.slo()
	if !k.proven(&slo) {
		return results.SLO{}, false
	}
	slo.AbortedNS = int64(w.Elapsed())
	return slo, true
}

// replay takes in what a run directory holds, up to the time until since the start of the run.
func (w *Watch) replay(rec *results.Record, until time.Duration) error {
	lines, err := rec.Timeline()
	if err != nil {
		return err
	}
	for i := range lines {
		if i > 0 && lines[i].T < lines[i-1].T {
			return &results.RecordError{File: results.TimelineFile, Line: i + 1, Err: outOfOrder(lines[i].T, lines[i-1].T)}
		}
		w.learn(&lines[i])
		if time.Duration(lines[i].T+1)*time.Second > until {
			lines = lines[:i]
			break
		}
	}
	if len(lines) == 0 {
		return nil
	}
	last := lines[len(lines)-1].T
	next := 0
	upTo := func(second int64) error {
		for ; next < len(lines) && lines[next].T <= second; next++ {
			if err := w.line(&lines[next]); err != nil {
				return &results.RecordError{File: results.TimelineFile, Line: next + 1, Err: err}
			}
		}
		return nil
	}
	err = rec.EachInterval(w.wants, func(second int64, phase, clock, code string, h *results.Histogram) error {
		if second > last {
			return nil
		}
		if err := upTo(second); err != nil {
			return err
		}
		if second != w.second {
			return fmt.Errorf("an interval of second %d, of which %s knows nothing", second, results.TimelineFile)
		}
		return w.interval(second, phase, clock, code, h)
	})
	if err == nil {
		err = upTo(last)
	}
	if err == nil {
		w.close()
	}
	return err
}

// overWindows judges rules over windows on what a run recorded.
func overWindows(rec *results.Record, rules []Rule) map[Rule]results.SLO {
	found := make(map[Rule]results.SLO, len(rules))
	if len(rules) == 0 {
		return found
	}
	w := newWatch(rec.Run.Phases, rules, spansOf(rec.Run.Phases, false))
	err := readable(rec)
	if err == nil {
		err = w.replay(rec, 1<<62)
	}
	if err == nil {
		err = w.whole()
	}
	for i, r := range rules {
		if err != nil {
			found[r] = r.unknown(fmt.Sprintf("the seconds of the run could not be read: %v", err))
		} else {
			found[r] = w.SLO(i)
		}
	}
	return found
}

// whole says whether the seconds taken in reach to the end of the phases that the rules are about.
func (w *Watch) whole() error {
	end := time.Duration(0)
	for _, k := range w.tracks {
		for _, s := range k.spans {
			end = max(end, s.end)
		}
	}
	if w.Elapsed() < end.Truncate(time.Second) {
		return &results.RecordError{File: results.TimelineFile, Err: fmt.Errorf("it ends after %d seconds, and the phases after %s", w.second, end)}
	}
	return nil
}

// missedAt returns the rules that ended a run at that time.
func missedAt(rec *results.Record, rules []Rule, at time.Duration) (map[Rule]results.SLO, error) {
	w := NewWatch(rec.Run.Phases, rules)
	if err := readable(rec); err != nil {
		return nil, err
	}
	if err := w.replay(rec, at); err != nil {
		return nil, err
	}
	found := map[Rule]results.SLO{}
	for i, k := range w.tracks {
		if slo, missed := w.missed(k); missed {
			found[rules[i]] = slo
		}
	}
	return found, nil
}

// readable says whether a record has a directory to read seconds from: one that a run which goes on has counted has none.
func readable(rec *results.Record) error {
	if rec.Dir == "" {
		return fmt.Errorf("they are in no directory")
	}
	return nil
}
