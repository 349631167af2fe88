package export

import (
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
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

// Handler answers each request with what collect returns then, as Prometheus text. Samples that contradict each other or have
// no valid name are answered with 500 and a text that says why, never with a part of them.
func Handler(collect func() []Sample) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector(collect))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: log.New(io.Discard, "", 0), ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: scrapes,
	})
}

// collector is asked at each scrape. It describes nothing beforehand: the registry then checks what comes.
type collector func() []Sample

// Describe is part of prometheus.Collector.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect is part of prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	for _, s := range c() {
		to <- s.metric()
	}
}

// metric is the sample as the library has it, or one that says why it is none.
func (s *Sample) metric() prometheus.Metric {
	names, values := make([]string, len(s.Labels)), make([]string, len(s.Labels))
	for i, l := range s.Labels {
		names[i], values[i] = l.Name, l.Value
	}
	desc := prometheus.NewDesc(s.Name, s.Help, names, nil)
	m, err := s.make(desc, values)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}

func (s *Sample) make(desc *prometheus.Desc, labels []string) (prometheus.Metric, error) {
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
		buckets := make(map[float64]uint64, len(s.Points))
		for bound, n := range s.Points {
			if !(n >= 0) || n != math.Trunc(n) || n > float64(s.Count) {
				return nil, fmt.Errorf("export: histogram %s has %v in a bucket, and %d in all", s.Name, n, s.Count)
			}
			buckets[bound] = uint64(n)
		}
		if s.Exponential != nil {
			return s.native(desc, buckets, labels)
		}
		return prometheus.NewConstHistogram(desc, s.Count, s.Sum, buckets, labels...)
	}
	return nil, fmt.Errorf("export: %s has no kind", s.Name)
}

// native is a histogram with both kinds of buckets. Which of them a scraper sees is settled by the format that it asks for:
// protobuf has both, text the classic ones.
type native struct {
	prometheus.Metric
	classic map[float64]uint64
}

func (s *Sample) native(desc *prometheus.Desc, classic map[float64]uint64, labels []string) (prometheus.Metric, error) {
	e := s.Exponential
	m, err := prometheus.NewConstNativeHistogram(desc, s.Count, s.Sum, e.Buckets, nil, e.Zero, e.Schema, e.ZeroUpTo, s.Start, labels...)
	if err != nil {
		return nil, err
	}
	return &native{m, classic}, nil
}

// Write is part of prometheus.Metric. The library fills in the exponential buckets, which leaves the text format with nothing but
// count and sum.
func (n *native) Write(out *dto.Metric) error {
	if err := n.Metric.Write(out); err != nil {
		return err
	}
	h := out.Histogram
	h.Bucket = h.Bucket[:0]
	for _, bound := range slices.Sorted(maps.Keys(n.classic)) {
		count := n.classic[bound]
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: &bound, CumulativeCount: &count})
	}
	return nil
}
