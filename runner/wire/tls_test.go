package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// authority makes certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a := &authority{key: newKey(t), pool: x509.NewCertPool()}
	a.cert = a.sign(t, template, template, a.key)
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) sign(t *testing.T, template, parent *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// server returns the config of a server with a certificate for name that is valid until the given time.
func (a *authority) server(t *testing.T, name string, until time.Time) *tls.Config {
	t.Helper()
	key := newKey(t)
	cert := a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
	}, a.cert, key)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}}
}

// serveTLS is serve behind a handshake. A script whose handshake failed does not run.
func serveTLS(t *testing.T, config *tls.Config, script func(i int, p peer, conn *tls.Conn)) *server {
	t.Helper()
	return serve(t, func(i int, p peer) {
		conn := tls.Server(p.Conn, config)
		if conn.Handshake() == nil {
			script(i, peer{conn, p.s}, conn)
		}
	})
}

const testName = "dyplsapi.test"

var tomorrow = time.Now().Add(24 * time.Hour)

func TestTLS(t *testing.T) {
	ca := newAuthority(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
				config := ca.server(t, testName, tomorrow)
				config.MaxVersion = version
				s := serveTLS(t, config, func(_ int, p peer, _ *tls.Conn) {
					for p.request() {
						p.send(okAnswer)
					}
				})
				p := pool(Target{Addr: s.addr, Host: testName + ":443", TLS: &tls.Config{RootCAs: ca.pool}}, Limits{})
				var a Answer
				for i := range 5 {
					do(t, p, &a, long)
					want(t, &a, None, true)
					if string(a.Body) != okBody || string(a.ContentType) != "application/json;charset=utf-8" || !a.KeepAlive {
						t.Errorf("answer %+v", a)
					}
					if fresh := i == 0; a.Times.Secured.IsZero() == fresh || a.Times.Connected.IsZero() == fresh {
						t.Errorf("call %d: times %+v", i, a.Times)
					}
				}
				wantStats(t, p, 1, 1)
				if s.requests.Load() != 5 || s.conns.Load() != 1 {
					t.Errorf("%d requests on %d connections", s.requests.Load(), s.conns.Load())
				}
			})
		})
	}
}

// TestTLSLarge has requests and answers of many records.
func TestTLSLarge(t *testing.T) {
	ca := newAuthority(t)
	body := strings.Repeat("0123456789", 20_000)
	req := []byte("POST / HTTP/1.1\r\nX: " + strings.Repeat("x", 200_000) + "\r\n\r\n")
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serveTLS(t, ca.server(t, testName, tomorrow), func(_ int, p peer, _ *tls.Conn) {
			for p.request() {
				p.send(head200 + "Content-Length: 200000\r\n\r\n" + body)
			}
		})
		p := pool(Target{Addr: s.addr, Host: testName, TLS: &tls.Config{RootCAs: ca.pool}}, Limits{})
		var a Answer
		for range 3 {
			doRequest(t, p, req, &a, long)
			want(t, &a, None, true)
			if string(a.Body) != body {
				t.Errorf("%d bytes of body", len(a.Body))
			}
		}
		wantStats(t, p, 1, 1)
	})
}

func TestTLSHandshake(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	good := ca.server(t, testName, tomorrow)
	asking := ca.server(t, testName, tomorrow)
	asking.ClientAuth = tls.RequireAnyClientCert
	asking12 := asking.Clone()
	asking12.MaxVersion = tls.VersionTLS12
	for _, c := range []struct {
		name    string
		server  *tls.Config
		roots   *x509.CertPool
		failure Failure
		detail  string
	}{
		{"good", good, ca.pool, None, ""},
		{"unknown authority", good, other.pool, TLS, "certificate signed by an unknown authority"},
		{"other name", ca.server(t, "other.test", tomorrow), ca.pool, TLS, "certificate is not for this name"},
		{"expired", ca.server(t, testName, time.Now().Add(-time.Hour)), ca.pool, TLS, "certificate expired or not yet valid"},
		{"wants a certificate", asking12, ca.pool, TLS, "remote error"},
		{"wants a certificate, late", asking, ca.pool, TLS, "certificate required"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serveTLS(t, c.server, func(_ int, p peer, _ *tls.Conn) {
				if p.request() {
					p.send(okAnswer)
				}
			})
			p := NewPool(Target{Addr: s.addr, Host: testName, TLS: &tls.Config{RootCAs: c.roots}}, Limits{})
			defer p.Close()
			var a Answer
			do(t, p, &a, long)
			if a.Failure != c.failure || !strings.Contains(a.Detail, c.detail) {
				t.Errorf("got %q (%s), want %q (%s)", a.Failure, a.Detail, c.failure, c.detail)
			}
			if a.Started && c.failure != None && !strings.Contains(c.name, "late") {
				t.Error("started")
			}
		})
	}
}

