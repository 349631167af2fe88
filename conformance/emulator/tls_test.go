package emulator

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/scenarios/strict"
)

// secureClient trusts the server's authority and nobody else.
func secureClient(t testing.TB, s *Server, http2 bool) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(s.CA()) {
		t.Fatalf("no certificate in %q", s.CA())
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// ask sends a GET and returns the answer as the tests of plain HTTP read it.
func ask(t testing.TB, c *http.Client, url string) (answer, string) {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered(res, body), res.Proto
}

func (e *endpoint) secureURL(host, query string) string {
	_, port, _ := net.SplitHostPort(e.addr)
	return "https://" + net.JoinHostPort(host, port) + "/?" + query
}

// TestTLS calls over a local authority: by each name of the certificate, on one connection, and with clients that do not
// trust it or speak no TLS.
func TestTLS(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, "tls: {}\nlatency: {fixed: 1ms}"), fixed)
	client := secureClient(t, e.Server, true)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		for range 3 {
			a, proto := ask(t, client, e.secureURL(host, newBind().query("GET", BuiltinSecret)))
			if a.status != 200 || a.fields["Code"] != "OK" || proto != "HTTP/1.1" {
				t.Fatalf("%s: %d %s over %s", host, a.status, a.body, proto)
			}
		}
	}
	truth := e.settled(t, 6)
	if truth.Accepted != 2 || truth.Service.Count != 6 || truth.Service.Min < int64(time.Millisecond) || truth.NoTLS != 0 {
		t.Errorf("truth of six calls on two connections: %+v", truth)
	}
	stranger := secureClient(t, serve(t, config(t, "tls: {}"), fixed).Server, false)
	if res, err := stranger.Get(e.secureURL("127.0.0.1", "")); err == nil {
		res.Body.Close()
		t.Error("a client that trusts another authority was content")
	}
	if a := e.raw(t, newBind().get()); a.status != 400 || !strings.Contains(a.body, "https, not http") {
		t.Errorf("HTTP without TLS: %d %q", a.status, a.body)
	}
	for range 5000 {
		if e.Truth().NoTLS == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if truth := e.Truth(); truth.NoTLS != 2 || truth.Arrivals != 6 || len(truth.Codes) != 1 {
		t.Errorf("two failed handshakes are no calls: %+v", truth)
	}
}

