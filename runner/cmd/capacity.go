package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results/judge"
	"axbench/runner/pace"
	"axbench/runner/search"

	"github.com/urfave/cli/v2"
)

func (p *program) capacityCommand() *cli.Command {
	return &cli.Command{
		Name:      "capacity",
		Usage:     "the highest rate that meets the rules of a scenario; pool: how many X a pool needs",
		ArgsUsage: "NAME|FILE|-",
		Description: "Runs the scenario's requests at one rate after the other: twice as much until the rules are missed, then closer and closer,\n" +
			"until an interval holds the highest rate that meets them. Each probe is a run with its own directory below probes/.\n" +
			"A rate is held if every rule passes and answers keep up with arrivals. Runs that were invalid say nothing.",
		Flags: append(slices.Concat(capacityPlanFlags(), targetFlags(), ceilingFlags(), outFlags("directory of the search", "capacity-<scenario>")),
			&cli.StringFlag{Name: "start", DefaultText: "50/s, or the scenario's lowest", Usage: "first `RATE`"},
			&cli.StringFlag{Name: "max", DefaultText: "the scenario's ceiling, or none", Usage: "highest `RATE` to try"},
			&cli.DurationFlag{Name: "step", Value: 5 * time.Second, Usage: "recorded part of a probe; longer where a rule needs more calls"},
			&cli.DurationFlag{Name: "settle", Value: time.Second, Usage: "unrecorded part ahead of it; longer where bindings are held"},
			&cli.StringFlag{Name: "precision", Value: "5%", Usage: "width of the interval"},
			&cli.StringFlag{Name: "confidence", Value: "95%", Usage: "that it holds the rate"},
			&cli.StringFlag{Name: "headroom", Value: "20%", Usage: "share to keep free in the rate to plan for"},
			&cli.StringFlag{Name: "arrivals", Value: arrivalsConstant, Usage: "constant or poisson"},
			&cli.DurationFlag{Name: "budget-time", Value: 5 * time.Minute, Usage: "longest time for the whole search"},
			&cli.StringFlag{Name: "keep-probes", Value: keepAll, Usage: "whose run directories stay: all or none"},
			&cli.BoolFlag{Name: "dry-run", Usage: "say what the search would do at most; sends nothing"},
			reportFlag(report.CapacityFormats()),
			&cli.Int64Flag{Name: "memory-ids", Value: 64, Usage: "megabytes for the identifiers of the run-wide checks"},
			&cli.DurationFlag{Name: "cleanup-time", Value: 30 * time.Second, Usage: "longest time for unbinding after a probe"},
			langFlag(), jsonFlag()),
		Subcommands: []*cli.Command{p.poolCommand()},
		Action:      p.capacity,
	}
}

// What capacity.json says in its notes of what the flags and the scenario lead to.
const (
	noteCeiling  = "the highest rate is %s/s: the scenario's ceiling allows no more"
	noteRule     = "the rule %q was left out: a probe has one phase of its own"
	noteHold     = "a binding is held for %s: each probe settles for that long before it is recorded"
	noteLongHold = "a binding is held for %s, longer than a probe: a pool that runs out only then is not seen"
)

// capacityPlanFlags are those of planFlags that do not set rates.
func capacityPlanFlags() (list []cli.Flag) {
	for _, f := range planFlags() {
		if !slices.Contains([]string{"rate", "callers", "duration", "warmup", "scale"}, f.Names()[0]) {
			list = append(list, f)
		}
	}
	return list
}

// Values of --arrivals and --keep-probes.
const (
	arrivalsConstant = "constant"
	arrivalsPoisson  = "poisson"
	keepAll          = "all"
	keepNone         = "none"
)

// capacityPlan is a search as the command line asks for it.
type capacityPlan struct {
	*loaded
	search    search.Config
	headroom  float64
	poisson   bool
	keep      bool
	memoryIDs int64
	hold      time.Duration // how long a binding is held before it is unbound; 0 where it is not
	machine   bool          // what bounds the search is what this machine can send
}

