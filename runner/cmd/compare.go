package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"axbench/report"
	"axbench/results"
	"axbench/results/judge"

	"github.com/urfave/cli/v2"
)

func (p *program) compareCommand() *cli.Command {
	return &cli.Command{
		Name:      "compare",
		Usage:     "hold runs against a baseline: better, same, worse or inconclusive",
		ArgsUsage: "BASE NEW",
		Description: "BASE and NEW are " + results.RefForms + ";\nseveral runs of a side are separated by commas. With several, what runs differ by among themselves is counted.\n\n" +
			"Every metric comes with an interval that respects how seconds resemble each other. Worse is what lies beyond chance and above the\n" +
			"minimum effect: 5% of p50, p90 and the typical latency, 10% of p99, 20% of p99.9 (at least 0.1, 0.1, 0.2, 1 and 2 ms), 0.5 percentage\n" +
			"points of good answers and of the share of a class or limiting code, 3% of goodput. A new undocumented code or a newly broken MUST clause\n" +
			"is worse in any case. Same must be shown as well: what is neither is inconclusive.\n\n" +
			"Exit code 0 same or better, 5 worse, 7 inconclusive, no baseline, or a run that decides nothing, 6 an invalid new run, 2 unlike runs.\n" +
			"Conformance runs are compared by axbench conform --before.",
		Flags: append(compareFlags(),
			&cli.StringSliceFlag{Name: "base", Usage: "another `RUN` of the baseline, or the first if BASE is left out; repeatable"},
			&cli.StringSliceFlag{Name: "new", Usage: "another new `RUN`, or the first if NEW is left out; repeatable"},
			&cli.BoolFlag{Name: "allow-different", Usage: "compare what has the same name in unlike runs, and say what they differ in"},
			reportFlag(report.CompareFormats()),
			storeFlag(), langFlag(), jsonFlag()),
		Action: p.compare,
	}
}

// compareFlags are those of every command that compares.
func compareFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "min-effect", Usage: "smallest change that matters: `5%` for latencies and goodput, or one metric as p50=3%, p99=5ms, good=0.2%; repeatable"},
	}
}

func (p *program) compare(ctx *cli.Context) error {
	if _, err := langOf(ctx); err != nil {
		return err
	}
	effects, err := readEffects(ctx)
	if err != nil {
		return err
	}
	reports, err := readReports(ctx, "", report.CheckCompareFormat)
	if err != nil {
		return err
	}
	base, now, err := sidesOf(ctx)
	if err != nil {
		return err
	}
	sides, err := openSides(ctx.String("store"), base, now)
	if err != nil {
		return err
	}
	c, err := judge.Compare(judge.CompareInput{Base: sides.base.courses, New: sides.now.courses, Effects: effects, AllowDifferent: ctx.Bool("allow-different")})
	if err != nil {
		return unlike(err, "--allow-different compares what has the same name all the same")
	}
	c.Version = version()
	return p.tellComparison(ctx, reports, &report.Compared{Comparison: c, BaseRuns: sides.base.records, NewRuns: sides.now.records})
}

