package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"axbench/results"
)

// shownObservations is how many observations of a clause are told at length.
const shownObservations = 3

// maxExchange bounds one side of an exchange in a report, in bytes.
const maxExchange = 16 << 10

func newClauseView(rec *results.ConformRecord, c *results.ClauseResult, esc func(string) string, l language) *clauseView {
	v := &clauseView{
		wordView: wordIn(c.Verdict, esc, l), ID: esc(c.ID), Level: esc(c.Level), Profile: esc(c.Profile), Source: esc(c.Source), Sentence: esc(c.Sentence),
		Check: esc(c.Check), Note: esc(c.Note), Needs: esc(c.Needs), Decides: c.Decides, Reason: esc(c.Reason), Known: esc(c.Known),
		Checked: c.Checked, Failed: c.Failed, Again: each(repeatCommand(&rec.Conform, c.ID), esc), verdict: c.Verdict,
	}
	if c.Checked > 0 && v.wantsExchange() {
		v.Counted = l.t("%s of %s that could have failed did", count(c.Failed), count(c.Checked))
	}
	for i := range c.Observations {
		o := newObservationView(&c.Observations[i], esc, l)
		if o.Expected == v.Sentence { // of a continuous check: it stands above
			o.Expected = ""
		}
		v.Observations = append(v.Observations, o)
	}
	v.Exchange = exchangeOf(rec, c, esc, l)
	return v
}

func newObservationView(o *results.Observation, esc func(string) string, l language) observationView {
	expected := o.Expected
	if expected == "" && len(o.Pass) > 0 {
		expected = strings.Join(o.Pass, l.t(" or "))
	}
	if len(o.Warn) > 0 {
		expected = cmp.Or(expected, "-") + l.t("; accepted second best: %s", strings.Join(o.Warn, ", "))
	}
	return observationView{wordView: wordIn(o.Verdict, esc, l), Case: esc(o.Case), Sent: esc(o.Sent), Expected: esc(expected), Got: esc(o.Got),
		Times: max(o.Times, 1), Line: o.Evidence}
}

// Telling are the observations that bear on a verdict that is not PASS.
func (c *clauseView) Telling() []observationView {
	var list []observationView
	for _, o := range c.Observations {
		if o.Word != "PASS" {
			list = append(list, o)
		}
	}
	return list
}

// Shown are the observations that a report tells at length, More how many it leaves to the list of all.
func (c *clauseView) Shown() []observationView {
	telling := c.Telling()
	if !c.showsObservations() {
		return nil
	}
	return telling[:min(len(telling), shownObservations)]
}

// More counts the telling observations beyond those of Shown.
func (c *clauseView) More() int {
	if !c.showsObservations() {
		return 0
	}
	return len(c.Telling()) - len(c.Shown())
}

// Why is the reason, unless an observation that is shown beside it says the same.
func (c *clauseView) Why() string {
	if shown := c.Shown(); len(shown) > 0 && shown[0].Got != "" && strings.Contains(c.Reason, shown[0].Got) {
		return ""
	}
	return c.Reason
}

// showsObservations tells whether a clause's observations are told at length: where nothing was seen, its reason is enough.
func (c *clauseView) showsObservations() bool {
	switch c.verdict {
	case results.ClauseNotProvoked, results.ClauseNotApplicable, results.ClausePass:
		return false
	}
	return true
}

// wantsExchange tells whether a report shows how it was seen.
func (c *clauseView) wantsExchange() bool {
	return c.verdict == results.ClauseFail || c.verdict == results.ClauseWarn
}

// exchangeOf returns the exchange that shows a clause's verdict best: the first that was kept, failing ones stand first.
func exchangeOf(rec *results.ConformRecord, c *results.ClauseResult, esc func(string) string, l language) *exchangeView {
	lines := slices.Clone(c.Evidence)
	for i := range c.Observations {
		lines = append(lines, c.Observations[i].Evidence)
	}
	for _, line := range lines {
		if e := rec.Exchange(line); e != nil {
			return newExchangeView(e, line, esc, l)
		}
	}
	return nil
}

func newExchangeView(e *results.Exchange, line int, esc func(string) string, l language) *exchangeView {
	status := ""
	if e.Status != 0 {
		status = fmt.Sprintf("HTTP %d", e.Status)
	}
	took := ""
	if e.ResponseNS > 0 {
		took = duration(e.ResponseNS)
	}
	answer := e.Answer
	if answer == "" {
		answer = string(e.Head) + string(e.Body)
	}
	if e.Cut {
		answer += "\n" + l.t("(cut when it was recorded)")
	}
	if e.Failure != "" {
		answer = joinLines(l.t("no answer: %s", e.Failure), answer)
	}
	return &exchangeView{Line: line, What: esc(joined(e.Operation, e.Format, status, e.Code, l.prefixed("case %s", e.Case), took)),
		Request: safeLines(e.Request, esc, l), Answer: safeLines(answer, esc, l)}
}

