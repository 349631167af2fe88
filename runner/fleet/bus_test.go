package fleet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// within bounds what a test may wait for; nothing is asserted about time.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func embed(t *testing.T, o EmbedOptions) *Server {
	t.Helper()
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "bus")
	}
	s, err := Embed(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func dial(t *testing.T, o Options) *Bus {
	t.Helper()
	b, err := Dial(within(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// prepared returns a bus of a fresh embedded server, over a socket.
func prepared(t *testing.T) (*Bus, *Server) {
	t.Helper()
	s := embed(t, EmbedOptions{})
	b := dial(t, Options{URL: s.URL(), Name: t.Name()})
	if err := b.Prepare(within(t)); err != nil {
		t.Fatal(err)
	}
	return b, s
}

func TestAppend(t *testing.T) {
	b, s := prepared(t)
	ctx := within(t)
	if err := b.Prepare(ctx); err != nil {
		t.Fatalf("prepared once more: %v", err)
	}
	subject := Subject("run", "slot", "0")
	if m, err := b.Last(ctx, subject); m != nil || err != nil {
		t.Fatalf("last of nothing: %v, %v", m, err)
	}
	first, err := b.Append(ctx, subject, []byte("claim"), 0)
	if err != nil || first == 0 {
		t.Fatal(first, err)
	}
	other := dial(t, s.Options())
	if _, err := other.Append(ctx, subject, []byte("other's claim"), 0); !errors.Is(err, ErrOther) {
		t.Fatalf("a second claim: %v, want ErrOther", err)
	}
	second, err := b.Append(ctx, subject, []byte("ready"), first)
	if err != nil || second <= first {
		t.Fatal(second, err)
	}
	if _, err := other.Append(ctx, subject, []byte("fence"), first); !errors.Is(err, ErrOther) {
		t.Fatalf("a fence after a record it did not see: %v, want ErrOther", err)
	}
	if again, err := b.Append(ctx, subject, []byte("ready"), first); err != nil || again != second {
		t.Fatalf("the same record again: %d, %v; want %d", again, err, second)
	}
	if _, err := other.Append(ctx, subject, []byte("fence"), second); err != nil {
		t.Fatal(err)
	}
	if m, err := b.Last(ctx, subject); err != nil || m == nil || string(m.Data) != "fence" || m.Subject != subject || m.Time.IsZero() {
		t.Fatalf("%+v, %v", m, err)
	}
	for range 2 {
		if _, err := b.Add(ctx, Subject("run", "late", "0"), []byte("window")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFollow(t *testing.T) {
	b, s := prepared(t)
	ctx := within(t)
	var want []string
	add := func(from, to int) {
		for i := from; i < to; i++ {
			data := fmt.Sprint("record ", i)
			want = append(want, data)
			if _, err := b.Add(ctx, Subject("run", "slot", fmt.Sprint(i%3)), []byte(data)); err != nil {
				t.Error(err)
			}
			if _, err := b.Add(ctx, Subject("runner", "slot", "0"), []byte("another run's")); err != nil {
				t.Error(err)
			}
		}
	}
	add(0, 300)
	end := errors.New("enough")
	var got []string
	followed := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		followed <- dial(t, s.Options()).Follow(ctx, Subject("run", ">"), func(m Message) error {
			if got = append(got, string(m.Data)); len(got) == 1 {
				close(begun)
			}
			if len(got) == 600 {
				return end
			}
			return nil
		})
	}()
	<-begun
	add(300, 600)
	if err := <-followed; !errors.Is(err, end) {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d records, the order or one of them is wrong", len(got))
	}

	stopped, cancel := context.WithCancel(ctx)
	err := b.Follow(stopped, Subject("run", "slot", "*"), func(Message) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the error of its context", err)
	}
	if err := b.Follow(ctx, "axbench.ctl.>", nil); err == nil || !strings.Contains(err.Error(), "matches no subject") {
		t.Errorf("a foreign filter: %v", err)
	}
}

func TestIDs(t *testing.T) {
	for _, id := range []string{"a", "20261127-smoke-0a1b", strings.Repeat("x", 40), "-"} {
		if err := CheckID(id); err != nil {
			t.Error(err)
		}
	}
	b, _ := prepared(t)
	ctx := within(t)
	for _, id := range []string{"", strings.Repeat("x", 41), "A", "a.b", "*", ">", "a b", "a\r\nPUB x 1", "ä", "a\x00", "a\n"} {
		if CheckID(id) == nil {
			t.Errorf("%q is an id", id)
		}
		if err := b.SendBeat(id, Beat{}); err == nil {
			t.Errorf("a beat for %q", id)
		}
		if _, err := b.Beats(id, func(Beat) {}); err == nil {
			t.Errorf("beats of %q", id)
		}
		if _, err := b.ServeClock(id, time.Now, nil); err == nil {
			t.Errorf("a clock for %q", id)
		}
		if _, _, _, err := b.AskClock(ctx, id, time.Now); err == nil {
			t.Errorf("the time of %q", id)
		}
		if id == "a.b" { // a subject may have as many parts
			continue
		}
		if _, err := b.Append(ctx, Subject(id), nil, 0); err == nil {
			t.Errorf("appended for %q", id)
		}
		if _, err := b.Add(ctx, Subject("run", id), nil); err == nil {
			t.Errorf("added for %q", id)
		}
		if _, err := b.Last(ctx, Subject("run", id)); err == nil {
			t.Errorf("last record of %q", id)
		}
		if err := b.Follow(ctx, Subject(id, ">", "x"), func(Message) error { return nil }); err == nil {
			t.Errorf("followed %q", id)
		}
	}
}

func TestBytes(t *testing.T) {
	b, s := prepared(t)
	ctx := within(t)
	var last uint64
	var want [][]byte
	for i, data := range [][]byte{nil, {0}, []byte("\r\nMSG x 1 1\r\n"), []byte("{\"a\":\xff}"), []byte(strings.Repeat("+OK\r\n", 1000)), make([]byte, 1<<20-256)} {
		seq, err := b.Append(ctx, Subject("bytes"), data, last)
		if err != nil {
			t.Fatal(i, err)
		}
		last, want = seq, append(want, data)
		if m, err := b.Last(ctx, Subject("bytes")); err != nil || m == nil || string(m.Data) != string(data) || m.Seq != seq {
			t.Fatal(i, m, err)
		}
	}
	end := errors.New("end")
	n := 0
	if err := dial(t, s.Options()).Follow(ctx, Subject("bytes"), func(m Message) error {
		if string(m.Data) != string(want[n]) {
			t.Errorf("record %d is another", n)
		}
		if n++; n == len(want) {
			return end
		}
		return nil
	}); !errors.Is(err, end) {
		t.Fatal(err)
	}
	_, err := b.Append(ctx, Subject("bytes"), make([]byte, 1<<20), last)
	if err == nil || !strings.Contains(err.Error(), "1048576 bytes") || !strings.Contains(err.Error(), "takes 1048320 at most") {
		t.Errorf("too large a record: %v", err)
	}
}

func TestNoStream(t *testing.T) {
	s := embed(t, EmbedOptions{})
	b := dial(t, s.Options())
	ctx := within(t)
	if _, err := b.Append(ctx, Subject("x"), nil, 0); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("append: %v", err)
	}
	if _, err := b.Last(ctx, Subject("x")); err == nil || !strings.Contains(err.Error(), "stream not found") {
		t.Errorf("last: %v", err)
	}
	if err := b.Follow(ctx, Subject("x"), nil); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("follow: %v", err)
	}
	b.Close()
	for _, err := range []error{b.Prepare(ctx), b.Follow(ctx, Subject("x"), nil)} {
		if !errors.Is(err, nats.ErrConnectionClosed) {
			t.Errorf("on a closed bus: %v", err)
		}
	}
	if _, err := b.Append(ctx, Subject("x"), nil, 0); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("on a closed bus: %v", err)
	}
}

// TestPrepareRefuses finds a stream of the same name in its place.
func TestPrepareRefuses(t *testing.T) {
	good := func() jetstream.StreamConfig {
		return jetstream.StreamConfig{Name: StreamName, Subjects: []string{"axbench.run.>"}, DenyDelete: true, DenyPurge: true}
	}
	for _, c := range []struct {
		say  string // "": it is taken
		make func(*jetstream.StreamConfig)
	}{
		{"", func(c *jetstream.StreamConfig) { c.MaxAge = 48 * time.Hour }},
		{"", func(c *jetstream.StreamConfig) { c.MaxBytes, c.Discard = 1<<30, jetstream.DiscardNew }},
		{"memory", func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage }},
		{"subjects", func(c *jetstream.StreamConfig) { c.Subjects = []string{"axbench.>"} }},
		{"deleted", func(c *jetstream.StreamConfig) { c.DenyDelete = false }},
		{"purged", func(c *jetstream.StreamConfig) { c.DenyPurge = false }},
		{"purged", func(c *jetstream.StreamConfig) { c.DenyPurge, c.AllowRollup = false, true }},
		{"after 1m0s", func(c *jetstream.StreamConfig) { c.MaxAge, c.Duplicates = time.Minute, time.Minute }},
		{"many", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 }},
		{"full", func(c *jetstream.StreamConfig) { c.MaxMsgs = 10 }},
		{"nothing", func(c *jetstream.StreamConfig) { c.NoAck = true }},
		{"retention", func(c *jetstream.StreamConfig) { c.Retention = jetstream.InterestPolicy }},
		{"before they are written", func(c *jetstream.StreamConfig) { c.PersistMode = jetstream.AsyncPersistMode }},
	} {
		s := embed(t, EmbedOptions{})
		b := dial(t, s.Options())
		config := good()
		c.make(&config)
		if _, err := b.js.CreateStream(within(t), config); err != nil {
			t.Fatal(c.say, err)
		}
		err := b.Prepare(within(t))
		if c.say == "" && err != nil || c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)) {
			t.Errorf("%v, want %q", err, c.say)
		}
		b.Close()
		s.Close()
	}
}
