package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/results/judge"
	"axbench/runner/search"

	"github.com/urfave/cli/v2"
)

// conclude turns what was found into the end of capacity.json.
func (s *searching) conclude(ctx, timed context.Context, f *search.Finding) {
	r, now := &s.record, time.Now().UTC()
	r.Ended = &now
	s.ofMachine(f)
	known := func(v float64) *float64 {
		if v <= 0 {
			return nil
		}
		return &v
	}
	r.Rate.Low, r.Rate.Value, r.Rate.High = known(f.Low), known(f.Value), known(f.High)
	r.LimitedBy = f.LimitedBy
	if f.Low > 0 {
		r.Plan.Rate = known(math.Floor(f.Low*(1-s.headroom)*100) / 100)
	}
	s.knee(f)
	s.noteBindings()
	if f.End == search.Stopped && timed.Err() != nil && ctx.Err() == nil {
		f.End = search.Budget
	}
	exit, why := s.verdict(f)
	if len(s.broken) > 0 {
		exit = results.ExitNonconformant
	}
	r.Reasons = append(r.Reasons, why...) // behind what was wrong with answers
	var by interrupted
	if errors.As(context.Cause(ctx), &by) {
		exit = by.code
		r.Reasons = append([]string{searchInterrupted}, r.Reasons...)
	}
	r.ExitCode, r.Verdict = &exit, judge.VerdictOf(exit)
	if err := results.WriteCapacity(s.dir, r); err != nil {
		s.p.warnf("%v", err)
	}
}

// searchInterrupted is why a search found less than it was to.
const searchInterrupted = "the search was interrupted before it was done"

// verdict returns the exit code of a search that nobody interrupted, and the sentences that go with it; none for an answer. What the last
// probe was lost or could not be judged for stands behind its own.
func (s *searching) verdict(f *search.Finding) (exit int, why []string) {
	say := func(format string, args ...any) []string {
		return append([]string{fmt.Sprintf(format, args...)}, s.last...)
	}
	switch f.End {
	case search.Found, search.Ceiling:
		return results.ExitPass, nil
	case search.Nothing:
		return results.ExitSLO, say("not even %s/s was held", rateNumber(s.lowest()))
	case search.Generator:
		if f.Low == 0 {
			return results.ExitInvalid, say("no rate could be measured: the generator was the limit")
		}
		return results.ExitInvalid, say("at least %s/s: above that the generator is the limit", rateNumber(f.Low))
	case search.Dead:
		return results.ExitNoData, say("the target does not answer")
	case search.Budget:
		return results.ExitNoData, []string{fmt.Sprintf("the search was over before the interval was as narrow as asked for: its time of %s or its probes were used up",
			s.search.Budget)}
	}
	return results.ExitNoData, nil
}

// lowest returns the lowest rate that was tried.
func (s *searching) lowest() float64 {
	low := math.Inf(1)
	for i := range s.record.Curve {
		low = min(low, s.record.Curve[i].Rate)
	}
	return low
}

// knee looks for the bend of the curve. Probes that were refused much show how fast refusals are.
func (s *searching) knee(f *search.Finding) {
	var curve []search.Point
	for i := range f.Probes {
		p := &f.Probes[i]
		if p.Verdict == search.Unknown || p.Verdict == search.Lost && p.Limit != results.LimitSaturation || p.P99 == 0 {
			continue
		}
		curve = append(curve, search.Point{Rate: p.Rate, Latency: float64(p.P99)})
	}
	if k, ok := search.Knee(curve); ok {
		s.record.Knee = &results.Knee{Rate: k.Rate, P99NS: int64(k.Latency)}
	}
}

// noteBindings says what bindings that nobody ends do to a search.
func (s *searching) noteBindings() {
	if s.record.LimitedBy != results.LimitExhaustion || s.file.Bindings.Unbind.Then == traffic.UnbindAfter {
		return
	}
	text := "bindings are held to the end of a probe: how many a pool takes depends on its length"
	if !s.foreign && s.file.Bindings.Unbind.Then == traffic.Never {
		text = "bindings are left from probe to probe: the pool ran out for all of them together"
	}
	s.record.Notes = append(s.record.Notes, text, "bindings.unbind: after 30s, or as long as yours are held, finds the rate that the pool bears")
}

// printCapacityPlan says what a search would do at most.
func (p *program) printCapacityPlan(ctx *cli.Context, c *capacityPlan) error {
	var b strings.Builder
	highest, calls := "none: it ends where a rule is missed or the generator is the limit", "as many as the time allows"
	if c.search.Max > 0 {
		highest = rateNumber(c.search.Max) + "/s"
		calls = fmt.Sprint(int64(math.Ceil(c.search.Max * c.search.Budget.Seconds())))
	}
	rules := make([]string, len(c.rules))
	for i, r := range c.rules {
		rules[i] = r.String()
	}
	fmt.Fprintf(&b, "scenario %s, seed %d: nothing is sent\n\n", c.file.Name, c.file.Seed)
	rows := [][]string{{"first rate", rateNumber(c.search.Start) + "/s"}, {"highest rate", highest},
		{"a probe", fmt.Sprintf("%s recorded after %s, at least %d calls", c.search.Record, c.search.Settle, c.search.Samples)},
		{"longest time", c.search.Budget.String()}, {"arrivals at most", calls}, {"rules", strings.Join(rules, "; ")}}
	if err := report.WriteTable(&b, p.textOptions(), []string{"what", "how much"}, rows); err != nil {
		return err
	}
	for _, w := range c.notes {
		p.warnf("%s", w)
	}
	if ctx.Bool("json") {
		return usagef("--dry-run has no JSON form")
	}
	return p.print(b.String())
}
