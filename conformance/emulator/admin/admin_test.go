package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"axbench/conformance/contract"
	"axbench/conformance/emulator"
	"axbench/conformance/signature"
)

var nonces atomic.Int64

// stand is an emulator that serves, with its admin handler.
type stand struct {
	server *emulator.Server
	admin  http.Handler
	api    string
}

func newStand(t *testing.T, config string) *stand {
	t.Helper()
	cfg, err := emulator.Parse("test.yaml", []byte(config), 1)
	if err != nil {
		t.Fatal(err)
	}
	server, err := emulator.New(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "metric 1\n") })
	return &stand{server, New(server, metrics, "emulator.internal"), "http://" + l.Addr().String()}
}

// bind binds a pair until an hour from now and returns the X, or the code of the refusal.
func (s *stand) bind(t *testing.T, a, b string, pairs ...string) (x, code string) {
	t.Helper()
	all := append([]string{"Action", "BindAxb", "Version", contract.Version, "Format", "JSON", "AccessKeyId", emulator.BuiltinID, "SignatureMethod", "HMAC-SHA1",
		"SignatureVersion", "1.0", "SignatureNonce", fmt.Sprint("admin-", nonces.Add(1)), "Timestamp", time.Now().UTC().Format(contract.TimestampLayout),
		"PoolKey", emulator.BuiltinPool, "PhoneNoA", a, "PhoneNoB", b, "Expiration", time.Now().Add(time.Hour).In(contract.Zone).Format(contract.ExpirationLayout)}, pairs...)
	var params []signature.Param
	for i := 0; i < len(all); i += 2 {
		params = append(params, signature.Param{Name: all[i], Value: all[i+1]})
	}
	signature.Sort(params)
	sign := signature.NewV1Key(emulator.BuiltinSecret).Append(nil, signature.AppendStringToSignV1(nil, "GET", params))
	res, err := http.Get(s.api + "/?" + string(signature.AppendCanonicalQuery(nil, params)) + "&Signature=" + url.QueryEscape(string(sign)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Code          string
		SecretBindDTO struct{ SecretNo string }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.SecretBindDTO.SecretNo, answer.Code
}

// ask sends a request to the admin handler; headers are names and values.
func (s *stand) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:9090"
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	s.admin.ServeHTTP(w, r)
	return w
}

// get reads the JSON of an answer that must be a good one.
func (s *stand) get(t *testing.T, to any, method, target, body string) {
	t.Helper()
	w := s.ask(method, target, body)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json; charset=utf-8" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%s %s: %d %v %s", method, target, w.Code, w.Header(), w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), to); err != nil {
		t.Fatalf("%s %s: %v in %s", method, target, err, w.Body)
	}
}

// TestEndpoints follows a binding through everything that the listener shows.
func TestEndpoints(t *testing.T) {
	s := newStand(t, "")
	x, code := s.bind(t, "13911110001", "13911110002", "OutId", "order 7")
	if code != "OK" {
		t.Fatal(code)
	}
	if _, code := s.bind(t, "13911110003", "1"); code != "isv.MOBILE_NUMBER_ILLEGAL" {
		t.Fatal(code)
	}
	var truth emulator.Truth
	s.get(t, &truth, "GET", "/truth", "")
	if truth.Arrivals != 2 || truth.Live != 1 || truth.Codes["OK"] != 1 {
		t.Errorf("truth %+v", truth)
	}
	var refusals []emulator.Refusal
	s.get(t, &refusals, "GET", "/journal", "")
	if len(refusals) != 1 || refusals[0].Clause != "PRM-B-3" || refusals[0].Parameter != "PhoneNoB" {
		t.Errorf("journal %+v", refusals)
	}
	var pools []emulator.PoolState
	if s.get(t, &pools, "GET", "/pools", ""); len(pools) != 1 || pools[0].Key != emulator.BuiltinPool || pools[0].Live != 1 || len(pools[0].Cities) != 5 {
		t.Errorf("pools %+v", pools)
	}
	var list []emulator.BindingState
	s.get(t, &list, "GET", "/bindings?pool="+emulator.BuiltinPool+"&x="+x, "")
	if len(list) != 1 || list[0].PhoneNoA != "13911110001" || list[0].OutID != "order 7" {
		t.Errorf("bindings %+v", list)
	}
	var ring emulator.Ring
	s.get(t, &ring, "POST", "/calls", `{"x": "`+x+`", "from": "13911110002"}`)
	if !ring.Connected || ring.Reached != "13911110001" || ring.Receipt.OutID != "order 7" || ring.Receipt.CallType != 1 {
		t.Errorf("call %+v", ring)
	}
	s.get(t, &ring, "POST", "/calls", `{"x": "`+x+`", "from": "13911110002", "seconds": 0}`)
	if ring.Reason != emulator.NoAnswer {
		t.Errorf("call that nobody answers %+v", ring)
	}
	var deviations []emulator.DeviationState
	if s.get(t, &deviations, "GET", "/deviations", ""); deviations == nil || len(deviations) != 0 {
		t.Errorf("deviations %v", deviations)
	}
	var reset resetState
	if s.get(t, &reset, "POST", "/reset", ""); reset.Ended != 1 || reset.Nonces || s.server.Truth().Live != 0 {
		t.Errorf("reset %+v", reset)
	}
	if s.get(t, &reset, "POST", "/reset", `{"nonces": true}`); reset.Ended != 0 || !reset.Nonces {
		t.Errorf("reset with nonces %+v", reset)
	}
}

