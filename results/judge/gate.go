package judge

import (
	"fmt"
	"time"

	"axbench/results"
)

// gate returns why the run measured its generator rather than its target, nothing if it did not. In every recorded
// phase of an open model
//
//   - p99 of late must be known and at most in.LateP99, its maximum at most in.LateMax;
//   - every arrival must have been offered, unless the run was interrupted or ended early.
//
// A closed phase has no due times to be late for. Every ledger must add up, that of follow-up calls too, and no duration may lie above
// the range of the histograms.
func gate(run *results.Run, in Input) []string {
	limits := [...]time.Duration{in.LateP99, in.LateMax}
	if limits[0] == 0 {
		limits[0] = DefaultLateP99
	}
	if limits[1] == 0 {
		limits[1] = DefaultLateMax
	}
	var why []string
	for i := range run.Phases {
		p := &run.Phases[i]
		why = appendUnbalanced(why, "phase "+p.Name, p.Ledger)
		if !p.Recorded || p.Model == results.ModelClosed {
			continue
		}
		late := p.Latency[results.ClockLate.String()]
		if p.Sent > 0 && late.Count == 0 {
			why = append(why, fmt.Sprintf("nobody recorded how late the %d calls of phase %s were sent", p.Sent, p.Name))
		}
		if late.P99 > int64(limits[0]) {
			why = append(why, fmt.Sprintf("the generator was late in phase %s: p99 %s, at most %s is valid", p.Name, over(late.P99, limits[0]), limits[0]))
		}
		if late.Max > int64(limits[1]) {
			why = append(why, fmt.Sprintf("the generator was late in phase %s: up to %s, at most %s is valid", p.Name, over(late.Max, limits[1]), limits[1]))
		}
		if p.NotOffered > 0 && in.Interrupted == 0 && in.EndedEarly == "" {
			why = append(why, fmt.Sprintf("the plan was not kept in phase %s: %d of %d calls were never offered", p.Name, p.NotOffered, p.Planned))
		}
	}
	why = appendUnbalanced(why, "the account of follow-up calls", run.FollowUps.Ledger)
	if run.Generator.Overflow > 0 {
		why = append(why, fmt.Sprintf("%d durations were above the range of the histograms (%s)", run.Generator.Overflow, time.Duration(results.HighestNS)))
	}
	return why
}

func appendUnbalanced(why []string, what string, l results.Ledger) []string {
	if l.Planned == l.Ended() {
		return why
	}
	return append(why, fmt.Sprintf("%s does not add up: %d calls were planned and %d accounted for", what, l.Planned, l.Ended()))
}

// duration writes nanoseconds for people: three digits are what the histograms hold.
func duration(ns int64) string {
	d := time.Duration(ns)
	unit := time.Duration(1)
	for unit*1000 <= d {
		unit *= 10
	}
	return d.Round(unit).String()
}

// over writes nanoseconds that are above a limit so that they also read as more.
func over(ns int64, limit time.Duration) string {
	if s := duration(ns); s != limit.String() {
		return s
	}
	return time.Duration(ns).String()
}

// format writes a value of run.json for people, rounded.
func format(v float64, unit string) string {
	switch unit {
	case UnitNS:
		return duration(int64(v))
	case UnitShare:
		v = roundTo(v, 5)
	case UnitPerS:
		v = roundTo(v, 1)
	}
	return exactly(v, unit)
}

// exactly writes a value of run.json for people with all its digits.
func exactly(v float64, unit string) string {
	switch unit {
	case UnitNS:
		return time.Duration(int64(v)).String()
	case UnitShare:
		return shift(decimal(v), 2) + "%"
	case UnitPerS:
		return decimal(v) + "/s"
	}
	return decimal(v)
}
