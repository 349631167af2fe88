package cmd

import (
	"context"
	"errors"
	"slices"
	"time"

	"axbench/conformance/contract"
	"axbench/results"
	"axbench/results/judge"
	"axbench/runner"
)

// account puts what the runner and the judge of answers counted into the run.
func (s *session) account(sum *runner.Summary) {
	ended := sum.Ended.UTC()
	s.run.Started, s.run.Ended = sum.Started.UTC(), &ended
	s.run.Generator = sum.Generator
	for i := range sum.Phases {
		s.fill(&s.run.Phases[i], &sum.Phases[i])
	}
	s.run.FollowUps.Name, s.run.FollowUps.Model = results.FollowUpPhase, s.run.Model
	s.fill(&s.run.FollowUps, &sum.FollowUps)
	s.run.Violations, s.run.Unique = s.traffic.Violations(), s.traffic.Unique()
	s.run.Bindings = s.traffic.Bindings(time.Now())
}

// fill copies the counts of a phase and gives its codes their texts: every documented code is there, seen or not.
func (s *session) fill(into, counted *results.Phase) {
	into.Ledger, into.Sent, into.Good = counted.Ledger, counted.Sent, counted.Good
	into.DoneInside, into.GoodInside, into.ElapsedNS = counted.DoneInside, counted.GoodInside, counted.ElapsedNS
	edition := s.file.Edition()
	into.Codes = documentedCodes(edition)
	for _, c := range counted.Codes {
		i := slices.IndexFunc(into.Codes, func(x results.Code) bool { return x.Code == c.Code })
		described := describeCode(c, edition.Find([]byte(c.Code)))
		if i >= 0 {
			into.Codes[i] = described
		} else {
			into.Codes = append(into.Codes, described)
		}
	}
}

// documentedCodes returns every code of an edition, none of them seen.
func documentedCodes(edition contract.Edition) (codes []results.Code) {
	for _, c := range edition.Codes() {
		codes = append(codes, describeCode(results.Code{Code: c.Name, Class: classOf(c.Group)}, c))
	}
	return codes
}

func classOf(g contract.Group) results.Class {
	switch g {
	case contract.Success:
		return results.ClassOK
	case contract.Business:
		return results.ClassBusiness
	case contract.Gateway:
		return results.ClassGateway
	}
	return results.ClassUndocumented
}

// describeCode adds the document's texts, for codes that came from the target and are in a list.
func describeCode(c results.Code, known *contract.Code) results.Code {
	if known == nil || c.Class == results.ClassTransport || c.Class == results.ClassMalformed || c.Class == results.ClassUndocumented {
		return c
	}
	c.Documented, c.TextZH, c.TextEN = known.Group != contract.Gateway, known.ZH, known.EN
	return c
}

// judgement is what decides the verdict beside the record.
func (s *session) judgement(ctx context.Context, sum *runner.Summary) judge.Input {
	in := judge.Input{Rules: s.rules, LateP99: s.file.Late.P99, LateMax: s.file.Late.Max}
	switch {
	case s.breaker != "":
		in.EndedEarly = "the circuit breaker ended the run: " + s.breaker
	case sum.RefusedAll:
		in.EndedEarly = "the target refused every connection: the run was ended early"
	}
	var by interrupted
	if errors.As(context.Cause(ctx), &by) {
		in.Interrupted = by.code
	}
	s.refusedAll = sum.RefusedAll
	return in
}
