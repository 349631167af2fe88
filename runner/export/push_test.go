package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	service "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	otlp "go.opentelemetry.io/proto/otlp/metrics/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

func TestMain(m *testing.M) {
	quiet() // before any server of the tests logs
	goleak.VerifyTestMain(m)
}

// receiver takes pushes, over HTTP and over gRPC.
type receiver struct {
	service.UnimplementedMetricsServiceServer
	mu       sync.Mutex
	pushes   []*service.ExportMetricsServiceRequest
	headers  []http.Header
	status   int    // to answer with, 200 by default
	body     string // likewise
	rejected int64  // data points, as a partial success
	came     chan struct{}
}

func newReceiver() *receiver { return &receiver{status: 200, came: make(chan struct{}, 100)} }

func (r *receiver) take(push *service.ExportMetricsServiceRequest, h http.Header) *service.ExportMetricsServiceResponse {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pushes, r.headers = append(r.pushes, push), append(r.headers, h)
	select {
	case r.came <- struct{}{}:
	default:
	}
	answer := &service.ExportMetricsServiceResponse{}
	if r.rejected > 0 {
		answer.PartialSuccess = &service.ExportMetricsPartialSuccess{RejectedDataPoints: r.rejected, ErrorMessage: "too old"}
	}
	return answer
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(body)
	}
	data, err := io.ReadAll(body)
	push := &service.ExportMetricsServiceRequest{}
	if err == nil {
		err = proto.Unmarshal(data, push)
	}
	if err != nil || req.Method != "POST" || req.URL.Path != "/v1/metrics" || req.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "no push", http.StatusTeapot)
		return
	}
	answer, _ := proto.Marshal(r.take(push, req.Header))
	if r.status != 200 {
		w.Header().Set("Location", "http://127.0.0.1:1/")
		http.Error(w, r.body, r.status)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(answer)
}

func (r *receiver) Export(ctx context.Context, push *service.ExportMetricsServiceRequest) (*service.ExportMetricsServiceResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	h := http.Header{}
	for name, values := range md {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return r.take(push, h), nil
}

// overHTTP and overGRPC serve r on loopback until the test ends.
func (r *receiver) overHTTP(t *testing.T) string {
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return s.URL
}

func (r *receiver) overGRPC(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	service.RegisterMetricsServiceServer(s, r)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() { s.Stop(); <-ended })
	return "http://" + l.Addr().String()
}

// configured is what the variables ask for, which are given as NAME=value.
func configured(t *testing.T, variables ...string) *OTLP {
	t.Helper()
	o, err := ReadOTLP(environment(append(variables, "OTEL_EXPORTER_OTLP_TIMEOUT=60000")), os.ReadFile) // a busy machine is no failure
	if err != nil || o == nil {
		t.Fatalf("%v, %v", o, err)
	}
	return o
}

