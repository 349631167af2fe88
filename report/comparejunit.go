package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"axbench/results"
)

// CompareJUnit writes a comparison as JUnit XML. Its suites: comparison, with the test "verdict" that is red unless the exit code is 0;
// metrics, with a test for each; codes and clauses, with one for each that appeared, vanished, broke or holds again. What is worse is a
// failure. A main metric that is inconclusive, so that the comparison is, is an error; another one passes and says so in its output. The
// text holds only characters that XML 1.0 allows.
func CompareJUnit(w io.Writer, c *results.Comparison) error {
	all := junitSuites{Name: "axbench compare: " + Escape(c.Scenario)}
	stamp := time.Time{}
	if len(c.New) > 0 {
		stamp = c.New[0].Started
	}
	suite := func(name string, cases []junitCase) {
		if len(cases) == 0 {
			return
		}
		s := junitSuite{Name: name, Timestamp: junitStamp(stamp), Props: &junitProperties{compareProperties(c)}}
		for _, x := range cases {
			x.Class = "axbench." + name
			s.add(x, 0)
		}
		all.add(s)
	}
	suite("comparison", []junitCase{compareVerdict(c)})
	suite("metrics", compareMetrics(c))
	suite("codes", compareCodes(c))
	suite("clauses", compareClauses(c))
	all.Time = seconds(0)
	return all.write(w)
}

func compareProperties(c *results.Comparison) []junitProperty {
	props := []junitProperty{{"verdict", Escape(string(c.Verdict))}, {"exit_code", strconv.Itoa(c.ExitCode)}, {"version", Escape(c.Version)}}
	for i, runs := range [2][]results.ComparedRun{c.Base, c.New} {
		for _, r := range runs {
			props = append(props, junitProperty{[2]string{"baseline", "new"}[i], Escape(r.Dir)})
		}
	}
	return props
}

func compareVerdict(c *results.Comparison) junitCase {
	v := changeWord(c, Escape)
	head := fmt.Sprintf("%s, exit code %d", v.word, c.ExitCode)
	lines := []string{"", head + ": " + v.sentence}
	for _, r := range c.Reasons {
		lines = append(lines, "- "+Escape(r))
	}
	for _, n := range c.Notes {
		lines = append(lines, "note: "+Escape(n))
	}
	text := strings.Join(lines, "\n") + "\n"
	message := &junitMessage{Message: head, Type: strings.ToLower(v.word), Text: text}
	if len(c.Reasons) > 0 {
		message.Message += ": " + Escape(c.Reasons[0])
	}
	x := junitCase{Name: "verdict"}
	switch {
	case c.ExitCode == results.ExitPass && (c.Verdict == results.ChangeSame || c.Verdict == results.ChangeBetter):
		x.SystemOut = text
	case c.Verdict == results.ChangeWorse:
		x.Failure = message
	default:
		x.Error = message
	}
	return x
}

func compareMetrics(c *results.Comparison) []junitCase {
	var list []junitCase
	for i := range c.Metrics {
		m := &c.Metrics[i]
		text := fmt.Sprintf("%s: baseline %s, new %s, change %s (%s), matters from %s: %s%s", Escape(string(m.Verdict)), sideValue(m.Base, m.BaseBound, m.Unit),
			sideValue(m.New, m.NewBound, m.Unit), delta(m), deltaInterval(m.Low, m.High, m, " to "), leastEffect(m), Escape(m.Reason), needs(m))
		x := junitCase{Name: Escape(metricOf(m))}
		switch {
		case m.Verdict == results.ChangeWorse:
			x.Failure = &junitMessage{Message: text, Type: "worse"}
		case m.Verdict == results.ChangeInconclusive && m.Main && !m.NotWorse && c.Verdict == results.ChangeInconclusive:
			x.Error = &junitMessage{Message: text, Type: "inconclusive"}
		default:
			x.SystemOut = text
		}
		list = append(list, x)
	}
	return list
}

func compareCodes(c *results.Comparison) []junitCase {
	var list []junitCase
	for i := range c.Codes {
		code := &c.Codes[i]
		list = append(list, changedCase(Escape(code.Code), Escape(code.Reason), code.Verdict))
	}
	return list
}

func compareClauses(c *results.Comparison) []junitCase {
	var list []junitCase
	for i := range c.Clauses {
		v := &c.Clauses[i]
		list = append(list, changedCase(Escape(v.Clause), Escape(joinWith(": ", v.Reason, v.Sentence)), v.Verdict))
	}
	return list
}

// changedCase is the test of a code or a clause.
func changedCase(name, text string, v results.Change) junitCase {
	if v == results.ChangeWorse {
		return junitCase{Name: name, Failure: &junitMessage{Message: text, Type: "worse"}}
	}
	return junitCase{Name: name, SystemOut: text}
}
