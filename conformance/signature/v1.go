package signature

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// Param is one parameter, decoded.
type Param struct{ Name, Value string }

// Sort orders params by name, bytewise and case-sensitive; parameters of one name keep their order.
func Sort(params []Param) {
	slices.SortStableFunc(params, func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
}

// AppendCanonicalQuery appends the parameters as name=value, escaped and joined by "&". An empty value stays as "name=".
func AppendCanonicalQuery(dst []byte, sorted []Param) []byte {
	for i := range sorted {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = AppendEscaped(dst, sorted[i].Name)
		dst = append(dst, '=')
		dst = AppendEscaped(dst, sorted[i].Value)
	}
	return dst
}

// AppendStringToSignV1 appends what V1 signs: the HTTP method as it is sent, the path "/" and the canonical query of all
// parameters of query and form together, Signature left out.
func AppendStringToSignV1(dst []byte, method string, sorted []Param) []byte {
	dst = append(dst, method...)
	dst = append(dst, "&%2F&"...)
	for i := range sorted {
		if i > 0 {
			dst = append(dst, "%26"...)
		}
		dst = appendEscapedTwice(dst, sorted[i].Name)
		dst = append(dst, "%3D"...)
		dst = appendEscapedTwice(dst, sorted[i].Value)
	}
	return dst
}

// V1Key signs with one secret. It reuses its HMAC state and is not safe for concurrent use. It prints as its type only.
type V1Key struct {
	mac hash.Hash
	sum [sha1.Size]byte
}

// NewV1Key returns the key made of an access key secret.
func NewV1Key(secret string) *V1Key {
	return &V1Key{mac: hmac.New(sha1.New, []byte(secret+"&"))}
}

// NewBareV1Key returns a key without the "&" that belongs behind the secret: a mistake of clients that endpoints must refuse.
func NewBareV1Key(secret string) *V1Key { return &V1Key{mac: hmac.New(sha1.New, []byte(secret))} }

// Append appends the signature of stringToSign: base64 of HMAC-SHA1, 28 bytes.
func (k *V1Key) Append(dst, stringToSign []byte) []byte {
	k.mac.Reset()
	k.mac.Write(stringToSign)
	return base64.StdEncoding.AppendEncode(dst, k.mac.Sum(k.sum[:0]))
}

// Format writes the type's name for every verb, since the state of the HMAC is as good as the secret.
func (k *V1Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, "signature.V1Key") }
