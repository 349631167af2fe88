package cmd

import (
	"encoding/json"
	"fmt"
	"time"

	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/results/judge"
	"axbench/runner"
	"axbench/runner/fleet"
)

// gather makes one run directory of what the generators of a run report, and keeps one of each beside it. It is for one goroutine, the
// controller's.
type gather struct {
	s        *session
	spec     *fleet.Spec
	slots    []gathered
	facts    *traffic.Gathering
	onSecond func(runner.Progress)

	cleaned traffic.CleanupResult // what was unbound for generators that are gone

	started time.Time // when the plan begins, on this clock; zero before it is known
	second  int64     // the next one to be merged
}

// gathered is what has come of one generator.
type gathered struct {
	ready    *fleet.Ready
	writer   *results.Writer
	seconds  map[int64]results.SecondPart // not merged yet
	evidence []int                        // which line of the run's evidence each of its own has become
	account  traffic.Account
	silent   bool // nothing more is waited for
	bad      string
}

func newGather(s *session, spec *fleet.Spec, onSecond func(runner.Progress)) *gather {
	g := &gather{s: s, spec: spec, slots: make([]gathered, len(spec.Weights)), onSecond: onSecond}
	for i := range g.slots {
		g.slots[i].seconds = map[int64]results.SecondPart{}
	}
	g.facts = traffic.NewGathering(len(spec.Weights), s.memoryIDs, spec.MaxSkew)
	return g
}

// status takes in how the run stands: which generators are still to report, and when it began.
func (g *gather) status(st fleet.Status) {
	g.started = st.Start
	for i := range st.Slots {
		x, from := &g.slots[i], &st.Slots[i]
		x.ready = from.Ready
		over := from.Final != nil || from.Lost != ""
		if !over || x.silent {
			continue
		}
		x.silent = true
		if from.Final != nil {
			g.facts.Close(i)
		} else {
			g.facts.Lost(i)
		}
	}
}

// window takes one report.
func (g *gather) window(slot int, w *fleet.Window) error {
	x := &g.slots[slot]
	for i := range w.Seconds {
		if err := g.fragment(slot, x, &w.Seconds[i]); err != nil {
			return err
		}
	}
	if len(w.Extra) > 0 {
		if err := g.extra(slot, x, w.Extra[0], w.Extra[1:]); err != nil {
			x.bad = err.Error() // what a generator says wrongly spoils its own part, not the run of all
		}
	}
	return g.merge(false)
}

// fragment takes what a generator has recorded in one second.
func (g *gather) fragment(slot int, x *gathered, f *results.Fragment) error {
	lines, intervals, evidence, err := f.Read()
	if err != nil {
		x.bad = err.Error()
		return nil
	}
	if x.writer == nil {
		if x.writer, err = results.Create(results.GeneratorDir(g.s.dir, slot), g.describe(slot)); err != nil {
			return fmt.Errorf("the directory of generator %d: %w", slot, err)
		}
	}
	if err := x.writer.AppendFragment(f); err != nil {
		x.bad = err.Error()
		return nil
	}
	for i := range evidence {
		line, err := g.s.writer.AppendEvidence(&evidence[i])
		if err != nil {
			return err
		}
		x.evidence = append(x.evidence, line)
	}
	if len(lines) == 0 {
		return nil
	}
	// What comes late stands at the second that is merged next: a line of the run is never amended.
	t := max(f.T, g.second)
	for i := range lines {
		lines[i].T = t
	}
	part := x.seconds[t]
	part.Lines, part.Intervals = append(part.Lines, lines...), append(part.Intervals, intervals...)
	x.seconds[t] = part
	return nil
}

