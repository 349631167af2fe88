package fleet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// isAck tells whether a message of the server is the answer to an append, a refusal included.
func isAck(payload string) bool {
	return strings.Contains(payload, `"seq":`) && strings.Contains(payload, `"stream":"`+StreamName+`"`) && !strings.Contains(payload, `"config"`) &&
		!strings.Contains(payload, `"message"`)
}

// once judges the first answer to an append so, and calls before first.
func once(v verdict, before func()) (judge func(string) verdict, done *atomic.Bool) {
	done = &atomic.Bool{}
	return func(payload string) verdict {
		if !isAck(payload) || !done.CompareAndSwap(false, true) {
			return pass
		}
		if before != nil {
			before()
		}
		return v
	}, done
}

func TestLostAnswer(t *testing.T) {
	direct, s := prepared(t)
	p := newProxy(t, s.URL())
	b := dial(t, Options{URL: p.url()})
	ctx := within(t)
	count := func(subject string) (n int) {
		end := errors.New("end")
		marker, err := direct.Add(ctx, Subject("end"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := direct.Follow(ctx, "axbench.run.>", func(m Message) error {
			if m.Subject == subject {
				n++
			}
			if m.Seq == marker {
				return end
			}
			return nil
		}); !errors.Is(err, end) {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		name string
		what verdict
	}{{"the answer alone", drop}, {"the connection", cut}} {
		t.Run(c.name, func(t *testing.T) {
			subject := Subject("lost", fmt.Sprint(c.what))
			judge, done := once(c.what, nil)
			p.judging(judge)
			first, err := b.Append(ctx, subject, []byte("claim"), 0)
			if err != nil || !done.Load() {
				t.Fatalf("%v; an answer was lost: %v", err, done.Load())
			}
			if m, err := direct.Last(ctx, subject); err != nil || m == nil || m.Seq != first {
				t.Fatalf("%+v, %v; want record %d", m, err, first)
			}
			judge, done = once(c.what, nil)
			p.judging(judge)
			if _, err := b.Append(ctx, subject, []byte("ready"), first); err != nil || !done.Load() {
				t.Fatal(err)
			}
			if n := count(subject); n != 2 {
				t.Errorf("%d records, want 2", n)
			}
			added := Subject("lost", "add", fmt.Sprint(c.what))
			judge, done = once(c.what, nil)
			p.judging(judge)
			if _, err := b.Add(ctx, added, []byte("window")); err != nil || !done.Load() {
				t.Fatal(err)
			}
			if n := count(added); n != 1 {
				t.Errorf("added %d times", n)
			}
		})
	}
}

// TestLostAnswerOfTheFenced loses the answer to a record that was refused: what stands there is another's.
func TestLostAnswerOfTheFenced(t *testing.T) {
	direct, s := prepared(t)
	p := newProxy(t, s.URL())
	b := dial(t, Options{URL: p.url()})
	ctx := within(t)
	subject := Subject("lost", "slot", "1")
	first, err := b.Append(ctx, subject, []byte("claim"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := direct.Append(ctx, subject, []byte("fence"), first); err != nil {
		t.Fatal(err)
	}
	refused := &atomic.Bool{}
	p.judging(func(payload string) verdict {
		if strings.Contains(payload, "wrong last sequence") && refused.CompareAndSwap(false, true) {
			return cut
		}
		return pass
	})
	if _, err := b.Append(ctx, subject, []byte("window"), first); !errors.Is(err, ErrOther) || !refused.Load() {
		t.Errorf("%v, want ErrOther after a lost answer (%v)", err, refused.Load())
	}
	// And one that was accepted, after which the slot was given up before the answer could be asked for again.
	subject = Subject("lost", "slot", "2")
	judge, done := once(cut, func() {
		m, err := direct.Last(ctx, subject)
		if err != nil || m == nil {
			t.Errorf("%v, %v", m, err)
			return
		}
		if _, err := direct.Append(ctx, subject, []byte("fence"), m.Seq); err != nil {
			t.Error(err)
		}
	})
	p.judging(judge)
	if _, err := b.Append(ctx, subject, []byte("claim"), 0); !errors.Is(err, ErrOther) || !done.Load() {
		t.Errorf("%v, want ErrOther", err)
	}
}

// TestNoAnswer ends when its context does, and says that it waited for an answer.
func TestNoAnswer(t *testing.T) {
	_, s := prepared(t)
	p := newProxy(t, s.URL())
	b := dial(t, Options{URL: p.url()})
	p.judging(func(string) verdict { return drop })
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := b.Append(ctx, Subject("x"), nil, 0); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrOther) {
		t.Errorf("%v, want the error of its context", err)
	}
	if _, err := b.Last(ctx, Subject("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the error of its context", err)
	}
}

// TestRestart kills the connection and the server under somebody who appends, follows and listens.
func TestRestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bus")
	s, err := Embed(EmbedOptions{Addr: "127.0.0.1:0", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(s.URL(), "nats://")
	ctx := within(t)
	b := dial(t, Options{URL: s.URL()})
	if err := b.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	const records = 30
	end := errors.New("end")
	followed := make(chan error, 1)
	seen := make(chan string, records)
	follower := dial(t, Options{URL: s.URL()})
	go func() {
		n := 0
		followed <- follower.Follow(ctx, Subject("again", ">"), func(m Message) error {
			seen <- string(m.Data)
			if n++; n == records {
				return end
			}
			return nil
		})
	}()
	beats := make(chan Beat, 1000)
	stop, err := follower.Beats("again", func(beat Beat) { beats <- beat })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	var last uint64
	for i := range records {
		if i == records/3 || i == 2*records/3 {
			s.Close()
			if s, err = Embed(EmbedOptions{Addr: address, Dir: dir}); err != nil {
				t.Fatal(err)
			}
		}
		if last, err = b.Append(ctx, Subject("again", "slot", "0"), []byte(fmt.Sprint(i)), last); err != nil {
			t.Fatal(err)
		}
	}
	defer s.Close()
	for i := range records {
		if got := <-seen; got != fmt.Sprint(i) {
			t.Fatalf("record %s came as number %d", got, i)
		}
	}
	if err := <-followed; !errors.Is(err, end) {
		t.Fatal(err)
	}
	for {
		if err := b.SendBeat("again", Beat{State: Armed, Revision: last}); err != nil {
			t.Fatal(err)
		}
		select {
		case beat := <-beats:
			if beat.Revision != last {
				t.Fatalf("%+v", beat)
			}
			return
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("no beat after a restart")
		}
	}
}

// TestFollowThroughCuts breaks the connection of who follows again and again.
func TestFollowThroughCuts(t *testing.T) {
	direct, s := prepared(t)
	p := newProxy(t, s.URL())
	b := dial(t, Options{URL: p.url()})
	ctx := within(t)
	const records = 2000
	end := errors.New("end")
	followed := make(chan error, 1)
	n := 0
	go func() {
		followed <- b.Follow(ctx, Subject("cuts", ">"), func(m Message) error {
			if got := string(m.Data); got != fmt.Sprint(n) {
				return fmt.Errorf("record %s came as number %d", got, n)
			}
			if n++; n == records {
				return end
			}
			if n%400 == 0 {
				p.cut()
			}
			return nil
		})
	}()
	cuts := 0
	p.judging(func(payload string) verdict { // and loses one of them, with the connection left as it is
		if cuts++; cuts == 100 {
			return drop
		}
		return pass
	})
	for i := range records {
		if _, err := direct.Add(ctx, Subject("cuts", "slot", fmt.Sprint(i%2)), []byte(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-followed; !errors.Is(err, end) {
		t.Errorf("%v after %d records", err, n)
	}
}
