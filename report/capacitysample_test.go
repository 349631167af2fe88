package report

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"axbench/results"
)

// A capacitySample is a search that never was, committed below testdata/capacity. go test ./report -update makes the files and the
// golden reports anew.
type capacitySample struct {
	name  string
	model capacityModel
	rates []float64 // of the probes, in their order
	end   func(c *results.Capacity)
}

// capacityModel is a target of which the answers are known.
type capacityModel struct {
	servers float64        // capacity in calls a second
	service time.Duration  // of a call
	code    string         // of what is beyond the capacity; "" makes calls wait
	invalid float64        // from this rate on the generator is the limit
	class   results.Class  // of code
	broken  map[int]string // probes whose codes are these
}

var capacitySamples = []capacitySample{
	{name: "saturation", model: capacityModel{servers: 490, service: 20 * time.Millisecond},
		rates: []float64{50, 100, 200, 400, 800, 490, 478, 484, 496, 484, 480},
		end: func(c *results.Capacity) {
			capacityEnd(c, results.VerdictPass, results.ExitPass, results.LimitSaturation, 480, 487, 495)
			c.Knee = &results.Knee{Rate: 478, P99NS: c.Curve[6].Offered.P99}
			c.Notes = []string{"the rule p99(offered) < 50ms in main was left out: each probe has one phase of its own"}
		}},
	{name: "throttle", model: capacityModel{servers: 300, service: 4 * time.Millisecond, code: "isv.FLOW_LIMIT", class: results.ClassBusiness},
		rates: []float64{50, 100, 200, 400, 300, 305, 297, 303, 299},
		end: func(c *results.Capacity) {
			capacityEnd(c, results.VerdictPass, results.ExitPass, results.LimitThrottle, 297, 300, 303)
		}},
	{name: "exhaustion", model: capacityModel{servers: 120, service: 3 * time.Millisecond, code: "isv.NO_AVAILABLE_NUMBER", class: results.ClassBusiness},
		rates: []float64{20, 40, 80, 160, 120, 118, 123, 119},
		end: func(c *results.Capacity) {
			capacityEnd(c, results.VerdictPass, results.ExitPass, results.LimitExhaustion, 118, 120, 122)
			c.Notes = []string{"a binding is held for 2s: each probe settles for that long before it is recorded"}
		}},
	{name: "generator", model: capacityModel{servers: 1e6, service: time.Millisecond, invalid: 30000},
		rates: []float64{5000, 10000, 20000, 40000, 36000, 28000},
		end: func(c *results.Capacity) {
			capacityEnd(c, results.VerdictInvalid, results.ExitInvalid, results.LimitGenerator, 28000, 0, 0)
		}},
	{name: "ceiling", model: capacityModel{servers: 1e6, service: 2 * time.Millisecond},
		rates: []float64{50, 100, 200, 250, 250},
		end: func(c *results.Capacity) {
			capacityEnd(c, results.VerdictPass, results.ExitPass, results.LimitCeiling, 250, 0, 0)
		}},
	{name: "not-held", model: capacityModel{servers: 20, service: 40 * time.Millisecond, broken: map[int]string{0: "isp.SYSTEM_ERROR"}},
		rates: []float64{50, 25},
		end: func(c *results.Capacity) {
			capacityEnd(c, results.VerdictFail, results.ExitSLO, results.LimitSaturation, 0, 0, 25)
			c.Reasons = append([]string{}, c.Curve[1].Reasons...)
		}},
	{name: "interrupted", model: capacityModel{servers: 490, service: 20 * time.Millisecond},
		rates: []float64{50, 100, 200, 400, 800, 490},
		end: func(c *results.Capacity) {
			capacityEnd(c, results.VerdictInterrupted, 130, results.LimitSaturation, 400, 0, 800)
			c.Reasons = []string{"the run was interrupted before its plan was done"}
			last := &c.Curve[len(c.Curve)-1]
			last.Pass, last.Verdict, last.Limit = nil, results.VerdictInterrupted, ""
			last.Reasons = []string{"the run was interrupted before its plan was done"}
		}},
}

// capacityEnd ends a search; 0 stands for what was not found.
func capacityEnd(c *results.Capacity, v results.Verdict, exit int, limit results.Limit, low, value, high float64) {
	some := func(f float64) *float64 {
		if f == 0 {
			return nil
		}
		return &f
	}
	c.Verdict, c.ExitCode, c.LimitedBy = v, &exit, limit
	c.Rate = results.CapacityRate{Low: some(low), Value: some(value), High: some(high), Confidence: 0.95}
	c.Plan = results.CapacityPlan{Rate: some(math.Round(low * 0.8)), Headroom: 0.2}
	ended := c.Started.Add(time.Duration(len(c.Curve)) * 7 * time.Second)
	c.Ended = &ended
}

