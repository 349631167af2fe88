package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"axbench/report"
	"axbench/results"

	"github.com/urfave/cli/v2"
)

func (p *program) reportCommand() *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "make a report of a run directory, or of that of a conformance run or a search for capacity",
		ArgsUsage: "DIR",
		Description: "DIR is " + results.RefForms + ".\n" +
			"Formats of a run: " + strings.Join(report.RunFormats(), ", ") + ".\n" +
			"Formats of a conformance run: " + strings.Join(report.ConformFormats(), ", ") + ".\n" +
			"Formats of a search for capacity: " + strings.Join(report.CapacityFormats(), ", ") + ".\n" +
			"Everything is read from the directory; the target is not asked. Exit code 0 whatever the verdict was, 2 for a directory\n" +
			"that cannot be read.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "text", Usage: "form of the report"},
			&cli.StringFlag{Name: "output", Value: "-", Usage: "`FILE` to write instead of stdout, whole or not at all"},
			&cli.BoolFlag{Name: "grafana", Usage: "print the dashboard for Grafana of runs with --metrics or OTLP, instead of a report; takes no DIR"},
			storeFlag(), langFlag(), &cli.BoolFlag{Name: "json", Usage: "short for --format json"},
		},
		Action: p.report,
	}
}

// report ends with 0 whatever the verdict of the run was: it reports, it does not judge.
func (p *program) report(ctx *cli.Context) error {
	if ctx.Bool("grafana") {
		return p.grafana(ctx)
	}
	ref, err := oneArgument(ctx, "the run directory")
	if err != nil {
		return err
	}
	dir, err := reportedDir(ctx.String("store"), ref)
	if err != nil {
		return err
	}
	format := ctx.String("format")
	if ctx.Bool("json") {
		if ctx.IsSet("format") && format != "json" {
			return usagef("--json and --format %s are two formats", format)
		}
		format = "json"
	}
	if _, err := langOf(ctx); err != nil {
		return err
	}
	if ctx.IsSet("lang") && format != "html" && p.env(twin("lang")) == "" {
		return usagef("--lang is of the format html: %s has one language", format)
	}
	output := ctx.String("output")
	if err := checkOutput(output, ""); err != nil {
		return usagef("--output: %w", err)
	}
	check, render := p.reportOf(dir)
	if err := check(format); err != nil {
		return usagef("--format: %w", err)
	}
	var b bytes.Buffer
	if err := render(&b, dir, format, p.reportOptions(ctx, output)); err != nil {
		return orNewest(err, ctx.String("store"))
	}
	if err := p.writeOutput(output, b.Bytes()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// reportedDir returns the directory that an argument names. A path is what it is, and so is what nothing is called by: whoever opens
// it says what is wrong.
func reportedDir(store, ref string) (string, error) {
	if _, err := os.Stat(ref); err == nil {
		return ref, nil
	}
	dir, err := results.ResolveOne(store, ref, results.Want{})
	switch {
	case err == nil:
		return dir, nil
	case errors.Is(err, results.ErrNoRun):
		return ref, nil
	}
	return "", unresolved("report", ref, err)
}

// reportOf returns which formats the report of a directory has, and what makes it.
func (p *program) reportOf(dir string) (check func(format string) error, render func(b *bytes.Buffer, dir, format string, o report.Options) error) {
	switch {
	case results.IsConformDir(dir):
		return report.CheckConformFormat, p.reportConform
	case results.IsCapacityDir(dir):
		return report.CheckCapacityFormat, p.reportCapacity
	}
	return report.CheckRunFormat, p.reportRun
}

// reportRun makes the report of a run directory. What the format has no room for is said on stderr.
func (p *program) reportRun(b *bytes.Buffer, dir, format string, o report.Options) error {
	rec, err := openRun(dir)
	if err != nil {
		return err
	}
	if err := report.WriteRun(b, rec, format, o); err != nil {
		return usagef("%s cannot be read as a run directory: %w", dir, err)
	}
	for _, w := range report.Unsaid(rec, format) {
		p.warnf("%s", w)
	}
	return nil
}

// reportConform makes the report of the directory of a conformance run.
func (p *program) reportConform(b *bytes.Buffer, dir, format string, o report.Options) error {
	rec, err := results.OpenConform(dir)
	if err == nil {
		err = report.WriteConform(b, rec, format, o)
	}
	if err != nil {
		return usagef("%s cannot be read as the directory of a conformance run: %w", dir, err)
	}
	return nil
}

// reportCapacity makes the report of the directory of a search for capacity.
func (p *program) reportCapacity(b *bytes.Buffer, dir, format string, o report.Options) error {
	rec, err := results.OpenCapacity(dir)
	if err == nil {
		err = report.WriteCapacity(b, rec, format, o)
	}
	if err != nil {
		return usagef("%s cannot be read as the directory of a search for capacity: %w", dir, err)
	}
	return nil
}

// openRun reads a run directory that a user named. What cannot be read is bad use.
func openRun(dir string) (*results.Record, error) {
	if _, err := os.Stat(filepath.Join(dir, results.RunFile)); errors.Is(err, fs.ErrNotExist) {
		what := "it has no " + results.RunFile
		if _, err := os.Stat(dir); err != nil {
			what = "it does not exist"
		}
		return nil, usagef("%s is no run directory: %s", dir, what)
	}
	rec, err := results.Open(dir)
	if err != nil {
		return nil, usagef("%s cannot be read as a run directory: %w", dir, err)
	}
	return rec, nil
}

// orNewest offers the newest run of a store to whoever named what cannot be read as a run.
func orNewest(err error, store string) error {
	var use *exitError
	if !errors.As(err, &use) || use.hint != "" {
		return err
	}
	dirs, listed := results.List(store)
	if listed != nil || len(dirs) == 0 {
		return use.withHint("axbench run quickstart makes a run directory below " + store)
	}
	return use.withHint("the newest run here is " + filepath.ToSlash(dirs[len(dirs)-1]))
}
