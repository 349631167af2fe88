package conformance

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/emulator"
	"axbench/conformance/emulator/admin"
	"axbench/results"
	"axbench/runner/wire"
)

// endpoint serves an emulator in this process until the test is over, and returns its server and address.
func endpoint(t testing.TB, config string, change func(*emulator.Config)) (*emulator.Server, string) {
	t.Helper()
	cfg, err := emulator.Parse("test", []byte(config), 1)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(cfg)
	}
	server, err := emulator.New(cfg, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return server, l.Addr().String()
}

// bareConfig is a run that nothing is declared for.
func bareConfig(addr string) Config {
	return Config{
		Target: wire.Target{Addr: addr, Host: addr}, Host: addr, Path: "/", Profile: "strict", Seed: 1,
		Credentials: map[string]client.Credentials{"main": client.BuiltIn()},
	}
}

// hold runs the suite against an address.
func hold(t testing.TB, addr string, change func(*Config)) *results.Conform {
	t.Helper()
	cfg := bareConfig(addr)
	if change != nil {
		change(&cfg)
	}
	c, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// clauseOf returns the result of one clause.
func clauseOf(t testing.TB, c *results.Conform, id string) results.ClauseResult {
	t.Helper()
	for _, r := range c.Clauses {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no result of %s", id)
	return results.ClauseResult{}
}

// read reads a file of the tests.
func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// full is the emulator of which everything can be provoked, changed as told, and what a run of the suite needs to know of it.
func full(t testing.TB, change func(*emulator.Config)) (*emulator.Server, func(*Config)) {
	t.Helper()
	server, addr := endpoint(t, string(emulator.ConformanceSample()), change)
	second := httptest.NewServer(admin.New(server, nil))
	t.Cleanup(second.Close)
	text := string(read(t, "testdata/emulator.provision.yaml"))
	declared, err := ParseProvision("emulator.provision.yaml", []byte(strings.ReplaceAll(text, "http://127.0.0.1:9090", second.URL)))
	if err != nil {
		t.Fatal(err)
	}
	declared.Target.Deadline = time.Second
	secrets, err := declared.Secrets(exportsOf(text))
	if err != nil {
		t.Fatal(err)
	}
	return server, func(c *Config) {
		c.Target.Addr, c.Target.Host, c.Host = addr, addr, addr
		if server.Secure() {
			c.Target.TLS = &tls.Config{InsecureSkipVerify: true} // loopback, and whose it is is not what is tested
		}
		c.Provision, c.Credentials = declared, secrets
	}
}

// exportsOf is the environment that the comments of a printed provisioning file name.
func exportsOf(text string) func(string) string {
	return func(name string) string {
		_, value, _ := strings.Cut(text, "# export "+name+"=")
		value, _, _ = strings.Cut(value, "\n")
		return value
	}
}
