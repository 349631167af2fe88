package cmd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/conformance/emulator"
	"axbench/results"
)

const foreignHost = "vendor.example"

const foreignScenario = `schema: axbench.scenario/v1
name: foreign
max_late: 20s
late: {p99: 10s, max: 20s}
phases:
  - {name: main, duration: 1s, rate: 20/s}
requests:
  - params:
      PoolKey: FC123456
      PhoneNoA: {mobile: 15000000000-15000000099}
      PhoneNoB: {mobile: 15800000000-15800000099}
      Expiration: {in: 10m}
safety:
  a: [15000000000-15000000099]
  b: [15800000000-15800000099]
  budget: 60
  ceiling: 40/s
`

// certificate returns a key pair that vouches for the foreign host and for loopback, and the file of its root.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, DNSNames: []string{foreignHost}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// secureEmulator serves the emulator over TLS on loopback, as a host of that name, and returns its address.
func secureEmulator(t *testing.T, cert tls.Certificate) (server *emulator.Server, addr string) {
	t.Helper()
	server, err := emulator.New(&emulator.Config{Listen: foreignHost + ":443"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return server, l.Addr().String()
}

// tunnels is a proxy that leads every CONNECT to addr, and remembers what was asked for.
func tunnels(t *testing.T, addr string) (proxy string, asked *sync.Map) {
	t.Helper()
	asked = new(sync.Map)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { tunnel(c, addr, asked) })
		}
	})
	t.Cleanup(func() { l.Close(); group.Wait() })
	return l.Addr().String(), asked
}

func tunnel(c net.Conn, addr string, asked *sync.Map) {
	defer c.Close()
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil || req.Method != http.MethodConnect {
		return
	}
	asked.Store(req.Host, true)
	to, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer to.Close()
	if _, err := io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { io.Copy(c, to); c.Close() })
	io.Copy(to, c)
	to.Close()
	back.Wait()
}

// axbench runs a command line with an environment and returns what came of it.
func axbench(env map[string]string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = Main(args, strings.NewReader(""), &out, &err, func(name string) string { return env[name] })
	return code, out.String(), err.String()
}

// TestForeignHost goes the whole way to a foreign host: guard, proxy, TLS, ceiling, and every binding unbound at the end.
// The host is a name only; behind the proxy of the environment everything stays on loopback.
func TestForeignHost(t *testing.T) {
	cert, root := certificate(t)
	server, addr := secureEmulator(t, cert)
	proxy, asked := tunnels(t, addr)
	dir := t.TempDir()
	scenario := filepath.Join(dir, "foreign.yaml")
	if err := os.WriteFile(scenario, []byte(foreignScenario), 0o644); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"HTTPS_PROXY":                     "http://" + proxy,
		"ALIBABA_CLOUD_ACCESS_KEY_ID":     emulator.BuiltinID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET": emulator.BuiltinSecret,
	}
	out := filepath.Join(dir, "run")
	args := []string{"run", scenario, "--target", "https://" + foreignHost + "/", "--out", out, "--json"}
	if code, _, stderr := axbench(env, args...); code != results.ExitRefused || !strings.Contains(stderr, "--allow-host "+foreignHost) {
		t.Fatalf("without --allow-host: exit %d, %s", code, stderr)
	}
	if _, err := os.Stat(out); err == nil {
		t.Fatal("a refused run left a directory")
	}
	code, stdout, stderr := axbench(env, append(args, "--allow-host", foreignHost, "--ca", root)...)
	if code != results.ExitPass {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	var run results.Run
	if err := json.Unmarshal([]byte(stdout), &run); err != nil {
		t.Fatal(err)
	}
	if run.Bindings.Created != 20 || run.Bindings.Unbound != 20 || run.Bindings.Left != 0 {
		t.Errorf("bindings %+v: want 20 made and all of them unbound", run.Bindings)
	}
	if live := server.Truth().Live; live != 0 {
		t.Errorf("%d bindings live on at the endpoint", live)
	}
	if run.Target.Proxy != proxy || run.Target.TLS != "certificate verified" {
		t.Errorf("target %+v: want the proxy and the certificate named", run.Target)
	}
	if _, ok := asked.Load(foreignHost + ":443"); !ok {
		t.Error("the proxy was not asked for " + foreignHost)
	}
	for _, want := range []string{"allowed by --allow-host", "budget of 60", "ceiling of 40/s", "through the proxy " + proxy} {
		if !strings.Contains(stderr, want) {
			t.Errorf("before the start nothing says %q:\n%s", want, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(out, "bindings.journal")); err == nil {
		t.Error("the journal is still there")
	}
}

// TestCertificates makes short runs over TLS. Their scenario bears any lateness of the generator: that is not what is tried.
func TestCertificates(t *testing.T) {
	t.Parallel()
	cert, root := certificate(t)
	_, addr := secureEmulator(t, cert)
	scenario := filepath.Join(t.TempDir(), "foreign.yaml")
	if err := os.WriteFile(scenario, []byte(foreignScenario), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"unknown root", nil, results.ExitNoData, `"code": "tls"`},
		{"known root", []string{"--ca", root}, results.ExitPass, "certificate verified"},
		{"not verified", []string{"--insecure"}, results.ExitPass, "certificate not verified (--insecure)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"run", scenario, "--rate", "20/s", "--duration", "3s", "--slo", "good >= 1%", "--target", "https://" + addr + "/", "--json", "--out", filepath.Join(t.TempDir(), "run")}
			code, stdout, stderr := axbench(nil, append(args, tt.args...)...)
			if tt.code == results.ExitNoData && !strings.Contains(stderr, "--ca FILE") {
				t.Errorf("no hint at --ca:\n%s", stderr)
			}
			if code != tt.code || !strings.Contains(stdout, tt.says) {
				t.Errorf("exit %d, want %d and %q\n%s", code, tt.code, tt.says, stderr)
			}
		})
	}
}
