package export

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"axbench/results"
)

// busySecond is a second of 5,000 calls as the recorder hands it over: dense histograms of every clock and of three codes.
func busySecond() ([]results.Second, []results.Interval) {
	lines, intervals := second(0)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range intervals {
		for range 5000 {
			intervals[i].H.Record(int64(math.Exp(15 + random.NormFloat64())))
		}
	}
	return lines, intervals
}

// BenchmarkAppendSecond is what a run pays for being exported, once a second and beside the calls; what it pays for its run
// directory is the measure.
func BenchmarkAppendSecond(b *testing.B) {
	lines, intervals := busySecond()
	b.Run("export", func(b *testing.B) {
		run := NewRun(RunConfig{Run: newRun()})
		b.ReportAllocs()
		for b.Loop() {
			if err := run.AppendSecond(began, began.Add(time.Second), lines, intervals); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("directory", func(b *testing.B) {
		w, err := results.Create(b.TempDir(), newRun())
		if err != nil {
			b.Fatal(err)
		}
		defer w.Close()
		b.ReportAllocs()
		for b.Loop() {
			if err := w.AppendSecond(began, began.Add(time.Second), lines, intervals); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkScrape is what a scrape costs, of which the next second may have to wait for a part.
func BenchmarkScrape(b *testing.B) {
	run := NewRun(RunConfig{Run: newRun()})
	lines, intervals := busySecond()
	_ = run.AppendSecond(began, began.Add(time.Second), lines, intervals)
	b.Run("samples", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			run.Samples()
		}
	})
	b.Run("protobuf", func(b *testing.B) {
		h, r := Handler(run.Samples), httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Header.Set("Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")
		for b.Loop() {
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
}
