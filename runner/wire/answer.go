package wire

import "time"

// Failure says why there is no honestly framed answer. The words are those of the codes of class transport.
type Failure string

// The failures. None is the empty string.
const (
	None    Failure = ""
	Refused Failure = "refused" // no connection: refused, unreachable, name not found, tunnel refused by the proxy
	Reset   Failure = "reset"   // the connection ended before the first byte of an answer
	Timeout Failure = "timeout" // the deadline over dial or answer passed, or the call was aborted
	TLS     Failure = "tls"     // the handshake failed
	Framing Failure = "framing" // bytes came that are no complete, honestly framed HTTP answer
)

// Aborted is the Detail of a call that Abort ended. Its Failure is Timeout, since the target did nothing wrong.
const Aborted = "aborted by this side"

// Answer is one exchange as it happened. It is reused: Head and Body are valid until the next call with it. It must not be
// copied and is for one goroutine at a time.
type Answer struct {
	Failure Failure
	Detail  string // what exactly was wrong, free of request data; "" without a Failure
	Started bool   // at least one byte of the request was written: the target may have acted on it
	Reused  bool   // the connection had served a call before: its end may have crossed the request

	Status          int
	Proto           string // "HTTP/1.1" or "HTTP/1.0"
	Head            []byte // status line and header fields as received, each with its CRLF, without the empty line
	Body            []byte // after removing the transfer coding; content coding is left as it came
	ContentType     []byte // first value, trimmed; nil without one
	ContentEncoding []byte // first value, trimmed; nil without one
	KeepAlive       bool   // the connection may be used again
	Partial         []byte // on a Timeout: the body so far, where the framing says that more comes
	Extra           bool   // bytes followed the end of the answer, which stands; the connection was given up

	Times Times

	block *block // holds Head and Body
}

// Times are the instants of one call on the monotonic clock, as far as they came about (zero otherwise).
type Times struct {
	DialStart time.Time // when the call began to need a connection; zero when an idle one served at once
	Connected time.Time // when it had one: TCP stood, behind a proxy the tunnel, or another call had left its own
	Secured   time.Time // TLS handshake was done; zero without TLS
	Sent      time.Time // just before the first byte was written
	Written   time.Time // after the last byte was written
	First     time.Time // after the first byte of the answer was read, which may be that of an interim answer
	Done      time.Time // after the last byte was read, or when the failure was known
}

// Release gives the memory behind Head and Body back before the next call does. The Answer is empty afterwards and
// may be used again.
func (a *Answer) Release() {
	b := a.block
	*a = Answer{}
	b.free()
}

// fail sets the failure of a call and forgets what was read of the answer.
func (a *Answer) fail(f Failure, detail string) {
	a.Failure, a.Detail = f, detail
	a.Status, a.Proto = 0, ""
	a.Head, a.Body, a.ContentType, a.ContentEncoding = nil, nil, nil, nil
	a.KeepAlive, a.Extra, a.Partial = false, false, nil
	if a.Times.Done.IsZero() {
		a.Times.Done = time.Now()
	}
}
