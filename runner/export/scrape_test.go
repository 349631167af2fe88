package export

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// TestScrapeText: a scraper of text gets classic buckets, by names that Prometheus' own checker likes.
func TestScrapeText(t *testing.T) {
	status, text, kind := scrape(t, filled(t, 2).Samples()...)
	if status != 200 || !strings.HasPrefix(kind, "text/plain") {
		t.Fatalf("%d %s\n%s", status, kind, text)
	}
	for _, line := range []string{
		`axbench_response_seconds_bucket{phase="main",le="0.0005"} 0`, `axbench_response_seconds_bucket{phase="main",le="0.005"} 8`,
		`axbench_response_seconds_bucket{phase="main",le="0.05"} 8`, `axbench_response_seconds_bucket{phase="main",le="60"} 10`,
		`axbench_response_seconds_bucket{phase="main",le="+Inf"} 10`, `axbench_response_seconds_count{phase="main"} 10`,
		`axbench_offered_seconds_bucket{phase="main",le="2.5"} 10`, `axbench_offered_seconds_bucket{phase="main",le="+Inf"} 16`,
		`axbench_calls_total{class="ok",code="OK",phase="main"} 10`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("%v %+v", err, problems)
	}
}

// scrapeNative scrapes as a Prometheus does that takes native histograms.
func scrapeNative(t testing.TB, run *Run) map[string]*dto.MetricFamily {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.3")
	w := httptest.NewRecorder()
	Handler(run.Samples).ServeHTTP(w, r)
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/vnd.google.protobuf") {
		t.Fatalf("%d %s", w.Code, w.Header())
	}
	families := map[string]*dto.MetricFamily{}
	in := expfmt.NewDecoder(w.Body, expfmt.ResponseFormat(w.Result().Header))
	for {
		var f dto.MetricFamily
		if err := in.Decode(&f); err != nil {
			return families
		}
		families[f.GetName()] = &f
	}
}

// TestScrapeProtobuf: a scraper of protobuf gets native histograms, whose buckets hold every value that was recorded.
func TestScrapeProtobuf(t *testing.T) {
	families := scrapeNative(t, filled(t, 2))
	histograms := 0
	for name, f := range families {
		for _, m := range f.Metric {
			h := m.Histogram
			if h == nil {
				continue
			}
			histograms++
			if h.GetSchema() != fineSchema || len(h.PositiveSpan) == 0 && h.GetZeroCount() != h.GetSampleCount() || len(h.Bucket) != 0 {
				t.Errorf("%s: schema %d, %d spans, %d classic buckets", name, h.GetSchema(), len(h.PositiveSpan), len(h.Bucket))
			}
			in, last := int64(h.GetZeroCount()), int64(0)
			for _, delta := range h.PositiveDelta {
				last += delta
				in += last
			}
			if uint64(in) != h.GetSampleCount() {
				t.Errorf("%s: %d values in buckets, count %d", name, in, h.GetSampleCount())
			}
			if !h.CreatedTimestamp.AsTime().Equal(began) {
				t.Errorf("%s: since %v", name, h.CreatedTimestamp.AsTime())
			}
		}
	}
	if histograms < 15 {
		t.Errorf("only %d histograms", histograms)
	}
	m := families[metricOffered].Metric
	if len(m) != 2 || m[1].Label[0].GetValue() != "main" || m[1].Histogram.GetSampleCount() != 16 || math.Abs(m[1].Histogram.GetSampleSum()-36.22) > 1e-9 {
		t.Errorf("%v", m)
	}
}

// TestScrapesDuringTheRun: scrapes and seconds may meet, and what a scrape shows fits together.
func TestScrapesDuringTheRun(t *testing.T) {
	run := NewRun(RunConfig{Run: newRun()})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 20 {
				values := map[string]float64{}
				for _, s := range run.Samples() {
					values[series(&s)] = s.Value + float64(s.Count)
				}
				if values["good_calls_total{phase=main}"] != values["response_seconds{phase=main}"] {
					t.Errorf("%v good answers, %v response times", values["good_calls_total{phase=main}"], values["response_seconds{phase=main}"])
				}
			}
		})
	}
	for s := range int64(20) {
		lines, intervals := second(s)
		_ = run.AppendSecond(began, began, lines, intervals)
	}
	all.Wait()
}
