// Package cmd is the command line of axbench: flags, streams, signals, progress and exit codes.
//
// One file holds one command. A command parses its flags, calls the rooms that do the work and prints: results to
// stdout, everything else to stderr. What a run is, how an answer is checked and how a report looks is left to those
// rooms. Nothing here ends the process; Main returns the exit code and main.go hands it to the system.
//
// Goroutines are owned by the command that starts them: its Action returns when all of them have ended.
package cmd

import (
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// program is what every command needs of the world outside. It is made by Main and never changed, but for what over holds.
type program struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	env    func(string) string // as os.Getenv
	wall   func() time.Time    // the clock of this machine
	over   *overBars           // on stderr
}

// Main runs one command line (without the program's name) and returns its exit code (DESIGN.md "Exit codes").
// env looks up an environment variable as os.Getenv does. Main may be called from several goroutines at once.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) (code int) {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, env: env, wall: time.Now, over: &overBars{}}
	defer func() {
		if v := recover(); v != nil {
			code = p.fail(panicError(v))
		}
	}()
	return p.fail(p.run(args))
}

// run puts the arguments into the order the library reads and hands them over.
func (p *program) run(args []string) error {
	app := p.app()
	ordered, err := order(app, args)
	if err != nil {
		return err
	}
	return app.Run(append([]string{app.Name}, ordered...))
}

// commands lists the commands in the order of the help text.
func (p *program) commands() []*cli.Command {
	return []*cli.Command{
		p.runCommand(),
		p.planCommand(),
		p.capacityCommand(),
		p.agentCommand(),
		p.attachCommand(),
		p.callCommand(),
		p.conformCommand(),
		p.emulateCommand(),
		p.compareCommand(),
		p.reportCommand(),
		p.resultsCommand(),
		p.scenariosCommand(),
		p.codesCommand(),
		p.cleanupCommand(),
		p.calibrateCommand(),
	}
}

// app is the frame around the commands. urfave/cli by itself prints the help text on errors, takes unknown commands for
// successes and ends the process inside Run: each of these is switched off here.
func (p *program) app() *cli.App {
	app := &cli.App{
		Name:      "axbench",
		Usage:     "load-testing and conformance harness for the API BindAxb",
		UsageText: "axbench COMMAND [ARGUMENT] [--flag VALUE ...]",
		Description: "Every flag has a twin in the environment: --max-in-flight is AXBENCH_MAX_IN_FLIGHT, where a repeatable\n" +
			"flag takes one value per line. Flags that loosen a guard have none: --allow-host, --insecure, --plaintext, --any-interface;\n" +
			"nor have --yes and --force.\n\n" +
			"Exit codes: 0 pass, 1 internal error, 2 bad use or invalid file, 3 SLO missed, 4 not conformant, 5 regression,\n" +
			"6 run invalid, 7 nothing measured or inconclusive, 8 refused by a safety guard, 130/143 interrupted.",
		Version:                   version(),
		Writer:                    p.stdout,
		ErrWriter:                 p.stderr,
		Reader:                    p.stdin,
		Commands:                  p.commands(),
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true, // a comma is part of an SLO rule
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              onUsageError,
		Action:                    noCommand,
	}
	for _, c := range app.Commands {
		p.frame(c)
	}
	return app
}

// frame gives c and everything below it the behaviour all commands share.
func (p *program) frame(c *cli.Command) {
	c.HideHelpCommand = true
	c.OnUsageError = onUsageError
	if action := c.Action; action != nil {
		c.Action = func(ctx *cli.Context) error {
			if err := p.applyTwins(ctx); err != nil {
				return err
			}
			return action(ctx)
		}
	}
	for _, sub := range c.Subcommands {
		p.frame(sub)
	}
}

// noCommand is what happens without a command; order has refused unknown ones before.
func noCommand(*cli.Context) error {
	return usagef("no command given").withHint("axbench --help lists the commands, axbench run quickstart is a first one")
}

// version is that of the module, or "devel" for a build from a working tree.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}
