package judge

import (
	"fmt"
	"math"

	"axbench/results"
)

// pair is one metric on both sides.
type pair struct {
	metric
	phase  string
	sides  [2]*measured
	alpha  float64 // on either side of the interval that decides better and worse
	effect effect
}

// alpha95 is what a 95 % interval leaves out on either side.
const alpha95 = 0.025

// judge holds the two sides against each other. Steps are taken together in blocks of the given length at least.
func (p *pair) judge(block int) results.MetricChange {
	base, now := p.sides[0], p.sides[1]
	m := results.MetricChange{Name: p.name, Phase: p.phase, Unit: p.unit, Main: p.main, Method: p.method, BaseBound: base.bound, NewBound: now.bound,
		Samples: []int64{base.n, now.n}, MinEffect: p.effect.of(base.value)}
	m.Base, m.New = &base.value, &now.value
	spread := spreads([2][]strand{base.strands, now.strands}, [2]float64{base.v0, now.v0}, p.unit == UnitPerS, block)
	m.Spread, m.Block = spread.factor, int64(spread.block)
	family, usual := p.interval(p.alpha, spread), p.interval(alpha95, spread)
	if base.bound || now.bound {
		p.bounded(&m, family, usual)
		return m
	}
	delta := now.value - base.value
	m.Delta = &delta
	if base.value != 0 {
		relative := delta / base.value
		m.Relative = &relative
	}
	f, u := family.difference(base.value, now.value), usual.difference(base.value, now.value)
	m.Low, m.High, m.Low95, m.High95 = finite(f.low), finite(f.high), finite(u.low), finite(u.high)
	p.decide(&m, delta, f, u)
	return m
}

// ends are an interval, infinite where it is open.
type ends struct{ low, high float64 }

// two is an interval on each side.
type two struct{ base, now ends }

func (p *pair) interval(alpha float64, s spread) two {
	var t two
	t.base.low, t.base.high = p.sides[0].limits(alpha, s)
	t.now.low, t.now.high = p.sides[1].limits(alpha, s)
	return t
}

// difference is the interval of now - base, recovered from the two (MOVER): each end is as far from the difference as the ends
// of the two intervals that matter for it are from their values, at right angles.
func (t two) difference(base, now float64) ends {
	return ends{
		low:  now - base - math.Hypot(now-t.now.low, t.base.high-base),
		high: now - base + math.Hypot(t.now.high-now, base-t.base.low),
	}
}

// turned is the interval with more as worse.
func (s ends) turned(sign float64) ends {
	if sign < 0 {
		return ends{-s.high, -s.low}
	}
	return s
}

func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}

// decide finds the word for a difference that is known, f and u its intervals at the level of the family and at 95 %.
func (p *pair) decide(m *results.MetricChange, delta float64, f, u ends) {
	least := m.MinEffect
	f, u, delta = f.turned(p.sign), u.turned(p.sign), p.sign*delta
	m.NotWorse = u.high <= least
	effect := changeText(least, m.Unit)
	switch {
	case f.low > 0 && delta > least:
		m.Verdict, m.Reason = results.ChangeWorse, fmt.Sprintf("above the minimum effect of %s, and no change is excluded", effect)
	case f.high < 0 && -delta > least:
		m.Verdict, m.Reason = results.ChangeBetter, fmt.Sprintf("above the minimum effect of %s, and no change is excluded", effect)
	case u.low >= -least && u.high <= least:
		m.Verdict, m.Reason = results.ChangeSame, fmt.Sprintf("within the minimum effect of %s", effect)
	default:
		m.Verdict = results.ChangeInconclusive
		p.inconclusive(m, delta, f, u, effect)
	}
}

