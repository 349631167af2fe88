package judge

import (
	"fmt"
	"slices"
	"time"

	"axbench/results"
)

// The levels of clauses, as in run.json.
const (
	levelMust   = "MUST"
	levelShould = "SHOULD"
)

// Default gate limits.
const (
	DefaultLateP99 = 10 * time.Millisecond
	DefaultLateMax = 200 * time.Millisecond
)

// DefaultRule is the rule of a scenario without any.
var DefaultRule = MustParseRule("good >= 99%")

// Input is what decides beside the record.
type Input struct {
	Rules    []Rule   // none: DefaultRule
	Profiles []string // whose MUST clauses decide; none: all. A violation without a profile always does

	LateP99 time.Duration // limits of the gate, 0 for the defaults: how late 1 % of the calls of a phase may be,
	LateMax time.Duration // and p99 of any second, a stall and a pause

	Interrupted int           // 130 or 143, 0 if not
	Aborted     time.Duration // when abort rules stopped the run, since its start: the end of a second; 0 if none did
	EndedEarly  string        // what ended the run before its plan was done, a sentence; "" if nothing did
	Incomplete  []string      // why the run is not what was asked for, a sentence each: exit 7
	Regressions []string      // what is worse than the baseline, a sentence each: exit 5

	// Generators are the records of each generator of several, by slot, for who has them at hand; one that is not there is read
	// from the run directory (results.Record.Generator).
	Generators []*results.Record
}

// Judge evaluates the rules and fills SLOs, Verdict, ExitCode, Reasons and Generator.Valid and Why of rec.Run. Of a run that several
// generators made it fills all of Generator, and that of each in Fleet.
//
// An interrupted run ends with 130 or 143 whatever else is to be said. A run without an answered call ends with 7 and
// no rule judged. Otherwise the first of these that applies decides, and Reasons lists all:
//
//	4 a broken MUST clause of the profile or an undocumented code, warm-up included
//	6 the gate: the generator was the limit, or the plan was not kept
//	3 a rule was missed; one that stopped the run (Input.Aborted) counts as missed with the value it had then
//	5 a regression
//	7 a rule without enough to judge, a run that ended early, an incomplete run
//
// Rules over windows, and those that stopped the run, are judged on its seconds, which are read from its directory: what
// cannot be read is a rule that could not be judged.
//
// Rules are judged on recorded phases; if those brought no answer, no rule is judged, but a wrong answer in the warm-up
// still counts.
func Judge(rec *results.Record, in Input) {
	run := &rec.Run
	run.SLOs, run.Reasons = []results.SLO{}, []string{}
	rules := in.Rules
	if len(rules) == 0 {
		rules = []Rule{DefaultRule}
	}
	found := map[int][]string{}
	add := func(exit int, reasons ...string) {
		if len(reasons) > 0 {
			found[exit] = append(found[exit], reasons...)
		}
	}
	d := decided(rec, rules, in)
	cut := in // what kept calls from being offered is no fault of the generator
	if d.stopped != "" {
		cut.EndedEarly = d.stopped
	}
	why, notes := gate(rec, cut)
	for _, note := range notes {
		if !slices.Contains(run.Notes, note) { // of an earlier judgement
			run.Notes = append(run.Notes, note)
		}
	}
	run.Generator.Why = why
	run.Generator.Valid = len(run.Generator.Why) == 0
	none := unanswered(run)
	for _, rule := range rules {
		slo := d.judge(rec, rule, cut, none)
		run.SLOs = append(run.SLOs, slo)
		switch {
		case slo.Pass == nil && none == "":
			add(results.ExitNoData, fmt.Sprintf("%s could not be judged: %s", slo.Rule, slo.Reason))
		case slo.Pass != nil && !*slo.Pass:
			add(results.ExitSLO, missed(rule, &slo))
		}
	}
	if d.unclear != "" {
		add(results.ExitNoData, d.unclear)
	}
	add(results.ExitNonconformant, nonconformant(run, in.Profiles)...)
	add(results.ExitInvalid, run.Generator.Why...)
	add(results.ExitRegression, in.Regressions...)
	if none != "" {
		add(results.ExitNoData, none)
	}
	if in.EndedEarly != "" {
		add(results.ExitNoData, in.EndedEarly)
	}
	add(results.ExitNoData, in.Incomplete...)
	conclude(run, in, found)
}

// precedence is the order in which problems decide; Reasons follow it.
var precedence = []int{results.ExitNonconformant, results.ExitInvalid, results.ExitSLO, results.ExitRegression, results.ExitNoData}

func conclude(run *results.Run, in Input, found map[int][]string) {
	exit := results.ExitPass
	for _, code := range precedence {
		if len(found[code]) > 0 && exit == results.ExitPass {
			exit = code
		}
	}
	order := precedence
	if run.Totals.Done == 0 {
		exit = results.ExitNoData
		order = []int{results.ExitNoData, results.ExitNonconformant, results.ExitInvalid, results.ExitSLO, results.ExitRegression}
	}
	if in.Interrupted != 0 {
		exit = in.Interrupted
		run.Reasons = append(run.Reasons, "the run was interrupted before its plan was done")
	}
	for _, code := range order {
		run.Reasons = append(run.Reasons, found[code]...)
	}
	run.ExitCode, run.Verdict = &exit, VerdictOf(exit)
}

