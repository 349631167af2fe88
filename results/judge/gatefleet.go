package judge

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"axbench/results"
)

// toldGenerators bounds of how many generators the same is said.
const toldGenerators = 8

// fleetVerdict is verdict for a run of several generators.
type fleetVerdict struct {
	*verdict
	in      Input
	fleet   *results.Fleet
	lost    []*results.Part
	early   bool          // it ended before its plan was done, and not because a generator was lost
	missing int64         // arrivals that were not offered and should have been
	gaps    []results.Gap // these
	late    bool          // arrivals that were decided were not offered, more than are allowed
}

// fleetGate is gate for a run that several generators made, and fills Generator of the run and of each of them. What is of all of them is
// judged on the ledger:
//
//   - plan: no arrival is missing, and no call is of unknown end, beyond what the scenario allows (Fleet.Allowed, none by default). In a run that was
//     interrupted or stopped, those at its end are missing on purpose;
//   - double: no arrival was decided by two;
//   - lost: no generator was, unless the others took over (redistribute) and what is missing or unknown is within an allowance that is not none;
//   - whole: none stopped by itself, and all that they reported could be read (Part.Why);
//   - start: they began within Fleet.MaxSkewNS of each other, for certain;
//   - accounts: they add up, and no duration lies above the range of the histograms.
//
// How late a generator was, whether it stood still, had cores, places and connections left and a right clock is judged on its own record: the merged one
// has the worst of each. A generator that left no record makes the run invalid, unless it was lost before it reported a call: then the loss is judged.
func fleetGate(rec *results.Record, in Input) (why, notes []string) {
	v := &fleetVerdict{verdict: newVerdict(rec, in), in: in, fleet: rec.Run.Fleet}
	for i := range v.fleet.Generators {
		if p := &v.fleet.Generators[i]; p.State == results.PartLost {
			v.lost = append(v.lost, p)
		}
	}
	v.early = len(v.lost) == 0 && (in.Interrupted != 0 || in.EndedEarly != "")
	v.missing, v.gaps = v.fleet.Missing, v.fleet.Gaps
	if v.early {
		v.leaveEnd()
	}
	v.losses()
	v.broken()
	v.plan()
	v.agreement()
	v.generators()
	v.ledgers()
	return v.why, v.notes
}

// planned is how many arrivals there were to be.
func (v *fleetVerdict) planned() int64 { return v.run.Totals.Planned }

// leaveEnd leaves out the stretches of missing arrivals that go on to the end of the plan. Each generator has arrivals within the last
// ones that are as many as all weights together.
func (v *fleetVerdict) leaveEnd() {
	cycle := max(v.fleet.Weights(), int64(len(v.fleet.Generators)), 1)
	v.gaps = slices.DeleteFunc(slices.Clone(v.gaps), func(g results.Gap) bool {
		ends := v.planned()-g.To < cycle
		if ends {
			v.missing -= g.Count
		}
		return ends
	})
}

// covered tells whether the scenario allows for the generators that were lost.
func (v *fleetVerdict) covered() bool {
	return v.fleet.Policy == results.LossRedistribute && v.fleet.Allowed > 0 && v.fleet.Within(v.missing+v.fleet.Unknown, v.planned())
}

// losses judges whether generators were lost.
func (v *fleetVerdict) losses() {
	say, more := v.fail, "%s generators more were lost"
	if v.covered() {
		say, more = v.note, "%s generators more were lost, which the scenario allows"
	}
	for i, p := range v.lost {
		switch {
		case i == toldGenerators:
			say(more, Thousands(int64(len(v.lost)-i)))
			return
		case v.covered():
			say("generator %s was lost, which the scenario allows: %s", p.ID(), orNoReason(p.Why))
		default:
			say("generator %s was lost: %s", p.ID(), orNoReason(p.Why))
		}
	}
}

// broken judges generators that went on to the end and have something to say for themselves: they stopped by themselves, or not all of what they
// reported could be read. Where the whole run ended early that is known already.
func (v *fleetVerdict) broken() {
	say := v.fail
	if v.early {
		say = v.note
	}
	var told int64
	for i := range v.fleet.Generators {
		p := &v.fleet.Generators[i]
		if p.State != results.PartEnded || p.Why == "" {
			continue
		}
		if told++; told <= toldGenerators {
			say("generator %s: %s", p.ID(), p.Why)
		}
	}
	if told > toldGenerators {
		say("%s generators more did not do all of their part", Thousands(told-toldGenerators))
	}
}

func orNoReason(why string) string {
	if why == "" {
		return "nobody knows why"
	}
	return why
}

// plan judges whether every arrival was offered.
func (v *fleetVerdict) plan() {
	allowed := exactly(v.fleet.Allowed, UnitShare)
	switch {
	case !v.fleet.Within(v.missing, v.planned()):
		v.fail("the plan was not kept: %s of %s arrivals were not offered, at most %s is valid: %s", Thousands(v.missing), Thousands(v.planned()), allowed, v.where())
		v.reasons()
		return
	case v.missing > 0:
		v.note("%s of %s arrivals were not offered, and the scenario allows %s: %s", Thousands(v.missing), Thousands(v.planned()), allowed, v.where())
	}
	if v.early {
		return
	}
	var skipped int64
	for i := range v.run.Phases {
		if p := &v.run.Phases[i]; p.Recorded {
			skipped += p.NotOffered
		}
	}
	if v.late = !v.fleet.Within(skipped, v.planned()); !v.late {
		return
	}
	for i := range v.run.Phases {
		if p := &v.run.Phases[i]; p.Recorded && p.NotOffered > 0 {
			v.fail("the plan was not kept in phase %s: %s of %s calls were not offered, at most %s of all is valid", p.Name, Thousands(p.NotOffered), Thousands(p.Planned), allowed)
		}
	}
}

