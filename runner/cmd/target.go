package cmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/emulator"
	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/runner/pace"
	"axbench/runner/wire"
	"axbench/scenarios"

	"github.com/urfave/cli/v2"
	"golang.org/x/net/http/httpproxy"
)

// targetFlags say how a target may be reached. The first three loosen a guard and have no twin in the environment.
func targetFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "allow-host", Usage: "allow exactly this foreign `HOST`"},
		&cli.BoolFlag{Name: "insecure", Usage: "do not verify the certificate of a loopback target"},
		&cli.BoolFlag{Name: "plaintext", Usage: "allow http to a foreign host"},
		&cli.StringFlag{Name: "ca", Usage: "PEM `FILE` with a root certificate to trust beside the system's"},
		&cli.StringFlag{Name: "profile", Usage: "named profile of ~/.aliyun/config.json or ~/.alibabacloud/credentials"},
	}
}

// target is where a command sends its calls, ready to be called.
type target struct {
	endpoint    traffic.Endpoint
	foreign     bool
	credentials client.Credentials
	wire        wire.Target
	pool        *wire.Pool
	addr        string // host:port
	host        string // Host header
	path        string
	proxy       string // host:port of the proxy, "" for none
	verified    string // how the certificate is verified, "" without TLS
	child       *emulator.Child
}

// openTarget lets the guard look at the plan and makes the target ready: it starts the emulator where that is the target.
func (p *program) openTarget(flags *cli.Context, l *loaded) (*target, error) {
	guard, err := l.guard(flags)
	if err != nil {
		return nil, err
	}
	allowed, err := guard.Check()
	if err != nil {
		return nil, err
	}
	for _, line := range allowed.Lines {
		fmt.Fprintf(p.stderr, "axbench: %s\n", line)
	}
	t, err := p.connect(flags, allowed.Endpoint, string(l.file.Emulator.Text))
	if err != nil {
		return nil, err
	}
	return t, nil
}

// guard compares what the plan would send with what the scenario declares.
func (l *loaded) guard(flags *cli.Context) (traffic.Guard, error) {
	f := l.file
	source, err := scenarios.NewSource(f, scenarios.SourceConfig{Client: planClient(f), Seed: f.Seed, Offset: l.offset, Unbind: true})
	if err != nil {
		return traffic.Guard{}, usagef("%w", err)
	}
	ceiling := f.Safety.Ceiling.Float()
	cost := source.Cost(l.plan)
	calls, peak := cost.Calls, cost.Peak
	if l.plan.Closed() {
		// Callers call as often as the answers let them, but never above the ceiling; each call may have to be unbound.
		calls, peak = -1, 0
		if ceiling > 0 {
			calls = 2 * int64(math.Ceil(ceiling*l.plan.Duration().Seconds())+1)
		}
	}
	numbers := source.Numbers()
	return traffic.Guard{
		Target: string(f.Target), AllowHost: allowedHost(flags, string(f.Target)), Plaintext: flags.Bool("plaintext"), Insecure: flags.Bool("insecure"),
		Budget: f.Safety.Budget, Ceiling: ceiling, A: stretches(f.Safety.A), B: stretches(f.Safety.B),
		Plan: traffic.GuardPlan{Calls: calls, Peak: peak, A: stretches(numbers.A), B: stretches(numbers.B), Odd: numbers.Odd},
	}, nil
}

// allowedHost returns the foreign host that is allowed: of several the target's own, if it is among them.
func allowedHost(flags *cli.Context, target string) string {
	allowed := flags.String("allow-host")
	for _, host := range flags.StringSlice("allow-host") {
		if u, err := url.Parse(target); allowed == "" || err == nil && u.Hostname() == host {
			allowed = host
		}
	}
	return allowed
}

// planClient is a client configuration for looking at a plan: nothing made with it is sent.
func planClient(f *scenarios.File) client.Config {
	c := f.Client()
	c.Host, c.Credentials = "localhost", client.BuiltIn()
	return c
}

