package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"axbench/report"
	"axbench/results"
	"axbench/results/judge"
)

// aborted is the cause of a run's end that a rule brought about.
type aborted struct {
	at   time.Duration // since the start of the run: the end of the second that proved the rule missed
	rule string
}

func (a aborted) Error() string {
	return fmt.Sprintf("%s was missed at %s", a.rule, a.at)
}

// ruleWatch holds the rules of a run against each of its seconds, and stops the run when one that may is proven missed. It is a
// record.Sink beside the run directory; what it costs the collector is a few histograms a second. Others may ask it how the rules stand.
type ruleWatch struct {
	rules []judge.Rule // those on violations apart
	stop  context.CancelCauseFunc
	tell  func(aborted) // nil for nobody

	mu     sync.Mutex
	watch  *judge.Watch
	ended  []results.SLO // what stopped the run, nil if nothing did
	failed error
}

// watchRules begins to watch the rules, if there are any that ask for it.
func (s *session) watchRules(stop context.CancelCauseFunc) {
	w := &ruleWatch{stop: stop}
	for _, r := range s.rules {
		if r.Abort || r.Window > 0 {
			w.rules = append(w.rules, r)
		}
	}
	if len(w.rules) == 0 {
		return
	}
	if !s.quiet {
		w.tell = func(a aborted) {
			s.p.say("axbench: %s: no more calls are made, open ones are waited for and the report is written\n", report.Escape(a.Error()))
		}
	}
	w.watch = judge.NewWatch(s.run.Phases, w.rules)
	s.watch, s.looking = w, append(s.looking, w)
}

// AppendSecond is part of record.Sink. After an error nothing is judged until the end, where the run directory says what is wrong.
func (w *ruleWatch) AppendSecond(_, _ time.Time, lines []results.Second, intervals []results.Interval) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed != nil {
		return w.failed
	}
	if w.failed = w.watch.Second(lines, intervals); w.failed != nil || w.ended != nil {
		return w.failed
	}
	if w.ended = w.watch.Missed(); len(w.ended) > 0 {
		a := aborted{at: time.Duration(w.ended[0].AbortedNS), rule: w.ended[0].Rule}
		w.stop(a)
		if w.tell != nil {
			w.tell(a)
		}
	}
	return nil
}

// soFar returns how a rule stands, if that is a thing to be asked here: of one over windows, and of one that stopped the run.
func (w *ruleWatch) soFar(r judge.Rule) (results.SLO, bool) {
	if w == nil {
		return results.SLO{}, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, slo := range w.ended {
		if slo.Rule == r.String() {
			return slo, true
		}
	}
	if i := slices.Index(w.rules, r); i >= 0 && r.Window > 0 {
		return w.watch.SLO(i), true
	}
	return results.SLO{}, false
}

// abortedAt returns when a rule ended the run, 0 if none did: nothing else had ended it before, and its plan was not done.
func abortedAt(ctx context.Context, stopped bool) time.Duration {
	var a aborted
	if stopped && errors.As(context.Cause(ctx), &a) {
		return a.at
	}
	return 0
}
