package fleet

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"axbench/results"
	"axbench/runner/pace"
)

// world is a run in fake time: a controller, agents that walk the plan as the engine does, and a witness who sees what they send.
type world struct {
	t       testing.TB
	spec    Spec
	plan    *pace.Plan
	stream  *memory
	control *client
	stop    context.CancelCauseFunc // of the controller
	status  func(Status)            // told by the controller; nil for nobody
	agents  []*player
	group   sync.WaitGroup

	mu   sync.Mutex
	seen map[int64]int // by the witness
	last time.Time     // when it saw the last one
}

// player is one agent of a world.
type player struct {
	w       *world
	client  *client
	agent   atomic.Pointer[Agent]
	kill    context.CancelFunc // at once, as kill -9 does
	dead    context.Context
	skew    time.Duration
	drift   func() time.Duration // in place of skew, nil for none
	leave   chan struct{}        // SIGTERM
	log     *bytes.Buffer        // nil for none
	err     error
	unsafe  atomic.Bool // the mutant without a lease
	digest  string      // "" is that of everybody
	refuses string      // why it cannot make the run
	late    int64       // decided, and too late to be sent

	mu     sync.Mutex
	frozen chan struct{} // closed when it goes on; nil for running
}

func newWorld(t testing.TB, slots int, rate int64, length time.Duration) *world {
	t.Helper()
	plan, err := pace.NewPlan([]pace.Phase{{Name: "main", Record: true, Duration: length, Shape: pace.Constant{Rate: pace.PerSecond(rate)}}}, 1, pace.Rate{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, plan: plan, stream: newMemory(), seen: map[int64]int{}}
	w.spec = Spec{Schema: Schema, ID: "test", Version: "v", Tick: 250 * time.Millisecond, TTL: 2 * time.Second, MaxSkew: time.Millisecond,
		Formation: 5 * time.Second, LookAhead: 300 * time.Millisecond, Loss: LossFail}
	for range slots {
		w.spec.Weights = append(w.spec.Weights, 1)
	}
	w.control = &client{m: w.stream}
	return w
}

// fakeBoot is the boot time of all: it stands still for nobody.
func fakeBoot() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Since(began) + time.Hour }
}

// lead starts a controller and returns what will be its outcome.
func (w *world) lead(resume bool) func() (*Outcome, error) {
	ctx, stop := context.WithCancelCause(context.Background())
	w.stop = stop
	var o *Outcome
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		o, err = Control(ctx, ControlConfig{Stream: w.control, Spec: w.spec, Plan: w.plan, Digest: "d", Name: fmt.Sprintf("controller %t", resume), Resume: resume,
			OnWindow: func(int, *Window) error { return nil }, OnStatus: w.status, boot: fakeBoot()})
	}()
	return func() (*Outcome, error) { <-done; stop(nil); return o, err }
}

// join starts an agent that prefers a slot.
func (w *world) join(prefer int, change func(*player)) *player {
	p := &player{w: w, client: &client{m: w.stream}, leave: make(chan struct{}, 1)}
	p.dead, p.kill = context.WithCancel(context.Background())
	if change != nil {
		change(p)
	}
	w.agents = append(w.agents, p)
	w.group.Go(func() { p.err = p.play(prefer) })
	return p
}

func (p *player) play(prefer int) error {
	ctx := p.dead
	a, err := Join(ctx, AgentConfig{Stream: p.client, ID: p.w.spec.ID, Prefer: prefer, Name: fmt.Sprintf("agent %d %p", prefer, p), Version: "v",
		Wall: func() time.Time {
			if p.drift != nil {
				return time.Now().Add(p.drift())
			}
			return time.Now().Add(p.skew)
		}, boot: fakeBoot()})
	if err != nil {
		return err
	}
	p.agent.Store(a)
	if p.log != nil {
		a.KeepLog(p.log)
	}
	if p.refuses != "" {
		return a.Refuse(ctx, p.refuses)
	}
	if err := a.Ready(ctx, Ready{Host: "here", Digest: cmp.Or(p.digest, "d")}); err != nil {
		return err
	}
	start, err := a.Await(ctx)
	if err != nil {
		return err
	}
	return a.Carry(ctx, Work{Run: func(ctx context.Context) (*Final, error) { return p.run(ctx, start) }})
}

