package cmd

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"
)

// unrepeated are the flags that say where the results of a run go: it is the same run without them. The seed is written in any case.
var unrepeated = []string{"out", "store", "json", "report", "ui", "ui-linger", "metrics", "lang", "seed", "calibration", "baseline", "min-effect"}

// repeatCommand returns the arguments that make a run again, the program's name first: what the flags of ctx were set to, in
// whatever way, and the seed that was used. No flag holds a credential. Those that loosen a guard are left out: whoever runs it again
// looks at the target again, as with every command that a report proposes.
func repeatCommand(ctx *cli.Context, seed int64) []string {
	words := []string{"axbench", ctx.Command.Name}
	words = append(words, ctx.Args().Slice()...)
	for _, f := range ctx.Command.Flags {
		name := f.Names()[0]
		if !ctx.IsSet(name) || slices.Contains(unrepeated, name) || slices.Contains(flagOnly, name) {
			continue
		}
		switch f.(type) {
		case *cli.BoolFlag:
			words = append(words, fmt.Sprintf("--%s=%t", name, ctx.Bool(name)))
		case *cli.StringSliceFlag:
			for _, v := range ctx.StringSlice(name) {
				words = append(words, "--"+name, v)
			}
		default:
			words = append(words, "--"+name, fmt.Sprint(ctx.Value(name)))
		}
	}
	return append(words, "--seed", fmt.Sprint(seed))
}
