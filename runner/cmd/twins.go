package cmd

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagOnly are the flags that loosen a safety guard or remove something: they are given on the command line or not at all.
var flagOnly = []string{"allow-host", "insecure", "plaintext", "any-interface", "yes", "force", "child", "help", "version"}

// taken are flags of a command whose variable belongs to the flag of that name of another command, where it is a file,
// and the format of answers is not that of reports.
var taken = map[string]string{"emulate": "provisioning", "report": "format"}

// twin is the environment variable that stands for a flag, or "" for those that have none.
func twin(flag string) string {
	if slices.Contains(flagOnly, flag) {
		return ""
	}
	return "AXBENCH_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// applyTwins sets each flag of ctx's command that was not given from its variable. A repeatable flag takes a value per
// line. An empty variable is as good as none.
func (p *program) applyTwins(ctx *cli.Context) error {
	for _, f := range ctx.Command.Flags {
		name := f.Names()[0]
		variable := twin(name)
		if variable == "" || ctx.IsSet(name) || taken[ctx.Command.Name] == name {
			continue
		}
		value := p.env(variable)
		if value == "" {
			continue
		}
		values := []string{value}
		if _, ok := f.(*cli.StringSliceFlag); ok {
			values = strings.FieldsFunc(value, func(r rune) bool { return r == '\n' || r == '\r' })
		}
		for _, v := range values {
			if err := ctx.Set(name, v); err != nil {
				return usagef("%s: %q is no value for --%s: %w", variable, v, name, err)
			}
		}
	}
	return nil
}