// TestAuthority looks at what is handed out: one certificate of an authority and no key, for a few days, another each time.
func TestAuthority(t *testing.T) {
	s, err := New(config(t, "tls: {}\nlisten: emulator.internal:8443\nhosts: [10.1.2.3, api.internal]"), fixed)
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(s.CA())
	if block == nil || block.Type != "CERTIFICATE" || len(rest) != 0 {
		t.Fatalf("the authority is handed out as %q", s.CA())
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !ca.IsCA || !ca.MaxPathLenZero {
		t.Errorf("%v: IsCA %v, MaxPathLenZero %v", err, ca.IsCA, ca.MaxPathLenZero)
	}
	if ca.NotAfter.Sub(ca.NotBefore) > 7*24*time.Hour || !s.Expires().Equal(ca.NotAfter) {
		t.Errorf("good from %v to %v, the endpoint says %v", ca.NotBefore, ca.NotAfter, s.Expires())
	}
	leaf, err := x509.ParseCertificate(s.secure.config.Certificates[0].Certificate[0])
	if err != nil || leaf.IsCA {
		t.Fatalf("%v: the endpoint's own certificate may sign others: %v", err, leaf.IsCA)
	}
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "emulator.internal": true, "api.internal": true, "10.1.2.3": true, "127.0.0.2": false, "example.com": false} {
		if err := leaf.VerifyHostname(host); (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
	}
	other, err := New(config(t, "tls: {}"), fixed)
	if err != nil || bytes.Equal(other.CA(), s.CA()) {
		t.Errorf("%v: two servers have the same authority", err)
	}
	plain, err := New(config(t, ""), fixed)
	if err != nil || plain.Secure() || plain.CA() != nil || !plain.Expires().IsZero() {
		t.Errorf("%v: a server without TLS has an authority", err)
	}
}

// pairFiles writes a certificate and its key and returns their names.
func pairFiles(t *testing.T) (cert, key string, ca []byte) {
	t.Helper()
	pair, ca, err := newAuthority(time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, ca
}

// TestTLSFiles uses a certificate from files, and every pair of files that is none.
func TestTLSFiles(t *testing.T) {
	cert, key, ca := pairFiles(t)
	_, other, _ := pairFiles(t)
	e := serve(t, config(t, "tls:\n  cert: "+cert+"\n  key: "+key), fixed)
	if e.CA() != nil || !e.Secure() {
		t.Errorf("with a certificate from a file the authority is %q", e.CA())
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	if a, _ := ask(t, client, e.secureURL("127.0.0.1", newBind().query("GET", BuiltinSecret))); a.fields["Code"] != "OK" {
		t.Errorf("%d %s", a.status, a.body)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"{cert: " + cert + "}", "test.yaml:1:6: tls.key: a certificate without its key"},
		{"{key: " + key + "}", "test.yaml:1:6: tls.cert: a key without a certificate"},
		{"{cert: nowhere.pem, key: " + key + "}", "test.yaml:1:13: tls.cert: cannot be read: no such file"},
		{"{key: nowhere.pem, cert: " + cert + "}", "test.yaml:1:12: tls.key: cannot be read: no such file"},
		{"{cert: " + empty + ", key: " + key + "}", "tls.cert: no PEM in it"},
		{"{cert: " + cert + ", key: " + empty + "}", "tls.key: no PEM in it"},
		{"{cert: " + cert + ", key: " + other + "}", "tls.key: the two files are no pair"},
	} {
		parsed, err := Parse("test.yaml", []byte("tls: "+c.text), 1)
		if err == nil {
			_, err = New(parsed, nil)
		}
		var at *strict.Error
		if !errors.As(err, &at) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
	}
}

// withWire adds a deviation of the wire to a server that does not serve yet.
func withWire(s *Server, f wireFunc) *Server {
	s.deviations = &deviations{wire: []*active{{Deviation: &Deviation{ID: "test"}, points: points{wire: f}}}}
	return s
}

// TestTamperOverTLS: what happens to an answer happens to its bytes before they are encrypted.
func TestTamperOverTLS(t *testing.T) {
	s, err := New(config(t, "tls: {}"), fixed)
	if err != nil {
		t.Fatal(err)
	}
	withWire(s, func(_ *call, _ *row, to *tamper) bool {
		to.rewrite = func([]byte) []byte { return []byte("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy") }
		to.then = endHalf
		return true
	})
	e := serving(t, s)
	a, _ := ask(t, secureClient(t, s, false), e.secureURL("127.0.0.1", newBind().query("GET", BuiltinSecret)))
	if a.status != 503 || a.body != "busy" {
		t.Errorf("%d %q", a.status, a.body)
	}
}

// TestHTTP2 speaks HTTP/2: binds, business and gateway errors, bodies, and many streams at once.
func TestHTTP2(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, "tls: {http2: true}\nlatency: {fixed: 5ms}"), fixed)
	client := secureClient(t, e.Server, true)
	query := newBind().query("GET", BuiltinSecret)
	a, proto := ask(t, client, e.secureURL("127.0.0.1", query))
	if a.status != 200 || a.fields["Code"] != "OK" || proto != "HTTP/2.0" || a.header.Get("x-acs-request-id") != a.fields["RequestId"] ||
		a.header.Get("Content-Type") != "application/json;charset=utf-8" || a.header.Get("Keep-Alive") != "" {
		t.Fatalf("%d %s %v over %s", a.status, a.body, a.header, proto)
	}
	for _, c := range []struct {
		query  string
		status int
		code   string
	}{
		{query, 400, "SignatureNonceUsed"}, {newBind().with("PhoneNoA", "1").query("GET", BuiltinSecret), 200, "isv.MOBILE_NUMBER_ILLEGAL"},
		{newBind().query("GET", "wrong"), 400, "SignatureDoesNotMatch"}, {newBind().with("Expiration", "-").query("GET", BuiltinSecret), 400, "MissingExpiration"},
	} {
		if a, _ := ask(t, client, e.secureURL("127.0.0.1", c.query)); a.status != c.status || a.fields["Code"] != c.code {
			t.Errorf("%d %s, want %d %s", a.status, a.body, c.status, c.code)
		}
	}
	form := strings.NewReader(newBind().query("POST", BuiltinSecret))
	res, err := client.Post(e.secureURL("127.0.0.1", ""), "application/x-www-form-urlencoded", form)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if a := answered(res, body); a.fields["Code"] != "OK" {
		t.Errorf("form: %d %s", a.status, a.body)
	}
	const streams = 50
	var all sync.WaitGroup
	for range streams {
		url := e.secureURL("127.0.0.1", newBind().query("GET", BuiltinSecret))
		all.Go(func() {
			res, err := client.Get(url)
			if err != nil || res.StatusCode != 200 {
				t.Errorf("%v %v", res, err)
				return
			}
			res.Body.Close()
		})
	}
	all.Wait()
	truth := e.settled(t, streams+6)
	if truth.Accepted != 1 || truth.Codes["OK"] != streams+2 || truth.Service.Min < int64(5*time.Millisecond) {
		t.Errorf("truth: %+v", truth)
	}
	large, err := client.Post(e.secureURL("127.0.0.1", ""), "application/x-www-form-urlencoded", strings.NewReader(strings.Repeat("a=b&", maxBody/4+1)))
	if err != nil || large.StatusCode/100 != 4 {
		t.Errorf("a body that is too large: %v %v", large, err)
	} else {
		large.Body.Close()
	}
	plain, proto := ask(t, secureClient(t, e.Server, false), e.secureURL("localhost", newBind().query("GET", BuiltinSecret)))
	if proto != "HTTP/1.1" || plain.fields["Code"] != "OK" {
		t.Errorf("a client of HTTP/1.1: %s over %s", plain.body, proto)
	}
}

