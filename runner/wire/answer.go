package wire

import "time"

// Failure says why there is no honestly framed answer. The words are those of the codes of class transport.
type Failure string

// The failures. None is the empty string.
const (
	None    Failure = ""
	Refused Failure = "refused" // no connection: refused, unreachable, name not found
	Reset   Failure = "reset"   // the connection ended before the first byte of an answer
	Timeout Failure = "timeout" // the deadline over dial or answer passed
	TLS     Failure = "tls"     // the handshake failed
	Framing Failure = "framing" // bytes came that are no complete, honestly framed HTTP answer
)

// Answer is one exchange as it happened. It is reused: Head and Body are valid until the next call with it.
type Answer struct {
	Failure Failure
	Detail  string // what exactly was wrong, free of request data; "" without a Failure
	Started bool   // at least one byte of the request was written: the target may have acted on it

	Status          int
	Proto           string // "HTTP/1.1" or "HTTP/1.0"
	Head            []byte // status line and header fields as received, without the empty line
	Body            []byte // after removing the transfer coding; content coding is left as it came
	ContentType     []byte // first value, trimmed; nil without one
	ContentEncoding []byte // first value, trimmed; nil without one
	KeepAlive       bool   // the connection may be used again

	Times Times
}

// Times are the instants of one call on the monotonic clock, as far as they came about (zero otherwise).
type Times struct {
	DialStart time.Time // zero when a pooled connection served
	Connected time.Time // TCP connection stood
	Secured   time.Time // TLS handshake was done; zero without TLS
	Sent      time.Time // just before the first byte was written
	Written   time.Time // after the last byte was written
	First     time.Time // after the first byte of the answer was read
	Done      time.Time // after the last byte was read, or when the failure was known
}
