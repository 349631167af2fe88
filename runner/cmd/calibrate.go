package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"axbench/report"
	"axbench/results"
	"axbench/runner/pace"

	"github.com/urfave/cli/v2"
)

func (p *program) calibrateCommand() *cli.Command {
	return &cli.Command{
		Name:  "calibrate",
		Usage: "find the highest rate that this machine can send, and store it",
		Description: "Searches for the highest rate at which runs are valid: against an empty responder (what the generator can do by itself), and with\n" +
			"the embedded emulator beside it. Both are children of this process on loopback. Keep the machine free of other work meanwhile.\n\n" +
			"axbench run, plan and capacity hold their plans against the result: from 80 % of it on they warn, and above it run and capacity\n" +
			"end with 6 before anything is sent, unless --beyond-ceiling is given. It holds for this machine (system, cores, GOMAXPROCS, model),\n" +
			"this build of axbench and 90 days; without one nothing is compared.\n\n" +
			"Exit codes: 0 both ceilings were found, 7 one was not (nothing of it is stored), 130/143 interrupted (nothing is stored).",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "calibration", Aliases: []string{"file"}, Usage: "`FILE` to store it in (default: axbench/calibration.json in the user's cache folder)"},
			&cli.StringFlag{Name: "max", Value: "200000/s", Usage: "highest `RATE` to try"},
			&cli.DurationFlag{Name: "budget-time", Value: 50 * time.Second, Usage: "longest time for both searches together"},
			&cli.BoolFlag{Name: "show", Usage: "print what is stored instead"},
			&cli.BoolFlag{Name: "forget", Usage: "take out what is stored of this machine instead"},
			jsonFlag(),
		},
		Action: p.calibrate,
	}
}

func (p *program) calibrate(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	path := p.calibrationPath(ctx)
	switch {
	case path == "":
		return usagef("there is no cache folder: neither XDG_CACHE_HOME nor HOME is set").withHint("name a file with --file")
	case ctx.Bool("show") && ctx.Bool("forget"):
		return usagef("--show and --forget: one of them")
	case (ctx.Bool("show") || ctx.Bool("forget")) && (ctx.IsSet("max") || ctx.IsSet("budget-time")):
		return usagef("--max and --budget-time are for a measurement, which --show and --forget do not make")
	}
	stored, err := results.ReadCalibrations(path)
	if err != nil {
		return usagef("%w", err).withHint("another file is named with --file")
	}
	switch {
	case ctx.Bool("show"):
		return p.showCalibrations(ctx, path, stored)
	case ctx.Bool("forget"):
		return p.forgetCalibration(ctx, path, stored)
	}
	bound, err := pace.ParseRate(ctx.String("max"))
	if err != nil {
		return usagef("--max %q: %w", ctx.String("max"), err)
	}
	if bound.Float() < leastCalibration {
		return usagef("--max %s is too low to tell anything", ctx.String("max")).withHint(fmt.Sprintf("%d/s or more", leastCalibration))
	}
	if d := ctx.Duration("budget-time"); d < 2*time.Second || d > time.Hour {
		return usagef("--budget-time %s is out of range", d).withHint("2s to 1h")
	}
	if err := checkOutput(path, ""); err != nil {
		if _, missing := os.Stat(path); !errors.Is(missing, fs.ErrNotExist) || ctx.IsSet("calibration") {
			return usagef("--file: %w", err)
		}
	}
	return p.interruptible(func(stop context.Context) error { return p.measureCeilings(stop, ctx, bound.Float(), path, stored) })
}

// measureCeilings searches for both ceilings, stores and prints them.
func (p *program) measureCeilings(ctx context.Context, flags *cli.Context, bound float64, path string, stored *results.Calibrations) error {
	c := results.Calibration{Machine: thisMachine(), Version: version(), Go: runtime.Version(), Measured: time.Now().UTC().Truncate(time.Second)}
	p.tuneMemory()
	var missing []string
	for _, target := range []struct {
		name string
		open func(*cli.Context) (*target, error)
		into **results.Ceiling
		busy *float64
	}{{"the empty responder", p.openEmpty, &c.Responder, &c.BusyCores}, {"the emulator", p.openBareEmulator, &c.Emulator, nil}} {
		found, why, err := p.findCeiling(ctx, flags, target.name, target.open, bound, target.busy)
		if err != nil {
			return err
		}
		if *target.into = found; found == nil {
			missing = append(missing, fmt.Sprintf("no ceiling was found against %s: %s", target.name, why))
		}
	}
	if c.Responder != nil || c.Emulator != nil {
		stored.Put(c)
		if err := results.WriteCalibrations(path, stored); err != nil {
			return fmt.Errorf("store the calibration: %w", err)
		}
	}
	if err := p.printCalibration(flags, &c, path); err != nil {
		return err
	}
	if c.Busy() {
		p.warnf("%s", busySentence(&c))
	}
	if len(missing) > 0 {
		return &exitError{code: results.ExitNoData, err: errors.New(strings.Join(missing, "\n"))}
	}
	return nil
}

