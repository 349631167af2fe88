package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"axbench/results"
)

// maxFolded is how many clauses of a conformance run are told at length; a summary has a size limit where it is shown.
const maxFolded = 40

// ConformMarkdown writes a conformance run for the summary of a CI job: headline, exit code and reasons, the counts, every clause
// that failed or stayed open with what was expected and what came, codes and changed choices; exchanges, chapters and what was not
// provoked are folded.
func ConformMarkdown(w io.Writer, rec *results.ConformRecord) error {
	m, v := &md{}, newConformView(rec, mdText)
	m.conformBanner(v)
	m.conformClauses(v)
	m.conformMore(v)
	m.conformFolded(v)
	return m.writeTo(w)
}

func (m *md) conformBanner(v *conformView) {
	m.line("## %s %s · exit code %d\n", mark(toneStyle(v.Tone)), code(strings.ToUpper(v.Headline)), v.ExitCode)
	m.para("profile %s against %s: %s", code(v.Profile), code(v.Target), v.Sentence)
	m.list(codes(v.Reasons))
	var notes []string
	for _, n := range v.Notes {
		notes = append(notes, "⚠️ "+code(n))
	}
	m.list(notes)
	var rows [][]string
	for _, n := range v.Verdicts {
		if n.Count > 0 {
			rows = append(rows, []string{wordMark(n.wordView), count(int64(n.Count)), n.Share, n.Meaning})
		}
	}
	if len(rows) == 0 {
		m.para("no clause was judged")
		return
	}
	m.table([]string{"verdict", ">clauses", ">share", "meaning"}, rows)
}

// codes makes code spans of escaped texts.
func codes(safe []string) []string {
	var list []string
	for _, s := range safe {
		list = append(list, code(s))
	}
	return list
}

// wordMark is a verdict on a clause with its sign.
func wordMark(w wordView) string {
	sign := "▫️"
	switch w.style {
	case red, green, yellow:
		sign = mark(w.style)
	}
	return sign + " " + code(w.Word)
}

// open lists the clauses that failed, broke a SHOULD, or say nothing: the gravest first.
func (v *conformView) open() []*clauseView {
	var list []*clauseView
	for _, ch := range v.Chapters {
		for _, c := range ch.Clauses {
			if c.verdict != results.ClauseInfo && c.showsObservations() {
				list = append(list, c)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *clauseView) int { return cmp.Compare(rank(a.verdict), rank(b.verdict)) })
	return list
}

func (m *md) conformClauses(v *conformView) {
	open := v.open()
	if len(open) == 0 {
		return
	}
	m.heading("Clauses that did not pass")
	var rows [][]string
	for _, c := range open {
		known := ""
		if c.Known != "" {
			known = "known: " + code(c.Known)
		}
		expected, got := "", code(c.Reason)
		if shown := c.Shown(); len(shown) > 0 {
			expected = code(shown[0].Expected)
			got = code(shown[0].Got)
		}
		rows = append(rows, []string{wordMark(c.wordView), code(c.ID), code(c.Level), code(c.Sentence), expected, got, known})
	}
	m.table([]string{"verdict", "clause", "level", "sentence", "expected", "got", ""}, rows)
	for i, c := range open {
		if i == maxFolded {
			m.para("%s more are in %s.", plural(int64(len(open)-i), "clause"), code(results.ConformFile))
			break
		}
		m.conformClause(c)
	}
}

// conformClause folds one clause. Its id may hold anything, so it stands inside.
func (m *md) conformClause(c *clauseView) {
	if !c.wantsExchange() {
		return
	}
	m.details(fmt.Sprintf("How it was seen, and how to see it again (%s of %s)", count(c.Failed), count(c.Checked)), func() {
		m.para("clause %s (%s): %s", code(c.ID), code(c.Source), code(c.Sentence))
		var items []string
		for _, o := range c.Shown() {
			items = append(items, "sent "+code(o.Sent)+", expected "+code(o.Expected)+", got "+code(o.Got))
		}
		m.list(items)
		if e := c.Exchange; e != nil {
			m.para("line %d of %s: %s", e.Line, code(results.EvidenceFile), code(e.What))
			m.exchange(e.Request, e.Answer)
		}
		m.block(strings.Join(c.Again, " \\\n  "))
	})
}

// conformMore writes what a summary must not fold away: codes, changed choices, known failures that are none, bindings left.
func (m *md) conformMore(v *conformView) {
	m.para("**Codes:** %s", strings.TrimPrefix(v.Codes, "codes "))
	var items []string
	for _, x := range v.Changed {
		items = append(items, fmt.Sprintf("⚠️ choice %s was %s, is now %s", code(x.ID), code(x.Before), code(x.Now)))
	}
	for _, k := range v.Known {
		if k.Problem != "" {
			items = append(items, fmt.Sprintf("❌ known failure of %s until %s: %s", code(k.Clause), code(k.Expires), code(k.Problem)))
		}
	}
	for _, u := range v.Unique {
		if u.Broken {
			items = append(items, "❌ "+code(u.Text))
		}
	}
	for _, l := range v.Left {
		items = append(items, "⚠️ "+code(l))
	}
	m.list(items)
}

func (m *md) conformFolded(v *conformView) {
	if len(v.Chapters) > 0 {
		m.details("Chapters", func() {
			var rows [][]string
			for _, ch := range v.Chapters {
				rows = append(rows, []string{code(ch.ID), ch.Title, code(ch.Summary())})
			}
			m.table([]string{"", "chapter", "verdicts"}, rows)
		})
	}
	if len(v.Needs) > 0 {
		m.details("Not provoked", func() {
			m.para("%s", v.Untested)
			for _, n := range v.Needs {
				m.para("%s: %s. Declare: %s", n.Takes, plural(int64(n.Count), "clause"), code(n.Declare))
				var items []string
				for _, g := range n.Groups {
					items = append(items, code(strings.Join(g.Names, ", "))+": "+code(g.Reason))
				}
				m.list(items)
			}
		})
	}
	if len(v.Bounds) > 0 {
		m.details("Continuous checks that nothing broke", func() { m.list(codes(v.Bounds)) })
	}
	m.details("Run", func() {
		var rows [][]string
		for _, f := range v.Facts {
			rows = append(rows, []string{f.Name, code(f.Value)})
		}
		m.table([]string{"", ""}, rows)
	})
}
