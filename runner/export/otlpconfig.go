package export

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// OTLP says where metrics are pushed to and how.
type OTLP struct {
	Endpoint string // URL; over HTTP with the path
	GRPC     bool   // OTLP over gRPC, else protobuf over HTTP
	Gzip     bool
	Headers  map[string]string // may hold secrets: never shown
	Timeout  time.Duration     // of one push
	Every    time.Duration     // from push to push
	TLS      *tls.Config       // nil for the system's roots
	Service  string            // service.name
	Resource [][2]string       // further attributes, in the order given
}

// Defaults of the OpenTelemetry specification.
const (
	defaultService = "axbench"
	defaultTimeout = 10 * time.Second
	defaultEvery   = time.Minute
	metricsPath    = "/v1/metrics"
	mostWait       = 24 * time.Hour
)

// Variables of the OpenTelemetry specification. Those of exporterEnv have a twin for metrics alone, which wins.
const (
	exporterEnv = "OTEL_EXPORTER_OTLP_"
	metricsEnv  = "OTEL_EXPORTER_OTLP_METRICS_"
	intervalEnv = "OTEL_METRIC_EXPORT_INTERVAL"
)

// settings reads variables and keeps the first error.
type settings struct {
	env      func(string) string
	readFile func(string) ([]byte, error)
	err      error
}

// ReadOTLP returns what the variables of the OpenTelemetry specification ask for, or nil when they ask for no push of metrics: no
// endpoint is set, OTEL_SDK_DISABLED is true, or OTEL_METRICS_EXPORTER names others. env is as os.Getenv, readFile as os.ReadFile
// for certificates and keys. A value that cannot be used is an error that names the variable, and never repeats a header.
func ReadOTLP(env func(string) string, readFile func(string) ([]byte, error)) (*OTLP, error) {
	s := &settings{env: env, readFile: readFile}
	variable, endpoint := s.exporter("ENDPOINT")
	if endpoint == "" || strings.EqualFold(s.get("OTEL_SDK_DISABLED"), "true") || !s.wanted() {
		return nil, nil
	}
	o := &OTLP{Service: s.get("OTEL_SERVICE_NAME"), Timeout: s.duration("TIMEOUT", defaultTimeout), Every: defaultEvery}
	switch name, protocol := s.exporter("PROTOCOL"); protocol {
	case "", "http/protobuf":
	case "grpc":
		o.GRPC = true
	default:
		s.fail(name, fmt.Errorf("%q is not spoken here, accepted: http/protobuf, grpc", protocol))
	}
	switch name, compression := s.exporter("COMPRESSION"); compression {
	case "", "none":
	case "gzip":
		o.Gzip = true
	default:
		s.fail(name, fmt.Errorf("%q is not known, accepted: gzip, none", compression))
	}
	if text := s.get(intervalEnv); text != "" {
		o.Every = s.milliseconds(intervalEnv, text)
	}
	o.Endpoint = s.endpoint(variable, endpoint, o.GRPC)
	o.Headers = s.headers()
	o.TLS = s.tls()
	o.resource(s)
	if s.err != nil {
		return nil, s.err
	}
	return o, nil
}

func (s *settings) get(name string) string { return strings.TrimSpace(s.env(name)) }

// exporter reads a variable that has a twin for metrics.
func (s *settings) exporter(name string) (variable, value string) {
	if value = s.get(metricsEnv + name); value != "" {
		return metricsEnv + name, value
	}
	return exporterEnv + name, s.get(exporterEnv + name)
}

func (s *settings) fail(variable string, err error) {
	if s.err == nil {
		s.err = fmt.Errorf("%s: %w", variable, err)
	}
}

// wanted tells whether OTLP is among the exporters of metrics: it is the default.
func (s *settings) wanted() bool {
	list := s.get("OTEL_METRICS_EXPORTER")
	if list == "" {
		return true
	}
	for name := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(name) == "otlp" {
			return true
		}
	}
	return false
}

func (s *settings) duration(name string, otherwise time.Duration) time.Duration {
	variable, text := s.exporter(name)
	if text == "" {
		return otherwise
	}
	return s.milliseconds(variable, text)
}