func (p *program) capacity(ctx *cli.Context) error {
	if _, err := langOf(ctx); err != nil {
		return err
	}
	c, err := p.planCapacity(ctx)
	if err != nil {
		return err
	}
	if ctx.Bool("dry-run") {
		return p.printCapacityPlan(ctx, c)
	}
	reports, err := readReports(ctx, ctx.String("out"), report.CheckCapacityFormat)
	if err != nil {
		return err
	}
	return p.interruptible(func(stop context.Context) error { return p.searchCapacity(stop, ctx, c, reports) })
}

// planCapacity reads the scenario and the flags.
func (p *program) planCapacity(ctx *cli.Context) (*capacityPlan, error) {
	l, err := p.load(ctx)
	if err != nil {
		return nil, err
	}
	if l.plan.Closed() {
		return nil, usagef("%s has callers: a capacity is a rate of arrivals, and in a closed model the answers set it", l.file.Name).
			withHint("a scenario with phases of arrivals (rate, poisson, ramp, steps)")
	}
	for _, ph := range l.plan.Phases() {
		if _, ok := ph.Shape.(pace.Trace); ok {
			return nil, usagef("phase %s replays a trace: a search sets the rate itself", ph.Name).withHint("a scenario with phases of rates")
		}
	}
	c := &capacityPlan{loaded: l}
	if err := c.read(ctx); err != nil {
		return nil, err
	}
	if err := p.boundByMachine(ctx, c); err != nil {
		return nil, err
	}
	if err := c.fitRules(ctx); err != nil {
		return nil, err
	}
	c.fitBindings()
	return c, nil
}

// read reads the flags of the search.
func (c *capacityPlan) read(ctx *cli.Context) (err error) {
	s := &c.search
	if s.Start, err = c.startRate(ctx); err != nil {
		return err
	}
	if s.Max, err = c.maxRate(ctx); err != nil {
		return err
	}
	if s.Max > 0 && s.Start > s.Max {
		if ctx.IsSet("start") {
			return usagef("--start %s is above the highest rate that may be tried, %s/s", ctx.String("start"), rateNumber(s.Max))
		}
		s.Start = s.Max
	}
	for _, f := range []struct {
		name     string
		into     *float64
		min, max float64
	}{{"precision", &s.Precision, 0.005, 0.5}, {"confidence", &s.Confidence, 0.5, 0.999}, {"headroom", &c.headroom, 0, 0.9}} {
		if *f.into, err = percentFlag(ctx, f.name, f.min, f.max); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		name     string
		into     *time.Duration
		min, max time.Duration
	}{{"step", &s.Record, time.Second, time.Hour}, {"settle", &s.Settle, 0, time.Hour}, {"budget-time", &s.Budget, time.Second, 24 * time.Hour}} {
		if *f.into = ctx.Duration(f.name); *f.into < f.min || *f.into > f.max {
			return usagef("--%s %s is out of range", f.name, *f.into).withHint(fmt.Sprintf("%s to %s", f.min, f.max))
		}
	}
	switch v := ctx.String("arrivals"); v {
	case arrivalsConstant, arrivalsPoisson:
		c.poisson = v == arrivalsPoisson
	default:
		return usagef("--arrivals %q is not known", v).withHint("constant or poisson")
	}
	switch v := ctx.String("keep-probes"); v {
	case keepAll, keepNone:
		c.keep = v == keepAll
	default:
		return usagef("--keep-probes %q is not known", v).withHint("all or none")
	}
	if n := ctx.Int64("memory-ids"); n < 1 || n > 1<<16 {
		return usagef("--memory-ids %d is out of range", n).withHint("1 to 65536 megabytes")
	}
	c.memoryIDs = ctx.Int64("memory-ids") << 20
	if ctx.Duration("cleanup-time") <= 0 {
		return usagef("--cleanup-time must be above 0")
	}
	return nil
}

