package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/runner/pace"

	"github.com/urfave/cli/v2"
)

func (p *program) cleanupCommand() *cli.Command {
	return &cli.Command{
		Name:        "cleanup",
		Usage:       "unbind what a run has left bound",
		ArgsUsage:   "DIR",
		Description: "Goes on where the end of the run, a kill or an earlier clean-up left off. It may be repeated.",
		Flags: append(targetFlags(),
			&cli.StringFlag{Name: "ceiling", Usage: "calls a second at most; default 50/s for a foreign host"},
			&cli.DurationFlag{Name: "cleanup-time", Value: 10 * time.Minute, Usage: "longest time for all of it"},
			jsonFlag()),
		Action: func(ctx *cli.Context) error {
			dir, err := oneArgument(ctx, "the run directory")
			if err != nil {
				return err
			}
			return p.interruptible(func(c context.Context) error { return p.cleanup(c, ctx, dir) })
		},
	}
}

func (p *program) cleanup(ctx context.Context, flags *cli.Context, dir string) error {
	at, err := targetOf(dir)
	if err != nil {
		return err
	}
	journal := filepath.Join(dir, traffic.JournalName)
	if _, err := os.Stat(journal); errors.Is(err, fs.ErrNotExist) {
		return p.tellCleanup(flags, dir, traffic.CleanupResult{Codes: map[string]int64{}})
	}
	guard := traffic.Guard{Target: at.URL, AllowHost: flags.String("allow-host"), Plaintext: flags.Bool("plaintext"), Insecure: flags.Bool("insecure")}
	allowed, err := guard.CheckHost()
	if err != nil {
		return err
	}
	if allowed.Endpoint.Emulator {
		return usagef("the run was against the embedded emulator: its bindings ended with it").withHint("rm " + journal)
	}
	ceiling := pace.Rate{}
	if text := flags.String("ceiling"); text != "" {
		if ceiling, err = pace.ParseRate(text); err != nil {
			return usagef("--ceiling %q: %w", text, err)
		}
	}
	config, err := clientOf(at)
	if err != nil {
		return err
	}
	t, err := p.connect(flags, allowed.Endpoint, "")
	if err != nil {
		return err
	}
	defer t.close()
	clean := t.cleanupConfig(config, journal, ceiling, flags.Duration("cleanup-time"), 0)
	clean.Edition, _ = contract.ParseEdition(at.Document) // checked by clientOf
	result, err := traffic.Cleanup(ctx, clean)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return p.tellCleanup(flags, dir, result)
}

// targetOf reads where the calls of a directory went: of a run, or of a conformance run.
func targetOf(dir string) (*results.Target, error) {
	if results.IsConformDir(dir) {
		c, err := results.ReadConform(dir)
		if err != nil {
			return nil, usagef("%s: %w", dir, err)
		}
		return &c.Target, nil
	}
	rec, err := openRun(dir)
	if err != nil {
		return nil, orNewest(err, store)
	}
	return &rec.Run.Target, nil
}

// clientOf reads from a run how its calls were signed and written.
func clientOf(t *results.Target) (c client.Config, err error) {
	scheme, err1 := client.ParseScheme(t.Signature)
	format, err2 := contract.ParseFormat(t.Format)
	_, err3 := contract.ParseEdition(t.Document)
	if err := errors.Join(err1, err2, err3); err != nil {
		return c, usagef("run.json: target: %w", err)
	}
	return client.Config{Scheme: scheme, Format: format, Method: t.Method}, nil
}

// tellCleanup prints what became of the bindings. What is left is exit code 7: the command did not do all of its work.
func (p *program) tellCleanup(flags *cli.Context, dir string, r traffic.CleanupResult) error {
	var err error
	if flags.Bool("json") {
		err = p.printJSON(r)
	} else {
		err = p.print(fmt.Sprintf("%d bindings in the journal: %d unbound, %d were gone, %d had expired, %d left\n", r.Total, r.Unbound, r.Gone, r.Expired, r.Left))
	}
	if err != nil || r.Left == 0 {
		return err
	}
	why := r.Stopped
	for code, n := range r.Codes {
		why += fmt.Sprintf(" %s × %d", code, n)
	}
	return &exitError{code: results.ExitNoData, err: fmt.Errorf("%d bindings are left: %s", r.Left, why), hint: "axbench cleanup " + dir + " goes on"}
}
