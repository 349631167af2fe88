package wire

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of Limits and of the timeout of a call.
const (
	defaultMaxHead = 64 << 10
	defaultMaxBody = 1 << 20
	defaultTimeout = 10 * time.Second
)

// Target is where calls go.
type Target struct {
	Addr  string      // host:port to connect to
	Host  string      // Host header of the calls; names the server in TLS unless the config does, and Addr does without it
	TLS   *tls.Config // nil for plain HTTP
	Proxy *Proxy      // nil to connect directly
}

// Proxy is an HTTP proxy that opens a tunnel to the target by CONNECT, for TLS and for plain HTTP.
type Proxy struct {
	Addr string // host:port
	Auth string // value of the field Proxy-Authorization, "" for none; it appears in no Detail
}

// Limits bound what a target can make this side hold or wait for. Zero values are replaced by the defaults.
type Limits struct {
	MaxHead     int           // bytes of all heads of an answer; 64 KiB
	MaxBody     int           // bytes of a body after removing the transfer coding; 1 MiB
	DialTimeout time.Duration // for name, connection, tunnel and handshake together; the timeout of the call
	MaxDials    int           // connections that are being opened at once; 8, and more the longer a dial takes. Further calls wait for a place, or for a connection that becomes idle
	MaxIdle     time.Duration // a connection idle for longer is not used again; 20 s, less where sockets cannot be looked at
}

func (l Limits) orDefaults() Limits {
	if l.MaxHead <= 0 {
		l.MaxHead = defaultMaxHead
	}
	if l.MaxBody <= 0 {
		l.MaxBody = defaultMaxBody
	}
	if l.MaxIdle <= 0 {
		l.MaxIdle = defaultMaxIdle
	}
	return l
}

// Pool holds the connections to one target. Its methods are safe for concurrent use.
//
// A Pool has no bound on connections of its own: there are never more than calls were in flight at once.
type Pool struct {
	target Target
	tls    *tls.Config // target.TLS with a server name, nil for plain
	limits Limits
	dialer net.Dialer
	slow   bool // use package net only, as where there is no raw access; for tests

	stray atomic.Int64
	short atomic.Int64

	mu      sync.Mutex
	idle    []*conn            // oldest first
	open    map[*conn]struct{} // idle ones, and those that serve a call or are being secured
	opened  int
	dials   int           // connections that are being opened
	fastest time.Duration // dial so far
	wait    []*waiter     // calls that need one, the longest waiting first
	closed  bool
	flight  context.Context // of the calls in flight; ended and replaced by Abort
	abort   context.CancelFunc
}

// NewPool returns a Pool for target. It opens nothing yet.
func NewPool(target Target, limits Limits) *Pool {
	p := &Pool{
		target: target,
		limits: limits.orDefaults(),
		dialer: net.Dialer{KeepAlive: -1},
		open:   make(map[*conn]struct{}),
	}
	if target.TLS != nil {
		p.tls = target.TLS.Clone()
		if p.tls.ServerName == "" {
			p.tls.ServerName = hostname(target)
		}
	}
	p.flight, p.abort = context.WithCancel(context.Background())
	return p
}

// hostname is the name that the certificate must be for.
func hostname(t Target) string {
	for _, addr := range []string{t.Host, t.Addr} {
		if host, _, err := net.SplitHostPort(addr); err == nil {
			return host
		}
		if addr != "" {
			return strings.Trim(addr, "[]")
		}
	}
	return ""
}

// Do sends req, a whole HTTP/1.1 request, and reads the answer into a, whose former content is lost. What happened is in
// a: a call without an answer has a Failure.
//
// timeout runs from the first byte written over the whole answer (10 s if not positive); the dial has Limits.DialTimeout
// of its own. sending may be nil; otherwise it is called at most once, with the instant Sent, on this goroutine just before the first
// byte is written, and must not call the Pool.
//
// req is written at most once, and on one connection only.
func (p *Pool) Do(req []byte, timeout time.Duration, a *Answer, sending func(time.Time)) {
	a.Release()
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	c, flight := p.take()
	// A few stale connections in a row mean that the rest is stale too: later calls and age clear them away.
	for tries := 0; ; tries++ {
		if c == nil {
			if c = p.acquire(flight, timeout, a); c == nil {
				return
			}
		}
		if c.exchange(req, timeout, a, sending) {
			return
		}
		p.drop(c)
		if c = nil; tries < 3 {
			c, _ = p.take()
		}
		if flight.Err() != nil {
			if c != nil {
				p.drop(c)
			}
			a.fail(Timeout, Aborted)
			return
		}
	}
}

// take returns the connection that became idle last, or nil, and the context of the calls now in flight.
func (p *Pool) take() (*conn, context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle) - 1
	if n < 0 {
		return nil, p.flight
	}
	c := p.idle[n]
	p.idle[n] = nil
	p.idle = p.idle[:n]
	c.idle = false
	return c, p.flight
}

// put makes c idle, and closes the connection that is idle for longest if that is too long.
func (p *Pool) put(c *conn) {
	var old *conn
	p.mu.Lock()
	if p.closed || c.aborted {
		old = c
	} else if w := p.nextWaiter(); w != nil {
		w.got <- c
	} else {
		if len(p.idle) > 0 && c.since.Sub(p.idle[0].since) > p.limits.MaxIdle {
			old = p.idle[0]
			n := copy(p.idle, p.idle[1:])
			p.idle[n] = c
		} else {
			p.idle = append(p.idle, c)
		}
		c.idle = true
	}
	if old != nil {
		delete(p.open, old)
	}
	p.mu.Unlock()
	if old != nil {
		old.close(true)
	}
}

// add registers a new connection, so that Abort reaches it. It returns false if flight was aborted meanwhile.
func (p *Pool) add(c *conn, flight context.Context) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flight != flight {
		return false
	}
	p.open[c] = struct{}{}
	p.opened++
	return true
}

// drop closes a connection that is not to be used again.
func (p *Pool) drop(c *conn) {
	p.mu.Lock()
	delete(p.open, c)
	p.mu.Unlock()
	c.close(false)
}

// Stats returns how many connections were opened so far and how many of them are idle now.
func (p *Pool) Stats() (opened, idle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened, len(p.idle)
}

// Stray returns how many idle connections were given up because bytes had come that nobody asked for.
func (p *Pool) Stray() int64 { return p.stray.Load() }

// Short returns how many connections could not be opened because this machine had no file, no port or no memory left for one.
func (p *Pool) Short() int64 { return p.short.Load() }

// Abort makes all calls in flight end at once: those without a complete answer fail with Timeout and Detail Aborted. Idle
// connections stay, and calls that begin later are not concerned.
func (p *Pool) Abort() {
	var busy []*conn
	p.mu.Lock()
	p.abort()
	p.flight, p.abort = context.WithCancel(context.Background())
	for c := range p.open {
		if !c.idle {
			c.aborted = true
			busy = append(busy, c)
		}
	}
	p.mu.Unlock()
	for _, c := range busy {
		c.tcp.Close() // wakes its call, which drops it
	}
}

// Close closes the idle connections, and those in use when their calls end. A later call is still served, on a
// connection of its own.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.closed = true
	for _, c := range idle {
		delete(p.open, c)
	}
	p.mu.Unlock()
	for _, c := range idle {
		c.close(true)
	}
}

// wasAborted says whether Abort closed c.
func (p *Pool) wasAborted(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.aborted
}
