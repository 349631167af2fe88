package emulator

import (
	"math"
	"strconv"
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
	"axbench/scenarios/strict"
)

// Rate is calls per second; 0 is no limit.
type Rate float64

// UnmarshalText reads 5000/s or 300/m.
func (r *Rate) UnmarshalText(text []byte) error {
	count, per, ok := strings.Cut(string(text), "/")
	x, err := strconv.ParseFloat(count, 64)
	if per == "m" {
		x /= 60
	}
	if !ok || err != nil || per != "s" && per != "m" || !(x > 0) || x > 1e9 {
		return &strict.Invalid{Problem: "not a rate", Accepted: "calls per second or minute, for example 5000/s or 300/m"}
	}
	*r = Rate(x)
	return nil
}

// SchemaJSON is the JSON Schema of a rate.
func (Rate) SchemaJSON() string {
	return `{"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?/[sm]$", "examples": ["5000/s", "300/m"]}`
}

// Share is a part of all calls, 0 to 1.
type Share float64

// UnmarshalText reads 1% or 0.25%.
func (s *Share) UnmarshalText(text []byte) error {
	percent, ok := strings.CutSuffix(string(text), "%")
	x, err := strconv.ParseFloat(strings.TrimRight(percent, " "), 64)
	if !ok || err != nil || math.IsNaN(x) || x < 0 || x > 100 {
		return &strict.Invalid{Problem: "not a share", Accepted: "0% to 100%, for example 1%"}
	}
	*s = Share(x / 100)
	return nil
}

// SchemaJSON is the JSON Schema of a share.
func (Share) SchemaJSON() string {
	return `{"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? *%$", "examples": ["1%"]}`
}

// NumberSpan is a run of numbers, both ends included, or a single one.
type NumberSpan struct{ numbers.Range }

// UnmarshalText reads 17000000000-17000000999 or 17000000000.
func (s *NumberSpan) UnmarshalText(text []byte) error {
	first, last, ok := strings.Cut(string(text), "-")
	if !ok {
		last = first
	}
	a, okA := numbers.Parse(first)
	b, okB := numbers.Parse(last)
	r := numbers.Range{First: a, Last: b}
	if !okA || !okB || r.Size() == 0 {
		return &strict.Invalid{Problem: "not a range of numbers", Accepted: "first-last of the same length, or one number; digits only"}
	}
	s.Range = r
	return nil
}

// SchemaJSON is the JSON Schema of a run of numbers.
func (NumberSpan) SchemaJSON() string {
	return `{"type": ["string", "integer"], "pattern": "^[0-9]{1,16}(-[0-9]{1,16})?$", "examples": ["17000000000-17000000999"]}`
}

// CodeName is a code of some edition of the document or of the gateway; "" is the default of its place.
type CodeName string

// UnmarshalText reads isv.BIND_CONFLICT.
func (n *CodeName) UnmarshalText(text []byte) error {
	if findCode(string(text)) == nil || string(text) == "OK" {
		return &strict.Invalid{Problem: "no list has this code", Accepted: "a code of axbench codes other than OK"}
	}
	*n = CodeName(text)
	return nil
}

// SchemaJSON is the JSON Schema of a code.
func (CodeName) SchemaJSON() string {
	return `{"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "examples": ["isv.BIND_CONFLICT"]}`
}

// Limitless is a duration or none; the zero value is the default of its place.
type Limitless struct {
	d         time.Duration
	set, none bool
}

// UnmarshalText reads none or 90s.
func (l *Limitless) UnmarshalText(text []byte) error {
	if string(text) == "none" {
		*l = Limitless{set: true, none: true}
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return &strict.Invalid{Problem: "not a duration with its unit", Accepted: "for example 1m, or none"}
	}
	*l = Limitless{d: d, set: true}
	return nil
}

// SchemaJSON is the JSON Schema of a duration or none.
func (Limitless) SchemaJSON() string {
	return `{"type": "string", "examples": ["1m", "none"]}`
}

// Zone is an offset from UTC; the zero Zone is the default, +08:00.
type Zone struct {
	seconds int64
	set     bool
}

// UnmarshalText reads +08:00 or UTC.
func (z *Zone) UnmarshalText(text []byte) error {
	at, err := time.Parse("Z07:00", strings.Replace(string(text), "UTC", "Z", 1))
	if err != nil {
		return &strict.Invalid{Problem: "not a zone", Accepted: "+08:00, or UTC"}
	}
	_, offset := at.Zone()
	*z = Zone{int64(offset), true}
	return nil
}

// SchemaJSON is the JSON Schema of a zone.
func (Zone) SchemaJSON() string {
	return `{"type": "string", "pattern": "^(UTC|[+-][0-9]{2}:[0-9]{2})$", "examples": ["+08:00"]}`
}

// location is the zone that Expiration is written in.
func (z Zone) location() *time.Location {
	if !z.set {
		return contract.Zone
	}
	return time.FixedZone("", int(z.seconds))
}
