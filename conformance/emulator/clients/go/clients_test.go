package clients

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// endpointVariable names the emulator, as http://127.0.0.1:8080.
const endpointVariable = "AXBENCH_CLIENTS_URL"

// What ../emulator.yaml has.
const (
	beijing      = "北京"
	firstBeijing = "17100000000"
	lastBeijing  = "17100000009"
)

// key is an access key and the pool of its account; token is empty but for a temporary one.
type key struct{ id, secret, token, pool string }

var (
	static    = key{"testid", "testsecret", "", "FC100001"} // the built-in one
	temporary = key{"sts", "sts-secret", "sts-token", "FC100001"}
	nobody    = key{"nobody", "secret", "", "FC100001"}
)

// limits are the accounts of which one call a minute passes, with what the others are answered and the HTTP status of it.
var limits = []struct {
	key    key
	code   string
	status int
}{
	{key{"flow", "flow-secret", "", "FC200001"}, "isv.FLOW_LIMIT", 200},
	{key{"user", "user-secret", "", "FC200002"}, "Throttling.User", 400},
	{key{"api", "api-secret", "", "FC200003"}, "Throttling.Api", 400},
	{key{"limited", "limited-secret", "", "FC200004"}, "FlowLimited", 400},
}

// binding names what BindAxb made.
type binding struct{ subsID, x string }

// request is what a client is asked to bind.
type request struct{ a, b, x, city, outID string }

// client is one real client in one way of calling. The code is the answer's own, as the client parsed it; an error is what the
// client calls one: neither Go client does that for a business code.
type client interface {
	bind(r request) (code, requestID string, got binding, err error)
	query(b binding) (code string, got detail, err error)
	unbind(b binding) (code string, err error)
}

// detail is what the tests look at in the answer of QuerySubscriptionDetail.
type detail struct {
	subsID, a, b, x, expires string
	status                   int64
	recorded                 bool
}

// endpoint returns the host and port of the emulator. Other addresses than loopback are refused: real bindings cost money.
func endpoint(t *testing.T) string {
	t.Helper()
	text := os.Getenv(endpointVariable)
	if text == "" {
		t.Skipf("%s is not set: bash .ci/clients starts an emulator and sets it", endpointVariable)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" {
		t.Fatalf("%s=%q: want http://127.0.0.1:PORT", endpointVariable, text)
	}
	return u.Host
}

// phones counts the numbers given out, from the time of the start so that an emulator can serve several runs.
var phones = func() *atomic.Int64 {
	var n atomic.Int64
	n.Store(time.Now().Unix() % 10_000 * 10_000)
	return &n
}()

// phone returns a mobile number that no other test of this run has.
func phone() string { return fmt.Sprintf("150%08d", phones.Add(1)) }

// expiration is an hour ahead, in the zone of the document.
func expiration() string {
	return time.Now().In(time.FixedZone("", 8*3600)).Add(time.Hour).Format("2006-01-02 15:04:05")
}

// newRequest asks for any X of Beijing. The order id has every character that signatures go wrong with.
func newRequest() request {
	return request{a: phone(), b: phone(), city: beijing, outID: "your Out*Id~+/=&%订单"}
}

// want reports a code or an error that was not expected.
func want(t *testing.T, what, code string, err error, wanted string) {
	t.Helper()
	if err != nil || code != wanted {
		t.Fatalf("%s: code %q, error %v; want code %s", what, code, err, wanted)
	}
}

// bound binds and returns the binding.
func bound(t *testing.T, c client, r request) binding {
	t.Helper()
	code, id, b, err := c.bind(r)
	want(t, "bind", code, err, "OK")
	if len(b.subsID) != 16 || strings.Trim(b.subsID, "0123456789") != "" {
		t.Errorf("SubsId %q: want 16 digits", b.subsID)
	}
	if len(b.x) != len(firstBeijing) || b.x < firstBeijing || b.x > lastBeijing {
		t.Errorf("SecretNo %q: want one of %s, %s to %s", b.x, beijing, firstBeijing, lastBeijing)
	}
	if len(id) != 36 {
		t.Errorf("RequestId %q: want a UUID", id)
	}
	return b
}

// journey is what an application does with a binding, and what it is refused on the way.
func journey(t *testing.T, c client) {
	r := newRequest()
	b := bound(t, c, r)

	again := newRequest()
	again.a, again.x = r.a, b.x // A has a binding with this X
	code, _, none, err := c.bind(again)
	want(t, "bind A to X once more", code, err, "isv.BIND_CONFLICT")
	if none != (binding{}) {
		t.Errorf("a refused bind returned %+v", none)
	}
	again = newRequest()
	again.a = "abc"
	code, _, _, err = c.bind(again)
	want(t, "bind abc", code, err, "isv.MOBILE_NUMBER_ILLEGAL")

	code, d, err := c.query(b)
	want(t, "query", code, err, "OK")
	if d.subsID != b.subsID || d.a != r.a || d.b != r.b || d.x != b.x || d.status != 1 || d.recorded || len(d.expires) != len(time.DateTime) {
		t.Errorf("query: got %+v of binding %+v, asked for %+v", d, b, r)
	}
	code, err = c.unbind(b)
	want(t, "unbind", code, err, "OK")
	code, err = c.unbind(b)
	want(t, "unbind once more", code, err, "isv.ILLEGAL_ARGUMENT")
	code, _, err = c.query(b)
	want(t, "query what is gone", code, err, "isv.ILLEGAL_ARGUMENT")
}

// tooFast binds until a call does not pass, which the second does not at the latest.
func tooFast(c client) (code string, err error) {
	for range 2 {
		if code, _, _, err = c.bind(newRequest()); err != nil || code != "OK" {
			break
		}
	}
	return code, err
}
