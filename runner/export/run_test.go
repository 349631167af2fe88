package export

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/results"

	"pgregory.net/rapid"
)

var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// newRun is a run of two phases that has counted nothing.
func newRun() *results.Run {
	codes := []results.Code{{Code: "OK", Class: results.ClassOK}, {Code: "isv.NO_AVAILABLE_NUMBER", Class: results.ClassBusiness}}
	return &results.Run{Version: "1.2.3", Scenario: "demo", Seed: 7, Model: results.ModelOpen, Started: began,
		Target: results.Target{URL: "http://127.0.0.1:8080/"}, Phases: []results.Phase{{Name: "warm-up", Codes: codes}, {Name: "main", Codes: codes}}}
}

// histogram holds durations in nanoseconds.
func histogram(ns ...int64) *results.Histogram {
	h := results.NewHistogram()
	for _, n := range ns {
		h.Record(n)
	}
	return h
}

// second is one second of phase main: 10 calls fell due, 5 of them were good, 1 was not, 1 timed out, 1 was dropped and 1 never
// offered, and 2 follow-ups ended.
func second(t int64) ([]results.Second, []results.Interval) {
	iv := func(phase, clock, code string, ns ...int64) results.Interval {
		return results.Interval{Phase: phase, Clock: clock, Code: code, H: histogram(ns...)}
	}
	lines := []results.Second{{
		T: t, Phase: "main", Planned: 10, Sent: 8, Done: 6, Good: 5, Failed: 1, Unfinished: 1, Dropped: 1, NotOffered: 1,
		FollowUps: results.Ledger{Planned: 3, Done: 2},
		Codes:     map[string]int64{"OK": 5, "isv.NO_AVAILABLE_NUMBER": 1, "timeout": 1},
		CodeClass: map[string]results.Class{"OK": results.ClassOK, "isv.NO_AVAILABLE_NUMBER": results.ClassBusiness, "timeout": results.ClassTransport},
		InFlight:  3 + t, Queued: 2, LateP99NS: 1e6, StallMaxNS: 3e6, CPU: 0.5, CPUOthers: 0.25, GCPauseNS: 2e6, RSSBytes: 1 << 20,
	}}
	good := []int64{1e6, 2e6, 3e6, 4e6, 100e6}
	intervals := []results.Interval{
		iv("main", "response", results.CodeGood, good...), iv("main", "response", "OK", good...),
		iv("main", "response", "isv.NO_AVAILABLE_NUMBER", 7e6), iv("main", "response", "timeout", 10e9), iv("main", results.ClockBound, "timeout", 10e9),
		iv("main", results.ClockBound, "dropped", 5e9), iv("main", results.ClockBound, "unfinished", 3e9),
		iv("main", "service", results.CodeAll, 1e6, 2e6, 3e6, 4e6, 100e6, 7e6), iv("main", "service", "OK", good...),
		iv("followups", "response", results.CodeGood, 1e6), iv("followups", "response", "OK", 1e6), iv("followups", "response", "refused", 2e6),
		iv("followups", "lag", results.CodeAll, 0, 100), iv("followups", "service", results.CodeAll, 1e6),
	}
	for _, clock := range []string{"lag", "queued", "connect", "late", "sign", "tls", "write", "wait", "read"} {
		intervals = append(intervals, iv("main", clock, results.CodeAll, 0, 20e3, 30e3))
	}
	return lines, intervals
}

// filled is a run after n seconds.
func filled(t testing.TB, n int64) *Run {
	t.Helper()
	run := NewRun(RunConfig{Run: newRun(), ID: "demo-0001", Violations: func() []results.Violation {
		return []results.Violation{{Clause: "RSP-1", Level: "MUST", Count: 3, Checked: 60}}
	}})
	for s := range n {
		lines, intervals := second(s)
		if err := run.AppendSecond(began.Add(time.Duration(s)*time.Second), began.Add(time.Duration(s+1)*time.Second), lines, intervals); err != nil {
			t.Fatal(err)
		}
		for _, iv := range intervals {
			iv.H.Reset() // as the recorder does
		}
	}
	return run
}

