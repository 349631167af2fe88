package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/results/judge"
	"axbench/runner"
	"axbench/runner/record"
	"axbench/scenarios"

	"github.com/urfave/cli/v2"
)

// store is the folder that run directories go into unless --out names one.
const store = "results"

// gcPercent keeps memory near what is in use: most of that are the tables of identifiers, which cost a collection nothing,
// and calls make next to no garbage, so that collections stay rare all the same.
const gcPercent = 20

func (p *program) runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run a scenario and report",
		ArgsUsage: "NAME|FILE|-",
		Description: "NAME is an embedded scenario (axbench scenarios), FILE a scenario file, - reads one from stdin.\n" +
			"The report goes to stdout and a run directory below results/ keeps everything: axbench report DIR prints it again.",
		Flags: append(slices.Concat(planFlags(), targetFlags(), uiFlags(), exportFlags()),
			&cli.BoolFlag{Name: "any-interface", Usage: "allow an address that other machines can reach"},
			&cli.StringFlag{Name: "out", Usage: "run directory; default results/<time>-<scenario>-<4 hex>"},
			reportFlag(report.RunFormats()),
			&cli.Int64Flag{Name: "memory-ids", Value: 64, Usage: "megabytes for the identifiers of the run-wide checks"},
			&cli.DurationFlag{Name: "cleanup-time", Value: 30 * time.Second, Usage: "longest time for unbinding at the end"},
			langFlag(), jsonFlag()),
		Action: func(ctx *cli.Context) error {
			if _, err := langOf(ctx); err != nil {
				return err
			}
			l, err := p.load(ctx)
			if err != nil {
				return err
			}
			if n := ctx.Int64("memory-ids"); n < 1 || n > 1<<16 {
				return usagef("--memory-ids %d is out of range", n).withHint("1 to 65536 megabytes")
			}
			if ctx.Duration("cleanup-time") <= 0 {
				return usagef("--cleanup-time must be above 0")
			}
			return p.interruptible(func(c context.Context) error { return p.runScenario(c, ctx, l) })
		},
	}
}

// session is one run on its way: what runScenario builds and takes down.
type session struct {
	*loaded
	*target
	p           *program
	flags       *cli.Context
	dir         string
	run         *results.Run
	writer      *results.Writer
	journal     *traffic.Journal
	traffic     *traffic.Traffic
	source      *scenarios.Source
	reports     []wantedReport
	looking     []record.Sink // told of each second beside the writer
	breaker     string        // why the circuit opened
	unreachable string        // why no connection could be made
}

// runScenario makes the run and its report. What it returns has been told to the user, but for errors before the start.
func (p *program) runScenario(ctx context.Context, flags *cli.Context, l *loaded) error {
	reports, err := readReports(flags, flags.String("out"), report.CheckRunFormat)
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
	s := &session{loaded: l, target: t, p: p, flags: flags, reports: reports}
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
	for _, w := range l.notes {
		p.warnf("%s", w)
	}
	if p.env("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	sum, err := s.send(stopCtx)
	if err != nil {
		return err
	}
	rec, err := s.finish(ctx, sum)
	if err != nil {
		return err
	}
	if err := s.page(rec); err != nil {
		p.warnf("%s: %v", reportFile, err)
	}
	ui.finish(rec, s.dir)
	shown.finish(&rec.Run)
	err = s.tell(rec)
	shown.close()
	ui.linger(ctx)
	return err
}

// send makes the calls, and unbinds what is to be unbound.
func (s *session) send(ctx context.Context) (*runner.Summary, error) {
	p, l := s.p, s.loaded
	m := newMeter(l.plan, p.stderr, isTerminal(p.stderr), p.lineStyle())
	s.looking = append(s.looking, m)
	if m.bars != nil {
		p.over.set(m.bars)
	}
	sum, err := runner.Run(ctx, runner.Config{
		Plan: l.plan, Source: s.source, Judge: s.traffic, Pool: s.pool, Sink: &sinks{s.writer, s.looking}, OnSecond: m.second,
		MaxInFlight: l.file.MaxInFlight, Timeout: l.file.Timeout, Patience: l.file.Patience, Drain: l.file.Drain, MaxLate: l.file.MaxLate,
		Seed: uint64(l.file.Seed),
	})
	p.over.set(nil)
	m.close()
	if err == nil {
		err = s.traffic.Err()
	}
	if err != nil {
		return nil, s.broken(err)
	}
	if err := s.cleanUp(); err != nil {
		p.warnf("clean-up: %v", err)
	}
	if err := s.keepTruth(); err != nil {
		p.warnf("%v", err)
	}
	return sum, nil
}

// broken is what is left when axbench itself failed: the run directory stays as it is, partial.
func (s *session) broken(err error) error {
	return &exitError{code: results.ExitInternal, err: err, hint: "what was recorded until then: axbench report " + s.dir}
}

// open makes the run directory and what judges the answers.
func (s *session) open(stop context.CancelCauseFunc) error {
	var random [18]byte
	rand.Read(random[:])
	s.dir = s.flags.String("out")
	if s.dir == "" {
		s.dir = filepath.Join(store, results.NewDirName(time.Now(), string(s.file.Name), [2]byte(random[16:])))
	}
	config := s.clientConfig(s.file.Client())
	source, err := scenarios.NewSource(s.file, scenarios.SourceConfig{
		Client: config, Seed: s.file.Seed, Offset: s.flags.Int64("offset"), Run: [16]byte(random[:16]), Unbind: s.foreign,
	})
	if err != nil {
		return usagef("%w", err)
	}
	s.source = source
	s.describe(config)
	if s.writer, err = results.Create(s.dir, s.run); err != nil {
		return usagef("run directory: %w", err).withHint("name an empty or new directory with --out")
	}
	if s.journal, err = traffic.CreateJournal(filepath.Join(s.dir, traffic.JournalName)); err != nil {
		return fmt.Errorf("binding journal: %w", err)
	}
	s.traffic = traffic.New(traffic.Config{
		Edition: s.file.Edition(), Credentials: config.Credentials, MemoryIDs: s.flags.Int64("memory-ids") << 20,
		Journal: s.journal, Breaker: s.newBreaker(stop), Evidence: s.writer.AppendEvidence,
		Stop: func(reason string) { stop(errors.New(reason)) },
	})
	return nil
}

// newBreaker returns the circuit breaker where there is one: on foreign hosts unless the scenario switches it off there,
// on loopback when it switches it on.
func (s *session) newBreaker(stop context.CancelCauseFunc) *traffic.Breaker {
	on := s.foreign
	if s.file.Safety.Breaker != nil {
		on = *s.file.Safety.Breaker
	}
	if !on {
		return nil
	}
	return traffic.NewBreaker(0, 0, func(reason string) {
		s.breaker = reason
		stop(errors.New(reason))
	})
}

// describe writes down what the run is before it begins.
func (s *session) describe(config client.Config) {
	f, model := s.file, results.ModelOpen
	if s.plan.Closed() {
		model = results.ModelClosed
	}
	s.run = &results.Run{
		Schema: results.Schema, Version: version(), Scenario: string(f.Name), Digest: s.source.Digest(s.plan), Seed: f.Seed, Offset: s.flags.Int64("offset"),
		Model: model, Started: time.Now().UTC(), Target: s.describeTarget(f, config),
		Host:    results.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), Clock: runner.ClockKind},
		Command: repeatCommand(s.flags, f.Seed), Notes: append([]string{}, s.notes...),
	}
	if !runner.PreciseSleep {
		s.run.Notes = append(s.run.Notes, "this platform has no precise sleep: calls are sent up to 1 ms late, which the lateness below shows")
	}
	for i, ph := range s.plan.Phases() {
		s.run.Phases = append(s.run.Phases, results.Phase{
			Name: ph.Name, Recorded: ph.Record, Model: model, Shape: ph.Shape.String(), DurationNS: int64(ph.Duration),
			Ledger: results.Ledger{Planned: s.plan.Count(i)}, Codes: traffic.Codes(f.Edition()),
		})
	}
}

