package judge

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"axbench/results"
)

var gateSeeds = flag.Int("gate-seeds", 3, "how often each simulated run is played")

const millis = time.Millisecond

func atRate(seconds, rate float64) []simPhase { return []simPhase{{seconds, rate, rate, false}} }

// between draws a duration.
func between(rng *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(rng.Float64()*float64(to-from))
}

// stallOf is a stall of between 0.3 and 5 s somewhere in the first seconds.
func stallOf(latest time.Duration) func(*rand.Rand) (time.Duration, time.Duration) {
	return func(rng *rand.Rand) (from, length time.Duration) {
		return between(rng, 0, latest), between(rng, 300*millis, 5*time.Second)
	}
}

// targets are slow, saturated or stalled, each in a way of its own: their queue is theirs.
var targets = []struct {
	name string
	world
}{
	{"fast", world{phases: atRate(6, 300), service: lognormally(20*millis, 80*millis)}},
	{"slow", world{phases: atRate(6, 200), service: constantly(400 * millis)}},
	{"slower than the default bears", world{phases: atRate(6, 200), service: constantly(3 * time.Second)}},
	{"stall", world{phases: atRate(10, 300), service: lognormally(20*millis, 80*millis), stalls: stallOf(8 * time.Second)}},
	{"stall of a fast one", world{phases: atRate(10, 500), service: constantly(5 * millis), stalls: stallOf(8 * time.Second), even: true}},
	{"stall, half the places", world{phases: atRate(10, 300), service: constantly(5 * millis), stalls: stallOf(8 * time.Second), limit: 150}},
	{"stall, few places but enough", world{phases: atRate(10, 500), service: constantly(5 * millis), stalls: stallOf(8 * time.Second), limit: 50, even: true}},
	{"stall of a spread one, few places but enough", world{phases: atRate(10, 300), service: lognormally(20*millis, 80*millis), stalls: stallOf(8 * time.Second), limit: 60}},
	{"stall of one with two ways, few places but enough", world{phases: atRate(10, 200), service: either(10*millis, 100*millis, 0.05), stalls: stallOf(8 * time.Second), limit: 40}},
	{"stall behind a warm-up", world{phases: []simPhase{{2, 50, 50, true}, {8, 300, 300, false}}, service: constantly(10 * millis), stalls: stallOf(8 * time.Second)}},
	{"saturated", world{phases: atRate(8, 300), service: constantly(10 * millis), servers: 2}},
	{"saturated by a little", world{phases: atRate(12, 210), service: constantly(10 * millis), servers: 2}},
	{"saturated many times over", world{phases: atRate(6, 1000), service: constantly(20 * millis), servers: 1}},
	{"saturated by random times", world{phases: atRate(8, 300), service: lognormally(20*millis, 80*millis), servers: 4}},
	{"saturated from the warm-up on", world{phases: []simPhase{{8, 300, 300, true}, {8, 300, 300, false}}, service: constantly(10 * millis), servers: 1}},
	{"saturated and slow", world{phases: atRate(10, 300), service: constantly(2 * time.Second), servers: 200}},
	{"saturated on the way up", world{phases: []simPhase{{10, 50, 500, false}}, service: constantly(10 * millis), servers: 2}},
	{"saturated in the last step", world{phases: []simPhase{{4, 100, 100, false}, {4, 150, 150, false}, {6, 400, 400, false}}, service: constantly(10 * millis), servers: 2}},
	{"saturated, few places but enough before", world{phases: []simPhase{{5, 100, 100, false}, {8, 400, 400, false}}, service: constantly(10 * millis), servers: 2, limit: 100}},
	{"slow start", world{phases: atRate(8, 200), service: func(_ *rand.Rand, at time.Duration) time.Duration {
		if at < 3*time.Second {
			return 2 * time.Second
		}
		return 10 * millis
	}}},
	{"slow start, few places but enough", world{phases: atRate(8, 200), limit: 40, service: func(_ *rand.Rand, at time.Duration) time.Duration {
		if at < 3*time.Second {
			return time.Second
		}
		return 10 * millis
	}}},
	{"slower and slower", world{phases: atRate(10, 200), limit: 100, service: func(_ *rand.Rand, at time.Duration) time.Duration {
		return 10*millis + time.Duration(float64(at)*0.2)
	}}},
	{"three times as slow for a while, few places but enough before", world{phases: atRate(10, 300), limit: 12, service: func(_ *rand.Rand, at time.Duration) time.Duration {
		if at > 4*time.Second && at < 7*time.Second {
			return 60 * millis
		}
		return 20 * millis
	}}},
	{"hardly an answer", world{phases: atRate(5, 100), service: either(20*millis, time.Minute, 0.9), timeout: 3 * time.Second}},
}

