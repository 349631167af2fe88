package report

import (
	"slices"
	"strconv"
	"strings"

	"axbench/results"
)

// slos shows each rule, its value with the interval and how far it is from its limit.
func (p *page) slos(run *results.Run) {
	p.heading("SLOs")
	if len(run.SLOs) == 0 {
		p.para("  ", "no rule was judged", normal)
		return
	}
	t := newTable("", "rule", "phase", ">limit", ">value", ">95 % interval", ">margin")
	for i := range run.SLOs {
		s := &run.SLOs[i]
		phase := p.safe(s.Phase)
		if phase == "" {
			phase = "recorded"
		}
		word, st := outcome(s)
		t.row(normal, word, p.safe(s.Rule), phase, sloLimit(s), sloValue(s), sloInterval(s), sloMargin(s))
		t.rows[len(t.rows)-1][0].style = st
	}
	p.table(t)
	for i := range run.SLOs {
		s := &run.SLOs[i]
		told := sloStory(s, english)
		if s.Reason != "" {
			told = append([]string{p.safe(s.Reason)}, told...)
		}
		if len(told) > 0 {
			p.item(p.safe(s.Rule)+": "+strings.Join(told, "; "), normal)
		}
	}
}

// sloStory says what else there is to a rule: what became of its windows, and whether it stopped the run. The texts hold nothing from
// outside.
func sloStory(s *results.SLO, l language) []string {
	var told []string
	if s.AbortedNS > 0 {
		told = append(told, l.t("it stopped the run at %s", duration(s.AbortedNS)))
	}
	w := s.Window
	if w == nil {
		return told
	}
	if w.Judged > 0 {
		told = append(told, l.t("worst window: second %s to %s", count(w.Worst), count(w.Worst+w.Seconds)))
	}
	told = append(told, l.t("windows judged: %s, missed: %s", count(w.Judged), count(w.Missed)))
	if w.Thin > 0 {
		told = append(told, l.t("with too few samples: %s", count(w.Thin)))
	}
	return told
}

// stoppedByRule tells whether a rule stopped the run.
func stoppedByRule(run *results.Run) bool {
	return slices.ContainsFunc(run.SLOs, func(s results.SLO) bool { return s.AbortedNS > 0 })
}

func outcome(s *results.SLO) (string, style) {
	switch {
	case s.Pass == nil:
		return "no data", yellow
	case *s.Pass:
		return "pass", green
	}
	return "FAIL", red
}

// sloLimit writes a limit as it was meant: 99 % and not 99.00 %.
func sloLimit(s *results.SLO) string {
	if s.Unit != "share" {
		return sloNumber(s.Limit, s.Unit, false)
	}
	return strconv.FormatFloat(s.Limit*100, 'g', 10, 64) + " %"
}

func sloValue(s *results.SLO) string {
	if s.Value == nil {
		return "-"
	}
	return sloNumber(*s.Value, s.Unit, s.Bound)
}

func sloInterval(s *results.SLO) string {
	if s.Low == nil && s.High == nil {
		return "-"
	}
	low, high := "..", ".."
	if s.Low != nil {
		low = sloNumber(*s.Low, s.Unit, false)
	}
	if s.High != nil {
		high = sloNumber(*s.High, s.Unit, false)
	}
	return low + " to " + high
}

// sloMargin is the way from the value to the limit in parts of the limit, positive on the side that passes. Shares are
// compared by what misses to 1, where a percent is far nearer than it looks.
func sloMargin(s *results.SLO) string {
	if s.Value == nil || s.Limit == 0 {
		return "-"
	}
	gap := *s.Value - s.Limit
	if strings.Contains(s.Rule, "<") {
		gap = -gap
	}
	sign := "+"
	if gap < 0 {
		sign, gap = "-", -gap
	}
	if s.Unit == "share" {
		return sign + number(gap*100, 2) + " pt"
	}
	relative := gap / abs(s.Limit) * 100
	decimals := 1
	if relative >= 1000 {
		decimals = 0
	}
	if s.Bound {
		return sign + number(relative, decimals) + " % or worse"
	}
	return sign + number(relative, decimals) + " %"
}

func abs(f float64) float64 {
	if f < 0 {
		return -f
	}
	return f
}

func sloNumber(f float64, unit string, bound bool) string {
	mark := ""
	if bound {
		mark = "> "
	}
	switch unit {
	case "ns":
		return mark + durationF(f)
	case "share":
		return mark + percent(f)
	case "per_s":
		return mark + rate(f)
	}
	if f == float64(int64(f)) {
		return mark + number(f, 0)
	}
	return mark + number(f, 2)
}
