package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"axbench/report"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/fleet"

	"github.com/urfave/cli/v2"
)

func (p *program) runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run a scenario and report",
		ArgsUsage: "NAME|FILE|-",
		Description: "NAME is an embedded scenario (axbench scenarios), FILE a scenario file, - reads one from stdin.\n" +
			"The report goes to stdout and a run directory below results/ keeps everything: axbench report DIR prints it again.\n\n" +
			"With --generators N the calls are made by N agents (axbench agent), which meet on a NATS server; name and password for one are in " + envNATSUser + "\n" +
			"and " + envNATSPassword + ". This process leads them, and reports of the whole.",
		Flags: append(slices.Concat(planFlags(), targetFlags(), uiFlags(), exportFlags(), ceilingFlags(), baselineFlags(), fleetFlags(), outFlags("run directory", "<scenario>")),
			&cli.BoolFlag{Name: "any-interface", Usage: "allow an address that other machines can reach"},
			reportFlag(report.RunFormats()), memoryFlag(), cleanupFlag(), langFlag(), jsonFlag()),
		Action: func(ctx *cli.Context) error {
			if _, err := langOf(ctx); err != nil {
				return err
			}
			l, err := p.load(ctx)
			if err == nil {
				err = checkSession(ctx)
			}
			if err != nil {
				return err
			}
			return p.interruptible(func(c context.Context) error { return p.runScenario(c, ctx, l) })
		},
	}
}

func memoryFlag() cli.Flag {
	return &cli.Int64Flag{Name: "memory-ids", Value: 64, Usage: "megabytes for the identifiers of the run-wide checks"}
}

func cleanupFlag() cli.Flag {
	return &cli.DurationFlag{Name: "cleanup-time", Value: 30 * time.Second, Usage: "longest time for unbinding at the end"}
}

// checkSession checks memoryFlag and cleanupFlag.
func checkSession(ctx *cli.Context) error {
	if n := ctx.Int64("memory-ids"); n < 1 || n > 1<<16 {
		return usagef("--memory-ids %d is out of range", n).withHint("1 to 65536 megabytes")
	}
	if ctx.Duration("cleanup-time") <= 0 {
		return usagef("--cleanup-time must be above 0")
	}
	return nil
}

// runScenario makes the run and its report. What it returns has been told to the user, but for errors before the start.
func (p *program) runScenario(ctx context.Context, flags *cli.Context, l *loaded) error {
	several, err := p.readFleet(flags)
	if err != nil {
		return err
	}
	if several == nil { // agents warn of parts that are more than their own machines can do
		if err := p.holdCeiling(flags, l); err != nil {
			return err
		}
	}
	return p.makeRun(ctx, flags, l, runSession(flags, l), several)
}

// makeRun makes a run of this process alone, or of several generators.
func (p *program) makeRun(ctx context.Context, flags *cli.Context, l *loaded, config sessionConfig, several *fleetOptions) error {
	reports, err := readReports(flags, flags.String("out"), report.CheckRunFormat)
	if err != nil {
		return err
	}
	against, err := p.openBaseline(flags, string(l.file.Name))
	if err != nil {
		return err
	}
	ui, err := p.openUI(flags)
	if err != nil {
		return err
	}
	defer ui.close()
	shown, err := p.openExports(flags)
	if err != nil {
		return err
	}
	defer shown.close()
	t, err := p.openTarget(flags, l)
	if err != nil {
		return err
	}
	defer t.close()
	s := &session{loaded: l, target: t, sessionConfig: config, p: p}
	s.baseline = against
	stopCtx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if err := s.open(stop); err != nil {
		return err
	}
	defer s.writer.Close()
	ui.begin(s)
	if err := shown.begin(s); err != nil {
		return err
	}
	for _, w := range append(slices.Clip(l.notes), l.foresee()...) {
		p.warnf("%s", w)
	}
	p.tuneMemory()
	sum, down, err := s.carryOut(stopCtx, flags, several)
	defer down()
	if err != nil {
		return err
	}
	rec, err := s.finish(ctx, sum)
	if err != nil {
		return err
	}
	if s.gathered != nil {
		s.gathered.publish(&rec.Run)
	}
	if err := s.page(rec); err != nil {
		p.warnf("%s: %v", reportFile, err)
	}
	if err := s.keepComparison(); err != nil {
		p.warnf("%v", err)
	}
	ui.finish(rec, s.dir)
	shown.finish(&rec.Run)
	err = s.tell(flags, reports, rec)
	shown.close()
	ui.linger(ctx)
	return err
}

// carryOut makes the calls, or leads those who do. down takes down what that needed, once the report is written.
func (s *session) carryOut(ctx context.Context, flags *cli.Context, several *fleetOptions) (sum *runner.Summary, down func(), err error) {
	if several == nil {
		sum, err = s.send(ctx)
		return sum, func() {}, err
	}
	r, err := s.p.openFleet(ctx, flags, s, several)
	if err == nil {
		sum, err = r.lead(ctx)
	}
	if r == nil || errors.Is(err, fleet.ErrNotFormed) || errors.Is(err, fleet.ErrRival) && !r.begun() {
		s.discard()
	}
	return sum, r.close, err
}

// tell prints the report and returns the verdict as exit code.
func (s *session) tell(flags *cli.Context, reports []wantedReport, rec *results.Record) error {
	err := s.p.writeReports(flags, reports, func(b *bytes.Buffer, format string, o report.Options) error {
		return report.WriteRun(b, rec, format, o)
	})
	switch {
	case toStdout(reports):
	case flags.Bool("json"):
		err = errors.Join(err, s.p.printJSON(rec.Run))
	default:
		err = errors.Join(err, report.Text(s.p.stdout, rec, s.p.textOptions()))
		if b := s.baseline; b != nil && b.outcome != nil {
			err = errors.Join(err, s.p.print("\nAgainst the baseline\n\n"), report.CompareText(s.p.stdout, b.outcome.Comparison, s.p.textOptions()))
		}
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	fmt.Fprintf(s.p.stderr, "axbench: run directory %s\n", s.dir)
	switch s.unreachable {
	case results.CodeTLS:
		fmt.Fprintf(s.p.stderr, "axbench: hint: the certificate of %s was not accepted: name its root with --ca FILE\n", s.addr)
	case results.CodeRefused:
		fmt.Fprintf(s.p.stderr, "axbench: hint: nothing answered at %s: is the endpoint up, and is the port right?\n", s.addr)
	}
	return exit(*rec.Run.ExitCode)
}
