package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"axbench/report"
	"axbench/results"
	"axbench/results/judge"

	"github.com/urfave/cli/v2"
)

// comparePage is the page of the comparison of a run with its baseline, in the directory of the run.
const comparePage = "compare.html"

// baselineFlags are those of a run that is held against others.
func baselineFlags() []cli.Flag {
	return append(compareFlags(),
		&cli.StringSliceFlag{Name: "baseline", Usage: "hold the run against this `RUN`, a directory, a name, a tag or latest: worse is exit code 5, no baseline 7; repeatable"})
}

// baseline is what a run is held against when it has ended.
type baseline struct {
	openSide
	effects []judge.MinEffect
	missing string           // why there is none, a sentence; "" if there is one
	outcome *report.Compared // once there is one
}

// openBaseline reads the runs that --baseline names, before anything is sent. One that does not exist is no error: the run is made, so
// that there is something to tag, and cannot be green.
func (p *program) openBaseline(ctx *cli.Context, scenario string) (*baseline, error) {
	effects, err := readEffects(ctx)
	if err != nil {
		return nil, err
	}
	var refs []string
	for _, v := range ctx.StringSlice("baseline") {
		refs = append(refs, splitRefs(v)...)
	}
	if len(refs) == 0 {
		if len(effects) > 0 && p.env(twin("min-effect")) == "" { // the variable is for axbench compare, too
			return nil, usagef("--min-effect belongs to --baseline")
		}
		return nil, nil
	}
	b := &baseline{effects: effects}
	dirs, err := resolveRuns(ctx.String("store"), refs, scenario, "baseline")
	if errors.Is(err, results.ErrNoRun) {
		b.missing = missingBaseline(refs)
		p.warnf("%v: the run will end with exit code %d at best", err, results.ExitNoData)
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	b.openSide, err = readSide(dirs)
	return b, orNewest(err, ctx.String("store"))
}

// missingBaseline is the reason of a run whose baseline does not exist.
func missingBaseline(refs []string) string {
	return fmt.Sprintf("there is no baseline to hold the run against: %s names no run", strings.Join(refs, ", "))
}

// fits tells why the run cannot be held against its baseline, before it begins.
func (s *session) fits() error {
	if s.baseline == nil || s.baseline.missing != "" {
		return nil
	}
	if err := judge.Unlike(s.baseline.courses, s.run); err != nil {
		return unlike(err, "axbench results lists what there is")
	}
	return nil
}

// compare holds the run, which was judged by itself, against its baseline, and judges it again with what comes of that.
func (s *session) compare(rec *results.Record, in judge.Input) error {
	b := s.baseline
	switch {
	case b == nil || in.Interrupted != 0:
		return nil
	case b.missing != "":
		in.Incomplete = append(in.Incomplete, b.missing)
		judge.Judge(rec, in)
		return nil
	}
	course, err := rec.Course()
	if err != nil {
		return err
	}
	c, err := judge.Compare(judge.CompareInput{Base: b.courses, New: []*results.Course{course}, Effects: b.effects})
	if err != nil {
		return err
	}
	c.Version = version()
	switch {
	case c.ExitCode == results.ExitRegression:
		in.Regressions = judge.Worse(c)
	case c.ExitCode == results.ExitNoData:
		for _, r := range c.Reasons {
			in.Incomplete = append(in.Incomplete, fmt.Sprintf("against the baseline: %s", r))
		}
	}
	judge.Judge(rec, in)
	c.New[0].Verdict, c.New[0].ExitCode = rec.Run.Verdict, rec.Run.ExitCode
	b.outcome = &report.Compared{Comparison: c, BaseRuns: b.records, NewRuns: []*results.Record{rec}}
	return nil
}

// keepComparison puts the comparison beside the run, as data and as a page.
func (s *session) keepComparison() error {
	if s.baseline == nil || s.baseline.outcome == nil {
		return nil
	}
	for name, format := range map[string]string{results.ComparisonFile: "json", comparePage: "html"} {
		var b bytes.Buffer
		err := report.WriteCompare(&b, s.baseline.outcome, format, report.Options{HTML: report.HTMLOptions{Lang: s.lang}})
		if err == nil {
			err = results.WriteFile(filepath.Join(s.dir, name), b.Bytes(), 0o644)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
