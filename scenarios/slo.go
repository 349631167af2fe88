package scenarios

import (
	"errors"

	"axbench/results/judge"
	"axbench/scenarios/strict"
)

// Rule is one SLO of a scenario.
type Rule struct {
	Pos        strict.Pos `yaml:"-"`
	judge.Rule `yaml:"-"`
}

// UnmarshalText reads what judge.Grammar says.
func (r *Rule) UnmarshalText(text []byte) error {
	v, err := judge.ParseRule(string(text))
	var wrong *judge.RuleError
	switch {
	case err == nil:
		r.Rule = v
		return nil
	case errors.As(err, &wrong):
		return invalid("not a rule: "+wrong.Problem, wrong.Hint)
	}
	return err
}

// SchemaJSON is the JSON Schema of the type: the pattern is that of a rule, what a metric takes apart.
func (*Rule) SchemaJSON() string {
	const blank, name = `[ \\t]*`, `[A-Za-z0-9._~%-]+`
	pattern := `^` + blank + `[a-z]+[0-9.]*` + blank + `(\\([^()]*\\))?` + blank + `(<|<=|>|>=)` + blank + `[0-9.]+` + blank + `(ns|us|µs|μs|ms|s|%|/s)?` +
		`([ \\t]+over[ \\t]+[0-9.hmnuµs]+)?` +
		`([ \\t]+in[ \\t]+` + name + `(` + blank + `,` + blank + name + `)*)?` +
		`([ \\t]+abort([ \\t]+after[ \\t]+[0-9.hmnuµs]+)?)?` + blank + `$`
	return `{"type":"string","pattern":"` + pattern + `","examples":["p99(offered) < 100ms","good >= 99%","share(isv.FLOW_LIMIT) < 1% in main",` +
		`"p99(offered) < 100ms over 10s in ramp, main","good >= 90% over 5s abort after 30s"]}`
}

// Rules returns the SLOs of the scenario; one without any has good >= 99%.
func (f *File) Rules() []judge.Rule {
	if len(f.SLO) == 0 {
		return []judge.Rule{judge.MustParseRule("good >= 99%")}
	}
	out := make([]judge.Rule, len(f.SLO))
	for i, r := range f.SLO {
		out[i] = r.Rule
	}
	return out
}
