package fleet

import (
	"context"
	"errors"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// memory is a stream in memory, for as many clients as ask.
type memory struct {
	mu       sync.Mutex
	down     bool // nobody reaches it
	messages []Message
	last     map[string]uint64
	changed  chan struct{}
	beats    map[chan Beat]*client
	clock    func() time.Time
	key      []byte
}

func newMemory() *memory {
	return &memory{last: map[string]uint64{}, changed: make(chan struct{}), beats: map[chan Beat]*client{}}
}

// client is one process's way to the stream. Cut off, it reaches nothing and nothing reaches it.
type client struct {
	m        *memory
	cut      bool        // under m.mu
	still    atomic.Bool // its process stands still
	loseAcks int         // so many appends are taken without the client being told
}

var errAway = errors.New("the stream is away")

func (c *client) Append(ctx context.Context, subject string, data []byte, last uint64) (uint64, error) {
	return c.write(ctx, subject, data, &last)
}

func (c *client) Add(ctx context.Context, subject string, data []byte) (uint64, error) {
	return c.write(ctx, subject, data, nil)
}

func (c *client) write(ctx context.Context, subject string, data []byte, last *uint64) (uint64, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if c.cut || c.m.down {
		c.m.mu.Unlock()
		waitFor(ctx, attempt) // as a client that waits for an answer
		c.m.mu.Lock()
		return 0, errAway
	}
	if have := c.m.last[subject]; last != nil && have != *last {
		if have > 0 && string(c.m.messages[have-1].Data) == string(data) { // ours: the answer was lost
			return have, nil
		}
		return 0, ErrOther
	}
	seq := uint64(len(c.m.messages) + 1)
	c.m.messages = append(c.m.messages, Message{Subject: subject, Seq: seq, Data: append([]byte(nil), data...)})
	c.m.last[subject] = seq
	close(c.m.changed)
	c.m.changed = make(chan struct{})
	if c.loseAcks > 0 {
		c.loseAcks--
		return 0, errAway
	}
	return seq, nil
}

func (c *client) Last(ctx context.Context, subject string) (*Message, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if c.cut || c.m.down {
		return nil, errAway
	}
	if seq := c.m.last[subject]; seq > 0 {
		m := c.m.messages[seq-1]
		return &m, nil
	}
	return nil, nil
}

func (c *client) Follow(ctx context.Context, filter string, each func(Message) error) error {
	for at := 0; ; {
		c.m.mu.Lock()
		fresh, changed := c.m.messages[min(at, len(c.m.messages)):], c.m.changed
		away := c.cut || c.m.down
		c.m.mu.Unlock()
		if away {
			if !waitFor(ctx, retryPause) {
				return ctx.Err()
			}
			continue
		}
		for _, m := range fresh {
			at++
			if ok, _ := path.Match(strings.ReplaceAll(filter, ">", "*"), strings.ReplaceAll(m.Subject, "/", "")); !ok && !strings.HasPrefix(m.Subject, strings.TrimSuffix(filter, ">")) {
				continue
			}
			if err := each(m); err != nil {
				return err
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *client) SendBeat(_ string, b Beat) error {
	for c.still.Load() {
		time.Sleep(time.Millisecond)
	}
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if c.cut || c.m.down {
		return errAway
	}
	for ch, to := range c.m.beats {
		if !to.cut {
			select {
			case ch <- b:
			default:
			}
		}
	}
	return nil
}

func (c *client) Beats(_ string, each func(Beat)) (func(), error) {
	ch, over, done := make(chan Beat, 64), make(chan struct{}), make(chan struct{})
	c.m.mu.Lock()
	c.m.beats[ch] = c
	c.m.mu.Unlock()
	go func() {
		defer close(done)
		for {
			select {
			case b := <-ch:
				each(b)
			case <-over:
				return
			}
		}
	}()
	return func() {
		c.m.mu.Lock()
		delete(c.m.beats, ch)
		c.m.mu.Unlock()
		close(over)
		<-done
	}, nil
}

func (c *client) ServeClock(_ string, now func() time.Time, key []byte) (func(), error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.m.clock, c.m.key = now, key
	return func() {}, nil
}

func (c *client) AskClock(_ context.Context, _ string, now func() time.Time) (time.Duration, time.Duration, []byte, error) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	if c.cut || c.m.down || c.m.clock == nil {
		return 0, 0, nil, errAway
	}
	return now().Sub(c.m.clock()), 200 * time.Microsecond, c.m.key, nil
}