// TestTLSNotSpoken connects to servers that do not speak TLS.
func TestTLSNotSpoken(t *testing.T) {
	for _, c := range []struct {
		name    string
		script  func(p peer)
		failure Failure
		detail  string
	}{
		{"plain HTTP", func(p peer) { p.Read(make([]byte, 100)); p.send("HTTP/1.1 400 Bad Request\r\n\r\n") }, TLS, "TLS handshake"},
		{"closed", func(p peer) { p.Read(make([]byte, 100)); p.Conn.(*net.TCPConn).CloseWrite(); p.s.wait() }, TLS, "connection closed"},
		{"silence", func(p peer) { p.s.wait() }, Timeout, "handshake not done"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, func(_ int, p peer) { c.script(p) })
			limits := Limits{}
			if c.failure == Timeout {
				limits.DialTimeout = 50 * time.Millisecond
			}
			p := NewPool(Target{Addr: s.addr, TLS: &tls.Config{}}, limits)
			defer p.Close()
			var a Answer
			do(t, p, &a, long)
			want(t, &a, c.failure, false)
			if !strings.Contains(a.Detail, c.detail) {
				t.Errorf("detail %q, want %q", a.Detail, c.detail)
			}
			if a.Times.Connected.IsZero() || !a.Times.Secured.IsZero() {
				t.Errorf("times %+v", a.Times)
			}
			wantStats(t, p, 1, 0)
		})
	}
}

// TestTLSEnd has bodies that end with the connection: by close_notify they are complete, by a bare FIN they are not.
func TestTLSEnd(t *testing.T) {
	ca := newAuthority(t)
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serveTLS(t, ca.server(t, testName, tomorrow), func(i int, p peer, conn *tls.Conn) {
			if !p.request() {
				return
			}
			p.send(head200 + "\r\nabc")
			if i == 0 {
				conn.Close()
			}
		})
		p := pool(Target{Addr: s.addr, Host: testName, TLS: &tls.Config{RootCAs: ca.pool}}, Limits{})
		var a Answer
		do(t, p, &a, long)
		want(t, &a, None, true)
		if string(a.Body) != "abc" || a.KeepAlive {
			t.Errorf("body %q, keep alive %v", a.Body, a.KeepAlive)
		}
		do(t, p, &a, long)
		want(t, &a, Framing, true)
		if a.Detail != "closed without close_notify in the body" {
			t.Errorf("detail %q", a.Detail)
		}
	})
}

// TestTLSStale is TestStale over TLS: only data and the end spoil a connection.
func TestTLSStale(t *testing.T) {
	ca := newAuthority(t)
	for _, c := range []struct {
		name  string
		spoil func(p peer, conn *tls.Conn)
		stray int64
	}{
		{"closed", func(_ peer, conn *tls.Conn) { conn.Close() }, 0},
		{"closed without goodbye", func(_ peer, conn *tls.Conn) { conn.NetConn().Close() }, 0},
		{"unasked bytes", func(p peer, _ *tls.Conn) { p.send("x") }, 1},
		{"no TLS record", func(_ peer, conn *tls.Conn) { conn.NetConn().Write([]byte("HTTP/1.1 400 x")) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			spoiled, spoil := make(chan struct{}), make(chan struct{})
			s := serveTLS(t, ca.server(t, testName, tomorrow), func(i int, p peer, conn *tls.Conn) {
				p.request()
				p.send(okAnswer)
				if i == 0 {
					<-spoil
					c.spoil(p, conn)
					close(spoiled)
				} else if p.request() {
					p.send(okAnswer)
				}
				p.s.wait()
			})
			p := rawPool(t, Target{Addr: s.addr, Host: testName, TLS: &tls.Config{RootCAs: ca.pool}}, Limits{})
			var a Answer
			do(t, p, &a, long)
			close(spoil)
			<-spoiled
			time.Sleep(20 * time.Millisecond)
			for range 2 {
				do(t, p, &a, long)
				want(t, &a, None, true)
			}
			wantStats(t, p, 2, 1)
			if n := p.Stray(); n != c.stray || s.requests.Load() != 3 {
				t.Errorf("%d stray, want %d; %d requests for 3 calls", n, c.stray, s.requests.Load())
			}
		})
	}
}

