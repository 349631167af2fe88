package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"axbench/results"
)

// A compareSample is a comparison that never was. go test ./report -update writes it below testdata/compare, and the golden reports.
type compareSample struct {
	name      string
	base, now string // runs of testdata/runs that the page draws
	of        func() *results.Comparison
}

var compareSamples = []compareSample{
	{"worse", "pass", "slo-missed", sampleWorse}, {"better", "bounds", "pass", sampleBetter}, {"same", "pass", "pass", sampleSame},
	{"inconclusive", "pass", "closed", sampleInconclusive}, {"undecided", "pass", "invalid", sampleUndecided},
}

// compareSampleOf returns a sample as it stands in testdata/compare, with its runs.
func compareSampleOf(t testing.TB, s *compareSample) *Compared {
	t.Helper()
	file := filepath.Join("testdata", "compare", s.name+".json")
	if *update {
		var b bytes.Buffer
		if err := JSON(&b, s.of()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &Compared{Comparison: &results.Comparison{}}
	if err := json.Unmarshal(data, c.Comparison); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{s.base, s.now} {
		rec, err := results.Open(filepath.Join("testdata", "runs", name))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			c.BaseRuns = append(c.BaseRuns, rec)
		} else {
			c.NewRuns = append(c.NewRuns, rec)
		}
	}
	return c
}

func sampleMetric(name, phase, unit string, base, now, low, high, effect float64, v results.Change, reason string) results.MetricChange {
	delta := now - base
	relative := delta / base
	low95, high95 := (low+delta)/2, (high+delta)/2
	return results.MetricChange{Name: name, Phase: phase, Unit: unit, Main: phase == "" && (name == "p50(offered)" || name == "p99(offered)" || name == "good" || name == "goodput"),
		Base: &base, New: &now, Delta: &delta, Relative: &relative, Low: &low, High: &high, Low95: &low95, High95: &high95, MinEffect: effect,
		Samples: []int64{24000, 24000}, Spread: 1.4, Block: 2, Verdict: v, Reason: reason, Method: "order statistics", NotWorse: v != results.ChangeWorse && v != results.ChangeInconclusive}
}

func sampleComparison(v results.Change, exit int) *results.Comparison {
	code := 0
	started := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	run := func(dir string, after time.Duration) results.ComparedRun {
		return results.ComparedRun{Dir: "results/" + dir, Started: started.Add(after), Version: "1.2.0", Target: "emulator", Seed: 7, Digest: "d1", Verdict: results.VerdictPass, ExitCode: &code,
			Planned: 24000, Seconds: 60}
	}
	return &results.Comparison{Schema: results.ComparisonSchema, Version: "1.2.0", Scenario: "evening", Verdict: v, ExitCode: exit, Reasons: []string{},
		Notes: []string{"one run a side: how much runs differ among themselves is not known and is in no interval; several a side tell"},
		Base:  []results.ComparedRun{run("20260304T050607Z-evening-0a1b", 0)}, New: []results.ComparedRun{run("20260304T060607Z-evening-2c3d", time.Hour)},
		Differences: []results.Difference{}, Level: 0.01, Judged: 8, Metrics: []results.MetricChange{}, Codes: []results.CodeChange{}, Clauses: []results.ClauseChange{},
		Generator: []results.OwnFigure{{Name: "cpu_us_per_call", Unit: "us", Base: 61.5, New: 62.25}, {Name: "cpu_cores", Unit: "cores", Base: 0.03, New: 0.03},
			{Name: "late_p99_ns", Unit: "ns", Base: 81e3, New: 79e3}, {Name: "gc_pause_max_ns", Unit: "ns", Base: 120e3, New: 95e3},
			{Name: "max_in_flight", Unit: "count", Base: 31, New: 40}, {Name: "connections", Unit: "count", Base: 31, New: 40}}}
}

const ms = 1e6

func sampleWorse() *results.Comparison {
	c := sampleComparison(results.ChangeWorse, results.ExitRegression)
	c.Metrics = append(c.Metrics,
		sampleMetric("typical(offered)", "", "ns", 22.4*ms, 24.9*ms, 1.6*ms, 3.4*ms, 1.12*ms, results.ChangeWorse, "above the minimum effect of 1.12ms, and no change is excluded"),
		sampleMetric("p50(offered)", "", "ns", 20.1*ms, 22.2*ms, 1.2*ms, 3.1*ms, 1.005*ms, results.ChangeWorse, "above the minimum effect of 1ms, and no change is excluded"),
		sampleMetric("p90(offered)", "", "ns", 44*ms, 47.4*ms, -0.4*ms, 6.9*ms, 2.2*ms, results.ChangeInconclusive, "it looks worse, by more than the minimum effect of 2.2ms, but such a difference also comes by chance"),
		sampleMetric("good", "", "share", 1, 0.982, -0.022, -0.014, 0.005, results.ChangeWorse, "above the minimum effect of 0.5 pt, and no change is excluded"),
		sampleMetric("goodput", "", "per_s", 400, 392.8, -9.8, -4.6, 12, results.ChangeSame, "within the minimum effect of 12/s"),
		sampleMetric("p50(offered)", "peak", "ns", 20.1*ms, 22.2*ms, 1.2*ms, 3.1*ms, 1.005*ms, results.ChangeWorse, "above the minimum effect of 1ms, and no change is excluded"))
	c.Metrics[2].Needs = 1.4
	base, now := 80.3*ms, 10e9
	lost := results.MetricChange{Name: "p99(offered)", Unit: "ns", Main: true, Base: &base, New: &now, NewBound: true, MinEffect: 8.03 * ms, Samples: []int64{24000, 24000}, Spread: 1, Block: 1,
		Verdict: results.ChangeWorse, Reason: "it lies among calls that never came to an end", Method: "order statistics"}
	c.Metrics = append(c.Metrics[:3], append([]results.MetricChange{lost}, c.Metrics[3:]...)...)
	c.Codes = append(c.Codes,
		results.CodeChange{Code: "timeout", Class: results.ClassTransport, Appeared: true, BaseOf: 24000, New: 432, NewOf: 24000, P: 1e-130, Significant: true,
			Reason: "code timeout appeared: 432 of 24000 calls, none of 24000 before, which is no chance"},
		results.CodeChange{Code: "isv.MYSTERY_ERROR", Class: results.ClassUndocumented, Appeared: true, BaseOf: 24000, New: 3, NewOf: 24000, P: 0.125, Verdict: results.ChangeWorse,
			Reason: "undocumented code isv.MYSTERY_ERROR appeared: 3 of 24000 calls, none of 24000 before"},
		results.CodeChange{Code: "isv.BIND_CONFLICT", Class: results.ClassBusiness, Documented: true, Base: 2, BaseOf: 24000, NewOf: 24000, P: 0.25,
			Reason: "code isv.BIND_CONFLICT vanished: none of 24000 calls, 2 of 24000 before, which may be chance"})
	c.Clauses = append(c.Clauses,
		results.ClauseChange{Clause: "RSP-9", Level: "MUST", Sentence: "SecretBindDTO is present if and only if Code is OK.", Broken: true, BaseChecked: 24000, New: 3, NewChecked: 23568, Verdict: results.ChangeWorse,
			Reason: "clause RSP-9 is newly broken: by 3 of 23568 answers, by none of 24000 before"},
		results.ClauseChange{Clause: "TRN-4", Level: "SHOULD", Sentence: "The answer names its charset.", Base: 24000, BaseChecked: 24000, NewChecked: 23568,
			Reason: "clause TRN-4 is no longer broken: by none of 23568 answers, by 24000 of 24000 before"})
	c.Differences = append(c.Differences, results.Difference{What: "axbench", Base: "1.1.0", New: "1.2.0"})
	c.Notes = append(c.Notes, "axbench differs: 1.1.0 as baseline, 1.2.0 now")
	c.Reasons = append(c.Reasons, c.Codes[1].Reason, c.Clauses[0].Reason,
		"typical(offered) is worse: from 22.4ms to 24.9ms, by +11.2% (+7.1% to +15.2%)", "p99(offered) is worse: from 80.3ms to > 10s")
	return c
}

func sampleBetter() *results.Comparison {
	c := sampleComparison(results.ChangeBetter, results.ExitPass)
	c.Metrics = append(c.Metrics,
		sampleMetric("p50(offered)", "", "ns", 20*ms, 15*ms, -5.6*ms, -4.4*ms, 1*ms, results.ChangeBetter, "above the minimum effect of 1ms, and no change is excluded"),
		sampleMetric("p99(offered)", "", "ns", 80*ms, 78*ms, -20*ms, 5*ms, 8*ms, results.ChangeInconclusive, "not worse by the minimum effect of 8ms, perhaps better"))
	c.Metrics[1].NotWorse = true
	c.Metrics[1].High = nil
	c.Judged, c.Reasons = 2, []string{"p50(offered) is better: from 20ms to 15ms, by -25.0% (-28.0% to -22.0%)"}
	return c
}

func sampleSame() *results.Comparison {
	c := sampleComparison(results.ChangeSame, results.ExitPass)
	c.Metrics = append(c.Metrics,
		sampleMetric("p50(offered)", "", "ns", 20*ms, 20.1*ms, -0.5*ms, 0.7*ms, 1*ms, results.ChangeSame, "within the minimum effect of 1ms"),
		sampleMetric("good", "", "share", 0.9998, 0.9997, -0.0011, 0.0009, 0.005, results.ChangeSame, "within the minimum effect of 0.5 pt"))
	c.Judged, c.Notes = 2, []string{}
	return c
}

func sampleInconclusive() *results.Comparison {
	c := sampleComparison(results.ChangeInconclusive, results.ExitNoData)
	m := sampleMetric("p99(offered)", "", "ns", 80*ms, 84*ms, -20*ms, 28*ms, 8*ms, results.ChangeInconclusive, "the 95% interval is wider than the minimum effect of 8ms")
	m.Needs = 12
	c.Metrics = append(c.Metrics, m)
	c.Judged, c.Reasons = 1, []string{"p99(offered) is inconclusive: the 95% interval is wider than the minimum effect of 8ms"}
	return c
}

func sampleUndecided() *results.Comparison {
	c := sampleComparison(results.ChangeInconclusive, results.ExitInvalid)
	c.New[0].Verdict = results.VerdictInvalid
	c.Judged, c.Notes, c.Generator = 0, []string{}, []results.OwnFigure{}
	c.Reasons = []string{"the new run results/20260304T060607Z-evening-2c3d decides nothing: it is invalid: the generator was the limit, or the plan was not kept"}
	return c
}