// cleanUp closes the journal and unbinds what the run has bound, where that is asked for.
func (s *session) cleanUp() error {
	now := time.Now()
	if err := s.journal.Close(now); err != nil {
		return err
	}
	left := s.traffic.Bindings(now).Left
	if !s.unbinds() || left == 0 {
		return nil
	}
	limit := s.flags.Duration("cleanup-time")
	fmt.Fprintf(s.p.stderr, "axbench: unbinding %d bindings, at most %s\n", left, limit)
	return s.unbind(limit)
}

// truthFile is what the embedded emulator says of itself: its service times, arrivals, codes and live bindings.
const truthFile = "emulator.json"

// keepTruth puts the emulator's own record beside what was measured.
func (s *session) keepTruth() error {
	if s.child == nil {
		return nil
	}
	truth, err := s.child.Truth()
	if err != nil {
		return fmt.Errorf("the emulator's own record: %w", err)
	}
	text, err := json.MarshalIndent(truth, "", "  ")
	if err != nil {
		return err
	}
	return results.WriteFile(filepath.Join(s.dir, truthFile), append(text, '\n'), 0o644)
}

// finish turns what was counted into run.json: accounts, quantiles from the histograms on disk, verdict.
func (s *session) finish(ctx context.Context, sum *runner.Summary) (*results.Record, error) {
	s.account(sum)
	rec := s.writer.Record(s.run)
	rec.Summarise()
	judge.Judge(rec, s.judgement(ctx, sum))
	if err := s.writer.Finish(&rec.Run); err != nil {
		return nil, s.broken(err)
	}
	return rec, nil
}

// reportFile is the page of a run, in its directory.
const reportFile = "report.html"

// page writes the report that people open.
func (s *session) page(rec *results.Record) error {
	var b bytes.Buffer
	if err := report.RunHTML(&b, rec, report.HTMLOptions{Lang: s.flags.String("lang")}); err != nil {
		return err
	}
	return results.WriteFile(filepath.Join(s.dir, reportFile), b.Bytes(), 0o644)
}

// tell prints the report and returns the verdict as exit code.
func (s *session) tell(rec *results.Record) error {
	err := s.p.writeReports(s.flags, s.reports, func(b *bytes.Buffer, format string, o report.Options) error {
		return report.WriteRun(b, rec, format, o)
	})
	switch {
	case toStdout(s.reports):
	case s.flags.Bool("json"):
		err = errors.Join(err, s.p.printJSON(rec.Run))
	default:
		err = errors.Join(err, report.Text(s.p.stdout, rec, s.p.textOptions()))
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
