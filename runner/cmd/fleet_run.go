package cmd

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"axbench/results"
	"axbench/runner"
	"axbench/runner/fleet"

	"github.com/urfave/cli/v2"
)

const (
	fleetTick      = 250 * time.Millisecond // between two reports of a generator
	fleetLookAhead = 300 * time.Millisecond // a call is signed so long before it is due
	busDir         = "bus"                  // in a run directory: what the server inside stores, while the run goes on
	fleetFile      = "fleet.json"           // in a run directory: where its bus is, while the run goes on
)

// fleetRun is a run of several generators as its controller sees it.
type fleetRun struct {
	*fleetOptions
	p       *program
	s       *session
	flags   *cli.Context
	spec    fleet.Spec
	key     [32]byte
	bus     fleet.Stream
	server  *fleet.Server // inside; nil for none
	hangUp  func()
	agents  *localAgents
	gather  *gather
	outcome *fleet.Outcome
	resume  bool
}

// openFleet brings the bus up, before anything is announced.
func (p *program) openFleet(ctx context.Context, flags *cli.Context, s *session, o *fleetOptions) (*fleetRun, error) {
	r := &fleetRun{fleetOptions: o, p: p, s: s, flags: flags}
	if s.child != nil && !o.local {
		return nil, usagef("the emulator inside is on this machine alone: agents elsewhere cannot call it").withHint("--target URL, or --local for agents on this machine")
	}
	rand.Read(r.key[:])
	if o.lost != nil { // the bus is up already, and knows the run
		r.spec, r.bus, r.hangUp, r.resume = o.lost.spec, o.lost.bus, o.lost.hangUp, true
		return r, nil
	}
	data, err := json.Marshal(newPayload(flags, s))
	if err != nil {
		return nil, err
	}
	r.spec = fleet.Spec{
		Schema: fleet.Schema, ID: o.id, Version: version(), Weights: o.weights, Payload: data, Tick: fleetTick, TTL: o.lease, MaxSkew: o.skew,
		Formation: o.formation, LookAhead: fleetLookAhead, Loss: fleet.LossPolicy(s.file.OnGeneratorLoss),
	}
	if err := r.fits(); err != nil {
		return nil, err
	}
	bus, server, err := openBus(ctx, o, filepath.Join(s.dir, busDir))
	if err != nil {
		return nil, err
	}
	r.bus, r.server, r.hangUp = bus, server, func() {
		bus.Close()
		if server != nil {
			server.Close()
		}
	}
	return r, r.remember()
}

// fits tells why a plan cannot be divided so.
func (r *fleetRun) fits() error {
	if !r.s.plan.Closed() {
		return nil
	}
	if r.spec.Loss == fleet.LossRedistribute {
		return usagef("on_generator_loss: redistribute is of arrivals: callers cannot be handed over").withHint("on_generator_loss: fail")
	}
	for i, ph := range r.s.plan.Phases() {
		for slot := range r.weights {
			if callersOf(ph, r.weights, slot) == 0 {
				return usagef("phase %s has too few callers for %d generators", r.s.plan.Phases()[i].Name, r.generators)
			}
		}
	}
	return nil
}

// openBus starts the server inside, where it is that, and connects.
func openBus(ctx context.Context, o *fleetOptions, dir string) (bus *fleet.Bus, server *fleet.Server, err error) {
	at := o.bus
	if o.embed != "" {
		if server, err = fleet.Embed(fleet.EmbedOptions{Addr: o.embed, Dir: dir, ConfigFile: o.config, Any: o.any}); err != nil {
			return nil, nil, usagef("--embed: %w", err).withHint("a loopback address, or --any-interface with --embed-config FILE that says who may come in, and tls")
		}
		at = server.Options()
	}
	if bus, err = dialBus(ctx, at, busTimeout); err == nil {
		ready, cancel := context.WithTimeout(ctx, busTimeout)
		defer cancel()
		if err = bus.Prepare(ready); err == nil {
			return bus, server, nil
		}
		bus.Close()
		err = &exitError{code: results.ExitNoData, err: fmt.Errorf("the bus cannot be used: %w", err)}
	}
	if server != nil {
		server.Close()
	}
	return nil, nil, err
}

// url is where agents find the bus.
func (r *fleetRun) url() string {
	if r.server != nil {
		return r.server.URL()
	}
	return r.fleetOptions.bus.URL
}

// whereabouts is fleet.json: what axbench attach needs.
type whereabouts struct {
	ID    string `json:"id"`
	NATS  string `json:"nats"`
	Embed string `json:"embed,omitempty"` // address of the server that was inside
}

// remember writes down where the bus is.
func (r *fleetRun) remember() error {
	w := whereabouts{ID: r.id, NATS: r.url()}
	if r.server != nil {
		w.Embed = strings.TrimPrefix(strings.TrimPrefix(r.server.URL(), "nats://"), "tls://")
	}
	data, err := json.MarshalIndent(&w, "", "  ")
	if err != nil {
		return err
	}
	return results.WriteFile(filepath.Join(r.s.dir, fleetFile), append(data, '\n'), 0o644)
}

