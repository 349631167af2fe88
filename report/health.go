package report

import (
	"fmt"
	"time"

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
	of := fmt.Sprintf(" of %d", run.Host.Cores)
	if run.Fleet != nil {
		of = ""
		p.para("  ", "of several generators, each figure is that of the worst", dim)
	}
	p.pair("late", fmt.Sprintf("p99 %s, max %s (our own share of lag)", duration(g.LateP99NS), duration(g.LateMaxNS)))
	if g.StallMaxNS > 0 {
		p.pair("stood still", duration(g.StallMaxNS)+" at most")
	}
	p.pair("clock", p.safe(run.Host.Clock))
	if skew := skewOf(g, english); skew != "" {
		p.pair("server clock", skew)
	}
	if g.CPUCores > 0 {
		perCall := ""
		if g.CPUPerCallUS > 0 {
			perCall = number(g.CPUPerCallUS, 1) + " µs per call, "
		}
		others := ""
		if g.CPUOthers > 0 {
			others = ", " + number(g.CPUOthers, 2) + " for other processes"
		}
		p.pair("CPU", fmt.Sprintf("%s%s cores busy%s%s", perCall, number(g.CPUCores, 2), of, others))
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

// skewOf says by how much the server's clock is ahead of this machine's, "" where no answer told.
func skewOf(g *results.Generator, l language) string {
	if g.SkewLowNS == nil || g.SkewHighNS == nil {
		return ""
	}
	between := l.t("%s to %s ahead of this machine's", signed(*g.SkewLowNS), signed(*g.SkewHighNS))
	if g.ClockJumped {
		return l.t("%s at the end; no one difference explains all answers", between)
	}
	return between
}

// signed writes a difference of times to hundredths of a second, with its sign.
func signed(ns int64) string {
	d := time.Duration(ns).Round(10 * time.Millisecond)
	if d >= 0 {
		return "+" + d.String()
	}
	return d.String()
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
