package judge

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"axbench/results"
)

// target is a simulated endpoint in virtual time.
type target struct {
	median, p99 float64 // milliseconds, lognormal
	slower      float64 // factor on every latency, 0 for 1
	swing       float64 // deviation of the logarithm that calls of a second share
	memory      float64 // how much of it the next second keeps: AR(1)
	between     float64 // deviation of the logarithm that a whole run shares
	stall       float64 // chance that a second begins with a stall
	lost        float64 // share of calls that time out
	above       float64 // deviations from the median from which on calls take twice as long, 0 for never
}

// run makes a run of that target: rate calls a second for so many seconds.
func (w target) run(r *rand.Rand, rate, seconds int) *results.Course {
	sigma := math.Log(w.p99/w.median) / 2.3263478740408408
	planned := int64(rate * seconds)
	run := &results.Run{Schema: results.Schema, Scenario: "trial", Model: results.ModelOpen, Verdict: results.VerdictPass}
	run.Ended = &run.Started
	run.Generator.Valid = true
	phase := &results.Phase{Name: "main", Recorded: true, Model: results.ModelOpen, Shape: "constant", ElapsedNS: int64(seconds) * 1e9}
	phase.Shape = "constant 400/s"
	phase.Planned, phase.Done = planned, planned
	run.Phases = []results.Phase{*phase}
	run.Totals = *phase
	p := results.CoursePhase{Phase: phase, Step: 1}
	whole := w.between * r.NormFloat64()
	swing := r.NormFloat64()
	for range seconds {
		swing = w.memory*swing + math.Sqrt(1-w.memory*w.memory)*r.NormFloat64()
		s := results.CourseSecond{Exposure: 1, Classes: map[results.Class]int64{}, Codes: map[string]int64{}}
		stalled := r.Float64() < w.stall
		counts := map[int64]int64{}
		for k := range rate {
			s.Ended++
			s.Answered++
			if r.Float64() < w.lost {
				s.Bounds = append(s.Bounds, results.Counted{Value: 10e9, Count: 1})
				s.Classes[results.ClassTransport]++
				s.Codes[results.CodeTimeout]++
				continue
			}
			z := r.NormFloat64()
			ms := w.median * math.Exp(sigma*z+w.swing*swing+whole)
			if w.slower > 0 {
				ms *= w.slower
			}
			if z > w.above && w.above > 0 {
				ms *= 2
			}
			if stalled {
				ms += math.Max(0, 500-1000*float64(k)/float64(rate)) // half a second, drained at once
			}
			_, to := results.BucketOf(int64(ms * 1e6))
			counts[to-1]++
			s.Good++
			s.GoodInside++
			s.Classes[results.ClassOK]++
			s.Codes["OK"]++
		}
		for v, n := range counts {
			s.Response = append(s.Response, results.Counted{Value: v, Count: n})
		}
		slices.SortFunc(s.Response, func(a, b results.Counted) int { return int(a.Value - b.Value) })
		s.Service = s.Response
		p.Seconds = append(p.Seconds, s)
	}
	return &results.Course{Dir: "trial", Run: run, Phases: []results.CoursePhase{p}}
}

func TestScratch(t *testing.T) {
	plain := target{median: 20, p99: 80}
	with := func(f func(*target)) target { w := plain; f(&w); return w }
	cases := []struct {
		name      string
		base, new target
		secs      int
	}{
		{"A/A", plain, plain, 6},
		{"A/A 60", plain, plain, 60},
		{"A/A swing .05", with(func(w *target) { w.swing = 0.05 }), with(func(w *target) { w.swing = 0.05 }), 6},
		{"A/A swing .2", with(func(w *target) { w.swing = 0.2 }), with(func(w *target) { w.swing = 0.2 }), 6},
		{"A/A swing .2 60", with(func(w *target) { w.swing = 0.2 }), with(func(w *target) { w.swing = 0.2 }), 60},
		{"A/A swing .2 ar .5 10", with(func(w *target) { w.swing, w.memory = 0.2, .5 }), with(func(w *target) { w.swing, w.memory = 0.2, .5 }), 10},
		{"A/A swing .2 ar .5 60", with(func(w *target) { w.swing, w.memory = 0.2, .5 }), with(func(w *target) { w.swing, w.memory = 0.2, .5 }), 60},
		{"A/A swing .2 ar .8 60", with(func(w *target) { w.swing, w.memory = 0.2, .8 }), with(func(w *target) { w.swing, w.memory = 0.2, .8 }), 60},
		{"A/A stall .05 20", with(func(w *target) { w.stall = 0.05 }), with(func(w *target) { w.stall = .05 }), 20},
		{"A/A stall .05 60", with(func(w *target) { w.stall = 0.05 }), with(func(w *target) { w.stall = .05 }), 60},
		{"A/A lost 1% 20", with(func(w *target) { w.lost = 0.01 }), with(func(w *target) { w.lost = .01 }), 20},
		{"+10% 6", plain, with(func(w *target) { w.slower = 1.1 }), 6},
		{"+10% 10", plain, with(func(w *target) { w.slower = 1.1 }), 10},
		{"+10% 30", plain, with(func(w *target) { w.slower = 1.1 }), 30},
		{"p99x2 6", plain, with(func(w *target) { w.p99 = 160 }), 6},
		{"tail above p95 doubled 6", plain, with(func(w *target) { w.above = 1.645 }), 6},
		{"tail above p98 doubled 6", plain, with(func(w *target) { w.above = 2.05 }), 6},
	}
	for i, c := range cases {
		n := 300
		if c.secs >= 30 {
			n = 100
		}
		words := map[results.Change]int{}
		by := map[string]int{}
		for k := range n {
			r := rand.New(rand.NewPCG(uint64(i), uint64(k)))
			out, err := Compare(CompareInput{Base: []*results.Course{c.base.run(r, 400, c.secs)}, New: []*results.Course{c.new.run(r, 400, c.secs)}})
			if err != nil {
				t.Fatal(err)
			}
			words[out.Verdict]++
			for _, m := range out.Metrics {
				if m.Verdict == results.ChangeWorse {
					by[m.Name]++
				}
			}
		}
		t.Logf("%-24s of %d: %v  worse by %v", c.name, n, words, by)
	}
}
