package report

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"axbench/results"
)

// A sample is a run that never was: its run directory is made through the writer of results, with numbers from a
// seeded generator, and committed below testdata/runs. go test ./report -update makes them and the golden texts anew.
type sample struct {
	name    string
	phases  []samplePhase
	before  func(run *results.Run)                      // what the run was
	after   func(run *results.Run, rec *results.Record) // how it was judged; nil leaves it partial
	samples []results.Evidence
}

// samplePhase makes n calls, evenly over its seconds.
type samplePhase struct {
	name     string
	warmup   bool
	model    string
	shape    string
	seconds  int
	n        int
	codes    []sampleCode // the first one takes what the others leave
	latency  func(r *rand.Rand, i int) time.Duration
	queued   func(i int) time.Duration
	timeouts int // the last ones of the phase, as are those that follow
	dropped  int
	missed   int // not offered
	cut      int // not offered behind them, when the run was stopped

	unknown int // before all of those: nobody knows how they ended
}

type sampleCode struct {
	code     string
	class    results.Class
	zh, en   string
	status   int
	n        int
	expected bool
}

var (
	codeOK       = sampleCode{code: "OK", class: results.ClassOK, zh: "请求成功", en: "request succeeded", status: 200}
	codeConflict = sampleCode{code: "isv.BIND_CONFLICT", class: results.ClassBusiness, zh: "绑定冲突", en: "binding conflict", status: 200}
	codeNumber   = sampleCode{code: "isv.MOBILE_NUMBER_ILLEGAL", class: results.ClassBusiness, zh: "号码格式非法", en: "illegal number format", status: 200}
	codeFlow     = sampleCode{code: "isv.FLOW_LIMIT", class: results.ClassBusiness, zh: "业务流控", en: "flow limit of the service", status: 200}
	codeSystem   = sampleCode{code: "isp.SYSTEM_ERROR", class: results.ClassBusiness, zh: "系统错误", en: "system error", status: 200}
	documented   = []sampleCode{codeOK, codeSystem, codeFlow, codeNumber, codeConflict}
)

func (c sampleCode) times(n int) sampleCode { c.n = n; return c }
func (c sampleCode) asked() sampleCode      { c.expected = true; return c }

// lognormal draws latencies by their median and p99.
func lognormal(median, p99 time.Duration) func(*rand.Rand, int) time.Duration {
	sigma := math.Log(float64(p99)/float64(median)) / 2.326
	return func(r *rand.Rand, _ int) time.Duration {
		return time.Duration(float64(median) * math.Exp(sigma*r.NormFloat64()))
	}
}

var sampleStart = time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)

// build writes the run directory of s below dir.
func (s *sample) build(t *testing.T, dir string) {
	t.Helper()
	dir = filepath.Join(dir, s.name)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	run := &results.Run{
		Version: "0.1.0", Scenario: s.name, Digest: "3f1c6a0d9e5b7c2a", Seed: 42, Model: results.ModelOpen, Started: sampleStart,
		Target: results.Target{URL: "emulator", Method: "GET", Signature: "v1", Format: "JSON", Document: "2019-01"},
		Host:   results.Host{OS: "linux", Arch: "amd64", Cores: 2, Go: "go1.26.0", Clock: "timerfd"},
	}
	for _, ph := range s.phases {
		p := results.Phase{Name: ph.name, Recorded: !ph.warmup, Model: ph.model, Shape: ph.shape,
			DurationNS: int64(ph.seconds) * int64(time.Second), ElapsedNS: int64(ph.seconds) * int64(time.Second)}
		p.Planned = int64(ph.n)
		for _, c := range documented {
			p.Codes = append(p.Codes, results.Code{Code: c.code, Class: c.class, Documented: true, TextZH: c.zh, TextEN: c.en})
		}
		if p.Model == "" {
			p.Model = results.ModelOpen
		}
		run.Phases = append(run.Phases, p)
	}
	if s.before != nil {
		s.before(run)
	}
	w, err := results.Create(dir, run)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for i := range s.samples {
		if _, err := w.AppendEvidence(&s.samples[i]); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(7, 11))
	second := 0
	for i := range s.phases {
		second = s.phases[i].write(t, w, r, &run.Phases[i], second)
	}
	if s.after == nil {
		return
	}
	rec := w.Record(run)
	rec.Summarise()
	ended := sampleStart.Add(time.Duration(second)*time.Second + 210*time.Millisecond)
	rec.Run.Ended = &ended
	rec.Run.Generator.CPUPerCallUS, rec.Run.Generator.CPUCores, rec.Run.Generator.RSSMaxBytes = 24.6, 0.02, 41<<20
	rec.Run.Generator.MaxInFlight, rec.Run.Generator.Limit, rec.Run.Generator.Connections = 17, 500, 18
	rec.Run.Generator.GCPauseMaxNS, rec.Run.Generator.Valid = 180_000, true
	s.after(&rec.Run, rec)
	if err := w.Finish(&rec.Run); err != nil {
		t.Fatal(err)
	}
}

