package results

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

var start = time.Date(2026, 3, 4, 5, 6, 7, 890_000_000, time.UTC)

// newRun returns a run of one warm-up and one recorded phase, as it is known at its start.
func newRun() *Run {
	codes := []Code{{Code: "OK", Class: ClassOK, Documented: true, TextEN: "request successful"},
		{Code: "isv.BIND_CONFLICT", Class: ClassBusiness, Documented: true, TextZH: "绑定冲突"}}
	return &Run{
		Version: "test", Scenario: "sample", Seed: 7, Model: ModelOpen, Started: start, Target: Target{URL: "emulator"},
		Phases: []Phase{
			{Name: "warm-up", Model: ModelOpen, Shape: "constant 10/s", Ledger: Ledger{Planned: 10}, DurationNS: 1e9, Codes: append([]Code(nil), codes...)},
			{Name: "main", Recorded: true, Model: ModelOpen, Shape: "constant 10/s", Ledger: Ledger{Planned: 40}, DurationNS: 4e9, Codes: append([]Code(nil), codes...)},
		},
	}
}

// second returns one second of newRun: 10 arrivals, of which one is refused, one conflicts and one has no code listed.
func second(t int64) ([]Second, []Interval) {
	phase := "main"
	if t == 0 {
		phase = "warm-up"
	}
	ok := NewHistogram()
	for i := range int64(7) {
		ok.Record((5 + i + t) * ms)
	}
	conflict, odd, refused := recorded(3*ms), recorded(4*ms), recorded(ms/2)
	late := recorded(50_000, 60_000, 70_000, 80_000)
	line := Second{T: t, Phase: phase, Planned: 10, Sent: 9, Done: 9, Good: 7, Failed: 1, DoneInside: 9, GoodInside: 7,
		Classes:   map[Class]int64{ClassOK: 7, ClassBusiness: 1, ClassGateway: 1, ClassTransport: 1},
		Codes:     map[string]int64{"OK": 7, "isv.BIND_CONFLICT": 1, "Throttling.User": 1, CodeRefused: 1},
		CodeClass: map[string]Class{"Throttling.User": ClassGateway}, InFlight: 3, LateMaxNS: 80_000, RSSBytes: 1 << 20}
	if t > 0 {
		line.FollowUps = Ledger{Planned: 2, Done: 1}
	}
	intervals := []Interval{
		{phase, "response", CodeGood, ok}, {phase, "response", "OK", ok}, {phase, "response", "isv.BIND_CONFLICT", conflict},
		{phase, "response", "Throttling.User", odd}, {phase, "response", CodeRefused, refused},
		{phase, "service", CodeAll, ok}, {phase, "service", "OK", ok}, {phase, "late", CodeAll, late}, {phase, "tls", CodeAll, NewHistogram()},
	}
	if t > 0 {
		intervals = append(intervals, Interval{FollowUpPhase, "response", "OK", recorded(2 * ms)}, Interval{FollowUpPhase, "response", CodeGood, recorded(2 * ms)},
			Interval{FollowUpPhase, "lag", CodeAll, recorded(ms / 10)})
	}
	return []Second{line}, intervals
}

// write makes a run directory that holds the given number of seconds and was never finished.
func write(t testing.TB, seconds int64) (string, *Writer) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	w, err := Create(dir, newRun())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	for s := range seconds {
		lines, intervals := second(s)
		at := start.Add(time.Duration(s) * time.Second)
		if err := w.AppendSecond(at, at.Add(time.Second), lines, intervals); err != nil {
			t.Fatal(err)
		}
	}
	return dir, w
}

// finished returns the run as a runner would account for it after three seconds and an orderly end.
func finished() *Run {
	run := newRun()
	ended := start.Add(5 * time.Second)
	exit := ExitPass
	run.Ended, run.ExitCode, run.Verdict = &ended, &exit, VerdictPass
	for i := range run.Phases {
		p := &run.Phases[i]
		n := int64(1 + i)
		p.Ledger = Ledger{Planned: 10 * n, Done: 9 * n, Failed: n}
		p.Sent, p.Good, p.DoneInside, p.GoodInside, p.DurationNS, p.ElapsedNS = 9*n, 7*n, 9*n, 7*n, n*1e9, n*1e9
		p.Codes[0].Count, p.Codes[0].HTTPStatus = 7*n, []int{200}
		p.Codes[1].Count, p.Codes[1].HTTPStatus = n, []int{200}
		p.Codes = append(p.Codes, Code{Code: "Throttling.User", Class: ClassGateway, Documented: true, Count: n, HTTPStatus: []int{400}},
			Code{Code: CodeRefused, Class: ClassTransport, Count: n})
	}
	run.FollowUps = Phase{Name: FollowUpPhase, Model: ModelOpen, Ledger: Ledger{Planned: 2, Done: 2}, Good: 2, ElapsedNS: 3e9}
	return run
}

