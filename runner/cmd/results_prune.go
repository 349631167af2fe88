package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"

	"github.com/urfave/cli/v2"
)

func (p *program) resultsPruneCommand() *cli.Command {
	return &cli.Command{
		Name:  "prune",
		Usage: "remove old runs; without --yes it only says which",
		Description: "Never removed: what bears a tag, what has not ended and changed in the last " + results.StillAfter.String() + ", what has live bindings in its\n" +
			"journal (axbench cleanup unbinds them), what is no directory of a run, and whatever a symbolic link leads to.",
		Flags: append(wantFlags(),
			&cli.IntFlag{Name: "keep", Value: -1, DefaultText: "any number", Usage: "so many of the newest of each kind and scenario stay"},
			&cli.StringFlag{Name: "older", Usage: "only what began longer ago: 30d, 2w, 12h"},
			&cli.BoolFlag{Name: "yes", Usage: "remove them"},
			&cli.BoolFlag{Name: "dry-run", Usage: "only say which, as without --yes"},
			jsonFlag()),
		Action: p.resultsPrune,
	}
}

// pruned is the result of axbench results prune.
type pruned struct {
	Removed []prunedDir `json:"removed"` // or would be, without --yes
	Kept    []prunedDir `json:"kept"`    // those that the rule would have let go
	Others  int         `json:"others"`  // that the rule lets stay
	Bytes   int64       `json:"bytes"`   // of those removed
	DryRun  bool        `json:"dry_run"`
}

type prunedDir struct {
	Dir   string `json:"dir"`
	Bytes int64  `json:"bytes"`
	Why   string `json:"why,omitempty"` // it is kept
}

func (p *program) resultsPrune(ctx *cli.Context) error {
	rule, err := pruneRule(ctx)
	if err != nil {
		return err
	}
	r := pruned{Removed: []prunedDir{}, Kept: []prunedDir{}, DryRun: !ctx.Bool("yes")}
	prune := results.Prune
	if r.DryRun {
		prune = results.PlanPrune
	}
	items, failed := prune(ctx.String("store"), rule)
	for _, item := range items {
		dir := prunedDir{item.Dir, item.Bytes, item.Why}
		switch {
		case item.Remove:
			r.Removed = append(r.Removed, dir)
			r.Bytes += item.Bytes
		case item.Why != "":
			r.Kept = append(r.Kept, dir)
		default:
			r.Others++
		}
	}
	if failed != nil && len(items) == 0 {
		return usagef("--store: %w", failed)
	}
	if ctx.Bool("json") {
		err = p.printJSON(r)
	} else {
		err = p.print(r.text())
	}
	return errors.Join(err, failed)
}

func pruneRule(ctx *cli.Context) (rule results.PruneRule, err error) {
	if err := noArguments(ctx); err != nil {
		return rule, err
	}
	now := time.Now()
	rule = results.PruneRule{Keep: ctx.Int("keep"), Now: now, Held: func(e *results.Entry) string { return heldBy(e, now) }}
	if rule.Want, err = wantOf(ctx); err != nil {
		return rule, err
	}
	if text := ctx.String("older"); text != "" {
		if rule.Older, err = parseAge(text); err != nil {
			return rule, usagef("--older: %w", err)
		}
	}
	switch {
	case ctx.IsSet("keep") && rule.Keep < 0:
		return rule, usagef("--keep %d is below 0", rule.Keep)
	case rule.Keep < 0 && rule.Older == 0:
		return rule, usagef("nothing says what may go").withHint("--keep 20, --older 30d, or both: then only what is beyond both")
	case ctx.Bool("yes") && ctx.Bool("dry-run"):
		return rule, usagef("--yes and --dry-run exclude each other")
	}
	return rule, nil
}

// parseAge reads a length of time that may be in days or weeks.
func parseAge(text string) (time.Duration, error) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		number, ok := strings.CutSuffix(text, unit)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil || n == 0 || n > 36500 {
			return 0, fmt.Errorf("%q is no length of time, accepted: 30d, 2w, 12h", text)
		}
		return time.Duration(n) * length, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no length of time, accepted: 30d, 2w, 12h", text)
	}
	return d, nil
}

// heldBy says which journal of a directory, or of the runs in it, has bindings that can be alive. Those of the embedded emulator ended
// with it.
func heldBy(e *results.Entry, now time.Time) (why string) {
	if e.Target == "emulator" {
		return ""
	}
	err := filepath.WalkDir(e.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != traffic.JournalName || !d.Type().IsRegular() {
			return err
		}
		list, err := traffic.ReadJournal(path)
		if err != nil {
			return err
		}
		alive := 0
		for _, b := range list {
			if b.Expires.IsZero() || b.Expires.After(now) {
				alive++
			}
		}
		if alive > 0 {
			why = fmt.Sprintf("%s may be alive: axbench cleanup %s unbinds them", counted(int64(alive), "binding"), filepath.Dir(path))
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return "its bindings are not known: " + err.Error()
	}
	return why
}

func (r *pruned) text() string {
	var b strings.Builder
	verb := "removed"
	if r.DryRun {
		verb = "would be removed"
	}
	for _, d := range r.Removed {
		fmt.Fprintf(&b, "%s  %s\n", verb, report.Escape(d.Dir))
	}
	for _, d := range r.Kept {
		fmt.Fprintf(&b, "kept  %s: %s\n", report.Escape(d.Dir), report.Escape(d.Why))
	}
	fmt.Fprintf(&b, "%d of %s %s, %.1f MiB\n", len(r.Removed), counted(int64(len(r.Removed)+len(r.Kept)+r.Others), "run"), verb, float64(r.Bytes)/(1<<20))
	if r.DryRun && len(r.Removed) > 0 {
		b.WriteString("--yes removes them\n")
	}
	return b.String()
}
