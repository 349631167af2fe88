package cmd

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"axbench/results"
	"axbench/scenarios"

	"github.com/urfave/cli/v2"
)

// ceilingFlags belong to every command that holds a plan against what this machine can do.
func ceilingFlags() []cli.Flag {
	return []cli.Flag{
		calibrationFlag(),
		&cli.BoolFlag{Name: "beyond-ceiling", Usage: "run also above what axbench calibrate found this machine to be able to, and let the verdict tell"},
	}
}

func calibrationFlag() cli.Flag {
	return &cli.StringFlag{Name: "calibration", Usage: "`FILE` of axbench calibrate (default: axbench/calibration.json in the user's cache folder)"}
}

// calibrationPath returns where this machine's calibration is, "" where nobody knows a place.
func (p *program) calibrationPath(ctx *cli.Context) string {
	if path := ctx.String("calibration"); path != "" {
		return path
	}
	dir := p.env("XDG_CACHE_HOME")
	switch {
	case runtime.GOOS == "windows":
		dir = p.env("LOCALAPPDATA")
	case !filepath.IsAbs(dir): // as the specification of XDG has it
		dir = ""
		if home := p.env("HOME"); home != "" {
			dir = filepath.Join(home, ".cache")
		}
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "axbench", "calibration.json")
}

// thisMachine tells this machine from others.
func thisMachine() results.Machine {
	return results.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), MaxProcs: runtime.GOMAXPROCS(0), CPU: cpuModel()}
}

// cpuModel returns the model of the processor where the system tells it in a file.
func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return ""
}

// nearCeiling is the share of the ceiling from which on a plan is warned of.
const nearCeiling = 0.8

// aboveCeiling says that a plan asks for more than this machine can send.
type aboveCeiling string

func (a aboveCeiling) Error() string { return string(a) }

// holdCeiling holds the highest rate of a plan, the calls that follow from it included, against what this machine was found to be able
// to. What qualifies the run becomes a note of it; a rate above the ceiling is refused unless --beyond-ceiling is given. Where nobody
// calibrated nothing is said.
func (p *program) holdCeiling(ctx *cli.Context, l *loaded) error {
	above, err := p.againstCeiling(ctx, l)
	switch {
	case err != nil || above == "":
		return err
	case ctx.Bool("beyond-ceiling"):
		l.notes = append(l.notes, string(above))
		return nil
	}
	return (&exitError{code: results.ExitInvalid, err: above}).withHint(
		"lower the rate or take a faster machine; --beyond-ceiling runs it all the same, and axbench calibrate measures anew")
}

// noteCeiling is holdCeiling for who sends nothing: it refuses nothing.
func (p *program) noteCeiling(ctx *cli.Context, l *loaded) error {
	above, err := p.againstCeiling(ctx, l)
	if above != "" {
		l.notes = append(l.notes, string(above))
	}
	return err
}

// againstCeiling adds what qualifies a plan to its notes and returns what is above this machine's ceiling, "" for nothing.
func (p *program) againstCeiling(ctx *cli.Context, l *loaded) (above aboveCeiling, err error) {
	if l.plan.Closed() {
		return "", nil
	}
	peak, err := l.peak()
	if err != nil {
		return "", err
	}
	ceiling, c, err := p.ceilingOf(ctx, l)
	if ceiling == nil {
		return "", err
	}
	asked := callsText(peak)
	switch {
	case ceiling.High == nil && peak > ceiling.Low:
		l.notes = append(l.notes, fmt.Sprintf("the plan asks for %s/s at its highest, calls that follow included: higher rates than %s/s were not tried when this machine was calibrated",
			asked, callsText(ceiling.Low)))
	case ceiling.High == nil || peak < nearCeiling*ceiling.Value:
	case c.Busy():
		l.notes = append(l.notes, fmt.Sprintf("the plan asks for %s/s at its highest, calls that follow included; when this machine was calibrated other processes kept it busy: it could send %s",
			asked, ceilingText(l, ceiling, c)))
	case peak <= *ceiling.High:
		l.notes = append(l.notes, fmt.Sprintf("the plan asks for %s/s at its highest, calls that follow included: that is %.0f%% of what this machine can send, %s",
			asked, 100*peak/ceiling.Value, ceilingText(l, ceiling, c)))
	default:
		return aboveCeiling(fmt.Sprintf("the plan asks for %s/s at its highest, calls that follow included: that is more than this machine can send, %s",
			asked, ceilingText(l, ceiling, c))), nil
	}
	return "", nil
}