// defaultStart is the first rate where neither the command line nor the scenario has a lower one.
const defaultStart = 50

// startRate returns the first rate: --start, or the lowest of the scenario's that is not above the default.
func (c *capacityPlan) startRate(ctx *cli.Context) (float64, error) {
	if ctx.IsSet("start") {
		return rateFlag(ctx, "start")
	}
	start := float64(defaultStart)
	for _, ph := range c.plan.Phases() {
		switch s := ph.Shape.(type) {
		case pace.Constant:
			start = min(start, s.Rate.Float())
		case pace.Poisson:
			start = min(start, s.Rate.Float())
		}
	}
	return start, nil
}

// maxRate returns the highest rate that may be tried, 0 for no bound: the scenario's ceiling bounds unbinds too.
func (c *capacityPlan) maxRate(ctx *cli.Context) (limit float64, err error) {
	if ceiling := c.file.Safety.Ceiling.Float(); ceiling > 0 {
		limit = ceiling
		if c.file.Bindings.Unbind.Then == traffic.UnbindAfter {
			limit /= 2
		}
	}
	if !ctx.IsSet("max") {
		return limit, nil
	}
	asked, err := rateFlag(ctx, "max")
	if err == nil && limit > 0 && asked > limit {
		c.notes = append(c.notes, fmt.Sprintf(noteCeiling, rateNumber(limit)))
		return limit, nil
	}
	return asked, err
}

// rateFlag reads a rate.
func rateFlag(ctx *cli.Context, name string) (float64, error) {
	r, err := pace.ParseRate(ctx.String(name))
	if err != nil {
		return 0, usagef("--%s %q: %w", name, ctx.String(name), err)
	}
	return r.Float(), nil
}

// fitRules leaves out rules on phases of the scenario, which a search does not have, and sees to probes with enough calls for the others.
func (c *capacityPlan) fitRules(ctx *cli.Context) error {
	kept := c.rules[:0:0]
	for _, rule := range c.rules {
		if rule.Validate(judge.Known{Phases: []string{search.PhaseProbe}}) == nil {
			kept = append(kept, rule)
			continue
		}
		if ctx.IsSet("slo") {
			return usagef("--slo %q: a search has probes of one phase", rule).withHint("the rule without the part from \"in\" on")
		}
		c.notes = append(c.notes, fmt.Sprintf(noteRule, rule))
	}
	c.rules = kept
	if len(kept) == 0 {
		c.rules = []judge.Rule{judge.DefaultRule}
	}
	for _, rule := range c.rules {
		if rule.Window > 0 {
			c.search.Record = max(c.search.Record, rule.Window+2*time.Second)
			continue
		}
		c.search.Samples = max(c.search.Samples, rule.LeastCalls())
	}
	return nil
}

// longestHold is the longest hold time that every probe settles for.
const longestHold = time.Minute

// fitBindings lets probes settle until as many bindings end as begin: only then a pool that is too small is empty.
func (c *capacityPlan) fitBindings() {
	unbind := c.file.Bindings.Unbind
	if unbind.Then != traffic.UnbindAfter || unbind.Hold == 0 {
		return
	}
	c.hold = unbind.Hold
	need := unbind.Hold + unbind.Hold/10
	switch {
	case c.search.Settle >= need:
	case need <= longestHold:
		c.search.Settle = need
		c.notes = append(c.notes, fmt.Sprintf(noteHold, unbind.Hold))
	default:
		c.notes = append(c.notes, fmt.Sprintf(noteLongHold, unbind.Hold))
	}
}

// percentFlag reads a share such as 5%.
func percentFlag(ctx *cli.Context, name string, low, high float64) (float64, error) {
	text := ctx.String(name)
	number, ok := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(number, 64)
	if v /= 100; err != nil || !ok || !(v >= low && v <= high) {
		return 0, usagef("--%s %q is no share that it can be", name, text).withHint(fmt.Sprintf("%g%% to %g%%", 100*low, 100*high))
	}
	return v, nil
}
