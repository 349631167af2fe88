package cmd

import (
	"fmt"
	"strings"

	"axbench/results"

	"github.com/urfave/cli/v2"
)

// baselineTag is the tag that runs are commonly compared with: it is kept from runs that decide nothing.
const baselineTag = "baseline"

func (p *program) resultsTagCommand() *cli.Command {
	return &cli.Command{
		Name:      "tag",
		Usage:     "give a run a tag, or take it away",
		ArgsUsage: "REF TAG",
		Description: "REF is " + results.RefForms + ".\n" +
			"A tag names at most one directory of each kind and scenario in a store: set on another it moves there. It lies in the file tags of\n" +
			"the directory and goes where the directory is copied to. A run that is invalid, brought no data, was interrupted or has not ended\n" +
			"becomes the " + baselineTag + " only with --force.",
		Flags: append(wantFlags(),
			&cli.BoolFlag{Name: "remove", Usage: "take the tag away"},
			&cli.BoolFlag{Name: "force", Usage: "also a run that nothing can be compared with"},
			jsonFlag()),
		Action: p.resultsTag,
	}
}

// tagged is the result of axbench results tag.
type tagged struct {
	Dir  string   `json:"dir"`
	Tag  string   `json:"tag"`
	From []string `json:"from"` // directories that bore it and do no longer
	Tags []string `json:"tags"` // of the directory, afterwards
}

func (p *program) resultsTag(ctx *cli.Context) error {
	if n := ctx.NArg(); n != 2 {
		if n > 2 {
			return usagef("unexpected argument %q", ctx.Args().Get(2))
		}
		return usagef("a reference to a run and a tag are wanted, %d of them given", n).withHint("axbench results tag latest " + baselineTag)
	}
	name := ctx.Args().Get(1)
	if err := results.CheckTag(name); err != nil {
		return usagef("%w", err)
	}
	dir, err := resolve(ctx, ctx.Args().First())
	if err != nil {
		return err
	}
	e, err := results.ReadStored(dir)
	if err != nil {
		return usagef("%s cannot be tagged: %w", dir, err).withHint("only what a run without --out makes can be tagged")
	}
	r := tagged{Dir: dir, Tag: name, From: []string{}}
	if ctx.Bool("remove") {
		err = untag(&r)
	} else {
		err = p.setTag(e, &r, ctx.Bool("force"))
	}
	if err != nil {
		return err
	}
	if r.Tags, err = results.ReadTags(dir); err != nil {
		return err
	}
	if ctx.Bool("json") {
		return p.printJSON(r)
	}
	return p.print(r.text(ctx.Bool("remove")))
}

func untag(r *tagged) error {
	had, err := results.ClearTag(r.Dir, r.Tag)
	switch {
	case err != nil:
		return usagef("%w", err)
	case !had:
		return &exitError{code: results.ExitNoData, err: fmt.Errorf("%s does not bear the tag %s", r.Dir, r.Tag)}
	}
	r.From = []string{r.Dir}
	return nil
}

func (p *program) setTag(e *results.Entry, r *tagged, force bool) error {
	problem, grave := unfit(e)
	if grave && r.Tag == baselineTag && !force {
		return usagef("%s is no baseline: %s", r.Dir, problem).withHint("--force tags it all the same")
	}
	from, err := results.SetTag(r.Dir, r.Tag)
	if err != nil {
		return usagef("%w", err)
	}
	r.From = append(r.From, from...)
	if problem != "" {
		p.warnf("%s: %s", r.Dir, problem)
	}
	return nil
}

// unfit says what speaks against comparing with a directory, "" for nothing; grave is what no comparison can be made with.
func unfit(e *results.Entry) (problem string, grave bool) {
	if e.Partial || e.ExitCode == nil {
		return "it has not ended, or was killed", true
	}
	switch code := *e.ExitCode; {
	case code == results.ExitPass || e.Kind == results.KindConform && code == results.ExitNoData:
		return "", false
	case e.Kind == results.KindConform || code == results.ExitSLO || code == results.ExitNonconformant || code == results.ExitRegression:
		return fmt.Sprintf("its verdict is %s, exit code %d", e.Verdict, code), false
	default:
		return fmt.Sprintf("its verdict is %s, exit code %d: it decides nothing", e.Verdict, code), true
	}
}

func (r *tagged) text(removed bool) string {
	if removed {
		return fmt.Sprintf("%s no longer bears the tag %s\n", r.Dir, r.Tag)
	}
	text := fmt.Sprintf("%s bears the tag %s", r.Dir, r.Tag)
	if len(r.From) > 0 {
		text += ", which was taken from " + strings.Join(r.From, ", ")
	}
	return text + "\n"
}
