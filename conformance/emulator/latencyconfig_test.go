package emulator

import (
	"errors"
	"strings"
	"testing"
	"time"

	"axbench/scenarios/strict"
)

func TestLatencyErrors(t *testing.T) {
	for text, want := range map[string]string{
		"{fixed: 5ms, uniform: {min: 1ms, max: 2ms}}":                        "latency: more than one kind of latency",
		"{uniform: {min: 1ms, max: 2ms}, queue: {servers: 1, service: 1ms}}": "latency: more than one kind of latency",
		"{fixed: 2h}":                              "latency.fixed: out of range",
		"{uniform: {min: 3ms, max: 2ms}}":          "latency.uniform.max: below min",
		"{uniform: {max: 2ms}}":                    "latency.uniform.min: this value is missing",
		"{uniform: {min: 3ms, max: 61m}}":          "latency.uniform.max: out of range",
		"{lognormal: {median: 61m, p99: 100h}}":    "latency.lognormal.median: not a positive time, or too long",
		"{queue: {servers: 1, service: 2h}}":       "latency.queue.service: not a positive time, or too long",
		"{stalls: [{after: 1s, for: 0s}]}":         "latency.stalls[0].for: not a positive time",
		"{stalls: [{after: 1s}]}":                  "latency.stalls[0].for: this value is missing",
		"{stall: {after: 1s, for: 2s, every: 2s}}": "latency.stall.every: not more than for",
		"{stall: {after: 1s, for: 2s, every: 0s}}": "latency.stall.every: not a positive time",
		"{stall: {after: 9000h, for: 2s}}":         "latency.stall.after: out of range",
		"{stall: {after: 0s, for: 6s, every: 10s}, stalls: [{after: 5s, for: 6s, every: 10s}]}":   "latency.stalls: no time is left between the stalls",
		"{stalls: [{after: 0s, for: 1ms, every: 1s}, {after: 0s, for: 1ms, every: 999999937ns}]}": "latency.stalls: the windows do not repeat",
		"{by_code: {isv.BIND_CONFLCT: {fixed: 5ms}}}":                                             "latency.by_code: no list has a code that stands here: isv.BIND_CONFLCT",
		"{by_code: {isv.BIND_CONFLICT: {}}}":                                                      "latency.by_code",
		"{by_code: {isv.BIND_CONFLICT: {fixed: 1ms, uniform: {min: 1ms, max: 2ms}}}}":             "latency.by_code.isv.BIND_CONFLICT: more than one kind",
		"{by_code: {OK: {queue: {servers: 1, service: 1ms}}}}":                                    "queue: unknown key",
		"{by_operation: {Bind: {fixed: 5ms}}}":                                                    "latency.by_operation: no such operation: Bind",
		"{by_operation: {BindAxb: {lognormal: {median: 0s, p99: 1ms}}}}":                          "latency.by_operation.BindAxb.lognormal.median: not a positive time",
	} {
		_, err := Parse("f", []byte("latency: "+text), 11)
		var e *strict.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Line < 11 {
			t.Errorf("%s\n  %v\n  want %s", text, err, want)
		}
	}
	for _, l := range []Latency{{Times: Times{Fixed: -1}}, {Stall: &Stall{}}, {Stalls: []Stall{{For: 1, Every: -1}}}, {ByCode: map[string]Special{"x": {}}}} {
		if _, err := New(&Config{Latency: l}, nil); err == nil {
			t.Errorf("%+v was accepted", l)
		}
	}
}

// TestLatencyConfig reads everything that a latency can have.
func TestLatencyConfig(t *testing.T) {
	c := config(t, `
latency:
  uniform: {min: 1ms, max: 9ms}
  stall: {after: 1s, for: 100ms, every: 10s}
  stalls: [{after: 65s, for: 3s}, {after: 0s, for: 1s, every: 20s}]
  by_code:
    isv.BIND_CONFLICT: {fixed: 0s}
    house.OWN: {lognormal: {median: 20ms, p99: 80ms}}
    MissingPhoneNoA: {uniform: {min: 1ms, max: 2ms}}
  by_operation: {UnbindSubscription: {fixed: 7ms}}
codes: [{code: house.OWN, share: 1%, undocumented: true}]
`)
	l := &c.Latency
	if l.Uniform.Max != 9*time.Millisecond || l.Stall.Every != 10*time.Second || len(l.stalls()) != 3 || l.stalls()[0].After != time.Second ||
		l.ByCode["house.OWN"].Lognormal.P99 != 80*time.Millisecond || l.ByOperation["UnbindSubscription"].Fixed != 7*time.Millisecond {
		t.Errorf("%+v", l)
	}
	if _, err := New(c, fixed); err != nil {
		t.Error(err)
	}
}
