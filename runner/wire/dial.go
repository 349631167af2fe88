package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

const maxProxyHead = 8 << 10

// dial opens a connection for a call, whose Times.DialStart is set: name, TCP, tunnel and handshake. It returns nil if a
// has the failure.
func (p *Pool) dial(flight context.Context, timeout time.Duration, a *Answer) *conn {
	deadline := time.Now().Add(timeout)
	ctx, cancel := context.WithDeadline(flight, deadline)
	defer cancel()
	addr := p.target.Addr
	if p.target.Proxy != nil {
		addr = p.target.Proxy.Addr
	}
	nc, err := p.dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		p.dialFailed(flight, a, Refused, err)
		return nil
	}
	c := newConn(p, nc.(*net.TCPConn))
	if !p.add(c, flight) {
		c.close(false)
		a.fail(Timeout, Aborted)
		return nil
	}
	c.tcp.SetDeadline(deadline)
	if failure, err := p.secure(c, a); err != nil {
		p.drop(c)
		p.dialFailed(flight, a, failure, err)
		return nil
	}
	c.tcp.SetDeadline(time.Time{})
	return c
}

// secure opens the proxy's tunnel and shakes hands, as far as the target asks for it, by the deadline set on c.
func (p *Pool) secure(c *conn, a *Answer) (Failure, error) {
	if p.target.Proxy != nil {
		if err := p.target.Proxy.connect(c.tcp, p.target.Addr); err != nil {
			return Refused, err
		}
	}
	a.Times.Connected = time.Now()
	if p.tls == nil {
		return None, nil
	}
	c.tls = tls.Client(tunnel{c}, p.tls)
	if err := c.tls.Handshake(); err != nil {
		return TLS, err
	}
	a.Times.Secured = time.Now()
	return None, nil
}

// connect asks the proxy behind conn for a tunnel to addr.
func (x *Proxy) connect(conn net.Conn, addr string) error {
	req := "CONNECT " + addr + " HTTP/1.1\r\nHost: " + addr + "\r\n"
	if x.Auth != "" {
		req += "Proxy-Authorization: " + x.Auth + "\r\n"
	}
	if _, err := io.WriteString(conn, req+"\r\n"); err != nil {
		return proxyError{err}
	}
	b := newBlock()
	defer b.free()
	for n := 0; ; {
		if n == len(b.b) {
			if n >= maxProxyHead {
				return problem("proxy: head larger than the limit")
			}
			b.grow(n)
		}
		m, err := conn.Read(b.b[n:])
		n += m
		if head, rest, ok := bytes.Cut(b.b[:n], []byte("\r\n\r\n")); ok {
			return tunnelStands(head, rest)
		}
		if err != nil {
			return proxyError{err}
		}
	}
}

// tunnelStands judges a proxy's answer to CONNECT. The target speaks only when spoken to, so nothing may follow.
func tunnelStands(head, rest []byte) error {
	line, _, _ := bytes.Cut(head, []byte("\r\n"))
	status, _, wrong := parseStatusLine(line)
	switch {
	case wrong != "":
		return problem("proxy: " + wrong)
	case status < 200 || status > 299:
		return problem("proxy: refused the tunnel with status " + string(line[9:12]))
	case len(rest) > 0:
		return problem("proxy: bytes behind its answer")
	}
	return nil
}

// problem is an error with a text of our own.
type problem string

func (p problem) Error() string { return string(p) }

// proxyError is what ended the conversation with a proxy.
type proxyError struct{ error }

func (e proxyError) Unwrap() error { return e.error }

// dialFailed sets the failure of a call that got no connection.
func (p *Pool) dialFailed(flight context.Context, a *Answer, failure Failure, err error) {
	var ne net.Error
	switch {
	case flight.Err() != nil:
		a.fail(Timeout, Aborted)
	case errors.As(err, &ne) && ne.Timeout():
		switch failure {
		case TLS:
			a.fail(Timeout, "handshake not done within the timeout")
		default:
			a.fail(Timeout, "no connection within the timeout")
		}
	default:
		if ownShortage(err) {
			p.short.Add(1)
		}
		a.fail(failure, reason(err))
	}
}

// ownShortage tells whether it was this machine that had nothing left to make a connection of.
func ownShortage(err error) bool {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return false
	}
	switch errno {
	case syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS, syscall.ENOMEM:
		return true
	}
	return false
}

// reason words an error of the network without addresses, which would make each one different.
func reason(err error) string {
	var (
		own   problem
		cert  *tls.CertificateVerificationError
		dns   *net.DNSError
		errno syscall.Errno
		via   proxyError
		text  string
	)
	switch {
	case errors.As(err, &own):
		return string(own)
	case errors.As(err, &cert):
		text = certificate(cert.Err)
	case errors.As(err, &dns) && dns.IsNotFound:
		text = "name not found"
	case errors.As(err, &dns):
		text = "name lookup failed"
	case errors.As(err, &errno):
		text = errno.Error()
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		text = "connection closed"
	case errors.Is(err, net.ErrClosed):
		text = "connection closed by this side"
	case errors.Is(err, os.ErrDeadlineExceeded):
		text = "deadline passed"
	default:
		text = printable(err.Error())
	}
	if errors.As(err, &via) {
		return "proxy: " + text
	}
	return text
}

// certificate words why a certificate was not accepted, without its names and times.
func certificate(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &unknown):
		return "certificate signed by an unknown authority"
	case errors.As(err, &name):
		return "certificate is not for this name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "certificate expired or not yet valid"
	}
	return "certificate not accepted: " + printable(err.Error())
}

// printable keeps the first 160 bytes of s and replaces what is not printable ASCII: certificates name themselves.
func printable(s string) string {
	if len(s) > 160 {
		s = s[:160]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
