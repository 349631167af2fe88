package fleet

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// lying returns a clock that is wrong by so much.
func lying(by time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(by) } }

func TestClock(t *testing.T) {
	b, s := prepared(t)
	ctx := within(t)
	key := bytes.Repeat([]byte{7}, 32)
	for _, c := range []struct {
		name             string
		controller, mine time.Duration
	}{
		{"both right", 0, 0}, {"ahead", 0, 300 * time.Millisecond}, {"behind", 0, -300 * time.Millisecond},
		{"the controller's is wrong", -250 * time.Millisecond, 40 * time.Millisecond}, {"an hour", time.Hour, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			stop, err := b.ServeClock("run", lying(c.controller), key)
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			offset, rtt, got, err := dial(t, Options{URL: s.URL()}).AskClock(ctx, "run", lying(c.mine))
			if err != nil {
				t.Fatal(err)
			}
			if off := offset - (c.mine - c.controller); off.Abs() > rtt || rtt <= 0 {
				t.Errorf("found %v with a round trip of %v: off by %v", offset, rtt, off)
			}
			if !bytes.Equal(got, key) {
				t.Errorf("key %x", got)
			}
		})
	}
}

func TestClockRefuses(t *testing.T) {
	b, s := prepared(t)
	asker := dial(t, s.Options())
	ctx, cancel := context.WithTimeout(within(t), 200*time.Millisecond)
	defer cancel()
	if _, _, _, err := asker.AskClock(ctx, "nobody", time.Now); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody answered: %v", err)
	}
	for _, answer := range []string{"", "\x00\xff{", `{"unix_ns":-1}`, `{"unix_ns":"1"}`, `[]`, `{"unix_ns":1,"key":"` + strings.Repeat("A", 4000) + `"}`} {
		served, err := b.nc.SubscribeSync(clockRoot + "hostile")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.nc.Flush(); err != nil {
			t.Fatal(err)
		}
		answered := make(chan error, 1)
		go func() {
			m, err := served.NextMsg(20 * time.Second)
			if err == nil {
				err = m.Respond([]byte(answer))
			}
			answered <- err
		}()
		if _, _, _, err := asker.AskClock(within(t), "hostile", time.Now); err == nil || !strings.Contains(err.Error(), "no time") {
			t.Errorf("%q was taken for the time: %v", answer, err)
		}
		if err := <-answered; err != nil {
			t.Error(err)
		}
		_ = served.Unsubscribe()
	}
	if _, err := b.ServeClock("run", time.Now, make([]byte, clockKeyBytes+1)); err == nil {
		t.Error("a key that is too long was taken")
	}
}

// TestTwoClocks asks where two controllers believe to be the only one.
func TestTwoClocks(t *testing.T) {
	b, s := prepared(t)
	n := 0
	served, err := b.ServeClock("run", func() time.Time { n++; return time.Now() }, []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	asker := dial(t, s.Options())
	if _, _, _, err := asker.AskClock(within(t), "run", time.Now); err != nil || n != clockExchanges {
		t.Fatalf("%d exchanges, %v", n, err)
	}
	served()
	var keys int
	// The one that answers alternates, as it does when two are equally far.
	alternating, err := b.nc.SubscribeSync(clockRoot + "run")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			m, err := alternating.NextMsg(20 * time.Second)
			if err != nil {
				return
			}
			keys++
			_ = m.Respond([]byte(`{"unix_ns":1,"key":"` + strings.Repeat("A", 4*(1+keys%2)) + `"}`))
		}
	}()
	_, _, _, err = asker.AskClock(within(t), "run", time.Now)
	if err == nil || !strings.Contains(err.Error(), "two controllers") {
		t.Errorf("two keys: %v", err)
	}
	_ = alternating.Unsubscribe()
	<-done
}

func TestBeats(t *testing.T) {
	b, s := prepared(t)
	got := make(chan Beat, 100)
	stop, err := dial(t, Options{URL: s.URL()}).Beats("run", func(beat Beat) { got <- beat })
	if err != nil {
		t.Fatal(err)
	}
	want := []Beat{{State: Forming, Revision: 1}, {State: Armed, Revision: 2}, {State: Aborting, Revision: 3, Reason: "threshold <&>"}}
	for i, beat := range want {
		for _, hostile := range []string{"", "null", "{}", "\x00\xff", `{"state":3}`, `{"state":"armed","revision":-1}`, `{"state":"armed","reason":"` + strings.Repeat("x", beatBytes) + `"}`} {
			if err := b.nc.Publish(beatRoot+"run", []byte(hostile)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.SendBeat("other", Beat{State: Done}); err != nil {
			t.Fatal(err)
		}
		if err := b.SendBeat("run", beat); err != nil {
			t.Fatal(i, err)
		}
	}
	var list []Beat
	for range want {
		list = append(list, <-got)
	}
	if !slices.Equal(list, want) {
		t.Errorf("%+v, want %+v", list, want)
	}
	stop()
	stop()
	if err := b.SendBeat("run", want[0]); err != nil {
		t.Fatal(err)
	}
	b.Close()
	if err := b.SendBeat("run", want[0]); err == nil {
		t.Error("a beat was sent without a connection")
	}
	if len(got) != 0 {
		t.Errorf("%+v came after the end", <-got)
	}
}
