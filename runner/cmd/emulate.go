package cmd

import (
	"context"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"axbench/conformance/emulator"
	"axbench/conformance/emulator/admin"

	"github.com/urfave/cli/v2"
)

// defaultListen is where the emulator answers unless told otherwise: on loopback, on a port nobody else has.
const defaultListen = "127.0.0.1:8080"

func (p *program) emulateCommand() *cli.Command {
	return &cli.Command{
		Name:  "emulate",
		Usage: "serve the API as documented, until interrupted",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "`HOST:PORT` to listen on; port 0 takes a free one (default: " + defaultListen + ", or listen of the configuration)"},
			&cli.StringFlag{Name: "config", Usage: "YAML `FILE` with the settings of the emulator; - reads stdin"},
			&cli.BoolFlag{Name: "conformance", Usage: "serve a configuration of which a conformance suite can provoke everything"},
			&cli.BoolFlag{Name: "provisioning", Usage: "print the provisioning file that declares this emulator to axbench conform instead of serving"},
			&cli.StringFlag{Name: "admin", Usage: "`HOST:PORT` of a second listener with truth, metrics, journal, clock and call records"},
			&cli.BoolFlag{Name: "any-interface", Usage: "allow an address that other machines can reach"},
			&cli.BoolFlag{Name: "tls", Usage: "speak TLS, with a certificate of a local authority that is made at each start"},
			&cli.StringFlag{Name: "ca-out", Usage: "write the certificate of that authority to `FILE`, for clients to trust"},
			&cli.Int64Flag{Name: "seed", DefaultText: "the configuration's, or 1", Usage: "fixes latencies, codes, faults and the choice of numbers"},
			&cli.StringSliceFlag{Name: "mutant", Usage: "show the wrong behaviour `ID`; repeatable, or several with commas"},
			&cli.StringSliceFlag{Name: "benign", Usage: "show the unusual but correct behaviour `ID`; likewise"},
			&cli.BoolFlag{Name: "list-mutants", Usage: "print all mutants and benign variants instead of serving"},
			&cli.StringFlag{Name: "journal", Usage: "append each refusal to `FILE`, as a line of JSON; - is stdout"},
			&cli.BoolFlag{Name: "sample", Usage: "print a configuration with every setting explained instead of serving"},
			&cli.BoolFlag{Name: "child", Hidden: true, Usage: "serve the process that started this one, over stdin and stdout"},
			jsonFlag(),
		},
		Action: p.emulate,
	}
}

func (p *program) emulate(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	switch {
	case ctx.Bool("child"):
		return p.emulateChild()
	case ctx.Bool("sample"):
		return p.print(emulator.Sample)
	case ctx.Bool("list-mutants"):
		return p.listMutants(ctx.Bool("json"))
	}
	cfg, err := p.emulatorConfig(ctx)
	if err != nil {
		return err
	}
	server, err := emulator.New(cfg, nil)
	if err != nil {
		return err
	}
	if ctx.Bool("provisioning") {
		return p.printProvisioning(cfg, server, ctx.String("admin"))
	}
	if ctx.String("ca-out") != "" && server.CA() == nil {
		return usagef("--ca-out: there is no local authority to write").withHint("--tls makes one, unless the configuration names a certificate")
	}
	e := &emulation{program: p, server: server, config: cfg, caOut: ctx.String("ca-out"), journalName: ctx.String("journal")}
	if err := e.open(ctx.String("admin")); err != nil {
		return err
	}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	context.AfterFunc(stop, cancel) // so that a second interrupt ends the process
	if err := e.announce(ctx.Bool("json")); err != nil {
		e.close()
		return err
	}
	began := time.Now()
	err = e.serve(stop)
	e.summary(time.Since(began))
	return err
}

// emulateChild leaves interrupts to the parent: the terminal sends them to both, and the child ends with its stdin.
func (p *program) emulateChild() error {
	signal.Ignore(os.Interrupt)
	defer signal.Reset(os.Interrupt)
	return emulator.ServeChild(context.Background(), p.stdin, p.stdout, func(ctx context.Context, l net.Listener, s *emulator.Server) error {
		return admin.Serve(ctx, l, (&emulation{program: p, server: s, admin: l}).adminHandler())
	})
}

// emulatorConfig reads the configuration and lays the flags over it.
func (p *program) emulatorConfig(ctx *cli.Context) (*emulator.Config, error) {
	name, data, err := p.emulatorSettings(ctx)
	if err != nil {
		return nil, err
	}
	cfg, err := emulator.Parse(name, data, 1)
	if err != nil {
		return nil, err
	}
	if ctx.IsSet("seed") {
		cfg.Seed = ctx.Int64("seed")
	}
	if ctx.Bool("tls") && cfg.TLS == nil {
		cfg.TLS = &emulator.TLS{}
	}
	if cfg.Mutants, err = deviationIDs("mutant", cfg.Mutants, ctx.StringSlice("mutant"), emulator.Mutants()); err != nil {
		return nil, err
	}
	if cfg.Benign, err = deviationIDs("benign", cfg.Benign, ctx.StringSlice("benign"), emulator.BenignVariants()); err != nil {
		return nil, err
	}
	cfg.Listen = firstOf(ctx.String("listen"), cfg.Listen, defaultListen)
	for flag, address := range map[string]string{"listen": cfg.Listen, "admin": ctx.String("admin")} {
		if address == "" {
			continue
		}
		if err := checkListen(flag, address, "the emulator's key is known to everybody", ctx.Bool("any-interface")); err != nil {
			return nil, err
		}
	}
	return cfg, nil
}

// emulatorSettings is the text of the configuration, with its name for errors.
func (p *program) emulatorSettings(ctx *cli.Context) (name string, data []byte, err error) {
	switch name = ctx.String("config"); {
	case ctx.Bool("conformance") && name != "":
		return "", nil, usagef("--conformance and --config: one of them").withHint("--conformance is a configuration of its own")
	case ctx.Bool("conformance"):
		return "the configuration of --conformance", emulator.ConformanceSample(), nil
	case name != "":
		data, err = p.readInput(name)
	}
	return name, data, err
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// splitCommas parts each text at its commas and leaves out what is empty.
func splitCommas(texts []string) (parts []string) {
	for _, text := range texts {
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
	}
	return parts
}
