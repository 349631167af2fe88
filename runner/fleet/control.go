package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"axbench/runner/pace"
)

const (
	beatEvery  = 100 * time.Millisecond
	lookEvery  = 50 * time.Millisecond
	armLead    = time.Second            // from the decision to begin until the first arrival is due
	fenceAfter = 500 * time.Millisecond // beyond the permission: a slot is given up
	epochLead  = 300 * time.Millisecond // beyond the look-ahead: an epoch is known to everybody before its first arrival is signed
	lateWait   = time.Second            // for the last words of slots that were given up
	doneTries  = 5
)

// ErrRival says that another controller leads the run.
var ErrRival = errors.New("another controller leads this run")

// ErrNotFormed says that the run did not begin.
var ErrNotFormed = errors.New("the run did not begin")

// ControlConfig says what a controller leads, and who is told of it.
type ControlConfig struct {
	Stream Stream
	Spec   Spec
	Plan   *pace.Plan
	Digest string           // of scenario and plan: every agent's must be the same
	Key    []byte           // of fingerprints
	Name   string           // of this process, that no other one has
	Now    func() time.Time // nil is time.Now
	Peak   float64          // the most arrivals a second that are asked for, for redistribution; 0 for not known
	Resume bool             // the run goes on already: its controller was lost
	Past   bool             // with Resume: nothing more comes to the stream

	// OnWindow is told of every window, in the order of each slot's; OnStatus of every change. Both are called by one goroutine.
	OnWindow func(slot int, w *Window) error
	OnStatus func(Status)

	boot func() time.Duration // nil is bootTime; for tests
}

// Status is how a run stands.
type Status struct {
	State State
	Start time.Time // on this clock; zero before it is known
	Slots []SlotStatus
}

// SlotStatus is how a slot stands.
type SlotStatus struct {
	Kind  Kind   // of its last record; "" before the first
	Ready *Ready // nil before
	Final *Final
	Lost  string // why it was given up; "" if it was not
	Left  bool   // it asked to be relieved

	Accounts *Accounts // the last that came
	Windows  int64
	Late     int64
	Withheld int64
}

// Outcome is how a run that was led to its end went.
type Outcome struct {
	Start      time.Time // on this clock; zero for a run that did not begin
	Ended      time.Time
	Aborted    string // why it was ended before its plan; "" if it was not
	StartBound time.Duration
	Division   pace.Division
	Slots      []SlotStatus
	Settlement
}

// controller leads one run. All but what beat reads is its own goroutine's.
type controller struct {
	cfg     ControlConfig
	slots   []slot
	ledger  *Ledger
	plan    Plan
	planSeq uint64
	formed  time.Duration // boot time at which the slots were to be ready
	armed   time.Duration // boot time at which the slots were told to begin
	ended   time.Duration // boot time at which the last slot ended, 0 before
	cursor  *pace.Cursor
	ahead   pace.Arrival // the first arrival of the plan that cursor has not passed
	behind  bool         // there is none
	abort   string       // why nothing more is to be offered
	soon    string       // why it is to be ended at the next look
	started bool         // every slot has said that it knows when to begin
	failed  error        // of OnWindow or the stream: the run is ended for it

	mu    sync.Mutex
	beat  Beat
	pulse time.Duration // boot time of the last beat
	woke  time.Duration // boot time at which this process, having stood still, went on
}

// Control leads a run from its announcement until every slot has ended. When ctx ends the run is, with its cause as the reason, and the last
// reports are still taken. The error is ErrNotFormed, wrapped with why, when the run did not begin, ErrRival, or what
// OnWindow returned.
func Control(ctx context.Context, cfg ControlConfig) (*Outcome, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.boot == nil {
		cfg.boot = bootTime
	}
	c := &controller{cfg: cfg, slots: make([]slot, len(cfg.Spec.Weights)), ledger: NewLedger(len(cfg.Spec.Weights)), cursor: cfg.Plan.Cursor()}
	c.pass(-1)
	bus, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	defer group.Wait()
	defer hangUp()
	if err := c.announce(bus); err != nil {
		return nil, err
	}
	stopClock, err := cfg.Stream.ServeClock(cfg.Spec.ID, cfg.Now, cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("answer the agents: %w", err)
	}
	defer stopClock()
	messages := make(chan Message, 64)
	group.Go(func() { c.follow(bus, messages) })
	group.Go(func() { c.sendBeats(bus) })
	c.formed = c.cfg.boot() + cfg.Spec.Formation
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	done := ctx.Done()
	for !c.over() {
		select {
		case m := <-messages:
			c.take(m)
		case <-done:
			done = nil
			c.end(bus, context.Cause(ctx).Error())
		case <-look.C:
			c.look(bus)
		}
	}
	return c.outcome(bus)
}

// announce writes what the run is, or reads it where it goes on.
func (c *controller) announce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	id := c.cfg.Spec.ID
	if c.cfg.Resume {
		m, err := c.cfg.Stream.Last(ctx, Subject(id, subjectPlan))
		if err != nil || m == nil {
			return errors.Join(fmt.Errorf("the run %s has no plan to go on with", id), err)
		}
		c.planSeq = m.Seq
		if err := json.Unmarshal(m.Data, &c.plan); err != nil {
			return fmt.Errorf("the plan of the run cannot be read: %w", err)
		}
		if c.plan.State == Done { // it is told once more
			c.plan.State = Armed
		}
		c.armed, c.abort = c.cfg.boot(), c.plan.Reason
		return c.begin(ctx, c.plan) // whoever else leads it is told
	}
	data, err := json.Marshal(&c.cfg.Spec)
	if err != nil {
		return err
	}
	if _, err := c.cfg.Stream.Append(ctx, Subject(id, subjectSpec), data, 0); err != nil {
		if errors.Is(err, ErrOther) {
			return fmt.Errorf("%w: the identifier %s was used before", ErrRival, id)
		}
		return fmt.Errorf("announce the run: %w", err)
	}
	division, err := pace.Divide(c.cfg.Spec.Weights)
	if err != nil {
		return err
	}
	return c.begin(ctx, Plan{State: Forming, Division: division})
}

