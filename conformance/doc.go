// Package conformance is the suite: cases that hold an endpoint against the catalogue of clauses, the verdict of every clause,
// what a vendor declares so that more can be provoked, and the bundle that others can verify.
//
// A case sends calls whose answers could show a clause broken and says what it saw; no case decides a verdict by itself, the
// algebra in verdict.go does. What a single answer may look like is conformance/check's, how calls are signed
// conformance/client's, and how results are shown report's. Cases know the catalogue and nothing of any endpoint.
//
// Run does its work on the caller's goroutine; the load phase and concurrent cases start goroutines that have ended when it
// returns.
package conformance
