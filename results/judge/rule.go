package judge

import (
	"strconv"
	"strings"
)

// Kind is what a rule measures.
type Kind string

// The kinds of metrics.
const (
	KindQuantile   Kind = "quantile"   // pNN(latency) or max(latency), nanoseconds
	KindShare      Kind = "share"      // share(code or class) of the calls that ended
	KindCount      Kind = "count"      // count(code or class)
	KindGood       Kind = "good"       // share of planned
	KindGoodput    Kind = "goodput"    // good answers per second
	KindViolations Kind = "violations" // broken MUST and SHOULD clauses, summed
)

// The units of limits and values, as in run.json.
const (
	UnitNS     = "ns"
	UnitShare  = "share"
	UnitPerS   = "per_s"
	UnitCounts = "count"
)

// Op compares the point value with the limit.
type Op string

// The operators.
const (
	Less         Op = "<"
	LessEqual    Op = "<="
	Greater      Op = ">"
	GreaterEqual Op = ">="
)

func (o Op) holds(value, limit float64) bool {
	switch o {
	case Less:
		return value < limit
	case LessEqual:
		return value <= limit
	case Greater:
		return value > limit
	}
	return value >= limit
}

// Rule is one service level objective: METRIC OP VALUE [in PHASE]. Rules are comparable.
type Rule struct {
	Kind    Kind
	Percent string  // of a quantile: "99.9", or "max"
	Latency string  // of a quantile: "offered", "response" or "service"
	Name    string  // code or class; "" where the metric is over all
	Op      Op      //
	Limit   float64 // in Unit
	Phase   string  // "" for all recorded phases together
}

// Unit returns the unit of limit and value.
func (r Rule) Unit() string {
	switch r.Kind {
	case KindQuantile:
		return UnitNS
	case KindShare, KindGood:
		return UnitShare
	case KindGoodput:
		return UnitPerS
	}
	return UnitCounts
}

// Metric returns the left side of the rule: "p99(service, OK)".
func (r Rule) Metric() string {
	switch r.Kind {
	case KindQuantile:
		name := "max"
		if r.Percent != "max" {
			name = "p" + r.Percent
		}
		if r.Name != "" {
			return name + "(" + r.Latency + ", " + r.Name + ")"
		}
		return name + "(" + r.Latency + ")"
	case KindShare, KindCount:
		return string(r.Kind) + "(" + r.Name + ")"
	}
	return string(r.Kind)
}

// String returns the rule in its canonical form; ParseRule reads it back to the same Rule.
func (r Rule) String() string {
	s := r.Metric() + " " + string(r.Op) + " " + r.format(r.Limit)
	if r.Phase != "" {
		s += " in " + r.Phase
	}
	return s
}

// format writes a limit so that ParseRule finds the same number again.
func (r Rule) format(v float64) string {
	switch r.Unit() {
	case UnitNS:
		for _, u := range []struct {
			least  float64
			digits int
			name   string
		}{{1e9, 9, "s"}, {1e6, 6, "ms"}, {1e3, 3, "µs"}} {
			if v >= u.least {
				return shift(decimal(v), -u.digits) + u.name
			}
		}
		return decimal(v) + "ns"
	case UnitShare:
		return shift(decimal(v), 2) + "%"
	case UnitPerS:
		return decimal(v) + "/s"
	}
	return decimal(v)
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// shift moves the decimal point of a plain decimal number by n digits to the right, to the left for a negative n. It
// does in text what a multiplication would only do up to rounding, so that a limit survives String and ParseRule.
func shift(number string, n int) string {
	whole, fraction, _ := strings.Cut(number, ".")
	for ; n > 0; n-- {
		if fraction == "" {
			fraction = "0"
		}
		whole, fraction = whole+fraction[:1], fraction[1:]
	}
	for ; n < 0; n++ {
		if whole == "" {
			whole = "0"
		}
		whole, fraction = whole[:len(whole)-1], whole[len(whole)-1:]+fraction
	}
	whole = strings.TrimLeft(whole, "0")
	fraction = strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}
