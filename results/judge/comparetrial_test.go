package judge

import (
	"flag"
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

var trials = flag.Int("trials", 0, "pairs of runs for each kind of target, instead of a few")

// TestCompareTrials holds Compare against what it promises, on targets in virtual time: alike ones must not read worse, and a slower
// or a longer-tailed one must. The level is 1 %; short runs of a target with slow swings are allowed 5 %, since nothing in them tells.
func TestCompareTrials(t *testing.T) {
	with := func(change func(*target)) target {
		w := plain
		change(&w)
		return w
	}
	swing := func(deviation, memory float64) target {
		return with(func(w *target) { w.swing, w.memory = deviation, memory })
	}
	stalls := with(func(w *target) { w.stall = 0.05 })
	lossy := with(func(w *target) { w.lost = 0.01 })
	cases := []struct {
		name        string
		base, now   target
		seconds     int
		pairs       int     // few
		most, least float64 // share that reads worse
	}{
		{"alike", plain, plain, 6, 100, 0.01, 0},
		{"alike, a minute", plain, plain, 60, 10, 0.01, 0},
		{"alike, seconds differ by 5 %", swing(0.05, 0), swing(0.05, 0), 6, 100, 0.02, 0},
		{"alike, seconds differ by 20 %", swing(0.2, 0), swing(0.2, 0), 6, 100, 0.01, 0},
		{"alike, swings of a few seconds", swing(0.2, 0.5), swing(0.2, 0.5), 10, 50, 0.05, 0},
		{"alike, swings of a few seconds, a minute", swing(0.2, 0.5), swing(0.2, 0.5), 60, 10, 0.01, 0},
		{"alike, long swings, a minute", swing(0.2, 0.8), swing(0.2, 0.8), 60, 10, 0.03, 0},
		{"alike, a stall in 20 s", stalls, stalls, 20, 40, 0.01, 0},
		{"alike, calls lost", lossy, lossy, 20, 40, 0.01, 0},
		{"10 % slower", plain, with(func(w *target) { w.slower = 1.1 }), 6, 60, 1, 0.95},
		{"10 % slower, 10 s", plain, with(func(w *target) { w.slower = 1.1 }), 10, 40, 1, 0.99},
		{"p99 twice as long", plain, with(func(w *target) { w.p99 = 160 }), 6, 60, 1, 0.99},
		{"the longest 5 % twice as long", plain, with(func(w *target) { w.above = 1.645 }), 10, 40, 1, 0.95},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n, words := c.pairs, map[results.Change]int{}
			if *trials > 0 {
				n = *trials
			}
			for k := range n {
				r := rand.New(rand.NewPCG(uint64(i), uint64(k)))
				words[compared(t, CompareInput{Base: []*results.Course{c.base.run(r, 400, c.seconds)}, New: []*results.Course{c.now.run(r, 400, c.seconds)}}).Verdict]++
			}
			worse := float64(words[results.ChangeWorse])
			t.Logf("of %d pairs of %d s: %v", n, c.seconds, words)
			// Three deviations and one more beside what is promised: a test must not fail by chance.
			slack := func(p float64) float64 { return 1 + 3*math.Sqrt(float64(n)*p*(1-p)) }
			if worse > float64(n)*c.most+slack(c.most) || worse < float64(n)*c.least-slack(c.least) {
				t.Errorf("%v of %d read worse, at most %v and at least %v of all are right", worse, n, c.most, c.least)
			}
		})
	}
}
