package results

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// TrendSchema is the name and version of what axbench results trend --json prints.
const TrendSchema = "axbench.trend/v1"

// Trend is what some metrics were over the runs of one scenario, oldest first.
type Trend struct {
	Schema   string        `json:"schema"`
	Scenario string        `json:"scenario"`
	Metrics  []TrendMetric `json:"metrics"`
	Runs     []TrendRun    `json:"runs"`
}

// TrendMetric is the left side of a rule, and the phases it is about.
type TrendMetric struct {
	Name string `json:"name"` // "p99(offered) in main"
	Unit string `json:"unit"` // "ns", "share", "per_s", "count", as in run.json
}

// TrendRun is one run of a trend.
type TrendRun struct {
	Entry
	Report  string        `json:"report,omitempty"` // its page, from the page of the trend; "" where there is none
	Changes []TrendChange `json:"changes"`          // since the run before
	Values  []TrendValue  `json:"values"`           // one of each metric
}

// TrendValue is a metric of one run.
type TrendValue struct {
	Value  *float64 `json:"value"` // null: not known
	Low    *float64 `json:"low"`   // 95 % confidence interval, where there is one
	High   *float64 `json:"high"`
	Bound  bool     `json:"bound,omitempty"`  // Value is to be read "> value"
	Reason string   `json:"reason,omitempty"` // why Value is null, or why too little is behind it
}

// TrendChange is something other than the target's answers that a run differs in from the one before.
type TrendChange struct {
	What string `json:"what"` // "version", "plan", "target", "host", "note"
	From string `json:"from"`
	To   string `json:"to"`
}

// What a run may differ in.
const (
	ChangeVersion = "version" // of axbench
	ChangePlan    = "plan"    // the digest: other arrivals, operations or parameters
	ChangeTarget  = "target"
	ChangeHost    = "host" // OS, architecture, cores, Go
	ChangeNote    = "note" // a note that the run before does not have; From is ""
)

// maxNoteChanges is how many notes of one run are listed.
const maxNoteChanges = 3

// TrendChanges lists what differs in after from before, the run that came before it.
func TrendChanges(before, after *Run) []TrendChange {
	list := []TrendChange{}
	add := func(what, from, to string) {
		if from != to {
			list = append(list, TrendChange{what, from, to})
		}
	}
	add(ChangeVersion, before.Version, after.Version)
	add(ChangePlan, before.Digest, after.Digest)
	add(ChangeTarget, before.Target.words(), after.Target.words())
	add(ChangeHost, before.Host.words(), after.Host.words())
	notes := 0
	for _, note := range after.Notes {
		if notes < maxNoteChanges && !slices.Contains(before.Notes, note) {
			add(ChangeNote, "", note)
			notes++
		}
	}
	return list
}

func (t Target) words() string {
	return joinWords(t.URL, t.Method, t.Signature, t.Format, t.Document, t.TLS, t.Proxy)
}

func (h Host) words() string { return joinWords(h.OS, h.Arch, fmt.Sprint(h.Cores), h.Go) }

// joinWords joins those that are there.
func joinWords(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// Span returns when the first and the last run began; zero without any.
func (t *Trend) Span() (first, last time.Time) {
	if n := len(t.Runs); n > 0 {
		return t.Runs[0].Started, t.Runs[n-1].Started
	}
	return first, last
}

// Tells whether a run's numbers describe its target: it ended, and its generator was not the limit.
func (r *TrendRun) Tells() bool {
	if r.Partial || r.ExitCode == nil {
		return false
	}
	switch *r.ExitCode {
	case ExitPass, ExitSLO, ExitNonconformant, ExitRegression:
		return true
	}
	return false
}
