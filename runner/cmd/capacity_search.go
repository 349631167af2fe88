package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"axbench/report"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/pace"
	"axbench/runner/search"

	"github.com/urfave/cli/v2"
)

// searching is one search on its way.
type searching struct {
	*capacityPlan
	*target
	p      *program
	flags  *cli.Context
	dir    string
	began  time.Time
	offset int64 // of the next probe's numbers
	held   bool  // some rate was: how long answers take is known
	record results.Capacity
	broken map[string]bool // what was wrong with answers
	last   []string        // why the last probe could not be judged
}

// searchCapacity makes the search and its report.
func (p *program) searchCapacity(ctx context.Context, flags *cli.Context, c *capacityPlan, reports []wantedReport) error {
	whole, err := c.whole()
	if err != nil {
		return err
	}
	t, err := p.openTarget(flags, whole)
	if err != nil {
		return err
	}
	defer t.close()
	s := &searching{capacityPlan: c, target: t, p: p, flags: flags, began: time.Now(), offset: c.offset, broken: map[string]bool{}}
	if err := s.open(); err != nil {
		return err
	}
	for _, w := range c.notes {
		p.warnf("%s", w)
	}
	p.tuneMemory()
	timed, cancel := context.WithTimeoutCause(ctx, c.search.Budget, cutShort(searchTimeUp))
	defer cancel()
	found, err := search.Search(timed, c.search, s.probe)
	if err != nil {
		return s.fail(err)
	}
	s.conclude(ctx, timed, found)
	return s.tell(reports)
}

// searchTimeUp is said of the probe that is cut short then.
const searchTimeUp = "the time for the search was up"

// whole returns the scenario with a plan that no search exceeds: the highest rate for all the time there is.
func (c *capacityPlan) whole() (*loaded, error) {
	l := *c.loaded
	rate, length := c.search.Max, c.search.Budget
	if rate == 0 {
		rate, length = c.search.Start, time.Second // a foreign target has a ceiling, or is refused for want of one
	}
	plan, err := pace.NewPlan([]pace.Phase{{Name: search.PhaseProbe, Record: true, Duration: length, Shape: pace.Constant{Rate: paceRate(rate)}}},
		l.file.Seed, l.file.Safety.Ceiling.Rate)
	if err != nil {
		return nil, usagef("%w", err)
	}
	l.plan = plan
	return &l, nil
}

// paceRate returns a rate with the digits that a plan keeps.
func paceRate(rate float64) pace.Rate {
	return pace.Rate{Num: max(1, int64(rate*1000+0.5)), Per: 1000 * time.Second}
}

// open makes the directory.
func (s *searching) open() error {
	s.dir = outDir(s.flags, "capacity-"+string(s.file.Name), s.began)
	config := s.clientConfig(s.file.Client())
	s.record = results.Capacity{
		Version: version(), Scenario: string(s.file.Name), Seed: s.file.Seed, Started: s.began.UTC(), Target: s.describeTarget(s.file, config),
		Host:    results.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), Clock: runner.ClockKind},
		Command: repeatCommand(s.flags, s.file.Seed), Notes: append([]string{}, s.notes...),
	}
	for _, r := range s.rules {
		s.record.Rules = append(s.record.Rules, r.String())
	}
	s.record.Rate.Confidence, s.record.Plan.Headroom = s.search.Confidence, s.headroom
	if err := results.CreateCapacity(s.dir, &s.record); err != nil {
		return usagef("directory of the search: %w", err).withHint("name an empty or new directory with --out")
	}
	return nil
}

// fail keeps what is there of a search that broke down.
func (s *searching) fail(err error) error {
	var known *exitError
	if errors.As(err, &known) {
		return err
	}
	return &exitError{code: results.ExitInternal, err: err, hint: "what was found until then: axbench report " + s.dir}
}

// tell prints the report and returns the verdict as exit code.
func (s *searching) tell(reports []wantedReport) error {
	rec := &results.CapacityRecord{Dir: s.dir, Capacity: s.record}
	var page bytes.Buffer
	err := report.CapacityHTML(&page, rec, report.HTMLOptions{Lang: s.flags.String("lang")})
	if err == nil {
		err = results.WriteFile(filepath.Join(s.dir, reportFile), page.Bytes(), 0o644)
	}
	if err != nil {
		s.p.warnf("%s: %v", reportFile, err)
	}
	err = s.p.writeReports(s.flags, reports, func(b *bytes.Buffer, format string, o report.Options) error {
		return report.WriteCapacity(b, rec, format, o)
	})
	switch {
	case toStdout(reports):
	case s.flags.Bool("json"):
		err = errors.Join(err, s.p.printJSON(s.record))
	default:
		err = errors.Join(err, report.CapacityText(s.p.stdout, rec, s.p.textOptions()))
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	fmt.Fprintf(s.p.stderr, "axbench: directory of the search %s\n", s.dir)
	return exit(*s.record.ExitCode)
}

// keeps tells whether the directory of a probe stays: if it is asked for, or if bindings are left that only its journal knows.
func (s *searching) keeps(run *results.Run) bool {
	return s.keep || run.Bindings.Left > 0 && s.child == nil
}

// forget removes the run directory of a probe.
func (s *searching) forget(dir string) {
	if err := os.RemoveAll(dir); err != nil {
		s.p.warnf("%v", err)
	}
	_ = os.Remove(filepath.Dir(dir)) // when it is empty
}
