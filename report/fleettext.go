package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"axbench/results"
)

// fleet says what each of several generators did, and the ledger of all.
func (p *page) fleet(run *results.Run) {
	f := run.Fleet
	if f == nil {
		return
	}
	p.heading("Generators")
	t := newTable("", "host", "state", "", ">share", ">sent", ">withheld", ">late p99", ">CPU/call", ">conns", ">clock")
	add := func(r partRow, st style) {
		t.row(st, r.Slot, p.safe(r.Host), r.State, r.Valid, r.Share, r.Sent, r.Withheld, r.Late, r.CPU, r.Connections, r.Clock)
		if r.style != normal {
			t.rows[len(t.rows)-1][3].style = r.style
		}
	}
	for _, part := range shownParts(f) {
		add(partRowOf(run, part, english, p.safe), normal)
	}
	add(sumRowOf(run, english), bold)
	p.table(t)
	if s := leftOut(f, english); s != "" {
		p.para("  ", s, dim)
	}
	for _, s := range partStories(f, english, p.safe) {
		p.item(s, yellow)
	}
	p.line()
	for _, line := range fleetLedger(run, english) {
		st := normal
		if line.Alarm {
			st = yellow
		}
		p.para("  "+pad(line.Name, 15, false), line.Value, st)
	}
}

// fleet writes a table of the generators, and the ledger.
func (m *md) fleet(run *results.Run) {
	f := run.Fleet
	if f == nil {
		return
	}
	m.heading("Generators")
	var rows [][]string
	add := func(r partRow, host string) {
		sign := ""
		if r.style != normal {
			sign = mark(r.style) + " "
		}
		rows = append(rows, []string{r.Slot, host, r.State, r.Share, r.Sent, r.Withheld, r.Late, r.CPU, r.Connections, r.Clock, sign + r.Valid})
	}
	for _, part := range shownParts(f) {
		add(partRowOf(run, part, english, outside), outside(part.Host))
	}
	add(sumRowOf(run, english), "")
	m.table([]string{"generator", "host", "state", ">share", ">sent", ">withheld", ">late p99", ">CPU per call", ">connections", ">clock", "valid"}, rows)
	if s := leftOut(f, english); s != "" {
		m.para("%s", s)
	}
	m.list(partStories(f, english, outside))
	var items []string
	for _, line := range fleetLedger(run, english) {
		text := line.Value
		if line.Name != "" {
			text = "**" + line.Name + ":** " + text
		}
		items = append(items, text)
	}
	m.list(items)
}

// fleet makes a test of each generator, and one of the ledger.
func (j *runJUnit) fleet() []junitCase {
	run := &j.rec.Run
	f := run.Fleet
	if f == nil {
		return nil
	}
	ledger := junitCase{Name: "arrivals"}
	var lines []string
	for _, line := range fleetLedger(run, english) {
		lines = append(lines, strings.TrimPrefix(line.Name+": "+line.Value, ": "))
	}
	switch text := strings.Join(lines, "\n"); {
	case f.Double > 0:
		ledger.Error = &junitMessage{Message: count(f.Double) + " arrivals were decided by two generators", Type: "double", Text: text}
	case !run.Generator.Valid && !f.Within(added(f.Missing, f.Unknown), run.Totals.Planned):
		ledger.Error = &junitMessage{Message: fmt.Sprintf("%s arrivals were not offered by anybody, and of %s calls nobody knows how they ended", count(f.Missing), count(f.Unknown)), Type: "missing", Text: text}
	default:
		ledger.SystemOut = text
	}
	list := []junitCase{ledger}
	for i := range f.Generators {
		list = append(list, junitPart(run, &f.Generators[i]))
	}
	return list
}

func junitPart(run *results.Run, p *results.Part) junitCase {
	r := partRowOf(run, p, english, Escape)
	c := junitCase{Name: "generator " + Escape(p.ID())}
	lines := []string{fmt.Sprintf("%s; share %s, sent %s, withheld %s, late p99 %s, CPU per call %s, connections %s, clock %s", r.State, r.Share, r.Sent, r.Withheld, r.Late, r.CPU, r.Connections, r.Clock)}
	story := partStory(p, english, Escape)
	if story != "" {
		lines = append(lines, story)
	}
	for _, w := range p.Generator.Why {
		lines = append(lines, Escape(w))
	}
	text := strings.Join(lines, "\n")
	switch {
	case p.Generator.Valid:
		c.SystemOut = text
	case run.Verdict == results.VerdictPartial:
		c.Error = &junitMessage{Message: "not judged: the run has not ended", Type: "partial", Text: text}
	case p.State == results.PartLost:
		c.Error = &junitMessage{Message: story, Type: "lost", Text: text}
	default:
		c.Error = &junitMessage{Message: "this generator did not keep its part of the plan", Type: "invalid", Text: text}
	}
	return c
}

// fleet adds the ledger of several generators and the health of each.
func (m *metrics) fleet(f *results.Fleet) {
	if f == nil {
		return
	}
	m.counter("fleet_arrivals_decided_total", "Arrivals that a generator offered, or was late with and did not on purpose.", f.Decided)
	m.counter("fleet_arrivals_double_total", "Arrivals that two generators decided.", f.Double)
	m.counter("fleet_arrivals_missing_total", "Arrivals that no generator decided.", f.Missing)
	m.counter("fleet_calls_unknown_total", "Calls of lost generators of which nobody knows how they ended.", f.Unknown)
	m.gauge("fleet_start_bound_seconds", "No generator began further than this from the others.", time.Duration(f.StartBoundNS).Seconds())
	for i := range f.Generators {
		p := &f.Generators[i]
		who := labels{"generator", strconv.Itoa(p.Slot), "host", p.Host}
		m.gauge("fleet_generator_valid", "0 where a generator did not keep its part of the plan, or was not judged.", number01(p.Generator.Valid), append(who, "state", string(p.State))...)
		m.counter("fleet_generator_sent_total", "Calls of which the first byte was sent.", p.Sent, who...)
		m.counter("fleet_generator_withheld_total", "Arrivals that fell due while it was not permitted to send.", p.Withheld, who...)
		m.gauge("fleet_generator_late_p99_seconds", "p99 of its own lateness in its worst recorded phase.", time.Duration(p.Generator.LateP99NS).Seconds(), who...)
		m.gauge("fleet_generator_clock_offset_seconds", "By how much its clock is ahead of the controller's.", time.Duration(p.OffsetNS).Seconds(), who...)
	}
}