// tellComparison prints a comparison and returns its verdict as exit code.
func (p *program) tellComparison(ctx *cli.Context, reports []wantedReport, c *report.Compared) error {
	err := p.writeReports(ctx, reports, func(b *bytes.Buffer, format string, o report.Options) error {
		return report.WriteCompare(b, c, format, o)
	})
	switch {
	case toStdout(reports):
	case ctx.Bool("json"):
		err = errors.Join(err, p.printJSON(c.Comparison))
	default:
		err = errors.Join(err, report.CompareText(p.stdout, c.Comparison, p.textOptions()))
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return exit(c.ExitCode)
}

// readEffects reads --min-effect.
func readEffects(ctx *cli.Context) ([]judge.MinEffect, error) {
	var list []judge.MinEffect
	for _, v := range ctx.StringSlice("min-effect") {
		e, err := judge.ParseMinEffect(v)
		if err != nil {
			return nil, usagef("--min-effect %s: %w", v, err)
		}
		list = append(list, e)
	}
	return list, nil
}

// sidesOf returns the references of both sides: two arguments, or flags in the place of either.
func sidesOf(ctx *cli.Context) (base, now []string, err error) {
	base, now = ctx.StringSlice("base"), ctx.StringSlice("new")
	args := ctx.Args().Slice()
	switch {
	case len(args) == 2:
		base, now = append(splitRefs(args[0]), base...), append(splitRefs(args[1]), now...)
	case len(args) == 1 && len(base) > 0 && len(now) == 0:
		now = splitRefs(args[0])
	case len(args) == 1 && len(now) > 0 && len(base) == 0:
		base = splitRefs(args[0])
	case len(args) == 0 && len(base) > 0 && len(now) > 0:
	case len(args) > 2:
		return nil, nil, usagef("unexpected argument %q", args[2]).withHint("several runs of a side are separated by commas")
	case len(args) == 1 && len(base) > 0:
		return nil, nil, usagef("%q: both sides are given by flags", args[0]).withHint("axbench compare BASE NEW")
	default:
		return nil, nil, usagef("a comparison needs a baseline and a new run").withHint("axbench compare BASE NEW, each " + results.RefForms)
	}
	return base, now, nil
}

// splitRefs parts a list of references at its commas, unless all of it is a directory's name.
func splitRefs(text string) []string {
	if _, err := os.Stat(text); err == nil {
		return []string{text}
	}
	return strings.Split(text, ",")
}

// openSide is the runs of one side as read.
type openSide struct {
	records []*results.Record
	courses []*results.Course
}

// openedSides is what a comparison reads.
type openedSides struct{ base, now openSide }

// openSides reads the runs of both sides. A tag of the baseline is that of the new run's scenario.
func openSides(store string, base, now []string) (*openedSides, error) {
	newDirs, err := resolveRuns(store, now, "", "new run")
	if err != nil {
		return nil, err
	}
	var s openedSides
	if s.now, err = readSide(newDirs); err != nil {
		return nil, orNewest(err, store)
	}
	baseDirs, err := resolveRuns(store, base, s.now.records[0].Run.Scenario, "baseline")
	if err != nil {
		return nil, noBaseline(err)
	}
	for _, dir := range baseDirs {
		if slices.ContainsFunc(newDirs, func(other string) bool { return sameDir(dir, other) }) {
			return nil, usagef("%s is on both sides", dir).withHint("a run held against itself is the same whatever the target does")
		}
	}
	s.base, err = readSide(baseDirs)
	return &s, orNewest(err, store)
}

// sameDir tells whether two paths lead to one directory.
func sameDir(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// resolveRuns finds the run directories of references in a store, each once.
func resolveRuns(store string, refs []string, scenario, what string) ([]string, error) {
	var dirs []string
	for _, ref := range refs {
		dir, err := results.ResolveOne(store, ref, results.Want{Kind: results.KindRun, Scenario: scenario})
		if err != nil {
			return nil, orNewest(unresolved(what, ref, err), store)
		}
		if results.IsConformDir(dir) {
			return nil, usagef("%s %s is a conformance run", what, dir).withHint("axbench conform --before " + filepath.ToSlash(filepath.Join(dir, results.ProfileFile)) +
				" holds a new conformance run against it")
		}
		if slices.ContainsFunc(dirs, func(other string) bool { return sameDir(dir, other) }) {
			return nil, usagef("%s is named twice as %s", dir, what)
		}
		dirs = append(dirs, dir)
	}
	return dirs, nil
}

// unresolved says why a reference leads to no run. A directory without a run.json names none.
func unresolved(what, ref string, err error) error {
	var several *results.AmbiguousError
	switch {
	case errors.Is(err, results.ErrNoRun):
		return usagef("%s: %w", what, err)
	case errors.Is(err, fs.ErrNotExist):
		return usagef("%s: %s is no run directory: it has no %s: %w", what, ref, results.RunFile, results.ErrNoRun)
	case errors.As(err, &several):
		return usagef("%s: %w", what, err).withHint("name one of them")
	}
	return usagef("%s: %s cannot be read: %w", what, ref, err)
}

// noBaseline gives the error of a baseline that is not there its exit code: nothing can be said then, which is never green.
func noBaseline(err error) error {
	var use *exitError
	if errors.Is(err, results.ErrNoRun) && errors.As(err, &use) {
		use.code = results.ExitNoData
		use.hint = "axbench results tag DIR NAME names a run that others are held against"
	}
	return err
}

func readSide(dirs []string) (s openSide, err error) {
	for _, dir := range dirs {
		rec, err := openRun(dir)
		if err != nil {
			return s, err
		}
		course, err := rec.Course()
		if err != nil {
			return s, usagef("%s cannot be read as a run directory: %w", dir, err)
		}
		s.records, s.courses = append(s.records, rec), append(s.courses, course)
	}
	return s, nil
}

// unlike tells of runs that are not to be compared, a line for each difference. The hint is for those that could be.
func unlike(err error, hint string) error {
	var e *judge.UnlikeError
	if !errors.As(err, &e) {
		return err
	}
	lines := []string{"the runs are unlike and are not compared"}
	for _, d := range e.Differences {
		lines = append(lines, fmt.Sprintf("%s: %s as baseline, %s now", d.What, d.Base, d.New))
	}
	if e.Never {
		hint = "a closed model is never compared with an open one: its callers do not call while they wait"
	}
	return usagef("%s", strings.Join(lines, "\n")).withHint(hint)
}
