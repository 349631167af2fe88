package fleet

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// secrets are what no error may hold.
var secrets []string

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// works uses a bus for what an agent and a controller do.
func works(t *testing.T, controller, agent *Bus) {
	t.Helper()
	ctx := within(t)
	if err := controller.Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	seq, err := agent.Append(ctx, Subject("x", "slot", "0"), []byte("claim"), 0)
	if err != nil {
		t.Fatal(err)
	}
	end := errors.New("end")
	if err := controller.Follow(ctx, Subject("x", ">"), func(m Message) error {
		if m.Seq != seq || string(m.Data) != "claim" {
			t.Errorf("%+v", m)
		}
		return end
	}); !errors.Is(err, end) {
		t.Fatal(err)
	}
	stop, err := controller.ServeClock("x", time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if _, _, _, err := agent.AskClock(ctx, "x", time.Now); err != nil {
		t.Fatal(err)
	}
}

// refused tries to get in with what is wrong. The error is to say something.
func refused(t *testing.T, why string, o Options) {
	t.Helper()
	b, err := Dial(within(t), o)
	if err == nil {
		b.Close()
		t.Errorf("%s: it was let in", why)
		return
	}
	if strings.Contains(err.Error(), "closed pipe") || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%s: %v", why, err)
	}
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error holds a secret: %v", why, err)
		}
	}
}

func seedOf(t *testing.T, kp nkeys.KeyPair) string {
	t.Helper()
	seed, err := kp.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return string(seed)
}

func public(t *testing.T, kp nkeys.KeyPair, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	key, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestPassword(t *testing.T) {
	dir := t.TempDir()
	secrets = []string{"s3cret-word", "wr0ng-word"}
	for name, config := range map[string]string{
		"one user": `authorization { user: agent, password: "s3cret-word" }`,
		"users":    `authorization { users: [ {user: agent, password: "s3cret-word"}, {user: other, password: x} ] }`,
		"an account of its own": `accounts { AX { jetstream: enabled, users: [ {user: agent, password: "s3cret-word"} ] }, SYS { users: [ {user: admin, password: y} ] } }
system_account: SYS`,
	} {
		t.Run(name, func(t *testing.T) {
			s := embed(t, EmbedOptions{ConfigFile: write(t, t.TempDir(), "bus.conf", config)})
			works(t, dial(t, s.Options()), dial(t, Options{URL: s.URL(), User: "agent", Password: "s3cret-word"}))
			refused(t, "no credentials", Options{URL: s.URL()})
			refused(t, "wrong password", Options{URL: s.URL(), User: "agent", Password: "wr0ng-word"})
			refused(t, "in the URL", Options{URL: strings.Replace(s.URL(), "//", "//agent:s3cret-word@", 1)})
			refused(t, "in a URL that is none", Options{URL: "nats://agent:s3cret-word@:%zz"})
			refused(t, "password alone", Options{URL: s.URL(), Password: "s3cret-word"})
			refused(t, "two kinds", Options{URL: s.URL(), User: "agent", Password: "s3cret-word", Creds: "x"})
		})
	}
	if _, err := Embed(EmbedOptions{Addr: "127.0.0.1:0", Dir: dir, ConfigFile: write(t, dir, "token.conf", `authorization { token: "s3cret-word" }`)}); err == nil ||
		!strings.Contains(err.Error(), "token is not supported") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a token: %v", err)
	}
}

// TestRights tells who may not publish, instead of waiting for an answer that never comes.
func TestRights(t *testing.T) {
	s := embed(t, EmbedOptions{ConfigFile: write(t, t.TempDir(), "bus.conf", `authorization { users: [
		{user: reader, password: r, permissions: { publish: ["$JS.API.STREAM.INFO.>", "$JS.API.INFO"], subscribe: [">"] } } ] }`)})
	controller := dial(t, s.Options())
	if err := controller.Prepare(within(t)); err != nil {
		t.Fatal(err)
	}
	b := dial(t, Options{URL: s.URL(), User: "reader", Password: "r"})
	if _, err := b.Append(within(t), Subject("x"), nil, 0); err == nil || !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("append: %v, want a violation of permissions", err)
	}
	if _, err := b.Last(within(t), Subject("x")); err == nil || !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("last: %v, want a violation of permissions", err)
	}
	if err := b.Follow(within(t), Subject("x"), nil); err == nil || !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("follow: %v, want a violation of permissions", err)
	}
}

