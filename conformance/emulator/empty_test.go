package emulator

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"axbench/conformance/check"
	"axbench/conformance/contract"
)

// startEmpty runs an empty responder and returns its address.
func startEmpty(t *testing.T) (c *Child, addr string) {
	t.Helper()
	var stderr bytes.Buffer
	c, err := StartEmpty(os.Args[0], &stderr)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil || stderr.Len() > 0 {
			t.Errorf("%v\n%s", err, stderr.String())
		}
	})
	addr, ok := strings.CutPrefix(c.URL(), "http://")
	if !ok || !strings.HasPrefix(addr, "127.0.0.1:") {
		t.Fatalf("it is at %s", c.URL())
	}
	return c, addr
}

// TestEmpty: what it answers breaks no clause, alone or with the others, and the end of its input ends it.
func TestEmpty(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c, addr := startEmpty(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	checker := check.New(contract.Edition2019)
	var all sync.WaitGroup
	for k := range 4 {
		all.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			answers := bufio.NewReader(conn)
			for i := range 50 {
				request := fmt.Sprintf("GET /?Action=BindAxb&n=%d HTTP/1.1\r\nHost: %s\r\n\r\n", i, addr)
				if i%2 == 1 { // in two pieces, with a body, and another one behind it
					request = fmt.Sprintf("POST / HTTP/1.1\r\nhost: %s\r\nContent-Length: 5\r\n\r\nhello", addr) + request
				}
				half := len(request) / 2
				io.WriteString(conn, request[:half])
				io.WriteString(conn, request[half:])
				for range 1 + i%2 {
					answer, err := http.ReadResponse(answers, nil)
					if err != nil {
						t.Error(err)
						return
					}
					body, _ := io.ReadAll(answer.Body)
					var verdict check.Result
					a := check.Answer{Status: answer.StatusCode, ContentType: []byte(answer.Header.Get("Content-Type")), Body: body}
					checker.Check(&verdict, &check.Sent{Operation: contract.FindOperation("BindAxb"), A: "13000000001", B: "15000000002"}, &a)
					mu.Lock()
					for _, id := range []string{"request " + string(verdict.RequestID), "subs " + string(verdict.SubsID), "x " + string(verdict.SecretNo)} {
						if seen[id] {
							t.Errorf("connection %d: %s comes again", k, id)
						}
						seen[id] = true
					}
					if string(verdict.Code) != "OK" || len(verdict.Violations) > 0 {
						t.Errorf("%s: %q, %v", body, verdict.Code, verdict.Violations)
					}
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if len(seen) != 3*4*75 {
		t.Errorf("%d ids of 4 times 75 answers", len(seen))
	}
	if truth, err := c.Truth(); err != nil || truth.Arrivals != 0 {
		t.Errorf("its record is %+v, %v", truth, err)
	}
	open, err := net.Dial("tcp", addr) // still there when it ends
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("it outlives its input")
	}
}

// TestEmptyRefuses: what is for another host, or what it cannot read to its end, is refused and the connection closed.
func TestEmptyRefuses(t *testing.T) {
	_, addr := startEmpty(t)
	for name, c := range map[string]struct {
		request string
		want    int
	}{
		"its own host":         {"GET / HTTP/1.1\r\nHost: " + addr + "\r\n\r\n", 200},
		"localhost":            {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200},
		"another host":         {"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", 403},
		"no host":              {"GET / HTTP/1.1\r\n\r\n", 403},
		"a host in the path":   {"GET /\rHost:localhost HTTP/1.1\r\nX: y\r\n\r\n", 403},
		"a coded body":         {"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 403},
		"a length of no sense": {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 403},
		"a head without end":   {"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", emptyLongest), 403},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			io.WriteString(conn, c.request)
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || answer.StatusCode != c.want {
				t.Fatalf("%+v, %v; want status %d", answer, err, c.want)
			}
		})
	}
}

func FuzzEmptyRequest(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabcGET"))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if n, ok := emptyRequest(data); n < 0 || n > len(data) || n > 0 && !ok {
			t.Errorf("%d of %d, %v", n, len(data), ok)
		}
	})
}
