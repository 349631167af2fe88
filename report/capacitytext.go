package report

import (
	"fmt"
	"io"
	"strings"

	"axbench/results"
)

// CapacityText writes a search for capacity for a terminal: the answer, what limited it and what to do, drawings of p99 and goodput
// against rate, every probe with its codes and reasons, and what was searched. It reads only rec; the error is w's alone.
func CapacityText(w io.Writer, rec *results.CapacityRecord, o TextOptions) error {
	p := newPage(o)
	v := newCapacityView(rec, p.safe, english)
	p.capacityBanner(v)
	p.capacityLimit(v)
	p.capacityDrawings(&rec.Capacity)
	p.capacityProbes(v)
	p.heading("Search")
	for _, r := range v.Rules {
		p.pair("rule", r)
	}
	for _, f := range v.Facts {
		p.pair(f.Name, f.Value)
	}
	p.pair("again", v.Again)
	if len(v.Notes) > 0 {
		p.heading("Notes")
		for _, n := range v.Notes {
			p.item(n.Text, normal)
		}
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

func (p *page) capacityBanner(v *capacityView) {
	p.line(cell{v.Word, v.style}, cell{" · " + v.Exit + " · ", normal}, cell{v.Scenario, bold}, cell{" against " + v.Target, normal})
	p.para("  ", v.Answer, bold)
	p.para("  ", v.Sentence, normal)
	for _, r := range v.Reasons {
		p.item(r.Text, normal)
	}
}

func (p *page) capacityLimit(v *capacityView) {
	if v.Limit.Word == "" && v.Knee == "" {
		return
	}
	p.heading("Limit")
	p.para("  ", strings.TrimSpace(v.Limit.Meaning+" "+v.Limit.Advice), normal)
	p.para("  ", v.Knee, normal)
}

// capacityProbes lists the probes, with what came beside OK and why they held or not below each.
func (p *page) capacityProbes(v *capacityView) {
	p.heading("Probes")
	if len(v.Probes) == 0 {
		p.para("  ", "none was made", normal)
		return
	}
	t := newTable(">", "stage", ">rate/s", "", "limit", ">calls", ">p50", ">p99", ">good/s", ">OK", "codes and reasons")
	for i := range v.Probes {
		r := &v.Probes[i]
		why := r.CodeText
		for _, s := range r.Reasons {
			why = joinWith("; ", why, s.Text)
		}
		st := probeWords[r.state].style
		t.row(normal, fmt.Sprint(r.Step), r.Stage, r.Rate, r.Mark+" "+r.Word, r.Limit, r.Planned, r.P50, r.P99, r.Goodput, r.OK, why)
		row := t.rows[len(t.rows)-1]
		row[3].style, row[len(row)-1].style = st, dim
	}
	t.drop()
	p.table(t)
	for i := range v.Probes {
		if v.Probes[i].Dir != "" && v.Dir != "" {
			p.para("  ", "each probe is a run directory: axbench report "+shellQuote(v.Dir+"/"+v.Probes[i].Dir), dim)
			break
		}
	}
}
