package cmd

import (
	"slices"
	"strings"

	"axbench/report"

	"github.com/urfave/cli/v2"
)

// langFlag is the flag of every command that writes a page.
func langFlag() cli.Flag {
	return &cli.StringFlag{Name: "lang", Value: "en", Usage: "language of the HTML report: " + strings.Join(report.Languages, " or ")}
}

// langOf returns the language that was asked for; its error is one of use.
func langOf(ctx *cli.Context) (string, error) {
	v := ctx.String("lang")
	if !slices.Contains(report.Languages, v) {
		return "", usagef("--lang: unknown language %q, accepted: %s", v, strings.Join(report.Languages, ", "))
	}
	return v, nil
}
