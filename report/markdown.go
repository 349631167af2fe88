package report

import (
	"fmt"
	"io"
	"strings"

	"axbench/results"
)

// md collects a report in the Markdown of GitHub and GitLab.
//
// What came from outside stands in code spans and code blocks and nowhere else: there is no markup in them, no HTML, no link, no
// @name, no #1, no emoji. Two characters could end them or a table's cell, so a backtick is written \x60 and a vertical line
// \x7c, in the manner of Escape. Everything outside of code is this package's own words and numbers.
type md struct {
	out strings.Builder
}

// mdText escapes text from outside for code.
func mdText(s string) string { return mdSigns.Replace(Escape(s)) }

var mdSigns = strings.NewReplacer("`", `\x60`, "|", `\x7c`)

// mdLongest bounds a piece of text in a line, in cells.
const mdLongest = 400

// code makes escaped text a code span, "-" where there is none.
func code(safe string) string {
	safe = strings.TrimSpace(cut(safe, mdLongest, "…"))
	if safe == "" {
		return "-"
	}
	return "`" + safe + "`"
}

// outside is a code span of text from outside.
func outside(s string) string { return code(mdText(s)) }

func (m *md) line(format string, args ...any) { fmt.Fprintf(&m.out, format+"\n", args...) }

// para writes a paragraph of our own words and code spans.
func (m *md) para(format string, args ...any) { m.line(format+"\n", args...) }

func (m *md) heading(title string) { m.line("### %s\n", title) }

// list writes items of our own words and code spans; none writes nothing.
func (m *md) list(items []string) {
	for _, s := range items {
		m.line("- %s", s)
	}
	if len(items) > 0 {
		m.line("")
	}
}

// table writes rows of our own words and code spans below named columns; a name that begins with ">" stands on the right.
func (m *md) table(columns []string, rows [][]string) {
	head, rule := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		name, right := strings.CutPrefix(c, ">")
		head[i], rule[i] = name, "---"
		if right {
			rule[i] = "---:"
		}
	}
	for _, row := range append([][]string{head, rule}, rows...) {
		m.line("| %s |", strings.Join(row, " | "))
	}
	m.line("")
}

// block writes escaped lines as a code block.
func (m *md) block(safe string) {
	m.line("```text\n%s\n```\n", strings.TrimRight(safe, "\n"))
}

// details folds what inside writes; title is our own words.
func (m *md) details(title string, inside func()) {
	m.line("<details><summary>%s</summary>\n", title)
	inside()
	m.line("</details>\n")
}

func (m *md) writeTo(w io.Writer) error {
	_, err := io.WriteString(w, strings.TrimRight(m.out.String(), "\n")+"\n")
	return err
}

// mark is the sign of a tone of verdicts, never without the word.
func mark(s style) string {
	switch s {
	case green:
		return "✅"
	case red:
		return "❌"
	}
	return "⚠️"
}

// RunMarkdown writes a run for the summary of a CI job: verdict, exit code and reasons, the ledger, rules, codes (undocumented ones
// first), broken clauses, latency and the generators where there were several; phases, the parts of latency, an exchange and the facts of the run are folded.
func RunMarkdown(w io.Writer, rec *results.Record) error {
	m, run := &md{}, &rec.Run
	m.verdict(run)
	m.ledger(run)
	m.slos(run)
	m.codes(run)
	evidence, unread := rec.Evidence()
	m.clauses(run, unread)
	m.latency(rec)
	m.fleet(run)
	m.example(run, evidence)
	m.phases(run)
	m.facts(rec)
	return m.writeTo(w)
}

func (m *md) verdict(run *results.Run) {
	v := verdictOf(run, outside)
	m.line("## %s %s · %s\n", mark(v.style), v.word, exitWords(run))
	m.para("%s against %s: %s", outside(run.Scenario), outside(run.Target.URL), v.sentence)
	var reasons []string
	for _, r := range run.Reasons {
		reasons = append(reasons, outside(r))
	}
	for _, n := range run.Notes {
		reasons = append(reasons, "⚠️ "+outside(n))
	}
	m.list(reasons)
	if closed(run) {
		m.para("**%s**", closedSentence)
	}
}

