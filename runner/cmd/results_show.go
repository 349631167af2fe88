package cmd

import (
	"bytes"
	"fmt"

	"axbench/results"

	"github.com/urfave/cli/v2"
)

func (p *program) resultsShowCommand() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "print the report of a run, a conformance run or a search for capacity",
		ArgsUsage:   "REF",
		Description: "REF is " + results.RefForms + ".\naxbench report DIR makes the other forms of it; --path prints that directory.",
		Flags:       append(wantFlags(), &cli.BoolFlag{Name: "path", Usage: "print the directory alone"}, jsonFlag()),
		Action:      p.resultsShow,
	}
}

// resolve finds the one directory that a user's reference names.
func resolve(ctx *cli.Context, ref string) (string, error) {
	want, err := wantOf(ctx)
	if err != nil {
		return "", err
	}
	dir, err := results.ResolveOne(ctx.String("store"), ref, want)
	if err != nil {
		return "", refError(err)
	}
	return dir, nil
}

// refError gives the error of a reference its exit code and the next step.
func refError(err error) error {
	hinted := &exitError{code: codeOf(err), err: err}
	switch hinted.code {
	case results.ExitNoData:
		return hinted.withHint("axbench results list names what there is; a reference is " + results.RefForms)
	case results.ExitInternal:
		hinted.code = results.ExitUsage // the directory cannot be read
	}
	return hinted
}

func (p *program) resultsShow(ctx *cli.Context) error {
	ref, err := oneArgument(ctx, "the reference to a run")
	if err != nil {
		return err
	}
	dir, err := resolve(ctx, ref)
	if err != nil {
		return err
	}
	if ctx.Bool("path") {
		if ctx.Bool("json") {
			return usagef("--path and --json are two results")
		}
		return p.print(dir + "\n")
	}
	format := "text"
	if ctx.Bool("json") {
		format = "json"
	}
	_, render := p.reportOf(dir)
	var b bytes.Buffer
	if err := render(&b, dir, format, p.reportOptions(ctx, "-")); err != nil {
		return orNewest(err, ctx.String("store"))
	}
	if err := p.print(b.String()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
