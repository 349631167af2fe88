package judge

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"axbench/results"
)

// Known is what a rule may name.
type Known struct {
	Phases     []string // recorded
	Unrecorded []string // warm-up
	Codes      []string // nil leaves codes unchecked
}

// Validate tells whether the rule names only what there is. A code that is not in k.Codes is let through unless it looks
// like a slip of one that is: a target may send codes that no list has.
func (r Rule) Validate(k Known) error {
	text := r.String()
	fail := func(what string, at int, hint string) error {
		return &RuleError{Rule: text, Column: 1 + max(0, at), Problem: "unknown " + strconv.Quote(what), Hint: hint}
	}
	at := strings.LastIndex(text, " in "+r.Phase) + len(" in ")
	for _, phase := range r.Phases() {
		switch hint := "phases are " + strings.Join(k.Phases, ", "); {
		case slices.Contains(k.Phases, phase):
		case slices.Contains(k.Unrecorded, phase):
			return fail(phase, at, "that phase has record: false; recorded "+hint)
		default:
			if near := Nearest(phase, k.Phases); near != "" {
				hint = "did you mean " + near + "? " + hint
			}
			return fail(phase, at, hint)
		}
		at += len(phase) + len(phaseSeparator)
	}
	if near := r.slip(k.Codes); near != "" {
		return fail(r.Name, strings.Index(text, r.Name), "did you mean "+near+"?")
	}
	return nil
}

// slip returns the code or class that the rule's name is probably meant to be, "" if the name is fine.
func (r Rule) slip(codes []string) string {
	if r.Name == "" || codes == nil {
		return ""
	}
	names := slices.Concat(codes, transportCodes, ledgerNames)
	for _, c := range results.Classes {
		names = append(names, string(c))
	}
	if slices.Contains(names, r.Name) {
		return ""
	}
	return Nearest(r.Name, names)
}

var transportCodes = []string{results.CodeRefused, results.CodeReset, results.CodeTimeout, results.CodeTLS, results.CodeFraming,
	results.CodeMalformed, results.CodeOther}

// Evaluate judges one rule over a record whose Summarise was called. A rule over windows reads the seconds of the run from its
// directory; if they cannot be read, Pass is null and Reason says why.
func Evaluate(rec *results.Record, r Rule) results.SLO {
	slo, ok := r.begin(&rec.Run)
	switch {
	case !ok:
		return slo
	case r.Kind == KindViolations:
		return r.violations(&rec.Run)
	case r.Window == 0:
		return r.measure(wholeOf(rec, r))
	}
	return overWindows(rec, []Rule{r})[r]
}

// begin returns the rule before it is judged. Of a rule that cannot be judged on run ok is false, and Reason says why.
func (r Rule) begin(run *results.Run) (slo results.SLO, ok bool) {
	var known Known
	for i := range run.Phases {
		p := &run.Phases[i]
		if p.Recorded {
			known.Phases = append(known.Phases, p.Name)
		} else {
			known.Unrecorded = append(known.Unrecorded, p.Name)
		}
		for j := range p.Codes {
			known.Codes = append(known.Codes, p.Codes[j].Code)
		}
	}
	if err := r.Validate(known); err != nil {
		return r.unknown(err.Error()), false
	}
	if len(known.Phases) == 0 {
		return r.unknown("no phase was recorded"), false
	}
	return r.unknown(""), true
}

// unknown returns the rule with Pass null.
func (r Rule) unknown(reason string) results.SLO {
	return results.SLO{Rule: r.String(), Phase: r.Phase, Limit: r.Limit, Unit: r.Unit(), Reason: reason}
}

// violations sums the broken MUST and SHOULD clauses of the whole run, warm-up included. The clause that sums others is left out.
func (r Rule) violations(run *results.Run) results.SLO {
	if run.Totals.Done == 0 {
		return r.unknown("no call was answered")
	}
	var n int64
	for i := range run.Violations {
		if v := &run.Violations[i]; v.Clause != results.ClauseUnderLoad && (v.Level == levelMust || v.Level == levelShould) {
			n += v.Count
		}
	}
	slo := r.unknown("")
	r.decide(&slo, float64(n))
	return slo
}

// wholeOf returns what came of all calls that the rule is about.
func wholeOf(rec *results.Record, r Rule) *sample {
	s := &sample{}
	for i := range rec.Run.Phases {
		p := &rec.Run.Phases[i]
		if !p.Recorded || !r.covers(p.Name) {
			continue
		}
		s.good += p.Good
		s.inside += p.GoodInside
		s.ended += p.Done + p.Failed
		s.planned += p.Planned
		s.elapsed += time.Duration(p.ElapsedNS)
		if n, ok := r.fromLedger(&p.Ledger); ok {
			s.named += n
		}
		for j := range p.Codes {
			if c := &p.Codes[j]; r.matches(c.Code, c.Class) {
				s.named += c.Count
			}
		}
		if r.Kind == KindQuantile {
			s.collect(rec, r, p)
		}
	}
	return s
}

// collect takes in the histograms of a phase.
func (s *sample) collect(rec *results.Record, r Rule, p *results.Phase) {
	take := func(clock, code string, class results.Class) {
		if part := r.part(clock, code, class); part != partNone {
			s.take(part, rec.Histogram(p.Name, clock, code))
		}
	}
	for _, clock := range [...]string{results.ClockResponse.String(), results.ClockService.String()} {
		take(clock, results.CodeGood, "")
		take(clock, results.CodeAll, "")
		for i := range p.Codes {
			listed := slices.ContainsFunc(p.Codes[:i], func(c results.Code) bool { return c.Code == p.Codes[i].Code })
			if r.Name != "" && !listed {
				take(clock, p.Codes[i].Code, p.Codes[i].Class)
			}
		}
	}
	for _, code := range results.BoundCodes {
		take(results.ClockBound, code, "")
	}
}
