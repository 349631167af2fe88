package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/emulator"
	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/runner/pace"
	"axbench/runner/search"
	"axbench/scenarios"

	"github.com/urfave/cli/v2"
)

// calibrationScenario is what is sent: bindings of numbers that are all different, as most scenarios make them. Calls in flight are
// bounded, so that a responder that cannot follow makes calls queue, which the gate takes for the generator's doing: it is this
// machine that both run on. Lateness may be half of what the gate lets pass: where it is more, runs are valid by luck.
const calibrationScenario = `schema: axbench.scenario/v1
name: calibrate
phases: [{name: main, duration: 1s, rate: 1/s}]
max_in_flight: 512
timeout: 2s
patience: 500ms
drain: 1s
late: {p99: 5ms, max: 100ms}
bindings: {unbind: never}
slo: [good >= 0%]
requests:
  - params:
      PoolKey: FC123456
      PhoneNoA: {mobile: 13000000000-13999999999}
      PhoneNoB: {mobile: 15000000000-15999999999}
      Expiration: {in: 10m}
`

// How the search for a ceiling goes. A probe is short: what is asked for is 10 %.
const (
	leastCalibration     = 50   // the lowest --max, in calls a second
	calibrationStart     = 2000 // first rate
	calibrationRecord    = time.Second
	calibrationSettle    = 300 * time.Millisecond
	calibrationPrecision = 0.1
	calibrationMemory    = 32 << 20 // for identifiers
	restRate             = 20       // at which nothing of note is done here
)

// openEmpty starts an empty responder and makes it ready to be called.
func (p *program) openEmpty(flags *cli.Context) (*target, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this executable to start the responder: %w", err)
	}
	child, err := emulator.StartEmpty(exe, p.stderr)
	if err != nil {
		return nil, fmt.Errorf("start the responder: %w", err)
	}
	return p.openChild(flags, child)
}

// openBareEmulator starts the emulator as it is without settings.
func (p *program) openBareEmulator(flags *cli.Context) (*target, error) {
	t := &target{}
	if err := t.startEmulator(p, "", false); err != nil {
		return nil, err
	}
	return p.openChild(flags, t.child)
}

// openChild makes a child of ours ready to be called, with the key that every emulator has.
func (p *program) openChild(flags *cli.Context, child *emulator.Child) (*target, error) {
	allowed, err := (&traffic.Guard{Target: child.URL()}).Check()
	if err != nil {
		return nil, errors.Join(err, child.Stop())
	}
	e := allowed.Endpoint
	t := &target{endpoint: e, credentials: client.BuiltIn(), addr: e.Addr(), host: e.HostHeader(), path: "/", child: child}
	if err := p.reach(flags, t); err != nil {
		return nil, errors.Join(err, child.Stop())
	}
	return t, nil
}

// calibrating is the search for one ceiling on its way.
type calibrating struct {
	p      *program
	name   string // of the target
	target *target
	file   *scenarios.File
	work   string // folder of run directories, which nobody keeps
	offset int64  // of the next probe's numbers
	why    string // the last probe was not valid
}

// findCeiling looks for the highest rate up to bound at which runs are valid. Without one it says why. busy, where it is given, is set to
// how many cores other processes keep busy before.
func (p *program) findCeiling(ctx context.Context, flags *cli.Context, name string, open func(*cli.Context) (*target, error), bound float64, busy *float64) (found *results.Ceiling, why string, err error) {
	c := &calibrating{p: p, name: name}
	if c.file, err = scenarios.Parse("calibrate", []byte(calibrationScenario), nil); err != nil {
		return nil, "", err
	}
	if c.target, err = open(flags); err != nil {
		return nil, "", err
	}
	defer c.target.close()
	if c.work, err = os.MkdirTemp("", "axbench-calibrate"); err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(c.work)
	if busy != nil {
		rec, err := c.run(ctx, 0, restRate, 0, calibrationRecord)
		if err != nil {
			return nil, "", err
		}
		*busy = math.Round(100*rec.Run.Generator.CPUOthers) / 100
	}
	budget := flags.Duration("budget-time") / 2
	timed, cancel := context.WithTimeoutCause(ctx, budget, cutShort("the time for the search was up"))
	defer cancel()
	f, err := search.Search(timed, search.Config{
		Start: min(calibrationStart, bound), Max: bound, Record: calibrationRecord, Settle: calibrationSettle, Precision: calibrationPrecision, Budget: budget,
	}, c.probe)
	if err != nil {
		return nil, "", err
	}
	var by interrupted
	if errors.As(context.Cause(ctx), &by) {
		return nil, "", &exitError{code: by.code, err: errors.New("interrupted: nothing was stored")}
	}
	found, why = c.ceiling(f)
	return found, why, nil
}

