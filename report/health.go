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
	if run.Model != results.ModelClosed {
		p.pair("late", fmt.Sprintf("p99 %s, max %s (our own share of lag)", duration(g.LateP99NS), duration(g.LateMaxNS)))
	}
	p.pair("clock", p.safe(run.Host.Clock))
	if g.CPUCores > 0 {
		perCall := ""
		if g.CPUPerCallUS > 0 {
			perCall = number(g.CPUPerCallUS, 1) + " µs per call, "
		}
		p.pair("CPU", fmt.Sprintf("%s%s cores busy of %d", perCall, number(g.CPUCores, 2), run.Host.Cores))
	}
	if g.RSSMaxBytes > 0 {
		p.pair("memory", fmt.Sprintf("%s at most, longest GC pause %s", size(g.RSSMaxBytes), duration(g.GCPauseMaxNS)))
	}
	if g.MaxInFlight > 0 || g.Connections > 0 {
		flight := count(g.MaxInFlight) + " at most"
		if g.Limit > 0 {
			flight += " of " + count(g.Limit) + " allowed"
		}
		p.pair("in flight", flight+", "+plural(g.Connections, "connection")+" opened")
	}
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
