package judge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	fail := func(what, hint string) error {
		text := r.String()
		return &RuleError{Rule: text, Column: 1 + max(0, strings.LastIndex(text, what)), Problem: "unknown " + strconv.Quote(what), Hint: hint}
	}
	if r.Phase != "" && !slices.Contains(k.Phases, r.Phase) {
		if slices.Contains(k.Unrecorded, r.Phase) {
			return fail(r.Phase, "that phase has record: false; recorded phases are "+strings.Join(k.Phases, ", "))
		}
		hint := "phases are " + strings.Join(k.Phases, ", ")
		if near := Nearest(r.Phase, k.Phases); near != "" {
			hint = "did you mean " + near + "? " + hint
		}
		return fail(r.Phase, hint)
	}
	if near := r.slip(k.Codes); near != "" {
		return fail(r.Name, "did you mean "+near+"?")
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

// ledgerNames may stand for a code in share and count: what became of calls that never ended. Their share is of the
// calls planned.
var ledgerNames = []string{results.CodeDropped, results.CodeUnfinished, "not_offered"}

// Evaluate judges one rule over a record whose Summarise was called.
func Evaluate(rec *results.Record, r Rule) results.SLO {
	e := evaluator{rec: rec, rule: r, slo: results.SLO{Rule: r.String(), Phase: r.Phase, Limit: r.Limit, Unit: r.Unit()}}
	var recorded, unrecorded, codes []string
	for i := range rec.Run.Phases {
		p := &rec.Run.Phases[i]
		if p.Recorded {
			recorded = append(recorded, p.Name)
		} else {
			unrecorded = append(unrecorded, p.Name)
		}
		if p.Recorded && (r.Phase == "" || r.Phase == p.Name) {
			e.phases = append(e.phases, p)
		}
		for j := range p.Codes {
			codes = append(codes, p.Codes[j].Code)
		}
	}
	if err := r.Validate(Known{Phases: recorded, Unrecorded: unrecorded, Codes: codes}); err != nil {
		return e.unknown(err.Error())
	}
	if len(e.phases) == 0 {
		return e.unknown("no phase was recorded")
	}
	switch r.Kind {
	case KindQuantile:
		return e.quantile()
	case KindShare:
		return e.share()
	case KindCount:
		return e.count()
	case KindGood:
		return e.proportion(e.sum(func(p *results.Phase) int64 { return p.Good }), e.planned(), "no call was planned")
	case KindGoodput:
		return e.goodput()
	}
	return e.violations()
}

// evaluator holds one rule on its way.
type evaluator struct {
	rec    *results.Record
	rule   Rule
	phases []*results.Phase
	slo    results.SLO
}

// unknown leaves Pass null.
func (e *evaluator) unknown(reason string) results.SLO {
	e.slo.Pass, e.slo.Reason = nil, reason
	return e.slo
}

// decide compares the point value with the limit.
func (e *evaluator) decide(value float64) results.SLO {
	pass := e.rule.Op.holds(value, e.rule.Limit) && !e.slo.Bound
	e.slo.Value, e.slo.Pass = &value, &pass
	return e.slo
}

func (e *evaluator) interval(low, high float64) { e.slo.Low, e.slo.High = &low, &high }

func (e *evaluator) sum(f func(*results.Phase) int64) int64 {
	var n int64
	for _, p := range e.phases {
		n += f(p)
	}
	return n
}

func (e *evaluator) planned() int64 {
	return e.sum(func(p *results.Phase) int64 { return p.Planned })
}

// ended counts the calls that came to an end: done + failed.
func (e *evaluator) ended() int64 {
	return e.sum(func(p *results.Phase) int64 { return p.Done + p.Failed })
}

func (e *evaluator) proportion(k, n int64, none string) results.SLO {
	if n == 0 {
		return e.unknown(none)
	}
	e.interval(shareInterval(min(k, n), n))
	return e.decide(float64(k) / float64(n))
}

const noneEnded = "no call ended"

func (e *evaluator) share() results.SLO {
	if k, ok := e.fromLedger(); ok {
		return e.proportion(k, e.planned(), "no call was planned")
	}
	return e.proportion(e.named(), e.ended(), noneEnded)
}

func (e *evaluator) count() results.SLO {
	if k, ok := e.fromLedger(); ok {
		if e.planned() == 0 {
			return e.unknown("no call was planned")
		}
		return e.decide(float64(k))
	}
	if e.ended() == 0 {
		return e.unknown(noneEnded)
	}
	return e.decide(float64(e.named()))
}

// named counts the calls whose code or class is the rule's name.
func (e *evaluator) named() int64 {
	return e.sum(func(p *results.Phase) int64 {
		var n int64
		for i := range p.Codes {
			if c := &p.Codes[i]; e.rule.matches(c) {
				n += c.Count
			}
		}
		return n
	})
}

// matches tells whether a code is the rule's name or, where that is a class, in it.
func (r Rule) matches(c *results.Code) bool {
	return c.Code == r.Name || slices.Contains(results.Classes, results.Class(r.Name)) && c.Class == results.Class(r.Name)
}

func (e *evaluator) fromLedger() (int64, bool) {
	switch e.rule.Name {
	case results.CodeDropped:
		return e.sum(func(p *results.Phase) int64 { return p.Dropped }), true
	case results.CodeUnfinished:
		return e.sum(func(p *results.Phase) int64 { return p.Unfinished }), true
	case "not_offered":
		return e.sum(func(p *results.Phase) int64 { return p.NotOffered }), true
	}
	return 0, false
}

func (e *evaluator) goodput() results.SLO {
	ns := e.sum(func(p *results.Phase) int64 { return p.ElapsedNS })
	if ns == 0 || e.ended() == 0 {
		return e.unknown(noneEnded)
	}
	good := e.sum(func(p *results.Phase) int64 { return p.GoodInside })
	seconds := float64(ns) / 1e9
	low, high := countInterval(good)
	e.interval(low/seconds, high/seconds)
	return e.decide(float64(good) / seconds)
}

// violations sums the broken MUST and SHOULD clauses of the whole run, warm-up included. The clause that sums others is left out.
func (e *evaluator) violations() results.SLO {
	if e.rec.Run.Totals.Done == 0 {
		return e.unknown("no call was answered")
	}
	var n int64
	for i := range e.rec.Run.Violations {
		if v := &e.rec.Run.Violations[i]; v.Clause != results.ClauseUnderLoad && (v.Level == levelMust || v.Level == levelShould) {
			n += v.Count
		}
	}
	return e.decide(float64(n))
}

func (e *evaluator) quantile() results.SLO {
	set := e.set()
	n := set.Count()
	if n == 0 {
		return e.unknown("no call of that kind: " + e.rule.Metric())
	}
	if e.rule.Percent == "max" {
		v, bound := set.AtRank(n)
		e.slo.Bound = bound
		return e.decide(float64(v))
	}
	// Shortest decimal to the nearest float: 99.9 % must be the same 0.999 that limits are made of.
	q, err := strconv.ParseFloat(shift(e.rule.Percent, -2), 64)
	if err != nil {
		return e.unknown(err.Error())
	}
	v, bound := set.AtRank(results.Rank(q, n))
	e.slo.Bound = bound
	low, high := rankInterval(q, n)
	if low >= 1 {
		l := float64(set.Low(low))
		e.slo.Low = &l
	}
	if high <= n {
		if h, open := set.AtRank(high); !open {
			f := float64(h)
			e.slo.High = &f
		}
	}
	slo := e.decide(float64(v))
	if least := enough(q); n < least {
		return e.unknown(fmt.Sprintf("%d calls are too few for p%s, it takes %d", n, e.rule.Percent, least))
	}
	return slo
}

// set collects the values of the rule's latency. What is known of a call without an end is a lower bound whichever
// latency it is asked in, so that it can never keep a limit.
func (e *evaluator) set() *results.OfferedSet {
	clock := e.rule.Latency
	offered := clock == results.Offered
	if offered {
		clock = results.ClockResponse.String()
	}
	var values, elapsed []*results.Histogram
	add := func(list *[]*results.Histogram, clock, code string) {
		for _, p := range e.phases {
			*list = append(*list, e.rec.Histogram(p.Name, clock, code))
		}
	}
	switch {
	case e.rule.Name == "" && clock == results.ClockService.String():
		add(&values, clock, results.CodeAll)
	case e.rule.Name == "":
		add(&values, clock, results.CodeGood)
	}
	for _, code := range e.codes() {
		switch {
		case code != results.CodeTimeout:
			add(&values, clock, code)
		case !offered:
			add(&elapsed, clock, code)
		}
	}
	for _, code := range results.BoundCodes {
		if offered && e.bounds(code) {
			add(&elapsed, results.ClockBound, code)
		}
	}
	return results.NewOfferedSet(results.MergeAll(values...), results.MergeAll(elapsed...))
}

// codes lists the codes that the rule's name stands for.
func (e *evaluator) codes() []string {
	var codes []string
	for _, p := range e.phases {
		for i := range p.Codes {
			if c := &p.Codes[i]; e.rule.matches(c) && !slices.Contains(codes, c.Code) {
				codes = append(codes, c.Code)
			}
		}
	}
	return codes
}

// bounds tells whether the calls that ended in one of results.BoundCodes belong to the rule's offered latency: all
// without a name, else those that bear it. Of a call that brought no answer no code can be told, so offered of an
// answer's code is its response.
func (e *evaluator) bounds(code string) bool {
	return e.rule.Name == "" || e.rule.Name == code ||
		code == results.CodeTimeout && e.rule.Name == string(results.ClassTransport)
}
