package judge

import (
	"fmt"
	"time"

	"axbench/results"
)

// Limits of the gate that no scenario changes.
const (
	lateShare = 0.01 // of the calls of a phase may be later than Input.LateP99
	fullShare = 0.95 // of its cores that the generator uses in a second in which they are its limit
	fullMost  = 0.05 // of the recorded seconds may be such, and a single one
)

// verdict collects what the gate finds: why a run is not valid, and what is to be known of a valid one.
type verdict struct {
	rec   *results.Record
	run   *results.Run
	lines []results.Second
	each  time.Duration // Input.LateP99
	most  time.Duration // Input.LateMax
	why   []string
	notes []string
}

// gate returns why the run measured its generator rather than its target, nothing if it did not, and what is to be noted of its
// health. Only what is the generator's own counts:
//
//   - late: in each recorded phase, at most 1 % of the calls were sent later than in.LateP99, and p99 of every second is at most in.LateMax;
//   - away: in each recorded phase of callers, at most 1 % of the time was such that a call would have been 10 ms late;
//   - stalls: the dispatcher, which looks around every 2 ms, was never away for longer than in.LateMax, whether a call was due or
//     not, and in the closed model too; nor did the garbage collector stop it for so long;
//   - CPU: at most 5 % of the recorded seconds, or one, used 95 % of the cores;
//   - plan: every arrival was offered, unless the run was interrupted or ended early;
//   - queue: calls that waited for a place in flight (see queue) count like late ones if it was not the target that held the places;
//   - connections: this machine had a file, a port and memory for each;
//   - clock: no call was refused for its timestamp while this machine's clock was off.
//
// Connecting counts for nothing: that is the target's, or the network's. Every ledger must add up, that of follow-up calls too, and no
// duration may lie above the range of the histograms. What cannot be read is no pass.
//
// A run of several generators has a gate of its own: fleetGate.
func gate(rec *results.Record, in Input) (why, notes []string) {
	if rec.Run.Fleet != nil {
		return fleetGate(rec, in)
	}
	v := newVerdict(rec, in)
	v.health(in.Interrupted == 0 && in.EndedEarly == "")
	v.ledgers()
	return v.why, v.notes
}

func newVerdict(rec *results.Record, in Input) *verdict {
	v := &verdict{rec: rec, run: &rec.Run, each: in.LateP99, most: in.LateMax}
	if v.each == 0 {
		v.each = DefaultLateP99
	}
	if v.most == 0 {
		v.most = DefaultLateMax
	}
	return v
}

// health judges the generator itself, and with plan whether it offered every arrival.
func (v *verdict) health(plan bool) {
	var err error
	if v.lines, err = v.rec.Timeline(); err != nil {
		v.fail("the seconds of the run cannot be read: %v", err)
	}
	v.clock()
	for i := range v.run.Phases {
		p := &v.run.Phases[i]
		if !p.Recorded {
			continue
		}
		v.late(p)
		v.away(p)
		if p.NotOffered > 0 && plan {
			v.fail("the plan was not kept in phase %s: %s of %s calls were never offered: %s", p.Name, Thousands(p.NotOffered), Thousands(p.Planned), v.cause(p.Name))
		}
	}
	v.stalls()
	v.cores()
	if err := v.queue(); err != nil {
		v.fail("the intervals of the run cannot be read: %v", err)
	}
	if n := v.run.Generator.Unopened; n > 0 {
		v.fail("%s connections could not be opened because this machine had no file, port or memory left for them: raise ulimit -n, or lower --max-in-flight", Thousands(n))
	}
}

// ledgers judges what must be true of any run: its accounts add up, and its histograms hold every value.
func (v *verdict) ledgers() {
	for i := range v.run.Phases {
		v.balance("phase "+v.run.Phases[i].Name, v.run.Phases[i].Ledger)
	}
	v.balance("the account of follow-up calls", v.run.FollowUps.Ledger)
	if n := v.run.Generator.Overflow; n > 0 {
		v.fail("%s durations were above the range of the histograms (%s)", Thousands(n), time.Duration(results.HighestNS))
	}
}

func (v *verdict) fail(format string, args ...any) {
	v.why = append(v.why, fmt.Sprintf(format, args...))
}
func (v *verdict) note(format string, args ...any) {
	v.notes = append(v.notes, fmt.Sprintf(format, args...))
}

func (v *verdict) balance(what string, l results.Ledger) {
	if l.Planned != l.Ended() {
		v.fail("%s does not add up: %s calls were planned and %s accounted for", what, Thousands(l.Planned), Thousands(l.Ended()))
	}
}

// Duration writes nanoseconds for a sentence: 21.4ms. Three digits are what the histograms hold.
func Duration(ns int64) string {
	d := time.Duration(ns)
	unit := time.Duration(1)
	for unit*1000 <= d {
		unit *= 10
	}
	return d.Round(unit).String()
}

// over writes nanoseconds that are above a limit so that they also read as more.
func over(ns int64, limit time.Duration) string {
	if s := Duration(ns); s != limit.String() {
		return s
	}
	return time.Duration(ns).String()
}

// format writes a value of run.json for people, rounded.
func format(v float64, unit string) string {
	switch unit {
	case UnitNS:
		return Duration(int64(v))
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
