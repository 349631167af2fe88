package judge

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"axbench/results"
)

// metric is a figure that is compared.
type metric struct {
	name    string
	unit    string
	sign    float64 // 1 where more is worse, -1 where more is better
	main    bool    // must be conclusive
	part    float64 // of the level, 0 for those that share what is left
	effect  effect
	measure func(*side) *measured
	method  string
}

// The methods, as they stand in a comparison.
const (
	methodRanks  = "order statistics of as many independent calls as the runs are worth; difference by MOVER"
	methodMean   = "trimmed mean, variance of seconds; difference by MOVER"
	methodShare  = "Clopper-Pearson of as many independent calls as the runs are worth (Korn and Graubard); difference by MOVER"
	methodSeries = "mean over seconds; difference by MOVER"
)

// typicalName is the metric beside the quantiles: see side.typical.
const typicalName = "typical(offered)"

// metricsOf lists what is compared of two sides. The parts of the level follow what is asked for most: the typical latency is the
// steadiest figure that a slower target moves, and p99 is the tail. A share that is 0 on both is left out: there is nothing to compare.
func metricsOf(sides [2]*side) []metric {
	quantile := func(name, latency string, q, relative, floor float64, main bool, part float64) metric {
		return metric{name: name + "(" + latency + ")", unit: UnitNS, sign: 1, main: main, part: part, effect: effect{relative, floor},
			measure: func(s *side) *measured { return s.quantile(latency, q) }, method: methodRanks}
	}
	const ms = 1e6
	list := []metric{
		{name: typicalName, unit: UnitNS, sign: 1, part: 0.4, effect: effect{0.05, 0.1 * ms},
			measure: func(s *side) *measured { return s.typical(results.Offered) }, method: methodMean},
		quantile("p50", results.Offered, 0.5, 0.05, 0.1*ms, true, 0.05),
		quantile("p90", results.Offered, 0.9, 0.05, 0.2*ms, false, 0.05),
		quantile("p99", results.Offered, 0.99, 0.10, 1*ms, true, 0.2),
		quantile("p99.9", results.Offered, 0.999, 0.20, 2*ms, false, 0),
		{name: "typical(service)", unit: UnitNS, sign: 1, effect: effect{0.05, 0.1 * ms},
			measure: func(s *side) *measured { return s.typical(results.ClockService.String()) }, method: methodMean},
		quantile("p50", results.ClockService.String(), 0.5, 0.05, 0.1*ms, false, 0),
		quantile("p99", results.ClockService.String(), 0.99, 0.10, 1*ms, false, 0),
		{name: string(KindGood), unit: UnitShare, sign: -1, main: true, part: 0.05, effect: effect{0, 0.005}, method: methodShare,
			measure: func(s *side) *measured {
				return s.share(func(c *results.CourseSecond) (k, n int64) { return c.Good, c.Ended })
			}},
		{name: string(KindGoodput), unit: UnitPerS, sign: -1, main: true, part: 0.05, effect: effect{0.03, 0}, method: methodSeries,
			measure: (*side).goodput},
	}
	if few(sides, 0.999) {
		list = slices.DeleteFunc(list, func(m metric) bool { return strings.HasPrefix(m.name, "p99.9(") })
	}
	share := func(name string, of func(*results.CourseSecond) int64) {
		if sides[0].total(of) == 0 && sides[1].total(of) == 0 {
			return
		}
		list = append(list, metric{name: "share(" + name + ")", unit: UnitShare, sign: 1, effect: effect{0, 0.005}, method: methodShare,
			measure: func(s *side) *measured {
				return s.share(func(c *results.CourseSecond) (k, n int64) { return of(c), c.Answered })
			}})
	}
	for _, class := range results.Classes[1:] { // that of ok is what is left
		share(string(class), func(c *results.CourseSecond) int64 { return c.Classes[class] })
	}
	for _, code := range limitingCodes(sides) {
		share(code, func(c *results.CourseSecond) int64 { return c.Codes[code] })
	}
	return list
}

// few tells whether a side has too few calls for an interval of the q-quantile to say much: ten times those that enough asks for.
func few(sides [2]*side, q float64) bool {
	return slices.ContainsFunc(sides[:], func(s *side) bool {
		return s.total(func(c *results.CourseSecond) int64 { return c.Ended }) < 10*enough(q)
	})
}

