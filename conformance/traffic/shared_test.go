package traffic

import (
	"fmt"
	"slices"
	"testing"

	"axbench/conformance/client"
	"axbench/results"
	"axbench/runner/wire"
)

// TestEndOfAConnectionThatServed: it may have crossed the request, so it is neither held against the target nor for it.
func TestEndOfAConnectionThatServed(t *testing.T) {
	tr := New(Config{MemoryIDs: 1 << 20})
	signer := newSigner(t, client.Config{})
	for _, a := range []*wire.Answer{
		{Failure: wire.Reset, Started: true, Reused: true}, {Failure: wire.Timeout, Started: true}, {Failure: wire.Refused},
	} {
		if out := judge(tr, bind(t, signer), a); len(out.Violations) != 0 {
			t.Errorf("%s: violations %v", a.Failure, clauses(out))
		}
	}
	list := tr.Violations()
	if i := slices.IndexFunc(list, func(v results.Violation) bool { return v.Clause == "LOD-6" }); i < 0 || list[i].Count != 0 || list[i].Checked != 2 {
		t.Errorf("%+v, want LOD-6 with 0 of 2", list)
	}
}

// TestSharedInvariants: identifiers are unique over all runs that share them, and each counts what it has checked itself.
func TestSharedInvariants(t *testing.T) {
	signer := newSigner(t, client.Config{})
	cfg := Config{Invariants: NewInvariants(1<<20, 0), Redactor: NewRedactor(testCreds.ID, testCreds.Secret)}
	first, second := New(cfg), (*Traffic)(nil)
	if out := judge(first, bind(t, signer), bound(1)); len(out.Violations) != 0 {
		t.Fatalf("violations %v", clauses(out))
	}
	second = New(cfg)
	if out := judge(second, bind(t, signer), bound(1)); fmt.Sprint(clauses(out)) != "[RSP-2 INV-1 INV-2 LOD-1]" {
		t.Errorf("violations %v", clauses(out))
	}
	for _, v := range second.Violations() {
		if v.Checked != 1 {
			t.Errorf("%s: %d of %d, want of 1", v.Clause, v.Count, v.Checked)
		}
	}
	if first.Redactor() != second.Redactor() {
		t.Error("two redactors")
	}
}
