package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash"
)

// AlgorithmV3 is the name of V3 in the Authorization header and in the string to sign.
const AlgorithmV3 = "ACS3-HMAC-SHA256"

// EmptyPayloadHash is the payload hash of an empty body.
const EmptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Header is one header field, its value trimmed.
type Header struct{ Name, Value string }

// AppendPayloadHash appends the hash of a body as V3 wants it: lower-case hex of SHA-256.
func AppendPayloadHash(dst, body []byte) []byte {
	if len(body) == 0 {
		return append(dst, EmptyPayloadHash...)
	}
	sum := sha256.Sum256(body)
	return hex.AppendEncode(dst, sum[:])
}

// AppendCanonicalRequestV3 appends the canonical request: method, path ("/" for this API), the query's parameters only, the
// signed headers (lower-case names, sorted bytewise) and the payload hash.
func AppendCanonicalRequestV3(dst []byte, method, path string, sortedQuery []Param, sortedLowerHeaders []Header, payloadHash string) []byte {
	dst = append(dst, method...)
	dst = append(dst, '\n')
	dst = append(dst, path...)
	dst = append(dst, '\n')
	dst = AppendCanonicalQuery(dst, sortedQuery)
	dst = append(dst, '\n')
	for i := range sortedLowerHeaders {
		dst = append(dst, sortedLowerHeaders[i].Name...)
		dst = append(dst, ':')
		dst = append(dst, sortedLowerHeaders[i].Value...)
		dst = append(dst, '\n')
	}
	dst = append(dst, '\n')
	dst = AppendSignedHeaders(dst, sortedLowerHeaders)
	dst = append(dst, '\n')
	return append(dst, payloadHash...)
}

// AppendSignedHeaders appends the names of the headers joined by ";".
func AppendSignedHeaders(dst []byte, sortedLowerHeaders []Header) []byte {
	for i := range sortedLowerHeaders {
		if i > 0 {
			dst = append(dst, ';')
		}
		dst = append(dst, sortedLowerHeaders[i].Name...)
	}
	return dst
}

// AppendStringToSignV3 appends what V3 signs: the algorithm and the hash of the canonical request.
func AppendStringToSignV3(dst, canonicalRequest []byte) []byte {
	dst = append(dst, AlgorithmV3...)
	dst = append(dst, '\n')
	return AppendPayloadHash(dst, canonicalRequest)
}

// V3Key signs with one secret. It reuses its HMAC state and is not safe for concurrent use. It prints as its type only.
type V3Key struct {
	mac hash.Hash
	sum [sha256.Size]byte
}

// NewV3Key returns the key made of an access key secret, which V3 uses bare.
func NewV3Key(secret string) *V3Key {
	return &V3Key{mac: hmac.New(sha256.New, []byte(secret))}
}

// Append appends the signature of stringToSign: lower-case hex of HMAC-SHA256, 64 bytes.
func (k *V3Key) Append(dst, stringToSign []byte) []byte {
	k.mac.Reset()
	k.mac.Write(stringToSign)
	return hex.AppendEncode(dst, k.mac.Sum(k.sum[:0]))
}

// Format writes the type's name for every verb, since the state of the HMAC is as good as the secret.
func (k *V3Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, "signature.V3Key") }

// Equal compares two signatures in a time that depends on their lengths only.
func Equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