func stretches(ranges scenarios.Ranges) (list []traffic.Numbers) {
	for _, r := range ranges {
		list = append(list, traffic.Numbers{From: r.First(), To: r.Last()})
	}
	return list
}

// connect makes an endpoint ready to be called. The guard has seen it before.
func (p *program) connect(flags *cli.Context, e traffic.Endpoint, emulatorConfig string) (*target, error) {
	t := &target{endpoint: e, foreign: !e.Loopback, credentials: client.BuiltIn(), addr: e.Addr(), host: e.HostHeader(), path: e.Path}
	var err error
	if e.Emulator {
		err = t.startEmulator(p, emulatorConfig, false)
	} else {
		t.credentials, err = p.credentials(flags.String("profile"), e)
	}
	if err != nil {
		return nil, err
	}
	return t, p.reach(flags, t)
}

// reach makes the connections of a target whose address is known. After an error its child is stopped.
func (p *program) reach(flags *cli.Context, t *target) error {
	e := t.endpoint
	at := wire.Target{Addr: t.addr, Host: t.host}
	var err error
	if e.Scheme == "https" || t.child != nil && strings.HasPrefix(t.child.URL(), "https:") {
		if at.TLS, err = p.tls(flags, e); err != nil {
			if t.child != nil {
				_ = t.child.Stop()
			}
			return err
		}
		if t.child != nil {
			trust(at.TLS, t.child.CA())
		}
		t.verified = "certificate verified"
		if at.TLS.InsecureSkipVerify {
			t.verified = "certificate not verified (--insecure)"
		}
	}
	if t.foreign {
		if at.Proxy, err = p.proxy(e); err != nil {
			return err
		}
	}
	if at.Proxy != nil {
		t.proxy = at.Proxy.Addr
		fmt.Fprintf(p.stderr, "axbench: calls go through the proxy %s\n", t.proxy)
	}
	t.wire, t.pool = at, wire.NewPool(at, wire.Limits{})
	return nil
}

// startEmulator runs this executable as a child that serves the API on a free loopback port, with admin on another one too.
func (t *target) startEmulator(p *program, config string, admin bool) error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this executable to start the emulator: %w", err)
	}
	if t.child, err = emulator.StartChild(exe, []byte(config), admin, p.stderr); err != nil {
		return fmt.Errorf("start the emulator: %w", err)
	}
	u, err := url.Parse(t.child.URL())
	if err != nil {
		return fmt.Errorf("the emulator's address: %w", err)
	}
	t.addr, t.host, t.path = u.Host, u.Host, "/"
	return nil
}

// close ends connections and the emulator.
func (t *target) close() {
	t.pool.Close()
	if t.child != nil {
		t.child.Stop()
	}
}

// credentials returns the user's key pair, or the built-in one for a loopback target without any.
func (p *program) credentials(profile string, e traffic.Endpoint) (client.Credentials, error) {
	home := p.env("HOME")
	if home == "" {
		home = p.env("USERPROFILE")
	}
	c, err := client.Load(profile, p.env, home)
	switch {
	case err == nil:
		return c, nil
	case e.Loopback && profile == "" && errors.Is(err, client.ErrNoCredentials):
		return client.BuiltIn(), nil
	}
	return c, usagef("credentials: %w", err).withHint("set " + client.EnvID + " and " + client.EnvSecret + ", or name a profile with --profile")
}

// tls returns how the target's certificate is verified.
func (p *program) tls(flags *cli.Context, e traffic.Endpoint) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: flags.Bool("insecure") && e.Loopback}
	file := flags.String("ca")
	if file == "" {
		return c, nil
	}
	pem, err := p.readInput(file)
	if err != nil {
		return nil, err
	}
	if !trust(c, pem) {
		return nil, usagef("--ca %s holds no certificate", filepath.Base(file)).withHint("a PEM file with a CERTIFICATE block")
	}
	return c, nil
}

