package sizing

import (
	"context"
	"flag"
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"
)

// whole runs TestAgainstErlang and TestSpeed as .ci/bench/measure does, on some hundred cells and for some seconds.
var whole = flag.Bool("whole", false, "all cells against Erlang's formula, and the speed for long")

// TestAgainstErlang simulates a grid of loads, distributions of hold times and sizes, and counts where Erlang's share, which is the
// same for all distributions, lies inside of the interval: 95 and 99 % of them should.
func TestAgainstErlang(t *testing.T) {
	loads, holds, pairs, refusals, seeds := []float64{3, 40}, []string{"10s", "exp:10s"}, []int{1, 5}, []float64{0.2, 0.02}, 1
	requests := 20_000
	if *whole {
		loads, refusals, seeds, requests = []float64{3, 20, 150, 1000}, []float64{0.3, 0.1, 0.03, 0.01}, 2, 300_000
		holds = []string{"10s", "1s..30s", "exp:10s", "lognormal:5s,60s"}
	}
	cells, inside95, inside99, worst, off := 0, 0, 0, 0.0, 0.0
	for seed := range seeds {
		for _, load := range loads {
			for _, text := range holds {
				for _, n := range pairs {
					for _, refusal := range refusals {
						h := mustHold(t, text)
						d := Demand{Rate: load / h.Mean().Seconds(), Hold: h, Pairs: n}
						size := max(1, ErlangServers(d.Load(), refusal, 1<<20)/n)
						p := at(t, d, Effort{Seed: uint64(seed), Requests: requests}, size)
						cells++
						if p.Low <= p.Erlang && p.Erlang <= p.High {
							inside95++
						}
						low, high := interval(p.Shares, 0.99, p.Requests)
						if low <= p.Erlang && p.Erlang <= high {
							inside99++
						}
						ratio := p.Share/p.Erlang - 1
						worst, off = max(worst, math.Abs(ratio)), off+ratio
					}
				}
			}
		}
	}
	line := fmt.Sprintf("%d of %d cells inside 95 %%, %d inside 99 %%; mean ratio %.4f, worst off by %.1f %%", inside95, cells, inside99, 1+off/float64(cells), 100*worst)
	fmt.Println("measured: " + line)
	if float64(inside99) < 0.95*float64(cells) || float64(inside95) < 0.85*float64(cells) {
		t.Error(line)
	}
}

// TestGridDetects: a wrong load is found by the same comparison.
func TestGridDetects(t *testing.T) {
	d := Demand{Rate: 4, Hold: mustHold(t, "exp:10s"), Pairs: 1}
	p := at(t, d, Effort{Requests: 40_000, Confidence: 0.99}, 48)
	if wrong := ErlangB(0.9*d.Load(), 48); p.Low <= wrong && wrong <= p.High {
		t.Errorf("%.4f (%.4f to %.4f) has a load of nine tenths, %.4f, in its interval", p.Share, p.Low, p.High, wrong)
	}
}

// TestSpeed says how many bindings are simulated in a second.
func TestSpeed(t *testing.T) {
	d, requests := Demand{Rate: 50, Hold: mustHold(t, "10m"), Pairs: 200}, 2000
	if *whole {
		requests = 3_000_000
	} else {
		d.Rate = 1
	}
	s := study(t, d, Effort{Requests: requests, Workers: runtime.GOMAXPROCS(0)})
	begin := time.Now()
	p, err := s.At(context.Background(), int(d.Load())/200+1)
	if err != nil {
		t.Fatal(err)
	}
	plan := s.plan(&d)
	if p.Requests < requests || plan.settle < int(d.Load()) {
		t.Errorf("%d requests counted, %+v", p.Requests, plan)
	}
	all := float64(p.Requests) + Replications*(d.Load()+float64(plan.settle))
	elapsed := time.Since(begin).Seconds()
	fmt.Printf("measured: %.2f million bindings a second on %d cores: %.1f million in %.1f s\n", all/elapsed/1e6, runtime.GOMAXPROCS(0), all/1e6, elapsed)
}

// BenchmarkAt reports bindings simulated a second by one worker.
func BenchmarkAt(b *testing.B) {
	for name, c := range map[string]struct {
		d    Demand
		size int
	}{
		"300 on X of one":       {Demand{Rate: 5, Hold: mustHold(b, "exp:1m"), Pairs: 1}, 340},
		"30000 on X of 200":     {Demand{Rate: 50, Hold: mustHold(b, "10m"), Pairs: 200}, 151},
		"3000 of skewed A":      {Demand{Rate: 50, Hold: mustHold(b, "1m"), Pairs: 200, A: Phones{People: 2000, Skew: 1}}, 350},
		"300, 20 % repeat":      {Demand{Rate: 5, Hold: mustHold(b, "1m"), Pairs: 3, A: Phones{Repeat: 0.2}}, 120},
		"300 until they expire": {Demand{Rate: 5, Hold: mustHold(b, "1m"), Pairs: 3, Expire: true}, 120},
	} {
		b.Run(name, func(b *testing.B) {
			s, done := study(b, c.d, Effort{Seed: 1, Requests: 100_000, Workers: 1}), 0.0
			for b.Loop() {
				p, err := s.At(context.Background(), c.size)
				if err != nil {
					b.Fatal(err)
				}
				done += float64(p.Requests) + Replications*(c.d.Load()+float64(s.plan(&c.d).settle))
			}
			b.ReportMetric(done/b.Elapsed().Seconds(), "bindings/s")
		})
	}
}
