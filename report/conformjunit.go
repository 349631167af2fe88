package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"axbench/results"
)

// junitKnown is the suite of known-failures entries that are failures themselves.
const junitKnown = "known failures"

// ConformJUnit writes a conformance run as JUnit XML: a suite for each chapter, a test for each clause, with its verdict as the
// property "verdict". FAIL is a failure, ERROR an error, INCONCLUSIVE an error of type "inconclusive", what was not provoked or not
// applicable is skipped, and so is a failure that was known before; WARN and INFO pass and say so in their output. An entry of the
// known failures that does not hold is a failing test of its own. The text holds only characters that XML 1.0 allows.
func ConformJUnit(w io.Writer, rec *results.ConformRecord) error {
	v := newConformView(rec, Escape)
	all := junitSuites{Name: "axbench conform: " + v.Headline}
	took := clauseTimes(&rec.Conform)
	stamp := junitStamp(rec.Conform.Started)
	for _, ch := range v.Chapters {
		s := junitSuite{Name: ch.ID + " " + ch.Title, Timestamp: stamp, Props: &junitProperties{junitFacts(v)}}
		for _, c := range ch.Clauses {
			s.add(junitClause(c, ch.ID, knownUntil(rec, c)), took[c.ID])
		}
		all.add(s)
	}
	s := junitSuite{Name: junitKnown, Timestamp: stamp}
	for _, k := range v.Known {
		if k.Problem != "" {
			text := fmt.Sprintf("known failure of %s until %s (%s): %s", k.Clause, k.Expires, k.Reason, k.Problem)
			s.add(junitCase{Name: k.Clause, Class: "known", Failure: &junitMessage{Message: k.Problem, Type: "known failure", Text: text}}, 0)
		}
	}
	if len(s.Cases) > 0 {
		all.add(s)
	}
	all.Time = seconds(time.Duration(rec.Conform.ElapsedNS))
	return all.write(w)
}

// junitFacts are the properties of a suite: what was run.
func junitFacts(v *conformView) []junitProperty {
	props := []junitProperty{{"headline", v.Headline}, {"exit_code", strconv.Itoa(v.ExitCode)}}
	for _, f := range v.Facts {
		props = append(props, junitProperty(f))
	}
	return props
}

// junitClause makes the test of a clause. known is why and until when its failure is expected, "" for not.
func junitClause(c *clauseView, chapter, known string) junitCase {
	t := junitCase{Name: c.ID, Class: chapter, Props: &junitProperties{[]junitProperty{{"verdict", c.Word}, {"level", c.Level}, {"source", c.Source}}}}
	message := c.Reason
	if message == "" {
		message = c.Sentence
	}
	text := clauseText(c)
	switch {
	case known != "" && c.wantsExchange():
		t.Skipped, t.SystemOut = &junitMessage{Message: "known failure until " + known}, text
	case c.verdict == results.ClauseFail:
		t.Failure = &junitMessage{Message: message, Type: c.Level, Text: text}
	case c.verdict == results.ClauseInconclusive:
		t.Error = &junitMessage{Message: message, Type: "inconclusive", Text: text}
	case c.verdict == results.ClauseNotProvoked, c.verdict == results.ClauseNotApplicable:
		t.Skipped = &junitMessage{Message: c.Word + ": " + message}
	case c.verdict == results.ClauseWarn, c.verdict == results.ClauseInfo:
		t.SystemOut = text
	case c.verdict == results.ClausePass:
	default: // ERROR, and a word that this version does not know: nothing that could be taken for a pass
		t.Error = &junitMessage{Message: message, Type: strings.ToLower(c.Word), Text: text}
	}
	return t
}

// knownUntil tells until when and why a clause's failure is known, "" where it is not or where the entry does not hold.
func knownUntil(rec *results.ConformRecord, c *clauseView) string {
	if c.Known == "" {
		return ""
	}
	for _, k := range rec.Conform.Known {
		if Escape(k.Clause) == c.ID {
			if k.Problem != "" {
				return ""
			}
			return Escape(k.Expires) + ": " + Escape(k.Reason)
		}
	}
	return c.Known
}

// clauseText says of a clause what the other reports say, a line each.
func clauseText(c *clauseView) string {
	lines := []string{"", c.Word + " " + joinWith(" · ", c.ID, c.Level, c.Source), c.Sentence}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	add("known", c.Known)
	add("because", c.Why())
	for _, o := range c.Telling() {
		add("case", o.Case)
		add("  sent", o.Sent)
		add("  expected", o.Expected)
		add("  got", o.Got)
		if o.Times > 1 {
			add("  times", count(int64(o.Times)))
		}
	}
	add("counted", c.Counted)
	if e := c.Exchange; e != nil && c.wantsExchange() {
		add("exchange", fmt.Sprintf("line %d of %s: %s", e.Line, results.EvidenceFile, e.What))
		lines = append(lines, strings.TrimRight("> "+strings.ReplaceAll(e.Request, "\n", "\n> "), "> \n"),
			strings.TrimRight("< "+strings.ReplaceAll(e.Answer, "\n", "\n< "), "< \n"))
	}
	add("again", strings.Join(c.Again, " "))
	return strings.Join(lines, "\n") + "\n"
}

// clauseTimes shares the time of each case out among its clauses, so that the sum is the time of the cases. Names are escaped.
func clauseTimes(c *results.Conform) map[string]time.Duration {
	took := map[string]time.Duration{}
	for i := range c.Cases {
		k := &c.Cases[i]
		for _, id := range k.Clauses {
			took[Escape(id)] += time.Duration(max(k.ElapsedNS, 0)) / time.Duration(len(k.Clauses))
		}
	}
	return took
}
