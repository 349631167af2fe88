package scenarios

import (
	"math/bits"
	"strconv"
	"strings"
)

// Range is a stretch of numbers of the same length, both ends included. Leading zeros count.
type Range struct {
	From, To uint64
	Digits   int // length of each number
}

const maxDigits = 18

// UnmarshalText reads a number, or two with a hyphen between them.
func (r *Range) UnmarshalText(text []byte) error {
	a, b, two := strings.Cut(string(text), "-")
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if !two {
		b = a
	}
	from, ok1 := digits(a)
	to, ok2 := digits(b)
	if !ok1 || !ok2 || len(a) != len(b) || to < from {
		return invalid("not a range of numbers", "two numbers of the same length, the lower one first, digits only, such as "+
			"15000000000-15000000999; a landline with its area code and without a hyphen inside, such as 057188990000-057188990099")
	}
	*r = Range{from, to, len(a)}
	return nil
}

// SchemaJSON is the JSON Schema of the type.
func (*Range) SchemaJSON() string {
	return `{"anyOf":[{"type":"integer"},{"type":"string","pattern":"^[0-9]{3,18}( *- *[0-9]{3,18})?$"}],"examples":["15000000000-15000000999"]}`
}

// digits reads a string of 3 to 18 digits.
func digits(s string) (uint64, bool) {
	if len(s) < 3 || len(s) > maxDigits || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil
}

// Len returns how many numbers the range has.
func (r Range) Len() uint64 { return r.To - r.From + 1 }

// String writes the range as it is read.
func (r Range) String() string {
	a := string(appendNumber(nil, r.From, r.Digits))
	if r.From == r.To {
		return a
	}
	return a + "-" + string(appendNumber(nil, r.To, r.Digits))
}

// First and Last return the ends of the range as numbers are sent.
func (r Range) First() string { return string(appendNumber(nil, r.From, r.Digits)) }

// Last returns the last number of the range as it is sent.
func (r Range) Last() string { return string(appendNumber(nil, r.To, r.Digits)) }

// meets reports whether two ranges have a number in common.
func (r Range) meets(o Range) bool { return r.Digits == o.Digits && r.From <= o.To && o.From <= r.To }

// Ranges are one or more ranges.
type Ranges []Range

// UnmarshalText reads a single range.
func (r *Ranges) UnmarshalText(text []byte) error {
	var one Range
	if err := one.UnmarshalText(text); err != nil {
		return err
	}
	*r = Ranges{one}
	return nil
}

// Len returns how many numbers the ranges have, doubles counted twice.
func (r Ranges) Len() (n uint64) {
	for _, x := range r {
		n += x.Len()
	}
	return n
}

// appendAt appends the number of index i, below Len.
func (r Ranges) appendAt(dst []byte, i uint64) []byte {
	for _, x := range r {
		if n := x.Len(); i >= n {
			i -= n
			continue
		}
		return appendNumber(dst, x.From+i, x.Digits)
	}
	return dst
}

// appendNumber appends n with leading zeros to that many digits.
func appendNumber(dst []byte, n uint64, digits int) []byte {
	at := len(dst)
	for range digits {
		dst = append(dst, '0')
	}
	for i := at + digits - 1; i >= at && n > 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// common returns the least common multiple (0 when it has more than 64 bits) and the greatest common divisor of a, b > 0.
func common(a, b uint64) (lcm, gcd uint64) {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	hi, lo := bits.Mul64(a/x, b)
	if hi != 0 {
		lo = 0
	}
	return lo, x
}
