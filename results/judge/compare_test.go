package judge

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"axbench/results"

	"pgregory.net/rapid"
)

// pairOf makes a run on either side of two targets.
func pairOf(seed uint64, base, now target, seconds int) CompareInput {
	r := rand.New(rand.NewPCG(seed, 11))
	return CompareInput{Base: []*results.Course{base.run(r, 400, seconds)}, New: []*results.Course{now.run(r, 400, seconds)}}
}

func compared(t *testing.T, in CompareInput) *results.Comparison {
	t.Helper()
	c, err := Compare(in)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func metricNamed(t *testing.T, c *results.Comparison, name, phase string) *results.MetricChange {
	t.Helper()
	for i := range c.Metrics {
		if m := &c.Metrics[i]; m.Name == name && m.Phase == phase {
			return m
		}
	}
	t.Fatalf("no metric %s of phase %q", name, phase)
	return nil
}

var plain = target{median: 20, p99: 80}

func TestCompareIsRepeatable(t *testing.T) {
	in := pairOf(1, plain, target{median: 20, p99: 160}, 20)
	a, b := compared(t, in), compared(t, in)
	if !reflect.DeepEqual(a, b) {
		t.Error("the same runs gave two comparisons")
	}
}

// The words of single metrics, in cases that leave no doubt.
func TestCompareWords(t *testing.T) {
	cases := []struct {
		name, metric string
		base, now    target
		want         results.Change
		exit         int
	}{
		{"half as fast", "p50(offered)", plain, target{median: 40, p99: 160}, results.ChangeWorse, 5},
		{"twice as fast", "p50(offered)", plain, target{median: 10, p99: 40}, results.ChangeBetter, 0},
		{"a longer tail", "p99(offered)", plain, target{median: 20, p99: 160}, results.ChangeWorse, 5},
		{"a shorter tail", "p99(offered)", target{median: 20, p99: 160}, plain, results.ChangeBetter, 0},
		{"nothing", "p50(offered)", plain, plain, results.ChangeSame, 0},
		{"lost calls", "good", plain, target{median: 20, p99: 80, lost: 0.05}, results.ChangeWorse, 5},
		{"found calls", "good", target{median: 20, p99: 80, lost: 0.05}, plain, results.ChangeBetter, 0},
		{"lost calls, by class", "share(transport)", plain, target{median: 20, p99: 80, lost: 0.05}, results.ChangeWorse, 5},
		{"lost calls, a second", "goodput", plain, target{median: 20, p99: 80, lost: 0.1}, results.ChangeWorse, 5},
		{"slower, and calls lost behind p99", "p99(offered)", plain, target{median: 20, p99: 80, lost: 0.05}, results.ChangeWorse, 5},
		{"calls no longer lost behind p99", "p99(offered)", target{median: 20, p99: 80, lost: 0.05}, plain, results.ChangeBetter, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out := compared(t, pairOf(3, c.base, c.now, 60))
			if m := metricNamed(t, out, c.metric, ""); m.Verdict != c.want {
				t.Errorf("%s is %s: %+v", c.metric, m.Verdict, m)
			}
			if out.Verdict != c.want || out.ExitCode != c.exit {
				t.Errorf("verdict %s, exit code %d: %q", out.Verdict, out.ExitCode, out.Reasons)
			}
		})
	}
}

// What two short runs leave open is said, with how much more it takes.
func TestCompareInconclusive(t *testing.T) {
	out := compared(t, pairOf(1, plain, plain, 6))
	m := metricNamed(t, out, "p99(offered)", "")
	if m.Verdict != results.ChangeInconclusive || m.Reason == "" || out.Verdict != results.ChangeInconclusive || out.ExitCode != results.ExitNoData {
		t.Errorf("%s, exit code %d: %+v", out.Verdict, out.ExitCode, m)
	}
	if m.Needs <= 1 || m.Needs > 100 {
		t.Errorf("it takes %v times as much", m.Needs)
	}
	long := compared(t, pairOf(1, plain, plain, 6*int(math.Ceil(m.Needs))*2))
	if m := metricNamed(t, long, "p99(offered)", ""); m.Verdict != results.ChangeSame {
		t.Errorf("with twice that: %+v", m)
	}
}

