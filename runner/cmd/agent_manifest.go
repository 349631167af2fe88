package cmd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"axbench/runner/fleet/deploy"

	"github.com/urfave/cli/v2"
)

// agentDeadline is how long an agent lives at most, unless somebody says otherwise: it ends by itself long before.
const agentDeadline = 24 * time.Hour

func (p *program) manifestCommand() *cli.Command {
	return &cli.Command{
		Name:  "manifest",
		Usage: "print what places the agents of a run: a Job for Kubernetes, a unit for systemd, a script for Slurm",
		UsageText: "axbench agent manifest --kind kubernetes --run ID --nats URL --generators N --image IMAGE [--allow-host HOST ...]\n" +
			"axbench agent manifest --kind systemd|slurm --run ID --nats URL --generators N [--env-file FILE] [--allow-host HOST ...] [-- ARGUMENT ...]",
		Description: "What it prints begins with the steps to take. It holds no credentials: Kubernetes has them in Secrets, a host in a file of mode 0600.\n" +
			"Arguments after -- are handed to the agents, --ca FILE for one: files are those of the agents' hosts.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "kind", Usage: strings.Join(deploy.Kinds(), ", ")},
			&cli.StringFlag{Name: "run", Usage: "`ID` of the run, as axbench run --run-id has it"},
			&cli.StringFlag{Name: "nats", Usage: "`URL` of the NATS server as the agents reach it; several with commas"},
			&cli.IntFlag{Name: "generators", Value: 1, Usage: "how many agents"},
			&cli.DurationFlag{Name: "deadline", Value: agentDeadline, Usage: "end an agent that is still there after that long"},
			&cli.StringSliceFlag{Name: "allow-host", Usage: "a foreign `HOST` that the agents may send to"},
			&cli.StringFlag{Name: "program", Value: deploy.DefaultProgram, Usage: "`PATH` of axbench on the hosts, or in the image"},
			&cli.StringFlag{Name: "image", Usage: "kubernetes: container `IMAGE` with axbench in it"},
			&cli.StringFlag{Name: "secret", Usage: "kubernetes: Secret with the credentials of the API, empty for none (default: " + deploy.DefaultSecret + ")"},
			&cli.StringFlag{Name: "nats-secret", Usage: "kubernetes: Secret with the credentials for the NATS server, empty for none (default: " + deploy.DefaultNATSSecret + ")"},
			&cli.StringFlag{Name: "env-file", Usage: "systemd, slurm: `FILE` with credentials on the hosts, empty for none (default of systemd: " + deploy.DefaultEnvFile + ")"},
			&cli.StringFlag{Name: "nats-creds", Usage: "`FILE` of the hosts with a JWT and its key; kubernetes: its name is a key of --nats-secret, as of the next four"},
			&cli.StringFlag{Name: "nats-nkey", Usage: "`FILE` of the hosts with the seed of an nkey"},
			&cli.StringFlag{Name: "nats-ca", Usage: "`FILE` of the hosts with root certificates for the NATS server"},
			&cli.StringFlag{Name: "nats-cert", Usage: "`FILE` of the hosts with a certificate for the NATS server"},
			&cli.StringFlag{Name: "nats-key", Usage: "`FILE` of the hosts with the key of that certificate"},
		},
		Action: p.manifest,
	}
}

func (p *program) manifest(ctx *cli.Context) error {
	for _, name := range []string{"kind", "run", "nats"} {
		if ctx.String(name) == "" {
			return usagef("--%s is missing", name).withHint("axbench agent manifest --kind kubernetes --run ID --nats URL")
		}
	}
	kind := ctx.String("kind")
	text, err := deploy.Manifest(kind, manifestSettings(ctx, kind))
	var field *deploy.FieldError
	switch {
	case errors.As(err, &field) && field.Field == "args":
		return usagef("after --: %s", field.Reason)
	case errors.As(err, &field):
		return usagef("--%s: %s", field.Field, field.Reason)
	case err != nil:
		return err
	}
	if _, err := p.stdout.Write(text); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// manifestSettings reads the flags. Where credentials are has a default that depends on the kind.
func manifestSettings(ctx *cli.Context, kind string) deploy.Settings {
	or := func(flag, of, otherwise string) string {
		if ctx.IsSet(flag) || kind != of {
			return ctx.String(flag)
		}
		return otherwise
	}
	return deploy.Settings{
		Run: ctx.String("run"), NATS: ctx.String("nats"), Generators: ctx.Int("generators"), Deadline: ctx.Duration("deadline"),
		Program: ctx.String("program"), AllowHosts: ctx.StringSlice("allow-host"), Args: ctx.Args().Slice(), Image: ctx.String("image"),
		Secret:     or("secret", deploy.Kubernetes, deploy.DefaultSecret),
		NATSSecret: or("nats-secret", deploy.Kubernetes, deploy.DefaultNATSSecret),
		EnvFile:    or("env-file", deploy.Systemd, deploy.DefaultEnvFile),
		Files: deploy.Files{Creds: ctx.String("nats-creds"), Nkey: ctx.String("nats-nkey"), CA: ctx.String("nats-ca"),
			Cert: ctx.String("nats-cert"), Key: ctx.String("nats-key")},
	}
}