// TestTLSExtraRecord has a second answer in a record of its own, which tls may have read ahead.
func TestTLSExtraRecord(t *testing.T) {
	ca := newAuthority(t)
	sent := make(chan struct{}, 2)
	s := serveTLS(t, ca.server(t, testName, tomorrow), func(_ int, p peer, _ *tls.Conn) {
		p.request()
		p.send(okAnswer)
		p.send(okAnswer)
		sent <- struct{}{}
		p.s.wait()
	})
	p := rawPool(t, Target{Addr: s.addr, Host: testName, TLS: &tls.Config{RootCAs: ca.pool}}, Limits{})
	var a Answer
	for range 2 {
		do(t, p, &a, long)
		want(t, &a, None, true)
		<-sent
		time.Sleep(20 * time.Millisecond) // for the segment to cross the loopback
	}
	wantStats(t, p, 2, 1)
	if p.Stray() != 1 {
		t.Errorf("%d stray", p.Stray())
	}
}

func TestTLSNeverTwice(t *testing.T) {
	ca := newAuthority(t)
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serveTLS(t, ca.server(t, testName, tomorrow), func(_ int, p peer, _ *tls.Conn) {
			p.request()
			p.send(okAnswer)
			p.request()
		})
		p := pool(Target{Addr: s.addr, Host: testName, TLS: &tls.Config{RootCAs: ca.pool}}, Limits{})
		var a Answer
		for i := range 4 {
			do(t, p, &a, long)
			if i%2 == 0 {
				want(t, &a, None, true)
			} else {
				want(t, &a, Reset, true)
			}
		}
		if n := s.requests.Load(); n != 4 {
			t.Errorf("%d requests for 4 calls", n)
		}
	})
}

// TestTLSGivesUp ends calls by timeout and by Abort, the latter in the handshake too.
func TestTLSGivesUp(t *testing.T) {
	ca := newAuthority(t)
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serveTLS(t, ca.server(t, testName, tomorrow), func(_ int, p peer, _ *tls.Conn) {
			p.request()
			p.send(okAnswer)
			p.request()
			p.send(okAnswer[:100])
			p.s.wait()
		})
		silent := serve(t, func(_ int, p peer) { p.s.wait() })
		aborted := func(p *Pool, started bool, begun func() bool) {
			var (
				a  Answer
				wg sync.WaitGroup
			)
			wg.Go(func() { do(t, p, &a, time.Hour) })
			eventually(t, "call has begun", begun)
			p.Abort()
			wg.Wait()
			want(t, &a, Timeout, started)
			if a.Detail != Aborted {
				t.Errorf("detail %q", a.Detail)
			}
		}

		p := pool(Target{Addr: s.addr, Host: testName, TLS: &tls.Config{RootCAs: ca.pool}}, Limits{DialTimeout: long})
		var a Answer
		do(t, p, &a, long)
		want(t, &a, None, true)
		do(t, p, &a, 30*time.Millisecond)
		want(t, &a, Timeout, true)
		wantStats(t, p, 1, 0)
		do(t, p, &a, long)
		want(t, &a, None, true)
		aborted(p, true, func() bool { return s.requests.Load() == 4 })
		wantStats(t, p, 2, 0)

		p = pool(Target{Addr: silent.addr, TLS: &tls.Config{}}, Limits{})
		aborted(p, false, func() bool { opened, _ := p.Stats(); return opened == 1 })
		wantStats(t, p, 1, 0)
	})
}

func TestServerName(t *testing.T) {
	for _, c := range []struct{ host, addr, config, want string }{
		{"dyplsapi.test", "127.0.0.1:443", "", "dyplsapi.test"},
		{"dyplsapi.test:8443", "127.0.0.1:443", "", "dyplsapi.test"},
		{"", "dyplsapi.test:443", "", "dyplsapi.test"},
		{"[::1]:443", "x:1", "", "::1"},
		{"[::1]", "x:1", "", "::1"},
		{"dyplsapi.test", "x:1", "given.test", "given.test"},
	} {
		config := &tls.Config{ServerName: c.config}
		p := NewPool(Target{Addr: c.addr, Host: c.host, TLS: config}, Limits{})
		if p.tls.ServerName != c.want || config.ServerName != c.config {
			t.Errorf("%+v: %q", c, p.tls.ServerName)
		}
	}
}
