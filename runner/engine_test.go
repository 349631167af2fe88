package runner

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"axbench/results"
	"axbench/runner/wire"
)

func TestQueueIsFirstInFirstOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var q queue
		var model []int64
		next := int64(0)
		for _, push := range rapid.SliceOfN(rapid.Bool(), 0, 500).Draw(rt, "pushes") {
			switch {
			case push:
				q.push(pending{k: next})
				model = append(model, next)
				next++
			case len(model) > 0:
				if first := q.first().k; first != model[0] {
					rt.Fatalf("first is %d, want %d", first, model[0])
				}
				if p := q.pop(); p.k != model[0] {
					rt.Fatalf("popped %d, want %d", p.k, model[0])
				}
				model = model[1:]
			}
			if q.len() != len(model) {
				rt.Fatalf("length %d, want %d", q.len(), len(model))
			}
		}
	})
}

func TestMeasure(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	full := wire.Times{DialStart: at(15), Connected: at(18), Secured: at(22), Sent: at(23), Written: at(24), First: at(40), Done: at(41)}
	for _, tt := range []struct {
		name string
		call call
		when wire.Times
		want map[results.Clock]int
	}{
		{"queued, then dialled with TLS", call{pending: pending{due: 10 * time.Millisecond}, slotFree: 14 * time.Millisecond}, full,
			map[results.Clock]int{results.ClockResponse: 31, results.ClockService: 18, results.ClockLag: 13, results.ClockQueued: 4, results.ClockConnect: 7,
				results.ClockLate: 2, results.ClockTLS: 4, results.ClockWrite: 1, results.ClockWait: 16, results.ClockRead: 1}},
		{"at once on an idle connection", call{pending: pending{due: 20 * time.Millisecond}}, wire.Times{Sent: at(23), Written: at(24), First: at(40), Done: at(41)},
			map[results.Clock]int{results.ClockResponse: 21, results.ClockService: 18, results.ClockLag: 3, results.ClockLate: 3, results.ClockWrite: 1,
				results.ClockWait: 16, results.ClockRead: 1}},
		{"never sent", call{pending: pending{due: 20 * time.Millisecond}}, wire.Times{DialStart: at(21), Done: at(41)},
			map[results.Clock]int{results.ClockResponse: 21}},
		{"no answer", call{pending: pending{due: 20 * time.Millisecond}}, wire.Times{Sent: at(21), Written: at(22), Done: at(41)},
			map[results.Clock]int{results.ClockResponse: 21, results.ClockService: 20, results.ClockLag: 1, results.ClockLate: 1, results.ClockWrite: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var clocks [results.NumClocks]int64
			measure(&clocks, &tt.call, start, &tt.when)
			for c := range results.NumClocks {
				if want := int64(tt.want[c]) * 1e6; clocks[c] != want {
					t.Errorf("%s is %d ns, want %d", c, clocks[c], want)
				}
			}
		})
	}
}

// countingSource remembers when each call was signed.
type countingSource struct {
	plainSource
	mu     sync.Mutex
	signed map[int64][]time.Time
}

func (s *countingSource) Prepare(dst *Request, k int64, now time.Time) {
	s.mu.Lock()
	s.signed[k] = append(s.signed[k], now)
	s.mu.Unlock()
	s.plainSource.Prepare(dst, k, now)
}

// TestSigning holds when calls are signed: once and before they are due where a slot is free, again when a slot frees
// where they had to queue.
func TestSigning(t *testing.T) {
	s := serve(t, func(k int64) time.Duration {
		if k == 10 {
			return 300 * time.Millisecond
		}
		return 0
	})
	source := &countingSource{plainSource: plainSource{s.Addr().String()}, signed: map[int64][]time.Time{}}
	sum, sink, _ := do(t, s.Addr().String(), func(c *Config, _ *plainJudge) { c.Source, c.MaxInFlight = source, 1 }, constant(20, time.Second))
	if sum.Phases[0].Done != 20 {
		t.Fatalf("%+v", sum.Phases[0].Ledger)
	}
	for k, at := range source.signed {
		due := sum.Started.Add(time.Duration(k) * 50 * time.Millisecond)
		if !at[0].Before(due) {
			t.Errorf("call %d was signed %s after it was due", k, at[0].Sub(due))
		}
		// While call 10 has the only slot, those due in its first 250 ms wait.
		if queued := k > 10 && k < 16; queued && (len(at) != 2 || !at[1].After(due)) {
			t.Errorf("call %d queued and was signed at %v, due at %v: want once more when its slot freed", k, at, due)
		} else if k < 10 && len(at) != 1 {
			t.Errorf("call %d was signed %d times", k, len(at))
		}
	}
	if sink.hist("sign", "all").Count() != 20 {
		t.Errorf("%d times of signing, want 20", sink.hist("sign", "all").Count())
	}
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := Run(t.Context(), Config{}); err == nil {
		t.Error("a run without a plan is no error")
	}
}

func TestSleeperSleepsLongEnough(t *testing.T) {
	s := newSleeper()
	defer s.close()
	for _, d := range []time.Duration{0, time.Microsecond, 300 * time.Microsecond, 5 * time.Millisecond} {
		began := time.Now()
		s.sleep(d)
		if slept := time.Since(began); slept < d {
			t.Errorf("slept %s of %s", slept, d)
		}
	}
}
