package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	followBatch     = 256
	followHeartbeat = time.Second // of the server to who follows; after two of silence the server is asked anew
)

// Follow calls each for all records whose subject matches, from the first one, in order and once each, then for new ones as they come. It
// goes on after broken connections and restarts of the server, and returns the error of ctx, of each, or what makes it impossible to go on.
func (b *Bus) Follow(ctx context.Context, filter string, each func(Message) error) error {
	if !goodFilter.MatchString(filter) {
		return fmt.Errorf("%q matches no subject of a record", filter)
	}
	f := follower{filter: filter, each: each, next: 1}
	began := monotonic()
	for {
		err := f.stretch(ctx, b)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case f.refused != nil:
			return f.refused
		case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, jetstream.ErrJetStreamNotEnabled),
			errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), b.denied(StreamName, began):
			return fmt.Errorf("follow %s: %w", filter, b.because(err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryIn):
		}
	}
}

// follower is how far somebody has come who follows.
type follower struct {
	filter  string
	each    func(Message) error
	next    uint64 // sequence of the first record that each has not seen
	refused error  // by each
}

// stretch follows until anything is in the way. Only one filter is given to the server: those before 2.10 take no more.
func (f *follower) stretch(ctx context.Context, b *Bus) error {
	asked, cancel := b.bounded(ctx, ackWithin)
	defer cancel()
	consumer, err := b.js.CreateConsumer(asked, StreamName, jetstream.ConsumerConfig{
		FilterSubject: f.filter, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: f.next, AckPolicy: jetstream.AckNonePolicy,
		InactiveThreshold: 30 * time.Second, MemoryStorage: true, Replicas: 1,
	})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(followBatch), jetstream.PullExpiry(10*time.Second),
		jetstream.PullHeartbeat(followHeartbeat), jetstream.WithMessagesErrOnMissingHeartbeat(true))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for delivered := uint64(1); ; delivered++ {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		if meta.Sequence.Consumer != delivered || meta.Sequence.Stream < f.next {
			return fmt.Errorf("record %d came out of turn", meta.Sequence.Stream)
		}
		if f.refused = f.each(Message{Subject: m.Subject(), Seq: meta.Sequence.Stream, Time: meta.Timestamp, Data: m.Data()}); f.refused != nil {
			return f.refused
		}
		f.next = meta.Sequence.Stream + 1
	}
}
