package cmd

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestOrder(t *testing.T) {
	leaf := &cli.Command{Name: "run", Flags: []cli.Flag{&cli.StringFlag{Name: "rate"}, &cli.BoolFlag{Name: "json"}}}
	parent := &cli.Command{Name: "scenarios", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}},
		Subcommands: []*cli.Command{{Name: "show", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}}}}}
	app := &cli.App{Name: "axbench", Commands: []*cli.Command{leaf, parent}}
	cases := []struct{ name, in, want, err, hint string }{
		{"nothing", "", "", "", ""},
		{"flags first", "run --rate 5/s a", "run --rate 5/s -- a", "", ""},
		{"flags last", "run a --rate 5/s --json", "run --rate 5/s --json -- a", "", ""},
		{"equals sign", "run a --rate=5/s b", "run --rate=5/s -- a b", "", ""},
		{"value that looks like a flag", "run --rate -5 a", "run --rate -5 -- a", "", ""},
		{"stdin", "run - --json", "run --json -- -", "", ""},
		{"after the end of flags", "run --json -- --rate", "run --json -- --rate", "", ""},
		{"help", "run -h", "run -h", "", ""},
		{"subcommand", "scenarios show demo --json", "scenarios show --json -- demo", "", ""},
		{"flag before the subcommand", "scenarios --json show demo", "scenarios --json show -- demo", "", ""},
		{"no subcommand", "scenarios other --json", "scenarios --json -- other", "", ""},
		{"unknown command", "rum x", "", `unknown command "rum"`, "did you mean run?"},
		{"unlike any command", "frobnicate", "", `unknown command "frobnicate"`, "axbench --help lists the commands"},
		{"unknown flag", "run --rat 5", "", "unknown flag --rat", "did you mean --rate?"},
		{"unknown short flag", "run -x", "", "unknown flag -x", "axbench run --help lists the flags"},
		{"unknown flag of the program", "--rate 5 run", "", "unknown flag --rate", ""},
		{"no value", "run a --rate", "", "flag --rate needs a value", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := order(app, strings.Fields(c.in))
			if c.err == "" {
				if err != nil || strings.Join(got, " ") != c.want {
					t.Fatalf("%q, %v; want %q", got, err, c.want)
				}
				return
			}
			e, ok := err.(*exitError)
			if !ok || e.Error() != c.err || e.code != 2 || c.hint != "" && e.hint != c.hint {
				t.Fatalf("%#v, want %q with hint %q", err, c.err, c.hint)
			}
		})
	}
}
