package conformance

import (
	"slices"
	"testing"

	"axbench/conformance/check"
	"axbench/conformance/contract"
)

// ofEveryCall are the clauses that continuous.go and bindings.go hold every call of a run against, beside those of the checker.
var ofEveryCall = []string{"TRN-9", "TRN-13", "RSP-2", "INV-1", "INV-2", "LOD-6"}

// TestEveryClauseHasACase: each clause has a case or a continuous check, and each case names clauses that there are. Names of cases stand once.
func TestEveryClauseHasACase(t *testing.T) {
	covered := map[string]bool{}
	for _, id := range ofEveryCall {
		covered[id] = true
	}
	for _, c := range check.Clauses() {
		covered[c.ID] = true
	}
	var names []string
	for _, c := range allCases() {
		if slices.Contains(names, c.name) || c.name == "" {
			t.Errorf("%q stands twice, or has no name", c.name)
		}
		names = append(names, c.name)
		for _, id := range c.clauses {
			if contract.FindClause(id) == nil {
				t.Errorf("case %s names %s, which there is not", c.name, id)
			}
			covered[id] = true
		}
	}
	for _, c := range contract.Catalogue {
		if !covered[c.ID] {
			t.Errorf("%s has neither a case nor a continuous check", c.ID)
		}
	}
	if len(contract.Catalogue) != 144 || len(contract.SelfClauses) != 6 || len(names) < 100 {
		t.Errorf("%d clauses, %d on the suite, %d cases", len(contract.Catalogue), len(contract.SelfClauses), len(names))
	}
}

// TestContinuousChecksRun: what stands in ofEveryCall is really counted on an ordinary run.
func TestContinuousChecksRun(t *testing.T) {
	_, addr := endpoint(t, "", nil)
	c := hold(t, addr, func(c *Config) { c.Load.Calls = 200 })
	for _, id := range ofEveryCall {
		if r := clauseOf(t, c, id); r.Checked < 100 {
			t.Errorf("%s was held against %d calls", id, r.Checked)
		}
	}
}
