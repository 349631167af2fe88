package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"axbench/report"
	"axbench/results"

	"github.com/urfave/cli/v2"
)

func (p *program) reportCommand() *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "print the report of a run directory, or of that of a conformance run",
		ArgsUsage: "DIR",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "text", Usage: "form of the report: text"},
			jsonFlag(),
		},
		Action: p.report,
	}
}

// report ends with 0 whatever the verdict of the run was: it reports, it does not judge.
func (p *program) report(ctx *cli.Context) error {
	dir, err := oneArgument(ctx, "the run directory")
	if err != nil {
		return err
	}
	if f := ctx.String("format"); f != "text" {
		return usagef("--format: unknown format %q, accepted: text", f)
	}
	if results.IsConformDir(dir) {
		return p.reportConform(ctx, dir)
	}
	rec, err := openRun(dir)
	if err != nil {
		return err
	}
	if ctx.Bool("json") {
		return p.printJSON(&rec.Run)
	}
	return report.Text(p.stdout, rec, p.textOptions())
}

// reportConform is report for the directory of a conformance run.
func (p *program) reportConform(ctx *cli.Context, dir string) error {
	rec, err := results.OpenConform(dir)
	if err != nil {
		return usagef("%s cannot be read as the directory of a conformance run: %w", dir, err).withHint(newestHint())
	}
	if ctx.Bool("json") {
		return p.printJSON(&rec.Conform)
	}
	return report.ConformText(p.stdout, rec, p.textOptions())
}

// openRun reads a run directory that a user named. What cannot be read is bad use.
func openRun(dir string) (*results.Record, error) {
	if _, err := os.Stat(filepath.Join(dir, results.RunFile)); errors.Is(err, fs.ErrNotExist) {
		what := "it has no " + results.RunFile
		if _, err := os.Stat(dir); err != nil {
			what = "it does not exist"
		}
		return nil, usagef("%s is no run directory: %s", dir, what).withHint(newestHint())
	}
	rec, err := results.Open(dir)
	if err != nil {
		return nil, usagef("%s cannot be read as a run directory: %w", dir, err).withHint(newestHint())
	}
	return rec, nil
}

// newestHint names the last run of this directory.
func newestHint() string {
	dirs, err := results.List(store)
	if err != nil || len(dirs) == 0 {
		return "axbench run quickstart makes a run directory below " + store
	}
	return "the newest run here is " + filepath.ToSlash(dirs[len(dirs)-1])
}