func (m *md) ledger(run *results.Run) {
	t := &run.Totals
	m.para("**Ledger:** %s planned = %s done + %s failed + %s unfinished + %s dropped + %s not offered; %s good (%s of planned)",
		count(t.Planned), count(t.Done), count(t.Failed), count(t.Unfinished), count(t.Dropped), count(t.NotOffered), count(t.Good), share(t.Good, t.Planned))
	var open []string
	for _, l := range openLedgers(run, outside) {
		open = append(open, l.text)
	}
	m.list(open)
}

func (m *md) slos(run *results.Run) {
	m.heading("SLOs")
	if len(run.SLOs) == 0 {
		m.para("no rule was judged")
		return
	}
	var rows [][]string
	for i := range run.SLOs {
		s := &run.SLOs[i]
		word, st := outcome(s)
		rows = append(rows, []string{mark(st) + " " + word, outside(s.Rule), sloLimit(s), sloValue(s), sloInterval(s), sloMargin(s),
			sloNote(s)})
	}
	m.table([]string{"", "rule", ">limit", ">value", ">95 % interval", ">margin", "note"}, rows)
}

// sloNote says why a rule was not judged, and what else there is to it.
func sloNote(s *results.SLO) string {
	told := sloStory(s, english)
	if s.Reason != "" || len(told) == 0 {
		told = append([]string{outside(s.Reason)}, told...)
	}
	return strings.Join(told, "; ")
}

func (m *md) codes(run *results.Run) {
	m.heading("Codes")
	m.codeTable(seenCodes(run.Totals.Codes), "no call ended with a code")
	if seen := seenCodes(run.FollowUps.Codes); len(seen) > 0 {
		m.details("Codes of follow-up calls", func() { m.codeTable(seen, "") })
	}
	var unseen []string
	for i := range run.Totals.Codes {
		if c := &run.Totals.Codes[i]; c.Count == 0 && c.Documented {
			unseen = append(unseen, outside(c.Code))
		}
	}
	if len(unseen) > 0 {
		m.details(fmt.Sprintf("Documented codes that were never seen: %d", len(unseen)), func() { m.para("%s", strings.Join(unseen, ", ")) })
	}
}

func (m *md) codeTable(seen []*results.Code, none string) {
	if len(seen) == 0 {
		m.para("%s", none)
		return
	}
	var rows [][]string
	for _, c := range seen {
		class := outside(string(c.Class))
		if c.Class == results.ClassUndocumented {
			class = "❌ **UNDOCUMENTED**"
		}
		expected := ""
		if c.Expected > 0 && c.Class != results.ClassOK {
			expected = count(c.Expected)
		}
		rows = append(rows, []string{outside(c.Code), class, count(c.Count), percent(c.Share), expected,
			quantile(&c.Response, "p50"), quantile(&c.Response, "p99"), statuses(c.HTTPStatus), outside(strings.TrimSpace(c.TextZH + " " + c.TextEN))})
	}
	m.table([]string{"code", "class", ">count", ">share", ">expected", ">p50", ">p99", ">HTTP", "text"}, rows)
}

func (m *md) clauses(run *results.Run, unread error) {
	m.heading("Clauses")
	if unread != nil {
		m.para("⚠️ %s", unreadable(results.EvidenceFile, unread, outside))
	}
	var rows [][]string
	for i := range run.Violations {
		v := &run.Violations[i]
		if v.Count == 0 {
			continue
		}
		st := yellow
		if v.Level == "MUST" {
			st = red
		}
		rows = append(rows, []string{mark(st), outside(v.Clause), outside(v.Level), count(v.Count), count(v.Checked), share(v.Count, v.Checked), outside(v.Sentence)})
	}
	switch {
	case len(rows) > 0:
		m.table([]string{"", "clause", "level", ">broken", ">of", ">share", "sentence"}, rows)
	case len(run.Violations) > 0:
		m.para("✅ no answer broke a clause")
	default:
		m.para("no clause was checked")
	}
	kept := keptClausesOf(run, outside)
	for i := range run.Unique {
		text, repeated := uniqueText(run, &run.Unique[i], outside)
		if repeated {
			m.para("❌ %s", text)
		} else {
			kept = append(kept, text)
		}
	}
	if len(kept) > 0 {
		m.details("Clauses that no answer broke, and what that proves", func() { m.list(kept) })
	}
}