// series names a sample by metric and labels.
func series(s *Sample) string {
	var labels []string
	for _, l := range s.Labels {
		labels = append(labels, l.Name+"="+l.Value)
	}
	slices.Sort(labels)
	return strings.TrimPrefix(s.Name, prefix) + "{" + strings.Join(labels, ",") + "}"
}

// TestRunCounts: after two seconds there is twice what one second holds, histograms that were reset included.
func TestRunCounts(t *testing.T) {
	run := filled(t, 2)
	run.Finish(results.VerdictFail, results.ExitSLO)
	got := map[string]Sample{}
	for _, s := range run.Samples() {
		if _, twice := got[series(&s)]; twice {
			t.Errorf("%s stands twice", series(&s))
		}
		got[series(&s)] = s
	}
	for name, want := range map[string]float64{
		"run_info{model=open,run=demo-0001,scenario=demo,seed=7,target=127.0.0.1:8080,version=1.2.3}": 1, "verdict_info{exit_code=3,verdict=fail}": 1,
		"start_time_seconds{}": float64(began.Unix()), "elapsed_seconds{}": 2, "current_phase{phase=main}": 1, "current_phase{phase=warm-up}": 0,
		"planned_calls_total{phase=main}": 20, "sent_calls_total{phase=main}": 16, "done_calls_total{phase=main}": 12, "good_calls_total{phase=main}": 10,
		"failed_calls_total{code=timeout,phase=main}": 2, "failed_calls_total{code=refused,phase=main}": 0, "unfinished_calls_total{phase=main}": 2,
		"dropped_calls_total{phase=main}": 2, "not_offered_calls_total{phase=main}": 2, "planned_calls_total{phase=warm-up}": 0,
		"calls_total{class=ok,code=OK,phase=main}": 10, "calls_total{class=business,code=isv.NO_AVAILABLE_NUMBER,phase=main}": 2,
		"calls_total{class=transport,code=timeout,phase=main}": 2, "calls_total{class=ok,code=OK,phase=warm-up}": 0,
		"planned_calls_total{phase=followups}": 6, "done_calls_total{phase=followups}": 4, "good_calls_total{phase=followups}": 2, "sent_calls_total{phase=followups}": 4,
		"calls_total{class=ok,code=OK,phase=followups}": 2, "calls_total{class=transport,code=refused,phase=followups}": 2, "failed_calls_total{code=refused,phase=followups}": 2,
		"violations_total{clause=RSP-1,level=MUST}": 3, "checked_total{clause=RSP-1,level=MUST}": 60,
		"in_flight_calls{}": 4, "queued_calls{}": 2, "late_p99_seconds{}": 0.001, "stall_seconds{}": 0.003, "cpu_cores{}": 0.5, "other_cpu_cores{}": 0.25, "gc_pause_seconds{}": 0.002, "resident_memory_bytes{}": 1 << 20,
	} {
		if s, ok := got[name]; !ok || s.Value != want {
			t.Errorf("%s is %v (there: %v), want %v", name, s.Value, ok, want)
		}
	}
	for name, want := range map[string]struct {
		count    uint64
		sum      float64
		min, max float64
	}{
		"response_seconds{phase=main}": {10, 0.22, 0.001, 0.1}, "offered_seconds{phase=main}": {16, 36.22, 0.001, 10}, "service_seconds{phase=main}": {12, 0.234, 0.001, 0.1},
		"code_response_seconds{code=OK,phase=main}": {10, 0.22, 0.001, 0.1}, "code_response_seconds{code=timeout,phase=main}": {2, 20, 10, 10},
		"bound_seconds{end=dropped,phase=main}": {2, 10, 5, 5}, "bound_seconds{end=unfinished,phase=main}": {2, 6, 3, 3}, "bound_seconds{end=timeout,phase=main}": {2, 20, 10, 10},
		"late_seconds{phase=main}": {6, 100e-6, 0, 30e-6}, "tls_seconds{phase=main}": {6, 100e-6, 0, 30e-6}, "response_seconds{phase=followups}": {2, 0.002, 0.001, 0.001},
	} {
		s, ok := got[name]
		if !ok || s.Count != want.count || math.Abs(s.Sum-want.sum) > 1e-12 || s.Exponential.Min != want.min || s.Exponential.Max != want.max {
			t.Errorf("%s: %+v %+v, want %+v", name, s, s.Exponential, want)
		}
	}
}

