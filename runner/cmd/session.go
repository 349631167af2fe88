package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/results/judge"
	"axbench/runner"
	"axbench/runner/pace"
	"axbench/runner/record"
	"axbench/scenarios"

	"github.com/urfave/cli/v2"
)

// gcPercent keeps memory near what is in use: most of that are the tables of identifiers, which cost a collection nothing,
// and calls make next to no garbage, so that collections stay rare all the same.
const gcPercent = 20

// tuneMemory is for commands that make calls.
func (p *program) tuneMemory() {
	if p.env("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// sessionConfig is what decides about a run beside its scenario and its target.
type sessionConfig struct {
	dir         string        // run directory
	memoryIDs   int64         // bytes for the identifiers of run-wide checks
	cleanupTime time.Duration // longest time for unbinding at the end
	lang        string        // of the page
	command     []string      // makes the run again
	quiet       bool          // no progress
	baseline    *baseline     // nil for none
}

// runSession reads the flags of axbench run.
func runSession(flags *cli.Context, l *loaded) sessionConfig {
	return sessionConfig{
		dir: outDir(flags, string(l.file.Name), time.Now()), memoryIDs: flags.Int64("memory-ids") << 20, cleanupTime: flags.Duration("cleanup-time"),
		lang: flags.String("lang"), command: repeatCommand(flags, l.file.Seed),
	}
}

// session is one run on its way: what runScenario builds and takes down.
type session struct {
	*loaded
	*target
	sessionConfig
	p           *program
	run         *results.Run
	writer      *results.Writer
	journal     *traffic.Journal
	traffic     *traffic.Traffic
	source      *scenarios.Source
	looking     []record.Sink // told of each second beside the writer
	watch       *ruleWatch    // nil where no rule asks for it
	part        *fleetPart    // of a run that several generators make; nil for all of one
	whole       *pace.Plan    // of a part: the plan of all
	gathered    *fleetRun     // of a whole that several made
	stopping    context.Context
	stop        context.CancelCauseFunc // of stopping, with the reason
	abortedAt   time.Duration           // when a rule stopped the run, since its start; 0 if none did
	breaker     string                  // why the circuit opened
	unreachable string                  // why no connection could be made
}

// send makes the calls, and unbinds what is to be unbound.
func (s *session) send(ctx context.Context) (*runner.Summary, error) {
	p, l := s.p, s.loaded
	onSecond, ended := s.progress()
	config := runner.Config{
		Plan: l.plan, Source: s.source, Judge: s.traffic, Pool: s.pool, Sink: &sinks{s.writer, s.looking}, OnSecond: onSecond,
		MaxInFlight: l.file.MaxInFlight, Timeout: l.file.Timeout, Patience: l.file.Patience, Drain: l.file.Drain, MaxLate: l.file.MaxLate,
		Seed: uint64(l.file.Seed),
	}
	if s.part != nil {
		s.part.configure(&config)
	}
	sum, err := runner.Run(ctx, config)
	ended()
	if err == nil {
		err = s.traffic.Err()
		s.abortedAt = abortedAt(ctx, sum.Stopped)
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

// progress begins to show how the run goes on, unless it is to be quiet. ended takes it down.
func (s *session) progress() (onSecond func(runner.Progress), ended func()) {
	if s.quiet {
		return nil, func() {}
	}
	m := newMeter(s.plan, s.p.stderr, isTerminal(s.p.stderr), s.p.lineStyle())
	s.looking = append(s.looking, m)
	if m.bars != nil {
		s.p.over.set(m.bars)
	}
	return m.second, func() {
		s.p.over.set(nil)
		m.close()
	}
}

// broken is what is left when axbench itself failed: the run directory stays as it is, partial.
func (s *session) broken(err error) error {
	return &exitError{code: results.ExitInternal, err: err, hint: "what was recorded until then: axbench report " + s.dir}
}

// discard takes the directory of a run away that did not begin: it holds nothing.
func (s *session) discard() {
	_ = s.writer.Close()
	_ = s.journal.Close(time.Now())
	_ = os.RemoveAll(s.dir)
}

// open makes the run directory and what judges the answers.
func (s *session) open(stop context.CancelCauseFunc) error {
	config := s.clientConfig(s.file.Client())
	source, err := s.newSource(config)
	if err != nil {
		return usagef("%w", err)
	}
	s.source = source
	s.describe(config)
	if err := s.fits(); err != nil {
		return err
	}
	if s.writer, err = results.Create(s.dir, s.run); err != nil {
		return usagef("run directory: %w", err).withHint("name an empty or new directory with --out")
	}
	if s.journal, err = traffic.CreateJournal(filepath.Join(s.dir, traffic.JournalName)); err != nil {
		return fmt.Errorf("binding journal: %w", err)
	}
	judging := traffic.Config{
		Edition: s.file.Edition(), Credentials: config.Credentials, MemoryIDs: s.memoryIDs,
		Journal: s.journal, Breaker: s.newBreaker(stop), Evidence: s.writer.AppendEvidence,
		Stop: func(reason string) { stop(errors.New(reason)) },
	}
	if s.part != nil {
		s.part.attach(s, &judging)
	} else {
		s.watchRules(stop) // of a part the controller does it, for the whole
	}
	s.traffic = traffic.New(judging)
	return nil
}

// newSource makes the source of the calls. Generators of one run share the head of their nonces, and a nonce ends with the index of its call.
func (s *session) newSource(config client.Config) (*scenarios.Source, error) {
	c := scenarios.SourceConfig{Client: config, Seed: s.file.Seed, Offset: s.offset, Unbind: s.foreign}
	if s.part != nil {
		c.Run, c.Unbind = s.part.payload.nonceHead(), s.part.payload.Unbind
	} else {
		rand.Read(c.Run[:])
	}
	return scenarios.NewSource(s.file, c)
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
		Schema: results.Schema, Version: version(), Scenario: string(f.Name), Digest: s.source.Digest(s.plan), Seed: f.Seed, Offset: s.offset,
		Model: model, Started: time.Now().UTC(), Target: s.describeTarget(f, config),
		Host:    results.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), Clock: runner.ClockKind},
		Command: s.command, Notes: append([]string{}, s.notes...),
	}
	if !runner.PreciseSleep {
		s.run.Notes = append(s.run.Notes, "this platform has no precise sleep: calls are sent up to 1 ms late, which the lateness below shows")
	}
	for i, ph := range s.plan.Phases() {
		s.run.Phases = append(s.run.Phases, results.Phase{
			Name: ph.Name, Recorded: ph.Record, Model: model, Shape: ph.Shape.String(), DurationNS: int64(ph.Duration),
			Ledger: results.Ledger{Planned: s.planned(i)}, Codes: traffic.Codes(f.Edition()),
		})
	}
}

// planned is how many arrivals of a phase this run makes.
func (s *session) planned(phase int) int64 {
	if s.part != nil {
		return s.part.planned(s.plan, phase)
	}
	return s.plan.Count(phase)
}

// cleanUp closes the journal and unbinds what the run has bound, where that is asked for.
func (s *session) cleanUp() error {
	now := time.Now()
	if s.part != nil {
		defer s.part.cleaningUp(filepath.Join(s.dir, traffic.JournalName))()
	}
	if err := s.journal.Close(now); err != nil {
		return err
	}
	left := s.left(now)
	if !s.unbinds() || left == 0 {
		return nil
	}
	limit := s.cleanupTime
	if !s.quiet {
		fmt.Fprintf(s.p.stderr, "axbench: unbinding %d bindings, at most %s\n", left, limit)
	}
	return s.unbind(limit)
}

// left is how many bindings the run has not unbound: of several generators those that their journals hold, as far as these came here.
func (s *session) left(now time.Time) int64 {
	if s.gathered == nil {
		return s.traffic.Bindings(now).Left
	}
	list, err := traffic.ReadJournal(filepath.Join(s.dir, traffic.JournalName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // it is not there when it is empty
		s.p.warnf("%v", err)
	}
	return int64(len(list))
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
	in := s.judgement(ctx, sum)
	judge.Judge(rec, in)
	if s.uncalibrated && !rec.Run.Generator.Valid && !clockAlone(rec.Run.Generator.Why) {
		rec.Run.Notes = append(rec.Run.Notes, calibrateHint)
	}
	if err := s.compare(rec, in); err != nil {
		return nil, s.broken(err)
	}
	if err := s.writer.Finish(&rec.Run); err != nil {
		return nil, s.broken(err)
	}
	return rec, nil
}

// reportFile is the page of a run, in its directory.
const reportFile = "report.html"

// page writes the report that people open.
func (s *session) page(rec *results.Record) error { return s.p.keepPage(rec, s.dir, s.lang) }

// keepPage writes the page of a run into its directory.
func (p *program) keepPage(rec *results.Record, dir, lang string) error {
	var b bytes.Buffer
	if err := report.RunHTML(&b, rec, report.HTMLOptions{Lang: lang}); err != nil {
		return err
	}
	return results.WriteFile(filepath.Join(dir, reportFile), b.Bytes(), 0o644)
}
