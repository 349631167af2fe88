package wire

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serveProxy is a proxy that opens tunnels to addr, whatever was asked for, and tells what was asked.
func serveProxy(t *testing.T, addr string, asked chan<- *http.Request) *server {
	t.Helper()
	return serve(t, func(_ int, p peer) {
		req, err := http.ReadRequest(bufio.NewReader(p))
		if err != nil {
			return
		}
		asked <- req
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		defer conn.Close()
		p.send("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")
		done := make(chan struct{})
		go func() {
			defer close(done)
			io.Copy(conn, p)
			conn.(*net.TCPConn).CloseWrite()
		}()
		io.Copy(p, conn)
		p.Conn.Close()
		<-done
	})
}

func TestProxy(t *testing.T) {
	ca := newAuthority(t)
	config := ca.server(t, testName, tomorrow)
	answerAll := func(p peer) {
		for p.request() {
			p.send(okAnswer)
		}
	}
	for _, c := range []struct {
		name   string
		server *server
		tls    *tls.Config
		auth   string
	}{
		{"plain", serve(t, func(_ int, p peer) { answerAll(p) }), nil, ""},
		{"TLS", serveTLS(t, config, func(_ int, p peer, _ *tls.Conn) { answerAll(p) }), &tls.Config{RootCAs: ca.pool}, "Basic dXNlcjpwYXNz"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := make(chan *http.Request, 2)
			proxy := serveProxy(t, c.server.addr, asked)
			p := NewPool(Target{Addr: testName + ":8080", TLS: c.tls, Proxy: &Proxy{Addr: proxy.addr, Auth: c.auth}}, Limits{})
			defer p.Close()
			var a Answer
			for range 3 {
				do(t, p, &a, long)
				want(t, &a, None, true)
			}
			req := <-asked
			if req.Method != "CONNECT" || req.Host != testName+":8080" || req.RequestURI != req.Host || req.Header.Get("Proxy-Authorization") != c.auth {
				t.Errorf("asked for %+v", req)
			}
			wantStats(t, p, 1, 1)
			if n := proxy.conns.Load(); n != 1 {
				t.Errorf("%d connections to the proxy", n)
			}
		})
	}
}

func TestProxyRefuses(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		failure   Failure
		detail    string
	}{
		{"wants credentials", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", Refused, "proxy: refused the tunnel with status 407"},
		{"bad gateway", "HTTP/1.0 502 x\r\n\r\nno such host", Refused, "proxy: refused the tunnel with status 502"},
		{"talks behind its answer", "HTTP/1.1 200 OK\r\n\r\nx", Refused, "proxy: bytes behind its answer"},
		{"no HTTP", "SOCKS\r\n\r\n", Refused, "proxy: no status line"},
		{"closes", "HTTP/1.1 200", Refused, "proxy: connection closed"},
		{"without end", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: x\r\n", 4000), Refused, "proxy: head larger than the limit"},
		{"silent", "", Timeout, "no connection within the timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, func(_ int, p peer) {
				p.request()
				p.send(c.raw)
				if c.raw == "" {
					p.s.wait()
				}
				p.Conn.(*net.TCPConn).CloseWrite()
				p.request() // wait for the other side to go, so that no RST overtakes the answer
			})
			limits := Limits{DialTimeout: long}
			if c.failure == Timeout {
				limits.DialTimeout = 300 * time.Millisecond
			}
			const secret = "Basic c2VjcmV0"
			p := NewPool(Target{Addr: testName + ":80", Proxy: &Proxy{Addr: s.addr, Auth: secret}}, limits)
			defer p.Close()
			var a Answer
			do(t, p, &a, long)
			want(t, &a, c.failure, false)
			if !strings.Contains(a.Detail, c.detail) || strings.Contains(a.Detail, secret) {
				t.Errorf("detail %q, want %q", a.Detail, c.detail)
			}
			if !a.Times.Connected.IsZero() {
				t.Errorf("times %+v", a.Times)
			}
			wantStats(t, p, 1, 0)
		})
	}
}
