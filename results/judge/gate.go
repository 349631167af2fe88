package judge

import (
	"fmt"
	"time"

	"axbench/results"
)

// gate returns why the run measured its generator rather than its target, nothing if it did not. In every recorded
// phase of an open model
//
//   - p99 of late must be at most in.LateP99 and its maximum at most in.LateMax;
//   - every arrival must have been offered, unless the run was interrupted or the circuit opened.
//
// A closed phase has no due times to be late for. In every phase the ledger must add up, and no duration may lie above
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
		if p.Planned != p.Ended() {
			why = append(why, fmt.Sprintf("phase %s does not add up: %d calls were planned and %d accounted for", p.Name, p.Planned, p.Ended()))
		}
		if !p.Recorded || p.Model == results.ModelClosed {
			continue
		}
		late := p.Latency[results.ClockLate.String()]
		if late.P99 > int64(limits[0]) {
			why = append(why, fmt.Sprintf("the generator was late in phase %s: p99 %s, at most %s is valid", p.Name, duration(late.P99), limits[0]))
		}
		if late.Max > int64(limits[1]) {
			why = append(why, fmt.Sprintf("the generator was late in phase %s: up to %s, at most %s is valid", p.Name, duration(late.Max), limits[1]))
		}
		if p.NotOffered > 0 && in.Interrupted == 0 && in.CircuitOpen == "" {
			why = append(why, fmt.Sprintf("the plan was not kept in phase %s: %d of %d calls were never offered", p.Name, p.NotOffered, p.Planned))
		}
	}
	if run.Generator.Overflow > 0 {
		why = append(why, fmt.Sprintf("%d durations were above the range of the histograms (%s)", run.Generator.Overflow, time.Duration(results.HighestNS)))
	}
	return why
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

// format writes a value of run.json for people.
func format(v float64, unit string) string {
	switch unit {
	case UnitNS:
		return duration(int64(v))
	case UnitShare:
		return shift(decimal(roundTo(v, 6)), 2) + "%"
	case UnitPerS:
		return decimal(roundTo(v, 3)) + "/s"
	}
	return decimal(v)
}
