package export

import (
	"errors"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"encoding/pem"
)

const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"

// TestReadOTLP: what the variables of the specification ask for.
func TestReadOTLP(t *testing.T) {
	plain := func(edit func(*OTLP)) *OTLP {
		o := &OTLP{Endpoint: "http://127.0.0.1:4318/v1/metrics", Headers: map[string]string{}, Timeout: 10 * time.Second, Every: time.Minute, Service: "axbench"}
		if edit != nil {
			edit(o)
		}
		return o
	}
	for _, tt := range []struct {
		name string
		env  []string
		want *OTLP
	}{
		{"nothing", nil, nil},
		{"no endpoint", []string{"OTEL_EXPORTER_OTLP_HEADERS=a=b", "OTEL_SERVICE_NAME=x"}, nil},
		{"switched off", []string{endpoint, "OTEL_SDK_DISABLED=TRUE"}, nil},
		{"no metrics", []string{endpoint, "OTEL_METRICS_EXPORTER=none"}, nil},
		{"other exporters", []string{endpoint, "OTEL_METRICS_EXPORTER=prometheus,console"}, nil},
		{"among others", []string{endpoint, "OTEL_METRICS_EXPORTER=prometheus, otlp"}, plain(nil)},
		{"endpoint", []string{endpoint}, plain(nil)},
		{"endpoint with a path", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=https://h/otlp/"}, plain(func(o *OTLP) { o.Endpoint = "https://h/otlp/v1/metrics" })},
		{"endpoint of metrics", []string{endpoint, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=https://h:1/take"}, plain(func(o *OTLP) { o.Endpoint = "https://h:1/take" })},
		{"grpc", []string{endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}, plain(func(o *OTLP) { o.Endpoint, o.GRPC = "http://127.0.0.1:4318", true })},
		{"grpc without scheme", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=h:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}, plain(func(o *OTLP) { o.Endpoint, o.GRPC = "https://h:4317", true })},
		{"grpc in the clear", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=h:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_INSECURE=true"},
			plain(func(o *OTLP) { o.Endpoint, o.GRPC = "http://h:4317", true })},
		{"protocol of metrics wins", []string{endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf"}, plain(nil)},
		{"times", []string{endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT=1500", "OTEL_METRIC_EXPORT_INTERVAL=5000"}, plain(func(o *OTLP) { o.Timeout, o.Every = 1500*time.Millisecond, 5*time.Second })},
		{"headers", []string{endpoint, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Basic%20eA==, x-y = z ,"},
			plain(func(o *OTLP) { o.Headers = map[string]string{"authorization": "Basic eA==", "x-y": "z"} })},
		{"headers of metrics", []string{endpoint, "OTEL_EXPORTER_OTLP_HEADERS=a=b", "OTEL_EXPORTER_OTLP_METRICS_HEADERS=c=d"}, plain(func(o *OTLP) { o.Headers = map[string]string{"c": "d"} })},
		{"compressed", []string{endpoint, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip"}, plain(func(o *OTLP) { o.Gzip = true })},
		{"service", []string{endpoint, "OTEL_SERVICE_NAME=mine", "OTEL_RESOURCE_ATTRIBUTES=service.name=other,a=b%2Cc,d="},
			plain(func(o *OTLP) { o.Service, o.Resource = "mine", [][2]string{{"a", "b,c"}, {"d", ""}} })},
		{"service as an attribute", []string{endpoint, "OTEL_RESOURCE_ATTRIBUTES=service.name=other"}, plain(func(o *OTLP) { o.Service = "other" })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadOTLP(environment(tt.env), nil)
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

// TestReadOTLPWrong: what cannot be used is refused by the name of its variable, and nothing that may be a key is repeated.
func TestReadOTLPWrong(t *testing.T) {
	const key = "sentinelSECRET"
	for _, tt := range []struct{ variable, value, want string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:4318", "accepted: http://HOST:PORT"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "accepted: http://HOST:PORT"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://", "accepted: http://HOST:PORT"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:" + key, "is no URL"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:" + key + "@h/", "a URL with a user"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "unix:///run/x", "is no URL of a receiver"},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://h/?token=" + key, "has a query"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "accepted: http/protobuf, grpc"},
		{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "thrift", "accepted: http/protobuf, grpc"},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "accepted: gzip, none"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "accepted: 1 to "},
		{"OTEL_METRIC_EXPORT_INTERVAL", "0", "accepted: 1 to "},
		{"OTEL_METRIC_EXPORT_INTERVAL", "99999999999999999999", "accepted: 1 to "},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a=b," + key, "entry 2 is no header"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a b=" + key, "entry 1 is no header"},
		{"OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a=%zz" + key, "entry 1 has no value"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a=" + key + "%0d%0aX: y", "entry 1 has no value"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "a=" + key + "é", "entry 1 has no value"},
		{"OTEL_RESOURCE_ATTRIBUTES", "a=b,c", "entry 2 is no attribute"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", "missing", "no such file"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", "empty", "holds no certificate"},
		{"OTEL_EXPORTER_OTLP_CLIENT_KEY", "missing", "no such file"},
	} {
		env := []string{tt.variable + "=" + tt.value, endpoint, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=empty"}
		o, err := ReadOTLP(environment(env), func(name string) ([]byte, error) {
			if name == "empty" {
				return nil, nil
			}
			return nil, errors.New("no such file")
		})
		if err == nil || o != nil || !strings.HasPrefix(err.Error(), tt.variable+": ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), key) {
			t.Errorf("%s=%s: %v, %v; want %q", tt.variable, tt.value, o, err, tt.want)
		}
	}
}

// TestCertificate: a receiver whose certificate comes from an own root is trusted by that root.
func TestCertificate(t *testing.T) {
	r := newReceiver()
	s := httptest.NewTLSServer(r)
	defer s.Close()
	o, err := ReadOTLP(environment([]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.URL, "OTEL_EXPORTER_OTLP_CERTIFICATE=root"}), func(string) ([]byte, error) {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPusher(o, filled(t, 1), noWarning(t))
	if err != nil {
		t.Fatal(err)
	}
	p.last = time.Minute
	if s := p.Close(); s.Failed > 0 || len(r.pushes) != 1 {
		t.Errorf("%+v, %d pushes", s, len(r.pushes))
	}
}

// FuzzReadOTLP: no value of a variable stops the program, and what is accepted can be used.
func FuzzReadOTLP(f *testing.F) {
	f.Add("http://h:1/", "a=b,c=%20d", "service.name=x,y=z")
	f.Add("h:4317", "=", "a")
	f.Add("http://[::1]:4318", "a=b=c", "=,")
	f.Fuzz(func(t *testing.T, endpoint, headers, attributes string) {
		for _, protocol := range []string{"grpc", "http/protobuf"} {
			o, err := ReadOTLP(func(name string) string {
				return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_HEADERS": headers,
					"OTEL_RESOURCE_ATTRIBUTES": attributes, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol}[name]
			}, nil)
			if err != nil || o == nil {
				continue
			}
			if o.Receiver() == "" || o.Service == "" {
				t.Errorf("%+v", o)
			}
			for name, value := range o.Headers {
				if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
					t.Errorf("header %q: %q", name, value)
				}
			}
		}
	})
}
