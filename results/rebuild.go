package results

import (
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"time"
)

// rebuild counts a run that never wrote its end from timeline.ndjson and returns the last second it holds. What run.json
// said at the start gives the phases, what was planned and the documented codes.
func (r *Record) rebuild() (last int64, err error) {
	run := &r.Run
	b := builder{run: run, due: map[string]*span{}, last: -1}
	b.begin()
	torn, err := eachLine(filepath.Join(r.Dir, TimelineFile), b.add)
	if err != nil {
		return 0, err
	}
	b.close()
	r.noteTorn(TimelineFile, torn)
	switch {
	case b.last < 0:
		run.Notes = append(run.Notes, "the run wrote no end and not one second")
	default:
		run.Notes = append(run.Notes, fmt.Sprintf("the run wrote no end: counted from the %d seconds it recorded; "+
			"calls that were open then count as unfinished", b.last+1))
	}
	return b.last, nil
}

// reset clears what a phase counts and keeps what it is.
func (p *Phase) reset() {
	*p = Phase{Name: p.Name, Recorded: p.Recorded, Model: p.Model, Shape: p.Shape, DurationNS: p.DurationNS,
		Ledger: Ledger{Planned: p.Planned}, Codes: p.Codes}
	for i := range p.Codes {
		c := &p.Codes[i]
		*c = Code{Code: c.Code, Class: c.Class, Documented: c.Documented, TextZH: c.TextZH, TextEN: c.TextEN}
	}
	p.complete()
}

type builder struct {
	run  *Run
	due  map[string]*span // by phase
	last int64            // second
}

// span says when arrivals of a phase fell due, as far as the seconds recorded tell.
type span struct {
	due         int64
	first, last int64 // second
}

// begin clears what the run counts.
func (b *builder) begin() {
	run := b.run
	run.Verdict, run.ExitCode = VerdictPartial, nil
	run.FollowUps = Phase{Name: FollowUpPhase, Model: run.Model}
	for i := range run.Phases {
		run.Phases[i].reset()
	}
	run.Totals = Phase{}
}

func (b *builder) add(s *Second) error {
	if s.T < 0 || s.T < b.last {
		return fmt.Errorf("second %d after second %d", s.T, b.last)
	}
	b.last = s.T
	p := b.phase(s.Phase)
	if s.Planned > 0 {
		at := b.due[s.Phase]
		if at == nil {
			at = &span{first: s.T}
			b.due[s.Phase] = at
		}
		at.due += s.Planned
		at.last = s.T
	}
	p.Sent += s.Sent
	p.Done += s.Done
	p.Good += s.Good
	p.Failed += s.Failed
	p.Unfinished += s.Unfinished
	p.Dropped += s.Dropped
	p.NotOffered += s.NotOffered
	p.DoneInside += s.DoneInside
	p.GoodInside += s.GoodInside
	b.run.FollowUps.Ledger.Add(&s.FollowUps)
	b.health(s, p.Recorded)
	names := make([]string, 0, len(s.Codes))
	for name := range s.Codes {
		names = append(names, name)
	}
	sort.Strings(names)
	at := b.run.Started.Add(time.Duration(s.T) * time.Second)
	for _, name := range names {
		c := b.code(p, name, s.CodeClass[name])
		c.Count += s.Codes[name]
		if c.FirstSeen == nil {
			c.FirstSeen = &at
		}
		c.LastSeen = &at
	}
	return nil
}

// phase returns the account of a phase, a new one if run.json did not announce it.
func (b *builder) phase(name string) *Phase {
	i := slices.IndexFunc(b.run.Phases, func(p Phase) bool { return p.Name == name })
	if i < 0 {
		b.run.Phases = append(b.run.Phases, Phase{Name: name, Recorded: true, Model: b.run.Model})
		i = len(b.run.Phases) - 1
		b.run.Phases[i].complete()
	}
	return &b.run.Phases[i]
}

// code returns the account of a code. Its class is that of run.json, else the one given, else what its name says.
func (b *builder) code(p *Phase, name string, class Class) *Code {
	if i := slices.IndexFunc(p.Codes, func(c Code) bool { return c.Code == name }); i >= 0 {
		return &p.Codes[i]
	}
	if class == "" {
		class = classOfName(name)
	}
	p.Codes = append(p.Codes, bareCode(name, class))
	return &p.Codes[len(p.Codes)-1]
}

