package record

import (
	"slices"
	"strings"
	"time"

	"axbench/results"
)

// account is what is known of one phase so far, and what ended in it during the current second.
type account struct {
	name       string
	start, end time.Duration
	ledger     results.Ledger
	good       int64
	sent       int64
	doneInside int64 // ended before the phase did
	goodInside int64
	codes      map[string]*codeAccount

	stallMax time.Duration

	second results.Second // of the current second
	before results.Ledger // at the last flush
	clocks [results.NumClocks]*results.Histogram
	bounds [3]*results.Histogram // by boundNames
	open   *results.Histogram    // time since sent of unfinished calls
}

// The places in account.bounds.
const (
	boundTimeout = iota
	boundUnfinished
	boundDropped
)

var boundNames = [3]string{results.CodeTimeout, results.CodeUnfinished, results.CodeDropped}

// codeAccount is what is known of one code of a phase.
type codeAccount struct {
	results.Code
	first, last time.Duration
	second      int64
	response    *results.Histogram
	service     *results.Histogram
}

func newAccount(name string, start, end time.Duration) *account {
	return &account{name: name, start: start, end: end, codes: map[string]*codeAccount{}}
}

// histogram returns *h, made on first use: most phases never see most of them.
func histogram(h **results.Histogram) *results.Histogram {
	if *h == nil {
		*h = results.NewHistogram()
	}
	return *h
}

func (a *account) add(s *Sample) {
	switch s.Kind {
	case Done:
		a.ledger.Done++
		a.second.Done++
	case Failed:
		a.ledger.Failed++
		a.second.Failed++
	case Unfinished:
		a.ledger.Unfinished++
		a.second.Unfinished++
		histogram(&a.bounds[boundUnfinished]).Record(s.Clocks[results.ClockResponse])
		if s.WasSent {
			histogram(&a.open).Record(s.Clocks[results.ClockService])
		}
	case Dropped:
		a.ledger.Dropped++
		a.second.Dropped++
		histogram(&a.bounds[boundDropped]).Record(s.Clocks[results.ClockResponse])
		return
	case NotOffered:
		a.ledger.NotOffered += s.N
		a.second.NotOffered += s.N
		return
	}
	a.time(s)
	if s.Kind == Unfinished {
		return
	}
	a.addCode(s)
	if s.Code == results.CodeTimeout && s.Kind == Failed {
		histogram(&a.bounds[boundTimeout]).Record(s.Clocks[results.ClockResponse])
	}
	inside := s.End <= a.end
	if s.Kind == Done && inside {
		a.doneInside++
		a.second.DoneInside++
	}
	if s.Good {
		a.good++
		a.second.Good++
		if inside {
			a.goodInside++
			a.second.GoodInside++
		}
	}
}

// time records the clocks that this call has.
func (a *account) time(s *Sample) {
	if !s.WasSent {
		return
	}
	for _, c := range [...]results.Clock{results.ClockLag, results.ClockQueued, results.ClockConnect, results.ClockLate, results.ClockSign} {
		histogram(&a.clocks[c]).Record(s.Clocks[c])
	}
	if s.Secured {
		histogram(&a.clocks[results.ClockTLS]).Record(s.Clocks[results.ClockTLS])
	}
	if s.Kind != Done {
		return
	}
	for _, c := range [...]results.Clock{results.ClockService, results.ClockWrite, results.ClockWait, results.ClockRead} {
		histogram(&a.clocks[c]).Record(s.Clocks[c])
	}
	if s.Good {
		histogram(&a.clocks[results.ClockResponse]).Record(s.Clocks[results.ClockResponse])
	}
}

func (a *account) addCode(s *Sample) {
	c := a.codes[s.Code]
	if c == nil {
		c = &codeAccount{first: s.End, response: results.NewHistogram(), service: results.NewHistogram()}
		c.Code.Code, c.Class = s.Code, s.Class
		a.codes[s.Code] = c
	}
	c.Count++
	c.second++
	if s.Expected {
		c.Expected++
	}
	c.last = max(c.last, s.End)
	c.first = min(c.first, s.End)
	if s.Status != 0 && !slices.Contains(c.HTTPStatus, s.Status) && len(c.HTTPStatus) < 16 {
		c.HTTPStatus = append(c.HTTPStatus, s.Status)
		slices.Sort(c.HTTPStatus)
	}
	c.response.Record(s.Clocks[results.ClockResponse])
	if s.WasSent {
		c.service.Record(s.Clocks[results.ClockService])
	}
}

