package judge

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/results"
)

// steady makes n calls a second of that kind in the phases, from second to second, due evenly.
func (c *course) steady(phase, from, to, n int, took time.Duration, kind string) {
	for i := from * n; i < to*n; i++ {
		c.add(phase, time.Duration(i)*time.Second/time.Duration(n), took, kind)
	}
}

// stoppedBy returns the run as rules ended it: when, and with which of them.
func (c *course) stoppedBy(t fataler, rules []Rule) (at time.Duration, missed []results.SLO) {
	c.followed(t, rules, func(w *Watch) bool {
		missed = w.Missed()
		at = w.Elapsed()
		return len(missed) == 0
	})
	if len(missed) == 0 {
		at = 0
	}
	return at, missed
}

func TestRulesEndARun(t *testing.T) {
	// Good for 6 s, then slow and partly refused; main begins at 2 s.
	worsening := func() *course {
		c := newCourse(2*time.Second, 18*time.Second)
		c.phases[0].Recorded = false
		c.steady(0, 0, 2, 100, 900*time.Millisecond, "good")
		c.steady(1, 2, 8, 100, 5*time.Millisecond, "good")
		c.steady(1, 8, 20, 80, 300*time.Millisecond, "good")
		c.steady(1, 8, 20, 20, 5*time.Millisecond, "isv.FLOW_LIMIT")
		return c
	}
	cases := []struct {
		rule string
		at   time.Duration // 0: never
	}{
		// Calls of 300 ms that were due from 8 s on are more than 1 % of [4, 9): 56 of 456.
		{"p99 < 50ms over 5s abort", 9 * time.Second},
		{"p99 < 50ms over 5s in b abort", 9 * time.Second},
		{"p99 < 50ms over 5s in b abort after 10s", 12 * time.Second},
		{"p99 < 50ms over 5s abort after 17s", 19 * time.Second},
		{"p99 < 50ms over 5s", 0},
		{"p99 < 400ms over 5s abort", 0},
		{"p99 < 50ms over 3s abort", 0}, // fewer than 300 calls are too few for p99
		{"p99 < 50ms over 17s abort", 19 * time.Second},
		{"p99 < 50ms abort", 9 * time.Second},
		{"p99 < 50ms abort after 9s", 11 * time.Second},
		{"p50 < 50ms abort", 16 * time.Second},
		{"max < 50ms abort", 9 * time.Second},
		{"max < 50ms abort after 1s", 9 * time.Second},
		{"share(isv.FLOW_LIMIT) < 1% abort", 9 * time.Second},
		{"share(isv.FLOW_LIMIT) <= 20% over 1s abort", 9 * time.Second}, // 20 of 76: the slow ones are still open
		{"share(isv.FLOW_LIMIT) <= 30% over 1s abort", 0},
		{"count(business) <= 50 abort", 11 * time.Second},
		{"good >= 99% abort", 9 * time.Second},
		{"good >= 75% over 2s abort", 0},
		{"good >= 95% abort", 11 * time.Second}, // 660 of 700 (94.3 %) may still be more
		{"goodput >= 90/s over 2s abort", 9 * time.Second},
		{"goodput >= 95/s abort", 13 * time.Second}, // 89.6/s of 896 at 12 s may still be 95/s
		{"goodput >= 60/s abort", 0},
		{"p50(response, isv.FLOW_LIMIT) < 1ms abort", 9 * time.Second},
	}
	for _, k := range cases {
		r := MustParseRule(k.rule)
		at, missed := worsening().stoppedBy(t, []Rule{MustParseRule("good >= 1% abort"), r})
		if at != k.at || k.at > 0 && (len(missed) != 1 || missed[0].Rule != r.String() || missed[0].AbortedNS != int64(at) || *missed[0].Pass) {
			t.Errorf("%s ended the run at %s, want %s: %+v", k.rule, at, k.at, missed)
		}
	}
}

// What is good for ever ends nothing, however long the rule looks.
func TestARuleThatIsKeptEndsNoRun(t *testing.T) {
	c := newCourse(15 * time.Second)
	c.steady(0, 0, 15, 400, 20*time.Millisecond, "good")
	rules := []string{"p50 <= 21ms over 1s abort", "p99 < 30ms over 1s abort", "p99.9 < 30ms over 10s abort", "max < 30ms abort", "good >= 100% over 1s abort",
		"good >= 100% abort", "share(OK) >= 100% abort", "share(dropped) <= 0% abort", "count(business) <= 0 abort", "goodput >= 390/s abort", "goodput >= 390/s over 2s abort after 1s",
		"goodput <= 401/s over 1s abort"}
	for _, text := range rules {
		if at, missed := c.stoppedBy(t, []Rule{MustParseRule(text)}); at != 0 {
			t.Errorf("%s ended the run at %s: %s", text, at, show(missed[0]))
		}
	}
}

