package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"axbench/results"
)

// RunJUnit writes a run as JUnit XML. Its suites:
//
//	run        verdict: red unless the exit code is 0, so that no run is greener here than its exit code;
//	           ledger: red where planned arrivals are not accounted for; evidence: red where the file cannot be read
//	generator  valid: whether the generator kept the plan
//	generators where several made the run, whether every arrival was decided by one of them, and a test for each of them
//	slo        a test for each rule
//	clauses    a test for each clause that was checked
//	codes      a failing test for each undocumented code; one that passes where there is none
//
// A rule that was missed, a broken MUST clause and an undocumented code are failures: they are the target's. What could not be
// judged (a rule without enough samples, a partial or interrupted run, a generator that was the limit) is an error, because CI
// systems show a skipped test as if all were well. A broken clause that is no MUST passes and says so in its output; a clause
// that no answer could have broken is skipped. Times are seconds; all of the run's time is that of the test "verdict". The text
// holds only characters that XML 1.0 allows.
func RunJUnit(w io.Writer, rec *results.Record) error {
	run := &rec.Run
	j := &runJUnit{rec: rec, all: junitSuites{Name: "axbench run: " + Escape(run.Scenario)}}
	j.evidence, j.unread = rec.Evidence()
	took := time.Duration(0)
	if run.Ended != nil {
		took = max(run.Ended.Sub(run.Started), 0)
	}
	j.suite("run", j.verdict(), j.ledger(), j.kept())
	j.suite("generator", j.generator())
	j.suite("generators", j.fleet()...)
	j.suite("slo", j.slos()...)
	j.suite("clauses", j.clauses()...)
	j.suite("codes", j.codes()...)
	j.all.Suites[0].Cases[0].Time = seconds(took)
	j.all.Suites[0].Time, j.all.Time = seconds(took), seconds(took)
	return j.all.write(w)
}

// runJUnit collects the suites of one run.
type runJUnit struct {
	rec      *results.Record
	all      junitSuites
	evidence []results.Evidence
	unread   error // why there is no evidence
}

// suite adds a suite; one without a test is left out.
func (j *runJUnit) suite(name string, cases ...junitCase) {
	if len(cases) == 0 {
		return
	}
	s := junitSuite{Name: name, Timestamp: junitStamp(j.rec.Run.Started), Props: &junitProperties{runProperties(j.rec)}}
	for _, c := range cases {
		c.Class = "axbench." + name
		s.add(c, 0)
	}
	j.all.add(s)
}

// runProperties says what was run.
func runProperties(rec *results.Record) []junitProperty {
	run := &rec.Run
	exit := "none yet"
	if run.ExitCode != nil {
		exit = strconv.Itoa(*run.ExitCode)
	}
	props := []junitProperty{
		{"scenario", run.Scenario}, {"seed", strconv.FormatInt(run.Seed, 10)}, {"offset", strconv.FormatInt(run.Offset, 10)}, {"digest", run.Digest},
		{"version", run.Version}, {"target", run.Target.URL}, {"model", run.Model}, {"verdict", string(run.Verdict)}, {"exit_code", exit}, {"directory", rec.Dir},
	}
	for i := range props {
		props[i].Value = Escape(props[i].Value)
	}
	return props
}

func (j *runJUnit) verdict() junitCase {
	run := &j.rec.Run
	v := verdictOf(run, Escape)
	c := junitCase{Name: "verdict"}
	lines := []string{"", v.word + ", " + exitWords(run) + ": " + v.sentence}
	for _, r := range run.Reasons {
		lines = append(lines, "- "+Escape(r))
	}
	for _, n := range run.Notes {
		lines = append(lines, "note: "+Escape(n))
	}
	if closed(run) {
		lines = append(lines, closedSentence)
	}
	text := strings.Join(lines, "\n") + "\n"
	message := &junitMessage{Message: v.word + ", " + exitWords(run), Type: strings.ToLower(v.word), Text: text}
	if len(run.Reasons) > 0 {
		message.Message += ": " + Escape(run.Reasons[0])
	}
	switch {
	case run.Verdict == results.VerdictPass && run.ExitCode != nil && *run.ExitCode == results.ExitPass:
		c.SystemOut = text
	case run.Verdict == results.VerdictFail, run.Verdict == results.VerdictNonconformant, run.Verdict == results.VerdictWorse:
		c.Failure = message
	default:
		c.Error = message
	}
	return c
}

func (j *runJUnit) ledger() junitCase {
	c := junitCase{Name: "ledger"}
	var open []string
	for _, l := range openLedgers(&j.rec.Run, Escape) {
		open = append(open, l.text)
	}
	if len(open) > 0 {
		c.Error = &junitMessage{Message: open[0], Type: "ledger", Text: strings.Join(open, "\n")}
	}
	return c
}

func (j *runJUnit) kept() junitCase {
	c := junitCase{Name: "evidence"}
	if j.unread != nil {
		c.Error = &junitMessage{Message: unreadable(results.EvidenceFile, j.unread, Escape), Type: "unreadable"}
	}
	return c
}

