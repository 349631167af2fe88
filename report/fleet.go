package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"axbench/results"
)

// Of many generators a report shows the first few and the worst, and of the stretches of missing arrivals the longest.
const (
	allParts   = 16 // as many are shown one by one
	firstParts = 4
	worstParts = 8
	mostGaps   = 8
)

// shownParts are the generators that have a row of their own, by slot.
func shownParts(f *results.Fleet) []*results.Part {
	list := make([]*results.Part, len(f.Generators))
	for i := range list {
		list[i] = &f.Generators[i]
	}
	if len(list) <= allParts {
		return list
	}
	shown, rest := list[:firstParts], slices.Clone(list[firstParts:])
	slices.SortStableFunc(rest, func(a, b *results.Part) int {
		return cmp.Or(cmp.Compare(trouble(b), trouble(a)), cmp.Compare(b.Withheld, a.Withheld), cmp.Compare(b.Generator.LateP99NS, a.Generator.LateP99NS))
	})
	worst := rest[:worstParts]
	slices.SortStableFunc(worst, func(a, b *results.Part) int { return cmp.Compare(a.Slot, b.Slot) })
	return append(slices.Clone(shown), worst...)
}

// trouble is how much a generator has to be looked at.
func trouble(p *results.Part) int {
	switch {
	case p.State == results.PartLost:
		return 3
	case p.State != "" && !p.Generator.Valid:
		return 2
	case p.State == results.PartLeft || p.Why != "":
		return 1
	}
	return 0
}

// partStates are the words for how a generator's part ended.
var partStates = map[results.PartState]string{
	"": "running", results.PartEnded: "to the end", results.PartLeft: "handed over", results.PartLost: "LOST",
}

// partRow is a generator in a table. All but the host, which is not escaped, are words and numbers of ours.
type partRow struct {
	Slot, Host, State, Share, Sent, Withheld, Late, CPU, Connections, Clock, Valid string
	style                                                                          style
	Class                                                                          string // of Valid on a page
}

// partRowOf is the row of one generator. A state that this version does not know is escaped by esc.
func partRowOf(run *results.Run, p *results.Part, l language, esc func(string) string) partRow {
	g := &p.Generator
	r := partRow{Slot: fmt.Sprint(p.Slot), Host: p.Host, Share: partShare(p, run.Fleet), Sent: count(p.Sent), Withheld: count(p.Withheld), Late: duration(g.LateP99NS),
		CPU: cpuPerCall(g), Connections: count(g.Connections), Clock: clockOf(p)}
	if word, ok := partStates[p.State]; ok {
		r.State = l.t(word)
	} else {
		r.State = esc(string(p.State))
	}
	switch {
	case g.Valid:
		r.Valid, r.style, r.Class = l.t("valid"), green, "pass"
	case run.Verdict == results.VerdictPartial:
		r.Valid, r.style, r.Class = l.t("not judged"), yellow, "unsure"
	default:
		r.Valid, r.style, r.Class = l.t("invalid"), red, "fail"
	}
	return r
}

// sumRowOf is the row of all generators: sums, and of lateness and CPU the worst.
func sumRowOf(run *results.Run, l language) partRow {
	var sent, withheld, connections, late, valid int64
	cpu := results.Generator{}
	parts := run.Fleet.Generators
	for i := range parts {
		p := &parts[i]
		sent, withheld, connections = sent+p.Sent, withheld+p.Withheld, connections+p.Generator.Connections
		late = max(late, p.Generator.LateP99NS)
		cpu.CPUPerCallUS = math.Max(cpu.CPUPerCallUS, p.Generator.CPUPerCallUS)
		if p.Generator.Valid {
			valid++
		}
	}
	return partRow{Slot: l.t("all %s", count(int64(len(parts)))), Share: "100 %", Sent: count(sent), Withheld: count(withheld), Late: duration(late), CPU: cpuPerCall(&cpu), Connections: count(connections),
		Valid: l.t("%s of %s", count(valid), count(int64(len(parts))))}
}

// partShare is the share of the plan that a generator was given.
func partShare(p *results.Part, f *results.Fleet) string {
	if f.Weights() <= 0 {
		return "-"
	}
	return strconv.FormatFloat(100*float64(max(0, p.Weight))/float64(f.Weights()), 'g', 4, 64) + " %"
}

func cpuPerCall(g *results.Generator) string {
	if g.CPUPerCallUS == 0 {
		return "-"
	}
	return number(g.CPUPerCallUS, 1) + " µs"
}

// clockOf says by how much a generator's clock is ahead of the controller's, and how sure that is.
func clockOf(p *results.Part) string {
	if p.OffsetNS == 0 && p.RTTNS == 0 {
		return "-"
	}
	sign := "+"
	if p.OffsetNS < 0 {
		sign = ""
	}
	return sign + duration(p.OffsetNS) + " ± " + duration(p.RTTNS/2)
}