// Two seconds do not tell how much seconds differ: nothing but a huge change shows in them.
func TestCompareHardlyAnything(t *testing.T) {
	for seconds := 1; seconds <= 2; seconds++ {
		out := compared(t, pairOf(1, plain, target{median: 20, p99: 80, slower: 1.3}, seconds))
		if m := metricNamed(t, out, "typical(offered)", ""); m.Verdict != results.ChangeInconclusive || out.ExitCode != results.ExitNoData {
			t.Errorf("%d s: %+v", seconds, m)
		}
	}
}

// Calls without an end are slower than any value; where both sides have them at the quantile nothing is known.
func TestCompareBounds(t *testing.T) {
	lost := target{median: 20, p99: 80, lost: 0.05}
	out := compared(t, pairOf(5, plain, lost, 30))
	m := metricNamed(t, out, "p99(offered)", "")
	if !m.NewBound || m.BaseBound || m.Delta != nil || m.Low != nil || m.Verdict != results.ChangeWorse {
		t.Errorf("%+v", m)
	}
	if want := "p99(offered) is worse: from "; !slices.ContainsFunc(out.Reasons, func(r string) bool {
		return strings.HasPrefix(r, want) && strings.HasSuffix(r, "to > 10s")
	}) {
		t.Errorf("reasons %q", out.Reasons)
	}
	if m := metricNamed(t, compared(t, pairOf(5, lost, lost, 30)), "p99(offered)", ""); m.Verdict != results.ChangeInconclusive || m.NotWorse {
		t.Errorf("on both sides: %+v", m)
	}
	few := target{median: 20, p99: 80, lost: 0.0102} // p99 lies among them by a hair
	for seed := range uint64(5) {
		if m := metricNamed(t, compared(t, pairOf(seed, target{median: 20, p99: 80, lost: 0.0098}, few, 30)), "p99(offered)", ""); m.Verdict == results.ChangeWorse {
			t.Errorf("a hair is a change: %+v", m)
		}
	}
}

// A stall on one side alone is luck: a single event tells nothing of how often it comes.
func TestCompareOneStall(t *testing.T) {
	in := pairOf(2, plain, plain, 20)
	s := &in.New[0].Phases[0].Seconds[7]
	for i := range s.Response {
		s.Response[i].Value += 400e6
	}
	if out := compared(t, in); out.Verdict == results.ChangeWorse {
		t.Errorf("%q", out.Reasons)
	}
	often := in
	for at := range often.New[0].Phases[0].Seconds { // every other second is another matter
		if s := &often.New[0].Phases[0].Seconds[at]; at%2 == 0 {
			for i := range s.Response {
				s.Response[i].Value += 400e6
			}
		}
	}
	if out := compared(t, often); out.Verdict != results.ChangeWorse {
		t.Errorf("stalls in every other second: %s, %q", out.Verdict, out.Reasons)
	}
}

// Runs that differ among themselves widen what several a side say.
func TestCompareSeveralRuns(t *testing.T) {
	restless := target{median: 20, p99: 80, between: 0.15}
	worse := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 5))
		var in CompareInput
		for range 4 {
			in.Base, in.New = append(in.Base, restless.run(r, 200, 8)), append(in.New, restless.run(r, 200, 8))
		}
		out := compared(t, in)
		if out.Verdict == results.ChangeWorse {
			worse++
		}
		if slices.ContainsFunc(out.Notes, func(n string) bool { return strings.HasPrefix(n, "one run a side") }) {
			t.Fatalf("notes %q", out.Notes)
		}
	}
	if worse > 2 {
		t.Errorf("%d of 40 comparisons of restless runs read worse", worse)
	}
	r := rand.New(rand.NewPCG(1, 5))
	in := CompareInput{}
	slow := restless
	slow.slower = 3
	for range 5 {
		in.Base, in.New = append(in.Base, restless.run(r, 200, 8)), append(in.New, slow.run(r, 200, 8))
	}
	if out := compared(t, in); out.Verdict != results.ChangeWorse {
		t.Errorf("three times as slow: %s, %q", out.Verdict, out.Reasons)
	}
}

