package scenarios

import (
	"slices"
	"strings"
)

// Numbers are all phone numbers that calls of a scenario may hold: number ranges, fixed values, lists and rows of CSV files,
// of right and of deliberately wrong calls alike.
type Numbers struct {
	A, B Ranges   // sorted; what touches is joined
	Odd  []string // values of PhoneNoA and PhoneNoB that are no numbers, such as +8615…: no declared range holds them
}

// Numbers returns the A and B numbers that the calls may hold.
func (s *Source) Numbers() Numbers {
	var out Numbers
	for _, t := range s.templates {
		for i := range t.fields {
			f := &t.fields[i]
			into := &out.A
			if f.role == roleB {
				into = &out.B
			} else if f.role != roleA {
				continue
			}
			*into = append(*into, f.ranges...)
			for _, value := range f.choices {
				if n, ok := digits(value); ok {
					*into = append(*into, Range{n, n, len(value)})
				} else if strings.ContainsAny(value, "0123456789０１２３４５６７８９") && !slices.Contains(out.Odd, value) {
					out.Odd = append(out.Odd, value)
				}
			}
		}
	}
	out.A, out.B = join(out.A), join(out.B)
	return out
}

// join sorts ranges and joins those that touch.
func join(r Ranges) Ranges {
	slices.SortFunc(r, func(a, b Range) int {
		switch {
		case a.Digits != b.Digits:
			return a.Digits - b.Digits
		case a.From < b.From:
			return -1
		case a.From > b.From:
			return 1
		}
		return 0
	})
	var out Ranges
	for _, x := range r {
		if n := len(out) - 1; n >= 0 && out[n].Digits == x.Digits && x.From <= out[n].To+1 {
			out[n].To = max(out[n].To, x.To)
			continue
		}
		out = append(out, x)
	}
	return out
}
