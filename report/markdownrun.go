package report

import (
	"fmt"
	"strings"

	"axbench/results"
)

// latency writes the table of all recorded phases together, and folded one of each phase with its parts.
func (m *md) latency(rec *results.Record) {
	run := &rec.Run
	m.heading("Latency")
	var recorded []*results.Phase
	for i := range run.Phases {
		if run.Phases[i].Recorded {
			recorded = append(recorded, &run.Phases[i])
		}
	}
	switch len(recorded) {
	case 0:
		m.para("no phase was recorded")
		return
	case 1:
		m.latencyTable(recorded[0].Latency, false)
	default:
		m.latencyTable(together(rec), false)
	}
	m.details("Latency by phase, with the parts it is made of", func() {
		m.para("offered = response of good answers, and every timeout, unfinished and dropped call as a lower bound (written with a >); " +
			"response = from due, service = from sent, lag = sent - due = queued + connect + late (ours)")
		for _, ph := range recorded {
			m.para("phase %s", outside(ph.Name))
			m.latencyTable(ph.Latency, true)
		}
	})
}

func (m *md) latencyTable(l results.Latency, parts bool) {
	var rows [][]string
	for _, c := range clockRows {
		q, ok := l[c.name]
		part := !parts && c.name != results.Offered && c.name != "response" && c.name != "service" && c.name != "late"
		if !ok || q.Count == 0 || part || c.label[0] == ' ' && q.Max == 0 {
			continue
		}
		row := []string{c.name, count(q.Count), marked(&q, "mean", durationF(q.Mean))}
		for _, name := range quantileNames {
			row = append(row, quantile(&q, name))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		m.para("no call was measured")
		return
	}
	m.table(append([]string{"", ">count", ">mean"}, prefixAll(">", quantileNames)...), rows)
}

// mdExchangeLines bounds one side of an exchange.
const mdExchangeLines = 40

// example folds one redacted exchange, chosen as in the text report.
func (m *md) example(run *results.Run, evidence []results.Evidence) {
	e, why := pick(run, evidence)
	if e == nil {
		return
	}
	m.details("An exchange as an example", func() {
		m.para("%s: %s", outside(why), outside(joined(e.Operation, e.Code, prefixed("phase ", e.Phase))))
		if e.Detail != "" {
			m.para("%s", outside(e.Detail))
		}
		m.exchange(safeLines(e.Request, mdText, english), safeLines(e.Answer, mdText, english))
	})
}

// exchange writes two sides, escaped by lines.
func (m *md) exchange(request, answer string) {
	m.block(firstLines(margin("> ", request)) + firstLines(margin("< ", answer)))
}

// firstLines keeps what a summary has room for.
func firstLines(s string) string {
	lines := strings.SplitAfter(s, "\n")
	if len(lines) <= mdExchangeLines+1 {
		return s
	}
	return strings.Join(lines[:mdExchangeLines], "") + fmt.Sprintf("… %d lines more\n", len(lines)-1-mdExchangeLines)
}

// phases folds the ledger by phase.
func (m *md) phases(run *results.Run) {
	var rows [][]string
	add := func(name string, ph *results.Phase) {
		planned := "-"
		if ph.Rate.Planned != nil {
			planned = perSecond(*ph.Rate.Planned)
		}
		rows = append(rows, []string{name, count(ph.Planned), count(ph.Sent), count(ph.Done), count(ph.Good), count(ph.Failed), count(ph.Unfinished),
			count(ph.Dropped), count(ph.NotOffered), duration(ph.ElapsedNS), planned, perSecond(ph.Rate.Sent), perSecond(ph.Rate.Good)})
	}
	for i := range run.Phases {
		ph := &run.Phases[i]
		name := outside(ph.Name)
		if !ph.Recorded {
			name += " (not recorded)"
		}
		add(name, ph)
	}
	if f := &run.FollowUps; f.Ledger != (results.Ledger{}) {
		add("follow-ups", f)
	}
	m.details("Phases", func() {
		m.table([]string{"phase", ">planned", ">sent", ">done", ">good", ">failed", ">unfinished", ">dropped", ">not offered", ">length",
			">planned/s", ">sent/s", ">good/s"}, rows)
	})
}

// facts folds what was run, the generator's health and what is left behind.
func (m *md) facts(rec *results.Record) {
	run := &rec.Run
	t, h, g := &run.Target, &run.Host, &run.Generator
	valid := "not judged"
	switch {
	case g.Valid:
		valid = "valid: the generator kept the plan"
	case run.Verdict != results.VerdictPartial:
		valid = "NOT VALID"
	}
	rows := [][]string{
		{"scenario", outside(joined(run.Scenario, run.Model+" model")) + fmt.Sprintf(" seed %d, offset %d", run.Seed, run.Offset)},
		{"target", outside(joined(t.URL, t.Method, prefixed("signature ", t.Signature), t.Format, prefixed("document ", t.Document),
			prefixed("TLS ", t.TLS), prefixed("proxy ", t.Proxy)))},
		{"started", run.Started.UTC().Format("2006-01-02 15:04:05 UTC")},
		{"axbench", outside(joined(run.Version, h.OS+"/"+h.Arch, h.Go, prefixed("clock ", h.Clock))) + fmt.Sprintf(" %d cores", h.Cores)},
		{"generator", fmt.Sprintf("%s; late p99 %s, max %s; stood still %s at most; %s cores busy", valid,
			duration(g.LateP99NS), duration(g.LateMaxNS), duration(g.StallMaxNS), number(g.CPUCores, 2))},
		{"digest", outside(run.Digest)},
		{"directory", outside(rec.Dir)},
	}
	if skew := skewOf(g, english); skew != "" {
		rows = append(rows, []string{"server clock", outside(skew)})
	}
	var notes []string
	for _, w := range g.Why {
		notes = append(notes, outside(w))
	}
	if b := &run.Bindings; *b != (results.Bindings{}) {
		rows = append(rows, []string{"bindings", fmt.Sprintf("%s created, %s unbound, %s expired, %s unknown, %s left",
			count(b.Created), count(b.Unbound), count(b.Expired), count(b.Unknown), count(b.Left))})
	}
	m.details("Run", func() {
		m.table([]string{"", ""}, rows)
		m.list(notes)
	})
}