// begin writes the first plan of this controller, which it cannot do without.
func (c *controller) begin(ctx context.Context, p Plan) error {
	for !c.write(ctx, p) {
		if c.failed != nil || !waitFor(ctx, retryPause) {
			return errors.Join(errors.New("the plan of the run cannot be written"), c.failed)
		}
	}
	return nil
}

// write decides: the plan is in force when the stream has it. It returns false when the stream does not take it now.
func (c *controller) write(ctx context.Context, p Plan) bool {
	data, err := json.Marshal(&p)
	if err != nil {
		c.fail(err)
		return false
	}
	try, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	seq, err := c.cfg.Stream.Append(try, Subject(c.cfg.Spec.ID, subjectPlan), data, c.planSeq)
	if errors.Is(err, ErrOther) {
		c.fail(ErrRival)
	}
	if err != nil {
		return false
	}
	c.plan, c.planSeq = p, seq
	c.say()
	return true
}

// say tells the agents at once how the run stands, and whoever watches.
func (c *controller) say() {
	b := Beat{State: c.plan.State, Revision: c.planSeq, Reason: c.plan.Reason}
	if c.abort != "" && b.State != Done { // also while the stream is away
		b.State, b.Reason = Aborting, c.abort
	}
	c.mu.Lock()
	c.beat = b
	c.mu.Unlock()
	_ = c.cfg.Stream.SendBeat(c.cfg.Spec.ID, b) // the next one says the same
	c.tell()
}

// sendBeats keeps the agents' permission alive.
func (c *controller) sendBeats(ctx context.Context) {
	t := time.NewTicker(beatEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			c.mu.Lock()
			b, now := c.beat, c.cfg.boot()
			if now-c.pulse > fenceAfter && c.pulse > 0 {
				c.woke = now
			}
			c.pulse = now
			c.mu.Unlock()
			if b.State != "" {
				_ = c.cfg.Stream.SendBeat(c.cfg.Spec.ID, b)
			}
		}
	}
}

// awake says whether this process goes on, and since when if it stood still before, and with it a server inside of it: nobody was silent meanwhile, as nobody
// could be heard.
func (c *controller) awake() (woke time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.woke, c.cfg.boot()-c.pulse <= fenceAfter
}

// follow hands over every record of the run.
func (c *controller) follow(ctx context.Context, messages chan<- Message) {
	for ctx.Err() == nil {
		_ = c.cfg.Stream.Follow(ctx, Subject(c.cfg.Spec.ID, ">"), func(m Message) error {
			select {
			case messages <- m:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		waitFor(ctx, retryPause)
	}
}

// end stops the run everywhere. The beat says so before the stream does.
func (c *controller) end(ctx context.Context, why string) {
	if c.abort != "" || c.plan.State == Done {
		return
	}
	c.abort = why
	c.say()
	c.writeAbort(ctx)
}

func (c *controller) writeAbort(ctx context.Context) {
	p := c.plan
	p.State, p.Reason = Aborting, c.abort
	c.write(ctx, p)
}

// fail notes what keeps the run from being led.
func (c *controller) fail(err error) {
	if c.failed == nil {
		c.failed = err
	}
}

// over says that there is nothing more to wait for.
func (c *controller) over() bool {
	if errors.Is(c.failed, ErrRival) {
		return true
	}
	lost := false
	for i := range c.slots {
		s := &c.slots[i]
		if !s.ended() && !(c.abort != "" && s.Kind == "") {
			return false
		}
		lost = lost || s.Lost != ""
	}
	if c.ended == 0 {
		c.ended = c.cfg.boot()
	}
	return !lost || c.cfg.boot() > c.ended+lateWait
}

// lastEnd is when the last slot ended, of a run that is over.
func (c *controller) lastEnd(start time.Time) time.Time {
	end := start
	for i := range c.slots {
		if f := c.slots[i].Final; f != nil && f.Ended.After(end) {
			end = f.Ended
		}
	}
	return end
}

// outcome settles the run.
func (c *controller) outcome(ctx context.Context) (*Outcome, error) {
	if errors.Is(c.failed, ErrRival) {
		return nil, c.failed
	}
	o := &Outcome{Aborted: c.abort, Division: c.plan.Division, Slots: c.status().Slots, Ended: c.cfg.Now(), StartBound: c.startBound()}
	if c.plan.Start != 0 {
		o.Start = time.Unix(0, c.plan.Start)
	}
	if c.cfg.Past {
		o.Ended = c.lastEnd(o.Start)
	}
	started := c.plan.Start != 0
	p := c.plan
	p.State = Done
	for range doneTries { // whoever asks later is to know; the run is over either way
		if c.write(ctx, p) || !waitFor(ctx, retryPause) {
			break
		}
	}
	if !started {
		return o, fmt.Errorf("%w: %s", ErrNotFormed, c.abort)
	}
	if !c.cfg.Plan.Closed() {
		o.Settlement = c.ledger.Settle(o.Division, c.cfg.Plan.Total())
	}
	return o, c.failed
}
