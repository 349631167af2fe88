package traffic

import (
	"time"
	"unsafe"

	"axbench/conformance/check"
	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// Lifecycle says what is to become of a binding that a call makes.
type Lifecycle uint8

// The lifecycles.
const (
	Never       Lifecycle = iota // it is left to expire
	UnbindAtEnd                  // the clean-up after the run unbinds it
	UnbindAfter                  // a follow-up call unbinds it Memo.Hold after the answer
)

// Param is one parameter of a call, so that makers of calls need not know the room that signs them.
type Param = signature.Param

// Memo is what a runner.Request means: runner.Request.Memo holds a *Memo. The Source fills it, the Judge reads it.
//
// It is made once per Request and reused: Reset empties it and keeps what it has allocated. Text that is made per call
// goes into Text, and strings over it come from Cut; they are valid until Reset, so the Judge copies what it keeps.
// A Memo belongs to the goroutine that owns its Request.
type Memo struct {
	Operation *contract.Operation
	Format    contract.Format // asked for
	Params    []Param         // of the operation, without the common ones; reused
	Fault     client.Fault    // what is deliberately wrong with the signature
	Expect    string          // the code the call must get, or several joined by "|"; "" means OK

	A, B, X string    // PhoneNoA, PhoneNoB, PhoneNoX as sent; "" where absent
	PoolKey string    // as sent
	Expires time.Time // the instant Expiration stands for; zero without a valid one

	Then Lifecycle     // what becomes of the binding that the call makes
	Hold time.Duration // UnbindAfter: how long after the answer

	Text []byte // storage of strings made by Cut

	live    [2]uint64 // of an unbind: fingerprints of (X, A) and (X, B) that stop being live when it is sent
	shared  [2]uint64 // the same two for Facts
	subsID  string    // of an unbind: what it unbinds
	res     check.Result
	sent    check.Sent
	answer  check.Answer
	scratch []byte
}

// Reset empties the Memo for the next call. Strings made by Cut are no longer valid after it.
func (m *Memo) Reset() {
	m.Operation, m.Format, m.Fault, m.Expect = nil, contract.JSON, client.NoFault, ""
	m.Params = m.Params[:0]
	m.A, m.B, m.X, m.PoolKey, m.Expires = "", "", "", "", time.Time{}
	m.Then, m.Hold = Never, 0
	m.Text = m.Text[:0]
	m.live, m.shared, m.subsID = [2]uint64{}, [2]uint64{}, ""
}

// Cut returns Text from byte from on as a string, without copying it:
//
//	n := len(m.Text)
//	m.Text = strconv.AppendInt(m.Text, number, 10)
//	m.A = m.Cut(n)
//
// Appending more to Text keeps earlier strings valid, Reset ends them.
func (m *Memo) Cut(from int) string {
	if from >= len(m.Text) {
		return ""
	}
	return unsafe.String(&m.Text[from], len(m.Text)-from)
}

// Add appends one parameter.
func (m *Memo) Add(name, value string) {
	m.Params = append(m.Params, Param{Name: name, Value: value})
}