// trust adds roots to those of the system, or to those there are. It reports whether there was one in pem.
func trust(c *tls.Config, pem []byte) bool {
	if c.RootCAs == nil {
		var err error
		if c.RootCAs, err = x509.SystemCertPool(); err != nil {
			c.RootCAs = x509.NewCertPool()
		}
	}
	return c.RootCAs.AppendCertsFromPEM(pem)
}

// proxy returns the proxy that the environment names for a foreign host, nil for none.
func (p *program) proxy(e traffic.Endpoint) (*wire.Proxy, error) {
	first := func(names ...string) string {
		for _, n := range names {
			if v := p.env(n); v != "" {
				return v
			}
		}
		return ""
	}
	config := httpproxy.Config{
		HTTPProxy: first("HTTP_PROXY", "http_proxy"), HTTPSProxy: first("HTTPS_PROXY", "https_proxy"), NoProxy: first("NO_PROXY", "no_proxy"),
	}
	u, err := config.ProxyFunc()(&url.URL{Scheme: e.Scheme, Host: e.Addr()})
	if err != nil || u != nil && (u.Scheme != "http" || u.Hostname() == "") {
		return nil, usagef("the proxy of the environment is not usable").withHint("HTTPS_PROXY=http://HOST:PORT")
	}
	if u == nil {
		return nil, nil
	}
	proxy := &wire.Proxy{Addr: u.Host}
	if u.Port() == "" {
		proxy.Addr = net.JoinHostPort(u.Hostname(), "80")
	}
	if u.User != nil {
		password, _ := u.User.Password()
		proxy.Auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
	}
	return proxy, nil
}

// clientConfig completes how calls are written with where they go and who signs them.
func (t *target) clientConfig(c client.Config) client.Config {
	c.Host, c.Path, c.Credentials, c.UserAgent = t.host, t.path, t.credentials, "axbench/"+version()
	return c
}

// describeTarget is the target as run.json has it.
func (t *target) describeTarget(f *scenarios.File, c client.Config) results.Target {
	return results.Target{
		URL: t.endpoint.String(), Method: c.Method, Signature: c.Scheme.String(), Format: c.Format.String(), Document: f.Document,
		TLS: t.verified, Proxy: t.proxy,
	}
}

// cleanupConfig says how to unbind what a journal holds.
func (t *target) cleanupConfig(c client.Config, journal string, ceiling pace.Rate, limit, timeout time.Duration) traffic.CleanupConfig {
	rate := ceiling.Float()
	if rate == 0 && !t.foreign {
		rate = loopbackCleanup
	}
	return traffic.CleanupConfig{Journal: journal, Pool: t.pool, Client: t.clientConfig(c), Ceiling: rate, Limit: limit, Timeout: timeout}
}

// loopbackCleanup is the ceiling of a clean-up on loopback where the scenario sets none, in calls a second.
const loopbackCleanup = 100_000

// unbinds says whether the run ends by unbinding.
func (s *session) unbinds() bool { return s.foreign || s.file.Bindings.Unbind.Then != traffic.Never }

// unbind cleans up what the journal holds.
func (s *session) unbind(limit time.Duration) error {
	config := s.cleanupConfig(s.file.Client(), filepath.Join(s.dir, traffic.JournalName), s.file.Safety.Ceiling.Rate, limit, s.file.Timeout)
	config.Edition = s.file.Edition()
	result, err := traffic.Cleanup(context.Background(), config)
	if s.gathered != nil {
		s.gathered.gather.cleaned = result
	} else {
		s.traffic.Cleaned(result)
	}
	if err == nil && result.Left > 0 {
		err = fmt.Errorf("%d bindings are left (%s): axbench cleanup %s goes on", result.Left, result.Stopped, s.dir)
	}
	return err
}
