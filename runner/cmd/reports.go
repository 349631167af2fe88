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

	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"

	"github.com/urfave/cli/v2"
)

// wantedReport is a report to write beside, or with "-" in place of, the text on stdout.
type wantedReport struct{ format, path string }

// reportFlag is the flag of commands that make a report at their end.
func reportFlag(formats []string) cli.Flag {
	return &cli.StringSliceFlag{Name: "report", Usage: "write a report to a file too: `FORMAT=FILE`, repeatable; " + strings.Join(formats, ", ") +
		"; - as file is stdout, in place of the text there"}
}

// readReports reads --report and checks all that can be checked before there is something to report. out is the directory that
// the command will make, "" for one that nobody can know yet.
func readReports(ctx *cli.Context, out string, check func(format string) error) ([]wantedReport, error) {
	var list []wantedReport
	for _, v := range ctx.StringSlice("report") {
		format, path, ok := strings.Cut(v, "=")
		if !ok || path == "" {
			return nil, usagef("--report %q is not FORMAT=FILE", v).withHint("--report junit=junit.xml")
		}
		if err := check(format); err != nil {
			return nil, usagef("--report %s: %w", v, err)
		}
		same := func(r wantedReport) bool { return filepath.Clean(r.path) == filepath.Clean(path) }
		switch {
		case slices.ContainsFunc(list, same):
			return nil, usagef("--report: two reports go to %s", path)
		case path == "-" && ctx.Bool("json"):
			return nil, usagef("--report %s and --json both go to stdout", v)
		}
		if err := checkOutput(path, out); err != nil {
			return nil, usagef("--report %s: %w", v, err)
		}
		list = append(list, wantedReport{format, path})
	}
	return list, nil
}

// toStdout tells whether a report takes the place of the text on stdout.
func toStdout(list []wantedReport) bool {
	return slices.ContainsFunc(list, func(r wantedReport) bool { return r.path == "-" })
}

// writeReports writes every report that can be written; the error is of those that could not.
func (p *program) writeReports(ctx *cli.Context, list []wantedReport, render func(b *bytes.Buffer, format string, o report.Options) error) error {
	var errs []error
	for _, r := range list {
		var b bytes.Buffer
		err := render(&b, r.format, p.reportOptions(ctx, r.path))
		if err == nil {
			err = p.writeOutput(r.path, b.Bytes())
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("write the report %s=%s: %w", r.format, r.path, err))
		}
	}
	return errors.Join(errs...)
}

// reportOptions says what the place can show that a report goes to: a file keeps every character and no colour.
func (p *program) reportOptions(ctx *cli.Context, path string) report.Options {
	o := report.Options{HTML: report.HTMLOptions{Lang: ctx.String("lang")}}
	if path == "-" {
		o.Text = p.textOptions()
	}
	return o
}

// ownFiles are what a run directory keeps and no report may replace.
var ownFiles = []string{results.RunFile, results.TimelineFile, results.IntervalFile, results.EvidenceFile, results.ConformFile, results.ProfileFile,
	results.CapacityFile, results.ComparisonFile, results.TagsFile, traffic.JournalName, truthFile, fleetFile, fleetLog, results.BundleDir,
	results.BundleDir + ".zip"}

// checkOutput tells why a file cannot be written, as far as that shows before. Into the directory out, which is not there yet, it can.
func checkOutput(path, out string) error {
	if path == "-" {
		return nil
	}
	dir := filepath.Dir(path)
	fresh := out != "" && filepath.Clean(out) == filepath.Clean(dir)
	if slices.Contains(ownFiles, filepath.Base(path)) && (fresh || isAnyRun(dir)) {
		return fmt.Errorf("%s belongs to the run directory", path)
	}
	if fresh {
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	case err == nil && !info.Mode().IsRegular():
		return nil // a device or a pipe: it is written to, not replaced
	}
	probe, err := os.CreateTemp(dir, ".axbench.*")
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return fmt.Errorf("the folder %s takes no file: %w", dir, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// isAnyRun tells whether dir holds a run, a conformance run or a search for capacity.
func isAnyRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, results.RunFile))
	return err == nil || results.IsConformDir(dir) || results.IsCapacityDir(dir)
}

// writeOutput puts a finished text where the user wants it: whole or not at all, behind a symbolic link into the file it leads
// to. What is no file, such as a pipe or /dev/stderr, is written to; "-" is stdout.
func (p *program) writeOutput(path string, data []byte) error {
	if path == "-" {
		return p.print(string(data))
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	}
	return results.WriteFile(path, data, 0o644)
}
