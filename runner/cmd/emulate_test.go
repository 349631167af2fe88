package cmd

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// scriptFetch sends a request and holds the status of its answer, whose body is then the command's stdout:
// fetch STATUS METHOD URL [BODY]
func scriptFetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: fetch STATUS METHOD URL [BODY]")
	}
	r, err := http.NewRequest(args[1], args[2], strings.NewReader(strings.Join(args[3:], "")))
	ts.Check(err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	ts.Check(err)
	defer res.Body.Close()
	_, err = io.Copy(ts.Stdout(), res.Body)
	ts.Check(err)
	if strconv.Itoa(res.StatusCode) != args[0] {
		ts.Fatalf("%s %s: status %d, want %s", args[1], args[2], res.StatusCode, args[0])
	}
}

// TestEmulateBrokenStdout: what could not be told is no success, and nothing stays open.
func TestEmulateBrokenStdout(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, args := range [][]string{{"--sample"}, {"--list-mutants"}, {"--list-mutants", "--json"}, {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--journal", "-"}} {
		var stderr bytes.Buffer
		code := Main(append([]string{"emulate"}, args...), strings.NewReader(""), brokenWriter{}, &stderr, noEnv)
		if code != 1 || !strings.Contains(stderr.String(), "the disk is full") {
			t.Errorf("%v: exit code %d and %q", args, code, stderr.String())
		}
	}
}
