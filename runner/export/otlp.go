package export

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// otlpMetrics are samples as OpenTelemetry has them, at an instant: counters as monotonic sums, histograms with exponential
// buckets, everything cumulative. They keep their names, so that what queries them need not know which way they came.
func otlpMetrics(samples []Sample, at time.Time) ([]metricdata.Metrics, error) {
	var list []metricdata.Metrics
	place := map[string]int{}
	for i := range samples {
		s := &samples[i]
		j, known := place[s.Name]
		if !known {
			j = len(list)
			place[s.Name] = j
			list = append(list, metricdata.Metrics{Name: s.Name, Description: s.Help})
		}
		if err := s.addTo(&list[j], at); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// addTo adds the sample to the points of its metric.
func (s *Sample) addTo(m *metricdata.Metrics, at time.Time) error {
	attributes := make([]attribute.KeyValue, len(s.Labels))
	for i, l := range s.Labels {
		attributes[i] = attribute.String(l.Name, l.Value)
	}
	set := attribute.NewSet(attributes...)
	switch {
	case s.Kind == Counter:
		sum, _ := m.Data.(metricdata.Sum[int64])
		sum.Temporality, sum.IsMonotonic = metricdata.CumulativeTemporality, true
		sum.DataPoints = append(sum.DataPoints, metricdata.DataPoint[int64]{Attributes: set, StartTime: s.Start, Time: at, Value: int64(s.Value)})
		m.Data = sum
	case s.Kind == Gauge:
		g, _ := m.Data.(metricdata.Gauge[float64])
		g.DataPoints = append(g.DataPoints, metricdata.DataPoint[float64]{Attributes: set, Time: at, Value: s.Value})
		m.Data = g
	case s.Kind == Histogram && s.Exponential != nil:
		m.Unit = "s"
		h, _ := m.Data.(metricdata.ExponentialHistogram[float64])
		h.Temporality = metricdata.CumulativeTemporality
		h.DataPoints = append(h.DataPoints, s.exponentialPoint(set, at))
		m.Data = h
	default:
		return fmt.Errorf("export: %s cannot be pushed", s.Name)
	}
	return nil
}

func (s *Sample) exponentialPoint(set attribute.Set, at time.Time) metricdata.ExponentialHistogramDataPoint[float64] {
	e := s.Exponential
	point := metricdata.ExponentialHistogramDataPoint[float64]{
		Attributes: set, StartTime: s.Start, Time: at, Count: s.Count, Sum: s.Sum,
		Scale: e.Schema, ZeroCount: e.Zero, ZeroThreshold: e.ZeroUpTo,
	}
	if s.Count > 0 {
		point.Min, point.Max = metricdata.NewExtrema(e.Min), metricdata.NewExtrema(e.Max)
	}
	if len(e.Buckets) == 0 {
		return point
	}
	places := slices.Sorted(maps.Keys(e.Buckets))
	first, last := places[0], places[len(places)-1]
	// OpenTelemetry numbers a bucket by the power at its lower end, Prometheus by the one at its upper end.
	point.PositiveBucket.Offset = int32(first - 1)
	point.PositiveBucket.Counts = make([]uint64, last-first+1)
	for i, n := range e.Buckets {
		point.PositiveBucket.Counts[i-first] = uint64(n)
	}
	return point
}

// resourceMetrics is everything that one push sends.
func (r *Run) resourceMetrics(about *resource.Resource, at time.Time) (*metricdata.ResourceMetrics, error) {
	metrics, err := otlpMetrics(r.Samples(), at)
	if err != nil {
		return nil, err
	}
	return &metricdata.ResourceMetrics{Resource: about, ScopeMetrics: []metricdata.ScopeMetrics{{
		Scope: instrumentation.Scope{Name: defaultService, Version: r.label("version")}, Metrics: metrics,
	}}}, nil
}

// label is one of the labels of the run.
func (r *Run) label(name string) string {
	for _, l := range r.info {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// about describes who pushes. What the user's variables say of it stands above what is known here.
func (o *OTLP) about(r *Run) *resource.Resource {
	attributes := []attribute.KeyValue{attribute.String("service.version", r.label("version")), attribute.String("service.instance.id", r.label("run"))}
	for _, pair := range o.Resource {
		attributes = append(attributes, attribute.String(pair[0], pair[1]))
	}
	return resource.NewSchemaless(append(attributes, attribute.String("service.name", o.Service))...)
}
