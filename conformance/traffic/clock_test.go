package traffic

import (
	"net/http"
	"testing"
	"time"

	"axbench/runner/wire"

	"pgregory.net/rapid"
)

// dated is an answer whose Date is d, to a call that was open from sent to done.
func dated(d string, sent, done time.Time) *wire.Answer {
	a := &wire.Answer{Head: []byte("HTTP/1.1 200 OK\r\nX-Date: no\r\nDate: " + d + "\r\nServer: x\r\n")}
	a.Times.Sent, a.Times.Done = sent, done
	return a
}

// TestSkewHoldsTheTruth: whatever the server's clock is off by, and however old the Dates are that it makes once a second, the truth
// lies between the bounds, to what a Date may be old; many answers tell it closely.
func TestSkewHoldsTheTruth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		off := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(rt, "off"))
		stale := time.Duration(rapid.Int64Range(0, int64(dateStale)).Draw(rt, "stale"))
		tr := New(Config{})
		now := testNow
		calls := rapid.IntRange(1, 300).Draw(rt, "calls")
		for range calls {
			out, back := time.Duration(rapid.Int64Range(0, 20e6).Draw(rt, "out")), time.Duration(rapid.Int64Range(0, 20e6).Draw(rt, "back"))
			at := now.Add(out + off)
			at = at.Add(-stale).Truncate(time.Second) // made once a second, stale after it began
			tr.clock.observe(dated(at.Format(http.TimeFormat), now, now.Add(out+back)))
			now = now.Add(time.Duration(rapid.Int64Range(0, 50e6).Draw(rt, "gap")))
		}
		s, ok := tr.Skew()
		if !ok || s.Jumped || s.Low > s.High {
			rt.Fatalf("%+v, %v", s, ok)
		}
		if s.Low > off || s.High < off-stale {
			rt.Fatalf("between %s and %s, it is %s (Dates up to %s old)", s.Low, s.High, off, stale)
		}
		if s.High-s.Low > dateGrain+40*time.Millisecond {
			rt.Fatalf("between %s and %s: one answer alone tells more", s.Low, s.High)
		}
	})
}

func TestSkew(t *testing.T) {
	at := func(s string) time.Time {
		d, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	noon := at("2026-03-01T12:00:00Z")
	for _, tt := range []struct {
		name    string
		answers []*wire.Answer
		want    Skew
		ok      bool
	}{
		{"no answer", nil, Skew{}, false},
		{"no Date", []*wire.Answer{{Head: []byte("HTTP/1.1 200 OK\r\nDated: x\r\n"), Times: wire.Times{Sent: noon, Done: noon}}}, Skew{}, false},
		{"no time", []*wire.Answer{dated("yesterday", noon, noon)}, Skew{}, false},
		{"not sent", []*wire.Answer{dated("Sun, 01 Mar 2026 12:00:00 GMT", time.Time{}, noon)}, Skew{}, false},
		{"one answer", []*wire.Answer{dated("Sun, 01 Mar 2026 12:20:00 GMT", noon, noon.Add(time.Millisecond))},
			Skew{20*time.Minute - time.Millisecond, 20*time.Minute + time.Second, false}, true},
		{"another name of the field", []*wire.Answer{{Head: []byte("HTTP/1.1 200 OK\r\ndate:Sun, 01 Mar 2026 11:59:50 GMT"), Times: wire.Times{Sent: noon, Done: noon}}},
			Skew{-10 * time.Second, -9 * time.Second, false}, true},
		{"a second answer narrows", []*wire.Answer{dated("Sun, 01 Mar 2026 12:00:05 GMT", noon, noon), dated("Sun, 01 Mar 2026 12:00:05 GMT", noon.Add(900*time.Millisecond), noon.Add(900*time.Millisecond))},
			Skew{5 * time.Second, 5*time.Second + 100*time.Millisecond, false}, true},
		{"a jump", []*wire.Answer{dated("Sun, 01 Mar 2026 12:00:05 GMT", noon, noon), dated("Sun, 01 Mar 2026 12:10:00 GMT", noon, noon)},
			Skew{10 * time.Minute, 10*time.Minute + time.Second, true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := New(Config{})
			for _, a := range tt.answers {
				tr.clock.observe(a)
			}
			if got, ok := tr.Skew(); got != tt.want || ok != tt.ok {
				t.Errorf("%+v, %v; want %+v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func FuzzDate(f *testing.F) {
	for _, head := range []string{"HTTP/1.1 200 OK\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\n", "date:Sun, 01 Mar 2026 12:00:00 GMT", "Date: \r\n", "D\nda\ndate:", "Date: Sun, 01 Mar 0000 12:00:00 GMT\r\n"} {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		var c clock
		first, ok := c.dateOf(head)
		again, still := c.dateOf(head)
		if first != again || ok != still {
			t.Errorf("%d %v, then %d %v", first, ok, again, still)
		}
		a := &wire.Answer{Head: head}
		a.Times.Sent, a.Times.Done = testNow, testNow
		c.observe(a)
		c.observe(a)
	})
}
