package export

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/grpclog"
)

const (
	lastPush       = 5 * time.Second // how long the last push may take, and how long the end may wait for it
	shortestSecret = 4               // bytes of the value of a header, or of a word of it
	mostMessage    = 200             // bytes of an error that a receiver may have written
)

// exporter is what the two exporters of OpenTelemetry have in common.
type exporter interface {
	Export(context.Context, *metricdata.ResourceMetrics) error
	Shutdown(context.Context) error
}

// Pusher pushes what a Run counts, every so often and once at the end. A push that fails is told of and forgotten: the next one
// holds everything.
type Pusher struct {
	config *OTLP
	run    *Run
	about  *resource.Resource
	to     exporter
	web    *http.Transport // nil over gRPC
	warn   func(error)

	last  time.Duration // lastPush but in tests
	stop  context.CancelFunc
	ended chan struct{}
	state PushState
}

// PushState is what came of the pushes.
type PushState struct {
	Pushes, Failed int
	Last           error // of the last push, nil if it arrived
}

// quiet keeps the libraries from writing to the standard error by themselves: what they cannot read of the environment they
// would show there, with the headers that hold keys. Both are theirs to be set once, for the whole process.
var quiet = sync.OnceFunc(func() {
	otel.SetLogger(logr.Discard())
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
})

// NewPusher begins to push. The first push that fails is told to warn, from another goroutine, with a text that holds no header;
// warn may be called until Close returns. It makes no connection by itself.
//
// The exporters look into the environment of the process when they are made. Everything that they would find there is given to
// them here, from o, and stands above it.
func NewPusher(o *OTLP, run *Run, warn func(error)) (*Pusher, error) {
	quiet()
	p := &Pusher{config: o, run: run, about: o.about(run), warn: warn, last: lastPush, ended: make(chan struct{})}
	var err error
	if o.GRPC {
		p.to, err = newGRPC(o)
	} else {
		p.to, err = p.newHTTP()
	}
	if err != nil {
		return nil, p.hide(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go p.push(ctx)
	return p, nil
}

// newHTTP makes an exporter with connections of its own, which Close can end. It follows no redirect: a header with a key is for
// the receiver that was named.
func (p *Pusher) newHTTP() (exporter, error) {
	o := p.config
	p.web = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSClientConfig: o.TLS, TLSHandshakeTimeout: o.Timeout}
	options := []otlpmetrichttp.Option{
		otlpmetrichttp.WithEndpointURL(o.Endpoint), otlpmetrichttp.WithHeaders(o.Headers), otlpmetrichttp.WithTimeout(o.Timeout),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig(patience)), otlpmetrichttp.WithCompression(otlpmetrichttp.NoCompression),
		otlpmetrichttp.WithHTTPClient(&http.Client{Transport: p.web, Timeout: o.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}),
	}
	if o.Gzip {
		options = append(options, otlpmetrichttp.WithCompression(otlpmetrichttp.GzipCompression))
	}
	return otlpmetrichttp.New(context.Background(), options...)
}

func newGRPC(o *OTLP) (exporter, error) {
	options := []otlpmetricgrpc.Option{
		otlpmetricgrpc.WithEndpointURL(o.Endpoint), otlpmetricgrpc.WithHeaders(o.Headers), otlpmetricgrpc.WithTimeout(o.Timeout),
		otlpmetricgrpc.WithRetry(otlpmetricgrpc.RetryConfig(patience)),
	}
	if o.Gzip {
		options = append(options, otlpmetricgrpc.WithCompressor("gzip"))
	}
	if o.TLS != nil && strings.HasPrefix(o.Endpoint, "https:") {
		options = append(options, otlpmetricgrpc.WithTLSCredentials(credentials.NewTLS(o.TLS)))
	}
	return otlpmetricgrpc.New(context.Background(), options...)
}

// patience is for a receiver that says that it is busy. It is short: the end of a run waits for it.
var patience = otlpmetrichttp.RetryConfig{Enabled: true, InitialInterval: 300 * time.Millisecond, MaxInterval: time.Second, MaxElapsedTime: 3 * time.Second}

// push is the goroutine of a Pusher.
func (p *Pusher) push(ctx context.Context) {
	defer close(p.ended)
	tick := time.NewTicker(p.config.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.once(ctx)
		}
	}
}

// once makes one push. One that was given up because the last one is to follow is none.
func (p *Pusher) once(ctx context.Context) {
	err := p.send(ctx)
	if ctx.Err() == context.Canceled {
		return
	}
	p.state.Pushes++
	p.state.Last = p.hide(err)
	if err == nil {
		return
	}
	p.state.Failed++
	if p.state.Failed == 1 {
		p.warn(p.state.Last)
	}
}

func (p *Pusher) send(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.config.Timeout)
	defer cancel()
	data, err := p.run.resourceMetrics(p.about, time.Now())
	if err != nil {
		return err
	}
	return p.to.Export(ctx, data)
}

// Close makes the last push, which takes at most 5 seconds, and ends the goroutine and the connections.
func (p *Pusher) Close() PushState {
	p.stop()
	<-p.ended
	ctx, cancel := context.WithTimeout(context.Background(), p.last)
	defer cancel()
	p.once(ctx)
	_ = p.to.Shutdown(ctx) // nothing is kept back that could get lost
	if p.web != nil {
		p.web.CloseIdleConnections()
	}
	return p.state
}

// Receiver is where the metrics go, without path: the way to show it.
func (o *OTLP) Receiver() string {
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// hide makes the text of an error one that can be shown: a receiver may have written it, and may have put into it what it was
// sent.
func (p *Pusher) hide(err error) error {
	if err == nil {
		return nil
	}
	var failed *url.Error // names the whole URL
	if errors.As(err, &failed) {
		err = failed.Err
	}
	text := strings.ReplaceAll(clean(err.Error()), p.config.Endpoint, p.config.Receiver())
	for _, value := range p.config.Headers {
		for _, secret := range append([]string{value}, strings.Fields(value)...) { // "Bearer KEY" has parts
			if len(secret) >= shortestSecret {
				text = strings.ReplaceAll(text, secret, "(hidden)")
			}
		}
	}
	if len(text) > mostMessage {
		text = clean(text[:mostMessage]) + " …"
	}
	return errors.New(cmp.Or(text, "no reason was given"))
}
