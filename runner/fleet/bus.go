package fleet

import (
	"context"
	"errors"
	"time"
)

// Stream is what the controller and its agents need of the bus. *Bus is one.
type Stream interface {
	// Append appends a record if the last one of its subject has the sequence last, 0 for none; ErrOther if it has not.
	Append(ctx context.Context, subject string, data []byte, last uint64) (seq uint64, err error)
	// Add appends a record whatever there is.
	Add(ctx context.Context, subject string, data []byte) (seq uint64, err error)
	// Last returns the last record of a subject, nil if there is none.
	Last(ctx context.Context, subject string) (*Message, error)
	// Follow hands over all records of the subjects that filter names, in order, and goes on until ctx ends or each fails.
	Follow(ctx context.Context, filter string, each func(Message) error) error
	// SendBeat says how a run stands to whoever listens, and Beats listens.
	SendBeat(id string, b Beat) error
	Beats(id string, each func(Beat)) (stop func(), err error)
	// ServeClock answers AskClock, which finds how far now is ahead of the clock that serves, right to half of rtt.
	ServeClock(id string, now func() time.Time, key []byte) (stop func(), err error)
	AskClock(ctx context.Context, id string, now func() time.Time) (offset, rtt time.Duration, key []byte, err error)
}

// The last parts of subjects, behind Subject(id).
const (
	subjectSpec   = "spec"
	subjectPlan   = "plan"
	subjectSlot   = "slot"
	subjectLate   = "late"
	subjectReport = "report"
)

// Publish puts the report of a run on the stream, behind everything that was reported: once, whoever tells the run again.
func Publish(ctx context.Context, s Stream, id string, report []byte) error {
	_, err := s.Append(ctx, Subject(id, subjectReport), report, 0)
	if errors.Is(err, ErrOther) {
		return nil
	}
	return err
}