// lead makes the run: it announces it, lets it begin when all generators are ready, and gathers what they report.
func (r *fleetRun) lead(ctx context.Context) (*runner.Summary, error) {
	s := r.s
	onSecond, ended := s.progress()
	defer ended()
	r.gather = newGather(s, &r.spec, onSecond)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var formed atomic.Bool
	if r.local && !r.resume {
		var err error
		if r.agents, err = r.startAgents(func(slot int, err error) {
			if !formed.Load() { // nobody waits for it any longer
				stop(fmt.Errorf("generator %d ended before the run began: %w", slot, err))
			}
		}); err != nil {
			return nil, err
		}
	} else if !r.resume {
		r.p.say("axbench: run %s waits for %d generators: axbench agent --nats %s --run %s\n", r.id, r.generators, r.url(), r.id)
	}
	peak, err := s.peak()
	if err != nil {
		return nil, err
	}
	told := &fleetTalk{p: r.p, quiet: s.quiet}
	r.outcome, err = fleet.Control(ctx, fleet.ControlConfig{
		Stream: r.bus, Spec: r.spec, Plan: s.plan, Digest: s.run.Digest, Key: r.key[:], Name: processName(), Now: r.p.wall, Peak: peak,
		Resume: r.resume, Past: r.lost != nil && r.lost.past,
		OnWindow: r.gather.window,
		OnStatus: func(st fleet.Status) {
			formed.Store(st.State != fleet.Forming)
			r.gather.status(st)
			told.status(st)
		},
	})
	if err != nil {
		if err = fleetError(err); r.begun() {
			var known *exitError
			if errors.As(err, &known) {
				known.hint = "what was recorded until then: axbench report " + s.dir
			}
		}
		return nil, err
	}
	if why := r.ended(ctx); why != "" {
		s.run.Notes = append(s.run.Notes, why)
	}
	sum, err := r.gather.summary(r.outcome)
	if err != nil {
		return nil, s.broken(err)
	}
	s.abortedAt = abortedAt(ctx, sum.Stopped)
	s.gathered = r
	if err := s.cleanUp(); err != nil {
		r.p.warnf("clean-up: %v", err)
	}
	if err := s.keepTruth(); err != nil {
		r.p.warnf("%v", err)
	}
	return sum, nil
}

// publish puts run.json on the bus, where who asks there finds how the run ended.
func (r *fleetRun) publish(run *results.Run) {
	data, err := json.Marshal(run)
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), busTimeout)
		defer cancel()
		err = fleet.Publish(ctx, r.bus, r.id, data)
	}
	if err != nil {
		r.p.warnf("the report is not on the bus: %v", err)
	}
}

// begun says that the generators were told when to begin.
func (r *fleetRun) begun() bool { return r.gather != nil && !r.gather.started.IsZero() }

// ended says why the controller ended the run, where neither a signal nor a rule did and no generator was lost that could not be.
func (r *fleetRun) ended(ctx context.Context) string {
	lost := slices.ContainsFunc(r.outcome.Slots, func(s fleet.SlotStatus) bool { return s.Lost != "" })
	if r.outcome.Aborted == "" || ctx.Err() != nil || lost && r.spec.Loss != fleet.LossRedistribute {
		return ""
	}
	return "the controller ended the run: " + r.outcome.Aborted
}

// close takes everything down. What the server inside stored goes with it: all of it is in the run directory.
func (r *fleetRun) close() {
	if r == nil {
		return
	}
	r.agents.stop()
	r.hangUp()
	if r.outcome == nil {
		return
	}
	dir := r.s.dir
	if r.lost != nil {
		dir = r.lost.dir
	}
	if dir != "" {
		_ = os.RemoveAll(filepath.Join(dir, busDir))
		_ = os.Remove(filepath.Join(dir, fleetFile))
	}
}

// fleetTalk says on stderr what becomes of the generators, each thing once.
type fleetTalk struct {
	p       *program
	quiet   bool
	ready   int
	state   fleet.State
	lost    map[int]bool
	leaving map[int]bool
}

func (t *fleetTalk) status(st fleet.Status) {
	if t.lost == nil {
		t.lost, t.leaving = map[int]bool{}, map[int]bool{}
	}
	ready := 0
	for i := range st.Slots {
		s := &st.Slots[i]
		if s.Ready != nil {
			ready++
		}
		if s.Lost != "" && !t.lost[i] && !st.Start.IsZero() {
			t.lost[i] = true
			t.p.say("axbench: generator %d was lost: %s\n", i, s.Lost)
		}
		if s.Left && !t.leaving[i] {
			t.leaving[i] = true
			t.p.say("axbench: generator %d leaves, the others take over\n", i)
		}
	}
	if st.State == fleet.Forming && ready != t.ready && !t.quiet {
		t.p.say("axbench: %d of %d generators are ready\n", ready, len(st.Slots))
	}
	t.ready = ready
	if st.State != t.state && st.State == fleet.Armed && !t.quiet {
		t.p.say("axbench: the run begins at %s\n", st.Start.Format("15:04:05.000"))
	}
	t.state = st.State
}