// peak is the highest rate of a plan with the calls that follow from it.
func (l *loaded) peak() (float64, error) {
	follow, err := l.follow()
	if err != nil {
		return 0, err
	}
	peak := l.plan.Peak() * follow
	if ceiling := l.file.Safety.Ceiling.Float(); ceiling > 0 {
		peak = min(peak, ceiling)
	}
	return peak, nil
}

// follow is how many calls each arrival of a plan leads to during the run, itself included.
func (l *loaded) follow() (float64, error) {
	source, err := scenarios.NewSource(l.file, scenarios.SourceConfig{Client: planClient(l.file), Seed: l.file.Seed})
	if err != nil {
		return 0, usagef("%w", err)
	}
	cost := source.Cost(l.plan)
	if cost.Arrivals == 0 {
		return 1, nil
	}
	return 1 + float64(cost.FollowUps)/float64(cost.Arrivals), nil
}

// ceilingOf returns this machine's ceiling for the scenario's target, nil where none is known: then a calibration that is there and does
// not hold becomes a note.
func (p *program) ceilingOf(ctx *cli.Context, l *loaded) (*results.Ceiling, *results.Calibration, error) {
	path := p.calibrationPath(ctx)
	if path == "" {
		l.uncalibrated = true
		return nil, nil, nil
	}
	stored, err := results.ReadCalibrations(path)
	if err != nil && ctx.IsSet("calibration") {
		return nil, nil, badCalibration(err)
	}
	if err != nil {
		l.notes = append(l.notes, fmt.Sprintf("the stored calibration cannot be read: %v", err))
		return nil, nil, nil
	}
	c, err := stored.Find(thisMachine(), version(), runtime.Version(), time.Now())
	switch {
	case errors.Is(err, results.ErrNotCalibrated):
		l.uncalibrated = true
		return nil, nil, nil
	case err != nil:
		l.notes = append(l.notes, fmt.Sprintf("%v: it was not used, axbench calibrate measures anew", err))
		return nil, nil, nil
	case l.onEmulator():
		return c.Emulator, c, nil
	}
	return c.Responder, c, nil
}

func badCalibration(err error) error { return usagef("--calibration: %w", err) }

// onEmulator tells whether the embedded emulator is the target.
func (l *loaded) onEmulator() bool { return l.file.Target == "" || l.file.Target == "emulator" }

// ceilingText says what a ceiling is and where it comes from.
func ceilingText(l *loaded, x *results.Ceiling, c *results.Calibration) string {
	text := "%s/s by itself (%s to %s, measured %s)"
	if l.onEmulator() {
		text = "%s/s with the emulator beside it (%s to %s, measured %s)"
	}
	return fmt.Sprintf(text, callsText(x.Value), callsText(x.Low), callsText(*x.High), c.Measured.UTC().Format(time.DateOnly))
}

// callsText writes a rate: whole above a hundred, with separators.
func callsText(f float64) string {
	if f < 100 {
		return strconv.FormatFloat(f, 'g', 3, 64)
	}
	s := strconv.FormatFloat(math.Round(f), 'f', -1, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// calibrateHint stands in the report of a run that its generator spoilt, where nobody knows what this machine can do.
const calibrateHint = "axbench calibrate measures what this machine can do"

// clockAlone tells whether nothing but the clock of this machine made a run invalid, which no calibration finds out.
func clockAlone(why []string) bool {
	return !slices.ContainsFunc(why, func(s string) bool { return !strings.HasPrefix(s, "this machine's clock ") })
}