func (j *runJUnit) generator() junitCase {
	g := &j.rec.Run.Generator
	c := junitCase{Name: "valid"}
	var why []string
	for _, w := range g.Why {
		why = append(why, Escape(w))
	}
	switch {
	case g.Valid:
	case j.rec.Run.Verdict == results.VerdictPartial:
		c.Error = &junitMessage{Message: "not judged: the run has not ended", Type: "partial"}
	default:
		c.Error = &junitMessage{Message: "the generator did not keep the plan: the numbers do not describe the target", Type: "invalid", Text: strings.Join(why, "\n")}
	}
	return c
}

func (j *runJUnit) slos() []junitCase {
	var list []junitCase
	for i := range j.rec.Run.SLOs {
		s := &j.rec.Run.SLOs[i]
		text := fmt.Sprintf("value %s, limit %s, 95 %% interval %s, margin %s", sloValue(s), sloLimit(s), sloInterval(s), sloMargin(s))
		if told := sloStory(s, english); len(told) > 0 {
			text += "\n" + strings.Join(told, "; ")
		}
		c := junitCase{Name: Escape(s.Rule)}
		switch {
		case s.Pass == nil:
			c.Error = &junitMessage{Message: joinWith(": ", "not judged", Escape(s.Reason)), Type: "no data", Text: text}
		case *s.Pass:
			c.SystemOut = text
		default:
			c.Failure = &junitMessage{Message: "missed: " + sloValue(s), Type: "slo", Text: text}
			if s.AbortedNS > 0 {
				c.Failure.Message += fmt.Sprintf(" at %s; the run was stopped", duration(s.AbortedNS))
			}
		}
		list = append(list, c)
	}
	return list
}

func (j *runJUnit) clauses() []junitCase {
	var list []junitCase
	for i := range j.rec.Run.Violations {
		v := &j.rec.Run.Violations[i]
		c := junitCase{Name: Escape(v.Clause), Props: &junitProperties{[]junitProperty{{"level", Escape(v.Level)}}}}
		broken := fmt.Sprintf("broken %s of %s times: %s", count(v.Count), count(v.Checked), Escape(v.Sentence))
		switch {
		case v.Count > 0 && v.Level == "MUST":
			c.Failure = &junitMessage{Message: broken, Type: "MUST", Text: j.exchange(v.FirstEvidence)}
		case v.Count > 0:
			c.SystemOut = "WARN, no MUST: " + broken + "\n" + j.exchange(v.FirstEvidence)
		case v.Checked <= 0:
			c.Skipped = &junitMessage{Message: "no answer could have broken it"}
		default:
			c.SystemOut = keptSentence(v.Checked, v.Bound99)
		}
		list = append(list, c)
	}
	return list
}

func (j *runJUnit) codes() []junitCase {
	var list []junitCase
	for _, phase := range []*results.Phase{&j.rec.Run.Totals, &j.rec.Run.FollowUps} {
		for i := range phase.Codes {
			c := &phase.Codes[i]
			if c.Class != results.ClassUndocumented || c.Count <= 0 {
				continue
			}
			where := ""
			if phase == &j.rec.Run.FollowUps {
				where = " of a follow-up call"
			}
			list = append(list, junitCase{Name: Escape(c.Code) + where, Failure: &junitMessage{
				Message: fmt.Sprintf("undocumented code, came %s (%s)", plural(c.Count, "time"), percent(c.Share)), Type: "undocumented", Text: j.exchangeOfCode(c.Code)}})
		}
	}
	if len(list) == 0 && j.rec.Run.Totals.Done > 0 {
		list = append(list, junitCase{Name: "no undocumented code", SystemOut: plural(j.rec.Run.Totals.Done, "answer")})
	}
	return list
}

// exchange tells the exchange on a line of evidence.ndjson, from 1, "" where it was not kept.
func (j *runJUnit) exchange(line int) string {
	if line < 1 || line > len(j.evidence) {
		return ""
	}
	e := &j.evidence[line-1]
	text := fmt.Sprintf("line %d of %s: %s\n", line, results.EvidenceFile, Escape(joined(e.Operation, e.Code, prefixed("phase ", e.Phase))))
	if e.Detail != "" {
		text += Escape(e.Detail) + "\n"
	}
	return text + margin("> ", safeLines(e.Request, Escape, english)) + margin("< ", safeLines(e.Answer, Escape, english))
}

func (j *runJUnit) exchangeOfCode(code string) string {
	for i := range j.evidence {
		if j.evidence[i].Code == code {
			return j.exchange(i + 1)
		}
	}
	return ""
}

// margin puts m before every line of s.
func margin(m, s string) string {
	s = strings.TrimRight(s, "\n")
	return strings.TrimRight(m+strings.ReplaceAll(s, "\n", "\n"+m), " ") + "\n"
}
