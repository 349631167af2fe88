package cmd

import (
	"context"
	"slices"
	"time"

	"axbench/conformance"
	"axbench/conformance/contract"
	"axbench/report"

	"github.com/urfave/cli/v2"
)

func (p *program) conformCommand() *cli.Command {
	return &cli.Command{
		Name:  "conform",
		Usage: "hold an endpoint against the document, clause by clause",
		Description: "Sends calls that could show a clause broken, and says of each clause what was seen. What cannot be provoked from outside\n" +
			"is declared in a provisioning file: --init prints one to start from. Without it everything runs that needs no declaration.\n" +
			"Exit code 0 conformant, 4 not conformant, 7 incomplete or inconclusive, 2 bad use or file, 8 refused by a guard.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "target", DefaultText: "base_url of the provisioning file, or emulator", Usage: "emulator, or the `URL` of an endpoint"},
			&cli.StringFlag{Name: "provision", Usage: "`FILE` that declares what the endpoint has; - reads stdin"},
			&cli.StringFlag{Name: "profile", Value: "pop", Usage: "which clauses: seed (the document), pop (and the gateway's signature), doc2019 (and the later page), strict (and decisions of this project)"},
			&cli.StringSliceFlag{Name: "only", Usage: "only this `CLAUSE`; repeatable"},
			&cli.StringFlag{Name: "document", Value: contract.Edition2019.String(), Usage: "version of the document whose codes are in force: 2019-01, 2019-06, current"},
			&cli.StringFlag{Name: "known", Usage: "`FILE` with failures that are expected, each with its reason and its last day"},
			&cli.StringFlag{Name: "before", Usage: "profile.json `FILE` of an earlier run: a choice that changed is reported"},
			&cli.StringFlag{Name: "junit", Usage: "write the verdicts as JUnit XML to `FILE` too, as --report junit=FILE"},
			reportFlag(report.ConformFormats()),
			&cli.StringFlag{Name: "sign-key", Usage: "PEM `FILE` with an ed25519 private key that signs the bundle"},
			&cli.Int64Flag{Name: "seed", Value: 1, Usage: "fixes the order of numbers"},
			&cli.DurationFlag{Name: "limit", Value: 10 * time.Minute, Usage: "longest time for all of it"},
			&cli.DurationFlag{Name: "wait", Usage: "longest time that a case may wait for a binding to expire; without it such cases need a clock that can be moved"},
			&cli.DurationFlag{Name: "cleanup-time", Value: 30 * time.Second, Usage: "longest time for unbinding at the end"},
			&cli.BoolFlag{Name: "verbose", Usage: "show clauses that passed as well"},
			&cli.BoolFlag{Name: "list", Usage: "print the clauses instead of running"},
			&cli.BoolFlag{Name: "init", Usage: "print a provisioning file with every key explained instead of running"},
			&cli.BoolFlag{Name: "schema", Usage: "print the JSON Schema of provisioning files instead of running"},
			langFlag(), jsonFlag(),
		}, slices.Concat(conformTargetFlags(), outFlags("directory", "conform"))...),
		Subcommands: []*cli.Command{p.verifyCommand()},
		Action: func(ctx *cli.Context) error {
			if err := noArguments(ctx); err != nil {
				return err
			}
			switch {
			case ctx.Bool("list"):
				return p.listClauses(ctx)
			case ctx.Bool("init"):
				return p.print(string(conformance.ProvisionTemplate()))
			case ctx.Bool("schema"):
				return p.provisionSchema()
			}
			if _, err := langOf(ctx); err != nil {
				return err
			}
			c, err := p.newConform(ctx)
			if err != nil {
				return err
			}
			return p.interruptible(func(interrupt context.Context) error { return c.run(interrupt) })
		},
	}
}

// conformTargetFlags are those of every command that calls a target. --profile is the clauses' here.
func conformTargetFlags() []cli.Flag {
	flags := slices.DeleteFunc(targetFlags(), func(f cli.Flag) bool { return f.Names()[0] == "profile" })
	return append(flags, &cli.StringFlag{Name: "key-profile", Usage: "named profile of ~/.aliyun/config.json or ~/.alibabacloud/credentials"})
}

func (p *program) provisionSchema() error {
	schema, err := conformance.ProvisionSchema()
	if err != nil {
		return err
	}
	return p.print(string(schema))
}
