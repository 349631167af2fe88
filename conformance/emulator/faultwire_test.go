package emulator

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// quiet is how long a client waits for bytes that must not come, and patient for those that must. Quiet is waited for in small
// pieces, of which a host that stands still takes one, however long.
const (
	quiet   = 300 * time.Millisecond
	piece   = 10 * time.Millisecond
	patient = 20 * time.Second
)

// client of one connection, plain or with TLS.
type faultClient struct {
	net.Conn
	tcp *net.TCPConn
}

func dialFault(t testing.TB, e *endpoint) *faultClient {
	t.Helper()
	c, err := tryFault(t, e)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tryFault is dialFault where nobody may be listening.
func tryFault(t testing.TB, e *endpoint) (*faultClient, error) {
	raw, err := net.Dial("tcp", e.addr)
	if err != nil {
		return nil, err
	}
	c := &faultClient{raw, raw.(*net.TCPConn)}
	if e.Secure() {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(e.CA())
		c.Conn = tls.Client(raw, &tls.Config{RootCAs: roots, ServerName: "localhost"})
	}
	t.Cleanup(func() { raw.Close() })
	return c, nil
}

// all reads until nothing comes any more, and says how it ended: eof, reset or timeout. It waits for the first bytes as long as
// it is told.
func (c *faultClient) all(first time.Duration) (string, string) {
	var b bytes.Buffer
	some := make([]byte, 4096)
	for left := first; ; {
		wait := left
		if left <= quiet {
			wait = min(left, piece)
		}
		_ = c.SetReadDeadline(time.Now().Add(wait))
		n, err := c.Read(some)
		b.Write(some[:n])
		switch left -= wait; {
		case n > 0 && (err == nil || endOf(err) == "timeout"):
			left = quiet
		case err != nil && endOf(err) == "timeout" && left > 0:
		case errors.Is(err, io.ErrUnexpectedEOF): // of TLS: the end of TCP without the one of TLS
			return b.String(), "eof"
		case err != nil:
			return b.String(), endOf(err)
		}
	}
}

// honest is the answer to the request that a server without faults gives, which differs in its Date only.
func honest(t *testing.T, text, request string) string {
	t.Helper()
	e := serve(t, config(t, text), fixed)
	c := dialFault(t, e)
	io.WriteString(c, request)
	b, end := c.all(patient)
	if end != "timeout" || !strings.HasPrefix(b, "HTTP/1.1 200 OK\r\n") || !strings.Contains(b, `"Code":"OK"`) {
		t.Fatalf("the honest answer: %q, %s", b, end)
	}
	return undated(b)
}

// struckWire is what a fault makes of an honest answer, whose Date stands as it was read.
type struckWire struct {
	fault   string
	want    func(honest string) string
	end     string
	goesOn  bool // the connection serves another call
	counted string
}

func split(answer string) (head, body string) {
	i := strings.Index(answer, "\r\n\r\n") + 4
	return answer[:i], answer[i:]
}

func length(delta int) func(string) string {
	return func(h string) string {
		_, body := split(h)
		return strings.Replace(h, fmt.Sprint("Content-Length: ", len(body)), fmt.Sprint("Content-Length: ", len(body)+delta), 1)
	}
}

func none(string) string { return "" }

var wires = []struckWire{
	{"{kind: reset, share: 100%}", none, "reset", false, "unwritten"},
	{"{kind: hang, share: 100%}", none, "timeout", false, "unwritten"},
	{"{kind: half_close, share: 100%}", nil, "eof", false, "unwritten"},
	{"{kind: slow_drip, share: 100%, bytes_per_second: 5000}", func(h string) string { return h }, "timeout", true, "answered"},
	{"{kind: truncated, share: 100%}", func(h string) string {
		head, body := split(h)
		return head + body[:len(body)/2]
	}, "eof", false, "unwritten"},
	{"{kind: wrong_length, share: 100%, delta: 7}", length(7), "timeout", true, "unwritten"},
	{"{kind: wrong_length, share: 100%, delta: -7}", length(-7), "timeout", true, "unwritten"},
	{"{kind: html_503, share: 100%}", func(h string) string {
		return "HTTP/1.1 503 Service Temporarily Unavailable\r\nServer: Tengine\r\nDate: *\r\nContent-Type: text/html\r\nContent-Length: " + fmt.Sprint(len(proxyBody)) +
			"\r\nConnection: keep-alive\r\n\r\n" + proxyBody
	}, "timeout", true, "answered"},
	{"{kind: garbage, share: 100%}", nil, "eof", false, "unwritten"},
	{"{kind: empty, share: 100%}", none, "eof", false, "unwritten"},
}

// TestFaultsOnTheWire holds what a client reads, byte for byte, against the honest answer; over TCP and over TLS.
func TestFaultsOnTheWire(t *testing.T) {
	leaks(t)
	for _, layer := range []string{"", "tls: {}\n"} {
		for _, w := range wires {
			t.Run(w.fault+strings.TrimSpace(layer), func(t *testing.T) {
				t.Parallel()
				testWire(t, layer, w)
			})
		}
	}
}

func testWire(t *testing.T, layer string, w struckWire) {
	request := newBind().get()
	whole := honest(t, layer, request)
	e := serve(t, config(t, layer+"faults: ["+w.fault+"]"), fixed)
	c := dialFault(t, e)
	io.WriteString(c, request)
	patience := patient
	if w.end == "timeout" && w.want(whole) == "" { // nothing comes, but not because it is too early
		patience = quiet
		e.settled(t, 1)
	}
	raw, end := c.all(patience)
	got := undated(raw)
	switch {
	case strings.Contains(w.fault, "garbage"):
		if len(raw) != noiseBytes || raw[0] < 0x80 || strings.HasPrefix(raw, "HTTP/") {
			t.Errorf("garbage: %q", raw)
		}
	case strings.Contains(w.fault, "half_close"): // the Date counts for the half
		if n := len(whole) - 1 + len(http.TimeFormat); len(raw) != n/2 || !strings.HasPrefix(whole, got) {
			t.Errorf("%d bytes of %d: %q", len(raw), n, got)
		}
	case got != w.want(whole):
		t.Errorf("%q\nwant %q", got, w.want(whole))
	}
	if end != w.end {
		t.Errorf("the connection ended with %s, want %s", end, w.end)
	}
	truth := e.settled(t, 1)
	kind := strings.TrimSuffix(strings.Fields(w.fault)[1], ",")
	if answered := int64(len(strings.TrimSuffix(w.counted, "unwritten")) / len("answered")); truth.Answered != answered || truth.Unwritten != 1-answered ||
		truth.Faults[kind] != 1 || truth.Codes["OK"] != 1 || truth.Live != 1 || truth.Undecided != 0 {
		t.Errorf("truth: %+v", truth)
	}
	w.after(t, e, c)
}

// after looks at the connection behind the answer.
func (w *struckWire) after(t *testing.T, e *endpoint, c *faultClient) {
	if w.goesOn {
		io.WriteString(c, newBind().get())
		if b, end := c.all(patient); end != "timeout" || !strings.HasPrefix(b, "HTTP/1.1 ") {
			t.Errorf("the next answer: %q, %s", b, end)
		}
	}
	if strings.Contains(w.fault, "half_close") || strings.Contains(w.fault, "hang") {
		for range 10 { // our side is still read, far beyond what buffers hold of it
			_ = c.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if _, err := c.Write(make([]byte, 1<<20)); err != nil {
				t.Fatalf("our side is not read: %v", err)
			}
		}
		if open := e.Truth().Open; open != 1 {
			t.Errorf("%d connections open", open)
		}
	}
	c.tcp.Close()
	for i := 0; e.Truth().Open != 0; i++ {
		if i == 5000 {
			t.Fatalf("%d connections are still open", e.Truth().Open)
		}
		time.Sleep(time.Millisecond)
	}
}

// TestFaultsAndNetHTTP has the standard client meet each kind: what it makes of it is what most users see.
func TestFaultsAndNetHTTP(t *testing.T) {
	isReset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	isTimeout := func(err error) bool {
		var n net.Error
		return errors.As(err, &n) && n.Timeout()
	}
	says := func(text string) func(error) bool {
		return func(err error) bool { return err != nil && strings.Contains(err.Error(), text) }
	}
	fine := func(err error) bool { return err == nil }
	for _, c := range []struct {
		fault  string
		call   func(error) bool // what Get says
		read   func(error) bool // what reading the body says
		status int
		body   func(string) bool
		late   bool // the client gives up waiting
	}{
		{fault: "{kind: reset, share: 100%}", call: isReset},
		{fault: "{kind: reset_on_accept, share: 100%}", call: func(err error) bool { return isReset(err) || errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) }},
		{fault: "{kind: hang, share: 100%}", call: isTimeout, late: true},
		{fault: "{kind: half_close, share: 100%}", call: says("malformed MIME header")}, // half of so short an answer ends in its head
		{fault: "{kind: slow_drip, share: 100%, bytes_per_second: 20000}", call: fine, read: fine, status: 200, body: func(b string) bool { return strings.Contains(b, `"Code":"OK"`) && b[len(b)-1] == '}' }},
		{fault: "{kind: truncated, share: 100%}", call: fine, read: says("unexpected EOF"), status: 200},
		{fault: "{kind: wrong_length, share: 100%, delta: 9}", call: fine, read: isTimeout, status: 200, late: true},
		{fault: "{kind: wrong_length, share: 100%, delta: -9}", call: fine, read: fine, status: 200, body: func(b string) bool { return !strings.HasSuffix(b, "}") }},
		{fault: "{kind: html_503, share: 100%}", call: fine, read: fine, status: 503, body: func(b string) bool { return b == proxyBody }},
		{fault: "{kind: garbage, share: 100%}", call: says("malformed HTTP")},
		{fault: "{kind: empty, share: 100%}", call: func(err error) bool { return errors.Is(err, io.EOF) }},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			e := serve(t, config(t, "faults: ["+c.fault+"]"), fixed)
			transport := &http.Transport{DisableKeepAlives: !c.late}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: patient}
			if c.late {
				client.Timeout = 6 * quiet
			}
			res, err := client.Get("http://" + e.addr + "/?" + newBind().query("GET", BuiltinSecret))
			if c.read == nil {
				if err == nil || !c.call(err) {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if !c.read(err) || res.StatusCode != c.status || c.body != nil && !c.body(string(body)) {
				t.Errorf("%d %q %v", res.StatusCode, body, err)
			}
		})
	}
}