// run walks the plan as runner.Run does: each arrival is asked for ahead of time, and offered when it is due.
func (p *player) run(ctx context.Context, start time.Time) (*Final, error) {
	agent := p.agent.Load()
	l, cursor := agent.Lease(), p.w.plan.Cursor()
	ahead, f := []pace.Arrival{}, &Final{}
	next, more := cursor.Next()
	second := int64(0)
	for ctx.Err() == nil && p.dead.Err() == nil && (more || len(ahead) > 0) {
		select {
		case <-p.leave:
			k, due := p.w.leaveAt(time.Since(start))
			agent.Leave(k, due)
		default:
		}
		p.thaw()
		now := time.Since(start)
		if len(ahead) == 0 && l.Over(now) {
			break
		}
		for more && next.Due-now <= p.w.spec.LookAhead {
			if l.Mine(next.K) || p.unsafe.Load() && p.w.spec.ownerAtFirst(next.K) == agent.Slot {
				ahead = append(ahead, next)
			}
			next, more = cursor.Next()
		}
		for len(ahead) > 0 && ahead[0].Due <= now {
			k, late := ahead[0].K, now-ahead[0].Due > 500*time.Millisecond
			ahead = ahead[1:]
			switch may := l.Offer(k); {
			case may && late:
				p.late++
			case may || p.unsafe.Load():
				p.w.witness(k)
				f.Accounts.FollowUps.Sent++
			}
		}
		if s := int64(now / time.Second); s > second {
			agent.Keep(results.Fragment{T: second}, Accounts{FollowUps: f.Accounts.FollowUps})
			second = s
		}
		time.Sleep(5 * time.Millisecond)
	}
	return f, nil
}

// ownerAtFirst is whose an arrival was before any epoch.
func (s *Spec) ownerAtFirst(k int64) int { return int(k % int64(len(s.Weights))) }

// leaveAt chooses the arrival from which on an agent that leaves offers none.
func (w *world) leaveAt(now time.Duration) (k int64, due time.Duration) {
	c := w.plan.Cursor()
	for a, ok := c.Next(); ok; a, ok = c.Next() {
		if a.Due >= now+w.spec.LookAhead+LeaveLead {
			return a.K, a.Due
		}
	}
	return w.plan.Total(), w.plan.Duration()
}

// freeze stops an agent as SIGSTOP does, and thaw lets it wait while it is frozen. Its goroutines that talk to the stream are cut off meanwhile.
func (p *player) freeze(d time.Duration) {
	ch := make(chan struct{})
	p.mu.Lock()
	p.frozen = ch
	p.mu.Unlock()
	p.cut(true)
	time.Sleep(d)
	p.cut(false)
	p.mu.Lock()
	p.frozen = nil
	p.mu.Unlock()
	close(ch)
}

func (p *player) thaw() {
	p.mu.Lock()
	ch := p.frozen
	p.mu.Unlock()
	if ch != nil {
		<-ch
	}
}

// cut takes an agent off the stream, or lets it back.
func (p *player) cut(off bool) {
	p.w.stream.mu.Lock()
	p.client.cut = off
	p.w.stream.mu.Unlock()
}

// die kills an agent: nothing of it reaches the stream any more.
func (p *player) die() {
	p.cut(true)
	p.kill()
}

func (w *world) witness(k int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[k]++
	w.last = time.Now()
}

// check holds the ledger against what the witness saw: nothing twice, and what was sent beside what the ledger says is at most what
// a killed agent had no time to report.
func (w *world) check(o *Outcome, unreported int64) {
	w.t.Helper()
	double := int64(0)
	for _, n := range w.seen {
		double += int64(n - 1)
	}
	if double != 0 || o.Double != 0 {
		w.t.Errorf("%d arrivals were sent twice, the ledger says %d", double, o.Double)
	}
	unsent := w.plan.Total() - int64(len(w.seen))
	for _, p := range w.agents {
		unsent -= p.late
	}
	if o.Missing < unsent || o.Missing-unsent > unreported {
		w.t.Errorf("the ledger misses %d arrivals, the witness %d; at most %d may lie between", o.Missing, unsent, unreported)
	}
	gaps := int64(0)
	for _, g := range o.Gaps {
		gaps += g.Count
	}
	if gaps != o.Missing {
		w.t.Errorf("gaps of %d arrivals, missing %d: %+v", gaps, o.Missing, o.Gaps)
	}
}

// end waits for everybody.
func (w *world) end(outcome func() (*Outcome, error)) *Outcome {
	w.t.Helper()
	o, err := outcome()
	w.group.Wait()
	if err != nil {
		w.t.Fatalf("%v; agents: %v", err, w.errors())
	}
	return o
}

func (w *world) errors() error {
	var list []error
	for _, p := range w.agents {
		list = append(list, p.err)
	}
	return errors.Join(list...)
}