// limits are too low for a target that is no slower than ever: the queue is ours.
var limits = []struct {
	name string
	world
}{
	{"constant", world{phases: atRate(6, 300), service: constantly(20 * millis), limit: 3}},
	{"constant, even arrivals", world{phases: atRate(6, 300), service: constantly(20 * millis), limit: 4, even: true}},
	{"a single place", world{phases: atRate(6, 300), service: lognormally(20*millis, 80*millis), limit: 1}},
	{"two places", world{phases: atRate(6, 300), service: lognormally(20*millis, 80*millis), limit: 2}},
	{"lognormal", world{phases: atRate(6, 300), service: lognormally(20*millis, 80*millis), limit: 4}},
	{"lognormal, few calls", world{phases: atRate(3, 60), service: lognormally(20*millis, 80*millis), limit: 1}},
	{"a long tail", world{phases: atRate(8, 300), service: lognormally(20*millis, 300*millis), limit: 4}},
	{"two ways", world{phases: atRate(8, 300), service: either(10*millis, 200*millis, 0.1), limit: 4}},
	{"on the way up", world{phases: []simPhase{{8, 50, 600, false}}, service: lognormally(20*millis, 80*millis), limit: 5}},
	{"in the last step", world{phases: []simPhase{{3, 50, 50, false}, {5, 500, 500, false}}, service: lognormally(20*millis, 80*millis), limit: 5}},
	{"behind a warm-up", world{phases: []simPhase{{2, 50, 50, true}, {5, 500, 500, false}}, service: lognormally(20*millis, 80*millis), limit: 5}},
	{"and a stall", world{phases: atRate(10, 300), service: lognormally(20*millis, 80*millis), limit: 3, stalls: stallOf(8 * time.Second)}},
	{"slow", world{phases: atRate(6, 200), service: constantly(400 * millis), limit: 20}},
	{"hardly enough", world{phases: atRate(10, 300), service: lognormally(20*millis, 80*millis), limit: 7}},
	{"any share of what it takes", world{phases: atRate(6, 400), service: lognormally(20*millis, 80*millis), tune: func(rng *rand.Rand, w *world) { w.limit = 1 + rng.IntN(6) }}},
}

// TestTheTargetsQueue: a target that is slow, stalls or saturates never makes a run invalid.
func TestTheTargetsQueue(t *testing.T) {
	for _, tt := range targets {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for seed := range *gateSeeds {
				if run := tt.judged(t, uint64(seed)); !run.Generator.Valid {
					t.Errorf("seed %d, %d of %d in flight: %q", seed, run.Generator.MaxInFlight, run.Generator.Limit, run.Generator.Why)
				}
			}
		})
	}
}

// TestOurQueue: a limit that is too low always does, and says what to raise it to: a limit that is enough.
func TestOurQueue(t *testing.T) {
	for _, tt := range limits {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for seed := range *gateSeeds {
				run := tt.judged(t, uint64(seed))
				why := strings.Join(run.Generator.Why, "\n")
				if run.Generator.Valid || !strings.Contains(why, "max-in-flight was too low in phase ") || !strings.Contains(why, "raise max-in-flight to ") {
					t.Errorf("seed %d, %d of %d in flight: %q", seed, run.Generator.MaxInFlight, run.Generator.Limit, why)
				}
			}
		})
	}
}

// TestOurs holds the decision on an episode: by how long its calls held their places, or by how many places normal calls need.
func TestOurs(t *testing.T) {
	normal := norm{float64(20 * ms), float64(24 * ms)}
	slots := func(pairs ...int64) (m moments) { // times in ms, and how many calls took each
		for i := 0; i < len(pairs); i += 2 {
			h := results.NewHistogram()
			for range pairs[i+1] {
				h.Record(pairs[i] * ms)
			}
			m.add(h)
		}
		return m
	}
	for _, tt := range []struct {
		name  string
		e     episode
		limit int64
		want  bool
	}{
		{"as long as ever", episode{slots: slots(20, 100), arrivals: 100, during: 1}, 100, true},
		{"nearly twice as long", episode{slots: slots(39, 100), arrivals: 100, during: 1}, 100, true},
		{"more than twice as long", episode{slots: slots(41, 100), arrivals: 100, during: 1}, 100, false},
		{"a few that held all of the places for long", episode{slots: slots(5, 1000, 2000, 50), arrivals: 1500, during: 3}, 50, false},
		{"longer, but normal calls would not have had room either", episode{slots: slots(2000, 50), arrivals: 6000, during: 3}, 50, true},
		{"longer, and normal calls would have had room", episode{slots: slots(2000, 50), arrivals: 4500, during: 3}, 50, false},
		{"nothing came to an end", episode{arrivals: 6000, during: 3}, 50, false},
	} {
		if got := tt.e.ours(normal, tt.limit); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if (&episode{slots: slots(20, 1), arrivals: 9, during: 1}).ours(norm{}, 1) {
		t.Error("ours, and nobody knows what is normal")
	}
}

// TestCeilingHoldsBack: calls that waited although the limit was never reached were held back by the safety ceiling.
func TestCeilingHoldsBack(t *testing.T) {
	for _, tt := range []struct {
		name  string
		model string
		most  int64 // in flight
		waits int
		want  string
	}{
		{"open", results.ModelOpen, 7, 100, "the safety ceiling held calls of phase main back: 9.09% of 1,100 waited for more than 10ms, up to 300ms, at most 1% is valid: raise safety.ceiling, or lower the rate"},
		{"open, a few calls", results.ModelOpen, 7, 5, ""},
		{"closed", results.ModelClosed, 64, 100, "the safety ceiling held calls of phase main back: "},
	} {
		f := newFixture()
		f.run.Model, f.main().Model = tt.model, tt.model
		f.main().Sent = 1000
		for range 1000 {
			f.record("main", "queued", results.CodeAll, 0)
		}
		for range tt.waits {
			f.record("main", "queued", results.CodeAll, 300*ms)
			f.main().Sent++
		}
		g := &f.run.Generator
		g.Limit, g.LimitDefault, g.MaxInFlight = 64, 64, tt.most
		rec := f.summarised(t)
		Judge(rec, Input{LateMax: time.Second})
		if why := strings.Join(rec.Run.Generator.Why, "\n"); !strings.Contains(why, tt.want) || (why == "") != (tt.want == "") {
			t.Errorf("%s: %q, want %q", tt.name, why, tt.want)
		}
	}
}
