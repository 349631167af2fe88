package cmd

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"strconv"

	"axbench/conformance"
	"axbench/report"
	"axbench/results"

	"github.com/urfave/cli/v2"
)

func (p *program) verifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "check the bundle of a conformance run, and repeat without a network what needs no signature of requests",
		ArgsUsage: "BUNDLE",
		Description: "BUNDLE is bundle.zip, or the directory bundle, of a conformance run.\n" +
			"Exit code 0 verified, 4 it does not verify, 7 intact but nobody said whose it is, 2 it cannot be read.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "key", Usage: "PEM `FILE` with the ed25519 public key of the signer"},
			jsonFlag(),
		},
		Action: func(ctx *cli.Context) error {
			path, err := oneArgument(ctx, "the bundle")
			if err != nil {
				return err
			}
			return p.verify(ctx, path)
		},
	}
}

func (p *program) verify(ctx *cli.Context, path string) error {
	var key ed25519.PublicKey
	if name := ctx.String("key"); name != "" {
		text, err := p.readInput(name)
		if err != nil {
			return err
		}
		if key, err = conformance.ReadPublicKey(text); err != nil {
			return usagef("--key %s: %w", name, err).withHint("openssl pkey -in key.pem -pubout -out key.pub makes it of the private key")
		}
	}
	v, err := conformance.Verify(path, key)
	if err != nil {
		return usagef("%w", err).withHint("axbench conform leaves bundle.zip in its directory")
	}
	if ctx.Bool("json") {
		err = p.printJSON(v)
	} else {
		err = p.tellVerified(v)
	}
	if err != nil {
		return err
	}
	if v.ExitCode == results.ExitNoData {
		fmt.Fprintln(p.stderr, "axbench: hint: --key FILE names the public key of the signer that you expect")
	}
	return exit(v.ExitCode)
}

// tellVerified prints what was found out, for people.
func (p *program) tellVerified(v *conformance.Verification) error {
	w := p.stdout
	if _, err := fmt.Fprintf(w, "%s: %s\n", report.Escape(v.Bundle), v.Word()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if m := v.Manifest; m != nil {
		signer := "nobody"
		if m.Signer != "" {
			signer = m.Signer
		}
		fmt.Fprintf(w, "  headline   %s (profile %s, seed %d)\n", report.Escape(v.Headline), report.Escape(m.Profile), m.Seed)
		fmt.Fprintf(w, "  made       %s by axbench %s\n", m.Created.Format("2006-01-02 15:04:05 UTC"), report.Escape(m.Build.Version))
		fmt.Fprintf(w, "  signed by  %s\n", report.Escape(signer))
	}
	for _, d := range v.Differences {
		fmt.Fprintf(w, "  - %s\n", report.Escape(d))
	}
	if v.More > 0 {
		fmt.Fprintf(w, "  and %d differences more\n", v.More)
	}
	return p.tellRepeated(w, v)
}

// tellRepeated prints what was checked again and what was not.
func (p *program) tellRepeated(w io.Writer, v *conformance.Verification) error {
	if len(v.Repeated) > 0 {
		fmt.Fprintf(w, "\nRepeated, with the same outcome\n")
		var rows [][]string
		for _, r := range v.Repeated {
			rows = append(rows, []string{strconv.Itoa(r.Count), r.What})
		}
		if err := report.WriteTable(w, p.textOptions(), []string{">count", "check"}, rows); err != nil {
			return err
		}
	}
	if len(v.NotRepeated) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\nNot repeated\n")
	var rows [][]string
	for _, r := range v.NotRepeated {
		rows = append(rows, []string{strconv.Itoa(r.Count), r.Clause, r.Why})
	}
	return report.WriteTable(w, p.textOptions(), []string{">count", "clause", "why"}, rows)
}
