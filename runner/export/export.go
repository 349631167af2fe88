package export

import (
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Kind is what a sample is.
type Kind uint8

// The kinds. The zero Kind is none.
const (
	Counter   Kind = iota + 1 // Value only grows
	Gauge                     // Value goes up and down
	Summary                   // Count, Sum and Points: quantile to value
	Histogram                 // Count, Sum and Points: upper bound of a bucket to the count of all at or below it
)

// Label is one label of a sample.
type Label struct{ Name, Value string }

// Sample is one value, or one distribution, at the time of a scrape. Samples of one Name have the same Help, the same Kind and
// the same label names in the same order, and differ in the values. Durations are seconds.
type Sample struct {
	Name   string
	Help   string
	Kind   Kind
	Labels []Label
	Value  float64             // of a Counter or a Gauge
	Count  uint64              // of a Summary or a Histogram
	Sum    float64             // likewise
	Points map[float64]float64 // likewise
	Start  time.Time           // since when a Counter or a Histogram counts; the zero Time says nothing of it

	// Exponential are further buckets of the same values, nil for none.
	Exponential *Exponential
}

// Exponential are the buckets of a histogram at the powers of 2^(2^-Schema): bucket i counts the values above its power i-1 and
// not above its power i.
type Exponential struct {
	Schema   int32
	ZeroUpTo float64 // Zero counts the values from 0 to this
	Zero     uint64
	Buckets  map[int]int64 // those that hold values
	Min, Max float64       // exact, of all values
}

// scrapes is how many scrapes may run at once; further ones are refused with 503.
const scrapes = 4

// protobuf is the format that alone carries exponential buckets.
const protobuf = "application/vnd.google.protobuf"

// Handler answers each request with what collect returns then: as protobuf, where histograms have their exponential buckets, to a
// scraper that takes it, and as text, where they have their classic ones, to all others. Samples that contradict each other or
// have no valid name are answered with 500 and a text that says why, never with a part of them.
func Handler(collect func() []Sample) http.Handler {
	classic, native := handler(collect, false), handler(collect, true)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept"), protobuf) {
			classic.ServeHTTP(w, r)
			return
		}
		r = r.Clone(r.Context())
		r.Header.Set("Accept", protobuf+";proto=io.prometheus.client.MetricFamily;encoding=delimited")
		native.ServeHTTP(w, r)
	})
}

func handler(collect func() []Sample, native bool) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&collector{collect, native})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: log.New(io.Discard, "", 0), ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: scrapes,
	})
}

// collector is asked at each scrape. It describes nothing beforehand: the registry then checks what comes.
type collector struct {
	collect func() []Sample
	native  bool
}

// Describe is part of prometheus.Collector.
func (*collector) Describe(chan<- *prometheus.Desc) {}

// Collect is part of prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	for _, s := range c.collect() {
		to <- s.metric(c.native)
	}
}

// metric is the sample as the library has it, or one that says why it is none.
func (s *Sample) metric(native bool) prometheus.Metric {
	names, values := make([]string, len(s.Labels)), make([]string, len(s.Labels))
	for i, l := range s.Labels {
		names[i], values[i] = l.Name, l.Value
	}
	desc := prometheus.NewDesc(s.Name, s.Help, names, nil)
	m, err := s.make(desc, values, native)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}

func (s *Sample) make(desc *prometheus.Desc, labels []string, native bool) (prometheus.Metric, error) {
	switch s.Kind {
	case Counter:
		if !(s.Value >= 0) {
			return nil, fmt.Errorf("export: counter %s is %v", s.Name, s.Value)
		}
		if !s.Start.IsZero() {
			return prometheus.NewConstMetricWithCreatedTimestamp(desc, prometheus.CounterValue, s.Value, s.Start, labels...)
		}
		return prometheus.NewConstMetric(desc, prometheus.CounterValue, s.Value, labels...)
	case Gauge:
		return prometheus.NewConstMetric(desc, prometheus.GaugeValue, s.Value, labels...)
	case Summary:
		return prometheus.NewConstSummary(desc, s.Count, s.Sum, s.Points, labels...)
	case Histogram:
		if e := s.Exponential; native && e != nil {
			return prometheus.NewConstNativeHistogram(desc, s.Count, s.Sum, e.Buckets, nil, e.Zero, e.Schema, e.ZeroUpTo, s.Start, labels...)
		}
		buckets := make(map[float64]uint64, len(s.Points))
		for bound, n := range s.Points {
			if !(n >= 0) || n != math.Trunc(n) || n > float64(s.Count) {
				return nil, fmt.Errorf("export: histogram %s has %v in a bucket, and %d in all", s.Name, n, s.Count)
			}
			buckets[bound] = uint64(n)
		}
		return prometheus.NewConstHistogram(desc, s.Count, s.Sum, buckets, labels...)
	}
	return nil, fmt.Errorf("export: %s has no kind", s.Name)
}
