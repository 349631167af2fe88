package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	clockRoot      = "axbench.clock."
	clockExchanges = 16
	clockWithin    = time.Second // for one answer
	clockKeyBytes  = 64          // no key is longer
)

// ClockAnswer is what the controller says when it is asked for the time.
type ClockAnswer struct {
	UnixNS int64  `json:"unix_ns"`
	Key    []byte `json:"key,omitempty"` // of fingerprints; it is never stored
}

// ServeClock answers those who ask for the time of a run until stop is called.
func (b *Bus) ServeClock(id string, now func() time.Time, key []byte) (stop func(), err error) {
	if len(key) > clockKeyBytes {
		return nil, fmt.Errorf("a key of %d bytes, at most %d", len(key), clockKeyBytes)
	}
	return b.listen(clockRoot, id, func(m *nats.Msg) {
		if data, err := json.Marshal(ClockAnswer{UnixNS: now().UnixNano(), Key: key}); err == nil {
			_ = m.Respond(data) // who gets no answer asks again
		}
	})
}

// AskClock finds how far now is ahead of the controller's clock. Of 16 exchanges that with the least round trip counts: its offset is right
// to half of that, whatever the network does. It waits for a controller until ctx ends.
func (b *Bus) AskClock(ctx context.Context, id string, now func() time.Time) (offset, rtt time.Duration, key []byte, err error) {
	if err := CheckID(id); err != nil {
		return 0, 0, nil, err
	}
	for n := 0; n < clockExchanges; {
		off, took, answer, err := b.exchange(ctx, id, now)
		switch {
		case err == nil && n > 0 && !bytes.Equal(key, answer.Key):
			return 0, 0, nil, errors.New("clock: two controllers answer for this run")
		case err == nil:
			if n == 0 || took < rtt {
				offset, rtt, key = off, took, answer.Key
			}
			n++
			continue
		case ctx.Err() != nil || !transient(err):
			return 0, 0, nil, fmt.Errorf("clock: %w", b.because(errors.Join(ctx.Err(), err)))
		}
		select {
		case <-ctx.Done():
			return 0, 0, nil, fmt.Errorf("clock: %w", b.because(errors.Join(ctx.Err(), err)))
		case <-time.After(retryIn):
		}
	}
	return offset, rtt, key, nil
}

// exchange asks for the time once. The round trip is measured by this process's own monotonic clock, not by now, which may jump.
func (b *Bus) exchange(ctx context.Context, id string, now func() time.Time) (offset, rtt time.Duration, a ClockAnswer, err error) {
	ctx, cancel := b.bounded(ctx, clockWithin)
	defer cancel()
	sent, began := now(), monotonic()
	m, err := b.nc.RequestWithContext(ctx, clockRoot+id, nil)
	if err != nil {
		return 0, 0, a, err
	}
	rtt = monotonic() - began
	if err := json.Unmarshal(m.Data, &a); err != nil || a.UnixNS <= 0 || len(a.Key) > clockKeyBytes {
		return 0, 0, a, fmt.Errorf("%d bytes that are no time", len(m.Data))
	}
	return time.Duration(sent.UnixNano() - a.UnixNS + int64(rtt/2)), rtt, a, nil
}
