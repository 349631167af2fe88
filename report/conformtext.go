package report

import (
	"fmt"
	"io"
	"strings"

	"axbench/results"
)

// What a terminal shows of an exchange; the rest is in evidence.ndjson and in the other reports.
const (
	textRequestLines  = 8
	textResponseLines = 12
)

// ConformText writes the report of a conformance run for a terminal: headline, counts, what was run, every clause that did
// not pass by chapter with what was expected, what came, an exchange and the command that repeats it, what the continuous checks
// prove, what was not provoked, codes, choices, known failures and what is left to do. It reads only rec; the error is w's
// alone.
func ConformText(w io.Writer, rec *results.ConformRecord, o TextOptions) error {
	p := newPage(o)
	v := newConformView(rec, p.safe)
	p.conformBanner(v)
	p.conformCounts(v)
	p.conformRun(v)
	for _, ch := range v.Chapters {
		p.chapter(ch, o.Verbose)
	}
	p.conformContinuous(v)
	p.conformUntested(v)
	p.conformCodes(v)
	p.conformChoices(v)
	p.conformKnown(v)
	p.conformLeft(v)
	_, err := io.WriteString(w, p.out.String())
	return err
}

func (p *page) conformBanner(v *conformView) {
	parts := []cell{{strings.ToUpper(v.Headline), toneStyle(v.Tone)}, {fmt.Sprintf(" · exit code %d", v.ExitCode), normal}}
	against := cell{" · profile " + v.Profile + " against " + v.Target, normal}
	if width(parts[0].text+parts[1].text+against.text) > p.width {
		p.para("", parts[0].text, parts[0].style)
		p.para("  ", strings.TrimPrefix(parts[1].text, " · ")+against.text, normal)
	} else {
		p.line(append(parts, against)...)
	}
	p.para("  ", v.Sentence, normal)
	for _, r := range v.Reasons {
		p.item(r, normal)
	}
}

func (p *page) conformRun(v *conformView) {
	p.heading("Run")
	for _, f := range v.Facts {
		p.pair(f.Name, f.Value)
	}
	for _, n := range v.Notes {
		p.item(n, normal)
	}
}

func (p *page) conformCounts(v *conformView) {
	p.heading("Verdicts")
	if v.Total == 0 {
		p.para("  ", "no clause was judged", yellow)
		return
	}
	t := newTable("", "verdict", ">clauses", ">share", "meaning")
	for _, n := range v.Verdicts {
		st := n.style
		if n.Count == 0 {
			st = dim
		}
		t.row(st, n.Mark, n.Word, count(int64(n.Count)), n.Share, n.Meaning)
	}
	p.table(t)
}

// chapter prints a chapter's counts and the clauses of it that did not pass. Those that were not provoked come together later.
func (p *page) chapter(ch *chapterView, verbose bool) {
	p.heading(ch.ID + " · " + ch.Title)
	p.para("  ", ch.Summary(), normal)
	for _, c := range ch.Clauses {
		if verbose || c.verdict != results.ClausePass && c.verdict != results.ClauseNotProvoked {
			p.clause(c)
		}
	}
}

func (p *page) clause(c *clauseView) {
	if c.showsObservations() {
		p.line()
	}
	head := joinWith(" · ", c.ID, c.Level, c.Source)
	if !c.Decides {
		head += " · does not decide the headline"
	}
	if lead := "  " + c.Mark + " " + c.Word + " "; width(lead+head) <= p.width {
		p.line(cell{lead, c.style}, cell{head, normal})
	} else {
		p.para("  ", c.Mark+" "+c.Word+" "+head, c.style)
	}
	p.para(strings.Repeat(" ", 6), c.Sentence, normal)
	p.under("known", c.Known)
	p.under("because", c.Why())
	if !c.showsObservations() {
		return
	}
	for _, o := range c.Shown() {
		p.observation(&o)
	}
	if more := c.More(); more > 0 {
		p.under("and", plural(int64(more), "observation")+" more in "+results.ConformFile)
	}
	p.under("counted", c.Counted)
	if !c.wantsExchange() {
		return
	}
	if e := c.Exchange; e != nil {
		p.under("exchange", fmt.Sprintf("line %d of %s: %s", e.Line, results.EvidenceFile, e.What))
		p.block("        > ", e.Request, textRequestLines)
		p.block("        < ", e.Answer, textResponseLines)
	} else {
		p.under("exchange", "none was kept")
	}
	p.command("again", c.Again)
}