// stalled takes in the stalls of the second that is being closed, which lasted as given. Those count that may have touched a call of the phase: in its time,
// or behind it while its last calls came to their ends.
func (a *account) stalled(stalls []Stall, from, to time.Duration) {
	ended := a.second.Done+a.second.Failed+a.second.Unfinished > 0
	for _, s := range stalls {
		if min(s.To, to) > a.start && (max(s.From, from) < a.end || ended) {
			length := s.To - s.From
			a.stallMax = max(a.stallMax, length)
			a.second.StallMaxNS = max(a.second.StallMaxNS, int64(length))
			a.second.AwayNS += int64(max(0, min(s.To-results.AwayLeast, to)-max(s.From, from)))
		}
	}
}

// flush returns the line and the histograms of the second that ended, and starts the next. ok is false when nothing happened.
func (a *account) flush(t int64) (line results.Second, intervals []results.Interval, ok bool) {
	line = a.second
	line.T, line.Phase = t, a.name
	line.Classes, line.Codes, line.CodeClass = map[results.Class]int64{}, map[string]int64{}, map[string]results.Class{}
	for name, c := range a.codes {
		if c.second == 0 {
			continue
		}
		line.Codes[name] = c.second
		line.Classes[c.Class] += c.second
		line.CodeClass[name] = c.Class
		c.second = 0
		intervals = append(intervals,
			results.Interval{Phase: a.name, Clock: results.ClockResponse.String(), Code: name, H: c.response},
			results.Interval{Phase: a.name, Clock: results.ClockService.String(), Code: name, H: c.service})
	}
	for i, h := range a.clocks {
		if h != nil && h.Count() > 0 {
			intervals = append(intervals, results.Interval{Phase: a.name, Clock: results.Clock(i).String(), Code: clockCode(results.Clock(i)), H: h})
		}
	}
	for i, h := range a.bounds {
		if h != nil && h.Count() > 0 {
			intervals = append(intervals, results.Interval{Phase: a.name, Clock: results.ClockBound, Code: boundNames[i], H: h})
		}
	}
	if a.open != nil && a.open.Count() > 0 {
		intervals = append(intervals, results.Interval{Phase: a.name, Clock: results.ClockService.String(), Code: results.CodeUnfinished, H: a.open})
	}
	if h := a.clocks[results.ClockLate]; h != nil && h.Count() > 0 {
		line.LateP99NS, line.LateMaxNS = h.Quantile(0.99), h.Max()
	}
	if h := a.clocks[results.ClockResponse]; h != nil && h.Count() > 0 {
		line.RespP50NS, line.RespP90NS, line.RespP99NS, line.RespMaxNS = h.Quantile(0.5), h.Quantile(0.9), h.Quantile(0.99), h.Max()
	}
	ok = line.Planned+line.Sent+line.Done+line.Failed+line.Dropped+line.Unfinished+line.NotOffered > 0 || line.StallMaxNS > 0
	a.second, a.before = results.Second{}, a.ledger
	return line, intervals, ok
}

// since returns what was added to the ledger since the last flush.
func (a *account) since() results.Ledger {
	return results.Ledger{
		Planned: a.ledger.Planned - a.before.Planned, Done: a.ledger.Done - a.before.Done, Failed: a.ledger.Failed - a.before.Failed,
		Unfinished: a.ledger.Unfinished - a.before.Unfinished, Dropped: a.ledger.Dropped - a.before.Dropped, NotOffered: a.ledger.NotOffered - a.before.NotOffered,
	}
}

// phase returns the account as run.json has it, without the figures that come from the histograms.
func (a *account) phase(started time.Time, elapsed time.Duration) results.Phase {
	p := results.Phase{Name: a.name, Ledger: a.ledger, Sent: a.sent, Good: a.good, ElapsedNS: int64(elapsed), DoneInside: a.doneInside, GoodInside: a.goodInside}
	for _, c := range a.codes {
		first, last := started.Add(c.first).UTC(), started.Add(c.last).UTC()
		code := c.Code
		code.FirstSeen, code.LastSeen = &first, &last
		p.Codes = append(p.Codes, code)
	}
	slices.SortFunc(p.Codes, func(x, y results.Code) int { return strings.Compare(x.Code, y.Code) })
	return p
}

// clockCode is the third part of a phase-wide clock's tag: response is that of good answers only.
func clockCode(c results.Clock) string {
	if c == results.ClockResponse {
		return results.CodeGood
	}
	return results.CodeAll
}
