// Package admin is the emulator's second listener: what the emulator knows, as JSON and as Prometheus text, and the few things
// that can be done to it from outside. It is meant for loopback. The endpoint itself is package emulator, and how numbers become
// Prometheus text is left to the caller. Serve owns the goroutines of the listener; a handler of New is safe for concurrent use.
//
// No answer holds a key, a signature or a nonce, and no error repeats what was sent. Phone numbers are the emulator's own data
// and stand in bindings and receipts.
package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"axbench/conformance/emulator"
)

// Limits of a request to the listener.
const (
	maxBody     = 64 << 10
	maxHeader   = 16 << 10
	readTime    = 10 * time.Second
	writeTime   = 30 * time.Second
	idleTime    = 60 * time.Second
	stopTime    = 5 * time.Second
	maxNumber   = 40 // bytes of a phone number in a request
	maxPoolKey  = 4096
	maxRefusals = 1_000_000
)

// admin is the handler.
type admin struct {
	server  *emulator.Server
	metrics http.Handler
	hosts   []string
	paths   map[string]map[string]*endpoint // path, then method
}

// problem is an answer that is an error. Neither text may hold anything of the request.
type problem struct {
	status int
	Error  string `json:"error"`
	Hint   string `json:"hint,omitempty"`
}

// New returns the handler of an admin listener. metrics answers /metrics. A request must name a loopback host, the host that the
// emulator listens on or one of hosts, so that no web page can reach the listener by a name of its own; and a POST must not come
// from a page of another origin.
func New(server *emulator.Server, metrics http.Handler, hosts ...string) http.Handler {
	a := &admin{server: server, metrics: metrics, hosts: hosts, paths: map[string]map[string]*endpoint{}}
	for i := range endpoints {
		e := &endpoints[i]
		if a.paths[e.path] == nil {
			a.paths[e.path] = map[string]*endpoint{}
		}
		a.paths[e.path][e.method] = e
	}
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, &problem{http.StatusForbidden, "the request comes from a page of another origin", "curl and other programs send no Origin"})
	}))
	return origins.Handler(a)
}

// Serve answers on l until ctx is done, then finishes what it has begun and returns nil. It closes l.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	web := &http.Server{Handler: h, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ErrorLog: log.New(io.Discard, "", 0)}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("admin: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err := web.Shutdown(last)
	if err != nil { // a scrape that nobody reads must not hold up the end
		_ = web.Close()
	}
	if end := <-ended; !errors.Is(end, http.ErrServerClosed) {
		return fmt.Errorf("admin: %w", end)
	}
	return nil
}

// ServeHTTP finds the endpoint and writes what it says.
func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	e, p := a.find(w, r)
	if p != nil {
		fail(w, p)
		return
	}
	switch e.path {
	case "/metrics":
		a.metrics.ServeHTTP(w, r)
		return
	case "/":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, index())
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	v, p := e.serve(a.server, r)
	if p != nil {
		fail(w, p)
		return
	}
	write(w, http.StatusOK, v)
}

// find returns the endpoint of a request, or why there is none.
func (a *admin) find(w http.ResponseWriter, r *http.Request) (*endpoint, *problem) {
	if !a.server.KnowsHost(r.Host, a.hosts...) {
		return nil, &problem{http.StatusForbidden, "the Host header names none of this listener's hosts", "use 127.0.0.1 or localhost"}
	}
	methods := a.paths[r.URL.Path]
	if methods == nil {
		return nil, &problem{http.StatusNotFound, "there is nothing at this path", "GET / lists what there is"}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	e := methods[method]
	if e == nil {
		var allowed []string
		for _, m := range []string{http.MethodGet, http.MethodPost} {
			if methods[m] != nil {
				allowed = append(allowed, m)
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return nil, &problem{http.StatusMethodNotAllowed, "this path does not take the method", "it takes " + strings.Join(allowed, " and ")}
	}
	for name := range r.URL.Query() {
		if !e.takes(name) {
			return nil, &problem{http.StatusBadRequest, "there is a parameter that this path does not have", e.accepts()}
		}
	}
	return e, nil
}

// write answers with JSON. An error of writing is the client's that went.
func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(v)
}

func fail(w http.ResponseWriter, p *problem) { write(w, p.status, p) }
