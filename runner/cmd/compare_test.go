package cmd

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"axbench/results"
	"axbench/results/judge"

	"github.com/rogpeppe/go-internal/testscript"
)

// madeRun says what run directory scriptMakeRun makes.
type madeRun struct {
	name, verdict, model, url, code string
	median                          float64 // milliseconds, lognormal; p99 is four times the median
	lost                            float64 // share that times out
	seed, seconds, rate             int
	broken                          int64 // answers that broke a clause
}

// scriptMakeRun writes a whole run directory without a run: makerun DIR KEY=VALUE... Keys are those of madeRun.
func scriptMakeRun(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: makerun DIR KEY=VALUE...")
	}
	m := madeRun{name: "made", verdict: "pass", model: results.ModelOpen, url: "emulator", median: 20, seed: 1, seconds: 20, rate: 400}
	for _, a := range args[1:] {
		key, value, _ := strings.Cut(a, "=")
		number, err := strconv.ParseFloat(value, 64)
		texts := map[string]*string{"name": &m.name, "verdict": &m.verdict, "model": &m.model, "url": &m.url, "code": &m.code}
		floats := map[string]*float64{"median": &m.median, "lost": &m.lost}
		ints := map[string]*int{"seed": &m.seed, "seconds": &m.seconds, "rate": &m.rate}
		switch {
		case texts[key] != nil:
			*texts[key] = value
		case err != nil:
			ts.Fatalf("makerun: %s", a)
		case floats[key] != nil:
			*floats[key] = number
		case ints[key] != nil:
			*ints[key] = int(number)
		case key == "broken":
			m.broken = int64(number)
		default:
			ts.Fatalf("makerun: unknown %s", key)
		}
	}
	ts.Check(m.write(ts.MkAbs(filepath.FromSlash(args[0]))))
}

func (m *madeRun) write(dir string) error {
	started := time.Date(2026, 3, 4, 5, 6, 7+m.seed%50, 0, time.UTC)
	length := time.Duration(m.seconds) * time.Second
	run := &results.Run{Schema: results.Schema, Version: "1.0.0", Scenario: m.name, Digest: "d" + strconv.Itoa(m.seed), Seed: int64(m.seed), Model: m.model, Started: started,
		Target: results.Target{URL: m.url, Method: "GET", Signature: "v3", Format: "JSON", Document: "2019-01"},
		Phases: []results.Phase{{Name: "main", Recorded: true, Model: m.model, Shape: "constant " + strconv.Itoa(m.rate) + "/s", DurationNS: int64(length), ElapsedNS: int64(length),
			Codes: []results.Code{{Code: "OK", Class: results.ClassOK, Documented: true}}}}}
	w, err := results.Create(dir, run)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(m.seed), 1))
	for t := range m.seconds {
		if err := m.second(w, run, r, t); err != nil {
			return err
		}
	}
	ended := started.Add(length)
	run.Ended = &ended
	run.Violations = []results.Violation{{Clause: "RSP-9", Level: "MUST", Sentence: "made up", Count: m.broken, Checked: run.Phases[0].Done}}
	rec := w.Record(run)
	rec.Summarise()
	judge.Judge(rec, judge.Input{Rules: []judge.Rule{judge.MustParseRule("good >= 0%")}})
	rec.Run.Verdict = results.Verdict(m.verdict)
	if m.verdict == string(results.VerdictInvalid) {
		rec.Run.Generator.Valid = false
	} else {
		rec.Run.Generator.Valid, rec.Run.Generator.Why = true, nil
	}
	if err := w.Finish(&rec.Run); err != nil {
		return err
	}
	return w.Close()
}

// second appends one second of the run.
func (m *madeRun) second(w *results.Writer, run *results.Run, r *rand.Rand, t int) error {
	p := &run.Phases[0]
	line := results.Second{T: int64(t), Phase: "main", Planned: int64(m.rate), Sent: int64(m.rate), Classes: map[results.Class]int64{}, Codes: map[string]int64{}}
	good, bound, late := results.NewHistogram(), results.NewHistogram(), results.NewHistogram()
	sigma := math.Log(4) / 2.3263478740408408
	for range m.rate {
		late.Record(50_000)
		if r.Float64() < m.lost {
			bound.Record(10e9)
			line.Failed++
			line.Classes[results.ClassTransport]++
			line.Codes[results.CodeTimeout]++
			continue
		}
		good.Record(int64(m.median * math.Exp(sigma*r.NormFloat64()) * 1e6))
		line.Done++
		line.Classes[results.ClassOK]++
		line.Codes["OK"]++
	}
	line.Good, line.DoneInside, line.GoodInside = line.Done, line.Done, line.Done
	p.Planned, p.Sent = p.Planned+line.Planned, p.Sent+line.Sent
	p.Done, p.Good, p.DoneInside, p.GoodInside, p.Failed = p.Done+line.Done, p.Good+line.Good, p.DoneInside+line.Done, p.GoodInside+line.Done, p.Failed+line.Failed
	p.Codes[0].Count += line.Done
	if line.Failed > 0 {
		p.Codes = append(p.Codes[:1], results.Code{Code: results.CodeTimeout, Class: results.ClassTransport, Count: p.Failed})
	}
	if m.code != "" && t == 0 {
		p.Codes = append(p.Codes, results.Code{Code: m.code, Class: results.ClassUndocumented, Count: 2})
	}
	start := run.Started.Add(time.Duration(t) * time.Second)
	return w.AppendSecond(start, start.Add(time.Second), []results.Second{line}, []results.Interval{
		{Phase: "main", Clock: "response", Code: results.CodeGood, H: good}, {Phase: "main", Clock: "service", Code: results.CodeAll, H: good},
		{Phase: "main", Clock: results.ClockBound, Code: results.CodeTimeout, H: bound}, {Phase: "main", Clock: "late", Code: results.CodeAll, H: late}})
}
