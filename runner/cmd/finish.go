package cmd

import (
	"context"
	"errors"
	"slices"
	"time"

	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/results/judge"
	"axbench/runner"
)

// account puts what the runner and the judge of answers counted into the run.
func (s *session) account(sum *runner.Summary) {
	ended := sum.Ended.UTC()
	s.run.Started, s.run.Ended = sum.Started.UTC(), &ended
	s.run.Generator = sum.Generator
	api := s.apiAccount()
	if skew := api.Skew; skew != nil {
		low, high := int64(skew.Low), int64(skew.High)
		g := &s.run.Generator
		g.SkewLowNS, g.SkewHighNS, g.ClockJumped = &low, &high, skew.Jumped
	}
	for i := range sum.Phases {
		s.fill(&s.run.Phases[i], &sum.Phases[i])
	}
	s.run.FollowUps.Name, s.run.FollowUps.Model = results.FollowUpPhase, s.run.Model
	s.fill(&s.run.FollowUps, &sum.FollowUps)
	s.run.Violations, s.run.Unique, s.run.Bindings = api.Violations, api.Unique, api.Bindings
	if r := s.gathered; r != nil {
		s.run.Fleet = r.gather.ledger(r.outcome)
		if note := leftBehind(s.run.Fleet); note != "" {
			s.run.Notes = append(s.run.Notes, note)
		}
		s.breaker = api.Breaker
	}
}

// apiAccount is what was counted of this API: here, or by the generators of the run.
func (s *session) apiAccount() traffic.Account {
	if s.gathered != nil {
		return s.gathered.gather.account()
	}
	return s.traffic.Account(time.Now())
}

// fill copies the counts of a phase and gives its codes their texts: every documented code is there, seen or not.
func (s *session) fill(into, counted *results.Phase) {
	into.Ledger, into.Sent, into.Good = counted.Ledger, counted.Sent, counted.Good
	into.DoneInside, into.GoodInside, into.ElapsedNS = counted.DoneInside, counted.GoodInside, counted.ElapsedNS
	into.Codes = traffic.Codes(s.file.Edition())
	for _, c := range counted.Codes {
		known := s.traffic.Describe(c.Code, c.Class)
		c.Documented, c.TextZH, c.TextEN = known.Documented, known.TextZH, known.TextEN
		if i := slices.IndexFunc(into.Codes, func(x results.Code) bool { return x.Code == c.Code }); i >= 0 {
			into.Codes[i] = c
		} else {
			into.Codes = append(into.Codes, c)
		}
	}
}

// judgement is what decides the verdict beside the record.
func (s *session) judgement(ctx context.Context, sum *runner.Summary) judge.Input {
	in := judge.Input{Rules: s.rules, LateP99: s.file.Late.P99, LateMax: s.file.Late.Max, Aborted: s.abortedAt}
	switch {
	case s.breaker != "":
		in.EndedEarly = "the circuit breaker ended the run: " + s.breaker
	case sum.Unreachable != "":
		in.EndedEarly = unreachable(sum.Unreachable)
	}
	var by interrupted
	var cut cutShort
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &by):
		in.Interrupted = by.code
	case errors.As(cause, &cut) && sum.Stopped && in.EndedEarly == "":
		in.EndedEarly = cut.Error()
	}
	s.unreachable = sum.Unreachable
	return in
}

// unreachable says why a run without a single connection was ended.
func unreachable(code string) string {
	if code == results.CodeTLS {
		return "the TLS handshake failed on every connection: the run was ended early"
	}
	return "the target refused every connection: the run was ended early"
}
