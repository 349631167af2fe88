package emulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"axbench/scenarios/strict"
)

// TLS is how the endpoint speaks TLS. Without Cert it makes an authority of its own at each start (see Server.CA).
type TLS struct {
	Pos   strict.Pos `yaml:"-" json:"-"`
	Cert  string     `yaml:"cert" jsonschema:"description=PEM file with the certificate and those that it hangs on; a local authority is made without it"`
	Key   string     `yaml:"key" jsonschema:"description=PEM file with the certificate's private key"`
	HTTP2 bool       `yaml:"http2" jsonschema:"description=HTTP/2 as well for clients that ask for it"`
}

func (c *Config) checkTLS() *strict.Error {
	switch t := c.TLS; {
	case t == nil:
	case t.Cert == "" && t.Key != "":
		return t.Pos.Error("cert", "a key without a certificate", "both files or none")
	case t.Cert != "" && t.Key == "":
		return t.Pos.Error("key", "a certificate without its key", "both files or none")
	}
	return nil
}

// CheckFiles says what is wrong with the files that the configuration names: nil, or a *strict.Error.
func (c *Config) CheckFiles() error {
	if c.TLS == nil || c.TLS.Cert == "" {
		return nil
	}
	_, err := c.TLS.load()
	return err
}

// secure is the TLS of one server.
type secure struct {
	config  *tls.Config
	ca      []byte // PEM of the authority; nil for a certificate from a file
	h2      *overH2
	serving context.Context // done when the server is told to end: a handshake that is not over then never is
	end     context.CancelFunc
}

// handshakeTime is how long a handshake may take.
const handshakeTime = 10 * time.Second

// setTLS reads or makes the certificate. Its errors name the setting.
func (s *Server) setTLS(cfg *Config) error {
	t := cfg.TLS
	if t == nil {
		return nil
	}
	x := &secure{config: &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}}
	x.serving, x.end = context.WithCancel(context.Background())
	var leaf tls.Certificate
	var err error
	if t.Cert != "" {
		leaf, err = t.load()
	} else {
		leaf, x.ca, err = newAuthority(time.Now(), cfg.hosts())
	}
	if err != nil {
		return err
	}
	x.config.Certificates = []tls.Certificate{leaf}
	if t.HTTP2 {
		x.config.NextProtos = []string{"h2", "http/1.1"}
		x.h2 = newOverH2(s)
	}
	s.secure = x
	return nil
}

// load reads the two files.
func (t *TLS) load() (pair tls.Certificate, err error) {
	cert, err := os.ReadFile(t.Cert)
	if err != nil {
		return pair, t.Pos.Error("cert", "cannot be read: "+cause(err), "a PEM file")
	}
	key, err := os.ReadFile(t.Key)
	if err != nil {
		return pair, t.Pos.Error("key", "cannot be read: "+cause(err), "a PEM file")
	}
	if block, _ := pem.Decode(cert); block == nil {
		return pair, t.Pos.Error("cert", "no PEM in it", "a CERTIFICATE block")
	}
	if block, _ := pem.Decode(key); block == nil {
		return pair, t.Pos.Error("key", "no PEM in it", "a PRIVATE KEY block")
	}
	if pair, err = tls.X509KeyPair(cert, key); err != nil {
		return pair, t.Pos.Error("key", "the two files are no pair", "the private key of the first certificate in cert")
	}
	return pair, nil
}

// cause is what an error of package os says beside the path.
func cause(err error) string {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// Secure reports whether the endpoint speaks TLS.
func (s *Server) Secure() bool { return s.secure != nil }

// CA returns the certificate of the authority that the server made, as PEM: clients that are to trust the endpoint take it as
// a root. It is nil without TLS and with a certificate from a file. The authority's private key is gone by then.
func (s *Server) CA() []byte {
	if s.secure == nil {
		return nil
	}
	return s.secure.ca
}

// URL is the root of the endpoint at an address.
func (s *Server) URL(address string) string {
	if s.Secure() {
		return "https://" + address
	}
	return "http://" + address
}

// Expires is until when the server's own certificate is good; zero without TLS.
func (s *Server) Expires() time.Time {
	if s.secure == nil {
		return time.Time{}
	}
	leaf, err := x509.ParseCertificate(s.secure.config.Certificates[0].Certificate[0])
	if err != nil {
		return time.Time{}
	}
	return leaf.NotAfter
}

// wrap puts TLS around a connection that was accepted. What the HTTP server is to have is returned: c itself, or around it what
// it needs to agree on HTTP/2.
func (x *secure) wrap(c *conn) net.Conn {
	own := &secureConn{raw: c.raw, server: c.server}
	c.Conn, c.direct = own, nil
	if x.h2 == nil {
		own.Conn = tls.Server(c.raw, x.config)
		return c
	}
	below := &noticed{Conn: c.raw, owner: c, gone: make(chan struct{})}
	own.Conn = tls.Server(below, x.config)
	return &negotiated{c, own, below}
}

// secureConn is a TLS connection whose failed handshake is the end of it and no call.
type secureConn struct {
	*tls.Conn
	raw    net.Conn
	server *Server
	begun  bool
	failed bool
}

// Handshake is what the HTTP server calls where HTTP/2 can be agreed on.
func (c *secureConn) Handshake() error {
	if c.begun {
		return nil
	}
	c.begun = true
	ctx, cancel := context.WithTimeout(c.server.secure.serving, handshakeTime)
	defer cancel()
	err := c.Conn.HandshakeContext(ctx)
	if err == nil {
		return nil
	}
	c.failed = true
	var record tls.RecordHeaderError
	if errors.As(err, &record) && plainHTTP(record.RecordHeader) {
		_, _ = io.WriteString(c.raw, plainAnswer)
	}
	if !errors.Is(err, io.EOF) {
		c.server.truth.handshakes.Add(1)
	}
	return fmt.Errorf("emulator: tls: %w", err)
}

func (c *secureConn) Read(p []byte) (int, error) {
	if err := c.Handshake(); err != nil || c.failed {
		return 0, io.EOF
	}
	return c.Conn.Read(p)
}

// plainHTTP reports whether a client speaks HTTP without TLS.
func plainHTTP(start [5]byte) bool {
	switch string(start[:]) {
	case "GET /", "POST ", "HEAD ", "PUT /", "OPTIO", "DELET":
		return true
	}
	return false
}

// plainAnswer is for a client that speaks HTTP to a TLS port, as Go's own server says it.
const plainAnswer = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nthis port speaks TLS: https, not http\n"
