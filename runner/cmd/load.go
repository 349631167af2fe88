package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"axbench/conformance/emulator"
	"axbench/results"
	"axbench/results/judge"
	"axbench/runner/pace"
	"axbench/scenarios"

	"github.com/urfave/cli/v2"
)

// loaded is a scenario with what the command line changed in it.
type loaded struct {
	file  *scenarios.File
	plan  *pace.Plan
	rules []judge.Rule
	notes []string // what the changes left out

	offset int64         // of generated numbers, in calls
	text   *scenarioText // as it was read

	uncalibrated bool // nobody measured what this machine can do
}

// planFlags are the flags that change a scenario, of every command that takes one.
func planFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "target", Usage: "emulator, or the `URL` of an endpoint"},
		&cli.StringFlag{Name: "signature", Usage: "v1 or v3"},
		&cli.Int64Flag{Name: "seed", DefaultText: "the scenario's", Usage: "fixes arrivals, numbers and order"},
		&cli.Int64Flag{Name: "offset", Usage: "shift generated numbers by `N` calls"},
		&cli.IntFlag{Name: "max-in-flight", DefaultText: "the scenario's", Usage: "calls open at once; further arrivals queue"},
		&cli.StringFlag{Name: "rate", Usage: "one constant phase of `N`/s (or N/m) instead of the scenario's phases"},
		&cli.IntFlag{Name: "callers", DefaultText: "none", Usage: "one closed phase of `N` callers instead of the scenario's phases"},
		&cli.DurationFlag{Name: "duration", DefaultText: "10s", Usage: "length of the phase of --rate or --callers"},
		&cli.DurationFlag{Name: "warmup", DefaultText: "none", Usage: "an unrecorded phase ahead of it"},
		&cli.Float64Flag{Name: "scale", DefaultText: "1", Usage: "multiply every rate of the scenario by `F`"},
		&cli.StringSliceFlag{Name: "slo", Usage: "a `RULE` such as 'p99(offered) < 50ms' instead of the scenario's; repeatable"},
	}
}

// load reads the scenario that the command line names, and changes it as the flags say.
func (p *program) load(ctx *cli.Context) (*loaded, error) {
	name, err := oneArgument(ctx, "the scenario")
	if err != nil {
		return nil, err
	}
	text, err := p.readScenario(name)
	if err != nil {
		return nil, err
	}
	file, err := text.parse()
	if err != nil {
		return nil, err
	}
	inside, err := emulator.Parse(name, file.Emulator.Text, file.Emulator.Line)
	if err == nil {
		err = inside.CheckFiles()
	}
	if err != nil {
		return nil, err
	}
	l, err := loadFile(ctx, name, file)
	if l != nil {
		l.text = text
	}
	return l, err
}

// loadFile changes a scenario as the flags say.
func loadFile(ctx *cli.Context, name string, file *scenarios.File) (*loaded, error) {
	l := &loaded{file: file, rules: file.Rules(), offset: ctx.Int64("offset")}
	if err := l.change(ctx); err != nil {
		return nil, err
	}
	phases, err := l.phases(ctx)
	if err != nil {
		return nil, err
	}
	if l.plan, err = pace.NewPlan(phases, file.Seed, file.Safety.Ceiling.Rate); err != nil {
		return nil, usagef("%s: %w", name, err)
	}
	return l, l.fitRules(ctx)
}

// scenarioText is a scenario as it is written, with the files that it names.
type scenarioText struct {
	Name  string            `json:"name"` // in errors
	Text  []byte            `json:"text"`
	Files map[string][]byte `json:"files,omitempty"` // by the path in the scenario

	open func(path string) ([]byte, error) // nil where all that it names is in Files
}

// parse reads the scenario, and keeps what it names.
func (t *scenarioText) parse() (*scenarios.File, error) {
	return scenarios.Parse(t.Name, t.Text, func(path string) ([]byte, error) {
		if data, ok := t.Files[path]; ok || t.open == nil {
			if !ok {
				return nil, fmt.Errorf("%s did not come with the scenario", path)
			}
			return data, nil
		}
		data, err := t.open(path)
		if err == nil {
			if t.Files == nil {
				t.Files = map[string][]byte{}
			}
			t.Files[path] = data
		}
		return data, err
	})
}

// readScenario returns the embedded scenario of that name, or reads the file, or stdin for "-".
func (p *program) readScenario(name string) (*scenarioText, error) {
	if slices.Contains(scenarios.Embedded(), name) {
		text, err := scenarios.Text(name)
		return &scenarioText{Name: name + ".yaml", Text: text}, err
	}
	if name != "-" && !strings.ContainsAny(name, `/\.`) {
		if _, err := os.Stat(name); err != nil {
			return nil, usagef("no scenario and no file is named %q", name).withHint(
				nearestHint(name, scenarios.Embedded(), "axbench scenarios lists the embedded ones: "+strings.Join(scenarios.Embedded(), ", ")))
		}
	}
	text, err := p.readInput(name)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(name)
	return &scenarioText{Name: name, Text: text, open: func(path string) ([]byte, error) {
		if !filepath.IsAbs(path) && name != "-" {
			path = filepath.Join(dir, path)
		}
		return p.readInput(path)
	}}, nil
}