// write makes the calls of the phase and appends its seconds from second on.
func (ph *samplePhase) write(t *testing.T, w *results.Writer, r *rand.Rand, p *results.Phase, second int) int {
	t.Helper()
	for s := range ph.seconds {
		line := results.Second{T: int64(second), Phase: ph.name, Codes: map[string]int64{}, Classes: map[results.Class]int64{},
			CodeClass: map[string]results.Class{}, InFlight: 4, CPU: 0.02}
		hs := map[[2]string]*results.Histogram{}
		record := func(clock, code string, d time.Duration) {
			key := [2]string{clock, code}
			if hs[key] == nil {
				hs[key] = results.NewHistogram()
			}
			hs[key].Record(int64(d))
		}
		for i := s * ph.n / ph.seconds; i < (s+1)*ph.n/ph.seconds; i++ {
			line.Planned++
			ph.call(r, i, p, &line, record)
		}
		if s == ph.seconds-1 {
			line.Planned, line.NotOffered = line.Planned+int64(ph.cut), line.NotOffered+int64(ph.cut)
			p.Planned, p.NotOffered = p.Planned+int64(ph.cut), p.NotOffered+int64(ph.cut)
		}
		var intervals []results.Interval
		for _, clock := range append(results.Clocks[:], results.ClockBound) {
			for key, h := range hs {
				if key[0] == clock {
					intervals = append(intervals, results.Interval{Phase: ph.name, Clock: key[0], Code: key[1], H: h})
				}
			}
		}
		start := sampleStart.Add(time.Duration(second) * time.Second)
		if err := w.AppendSecond(start, start.Add(time.Second), []results.Second{line}, intervals); err != nil {
			t.Fatal(err)
		}
		second++
	}
	return second
}

// call makes call i of the phase.
func (ph *samplePhase) call(r *rand.Rand, i int, p *results.Phase, line *results.Second, record func(clock, code string, d time.Duration)) {
	switch left := ph.n - i; {
	case left <= ph.missed:
		p.NotOffered++
		line.NotOffered++
		return
	case left <= ph.missed+ph.dropped:
		p.Dropped++
		line.Dropped++
		record(results.ClockBound, results.CodeDropped, 10*time.Second)
		return
	case left <= ph.missed+ph.dropped+ph.timeouts:
		p.Sent++
		p.Failed++
		line.Sent++
		line.Failed++
		ph.count(p, sampleCode{code: results.CodeTimeout, class: results.ClassTransport, en: "the deadline over the whole answer passed"}, line)
		record(results.ClockBound, results.CodeTimeout, 10*time.Second+time.Millisecond)
		return
	}
	if ph.n-i <= ph.missed+ph.dropped+ph.timeouts+ph.unknown {
		p.Sent++
		p.Unfinished++
		line.Sent++
		line.Unfinished++
		record(results.ClockBound, results.CodeUnfinished, time.Second)
		return
	}
	c := ph.codes[0]
	at := i
	for _, other := range ph.codes[1:] {
		if at < other.n {
			c = other
			break
		}
		at -= other.n
	}
	service := ph.latency(r, i)
	late := time.Duration(20+r.IntN(60)) * time.Microsecond
	queued := time.Duration(0)
	if ph.queued != nil {
		queued = ph.queued(i)
	}
	p.Sent++
	line.Sent++
	ph.count(p, c, line)
	if c.class == results.ClassTransport {
		p.Failed++
		line.Failed++
		return
	}
	p.Done++
	p.DoneInside++
	line.Done++
	line.DoneInside++
	good := c.class == results.ClassOK || c.expected
	if good {
		p.Good++
		p.GoodInside++
		line.Good++
		line.GoodInside++
		record("response", results.CodeGood, service+late+queued)
	}
	record("response", c.code, service+late+queued)
	record("service", c.code, service)
	for clock, d := range map[string]time.Duration{"service": service, "lag": late + queued, "queued": queued, "late": late, "sign": 4 * time.Microsecond,
		"write": 12 * time.Microsecond, "wait": service * 9 / 10, "read": 9 * time.Microsecond} {
		record(clock, results.CodeAll, d)
	}
}

// count books one answer with code c.
func (ph *samplePhase) count(p *results.Phase, c sampleCode, line *results.Second) {
	line.Codes[c.code]++
	line.Classes[c.class]++
	line.CodeClass[c.code] = c.class
	at := -1
	for i := range p.Codes {
		if p.Codes[i].Code == c.code {
			at = i
		}
	}
	if at < 0 {
		at = len(p.Codes)
		p.Codes = append(p.Codes, results.Code{Code: c.code, Class: c.class, TextZH: c.zh, TextEN: c.en})
	}
	p.Codes[at].Count++
	if c.expected {
		p.Codes[at].Expected++
	}
	if c.status > 0 && len(p.Codes[at].HTTPStatus) == 0 {
		p.Codes[at].HTTPStatus = []int{c.status}
	}
}
