package traffic

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestBreaker(t *testing.T) {
	type calls struct {
		at       time.Duration
		n        int
		code     string
		expected bool
	}
	for _, tt := range []struct {
		name  string
		calls []calls
		opens string
	}{
		{"19 refusals are too few", []calls{{0, 19, "SignatureDoesNotMatch", false}}, ""},
		{"20 are enough", []calls{{0, 20, "SignatureDoesNotMatch", false}}, "refused for who sent them"},
		{"a fifth of auth codes", []calls{{0, 80, "OK", true}, {0, 20, "InvalidAccessKeyId.NotFound", false}}, "20 of 100"},
		{"less than a fifth", []calls{{0, 81, "OK", true}, {0, 20, "InvalidAccessKeyId.NotFound", false}}, ""},
		{"auth codes that were asked for", []calls{{0, 100, "SignatureDoesNotMatch", true}}, ""},
		{"half throttled", []calls{{0, 50, "OK", true}, {0, 50, "Throttling.User", false}}, "throttled"},
		{"less than half throttled", []calls{{0, 51, "OK", true}, {0, 50, "isv.FLOW_LIMIT", false}}, ""},
		{"other failures", []calls{{0, 1000, "isv.NO_AVAILABLE_NUMBER", false}, {0, 1000, "timeout", false}}, ""},
		{"spread over 5 s", []calls{{0, 4, "Throttling", false}, {1e9, 4, "Throttling", false}, {2e9, 4, "Throttling", false}, {3e9, 4, "Throttling", false}, {4e9, 4, "Throttling", false}}, "throttled"},
		{"spread over 6 s", []calls{{0, 4, "Throttling", false}, {1e9, 4, "Throttling", false}, {2e9, 4, "Throttling", false}, {3e9, 4, "Throttling", false}, {5e9, 4, "Throttling", false}}, ""},
		{"old successes do not count", []calls{{0, 1000, "OK", true}, {6e9, 20, "isp.RAM_PERMISSION_DENY", false}}, "20 of 20"},
		{"an answer out of order", []calls{{4e9, 19, "NoPermission", false}, {3e9, 1, "NoPermission", false}, {4e9, 1, "NoPermission", false}}, "21 of 21"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var reasons []string
			b := NewBreaker(0, 0, func(r string) { reasons = append(reasons, r) })
			for _, c := range tt.calls {
				for range c.n {
					b.Observe(testNow.Add(c.at), c.code, c.expected)
				}
			}
			if b.Open() != (tt.opens != "") || len(reasons) > 1 || tt.opens != "" && (len(reasons) != 1 || !strings.Contains(reasons[0], tt.opens)) {
				// The reason names the state at the moment of opening: the first that reaches the limit.
				t.Errorf("reasons %q, want %q", reasons, tt.opens)
			}
		})
	}
}

func TestBreakerStopsOnce(t *testing.T) {
	var mu sync.Mutex
	stops := 0
	b := NewBreaker(0, 0, func(string) { mu.Lock(); stops++; mu.Unlock() })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				b.Observe(testNow, "Throttling", false)
			}
		})
	}
	wg.Wait()
	if stops != 1 {
		t.Errorf("stopped %d times", stops)
	}
	off := NewBreaker(2, 2, func(r string) { t.Error(r) })
	for i := range 100 {
		off.Observe(testNow, []string{"Throttling", "NoPermission"}[i%2], false)
	}
}

func TestTrafficTellsTheBreaker(t *testing.T) {
	for _, expect := range []string{"", "isv.FLOW_LIMIT"} {
		t.Run(fmt.Sprintf("%q", expect), func(t *testing.T) {
			tr := New(Config{MemoryIDs: 1 << 20, Breaker: NewBreaker(0, 0, nil)})
			for range 20 {
				req := bind(t, newSigner(t, clientV1))
				req.Memo.(*Memo).Expect = expect
				judge(tr, req, refused("isv.FLOW_LIMIT"))
			}
			if got := tr.cfg.Breaker.Open(); got != (expect == "") {
				t.Errorf("open: %v", got)
			}
		})
	}
}
