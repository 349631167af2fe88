package cmd

import (
	"slices"
	"testing"
	"time"

	"axbench/results"
	"axbench/runner/fleet"
	"axbench/runner/pace"
)

// Of a lost generator's calls those are of unknown end that it decided and did not account for: its last ones, in whatever phase they were.
func TestUnknownCalls(t *testing.T) {
	var phases []pace.Phase
	for _, name := range []string{"a", "b", "c"} {
		phases = append(phases, pace.Phase{Name: name, Record: true, Duration: time.Second, Shape: pace.Constant{Rate: pace.PerSecond(100)}})
	}
	plan, err := pace.NewPlan(phases, 1, pace.Rate{})
	if err != nil {
		t.Fatal(err)
	}
	division, err := pace.Divide([]int{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	g := &gather{s: &session{loaded: &loaded{plan: plan}, run: &results.Run{Phases: make([]results.Phase, 3)}}}
	account := func(done, notOffered, withheld int64) *fleet.Accounts {
		return &fleet.Accounts{Phases: []results.Phase{{Ledger: results.Ledger{Done: done, NotOffered: notOffered}}}, Withheld: withheld}
	}
	for name, c := range map[string]struct {
		accounts      *fleet.Accounts
		decided, next int64
		want          []int64
	}{
		"never heard of":                       {nil, 0, 0, []int64{0, 0, 0}},
		"no account":                           {nil, 30, 60, []int64{30, 0, 0}},
		"all known":                            {account(30, 0, 0), 30, 60, []int64{0, 0, 0}},
		"in the second phase":                  {account(60, 0, 0), 70, 140, []int64{0, 10, 0}},
		"over a boundary":                      {account(40, 0, 0), 60, 120, []int64{10, 10, 0}},
		"over two":                             {account(45, 0, 0), 110, 220, []int64{5, 50, 10}},
		"late ones are known":                  {account(20, 5, 0), 30, 60, []int64{5, 0, 0}},
		"withheld ones were not decided":       {account(20, 7, 7), 30, 74, []int64{10, 0, 0}},
		"withheld since the account was taken": {account(20, 7, 12), 30, 84, []int64{10, 0, 0}},
	} {
		o := &fleet.Outcome{Division: division, Slots: []fleet.SlotStatus{{Lost: "silent", Accounts: c.accounts}}}
		o.Decided, o.Next = []int64{c.decided}, []int64{c.next}
		got := make([]int64, 3)
		g.place(got, o, 0)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