// change applies the flags that replace single values.
func (l *loaded) change(ctx *cli.Context) error {
	f := l.file
	if ctx.IsSet("target") {
		if err := f.Target.UnmarshalText([]byte(ctx.String("target"))); err != nil {
			return usagef("--target: %w", err)
		}
	}
	if v := ctx.String("signature"); v != "" {
		if v != "v1" && v != "v3" {
			return usagef("--signature %q is not known", v).withHint("v1 or v3")
		}
		f.Signature = v
	}
	if ctx.IsSet("seed") {
		f.Seed = ctx.Int64("seed")
	}
	if n := ctx.Int("max-in-flight"); ctx.IsSet("max-in-flight") {
		if n < 1 || n > 100_000 {
			return usagef("--max-in-flight %d is out of range", n).withHint("1 to 100000")
		}
		f.MaxInFlight = n
	}
	if ctx.Int64("offset") < 0 {
		return usagef("--offset must not be negative")
	}
	if list := ctx.StringSlice("slo"); len(list) > 0 {
		l.rules = nil
		for _, text := range list {
			rule, err := judge.ParseRule(text)
			if err != nil {
				return usagef("--slo: %w", err)
			}
			l.rules = append(l.rules, rule)
		}
	}
	return nil
}

// phases returns the scenario's phases, or the one that the flags ask for, behind its warm-up.
func (l *loaded) phases(ctx *cli.Context) ([]pace.Phase, error) {
	rate, callers := ctx.IsSet("rate"), ctx.IsSet("callers")
	phases := l.file.Phases()
	switch {
	case rate && callers:
		return nil, usagef("--rate is the open model and --callers the closed one: give one of them")
	case (rate || callers) && ctx.IsSet("scale"):
		return nil, usagef("--scale keeps the scenario's phases, --rate and --callers replace them: give one of them")
	case !rate && !callers && (ctx.IsSet("duration") || ctx.IsSet("warmup")):
		return nil, usagef("--duration and --warmup belong to --rate or --callers")
	case ctx.IsSet("scale"):
		return scaled(phases, ctx.Float64("scale"))
	case !rate && !callers:
		return phases, nil
	}
	main := pace.Phase{Name: "main", Record: true, Duration: 10 * time.Second, Shape: pace.Callers{N: ctx.Int("callers")}}
	if ctx.IsSet("duration") {
		main.Duration = ctx.Duration("duration")
	}
	if rate {
		r, err := pace.ParseRate(ctx.String("rate"))
		if err != nil {
			return nil, usagef("--rate %q: %w", ctx.String("rate"), err)
		}
		main.Shape = pace.Constant{Rate: r}
	}
	if !ctx.IsSet("warmup") {
		return []pace.Phase{main}, nil
	}
	return []pace.Phase{{Name: "warmup", Duration: ctx.Duration("warmup"), Shape: main.Shape}, main}, nil
}

// scaled multiplies the rates of all phases, and the callers of closed ones.
func scaled(phases []pace.Phase, f float64) ([]pace.Phase, error) {
	if !(f > 0 && f <= 1e6) {
		return nil, usagef("--scale %v is out of range", f).withHint("a factor above 0, such as 0.1 or 2")
	}
	out := slices.Clone(phases)
	for i := range out {
		shape, ok := pace.Scale(out[i].Shape, f)
		if !ok {
			return nil, usagef("phase %s replays a trace: it cannot be scaled", out[i].Name)
		}
		out[i].Shape = shape
	}
	return out, nil
}

// fitRules holds the rules against the phases of the plan. A rule of the scenario on a phase that a flag replaced is left
// out, with a note; one from --slo is an error.
func (l *loaded) fitRules(ctx *cli.Context) error {
	known := judge.Known{Codes: append(l.file.Codes(), results.FailureCodes...)}
	for _, ph := range l.plan.Phases() {
		if ph.Record {
			known.Phases = append(known.Phases, ph.Name)
		} else {
			known.Unrecorded = append(known.Unrecorded, ph.Name)
		}
	}
	replaced := (ctx.IsSet("rate") || ctx.IsSet("callers")) && !ctx.IsSet("slo")
	kept := l.rules[:0:0]
	for _, rule := range l.rules {
		err := rule.Validate(known)
		switch {
		case err == nil:
			kept = append(kept, rule)
		case replaced:
			l.notes = append(l.notes, fmt.Sprintf("the rule %q was not judged: its phase was replaced on the command line", rule))
		default:
			return usagef("%w", err)
		}
	}
	l.rules = kept
	return nil
}