func TestCompareUnusableRuns(t *testing.T) {
	cases := []struct {
		name   string
		side   int
		change func(*results.Run)
		exit   int
		reason string
	}{
		{"new one interrupted", 1, func(r *results.Run) { r.Verdict = results.VerdictInterrupted }, 7, "was interrupted"},
		{"new one partial", 1, func(r *results.Run) { r.Verdict, r.Ended = results.VerdictPartial, nil }, 7, "is partial"},
		{"new one invalid", 1, func(r *results.Run) { r.Verdict, r.Generator.Valid = results.VerdictInvalid, false }, 6, "is invalid"},
		{"new one invalid and wrong", 1, func(r *results.Run) { r.Verdict, r.Generator.Valid = results.VerdictNonconformant, false }, 6, "is invalid"},
		{"baseline invalid", 0, func(r *results.Run) { r.Generator.Valid = false }, 7, "is invalid"},
		{"no answer", 1, func(r *results.Run) { r.Phases[0].Done = 0 }, 7, "no call of a recorded phase was answered"},
		{"ended early", 0, func(r *results.Run) { r.Phases[0].NotOffered = 3 }, 7, "ended early: 3 of 2,400"},
		{"an SLO was missed", 1, func(r *results.Run) { r.Verdict = results.VerdictFail }, -1, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := pairOf(1, plain, plain, 6)
			run := [2]*results.Course{in.Base[0], in.New[0]}[c.side].Run
			c.change(run)
			out := compared(t, in)
			if c.exit < 0 {
				if len(out.Metrics) == 0 {
					t.Errorf("nothing was judged: %q", out.Reasons)
				}
				return
			}
			if out.ExitCode != c.exit || out.Verdict != results.ChangeInconclusive || len(out.Reasons) != 1 || !strings.Contains(out.Reasons[0], c.reason) {
				t.Errorf("%s, exit code %d: %q", out.Verdict, out.ExitCode, out.Reasons)
			}
		})
	}
}

func TestCompareUnlike(t *testing.T) {
	cases := []struct {
		name    string
		change  func(*results.Run)
		decides string // what
		noted   string
		never   bool
	}{
		{"nothing", func(*results.Run) {}, "", "", false},
		{"scenario", func(r *results.Run) { r.Scenario = "other" }, "scenario", "", false},
		{"model", func(r *results.Run) { r.Model = results.ModelClosed }, "model", "", true},
		{"rate", func(r *results.Run) { r.Phases[0].Shape = "constant 500/s" }, "phases", "", false},
		{"another phase", func(r *results.Run) { r.Phases = append(r.Phases, results.Phase{Name: "more"}) }, "phases", "", false},
		{"kind of target", func(r *results.Run) { r.Target.URL = "http://127.0.0.1:8080/" }, "kind of target", "", false},
		{"document", func(r *results.Run) { r.Target.Document = "2019-06" }, "document", "", false},
		{"signature", func(r *results.Run) { r.Target.Signature = "v1" }, "signature", "", false},
		{"requests", func(r *results.Run) { r.Digest = "other" }, "requests (digest)", "", false},
		{"seed and with it requests", func(r *results.Run) { r.Seed, r.Digest = 9, "other" }, "", "seed differs: 0 as baseline, 9 now", false},
		{"version", func(r *results.Run) { r.Version = "2.0" }, "", "axbench differs: none as baseline, 2.0 now", false},
		{"host", func(r *results.Run) { r.Host.Cores = 64 }, "", "host differs: ", false},
		{"TLS", func(r *results.Run) { r.Target.TLS = "certificate verified" }, "", "TLS differs: none as baseline, certificate verified now", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := pairOf(1, plain, plain, 6)
			for _, r := range []*results.Run{in.Base[0].Run, in.New[0].Run} {
				r.Target.URL, r.Digest = "emulator", "d1"
			}
			c.change(in.New[0].Run)
			out, err := Compare(in)
			var unlike *UnlikeError
			if c.decides == "" {
				if err != nil {
					t.Fatal(err)
				}
				if c.noted != "" && !slices.ContainsFunc(out.Notes, func(n string) bool { return strings.HasPrefix(n, c.noted) }) {
					t.Errorf("notes %q", out.Notes)
				}
				if c.noted == "" && len(out.Differences) != 0 {
					t.Errorf("differences %+v", out.Differences)
				}
				return
			}
			if !errors.As(err, &unlike) || unlike.Differences[0].What != c.decides || unlike.Never != c.never || !strings.Contains(err.Error(), c.decides) {
				t.Fatalf("%v", err)
			}
			in.AllowDifferent = true
			out, err = Compare(in)
			if c.never {
				if err == nil {
					t.Error("compared all the same")
				}
				return
			}
			if err != nil || len(out.Metrics) == 0 || !slices.ContainsFunc(out.Notes, func(n string) bool { return strings.HasPrefix(n, "the runs are unlike in "+c.decides) }) {
				t.Errorf("allowed: %v, %q", err, out.Notes)
			}
		})
	}
	if _, err := Compare(CompareInput{New: pairOf(1, plain, plain, 3).New}); err == nil {
		t.Error("nothing as baseline was compared")
	}
}

