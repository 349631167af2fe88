package report

import (
	"math"

	"axbench/results"
)

// funnelView shows how many arrivals came how far, and where the others went.
type funnelView struct {
	Steps    []stepView // of all phases together
	Parts    []partView // what became of every planned call
	Identity string
	Rows     []funnelRow // a phase each, then all of them, then follow-ups
	Hidden   bool        // some phase is not recorded
	Problems []string    // accounts that do not add up
}

// stepView is one bar of the funnel.
type stepView struct {
	Name, Count, Share string
	Width              float64 // per cent of what was planned
	Lost               string  // what is missing to the step before
}

// partView is one part of what was planned.
type partView struct {
	Class, Name, Count, Share string
	Width                     float64
}

type funnelRow struct {
	Name, Kind                                            string // kind: "phase", "unrecorded", "all", "followups"
	Planned                                               string
	Cells                                                 []stepView // sent, done, good
	Failed, Unfinished, Dropped, NotOffered, Length       string
	RatePlanned, RateSent, RateDone, RateGood, Shape      string
	LostFailed, LostUnfinished, LostDropped, LostNotOffer bool
}

// barWidth is part of whole in per cent, from 0 to 100 with two decimals, as styles take it.
func barWidth(part, whole float64) float64 {
	w := part / whole * 100
	if !(w > 0) {
		return 0
	}
	return math.Round(math.Min(w, 100)*100) / 100
}

func stepOf(name string, n, of int64) stepView {
	return stepView{Name: name, Count: count(n), Share: share(n, of), Width: barWidth(float64(n), float64(of))}
}

func funnelOf(run *results.Run, l language) funnelView {
	t := &run.Totals
	v := funnelView{Problems: ledgersOf(run, l)}
	v.Steps = []stepView{stepOf(l.t("planned"), t.Planned, t.Planned), stepOf(l.t("sent"), t.Sent, t.Planned), stepOf(l.t("done"), t.Done, t.Planned),
		stepOf(l.t("good"), t.Good, t.Planned)}
	v.Steps[1].Lost = lost(l, t.Planned-t.Sent, key("-%s were not sent"))
	v.Steps[2].Lost = lost(l, t.Sent-t.Done, key("-%s got no whole answer"))
	v.Steps[3].Lost = lost(l, t.Done-t.Good, key("-%s got another answer than they asked for"))
	for _, p := range []struct {
		class, name string
		n           int64
	}{{"good", l.t("good"), t.Good}, {"other", l.t("done, not good"), t.Done - t.Good}, {"failed", l.t("failed"), t.Failed},
		{"unfinished", l.t("unfinished"), t.Unfinished}, {"dropped", l.t("dropped"), t.Dropped}, {"missed", l.t("not offered"), t.NotOffered},
		{"open", l.t("still open"), t.Planned - t.Ended()}} {
		if p.n > 0 {
			v.Parts = append(v.Parts, partView{p.class, p.name, count(p.n), share(p.n, t.Planned), barWidth(float64(p.n), float64(t.Planned))})
		}
	}
	v.Identity = l.t("planned %s = done %s + failed %s + unfinished %s + dropped %s + not offered %s", count(t.Planned), count(t.Done), count(t.Failed),
		count(t.Unfinished), count(t.Dropped), count(t.NotOffered))
	for i := range run.Phases {
		ph := &run.Phases[i]
		row := funnelRowOf(ph, Escape(ph.Name), "phase", l)
		if !ph.Recorded {
			row.Kind, v.Hidden = "unrecorded", true
		}
		v.Rows = append(v.Rows, row)
	}
	if len(run.Phases) != 1 {
		v.Rows = append(v.Rows, funnelRowOf(t, l.t("all phases"), "all", l))
	}
	if f := &run.FollowUps; f.Ledger != (results.Ledger{}) {
		v.Rows = append(v.Rows, funnelRowOf(f, l.t("follow-ups"), "followups", l))
	}
	return v
}

func lost(l language, n int64, text string) string {
	if n <= 0 {
		return ""
	}
	return l.t(text, count(n))
}

func funnelRowOf(ph *results.Phase, name, kind string, l language) funnelRow {
	r := funnelRow{Name: name, Kind: kind, Planned: count(ph.Planned), Failed: count(ph.Failed), Unfinished: count(ph.Unfinished), Dropped: count(ph.Dropped),
		NotOffered: count(ph.NotOffered), Length: duration(ph.ElapsedNS), RatePlanned: "-", RateSent: rate(ph.Rate.Sent), RateDone: rate(ph.Rate.Done),
		RateGood: rate(ph.Rate.Good), Shape: l.say(ph.Shape).Text, LostFailed: ph.Failed > 0, LostUnfinished: ph.Unfinished > 0,
		LostDropped: ph.Dropped > 0, LostNotOffer: ph.NotOffered > 0}
	if ph.Rate.Planned != nil {
		r.RatePlanned = rate(*ph.Rate.Planned)
	}
	r.Cells = []stepView{stepOf(l.t("sent"), ph.Sent, ph.Planned), stepOf(l.t("done"), ph.Done, ph.Planned), stepOf(l.t("good"), ph.Good, ph.Planned)}
	return r
}

// ledgersOf says where an account does not add up, which only a run that was cut off or a fault of ours can bring about.
func ledgersOf(run *results.Run, l language) []string {
	var list []string
	check := func(name string, a results.Ledger) {
		switch sum := a.Ended(); {
		case sum == a.Planned:
		case run.Verdict == results.VerdictPartial && sum < a.Planned:
			list = append(list, l.t("%s: %s of %s arrivals had no end on disk yet", name, count(a.Planned-sum), count(a.Planned)))
		default:
			list = append(list, l.t("the ledger of %s does not add up: %s planned, %s accounted for", name, count(a.Planned), count(sum)))
		}
	}
	for i := range run.Phases {
		check(l.t("phase %s", Escape(run.Phases[i].Name)), run.Phases[i].Ledger)
	}
	if len(run.Phases) != 1 {
		check(l.t("all phases"), run.Totals.Ledger)
	}
	check(l.t("the follow-ups"), run.FollowUps.Ledger)
	return list
}

// shapes lists the phases as they were planned.
func shapes(run *results.Run, l language) []string {
	var list []string
	for i := range run.Phases {
		ph := &run.Phases[i]
		s := Escape(ph.Name) + ": " + l.say(ph.Shape).Text
		if ph.DurationNS > 0 {
			s = l.t("%s for %s", s, duration(ph.DurationNS))
		}
		if !ph.Recorded {
			s += l.t(" (not recorded)")
		}
		list = append(list, s)
	}
	return list
}
