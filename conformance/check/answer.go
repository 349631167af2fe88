package check

import "axbench/conformance/contract"

// Sent is what the checker needs to know of the request. It is read only; one Sent may serve many checks at once.
type Sent struct {
	Operation *contract.Operation
	Format    contract.Format // asked for
	A, B, X   string          // PhoneNoA, PhoneNoB and PhoneNoX as sent; "" where absent
	SubsID    string          // SubsId as sent with QuerySubscriptionDetail; "" is not compared

	Secret    string // AccessKeySecret; "" is not searched for (SIG-18)
	Signature string // a valid signature of this request; "" is not searched for (SIG-18)
	Nonce     string // SignatureNonce; "" is not compared (RSP-16)
}

// Answer is the answer as bytes. None of its slices is kept or changed.
type Answer struct {
	Status          int
	ContentType     []byte
	ContentEncoding []byte
	Head            []byte // status line and header fields
	Body            []byte
}

// Violation is one clause that an answer broke.
type Violation struct {
	// Clause is the catalogue's, with one exception: a success without HTTP 2xx breaks TRN-10 as a MUST, and then Clause is
	// a copy with that level. So Clause.Level is always the level of this violation, and ID is what to count by.
	Clause *contract.Clause
	Detail string // expected and got, without values from the answer
}

// Result is what one answer says and what it broke. The slices point into Answer.Body or into scratch of the Result:
// they are valid until the next Check with it. The zero value is ready. A Result is for one goroutine at a time.
type Result struct {
	Code      []byte // nil when there was no readable one
	Message   []byte
	RequestID []byte
	SubsID    []byte         // of QuerySubsId all of them, joined by commas
	SecretNo  []byte         // SecretNo of a bind, PhoneNoX of a query
	Known     *contract.Code // nil when undocumented or unreadable

	Violations []Violation // at most one of each clause
	Checked    Set         // the clauses that this answer could have broken

	broken  Set
	reader  reader
	gzip    unzipper
	decoded []byte
}
