package emulator

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"axbench/conformance/numbers"
	"axbench/scenarios/strict"
)

func TestParse(t *testing.T) {
	c := config(t, `
listen: 127.0.0.1:8080
credentials:
  - {id: sub, secret: s3, token: t}
  - {id: testid, secret: testsecret, token: t}
pools:
  - key: FC000002
    mode: strict
    pairs: 3
    numbers: {北京: [17000000000-17000000999, 17000002000], 拉萨: []}
latency:
  lognormal: {median: 20ms, p99: 80ms}
  stall: {after: 3s, for: 2s}
codes: [{code: isv.FLOW_LIMIT, share: 1%}, {code: isp.SYSTEM_ERROR, share: 0.5 %, operation: UnbindSubscription}]
flow_limit: 5000/s
seed: 7
`)
	if c.Latency.Lognormal.Median != 20*time.Millisecond || c.Latency.Stall.For != 2*time.Second || c.FlowLimit != 5000 || c.Seed != 7 || c.Codes[1].Share != 0.005 {
		t.Errorf("%+v", c)
	}
	pools := c.poolConfigs()
	if len(pools) != 2 || !pools[0].Strict || pools[0].MaxPairs != 3 || pools[0].Cities[0].Ranges[0].Size() != 1000 || pools[1].Key != BuiltinPool {
		t.Errorf("%+v", pools)
	}
	for _, city := range pools[1].Cities { // its 北京 would have the numbers of the configured pool
		if city.Name == "北京" {
			t.Error("the built-in pool has numbers of another")
		}
	}
	if c := config(t, " \n"); c.Seed != 1 || len(c.poolConfigs()) != 1 {
		t.Errorf("empty: %+v", c)
	}
	if c := config(t, "pools: [{key: FC123456, numbers: {北京: [17100000000]}}]"); len(c.poolConfigs()) != 1 {
		t.Errorf("the built-in pool stands beside its replacement: %+v", c.poolConfigs())
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"flow_limt: 5/s":                             `f:11:1: flow_limt: unknown key, did you mean "flow_limit"?`,
		"flow_limit: 5":                              "f:11:13: flow_limit: not a rate",
		"flow_limit: -5/s":                           "f:11:13: flow_limit: not a rate",
		"listen: 8080":                               "f:11:9: listen: not an address",
		"seed: x":                                    "f:11:7: seed: not a whole number",
		"credentials:\n  - {id: a, secret: ''}":      "f:12:21: credentials[0].secret: no value is given",
		"credentials: [{id: '', secret: s}]":         "f:11:20: credentials[0].id: no value is given",
		"credentials: [{id: testid, secret: other}]": "credentials[0].secret: this key stands before with another secret",
		"credentials: [{id: a, secret: s}, {id: a, secret: s}]": "credentials[1].id: this key stands twice",
		"pools: [{key: P}]":                                                                 "pools[0].numbers: no number in it",
		"pools: [{key: P, numbers: {北京: []}}]":                                              "pools[0].numbers: no number in it",
		"pools: [{key: '', numbers: {北京: [17]}}]":                                           "pools[0].key: no key of a pool",
		"pools: [{key: P, mode: lax, numbers: {北京: [17]}}]":                                 "pools[0].mode: not one of the accepted values",
		"pools: [{key: P, numbers: {北京: [18-17]}}]":                                         "not a range of numbers",
		"pools: [{key: P, numbers: {北京: [17-180]}}]":                                        "not a range of numbers",
		"pools: [{key: P, numbers: {北京: [17]}}, {key: P, numbers: {北京: [18]}}]":             "pools[1].key: a pool of this key stands before",
		"pools: [{key: P, numbers: {北京: [17-19]}}, {key: Q, numbers: {北京: [18]}}]":          "pools[1].numbers: a number stands in two places",
		"pools: [{key: P, pairs: 201, numbers: {北京: [17]}}]":                                "pools[0].pairs: out of range",
		"latency: {fixed: 5}":                                                               "latency.fixed: not a duration",
		"latency: {fixed: 5ms, queue: {servers: 1, service: 1ms}}":                          "f:11:10: latency: more than one kind of latency",
		"latency: {lognormal: {median: 20ms, p99: 10ms}}":                                   "latency.lognormal.p99: below the median",
		"latency: {lognormal: {median: 0s, p99: 10ms}}":                                     "latency.lognormal.median: not a positive time",
		"latency: {queue: {servers: 0, service: 1ms}}":                                      "latency.queue.servers: out of range",
		"latency: {queue: {servers: 1, service: 0s}}":                                       "latency.queue.service: not a positive time",
		"latency: {stall: {after: 1s, for: 0s}}":                                            "latency.stall.for: not a positive time",
		"latency: {stall: {after: 1s}}":                                                     "latency.stall.for: this value is missing",
		"codes: [{code: OK, share: 1%}]":                                                    "codes[0].code: OK is what the other calls get",
		"codes: [{code: isv.FLOW_LIMT, share: 1%}]":                                         "codes[0].code: no list has this code",
		"codes: [{code: 'a b', share: 1%, undocumented: true}]":                             "codes[0].code: not the name of a code",
		"codes: [{code: isv.FLOW_LIMIT, share: 1}]":                                         "codes[0].share: not a share",
		"codes: [{code: isv.FLOW_LIMIT, share: 101%}]":                                      "codes[0].share: not a share",
		"codes: [{code: isv.FLOW_LIMIT, share: 60%}, {code: isp.SYSTEM_ERROR, share: 50%}]": "codes[1].share: the shares add up to more than all calls",
		"codes: [{code: isv.FLOW_LIMIT, share: 1%, operation: bind}]":                       "codes[0].operation: no such operation",
	} {
		_, err := Parse("f", []byte(text), 11)
		var e *strict.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Line < 11 {
			t.Errorf("%s\n  %v\n  want %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "other)") {
			t.Errorf("%s: the message repeats a secret: %v", text, err)
		}
	}
}

func TestNewRefusesWhatParseRefuses(t *testing.T) {
	for _, c := range []Config{
		{Credentials: []Credential{{ID: "a"}}},
		{Pools: []Pool{{Key: "P", Numbers: map[string][]NumberSpan{"北京": {{numbers.Range{}}}}}}},
		{Latency: Latency{Queue: &Queue{}}},
		{Codes: []Injected{{Code: "x"}}},
	} {
		if _, err := New(&c, nil); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

// TestBuiltinPoolIsLargeEnough binds what a scenario of 20,000 a second for 20 s does, from ranges of two thousand numbers.
func TestBuiltinPoolIsLargeEnough(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("400,000 binds by one goroutine")
	}
	model, err := numbers.New(1, (&Config{}).poolConfigs())
	if err != nil {
		t.Fatal(err)
	}
	pool := model.Pool(BuiltinPool)
	a, _ := numbers.Parse("15000000000")
	b, _ := numbers.Parse("15800000000")
	for i := range 400_000 {
		r := numbers.Request{A: a + numbers.Number(i%2000), B: b + numbers.Number(i/2000*7%2000+i%2000)%2000, City: "北京", Expires: noon.Add(time.Hour)}
		if _, refusal := pool.Bind(noon, r); refusal != numbers.None {
			t.Fatalf("bind %d: %q", i, refusal)
		}
	}
}

func TestSchema(t *testing.T) {
	text, err := strict.Schema(&Config{}, "emulator", nil)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]struct{ Description string }
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"listen", "credentials", "pools", "latency", "codes", "flow_limit", "seed"} {
		if s.Properties[name].Description == "" {
			t.Errorf("%s has no description", name)
		}
	}
}