// describe is what run.json of one generator says before it has ended.
func (g *gather) describe(slot int) *results.Run {
	run := *g.s.run
	run.Phases = nil
	for i, ph := range g.s.run.Phases {
		ph.Planned = partPlanned(g.s.plan, g.spec.Weights, slot, i)
		ph.Codes = append([]results.Code{}, ph.Codes...)
		run.Phases = append(run.Phases, ph)
	}
	run.Notes = []string{fmt.Sprintf("this is the part of generator %d of the run %s", slot, g.spec.ID)}
	run.Command, run.Fleet = nil, nil
	if r := g.slots[slot].ready; r != nil {
		run.Host = r.Machine
	}
	if !g.started.IsZero() {
		run.Started = g.started.UTC()
	}
	return &run
}

// extra takes a piece of the API's own accounts.
func (g *gather) extra(slot int, x *gathered, kind byte, data []byte) error {
	offset := time.Duration(0)
	if x.ready != nil {
		offset = x.ready.Offset
	}
	switch kind {
	case pieceFacts:
		return g.facts.Add(slot, data, offset)
	case pieceJournal:
		return g.s.journal.Append(data)
	case pieceAccount:
		var a traffic.Account
		if err := json.Unmarshal(data, &a); err != nil {
			return fmt.Errorf("the account of generator %d: %w", slot, err)
		}
		x.account = a
		return nil
	}
	return fmt.Errorf("generator %d has sent a piece of kind %q", slot, kind)
}

// merge makes seconds of the run of those that every generator has reported, or of all that there are.
func (g *gather) merge(all bool) error {
	for g.complete(all) {
		var parts []results.SecondPart
		for i := range g.slots {
			if part, ok := g.slots[i].seconds[g.second]; ok {
				parts = append(parts, part)
				delete(g.slots[i].seconds, g.second)
			}
		}
		lines, intervals, err := results.MergeSecond(g.second, parts)
		if err != nil {
			return err
		}
		from := g.started.Add(time.Duration(g.second) * time.Second)
		sink := &sinks{g.s.writer, g.s.looking}
		if err := sink.AppendSecond(from, from.Add(time.Second), lines, intervals); err != nil {
			return err
		}
		g.second++
		if g.onSecond != nil && len(lines) > 0 {
			last := lines[len(lines)-1]
			end := time.Duration(g.second) * time.Second
			g.onSecond(runner.Progress{Elapsed: end, Seconds: lines, InFlight: last.InFlight, Queued: last.Queued, Draining: end > g.s.plan.Duration()})
		}
	}
	return nil
}

// complete says whether the next second can be merged.
func (g *gather) complete(all bool) bool {
	some, every := false, true
	for i := range g.slots {
		x := &g.slots[i]
		_, here := x.seconds[g.second]
		some = some || here
		later := false
		for t := range x.seconds {
			later = later || t > g.second
		}
		every = every && (here || later || x.silent)
		some = some || all && later
	}
	return some && (every || all)
}

// summary is the account of the whole run, as an engine of its own would give it.
func (g *gather) summary(o *fleet.Outcome) (*runner.Summary, error) {
	if err := g.merge(true); err != nil {
		return nil, err
	}
	g.facts.Finish()
	sum := &runner.Summary{Started: o.Start, Ended: o.Ended, Stopped: o.Aborted != "", FollowUps: results.Phase{Name: results.FollowUpPhase}}
	unknown := make([]int64, len(g.s.run.Phases))
	reached := 0
	for i := range o.Slots {
		slot := &o.Slots[i]
		if slot.Accounts != nil {
			results.MergePhases(&sum.Phases, slot.Accounts.Phases)
			sum.FollowUps.Merge(&slot.Accounts.FollowUps)
		}
		g.place(unknown, o, i)
		if slot.Final != nil && slot.Final.Unreachable != "" {
			sum.Unreachable = slot.Final.Unreachable
		} else if slot.Accounts != nil {
			reached++
		}
	}
	if reached > 0 {
		sum.Unreachable = ""
	}
	for i := range g.s.run.Phases {
		p := g.phase(sum, g.s.run.Phases[i].Name)
		if g.s.plan.Closed() {
			p.Unfinished += p.Planned - p.Ended()
			continue
		}
		p.Settle(g.s.plan.Count(i), unknown[i])
	}
	f := &sum.FollowUps
	f.Unfinished += max(0, f.Planned-f.Ended())
	return sum, g.close(o)
}