// where tells which arrivals are missing, of those that should not be.
func (v *fleetVerdict) where() string {
	if len(v.gaps) == 0 {
		return "nobody knows which"
	}
	largest := slices.MaxFunc(v.gaps, func(a, b results.Gap) int { return int(max(-1, min(1, a.Count-b.Count))) })
	text := fmt.Sprintf("arrivals %s to %s: %s", Thousands(largest.From), Thousands(largest.To), Thousands(largest.Count))
	if len(v.gaps) == 1 {
		return text
	}
	return fmt.Sprintf("in %s stretches, the largest is %s", Thousands(int64(len(v.gaps))), text)
}

// reasons tells which generators withheld what was theirs, other than those that were lost.
func (v *fleetVerdict) reasons() {
	var told int64
	for i := range v.fleet.Generators {
		p := &v.fleet.Generators[i]
		if p.State == results.PartLost || p.Withheld == 0 {
			continue
		}
		if told++; told <= toldGenerators {
			v.fail("generator %s withheld %s arrivals: it was not permitted to send", p.ID(), Thousands(p.Withheld))
		}
	}
	if told > toldGenerators {
		v.fail("%s generators more withheld arrivals", Thousands(told-toldGenerators))
	}
}

// agreement judges what the generators did to each other.
func (v *fleetVerdict) agreement() {
	f := v.fleet
	if f.Double > 0 {
		v.fail("%s arrivals were decided by two generators, and none may be", Thousands(f.Double))
	}
	switch {
	case f.Unknown > 0 && !f.Within(v.missing+f.Unknown, v.planned()):
		v.fail("nobody knows how %s calls of lost generators ended", Thousands(f.Unknown))
	case f.Unknown > 0:
		v.note("nobody knows how %s calls of lost generators ended, which the scenario allows", Thousands(f.Unknown))
	}
	if f.StartBoundNS > f.MaxSkewNS {
		v.fail("the generators began within %s of each other for certain, at most %s is valid: keep their clocks in step, or shorten their way to the controller",
			Duration(f.StartBoundNS), Duration(f.MaxSkewNS))
	}
}

// generators judges each generator by its own record, and the health of the run by all of them.
func (v *fleetVerdict) generators() {
	covered, overflow := v.covered(), v.run.Generator.Overflow
	var all []results.Generator
	var bad, noted int64
	for i := range v.fleet.Generators {
		p := &v.fleet.Generators[i]
		why, notes := v.generator(p)
		if len(why) > 0 {
			if bad++; bad <= toldGenerators {
				for _, s := range why {
					v.fail("generator %s: %s", p.ID(), s)
				}
			}
		}
		for _, s := range notes {
			if noted++; noted <= toldGenerators {
				v.note("generator %s: %s", p.ID(), s)
			}
		}
		p.Generator.Why = why
		p.Generator.Valid = len(why) == 0 && (p.State != results.PartLost || covered)
		all = append(all, p.Generator)
	}
	if bad > toldGenerators {
		v.fail("%s generators more are not valid", Thousands(bad-toldGenerators))
	}
	if noted > toldGenerators {
		v.note("%s notes more are about other generators", Thousands(noted-toldGenerators))
	}
	v.run.Generator = results.WorstGenerator(all)
	v.run.Generator.Overflow = overflow
}

// generator judges one generator and completes its health.
func (v *fleetVerdict) generator(p *results.Part) (why, notes []string) {
	rec, err := v.record(p)
	if errors.Is(err, fs.ErrNotExist) && p.State == results.PartLost && p.Sent == 0 { // before its first second ended: that it was lost is all there is to say
		return nil, nil
	}
	if err != nil {
		return []string{fmt.Sprintf("its record cannot be read: %v", err)}, nil
	}
	own := newVerdict(rec, v.in)
	own.health(v.late && p.State != results.PartLost)
	// Of what the ledger says each account is a part: one that was lost has no end.
	if p.State != results.PartLost {
		for i := range own.run.Phases {
			own.balance("phase "+own.run.Phases[i].Name, own.run.Phases[i].Ledger)
		}
	}
	return own.why, own.notes
}

// record returns the own record of a generator, with its machine and its health as they are known here, and completes the health with
// how late it was.
func (v *fleetVerdict) record(p *results.Part) (*results.Record, error) {
	var found *results.Record
	if p.Slot >= 0 && p.Slot < len(v.in.Generators) {
		found = v.in.Generators[p.Slot]
	}
	if found == nil {
		var err error
		if found, err = v.rec.Generator(p.Slot); err != nil {
			return nil, err
		}
	}
	own := *found
	if p.Machine.Cores > 0 {
		own.Run.Host = p.Machine
	}
	g := &p.Generator
	if said := &own.Run.Generator; said.CPUCores > 0 || said.MaxInFlight > 0 || said.Connections > 0 {
		if said.SkewLowNS == nil {
			said.SkewLowNS, said.SkewHighNS, said.ClockJumped = g.SkewLowNS, g.SkewHighNS, g.ClockJumped
		}
		*g = *said
	}
	for i := range own.Run.Phases {
		if ph := &own.Run.Phases[i]; ph.Recorded {
			if h := own.Histogram(ph.Name, results.ClockLate.String(), results.CodeAll); h != nil {
				g.LateP99NS, g.LateMaxNS = max(g.LateP99NS, h.Quantile(0.99)), max(g.LateMaxNS, h.Max())
			}
		}
	}
	own.Run.Generator = *g
	return &own, nil
}
