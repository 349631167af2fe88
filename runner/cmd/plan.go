package cmd

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"axbench/report"
	"axbench/scenarios"

	"github.com/urfave/cli/v2"
)

func (p *program) planCommand() *cli.Command {
	return &cli.Command{
		Name:        "plan",
		Usage:       "what a scenario would send and cost; sends nothing",
		ArgsUsage:   "NAME|FILE|-",
		Description: "Arrivals, calls, bindings and numbers of a scenario, with the same flags as axbench run.",
		Flags:       append(planFlags(), &cli.BoolFlag{Name: "arrivals", Usage: "print each arrival instead: index, due in seconds, phase"}, calibrationFlag(), jsonFlag()),
		Action:      p.plan,
	}
}

// planned is the result of axbench plan --json.
type planned struct {
	Scenario string   `json:"scenario"`
	Seed     int64    `json:"seed"`
	Digest   string   `json:"digest"`
	Notes    []string `json:"notes,omitempty"`
	scenarios.Cost
}

func (p *program) plan(ctx *cli.Context) error {
	l, err := p.load(ctx)
	if err != nil {
		return err
	}
	source, err := scenarios.NewSource(l.file, scenarios.SourceConfig{Client: planClient(l.file), Seed: l.file.Seed, Offset: l.offset})
	if err != nil {
		return usagef("%w", err)
	}
	if ctx.Bool("arrivals") {
		return p.printArrivals(l)
	}
	if err := p.noteCeiling(ctx, l); err != nil {
		return err
	}
	result := planned{Scenario: string(l.file.Name), Seed: l.file.Seed, Digest: source.Digest(l.plan), Notes: append(slices.Clip(l.notes), l.foresee()...), Cost: source.Cost(l.plan)}
	if ctx.Bool("json") {
		return p.printJSON(result)
	}
	return p.printPlan(&result)
}

// printArrivals writes the plan itself, one arrival a line.
func (p *program) printArrivals(l *loaded) error {
	if l.plan.Closed() {
		return usagef("a closed model has no arrivals: its callers call when they are free")
	}
	var b strings.Builder
	cursor := l.plan.Cursor()
	for a, ok := cursor.Next(); ok; a, ok = cursor.Next() {
		fmt.Fprintf(&b, "%d\t%.9f\t%s\n", a.K, a.Due.Seconds(), l.plan.Phases()[a.Phase].Name)
		if b.Len() > 1<<16 {
			if err := p.print(b.String()); err != nil {
				return err
			}
			b.Reset()
		}
	}
	return p.print(b.String())
}

func (p *program) printPlan(r *planned) error {
	var b strings.Builder
	fmt.Fprintf(&b, "scenario %s, seed %d: nothing is sent\n\n", r.Scenario, r.Seed)
	o := p.textOptions()
	rows := [][]string{}
	for _, ph := range r.Phases {
		recorded, arrivals := "yes", fmt.Sprint(ph.Arrivals)
		if !ph.Record {
			recorded = "no"
		}
		if r.Closed {
			arrivals = "as answers allow"
		}
		rows = append(rows, []string{ph.Name, ph.Shape, ph.Duration.String(), arrivals, recorded})
	}
	if err := report.WriteTable(&b, o, []string{"phase", "arrivals", "length", "planned", "recorded"}, rows); err != nil {
		return err
	}
	b.WriteString("\n")
	rows = rows[:0]
	for _, q := range r.Requests {
		rows = append(rows, []string{q.Name, q.Operation, q.Expect, fmt.Sprintf("%.2f%%", 100*q.Share), fmt.Sprint(q.Calls)})
	}
	if err := report.WriteTable(&b, o, []string{"request", "operation", "must get", "share", "calls"}, rows); err != nil {
		return err
	}
	b.WriteString("\n")
	if err := report.WriteTable(&b, o, []string{"what", "how many"}, costRows(&r.Cost)); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\ndigest %s\n", r.Digest)
	if err := p.print(b.String()); err != nil {
		return err
	}
	for _, w := range append(r.Notes, r.Warnings...) {
		p.warnf("%s", w)
	}
	return nil
}

// costRows lists what the plan costs. In a closed model the answers decide most of it.
func costRows(c *scenarios.Cost) [][]string {
	life := "for ever"
	if c.LongestLife < math.MaxInt64 {
		life = c.LongestLife.Round(time.Second).String()
	}
	rows := [][]string{{"length", c.Duration.String()}}
	if !c.Closed {
		rows = append(rows,
			[]string{"arrivals", fmt.Sprint(c.Arrivals)},
			[]string{"unbinds during the run", fmt.Sprint(c.FollowUps)},
			[]string{"unbinds after the run", fmt.Sprint(c.CleanUp)},
			[]string{"calls in all", fmt.Sprint(c.Calls)},
			[]string{"bindings made", fmt.Sprint(c.Bindings)},
			[]string{"highest rate", fmt.Sprintf("%g/s", c.Peak)},
			[]string{"distinct A numbers", fmt.Sprint(c.DistinctA)},
			[]string{"distinct B numbers", fmt.Sprint(c.DistinctB)},
			[]string{"bindings alive at the peak", fmt.Sprint(c.LiveAtPeak)},
			[]string{"X numbers needed for them", fmt.Sprint(c.XAtPeak)})
	}
	return append(rows, []string{"longest life of a binding", life})
}
