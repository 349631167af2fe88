package runner

import (
	"time"

	"axbench/results"
	"axbench/runner/wire"
)

// Source makes the requests of a run. The engine knows nothing of what they mean.
//
// One Source serves a whole run; its methods are called from several goroutines at once.
type Source interface {
	// Prepare writes call k of the run (k counts arrivals from 0) into dst as it is to be sent at now: the bytes,
	// the operation, and in dst.Memo what the Judge will need. The same k gives the same call but for nonce, timestamp
	// and signature, however often it is prepared. dst is reused; its slices are to be overwritten from index 0.
	Prepare(dst *Request, k int64, now time.Time)
	// Refresh signs a follow-up call for now. Its nonce derives from dst.After: a call has one follow-up at most that is sent.
	Refresh(dst *Request, now time.Time)
	// NewMemo returns the empty Memo of a new Request.
	NewMemo() any
}

// Request is one call on its way to the target. It is owned by one goroutine at a time.
type Request struct {
	K         int64  // arrival index, or -1 for a follow-up
	After     int64  // of a follow-up: index of the arrival whose answer asked for it
	Phase     int    // index of the phase it is due in
	Operation string // name of the operation
	Bytes     []byte // the whole HTTP request
	Memo      any    // the Source's own, read by the Judge; made by NewMemo and reused
}

// Judge turns an answer into an Outcome. Its method is called from many goroutines at once.
type Judge interface {
	// Judge looks at the answer to req. It is also called for calls without an answer (answer.Failure is set).
	// Bytes of answer are valid until Judge returns. It returns only after what must outlive a kill is on disk.
	// phase is the phase's name.
	Judge(req *Request, answer *wire.Answer, phase string, out *Outcome)
	// Sending is told of req just before its first byte is written.
	Sending(req *Request, now time.Time)
}

// Outcome is what became of one call. The engine resets it before each use.
type Outcome struct {
	Code       string            // the target's code, or one of results.Code*; a stable string that may be kept
	Class      results.Class     // ClassTransport when there was no answer
	Good       bool              // the code the request expected and no MUST violation
	Expected   bool              // the code the request expected
	Status     int               // HTTP status, 0 without an answer
	Violations []Violation       // reused
	Evidence   *results.Evidence // redacted; for a caller that keeps evidence itself: the engine does not look at it
	FollowUps  []FollowUp        // reused
}

// Violation is one broken clause of one answer.
type Violation struct {
	Clause string // clause id; a stable string
	Must   bool
}

// FollowUp asks for one more call, Delay after this answer was read. It is a call of its own inside the rate ceiling.
type FollowUp struct {
	Delay   time.Duration
	Request *Request // K -1, Memo set; Bytes are made by Source.Refresh when it is due
}

// Share is the part of one generator in a plan that several carry out. Arrivals are asked for and told of in the order of the plan.
type Share interface {
	// Mine says whether arrival k is this generator's. It is asked once, when the arrival is about to be signed.
	Mine(k int64) bool
	// Count returns how many arrivals from index a up to b, that not among them, are this generator's.
	Count(a, b int64) int64
	// Index returns the index of the n-th call that this generator makes of a closed plan, n from 0.
	Index(n int64) int64
	// Offer says whether arrival k, which is due, may be offered, and takes note of what it said: an arrival that may be is
	// decided, whether it is then sent or was too late. One goroutine calls it.
	Offer(k int64) bool
	// Over says at a time of the run, since its start, that no arrival is this generator's any more.
	Over(at time.Duration) bool
	// Permit says whether calls may be sent now that were offered before, or follow others. It is safe for concurrent use.
	Permit() bool
}
