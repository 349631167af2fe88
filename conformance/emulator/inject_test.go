package emulator

import (
	"errors"
	"math"
	"strings"
	"testing"

	"axbench/scenarios/strict"
)

// TestInjectWindows moves through virtual time: codes come in their windows, by their shares, and by the call's number.
func TestInjectWindows(t *testing.T) {
	s, err := New(config(t, `
codes:
  - {code: isv.FLOW_LIMIT, share: 20%}
  - {code: isp.SYSTEM_ERROR, share: 70%, after: 10s, for: 5s, every: 60s}
  - {code: isp.VENDOR_ERROR, undocumented: true, after: 20s, for: 5s, share: 80%}
  - {code: isp.UNKNOWN, after: 0s, for: 1s, operation: UnbindSubscription, undocumented: true}
`), fixed)
	if err != nil {
		t.Fatal(err)
	}
	const first, n = int64(3e9), 4000
	s.origin.mark(first)
	at := func(op string, second float64) map[string]int {
		out := map[string]int{}
		for k := range uint64(n) {
			c := &call{server: s, op: s.ops[op], number: k, read: first + int64(second*1e9)}
			if r := c.inject(); r != nil {
				out[r.name]++
			}
		}
		return out
	}
	for second, want := range map[float64]map[string]float64{
		0: {"isv.FLOW_LIMIT": 0.2}, 9.99: {"isv.FLOW_LIMIT": 0.2}, 15: {"isv.FLOW_LIMIT": 0.2}, 25: {"isv.FLOW_LIMIT": 0.2},
		10:   {"isv.FLOW_LIMIT": 0.2, "isp.SYSTEM_ERROR": 0.7},
		70.5: {"isv.FLOW_LIMIT": 0.2, "isp.SYSTEM_ERROR": 0.7},
		24.9: {"isv.FLOW_LIMIT": 0.2, "isp.VENDOR_ERROR": 0.8},
	} {
		got := at("BindAxb", second)
		if len(got) != len(want) {
			t.Errorf("at %v s: %v", second, got)
		}
		for code, share := range want {
			if math.Abs(float64(got[code])/n-share) > 4*math.Sqrt(share*(1-share)/n)+1e-9 {
				t.Errorf("at %v s: %d of %d calls got %s, want %v", second, got[code], n, code, share)
			}
		}
	}
	if got := at("UnbindSubscription", 0.5); got["isp.UNKNOWN"] != n || len(got) != 1 {
		t.Errorf("without a share: %v", got)
	}
	if got := at("UnbindSubscription", 1); len(got) != 0 {
		t.Errorf("after its window: %v", got)
	}
	if again := at("BindAxb", 10); again["isp.SYSTEM_ERROR"] != at("BindAxb", 11)["isp.SYSTEM_ERROR"] {
		t.Error("the same numbers draw otherwise at another time of the window")
	}
	if sum := s.injections(); sum["isp.UNKNOWN"] != n || sum["isv.FLOW_LIMIT"] == 0 {
		t.Errorf("injections: %v", sum)
	}
}

func TestInjectErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[{code: isv.FLOW_LIMIT}]":                                                 "codes[0].share: neither a share nor a window is given",
		"[{code: isv.FLOW_LIMIT, share: 1%, for: 0s}]":                             "codes[0].for: not a positive time",
		"[{code: isv.FLOW_LIMIT, for: 3s, every: 2s}]":                             "codes[0].every: not more than for",
		"[{code: isv.FLOW_LIMIT, share: 1%}, {code: isp.SYSTEM_ERROR, after: 5s}]": "codes[1].share: the shares add up to more than all calls",
		"[{code: isv.FLOW_LIMIT, share: 60%, after: 5s, for: 2s}, {code: isp.SYSTEM_ERROR, share: 50%, for: 1s, every: 6s}]":            "codes[1].share: the shares add up",
		"[{code: isv.FLOW_LIMIT, share: 60%, for: 1ms, every: 1s}, {code: isp.SYSTEM_ERROR, share: 50%, after: 8000h, for: 1s}]":        "codes[1].every: the windows do not repeat",
		"[{code: isv.FLOW_LIMIT, share: 60%, for: 1s, every: 4s}, {code: isp.SYSTEM_ERROR, share: 60%, after: 1s, for: 1s, every: 5s}]": "the shares add up",
	} {
		_, err := Parse("f", []byte("codes: "+text), 11)
		var e *strict.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Line < 11 {
			t.Errorf("%s\n  %v\n  want %s", text, err, want)
		}
	}
	for _, text := range []string{ // never at the same time
		"[{code: isv.FLOW_LIMIT, after: 5s, for: 2s}, {code: isp.SYSTEM_ERROR, after: 7s}]",
		"[{code: isv.FLOW_LIMIT, share: 60%, for: 1s, every: 4s}, {code: isp.SYSTEM_ERROR, share: 60%, after: 1s, for: 1s, every: 8s}]",
		"[{code: isv.FLOW_LIMIT, after: 5s}, {code: isp.SYSTEM_ERROR, after: 5s, operation: UnbindSubscription}]",
		"[{code: isv.FLOW_LIMIT, share: 60%, for: 10s}, {code: isp.SYSTEM_ERROR, share: 40%, for: 5s}, {code: isv.BIND_CONFLICT, share: 40%, after: 5s, for: 5s}]",
		"[{code: isv.FLOW_LIMIT, share: 0%}]",
	} {
		if _, err := Parse("f", []byte("codes: "+text), 1); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestInjectOnTheWire has a code in a window that is over soon: it comes, and then no more.
func TestInjectOnTheWire(t *testing.T) {
	e := serve(t, config(t, "codes: [{code: isp.SYSTEM_ERROR, after: 0s, for: 200ms}]"), fixed)
	n := int64(0)
	for code := "isp.SYSTEM_ERROR"; code != "OK"; n++ {
		if code != "isp.SYSTEM_ERROR" || n > 100_000 {
			t.Fatalf("call %d got %s", n, code)
		}
		code = e.raw(t, newBind().get()).fields["Code"]
	}
	truth := e.settled(t, n)
	if truth.Injected["isp.SYSTEM_ERROR"] != n-1 || n < 2 || truth.Live != 1 || truth.Clauses["COD-SYSTEM_ERROR"]+truth.Clauses[""] != n-1 {
		t.Errorf("%d calls: %+v", n, truth)
	}
}
