package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html/template"
	"io"
	"math"
	"slices"

	"axbench/results"
)

// capacityPage is the whole page of a search for capacity.
type capacityPage struct {
	*pageView
	*capacityView
	Series template.JS // the charts' data
}

// CapacityHTML writes a search for capacity as one page that needs no network: all that CapacityText says, and charts for a browser
// with scripts. Without them it reads as tables. It links to the directories of the probes below rec.Dir, which the page is made to
// stand in. The error is w's, or about o.
func CapacityHTML(w io.Writer, rec *results.CapacityRecord, o HTMLOptions) error {
	l, err := languageOf(o.Lang)
	if err != nil {
		return err
	}
	page := &capacityPage{capacityView: newCapacityView(rec, Escape, l)}
	series, err := json.Marshal(curveOf(&rec.Capacity)) // numbers alone
	if err != nil {
		return err
	}
	page.Series = template.JS(series)
	title := page.Word + " · " + page.Scenario + " · axbench capacity"
	if page.pageView, err = newPageView(l, title, false, pageStyles, capacityScripts); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := templatesOf(l).ExecuteTemplate(&b, "capacity.html.tmpl", page); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// capacityCurve is what the charts draw: the probes by rate, and what the search made of them. Rates are per second, times
// nanoseconds; null is what is not known.
type capacityCurve struct {
	Probes []capacityPoint `json:"probes"`
	Low    *float64        `json:"low"`
	Value  *float64        `json:"value"`
	High   *float64        `json:"high"`
	Plan   *float64        `json:"plan"`
	Knee   *capacityKnee   `json:"knee"`
}

type capacityPoint struct {
	Step int     `json:"step"`
	Rate float64 `json:"rate"`
	Pass *bool   `json:"pass"`
	P50  *int64  `json:"p50"`
	P99  *int64  `json:"p99"`
	At50 bool    `json:"bound50"` // lower bounds
	At99 bool    `json:"bound99"`
	Good float64 `json:"good"`
}

type capacityKnee struct {
	Rate float64 `json:"rate"`
	P99  int64   `json:"p99"`
}

// drawnProbes bounds the charts; a search makes a few dozen.
const drawnProbes = 2000

// curveOf takes over what can be drawn.
func curveOf(c *results.Capacity) *capacityCurve {
	known := func(f *float64) *float64 {
		if f == nil || !drawable(*f) {
			return nil
		}
		return f
	}
	curve := &capacityCurve{Probes: []capacityPoint{}, Low: known(c.Rate.Low), Value: known(c.Rate.Value), High: known(c.Rate.High), Plan: known(c.Plan.Rate)}
	if k := c.Knee; k != nil && drawable(k.Rate) && k.P99NS > 0 {
		curve.Knee = &capacityKnee{k.Rate, k.P99NS}
	}
	for i := range c.Curve {
		p := &c.Curve[i]
		if !drawable(p.Rate) || len(curve.Probes) == drawnProbes {
			continue
		}
		point := capacityPoint{Step: p.Step, Rate: p.Rate, Pass: p.Pass}
		if q := &p.Offered; q.Count > 0 {
			point.P50, point.P99 = positiveNS(q.P50), positiveNS(q.P99)
			point.At50, point.At99 = bound(q, "p50"), bound(q, "p99")
		}
		if v := p.GoodPerSecond(); drawable(v) {
			point.Good = math.Round(v*1000) / 1000
		}
		curve.Probes = append(curve.Probes, point)
	}
	slices.SortStableFunc(curve.Probes, func(a, b capacityPoint) int { return cmp.Compare(a.Rate, b.Rate) })
	return curve
}

func positiveNS(ns int64) *int64 {
	if ns <= 0 {
		return nil
	}
	return &ns
}
