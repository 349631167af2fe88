// Package runner makes the calls of a run: it signs ahead, waits for each due instant, sends, has the answer judged and
// records what happened. It knows nothing of the API: a Source makes the requests and a Judge reads the answers.
//
// When a call is due is package pace's, the bytes on the connection package wire's, the accounts package record's; what
// the numbers mean is said elsewhere, from the run directory. Run owns every goroutine of this package and returns when
// all have ended.
package runner

import (
	"context"
	"runtime"
	"sync"
	"time"

	"axbench/results"
	"axbench/runner/pace"
	"axbench/runner/record"
)

// lead is the time between the call of Run and the first due instant, unless Config.Start says when that is: the first calls are
// signed in it.
const lead = 100 * time.Millisecond

// Run makes the calls of cfg.Plan and returns when every one of them has its outcome. When ctx ends, nothing more is
// offered, the calls in flight are waited for (at most cfg.Drain), and the summary says Stopped. An error means that
// axbench itself failed, as when the sink cannot be written; a failed call is none.
func Run(ctx context.Context, cfg Config) (*Summary, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	e := newEngine(cfg)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	over := make(chan struct{})
	kept := make(chan error, 1)
	go func() { kept <- e.keep(over, stop) }()

	d := &dispatcher{engine: e, sleeper: newSleeper(), shard: e.book.Shard(0)}
	defer d.sleeper.close()
	if cfg.Plan.Closed() {
		d.watch(ctx)
	} else {
		d.plan(ctx)
	}
	stopped := ctx.Err() != nil
	e.stoppedAt = min(e.now(), cfg.Plan.Duration())
	e.draining.Store(true)
	d.drain(stopped)
	e.dismiss()
	d.forget()
	close(over)
	if err := <-kept; err != nil {
		return nil, err
	}
	return e.summary(stopped), nil
}

func newEngine(cfg Config) *engine {
	started := cfg.Start
	if started.IsZero() {
		started = time.Now().Add(lead)
	}
	phases := cfg.Plan.Phases()
	e := &engine{Config: cfg, started: started, before: connectionsOf(cfg.Pool), gauges: record.NewGauges(len(phases)), health: newHealth(), calls: newCalls(cfg.Source)}
	spans := make([]record.PhaseSpan, len(phases))
	for i, p := range phases {
		e.names = append(e.names, p.Name)
		spans[i] = record.PhaseSpan{Name: p.Name, Start: cfg.Plan.Start(i), End: cfg.Plan.Start(i + 1)}
	}
	e.book = record.NewCollector(started, spans, 2*runtime.GOMAXPROCS(0), e.gauges, cfg.Sink)
	if c := cfg.Ceiling; !c.IsZero() {
		e.ceiling = pace.NewCeiling(c)
	}
	e.pulse = newPulse(e.now())
	return e
}

// plan runs an open plan: a preparer signs ahead while the dispatcher offers.
func (d *dispatcher) plan(ctx context.Context) {
	ready := make(chan *call, lookAhead)
	d.ready = ready
	ctx, cancel := context.WithCancel(ctx)
	var preparer sync.WaitGroup
	preparer.Go(func() { d.prepare(ctx, d.Plan.Cursor(), d.calls, ready) })
	d.offerAll(ctx)
	d.toEnd(ctx)
	cancel()
	preparer.Wait()
}

// toEnd serves follow-ups until the last phase is over: it may be longer than its last arrival is late.
func (d *dispatcher) toEnd(ctx context.Context) {
	for now := d.now(); now < d.Plan.Duration() && ctx.Err() == nil && !d.over(now); now = d.now() {
		d.pulse.beat(now)
		d.serve(now)
		d.doze(d.Plan.Duration())
	}
}

// watch runs a closed plan: the callers call, the dispatcher wakes those that think and serves follow-ups.
func (d *dispatcher) watch(ctx context.Context) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		d.callAll(ctx)
	}()
	for {
		select {
		case <-over:
			return
		default:
			now := d.now()
			d.pulse.beat(now)
			d.serve(now)
			d.doze(now + glance)
		}
	}
}

// keep folds samples and closes seconds until over is closed. A sink that fails stops the run.
func (e *engine) keep(over <-chan struct{}, stop context.CancelCauseFunc) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var failed error
	second := int64(0)
	for {
		last := false
		select {
		case <-over:
			last = true
		case <-tick.C:
		}
		end := time.Duration(second+1) * time.Second
		var health *record.Health // of all seconds that are closed now: the keeper may have been away for several
		for ; e.now() > end+settle && (last || e.pulse.knows(end)) && failed == nil; end += time.Second {
			e.book.Fold(end)
			failed = e.closeSecond(second, end, &health)
			second++
		}
		if failed != nil || e.hopeless() {
			stop(errHopeless)
		}
		if last {
			e.book.Fold(1 << 62)
			if failed == nil {
				failed = e.closeSecond(second, max(e.now(), end-time.Second+1), &health)
			}
			return failed
		}
		e.book.Fold(end)
	}
}

// settle is how long after a second its last samples may still come in.
const settle = 20 * time.Millisecond

// closeSecond closes second t, which ended at end. health is taken once for all seconds that share it.
func (e *engine) closeSecond(t int64, end time.Duration, health **record.Health) error {
	if *health == nil {
		now := e.health.second()
		*health = &now
	}
	(*health).Stalls = e.pulse.take(end)
	lines, err := e.book.Close(t, end, **health)
	if e.OnSecond != nil {
		e.OnSecond(Progress{Elapsed: end, Seconds: lines, InFlight: e.gauges.InFlight.Load(), Queued: e.gauges.Queued.Load(), Draining: e.draining.Load(),
			Accounts: func() ([]results.Phase, results.Phase) { return e.book.Result(end) }})
	}
	return err
}

// dismiss waits for the workers after the drain.
func (e *engine) dismiss() {
	for !e.quiet() {
		time.Sleep(time.Millisecond) // the calls in flight were aborted: they end by themselves
	}
	e.mu.Lock()
	for _, w := range e.idle {
		close(w.work)
	}
	e.mu.Unlock()
	e.group.Wait()
}
