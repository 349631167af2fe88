package runner

import (
	"maps"
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

const stallRate, stallTime, stallLength, stallCallers = 200, time.Second, 5 * time.Second, 20

// stalled is a run against a server that stands still once.
type stalled struct {
	*stall
	*watch
	started  time.Time
	response *results.Histogram
	service  *results.Histogram
	queued   *results.Histogram
}

func runStalled(t *testing.T, slots int, phase pace.Phase) *stalled {
	t.Helper()
	t.Parallel()
	r := &stalled{stall: &stall{after: 2 * time.Second, length: stallTime, service: 5 * time.Millisecond},
		watch: &watch{sent: map[int64]time.Time{}, judged: map[int64]time.Time{}}}
	sum, sink, _ := do(t, serve(t, r.delay).Addr().String(), func(c *Config, j *plainJudge) {
		r.plainJudge, c.Judge, c.MaxInFlight = j, r.watch, slots
	}, phase)
	if p := sum.Phases[0]; p.Dropped != 0 || p.Done != p.Planned {
		t.Fatalf("%+v: want all done", p.Ledger)
	}
	r.started, r.response, r.service, r.queued = sum.Started, sink.hist("response", "good"), sink.hist("service", "all"), sink.hist("queued", "all")
	return r
}

// checkOpen holds what an open model has to report: the answer cannot come before the server writes it, nor after it is judged;
// and what is due during the stall waits for its end, wherever it waits.
func (r *stalled) checkOpen(t *testing.T) {
	t.Helper()
	var low, high, arithmetic []time.Duration
	for k := range int64(stallRate * stallLength / time.Second) {
		due := r.started.Add(time.Duration(k) * time.Second / stallRate)
		low, high = append(low, r.answered[k].Sub(due)), append(high, r.judged[k].Sub(due))
		wait := r.stall.service
		if !due.Before(r.from) && !due.After(r.to) {
			wait += r.to.Sub(due)
		}
		arithmetic = append(arithmetic, wait)
	}
	between(t, "response", r.response, low, high)
	between(t, "response from below", r.response, arithmetic, high)
	for q, share := range map[float64]float64{0.9: 0.49, 0.99: 0.93} {
		if got := float64(r.response.Quantile(q)) / float64(stallTime); got < share {
			t.Errorf("response: the quantile %v is %.3f of the stall, want %.2f at least", q, got, share)
		}
	}
	low, high = nil, nil
	for k, at := range r.answered {
		low, high = append(low, at.Sub(r.came[k])), append(high, r.judged[k].Sub(r.sent[k]))
	}
	between(t, "service", r.service, low, high)
}

// checkClosed holds that a closed model does not see more of the stall than its callers' open calls.
func (r *stalled) checkClosed(t *testing.T) {
	t.Helper()
	if n, all := r.during(r.sent), len(r.sent); n > stallCallers || all < 10*stallCallers {
		t.Errorf("%d of %d calls were sent during the stall, of %d callers", n, all, stallCallers)
	}
	// Call k is begun when all but stallCallers-1 of those before it are judged.
	judged := slices.SortedFunc(maps.Values(r.judged), time.Time.Compare)
	var low, high []time.Duration
	for k, at := range r.answered {
		begun := r.started
		if k >= stallCallers {
			begun = judged[k-stallCallers]
		}
		low, high = append(low, at.Sub(r.came[k])), append(high, r.judged[k].Sub(begun))
	}
	between(t, "response", r.response, low, high)
}

// TestStall holds what is reported of a stall against arithmetic: of arrivals at an even rate over five stalls' time, a
// fifth comes during it and waits for its end, evenly from nothing to all of it. So the 90th percentile of the response is
// half the stall and the 99th is 95 % of it, however many calls may be open at once. A closed model does not see it.
func TestStall(t *testing.T) {
	t.Run("open, enough slots", func(t *testing.T) {
		r := runStalled(t, 1500, constant(stallRate, stallLength))
		r.checkOpen(t)
		if n := r.queued.Max(); n != 0 {
			t.Errorf("longest in the queue %d ns: want none", n)
		}
	})
	t.Run("open, few slots", func(t *testing.T) {
		r := runStalled(t, stallCallers, constant(stallRate, stallLength))
		r.checkOpen(t)
		if n := r.during(r.sent); n > stallCallers {
			t.Errorf("%d calls were sent while nothing was answered, over %d slots", n, stallCallers)
		}
	})
	t.Run("closed", func(t *testing.T) {
		runStalled(t, 0, pace.Phase{Name: "main", Record: true, Duration: stallLength, Shape: pace.Callers{N: stallCallers}}).checkClosed(t)
	})
}
