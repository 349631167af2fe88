package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"axbench/results"
)

// Lines shown of one side of the example exchange.
const exampleLines = 14

// violations shows the broken clauses with one exchange as an example, what zero of n means, and uniqueness.
func (p *page) violations(rec *results.Record) {
	run := &rec.Run
	p.heading("Clauses")
	t := newTable("clause", "level", ">count", ">of", ">share", "sentence")
	broken := 0
	for i := range run.Violations {
		v := &run.Violations[i]
		if v.Count == 0 {
			continue
		}
		broken++
		st := yellow
		if v.Level == "MUST" {
			st = red
		}
		t.row(st, p.safe(v.Clause), p.safe(v.Level), count(v.Count), count(v.Checked), share(v.Count, v.Checked), p.safe(v.Sentence))
	}
	if broken > 0 {
		p.table(t)
	} else if len(run.Violations) > 0 {
		p.para("  ", "no answer broke a clause", normal)
	}
	p.kept(run)
	for i := range run.Unique {
		p.unique(run, &run.Unique[i])
	}
	if len(run.Violations) == 0 && len(run.Unique) == 0 {
		p.para("  ", "no clause was checked", normal)
	}
	p.example(rec)
}

// kept says of the clauses that no answer broke what that proves, together for all that were checked equally often.
func (p *page) kept(run *results.Run) {
	for _, line := range keptClausesOf(run, p.safe) {
		p.item(line, normal)
	}
}

// keptClausesOf words what it proves that no answer broke a clause, a line for all that were checked equally often.
func keptClausesOf(run *results.Run, esc func(string) string) []string {
	var lines []string
	for _, g := range keptGroups(run) {
		lines = append(lines, keptSentence(g.checked, g.bound)+": "+strings.Join(each(g.clauses, esc), ", "))
	}
	return lines
}

// keptGroup are clauses that no answer broke and that were checked equally often.
type keptGroup struct {
	checked int64
	bound   float64
	clauses []string // as they stand in run.json
}

// keptGroups collects them, the most often checked first.
func keptGroups(run *results.Run) []*keptGroup {
	var groups []*keptGroup
	for i := range run.Violations {
		v := &run.Violations[i]
		if v.Count != 0 || v.Checked <= 0 {
			continue
		}
		at := slices.IndexFunc(groups, func(g *keptGroup) bool { return g.checked == v.Checked && g.bound == v.Bound99 })
		if at < 0 {
			at = len(groups)
			groups = append(groups, &keptGroup{checked: v.Checked, bound: v.Bound99})
		}
		groups[at].clauses = append(groups[at].clauses, v.Clause)
	}
	slices.SortStableFunc(groups, func(a, b *keptGroup) int { return cmp.Compare(b.checked, a.checked) })
	return groups
}

// keptSentence says what zero of checked proves.
func keptSentence(checked int64, bound float64) string {
	below := "no bound: too few answers"
	if bound > 0 && bound < 1 {
		below = "below " + percent(bound) + " with 99 % confidence"
	}
	return fmt.Sprintf("0 of %s, %s", count(checked), below)
}

func (p *page) unique(run *results.Run, u *results.Unique) {
	text, repeated := uniqueText(run, u, p.safe)
	st := normal
	if repeated {
		st = red
	}
	p.item(text, st)
}

// uniqueText says over how many answers an identifier was held against all earlier ones, and whether one was repeated.
func uniqueText(run *results.Run, u *results.Unique, esc func(string) string) (text string, repeated bool) {
	what, clause := esc(u.What), esc(u.Clause)
	over := fmt.Sprintf("over all %s", count(u.Seen))
	if u.Checked < u.Seen {
		over = fmt.Sprintf("over the first %s of %s", count(u.Checked), count(u.Seen))
	}
	if u.Full {
		over += " (the memory set aside for ids was full)"
	}
	if u.Seen <= 0 {
		return fmt.Sprintf("%s: none seen (%s)", what, clause), false
	}
	for i := range run.Violations {
		if v := &run.Violations[i]; v.Clause == u.Clause && v.Count > 0 {
			return fmt.Sprintf("%s: NOT unique, %s repeated %s (%s)", what, count(v.Count), over, clause), true
		}
	}
	return fmt.Sprintf("%s: unique %s (%s)", what, over, clause), false
}

// unreadable says that a file of the run directory cannot be read, and why.
func unreadable(file string, err error, esc func(string) string) string {
	return file + " cannot be read: " + esc(err.Error())
}

// example prints one redacted exchange: the first of a broken MUST clause, else of any, else of an undocumented code.
func (p *page) example(rec *results.Record) {
	list, err := rec.Evidence()
	if err != nil {
		p.item(unreadable(results.EvidenceFile, err, p.safe), yellow)
	}
	e, why := pick(&rec.Run, list)
	if e == nil {
		return
	}
	p.line()
	p.para("  ", "example: "+p.safe(why)+", "+p.list(e.Operation, e.Code, "phase "+e.Phase)+", response "+duration(e.ResponseNS), bold)
	if e.Detail != "" {
		p.para("    ", p.safe(e.Detail), normal)
	}
	p.block("    > ", e.Request, exampleLines)
	p.block("    < ", e.Answer, exampleLines)
}

// pick chooses the exchange and says what it is an example of.
func pick(run *results.Run, list []results.Evidence) (*results.Evidence, string) {
	for _, must := range []bool{true, false} {
		for i := range run.Violations {
			v := &run.Violations[i]
			at := v.FirstEvidence - 1
			if v.Count > 0 && (v.Level == "MUST") == must && at >= 0 && at < len(list) {
				return &list[at], v.Clause
			}
		}
	}
	for i := range list {
		if list[i].Class == results.ClassUndocumented {
			return &list[i], "undocumented code"
		}
	}
	return nil, ""
}

// block prints at most most lines of an exchange behind a margin; long ones are broken.
func (p *page) block(margin, s string, most int) {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n")
	room := p.width - width(margin)
	shown := 0
	for i, l := range lines {
		text := p.safe(l)
		for {
			if shown == most {
				p.line(cell{margin + fmt.Sprintf("… %d lines more", len(lines)-i), dim})
				return
			}
			head := cut(text, room, "")
			p.line(cell{margin, dim}, cell{head, normal})
			shown++
			text = text[len(head):]
			if text == "" {
				break
			}
		}
	}
}
