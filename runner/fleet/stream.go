package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// StreamName is the stream that holds the records of all runs.
const StreamName = "AXBENCH"

const (
	subjectRoot = "axbench.run"
	keptFor     = 30 * 24 * time.Hour
	ackWithin   = 2 * time.Second // after which an append is asked about and made again
	retryIn     = 50 * time.Millisecond
)

// ErrOther says that the record that was to be the last of its subject is not: somebody else has appended meanwhile.
var ErrOther = errors.New("another writer has appended to it")

var (
	goodID      = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	goodSubject = regexp.MustCompile(`^axbench\.run(\.[a-z0-9-]{1,40})+$`)
	goodFilter  = regexp.MustCompile(`^axbench\.run(\.([a-z0-9-]{1,40}|\*))*(\.([a-z0-9-]{1,40}|\*|>))$`)
)

// CheckID refuses what is no name of a run.
func CheckID(id string) error {
	if !goodID.MatchString(id) {
		return fmt.Errorf("%q is no id of a run, accepted: 1 to 40 of a to z, 0 to 9 and -", id)
	}
	return nil
}

// Subject returns the subject of a run's records: Subject("x", "slot", "3") is axbench.run.x.slot.3.
func Subject(id string, rest ...string) string {
	return strings.Join(append([]string{subjectRoot, id}, rest...), ".")
}

// Message is a record of the stream.
type Message struct {
	Subject string
	Seq     uint64
	Time    time.Time // when the server took it, on its clock
	Data    []byte
}

// sequence is that of the record, 0 for none.
func (m *Message) sequence() uint64 {
	if m == nil {
		return 0
	}
	return m.Seq
}

// Prepare makes the stream, or checks that the one there is loses nothing.
func (b *Bus) Prepare(ctx context.Context) error {
	s, err := b.js.Stream(ctx, StreamName)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = b.js.CreateStream(ctx, jetstream.StreamConfig{
			Name: StreamName, Description: "records of distributed load tests", Subjects: []string{subjectRoot + ".>"},
			Storage: jetstream.FileStorage, Replicas: 1, MaxAge: keptFor, DenyDelete: true, DenyPurge: true, AllowDirect: true,
		})
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // made at the same time, with other settings
			s, err = b.js.Stream(ctx, StreamName)
		}
	}
	if err != nil {
		return fmt.Errorf("stream %s: %w", StreamName, b.because(err))
	}
	return checkStream(s.CachedInfo().Config)
}

// checkStream refuses a stream that might lose a record or take one that it should not.
func checkStream(c jetstream.StreamConfig) error {
	for _, rule := range []struct {
		broken bool
		say    string
	}{
		{len(c.Subjects) != 1 || c.Subjects[0] != subjectRoot+".>", fmt.Sprintf("its subjects are %q, not %q alone", c.Subjects, subjectRoot+".>")},
		{c.Storage != jetstream.FileStorage, "it is kept in memory, not in files"},
		{c.PersistMode != jetstream.DefaultPersistMode, "it acknowledges records before they are written"},
		{c.NoAck, "it acknowledges nothing"},
		{c.Sealed, "it is sealed"},
		{c.Retention != jetstream.LimitsPolicy, "its retention is not by limits"},
		{!c.DenyDelete, "it lets records be deleted"},
		{!c.DenyPurge || c.AllowRollup, "it lets subjects be purged"},
		{c.MaxAge > 0 && c.MaxAge < 24*time.Hour, fmt.Sprintf("it forgets records after %v", c.MaxAge)},
		{c.MaxMsgsPerSubject > 0, "it forgets records of a subject that has many"},
		{(c.MaxMsgs > 0 || c.MaxBytes > 0) && c.Discard != jetstream.DiscardNew, "it forgets records when it is full"},
		{c.Mirror != nil || len(c.Sources) > 0, "it is a copy of another stream"},
		{c.SubjectTransform != nil, "it changes subjects"},
	} {
		if rule.broken {
			return fmt.Errorf("stream %s cannot be relied on: %s", StreamName, rule.say)
		}
	}
	return nil
}

// Append adds a record to a subject whose last record has the sequence last, 0 if it is to be the first. If somebody else was faster
// the error is ErrOther. An answer that does not come is asked for until ctx ends: when the error is ctx's, it is not known whether the
// record is in the stream.
//
// Records of one subject must differ for that: one that is there already, byte for byte, counts as this one.
func (b *Bus) Append(ctx context.Context, subject string, data []byte, last uint64) (seq uint64, err error) {
	return b.insist(ctx, subject, data, last, jetstream.WithExpectLastSequencePerSubject(last))
}

// Add adds a record to a subject, whatever its last one is. If the answer to it is lost, and others write to that subject too, it
// may end up there twice.
func (b *Bus) Add(ctx context.Context, subject string, data []byte) (seq uint64, err error) {
	return b.insist(ctx, subject, data, 0)
}

