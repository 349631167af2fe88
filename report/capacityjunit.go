package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"axbench/results"
)

// CapacityJUnit writes a search for capacity as JUnit XML with one test, "capacity", that is as red as the exit code is: a failure
// where the lowest rate was not held or the document was broken, an error where nothing could be said (the generator was the limit,
// too little was measured, the search was stopped or goes on). A probe that missed is no failure: a search makes them to find the limit. The
// answer and the probes are in its text, the rates among its properties. The text holds only characters that XML 1.0 allows.
func CapacityJUnit(w io.Writer, rec *results.CapacityRecord) error {
	c, v := &rec.Capacity, newCapacityView(rec, Escape, english)
	all := junitSuites{Name: "axbench capacity: " + v.Scenario}
	s := junitSuite{Name: "capacity", Timestamp: junitStamp(c.Started), Props: &junitProperties{capacityProperties(c, v)}}
	test := junitCase{Name: "capacity", Class: "axbench.capacity"}
	text := capacityLines(v)
	message := &junitMessage{Message: v.Word + ", " + v.Exit + ": " + v.Answer, Type: strings.ToLower(v.Word), Text: text}
	switch {
	case c.Verdict == results.VerdictPass && c.ExitCode != nil && *c.ExitCode == results.ExitPass:
		test.SystemOut = text
	case c.Verdict == results.VerdictFail, c.Verdict == results.VerdictNonconformant:
		test.Failure = message
	default:
		test.Error = message
	}
	took := time.Duration(0)
	if c.Ended != nil {
		took = max(c.Ended.Sub(c.Started), 0)
	}
	s.add(test, took)
	all.add(s)
	all.Time = seconds(took)
	return all.write(w)
}

// capacityProperties are the figures that tools look for, and what was searched.
func capacityProperties(c *results.Capacity, v *capacityView) []junitProperty {
	var props []junitProperty
	some := func(name string, f *float64) {
		if f != nil {
			props = append(props, junitProperty{name, strconv.FormatFloat(*f, 'g', -1, 64)})
		}
	}
	some("rate.low", c.Rate.Low)
	some("rate.value", c.Rate.Value)
	some("rate.high", c.Rate.High)
	some("plan.rate", c.Plan.Rate)
	props = append(props, junitProperty{"limited_by", Escape(string(c.LimitedBy))}, junitProperty{"verdict", v.Verdict}, junitProperty{"exit_code", v.ExitCode})
	for _, f := range v.Facts {
		props = append(props, junitProperty(f))
	}
	return props
}

// capacityLines says what the other reports say, a line each.
func capacityLines(v *capacityView) string {
	lines := []string{"", v.Word + ", " + v.Exit + ": " + v.Sentence, v.Answer}
	for _, s := range []string{v.Limit.Meaning, v.Limit.Advice, v.Knee} {
		if s != "" {
			lines = append(lines, s)
		}
	}
	for _, r := range v.Reasons {
		lines = append(lines, "- "+r.Text)
	}
	for _, n := range v.Notes {
		lines = append(lines, "note: "+n.Text)
	}
	for i := range v.Probes {
		p := &v.Probes[i]
		line := fmt.Sprintf("probe %d, %s: %s/s %s, p50 %s, p99 %s, good %s/s", p.Step, p.Stage, p.Rate, p.Word, p.P50, p.P99, p.Goodput)
		for _, s := range append([]string{p.Limit, p.CodeText}, texts(p.Reasons)...) {
			if s != "" {
				line += "; " + s
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n") + "\n"
}

func texts(list []said) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Text)
	}
	return out
}
