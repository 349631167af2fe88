package judge

import "strconv"

// LeastCalls returns how many recorded calls the rule needs at least before it decides anything, 0 for one of any number. Those of a rule
// over windows are needed in each of them.
func (r Rule) LeastCalls() int64 {
	if r.Kind != KindQuantile || r.Percent == maximum {
		return 0
	}
	q, err := strconv.ParseFloat(shift(r.Percent, -2), 64)
	if err != nil {
		return 0
	}
	return enough(q)
}
