package export

import (
	"net/url"
	"strings"
	"sync"
	"time"

	"axbench/results"
)

// RunConfig says what a Run is to know of a run beside its seconds.
type RunConfig struct {
	Run *results.Run // as it is written at the start: scenario, seed, target, phases and their documented codes
	ID  string       // the name of the run directory

	// Violations, if set, is asked at each scrape and each push for what was found so far. It must be safe to be called at any
	// time from any goroutine.
	Violations func() []results.Violation
}

// Run counts a run while it goes on. It is one of the sinks of the run's recorder, which calls AppendSecond once a second, and the
// source of a Handler and of a Pusher, which call Samples. It is safe for concurrent use.
type Run struct {
	info       []Label
	violations func() []results.Violation

	mu      sync.Mutex
	start   time.Time // as announced, from the first second on as it was
	begun   bool
	elapsed time.Duration
	phases  []*phase // in the order of the scenario, then followups
	now     results.Second
	verdict []Label // nil until the run has been judged
}

// phase is what was counted in one phase, or of the follow-up calls.
type phase struct {
	name    string
	ledger  results.Ledger
	sent    int64
	good    int64
	codes   map[string]*ended
	spreads map[spreadOf]*spread
}

// ended counts the calls that ended with one code.
type ended struct {
	class results.Class
	count int64
}

// spreadOf names a distribution of a phase: a metric, and the value of its second label where it has one.
type spreadOf struct{ metric, label string }

// NewRun returns a Run that has counted nothing yet. It keeps nothing of c.Run.
func NewRun(c RunConfig) *Run {
	r := c.Run
	run := &Run{start: r.Started, violations: c.Violations, info: []Label{
		{"run", clean(c.ID)}, {"scenario", clean(r.Scenario)}, {"version", clean(r.Version)}, {"target", clean(targetHost(r.Target.URL))},
		{"seed", formatInt(r.Seed)}, {"model", clean(r.Model)},
	}}
	for i := range r.Phases {
		p := run.phase(r.Phases[i].Name)
		for _, code := range r.Phases[i].Codes {
			p.code(code.Code, code.Class)
		}
	}
	run.phase(results.FollowUpPhase)
	return run
}

// targetHost is the host of a URL, with its port, or a text that is none.
func targetHost(target string) string {
	if u, err := url.Parse(target); err == nil && u.Host != "" {
		return u.Host
	}
	return target
}

// clean makes a text fit to be the value of a label, which must be UTF-8.
func clean(s string) string { return strings.ToValidUTF8(s, "�") }

// phase returns the account of a phase. Those that the scenario did not announce stand before the follow-ups.
func (r *Run) phase(name string) *phase {
	name = clean(name)
	for _, p := range r.phases {
		if p.name == name {
			return p
		}
	}
	p := &phase{name: name, codes: map[string]*ended{}, spreads: map[spreadOf]*spread{}}
	r.phases = append(r.phases, p)
	if n := len(r.phases); n > 1 && r.phases[n-2].name == results.FollowUpPhase {
		r.phases[n-2], r.phases[n-1] = r.phases[n-1], r.phases[n-2]
	}
	return p
}

// code returns the account of a code. Without a class it is what the name says, or what other phases call it is kept.
func (p *phase) code(name string, class results.Class) *ended {
	name = clean(name)
	c := p.codes[name]
	if c == nil {
		c = &ended{class: class}
		p.codes[name] = c
	}
	if c.class == "" {
		c.class = class
	}
	return c
}

