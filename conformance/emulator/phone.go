package emulator

import (
	"strings"

	"axbench/conformance/numbers"
)

// phone reads an A or B, and what a choice lets pass beside the document's forms.
func (c *call) phone(s string) (numbers.Number, bool) {
	if n, ok := phone(s); ok {
		return n, true
	}
	return c.server.rules.otherPhone(s)
}

// secret reads an X likewise.
func (c *call) secret(s string) (numbers.Number, bool) {
	if n, ok := secret(s); ok {
		return n, true
	}
	return secret(c.server.rules.plainNumber(s))
}

// phone reads an A or B: a mobile, 1[3-9] and nine digits, or a landline with its area code, 0 and nine to eleven digits.
func phone(s string) (n numbers.Number, ok bool) {
	if !mobile(s) && !(len(s) >= 10 && len(s) <= 12 && s[0] == '0') {
		return 0, false
	}
	return numbers.Parse(s)
}

// mobile reports whether s begins like a mobile number and is as long as one.
func mobile(s string) bool { return len(s) == 11 && s[0] == '1' && s[1] >= '3' }

// secret reads an X: a mobile, a landline or a number like 95…
func secret(s string) (n numbers.Number, ok bool) {
	if len(s) < 8 || len(s) > 15 {
		return 0, false
	}
	return numbers.Parse(s)
}

// otherPhone reads an A or B in a form that the document does not have.
func (r *rules) otherPhone(s string) (numbers.Number, bool) {
	s = r.plainNumber(s)
	if r.ServiceNumbers == "accept" && service(s) {
		return numbers.Parse(s)
	}
	return phone(s)
}

// plainNumber takes off what a choice allows: the country code and the hyphen behind an area code.
func (r *rules) plainNumber(s string) string {
	if r.CountryCode == "strip" {
		s = national(s)
	}
	if area, rest, ok := strings.Cut(s, "-"); r.Hyphen == "normalise" && ok && len(s) > 1 && s[0] == '0' && (len(area) == 3 || len(area) == 4) {
		s = area + rest
	}
	return s
}

// national takes +86 off, where a landline has lost the 0 of its area code. A "+" that a client did not escape in a query or a
// form has become a space.
func national(s string) string {
	if len(s) < 3 || s[0] != '+' && s[0] != ' ' || s[1:3] != "86" {
		return s
	}
	s = s[3:]
	if s == "" || s[0] == '0' || mobile(s) || service(s) {
		return s
	}
	return "0" + s
}

// service reports whether s is a 95 number, of five digits or with an extension behind, or a 400 number.
func service(s string) bool {
	return strings.HasPrefix(s, "95") && len(s) >= 5 && len(s) <= numbers.MaxDigits || strings.HasPrefix(s, "400") && len(s) == 10
}
