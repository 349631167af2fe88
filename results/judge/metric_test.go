package judge

import (
	"errors"
	"testing"
)

func TestParseMetric(t *testing.T) {
	good := map[string][2]string{
		"p99":                             {"p99(offered)", UnitNS},
		" p99.9 ( service , OK ) in main": {"p99.9(service, OK) in main", UnitNS},
		"good in a, b":                    {"good in a, b", UnitShare},
		"goodput":                         {"goodput", UnitPerS},
		"share(isv.FLOW_LIMIT)":           {"share(isv.FLOW_LIMIT)", UnitShare},
		"count(transport)":                {"count(transport)", UnitCounts},
		"max(response)":                   {"max(response)", UnitNS},
	}
	for text, want := range good {
		m, err := ParseMetric(text)
		if err != nil || m.String() != want[0] || m.Unit() != want[1] {
			t.Errorf("%q: %s in %s, %v; want %v", text, m, m.Unit(), err, want)
		}
		if again, err := ParseMetric(m.String()); again != m || err != nil {
			t.Errorf("%q does not read back: %v, %v", m, again, err)
		}
	}
	for _, text := range []string{"", "p98765", "gut", "p99 < 5ms", "p99 over 10s", "good abort", "good in", "good in main more", "share()"} {
		var at *RuleError
		if m, err := ParseMetric(text); !errors.As(err, &at) {
			t.Errorf("%q: %v, %v", text, m, err)
		}
	}
}

// A metric measures what a rule of it does, decides nothing, and says why there is nothing to measure.
func TestMeasure(t *testing.T) {
	rec := newFixture().summarised(t)
	for _, text := range []string{"p50", "p99(service)", "good", "goodput", "share(OK)", "count(OK)"} {
		m, err := ParseMetric(text)
		if err != nil {
			t.Fatal(err)
		}
		got, want := m.Measure(rec), Evaluate(rec, m.rule)
		if got.Pass != nil || want.Value == nil || got.Value == nil || *got.Value != *want.Value || got.Unit != want.Unit {
			t.Errorf("%s: %+v, as a rule %+v", text, got, want)
		}
	}
	m, err := ParseMetric("good in nosuch")
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Measure(rec); got.Value != nil || got.Reason == "" {
		t.Errorf("a phase that is not there: %+v", got)
	}
}
