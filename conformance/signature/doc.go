// Package signature computes the two signatures of Alibaba Cloud's RPC gateway: V1 (HMAC-SHA1, SignatureVersion 1.0) and V3
// (ACS3-HMAC-SHA256). Keys, times and nonces are arguments; nothing here reads a clock, a message or a secret of its own.
//
// What to sign is left to the caller: it collects parameters and headers, decoded, and says which of them count. A verifier
// therefore decodes what came, whatever its spelling on the wire, and lets this package spell it again.
//
// Every Append function appends to dst and returns it, and allocates only when dst has to grow. No goroutine is started. The
// functions are safe for concurrent use; a key is not.
package signature
