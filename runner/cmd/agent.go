package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/fleet"

	"github.com/urfave/cli/v2"
)

func (p *program) agentCommand() *cli.Command {
	return &cli.Command{
		Name:  "agent",
		Usage: "be one generator of a run that several make",
		UsageText: "axbench agent --nats URL --run ID [--flag VALUE ...]\n" +
			"axbench agent manifest --kind KIND --run ID --nats URL",
		Description: "Takes a free place in the run that axbench run --generators N has announced, makes its part of the calls and reports them; its own run\n" +
			"directory keeps everything, too. Nothing listens here. What may be called is said here, whatever the run asks for: --allow-host,\n" +
			"and credentials come from this machine's environment, those for the NATS server from " + envNATSUser + " and " + envNATSPassword + ". SIGTERM hands the rest of the part over to the other generators.\n\n" +
			"Exit codes: 0 the part was carried out, or the controller ended the run; 6 the controller has given this generator up, or is gone;\n" +
			"7 there was no run or no place; 2, 8 and 130/143 as everywhere.",
		Flags: append(append(append(busFlags(),
			&cli.StringFlag{Name: "run", Usage: "`ID` of the run"},
			&cli.IntFlag{Name: "prefer", DefaultText: "any", Usage: "take place `N` (from 0) if it is free"},
			&cli.DurationFlag{Name: "wait", Value: 10 * time.Minute, Usage: "longest time until the run begins"},
		), agentTargetFlags()...), append(outFlags("run directory", "<scenario>"),
			calibrationFlag(), memoryFlag(), cleanupFlag(), jsonFlag())...),
		Action:      p.agent,
		Subcommands: []*cli.Command{p.manifestCommand()},
	}
}

// agentTargetFlags are targetFlags with a list of hosts: an agent does not know which of them its run will call.
func agentTargetFlags() []cli.Flag {
	list := targetFlags()
	for i, f := range list {
		if f.Names()[0] == "allow-host" {
			list[i] = &cli.StringSliceFlag{Name: "allow-host", Usage: "allow exactly this foreign `HOST`, whatever the run asks for; repeatable"}
		}
	}
	return list
}

// agent checks the flags. A first SIGTERM hands the part over; what else ends an agent is as with a run.
func (p *program) agent(ctx *cli.Context) error {
	if ctx.NArg() > 0 {
		subs := names(ctx.Command.Subcommands)
		return usagef("unknown argument %q", ctx.Args().First()).withHint(nearestHint(ctx.Args().First(), subs, "axbench agent "+strings.Join(subs, ", ")))
	}
	if ctx.String("nats") == "" || ctx.String("run") == "" {
		return usagef("--nats and --run say which run this is a generator of").withHint("axbench agent --nats nats://HOST:4222 --run ID, as axbench run --generators N prints it")
	}
	if err := fleet.CheckID(ctx.String("run")); err != nil {
		return usagef("--run: %w", err)
	}
	if ctx.IsSet("prefer") && ctx.Int("prefer") < 0 {
		return usagef("--prefer %d is out of range", ctx.Int("prefer")).withHint("0 or more")
	}
	if ctx.Duration("wait") <= 0 {
		return usagef("--wait must be above 0")
	}
	if err := checkSession(ctx); err != nil {
		return err
	}
	w := &workplace{program: p, flags: ctx}
	return p.signalled(w.signal, w.work)
}

// workplace is an agent on its way.
type workplace struct {
	*program
	flags *cli.Context
	busy  atomic.Pointer[session] // once its part is known
}

// signal hands over at a first SIGTERM.
func (w *workplace) signal(sig os.Signal) (then string, alone bool) {
	if s := w.busy.Load(); s != nil && sig == syscall.SIGTERM && s.part.leave(s.whole) {
		return "the others take over what is left of this part, which goes on until then; again to stop", true
	}
	return "no more calls are made, open ones are waited for; again to stop at once", false
}

// work joins the run, makes its part and reports.
func (w *workplace) work(ctx context.Context) error {
	name := processName()
	patience := w.flags.Duration("wait")
	bus, err := dialBus(ctx, w.busOptions(w.flags, "axbench agent "+name), patience)
	if err != nil {
		return err
	}
	defer bus.Close()
	forming, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("the run did not begin within %s", patience))
	defer cancel()
	prefer := -1
	if w.flags.IsSet("prefer") {
		prefer = w.flags.Int("prefer")
	}
	a, err := fleet.Join(forming, fleet.AgentConfig{Stream: bus, ID: w.flags.String("run"), Prefer: prefer, Name: name, Version: version(), Wall: w.wall})
	if err != nil {
		return fleetError(err)
	}
	w.say("axbench: generator %d of %d of the run %s\n", a.Slot, len(a.Spec.Weights), a.Spec.ID)
	s, err := w.prepare(a)
	if err != nil {
		return errors.Join(err, a.Refuse(forming, report.Escape(err.Error())))
	}
	defer s.target.close()
	defer s.writer.Close()
	defer s.part.log.Close()
	return w.carry(ctx, forming, s)
}

