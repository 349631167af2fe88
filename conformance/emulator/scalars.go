package emulator

import (
	"math"
	"strconv"
	"strings"

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
