package cmd

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"axbench/report"
	"axbench/results/judge"
)

// printPool writes the answer for a person.
func (p *program) printPool(a *poolAnswer) error {
	o := p.textOptions()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", a.what(), a.whose())
	for _, line := range a.sentences() {
		fmt.Fprintf(&b, "%s\n", line)
	}
	b.WriteString("\n")
	if err := report.WriteTable(&b, o, a.columns(), a.rows(o.ASCII)); err != nil {
		return err
	}
	if at := a.answered(); at != nil && len(at.Cities) > 0 {
		b.WriteString("\n")
		if err := report.WriteTable(&b, o, []string{"city", ">X", ">asked", ">refused"}, cityRows(at)); err != nil {
			return err
		}
	}
	b.WriteString("\n")
	for _, note := range append(slices.Clone(a.Notes), a.erlangSentence()) {
		for _, line := range wrapped(note, 98) {
			fmt.Fprintf(&b, "%s\n", line)
		}
	}
	return p.print(b.String())
}

// what says who asks for what.
func (a *poolAnswer) what() string {
	arrivals := "Poisson arrivals"
	if a.Arrivals == "constant" {
		arrivals = "evenly spaced"
	}
	mean := ""
	if a.Hold != a.meanHold() && strings.ContainsAny(a.Hold, ":.") {
		mean = " (mean " + a.meanHold() + ")"
	}
	until := "until unbound"
	if a.Ends == "expire" {
		until = "until they expire, on whole seconds"
	}
	return fmt.Sprintf("%s bindings, %s, held %s%s %s:\n%s at once on average; one X serves %d", perSecond(a.Rate), arrivals, a.Hold, mean, until, judge.Thousands(int64(math.Round(a.Load))), a.Pairs)
}

// whose says whose numbers they carry.
func (a *poolAnswer) whose() string {
	say := func(role string, p poolPhones) string {
		switch {
		case p.People == 1:
			return role + " always the same"
		case p.People > 0 && p.Skew > 0:
			return fmt.Sprintf("%s one of %s people, the k-th as often as 1/k^%g", role, judge.Thousands(int64(p.People)), p.Skew)
		case p.People > 0:
			return fmt.Sprintf("%s one of %s people", role, judge.Thousands(int64(p.People)))
		case p.Repeat > 0 && p.Recent > 0:
			return fmt.Sprintf("%s in %s of them that of one of the last %s", role, percentText(p.Repeat), judge.Thousands(int64(p.Recent)))
		case p.Repeat > 0:
			return fmt.Sprintf("%s in %s of them that of a recent one", role, percentText(p.Repeat))
		}
		return role + " new each time"
	}
	return say("A", a.A) + "; " + say("B", a.B)
}

// sentences are the answer.
func (a *poolAnswer) sentences() (lines []string) {
	confidence := percentText(a.Confidence)
	if a.Need != nil {
		n := a.Need
		line := fmt.Sprintf("needs %s X (%s to %s, %s) for at most %s refusals", judge.Thousands(int64(n.Value)), judge.Thousands(int64(n.Low)), judge.Thousands(int64(n.High)), confidence, percentText(a.Refusal))
		if b := a.beyond(); b != nil {
			line += fmt.Sprintf("; at %s it is %s", judge.Thousands(int64(b.Size)), percentText(b.Share))
		}
		return []string{line}
	}
	s, h := a.Size, a.Holds
	return []string{
		fmt.Sprintf("%s X refuse %s (%s to %s, %s) at %s", judge.Thousands(int64(s.Size)), percentText(s.Share), percentText(s.Low), percentText(s.High), confidence, perSecond(a.Rate)),
		fmt.Sprintf("they hold %s (%s to %s, %s) with at most %s refusals", perSecond(h.Value), perSecond(h.Low), perSecond(h.High), confidence, percentText(a.Refusal)),
	}
}

func (a *poolAnswer) columns() []string {
	first := ">X"
	if a.Holds != nil {
		first = ">rate"
	}
	return []string{first, ">refused", ">interval", ">Erlang B", ">ratio", "refused: six cells are a factor of ten"}
}

// The drawing: a bar for each share on a logarithmic axis.
const (
	poolDecades  = 6 // from 1 down to 10^-6
	poolBarWidth = 36
)

