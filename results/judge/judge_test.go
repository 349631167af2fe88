package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"axbench/results"
)

// problems are what can be wrong with a run, one for each exit code, in the order in which they decide.
var problems = []struct {
	exit   int
	make   func(*fixture, *Input)
	reason string
}{
	{4, func(f *fixture, _ *Input) {
		f.run.Violations = []results.Violation{{Clause: "RSP-9", Level: "MUST", Sentence: "SubsId is there.", Count: 3}}
	},
		"clause RSP-9 was broken 3 times: SubsId is there."},
	{6, func(f *fixture, _ *Input) { f.late("main", 20, 11*ms) }, "the generator was late in phase main: 1.96% of 1,020 calls by more than 10ms (p99 11ms), at most 1% is valid: "},
	{3, func(_ *fixture, in *Input) { in.Rules = append(in.Rules, MustParseRule("p99(response) < 50ms")) }, "p99(response) < 50ms was missed: it is 99"},
	{5, func(_ *fixture, in *Input) { in.Regressions = []string{"p99 rose by 20 %"} }, "p99 rose by 20 %"},
	{7, func(_ *fixture, in *Input) { in.Rules = append(in.Rules, MustParseRule("p99.99 < 1s")) },
		"p99.99(offered) < 1s could not be judged: p99.99 needs 36,887 samples, there are 1,000"},
}

// Every set of simultaneous problems: the first of 4 6 3 5 7 decides, and every one of them is told.
func TestExitCodeAlgebra(t *testing.T) {
	for set := range 1 << len(problems) {
		for _, also := range []string{"", "interrupted", "silent", "silent and interrupted"} {
			f, in := newFixture(), Input{Rules: []Rule{DefaultRule}}
			want, told := results.ExitPass, []string{}
			for i, p := range problems {
				if set&(1<<i) == 0 {
					continue
				}
				p.make(f, &in)
				told = append(told, p.reason)
				if want == results.ExitPass {
					want = p.exit
				}
			}
			if strings.HasPrefix(also, "silent") {
				f.silent()
				want = results.ExitNoData
				told = append(slices.DeleteFunc(told, func(s string) bool { return strings.Contains(s, " < ") }), "no call was answered")
			}
			if strings.HasSuffix(also, "interrupted") {
				in.Interrupted, want = 130, 130
				told = append(told, "the run was interrupted")
			}
			rec := f.summarised(t)
			Judge(rec, in)
			checkVerdict(t, fmt.Sprintf("problems %05b %s", set, also), &rec.Run, want, told)
			if strings.HasPrefix(also, "silent") && slices.ContainsFunc(rec.Run.SLOs, func(s results.SLO) bool { return s.Pass != nil }) {
				t.Errorf("a rule was judged without an answer: %+v", rec.Run.SLOs)
			}
		}
	}
}

var words = map[int]results.Verdict{0: "pass", 3: "fail", 4: "nonconformant", 5: "worse", 6: "invalid", 7: "no_data", 130: "interrupted", 143: "interrupted"}

func checkVerdict(t *testing.T, name string, run *results.Run, exit int, told []string) {
	t.Helper()
	if run.ExitCode == nil || *run.ExitCode != exit || run.Verdict != words[exit] {
		t.Errorf("%s: exit %v, verdict %s; want %d %s", name, *run.ExitCode, run.Verdict, exit, words[exit])
	}
	all := strings.Join(run.Reasons, "\n")
	for _, reason := range told {
		if !strings.Contains(all, reason) {
			t.Errorf("%s: reasons %q do not tell %q", name, run.Reasons, reason)
		}
	}
	if exit == results.ExitPass && len(run.Reasons) != 0 {
		t.Errorf("%s: a pass with reasons %q", name, run.Reasons)
	}
	if exit != results.ExitPass && len(run.Reasons) == 0 {
		t.Errorf("%s: exit %d without a reason", name, exit)
	}
}