// phase returns the account of a phase, an empty one if no generator came so far.
func (g *gather) phase(sum *runner.Summary, name string) *results.Phase {
	for i := range sum.Phases {
		if sum.Phases[i].Name == name {
			return &sum.Phases[i]
		}
	}
	sum.Phases = append(sum.Phases, results.Phase{Name: name})
	return &sum.Phases[len(sum.Phases)-1]
}

// unknown counts calls that a lost generator decided and of which nobody knows how they ended.
func (g *gather) unknown(o *fleet.Outcome, slot int) int64 {
	s := &o.Slots[slot]
	if s.Lost == "" || s.Final != nil || g.s.plan.Closed() {
		return 0
	}
	known, late := int64(0), int64(0)
	if s.Accounts != nil {
		for i := range s.Accounts.Phases {
			p := &s.Accounts.Phases[i]
			known += p.Done + p.Failed + p.Unfinished + p.Dropped
			late += p.NotOffered
		}
		late -= s.Accounts.Withheld // which may be of a moment later
	}
	return max(0, o.Decided[slot]-known-max(0, late))
}

// place adds the calls of a generator of which nobody knows how they ended to the phases that they were of: they are the last ones that it decided.
func (g *gather) place(unknown []int64, o *fleet.Outcome, slot int) {
	n := g.unknown(o, slot)
	if n == 0 {
		return
	}
	end := o.Next[slot]
	last := g.phaseAt(end)
	start := int64(0)
	for i := range last {
		start += g.s.plan.Count(i)
	}
	for i := last; i > 0; i-- {
		here := min(n, o.Division.Mine(slot, start, end))
		unknown[i] += here
		n -= here
		end = start
		start -= g.s.plan.Count(i - 1)
	}
	unknown[0] += n
}

// phaseAt returns the phase of the arrival before index k.
func (g *gather) phaseAt(k int64) int {
	last := len(g.s.run.Phases) - 1
	for i := range last {
		if k -= g.s.plan.Count(i); k <= 0 {
			return i
		}
	}
	return last
}

// close ends the run directories of the generators.
func (g *gather) close(o *fleet.Outcome) error {
	for i := range g.slots {
		x, s := &g.slots[i], &o.Slots[i]
		if x.writer == nil {
			continue
		}
		if s.Final != nil {
			run := g.describe(i)
			g.end(run, x, s)
			rec := x.writer.Record(run)
			rec.Summarise()
			judge.Judge(rec, judge.Input{Rules: g.s.rules, LateP99: g.s.file.Late.P99, LateMax: g.s.file.Late.Max, EndedEarly: o.Aborted})
			if err := x.writer.Finish(&rec.Run); err != nil {
				return err
			}
		}
		if err := x.writer.Close(); err != nil {
			return err
		}
	}
	return nil
}

// end completes the run of a generator with what it has said at its end.
func (g *gather) end(run *results.Run, x *gathered, s *fleet.SlotStatus) {
	ended := s.Final.Ended.UTC()
	run.Ended, run.Generator = &ended, s.Final.Generator
	for i := range run.Phases {
		for j := range s.Accounts.Phases {
			if s.Accounts.Phases[j].Name == run.Phases[i].Name {
				g.s.fill(&run.Phases[i], &s.Accounts.Phases[j])
			}
		}
	}
	run.FollowUps.Name, run.FollowUps.Model = results.FollowUpPhase, run.Model
	g.s.fill(&run.FollowUps, &s.Accounts.FollowUps)
	a := x.account
	run.Violations, run.Unique, run.Bindings = a.Violations, a.Unique, a.Bindings
	if a.Skew != nil {
		low, high := int64(a.Skew.Low), int64(a.Skew.High)
		run.Generator.SkewLowNS, run.Generator.SkewHighNS, run.Generator.ClockJumped = &low, &high, a.Skew.Jumped
	}
}

