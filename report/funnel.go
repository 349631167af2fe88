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

// ledgers says where an account does not add up.
func (p *page) ledgers(run *results.Run) {
	for _, l := range openLedgers(run, p.safe) {
		st := red
		if l.cutOff {
			st = yellow
		}
		p.item(l.text, st)
	}
}

// openLedger is an account that does not add up, and whether that is because the run was cut off.
type openLedger struct {
	text   string
	cutOff bool
}

// openLedgers finds accounts that do not add up, which only a run that was cut off or a fault of ours can bring about.
func openLedgers(run *results.Run, esc func(string) string) []openLedger {
	var list []openLedger
	check := func(name string, l results.Ledger) {
		switch sum := l.Ended(); {
		case sum == l.Planned:
		case run.Verdict == results.VerdictPartial && sum < l.Planned:
			list = append(list, openLedger{fmt.Sprintf("%s: %s of %s arrivals had no end on disk yet", name, count(l.Planned-sum), count(l.Planned)), true})
		default:
			list = append(list, openLedger{fmt.Sprintf("the ledger of %s does not add up: %s planned, %s accounted for", name, count(l.Planned), count(sum)), false})
		}
	}
	for i := range run.Phases {
		check("phase "+esc(run.Phases[i].Name), run.Phases[i].Ledger)
	}
	if len(run.Phases) != 1 {
		check("all phases", run.Totals.Ledger)
	}
	check("the follow-ups", run.FollowUps.Ledger)
	return list
}
