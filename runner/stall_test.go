package runner

import (
	"sync"
	"testing"
	"time"

	"axbench/results"
	"axbench/runner/pace"
)

// stalled is a server that stands still once: every call that is open in the window waits for its end.
func stalled(after, length, service time.Duration) func(int64) time.Duration {
	var once sync.Once
	var first time.Time
	return func(int64) time.Duration {
		now := time.Now()
		once.Do(func() { first = now })
		from, to := first.Add(after), first.Add(after+length)
		if end := now.Add(service); end.Before(from) || now.After(to) {
			return service
		}
		return to.Sub(now) + service
	}
}

// TestStall holds what is reported of a stall against arithmetic: of arrivals at an even rate over five stalls' time, a
// fifth comes during it and waits for its end, evenly from nothing to all of it. So the 90th percentile of the response is
// half the stall and the 99th is 95 % of it, however many calls may be open at once. A closed model does not see it.
func TestStall(t *testing.T) {
	const stall, service, length = time.Second, 5 * time.Millisecond, 5 * time.Second
	part := func(h *results.Histogram, q float64) float64 { return float64(h.Quantile(q)) / float64(stall) }
	near := func(t *testing.T, what string, got, low, high float64) {
		t.Helper()
		if got < low || got > high {
			t.Errorf("%s is %.3f of the stall, want %.3f to %.3f", what, got, low, high)
		}
	}
	t.Run("open, enough slots", func(t *testing.T) {
		t.Parallel()
		s := serve(t, stalled(2*time.Second, stall, service))
		sum, sink, _ := do(t, s.Addr().String(), func(c *Config, _ *plainJudge) { c.MaxInFlight = 1500 }, constant(200, length))
		for _, h := range []*results.Histogram{sink.hist("response", "good"), sink.hist("service", "all")} {
			near(t, "p90", part(h, 0.9), 0.485, 0.53)
			near(t, "p99", part(h, 0.99), 0.92, 0.985)
		}
		if p := sum.Phases[0]; p.Dropped != 0 || sink.hist("queued", "all").Max() != 0 {
			t.Errorf("%d dropped, longest in the queue %d ns: want none", p.Dropped, sink.hist("queued", "all").Max())
		}
	})
	t.Run("open, few slots", func(t *testing.T) {
		t.Parallel()
		s := serve(t, stalled(2*time.Second, stall, service))
		sum, sink, _ := do(t, s.Addr().String(), func(c *Config, _ *plainJudge) { c.MaxInFlight = 20 }, constant(200, length))
		near(t, "p90 of the response", part(sink.hist("response", "good"), 0.9), 0.485, 0.7)
		near(t, "p90 of the service time", part(sink.hist("service", "all"), 0.9), 0, 0.05)
		if sum.Phases[0].Dropped != 0 {
			t.Errorf("%d dropped, want none", sum.Phases[0].Dropped)
		}
	})
	t.Run("closed", func(t *testing.T) {
		t.Parallel()
		s := serve(t, stalled(2*time.Second, stall, service))
		_, sink, _ := do(t, s.Addr().String(), nil, pace.Phase{Name: "main", Record: true, Duration: length, Shape: pace.Callers{N: 20}})
		near(t, "p90 of the response", part(sink.hist("response", "good"), 0.9), 0, 0.05)
	})
}