func TestFinishedRunReadsBack(t *testing.T) {
	dir, w := write(t, 3)
	for i := range 3 {
		line, err := w.AppendEvidence(&Evidence{Time: start, Phase: "main", Code: "OK", Request: "GET /?a=1&b=<2>"})
		if err != nil || line != i+1 {
			t.Fatalf("evidence %d went to line %d, %v", i+1, line, err)
		}
	}
	rec := w.Record(finished())
	rec.Summarise()
	if err := errors.Join(w.Finish(&rec.Run), w.Close()); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if asJSON(t, opened.Run) != asJSON(t, rec.Run) {
		t.Errorf("read %s\nwrote %s", asJSON(t, opened.Run), asJSON(t, rec.Run))
	}
	checkFigures(t, &opened.Run)
	evidence, err := opened.Evidence()
	if err != nil || len(evidence) != 3 || evidence[2].Request != "GET /?a=1&b=<2>" {
		t.Errorf("evidence %+v, %v", evidence, err)
	}
	if seconds, err := opened.Timeline(); err != nil || len(seconds) != 3 || seconds[1].Codes["OK"] != 7 {
		t.Errorf("timeline %+v, %v", seconds, err)
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func checkFigures(t *testing.T, run *Run) {
	t.Helper()
	main, total := &run.Phases[1], &run.Totals
	response := main.Latency["response"]
	if response.Count != 14 || response.Min != 6*ms || response.Max != 13*ms || !near(response.P50, 9*ms) {
		t.Errorf("response of main: %+v", response)
	}
	if got := total.Latency["response"]; got.Count != 21 || got.Min != 5*ms {
		t.Errorf("response of all phases: %+v", got)
	}
	if got := main.Latency["late"]; got.Count != 8 || got.Max != 80_000 {
		t.Errorf("late: %+v", got)
	}
	if _, ok := main.Latency["tls"]; ok {
		t.Error("a clock that never ran has figures")
	}
	if c := main.Codes[1]; c.Code != "isv.BIND_CONFLICT" || c.Share != 0.1 || c.Response.Count != 2 || c.Response.Min != 3*ms || c.Service.Count != 0 {
		t.Errorf("code %+v", c)
	}
	if main.Rate.Planned == nil || *main.Rate.Planned != 10 || main.Rate.Sent != 9 || main.Rate.Good != 7 {
		t.Errorf("rate %+v", main.Rate)
	}
	if total.Planned != 30 || total.Done != 27 || total.Failed != 3 || total.Good != 21 || total.Recorded || total.Codes[0].Count != 21 {
		t.Errorf("totals %+v", total)
	}
	if got := run.FollowUps.Latency["response"]; got.Count != 2 || run.FollowUps.Rate.Planned != nil {
		t.Errorf("follow-ups: %+v, rate %+v", got, run.FollowUps.Rate)
	}
	if g := run.Generator; g.LateMaxNS != 80_000 || !near(g.LateP99NS, 80_000) || g.Overflow != 0 {
		t.Errorf("generator %+v", g)
	}
}

// Other tools must be able to read the intervals: the library's own reader stands for them.
func TestForeignReaderReadsTheLog(t *testing.T) {
	dir, _ := write(t, 2)
	f, err := os.Open(filepath.Join(dir, IntervalFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := hdr.NewHistogramLogReader(f)
	found := map[string]int64{}
	for {
		h, err := r.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		found[h.Tag()] += h.TotalCount()
		if h.Tag() == "main|response|good" {
			wantStart := start.Add(time.Second).UnixMilli()
			if d := h.StartTimeMs() - wantStart; d < -1 || d > 1 || h.EndTimeMs()-h.StartTimeMs() < 999 || h.EndTimeMs()-h.StartTimeMs() > 1001 {
				t.Errorf("interval from %d to %d, want %d", h.StartTimeMs(), h.EndTimeMs(), wantStart)
			}
			if !near(h.ValueAtPercentile(50), 9*ms) {
				t.Errorf("median %d", h.ValueAtPercentile(50))
			}
		}
	}
	if found["main|response|good"] != 7 || found["warm-up|response|good"] != 7 || found["followups|response|OK"] != 1 || found["main|tls|all"] != 0 {
		t.Errorf("read %v", found)
	}
}

func TestIntervalMaxIsInMilliseconds(t *testing.T) {
	dir, _ := write(t, 2)
	data, err := os.ReadFile(filepath.Join(dir, IntervalFile))
	if err != nil {
		t.Fatal(err)
	}
	if want := "\nTag=main|response|good,1.000,1.000,12.000000,HISTFAAA"; !strings.Contains(string(data), want) {
		t.Errorf("no %q in\n%s", want, data)
	}
}

func TestExactFiguresAndOverflowSurvive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	w, err := Create(dir, newRun())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	h := recorded(1_234_567, 7_654_321, 2*HighestNS)
	only := recorded(5 * HighestNS)
	err = w.AppendSecond(start, start.Add(time.Second), []Second{{Phase: "main"}},
		[]Interval{{"main", "response", CodeGood, h}, {"main", "response", "OK", only}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(finished()); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := rec.Histogram("main", "response", CodeGood).Summary(); !equal(got, h.Summary()) {
		t.Errorf("read %+v, wrote %+v", got, h.Summary())
	}
	if got := rec.Histogram("main", "response", "OK"); got.Count() != 1 || got.Overflow() != 1 || got.Max() != 5*HighestNS {
		t.Errorf("an interval of nothing but overflow: %+v", got.Summary())
	}
	rec.Summarise()
	if rec.Run.Generator.Overflow != 1 {
		t.Errorf("overflow of the run is %d, want that of the good answers alone", rec.Run.Generator.Overflow)
	}
}

func TestHistogramPicksPhases(t *testing.T) {
	_, w := write(t, 3)
	rec := w.Record(newRun())
	for phase, want := range map[string]int64{"": 14, AllPhases: 21, "warm-up": 7, "main": 14} {
		if got := rec.Histogram(phase, "response", CodeGood).Count(); got != want {
			t.Errorf("phase %q holds %d, want %d", phase, got, want)
		}
	}
	if rec.Histogram("main", "response", "isv.FLOW_LIMIT") != nil || rec.Histogram("other", "response", "OK") != nil {
		t.Error("a histogram of nothing")
	}
}

func TestWriterRefuses(t *testing.T) {
	dir, w := write(t, 1)
	if _, err := Create(dir, newRun()); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a second run went into the same directory: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AppendEvidence(&Evidence{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("evidence after Close: %v", err)
	}
	if err := w.AppendSecond(start, start, nil, nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a second after Close: %v", err)
	}
	err := w.AppendSecond(start, start, nil, []Interval{{"main", "", "OK", recorded(1)}})
	if err == nil || !strings.Contains(err.Error(), "without a name") {
		t.Errorf("an interval without a clock was written: %v", err)
	}
}

// A run may be written before it is judged: its own counts stand then, and only the verdict is missing.
func TestEndedRunWithoutAVerdict(t *testing.T) {
	dir, w := write(t, 3)
	run := finished()
	run.ExitCode, run.Verdict = nil, ""
	if err := errors.Join(w.Close(), w.Finish(run), w.Close()); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c := rec.Run.Phases[1].Codes[0]; rec.Run.Verdict != VerdictPartial || rec.Run.ExitCode != nil || c.Count != 14 || len(c.HTTPStatus) != 1 {
		t.Errorf("verdict %s, exit code %v, code %+v", rec.Run.Verdict, rec.Run.ExitCode, c)
	}
	rec.Summarise()
	checkFigures(t, &rec.Run)
}

func TestEvidenceFromManyGoroutines(t *testing.T) {
	dir, w := write(t, 1)
	var wg sync.WaitGroup
	var mu sync.Mutex
	lines := map[int]string{}
	for _, code := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			for range 25 {
				line, err := w.AppendEvidence(&Evidence{Code: code, Answer: strings.Repeat("x", 4096)})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				lines[line] = code
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	list, err := (&Record{Dir: dir}).Evidence()
	if err != nil || len(list) != 100 || len(lines) != 100 {
		t.Fatalf("%d lines, %d numbers, %v", len(list), len(lines), err)
	}
	for i, e := range list {
		if lines[i+1] != e.Code {
			t.Fatalf("line %d holds %q, its writer was told %q", i+1, e.Code, lines[i+1])
		}
	}
}

func TestWriteFileLeavesOldOrNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "missing", "f"), []byte("x"), 0o644); err == nil {
		t.Error("wrote into a directory that is not there")
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "d"), []byte("x"), 0o644); err == nil {
		t.Error("replaced a directory")
	}
	if err := WriteFile(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	entries, _ := os.ReadDir(dir)
	if err != nil || string(data) != "new" || len(entries) != 2 {
		t.Errorf("%q, %v; the directory holds %v", data, err, entries)
	}
}

func readFileLines(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []string
	for s := bufio.NewScanner(f); s.Scan(); {
		list = append(list, s.Text())
	}
	return list
}