// AppendSecond takes in one second of the run. It keeps nothing that it is passed, and returns nil.
func (r *Run) AppendSecond(start, end time.Time, lines []results.Second, intervals []results.Interval) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.begun && len(lines) > 0 {
		r.begun, r.start = true, start.Add(-time.Duration(lines[0].T)*time.Second)
	}
	r.elapsed = max(r.elapsed, end.Sub(r.start))
	for i := range lines {
		r.line(&lines[i])
	}
	if len(lines) > 0 {
		last := lines[len(lines)-1] // gauges of the whole run stand there
		for i := range lines {
			last.LateP99NS = max(last.LateP99NS, lines[i].LateP99NS)
			last.StallMaxNS = max(last.StallMaxNS, lines[i].StallMaxNS)
		}
		r.now = last
		r.now.Phase = clean(last.Phase)
		r.now.Classes, r.now.Codes, r.now.CodeClass = nil, nil, nil
	}
	for i := range intervals {
		if iv := &intervals[i]; iv.H != nil && iv.H.Count() > 0 {
			r.interval(iv)
		}
	}
	return nil
}

// line adds what happened in one phase in one second.
func (r *Run) line(s *results.Second) {
	p := r.phase(s.Phase)
	p.add(&results.Ledger{Planned: s.Planned, Done: s.Done, Failed: s.Failed, Unfinished: s.Unfinished, Dropped: s.Dropped, NotOffered: s.NotOffered})
	p.sent += s.Sent
	p.good += s.Good
	for name, n := range s.Codes {
		p.code(name, s.CodeClass[name]).count += n
	}
	r.phase(results.FollowUpPhase).add(&s.FollowUps)
}

func (p *phase) add(l *results.Ledger) {
	p.ledger.Planned += l.Planned
	p.ledger.Done += l.Done
	p.ledger.Failed += l.Failed
	p.ledger.Unfinished += l.Unfinished
	p.ledger.Dropped += l.Dropped
	p.ledger.NotOffered += l.NotOffered
}

// interval adds a histogram of one second, and what only the histograms say of follow-up calls: which codes they ended with, how
// many of them were good, and how many of those that came to an end were sent.
func (r *Run) interval(iv *results.Interval) {
	p, follow := r.phase(iv.Phase), iv.Phase == results.FollowUpPhase
	switch {
	case iv.Clock == results.ClockBound:
		p.spread(metricBound, clean(iv.Code)).add(iv.H)
		p.spread(metricOffered, "").add(iv.H)
	case iv.Clock == results.ClockResponse.String() && iv.Code == results.CodeGood:
		p.spread(secondsOf(iv.Clock), "").add(iv.H)
		p.spread(metricOffered, "").add(iv.H)
		if follow {
			p.good += iv.H.Count()
		}
	case iv.Clock == results.ClockResponse.String():
		p.spread(metricByCode, clean(iv.Code)).add(iv.H)
		if follow {
			p.code(iv.Code, r.classOf(iv.Code)).count += iv.H.Count()
		}
	case iv.Code == results.CodeAll:
		p.spread(secondsOf(iv.Clock), "").add(iv.H)
		if follow && iv.Clock == results.ClockLag.String() {
			p.sent += iv.H.Count()
		}
	}
}

func (p *phase) spread(metric, label string) *spread {
	of := spreadOf{metric, label}
	s := p.spreads[of]
	if s == nil {
		s = &spread{}
		p.spreads[of] = s
	}
	return s
}

// classOf finds the class of a follow-up's code in what the phases have, else by its name.
func (r *Run) classOf(code string) results.Class {
	code = clean(code)
	for _, p := range r.phases {
		if c := p.codes[code]; c != nil && c.class != "" {
			return c.class
		}
	}
	if transport(code) {
		return results.ClassTransport
	}
	if code == results.CodeMalformed {
		return results.ClassMalformed
	}
	return results.ClassUndocumented
}

// transport tells whether a code stands for a call without an answer.
func transport(code string) bool {
	switch code {
	case results.CodeRefused, results.CodeReset, results.CodeTimeout, results.CodeTLS, results.CodeFraming:
		return true
	}
	return false
}

// Finish tells of the verdict, after the last second.
func (r *Run) Finish(verdict results.Verdict, exitCode int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verdict = []Label{{"verdict", clean(string(verdict))}, {"exit_code", formatInt(int64(exitCode))}}
}