func joinLines(a, b string) string {
	if b == "" {
		return a
	}
	return a + "\n" + b
}

// safeLines escapes s line by line, so that its line breaks stay, and cuts what is beyond all use.
func safeLines(s string, esc func(string) string, l language) string {
	more := len(s) - maxExchange
	if more > 0 {
		s = s[:maxExchange]
	}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n")
	for i, l := range lines {
		lines[i] = esc(l) + "\n"
	}
	if more > 0 {
		lines = append(lines, l.t("(%s bytes more)", count(int64(more)))+"\n")
	}
	return strings.Join(lines, "")
}

// conformBounds says of the clauses under a continuous check that no answer broke what that proves, together for all that
// were checked equally often.
func conformBounds(c *results.Conform, esc func(string) string, l language) []string {
	clauses := map[int64][]string{}
	var counts []int64
	for i := range c.Clauses {
		r := &c.Clauses[i]
		if !(r.Bound99 > 0) || math.IsInf(r.Bound99, 0) {
			continue
		}
		n := int64(math.Round(4.61 / r.Bound99)) // checked counts single experiments too, which the bound does not
		if clauses[n] == nil {
			counts = append(counts, n)
		}
		clauses[n] = append(clauses[n], esc(r.ID))
	}
	slices.SortFunc(counts, func(a, b int64) int { return cmp.Compare(b, a) })
	var list []string
	for _, n := range counts {
		below := l.t("no bound: too few answers")
		if n >= 5 {
			below = l.t("below 4.61/%s = %s with 99 %% confidence", count(n), percent(4.61/float64(n)))
		}
		list = append(list, l.t("0 of %s, %s: %s", count(n), below, strings.Join(clauses[n], ", ")))
	}
	return list
}

// conformUnique says over how many answers identifiers were held against each other.
func conformUnique(c *results.Conform, esc func(string) string, l language) []uniqueView {
	var list []uniqueView
	for _, u := range c.Unique {
		what, clause := esc(l.plain(u.What)), esc(u.Clause)
		over := overOf(&u, l)
		broken := slices.ContainsFunc(c.Clauses, func(r results.ClauseResult) bool { return r.ID == u.Clause && r.Failed > 0 })
		text := l.t("%s: unique %s (%s)", what, over, clause)
		switch {
		case u.Seen <= 0:
			text, broken = l.t("%s: none seen (%s)", what, clause), false
		case broken:
			text = l.t("%s: NOT unique %s (%s)", what, over, clause)
		}
		list = append(list, uniqueView{text, broken})
	}
	return list
}

// conformNeeded groups the clauses that were not provoked by what they need, and within that by why they were not.
func conformNeeded(c *results.Conform, esc func(string) string, l language) []needView {
	var list []needView
	add := func(id, takes, declare string, of func(string) bool) {
		n := needView{ID: id, Takes: l.t(takes), Declare: l.t(declare)}
		for i := range c.Clauses {
			if r := &c.Clauses[i]; r.Verdict == results.ClauseNotProvoked && of(r.Needs) {
				n.Count++
				n.Groups = grouped(n.Groups, esc(cmp.Or(r.Reason, "no reason was recorded")), esc(r.ID))
			}
		}
		if n.Count > 0 {
			list = append(list, n)
		}
	}
	for _, need := range conformNeeds {
		add(need.id, need.takes, need.declare, func(id string) bool { return id == need.id })
	}
	add("-", "something this version does not know", "see the clause", func(id string) bool {
		return !slices.ContainsFunc(conformNeeds, func(n struct{ id, takes, declare string }) bool { return n.id == id })
	})
	return list
}

// grouped adds a name to the group of its reason.
func grouped(groups []groupView, reason, name string) []groupView {
	at := slices.IndexFunc(groups, func(g groupView) bool { return g.Reason == reason })
	if at < 0 {
		return append(groups, groupView{reason, []string{name}})
	}
	groups[at].Names = append(groups[at].Names, name)
	return groups
}

// skippedCases lists the cases that did not run, by reason.
func skippedCases(c *results.Conform, esc func(string) string) []groupView {
	var groups []groupView
	for i := range c.Cases {
		if k := &c.Cases[i]; k.Skipped != "" {
			groups = grouped(groups, esc(k.Skipped), esc(k.Name))
		}
	}
	return groups
}