func TestJudge(t *testing.T) {
	undocumented := func(p *results.Phase) {
		p.Codes = append(p.Codes, results.Code{Code: "isv.NEW", Class: results.ClassUndocumented, Count: 1})
	}
	cases := []struct {
		name string
		make func(*fixture, *Input)
		exit int
		told []string
	}{
		{"nothing wrong", func(*fixture, *Input) {}, 0, nil},
		{"a rule kept", func(_ *fixture, in *Input) { in.Rules = []Rule{MustParseRule("p99 < 1s")} }, 0, nil},
		{"the rule of a scenario without any", func(f *fixture, _ *Input) { f.refuse(11, "isv.FLOW_LIMIT", results.ClassBusiness, ms) }, 3,
			[]string{"good >= 99% was missed: it is 98.9%"}},
		{"one per cent is let through", func(f *fixture, _ *Input) { f.refuse(10, "isv.FLOW_LIMIT", results.ClassBusiness, ms) }, 0, nil},
		{"own rules replace that one", func(f *fixture, in *Input) {
			f.refuse(500, "isv.FLOW_LIMIT", results.ClassBusiness, ms)
			in.Rules = []Rule{MustParseRule("p99 < 1s")}
		}, 0, nil},
		{"a bound", func(f *fixture, in *Input) {
			f.loseResponses(20)
			f.refuse(20, results.CodeTimeout, results.ClassTransport, 10_000*ms)
			in.Rules = []Rule{MustParseRule("p99 < 60s")}
		}, 3, []string{"p99(offered) < 60s was missed: it is > 10s, among the calls that never came to an end"}},
		{"a miss that rounding would hide", func(f *fixture, in *Input) { in.Rules = []Rule{MustParseRule("max(response) < 99999999ns")} }, 3,
			[]string{"max(response) < 99.999999ms was missed: it is 100ms"}},
		{"an undocumented code", func(f *fixture, _ *Input) { undocumented(f.main()) }, 4, []string{"undocumented code isv.NEW came once"}},
		{"an undocumented code in the warm-up", func(f *fixture, _ *Input) { undocumented(&f.run.Phases[0]) }, 4, []string{"undocumented code isv.NEW came once"}},
		{"an undocumented code of a follow-up", func(f *fixture, _ *Input) { undocumented(&f.run.FollowUps) }, 4, []string{"undocumented code isv.NEW came once"}},
		{"a wrong answer in a warm-up behind which nothing was answered", func(f *fixture, _ *Input) {
			warm := f.run.Phases[0]
			f.silent()
			f.run.Phases[0] = warm
			undocumented(&f.run.Phases[0])
		}, 4, []string{"undocumented code isv.NEW", "no call of a recorded phase was answered"}},
		{"a broken SHOULD", func(f *fixture, _ *Input) {
			f.run.Violations = []results.Violation{{Clause: "A", Level: "SHOULD", Count: 1}}
		}, 0, nil},
		{"a clause that held", func(f *fixture, _ *Input) {
			f.run.Violations = []results.Violation{{Clause: "A", Level: "MUST", Checked: 9}}
		}, 0, nil},
		{"a broken MUST of another profile", func(f *fixture, in *Input) {
			f.run.Violations = []results.Violation{{Clause: "A", Level: "MUST", Profile: "strict", Count: 1}}
			in.Profiles = []string{"seed", "pop"}
		}, 0, nil},
		{"a broken MUST of the profile", func(f *fixture, in *Input) {
			f.run.Violations = []results.Violation{{Clause: "A", Level: "MUST", Profile: "pop", Count: 1}}
			in.Profiles = []string{"seed", "pop"}
		}, 4, []string{"clause A was broken once"}},
		{"an open circuit", func(f *fixture, in *Input) {
			f.lose(900, &f.main().NotOffered, results.CodeUnfinished, ms)
			in.EndedEarly = "the circuit breaker ended the run: 50 % of 40 calls were throttled"
		}, 7, []string{"the circuit breaker ended the run: 50 % of 40 calls were throttled", "good >= 99% could not be judged"}},
		{"a miss before the circuit opened", func(f *fixture, in *Input) {
			in.EndedEarly = "the circuit breaker ended the run: throttled"
			in.Rules = []Rule{MustParseRule("p99 < 1ms")}
		}, 3, []string{"p99(offered) < 1ms was missed", "the circuit breaker ended the run"}},
		{"incomplete", func(_ *fixture, in *Input) { in.Incomplete = []string{"two of three agents answered"} }, 7, []string{"two of three agents answered"}},
		{"interrupted", func(f *fixture, in *Input) {
			f.lose(900, &f.main().NotOffered, results.CodeUnfinished, ms)
			in.Interrupted = 143
		}, 143, []string{"interrupted"}},
		{"a rule on a phase that is not there", func(_ *fixture, in *Input) { in.Rules = []Rule{MustParseRule("p99 < 1s in peak")} }, 7, []string{"phases are main"}},
	}
	for _, c := range cases {
		f, in := newFixture(), Input{}
		c.make(f, &in)
		rec := f.summarised(t)
		Judge(rec, in)
		checkVerdict(t, c.name, &rec.Run, c.exit, c.told)
	}
}

func TestReasonsBeginWithWhatDecided(t *testing.T) {
	f, in := newFixture(), Input{}
	for i := len(problems) - 1; i >= 0; i-- {
		problems[i].make(f, &in)
	}
	rec := f.summarised(t)
	Judge(rec, in)
	for i, p := range problems {
		if !strings.Contains(rec.Run.Reasons[i], p.reason) {
			t.Errorf("reason %d is %q, want %q", i, rec.Run.Reasons[i], p.reason)
		}
	}
}

func TestJudgeTwiceIsJudgeOnce(t *testing.T) {
	f, in := newFixture(), Input{}
	for _, p := range problems {
		p.make(f, &in)
	}
	rec := f.summarised(t)
	Judge(rec, in)
	first := fmt.Sprintf("%+v", rec.Run.Reasons)
	Judge(rec, in)
	if again := fmt.Sprintf("%+v", rec.Run.Reasons); again != first {
		t.Errorf("%s, then %s", first, again)
	}
}

func TestVerdictOf(t *testing.T) {
	for exit, want := range words {
		if got := VerdictOf(exit); got != want {
			t.Errorf("%d is %s, want %s", exit, got, want)
		}
	}
}