// prepare makes everything ready for the part.
func (w *workplace) prepare(a *fleet.Agent) (*session, error) {
	payload, l, err := w.readPayload(a.Spec.Payload)
	if err != nil {
		return nil, err
	}
	t, err := w.openTarget(w.flags, l)
	if err != nil {
		return nil, err
	}
	s := &session{loaded: l, target: t, p: w.program, whole: l.plan, part: &fleetPart{agent: a, payload: payload, facts: traffic.NewFacts(a.Key)}}
	s.sessionConfig = sessionConfig{dir: outDir(w.flags, string(l.file.Name), time.Now()), memoryIDs: w.flags.Int64("memory-ids") << 20,
		cleanupTime: w.flags.Duration("cleanup-time"), quiet: true}
	err = touch(t)
	if err == nil {
		s.stopping, s.stop = context.WithCancelCause(context.Background())
		err = s.open(s.stop)
	}
	if err == nil {
		err = s.part.keepLog(s.dir)
	}
	if err == nil {
		plan := *l
		if plan.plan, err = s.part.ownPlan(l); err == nil {
			s.loaded = &plan
		}
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return s, nil
}

// touch connects to the target once, so that a generator that cannot reach it says so before the run begins.
func touch(t *target) error {
	if t.proxy != "" {
		return nil
	}
	c, err := net.DialTimeout("tcp", t.addr, 3*time.Second)
	if err != nil {
		return &exitError{code: results.ExitNoData, err: fmt.Errorf("the target does not answer: %w", err)}
	}
	return c.Close()
}

// carry waits for the start and makes the calls.
func (w *workplace) carry(ctx, forming context.Context, s *session) error {
	a := s.part.agent
	ceiling := 0.0
	if c, _, err := w.ceilingOf(w.flags, s.loaded); err == nil && c != nil {
		ceiling = c.Value
		if asked, err := s.part.peak(s.loaded); err == nil && asked > ceiling {
			w.warnf("this part asks for %s/s at its highest, calls that follow included: that is more than this machine can send, %s/s", callsText(asked), callsText(ceiling))
		}
	}
	if err := a.Ready(forming, s.part.ready(ceiling)); err != nil {
		return fleetError(err)
	}
	start, err := a.Await(forming)
	if err != nil {
		return fleetError(err)
	}
	s.part.start = start
	w.busy.Store(s)
	w.tuneMemory()
	var sum *runner.Summary
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.stopping, func() { cancel(context.Cause(s.stopping)) })()
	err = a.Carry(run, fleet.Work{Extra: s.part.extra, Run: func(c context.Context) (*fleet.Final, error) {
		var err error
		if sum, err = s.send(c); err != nil {
			return nil, err
		}
		return s.part.final(sum), nil
	}})
	if sum == nil {
		return fleetError(err)
	}
	return errors.Join(w.keep(ctx, s, sum), w.ended(ctx, s, sum, err))
}

// keep finishes this generator's own run directory.
func (w *workplace) keep(ctx context.Context, s *session, sum *runner.Summary) error {
	rec, err := s.finish(ctx, sum)
	if err != nil {
		return err
	}
	if err := s.page(rec); err != nil {
		w.warnf("%s: %v", reportFile, err)
	}
	if err := s.part.agent.LogError(); err != nil {
		w.warnf("%s: %v", fleetLog, err)
	}
	return nil
}

// ended says what became of the part.
func (w *workplace) ended(ctx context.Context, s *session, sum *runner.Summary, err error) error {
	var offered, planned int64
	for i := range sum.Phases {
		offered += sum.Phases[i].Planned - sum.Phases[i].NotOffered
		planned += sum.Phases[i].Planned
	}
	if w.flags.Bool("json") {
		told := map[string]any{"slot": s.part.agent.Slot, "planned": planned, "offered": offered, "withheld": s.part.agent.Lease().Withheld(), "dir": s.dir}
		if err := w.printJSON(told); err != nil {
			return err
		}
	} else if err := w.print(fmt.Sprintf("generator %d offered %d of %d arrivals; its run directory is %s\n", s.part.agent.Slot, offered, planned, report.Escape(s.dir))); err != nil {
		return err
	}
	var by interrupted
	var over *fleet.AbortedError
	switch {
	case errors.As(context.Cause(ctx), &by):
		return exit(by.code)
	case errors.As(err, &over):
		w.say("axbench: %s\n", report.Escape(over.Error()))
		return nil
	}
	return fleetError(err)
}
