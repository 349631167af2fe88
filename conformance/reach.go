package conformance

import (
	"bytes"
	"context"
	"net"
	"strings"
	"time"

	"axbench/runner/wire"
)

// alive notices a target that does not answer, or no longer, so that a dead one costs a few deadlines and not one for each call. It is false
// when what answered is not the endpoint, so that the answer shows nothing of it.
func (s *suite) alive(x *exchange) bool {
	if s.calls == 1 && s.cfg.Target.TLS == nil && wantsTLS(x) {
		s.dead = "the target cannot be reached: it speaks TLS, and was called without"
		return false
	}
	if x.answered() || x.failure == wire.Framing {
		s.silent = 0
		return true
	}
	s.silent++
	if x.failure == wire.Timeout && x.started {
		s.lost += s.deadline()
	}
	never := s.calls == int64(s.silent)
	switch {
	case never && (x.failure == wire.Refused || x.failure == wire.TLS) && s.silent >= 2:
		s.dead = "the target cannot be reached: " + string(x.failure) + " (" + x.detail + ")"
	case s.silent >= 12 && !never && x.failure == wire.Refused && s.comesBack():
		s.silent = 0
	case s.silent >= 12, never && s.silent >= 3, s.lost > max(3*s.deadline(), time.Minute):
		s.dead = "the target does not answer: " + string(x.failure) + " (" + x.detail + ")"
	}
	return true
}

// wantsTLS reports whether an answer is what a server says that waits for a TLS handshake and is spoken to in plain HTTP: an alert, or a
// page of the server before the service. Nothing of the endpoint has been seen then.
func wantsTLS(x *exchange) bool {
	if x.failure == wire.Framing {
		return strings.Contains(x.detail, wire.TLSRecord)
	}
	if !x.answered() || x.status != 400 {
		return false
	}
	for _, words := range []string{"HTTP request to an HTTPS server", "sent to HTTPS port", "plain HTTP to an SSL-enabled", "to a TLS server"} {
		if bytes.Contains(x.body, []byte(words)) {
			return true
		}
	}
	return false
}

// Bounds of waiting for a target that refuses connections after it has answered.
const (
	backWithin = 5 * time.Second
	backProbe  = 200 * time.Millisecond
)

// comesBack waits for a target that refuses connections and has answered before: it may be started again.
func (s *suite) comesBack() bool {
	for until := time.Now().Add(backWithin); time.Now().Before(until) && s.ctx.Err() == nil; sleep(s.ctx, backProbe) {
		if s.reachable() {
			return true
		}
	}
	return false
}

// reachable reports whether the target, or the proxy before it, takes a connection.
func (s *suite) reachable() bool {
	addr := s.cfg.Target.Addr
	if p := s.cfg.Target.Proxy; p != nil {
		addr = p.Addr
	}
	var d net.Dialer
	ctx, stop := context.WithTimeout(s.ctx, s.deadline())
	defer stop()
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
