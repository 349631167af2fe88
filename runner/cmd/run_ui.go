package cmd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"axbench/report"
	"axbench/report/live"
	"axbench/results"
	"axbench/results/judge"

	"github.com/urfave/cli/v2"
)

// uiFlags are the flags of the page that shows a run while it goes on.
func uiFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "ui", Usage: "`HOST:PORT` to serve the report on while the run goes on; port 0 takes a free one"},
		&cli.DurationFlag{Name: "ui-linger", Usage: "serve it for so long after the end, or until an interrupt"},
	}
}

// livePage is the page of --ui. All of its methods do nothing where none was asked for.
type livePage struct {
	*program
	listener net.Listener
	stay     time.Duration
	page     report.HTMLOptions
	server   *live.Server // nil until the run begins
}

// openUI takes the address. Nothing is served yet.
func (p *program) openUI(flags *cli.Context) (u *livePage, err error) {
	u = &livePage{program: p, stay: flags.Duration("ui-linger"), page: report.HTMLOptions{Lang: flags.String("lang")}}
	address := flags.String("ui")
	switch {
	case u.stay < 0:
		return nil, usagef("--ui-linger must not be negative")
	case address == "" && u.stay > 0:
		return nil, usagef("--ui-linger belongs to --ui")
	case address == "":
		return u, nil
	}
	if err := checkListen("ui", address, "the page names the target and shows what it answers", flags.Bool("any-interface")); err != nil {
		return nil, err
	}
	u.listener, err = bind("listen for --ui", address)
	return u, err
}

// begin serves the page of s from now on.
func (u *livePage) begin(s *session) {
	if u.listener == nil {
		return
	}
	l := u.listener
	u.server = live.Serve(l, live.Config{Run: s.run, Dir: s.dir, Page: u.page, Add: s.soFar,
		Guard: func(h http.Handler) http.Handler { return forHosts(l, h) }})
	s.looking = append(s.looking, u.server)
	fmt.Fprintf(u.stderr, "axbench: the run can be watched at %s\n", u.url())
}

// soFar puts into a record what the judge of answers has counted until now, and how the rules stand among the calls that have ended.
func (s *session) soFar(rec *results.Record) {
	run := &rec.Run
	run.Violations, run.Unique = s.traffic.Violations(), s.traffic.Unique()
	run.Bindings = s.traffic.Bindings(time.Now())
	ended := *rec
	ended.Run.Phases = slices.Clone(run.Phases)
	for i := range ended.Run.Phases {
		p := &ended.Run.Phases[i]
		p.Planned = p.Ended()
	}
	run.SLOs = nil
	for _, rule := range s.rules {
		slo, ok := s.watch.soFar(rule)
		if !ok {
			slo = judge.Evaluate(&ended, rule)
		}
		run.SLOs = append(run.SLOs, slo)
	}
}

// url is where a browser on this machine finds the page.
func (u *livePage) url() string {
	address := u.listener.Addr().String()
	if host, port, err := net.SplitHostPort(address); err == nil && net.ParseIP(host).IsUnspecified() {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + address + "/"
}

// finish shows the end to those who watch.
func (u *livePage) finish(rec *results.Record, dir string) {
	if u.server != nil {
		u.server.Finish(rec, filepath.ToSlash(filepath.Join(dir, reportFile)))
	}
}

// linger leaves the page where it is until the time of --ui-linger is over or the run is interrupted.
func (u *livePage) linger(ctx context.Context) {
	if u.server == nil || u.stay == 0 || ctx.Err() != nil {
		return
	}
	fmt.Fprintf(u.stderr, "axbench: the page stays at %s for %v; an interrupt ends that\n", u.url(), u.stay)
	over := time.NewTimer(u.stay)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
	}
}

// close ends the page, after those who watch have been sent the end if there was one: seconds at most.
func (u *livePage) close() {
	switch {
	case u.server != nil:
		u.server.Close()
	case u.listener != nil:
		u.listener.Close()
	}
}
