package search

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"axbench/results"
)

// simulated is a target in virtual time: it is asked for an outcome and takes no time for it.
type simulated struct {
	truth    float64 // rate that is held
	border   float64 // width of the step from held to lost, as a share of the rate; 0 is sharp
	wrong    float64 // share of verdicts that are the contrary, whatever the rate
	invalid  float64 // share of probes that cannot tell
	full     float64 // steady rate of good answers when overrun, over truth; 0 if nobody measures it
	collapse float64 // how much of that is lost per multiple of the rate
	bucket   float64 // calls that pass a limit at once; 0 for none
	tokens   float64
	random   *rand.Rand
}

func (s *simulated) probe(_ context.Context, st Step) (*Outcome, error) {
	r := s.random
	o := &Outcome{Took: st.Length() + 300*time.Millisecond}
	if r.Float64() < s.invalid {
		o.Limit = results.LimitGenerator
		return o, nil
	}
	lost := st.Rate > s.truth
	if s.border > 0 {
		lost = math.Log(st.Rate/s.truth)/s.border+r.NormFloat64() > 0
	}
	if s.bucket > 0 {
		lost = s.limited(st, o, lost)
	}
	if s.wrong > 0 && r.Float64() < s.wrong {
		lost = !lost
	}
	o.Verdict = Held
	if !lost {
		return o, nil
	}
	o.Verdict, o.Limit = Lost, results.LimitSaturation
	steady := s.truth * s.full * math.Exp(-s.collapse*max(0, st.Rate/s.truth-1)) * (1 + 0.01*r.NormFloat64())
	if steady < 0.985*st.Rate && s.full > 0 && (s.bucket == 0 || o.Throttled) {
		o.Steady, o.Spread, o.Clear = steady, 0.01, steady < 0.9*st.Rate
	}
	return o, nil
}

// limited lets a probe pass a token bucket that was full when it began.
func (s *simulated) limited(st Step, o *Outcome, lost bool) bool {
	s.tokens = s.bucket
	spend := func(rate float64, d time.Duration) (refused float64) {
		s.tokens -= (rate - s.truth) * d.Seconds()
		refused, s.tokens = max(0, -s.tokens), min(max(0, s.tokens), s.bucket)
		return refused
	}
	before := spend(st.FlushRate, st.Flush) + spend(st.Rate, st.Settle)
	inside := spend(st.Rate, st.Record)
	o.Flushed, o.Throttled = before > 0, before+inside > 0
	o.PassedIn = time.Second
	o.Passed = s.truth + s.bucket*(0.9+0.2*s.random.Float64())
	return lost && inside > 0.01*st.Rate*st.Record.Seconds()
}

// kinds are the targets that the method is held to.
var kinds = []struct {
	name string
	make func(r *rand.Rand) *simulated
}{
	{"a queue: its throughput is its capacity", func(r *rand.Rand) *simulated { return &simulated{full: 1} }},
	{"no throughput to go by", func(r *rand.Rand) *simulated { return &simulated{} }},
	{"a wide border", func(r *rand.Rand) *simulated { return &simulated{full: 1, border: 0.02} }},
	{"a wide border and no throughput", func(r *rand.Rand) *simulated { return &simulated{border: 0.02} }},
	{"a rule that binds before the target is full", func(r *rand.Rand) *simulated { return &simulated{full: 1 + 0.5*r.Float64(), border: 0.01} }},
	{"throughput that is off by 2 %", func(r *rand.Rand) *simulated { return &simulated{full: 0.98 + 0.04*r.Float64()} }},
	{"a target that collapses", func(r *rand.Rand) *simulated { return &simulated{full: 1, collapse: 0.5 * r.Float64()} }},
	{"a limit that lets bursts pass", func(r *rand.Rand) *simulated { return &simulated{full: 1, bucket: 100 * math.Pow(40, r.Float64())} }},
	{"a tenth of the probes invalid", func(r *rand.Rand) *simulated { return &simulated{full: 1, invalid: 0.1} }},
}

// seeds is how many searches TestCoverage makes of each kind: more than a thousand in all by default.
var seeds = flag.Int("seeds", 120, "searches of each kind of target")

type tally struct {
	seeds, found, covered, near int
	probes, took, widths        []float64
}

func simulate(t testing.TB, kind, seeds int, wrong float64) (out tally) {
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), uint64(kind)))
		s := kinds[kind].make(r)
		s.random, s.wrong, s.truth = r, wrong, 60*math.Pow(100, r.Float64())
		f, err := Search(context.Background(), Config{Start: 50, Record: 2 * time.Second, Settle: time.Second}, s.probe)
		if err != nil {
			t.Fatal(err)
		}
		out.seeds++
		took := 0.0
		for _, p := range f.Probes {
			took += p.Took.Seconds()
		}
		out.probes, out.took = append(out.probes, float64(len(f.Probes))), append(out.took, took)
		if f.End != Found {
			continue
		}
		out.found++
		out.widths = append(out.widths, f.High/f.Low-1)
		if f.Low <= s.truth && s.truth <= f.High {
			out.covered++
		}
		if math.Abs(f.Value/s.truth-1) <= 0.05 {
			out.near++
		}
	}
	for _, l := range [][]float64{out.probes, out.took, out.widths} {
		slices.Sort(l)
	}
	return out
}

func middle(l []float64) float64 {
	if len(l) == 0 {
		return 0
	}
	return l[len(l)/2]
}

func (c tally) String() string {
	return fmt.Sprintf("%d of %d found, %d hold the truth, %d within 5 %%; probes %.0f (most %.0f), %.0f s, width %.3f", c.found, c.seeds, c.covered, c.near,
		middle(c.probes), c.probes[len(c.probes)-1], middle(c.took), middle(c.widths))
}

// TestCoverage: the interval is what it says, at a confidence of 95 % and with one verdict of twenty wrong.
func TestCoverage(t *testing.T) {
	for kind := range kinds {
		t.Run(kinds[kind].name, func(t *testing.T) {
			t.Parallel()
			for wrong, seeds := range map[float64]int{0.05: *seeds, 0: *seeds / 2} {
				c := simulate(t, kind, seeds, wrong)
				t.Logf("%.0f %% of the verdicts wrong: %s", 100*wrong, c)
				if c.found*100 < 90*c.seeds { // a tenth of invalid probes ends some searches at the generator
					t.Errorf("only %d of %d searches found anything", c.found, c.seeds)
				}
				if float64(c.covered) < 0.95*float64(c.found) || float64(c.near) < 0.97*float64(c.found) {
					t.Errorf("with %.0f %% of the verdicts wrong, of %d intervals %d hold the rate, and %d values are within 5 %%", 100*wrong, c.found, c.covered, c.near)
				}
				if w := middle(c.widths); w > 0.0505 || w < 0.03 {
					t.Errorf("the intervals are %.3f wide, asked for was 0.05", w)
				}
			}
		})
	}
}

func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