// bareCode returns the account of a code that run.json does not describe.
func bareCode(name string, class Class) Code {
	return Code{Code: name, Class: class, Documented: class == ClassOK || class == ClassBusiness, HTTPStatus: []int{}}
}

func classOfName(name string) Class {
	switch name {
	case CodeRefused, CodeReset, CodeTimeout, CodeTLS, CodeFraming:
		return ClassTransport
	case CodeMalformed:
		return ClassMalformed
	}
	return ClassUndocumented
}

func (b *builder) health(s *Second, recorded bool) {
	g := &b.run.Generator
	if recorded {
		g.StallMaxNS = max(g.StallMaxNS, s.StallMaxNS)
	}
	g.LateMaxNS = max(g.LateMaxNS, s.LateMaxNS)
	g.GCPauseMaxNS = max(g.GCPauseMaxNS, s.GCPauseNS)
	g.RSSMaxBytes = max(g.RSSMaxBytes, s.RSSBytes)
	g.MaxInFlight = max(g.MaxInFlight, s.InFlight)
}

// close brings every ledger to its sum: what fell due and has no end was open when the run was killed, and what had
// still to fall due was never offered.
func (b *builder) close() {
	for i := range b.run.Phases {
		p := &b.run.Phases[i]
		due := p.Ended()
		if at := b.due[p.Name]; at != nil {
			due = max(due, at.due)
		}
		p.Unfinished += due - p.Ended()
		p.Planned = max(p.Planned, due)
		p.NotOffered += p.Planned - due
	}
	b.measure()
	f := &b.run.FollowUps
	f.Unfinished += f.Planned - f.Ended()
}

// measure says how long each phase was so far, and how many follow-ups there were at least.
func (b *builder) measure() {
	recorded, begin := (b.last+1)*int64(time.Second), int64(0)
	for i := range b.run.Phases {
		p := &b.run.Phases[i]
		p.ElapsedNS = 0
		if at := b.due[p.Name]; at != nil {
			p.ElapsedNS = (at.last - at.first + 1) * int64(time.Second)
		}
		if p.DurationNS > 0 {
			// Phases follow each other without a pause: what was recorded ended this long after the phase began.
			p.ElapsedNS = min(max(recorded-begin, 0), p.DurationNS)
		}
		begin += p.ElapsedNS
	}
	f := &b.run.FollowUps
	f.Planned = max(f.Planned, f.Ended())
	f.ElapsedNS = recorded
}

// followUpCodes counts from the histograms of follow-up calls what the timeline, which keeps only their ledger, does not
// say: codes, good ones, and those that were sent and came to an end.
func (r *Record) followUpCodes() {
	f := &r.Run.FollowUps
	for _, tag := range r.Tags() {
		phase, clock, code, err := ParseTag(tag)
		if err != nil || phase != FollowUpPhase || clock != ClockResponse.String() || code == CodeGood {
			continue
		}
		c := bareCode(code, r.classOf(code))
		c.Count = r.tags[tag].Count()
		f.Codes = append(f.Codes, c)
	}
	if good := r.tags[TagOf(FollowUpPhase, ClockResponse.String(), CodeGood)]; good != nil {
		f.Good = good.Count()
	}
	if sent := r.tags[TagOf(FollowUpPhase, ClockLag.String(), CodeAll)]; sent != nil {
		f.Sent = sent.Count()
	}
	f.DoneInside, f.GoodInside = f.Done, f.Good
}

// classOf finds the class of a code in what the phases list, else by its name.
func (r *Record) classOf(code string) Class {
	for i := range r.Run.Phases {
		for j := range r.Run.Phases[i].Codes {
			if c := &r.Run.Phases[i].Codes[j]; c.Code == code {
				return c.Class
			}
		}
	}
	return classOfName(code)
}

// Add adds the counts of another ledger.
func (l *Ledger) Add(from *Ledger) {
	l.Planned += from.Planned
	l.Done += from.Done
	l.Failed += from.Failed
	l.Unfinished += from.Unfinished
	l.Dropped += from.Dropped
	l.NotOffered += from.NotOffered
}

// Ended returns the sum of everything that became of the planned calls: Planned, where the ledger is right.
func (l Ledger) Ended() int64 { return l.Done + l.Failed + l.Unfinished + l.Dropped + l.NotOffered }