// TestClock moves the clock on and sets it.
func TestClock(t *testing.T) {
	s := newStand(t, "")
	if _, code := s.bind(t, "13911110001", "13911110002"); code != "OK" {
		t.Fatal(code)
	}
	for _, step := range []struct {
		body, offset string
		live         int64
	}{{`{"advance": "59m"}`, "59m0s", 1}, {`{"advance": "2m"}`, "1h1m0s", 0}, {`{"offset": "0s"}`, "0s", 0}, {`{"advance": "-5m"}`, "-5m0s", 0}} {
		var c clockState
		s.get(t, &c, "POST", "/clock", step.body)
		if c.Offset != step.offset || s.server.Truth().Live != step.live || !c.Now.Equal(c.Real.Add(time.Duration(c.Seconds*1e9))) {
			t.Errorf("%s: %+v, %d live", step.body, c, s.server.Truth().Live)
		}
		var again clockState
		if s.get(t, &again, "GET", "/clock", ""); again.Offset != step.offset {
			t.Errorf("after %s the clock says %+v", step.body, again)
		}
	}
}

// TestJournalCount takes the newest ones.
func TestJournalCount(t *testing.T) {
	s := newStand(t, "")
	for range 5 {
		s.bind(t, "13911110003", "1")
	}
	for n, want := range map[string]int{"2": 2, "5": 5, "1000000": 5} {
		var refusals []emulator.Refusal
		s.get(t, &refusals, "GET", "/journal?n="+n, "")
		if len(refusals) != want || refusals[want-1].Number != 5 {
			t.Errorf("n=%s: %+v", n, refusals)
		}
	}
}