// limitingCodes are the codes that came on either side and say that a limit of the target was reached, sorted.
func limitingCodes(sides [2]*side) []string {
	var list []string
	for _, s := range sides {
		for i := range s.cells {
			for j := range s.cells[i].seconds {
				for code := range s.cells[i].seconds[j].Codes {
					if limiting(code) && !slices.Contains(list, code) {
						list = append(list, code)
					}
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

// limiting tells whether a code says that a limit was reached: a flow limit, an empty pool, the gateway's throttling.
func limiting(code string) bool {
	return code == "isv.FLOW_LIMIT" || code == "isv.NO_AVAILABLE_NUMBER" || code == "Throttling" || strings.HasPrefix(code, "Throttling.")
}

// effect is the smallest change of a metric that matters: the larger one of a share of the baseline and an absolute value, in the unit
// of the metric.
type effect struct{ relative, absolute float64 }

// of returns the effect in the unit of the metric.
func (e effect) of(base float64) float64 { return math.Max(e.relative*math.Abs(base), e.absolute) }

// MinEffect replaces one half of the minimum effect of a metric: the share of the baseline or, where Absolute is set, the value
// that a change must reach in any case, in the unit of the metric.
type MinEffect struct {
	Metric   string // "" for all metrics of latency and rate; else as in Comparison.Metrics, or that name without what it is of: "p99"
	Value    float64
	Absolute bool
}

// effectOf returns the minimum effect of a metric.
func effectOf(list []MinEffect, m metric) effect {
	out := m.effect
	for _, e := range list {
		switch {
		case e.Metric == "" && m.unit == UnitShare, e.Metric != "" && !e.names(m.name):
		case e.Absolute:
			out.absolute = e.Value
		default:
			out.relative = e.Value
		}
	}
	return out
}

// names tells whether the effect is of the metric of that name.
func (e MinEffect) names(metric string) bool {
	short, _, _ := strings.Cut(metric, "(")
	return e.Metric == metric || e.Metric == short
}

// effectNames are what a minimum effect may name, beside share(CODE or CLASS).
var effectNames = []string{"typical", "p50", "p90", "p99", "p99.9", "p50(offered)", "p99(offered)", "p50(service)", "p99(service)", "good", "goodput", "share"}

// ParseMinEffect reads VALUE or METRIC=VALUE. VALUE is a share of the baseline such as 5%, percentage points for good and shares, or an
// absolute value: a duration for latencies, a rate such as 10/s for goodput.
func ParseMinEffect(text string) (MinEffect, error) {
	name, value, named := strings.Cut(text, "=")
	if !named {
		name, value = "", text
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if named && !slices.Contains(effectNames, name) && !(strings.HasPrefix(name, "share(") && strings.HasSuffix(name, ")")) &&
		name != typicalName && name != "typical(service)" && name != "p90(offered)" && name != "p99.9(offered)" {
		hint := "metrics are typical, p50, p90, p99, p99.9, p50(service), p99(service), good, goodput, share, share(CODE)"
		if near := Nearest(name, effectNames); near != "" {
			hint = "did you mean " + near + "? " + hint
		}
		return MinEffect{}, fmt.Errorf("unknown metric %q: %s", name, hint)
	}
	share := name == "good" || strings.HasPrefix(name, "share")
	if percent, ok := strings.CutSuffix(value, "%"); ok {
		v, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
		if err != nil || !(v >= 0 && v <= 1000) || share && v > 100 {
			return MinEffect{}, fmt.Errorf("%q is no share: a number such as 5%%", value)
		}
		return MinEffect{name, v / 100, share}, nil
	}
	unit, accepted := UnitNS, "5% or 0.5ms"
	switch {
	case name == "":
		return MinEffect{}, fmt.Errorf("%q is no share of the baseline: for all metrics of latency and rate together it is a number such as 10%%", value)
	case share:
		return MinEffect{}, fmt.Errorf("%q are no percentage points: a number such as 0.5%%", value)
	case name == "goodput":
		unit, accepted = UnitPerS, "3% or 10/s"
	}
	v, err := absolute(value, unit)
	if err != nil {
		return MinEffect{}, fmt.Errorf("%q is no minimum effect of %s: %s", value, name, accepted)
	}
	return MinEffect{name, v, true}, nil
}

// absolute reads a duration or a rate as a rule has it.
func absolute(value, unit string) (float64, error) {
	rule := "goodput >= " + value
	if unit == UnitNS {
		rule = "p50 >= " + value
	}
	r, err := ParseRule(rule)
	return r.Limit, err
}
