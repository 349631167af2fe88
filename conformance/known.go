package conformance

import (
	"slices"
	"time"

	"axbench/conformance/contract"
	"axbench/results"
	"axbench/scenarios/strict"
)

// KnownVersion is the name and version of the format of a known-failures file.
const KnownVersion = "bindaxb/known-failures/v1"

// knownFile is a known-failures file: clauses that are expected to fail, why, and until when.
type knownFile struct {
	Pos        strict.Pos   `yaml:"-" json:"-"`
	APIVersion string       `yaml:"apiVersion" jsonschema:"required,enum=bindaxb/known-failures/v1"`
	Failures   []knownEntry `yaml:"failures" jsonschema:"required"`
}

type knownEntry struct {
	Pos     strict.Pos `yaml:"-" json:"-"`
	Clause  string     `yaml:"clause" jsonschema:"required"`
	Reason  string     `yaml:"reason" jsonschema:"required"`
	Expires string     `yaml:"expires" jsonschema:"required"`
}

// ParseKnown reads a known-failures file strictly. Errors are *strict.Error and name the line.
func ParseKnown(name string, data []byte) ([]results.KnownFailure, error) {
	var f knownFile
	if err := strict.Decode(name, data, 1, &f); err != nil {
		return nil, err
	}
	var list []results.KnownFailure
	for i := range f.Failures {
		e := &f.Failures[i]
		switch _, err := time.Parse(time.DateOnly, e.Expires); {
		case contract.FindClause(e.Clause) == nil:
			return nil, e.Pos.Error("clause", "no clause is called so", "an id of axbench conform --list, such as RSP-9")
		case slices.ContainsFunc(list, func(k results.KnownFailure) bool { return k.Clause == e.Clause }):
			return nil, e.Pos.Error("clause", "this clause stands before", "each clause once")
		case e.Reason == "":
			return nil, e.Pos.Error("reason", "no value is given", "why it is expected to fail")
		case err != nil:
			return nil, e.Pos.Error("expires", "not a date", "the last day on which the entry holds, as 2027-01-31")
		}
		list = append(list, results.KnownFailure{Clause: e.Clause, Reason: e.Reason, Expires: e.Expires})
	}
	return list, nil
}

// applyKnown marks failures that are expected. An entry that is over, or whose clause no longer fails, is a failure itself. One whose
// clause could not be judged, or is not part of the run, says nothing.
func applyKnown(clauses []results.ClauseResult, known []results.KnownFailure, now time.Time) []results.KnownFailure {
	list := []results.KnownFailure{}
	for _, k := range known {
		last, err := time.Parse(time.DateOnly, k.Expires)
		over := err != nil || now.After(last.AddDate(0, 0, 1))
		i := slices.IndexFunc(clauses, func(c results.ClauseResult) bool { return c.ID == k.Clause })
		switch {
		case over:
			k.Problem = "expired on " + k.Expires
		case i < 0:
		case clauses[i].Verdict == results.ClauseFail || clauses[i].Verdict == results.ClauseWarn:
			clauses[i].Known = k.Reason + " (until " + k.Expires + ")"
		case clauses[i].Verdict == results.ClausePass:
			k.Problem = "no longer fails"
		}
		list = append(list, k)
	}
	return list
}
