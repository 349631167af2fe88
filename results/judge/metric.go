package judge

import (
	"fmt"

	"axbench/results"
)

// Metric is the left side of a rule and the phases it is about: something to be measured without a limit.
type Metric struct{ rule Rule }

// ParseMetric reads "METRIC [in PHASE, …]", in the words of ParseRule. An error is a *RuleError.
func ParseMetric(s string) (Metric, error) {
	p := &parser{rule: s}
	r, err := p.metric()
	if err != nil {
		return Metric{}, err
	}
	r.Op = GreaterEqual
	if err := p.clauses(&r); err != nil {
		return Metric{}, err
	}
	if r.Abort || r.Window > 0 {
		return Metric{}, p.fail(0, "a metric without a limit has no window and ends no run", "METRIC [in PHASE, …]")
	}
	return Metric{r}, nil
}

// String returns the metric in its canonical form.
func (m Metric) String() string {
	s := m.rule.Metric()
	if m.rule.Phase != "" {
		s += " in " + m.rule.Phase
	}
	return s
}

// Unit returns the unit of its values.
func (m Metric) Unit() string { return m.rule.Unit() }

// Measure returns the value of the metric over a record whose Summarise was called, with its interval and, where there is none or too
// little is behind it, the reason. Rule, Limit and Pass of the result say nothing.
func (m Metric) Measure(rec *results.Record) (slo results.SLO) {
	slo = Evaluate(rec, m.rule)
	slo.Rule, slo.Limit, slo.Pass = m.String(), 0, nil
	if slo.Value == nil && slo.Reason == "" {
		slo.Reason = fmt.Sprintf("%s was not measured", m)
	}
	return slo
}