// TestGarbageIsSeeded reads garbage of the same and of another seed.
func TestGarbageIsSeeded(t *testing.T) {
	noiseOf := func(seed int) string {
		e := serve(t, config(t, fmt.Sprintf("seed: %d\nfaults: [{kind: garbage, share: 100%%}]", seed)), fixed)
		c := dialFault(t, e)
		io.WriteString(c, newBind().get())
		b, _ := c.all(patient)
		return b
	}
	if a, again, other := noiseOf(3), noiseOf(3), noiseOf(4); a != again || a == other {
		t.Error("garbage does not follow the seed")
	}
}

// TestSlowDrip times a drip: it takes as long as its speed says, and not twice as long.
func TestSlowDrip(t *testing.T) {
	e := serve(t, config(t, "faults: [{kind: slow_drip, share: 100%, bytes_per_second: 500}]"), fixed)
	c := dialFault(t, e)
	begin := instant()
	io.WriteString(c, newBind().get())
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	first := instant() - begin
	a := 1
	for last := byte(0); last != '}' || a < 400; a++ {
		var b [1]byte
		if _, err := io.ReadFull(c, b[:]); err != nil {
			t.Fatal(err)
		}
		last = b[0]
	}
	took, want := instant()-begin, int64(a-1)*int64(time.Second)/500
	if took < want*9/10 || first > want {
		t.Errorf("%d bytes took %v, the first %v; want %v", a, time.Duration(took), time.Duration(first), time.Duration(want))
	}
	t.Logf("%d bytes in %v, %v by arithmetic", a, time.Duration(took), time.Duration(want))
}

