package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"axbench/results"
)

// trendPage is the whole page of a trend.
type trendPage struct {
	*pageView
	Version  string
	Scenario string
	Tone     string // of the newest run
	Mark     string
	Verdict  string
	When     string
	Count    string
	Tiles    []tileView
	Charts   []trendChart
	Metrics  []string
	Runs     []trendRow
	Columns  int
	Series   template.JS // the charts' data
}

type trendChart struct{ Name, Title string }

// trendRow is a run in the table, newest first.
type trendRow struct {
	When, Name, Link, Verdict, Mark, Tone, Tags string
	Values                                      []trendCell
	Changes                                     []string
}

type trendCell struct{ Value, Interval string }

// TrendHTML writes a trend as one page that needs no network: a chart for each metric, with intervals, verdicts, tags and what else
// changed, and a table with links to the pages of the runs (TrendRun.Report, which must be relative addresses). version is that of the
// program. The error is w's, or about o.
func TrendHTML(w io.Writer, trend *results.Trend, version string, o HTMLOptions) error {
	l, err := languageOf(o.Lang)
	if err != nil {
		return err
	}
	page := newTrendPage(trend, l)
	page.Version = Escape(version)
	series, err := json.Marshal(trendSeriesOf(trend, l)) // escapes < > & as HTML needs it
	if err != nil {
		return err
	}
	page.Series = template.JS(series)
	if page.pageView, err = newPageView(l, page.Scenario+" · axbench results trend", false, pageStyles, trendScripts); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := templatesOf(l).ExecuteTemplate(&b, "trend.html.tmpl", page); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

func newTrendPage(trend *results.Trend, l language) *trendPage {
	first, last := trend.Span()
	page := &trendPage{Scenario: Escape(trend.Scenario), When: l.t("%s to %s UTC", trendTime(first), trendTime(last)),
		Count: l.n("%s run", "%s runs", int64(len(trend.Runs))), Columns: len(trend.Metrics) + 2}
	for i, m := range trend.Metrics {
		name := Escape(m.Name)
		page.Metrics = append(page.Metrics, name)
		page.Charts = append(page.Charts, trendChart{fmt.Sprintf("metric%d", i), name})
		page.Tiles = append(page.Tiles, trendTile(trend, i, l))
	}
	for i := range trend.Runs {
		page.Runs = append(page.Runs, trendRowOf(trend, &trend.Runs[i], l))
	}
	slices.Reverse(page.Runs)
	if len(page.Runs) > 0 {
		page.Tone, page.Mark, page.Verdict = page.Runs[0].Tone, page.Runs[0].Mark, page.Runs[0].Verdict
	}
	return page
}

// trendTile shows the newest value that tells something, and that of the run that bears the tag baseline.
func trendTile(trend *results.Trend, metric int, l language) tileView {
	unit := trend.Metrics[metric].Unit
	tile := tileView{Name: Escape(trend.Metrics[metric].Name), Value: "-", Small: l.t("newest run")}
	for i := range trend.Runs {
		r := &trend.Runs[i]
		v := trendPoint(r, metric)
		if v == nil {
			continue
		}
		tile.Value = trendValue(r, metric, unit)
		if slices.Contains(r.Tags, baselineTag) {
			tile.Small = l.t("newest run; baseline %s", trendValue(r, metric, unit))
		}
	}
	return tile
}

// baselineTag is the tag of the run that others are commonly compared with.
const baselineTag = "baseline"

func trendRowOf(trend *results.Trend, r *results.TrendRun, l language) trendRow {
	row := trendRow{When: trendTime(r.Started), Name: Escape(shortName(&r.Entry)), Link: r.Report, Tags: Escape(strings.Join(r.Tags, ", "))}
	row.Tone, row.Mark = toneOf(results.Verdict(r.Verdict))
	row.Verdict = Escape(r.Verdict)
	if w, ok := verdictWords[results.Verdict(r.Verdict)]; ok {
		row.Verdict = l.t(w.word)
	}
	for k, m := range trend.Metrics {
		c := trendCell{Value: trendValue(r, k, m.Unit)}
		if v := &r.Values[k]; v.Low != nil || v.High != nil {
			c.Interval = trendEnd(v.Low, m.Unit) + " – " + trendEnd(v.High, m.Unit)
		}
		row.Values = append(row.Values, c)
	}
	for _, c := range r.Changes {
		row.Changes = append(row.Changes, trendChange(c, Escape, l))
	}
	return row
}

// trendSeries is what the charts draw: runs from left to right, oldest first.
type trendSeries struct {
	Metrics []trendSeriesMetric `json:"metrics"`
	Runs    []trendSeriesRun    `json:"runs"`
}

type trendSeriesMetric struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
}

type trendSeriesRun struct {
	Name    string         `json:"name"`
	When    string         `json:"when"`
	Verdict string         `json:"verdict"`
	Pass    *bool          `json:"pass"`  // false: missed or not conformant; null: the run cannot tell
	Tells   bool           `json:"tells"` // its values are joined by the line
	Tags    string         `json:"tags"`
	Changed bool           `json:"changed"`
	Values  []trendNumbers `json:"values"`
}

type trendNumbers struct {
	Value *float64 `json:"v"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	Bound bool     `json:"bound"`
}

func trendSeriesOf(trend *results.Trend, l language) *trendSeries {
	s := &trendSeries{Metrics: []trendSeriesMetric{}, Runs: []trendSeriesRun{}}
	for _, m := range trend.Metrics {
		s.Metrics = append(s.Metrics, trendSeriesMetric{Escape(m.Name), m.Unit})
	}
	known := func(f *float64) *float64 {
		if f == nil || !drawable(*f) {
			return nil
		}
		return f
	}
	for i := range trend.Runs {
		r := &trend.Runs[i]
		row := trendRowOf(trend, r, l)
		run := trendSeriesRun{Name: row.Name, When: row.When, Verdict: row.Verdict, Tells: r.Tells(), Tags: row.Tags, Changed: len(r.Changes) > 0}
		if r.Tells() {
			pass := *r.ExitCode == results.ExitPass
			run.Pass = &pass
		}
		for _, v := range r.Values {
			run.Values = append(run.Values, trendNumbers{known(v.Value), known(v.Low), known(v.High), v.Bound})
		}
		s.Runs = append(s.Runs, run)
	}
	return s
}
