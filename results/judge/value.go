package judge

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// limit takes the value of a rule: a plain decimal number and the unit that fits the metric.
func (p *parser) limit(r Rule) (float64, error) {
	p.space()
	at := p.pos
	for p.pos < len(p.rule) && p.rule[p.pos] != ' ' && p.rule[p.pos] != '\t' {
		p.pos++
	}
	text := p.rule[at:p.pos]
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] == '.') {
		end++
	}
	number, unit := text[:end], text[end:]
	if unit == "" && end > 0 {
		unit = p.detachedUnit()
	}
	if !isDecimal(number) {
		return 0, p.fail(at, fmt.Sprintf("value %q", text), "a value is a number and a unit: "+r.example())
	}
	digits, ok := r.unitDigits(unit)
	if !ok {
		return 0, p.fail(at+end, fmt.Sprintf("unit %q", unit), fmt.Sprintf("%s is compared with %s", r.Metric(), r.example()))
	}
	v, err := strconv.ParseFloat(shift(number, digits), 64)
	if err != nil || v > maxLimit {
		return 0, p.fail(at, fmt.Sprintf("value %q is out of range", text), "")
	}
	switch {
	case r.Unit() == UnitShare && v > 1:
		return 0, p.fail(at, fmt.Sprintf("a share of %s is above 1", text), fmt.Sprintf("did you mean %s%%?", number))
	case r.Unit() == UnitCounts && v != math.Trunc(v):
		return 0, p.fail(at, fmt.Sprintf("a count of %s", text), "counts are whole numbers")
	case r.Unit() == UnitNS && v != math.Trunc(v):
		return 0, p.fail(at, fmt.Sprintf("%s is finer than a nanosecond", text), "")
	}
	return v, nil
}

// detachedUnit takes a unit that stands behind a blank, as in "50 ms", but not the word in.
func (p *parser) detachedUnit() string {
	start := p.pos
	p.space()
	at := p.pos
	for p.pos < len(p.rule) && p.rule[p.pos] != ' ' && p.rule[p.pos] != '\t' {
		p.pos++
	}
	if word := p.rule[at:p.pos]; word != "in" {
		if _, known := unitDigits[word]; known {
			return word
		}
	}
	p.pos = start
	return ""
}

func isDecimal(s string) bool {
	whole, fraction, dot := strings.Cut(s, ".")
	digits := strings.Trim(whole+fraction, "0123456789") == ""
	return digits && whole != "" && (!dot || fraction != "") && len(s) <= 64
}

// maxLimit is the largest limit: up to here every whole number has a float64 of its own.
const maxLimit = 1 << 53

// unitDigits says how far each unit moves the decimal point towards ns, share, per second or count.
var unitDigits = map[string]int{"ns": 0, "us": 3, "µs": 3, "μs": 3, "ms": 6, "s": 9, "%": -2, "/s": 0, "": 0}

// unitDigits returns by how many digits the unit moves the decimal point, and whether the metric has that unit.
func (r Rule) unitDigits(unit string) (int, bool) {
	digits, known := unitDigits[unit]
	switch r.Unit() {
	case UnitNS:
		return digits, known && strings.HasSuffix(unit, "s") && unit != "/s"
	case UnitShare:
		return digits, unit == "%" || unit == ""
	case UnitPerS:
		return digits, unit == "/s" || unit == ""
	}
	return digits, unit == ""
}

func (r Rule) example() string {
	switch r.Unit() {
	case UnitNS:
		return "a duration as 50ms (ns, µs, ms, s)"
	case UnitShare:
		return "a share as 99.5% or 0.995"
	case UnitPerS:
		return "a rate as 450/s"
	}
	return "a whole number as 0"
}

// roundTo rounds to the given number of decimals.
func roundTo(v float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(v*p) / p
}

// Thousands writes a count for a sentence: 3,688.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
