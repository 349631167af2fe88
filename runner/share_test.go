package runner

import (
	"sync"
	"testing"
	"time"
)

// half is a generator's part: every other arrival. Its permission ends when arrival last was handed over and admitted, and before a worker sends it.
type half struct {
	last int64

	mu      sync.Mutex
	ending  bool
	permits int // left, when it is ending
	offered []int64
}

func (h *half) Mine(k int64) bool       { return k%2 == 0 }
func (h *half) Count(a, b int64) int64  { return (b+1)/2 - (a+1)/2 }
func (h *half) Index(n int64) int64     { return 2 * n }
func (h *half) Over(time.Duration) bool { return false }

func (h *half) Offer(k int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.offered = append(h.offered, k)
	if k == h.last {
		h.ending, h.permits = true, 1
	}
	return k <= h.last
}

func (h *half) Permit() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ending {
		h.permits--
	}
	return h.permits >= 0
}

// A part has its own arrivals only, and what has no permission is not sent, however far it has come; the account adds up.
func TestShare(t *testing.T) {
	s := serve(t, nil)
	h := &half{last: 40}
	sum, sink, _ := do(t, s.Addr().String(), func(c *Config, _ *plainJudge) { c.Share, c.Patience = h, 100*time.Millisecond }, constant(100, time.Second))
	p := &sum.Phases[0]
	if p.Planned != 50 || p.Done != 20 || p.NotOffered+p.Dropped != 30 || len(h.offered) != 50 {
		t.Errorf("%+v, %d offered", p.Ledger, len(h.offered))
	}
	for k := range s.came {
		if k%2 != 0 || k >= h.last {
			t.Errorf("arrival %d came", k)
		}
	}
	checkLines(t, sum, sink)
}
