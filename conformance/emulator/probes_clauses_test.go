package emulator

import (
	"slices"
	"testing"

	"axbench/conformance/contract"
)

// TestEveryClauseHasAMutant wants for each clause a wrong behaviour that breaks it, so that a check of it can be tried.
func TestEveryClauseHasAMutant(t *testing.T) {
	if len(contract.Catalogue) < 144 {
		t.Fatalf("%d clauses", len(contract.Catalogue))
	}
	for _, c := range contract.Catalogue {
		if !slices.ContainsFunc(Mutants(), func(d *Deviation) bool { return slices.Contains(d.Clauses, c.ID) }) {
			t.Errorf("no mutant breaks %s: %s", c.ID, c.Sentence)
		}
	}
}
