package report

import (
	"bytes"
	"encoding/json"
	"html/template"
	"io"

	"axbench/results"
)

// compareScripts are the scripts of the page of a comparison.
var compareScripts = []string{"page.js", "uPlot.iife.min.js", "compare.js"}

// comparePage is the whole page of a comparison.
type comparePage struct {
	*pageView
	*compareView
	Series template.JS // the charts' data, "" for none
}

// CompareHTML writes a comparison as one page that needs no network: all that CompareText says, and for a browser with scripts the
// latencies of both sides over each other, as distributions and second by second. What the directories of the runs cannot give is said in its
// place; the error is w's, or about o.
func CompareHTML(w io.Writer, c *Compared, o HTMLOptions) error {
	l, err := languageOf(o.Lang)
	if err != nil {
		return err
	}
	page := &comparePage{compareView: newCompareView(c.Comparison, l)}
	if series, err := overlaid(c); err != nil {
		page.Missing = l.t("There are no charts: %s", Escape(err.Error()))
	} else if len(series.Base)+len(series.New) > 0 {
		data, err := json.Marshal(series) // numbers alone
		if err != nil {
			return err
		}
		page.Series = template.JS(data)
	}
	title := page.Word + " · " + page.Scenario + " · axbench compare"
	if page.pageView, err = newPageView(l, title, false, pageStyles, compareScripts); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := templatesOf(l).ExecuteTemplate(&b, "compare.html.tmpl", page); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// overlay is what the charts of a comparison draw.
type overlay struct {
	Base      []overlayRun `json:"base"`
	New       []overlayRun `json:"new"`
	BaseCurve CurveLine    `json:"base_curve"` // offered, of the recorded phases of all runs of a side
	NewCurve  CurveLine    `json:"new_curve"`
}

// overlayRun is one run second by second: Step seconds a point, response times of good answers in nanoseconds, good answers in calls.
type overlayRun struct {
	Step    int64   `json:"step"`
	Seconds int64   `json:"seconds"`
	P50     Values  `json:"p50"`
	P99     Values  `json:"p99"`
	Good    []int64 `json:"good"`
}

// drawnRuns bounds how many runs of a side are drawn over each other.
const drawnRuns = 8

// overlaid reads what is drawn from the directories of the runs.
func overlaid(c *Compared) (*overlay, error) {
	o := &overlay{Base: []overlayRun{}, New: []overlayRun{}}
	for i, records := range [2][]*results.Record{c.BaseRuns, c.NewRuns} {
		response, bounds := denseHistogram(), results.NewHistogram()
		for _, rec := range records {
			if err := response.Merge(rec.Histogram("", results.ClockResponse.String(), results.CodeGood)); err != nil {
				return nil, err
			}
			if err := bounds.Merge(rec.Bounds("")); err != nil {
				return nil, err
			}
		}
		curve := (&Series{response: response, service: denseHistogram(), bounds: bounds}).curve().Offered
		var runs []overlayRun
		for _, rec := range records[:min(len(records), drawnRuns)] {
			s, err := seriesOf(rec)
			if err != nil {
				return nil, err
			}
			p := s.Points()
			runs = append(runs, overlayRun{Step: p.Step, Seconds: p.Seconds, P50: p.P50, P99: p.P99, Good: p.Good})
		}
		if i == 0 {
			o.Base, o.BaseCurve = append(o.Base, runs...), curve
		} else {
			o.New, o.NewCurve = append(o.New, runs...), curve
		}
	}
	return o, nil
}
