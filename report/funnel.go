package report

import (
	"fmt"

	"axbench/results"
)

// funnel shows how many arrivals came how far, and where the others went.
func (p *page) funnel(run *results.Run) {
	p.heading("Funnel")
	far := newTable("phase", ">planned", ">sent", ">", ">done", ">", ">good", ">")
	lost := newTable("phase", ">failed", ">unfinished", ">dropped", ">not offered", ">length", ">planned/s", ">sent/s", ">done/s", ">good/s")
	hidden := false
	for i := range run.Phases {
		ph := &run.Phases[i]
		name, st := p.safe(ph.Name), normal
		if !ph.Recorded {
			name, st, hidden = name+" *", dim, true
		}
		p.farRow(far, st, name, ph)
		p.lostRow(lost, st, name, ph)
	}
	if len(run.Phases) != 1 {
		p.farRow(far, bold, "all", &run.Totals)
		p.lostRow(lost, bold, "all", &run.Totals)
	}
	if f := &run.FollowUps; f.Ledger != (results.Ledger{}) {
		p.farRow(far, dim, "follow-ups", f)
		p.lostRow(lost, dim, "follow-ups", f)
	}
	p.table(far)
	p.line()
	p.table(lost)
	if hidden {
		p.para("  ", "* not recorded: in no rule and no latency below, but conformance counts", dim)
	}
	p.ledgers(run)
}

func (p *page) farRow(t *table, st style, name string, ph *results.Phase) {
	t.row(st, name, count(ph.Planned),
		"→ "+count(ph.Sent), share(ph.Sent, ph.Planned),
		"→ "+count(ph.Done), share(ph.Done, ph.Planned),
		"→ "+count(ph.Good), share(ph.Good, ph.Planned))
}

func (p *page) lostRow(t *table, st style, name string, ph *results.Phase) {
	planned := "-"
	if ph.Rate.Planned != nil {
		planned = perSecond(*ph.Rate.Planned)
	}
	t.row(st, name, count(ph.Failed), count(ph.Unfinished), count(ph.Dropped), count(ph.NotOffered), duration(ph.ElapsedNS),
		planned, perSecond(ph.Rate.Sent), perSecond(ph.Rate.Done), perSecond(ph.Rate.Good))
}

// ledgers says where an account does not add up, which only a run that was cut off or a fault of ours can bring about.
func (p *page) ledgers(run *results.Run) {
	check := func(name string, l results.Ledger) {
		sum := l.Done + l.Failed + l.Unfinished + l.Dropped + l.NotOffered
		if sum == l.Planned {
			return
		}
		if run.Verdict == results.VerdictPartial && sum < l.Planned {
			p.item(fmt.Sprintf("%s: %s of %s arrivals had no end on disk yet", name, count(l.Planned-sum), count(l.Planned)), yellow)
			return
		}
		p.item(fmt.Sprintf("the ledger of %s does not add up: %s planned, %s accounted for", name, count(l.Planned), count(sum)), red)
	}
	for i := range run.Phases {
		check("phase "+p.safe(run.Phases[i].Name), run.Phases[i].Ledger)
	}
	if len(run.Phases) != 1 {
		check("all phases", run.Totals.Ledger)
	}
	check("the follow-ups", run.FollowUps.Ledger)
}
