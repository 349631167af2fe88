package emulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// childProcess is what "axbench emulate --child" does.
func childProcess() int {
	if len(os.Args) != 3 || os.Args[2] != "--child" {
		return 2
	}
	if err := ServeChild(context.Background(), os.Stdin, os.Stdout, secondListener); err != nil {
		io.WriteString(os.Stderr, err.Error()+"\n")
		return 2
	}
	return 0
}

// secondListener answers with the emulator's live bindings.
func secondListener(ctx context.Context, l net.Listener, s *Server) error {
	h := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s.Truth().Live) })}
	defer context.AfterFunc(ctx, func() { h.Close() })()
	return h.Serve(l)
}

// TestChildAdmin: the second listener is there when it is asked for, and ends with the child.
func TestChildAdmin(t *testing.T) {
	var stderr bytes.Buffer
	c, err := StartChild(os.Args[0], nil, true, &stderr)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	defer c.Stop()
	answer, err := http.Get(c.Admin() + "/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if string(body) != "0" {
		t.Errorf("the second listener says %q", body)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := c.Stop(); err != nil {
		t.Errorf("%v\n%s", err, stderr.String())
	}
	if _, err := http.Get(c.Admin() + "/"); err == nil {
		t.Error("the second listener outlives the child")
	}
	if plain := startTest(t, ""); plain.Admin() != "" {
		t.Errorf("a child that was not asked has %s", plain.Admin())
	}
}

func startTest(t *testing.T, config string) *Child {
	t.Helper()
	var stderr bytes.Buffer
	c, err := StartChild(os.Args[0], []byte(config), false, &stderr)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Errorf("%v\n%s", err, stderr.String())
		}
	})
	return c
}

func TestChild(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := startTest(t, "seed: 5\n")
	addr, ok := strings.CutPrefix(c.URL(), "http://127.0.0.1:")
	if !ok {
		t.Fatalf("URL %q", c.URL())
	}
	e := &endpoint{addr: "127.0.0.1:" + addr}
	if a := e.raw(t, newBind().get()); a.fields["Code"] != "InvalidTimeStamp.Expired" { // the tests' clock is not the child's
		t.Errorf("%d %s", a.status, a.body)
	}
	truth, err := c.Truth()
	if err != nil || truth.Arrivals != 1 || truth.Codes["InvalidTimeStamp.Expired"] != 1 {
		t.Errorf("%+v %v", truth, err)
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := c.Truth(); err == nil {
		t.Error("a stopped child tells the truth")
	}
}

// TestChildWithLateAnswers stops a child that owes an answer for much longer than its parent waits for it: it is not killed, and
// the answer comes early.
func TestChildWithLateAnswers(t *testing.T) {
	t.Parallel()
	c := startTest(t, "latency: {fixed: 1h}\n")
	e := &endpoint{addr: strings.TrimPrefix(c.URL(), "http://")}
	answered := make(chan answer, 1)
	go func() {
		defer close(answered)
		answered <- e.raw(t, newBind().get())
	}()
	for range 500 {
		truth, err := c.Truth()
		if err != nil {
			t.Fatal(err)
		}
		if truth.InFlight == 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("the child did not end by itself: %v", err)
	}
	if a := <-answered; a.fields["RequestId"] == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestChildThatCannotStart(t *testing.T) {
	if _, err := StartChild("/nonexistent/axbench", nil, false, io.Discard); err == nil {
		t.Error("no such program, and no error")
	}
	var stderr bytes.Buffer
	_, err := StartChild(os.Args[0], []byte("seed: 1\nflow_limt: 5/s\n"), false, &stderr)
	if err == nil || !strings.HasPrefix(err.Error(), `emulator:2:1: flow_limt: unknown key, did you mean "flow_limit"?`) {
		t.Errorf("wrong configuration: %v", err)
	}
	if _, err := startChild(exec.Command(os.Args[0], "-test.run=^$"), nil, false, io.Discard); err == nil {
		t.Error("a program that says something else was taken for a child")
	}
}

// TestServeChild speaks the protocol itself.
func TestServeChild(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		out   string
		error string
	}{
		"end at once":         {"config 0\n", `{"url":"http://127.0.0.1:`, ""},
		"truth":               {"config 7\nseed: 3truth\n", `"arrivals":0`, ""},
		"no line":             {"", "", "first line"},
		"other line":          {"hello\n", "", "first line"},
		"negative":            {"config -1\n", "", "first line"},
		"too long":            {"config 99999999\n", "", "first line"},
		"cut":                 {"config 9\nseed: 3", "", "configuration of 9 bytes"},
		"wrong":               {"config 8\nsede: 33", `{"error":"emulator:1:1: sede: unknown key`, "sede"},
		"question":            {"config 0\nlies\n", `{"url"`, `the parent says "lies\n"`},
		"question without \n": {"config 0\ntruth", `{"url"`, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := ServeChild(context.Background(), strings.NewReader(c.in), &out, nil)
			if c.error == "" && err != nil || c.error != "" && (err == nil || !strings.Contains(err.Error(), c.error)) {
				t.Errorf("error %v, want %q", err, c.error)
			}
			if !strings.Contains(out.String(), c.out) {
				t.Errorf("said %s, want %s", out.String(), c.out)
			}
		})
	}
}

func TestServeChildEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, parent := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- ServeChild(ctx, in, out, nil) }()
	io.WriteString(parent, "config 0\n")
	answers.Read(make([]byte, 100))
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	parent.CloseWithError(errors.New("end"))
}

// TestChildTLS: a child with an authority of its own says so, and who is told trusts it.
func TestChildTLS(t *testing.T) {
	c := startTest(t, "tls: {}")
	roots := x509.NewCertPool()
	if !strings.HasPrefix(c.URL(), "https://127.0.0.1:") || !roots.AppendCertsFromPEM(c.CA()) {
		t.Fatalf("URL %q, authority %q", c.URL(), c.CA())
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	a, _ := ask(t, client, c.URL()+"/?"+newBind().query("GET", BuiltinSecret))
	if a.fields["Code"] != "InvalidTimeStamp.Expired" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if plain := startTest(t, ""); len(plain.CA()) != 0 || !strings.HasPrefix(plain.URL(), "http://") {
		t.Errorf("without TLS: URL %q, authority %q", plain.URL(), plain.CA())
	}
}
