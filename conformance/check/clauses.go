package check

import "axbench/conformance/contract"

// Set is a set of the clauses of Clauses: bit i is element i.
type Set uint32

// Has reports whether clause i of Clauses is in the set.
func (s Set) Has(i int) bool { return s&(1<<i) != 0 }

// The clauses of this package as members of Set.
const (
	trn5 = iota
	trn6
	trn7
	trn8
	trn10
	trn11
	trn12
	trn14
	sig18
	prmX2
	rsp1
	rsp3
	rsp4
	rsp5
	rsp6
	rsp7
	rsp8
	rsp9
	rsp10
	rsp11
	rsp12
	rsp13
	rsp14
	rsp15
	rsp16
	inv5
	numClauses
)

var clauses = resolve([numClauses]string{
	"TRN-5", "TRN-6", "TRN-7", "TRN-8", "TRN-10", "TRN-11", "TRN-12", "TRN-14", "SIG-18", "PRM-X-2",
	"RSP-1", "RSP-3", "RSP-4", "RSP-5", "RSP-6", "RSP-7", "RSP-8", "RSP-9", "RSP-10", "RSP-11", "RSP-12", "RSP-13",
	"RSP-14", "RSP-15", "RSP-16", "INV-5",
})

// successNot2xx is TRN-10 for a success: there it binds as a MUST.
var successNot2xx = func() *contract.Clause {
	c := *clauses[trn10]
	c.Level = contract.Must
	return &c
}()

// Clauses returns the clauses that Check can find broken, in the order of Set. The slice is the caller's.
func Clauses() []*contract.Clause { return append([]*contract.Clause(nil), clauses[:]...) }

func resolve(ids [numClauses]string) (list [numClauses]*contract.Clause) {
	for i, id := range ids {
		if list[i] = contract.FindClause(id); list[i] == nil {
			panic("check: the contract has no clause " + id)
		}
	}
	return list
}

// add notes that clause i could be, and was, broken.
func (r *Result) add(i int, detail string) { r.addAs(i, clauses[i], detail) }

func (r *Result) addAs(i int, clause *contract.Clause, detail string) {
	r.Checked |= 1 << i
	if r.broken.Has(i) {
		return
	}
	r.broken |= 1 << i
	r.Violations = append(r.Violations, Violation{clause, detail})
}

// hold notes that clause i was checked, and broken unless ok. It is for details that are constant.
func (r *Result) hold(i int, ok bool, detail string) {
	if ok {
		r.Checked |= 1 << i
		return
	}
	r.add(i, detail)
}
