package cmd

import (
	"github.com/urfave/cli/v2"
)

func (p *program) capacityCommand() *cli.Command {
	return &cli.Command{
		Name:        "capacity",
		Usage:       "how much is enough: X numbers for a pool",
		Subcommands: []*cli.Command{p.poolCommand()},
		Action: func(*cli.Context) error {
			return usagef("what the capacity is of is missing").withHint("axbench capacity pool --rate 50/s --hold 10m")
		},
	}
}