func (a *poolAnswer) rows(ascii bool) (rows [][]string) {
	mark := barCells(a.Refusal)
	for _, p := range a.shown() {
		at := judge.Thousands(int64(p.Size))
		if a.Holds != nil {
			at = perSecond(p.Rate)
		}
		ratio := "-"
		if p.Ratio != nil && p.Share > 0 && *p.Ratio < 100 {
			ratio = fmt.Sprintf("%.2f", *p.Ratio)
		}
		rows = append(rows, []string{at, percentText(p.Share), percentText(p.Low) + " to " + percentText(p.High), percentText(p.Erlang), ratio,
			bar(barCells(p.Share), mark, p == a.answered(), ascii)})
	}
	return rows
}

// maxPoolRows is how many points of the curve are printed.
const maxPoolRows = 14

// shown returns the points that are printed: the answer, the ends of its interval, the one that is compared with it, and of the others
// those whose shares lie furthest apart.
func (a *poolAnswer) shown() []*poolPoint {
	list := slices.Clone(a.Curve)
	for len(list) > maxPoolRows {
		least, gap := 0, math.Inf(1)
		for i := 1; i < len(list)-1; i++ {
			if p := list[i]; p == a.answered() || p == a.beyond() || a.isEnd(p) {
				continue
			}
			if g := math.Abs(math.Log(max(list[i-1].Share, 1e-9) / max(list[i+1].Share, 1e-9))); g < gap {
				least, gap = i, g
			}
		}
		if least == 0 {
			break
		}
		list = slices.Delete(list, least, least+1)
	}
	return list
}

// isEnd reports whether p is an end of the answer's interval.
func (a *poolAnswer) isEnd(p *poolPoint) bool {
	if a.Need != nil {
		return p.Size == a.Need.Low || p.Size == a.Need.High
	}
	return p.Rate == a.Holds.Low || p.Rate == a.Holds.High
}

// barCells is how many cells a share takes.
func barCells(share float64) int {
	if share <= 0 {
		return 0
	}
	return min(max(int(math.Round(poolBarWidth*(1+math.Log10(share)/poolDecades))), 1), poolBarWidth)
}

// bar draws cells and the line of what is allowed.
func bar(cells, mark int, answer, ascii bool) string {
	full, line, here := "█", "│", " ◄"
	if ascii {
		full, line, here = "#", "|", " <"
	}
	var b strings.Builder
	for i := 1; i <= max(cells, mark); i++ {
		switch {
		case i == mark && cells <= mark:
			b.WriteString(line)
		case i <= cells:
			b.WriteString(full)
		default:
			b.WriteString(" ")
		}
	}
	if answer {
		b.WriteString(here)
	}
	return b.String()
}

func cityRows(p *poolPoint) (rows [][]string) {
	for _, c := range p.Cities {
		rows = append(rows, []string{c.City, judge.Thousands(int64(c.Numbers)), percentText(float64(c.Requests) / float64(p.Requests)), percentText(c.Share)})
	}
	if p.Elsewhere > 0 {
		rows = append(rows, []string{"another city than asked for", "", percentText(float64(p.Elsewhere) / float64(p.Requests)), ""})
	}
	return rows
}

// erlangSentence says what the formula gives, or why it does not apply.
func (a *poolAnswer) erlangSentence() string {
	says := ""
	switch {
	case a.Erlang.Need != nil:
		says = fmt.Sprintf("%s X", judge.Thousands(int64(*a.Erlang.Need)))
	case a.Erlang.Rate != nil:
		says = perSecond(*a.Erlang.Rate)
	}
	switch {
	case a.Erlang.Applies && says != "":
		return "Erlang B applies and says " + says
	case a.Erlang.Applies:
		return "Erlang B applies, to each city"
	case says != "":
		return fmt.Sprintf("Erlang B would say %s and does not apply: %s", says, a.Erlang.Why)
	}
	return "Erlang B does not apply: " + a.Erlang.Why
}

// wrapped breaks a sentence into lines of at most width letters, those after the first indented.
func wrapped(text string, width int) (lines []string) {
	line, indent := "", ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line+" "+word)) > width {
			lines = append(lines, line)
			line, indent = "", "  "
		}
		if line == "" {
			line = indent + word
		} else {
			line += " " + word
		}
	}
	return append(lines, line)
}

// perSecond writes a rate with four significant digits.
func perSecond(f float64) string {
	if f >= 1000 {
		return judge.Thousands(int64(math.Round(f))) + "/s"
	}
	return strconv.FormatFloat(f, 'g', 4, 64) + "/s"
}

// percentText writes a share with two significant digits, three above a tenth; what is less than one in a billion is none.
func percentText(f float64) string {
	digits := 2
	if f < 1e-9 {
		return "0 %"
	}
	if f >= 0.1 {
		digits = 3
	}
	return strings.TrimSuffix(strconv.FormatFloat(100*f, 'g', digits, 64), ".0") + " %"
}
