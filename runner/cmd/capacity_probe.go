package cmd

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"axbench/report"
	"axbench/results"
	"axbench/results/judge"
	"axbench/runner/pace"
	"axbench/runner/search"
)

// probe makes one step of the search: a run, its verdict, its line of capacity.json.
func (s *searching) probe(ctx context.Context, st search.Step) (*search.Outcome, error) {
	began := time.Now()
	l, err := s.scenario(&st)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(results.ProbesDir, fmt.Sprintf("%03d", st.Number))
	cut, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watch := &probeWatch{stop: stop}
	if s.held {
		watch.lagging = &search.Lagging{Step: &st}
	}
	config := sessionConfig{dir: filepath.Join(s.dir, dir), memoryIDs: s.memoryIDs, cleanupTime: s.flags.Duration("cleanup-time")}
	rec, err := s.p.probe(cut, config, l, s.target, watch)
	if err != nil {
		return nil, err
	}
	s.offset += l.plan.Total()
	o, reasons := search.Judge(rec, watch.seconds, &st, s.hold, watch.lost)
	s.held = s.held || o.Verdict == search.Held
	s.note(rec, &st, o, reasons, dir, began)
	if !s.keeps(&rec.Run) {
		s.forget(config.dir)
	} else if err := s.p.keepPage(rec, config.dir, s.flags.String("lang")); err != nil {
		s.p.warnf("%s: %v", reportFile, err)
	}
	s.rest(ctx, rec)
	o.Took = time.Since(began)
	return o, nil
}

// scenario returns the scenario with the phases of a step.
func (s *searching) scenario(st *search.Step) (*loaded, error) {
	l := *s.loaded
	l.offset = s.offset
	shape := func(rate float64) pace.Shape {
		if s.poisson {
			return pace.Poisson{Rate: paceRate(rate)}
		}
		return pace.Constant{Rate: paceRate(rate)}
	}
	var phases []pace.Phase
	for _, ph := range []pace.Phase{
		{Name: search.PhaseFlush, Duration: st.Flush, Shape: shape(st.FlushRate)},
		{Name: search.PhaseSettle, Duration: st.Settle, Shape: shape(st.Rate)},
		{Name: search.PhaseProbe, Duration: st.Record, Shape: shape(st.Rate), Record: true},
	} {
		if ph.Duration > 0 {
			phases = append(phases, ph)
		}
	}
	seed := l.file.Seed
	if s.poisson { // other arrivals in each probe, or they would all err alike
		seed += int64(st.Number)
	}
	plan, err := pace.NewPlan(phases, seed, l.file.Safety.Ceiling.Rate)
	if err != nil {
		return nil, usagef("a probe at %s/s: %w", rateNumber(st.Rate), err)
	}
	l.plan, l.notes = plan, nil
	return &l, nil
}

// probeWatch keeps the seconds of a probe, and ends it when it is lost. The runner calls it from one goroutine, and has returned before
// anybody reads the rest.
type probeWatch struct {
	stop    context.CancelCauseFunc
	lagging *search.Lagging // nil where nothing is known of the target yet

	mu      sync.Mutex
	seconds []results.Second
	lost    string // why the probe was ended
}

// AppendSecond is part of record.Sink.
func (w *probeWatch) AppendSecond(_, _ time.Time, lines []results.Second, _ []results.Interval) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range lines {
		l.Classes, l.Codes, l.CodeClass = nil, nil, nil
		w.seconds = append(w.seconds, l)
	}
	if w.lagging == nil || w.lost != "" {
		return nil
	}
	if w.lost = w.lagging.Second(lines); w.lost != "" {
		w.stop(cutShort(w.lost))
	}
	return nil
}

