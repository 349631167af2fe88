package runner

import (
	"slices"
	"sync"
	"testing"
	"time"

	"axbench/results"
	"axbench/runner/pace"
	"axbench/runner/wire"
)

// stall is a server that stands still once: every call that is open in its window waits for the end of it. It keeps when
// calls came and when their answers were written.
type stall struct {
	after, length, service time.Duration

	mu       sync.Mutex
	from, to time.Time
	came     map[int64]time.Time
	answered map[int64]time.Time // a time before the answer was written
}

func (s *stall) delay(k int64) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.came == nil {
		s.from, s.to = now.Add(s.after), now.Add(s.after+s.length)
		s.came, s.answered = map[int64]time.Time{}, map[int64]time.Time{}
	}
	wait := s.service
	if end := now.Add(s.service); !end.Before(s.from) && !now.After(s.to) {
		wait += s.to.Sub(now)
	}
	s.came[k], s.answered[k] = now, now.Add(wait)
	return wait
}

// during counts the instants in the window.
func (s *stall) during(at map[int64]time.Time) (n int) {
	for _, t := range at {
		if !t.Before(s.from) && !t.After(s.to) {
			n++
		}
	}
	return n
}

// watch is a judge that keeps when calls were sent, and when their answers were judged.
type watch struct {
	*plainJudge
	mu           sync.Mutex
	sent, judged map[int64]time.Time
}

func (w *watch) Sending(req *Request, at time.Time) {
	w.mu.Lock()
	w.sent[req.K] = at
	w.mu.Unlock()
	w.plainJudge.Sending(req, at)
}

func (w *watch) Judge(req *Request, a *wire.Answer, phase string, out *Outcome) {
	w.mu.Lock()
	w.judged[req.K] = time.Now()
	w.mu.Unlock()
	w.plainJudge.Judge(req, a, phase, out)
}

// between holds quantiles of a clock between those of two lists of times, of which one has a time below and one a time above
// that of every call. So the host may stand still as well: then all three are longer.
func between(t *testing.T, what string, h *results.Histogram, low, high []time.Duration) {
	t.Helper()
	slices.Sort(low)
	slices.Sort(high)
	if n := h.Count(); n == 0 || n != int64(len(low)) || n != int64(len(high)) {
		t.Fatalf("%s: %d calls, %d and %d expected", what, n, len(low), len(high))
	}
	const digits = 0.002 // of the histogram
	for _, q := range []float64{0.5, 0.9, 0.95, 0.99} {
		rank := results.Rank(q, h.Count()) - 1
		got, from, to := float64(h.Quantile(q)), float64(low[rank])*(1-digits), float64(high[rank])*(1+digits)
		if got < from || got > to {
			t.Errorf("%s: the quantile %v is %.2f ms, want %.2f to %.2f", what, q, got/1e6, from/1e6, to/1e6)
		}
	}
}

// TestStall holds what is reported of a stall against arithmetic: of arrivals at an even rate over five stalls' time, a
// fifth comes during it and waits for its end, evenly from nothing to all of it. So the 90th percentile of the response is
// half the stall and the 99th is 95 % of it, however many calls may be open at once. A closed model does not see it.
func TestStall(t *testing.T) {
	const length, rate, stands, callers = 5 * time.Second, 200, time.Second, 20
	run := func(t *testing.T, slots int, phase pace.Phase) (*Summary, *notes, *stall, *watch) {
		t.Helper()
		t.Parallel()
		s := &stall{after: 2 * time.Second, length: stands, service: 5 * time.Millisecond}
		w := &watch{sent: map[int64]time.Time{}, judged: map[int64]time.Time{}}
		sum, sink, _ := do(t, serve(t, s.delay).Addr().String(), func(c *Config, j *plainJudge) {
			w.plainJudge, c.Judge, c.MaxInFlight = j, w, slots
		}, phase)
		if p := sum.Phases[0]; p.Dropped != 0 || p.Done != p.Planned {
			t.Fatalf("%+v: want all done", p.Ledger)
		}
		return sum, sink, s, w
	}
	// What an open model has to report: the answer cannot come before the server writes it, nor after it is judged; and what is
	// due during the stall waits for its end, wherever it waits.
	open := func(t *testing.T, sum *Summary, sink *notes, s *stall, w *watch) {
		t.Helper()
		var low, high, arithmetic []time.Duration
		for k := range int64(rate * length / time.Second) {
			due := sum.Started.Add(time.Duration(k) * time.Second / rate)
			low, high = append(low, s.answered[k].Sub(due)), append(high, w.judged[k].Sub(due))
			wait := s.service
			if !due.Before(s.from) && !due.After(s.to) {
				wait += s.to.Sub(due)
			}
			arithmetic = append(arithmetic, wait)
		}
		response := sink.hist("response", "good")
		between(t, "response", response, low, high)
		between(t, "response from below", response, arithmetic, high)
		for q, share := range map[float64]float64{0.9: 0.49, 0.99: 0.93} {
			if got := float64(response.Quantile(q)) / float64(stands); got < share {
				t.Errorf("response: the quantile %v is %.3f of the stall, want %.2f at least", q, got, share)
			}
		}
	}
	service := func(t *testing.T, sink *notes, s *stall, w *watch) {
		t.Helper()
		var low, high []time.Duration
		for k, at := range s.answered {
			low, high = append(low, at.Sub(s.came[k])), append(high, w.judged[k].Sub(w.sent[k]))
		}
		between(t, "service", sink.hist("service", "all"), low, high)
	}
	t.Run("open, enough slots", func(t *testing.T) {
		sum, sink, s, w := run(t, 1500, constant(rate, length))
		open(t, sum, sink, s, w)
		service(t, sink, s, w)
		if n := sink.hist("queued", "all").Max(); n != 0 {
			t.Errorf("longest in the queue %d ns: want none", n)
		}
	})
	t.Run("open, few slots", func(t *testing.T) {
		sum, sink, s, w := run(t, callers, constant(rate, length))
		open(t, sum, sink, s, w)
		service(t, sink, s, w)
		if n := s.during(w.sent); n > callers {
			t.Errorf("%d calls were sent while nothing was answered, over %d slots", n, callers)
		}
	})
	t.Run("closed", func(t *testing.T) {
		sum, sink, s, w := run(t, 0, pace.Phase{Name: "main", Record: true, Duration: length, Shape: pace.Callers{N: callers}})
		if n, all := s.during(w.sent), len(w.sent); n > callers || all < 10*callers {
			t.Errorf("%d of %d calls were sent during the stall, of %d callers", n, all, callers)
		}
		// Call k is begun when all but callers-1 of those before it are judged.
		judged := make([]time.Time, 0, len(w.judged))
		for _, at := range w.judged {
			judged = append(judged, at)
		}
		slices.SortFunc(judged, time.Time.Compare)
		var low, high []time.Duration
		for k, at := range s.answered {
			begun := sum.Started
			if k >= callers {
				begun = judged[k-callers]
			}
			low, high = append(low, at.Sub(s.came[k])), append(high, w.judged[k].Sub(begun))
		}
		between(t, "response", sink.hist("response", "good"), low, high)
	})
}