// inconclusive says why nothing is shown, and how much more it takes: intervals shrink with the root of what is measured.
func (p *pair) inconclusive(m *results.MetricChange, delta float64, f, u ends, effect string) {
	least := m.MinEffect
	half := (u.high - u.low) / 2
	switch {
	case math.IsInf(half, 0):
		m.Reason = "too few calls: the interval has no end"
	case delta > least:
		m.Reason = fmt.Sprintf("it looks worse, by more than the minimum effect of %s, but such a difference also comes by chance", effect)
		m.Needs = math.Pow((delta-f.low)/delta, 2)
	case -delta > least:
		m.Reason = fmt.Sprintf("it looks better, by more than the minimum effect of %s, but such a difference also comes by chance", effect)
		m.Needs = math.Pow((f.high-delta)/-delta, 2)
	case m.NotWorse:
		m.Reason = fmt.Sprintf("not worse by the minimum effect of %s, perhaps better", effect)
	default:
		m.Reason = fmt.Sprintf("the 95%% interval is wider than the minimum effect of %s", effect)
		if room := least - math.Abs(delta); room > 0.2*least {
			m.Needs = math.Pow(half/room, 2)
		}
	}
	if m.Needs = math.Ceil(1.2*m.Needs*10) / 10; !(m.Needs < 1e6) {
		m.Needs = 0
	}
}

// byChance is the reason where a side lies among calls without an end and the other one may do so as well.
const byChance = "on one side it lies among calls that never came to an end, which may be chance"

// bounded finds the word where a side has no more than a lower bound: calls without an end are slower than any value, and a bound
// beyond all that the other side may be is a change.
func (p *pair) bounded(m *results.MetricChange, f, u two) {
	base, now := p.sides[0], p.sides[1]
	m.Verdict = results.ChangeInconclusive
	switch {
	case base.bound && now.bound:
		m.Reason = "on both sides it lies among calls that never came to an end"
	case now.bound:
		m.Reason = "it lies among calls that never came to an end"
		if f.now.low > f.base.high {
			m.Verdict = results.ChangeWorse
		} else {
			m.Reason = byChance
		}
	default:
		m.Reason = "in the baseline it lies among calls that never came to an end"
		m.NotWorse = u.now.high <= u.base.low+m.MinEffect
		if f.base.low > f.now.high {
			m.Verdict = results.ChangeBetter
		} else {
			m.Reason = byChance
		}
	}
}

// metricName is a metric and where it was measured.
func metricName(m *results.MetricChange) string {
	if m.Phase != "" {
		return m.Name + " in " + m.Phase
	}
	return m.Name
}

// changed says how a metric changed.
func changed(m *results.MetricChange) string {
	if m.BaseBound || m.NewBound {
		return fmt.Sprintf("%s is %s: from %s to %s", metricName(m), m.Verdict, boundText(*m.Base, m.Unit, m.BaseBound), boundText(*m.New, m.Unit, m.NewBound))
	}
	return fmt.Sprintf("%s is %s: from %s to %s, by %s (%s to %s)", metricName(m), m.Verdict, format(*m.Base, m.Unit), format(*m.New, m.Unit),
		signed(*m.Delta, *m.Base, m.Unit), openText(m.Low, *m.Base, m.Unit), openText(m.High, *m.Base, m.Unit))
}

func boundText(v float64, unit string, bound bool) string {
	if bound {
		return "> " + format(v, unit)
	}
	return format(v, unit)
}

// openText is an end of an interval that may be open.
func openText(v *float64, base float64, unit string) string {
	if v == nil {
		return "open"
	}
	return signed(*v, base, unit)
}

// signed writes a difference as a share of the baseline or, for shares, in percentage points.
func signed(delta, base float64, unit string) string {
	switch {
	case unit == UnitShare:
		return fmt.Sprintf("%+.2f pt", 100*delta)
	case base == 0:
		return "+" + format(delta, unit)
	}
	return fmt.Sprintf("%+.1f%%", 100*delta/base)
}

// changeText writes a minimum effect.
func changeText(v float64, unit string) string {
	if unit == UnitShare {
		return exactly(roundTo(100*v, 4), UnitCounts) + " pt"
	}
	return format(v, unit)
}