// account is the API's own account of the whole run.
func (g *gather) account() traffic.Account {
	var list []traffic.Account
	for i := range g.slots {
		x := &g.slots[i]
		offset := time.Duration(0)
		if x.ready != nil {
			offset = x.ready.Offset
		}
		list = append(list, x.account.From(offset, func(line int) int {
			if line < 1 || line > len(x.evidence) {
				return 0
			}
			return x.evidence[line-1]
		}))
	}
	sum := traffic.MergeAccounts(list, g.facts)
	sum.Cleaned(g.cleaned)
	return sum
}

// ledger is what run.json says of the generators.
func (g *gather) ledger(o *fleet.Outcome) *results.Fleet {
	f := &results.Fleet{
		ID: g.spec.ID, Policy: string(g.spec.Loss), LeaseNS: int64(g.spec.TTL), StartBoundNS: int64(o.StartBound), MaxSkewNS: int64(g.spec.MaxSkew),
		Double: o.Double, Gaps: o.Gaps, Missing: o.Missing, Allowed: float64(g.s.file.Generators.Missing),
	}
	for i := range o.Slots {
		s := &o.Slots[i]
		p := results.Part{Slot: i, Weight: g.spec.Weights[i], State: results.PartEnded, Windows: s.Windows, Late: s.Late, Withheld: s.Withheld}
		if s.Ready != nil {
			p.Host, p.PID, p.Machine, p.OffsetNS, p.RTTNS = s.Ready.Host, s.Ready.PID, s.Ready.Machine, int64(s.Ready.Offset), int64(s.Ready.RTT)
		}
		if len(o.Decided) > 0 {
			p.Decided = o.Decided[i]
		}
		if s.Accounts != nil {
			for j := range s.Accounts.Phases {
				p.Ledger.Add(&s.Accounts.Phases[j].Ledger)
				p.Sent += s.Accounts.Phases[j].Sent
			}
		}
		switch {
		case s.Lost != "":
			p.State, p.Why = results.PartLost, s.Lost
		case s.Left:
			p.State = results.PartLeft
		}
		if s.Final != nil {
			p.Generator = s.Final.Generator
		} else if s.Lost != "" {
			n := g.unknown(o, i)
			p.Unfinished += n
			f.Unknown += n
			p.Unreported = g.unreported(o, i)
			f.Unreported += p.Unreported
		}
		if g.slots[i].bad != "" && p.Why == "" {
			p.Why = "what it reported could not all be read: " + g.slots[i].bad
		}
		f.Decided += p.Decided
		f.Generators = append(f.Generators, p)
	}
	f.Decided -= o.Double
	return f
}

// leftBehind says where bindings are that nobody has heard of, if there may be some.
func leftBehind(f *results.Fleet) string {
	if f.Unreported == 0 {
		return ""
	}
	return "what lost generators had bound and not yet reported is in the journals of their own run directories: axbench cleanup DIR unbinds it there"
}

// unreported is how many arrivals fit between the last report of a generator that came and the end of its permission to send, at the
// highest rate of the plan: one that was killed has sent what fits between two reports, one that was cut off may have gone on until then.
func (g *gather) unreported(o *fleet.Outcome, slot int) int64 {
	if kind := o.Slots[slot].Kind; kind == fleet.KindClaim || kind == fleet.KindReady {
		return 0 // it never had one
	}
	missing := int64(0)
	for _, gap := range o.Gaps {
		if gap.Slot == nil || *gap.Slot == slot {
			missing += gap.Count
		}
	}
	whole := 0
	for _, w := range g.spec.Weights {
		whole += w
	}
	share := g.s.plan.Peak() * float64(g.spec.Weights[slot]) / float64(whole)
	return min(missing, int64(share*(g.spec.Tick+g.spec.TTL).Seconds())+1)
}
