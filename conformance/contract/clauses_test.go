package contract_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"axbench/conformance/contract"
)

var (
	clauseID     = regexp.MustCompile(`^(ACC|TRN|SIG|PRM|RSP|INV|LOD|COD)-[A-Z_0-9]+(-[0-9]+)?$`)
	clauseSource = regexp.MustCompile(`^((bindaxb-doc:[0-9,-]+|RFC [0-9]+|\.NET client|(signature|common parameters|request) page|BindAxb page of mid-2019|gateway code list|project)(; |$))+$`)
)

func TestCatalogue(t *testing.T) {
	levels, profiles := map[contract.Level]int{}, map[string]int{}
	for _, c := range contract.Catalogue {
		levels[c.Level]++
		profiles[c.Profile]++
		if contract.FindClause(c.ID) != c {
			t.Errorf("%s: twice, or not found", c.ID)
		}
		if !clauseID.MatchString(c.ID) || !clauseSource.MatchString(c.Source) || !strings.HasSuffix(c.Sentence, ".") {
			t.Errorf("malformed: %+v", *c)
		}
	}
	if n := len(contract.Catalogue); n != 144 || levels[contract.Must] != 118 || levels[contract.Should] != 24 || levels[contract.May] != 2 {
		t.Errorf("%d clauses, levels %v, want 144: 118 MUST, 24 SHOULD, 2 MAY", n, levels)
	}
	if profiles["seed"] != 110 || profiles["pop"] != 23 || profiles["doc2019"] != 2 || profiles["strict"] != 9 {
		t.Errorf("profiles %v, want seed 110, pop 23, doc2019 2, strict 9", profiles)
	}
	if contract.FindClause("RSP-99") != nil || contract.FindClause("rsp-1") != nil {
		t.Error("a clause that does not exist was found")
	}
}

// TestClausesOfRuns: those in use are clauses of the catalogue, once each.
func TestClausesOfRuns(t *testing.T) {
	seen := map[*contract.Clause]bool{}
	for i, c := range contract.Clauses {
		if c == nil {
			t.Fatalf("number %d is not in the catalogue", i)
		}
		if seen[c] {
			t.Errorf("%s: twice", c.ID)
		}
		seen[c] = true
		if i > 0 && slices.Index(contract.Catalogue, contract.Clauses[i-1]) > slices.Index(contract.Catalogue, c) {
			t.Errorf("%s: out of order", c.ID)
		}
	}
	for _, id := range []string{"TRN-8", "TRN-14", "PRM-X-2", "RSP-1", "RSP-13", "INV-1", "INV-2", "INV-5"} {
		if !seen[contract.FindClause(id)] {
			t.Errorf("%s: missing", id)
		}
	}
}

// TestCodesHaveClauses: each code of the document has its clause, which quotes it.
func TestCodesHaveClauses(t *testing.T) {
	for _, c := range contract.Edition2019.Codes() {
		id := "COD-" + c.Name[strings.IndexByte(c.Name, '.')+1:]
		clause := contract.FindClause(id)
		if clause == nil || clause.Sentence != c.Name+": "+c.ZH+"." {
			t.Errorf("%s: clause %s is %+v", c.Name, id, clause)
		}
	}
}
