package cmd

import (
	"fmt"
	"slices"
	"strings"

	"axbench/report"
	"axbench/results"

	"github.com/urfave/cli/v2"
)

// wantFlags narrow what is looked at in a store.
func wantFlags() []cli.Flag {
	return []cli.Flag{
		storeFlag(),
		&cli.StringFlag{Name: "scenario", Usage: "only of that scenario; conformance runs are of the scenario conform"},
		&cli.StringFlag{Name: "kind", Usage: "only run, conform or capacity"},
	}
}

func (p *program) resultsCommand() *cli.Command {
	return &cli.Command{
		Name:  "results",
		Usage: "the history of runs: list, show, tag, prune, trend",
		UsageText: "axbench results list [--scenario NAME] [--tag TAG] [--limit N]\naxbench results show REF\naxbench results tag REF TAG [--remove]\n" +
			"axbench results prune --keep N | --older 30d [--yes]\naxbench results trend [--scenario NAME] [--metric METRIC ...] [--output FILE]",
		Description: "REF is " + results.RefForms + ".\n" +
			"Only directories of the form <UTC time>-<scenario>-<4 hex> are listed, tagged and pruned: those that a run without --out makes.",
		Flags: []cli.Flag{jsonFlag()},
		Action: func(ctx *cli.Context) error {
			subs := names(ctx.Command.Subcommands)
			if ctx.NArg() == 0 {
				return usagef("no subcommand given").withHint("axbench results " + strings.Join(subs, ", "))
			}
			return usagef("unknown argument %q", ctx.Args().First()).withHint(
				nearestHint(ctx.Args().First(), subs, "axbench results "+strings.Join(subs, ", ")))
		},
		Subcommands: []*cli.Command{p.resultsListCommand(), p.resultsShowCommand(), p.resultsTagCommand(), p.resultsPruneCommand(), p.resultsTrendCommand()},
	}
}

func (p *program) resultsListCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list what is in the store, newest first",
		Description: "Rate and quantiles are those of the recorded phase with the most calls: calls sent a second, and response times as offered.\n" +
			"Of a search for capacity the rate is the one that was held.",
		Flags: append(wantFlags(),
			&cli.StringFlag{Name: "tag", Usage: "only what bears that tag"},
			&cli.IntFlag{Name: "limit", Value: 20, Usage: "so many at most, 0 for all"},
			jsonFlag()),
		Action: p.resultsList,
	}
}

// wantOf reads wantFlags, and --tag where the command has it.
func wantOf(ctx *cli.Context) (results.Want, error) {
	want := results.Want{Scenario: ctx.String("scenario"), Kind: results.Kind(ctx.String("kind"))}
	kinds := []results.Kind{"", results.KindRun, results.KindConform, results.KindCapacity}
	if !slices.Contains(kinds, want.Kind) {
		return want, usagef("--kind: unknown kind %q, accepted: run, conform, capacity", string(want.Kind))
	}
	if want.Tag = ctx.String("tag"); want.Tag != "" {
		if err := results.CheckTag(want.Tag); err != nil {
			return want, usagef("--tag: %w", err)
		}
	}
	return want, nil
}

func (p *program) resultsList(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	want, err := wantOf(ctx)
	if err != nil {
		return err
	}
	limit := ctx.Int("limit")
	if limit < 0 {
		return usagef("--limit %d is below 0", limit).withHint("0 lists all")
	}
	entries, err := results.Entries(ctx.String("store"), want)
	if err != nil {
		return usagef("--store: %w", err)
	}
	list, more := []results.Entry{}, false
	for e := range entries {
		if more = limit > 0 && len(list) == limit; more {
			break
		}
		list = append(list, e)
	}
	if ctx.Bool("json") {
		err = p.printJSON(list)
	} else if len(list) > 0 {
		err = report.EntriesText(p.stdout, list, p.textOptions())
	}
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	switch {
	case more:
		p.say("axbench: the newest %d are listed: --limit 0 lists all\n", limit)
	case len(list) == 0:
		p.say("axbench: nothing of that kind in %s\n", report.Escape(ctx.String("store")))
	}
	return nil
}