// Phases of the same name are compared one by one beside all together; others are left out.
func TestComparePhases(t *testing.T) {
	in := pairOf(1, plain, plain, 30)
	for i, c := range []*results.Course{in.Base[0], in.New[0]} {
		second := target{median: 20, p99: 80}
		if i == 1 {
			second.slower = 2
		}
		more := second.run(rand.New(rand.NewPCG(9, uint64(i))), 400, 30)
		more.Phases[0].Phase.Name = "peak"
		c.Phases = append(c.Phases, more.Phases[0])
		c.Run.Phases = append(c.Run.Phases, *more.Phases[0].Phase)
	}
	out := compared(t, in)
	if m := metricNamed(t, out, "p50(offered)", "peak"); m.Verdict != results.ChangeWorse || m.Main {
		t.Errorf("peak: %+v", m)
	}
	if m := metricNamed(t, out, "p50(offered)", "main"); m.Verdict == results.ChangeWorse {
		t.Errorf("main: %+v", m)
	}
	in.New[0].Phases[1].Phase.Name = "other"
	in.New[0].Run.Phases[1].Name = "other"
	in.AllowDifferent = true
	out = compared(t, in)
	if len(out.Metrics) == 0 || slices.ContainsFunc(out.Metrics, func(m results.MetricChange) bool { return m.Phase != "" }) {
		t.Errorf("%d metrics", len(out.Metrics))
	}
	for _, name := range []string{"peak", "other"} {
		if !slices.Contains(out.Notes, "phase "+name+" is not recorded in every run and was left out") {
			t.Errorf("notes %q", out.Notes)
		}
	}
}

// A ramp has a course that both runs share: it is no chance and must not widen anything.
func TestCompareSharedCourse(t *testing.T) {
	ramp := func(c *results.Course) {
		p := &c.Phases[0]
		p.Phase.Shape = "ramp 100/s to 400/s"
		c.Run.Phases[0].Shape = p.Phase.Shape
		for at := range p.Seconds {
			for i := range p.Seconds[at].Response {
				p.Seconds[at].Response[i].Value *= int64(1 + at/5)
			}
		}
	}
	in := pairOf(1, plain, target{median: 20, p99: 80, slower: 1.3}, 40)
	ramp(in.Base[0])
	ramp(in.New[0])
	out := compared(t, in)
	m := metricNamed(t, out, "p50(offered)", "")
	if m.Verdict != results.ChangeWorse || m.Spread > 3 {
		t.Errorf("dispersion %v, %+v", m.Spread, m)
	}
}

func TestCompareCodes(t *testing.T) {
	code := func(c *results.Course, name string, class results.Class, n int64) {
		s := &c.Phases[0].Seconds[0]
		s.Codes[name], s.Classes[class] = n, n
		c.Run.Totals.Codes = append(c.Run.Totals.Codes, results.Code{Code: name, Class: class, Documented: class == results.ClassBusiness, Count: n})
	}
	in := pairOf(1, plain, plain, 10)
	code(in.New[0], "isv.MYSTERY", results.ClassUndocumented, 1)
	code(in.New[0], "isv.ODD", results.ClassBusiness, 2)
	code(in.Base[0], "isv.GONE", results.ClassBusiness, 3)
	code(in.Base[0], "isv.BOTH", results.ClassBusiness, 1)
	code(in.New[0], "isv.BOTH", results.ClassBusiness, 1)
	out := compared(t, in)
	if out.Verdict != results.ChangeWorse || out.ExitCode != results.ExitRegression || !strings.HasPrefix(out.Reasons[0], "undocumented code isv.MYSTERY appeared: 1 of 4,000 calls") {
		t.Errorf("%s: %q", out.Verdict, out.Reasons)
	}
	got := map[string]string{}
	for _, c := range out.Codes {
		got[c.Code] = c.Reason
		if c.Significant {
			t.Errorf("%s is called no chance at p %v", c.Code, c.P)
		}
	}
	if len(got) != 3 || !strings.Contains(got["isv.ODD"], "appeared") || !strings.Contains(got["isv.GONE"], "vanished") {
		t.Errorf("codes %q", got)
	}
}