// note writes a probe down, and tells the user.
func (s *searching) note(rec *results.Record, st *search.Step, o *search.Outcome, reasons []string, dir string, began time.Time) {
	run := &rec.Run
	p := results.Probe{Step: st.Number, Stage: st.Stage, Rate: st.Rate, StartNS: int64(began.Sub(s.began)), Verdict: run.Verdict, Limit: o.Limit,
		Reasons: reasons, Goodput: o.Goodput, CPUCores: run.Generator.CPUCores, LateP99NS: run.Generator.LateP99NS}
	if s.keeps(run) {
		p.Dir = filepath.ToSlash(dir)
	}
	if o.Verdict != search.Unknown {
		held := o.Verdict == search.Held
		p.Pass = &held
	}
	for i := range run.Phases {
		if ph := &run.Phases[i]; ph.Name == search.PhaseProbe {
			p.Ledger, p.ElapsedNS, p.Rates = ph.Ledger, ph.ElapsedNS, ph.Rate
			p.Offered, p.Service, p.Codes = ph.Latency[results.Offered], ph.Latency[results.ClockService.String()], codeShares(ph)
		}
	}
	s.record.Curve = append(s.record.Curve, p)
	for _, wrong := range wrongAnswers(run) {
		if !s.broken[wrong] {
			s.broken[wrong] = true
			s.record.Reasons = append(s.record.Reasons, wrong)
		}
	}
	if o.Verdict == search.Held && (s.record.Rate.Low == nil || *s.record.Rate.Low < st.Rate) {
		s.record.Rate.Low = &st.Rate
	}
	if err := results.WriteCapacity(s.dir, &s.record); err != nil {
		s.p.warnf("%v", err)
	}
	s.last = reasons
	s.p.say("axbench: probe %d: %s\n", st.Number, report.Escape(probeLine(&p)))
}

// probeLine says in a few words what came of a probe.
func probeLine(p *results.Probe) string {
	rate, why := rateNumber(p.Rate)+"/s", ""
	if len(p.Reasons) > 0 {
		why = ": " + p.Reasons[0]
	}
	switch {
	case p.Pass == nil:
		return rate + " cannot be told" + why
	case *p.Pass:
		return fmt.Sprintf("%s held: p99 %s", rate, bounded(p.Offered.P99, slices.Contains(p.Offered.Bounds, "p99")))
	}
	return fmt.Sprintf("%s lost (%s)%s", rate, p.Limit, why)
}

// bounded writes a duration with three digits, and whether it is a lower bound.
func bounded(ns int64, bound bool) string {
	if bound {
		return "> " + judge.Duration(ns)
	}
	return judge.Duration(ns)
}

// codeShares lists the codes that came, most frequent first.
func codeShares(ph *results.Phase) (list []results.CodeShare) {
	for i := range ph.Codes {
		if c := &ph.Codes[i]; c.Count > 0 {
			list = append(list, results.CodeShare{Code: c.Code, Class: c.Class, Count: c.Count, Share: c.Share})
		}
	}
	slices.SortStableFunc(list, func(a, b results.CodeShare) int { return cmp.Compare(b.Count, a.Count) })
	return list
}

// wrongAnswers lists what a run ended with 4 for.
func wrongAnswers(run *results.Run) (list []string) {
	if run.Verdict != results.VerdictNonconformant {
		return nil
	}
	for i := range run.Violations {
		if v := &run.Violations[i]; v.Level == "MUST" && v.Count > 0 {
			list = append(list, fmt.Sprintf("clause %s was broken in some probes", v.Clause))
		}
	}
	for _, ph := range []*results.Phase{&run.Totals, &run.FollowUps} {
		for i := range ph.Codes {
			if c := &ph.Codes[i]; c.Class == results.ClassUndocumented && c.Count > 0 {
				list = append(list, fmt.Sprintf("the undocumented code %s came in some probes", c.Code))
			}
		}
	}
	return list
}

// pauseAfterLoss is how long the target gets to end calls that were given up.
const pauseAfterLoss = 2 * time.Second

// rest waits where calls were given up that the target may still be at.
func (s *searching) rest(ctx context.Context, rec *results.Record) {
	given := rec.Run.Totals.Unfinished
	for i := range rec.Run.Totals.Codes {
		if c := &rec.Run.Totals.Codes[i]; c.Code == results.CodeTimeout {
			given += c.Count
		}
	}
	if given == 0 {
		return
	}
	timer := time.NewTimer(pauseAfterLoss)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// rateNumber writes a rate without digits that say nothing.
func rateNumber(rate float64) string {
	return strconv.FormatFloat(rate, 'f', -1, 64)
}
