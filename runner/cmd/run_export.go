package cmd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"axbench/conformance/emulator/admin"
	"axbench/results"
	"axbench/runner/export"
	"axbench/runner/record"

	"github.com/urfave/cli/v2"
)

// sinks takes the seconds of a run: the run directory first, then those that look on. What a run does and how it ends
// depends on the directory alone, so the errors of the others are dropped; what they have to say they say themselves. They may
// keep nothing of what they are passed, and must not block.
type sinks struct {
	dir     record.Sink
	looking []record.Sink
}

// AppendSecond is part of record.Sink. A second that the directory did not take is shown to nobody.
func (s *sinks) AppendSecond(start, end time.Time, lines []results.Second, intervals []results.Interval) error {
	if err := s.dir.AppendSecond(start, end, lines, intervals); err != nil {
		return err
	}
	for _, l := range s.looking {
		_ = l.AppendSecond(start, end, lines, intervals)
	}
	return nil
}

// grafana prints the dashboard. It is the same for every run.
func (p *program) grafana(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	if ctx.IsSet("format") || ctx.Bool("json") {
		return usagef("--grafana is no report: it takes neither --format nor --json")
	}
	output := ctx.String("output")
	if err := checkOutput(output, ""); err != nil {
		return usagef("--output: %w", err)
	}
	if err := p.writeOutput(output, []byte(export.Dashboard())); err != nil {
		return fmt.Errorf("write the dashboard: %w", err)
	}
	return nil
}

// exportFlags are the flags of what shows a run to monitoring. OTLP is asked for by the variables of its specification.
func exportFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "metrics", Usage: "`HOST:PORT` to serve /metrics for Prometheus on while the run goes on; port 0 takes a free one"},
	}
}

// exports is what shows a run to monitoring while it goes on: a listener that is scraped, and pushes. Both read one count of the
// run, which is told of each second after it has ended. What fails there is told, and changes nothing.
type exports struct {
	*program
	listener net.Listener // nil without --metrics
	host     string       // that the listener was asked for by
	otlp     *export.OTLP // nil where no push is asked for
	run      *export.Run  // nil until the run begins
	pusher   *export.Pusher
	stop     context.CancelFunc
	ended    chan error // of the listener
}

// openExports finds out what is asked for and takes the address. Nothing is started yet.
func (p *program) openExports(flags *cli.Context) (e *exports, err error) {
	e = &exports{program: p}
	address := flags.String("metrics")
	if address != "" {
		if err := checkListen("metrics", address, "the metrics name the target and what it answers", flags.Bool("any-interface")); err != nil {
			return nil, err
		}
	}
	if e.otlp, err = export.ReadOTLP(p.env, os.ReadFile); err != nil {
		return nil, usagef("%w", err)
	}
	if address != "" {
		e.host, _, _ = net.SplitHostPort(address)
		e.listener, err = bind("listen for --metrics", address)
	}
	return e, err
}

// begin shows s from now on.
func (e *exports) begin(s *session) (err error) {
	if e.listener == nil && e.otlp == nil {
		return nil
	}
	e.run = export.NewRun(export.RunConfig{Run: s.run, ID: filepath.Base(s.dir), Violations: s.traffic.Violations})
	if e.otlp != nil {
		e.pusher, err = export.NewPusher(e.otlp, e.run, func(err error) {
			e.warnf("metrics were not taken by %s: %v", e.otlp.Receiver(), err)
		})
		if err != nil {
			return usagef("OTLP: %w", err)
		}
		fmt.Fprintf(e.stderr, "axbench: metrics are pushed to %s every %v\n", e.otlp.Receiver(), e.otlp.Every)
	}
	if e.listener != nil {
		e.serve()
	}
	s.looking = append(s.looking, e.run)
	return nil
}

// serve begins to answer scrapes.
func (e *exports) serve() {
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", export.Handler(e.run.Samples))
	ctx, stop := context.WithCancel(context.Background())
	e.stop, e.ended = stop, make(chan error, 1)
	go func() { e.ended <- admin.Serve(ctx, e.listener, forHosts(e.listener, routes, e.host)) }()
	fmt.Fprintf(e.stderr, "axbench: metrics at http://%s/metrics\n", e.listener.Addr())
}

// finish tells of the verdict, which the last push carries.
func (e *exports) finish(run *results.Run) {
	if e.run != nil && run.ExitCode != nil {
		e.run.Finish(run.Verdict, *run.ExitCode)
	}
}

// close makes the last push and ends the listener. Each is bounded by seconds. A second call does nothing.
func (e *exports) close() {
	pusher, stop := e.pusher, e.stop
	e.pusher, e.stop = nil, nil
	if pusher != nil {
		if s := pusher.Close(); s.Failed > 0 {
			what := "the last one arrived and holds everything"
			if s.Last != nil {
				what = "the receiver does not know how the run ended"
			}
			e.warnf("%d of %d pushes to %s failed: %s", s.Failed, s.Pushes, e.otlp.Receiver(), what)
		}
	}
	switch {
	case stop != nil:
		stop()
		if err := <-e.ended; err != nil {
			e.warnf("--metrics: %v", err)
		}
	case e.listener != nil:
		e.listener.Close()
	}
}