// busySentence says what a calibration of a busy machine is worth.
func busySentence(c *results.Calibration) string {
	return fmt.Sprintf("other processes kept %.1f cores busy when this was measured: the machine can do more when it is free, and no plan is refused for it", c.BusyCores)
}

// printCalibration prints what was found.
func (p *program) printCalibration(flags *cli.Context, c *results.Calibration, path string) error {
	if flags.Bool("json") {
		return p.printJSON(c)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "what this machine can send (%s, axbench %s, %s)\n\n", report.Escape(c.Machine.String()), report.Escape(c.Version), report.Escape(c.Go))
	if err := writeCeilings(&b, p.textOptions(), c); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\nstored in %s for 90 days\n", report.Escape(path))
	return p.print(b.String())
}

// writeCeilings writes the ceilings of one machine as a table.
func writeCeilings(w io.Writer, o report.TextOptions, c *results.Calibration) error {
	var rows [][]string
	for _, x := range []struct {
		name    string
		ceiling *results.Ceiling
	}{{"by itself (empty responder)", c.Responder}, {"with the embedded emulator beside it", c.Emulator}} {
		switch f := x.ceiling; {
		case f == nil:
			rows = append(rows, []string{x.name, "-", "not found", ""})
		case f.High == nil:
			rows = append(rows, []string{x.name, "≥ " + callsText(f.Low) + "/s", "no higher rate was tried", fmt.Sprint(f.Probes)})
		default:
			rows = append(rows, []string{x.name, callsText(f.Value) + "/s", fmt.Sprintf("%s to %s (%.3g %%)", callsText(f.Low), callsText(*f.High), 100*f.Confidence), fmt.Sprint(f.Probes)})
		}
	}
	return report.WriteTable(w, o, []string{"what", ">ceiling", ">interval", ">probes"}, rows)
}

// showCalibrations prints what is stored.
func (p *program) showCalibrations(ctx *cli.Context, path string, stored *results.Calibrations) error {
	if ctx.Bool("json") {
		if err := p.printJSON(stored); err != nil || len(stored.Machines) > 0 {
			return err
		}
		return exit(results.ExitNoData)
	}
	if len(stored.Machines) == 0 {
		return (&exitError{code: results.ExitNoData, err: fmt.Errorf("nothing is stored in %s", path)}).withHint("axbench calibrate measures what this machine can do")
	}
	used, why := stored.Find(thisMachine(), version(), runtime.Version(), time.Now())
	var b strings.Builder
	for i := range stored.Machines {
		c := &stored.Machines[i]
		if i > 0 {
			b.WriteByte('\n')
		}
		state := ""
		if c == used {
			state = ", holds for this machine"
		}
		fmt.Fprintf(&b, "%s\naxbench %s, %s, measured %s%s\n\n", report.Escape(c.Machine.String()), report.Escape(c.Version), report.Escape(c.Go),
			c.Measured.UTC().Format("2006-01-02 15:04:05 UTC"), state)
		if err := writeCeilings(&b, p.textOptions(), c); err != nil {
			return err
		}
		if c.Busy() {
			fmt.Fprintf(&b, "  %s\n", busySentence(c))
		}
	}
	if err := p.print(b.String()); err != nil {
		return err
	}
	if used == nil {
		p.warnf("%v: it is not used", why)
	}
	return nil
}

// forgetCalibration takes out this machine's entry, and the file with the last one.
func (p *program) forgetCalibration(ctx *cli.Context, path string, stored *results.Calibrations) error {
	had := stored.Forget(thisMachine())
	var err error
	switch {
	case !had:
	case len(stored.Machines) == 0:
		err = os.Remove(path)
	default:
		err = results.WriteCalibrations(path, stored)
	}
	if err != nil {
		return fmt.Errorf("forget the calibration: %w", err)
	}
	if ctx.Bool("json") {
		return p.printJSON(map[string]bool{"forgotten": had})
	}
	if !had {
		return p.print("nothing was stored of this machine in " + report.Escape(path) + "\n")
	}
	return p.print("the calibration of this machine was taken out of " + report.Escape(path) + "\n")
}
