package report

import (
	"fmt"
	"io"

	"axbench/results"
)

// CapacityMarkdown writes a search for capacity for the summary of a CI job: the answer, exit code and reasons, what limited it and
// what to do, the probes by rate; the order of the search and its facts are folded.
func CapacityMarkdown(w io.Writer, rec *results.CapacityRecord) error {
	m, v := &md{}, newCapacityView(rec, mdText, english)
	word := v.Word
	if _, known := capacityVerdicts[rec.Capacity.Verdict]; !known {
		word = code(word)
	}
	m.line("## %s %s · %s\n", mark(v.style), word, v.Exit)
	m.para("%s against %s: **%s**", code(v.Scenario), code(v.Target), v.Answer)
	m.para("%s", v.Sentence)
	var items []string
	for _, r := range v.Reasons {
		items = append(items, code(r.Text))
	}
	for _, n := range v.Notes {
		items = append(items, "⚠️ "+code(n.Text))
	}
	m.list(items)
	if v.Limit.Word != "" || v.Knee != "" {
		m.heading("Limit")
		for _, s := range []string{v.Limit.Meaning, v.Limit.Advice, v.Knee} {
			if s != "" {
				m.para("%s", s)
			}
		}
	}
	m.heading("Rates")
	m.capacityRates(v)
	m.details("The search", func() { m.capacitySearch(v) })
	return m.writeTo(w)
}

// capacityRates is the curve.
func (m *md) capacityRates(v *capacityView) {
	if len(v.ByRate) == 0 {
		m.para("no probe was made")
		return
	}
	var rows [][]string
	for i := range v.ByRate {
		p := &v.ByRate[i]
		rows = append(rows, []string{p.Rate, mark(probeWords[p.state].style) + " " + p.Word, p.Limit, p.P50, p.P99, p.Goodput, p.OK, codeOrNone(p.CodeText)})
	}
	m.table([]string{">rate/s", "", "limit", ">p50", ">p99", ">good/s", ">OK", "beside OK"}, rows)
}

// codeOrNone makes escaped text a code span, and nothing of nothing.
func codeOrNone(safe string) string {
	if safe == "" {
		return ""
	}
	return code(safe)
}

// capacitySearch tells the order of the probes, what had to hold, and what was searched.
func (m *md) capacitySearch(v *capacityView) {
	var rows [][]string
	for i := range v.Probes {
		p := &v.Probes[i]
		why := ""
		for k, r := range p.Reasons {
			if k > 0 {
				why += "; "
			}
			why += code(r.Text)
		}
		rows = append(rows, []string{fmt.Sprint(p.Step), codeOrNone(p.Stage), p.Rate, mark(probeWords[p.state].style) + " " + p.Word, p.Planned, p.Late, p.CPU, codeOrNone(p.Dir), why})
	}
	if len(rows) > 0 {
		m.table([]string{">probe", "stage", ">rate/s", "", ">calls", ">late p99", ">CPU", "run directory", "why"}, rows)
	}
	rows = nil
	for _, r := range v.Rules {
		rows = append(rows, []string{"rule", code(r)})
	}
	for _, f := range v.Facts {
		rows = append(rows, []string{f.Name, code(f.Value)})
	}
	if v.Again != "" {
		rows = append(rows, []string{"again", code(v.Again)})
	}
	m.table([]string{"", ""}, rows)
}
