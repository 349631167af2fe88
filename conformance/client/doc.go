// Package client makes one signed call of the API as the bytes of an HTTP/1.1 request, and finds the credentials for it.
//
// It sends nothing, reads no answer and no clock: nonce and time are arguments. What a call means (which numbers, what it
// must get) is its caller's. No goroutine is started here. A Signer belongs to one goroutine; everything else is safe for
// concurrent use. Secrets leave this package in the bytes of a request only: never in an error, a log line or a dump.
package client

import (
	"fmt"
	"strings"
)

// Scheme is a signature scheme.
type Scheme uint8

// The schemes.
const (
	V1 Scheme = iota // HMAC-SHA1, SignatureVersion 1.0, everything in parameters
	V3               // ACS3-HMAC-SHA256, common parameters in x-acs-* headers
)

// Place is where the parameters travel.
type Place uint8

// The places.
const (
	Query Place = iota
	Form        // an x-www-form-urlencoded body: with V1 all parameters, with V3 those of the operation
)

// Fault makes a call wrong on purpose.
type Fault uint8

// The faults. All but the first two leave a call that is correctly signed for what it says.
const (
	NoFault        Fault = iota
	BadSignature         // one character of the signature is another
	NoSignature          // V1: no parameter Signature; V3: no Authorization header
	StaleTimestamp       // an hour old
	UnknownKey           // an access key id that does not exist, and no token
)

var (
	schemes = []string{"v1", "v3"}
	places  = []string{"query", "form"}
	faults  = []string{"none", "bad-signature", "no-signature", "stale-timestamp", "unknown-key"}
)

// String returns "v1" or "v3".
func (s Scheme) String() string { return word(schemes, uint8(s), "Scheme") }

// String returns "query" or "form".
func (p Place) String() string { return word(places, uint8(p), "Place") }

// String returns "none", "bad-signature", "no-signature", "stale-timestamp" or "unknown-key".
func (f Fault) String() string { return word(faults, uint8(f), "Fault") }

// ParseScheme reads "v1" or "v3" in any letter case.
func ParseScheme(s string) (Scheme, error) {
	i, err := parse(schemes, s, "signature scheme")
	return Scheme(i), err
}

// ParsePlace reads "query" or "form" in any letter case.
func ParsePlace(s string) (Place, error) {
	i, err := parse(places, s, "place of parameters")
	return Place(i), err
}

// ParseFault reads what Fault.String writes, in any letter case.
func ParseFault(s string) (Fault, error) {
	i, err := parse(faults, s, "fault")
	return Fault(i), err
}

func word(words []string, i uint8, kind string) string {
	if int(i) < len(words) {
		return words[i]
	}
	return fmt.Sprintf("%s(%d)", kind, i)
}

func parse(words []string, s, what string) (uint8, error) {
	for i, w := range words {
		if strings.EqualFold(w, s) {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q, accepted: %s", what, s, strings.Join(words, ", "))
}