func (p *page) observation(o *observationView) {
	how := ""
	if o.Case != "" {
		how = "case " + o.Case
	}
	if o.Times > 1 {
		how = joined(how, count(int64(o.Times))+" times")
	}
	if how != "" {
		how = " (" + how + ")"
	}
	p.under("sent", strings.TrimSpace(o.Sent+how))
	p.under("expected", o.Expected)
	p.under("got", o.Got)
}

// under prints one named value of a clause; an empty one prints nothing.
func (p *page) under(name, value string) {
	if value != "" {
		p.para("      "+pad(name, 10, false), value, normal)
	}
}

// command prints a command line so that it can be copied: it is broken between its parts only, where the shell joins it again.
func (p *page) command(name string, parts []string) {
	first := "      " + pad(name, 10, false)
	room := p.width - width(first) - 2
	var lines []string
	for _, part := range parts {
		if at := len(lines) - 1; at >= 0 && width(lines[at])+1+width(part) <= room {
			lines[at] += " " + part
		} else {
			lines = append(lines, part)
		}
	}
	for i, l := range lines {
		if i < len(lines)-1 {
			l += ` \`
		}
		p.line(cell{first, normal}, cell{l, bold})
		first = strings.Repeat(" ", width(first))
	}
}

func (p *page) conformContinuous(v *conformView) {
	if len(v.Bounds)+len(v.Unique) == 0 {
		return
	}
	p.heading("Continuous checks")
	p.para("  ", "clauses that every answer was held against, and none broke", dim)
	for _, b := range v.Bounds {
		p.item(b, normal)
	}
	for _, u := range v.Unique {
		st := normal
		if u.Broken {
			st = red
		}
		p.item(u.Text, st)
	}
}

func (p *page) conformUntested(v *conformView) {
	if len(v.Needs)+len(v.Unprovocable)+len(v.Skipped) == 0 {
		return
	}
	p.heading("Not provoked")
	p.para("  ", v.Untested, normal)
	for _, n := range v.Needs {
		p.line()
		p.para("  "+n.ID+"  ", n.Takes+": "+plural(int64(n.Count), "clause"), bold)
		p.under("declare", n.Declare)
		for _, g := range n.Groups {
			p.para("      - ", strings.Join(g.Names, ", ")+" · "+g.Reason, normal)
		}
	}
	if len(v.Unprovocable) > 0 {
		p.line()
		p.para("  ", "declared unprovocable: not applicable, counted apart", bold)
		for _, f := range v.Unprovocable {
			p.item(f.Name+": "+f.Value, normal)
		}
	}
	if len(v.Skipped) > 0 {
		p.line()
		p.para("  ", "cases that did not run", bold)
		for _, g := range v.Skipped {
			p.item(strings.Join(g.Names, ", ")+" · "+g.Reason, normal)
		}
	}
}

func (p *page) conformCodes(v *conformView) {
	p.heading("Codes")
	p.para("  ", v.Codes, normal)
	if len(v.Missing) > 0 {
		p.para("  ", fmt.Sprintf("never observed (%d): %s", len(v.Missing), strings.Join(v.Missing, ", ")), dim)
	}
}

func (p *page) conformChoices(v *conformView) {
	if len(v.Choices)+len(v.Changed) == 0 {
		return
	}
	p.heading("Choices: which way the endpoint went where the document leaves it open")
	for _, x := range v.Changed {
		p.item(fmt.Sprintf("changed: %s was %s, is now %s", x.ID, x.Before, x.Now), yellow)
	}
	if len(v.Choices) == 0 {
		return
	}
	t := newTable("choice", "value", "question")
	for _, x := range v.Choices {
		question := x.Text
		if x.Detail != "" {
			question += " (" + x.Detail + ")"
		}
		t.row(normal, x.ID, x.Value, question)
	}
	p.table(t)
}

func (p *page) conformKnown(v *conformView) {
	if len(v.Known) == 0 {
		return
	}
	p.heading("Known failures")
	for _, k := range v.Known {
		text := fmt.Sprintf("%s until %s: %s", k.Clause, k.Expires, k.Reason)
		st := normal
		if k.Problem != "" {
			text, st = text+" · "+strings.ToUpper(k.Problem)+": a failure itself", red
		}
		p.item(text, st)
	}
}

func (p *page) conformLeft(v *conformView) {
	if v.Bindings == "" {
		return
	}
	p.heading("Bindings")
	p.para("  ", v.Bindings, normal)
	for _, l := range v.Left {
		p.item(l, yellow)
	}
}
