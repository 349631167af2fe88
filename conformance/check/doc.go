// Package check holds one answer against the clauses of the contract that a single answer can break: the bytes as they came,
// and from them a code, the ids and the violations.
//
// It reads JSON and XML itself, since the usual decoders forgive what the clauses forbid: invalid UTF-8, duplicate keys, other
// letter case, bytes behind the object. It is pure: no clock, no input or output, no goroutine. When nothing is wrong it
// does not allocate.
//
// It leaves to others: framing (TRN-9) to the connection; what needs many answers (RSP-2, INV-1, INV-2) to the run; which code a
// request should have had, and redaction, to the caller.
//
// A clause is Checked only when the answer could have broken it: of an answer that cannot be read nothing is said of its
// fields, and of a bind without SecretBindDTO nothing of SubsId.
package check
