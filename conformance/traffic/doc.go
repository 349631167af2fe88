// Package traffic holds what a run against this API needs beside the check of the single answer: the judge that turns
// answers into outcomes, the invariants over the whole run (identifiers are unique, no number is bound twice at one X),
// redaction at the place of recording, the journal of bindings and their clean-up, the guard before a foreign target and
// the circuit breaker during it.
//
// What one answer may look like is decided by conformance/check, when calls are sent by the runner, and what they are by
// a runner.Source. The package starts goroutines only inside Cleanup, which ends them all before it returns.
package traffic
