package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"axbench/results"
)

// Work is what an agent carries out.
type Work struct {
	// Run makes the calls until ctx ends, and says how it went. The cause of ctx is why it was ended.
	Run func(ctx context.Context) (*Final, error)
	// Extra returns what happened in the API's own accounts since it was last called: pieces that can be read one by one, each at most
	// MaxExtra long. nil for nothing.
	Extra func() [][]byte
}

// MaxExtra bounds a piece of Extra, so that a record stays below what servers take.
const MaxExtra = 256 << 10

// Carry carries out the slot's part: it keeps the permission alive, hears what the controller decides, and reports. It returns when
// everything was reported, or cannot be: the error is why the run was not carried out as planned, nil if it was.
func (a *Agent) Carry(ctx context.Context, w Work) error {
	run, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	a.mu.Lock()
	a.stop = stop
	a.mu.Unlock()
	// The bus is needed longer than the run, and after an interrupt too.
	bus, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	defer group.Wait()
	defer hangUp()
	news := make(chan Beat, 16)
	deaf, err := a.cfg.Stream.Beats(a.cfg.ID, func(b Beat) {
		a.lease.Heard()
		select {
		case news <- b:
		default: // the next one says the same
		}
	})
	if err != nil {
		return fmt.Errorf("listen to the controller: %w", err)
	}
	defer deaf()
	group.Go(func() { a.watch(bus, news) })
	group.Go(func() { a.up.send(bus) })
	group.Go(func() { a.keepClock(bus) })
	ticking, still := context.WithCancel(bus)
	defer still()
	var ticker sync.WaitGroup
	ticker.Go(func() { a.up.tick(ticking, a.Spec.Tick, w.Extra) })
	final, err := w.Run(run)
	cause := context.Cause(run)
	still()
	ticker.Wait() // no window comes behind the last one, and none between its parts
	if err != nil {
		a.up.push(&SlotRecord{Kind: KindFinal, Why: err.Error()})
	} else {
		a.up.cut(w.Extra)
		if cause != nil && final.Stopped == "" {
			final.Stopped = cause.Error()
		}
		final.Windows = a.up.made()
		a.up.push(&SlotRecord{Kind: KindFinal, Final: final})
	}
	told := a.up.flush(a.Spec.TTL + grace)
	switch {
	case err != nil:
		return err
	case a.up.fenced.Load(): // whatever ended the run before that was noticed
		return ErrFenced
	case cause != nil && !errors.Is(cause, context.Canceled):
		return cause
	}
	return told
}

// grace is how long behind the end of its permission an agent still tries to report.
const grace = 10 * time.Second

// clockEvery is how often an agent looks at the controller's clock.
const clockEvery = 10 * time.Second

// keepClock looks at the controller's clock until ctx ends. When the run begins was settled before: it is for what is told of later instants.
func (a *Agent) keepClock(ctx context.Context) {
	for waitFor(ctx, clockEvery) {
		try, cancel := context.WithTimeout(ctx, clockEvery)
		offset, rtt, _, err := a.cfg.Stream.AskClock(try, a.cfg.ID, a.cfg.Wall)
		cancel()
		if err == nil {
			a.clock.Store(&Clock{offset, rtt})
		}
	}
}

// end ends the run on its way.
func (a *Agent) end(cause error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stop(cause)
}

// watch hears the controller until ctx ends.
func (a *Agent) watch(ctx context.Context, news <-chan Beat) {
	silence := time.NewTimer(alone)
	defer silence.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-silence.C:
			a.end(ErrAlone)
			continue
		case b := <-news:
			silence.Reset(alone)
			if b.State == Aborting { // at once: the plan is read later, if ever
				a.end(&AbortedError{b.Reason})
			}
			if b.Revision <= a.revision {
				continue
			}
		}
		if err := a.readPlan(ctx); err != nil {
			continue // the next beat asks again
		}
		a.lease.Divide(a.plan.Division)
		if a.plan.State == Aborting {
			a.end(&AbortedError{a.plan.Reason})
		}
	}
}

// Keep takes what one second of the run appended to its directory, and the accounts behind it.
func (a *Agent) Keep(f results.Fragment, accounts Accounts) {
	accounts.Withheld = a.lease.Withheld()
	a.up.keep(f, accounts)
}