func (s *settings) milliseconds(variable, text string) time.Duration {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > mostWait.Milliseconds() {
		s.fail(variable, fmt.Errorf("%q is no time, accepted: 1 to %d milliseconds", text, mostWait.Milliseconds()))
		return mostWait
	}
	return time.Duration(n) * time.Millisecond
}

// endpoint checks the URL. One for all signals gets the path of metrics; one over gRPC may have no scheme.
func (s *settings) endpoint(variable, text string, grpc bool) string {
	const accepted = "accepted: http://HOST:PORT or https://HOST:PORT"
	if grpc && !strings.Contains(text, "://") {
		scheme := "https://"
		if _, insecure := s.exporter("INSECURE"); strings.EqualFold(insecure, "true") {
			scheme = "http://"
		}
		text = scheme + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil: // its text would repeat the URL, which may hold a password
		s.fail(variable, errors.New("is no URL, "+accepted))
		return ""
	case u.User != nil:
		s.fail(variable, fmt.Errorf("a URL with a user is not used: keys go into %sHEADERS", exporterEnv))
		return ""
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "":
		s.fail(variable, errors.New("is no URL of a receiver, "+accepted))
		return ""
	case u.RawQuery != "" || u.Fragment != "":
		s.fail(variable, errors.New("has a query or a fragment, which the exporter would leave out"))
		return ""
	}
	if grpc {
		u.Path = ""
	} else if variable == exporterEnv+"ENDPOINT" {
		u.Path = strings.TrimRight(u.Path, "/") + metricsPath
	}
	return u.String()
}

// headers reads "name=value,name=value", where values are percent-encoded.
func (s *settings) headers() map[string]string {
	headers := map[string]string{}
	variable, list := s.exporter("HEADERS")
	for i, pair := range strings.Split(list, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		switch {
		case !found || !isToken(name):
			s.fail(variable, fmt.Errorf("entry %d is no header, accepted: name=value", i+1))
		case err != nil || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
			s.fail(variable, fmt.Errorf("entry %d has no value that a header can have: printable ASCII, others as %%XX are not sent", i+1))
		}
		headers[name] = value
	}
	return headers
}

// isToken tells whether a text is the name of a header (RFC 9110, 5.6.2).
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
	})
}

// tls reads the certificates, nil without any.
func (s *settings) tls() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if variable, file := s.exporter("CERTIFICATE"); file != "" {
		pem, err := s.readFile(file)
		config.RootCAs = x509.NewCertPool()
		if err == nil && !config.RootCAs.AppendCertsFromPEM(pem) {
			err = errors.New("the file holds no certificate")
		}
		if err != nil {
			s.fail(variable, err)
		}
	}
	_, certificate := s.exporter("CLIENT_CERTIFICATE")
	if variable, key := s.exporter("CLIENT_KEY"); certificate != "" && key != "" {
		pair, err := s.keyPair(certificate, key)
		if err != nil {
			s.fail(variable, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if config.RootCAs == nil && config.Certificates == nil {
		return nil
	}
	return config
}

func (s *settings) keyPair(certificate, key string) (tls.Certificate, error) {
	certificatePEM, err := s.readFile(certificate)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyPEM, err := s.readFile(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certificatePEM, keyPEM)
}

// resource reads "name=value,name=value", where values are percent-encoded. A service.name there gives way to OTEL_SERVICE_NAME.
func (o *OTLP) resource(s *settings) {
	const variable = "OTEL_RESOURCE_ATTRIBUTES"
	service := ""
	for i, pair := range strings.Split(s.get(variable), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !found || name == "" || err != nil {
			s.fail(variable, fmt.Errorf("entry %d is no attribute, accepted: name=value, the value percent-encoded", i+1))
			continue
		}
		if name == "service.name" {
			service = value
			continue
		}
		o.Resource = append(o.Resource, [2]string{clean(name), clean(value)})
	}
	for _, name := range []string{service, defaultService} {
		if o.Service == "" {
			o.Service = name
		}
	}
	o.Service = clean(o.Service)
}
