package report

import (
	"fmt"

	"axbench/results"
)

// health says whether the generator itself was in order.
func (p *page) health(run *results.Run) {
	g := &run.Generator
	p.heading("Generator")
	switch {
	case g.Valid:
		p.para("  ", "valid: the generator kept the plan", green)
	case run.Verdict == results.VerdictPartial:
		p.para("  ", "not judged", yellow)
	default:
		p.para("  ", "NOT VALID", red)
	}
	for _, w := range g.Why {
		p.item(p.safe(w), normal)
	}
	p.pair("late", fmt.Sprintf("p99 %s, max %s (our own share of lag)", duration(g.LateP99NS), duration(g.LateMaxNS)))
	p.pair("clock", p.safe(run.Host.Clock))
	p.pair("CPU", fmt.Sprintf("%s µs per call, %s cores busy of %d", number(g.CPUPerCallUS, 1), number(g.CPUCores, 2), run.Host.Cores))
	p.pair("memory", fmt.Sprintf("%s at most, longest GC pause %s", size(g.RSSMaxBytes), duration(g.GCPauseMaxNS)))
	p.pair("in flight", fmt.Sprintf("%s at most of %s allowed, %s connections opened", count(g.MaxInFlight), count(g.Limit), count(g.Connections)))
	if g.Overflow > 0 {
		p.item(count(g.Overflow)+" values lay beyond the histograms' range", yellow)
	}
}

// bindings says what the run left behind at the target.
func (p *page) bindings(rec *results.Record) {
	b := &rec.Run.Bindings
	if *b == (results.Bindings{}) {
		return
	}
	p.heading("Bindings")
	p.para("  ", fmt.Sprintf("%s created, %s unbound, %s expired, %s unknown (no answer, may have bound), %s left",
		count(b.Created), count(b.Unbound), count(b.Expired), count(b.Unknown), count(b.Left)), normal)
	if b.Left > 0 {
		p.item(count(b.Left)+" bindings are still live: axbench cleanup "+p.safe(rec.Dir)+" unbinds them", yellow)
	}
	if b.Unknown > 0 {
		p.item(count(b.Unknown)+" calls without an answer may have bound: nobody here knows their SubsId, so only expiry ends them", yellow)
	}
}

func (p *page) notes(run *results.Run) {
	if len(run.Notes) == 0 {
		return
	}
	p.heading("Notes")
	for _, n := range run.Notes {
		p.item(p.safe(n), normal)
	}
}
