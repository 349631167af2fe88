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

// TestSigning holds when calls are signed: once and before they are due, again when a slot frees where they had to queue.
// Which calls queue beside those that have to is for the run to say: the host may stand still.
func TestSigning(t *testing.T) {
	s := serve(t, func(k int64) time.Duration {
		if k == 10 {
			return 300 * time.Millisecond
		}
		return 0
	})
	source := &countingSource{plainSource: plainSource{s.Addr().String()}, signed: map[int64][]time.Time{}}
	w := &watch{sent: map[int64]time.Time{}, judged: map[int64]time.Time{}}
	sum, sink, _ := do(t, s.Addr().String(), func(c *Config, j *plainJudge) {
		w.plainJudge, c.Judge, c.Source, c.MaxInFlight = j, w, source, 1
	}, constant(20, 2*time.Second))
	if sum.Phases[0].Done != 40 {
		t.Fatalf("%+v", sum.Phases[0].Ledger)
	}
	twice := int64(0)
	for k, at := range source.signed {
		due := sum.Started.Add(time.Duration(k) * 50 * time.Millisecond)
		if early := due.Sub(at[0]); early > defaultLookAhead || k >= 20 && early <= 0 { // the first second is signed at the start
			t.Errorf("call %d was signed %s before it was due", k, early)
		}
		// While call 10 has the only slot, those due in its first 300 ms wait.
		queued := k > 10 && k < 16
		if len(at) > 2 || queued && len(at) != 2 {
			t.Errorf("call %d was signed %d times", k, len(at))
		}
		if len(at) == 1 {
			continue
		}
		if twice++; !at[1].After(due) || at[1].Before(w.judged[k-1]) || at[1].After(w.sent[k]) {
			t.Errorf("call %d, due at %v, was signed again at %v: want when the slot of the call before it freed, at %v", k, due, at[1], w.judged[k-1])
		}
	}
	if n := above(sink.hist("queued", "all")); n != twice {
		t.Errorf("%d calls were signed twice, %d queued", twice, n)
	}
	if sink.hist("sign", "all").Count() != 40 {
		t.Errorf("%d times of signing, want 40", sink.hist("sign", "all").Count())
	}
}

// above counts the times of a histogram that are not 0.
func above(h *results.Histogram) (n int64) {
	h.Buckets(func(from, _, count int64) {
		if from > 0 {
			n += count
		}
	})
	return n
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
