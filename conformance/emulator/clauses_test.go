package emulator

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"axbench/conformance/contract"
)

// clauseCases show how each clause is held: calls, and what must be seen. Each chapter has its own file.
var clauseCases = func() map[string]func(*trial) {
	all := map[string]func(*trial){}
	for _, chapter := range []map[string]func(*trial){clausesACC, clausesTRN, clausesSIG, clausesPRM, clausesEXP, clausesRSP, clausesINV, clausesLOD, clausesCOD} {
		maps.Copy(all, chapter)
	}
	return all
}()

// TestClauses holds every clause on the emulator, and beside that every answer of all cases against what is about every answer.
func TestClauses(t *testing.T) {
	if len(contract.Catalogue) != 144 {
		t.Errorf("%d clauses, want 144", len(contract.Catalogue))
	}
	for _, clause := range contract.Catalogue {
		t.Run(clause.ID, func(t *testing.T) {
			t.Parallel()
			hold := clauseCases[clause.ID]
			if hold == nil {
				t.Fatalf("no case: %s", clause.Sentence)
			}
			tr := newTrial(t, "", "")
			hold(tr)
			for id, faults := range tr.faults {
				if id == "" {
					id = clause.ID
				}
				t.Errorf("%s is broken: %s\n%s", id, contract.FindClause(id).Sentence, strings.Join(faults, "\n"))
			}
		})
	}
	for id := range clauseCases {
		if contract.FindClause(id) == nil {
			t.Errorf("%s is no clause", id)
		}
	}
}

// blind are mutants that a case does not see, and why.
var blind = map[string]string{}

// TestClauseCasesCanFail shows of each case that an endpoint which breaks its clause does not pass: every mutant of the clause
// is seen.
func TestClauseCasesCanFail(t *testing.T) {
	tried := map[string]bool{}
	cases := 0
	for _, d := range Mutants() {
		for _, id := range d.Clauses {
			tried[id] = true
			if cases++; !tries(cases) && !strings.HasPrefix(id, "LOD-") || raceEnabled && slices.Contains(slowToShow, d.ID) {
				continue
			}
			t.Run(d.ID+" "+id, func(t *testing.T) {
				t.Parallel()
				why := blind[d.ID+" "+id]
				seen := false
				for range 5 { // some show when two calls meet, which they may not on a busy machine
					tr := newTrial(t, d.ID, id)
					clauseCases[id](tr)
					if seen = len(tr.of(id)) > 0; seen || why != "" {
						break
					}
				}
				if seen == (why != "") {
					t.Errorf("%s: seen %v, blind: %q", d.Text, seen, why)
				}
			})
		}
	}
	for _, clause := range contract.Catalogue {
		if !tried[clause.ID] {
			t.Errorf("no mutant breaks %s", clause.ID)
		}
	}
}

// TestClausesOfRefusals: each clause that the code of the emulator refuses a call by is one of the catalogue.
func TestClausesOfRefusals(t *testing.T) {
	used := clausesInSource(t)
	for id, where := range used {
		if contract.FindClause(id) == nil {
			t.Errorf("%s: %s is no clause", where, id)
		}
	}
	for _, id := range []string{"PRM-POOL-1", "SIG-3", "TRN-4", "PRM-X-7", "LOD-2", "PRM-EXP-1", "ACC-1"} {
		if _, ok := used[id]; !ok {
			t.Errorf("%s was not found in the source", id)
		}
	}
	if sorted := slices.Sorted(maps.Keys(used)); len(sorted) < 40 {
		t.Errorf("only %v", sorted)
	}
}