// TestPipelinedFaults sends many calls in one write: each answer meets its own fate, and what comes behind a lost connection is
// lost.
func TestPipelinedFaults(t *testing.T) {
	const calls = 6
	e := serve(t, config(t, "faults: [{kind: html_503, share: 100%, operation: UnbindSubscription}, {kind: empty, share: 100%, operation: QuerySubscriptionDetail}]"), fixed)
	unbind := newParams("UnbindSubscription").with("PoolKey", BuiltinPool, "SubsId", "1", "SecretNo", "2")
	query := newParams("QuerySubscriptionDetail").with("PoolKey", BuiltinPool, "SubsId", "1", "PhoneNoX", "2")
	again := unbind.with("SignatureNonce", "pipelined")
	c := dialFault(t, e)
	io.WriteString(c, newBind().get()+unbind.get()+newBind().with("PhoneNoA", strings.Repeat("1", 5000)).get()+again.post()+query.get()+newBind().get())
	b, end := c.all(patient)
	var heads []string
	for _, part := range strings.Split(b, "HTTP/1.1 ")[1:] {
		heads = append(heads, part[:3])
	}
	if end != "eof" || strings.Join(heads, " ") != "200 503 200 503" || strings.Count(b, proxyBody) != 2 {
		t.Errorf("%s: %v\n%q", end, heads, b)
	}
	truth := e.settled(t, calls)
	if truth.Answered != 4 || truth.Unwritten != 2 || truth.Faults["html_503"] != 2 || truth.Faults["empty"] != 1 || truth.InFlight != 0 {
		t.Errorf("truth: %+v", truth)
	}
}

// TestLongAnswersAndFaults cuts an answer that is longer than what is written at a time: the string to sign comes back in it.
func TestLongAnswersAndFaults(t *testing.T) {
	request := get(newBind().with("OutId", strings.Repeat("x", 9000)).query("GET", "wrong"))
	plain := serve(t, config(t, ""), fixed).raw(t, request)
	if len(plain.body) < 9000 || plain.status != 400 {
		t.Fatalf("%d, %d bytes", plain.status, len(plain.body))
	}
	e := serve(t, config(t, "faults: [{kind: truncated, share: 100%}]"), fixed)
	c := dialFault(t, e)
	io.WriteString(c, request)
	b, end := c.all(patient)
	if _, body := split(b); end != "eof" || body != plain.body[:len(plain.body)/2] {
		t.Errorf("%s: %d bytes of %d", end, len(body), len(plain.body))
	}
}