// ceiling turns a finding into a ceiling.
func (c *calibrating) ceiling(f *search.Finding) (found *results.Ceiling, why string) {
	switch {
	case f.End == search.Dead:
		return nil, "it did not answer"
	case f.Low <= 0:
		return nil, "no rate was valid: " + c.why
	}
	found = &results.Ceiling{Low: f.Low, Value: max(f.Value, f.Low), Confidence: f.Mass, Probes: len(f.Probes)}
	switch f.End {
	case search.Found, search.Budget, search.Stopped:
		if f.High > 0 {
			found.Value, found.High = min(found.Value, f.High), &f.High
			return found, ""
		}
	}
	found.Value = f.Low
	return found, ""
}

// probe makes one step: a run, of which only counts whether it was valid.
func (c *calibrating) probe(ctx context.Context, st search.Step) (*search.Outcome, error) {
	began := time.Now()
	rec, err := c.run(ctx, st.Number, st.Rate, st.Settle, st.Record)
	if err != nil {
		return nil, err
	}
	o := c.judge(rec)
	if ctx.Err() != nil {
		o = &search.Outcome{} // it was cut short
	}
	o.Took = time.Since(began)
	c.p.say("axbench: calibrate: %s, probe %d: %s/s %s\n", c.name, st.Number, callsText(st.Rate), report.Escape(c.told(o)))
	return o, nil
}

// run makes one run at a rate.
func (c *calibrating) run(ctx context.Context, number int, rate float64, settle, record time.Duration) (*results.Record, error) {
	shape := pace.Constant{Rate: paceRate(rate)}
	phases := []pace.Phase{{Name: search.PhaseProbe, Duration: record, Shape: shape, Record: true}}
	if settle > 0 {
		phases = append([]pace.Phase{{Name: search.PhaseSettle, Duration: settle, Shape: shape}}, phases...)
	}
	plan, err := pace.NewPlan(phases, c.file.Seed, pace.Rate{})
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(c.work, fmt.Sprint(number))
	rec, err := c.p.probe(ctx, sessionConfig{dir: dir, memoryIDs: calibrationMemory, cleanupTime: time.Second},
		&loaded{file: c.file, plan: plan, rules: c.file.Rules(), offset: c.offset}, c.target)
	if err != nil {
		return nil, err
	}
	c.offset += plan.Total()
	return rec, os.RemoveAll(dir)
}

// judge takes a valid run for a rate that is held, whatever the target did with it.
func (c *calibrating) judge(rec *results.Record) *search.Outcome {
	g := &rec.Run.Generator
	o := &search.Outcome{Verdict: search.Held, Dead: rec.Run.Totals.Done == 0 && g.Valid}
	if g.Valid {
		return o
	}
	o.Verdict, o.Limit = search.Lost, results.LimitGenerator
	if len(g.Why) > 0 {
		c.why = g.Why[0]
	}
	for i := range rec.Run.Phases {
		if ph := &rec.Run.Phases[i]; ph.Recorded {
			o.Clear = o.Clear || ph.NotOffered > 0 || ph.Dropped > 0 || 2*ph.DoneInside < ph.Planned
		}
	}
	return o
}

// told says in a few words what a probe was.
func (c *calibrating) told(o *search.Outcome) string {
	switch {
	case o.Dead:
		return "was not answered"
	case o.Verdict == search.Held:
		return "valid"
	case o.Verdict == search.Unknown:
		return "was cut short"
	}
	return "not valid: " + c.why
}