func TestNKey(t *testing.T) {
	dir := t.TempDir()
	kp, err := nkeys.CreateUser()
	id := public(t, kp, err)
	stranger, err := nkeys.CreateUser()
	public(t, stranger, err)
	secrets = []string{seedOf(t, kp), seedOf(t, stranger)}
	s := embed(t, EmbedOptions{ConfigFile: write(t, dir, "bus.conf", fmt.Sprintf("authorization { users: [ {nkey: %s} ] }", id))})
	works(t, dial(t, s.Options()), dial(t, Options{URL: s.URL(), NKey: write(t, dir, "agent.nk", seedOf(t, kp))}))
	refused(t, "none", Options{URL: s.URL()})
	refused(t, "a stranger's", Options{URL: s.URL(), NKey: write(t, dir, "stranger.nk", seedOf(t, stranger))})
	refused(t, "the seed itself", Options{URL: s.URL(), NKey: seedOf(t, kp)})
	refused(t, "no file", Options{URL: s.URL(), NKey: filepath.Join(dir, "missing")})
	refused(t, "no seed in it", Options{URL: s.URL(), NKey: write(t, dir, "empty.nk", "hello\n")})
}

func TestCreds(t *testing.T) {
	dir := t.TempDir()
	operator, err := nkeys.CreateOperator()
	operatorID := public(t, operator, err)
	encode := func(claims jwt.Claims, by nkeys.KeyPair) string {
		t.Helper()
		token, err := claims.Encode(by)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	account := func(name string, jetStream bool) (nkeys.KeyPair, string, string) {
		kp, err := nkeys.CreateAccount()
		claims := jwt.NewAccountClaims(public(t, kp, err))
		if claims.Name = name; jetStream {
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
		}
		return kp, claims.Subject, encode(claims, operator)
	}
	system, systemID, systemJWT := account("SYS", false)
	fleet, fleetID, fleetJWT := account("FLEET", true)
	op := jwt.NewOperatorClaims(operatorID)
	op.Name, op.SystemAccount = "O", systemID
	user := func(by nkeys.KeyPair, bearer bool) (creds, seed string) {
		kp, err := nkeys.CreateUser()
		claims := jwt.NewUserClaims(public(t, kp, err))
		claims.BearerToken = bearer
		text, err := jwt.FormatUserConfig(encode(claims, by), []byte(seedOf(t, kp)))
		if err != nil {
			t.Fatal(err)
		}
		return string(text), seedOf(t, kp)
	}
	agent, agentSeed := user(fleet, false)
	open, openSeed := user(fleet, true)
	foreign, foreignSeed := user(operator2(t), false)
	secrets = []string{agentSeed, openSeed, foreignSeed}
	config := fmt.Sprintf("operator: %s\nsystem_account: %s\nresolver: MEMORY\nresolver_preload: { %s: %s, %s: %s }\n",
		encode(op, operator), systemID, systemID, systemJWT, fleetID, fleetJWT)
	s := embed(t, EmbedOptions{ConfigFile: write(t, dir, "bus.conf", config)})
	_ = system
	file := write(t, dir, "agent.creds", agent)
	inside := s.Options()
	inside.Creds = file
	works(t, dial(t, inside), dial(t, Options{URL: s.URL(), Creds: file}))
	refused(t, "none", Options{URL: s.URL()})
	refused(t, "none inside", s.Options())
	refused(t, "of another operator", Options{URL: s.URL(), Creds: write(t, dir, "foreign.creds", foreign)})
	refused(t, "the content itself", Options{URL: s.URL(), Creds: agent})
	refused(t, "no file", Options{URL: s.URL(), Creds: filepath.Join(dir, "missing")})
	if bearer([]byte(agent)) || !bearer([]byte(open)) || !bearer(nil) {
		t.Error("which credentials are secret by themselves is not told")
	}
}

// operator2 is an account that no operator of the server has signed.
func operator2(t *testing.T) nkeys.KeyPair {
	t.Helper()
	kp, err := nkeys.CreateAccount()
	public(t, kp, err)
	return kp
}

// authority issues certificates for a test.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	dir  string
	ca   string
	n    int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.ca, _ = a.issue(t, "ca")
	return a
}