// VerdictOf returns the word for an exit code of a run that ended.
func VerdictOf(exit int) results.Verdict {
	switch exit {
	case results.ExitPass:
		return results.VerdictPass
	case results.ExitSLO:
		return results.VerdictFail
	case results.ExitNonconformant:
		return results.VerdictNonconformant
	case results.ExitRegression:
		return results.VerdictWorse
	case results.ExitInvalid:
		return results.VerdictInvalid
	case results.ExitNoData:
		return results.VerdictNoData
	}
	return results.VerdictInterrupted
}

// unanswered says why no rule can be judged, "" if they can.
func unanswered(run *results.Run) string {
	var recorded int64
	for i := range run.Phases {
		if run.Phases[i].Recorded {
			recorded += run.Phases[i].Done
		}
	}
	switch {
	case run.Totals.Done == 0:
		l := &run.Totals.Ledger
		return fmt.Sprintf("no call was answered: of %s planned %s failed, %s were dropped, %s stayed unfinished, %s were not offered",
			Thousands(l.Planned), Thousands(l.Failed), Thousands(l.Dropped), Thousands(l.Unfinished), Thousands(l.NotOffered))
	case recorded == 0:
		return "no call of a recorded phase was answered"
	}
	return ""
}

// decisions are what takes the seconds of the run to know.
type decisions struct {
	windows map[Rule]results.SLO // rules over windows
	aborted map[Rule]results.SLO // rules that stopped the run
	stopped string               // by what, "" if it was not
	unclear string               // why it is not known which rule stopped it
}

func decided(rec *results.Record, rules []Rule, in Input) (d decisions) {
	var windowed []Rule
	for _, r := range rules {
		if _, ok := r.begin(&rec.Run); ok && r.Window > 0 {
			windowed = append(windowed, r)
		}
	}
	d.windows = overWindows(rec, windowed)
	if in.Aborted == 0 {
		return d
	}
	d.stopped = "the run was stopped by a rule"
	var err error
	switch d.aborted, err = missedAt(rec, rules, in.Aborted); {
	case err != nil:
		d.unclear = fmt.Sprintf("the seconds of the run could not be read: %v", err)
	case len(d.aborted) == 0:
		d.unclear = fmt.Sprintf("a rule stopped the run at %s, and what was recorded until then does not say which", seconds(in.Aborted))
	}
	for _, r := range rules {
		if _, ok := d.aborted[r]; ok {
			d.stopped = fmt.Sprintf("the run was stopped by %s", r.plain())
			break
		}
	}
	return d
}

// judge returns what became of a rule. One that stopped the run keeps the value for which it did.
func (d *decisions) judge(rec *results.Record, rule Rule, in Input, none string) results.SLO {
	slo, aborted := d.aborted[rule]
	if !aborted {
		var ok bool
		if slo, ok = d.windows[rule]; !ok {
			slo = Evaluate(rec, rule)
		}
	}
	// What was kept from being offered says nothing about the share of the plan that would have been good.
	switch {
	case none != "":
		slo.Pass, slo.Reason = nil, none
	case aborted || rule.Window > 0 || !rule.ofPlan():
	case in.Interrupted != 0:
		slo.Pass, slo.Reason = nil, "the run was interrupted before its plan was done"
	case in.EndedEarly != "":
		slo.Pass, slo.Reason = nil, in.EndedEarly
	}
	return slo
}

// missed says which rule was missed and by what.
func missed(rule Rule, slo *results.SLO) string {
	value := format(*slo.Value, slo.Unit)
	if value == format(slo.Limit, slo.Unit) && *slo.Value != slo.Limit { // rounding would hide the miss
		value = exactly(*slo.Value, slo.Unit)
	}
	if slo.Bound {
		value = fmt.Sprintf("> %s, among the calls that never came to an end", value)
	}
	if w := slo.Window; w != nil {
		value = fmt.Sprintf("%s, from %ds to %ds", value, w.Worst, w.Worst+w.Seconds)
	}
	if slo.AbortedNS > 0 {
		return fmt.Sprintf("%s was missed at %s: it is %s; the run was stopped", rule.plain(), seconds(time.Duration(slo.AbortedNS)), value)
	}
	return fmt.Sprintf("%s was missed: it is %s", rule.plain(), value)
}

// nonconformant lists wrong answers: broken MUST clauses of the profiles and undocumented codes.
func nonconformant(run *results.Run, profiles []string) []string {
	var reasons []string
	for i := range run.Violations {
		v := &run.Violations[i]
		inProfile := len(profiles) == 0 || v.Profile == "" || slices.Contains(profiles, v.Profile)
		if v.Level == levelMust && v.Count > 0 && inProfile {
			reasons = append(reasons, fmt.Sprintf("clause %s was broken %s: %s", v.Clause, times(v.Count), v.Sentence))
		}
	}
	for _, phase := range []*results.Phase{&run.Totals, &run.FollowUps} {
		for i := range phase.Codes {
			if c := &phase.Codes[i]; c.Class == results.ClassUndocumented && c.Count > 0 {
				reasons = append(reasons, fmt.Sprintf("undocumented code %s came %s", c.Code, times(c.Count)))
			}
		}
	}
	return reasons
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return Thousands(n) + " times"
}