// TestNothingYet: a scrape before the first second has every phase and documented code, and no verdict.
func TestNothingYet(t *testing.T) {
	run := NewRun(RunConfig{Run: newRun(), ID: "x"})
	zeros := 0
	for _, s := range run.Samples() {
		if s.Name == prefix+"verdict_info" {
			t.Error("a verdict before the end")
		}
		if s.Kind == Counter {
			if zeros++; s.Value != 0 || !s.Start.Equal(began) {
				t.Errorf("%s is %v since %v", series(&s), s.Value, s.Start)
			}
		}
	}
	if zeros < 30 {
		t.Errorf("only %d counters", zeros)
	}
	status, text, _ := scrape(t, run.Samples()...)
	if status != 200 {
		t.Error(text)
	}
}

// TestStart: the run begins when its first second does, however long it took to get there.
func TestStart(t *testing.T) {
	run := NewRun(RunConfig{Run: newRun()})
	lines, intervals := second(2) // nothing happened in the two before
	_ = run.AppendSecond(began.Add(5*time.Second), began.Add(6*time.Second), lines, intervals)
	for _, s := range run.Samples() {
		if s.Name == prefix+"elapsed_seconds" && s.Value != 3 || s.Kind == Counter && !s.Start.Equal(began.Add(3*time.Second)) {
			t.Errorf("%s is %v since %v", series(&s), s.Value, s.Start)
		}
	}
}

// TestForeignNames: a phase that nobody announced is counted, and what is no UTF-8 does not break a scrape.
func TestForeignNames(t *testing.T) {
	run := NewRun(RunConfig{Run: newRun(), ID: "\xff"})
	_ = run.AppendSecond(began, began, []results.Second{{Phase: "new", Planned: 4, Done: 4, Codes: map[string]int64{"a\xff": 1, "a\xfe": 2, "a\"\n": 1}}},
		[]results.Interval{{Phase: "new", Clock: "response", Code: "a\xff", H: histogram(1)}, {Phase: "new", Clock: "response", Code: "a\xfe", H: histogram(1)}})
	status, text, _ := scrape(t, run.Samples()...)
	for _, line := range []string{`axbench_planned_calls_total{phase="new"} 4`, `axbench_calls_total{class="",code="a�",phase="new"} 3`,
		`axbench_calls_total{class="",code="a\"\n",phase="new"} 1`, `axbench_code_response_seconds_count{code="a�",phase="new"} 2`} {
		if status != 200 || !strings.Contains(text, line+"\n") {
			t.Errorf("%d, no line %s in\n%s", status, line, text)
		}
	}
}

// TestTargetHost: the label names the host, and nothing of a URL that could be a key.
func TestTargetHost(t *testing.T) {
	for target, want := range map[string]string{"emulator": "emulator", "http://127.0.0.1:80/x?AccessKeyId=k": "127.0.0.1:80", "https://u:p@dypls.example.com/": "dypls.example.com"} {
		if got := targetHost(target); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}

// TestDocumented: the list for people and what is shown are the same metrics with the same labels.
func TestDocumented(t *testing.T) {
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^//\t(axbench_[a-z0-9_]+)(\{[a-z_,]+\})? `).FindAllStringSubmatch(string(source), -1) {
		listed[m[1]] = m[2]
	}
	shown := map[string]string{}
	run := filled(t, 1)
	run.Finish(results.VerdictPass, 0)
	for _, s := range run.Samples() {
		var names []string
		for _, l := range s.Labels {
			names = append(names, l.Name)
		}
		labels := ""
		if len(names) > 0 {
			labels = "{" + strings.Join(names, ",") + "}"
		}
		if before, ok := shown[s.Name]; ok && before != labels {
			t.Errorf("%s has labels %s and %s", s.Name, before, labels)
		}
		shown[s.Name] = labels
	}
	for name, labels := range shown {
		if listed[name] != labels {
			t.Errorf("%s%s is listed with labels %q", name, labels, listed[name])
		}
	}
	if len(shown) != len(listed) || len(shown) < 35 {
		t.Errorf("%d metrics are shown and %d listed", len(shown), len(listed))
	}
}

