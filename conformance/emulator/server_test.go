package emulator

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// noon is the clock of the tests: between the timestamps of the requests in testdata/wire.
var noon = time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)

func fixed() time.Time { return noon }

// leaks watches goroutines; the HTTP server's date and its idle workers outlive it.
func leaks(t *testing.T) {
	t.Cleanup(func() {
		goleak.VerifyNone(t,
			goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
			goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
	})
}

func config(t testing.TB, text string) *Config {
	t.Helper()
	c, err := Parse("test.yaml", []byte(text), 1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// endpoint is a running emulator.
type endpoint struct {
	*Server
	addr string
	stop func() error
}

func serve(t testing.TB, c *Config, clock func() time.Time) *endpoint {
	t.Helper()
	s, err := New(c, clock)
	if err != nil {
		t.Fatal(err)
	}
	return serving(t, s)
}

// serving starts a server that is made already.
func serving(t testing.TB, s *Server) *endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	var stopped atomic.Bool
	stop := func() error {
		if stopped.Swap(true) {
			return nil
		}
		cancel()
		return <-ended
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return &endpoint{s, l.Addr().String(), stop}
}

// settled waits until the last of n answers is in the record, which is after the client has it, and returns the truth.
func (e *endpoint) settled(t testing.TB, n int64) Truth {
	t.Helper()
	for range 5000 {
		if truth := e.Truth(); truth.Answered+truth.Unwritten >= n {
			return truth
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d answers did not come: %+v", n, e.Truth())
	return Truth{}
}

// waitFor waits until n calls have been read.
func (e *endpoint) waitFor(t testing.TB, n int64) {
	t.Helper()
	for range 5000 {
		if e.Truth().Arrivals >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d calls did not come: %+v", n, e.Truth())
}

// answer is one HTTP answer.
type answer struct {
	status int
	header http.Header
	body   string
	fields map[string]string // of JSON: path to text, of any depth
}

func (e *endpoint) raw(t testing.TB, request string) answer {
	t.Helper()
	c, err := net.Dial("tcp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	return read(t, bufio.NewReader(c), method)
}

func read(t testing.TB, r *bufio.Reader, method string) answer {
	t.Helper()
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered(res, body)
}

// answered is an answer whose body was read.
func answered(res *http.Response, body []byte) answer {
	a := answer{res.StatusCode, res.Header, string(body), map[string]string{}}
	var v any
	if json.Unmarshal(body, &v) == nil {
		flatten(a.fields, "", v)
	}
	return a
}

func flatten(to map[string]string, at string, v any) {
	if m, ok := v.(map[string]any); ok {
		for k, v := range m {
			flatten(to, strings.TrimPrefix(at+"."+k, "."), v)
		}
		return
	}
	to[at] = fmt.Sprint(v)
}

// params is a call: its V1 parameters, which edits may change before the signature.
type params map[string]string

var nonceCount atomic.Int64

func newParams(action string) params {
	return params{"Action": action, "Version": "2017-05-25", "Format": "JSON", "AccessKeyId": BuiltinID, "SignatureMethod": "HMAC-SHA1",
		"SignatureVersion": "1.0", "SignatureNonce": fmt.Sprint("n", nonceCount.Add(1)), "Timestamp": noon.Format(contract.TimestampLayout)}
}

// bindParams are those of a bind that works. The pair is a new one each time.
func newBind() params {
	n := nonceCount.Add(1)
	return newParams("BindAxb").with("PoolKey", BuiltinPool, "PhoneNoA", fmt.Sprint(15000000000+n), "PhoneNoB", fmt.Sprint(15800000000+n),
		"Expiration", "2026-11-24 00:00:00")
}

// with returns a copy with names and values set; the value "-" removes.
func (p params) with(pairs ...string) params {
	out := params{}
	for k, v := range p {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		if out[pairs[i]] = pairs[i+1]; pairs[i+1] == "-" {
			delete(out, pairs[i])
		}
	}
	return out
}

func (p params) sorted() (out []signature.Param) {
	for k, v := range p {
		out = append(out, signature.Param{Name: k, Value: v})
	}
	signature.Sort(out)
	return out
}

// query signs with V1 and returns the query.
func (p params) query(method, secret string) string {
	sorted := p.sorted()
	sign := signature.NewV1Key(secret).Append(nil, signature.AppendStringToSignV1(nil, method, sorted))
	return string(signature.AppendCanonicalQuery(nil, sorted)) + "&Signature=" + url.QueryEscape(string(sign))
}

func get(query string) string { return "GET /?" + query + " HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n" }

func (p params) get() string { return get(p.query("GET", BuiltinSecret)) }

func (p params) post() string {
	body := p.query("POST", BuiltinSecret)
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// v3 signs with V3; edit may change the headers after that.
func (p params) v3(edit func(http.Header)) string {
	action := p["Action"]
	nonce := p["SignatureNonce"]
	sorted := p.with("Action", "-", "Version", "-", "Format", "-", "AccessKeyId", "-", "SignatureMethod", "-", "SignatureVersion", "-", "SignatureNonce", "-", "Timestamp", "-").sorted()
	headers := []signature.Header{{Name: "host", Value: "127.0.0.1:1"}, {Name: "x-acs-action", Value: action}, {Name: "x-acs-content-sha256", Value: signature.EmptyPayloadHash},
		{Name: "x-acs-date", Value: p["Timestamp"]}, {Name: "x-acs-signature-nonce", Value: nonce}, {Name: "x-acs-version", Value: p["Version"]}}
	canonical := signature.AppendCanonicalRequestV3(nil, "POST", "/", sorted, headers, signature.EmptyPayloadHash)
	sign := signature.NewV3Key(BuiltinSecret).Append(nil, signature.AppendStringToSignV3(nil, canonical))
	h := http.Header{}
	for _, header := range headers[1:] {
		h.Set(header.Name, header.Value)
	}
	h.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+p["AccessKeyId"]+",SignedHeaders="+string(signature.AppendSignedHeaders(nil, headers))+",Signature="+string(sign))
	if edit != nil {
		edit(h)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST /?%s HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Length: 0\r\n", signature.AppendCanonicalQuery(nil, sorted))
	_ = h.Write(&b)
	return b.String() + "\r\n"
}

var (
	uuid = regexp.MustCompile(`^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`)
	subs = regexp.MustCompile(`^[1-9][0-9]{15}$`)
	xNo  = regexp.MustCompile(`^170000[0-9]{5}$`)
)

// TestRealClients sends what real clients put on the wire.
func TestRealClients(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, "credentials: [{id: testId, secret: testSecret}, {id: testId, secret: testSecret, token: testToken}]"), fixed)
	files, _ := filepath.Glob("testdata/wire/*.txt")
	if len(files) < 20 {
		t.Fatalf("%d requests in testdata/wire", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			request, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			a := e.raw(t, string(request))
			switch filepath.Base(file) {
			case "newgo-query.txt", "newgo-unbind.txt": // of a binding that this emulator never made
				if a.status != 200 || a.fields["Code"] != "isv.ILLEGAL_ARGUMENT" || a.fields["Message"] != "subs not exist" {
					t.Errorf("%d %s", a.status, a.body)
				}
				return
			case "oldgo-xml.txt":
				want := regexp.MustCompile(`^<\?xml version='1.0' encoding='UTF-8'\?><BindAxbResponse><Message>OK</Message><RequestId>[0-9A-F-]{36}</RequestId><Code>OK</Code>` +
					`<SecretBindDTO><Extension>130</Extension><SecretNo>170000\d{5}</SecretNo><SubsId>\d{16}</SubsId></SecretBindDTO></BindAxbResponse>$`)
				if a.status != 200 || !want.MatchString(a.body) || a.header.Get("Content-Type") != "text/xml;charset=utf-8" {
					t.Errorf("%d %s %s", a.status, a.header, a.body)
				}
				return
			}
			if a.status != 200 || a.fields["Code"] != "OK" || !subs.MatchString(a.fields["SecretBindDTO.SubsId"]) || !xNo.MatchString(a.fields["SecretBindDTO.SecretNo"]) {
				t.Errorf("%d %s", a.status, a.body)
			}
			if again := e.raw(t, string(request)); again.status != 400 || again.fields["Code"] != "SignatureNonceUsed" {
				t.Errorf("again: %d %s", again.status, again.body)
			}
		})
	}
	if live := e.Truth().Live; live != int64(len(files)-2) {
		t.Errorf("%d bindings live, want %d", live, len(files)-2)
	}
}

// TestBindQueryUnbind follows one binding through its life, with both signatures and every place of the parameters.
func TestBindQueryUnbind(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, ""), fixed)
	for name, spell := range map[string]func(params) string{"get": params.get, "form": params.post, "v3": func(p params) string { return p.v3(nil) }} {
		t.Run(name, func(t *testing.T) {
			p := newBind().with("ExpectCity", "杭州市", "IsRecordingEnabled", "True", "OutId", `a b*c~d+e/%&=中"'`, "CallRestrict", "CONTROL_AX_DISABLE", "Unknown", "kept out")
			a := e.raw(t, spell(p))
			x, id := a.fields["SecretBindDTO.SecretNo"], a.fields["SecretBindDTO.SubsId"]
			if a.status != 200 || a.fields["Code"] != "OK" || a.fields["Message"] != "OK" || !strings.HasPrefix(x, "1700004") {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if a.header.Get("Content-Type") != "application/json;charset=utf-8" || !uuid.MatchString(a.fields["RequestId"]) || a.header.Get("x-acs-request-id") != a.fields["RequestId"] {
				t.Errorf("%v %s", a.header, a.body)
			}
			q := e.raw(t, spell(newParams("QuerySubscriptionDetail").with("PoolKey", BuiltinPool, "SubsId", id, "PhoneNoX", x)))
			for field, want := range map[string]string{"SubsId": id, "PhoneNoX": x, "PhoneNoA": p["PhoneNoA"], "PhoneNoB": p["PhoneNoB"], "Status": "1", "NeedRecord": "true",
				"ExpireDate": "2026-11-24 00:00:00", "GmtCreate": "2026-11-23 16:30:00", "CallRestrict": "CONTROL_AX_DISABLE", "ASRStatus": "false"} {
				if got := q.fields["SecretBindDetailDTO."+field]; got != want {
					t.Errorf("%s is %q, want %q", field, got, want)
				}
			}
			unbind := newParams("UnbindSubscription").with("ProductType", "AXB_170", "SubsId", id, "SecretNo", x)
			if u := e.raw(t, spell(unbind)); u.fields["Code"] != "OK" || u.fields["ChargeId"] != "true" {
				t.Errorf("unbind: %s", u.body)
			}
			if u := e.raw(t, spell(unbind.with("SignatureNonce", name+"second"))); u.fields["Code"] != "isv.ILLEGAL_ARGUMENT" {
				t.Errorf("unbind twice: %s", u.body)
			}
		})
	}
}

// TestXML decodes every kind of answer in XML.
func TestXML(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	for _, c := range []struct {
		p    params
		root string
		code string
	}{
		{newBind(), "BindAxbResponse", "OK"},
		{newBind().with("PhoneNoA", "1<2>&"), "BindAxbResponse", "isv.MOBILE_NUMBER_ILLEGAL"},
		{newBind().with("Expiration", "-"), "Error", "MissingExpiration"},
		{newParams("QuerySubscriptionDetail").with("PoolKey", BuiltinPool, "SubsId", "1", "PhoneNoX", "2"), "QuerySubscriptionDetailResponse", "isv.ILLEGAL_ARGUMENT"},
		{newParams("UnbindSubscription").with("PoolKey", BuiltinPool, "SubsId", "1", "SecretNo", "2"), "UnbindSubscriptionResponse", "isv.ILLEGAL_ARGUMENT"},
	} {
		for _, format := range []string{"XML", "xml"} {
			a := e.raw(t, c.p.with("Format", format, "SignatureNonce", fmt.Sprint("x", nonceCount.Add(1))).get())
			var v struct {
				XMLName   xml.Name
				Code      string
				RequestID string `xml:"RequestId"`
			}
			if err := xml.Unmarshal([]byte(a.body), &v); err != nil || v.XMLName.Local != c.root || v.Code != c.code || !uuid.MatchString(v.RequestID) {
				t.Errorf("%v %s", err, a.body)
			}
			if a.header.Get("Content-Type") != "text/xml;charset=utf-8" {
				t.Errorf("content type %q", a.header.Get("Content-Type"))
			}
		}
	}
	mismatch := newBind().with("Format", "XML", "OutId", "<&>")
	a := e.raw(t, get(mismatch.query("GET", "wrong")))
	var v struct{ Message string }
	if err := xml.Unmarshal([]byte(a.body), &v); err != nil || !strings.HasSuffix(v.Message, string(signature.AppendStringToSignV1(nil, "GET", mismatch.sorted()))) {
		t.Errorf("%v %s", err, a.body)
	}
}

// TestIDs holds RequestIds and SubsIds of many calls against each other, and the places of an answer.
func TestIDs(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	seen := map[string]bool{}
	for range 200 {
		a := e.raw(t, newBind().get())
		for _, id := range []string{a.fields["RequestId"], a.fields["SecretBindDTO.SubsId"]} {
			if seen[id] {
				t.Fatalf("%s came twice", id)
			}
			seen[id] = true
		}
	}
	if truth := e.settled(t, 200); truth.Arrivals != 200 || truth.Answered != 200 || truth.Codes["OK"] != 200 || truth.Live != 200 || truth.Service.Count != 200 {
		t.Errorf("truth: %+v", truth)
	}
}

// TestKeepAliveAndPipeline sends calls on one connection, one after the other and all at once.
func TestKeepAliveAndPipeline(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, "latency: {fixed: 1ms}"), fixed)
	c, err := net.Dial("tcp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for range 5 {
		fmt.Fprint(c, newBind().get())
		if a := read(t, r, "GET"); a.fields["Code"] != "OK" {
			t.Fatal(a.body)
		}
	}
	fmt.Fprint(c, newBind().get()+newBind().post()+newBind().v3(nil))
	for range 3 {
		if a := read(t, r, "GET"); a.fields["Code"] != "OK" {
			t.Fatal(a.body)
		}
	}
	if truth := e.settled(t, 8); truth.Answered != 8 || truth.Service.Min < int64(time.Millisecond) {
		t.Errorf("truth: %+v", truth)
	}
}

// TestGracefulStop stops while calls are being answered: each accepted one gets its answer.
func TestGracefulStop(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, "latency: {fixed: 300ms}"), fixed)
	const calls = 20
	codes := make(chan string, calls)
	for range calls {
		go func() { codes <- e.raw(t, newBind().get()).fields["Code"] }()
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
	if truth := e.Truth(); truth.Answered != calls || truth.Unwritten != 0 {
		t.Errorf("truth: %+v", truth)
	}
}

// TestClientThatLeft counts an answer that nobody took apart from the others.
func TestClientThatLeft(t *testing.T) {
	e := serve(t, config(t, "latency: {fixed: 1500ms}"), fixed) // long enough to leave, on a host that stands still too
	c, err := net.Dial("tcp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(c, newBind().get())
	e.waitFor(t, 1)
	_ = c.(*net.TCPConn).SetLinger(0)
	c.Close()
	if truth := e.settled(t, 1); truth.Unwritten != 1 || truth.Service.Count != 0 || truth.Codes["OK"] != 1 {
		t.Errorf("truth: %+v", truth)
	}
}

// TestConnectionsThatSayNothing are no calls: one that closes, one that resets.
func TestConnectionsThatSayNothing(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, ""), fixed)
	for i := range 20 {
		c, err := net.Dial("tcp", e.addr)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			_ = c.(*net.TCPConn).SetLinger(0)
		}
		c.Close()
	}
	if a := e.raw(t, newBind().get()); a.fields["Code"] != "OK" {
		t.Error(a.body)
	}
	if truth := e.settled(t, 1); truth.Arrivals != 1 || len(truth.Codes) != 1 {
		t.Errorf("truth: %+v", truth)
	}
}
