package judge

import (
	"fmt"
	"strconv"
	"strings"

	"axbench/results"
)

// Grammar says in one line what ParseRule reads.
const Grammar = "METRIC < | <= | > | >= VALUE [over WINDOW] [in PHASE, …] [abort [after GRACE]]"

// metrics are examples of every metric, for messages.
const metrics = "p50…p99.99 or max of (offered | response | service[, code or class]), share(code or class), " +
	"count(code or class), good, goodput, violations"

// RuleError says what is wrong with a rule, where, and what would be accepted.
type RuleError struct {
	Rule    string
	Column  int    // from 1, in bytes
	Problem string // "unknown metric "gut""
	Hint    string // "did you mean good?"; may be ""
}

// Error returns "rule "…", column n: problem (hint)".
func (e *RuleError) Error() string {
	s := fmt.Sprintf("rule %q, column %d: %s", e.Rule, e.Column, e.Problem)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// parser walks over one rule.
type parser struct {
	rule string
	pos  int
}

// ParseRule reads one rule:
//
//	p99(offered) < 50ms          p50 … p99.99, max; of offered, response or service; "p99" alone is p99(offered)
//	p99.9(service, OK) <= 1.5s   of one code or class; ns, µs (us), ms, s
//	share(isv.FLOW_LIMIT) < 1%   of the calls that ended; % or a number from 0 to 1
//	count(transport) <= 3
//	good >= 99% in main          share of the calls planned
//	goodput >= 450/s
//	violations <= 0
//	p99 < 1s over 10s            in every 10 seconds: whole seconds, 1s to 1h
//	good >= 99% in ramp, main    over these phases together
//	p95 < 2s over 5s abort       ends the run as soon as it is proven missed
//	good >= 90% abort after 30s  but not before 30 s of its first phase are over
//
// An error is a *RuleError.
func ParseRule(s string) (Rule, error) {
	p := &parser{rule: s}
	r, err := p.parse()
	if err != nil {
		return Rule{}, err
	}
	return r, nil
}

// MustParseRule is ParseRule for rules that are part of the program.
func MustParseRule(s string) Rule {
	r, err := ParseRule(s)
	if err != nil {
		panic(err)
	}
	return r
}

func (p *parser) parse() (r Rule, err error) {
	if r, err = p.metric(); err != nil {
		return r, err
	}
	if r.Op, err = p.operator(); err != nil {
		return r, err
	}
	if r.Limit, err = p.limit(r); err != nil {
		return r, err
	}
	return r, p.clauses(&r)
}

func (p *parser) fail(at int, problem, hint string) error {
	return &RuleError{Rule: p.rule, Column: at + 1, Problem: problem, Hint: hint}
}

func (p *parser) space() {
	for p.pos < len(p.rule) && (p.rule[p.pos] == ' ' || p.rule[p.pos] == '\t') {
		p.pos++
	}
}

// word takes the letters of a name: those of codes, phases and metrics.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.rule) {
		c := p.rule[p.pos]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-~%", c) >= 0) {
			break
		}
		p.pos++
	}
	return p.rule[start:p.pos]
}

func (p *parser) take(c byte) bool {
	p.space()
	if p.pos < len(p.rule) && p.rule[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) metric() (r Rule, err error) {
	p.space()
	at := p.pos
	word := p.word()
	switch {
	case word == "":
		return r, p.fail(at, "no metric", "a rule is "+Grammar+"; metrics are "+metrics)
	case word == "good" || word == "goodput" || word == "violations":
		r.Kind = Kind(word)
		if p.take('(') {
			return r, p.fail(p.pos-1, word+" takes no argument", "")
		}
		return r, nil
	case word == "share" || word == "count":
		r.Kind = Kind(word)
		err = p.nameArgument(&r)
		return r, err
	case word == "max":
		r.Percent = maximum
	case len(word) > 1 && word[0] == 'p' && word[1] >= '0' && word[1] <= '9':
		if r.Percent, err = p.percent(at, word[1:]); err != nil {
			return r, err
		}
	default:
		hint := "metrics are " + metrics
		if near := Nearest(word, []string{"p50", "p90", "p95", "p99", "p99.9", "p99.99", "max", "share", "count", "good", "goodput", "violations"}); near != "" {
			hint = "did you mean " + near + "? " + hint
		}
		return r, p.fail(at, fmt.Sprintf("unknown metric %q", word), hint)
	}
	r.Kind = KindQuantile
	err = p.latencyArguments(&r)
	return r, err
}

// percent checks the number of a percentile: 50 to 99.99, no more than two digits behind the point.
func (p *parser) percent(at int, number string) (string, error) {
	bad := func() error {
		return p.fail(at, fmt.Sprintf("percentile p%s", number), "percentiles are p50 to p99.99, with at most two decimals; the largest value is max")
	}
	whole, fraction, dot := strings.Cut(number, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || len(whole) != 2 || n < 50 || dot && fraction == "" || len(fraction) > 2 {
		return "", bad()
	}
	if strings.Trim(fraction, "0123456789") != "" {
		return "", bad()
	}
	return shift(number, 0), nil
}

// latencies are the clocks that a quantile may be of.
var latencies = []string{results.Offered, results.ClockResponse.String(), results.ClockService.String()}

func (p *parser) latencyArguments(r *Rule) error {
	if !p.take('(') {
		r.Latency = results.Offered
		return nil
	}
	p.space()
	at := p.pos
	r.Latency = p.word()
	known := false
	for _, l := range latencies {
		known = known || l == r.Latency
	}
	if !known {
		hint := "quantiles are of offered, response or service"
		if near := Nearest(r.Latency, latencies); near != "" {
			hint = "did you mean " + near + "? " + hint
		}
		return p.fail(at, fmt.Sprintf("unknown latency %q", r.Latency), hint)
	}
	if p.take(',') {
		if err := p.name(r); err != nil {
			return err
		}
	}
	return p.closing()
}

func (p *parser) nameArgument(r *Rule) error {
	if !p.take('(') {
		return p.fail(p.pos, string(r.Kind)+" of what?", fmt.Sprintf("write %s(code or class), classes are %s", r.Kind, classNames()))
	}
	if err := p.name(r); err != nil {
		return err
	}
	return p.closing()
}

func (p *parser) name(r *Rule) error {
	p.space()
	at := p.pos
	if r.Name = p.word(); r.Name == "" {
		return p.fail(at, "no code or class", "a code as the target sends it, or a class: "+classNames())
	}
	return nil
}

func (p *parser) closing() error {
	if !p.take(')') {
		return p.fail(p.pos, "missing )", "")
	}
	return nil
}

func classNames() string {
	names := make([]string, len(results.Classes))
	for i, c := range results.Classes {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}

func (p *parser) operator() (Op, error) {
	p.space()
	at := p.pos
	for p.pos < len(p.rule) && strings.IndexByte("<>=!~", p.rule[p.pos]) >= 0 {
		p.pos++
	}
	switch op := p.rule[at:p.pos]; op {
	case "<", "<=", ">", ">=":
		return Op(op), nil
	case "":
		return "", p.fail(at, "no operator", "one of < <= > >=")
	case "=<":
		return "", p.fail(at, `operator "=<"`, "did you mean <=?")
	case "=>":
		return "", p.fail(at, `operator "=>"`, "did you mean >=?")
	default:
		return "", p.fail(at, fmt.Sprintf("operator %q", op), "one of < <= > >=")
	}
}