// TestHTTP2Stop stops while streams are open: each gets its answer, and no connection is left.
func TestHTTP2Stop(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, "tls: {http2: true}\nlatency: {fixed: 300ms}"), fixed)
	client := secureClient(t, e.Server, true)
	const calls = 10
	codes := make(chan string, calls)
	for range calls {
		url := e.secureURL("127.0.0.1", newBind().query("GET", BuiltinSecret))
		go func() {
			res, err := client.Get(url)
			if err != nil {
				codes <- err.Error()
				return
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			codes <- answered(res, body).fields["Code"]
		}()
	}
	e.waitFor(t, calls)
	if err := e.stop(); err != nil {
		t.Error(err)
	}
	for range calls {
		if code := <-codes; code != "OK" {
			t.Errorf("code %q", code)
		}
	}
	if truth := e.Truth(); truth.Answered != calls || truth.Open != 0 {
		t.Errorf("truth: %+v", truth)
	}
}

// TestTLSStopBeforeHandshake stops while a client has connected and says nothing.
func TestTLSStopBeforeHandshake(t *testing.T) {
	for _, text := range []string{"tls: {}", "tls: {http2: true}"} {
		leaks(t)
		e := serve(t, config(t, text), fixed)
		c, err := net.Dial("tcp", e.addr)
		if err != nil {
			t.Fatal(err)
		}
		for range 5000 {
			if e.Truth().Open == 1 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if err := e.stop(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		_ = c.Close()
		if truth := e.Truth(); truth.Accepted != 1 || truth.Open != 0 || truth.Arrivals != 0 {
			t.Errorf("%s: %+v", text, truth)
		}
	}
}

// TestHTTP2Reset: a fault of the wire resets its stream and leaves the connection to the others.
func TestHTTP2Reset(t *testing.T) {
	s, err := New(config(t, "tls: {http2: true}"), fixed)
	if err != nil {
		t.Fatal(err)
	}
	withWire(s, func(c *call, _ *row, to *tamper) bool {
		if c.number%2 == 1 {
			return false
		}
		to.then = endReset
		return true
	})
	e := serving(t, s)
	client := secureClient(t, s, true)
	for i := range 6 {
		res, err := client.Get(e.secureURL("127.0.0.1", newBind().query("GET", BuiltinSecret)))
		if (err == nil) != (i%2 == 0) {
			t.Errorf("call %d: %v", i, err)
		}
		if err == nil {
			res.Body.Close()
		}
	}
	if truth := e.settled(t, 6); truth.Accepted != 1 || truth.Answered != 3 || truth.Unwritten != 3 {
		t.Errorf("truth: %+v", truth)
	}
}