func environment(variables []string) func(string) string {
	return func(name string) string {
		for _, v := range variables {
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

// flat sums up a push: counters and counts of histograms by metric and labels.
func flat(push *service.ExportMetricsServiceRequest) map[string]float64 {
	values := map[string]float64{}
	for _, rm := range push.ResourceMetrics {
		for _, sm := range rm.ScopeMetrics {
			for _, m := range sm.Metrics {
				switch d := m.Data.(type) {
				case *otlp.Metric_Sum:
					for _, p := range d.Sum.DataPoints {
						values[point(m.Name, p)] = float64(p.GetAsInt())
					}
				case *otlp.Metric_Gauge:
					for _, p := range d.Gauge.DataPoints {
						values[point(m.Name, p)] = p.GetAsDouble()
					}
				case *otlp.Metric_ExponentialHistogram:
					for _, p := range d.ExponentialHistogram.DataPoints {
						s := &Sample{Name: m.Name}
						for _, a := range p.Attributes {
							s.Labels = append(s.Labels, Label{a.Key, a.Value.GetStringValue()})
						}
						values[series(s)] = float64(p.Count)
					}
				}
			}
		}
	}
	return values
}

func point(name string, p *otlp.NumberDataPoint) string {
	s := &Sample{Name: name}
	for _, a := range p.Attributes {
		s.Labels = append(s.Labels, Label{a.Key, a.Value.GetStringValue()})
	}
	return series(s)
}

func noWarning(t *testing.T) func(error) {
	return func(err error) { t.Errorf("a warning: %v", err) }
}

// TestPush: what arrives is what a scrape shows, over either protocol, with the headers and the resource that were asked for.
func TestPush(t *testing.T) {
	for _, tt := range []struct {
		name  string
		serve func(*receiver, *testing.T) string
		more  []string
	}{
		{"http", (*receiver).overHTTP, nil},
		{"http, gzip", (*receiver).overHTTP, []string{"OTEL_EXPORTER_OTLP_COMPRESSION=gzip"}},
		{"grpc", (*receiver).overGRPC, []string{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}},
		{"grpc, gzip", (*receiver).overGRPC, []string{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newReceiver()
			o := configured(t, append(tt.more, "OTEL_EXPORTER_OTLP_ENDPOINT="+tt.serve(r, t), "OTEL_EXPORTER_OTLP_HEADERS=api-key=a%20b,x-team=load",
				"OTEL_RESOURCE_ATTRIBUTES=deployment.environment=staging,service.instance.id=mine", "OTEL_METRIC_EXPORT_INTERVAL=3600000")...)
			run := filled(t, 2)
			p, err := NewPusher(o, run, noWarning(t))
			if err != nil {
				t.Fatal(err)
			}
			p.last = time.Minute
			run.Finish("pass", 0)
			if s := p.Close(); s.Pushes != 1 || s.Failed != 0 || s.Last != nil {
				t.Fatalf("%+v", s)
			}
			if len(r.pushes) != 1 || r.headers[0].Get("api-key") != "a b" || r.headers[0].Get("x-team") != "load" {
				t.Fatalf("%d pushes, headers %v", len(r.pushes), r.headers)
			}
			got := flat(r.pushes[0])
			for _, s := range run.Samples() {
				want := s.Value
				if s.Kind == Histogram {
					want = float64(s.Count)
				}
				if v, ok := got[series(&s)]; !ok || v != want {
					t.Errorf("%s arrived as %v (%v), want %v", series(&s), v, ok, want)
				}
				delete(got, series(&s))
			}
			if len(got) > 0 {
				t.Errorf("nobody knows %v", got)
			}
			attributes := map[string]string{}
			for _, a := range r.pushes[0].ResourceMetrics[0].Resource.Attributes {
				attributes[a.Key] = a.Value.GetStringValue()
			}
			for name, want := range map[string]string{"service.name": "axbench", "service.version": "1.2.3", "service.instance.id": "mine", "deployment.environment": "staging"} {
				if attributes[name] != want {
					t.Errorf("%s is %q, want %q", name, attributes[name], want)
				}
			}
		})
	}
}

// TestPushedHistogram holds the buckets of a push against those of a scrape, whose numbers are one higher.
func TestPushedHistogram(t *testing.T) {
	run := filled(t, 3)
	metrics, err := otlpMetrics(run.Samples(), began.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	r := newReceiver()
	p, err := NewPusher(configured(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+r.overHTTP(t)), run, noWarning(t))
	if err != nil {
		t.Fatal(err)
	}
	p.last = time.Minute
	p.Close()
	checked := 0
	for _, m := range r.pushes[0].ResourceMetrics[0].ScopeMetrics[0].Metrics {
		h := m.GetExponentialHistogram()
		if h == nil {
			continue
		}
		if m.Unit != "s" || h.AggregationTemporality != otlp.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE {
			t.Errorf("%s: unit %q, %v", m.Name, m.Unit, h.AggregationTemporality)
		}
		for _, point := range h.DataPoints {
			in := point.ZeroCount
			for _, n := range point.Positive.GetBucketCounts() {
				in += n
			}
			if in != point.Count || point.Scale != fineSchema || point.StartTimeUnixNano != uint64(began.UnixNano()) || point.TimeUnixNano <= point.StartTimeUnixNano || point.ZeroThreshold != 512e-9 {
				t.Errorf("%s: %d in buckets, %v", m.Name, in, point)
			}
			checked++
		}
		if m.Name == metricBound { // 5 s, 10 s and 3 s, thrice each: 2^(2.29), 2^(3.29), 2^(1.58)
			for i, want := range []int32{74, 106, 50} {
				if got := h.DataPoints[i]; got.Positive.Offset != want || got.Positive.BucketCounts[0] != 3 || got.GetMin() != got.GetMax() {
					t.Errorf("bound %d: %v, want bucket %d", i, got, want)
				}
			}
		}
	}
	if checked < 15 || len(metrics) < 30 {
		t.Errorf("%d histograms of %d metrics", checked, len(metrics))
	}
	if _, err := otlpMetrics([]Sample{{Name: "x", Kind: Summary}}, began); err == nil {
		t.Error("a summary was pushed")
	}
}

// TestPushesWhileTheRunGoesOn: there are pushes between the first and the last.
func TestPushesWhileTheRunGoesOn(t *testing.T) {
	r := newReceiver()
	p, err := NewPusher(configured(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+r.overHTTP(t), "OTEL_METRIC_EXPORT_INTERVAL=5"), filled(t, 1), noWarning(t))
	if err != nil {
		t.Fatal(err)
	}
	p.last = time.Minute
	<-r.came
	<-r.came
	if s := p.Close(); s.Pushes < 2 || s.Failed != 0 || len(r.pushes) < 3 { // the second may have been given up for the last
		t.Errorf("%+v, %d arrived", s, len(r.pushes))
	}
}

// TestPushFails: the first failure is told once, with a reason and without a key, and the state says what became of the last.
func TestPushFails(t *testing.T) {
	const key = "sentinelSECRET"
	const closed = "http://127.0.0.1:1" // a port that no program is given
	for _, tt := range []struct {
		name     string
		endpoint func(*testing.T) string
		more     []string
		want     string
	}{
		{"nobody there", func(*testing.T) string { return closed }, nil, "refused"},
		{"nobody there, grpc", func(*testing.T) string { return closed }, []string{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}, ""},
		{"refuses", func(t *testing.T) string {
			r := newReceiver()
			r.status, r.body = 401, "the key "+key+" is not known"
			return r.overHTTP(t)
		}, nil, "the key (hidden) is not known"},
		{"sends elsewhere", func(t *testing.T) string {
			r := newReceiver()
			r.status = 307
			return r.overHTTP(t)
		}, nil, "307"},
		{"answers at length", func(t *testing.T) string {
			r := newReceiver()
			r.status, r.body = 400, strings.Repeat("é", 5000)
			return r.overHTTP(t)
		}, nil, "…"},
		{"speaks TLS", func(t *testing.T) string {
			s := httptest.NewUnstartedServer(newReceiver())
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			t.Cleanup(s.Close)
			return s.URL
		}, nil, "certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var told []string
			o := configured(t, append(tt.more, "OTEL_EXPORTER_OTLP_ENDPOINT="+tt.endpoint(t), "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20"+key, "OTEL_METRIC_EXPORT_INTERVAL=1")...)
			warned := make(chan struct{}, 1)
			p, err := NewPusher(o, filled(t, 1), func(err error) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, err.Error())
				warned <- struct{}{}
			})
			if err != nil {
				t.Fatal(err)
			}
			p.last = 100 * time.Millisecond
			<-warned
			s := p.Close()
			if len(told) != 1 || s.Failed != s.Pushes || s.Pushes < 2 || s.Last == nil {
				t.Errorf("told %q, %+v", told, s)
			}
			if text := told[0] + s.Last.Error(); !strings.Contains(told[0], tt.want) || strings.Contains(text, key) || len(told[0]) > mostMessage+10 {
				t.Errorf("%q, want %q in it", text, tt.want)
			}
		})
	}
}

// TestPartOfAPushIsRefused: a receiver that takes a push but not all of it is one that fails.
func TestPartOfAPushIsRefused(t *testing.T) {
	r := newReceiver()
	r.rejected = 3
	var told []error
	p, err := NewPusher(configured(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+r.overHTTP(t)), filled(t, 1), func(err error) { told = append(told, err) })
	if err != nil {
		t.Fatal(err)
	}
	p.last = time.Minute
	if s := p.Close(); s.Failed != 1 || len(told) != 1 || !strings.Contains(told[0].Error(), "too old") {
		t.Errorf("%+v, told %v", s, told)
	}
}

// TestTheEndDoesNotWait: a receiver that takes a push and says nothing holds up the end for no longer than the last push may take.
func TestTheEndDoesNotWait(t *testing.T) {
	open := make(chan struct{})
	arrived := make(chan struct{}, 10)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		arrived <- struct{}{}
		<-open
	}))
	defer s.Close()
	defer close(open)
	var told bytes.Buffer
	p, err := NewPusher(configured(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+s.URL, "OTEL_METRIC_EXPORT_INTERVAL=1"), filled(t, 1), func(err error) { told.WriteString(err.Error()) })
	if err != nil {
		t.Fatal(err)
	}
	<-arrived // this push would take its ten seconds
	p.last = 50 * time.Millisecond
	if s := p.Close(); s.Pushes != 1 || s.Failed != 1 || !strings.Contains(told.String(), "deadline") {
		t.Errorf("%+v, %s", s, told.String())
	}
}

// TestHide: texts that a receiver wrote become ones that can be shown.
func TestHide(t *testing.T) {
	p := &Pusher{config: &OTLP{Endpoint: "http://h:1/v1/metrics?", Headers: map[string]string{"a": "Bearer abcdef", "b": "x", "c": ""}}}
	for text, want := range map[string]string{
		"": "no reason was given", "Bearer abcdef": "(hidden)", "abcdef!": "(hidden)!", "extra": "extra", "to http://h:1/v1/metrics?: no": "to http://h:1: no", "\xff": "�",
	} {
		if got := p.hide(errors.New(text)); got.Error() != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if p.hide(nil) != nil {
		t.Error("no error became one")
	}
}