// make searches.
func (s *capacitySample) make() *results.Capacity {
	c := &results.Capacity{
		Schema: results.CapacitySchema, Version: "0.2.0", Scenario: "bind-" + s.name, Seed: 42, Started: sampleStart,
		Target:  results.Target{URL: "emulator", Method: "GET", Signature: "v1", Format: "JSON", Document: "2019-01"},
		Host:    results.Host{OS: "linux", Arch: "amd64", Cores: 2, Go: "go1.26.0", Clock: "timerfd"},
		Command: []string{"axbench", "capacity", "bind-" + s.name, "--slo", "p99(offered) < 50ms"},
		Rules:   []string{"p99(offered) < 50ms", "good >= 99%"}, Verdict: results.VerdictPartial, Reasons: []string{}, Notes: []string{}, Curve: []results.Probe{},
	}
	for i, rate := range s.rates {
		c.Curve = append(c.Curve, s.model.probe(i, rate))
	}
	s.end(c)
	return c
}

// probe calls the target for five seconds.
func (m *capacityModel) probe(i int, rate float64) results.Probe {
	const elapsed = 5
	planned := int64(rate * elapsed)
	share := min(1, m.servers/rate)
	p := results.Probe{Step: i + 1, Stage: []string{"climb", "narrow", "repeat", "confirm"}[min(max(i-3, 0), 3)], Rate: rate, Dir: "", StartNS: int64(i) * 7e9, ElapsedNS: elapsed * 1e9,
		Verdict: results.VerdictPass, Pass: ptr(true), Reasons: []string{}, CPUCores: rate / 25000, LateP99NS: int64(80_000 + rate*20)}
	p.Dir = "probes/" + string("0123456789"[(i+1)/10]) + string("0123456789"[(i+1)%10])
	p.Planned, p.Done = planned, planned
	p50 := float64(m.service) * (1 + 0.4*min(rate/m.servers, 1))
	p99 := p50 * (1.15 + 0.35*math.Pow(min(rate/m.servers, 1), 12))
	good := share * rate
	ok := planned
	if share < 1 {
		p.Verdict, p.Pass = results.VerdictFail, ptr(false)
	}
	switch {
	case share < 1 && m.code == "":
		p.Limit = results.LimitSaturation
		wait := (1 - share) * elapsed * 1e9
		p50, p99 = p50+wait/2, p50+wait
		p.Reasons = []string{"p99(offered) < 50ms was missed: it is " + time.Duration(p99).Round(time.Millisecond).String()}
		if share < 0.7 {
			p.Dropped = planned / 20
			p.Done, ok = planned-p.Dropped, planned-p.Dropped
			p.Offered.Bound, p.Offered.Bounds = true, []string{"p99", "p99.9", "p99.99", "max"}
		}
	case share < 1:
		p.Limit = map[string]results.Limit{"isv.FLOW_LIMIT": results.LimitThrottle, "isv.NO_AVAILABLE_NUMBER": results.LimitExhaustion}[m.code]
		ok = int64(share * float64(planned))
		p.Codes = append(p.Codes, results.CodeShare{Code: m.code, Class: m.class, Count: planned - ok, Share: 1 - share})
		p.Reasons = []string{"good >= 99% was missed: it is " + percent(share)}
	}
	if m.invalid > 0 && rate >= m.invalid {
		p.Pass, p.Verdict, p.Limit = nil, results.VerdictInvalid, results.LimitGenerator
		p.LateP99NS = 41_000_000
		p.Reasons = []string{"the plan was not kept in phase main: 812 of 200000 calls were never offered: lower the rate, or take a faster machine"}
		p.NotOffered = planned / 250
		p.Done, ok = planned-p.NotOffered, planned-p.NotOffered
	}
	if code, some := m.broken[i]; some {
		p.Codes = append(p.Codes, results.CodeShare{Code: code, Class: results.ClassBusiness, Count: 7, Share: 7 / float64(planned)})
		ok -= 7
		p.Limit = results.LimitErrors
	}
	p.Codes = append([]results.CodeShare{{Code: "OK", Class: results.ClassOK, Count: ok, Share: float64(ok) / float64(p.Done)}}, p.Codes...)
	p.Rates = results.Rate{Planned: &rate, Sent: rate, Done: min(rate, m.servers), Good: good}
	p.Offered.Count, p.Offered.P50, p.Offered.P99, p.Offered.Max = ok, int64(p50), int64(p99), int64(p99*1.1)
	p.Service = results.Quantiles{Count: ok, P50: int64(m.service), P99: int64(float64(m.service) * 1.3), Max: int64(m.service) * 2}
	return p
}

func capacityDir(name string) string { return filepath.Join("testdata", "capacity", name) }

// capacityRecord reads the committed file of a sample, made anew with -update.
func capacityRecord(t testing.TB, s *capacitySample) *results.CapacityRecord {
	t.Helper()
	file := filepath.Join(capacityDir(s.name), results.CapacityFile)
	if *update {
		var b bytes.Buffer
		if err := JSON(&b, s.make()); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(capacityDir(s.name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := results.OpenCapacity(capacityDir(s.name))
	if err != nil {
		t.Fatal(err)
	}
	rec.Dir = filepath.ToSlash(rec.Dir)
	return rec
}
