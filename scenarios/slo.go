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

// UnmarshalText reads METRIC OP VALUE [in PHASE].
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

// SchemaJSON is the JSON Schema of the type.
func (*Rule) SchemaJSON() string {
	return `{"type":"string","pattern":"(<|<=|>|>=)","examples":["p99(offered) < 100ms","good >= 99%","share(isv.FLOW_LIMIT) < 1% in main"]}`
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
