package cmd

import (
	"strings"

	"github.com/urfave/cli/v2"
)

func (p *program) agentCommand() *cli.Command {
	return &cli.Command{
		Name:      "agent",
		Usage:     "one generator of a run with many",
		UsageText: "axbench agent manifest --kind KIND --run ID --nats URL",
		Action: func(ctx *cli.Context) error {
			subs := names(ctx.Command.Subcommands)
			if ctx.NArg() == 0 {
				return usagef("no subcommand given").withHint("axbench agent " + strings.Join(subs, ", "))
			}
			return usagef("unknown argument %q", ctx.Args().First()).withHint(
				nearestHint(ctx.Args().First(), subs, "axbench agent "+strings.Join(subs, ", ")))
		},
		Subcommands: []*cli.Command{p.manifestCommand()},
	}
}