// TestPlain: the index lists every path, metrics come from their handler, and HEAD is a GET.
func TestPlain(t *testing.T) {
	s := newStand(t, "")
	text := s.ask("GET", "/", "").Body.String()
	for _, e := range endpoints {
		if !strings.Contains(text, e.method) || !strings.Contains(text, e.path) || e.text == "" || !strings.Contains(text, e.text) {
			t.Errorf("the index does not list %s %s:\n%s", e.method, e.path, text)
		}
		if w := s.ask("HEAD", e.path, ""); e.method == "GET" && e.path != "/bindings" && w.Code != 200 {
			t.Errorf("HEAD %s: %d", e.path, w.Code)
		}
	}
	if w := s.ask("GET", "/metrics", ""); w.Body.String() != "metric 1\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.ask("GET", "/healthz", ""); w.Body.String() != "{\"status\":\"ok\"}\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestRefused: each wrong request is answered with its status, an error and no word of what was sent.
func TestRefused(t *testing.T) {
	s := newStand(t, "")
	const secret = "13987654321"
	for _, c := range []struct {
		name, method, target, body string
		headers                    []string
		status                     int
		says                       string
	}{
		{"path", "GET", "/" + secret, "", nil, 404, "nothing at this path"},
		{"method", "DELETE", "/clock", "", nil, 405, "GET and POST"},
		{"method of a page", "POST", "/truth", "", nil, 405, "it takes GET"},
		{"parameter", "GET", "/truth?" + secret + "=1", "", nil, 400, "it has none"},
		{"parameter of another", "GET", "/journal?m=1", "", nil, 400, "it has n"},
		{"host", "GET", "/truth", "", []string{"Host", "evil.example"}, 403, "Host header"},
		{"host in form", "GET", "/truth", "", []string{"Host", "127.0.0.1:x"}, 403, "Host header"},
		{"origin", "POST", "/reset", "", []string{"Origin", "https://evil.example"}, 403, "another origin"},
		{"null origin", "POST", "/reset", "", []string{"Origin", "null"}, 403, "another origin"},
		{"origin of another port", "POST", "/reset", "", []string{"Origin", "http://127.0.0.1:1"}, 403, "another origin"},
		{"fetch site", "POST", "/reset", "", []string{"Sec-Fetch-Site", "cross-site"}, 403, "another origin"},
		{"n", "GET", "/journal?n=" + secret, "", nil, 400, "1 to 1000000"},
		{"n empty", "GET", "/journal?n=", "", nil, 400, "no count"},
		{"n zero", "GET", "/journal?n=0", "", nil, 400, "no count"},
		{"no x", "GET", "/bindings", "", nil, 400, "x is missing"},
		{"x unknown", "GET", "/bindings?x=" + secret, "", nil, 404, "no number of the pool"},
		{"x too long", "GET", "/bindings?x=" + strings.Repeat("1", 50), "", nil, 400, "too long"},
		{"pool unknown", "GET", "/bindings?x=17000000000&pool=" + secret, "", nil, 404, "no pool of this key"},
		{"no body", "POST", "/clock", "", nil, 400, "the body is empty"},
		{"not JSON", "POST", "/clock", secret + "!", nil, 400, "no JSON object"},
		{"a number", "POST", "/clock", secret, nil, 400, "no JSON object"},
		{"an array", "POST", "/clock", "[" + secret + "]", nil, 400, "no JSON object"},
		{"two objects", "POST", "/clock", `{"offset": "0s"} {"offset": "1s"}`, nil, 400, "no JSON object"},
		{"unknown field", "POST", "/clock", `{"` + secret + `": 1}`, nil, 400, "not known"},
		{"type", "POST", "/calls", `{"x": ` + secret + `}`, nil, 400, "wrong type"},
		{"both", "POST", "/clock", `{"offset": "0s", "advance": "1s"}`, nil, 400, "one of them"},
		{"neither", "POST", "/clock", `{}`, nil, 400, "one of them"},
		{"no unit", "POST", "/clock", `{"advance": "` + secret + `"}`, nil, 400, "its unit"},
		{"too far", "POST", "/clock", `{"advance": "1000000h"}`, nil, 400, "too long"},
		{"too far back", "POST", "/clock", `{"offset": "-1000000h"}`, nil, 400, "too long"},
		{"no numbers", "POST", "/calls", `{"x": "` + secret + `x", "from": "` + secret + `"}`, nil, 400, "no number"},
		{"calls without from", "POST", "/calls", `{"x": "17000000000"}`, nil, 400, "no number"},
		{"seconds", "POST", "/calls", `{"x": "17000000000", "from": "` + secret + `", "seconds": 7201}`, nil, 400, "0 to 7200"},
		{"seconds below", "POST", "/calls", `{"x": "17000000000", "from": "` + secret + `", "seconds": -1}`, nil, 400, "0 to 7200"},
		{"long body", "POST", "/reset", `{"nonces": ` + strings.Repeat(" ", maxBody) + `true}`, nil, 413, "at most 65536"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := s.ask(c.method, c.target, c.body, c.headers...)
			var p problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Error == "" {
				t.Errorf("%v in %s", err, w.Body)
			}
			if w.Code != c.status || !strings.Contains(p.Error+" "+p.Hint, c.says) {
				t.Errorf("%d %s, want %d and %q", w.Code, w.Body, c.status, c.says)
			}
			if strings.Contains(w.Body.String(), secret) {
				t.Errorf("the error repeats what was sent: %s", w.Body)
			}
			if c.status == 405 && w.Header().Get("Allow") == "" {
				t.Error("no Allow")
			}
		})
	}
	if s.server.ClockOffset() != 0 {
		t.Errorf("a refused request moved the clock by %v", s.server.ClockOffset())
	}
}

// TestAllowed: what stands beside the refused ones.
func TestAllowed(t *testing.T) {
	s := newStand(t, "listen: 10.1.2.3:8080")
	for _, headers := range [][]string{
		{"Host", "localhost:1"}, {"Host", "[::1]:9"}, {"Host", "127.9.9.9"}, {"Host", "emulator.internal:80"}, {"Host", "10.1.2.3:9090"},
		{"Origin", "http://127.0.0.1:9090"}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"},
	} {
		if w := s.ask("POST", "/clock", `{"offset": "0s"}`, headers...); w.Code != 200 {
			t.Errorf("%v: %d %s", headers, w.Code, w.Body)
		}
	}
	if w := s.ask("GET", "/truth", "", "Origin", "https://elsewhere.example"); w.Code != 200 {
		t.Errorf("a GET changes nothing and is answered: %d", w.Code)
	}
}

// TestServe ends when it is told to, also while somebody holds a connection, and tells of a listener that broke.
func TestServe(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	}()
	client := &http.Client{Transport: &http.Transport{}}
	res, err := client.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	client.CloseIdleConnections()
	if c, err := l.Accept(); err == nil {
		c.Close()
		t.Error("it still listens")
	}
	broken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	broken.Close()
	if err := Serve(context.Background(), broken, http.NotFoundHandler()); err == nil || !strings.HasPrefix(err.Error(), "admin: ") {
		t.Errorf("a listener that is closed: %v", err)
	}
}
