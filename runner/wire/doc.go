// Package wire carries request bytes to one target and brings back the answer: HTTP/1.1 over TCP or TLS, over pooled
// connections, with the instants of each call and a verdict on the framing of each answer.
//
// It exists beside net/http because the bytes, the verdicts and the instants are what a load test is about: nothing is
// added to a request or retried behind the caller's back, an answer that is not honestly framed is never repaired, and
// every instant is taken next to the system call it names. It knows nothing of what requests mean, when they are due,
// or what a good answer says.
//
// # What counts as an honestly framed answer
//
// RFC 9112, read strictly. A broken rule makes the answer a Failure Framing with the rule in Detail:
//
//   - the status line is HTTP/1.1 or HTTP/1.0, a space, three digits from 100, a space, a reason that may be empty;
//   - every line of head, chunk sizes and trailer ends in CRLF; a bare LF or CR is refused, though a client may accept LF;
//   - a field is a token, a colon without a space before it, and a value without control characters; no folded lines;
//   - Content-Length is digits and stands at most once, whether or not a repetition agrees; never with Transfer-Encoding;
//   - Transfer-Encoding is exactly "chunked", once, in HTTP/1.1, and not in 1xx or 204;
//   - 204 has no Content-Length but 0; 204 and 304 have no body;
//   - chunk sizes are hexadecimal, extensions follow the grammar, neither is padded with white space; trailer fields are fields that do not
//     touch the framing; what is neither data nor trailer is bounded in proportion to the data;
//   - at most 8 interim answers (1xx) come first, none of them 101 since nothing was asked to be upgraded;
//   - without a length the body ends with the connection: by FIN over TCP, by close_notify over TLS;
//   - head and body stay within the Limits.
//
// Bytes behind a complete answer do not take it back: the answer stands, Extra is set and the connection is given up.
// Bytes that come while the connection is idle are found before its next use (Pool.Stray counts them).
//
// # Connections
//
// Idle connections are used last in, first out. Before a pooled one is used it is looked at without waiting: closed, reset or
// not silent means that it is replaced by another one, before anything was written. Where sockets cannot be looked at (Windows)
// only age decides. Once a byte of a call was written the call is never sent again.
//
// The package starts no goroutines of its own: everything happens on the goroutine that calls Do, and crypto/tls, the
// resolver and the dialer of package net clean up after themselves.
package wire
