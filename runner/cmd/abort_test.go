package cmd

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"axbench/results"
	"axbench/results/judge"
)

// TestRuleWatch: the second that proves a rule missed ends the run, once; what goes on is told of every rule that is asked for.
func TestRuleWatch(t *testing.T) {
	rule := func(text string) judge.Rule { return judge.MustParseRule(text) }
	s := &session{loaded: &loaded{rules: []judge.Rule{rule("good >= 90% over 2s abort after 3s"), rule("good >= 50% over 3s"), rule("good >= 1%")}},
		sessionConfig: sessionConfig{quiet: true}, run: &results.Run{Phases: []results.Phase{{Name: "main", Recorded: true, DurationNS: 60e9}}}}
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	s.watchRules(stop)
	if len(s.looking) != 1 {
		t.Fatalf("%d look on", len(s.looking))
	}
	good := []int64{100, 100, 100, 70, 0, 0}
	for i, n := range good {
		line := results.Second{T: int64(i), Phase: "main", Done: 100, Good: n}
		if err := s.looking[0].AppendSecond(time.Time{}, time.Time{}, []results.Second{line}, nil); err != nil {
			t.Fatal(err)
		}
		if ended := ctx.Err() != nil; ended != (i >= 3) {
			t.Errorf("after second %d the run has ended: %v", i, ended)
		}
	}
	if at := abortedAt(ctx, true); at != 4*time.Second {
		t.Errorf("it ended at %s", at)
	}
	if at := abortedAt(ctx, false); at != 0 {
		t.Errorf("a plan that was done ended at %s", at)
	}
	other, end := context.WithCancelCause(context.Background())
	end(errors.New("something else"))
	if at := abortedAt(other, true); at != 0 {
		t.Errorf("a run that something else ended: %s", at)
	}
	slo, ok := s.watch.soFar(s.rules[0])
	if !ok || slo.AbortedNS != 4e9 || *slo.Value != 0.85 || *slo.Pass || slo.Window.Worst != 2 {
		t.Errorf("the rule that ended it: %+v", slo)
	}
	slo, ok = s.watch.soFar(s.rules[1])
	if !ok || slo.AbortedNS != 0 || slo.Window.Judged != 4 || *slo.Pass {
		t.Errorf("another over windows: %+v", slo)
	}
	if _, ok = s.watch.soFar(s.rules[2]); ok {
		t.Error("a rule over all calls was answered for")
	}
	if _, ok = (*ruleWatch)(nil).soFar(s.rules[0]); ok {
		t.Error("nobody answered")
	}
	late := []results.Second{{T: 2, Phase: "main", Done: 1}}
	if err := s.looking[0].AppendSecond(time.Time{}, time.Time{}, late, nil); err == nil || !strings.Contains(err.Error(), "second 2 after second 5") {
		t.Errorf("a second that comes late: %v", err)
	}
}

// TestNoRuleToWatch: rules on all calls at the end need nobody to look on.
func TestNoRuleToWatch(t *testing.T) {
	s := &session{loaded: &loaded{rules: []judge.Rule{judge.DefaultRule}}, run: &results.Run{}}
	s.watchRules(nil)
	if s.watch != nil || len(s.looking) != 0 {
		t.Errorf("%+v", s.watch)
	}
}