// Calls that nobody answers prove nothing about the target: the run would end with no rule judged.
func TestNothingEndsARunBeforeAnAnswer(t *testing.T) {
	c := newCourse(2*time.Second, 10*time.Second)
	c.phases[0].Recorded = false
	c.steady(0, 0, 2, 50, 5*time.Millisecond, "good")
	c.steady(1, 2, 12, 50, 500*time.Millisecond, results.CodeTimeout)
	rules := []Rule{MustParseRule("p50 < 1s abort after 1s"), MustParseRule("good >= 99% over 1s abort")}
	if at, missed := c.stoppedBy(t, rules); at != 0 {
		t.Errorf("ended at %s: %+v", at, missed)
	}
	c.add(1, 5*time.Second, 5*time.Millisecond, "good")
	if at, missed := c.stoppedBy(t, rules); at != 6*time.Second || len(missed) != 2 {
		t.Errorf("ended at %s: %+v", at, missed)
	}
}

// cutAt lets a run end in the middle: nothing that was due later was offered, and what was open came to its end.
func (c *course) cutAt(at time.Duration) {
	var kept []happening
	phases := c.phases
	for i := range phases {
		start, end := c.starts(i)
		p := &phases[i]
		*p = results.Phase{Name: p.Name, Recorded: p.Recorded, Model: p.Model, DurationNS: p.DurationNS, Codes: slices.Clone(courseCodes)}
		p.ElapsedNS = int64(max(0, min(end, at)-start))
	}
	calls := c.calls
	c.calls = nil
	last := at
	for _, h := range calls {
		if due := h.end - h.took; due < at {
			c.add(h.phase, due, h.took, h.kind)
			last = max(last, h.end)
		} else {
			kept = append(kept, h)
		}
	}
	for _, h := range kept {
		c.add(h.phase, last, 0, notOffered)
	}
}

func judged(rec *results.Record, in Input) *results.Run {
	rec.Run.Generator.Why = nil
	for i := range rec.Run.Phases {
		rec.Run.Phases[i].Model = results.ModelClosed // nobody was late here
	}
	Judge(rec, in)
	return &rec.Run
}