// The chance that all of k calls are on one side of two equal ones is 2 to the power of -k.
func TestOnlyThere(t *testing.T) {
	for _, c := range []struct {
		count, ended [2]int64
		factor, want float64
	}{
		{[2]int64{0, 3}, [2]int64{100, 100}, 1, 0.125},
		{[2]int64{4, 0}, [2]int64{100, 300}, 1, 1.0 / 256},
		{[2]int64{0, 6}, [2]int64{100, 100}, 2, 0.125},
		{[2]int64{0, 6}, [2]int64{0, 100}, 1, 1},
	} {
		if got := onlyThere(c.count, c.ended, c.factor); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestCompareClauses(t *testing.T) {
	in := pairOf(1, plain, plain, 10)
	in.Base[0].Run.Violations = []results.Violation{{Clause: "A-1", Level: levelMust, Checked: 4000}, {Clause: "A-2", Level: levelShould, Checked: 4000},
		{Clause: "A-3", Level: levelMust, Checked: 4000, Count: 40}, {Clause: "A-4", Level: levelMust, Checked: 4000, Count: 7}}
	in.New[0].Run.Violations = []results.Violation{{Clause: "A-1", Level: levelMust, Checked: 4000, Count: 1}, {Clause: "A-2", Level: levelShould, Checked: 4000, Count: 9},
		{Clause: "A-3", Level: levelMust, Checked: 4000}, {Clause: "A-4", Level: levelMust, Checked: 4000, Count: 2}}
	out := compared(t, in)
	want := map[string]results.Change{"A-1": results.ChangeWorse, "A-2": "", "A-3": results.ChangeBetter}
	got := map[string]results.Change{}
	for _, c := range out.Clauses {
		got[c.Clause] = c.Verdict
	}
	if !reflect.DeepEqual(got, want) || out.ExitCode != results.ExitRegression {
		t.Errorf("%v, exit code %d", got, out.ExitCode)
	}
	in.New[0].Run.Violations = in.New[0].Run.Violations[1:]
	if out := compared(t, in); out.Verdict == results.ChangeWorse {
		t.Errorf("a SHOULD alone is worse: %q", out.Reasons)
	}
}

// Words and numbers agree whatever was measured.
func TestCompareAgreesWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) target {
			median := rapid.Float64Range(0.1, 200).Draw(t, name+" median")
			return target{median: median, p99: median * rapid.Float64Range(1, 20).Draw(t, name+" tail"), swing: rapid.Float64Range(0, 0.5).Draw(t, name+" swing"),
				memory: rapid.Float64Range(0, 0.9).Draw(t, name+" memory"), stall: rapid.Float64Range(0, 0.2).Draw(t, name+" stall"),
				lost: rapid.SampledFrom([]float64{0, 0.01, 0.6, 1}).Draw(t, name+" lost")}
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rate, seconds := rapid.IntRange(1, 60).Draw(t, "rate"), rapid.IntRange(1, 12).Draw(t, "seconds")
		out, err := Compare(CompareInput{Base: []*results.Course{draw("base").run(r, rate, seconds)}, New: []*results.Course{draw("new").run(r, rate, seconds)}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(out); err != nil { // which knows no infinity
			t.Fatal(err)
		}
		for i := range out.Metrics {
			checkMetric(t, &out.Metrics[i])
		}
	})
}

func checkMetric(t *rapid.T, m *results.MetricChange) {
	sign := 1.0
	if m.Name == "good" || m.Name == "goodput" {
		sign = -1
	}
	if m.Delta == nil != (m.BaseBound || m.NewBound) || m.Reason == "" || m.Spread < 1 || m.Block < 1 {
		t.Fatalf("%+v", m)
	}
	const hair = 1e-9
	below := func(a, b *float64) bool { return a == nil || b == nil || *a <= *b+hair*math.Abs(*b) }
	if !below(m.Low, m.Delta) || !below(m.Delta, m.High) || !below(m.Low95, m.Delta) || !below(m.Delta, m.High95) || !below(m.Low, m.Low95) || !below(m.High95, m.High) {
		t.Fatalf("intervals do not hold the difference, or the wider one: %+v", m)
	}
	if m.Delta == nil {
		return
	}
	worse := m.Low != nil && sign > 0 && *m.Low > 0 || m.High != nil && sign < 0 && *m.High < 0
	if (m.Verdict == results.ChangeWorse) != (worse && sign**m.Delta > m.MinEffect) {
		t.Fatalf("%+v", m)
	}
	if m.Verdict == results.ChangeSame && (m.Low95 == nil || m.High95 == nil || *m.Low95 < -m.MinEffect || *m.High95 > m.MinEffect) {
		t.Fatalf("%+v", m)
	}
}
