package judge

import (
	"fmt"
	"slices"

	"axbench/results"
)

// CompareLevel is the chance, at most, that a comparison finds anything worse where nothing changed, over all metrics it judges;
// the same holds for better.
const CompareLevel = 0.01

// CompareInput is two sides of runs and how they are held against each other.
type CompareInput struct {
	Base, New      []*results.Course // a run each, one or more a side
	Effects        []MinEffect       // in place of the defaults; later ones win
	AllowDifferent bool              // compare what has the same name in unlike runs
}

// Compare holds the new runs against the baseline. It is a pure function: the same runs give the same result.
//
// Every metric is measured on both sides, pooled over the runs of a side, with an interval of its own; the interval of the
// difference is made of the two (MOVER, Zou and Donner 2008). Calls that end in the same second, or in seconds that follow each other, share the
// state of the target, and runs share that of their time: spreads says how that is counted. A metric is
//
//	worse         the interval lies wholly on the side of worse, and the difference is above the minimum effect
//	better        likewise
//	same          the 95 % interval lies within the minimum effect
//	inconclusive  neither is shown
//
// The intervals that decide worse and better share CompareLevel over all metrics (Bonferroni, in unequal parts). The comparison is worse when a metric is, when an undocumented code appeared or a MUST
// clause broke; else better when anything is; else inconclusive when for a main metric a worsening by the minimum effect is not
// excluded; else same.
//
// Exit code: 5 for worse, 7 for inconclusive and where the runs cannot decide (one that was interrupted or brought no
// answer; an invalid baseline), 6 for an invalid new run, else 0. Unlike runs are an *UnlikeError.
func Compare(in CompareInput) (*results.Comparison, error) {
	c := &comparison{in: in, out: &results.Comparison{
		Schema: results.ComparisonSchema, Level: CompareLevel, Verdict: results.ChangeInconclusive, ExitCode: results.ExitNoData,
		Reasons: []string{}, Notes: []string{}, Metrics: []results.MetricChange{}, Codes: []results.CodeChange{}, Clauses: []results.ClauseChange{},
		Generator: []results.OwnFigure{}, Differences: []results.Difference{},
	}}
	if len(in.Base) == 0 || len(in.New) == 0 {
		return nil, fmt.Errorf("nothing to compare: %d runs as baseline, %d new ones", len(in.Base), len(in.New))
	}
	c.out.Scenario = in.New[0].Run.Scenario
	c.out.Differences = differences(in)
	if err := c.alike(); err != nil {
		return nil, err
	}
	c.phases = commonPhases(in)
	c.out.Base, c.out.New = c.named(in.Base), c.named(in.New)
	if c.undecided() {
		return c.out, nil
	}
	c.note()
	c.measure()
	c.codes()
	c.clauses()
	c.own()
	c.conclude()
	return c.out, nil
}

// comparison is one comparison on its way.
type comparison struct {
	in     CompareInput
	out    *results.Comparison
	phases []string // that are compared
}

// commonPhases are the recorded phases that every run has.
func commonPhases(in CompareInput) []string {
	var names []string
	for _, p := range in.Base[0].Phases {
		everywhere := true
		for _, c := range slices.Concat(in.Base, in.New) {
			everywhere = everywhere && slices.ContainsFunc(c.Phases, func(q results.CoursePhase) bool { return q.Phase.Name == p.Phase.Name })
		}
		if everywhere {
			names = append(names, p.Phase.Name)
		}
	}
	return names
}

// named lists the runs of a side.
func (c *comparison) named(courses []*results.Course) []results.ComparedRun {
	var list []results.ComparedRun
	for _, r := range courses {
		run := results.ComparedRun{Dir: r.Dir, Started: r.Run.Started, Version: r.Run.Version, Target: r.Run.Target.URL, Seed: r.Run.Seed, Digest: r.Run.Digest,
			Verdict: r.Run.Verdict, ExitCode: r.Run.ExitCode}
		for _, p := range r.Phases {
			if slices.Contains(c.phases, p.Phase.Name) {
				run.Planned += p.Phase.Planned
				run.Seconds += float64(p.Phase.ElapsedNS) / 1e9
			}
		}
		list = append(list, run)
	}
	return list
}

// undecided fills the verdict where the runs themselves can decide nothing.
func (c *comparison) undecided() bool {
	found := map[int][]string{}
	for i, r := range slices.Concat(c.in.Base, c.in.New) {
		exit, why := unusable(r.Run)
		if why == "" {
			continue
		}
		if i < len(c.in.Base) {
			found[results.ExitNoData] = append(found[results.ExitNoData], fmt.Sprintf("the baseline %s decides nothing: %s", r.Dir, why))
		} else {
			found[exit] = append(found[exit], fmt.Sprintf("the new run %s decides nothing: %s", r.Dir, why))
		}
	}
	if len(c.phases) == 0 {
		found[results.ExitNoData] = append(found[results.ExitNoData], "no recorded phase has the same name on both sides")
	}
	if len(found) == 0 {
		return false
	}
	c.out.Reasons = slices.Concat(found[results.ExitInvalid], found[results.ExitNoData])
	if len(found[results.ExitInvalid]) > 0 {
		c.out.ExitCode = results.ExitInvalid
	}
	return true
}

