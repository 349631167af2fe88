package judge

import (
	"slices"
	"strconv"
	"strings"
	"time"
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

// Rule is one service level objective, as Grammar has it. Rules are comparable.
type Rule struct {
	Kind    Kind
	Percent string        // of a quantile: "99.9", or "max"
	Latency string        // of a quantile: "offered", "response" or "service"
	Name    string        // code or class; "" where the metric is over all
	Op      Op            //
	Limit   float64       // in Unit
	Window  time.Duration // over: it must hold in every stretch of that length, whole seconds; 0: over all calls together
	Phase   string        // in: the phases that it is about together, joined by ", "; "" for all recorded ones
	Abort   bool          // abort: the run ends as soon as the rule is proven missed
	Grace   time.Duration // abort after: whole seconds after the start of its first phase; 0: see Rule.grace
}

const phaseSeparator = ", "

// Phases lists the phases that the rule is about together, nil for all recorded ones.
func (r Rule) Phases() []string {
	if r.Phase == "" {
		return nil
	}
	return strings.Split(r.Phase, phaseSeparator)
}

// covers tells whether the rule is about a recorded phase.
func (r Rule) covers(phase string) bool {
	return r.Phase == "" || r.Phase == phase || slices.Contains(r.Phases(), phase)
}

// defaultGrace is how long an abort rule without a window and without a grace time waits.
const defaultGrace = 5 * time.Second

// grace returns how long after the start of its first phase the rule may end the run: as it says, else one window, else defaultGrace.
func (r Rule) grace() time.Duration {
	switch {
	case r.Grace > 0:
		return r.Grace
	case r.Window > 0:
		return r.Window
	}
	return defaultGrace
}

// upward tells whether the rule is kept by large values.
func (r Rule) upward() bool { return r.Op == Greater || r.Op == GreaterEqual }

// grows tells whether the metric, over all calls so far, never becomes smaller: then what is above a limit stays there, and
// what is below one proves nothing before the end.
func (r Rule) grows() bool {
	return r.Window == 0 && (r.Kind == KindCount || r.Kind == KindQuantile && r.Percent == maximum)
}

// plain returns the rule without what it does to the run.
func (r Rule) plain() Rule {
	r.Abort, r.Grace = false, 0
	return r
}

// maximum stands for a percentile.
const maximum = "max"

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
		name := maximum
		if r.Percent != maximum {
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
	if r.Window > 0 {
		s += " over " + seconds(r.Window)
	}
	if r.Phase != "" {
		s += " in " + r.Phase
	}
	if r.Abort {
		s += " abort"
	}
	if r.Abort && r.Grace > 0 {
		s += " after " + seconds(r.Grace)
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

// seconds writes a time of whole seconds; others are cut.
func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) + "s" }

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
