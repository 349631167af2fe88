package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"axbench/results"
)

// changeWords are how the verdicts of a comparison are shown and said.
var changeWords = map[results.Change]verdictWord{
	results.ChangeWorse:        {"WORSE", red, "something is worse than in the baseline"},
	results.ChangeBetter:       {"BETTER", green, "something is better than in the baseline, and nothing is worse"},
	results.ChangeSame:         {"SAME", green, "nothing is worse than in the baseline by as much as matters"},
	results.ChangeInconclusive: {"INCONCLUSIVE", yellow, "this does not tell whether anything is worse: it counts as neither"},
}

// changeWord returns how the verdict of a comparison is told.
func changeWord(c *results.Comparison, esc func(string) string) verdictWord {
	if v, ok := changeWords[c.Verdict]; ok {
		return v
	}
	return verdictWord{esc(strings.ToUpper(string(c.Verdict))), yellow, "a verdict this version does not know"}
}

// metricStyle is the colour of one word of a metric.
func metricStyle(v results.Change) style {
	switch v {
	case results.ChangeWorse:
		return red
	case results.ChangeBetter:
		return green
	case results.ChangeInconclusive:
		return yellow
	}
	return normal
}

// CompareText writes a comparison for a terminal: verdict and reasons, what was compared, each metric with its difference and
// interval, codes and clauses that changed, what calls cost the generator, and notes. The error is w's.
func CompareText(w io.Writer, c *results.Comparison, o TextOptions) error {
	p := newPage(o)
	v := changeWord(c, p.safe)
	p.line(cell{v.word, v.style}, cell{fmt.Sprintf(" · exit code %d · ", c.ExitCode), normal}, cell{p.safe(c.Scenario), bold})
	p.para("  ", v.sentence, normal)
	for _, r := range c.Reasons {
		p.item(p.safe(r), normal)
	}
	p.compared(c)
	p.metrics(c)
	p.changedCodes(c)
	p.changedClauses(c)
	p.ownFigures(c)
	if len(c.Notes) > 0 {
		p.heading("Notes")
		for _, n := range c.Notes {
			p.item(p.safe(n), normal)
		}
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// compared lists the runs of both sides.
func (p *page) compared(c *results.Comparison) {
	p.heading("Runs")
	t := newTable("side", "started", ">calls", ">length", "verdict", "target", "directory")
	for i, runs := range [2][]results.ComparedRun{c.Base, c.New} {
		for _, r := range runs {
			t.row(normal, [2]string{"baseline", "new"}[i], r.Started.UTC().Format("2006-01-02 15:04:05"), count(r.Planned), durationF(r.Seconds*1e9),
				p.safe(string(r.Verdict)), p.safe(r.Target), p.safe(r.Dir))
		}
	}
	p.table(t)
}

func (p *page) metrics(c *results.Comparison) {
	p.heading("Metrics")
	if len(c.Metrics) == 0 {
		p.para("  ", "none was judged", normal)
		return
	}
	t := newTable("", "metric", "phase", ">baseline", ">new", ">change", ">interval", ">matters")
	for i := range c.Metrics {
		m := &c.Metrics[i]
		t.row(normal, p.safe(string(m.Verdict)), p.safe(m.Name), p.safe(m.Phase), sideValue(m.Base, m.BaseBound, m.Unit), sideValue(m.New, m.NewBound, m.Unit), delta(m), deltaInterval(m.Low, m.High, m, " to "),
			leastEffect(m))
		t.rows[len(t.rows)-1][0].style = metricStyle(m.Verdict)
	}
	if !phased(c) {
		t.dropColumn(2)
	}
	p.table(t)
	p.para("  ", levelSentence(c), dim)
	for i := range c.Metrics {
		if m := &c.Metrics[i]; m.Verdict == results.ChangeInconclusive {
			p.item(p.safe(metricOf(m)+": "+m.Reason)+needs(m), normal)
		}
	}
}

// phased tells whether any metric is of one phase.
func phased(c *results.Comparison) bool {
	for i := range c.Metrics {
		if c.Metrics[i].Phase != "" {
			return true
		}
	}
	return false
}

// dropColumn removes a column.
func (t *table) dropColumn(i int) {
	t.head = append(t.head[:i:i], t.head[i+1:]...)
	t.right = append(t.right[:i:i], t.right[i+1:]...)
	for k, r := range t.rows {
		t.rows[k] = append(r[:i:i], r[i+1:]...)
	}
}

// metricOf is a metric and the phase it is of.
func metricOf(m *results.MetricChange) string {
	if m.Phase == "" {
		return m.Name
	}
	return m.Name + " in " + m.Phase
}

// levelSentence explains the intervals.
func levelSentence(c *results.Comparison) string {
	return fmt.Sprintf("Intervals are of the change and hold for all %d metrics together: where nothing changed, the chance that any reads worse is at most %s. "+
		"Same is what a 95 %% interval shows.", c.Judged, percent0(c.Level))
}

// percent0 writes a round percentage.
func percent0(f float64) string { return fmt.Sprintf("%g %%", math.Round(f*1e6)/1e4) }

// needs says how much longer a run must be.
func needs(m *results.MetricChange) string {
	if m.Needs <= 1 {
		return ""
	}
	return fmt.Sprintf(" (it takes about %s times as many calls)", significantPlain(m.Needs))
}

func significantPlain(f float64) string {
	if f >= 10 {
		return number(f, 0)
	}
	return number(f, 1)
}

// sideValue writes a figure of one side.
func sideValue(v *float64, bound bool, unit string) string {
	if v == nil {
		return "-"
	}
	return sloNumber(*v, unit, bound)
}

// delta writes a difference: relative to the baseline, shares in points.
func delta(m *results.MetricChange) string {
	if m.Delta == nil {
		return "-"
	}
	return deltaValue(*m.Delta, m)
}

func deltaValue(v float64, m *results.MetricChange) string {
	sign := "+"
	if v < 0 {
		sign, v = "-", -v
	}
	switch {
	case m.Unit == "share":
		return sign + number(100*v, 2) + " pt"
	case m.Base == nil || *m.Base == 0:
		return sign + sloNumber(v, m.Unit, false)
	}
	return sign + number(100*v/math.Abs(*m.Base), 1) + " %"
}

func deltaInterval(low, high *float64, m *results.MetricChange, between string) string {
	if low == nil && high == nil {
		return "-"
	}
	text := func(v *float64) string {
		if v == nil {
			return ".."
		}
		return deltaValue(*v, m)
	}
	return text(low) + between + text(high)
}

// leastEffect writes the minimum effect.
func leastEffect(m *results.MetricChange) string {
	if m.Unit == "share" {
		return number(100*m.MinEffect, 2) + " pt"
	}
	return sloNumber(m.MinEffect, m.Unit, false)
}

func (p *page) changedCodes(c *results.Comparison) {
	if len(c.Codes) == 0 {
		return
	}
	p.heading("Codes that appeared or vanished")
	t := newTable("code", "class", ">baseline", ">of", ">new", ">of", "")
	for i := range c.Codes {
		code := &c.Codes[i]
		t.row(normal, p.safe(code.Code), p.safe(string(code.Class)), count(code.Base), count(code.BaseOf), count(code.New), count(code.NewOf), codeWord(code, p.safe))
		t.rows[i][6].style = metricStyle(code.Verdict)
	}
	p.table(t)
}

// codeWord says what became of a code.
func codeWord(c *results.CodeChange, esc func(string) string) string {
	word := "vanished"
	if c.Appeared {
		word = "appeared"
	}
	switch {
	case c.Verdict != "":
		word += ": " + esc(string(c.Verdict))
	case c.Significant:
		word += ", no chance"
	default:
		word += ", may be chance"
	}
	return word
}

func (p *page) changedClauses(c *results.Comparison) {
	if len(c.Clauses) == 0 {
		return
	}
	p.heading("Clauses that broke, or hold again")
	t := newTable("clause", "level", ">baseline", ">of", ">new", ">of", "", "sentence")
	for i := range c.Clauses {
		v := &c.Clauses[i]
		t.row(normal, p.safe(v.Clause), p.safe(v.Level), count(v.Base), count(v.BaseChecked), count(v.New), count(v.NewChecked), clauseWord(v, p.safe), p.safe(v.Sentence))
		t.rows[i][6].style = metricStyle(v.Verdict)
	}
	p.table(t)
}

// clauseWord says what became of a clause.
func clauseWord(v *results.ClauseChange, esc func(string) string) string {
	word := "holds again"
	if v.Broken {
		word = "newly broken"
	}
	if v.Verdict != "" {
		word += ": " + esc(string(v.Verdict))
	}
	return word
}

func (p *page) ownFigures(c *results.Comparison) {
	if len(c.Generator) == 0 {
		return
	}
	p.heading("Generator (shown, never judged)")
	t := newTable("figure", ">baseline", ">new")
	for i := range c.Generator {
		f := &c.Generator[i]
		t.row(normal, p.safe(ownName(f.Name)), ownValue(f.Base, f.Unit), ownValue(f.New, f.Unit))
	}
	p.table(t)
}

// ownNames are the generator's figures as people call them.
var ownNames = map[string]string{
	"cpu_us_per_call": "CPU per call", "cpu_cores": "cores busy", "late_p99_ns": "late p99", "gc_pause_max_ns": "longest GC pause",
	"max_in_flight": "most in flight", "connections": "connections opened",
}

func ownName(name string) string {
	if known, ok := ownNames[name]; ok {
		return known
	}
	return name
}

func ownValue(v float64, unit string) string {
	switch unit {
	case "us":
		return durationF(v * 1e3)
	case "cores":
		return number(v, 2)
	}
	return sloNumber(v, unit, false)
}