// unusable says why a run decides nothing, "" if it does, and the exit code where it is the new one.
func unusable(run *results.Run) (exit int, why string) {
	var planned, done, notOffered int64
	for i := range run.Phases {
		if p := &run.Phases[i]; p.Recorded {
			planned, done, notOffered = planned+p.Planned, done+p.Done, notOffered+p.NotOffered
		}
	}
	switch {
	case run.Verdict == results.VerdictPartial || run.Ended == nil:
		return results.ExitNoData, "it is partial: it still goes on, or was killed"
	case run.Verdict == results.VerdictInterrupted:
		return results.ExitNoData, "it was interrupted"
	case run.Verdict == results.VerdictInvalid || !run.Generator.Valid:
		return results.ExitInvalid, "it is invalid: the generator was the limit, or the plan was not kept"
	case done == 0:
		return results.ExitNoData, "no call of a recorded phase was answered"
	case notOffered > 0:
		return results.ExitNoData, fmt.Sprintf("it ended early: %s of %s planned calls were never offered", Thousands(notOffered), Thousands(planned))
	}
	return results.ExitPass, ""
}

// otherPart is the part of the level that all those metrics share which have none of their own.
const otherPart = 0.2

// measure fills Metrics.
func (c *comparison) measure() {
	scopes := [][]string{c.phases}
	if len(c.phases) > 1 {
		for _, name := range c.phases {
			scopes = append(scopes, []string{name})
		}
	}
	var list []*pair
	others := 0
	for i, phases := range scopes {
		sides := [2]*side{sideOf(c.in.Base, phases), sideOf(c.in.New, phases)}
		for _, m := range metricsOf(sides) {
			p := &pair{metric: m, sides: [2]*measured{m.measure(sides[0]), m.measure(sides[1])}}
			if p.sides[0] == nil || p.sides[1] == nil {
				continue
			}
			if i > 0 {
				p.phase, p.main, p.part = phases[0], false, 0
			}
			if p.part == 0 {
				others++
			}
			p.effect = effectOf(c.in.Effects, m)
			list = append(list, p)
		}
	}
	c.out.Judged = len(list)
	block := 1
	for _, p := range list {
		part := p.part
		if part == 0 {
			part = otherPart / float64(others)
		}
		p.alpha = CompareLevel * part
		if p.name == typicalName {
			block = 1
		}
		m := p.judge(block)
		if p.name == typicalName { // it shows best how long the target keeps a state
			block = int(m.Block)
		}
		c.out.Metrics = append(c.out.Metrics, m)
	}
}

// Worse lists what a comparison found worse, a sentence each.
func Worse(c *results.Comparison) []string { return changes(c)[results.ChangeWorse] }

// changes are sentences by what they say: codes, clauses and metrics that are worse or better, and main metrics that leave open
// whether they are worse.
func changes(c *results.Comparison) map[results.Change][]string {
	found := map[results.Change][]string{}
	add := func(v results.Change, sentence string) {
		if v != "" {
			found[v] = append(found[v], sentence)
		}
	}
	for i := range c.Codes {
		add(c.Codes[i].Verdict, c.Codes[i].Reason)
	}
	for i := range c.Clauses {
		add(c.Clauses[i].Verdict, c.Clauses[i].Reason)
	}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		switch {
		case m.Verdict == results.ChangeWorse || m.Verdict == results.ChangeBetter:
			add(m.Verdict, changed(m))
		case m.Verdict == results.ChangeInconclusive && m.Main && !m.NotWorse:
			add(m.Verdict, fmt.Sprintf("%s is inconclusive: %s", metricName(m), m.Reason))
		}
	}
	return found
}

// conclude makes the verdict of what was found.
func (c *comparison) conclude() {
	out, found := c.out, changes(c.out)
	out.Verdict, out.ExitCode = results.ChangeSame, results.ExitPass
	for _, v := range []results.Change{results.ChangeInconclusive, results.ChangeBetter, results.ChangeWorse} {
		if len(found[v]) > 0 {
			out.Verdict = v
		}
	}
	switch out.Verdict {
	case results.ChangeWorse:
		out.ExitCode = results.ExitRegression
	case results.ChangeInconclusive:
		out.ExitCode = results.ExitNoData
	}
	out.Reasons = append(out.Reasons, slices.Concat(found[results.ChangeWorse], found[results.ChangeBetter], found[results.ChangeInconclusive])...)
}
