package cmd

import (
	"fmt"
	"slices"
	"time"

	"axbench/results"
	"axbench/results/judge"
)

// foresee says which rules are not going to decide anything on the plan, and why: a sentence each.
func (l *loaded) foresee() []string {
	var list []string
	ahead := l.ahead()
	for _, r := range l.rules {
		if why := r.Foresee(ahead); why != "" {
			list = append(list, fmt.Sprintf("the rule %q will decide nothing: %s", r, why))
		}
	}
	return list
}

// ahead is what the plan says of the run. That a rule is over windows of a percentile is what it takes to look at every arrival.
func (l *loaded) ahead() judge.Ahead {
	a, model := judge.Ahead{}, results.ModelOpen
	if l.plan.Closed() {
		model = results.ModelClosed
	}
	for i, ph := range l.plan.Phases() {
		a.Phases = append(a.Phases, results.Phase{Name: ph.Name, Recorded: ph.Record, Model: model, DurationNS: int64(ph.Duration), Ledger: results.Ledger{Planned: l.plan.Count(i)}})
	}
	if l.plan.Closed() || !slices.ContainsFunc(l.rules, func(r judge.Rule) bool { return r.Window > 0 && r.Enough() > 1 }) {
		return a
	}
	a.Due = make([][]int64, len(a.Phases))
	for i := range a.Due {
		a.Due[i] = make([]int64, l.plan.Duration()/time.Second+1)
	}
	cursor := l.plan.Cursor()
	for arrival, ok := cursor.Next(); ok; arrival, ok = cursor.Next() {
		a.Due[arrival.Phase][arrival.Due/time.Second]++
	}
	return a
}
