package cmd

import (
	"slices"
	"strings"

	"axbench/scenarios/strict"

	"github.com/urfave/cli/v2"
)

// order moves the flags of a command before its other arguments, because urfave/cli stops reading flags at the first
// argument that is none: in "run quickstart --rate 500/s" it would not see the rate. Unknown commands and flags and
// flags without their value are refused here, each with the nearest name.
func order(app *cli.App, args []string) ([]string, error) {
	flags, rest, err := split("axbench", slices.Concat(app.Flags, []cli.Flag{cli.HelpFlag, cli.VersionFlag}), args, true)
	if err != nil || len(rest) == 0 {
		return flags, err
	}
	c := find(app.Commands, rest[0])
	if c == nil {
		err := usagef("unknown command %q", rest[0])
		return nil, err.withHint(nearestHint(rest[0], names(app.Commands), "axbench --help lists the commands"))
	}
	tail, err := orderCommand("axbench "+c.Name, c, rest[1:])
	return slices.Concat(flags, rest[:1], tail), err
}

// orderCommand does the same below a command.
func orderCommand(path string, c *cli.Command, args []string) ([]string, error) {
	flags, rest, err := split(path, slices.Concat(c.Flags, []cli.Flag{cli.HelpFlag}), args, len(c.Subcommands) > 0)
	if err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		return flags, nil
	}
	if sub := find(c.Subcommands, rest[0]); sub != nil {
		tail, err := orderCommand(path+" "+sub.Name, sub, rest[1:])
		return slices.Concat(flags, rest[:1], tail), err
	}
	if len(c.Subcommands) > 0 {
		more, others, err := split(path, slices.Concat(c.Flags, []cli.Flag{cli.HelpFlag}), rest, false)
		if err != nil {
			return nil, err
		}
		flags, rest = append(flags, more...), others
	}
	return slices.Concat(flags, []string{"--"}, rest), nil
}

// split parts args into flags with their values and the rest. With stop it ends at the first argument that is no flag.
func split(path string, known []cli.Flag, args []string, stop bool) (flags, rest []string, err error) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return flags, append(rest, args[i+1:]...), nil
		}
		if len(arg) < 2 || arg[0] != '-' {
			if stop {
				return flags, args[i:], nil
			}
			rest = append(rest, arg)
			continue
		}
		name, _, hasValue := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		f := findFlag(known, name)
		if f == nil {
			hint := nearestHint("--"+name, flagNames(known), path+" --help lists the flags")
			return nil, nil, usagef("unknown flag %s", flagText(name)).withHint(hint)
		}
		flags = append(flags, arg)
		if hasValue || isBool(f) {
			continue
		}
		if i+1 == len(args) {
			return nil, nil, usagef("flag %s needs a value", flagText(name))
		}
		i++
		flags = append(flags, args[i])
	}
	return flags, rest, nil
}

func find(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

func findFlag(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

func isBool(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && !d.TakesValue()
}

func flagText(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func names(commands []*cli.Command) []string {
	var list []string
	for _, c := range commands {
		if !c.Hidden {
			list = append(list, c.Name)
		}
	}
	return list
}

func flagNames(flags []cli.Flag) []string {
	var list []string
	for _, f := range flags {
		list = append(list, flagText(f.Names()[0]))
	}
	return list
}

// nearestHint names the candidate that got is most like, or gives the other text when none is near.
func nearestHint(got string, candidates []string, otherwise string) string {
	if near := strict.Nearest(got, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return otherwise
}
