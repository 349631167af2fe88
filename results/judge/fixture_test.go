package judge

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"axbench/results"
)

const ms = int64(1_000_000)

// fixture is a run before it is judged: an unrecorded warm-up of 100 calls and main with 1000, all of them good after
// 1 to 100 ms (main), 10 in each millisecond, sent 0.1 ms late.
type fixture struct {
	run   results.Run
	clock map[string]*results.Histogram // by tag
	lines []results.Second              // of the timeline
}

func newFixture() *fixture {
	f := &fixture{clock: map[string]*results.Histogram{}, lines: []results.Second{{Phase: "main"}}}
	started := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	ended := started.Add(12 * time.Second)
	f.run = results.Run{Model: results.ModelOpen, Started: started, Ended: &ended, Phases: []results.Phase{
		f.phase("warm-up", false, 100, 1e9), f.phase("main", true, 1000, 10e9)}}
	return f
}

func (f *fixture) phase(name string, recorded bool, n, ns int64) results.Phase {
	for i := range n {
		f.record(name, "response", results.CodeGood, (1+i%100)*ms)
		f.record(name, "response", "OK", (1+i%100)*ms)
		f.record(name, "service", results.CodeAll, (1+i%100)*ms/2)
		f.record(name, "service", "OK", (1+i%100)*ms/2)
		f.record(name, "late", results.CodeAll, ms/10)
	}
	return results.Phase{Name: name, Recorded: recorded, Model: results.ModelOpen, Ledger: results.Ledger{Planned: n, Done: n}, Sent: n, Good: n,
		DoneInside: n, GoodInside: n, DurationNS: ns, ElapsedNS: ns, Codes: []results.Code{
			{Code: "OK", Class: results.ClassOK, Documented: true, Count: n},
			{Code: "isv.FLOW_LIMIT", Class: results.ClassBusiness, Documented: true},
			{Code: "isv.BIND_CONFLICT", Class: results.ClassBusiness, Documented: true},
		}}
}

func (f *fixture) record(phase, clock, code string, ns int64) {
	tag := results.TagOf(phase, clock, code)
	if f.clock[tag] == nil {
		f.clock[tag] = results.NewHistogram()
	}
	f.clock[tag].Record(ns)
}

// late records n calls more that were sent that late.
func (f *fixture) late(phase string, n int, ns int64) {
	for range n {
		f.record(phase, "late", results.CodeAll, ns)
	}
}

func (f *fixture) main() *results.Phase { return &f.run.Phases[1] }

// refuse lets n planned calls of main end with a code instead of OK, after the given time.
func (f *fixture) refuse(n int64, code string, class results.Class, ns int64) {
	p := f.main()
	p.Good -= n
	p.GoodInside -= n
	p.Codes[0].Count -= n
	if class == results.ClassTransport {
		p.Done -= n
		p.DoneInside -= n
		p.Failed += n
	}
	p.Codes = append(p.Codes, results.Code{Code: code, Class: class, Count: n})
	for range n {
		f.record("main", "response", code, ns)
		f.record("main", "service", code, ns)
		if code == results.CodeTimeout {
			f.record("main", results.ClockBound, code, ns)
		}
	}
}

// lose moves n calls of main from done to another account, and lets them be lower bounds.
func (f *fixture) lose(n int64, account *int64, code string, ns int64) {
	p := f.main()
	p.Done, p.DoneInside, p.Good, p.GoodInside = p.Done-n, p.DoneInside-n, p.Good-n, p.GoodInside-n
	p.Codes[0].Count -= n
	*account += n
	for range n {
		f.record("main", results.ClockBound, code, ns)
	}
}

// silent takes every answer away: all calls of both phases were refused.
func (f *fixture) silent() {
	for i := range f.run.Phases {
		p := &f.run.Phases[i]
		p.Failed, p.Done, p.Good, p.DoneInside, p.GoodInside = p.Planned, 0, 0, 0, 0
		p.Codes = []results.Code{{Code: results.CodeRefused, Class: results.ClassTransport, Count: p.Planned}}
	}
}

// clear takes one histogram away.
func (f *fixture) clear(phase, clock, code string) {
	delete(f.clock, results.TagOf(phase, clock, code))
}

// summarised returns the record as a runner would have it before the verdict.
func (f *fixture) summarised(t *testing.T) *results.Record {
	t.Helper()
	return f.summarisedIn(t, filepath.Join(t.TempDir(), "run"))
}

// summarisedIn does so in a directory of that name, and ends it.
func (f *fixture) summarisedIn(t *testing.T, dir string) *results.Record {
	t.Helper()
	w, err := results.Create(dir, &f.run)
	if err != nil {
		t.Fatal(err)
	}
	var intervals []results.Interval
	for tag, h := range f.clock {
		phase, clock, code, err := results.ParseTag(tag)
		if err != nil {
			t.Fatal(err)
		}
		intervals = append(intervals, results.Interval{Phase: phase, Clock: clock, Code: code, H: h})
	}
	if err := w.AppendSecond(f.run.Started, f.run.Started.Add(12*time.Second), f.lines, intervals); err != nil {
		t.Fatal(err)
	}
	rec := w.Record(&f.run)
	rec.Summarise()
	if err := errors.Join(w.Finish(&rec.Run), w.Close()); err != nil {
		t.Fatal(err)
	}
	return rec
}
