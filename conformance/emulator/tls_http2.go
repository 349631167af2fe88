package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/valyala/fasthttp"
)

// overH2 answers HTTP/2 with net/http's server: each stream becomes a call on a connection of its own that is never written.
// What the wire does to an answer (see tamper) is said in bytes of HTTP/1.1; here it ends the stream with a reset.
type overH2 struct {
	web   *http.Server
	conns chan net.Conn // whose handshake is done
	stop  chan struct{} // closed when no more come
	once  sync.Once
	addr  net.Addr
}

func newOverH2(s *Server) *overH2 {
	h := &overH2{conns: make(chan net.Conn), stop: make(chan struct{})}
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	h.web = &http.Server{Protocols: protocols, IdleTimeout: s.idle, MaxHeaderBytes: maxHead, ErrorLog: log.New(io.Discard, "", 0),
		ConnContext: owner, Handler: http.HandlerFunc(s.handleH2)}
	return h
}

// Accept, Close and Addr make it the listener of its own server.
func (h *overH2) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.stop:
		return nil, net.ErrClosed
	}
}

// Close refuses further connections.
func (h *overH2) Close() error {
	h.once.Do(func() { close(h.stop) })
	return nil
}

// Addr is the address below.
func (h *overH2) Addr() net.Addr { return h.addr }

// begin starts the server for connections of a listener. The returned end finishes the calls it has accepted and waits for it.
func (h *overH2) begin(at net.Addr) (end func(context.Context) error) {
	h.addr = at
	ended := make(chan error, 1)
	go func() { ended <- h.web.Serve(h) }()
	return func(ctx context.Context) error {
		err := h.web.Shutdown(ctx)
		if err != nil {
			_ = h.web.Close()
		}
		_ = h.Close()
		if end := <-ended; !errors.Is(end, http.ErrServerClosed) && !errors.Is(end, net.ErrClosed) {
			err = errors.Join(err, end)
		}
		return err
	}
}

// take hands on a connection on which HTTP/2 was agreed, and returns when that is over.
func (h *overH2) take(c net.Conn) error {
	n, ok := c.(*negotiated)
	if !ok {
		return errors.New("emulator: HTTP/2 on a connection without TLS")
	}
	n.conn.server.registry.hand(n.conn)
	select {
	case h.conns <- n.own.Conn:
		<-n.below.gone
	case <-h.stop:
	}
	return nil
}

// noticed is a TCP connection that says when it is closed, and whose it is.
type noticed struct {
	net.Conn
	owner *conn
	once  sync.Once
	gone  chan struct{}
}

// Close closes the connection.
func (n *noticed) Close() error {
	n.once.Do(func() { close(n.gone) })
	return n.Conn.Close()
}

// negotiated is a conn whose protocol the HTTP server asks for.
type negotiated struct {
	*conn
	own   *secureConn
	below *noticed
}

// Handshake makes it, once.
func (n *negotiated) Handshake() error { return n.own.Handshake() }

// ConnectionState says what was agreed on.
func (n *negotiated) ConnectionState() tls.ConnectionState { return n.own.ConnectionState() }

// ownerKey is where a stream's context has the *conn that it came on.
type ownerKey struct{}

// owner puts the conn into the context of its streams.
func owner(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(*tls.Conn); ok {
		if n, ok := t.NetConn().(*noticed); ok {
			return context.WithValue(ctx, ownerKey{}, n.owner)
		}
	}
	return ctx
}

// ours returns the connection of a call if it is one of the emulator's.
func ours(ctx *fasthttp.RequestCtx) *conn {
	switch c := ctx.Conn().(type) {
	case *conn:
		return c
	case *negotiated:
		return c.conn
	}
	return nil
}

// handleH2 answers one stream.
func (s *Server) handleH2(w http.ResponseWriter, r *http.Request) {
	stream := &conn{server: s, wake: make(chan struct{}, 1), read: instant()}
	if from, ok := r.Context().Value(ownerKey{}).(*conn); ok {
		stream.limits = from.limits
	}
	var ctx fasthttp.RequestCtx
	ctx.Init2(stream, silent{}, true)
	if err := copyRequest(&ctx.Request, r); err != nil {
		s.unreadable(&ctx, err)
	} else {
		s.handle(&ctx)
	}
	now := instant()
	if stream.spoilt() {
		s.settle(stream, now, false)
		panic(http.ErrAbortHandler) // net/http's way to reset a stream
	}
	if s.skew != 0 {
		w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))
	}
	s.settle(stream, now, copyAnswer(w, &ctx.Response) == nil)
}

// spoilt reports whether the answer was not to leave as it is.
func (c *conn) spoilt() bool { return len(c.owed) > 0 && c.owed[0].fate != nil }

// settle records the answers of a stream.
func (s *Server) settle(stream *conn, now int64, ok bool) {
	for _, o := range stream.owed {
		s.truth.written(o, now, ok)
	}
	stream.owed = nil
}

// copyRequest turns a request of net/http into one of the other server.
func copyRequest(to *fasthttp.Request, r *http.Request) error {
	to.Header.SetMethod(r.Method)
	to.SetRequestURI(r.RequestURI)
	for name, values := range r.Header {
		for _, v := range values {
			to.Header.Add(name, v)
		}
	}
	to.Header.SetHost(r.Host)
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return fmt.Errorf("emulator: read a body: %w", err)
	}
	if len(body) > maxBody {
		return fasthttp.ErrBodyTooLarge
	}
	to.SetBody(body)
	return nil
}

// copyAnswer writes an answer to a stream, without what is about connections of HTTP/1.1.
func copyAnswer(w http.ResponseWriter, a *fasthttp.Response) error {
	for name, value := range a.Header.All() {
		switch strings.ToLower(string(name)) {
		case "connection", "keep-alive", "transfer-encoding", "content-length", "date":
		default:
			w.Header()[string(name)] = append(w.Header()[string(name)], string(value))
		}
	}
	w.WriteHeader(a.StatusCode())
	return a.BodyWriteTo(w)
}