// insist publishes until it is known that the record is in the stream or never will be.
func (b *Bus) insist(ctx context.Context, subject string, data []byte, last uint64, expect ...jetstream.PublishOpt) (uint64, error) {
	if !goodSubject.MatchString(subject) {
		return 0, fmt.Errorf("%q is no subject of a record", subject)
	}
	const headers = 256 // at most, of what is expected
	if limit := b.nc.MaxPayload(); limit > 0 && int64(len(data)) > limit-headers {
		return 0, fmt.Errorf("a record of %d bytes on %s: the server takes %d at most", len(data), subject, limit-headers)
	}
	fail := func(err error) (uint64, error) { return 0, fmt.Errorf("append to %s: %w", subject, b.because(err)) }
	began := monotonic()
	doubt := false // whether an earlier attempt may have arrived
	for {
		seq, err := b.attempt(ctx, subject, data, expect)
		if err == nil {
			return seq, nil
		}
		if !wrongLast(err) && (!transient(err) || b.denied(subject, began)) {
			return fail(err)
		}
		if errors.Is(err, jetstream.ErrNoStreamResponse) {
			if _, e := b.js.Stream(ctx, StreamName); errors.Is(e, jetstream.ErrStreamNotFound) {
				return fail(e)
			}
		}
		doubt = doubt || !wrongLast(err)
		if wrongLast(err) || doubt && len(expect) == 0 {
			m, e := b.Last(ctx, subject)
			switch {
			case e != nil:
				err = errors.Join(err, e)
			case m != nil && m.Seq > last && bytes.Equal(m.Data, data):
				return m.Seq, nil
			case wrongLast(err) && m.sequence() != last: // else who answers is behind who refused
				return fail(ErrOther)
			}
		}
		select {
		case <-ctx.Done():
			return fail(errors.Join(ctx.Err(), err))
		case <-time.After(retryIn):
		}
	}
}

// attempt publishes once.
func (b *Bus) attempt(ctx context.Context, subject string, data []byte, expect []jetstream.PublishOpt) (uint64, error) {
	ctx, cancel := b.bounded(ctx, ackWithin)
	defer cancel()
	ack, err := b.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data},
		append([]jetstream.PublishOpt{jetstream.WithExpectStream(StreamName), jetstream.WithRetryAttempts(0)}, expect...)...)
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// wrongLast tells whether the server refused a record because it would not follow the one it was to follow. An earlier attempt
// whose answer was lost is refused in the same way: the server looks at the sequence before it looks for duplicates.
func wrongLast(err error) bool {
	api := (*jetstream.APIError)(nil)
	return errors.As(err, &api) && (api.ErrorCode == 10071 || api.ErrorCode == 10164)
}

// transient tells whether the same request may succeed later.
func transient(err error) bool {
	if api := (*jetstream.APIError)(nil); errors.As(err, &api) {
		return api.Code == 503
	}
	for _, e := range []error{nats.ErrTimeout, context.DeadlineExceeded, context.Canceled, nats.ErrDisconnected, nats.ErrConnectionReconnecting,
		nats.ErrReconnectBufExceeded, nats.ErrNoResponders, jetstream.ErrNoStreamResponse, nats.ErrStaleConnection} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// because adds what the server complained of to an error that it may be the reason of.
func (b *Bus) because(err error) error {
	said := b.said.Load()
	unanswered := errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded)
	if said == nil || !unanswered || !errors.Is(said.err, nats.ErrPermissionViolation) {
		return err
	}
	return fmt.Errorf("%w (%w)", err, said.err)
}

// denied tells whether the server has said since then that these credentials give no right to a subject with that in it.
func (b *Bus) denied(what string, since time.Duration) bool {
	said := b.said.Load()
	return said != nil && said.at >= since && errors.Is(said.err, nats.ErrPermissionViolation) && strings.Contains(said.err.Error(), what)
}

// Last returns the last record of a subject, nil if there is none. It asks the one server that decides: a copy may be behind.
func (b *Bus) Last(ctx context.Context, subject string) (*Message, error) {
	if !goodSubject.MatchString(subject) {
		return nil, fmt.Errorf("%q is no subject of a record", subject)
	}
	query, err := json.Marshal(map[string]string{"last_by_subj": subject})
	if err != nil {
		return nil, err
	}
	began := monotonic()
	for {
		m, err := b.ask(ctx, query)
		if err == nil {
			return m, nil
		}
		if !transient(err) || b.denied(StreamName, began) {
			return nil, fmt.Errorf("last record of %s: %w", subject, b.because(err))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("last record of %s: %w", subject, b.because(errors.Join(ctx.Err(), err)))
		case <-time.After(retryIn):
		}
	}
}

// ask asks the stream's leader for a record, once.
func (b *Bus) ask(ctx context.Context, query []byte) (*Message, error) {
	ctx, cancel := b.bounded(ctx, ackWithin)
	defer cancel()
	answer, err := b.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+StreamName, query)
	if err != nil {
		return nil, err
	}
	var a struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(answer.Data, &a); err != nil {
		return nil, fmt.Errorf("answer of the server: %w", err)
	}
	switch {
	case a.Error != nil && a.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return nil, nil
	case a.Error != nil:
		return nil, a.Error
	case a.Message == nil:
		return nil, errors.New("answer of the server: no record and no error")
	}
	return &Message{Subject: a.Message.Subject, Seq: a.Message.Seq, Time: a.Message.Time, Data: a.Message.Data}, nil
}