// issue writes a certificate for 127.0.0.1 and its key; the first one is the authority's own.
func (a *authority) issue(t *testing.T, name string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.n++
	c := &x509.Certificate{SerialNumber: big.NewInt(a.n), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		KeyUsage: x509.KeyUsageDigitalSignature}
	parent, signer := a.cert, a.key
	if parent == nil {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
		parent, signer = c, k
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &k.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert == nil {
		a.key = k
		if a.cert, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, a.dir, name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		write(t, a.dir, name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

func TestTLS(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	cert, key := a.issue(t, "server")
	mine, mineKey := a.issue(t, "agent")
	other, otherKey := stranger.issue(t, "agent")
	secrets = []string{"s3cret-word"}
	config := func(more, after string) EmbedOptions {
		return EmbedOptions{ConfigFile: write(t, t.TempDir(), "bus.conf", fmt.Sprintf("tls { cert_file: %q, key_file: %q, ca_file: %q, %s }\n%s", cert, key, a.ca, more, after))}
	}
	t.Run("certificates of clients", func(t *testing.T) {
		s := embed(t, config("verify: true", ""))
		if !strings.HasPrefix(s.URL(), "tls://") {
			t.Error(s.URL())
		}
		in := Options{URL: s.URL(), CA: a.ca, Cert: mine, Key: mineKey}
		works(t, dial(t, s.Options()), dial(t, in))
		refused(t, "no certificate", Options{URL: s.URL(), CA: a.ca})
		refused(t, "a stranger's certificate", Options{URL: s.URL(), CA: a.ca, Cert: other, Key: otherKey})
		refused(t, "a server nobody knows", Options{URL: s.URL(), Cert: mine, Key: mineKey})
		refused(t, "a server of another authority", Options{URL: s.URL(), CA: stranger.ca, Cert: mine, Key: mineKey})
		refused(t, "half a pair", Options{URL: s.URL(), CA: a.ca, Cert: mine})
		refused(t, "no key in it", Options{URL: s.URL(), CA: a.ca, Cert: mine, Key: mine})
	})
	t.Run("users by certificate", func(t *testing.T) {
		s := embed(t, config("verify_and_map: true", `authorization { users: [ {user: "agent"} ] }`))
		in := s.Options()
		in.CA, in.Cert, in.Key = a.ca, mine, mineKey
		works(t, dial(t, in), dial(t, in))
		refused(t, "no certificate", s.Options())
	})
	t.Run("with a password", func(t *testing.T) {
		s := embed(t, config("", `authorization { user: agent, password: "s3cret-word" }`))
		works(t, dial(t, s.Options()), dial(t, Options{URL: s.URL(), CA: a.ca, User: "agent", Password: "s3cret-word"}))
		works(t, dial(t, s.Options()), dial(t, Options{URL: strings.Replace(s.URL(), "tls", "nats", 1), CA: a.ca, User: "agent", Password: "s3cret-word"}))
	})
}

// TestInTheClear sends a password to a server that is not on this machine, by its address at least, and has no TLS.
func TestInTheClear(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only there 0.0.0.0 leads to this machine without being written as loopback")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 1)
	go func() {
		defer close(heard)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Write([]byte(`INFO {"server_id":"x","version":"2.9.10","headers":true,"max_payload":1048576,"auth_required":true}` + "\r\n"))
		buffer := make([]byte, 4096)
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		n, _ := conn.Read(buffer)
		heard <- string(buffer[:n])
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	o := Options{URL: "nats://0.0.0.0:" + port, User: "agent", Password: "s3cret-word"}
	_, err = Dial(within(t), o)
	l.Close()
	if err == nil || !strings.Contains(err.Error(), "in the clear") {
		t.Errorf("%v", err)
	}
	if got := <-heard; strings.Contains(got, "s3cret") {
		t.Errorf("it was told %q", got)
	}
	for _, url := range []string{"ws://192.0.2.1:1", "nats://127.0.0.1:1,ws://192.0.2.1:1"} {
		o.URL = url
		if _, err := Dial(within(t), o); err == nil || !strings.Contains(err.Error(), "wss://") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestDialRefuses(t *testing.T) {
	for _, url := range []string{"", "http://127.0.0.1:4222", "nats://", "nats://127.0.0.1:99999999", "nats://x:y@127.0.0.1:1", "nats://127.0.0.1:1/?x=y", "127.0.0.1:x", ",", "\x00"} {
		if b, err := Dial(within(t), Options{URL: url}); err == nil {
			b.Close()
			t.Errorf("connected to %q", url)
		}
	}
	if _, err := Dial(within(t), Options{URL: "nats://127.0.0.1:1"}); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("nobody listens: %v", err)
	}
}

// TestDialCanceled gives up a server that says nothing.
func TestDialCanceled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(within(t))
	go func() {
		conn, err := l.Accept()
		if err == nil {
			cancel()
			<-ctx.Done()
			defer conn.Close()
			buffer := make([]byte, 1)
			_, _ = conn.Read(buffer) // until the other side has closed
		}
	}()
	if _, err := Dial(ctx, Options{URL: "nats://" + l.Addr().String()}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the error of its context", err)
	}
}
