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
