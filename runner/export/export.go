// Package export shows snapshots of numbers as Prometheus text, through client_golang. What the numbers mean is left to who
// collects them: at each scrape the caller's function is asked for samples, and nothing is kept between two scrapes. There is
// no global registry. The package starts no goroutine; a Handler is safe for concurrent use if its function is.
package export

import (
	"fmt"
	"io"
	"log"
	"math"
	"net/http"

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
		return prometheus.NewConstHistogram(desc, s.Count, s.Sum, buckets, labels...)
	}
	return nil, fmt.Errorf("export: %s has no kind", s.Name)
}
