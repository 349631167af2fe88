package scenarios

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"axbench/conformance/traffic"
	"axbench/runner/pace"
	"axbench/scenarios/strict"
)

// invalid makes the error of a scalar.
func invalid(problem, accepted string) error {
	return &strict.Invalid{Problem: problem, Accepted: accepted}
}

// Name is a name that is safe in file names and tags.
type Name string

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// UnmarshalText reads a name.
func (n *Name) UnmarshalText(text []byte) error {
	if !nameForm.Match(text) {
		return invalid("not a name", "up to 64 letters, digits, dots, underscores and hyphens, a letter or digit first")
	}
	*n = Name(text)
	return nil
}

// SchemaJSON is the JSON Schema of the type.
func (*Name) SchemaJSON() string {
	return `{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}`
}

// Literal is a value that may be written with or without quotes: 15000000000 and False are as they are written.
type Literal string

// SchemaJSON is the JSON Schema of the type.
func (*Literal) SchemaJSON() string {
	return `{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"}]}`
}

// Target is "emulator" or the URL of an endpoint.
type Target string

// UnmarshalText reads a target. What a host may be is the guard's business.
func (t *Target) UnmarshalText(text []byte) error {
	accepted := "emulator, or a URL such as http://127.0.0.1:8080/ or https://dyplsapi.aliyuncs.com/"
	if string(text) == "emulator" {
		*t = "emulator"
		return nil
	}
	u, err := url.Parse(string(text))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "":
		return invalid("not a target", accepted)
	case u.User != nil:
		return invalid("a URL of a target holds no user and no password", accepted)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return invalid("a URL of a target holds no query and no fragment", accepted)
	}
	*t = Target(text)
	return nil
}

// SchemaJSON is the JSON Schema of the type.
func (*Target) SchemaJSON() string {
	return `{"anyOf":[{"const":"emulator"},{"type":"string","format":"uri","pattern":"^https?://"}]}`
}

// Rate is a rate of calls: 500/s, 30/m.
type Rate struct{ pace.Rate }

const rateForms = "a rate such as 500/s, 30/m or 0.5/s"

// UnmarshalText reads a rate above 0.
func (r *Rate) UnmarshalText(text []byte) error {
	v, err := pace.ParseRate(string(text))
	if err != nil || !strings.Contains(string(text), "/") {
		return invalid("not a rate", rateForms)
	}
	r.Rate = v
	return nil
}

// SchemaJSON is the JSON Schema of the type.
func (*Rate) SchemaJSON() string {
	return `{"type":"string","pattern":"^[0-9]+(\\.[0-9]+)?/[smh]$","examples":["500/s","30/m"]}`
}

// EndRate is the rate at an end of a ramp, which may be 0.
type EndRate struct{ pace.Rate }

// UnmarshalText reads a rate or 0.
func (r *EndRate) UnmarshalText(text []byte) error {
	if s := string(text); s == "0" || s == "0/s" {
		r.Rate = pace.Rate{}
		return nil
	}
	var v Rate
	if err := v.UnmarshalText(text); err != nil {
		return invalid("not a rate", rateForms+", or 0")
	}
	r.Rate = v.Rate
	return nil
}

// SchemaJSON is the JSON Schema of the type.
func (*EndRate) SchemaJSON() string {
	return `{"anyOf":[{"const":0},{"type":"string","pattern":"^[0-9]+(\\.[0-9]+)?/[smh]$"}]}`
}

// Share is a part of a whole, from above 0 to below 1, written 5%.
type Share float64

// UnmarshalText reads a share.
func (s *Share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !percent || !(v > 0 && v < 100) {
		return invalid("not a share", "more than 0% and less than 100%, such as 5% or 0.1%")
	}
	*s = Share(v / 100)
	return nil
}

// SchemaJSON is the JSON Schema of the type.
func (*Share) SchemaJSON() string {
	return `{"type":"string","pattern":"^[0-9]+(\\.[0-9]+)?%$"}`
}

// Allowance is a part of a whole that may be nothing, from 0 to below 1, written 0.1%.
type Allowance float64

// UnmarshalText reads an allowance.
func (a *Allowance) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !percent || !(v >= 0 && v < 100) {
		return invalid("not a share", "0% or more and less than 100%, such as 0.1%")
	}
	*a = Allowance(v / 100)
	return nil
}

// SchemaJSON is the JSON Schema of the type.
func (*Allowance) SchemaJSON() string {
	return `{"type":"string","pattern":"^[0-9]+(\\.[0-9]+)?%$","examples":["0.1%"]}`
}

// Codes are the codes of which a call must get one.
type Codes []string

// UnmarshalText reads a single code.
func (c *Codes) UnmarshalText(text []byte) error {
	*c = Codes{string(text)}
	return nil
}

// String joins the codes as traffic.Memo.Expect wants them; "" for OK.
func (c Codes) String() string {
	if len(c) == 0 || len(c) == 1 && c[0] == "OK" {
		return ""
	}
	return strings.Join(c, "|")
}

// ok reports whether OK is among them.
func (c Codes) ok() bool {
	for _, code := range c {
		if code == "OK" {
			return true
		}
	}
	return len(c) == 0
}

// Unbind says what becomes of a binding.
type Unbind struct {
	Then traffic.Lifecycle
	Hold time.Duration // with traffic.UnbindAfter
}

// UnmarshalText reads never, end, or after and a duration.
func (u *Unbind) UnmarshalText(text []byte) error {
	word, rest, _ := strings.Cut(string(text), " ")
	hold, err := time.ParseDuration(strings.TrimSpace(rest))
	switch {
	case string(text) == "never":
		*u = Unbind{Then: traffic.Never}
	case string(text) == "end":
		*u = Unbind{Then: traffic.UnbindAtEnd}
	case word == "after" && err == nil && hold >= 0:
		*u = Unbind{Then: traffic.UnbindAfter, Hold: hold}
	default:
		return invalid("no time to unbind at", "never, end, or after and a hold time, such as after 2s")
	}
	return nil
}

// String writes what UnmarshalText reads.
func (u Unbind) String() string {
	switch u.Then {
	case traffic.UnbindAtEnd:
		return "end"
	case traffic.UnbindAfter:
		return "after " + u.Hold.String()
	}
	return "never"
}

// SchemaJSON is the JSON Schema of the type.
func (*Unbind) SchemaJSON() string {
	return `{"type":"string","pattern":"^(never|end|after [0-9].*)$","examples":["never","end","after 2s"]}`
}

// Span is a time from now, or a range of them that is drawn from: 10m, 5m..30m, -1h.
type Span struct{ From, To time.Duration }

// UnmarshalText reads a duration or two with .. between them; they may be negative.
func (s *Span) UnmarshalText(text []byte) error {
	a, b, two := strings.Cut(string(text), "..")
	if !two {
		b = a
	}
	from, err1 := time.ParseDuration(a)
	to, err2 := time.ParseDuration(b)
	if err1 != nil || err2 != nil || to < from {
		return invalid("not a time from now", "a duration such as 10m, or two such as 5m..30m; -1h lies in the past")
	}
	*s = Span{from, to}
	return nil
}

// String writes what UnmarshalText reads.
func (s Span) String() string {
	if s.From == s.To {
		return s.From.String()
	}
	return fmt.Sprintf("%s..%s", s.From, s.To)
}

// SchemaJSON is the JSON Schema of the type.
func (*Span) SchemaJSON() string {
	return `{"type":"string","pattern":"^-?[0-9]","examples":["10m","5m..30m"]}`
}
