package emulator

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"testing"
)

// TestThrottlingHeaders wants the gateway's refusals, and only them, to say when the next call passes: within the minute that
// one call of the limit takes. The call that passes afterwards says nothing of it.
func TestThrottlingHeaders(t *testing.T) {
	value := regexp.MustCompile(`^Limit:1,Remain:0,TimeLeft:(\d+),Reset:\d+$`)
	for _, c := range []struct{ style, code, header string }{
		{"business", "isv.FLOW_LIMIT", ""},
		{"gateway", "Throttling.User", "X-Ratelimit-User"},
		{"gateway_api", "Throttling.Api", "X-Ratelimit-User-Api"},
		{"flow_limited", "FlowLimited", ""},
	} {
		t.Run(c.style, func(t *testing.T) {
			e := serve(t, config(t, fmt.Sprintf("limits: [{rate: 1/m, burst: 1, style: %s, operation: BindAxb}]", c.style)), fixed)
			if a := e.raw(t, newBind().get()); a.fields["Code"] != "OK" || len(limitHeaders(a.header)) != 0 {
				t.Fatalf("the first: %s %v", a.body, a.header)
			}
			a := e.raw(t, newBind().get())
			if a.fields["Code"] != c.code {
				t.Fatalf("the second: %s, want %s", a.body, c.code)
			}
			got := limitHeaders(a.header)
			switch m := value.FindStringSubmatch(a.header.Get(c.header)); {
			case c.header == "" && len(got) != 0 || c.header != "" && len(got) != 1:
				t.Errorf("headers %v, want %q", got, c.header)
			case c.header == "":
			case m == nil:
				t.Errorf("%s: %q", c.header, a.header.Get(c.header))
			default:
				if left, err := strconv.Atoi(m[1]); err != nil || left < 1 || left > 60_000 {
					t.Errorf("TimeLeft %s: want 1 to 60000 ms", m[1])
				}
			}
			detail := newParams("QuerySubscriptionDetail").with("PoolKey", BuiltinPool, "SubsId", "1", "PhoneNoX", "1")
			if a := e.raw(t, detail.get()); len(limitHeaders(a.header)) != 0 {
				t.Errorf("another operation: %v", a.header)
			}
		})
	}
}

// limitHeaders are the names of the headers that tell of limits.
func limitHeaders(h http.Header) (names []string) {
	for name := range h {
		if regexp.MustCompile(`(?i)ratelimit`).MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}
