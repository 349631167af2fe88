package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// The errors that an agent ends with, beside those of the bus.
var (
	// ErrNoSpec says that nobody has announced the run.
	ErrNoSpec = errors.New("nobody has announced this run")
	// ErrNoSlot says that every slot of the run has been taken, or that it goes on already.
	ErrNoSlot = errors.New("the run has no free slot")
	// ErrFenced says that the controller has given this generator up.
	ErrFenced = errors.New("the controller has given this generator up")
	// ErrAlone says that the controller has not been heard for a long time.
	ErrAlone = errors.New("the controller is gone")
)

// AbortedError says that the controller has ended the run.
type AbortedError struct{ Reason string }

func (e *AbortedError) Error() string { return "the run was ended: " + e.Reason }

const (
	pollPause  = 100 * time.Millisecond // between two looks at something that nobody announces
	retryPause = 50 * time.Millisecond
	alone      = time.Minute // without a beat, until an agent ends by itself
)

// AgentConfig says who an agent is.
type AgentConfig struct {
	Stream  Stream
	ID      string           // of the run
	Prefer  int              // slot to take if it is free; -1 for any
	Name    string           // of this process, that no other one has
	Version string           // of axbench: the run's must be the same
	Wall    func() time.Time // the clock of this machine; nil is time.Now

	boot func() time.Duration // nil is bootTime; for tests
}

// Agent is one generator of a run.
type Agent struct {
	cfg  AgentConfig
	Spec Spec
	Slot int
	// Key is the run's key of fingerprints. It is never stored.
	Key []byte

	offset, rtt time.Duration
	revision    uint64 // of the plan that is known; the watcher's own once it runs
	plan        Plan
	lease       *Lease
	up          *uplink

	mu   sync.Mutex
	stop context.CancelCauseFunc // of the run on its way
	log  agentLog

	clock atomic.Pointer[Clock] // for the next window
}

// Join waits until the run is announced, as long as ctx lets it, and takes a slot of it.
func Join(ctx context.Context, cfg AgentConfig) (*Agent, error) {
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	if cfg.boot == nil {
		cfg.boot = bootTime
	}
	a := &Agent{cfg: cfg}
	if err := a.readSpec(ctx); err != nil {
		return nil, err
	}
	if a.Spec.Version != cfg.Version {
		return nil, fmt.Errorf("the run is of axbench %s, this is %s", a.Spec.Version, cfg.Version)
	}
	for a.plan.State == "" { // it follows the announcement
		if err := a.readPlan(ctx); err != nil || !waitFor(ctx, retryPause) {
			return nil, errors.Join(err, ctx.Err())
		}
	}
	if a.plan.State != Forming {
		return nil, fmt.Errorf("%w: it is %s", ErrNoSlot, a.plan.State)
	}
	if err := a.askClock(ctx); err != nil {
		return nil, fmt.Errorf("ask the controller for its clock: %w", err)
	}
	return a, a.claim(ctx)
}

// askClock waits for the controller, who answers a moment later than it announces the run.
func (a *Agent) askClock(ctx context.Context) (err error) {
	for {
		if a.offset, a.rtt, a.Key, err = a.cfg.Stream.AskClock(ctx, a.cfg.ID, a.cfg.Wall); err == nil || !waitFor(ctx, pollPause) {
			return err
		}
	}
}

// readSpec waits for the announcement.
func (a *Agent) readSpec(ctx context.Context) error {
	for {
		m, err := a.cfg.Stream.Last(ctx, Subject(a.cfg.ID, subjectSpec))
		switch {
		case err == nil && m != nil:
			if err := json.Unmarshal(m.Data, &a.Spec); err != nil || a.Spec.Schema != Schema {
				return fmt.Errorf("the announcement of the run cannot be read: schema %q, this program reads %q", a.Spec.Schema, Schema)
			}
			a.log.add(LogEntry{Spec: &a.Spec})
			return nil
		case ctx.Err() != nil && err != nil:
			return fmt.Errorf("%w: %w", ErrNoSpec, err)
		}
		if !waitFor(ctx, pollPause) {
			return ErrNoSpec
		}
	}
}

