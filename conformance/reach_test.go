package conformance

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"axbench/results"
)

// listener serves connections until the test is over.
func listener(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-over
	})
	return l.Addr().String()
}

// TestNoTargetNoVerdict is SLF-3: where nothing of the endpoint is seen, nothing is said of it, and that within a few deadlines.
func TestNoTargetNoVerdict(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	_, plain := endpoint(t, "", nil)
	silent := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	for _, c := range []struct {
		name, addr, why string
		tls             *tls.Config
	}{
		{"closed port", "127.0.0.1:1", "cannot be reached: refused", nil},
		{"black hole", listener(t, silent), "does not answer: timeout", nil},
		{"closed at once", listener(t, func(net.Conn) {}), "does not answer: reset", nil},
		{"TLS to a plain endpoint", plain, "cannot be reached: tls", &tls.Config{InsecureSkipVerify: true}},
		{"an authority that nobody knows", secure.Listener.Addr().String(), "cannot be reached: tls", &tls.Config{}},
		{"plain to a server of TLS", secure.Listener.Addr().String(), "it speaks TLS", nil},
		{"a TLS alert", listener(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte("\x15\x03\x01\x00\x02\x02\x46"))
			silent(c)
		}), "it speaks TLS", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const deadline = time.Second
			r := hold(t, c.addr, func(cfg *Config) {
				cfg.Target.TLS = c.tls
				cfg.Provision = &Provision{Target: ProvisionTarget{Deadline: deadline}}
			})
			if r.Headline != results.HeadlineInconclusive || r.ExitCode != results.ExitNoData || r.Counts[results.ClauseFail] > 0 || r.Counts[results.ClausePass] > 0 {
				t.Errorf("%s, exit %d, %v", r.Headline, r.ExitCode, r.Counts)
			}
			if r.Calls > 4 {
				t.Errorf("%d calls to a target that is not there", r.Calls)
			}
			said := false
			for _, x := range r.Clauses {
				said = said || x.Verdict == results.ClauseInconclusive && strings.Contains(x.Reason, c.why)
			}
			if !said {
				t.Errorf("no clause says that the target %s: %s", c.why, r.Clauses[0].Reason)
			}
		})
	}
}

// TestInterruptedRun: what was seen until then is returned, and nothing that was not is passed.
func TestInterruptedRun(t *testing.T) {
	_, addr := endpoint(t, "", nil)
	ctx, stop := context.WithCancel(t.Context())
	cases := 0
	cfg := bareConfig(addr)
	cfg.Note = func(int, int, string) {
		if cases++; cases == 3 {
			stop()
		}
	}
	c, err := Run(ctx, cfg)
	if err != nil || c.Headline != results.HeadlineInconclusive || c.Counts[results.ClauseFail] > 0 {
		t.Errorf("%v, %+v", err, c)
	}
	if r := clauseOf(t, c, "LOD-6"); r.Verdict != results.ClauseInconclusive || !strings.Contains(r.Reason, "interrupted") {
		t.Errorf("LOD-6: %s %s", r.Verdict, r.Reason)
	}
}

// TestNoGoroutineStays: all that the load phase and crowds start has ended when Run returns.
func TestNoGoroutineStays(t *testing.T) {
	_, addr := endpoint(t, "", nil)
	hold(t, addr, func(c *Config) { c.Only = []string{"RSP-9"} }) // now the endpoint has started what is its own
	serving := goleak.IgnoreCurrent()
	c := hold(t, addr, func(c *Config) {
		c.Only, c.Load.Calls = []string{"LOD-1", "LOD-6", "LOD-7", "INV-1", "INV-5", "SIG-9"}, 500
	})
	if c.Calls < 500 {
		t.Errorf("%d calls", c.Calls)
	}
	goleak.VerifyNone(t, serving, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).workerFunc")) // of the endpoint
}
