package signature

import "bytes"

// Authorization is a V3 Authorization header taken apart. Its slices point into the header.
type Authorization struct {
	Credential    []byte // the access key id
	SignedHeaders []byte // names joined by ";"
	Signature     []byte
}

// ParseAuthorization takes the value of an Authorization header apart. It reports false unless the value is AlgorithmV3, one
// space, and Credential, SignedHeaders and Signature once each, none of them empty, joined by "," with optional spaces behind
// the comma. It does not allocate.
func ParseAuthorization(value []byte) (a Authorization, ok bool) {
	rest, ok := bytes.CutPrefix(value, []byte(AlgorithmV3+" "))
	if !ok {
		return a, false
	}
	for more := true; more; {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte(","))
		name, v, _ := bytes.Cut(bytes.TrimLeft(part, " "), []byte("="))
		var field *[]byte
		switch string(name) {
		case "Credential":
			field = &a.Credential
		case "SignedHeaders":
			field = &a.SignedHeaders
		case "Signature":
			field = &a.Signature
		}
		if field == nil || *field != nil || len(v) == 0 {
			return Authorization{}, false
		}
		*field = v
	}
	if a.Credential == nil || a.SignedHeaders == nil || a.Signature == nil {
		return Authorization{}, false
	}
	return a, true
}

// Each calls yield with every name of SignedHeaders in order, until it returns false.
func (a Authorization) Each(yield func(name []byte) bool) {
	rest, more := a.SignedHeaders, true
	for more {
		var name []byte
		name, rest, more = bytes.Cut(rest, []byte(";"))
		if !yield(name) {
			return
		}
	}
}