// readPlan reads the controller's last decision.
func (a *Agent) readPlan(ctx context.Context) error {
	m, err := a.cfg.Stream.Last(ctx, Subject(a.cfg.ID, subjectPlan))
	if err != nil || m == nil {
		return errors.Join(err, ctx.Err())
	}
	if m.Seq <= a.revision {
		return nil
	}
	var p Plan
	if err := json.Unmarshal(m.Data, &p); err != nil {
		return fmt.Errorf("the plan of the run cannot be read: %w", err)
	}
	a.plan, a.revision = p, m.Seq
	a.log.add(LogEntry{Plan: &p, Revision: m.Seq})
	return nil
}

// claim takes the preferred slot, or the first one that is free.
func (a *Agent) claim(ctx context.Context) error {
	slots := len(a.Spec.Weights)
	first := max(0, a.cfg.Prefer)
	if first >= slots {
		return fmt.Errorf("slot %d is none of the run, which has %d", first, slots)
	}
	a.up = newUplink(a)
	for i := range slots {
		a.Slot = (first + i) % slots
		err := a.up.append(ctx, &SlotRecord{Kind: KindClaim})
		if !errors.Is(err, ErrOther) {
			return err
		}
	}
	return fmt.Errorf("%w: each of its %d was taken", ErrNoSlot, slots)
}

// subject is that of the slot's records.
func (a *Agent) subject() string { return Subject(a.cfg.ID, subjectSlot, strconv.Itoa(a.Slot)) }

// Ready tells the controller that this generator can begin. What is known here of its clock is filled in.
func (a *Agent) Ready(ctx context.Context, r Ready) error {
	r.Offset, r.RTT, r.Version = a.offset, a.rtt, a.cfg.Version
	return a.up.append(ctx, &SlotRecord{Kind: KindReady, Ready: &r})
}

// Refuse gives the slot back because this generator cannot make the run.
func (a *Agent) Refuse(ctx context.Context, why string) error {
	return a.up.append(ctx, &SlotRecord{Kind: KindFinal, Why: why})
}

// Await waits until the controller says when to begin, and returns that instant on the monotonic clock of this process.
func (a *Agent) Await(ctx context.Context) (start time.Time, err error) {
	for {
		if err := a.readPlan(ctx); err != nil && ctx.Err() != nil {
			return start, err
		}
		switch a.plan.State {
		case Armed:
			sent := a.cfg.boot()
			if err := a.up.append(ctx, &SlotRecord{Kind: KindArmed}); err != nil {
				return start, err
			}
			a.lease = newLease(a.Slot, a.plan.Division, a.Spec.TTL, sent, a.cfg.boot)
			now := time.Now()
			return now.Add(time.Duration(a.plan.Start + int64(a.offset) - a.cfg.Wall().UnixNano())), nil
		case Aborting, Done:
			if a.plan.State == Aborting { // the controller waits for it
				_ = a.Refuse(ctx, "the run was ended")
			}
			return start, &AbortedError{a.plan.Reason}
		}
		if !waitFor(ctx, pollPause) {
			return start, context.Cause(ctx)
		}
	}
}

// KeepLog writes down what was agreed and reported so far and whatever is from now on, a line each, as ReadLog reads it: from the logs of
// all agents a run can be told without the bus. It has what is journalled of bindings, too.
func (a *Agent) KeepLog(w io.Writer) { a.log.keep(w) }

// LogError is why the log is not whole, nil if it is.
func (a *Agent) LogError() error { return a.log.failed() }

// Lease is the slot's part of the plan, once Await has returned.
func (a *Agent) Lease() *Lease { return a.lease }

// Offset is how far the clock of this machine is ahead of the controller's.
func (a *Agent) Offset() time.Duration { return a.offset }

// Leave tells the controller that this generator offers nothing from arrival k on, which is due at that time of the run, and keeps to it:
// whatever becomes of the record, no other generator has these arrivals before it was read.
func (a *Agent) Leave(k int64, due time.Duration) {
	a.lease.Leave(k, due)
	a.up.push(&SlotRecord{Kind: KindLeaving, Leave: k})
}

// waitFor waits for d, or until ctx ends: then it returns false.
func waitFor(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// LeaveLead is how long beyond the look-ahead an agent that leaves goes on: the others must hear of it first.
const LeaveLead = 700 * time.Millisecond