// ledgerLine is one statement of the ledger of several generators.
type ledgerLine struct {
	Name, Value string
	Alarm       bool
}

// fleetLedger says what was decided by whom, and what by nobody: words and numbers of ours.
func fleetLedger(run *results.Run, l language) []ledgerLine {
	f := run.Fleet
	planned := run.Totals.Planned
	loss := l.t("if one is lost the run ends")
	if f.Policy == results.LossRedistribute {
		loss = l.t("if one is lost the others take over")
	}
	lines := []ledgerLine{
		{Name: l.t("generators"), Value: count(int64(len(f.Generators))) + l.t("; ") + loss},
		{Name: l.t("start"), Value: l.t("within %s of each other for certain, %s allowed; a lease of %s", duration(f.StartBoundNS), duration(f.MaxSkewNS), duration(f.LeaseNS)), Alarm: f.StartBoundNS > f.MaxSkewNS},
		{Name: l.t("decided"), Value: l.t("%s of %s arrivals", count(f.Decided), count(planned))},
		{Name: l.t("decided twice"), Value: l.t("%s arrivals", count(f.Double)), Alarm: f.Double > 0},
		{Name: l.t("not offered"), Value: l.t("%s arrivals by nobody, %s allowed", count(f.Missing), allowance(f)), Alarm: f.Missing > 0},
	}
	for _, text := range gapTexts(f, l) {
		lines = append(lines, ledgerLine{Value: text, Alarm: true})
	}
	if f.Unknown > 0 {
		lines = append(lines, ledgerLine{l.t("unknown"), l.t("%s calls of lost generators: nobody knows how they ended", count(f.Unknown)), true})
	}
	if f.Unreported > 0 {
		lines = append(lines, ledgerLine{l.t("sent"), l.t("between %s and %s calls", count(run.Totals.Sent), count(added(run.Totals.Sent, f.Unreported))), true})
	}
	return lines
}

// added is a sum of counts that a file may say are anything.
func added(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// allowance is the share that may be missing, as it was meant.
func allowance(f *results.Fleet) string {
	return sloLimit(&results.SLO{Unit: "share", Limit: f.Allowed})
}

// gapTexts name the stretches of arrivals that nobody offered, the longest of many.
func gapTexts(f *results.Fleet, l language) (texts []string) {
	shown := make([]*results.Gap, len(f.Gaps))
	for i := range shown {
		shown[i] = &f.Gaps[i]
	}
	var left, count64 int64
	if len(shown) > mostGaps {
		slices.SortStableFunc(shown, func(a, b *results.Gap) int { return cmp.Compare(b.Count, a.Count) })
		for _, g := range shown[mostGaps:] {
			left, count64 = left+1, added(count64, g.Count)
		}
		shown = shown[:mostGaps]
		slices.SortStableFunc(shown, func(a, b *results.Gap) int { return cmp.Compare(a.From, b.From) })
	}
	for _, g := range shown {
		text := l.t("arrivals %s to %s: %s", count(g.From), count(g.To), count(g.Count))
		if g.Slot != nil {
			text = l.t("arrivals %s to %s: %s of generator %s", count(g.From), count(g.To), count(g.Count), fmt.Sprint(*g.Slot))
		}
		texts = append(texts, text)
	}
	if left > 0 {
		texts = append(texts, l.t("and %s shorter stretches: %s", count(left), count(count64)))
	}
	return texts
}

// partStory says what became of a generator that did not go on to the end, or of which there is something to say, "" of any other. The texts from outside are
// put in by esc.
func partStory(p *results.Part, l language, esc func(string) string) string {
	text := ""
	switch {
	case p.State == results.PartLost:
		text = l.t("generator %s was lost: between %s and %s of its calls were sent", esc(p.ID()), count(p.Sent), count(added(p.Sent, p.Unreported)))
		if p.Late > 0 {
			text += l.t("; %s of its reports came after that", count(p.Late))
		}
	case p.State == results.PartLeft:
		text = l.t("generator %s left, and the others took over what was still its own", esc(p.ID()))
	case p.Why != "":
		text = l.t("generator %s", esc(p.ID()))
	}
	if text != "" && p.Why != "" {
		text += l.t(": ") + esc(l.plain(p.Why))
	}
	return text
}

// partStories are those of the generators shown.
func partStories(f *results.Fleet, l language, esc func(string) string) (list []string) {
	for _, p := range shownParts(f) {
		if s := partStory(p, l, esc); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// leftOut says how many generators have no row, "" for none.
func leftOut(f *results.Fleet, l language) string {
	n := len(f.Generators) - len(shownParts(f))
	if n == 0 {
		return ""
	}
	return l.t("%s generators in better order are left out", count(int64(n)))
}
