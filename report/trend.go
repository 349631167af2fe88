package report

import (
	"io"
	"math"
	"strings"
	"time"

	"axbench/results"
)

// TrendText tells for a terminal what metrics were over runs: each as a line of its ups and downs, and a table of the runs, oldest first.
// A line runs from the least to the greatest value of runs that tell something of their target. Where one metric is shown its
// 95 % interval stands beside it.
func TrendText(w io.Writer, trend *results.Trend, o TextOptions) error {
	p := newPage(o)
	first, last := trend.Span()
	p.line(cell{p.safe(trend.Scenario), bold}, cell{" · " + plural(int64(len(trend.Runs)), "run") + ", " + trendTime(first) + " to " + trendTime(last) + " UTC", normal})
	p.line()
	names := 0
	for _, m := range trend.Metrics {
		names = max(names, width(p.safe(m.Name)))
	}
	for i := range trend.Metrics {
		p.trendLine(trend, i, min(names, 40))
	}
	p.line()
	p.table(p.trendTable(trend))
	p.trendReasons(trend)
	_, err := io.WriteString(w, p.out.String())
	return err
}

const trendTimeForm = "2006-01-02 15:04"

// trendMost is how many of the newest runs a line shows.
const trendMost = 40

// trendLine draws one metric.
func (p *page) trendLine(trend *results.Trend, metric, names int) {
	m := &trend.Metrics[metric]
	low, high := math.Inf(1), math.Inf(-1)
	runs := trend.Runs[max(0, len(trend.Runs)-trendMost):]
	newest := "-"
	for i := range runs {
		if v := trendPoint(&runs[i], metric); v != nil {
			low, high = min(low, *v), max(high, *v)
			newest = trendNumber(*v, m.Unit)
		}
	}
	steps := []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	if p.ascii {
		steps = strings.Split("0123456789", "")
	}
	var line strings.Builder
	for i := range runs {
		v := trendPoint(&runs[i], metric)
		switch {
		case v == nil:
			line.WriteString("·")
		case high == low:
			line.WriteString(steps[len(steps)/2])
		default:
			line.WriteString(steps[int(between(*v, low, high)*(float64(len(steps))-0.001))])
		}
	}
	span := ""
	if high >= low {
		span = "  " + trendNumber(low, m.Unit) + " to " + trendNumber(high, m.Unit) + ", now " + newest
	}
	p.line(cell{"  " + pad(cut(p.safe(m.Name), names, "…"), names, false) + "  ", normal}, cell{line.String(), bold}, cell{span, normal})
}

// between says where v lies from low, 0, to high, 1. The two may be as far apart as numbers go.
func between(v, low, high float64) float64 {
	if d := high - low; !math.IsInf(d, 0) {
		return (v - low) / d
	}
	return (v/2 - low/2) / (high/2 - low/2)
}

// trendPoint is a value that tells something of the target, nil where there is none.
func trendPoint(r *results.TrendRun, metric int) *float64 {
	if !r.Tells() || metric >= len(r.Values) {
		return nil
	}
	v := &r.Values[metric]
	if v.Value == nil || math.IsNaN(*v.Value) || math.IsInf(*v.Value, 0) {
		return nil
	}
	return v.Value
}

func (p *page) trendTable(trend *results.Trend) *table {
	columns := []string{"when (UTC)", "name", "verdict"}
	alone := len(trend.Metrics) == 1
	for _, m := range trend.Metrics {
		columns = append(columns, ">"+p.safe(m.Name))
	}
	if alone {
		columns = append(columns, ">low", ">high")
	}
	t := newTable(append(columns, "tags, changes")...)
	for i := range trend.Runs {
		r := &trend.Runs[i]
		verdict, st := entryVerdict(&r.Entry, p.safe)
		row := []string{trendTime(r.Started), p.safe(shortName(&r.Entry)), verdict}
		for k := range trend.Metrics {
			row = append(row, trendValue(r, k, trend.Metrics[k].Unit))
		}
		if alone {
			row = append(row, trendEnd(r.Values[0].Low, trend.Metrics[0].Unit), trendEnd(r.Values[0].High, trend.Metrics[0].Unit))
		}
		var said []string
		if len(r.Tags) > 0 {
			said = append(said, "["+p.safe(strings.Join(r.Tags, ", "))+"]")
		}
		for _, c := range r.Changes {
			said = append(said, trendChange(c, p.safe, english))
		}
		t.row(normal, append(row, strings.Join(said, "; "))...)
		t.rows[len(t.rows)-1][2].style = st
	}
	return t
}

// trendReasons says why values are missing or weak: of each metric the first reason, and of how many runs there is one.
func (p *page) trendReasons(trend *results.Trend) {
	begun := false
	for k := range trend.Metrics {
		first, runs := "", int64(0)
		for i := range trend.Runs {
			if reason := trend.Runs[i].Values[k].Reason; reason != "" {
				if runs++; runs == 1 {
					first = p.safe(shortName(&trend.Runs[i].Entry)) + ": " + p.safe(reason)
				}
			}
		}
		if runs == 0 {
			continue
		}
		if !begun {
			p.line()
			begun = true
		}
		if runs > 1 {
			first += "; likewise " + plural(runs-1, "other run")
		}
		p.item(p.safe(trend.Metrics[k].Name)+" of "+first, dim)
	}
}

// trendValue writes a value with the mark of a lower bound.
func trendValue(r *results.TrendRun, metric int, unit string) string {
	v := &r.Values[metric]
	if v.Value == nil {
		return "-"
	}
	if v.Bound {
		return "> " + trendNumber(*v.Value, unit)
	}
	return trendNumber(*v.Value, unit)
}

func trendEnd(f *float64, unit string) string {
	if f == nil {
		return "-"
	}
	return trendNumber(*f, unit)
}

// trendNumber writes a number in the unit of a metric.
func trendNumber(f float64, unit string) string { return sloNumber(f, unit, false) }

// trendTime writes when a run began, in UTC.
func trendTime(t time.Time) string { return t.UTC().Format(trendTimeForm) }

// trendChange says what a run differs in from the one before. Texts of the run are escaped by esc.
func trendChange(c results.TrendChange, esc func(string) string, l language) string {
	switch c.What {
	case results.ChangeVersion:
		return l.t("axbench %s, before %s", esc(c.To), esc(c.From))
	case results.ChangePlan:
		return l.t("another plan: arrivals, operations or parameters differ")
	case results.ChangeTarget:
		return l.t("target %s, before %s", esc(c.To), esc(c.From))
	case results.ChangeHost:
		return l.t("generator on %s, before on %s", esc(c.To), esc(c.From))
	case results.ChangeNote:
		text := esc(c.To)
		if l != english {
			text = l.say(c.To).Text
		}
		return l.t("note: %s", text)
	}
	return esc(c.What)
}
