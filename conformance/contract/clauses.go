package contract

// inRun are the clauses that every answer of a run is held against, and those that the run as a whole is (RSP-2, INV-1,
// INV-2, LOD-1, LOD-6). The rest of the catalogue needs requests made for it.
var inRun = []string{
	"TRN-5", "TRN-6", "TRN-7", "TRN-8", "TRN-9", "TRN-10", "TRN-11", "TRN-12", "TRN-14",
	"SIG-18",
	"PRM-X-2",
	"RSP-1", "RSP-2", "RSP-3", "RSP-4", "RSP-5", "RSP-6", "RSP-7", "RSP-8", "RSP-9", "RSP-10", "RSP-11", "RSP-12", "RSP-13",
	"RSP-14", "RSP-15", "RSP-16",
	"INV-1", "INV-2", "INV-5",
	"LOD-1", "LOD-6",
}

var clauseByID = func() map[string]*Clause {
	m := make(map[string]*Clause, len(Catalogue))
	for _, c := range Catalogue {
		m[c.ID] = c
	}
	return m
}()

// Clauses are the clauses of Catalogue that the checker of answers and the run-wide invariants use, in the Catalogue's order.
// It is constant.
var Clauses = func() []*Clause {
	list := make([]*Clause, len(inRun))
	for i, id := range inRun {
		list[i] = clauseByID[id]
	}
	return list
}()

// FindClause returns the clause of the whole Catalogue with that id, or nil.
func FindClause(id string) *Clause { return clauseByID[id] }