func TestARunThatARuleEnded(t *testing.T) {
	rules := []Rule{MustParseRule("p99 < 50ms over 4s abort"), MustParseRule("good >= 99%"), MustParseRule("good >= 10% over 2s"), MustParseRule("p50 < 1s"),
		MustParseRule("share(dropped) < 1%"), MustParseRule("good >= 99% in b")}
	c := newCourse(20*time.Second, 5*time.Second)
	c.steady(0, 0, 20, 100, 5*time.Millisecond, "good")
	c.steady(0, 7, 20, 100, 200*time.Millisecond, "good")
	c.steady(1, 20, 25, 100, 5*time.Millisecond, "good")
	at, missed := c.stoppedBy(t, rules)
	if at != 8*time.Second {
		t.Fatalf("ended at %s: %+v", at, missed)
	}
	c.cutAt(at + 20*time.Millisecond)
	c.add(0, at, 9*time.Second, results.CodeUnfinished) // would make the last window worse
	dir := filepath.Join(t.TempDir(), "run")
	rec := c.recorded(t, dir)
	run := judged(rec, Input{Rules: rules, Aborted: at})
	if *run.ExitCode != results.ExitSLO || run.Verdict != results.VerdictFail {
		t.Errorf("exit %d, %s", *run.ExitCode, run.Verdict)
	}
	const stopped = "the run was stopped by p99(offered) < 50ms over 4s"
	want := []string{"p99(offered) < 50ms over 4s was missed at 8s: it is 200ms, from 4s to 8s; the run was stopped",
		"good >= 99% could not be judged: " + stopped, "share(dropped) < 1% could not be judged: " + stopped, "good >= 99% in b could not be judged: " + stopped}
	if !slices.Equal(run.Reasons, want) {
		t.Errorf("reasons\n%s\nwant\n%s", strings.Join(run.Reasons, "\n"), strings.Join(want, "\n"))
	}
	for i, pass := range []string{"false", "null", "true", "true", "null", "null"} {
		if s := run.SLOs[i]; !strings.Contains(show(s), "pass "+pass) || (s.AbortedNS != 0) != (i == 0) {
			t.Errorf("%s: %s, aborted %d; want %s", s.Rule, show(s), s.AbortedNS, pass)
		}
	}
	if got, live := run.SLOs[0], missed[0]; show(got) != show(live) || *got.Window != *live.Window || got.AbortedNS != live.AbortedNS {
		t.Errorf("it ended for %s, and counts as %s", show(live), show(got))
	}
	if w := run.SLOs[2].Window; w.Judged != 7 {
		t.Errorf("windows of a run of 8 s: %+v", w)
	}
	if !run.Generator.Valid {
		t.Errorf("the plan was not kept: %q", run.Generator.Why)
	}

	first := fmt.Sprintf("%+v %+v", run.Reasons, run.SLOs[0].Window)
	if err := results.WriteRun(dir, run); err != nil {
		t.Fatal(err)
	}
	again, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if second := judged(again, Input{Rules: rules, Aborted: at}); fmt.Sprintf("%+v %+v", second.Reasons, second.SLOs[0].Window) != first {
		t.Errorf("judged again: %+v, at first %s", second.Reasons, first)
	}

	for name, k := range map[string]struct {
		in   Input
		exit int
	}{
		"an interrupt in the drain": {Input{Rules: rules, Aborted: at, Interrupted: 130}, 130},
		"a regression too":          {Input{Rules: rules, Aborted: at, Regressions: []string{"x"}}, 3},
		"not by a rule":             {Input{Rules: rules[1:], Aborted: at}, 7},
	} {
		run := judged(again, k.in)
		if *run.ExitCode != k.exit {
			t.Errorf("%s: exit %d, want %d: %q", name, *run.ExitCode, k.exit, run.Reasons)
		}
		if name == "not by a rule" && !slices.Contains(run.Reasons, "a rule stopped the run at 8s, and what was recorded until then does not say which") {
			t.Errorf("%s: %q", name, run.Reasons)
		}
	}
	again.Run.Violations = []results.Violation{{Clause: "RSP-9", Level: "MUST", Count: 1}}
	if run := judged(again, Input{Rules: rules, Aborted: at}); *run.ExitCode != results.ExitNonconformant || len(run.Reasons) != 5 {
		t.Errorf("a wrong answer too: exit %d, %q", *run.ExitCode, run.Reasons)
	}
}

// Calls that an interrupt kept from being offered are in no window; those that were open count in the last one.
func TestWindowsOfAnInterruptedRun(t *testing.T) {
	c := newCourse(10*time.Second, 5*time.Second)
	c.steady(0, 0, 10, 20, 300*time.Millisecond, "good")
	c.steady(1, 10, 15, 20, 300*time.Millisecond, "good")
	c.cutAt(4500 * time.Millisecond)
	c.add(0, 4*time.Second, 8*time.Second, results.CodeUnfinished)
	rec := c.recorded(t, filepath.Join(t.TempDir(), "run"))
	rules := []Rule{MustParseRule("good >= 90% over 2s abort"), MustParseRule("max < 1s over 2s"), MustParseRule("good >= 100% over 2s"), MustParseRule("good >= 1% over 2s in b")}
	run := judged(rec, Input{Rules: rules, Interrupted: 143})
	for i, want := range []string{"pass true", "bound true pass false", "pass false", "no window of 2s lies within phase b"} {
		if s := run.SLOs[i]; !strings.Contains(show(s), want) || s.Window.Judged+s.Window.Thin != map[bool]int64{true: 0, false: 3}[i == 3] {
			t.Errorf("%s: %s %+v, want %s", s.Rule, show(s), *s.Window, want)
		}
	}
	if *run.ExitCode != 143 {
		t.Errorf("exit %d", *run.ExitCode)
	}
}

