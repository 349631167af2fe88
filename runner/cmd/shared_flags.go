package cmd

import (
	"flag"

	"github.com/urfave/cli/v2"
)

// The library keeps one --help and one --version for all programs of a process and writes into them whenever it parses:
// two calls of Main at once would race. They are replaced by ones that nothing is written into.
func init() {
	cli.HelpFlag = sharedFlag{&cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help"}}
	cli.VersionFlag = sharedFlag{&cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "print the version"}}
}

// sharedFlag is a flag without a default that any number of programs may parse at once.
type sharedFlag struct{ *cli.BoolFlag }

// Apply parses into a copy.
func (f sharedFlag) Apply(set *flag.FlagSet) error {
	own := *f.BoolFlag
	return own.Apply(set)
}

// GetDefaultText says nothing: whoever asks for help knows that it is not given by default.
func (sharedFlag) GetDefaultText() string { return "" }
