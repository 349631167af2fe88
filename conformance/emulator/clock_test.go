package emulator

import (
	"math"
	"sync"
	"testing"
	"time"
)

// TestMoveClock moves the business clock: bindings end by it, Expiration is held against it and answers show it, while
// signed calls of clients that know nothing of it go on being accepted.
func TestMoveClock(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, ""), fixed)
	bound := newBind().with("Expiration", "2026-11-23 17:00:00") // half an hour after noon, which is 16:30 in the document's zone
	a := e.raw(t, bound.get())
	x, id := a.fields["SecretBindDTO.SecretNo"], a.fields["SecretBindDTO.SubsId"]
	query := func() answer {
		return e.raw(t, newParams("QuerySubscriptionDetail").with("PoolKey", BuiltinPool, "SubsId", id, "PhoneNoX", x).get())
	}
	if q := query(); q.fields["SecretBindDetailDTO.Status"] != "1" {
		t.Fatalf("before the move: %s", q.body)
	}
	if e.MoveClock(29*time.Minute + 59*time.Second); e.Truth().Live != 1 || query().fields["Code"] != "OK" {
		t.Errorf("a second before its end the binding is gone: %+v", e.Truth())
	}
	if e.MoveClock(30 * time.Minute); e.Truth().Live != 0 {
		t.Errorf("the binding outlives its end: %+v", e.Truth())
	}
	if q := query(); q.fields["Code"] != "OK" || q.fields["SecretBindDetailDTO.Status"] != "0" || q.fields["SecretBindDetailDTO.SubsId"] != id {
		t.Errorf("asked for after its end: %s", q.body)
	}
	if got := e.ClockOffset(); got != 30*time.Minute || !e.Now().Equal(noon.Add(got)) {
		t.Errorf("offset %v, now %v", got, e.Now())
	}
	for _, c := range []struct{ expiration, code string }{
		{"2026-11-23 17:00:00", "isv.EXPIRE_DATE_ILLEGAL"}, {"2026-11-23 16:59:00", "isv.EXPIRE_DATE_ILLEGAL"}, {"2026-11-23 17:02:00", "OK"},
	} {
		if a := e.raw(t, newBind().with("Expiration", c.expiration).get()); a.fields["Code"] != c.code {
			t.Errorf("Expiration %s at 17:00: %s, want %s", c.expiration, a.body, c.code)
		}
	}
	again := e.raw(t, newBind().with("Expiration", "2026-11-23 18:00:00").get())
	x, id = again.fields["SecretBindDTO.SecretNo"], again.fields["SecretBindDTO.SubsId"]
	if q := query(); q.fields["SecretBindDetailDTO.GmtCreate"] != "2026-11-23 17:00:00" {
		t.Errorf("created: %s", q.body)
	}
	if a := e.raw(t, newBind().with("Timestamp", "2026-11-23T09:30:00Z").get()); a.fields["Code"] != "InvalidTimeStamp.Expired" {
		t.Errorf("a Timestamp of the moved clock: %s", a.body)
	}
	e.MoveClock(-24 * time.Hour)
	if a := e.raw(t, newBind().with("Expiration", "2026-11-22 17:00:00").get()); a.fields["Code"] != "OK" {
		t.Errorf("a day back: %s", a.body)
	}
}

// TestAdvanceClock moves from many goroutines: no step is lost, and the bounds hold.
func TestAdvanceClock(t *testing.T) {
	s, err := New(config(t, ""), fixed)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 100 {
				s.AdvanceClock(time.Second)
			}
		})
	}
	all.Wait()
	if got := s.ClockOffset(); got != 1600*time.Second {
		t.Errorf("offset %v after 1600 steps of a second", got)
	}
	for _, c := range []struct{ move, want time.Duration }{{math.MaxInt64, MaxOffset}, {math.MinInt64, -MaxOffset}, {math.MaxInt64, MaxOffset}} {
		if got := s.AdvanceClock(c.move); got != c.want {
			t.Errorf("moved by %v to %v, want %v", c.move, got, c.want)
		}
		if s.MoveClock(c.move); s.ClockOffset() != c.want {
			t.Errorf("moved to %v, want %v", s.ClockOffset(), c.want)
		}
	}
}

// TestClockOffset: an emulator whose clock is off refuses calls that are signed by the right one, accepts those of its own time, and
// says what time it takes it for.
func TestClockOffset(t *testing.T) {
	leaks(t)
	for _, tt := range []struct {
		offset, stamp, code, date string
	}{
		{"ahead: 20m", "2026-11-23T08:30:00Z", "InvalidTimeStamp.Expired", "Mon, 23 Nov 2026 08:50:00 GMT"},
		{"behind: 20m", "2026-11-23T08:30:00Z", "InvalidTimeStamp.Expired", "Mon, 23 Nov 2026 08:10:00 GMT"},
		{"ahead: 20m", "2026-11-23T08:50:00Z", "OK", "Mon, 23 Nov 2026 08:50:00 GMT"},
		{"ahead: 10m", "2026-11-23T08:30:00Z", "OK", "Mon, 23 Nov 2026 08:40:00 GMT"},
	} {
		e := serve(t, config(t, "clock: {"+tt.offset+"}"), fixed)
		a := e.raw(t, newBind().with("Timestamp", tt.stamp, "Expiration", "2026-11-23 18:00:00").get())
		if a.fields["Code"] != tt.code || a.header.Get("Date") != tt.date {
			t.Errorf("offset %s, Timestamp %s: %s at %s, want %s at %s", tt.offset, tt.stamp, a.fields["Code"], a.header.Get("Date"), tt.code, tt.date)
		}
	}
	for _, wrong := range []string{"ahead: 25h", "behind: 24h1s", "ahead: -1s"} {
		if _, err := Parse("x.yaml", []byte("clock: {"+wrong+"}"), 1); err == nil {
			t.Errorf("clock: {%s} was accepted", wrong)
		}
	}
}
