package report

import (
	"fmt"
	"io"

	"axbench/results"
)

// CompareMarkdown writes a comparison for a pull request: verdict, exit code and reasons, the metrics that are worse, better or
// inconclusive first, codes and clauses that changed; what was compared and what calls cost the generator are folded.
func CompareMarkdown(w io.Writer, c *results.Comparison) error {
	m, v := &md{}, changeWord(c, outside)
	m.line("## %s %s · exit code %d\n", mark(v.style), v.word, c.ExitCode)
	m.para("%s against its baseline: %s", outside(c.Scenario), v.sentence)
	var items []string
	for _, r := range c.Reasons {
		items = append(items, outside(r))
	}
	for _, n := range c.Notes {
		items = append(items, "⚠️ "+outside(n))
	}
	m.list(items)
	m.changes(c)
	m.changedCodes(c)
	m.changedClauses(c)
	m.details("What was compared", func() { m.comparedRuns(c) })
	return m.writeTo(w)
}

// changes is the table of metrics.
func (m *md) changes(c *results.Comparison) {
	m.heading("Metrics")
	if len(c.Metrics) == 0 {
		m.para("none was judged")
		return
	}
	var rows [][]string
	for i := range c.Metrics {
		x := &c.Metrics[i]
		rows = append(rows, []string{changeMark(x.Verdict), outside(metricOf(x)), sideValue(x.Base, x.BaseBound, x.Unit), sideValue(x.New, x.NewBound, x.Unit), delta(x),
			deltaInterval(x.Low, x.High, x, " to "), leastEffect(x), outside(x.Reason) + needs(x)})
	}
	m.table([]string{"", "metric", ">baseline", ">new", ">change", ">interval", ">matters", "why"}, rows)
	m.para("%s", levelSentence(c))
}

// changeMark is the sign and the word of a verdict.
func changeMark(v results.Change) string {
	switch v {
	case results.ChangeWorse:
		return "❌ worse"
	case results.ChangeBetter:
		return "✅ better"
	case results.ChangeSame:
		return "✅ same"
	case results.ChangeInconclusive:
		return "⚠️ inconclusive"
	}
	return "⚠️ " + outside(string(v))
}

func (m *md) changedCodes(c *results.Comparison) {
	if len(c.Codes) == 0 {
		return
	}
	m.heading("Codes that appeared or vanished")
	var rows [][]string
	for i := range c.Codes {
		x := &c.Codes[i]
		rows = append(rows, []string{outside(x.Code), outside(string(x.Class)), fmt.Sprintf("%s of %s", count(x.Base), count(x.BaseOf)), fmt.Sprintf("%s of %s", count(x.New), count(x.NewOf)),
			codeWord(x, outside)})
	}
	m.table([]string{"code", "class", ">baseline", ">new", ""}, rows)
}

func (m *md) changedClauses(c *results.Comparison) {
	if len(c.Clauses) == 0 {
		return
	}
	m.heading("Clauses that broke, or hold again")
	var rows [][]string
	for i := range c.Clauses {
		x := &c.Clauses[i]
		rows = append(rows, []string{outside(x.Clause), outside(x.Level), fmt.Sprintf("%s of %s", count(x.Base), count(x.BaseChecked)),
			fmt.Sprintf("%s of %s", count(x.New), count(x.NewChecked)), clauseWord(x, outside), outside(x.Sentence)})
	}
	m.table([]string{"clause", "level", ">baseline", ">new", "", "sentence"}, rows)
}

// comparedRuns lists both sides, their differences and the generator's own figures.
func (m *md) comparedRuns(c *results.Comparison) {
	var rows [][]string
	for i, runs := range [2][]results.ComparedRun{c.Base, c.New} {
		for _, r := range runs {
			rows = append(rows, []string{[2]string{"baseline", "new"}[i], r.Started.UTC().Format("2006-01-02 15:04:05 UTC"), count(r.Planned), durationF(r.Seconds * 1e9),
				outside(string(r.Verdict)), outside(r.Target), outside(r.Version), outside(r.Dir)})
		}
	}
	m.table([]string{"side", "started", ">calls", ">length", "verdict", "target", "axbench", "directory"}, rows)
	rows = nil
	for _, d := range c.Differences {
		rows = append(rows, []string{outside(d.What), outside(d.Base), outside(d.New)})
	}
	if len(rows) > 0 {
		m.table([]string{"difference", "baseline", "new"}, rows)
	}
	rows = nil
	for i := range c.Generator {
		f := &c.Generator[i]
		name := ownName(f.Name)
		if name == f.Name {
			name = outside(name)
		}
		rows = append(rows, []string{name, ownValue(f.Base, f.Unit), ownValue(f.New, f.Unit)})
	}
	if len(rows) > 0 {
		m.table([]string{"generator", ">baseline", ">new"}, rows)
	}
}