// quantile reads exponential buckets as a rank statistic: the bounds of the bucket that the value of that rank is in.
func (e *Exponential) quantile(rank int64) (from, to float64) {
	rank -= int64(e.Zero)
	if rank <= 0 {
		return 0, e.ZeroUpTo
	}
	var places []int
	for i := range e.Buckets {
		places = append(places, i)
	}
	slices.Sort(places)
	width := math.Exp2(-float64(e.Schema))
	for _, i := range places {
		if rank -= e.Buckets[i]; rank <= 0 {
			return math.Exp2(float64(i-1) * width), math.Exp2(float64(i) * width)
		}
	}
	return math.Inf(1), math.Inf(1)
}

// TestSpread: whatever is recorded, in however many seconds, no value is lost, the sum is exact, and every quantile is in the
// bucket that the HDR histogram's is in, to the resolution of that.
func TestSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, s := results.NewHistogram(), &spread{}
		sum := int64(0)
		for range rapid.IntRange(1, 4).Draw(t, "seconds") {
			h := results.NewHistogram()
			for range rapid.IntRange(1, 300).Draw(t, "values") {
				ns := int64(math.Exp2(rapid.Float64Range(0, 41.7).Draw(t, "log"))) // to 1 h: beyond that there is only the maximum
				h.Record(ns)
				all.Record(ns)
				sum += ns
			}
			s.add(h)
		}
		var sample Sample
		s.into(&sample)
		e, buckets := sample.Exponential, int64(0)
		for _, n := range e.Buckets {
			buckets += n
		}
		if int64(sample.Count) != all.Count() || int64(e.Zero)+buckets != all.Count() || len(e.Buckets) > mostBuckets || math.Abs(sample.Sum*1e9-float64(sum)) > float64(sum)*1e-15 {
			t.Fatalf("%d values, %d in buckets, sum %v; want %d, %d", sample.Count, int64(e.Zero)+buckets, sample.Sum, all.Count(), sum)
		}
		for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.99, 1} {
			ns := all.Quantile(q)
			from, to := e.quantile(results.Rank(q, all.Count()))
			slack := 1.001 // an HDR bucket is at most 1/1024 wide
			if v := float64(ns); v > to*1e9*slack+512 || v < from*1e9/slack-512 {
				t.Fatalf("quantile %v: %d ns is not in (%v, %v] s of schema %d", q, ns, from, to, e.Schema)
			}
		}
	})
}

// TestBuckets: where values go, and how buckets are joined when they are too many.
func TestBuckets(t *testing.T) {
	for ns, want := range map[int64]int{1e9: 0, 1e9 + 1: 1, 2e9: 32, 5e8: -32, 5e8 + 1: -31, 512: -668} {
		if got := bucketOf(ns); got != want {
			t.Errorf("%d ns: bucket %d, want %d", ns, got, want)
		}
	}
	var s spread
	s.add(histogram(0, 511, 512, 1e13))
	if s.zero != 2 || len(s.buckets) != 2 || s.classic[len(classicNS)] != 1 {
		t.Errorf("%+v", s)
	}
	h := results.NewHistogram()
	h.Buckets(func(_, to, _ int64) { t.Error("an empty histogram has a bucket to", to) })
	histogram(0).Buckets(func(_, to, _ int64) {
		if to != zeroNS {
			t.Errorf("the lowest bucket ends at %d, not at %d", to, zeroNS)
		}
	})
	e := &Exponential{Schema: 5, Buckets: map[int]int64{-3: 1, -2: 2, -1: 4, 0: 8, 1: 16, 2: 32, 3: 64}}
	e.limit(4)
	if want := map[int]int64{-1: 3, 0: 12, 1: 48, 2: 64}; e.Schema != 4 || fmt.Sprint(e.Buckets) != fmt.Sprint(want) {
		t.Errorf("schema %d, %v; want 4, %v", e.Schema, e.Buckets, want)
	}
	e.limit(0)
	if e.Schema != coarseSchema {
		t.Errorf("schema %d", e.Schema)
	}
}