// What cannot be read is no pass.
func TestWindowsThatCannotBeRead(t *testing.T) {
	spoil := map[string]struct {
		do  func(dir string) error
		why string
	}{
		"no timeline":  {func(dir string) error { return os.Remove(filepath.Join(dir, results.TimelineFile)) }, "no such file"},
		"no intervals": {func(dir string) error { return os.Remove(filepath.Join(dir, results.IntervalFile)) }, "no such file"},
		"a line that is none": {func(dir string) error {
			return edit(filepath.Join(dir, results.TimelineFile), func(s string) string { return strings.Replace(s, "{", "[", 1) })
		}, "timeline.ndjson:1: "},
		"a timeline that ends early": {func(dir string) error {
			return edit(filepath.Join(dir, results.TimelineFile), func(s string) string { return s[:strings.Index(s, "\n")+1] })
		}, "timeline.ndjson: it ends after 1 seconds, and the phases after 5s"},
		"seconds in disorder": {func(dir string) error {
			return edit(filepath.Join(dir, results.TimelineFile), func(s string) string {
				lines := strings.SplitAfter(s, "\n")
				lines[1], lines[2] = lines[2], lines[1]
				return strings.Join(lines, "")
			})
		}, "timeline.ndjson:3: second 1 after second 2"},
		"an interval that is none": {func(dir string) error {
			return edit(filepath.Join(dir, results.IntervalFile), func(s string) string { return strings.Replace(s, "Tag=a|", "Tag=a", 1) })
		}, "intervals.hlog:"},
		"intervals of a second that is missing": {func(dir string) error {
			return edit(filepath.Join(dir, results.TimelineFile), func(s string) string {
				lines := strings.SplitAfter(s, "\n")
				return strings.Join(slices.Delete(lines, 2, 3), "")
			})
		}, "an interval of second 2, of which timeline.ndjson knows nothing"},
	}
	rules := []Rule{MustParseRule("p50 < 1s over 2s"), MustParseRule("good >= 1%")}
	for name, k := range spoil {
		c := newCourse(5 * time.Second)
		c.steady(0, 0, 5, 20, 5*time.Millisecond, "good")
		dir := filepath.Join(t.TempDir(), "run")
		rec := c.recorded(t, dir)
		if err := k.do(dir); err != nil {
			t.Fatal(err)
		}
		run := judged(rec, Input{Rules: rules})
		if s := run.SLOs[0]; s.Pass != nil || !strings.Contains(s.Reason, k.why) || !notGreen(run) {
			t.Errorf("%s: %s, exit %d", name, show(s), *run.ExitCode)
		}
		run = judged(rec, Input{Rules: rules, Aborted: 3 * time.Second})
		if !notGreen(run) {
			t.Errorf("%s: exit %d of a run that was stopped: %q", name, *run.ExitCode, run.Reasons)
		}
	}
}

// notGreen tells whether a run counts as not judged, or, as the gate reads its seconds too, as invalid.
func notGreen(run *results.Run) bool {
	return *run.ExitCode == results.ExitNoData || *run.ExitCode == results.ExitInvalid
}

func edit(file string, change func(string) string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(change(string(text))), 0o644)
}

// No metric is green on nothing, with any operator, on any set of phases, over windows or not: exit 7, or a miss.
func TestNothingIsNeverGreen(t *testing.T) {
	metrics := []string{"p50", "p99(response)", "p99.99(service)", "max", "p50(offered, OK)", "p90(response, business)", "max(service, transport)", "max(offered, dropped)", "share(OK)",
		"share(business)", "share(dropped)", "share(unfinished)", "share(not_offered)", "count(OK)", "count(gateway)", "count(dropped)", "count(not_offered)", "good", "goodput", "violations"}
	empty := map[string]func(c *course){
		"no call at all":     func(*course) {},
		"another phase only": func(c *course) { c.steady(0, 0, 4, 50, 5*time.Millisecond, "good") },
	}
	for name, fill := range empty {
		c := newCourse(4*time.Second, 4*time.Second, 4*time.Second)
		fill(c)
		rec := c.recorded(t, filepath.Join(t.TempDir(), "run"))
		answered := rec.Run.Totals.Done > 0
		tried := 0
		for _, metric := range metrics {
			for _, op := range []string{"<", "<=", ">", ">="} {
				for _, limit := range []string{"0", "1"} {
					for _, tail := range []string{" in b", " in b, c", " over 2s in b", " over 6s in b, c", " over 2s in b, c abort after 1s", ""} {
						r, err := ParseRule(metric + " " + op + " " + limit + unitOf(metric) + tail)
						if err != nil || answered && (tail == "" || metric == "violations") {
							continue // the grammar has no such rule, or it is about what was answered
						}
						tried++
						if s := Evaluate(rec, r); s.Pass != nil && *s.Pass || s.Pass == nil && s.Reason == "" {
							t.Errorf("%s, %s: %s", name, r, show(s))
						}
						run := judged(rec, Input{Rules: []Rule{r}})
						if *run.ExitCode != results.ExitNoData && *run.ExitCode != results.ExitSLO {
							t.Errorf("%s, %s: exit %d", name, r, *run.ExitCode)
						}
					}
				}
			}
		}
		if tried < 700 {
			t.Errorf("only %d rules were tried", tried)
		}
	}
}

func unitOf(metric string) string {
	switch metric[0] {
	case 'p', 'm':
		return "s"
	}
	return ""
}
