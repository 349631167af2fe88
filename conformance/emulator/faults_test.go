package emulator

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"axbench/scenarios/strict"
)

// struck sends binds one after the other, each on a connection of its own, and says which of them found no answer.
func struck(t *testing.T, e *endpoint, n int) string {
	t.Helper()
	out := make([]byte, n)
	for i := range out {
		out[i] = 'x'
		c, err := net.Dial("tcp", e.addr)
		if errors.Is(err, syscall.ECONNRESET) { // so early can a reset come
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(patient))
		fmt.Fprint(c, newBind().get())
		out[i] = '.'
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			out[i] = 'x'
		}
		c.Close()
	}
	return string(out)
}

// TestFaultsAreSeeded strikes the same calls with the same seed, others with another one, and about as many as it should.
func TestFaultsAreSeeded(t *testing.T) {
	const n = 200
	of := func(seed int, fault string) string {
		e := serve(t, config(t, fmt.Sprintf("seed: %d\nfaults: [%s]", seed, fault)), fixed)
		out := struck(t, e, n)
		truth := e.settled(t, int64(strings.Count(out, ".")))
		hits := int64(0)
		for _, k := range truth.Faults {
			hits += k
		}
		if hits != int64(strings.Count(out, "x")) {
			t.Errorf("%s: %d struck, %d hits", fault, strings.Count(out, "x"), hits)
		}
		return out
	}
	for _, fault := range []string{"{kind: empty, share: 30%}", "{kind: reset_on_accept, share: 30%}"} {
		a, again, other := of(7, fault), of(7, fault), of(8, fault)
		if a != again || a == other {
			t.Errorf("%s\n%s\n%s\n%s", fault, a, again, other)
		}
		if k := strings.Count(a, "x"); math.Abs(float64(k)-0.3*n) > 4*math.Sqrt(0.3*0.7*n) {
			t.Errorf("%s: %d of %d calls", fault, k, n)
		}
	}
	if one, two := of(7, "{kind: empty, share: 30%}"), of(7, "{kind: reset, share: 0%}, {kind: empty, share: 30%}"); one == two {
		t.Error("two faults of a list draw the same numbers")
	}
}

// TestOneFaultACall: the first of the list that draws a call has it, and no other.
func TestOneFaultACall(t *testing.T) {
	e := serve(t, config(t, "faults: [{kind: empty, share: 50%}, {kind: html_503, share: 100%}, {kind: garbage, share: 100%}]"), fixed)
	const n = 60
	struck(t, e, n)
	truth := e.settled(t, n)
	f := truth.Faults
	if f["empty"] == 0 || f["html_503"] == 0 || f["empty"]+f["html_503"] != n || f["garbage"] != 0 || truth.Unwritten != f["empty"] || truth.Answered != f["html_503"] {
		t.Errorf("%+v", truth)
	}
}

// TestEffect: a call that is struck after it was served has made its binding, one that is struck before has done nothing.
func TestEffect(t *testing.T) {
	for _, c := range []struct {
		effect          string
		live, undecided int64
	}{{"after", 1, 0}, {"before", 0, 1}} {
		e := serve(t, config(t, "faults: [{kind: reset, share: 100%, effect: "+c.effect+", operation: BindAxb, after: 0s, for: 24h}, {kind: empty, share: 100%, operation: UnbindSubscription}]"), fixed)
		if got := struck(t, e, 1); got != "x" {
			t.Fatal(got)
		}
		truth := e.settled(t, 1)
		if truth.Live != c.live || truth.Undecided != c.undecided || truth.Codes["OK"] != c.live || truth.Faults["reset"] != 1 || len(truth.Clauses) != 0 {
			t.Errorf("%s: %+v", c.effect, truth)
		}
		if len(e.Journal()) != 0 {
			t.Errorf("%s: %+v", c.effect, e.Journal())
		}
	}
}

// TestEffectOnNonces: the same request comes again after the fault. Its nonce was used, or not.
func TestEffectOnNonces(t *testing.T) {
	for effect, want := range map[string]string{"after": "SignatureNonceUsed", "before": "OK"} {
		cfg := config(t, "faults: [{kind: html_503, share: 50%, effect: "+effect+"}]")
		for draws := func(n uint64) bool { return newFaults(cfg, newOrigin()).calls[0].strikes(streamFault, n, 0) }; !draws(1) || draws(2); {
			cfg.Seed++ // until it strikes the first call and not the second
		}
		e := serve(t, cfg, fixed)
		request := newBind().get()
		if a := e.raw(t, request); a.status != 503 {
			t.Fatalf("%s: %d %s", effect, a.status, a.body)
		}
		if a := e.raw(t, request); a.fields["Code"] != want {
			t.Errorf("%s: %s, want %s", effect, a.body, want)
		}
	}
}

// TestFaultsOfOneOperation strike no call of another one, and none whose operation is not known.
func TestFaultsOfOneOperation(t *testing.T) {
	for _, effect := range []string{"after", "before"} {
		e := serve(t, config(t, "faults: [{kind: html_503, share: 100%, operation: UnbindSubscription, effect: "+effect+"}]"), fixed)
		unbind := newParams("UnbindSubscription").with("PoolKey", BuiltinPool, "SubsId", "1", "SecretNo", "2")
		for _, c := range []struct {
			request string
			status  int
		}{{newBind().get(), 200}, {unbind.get(), 503}, {unbind.with("SignatureNonce", effect+"x").v3(nil), 503}, {newBind().with("Action", "Nothing").get(), 404}, {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400}} {
			if a := e.raw(t, c.request); a.status != c.status {
				t.Errorf("%s: %d, want %d: %s", effect, a.status, c.status, a.body)
			}
		}
		if truth := e.settled(t, 5); truth.Faults["html_503"] != 2 {
			t.Errorf("%+v", truth)
		}
	}
	if newFaults(config(t, "faults: [{kind: reset, share: 1%}]"), newOrigin()).known == 0 {
		t.Error("there is no stage that says the operation")
	}
}

// TestFaultWindows moves through virtual time: a fault strikes in its windows only.
func TestFaultWindows(t *testing.T) {
	s, err := New(config(t, "faults: [{kind: reset, after: 10s, for: 5s, every: 20s}, {kind: empty, share: 50%, after: 30s}]"), fixed)
	if err != nil {
		t.Fatal(err)
	}
	const first = int64(3e9)
	s.origin.mark(first)
	hit := func(at float64, n uint64) string {
		if f := s.faults.draw(&call{server: s, number: n, read: first + int64(at*1e9)}); f != nil {
			return f.name
		}
		return ""
	}
	for at, want := range map[float64]string{0: "", 9.999: "", 10: "reset", 14.999: "reset", 15: "", 29.9: "", 30: "reset", 34.9: "reset", 1010: "reset"} {
		if got := hit(at, 1); got != want {
			t.Errorf("at %v s: %q, want %q", at, got, want)
		}
	}
	empty := 0
	for n := range uint64(1000) {
		if got := hit(36, n); got == "empty" {
			empty++
		}
	}
	if empty < 400 || empty > 600 {
		t.Errorf("%d of 1000 calls", empty)
	}
	unborn := newFaults(config(t, "faults: [{kind: reset_on_accept, after: 0s, for: 1h}]"), newOrigin())
	if unborn.accepts[0].strikes(streamAccept, 1, unborn.origin.since(instant())) {
		t.Error("a window is open before the first call")
	}
}

func TestFaultErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[{kind: explode, share: 1%}]":                        "faults[0].kind: not one of the accepted values",
		"[{share: 1%}]":                                       "faults[0].kind: this value is missing",
		"[{kind: reset}]":                                     "faults[0].share: neither a share nor a window is given",
		"[{kind: refuse}]":                                    "faults[0].for: no window is given",
		"[{kind: refuse, after: 1s}]":                         "faults[0].for: no window is given",
		"[{kind: refuse, for: 1s, share: 5%}]":                "faults[0].share: nobody listens for a share",
		"[{kind: refuse, for: 1s, operation: BindAxb}]":       "faults[0].operation: there is no call yet",
		"[{kind: reset_on_accept, share: 1%, effect: after}]": "faults[0].effect: there is no call yet",
		"[{kind: refuse, for: 6s, every: 10s}, {kind: refuse, after: 5s, for: 6s, every: 10s}]": "faults: refuse: nobody would ever listen again",
		"[{kind: refuse, for: 1ms, every: 1s}, {kind: refuse, after: 8000h, for: 1s}]":          "faults: refuse: the windows do not repeat",
		"[{kind: reset, share: 1%, operation: Bind}]":                                           "faults[0].operation: no such operation",
		"[{kind: reset, share: 1%, effect: never}]":                                             "faults[0].effect: not one of the accepted values",
		"[{kind: truncated, share: 1%, effect: before}]":                                        "faults[0].effect: this kind shows a part of the answer",
		"[{kind: slow_drip, share: 1%}]":                                                        "faults[0].bytes_per_second: no speed",
		"[{kind: slow_drip, share: 1%, bytes_per_second: 0}]":                                   "faults[0].bytes_per_second: out of range",
		"[{kind: reset, share: 1%, bytes_per_second: 5}]":                                       "faults[0].bytes_per_second: not of this kind",
		"[{kind: wrong_length, share: 1%}]":                                                     "faults[0].delta: no difference",
		"[{kind: empty, share: 1%, delta: 5}]":                                                  "faults[0].delta: not of this kind",
		"[{kind: empty, for: 0s}]":                                                              "faults[0].for: not a positive time",
		"[{kind: empty, every: 2s}]":                                                            "faults[0].for: no value is given",
		"[{kind: empty, for: 2s, every: 2s}]":                                                   "faults[0].every: not more than for",
		"[{kind: empty, for: 9000h}]":                                                           "faults[0].for: out of range",
	} {
		_, err := Parse("f", []byte("faults: "+text), 11)
		var e *strict.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Line < 11 {
			t.Errorf("%s\n  %v\n  want %s", text, err, want)
		}
	}
	for _, f := range []Fault{{Kind: "explode", Share: 1}, {Kind: "reset"}, {Kind: "refuse"}, {Kind: "slow_drip", Share: 1}, {Kind: "reset", Window: Window{For: -1}}} {
		if _, err := New(&Config{Faults: []Fault{f}}, nil); err == nil {
			t.Errorf("%+v was accepted", f)
		}
	}
}

// TestTruthWithFaults has clients of all sorts meet faults of all sorts. When the last one is gone the truth adds up to the unit.
func TestTruthWithFaults(t *testing.T) {
	leaks(t)
	for round := range 4 {
		text := fmt.Sprintf(`
seed: %d
latency: {uniform: {min: 0s, max: 2ms}}
codes: [{code: isp.SYSTEM_ERROR, share: 10%%}]
faults:
  - {kind: reset, share: 4%%}
  - {kind: reset_on_accept, share: 3%%}
  - {kind: hang, share: 2%%}
  - {kind: half_close, share: 3%%, operation: BindAxb}
  - {kind: slow_drip, share: 4%%, bytes_per_second: 100000}
  - {kind: truncated, share: 4%%}
  - {kind: wrong_length, share: 3%%, delta: 11}
  - {kind: wrong_length, share: 3%%, delta: -11}
  - {kind: html_503, share: 4%%, effect: before}
  - {kind: garbage, share: 4%%, effect: before}
  - {kind: empty, share: 4%%}
`, round)
		e := serve(t, config(t, text), fixed)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() { wildClient(e.addr, rand.New(rand.NewPCG(uint64(round), uint64(i)))) })
		}
		wg.Wait()
		if err := e.stop(); err != nil {
			t.Fatal(err)
		}
		truth := e.Truth()
		decided := int64(0)
		for _, n := range truth.Codes {
			decided += n
		}
		byOperation := int64(0)
		for _, codes := range truth.CodesByOperation {
			for _, n := range codes {
				byOperation += n
			}
		}
		if truth.Arrivals != truth.Answered+truth.Unwritten || truth.InFlight != 0 || truth.Open != 0 || truth.Arrivals != decided+truth.Undecided || byOperation != decided {
			t.Errorf("%+v", truth)
		}
		if truth.Arrivals < 200 || truth.Unwritten == 0 || truth.Undecided == 0 || len(truth.Faults) != 10 || truth.Injected["isp.SYSTEM_ERROR"] != truth.Codes["isp.SYSTEM_ERROR"] ||
			truth.Service.Count != truth.Answered || truth.Flying < 1 || truth.Peak < 1 || truth.Peak > truth.Accepted {
			t.Errorf("%+v", truth)
		}
		if truth.Undecided != e.faults.undecided.Load() || truth.Undecided > truth.Faults["html_503"]+truth.Faults["garbage"] || truth.Undecided < truth.Faults["garbage"] {
			t.Errorf("undecided %d of %+v", truth.Undecided, truth.Faults)
		}
	}
}

// wildClient sends calls, some of them together, some cut, some no HTTP, reads some of the answers and leaves in several ways.
func wildClient(addr string, r *rand.Rand) {
	for range 12 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		_ = c.SetDeadline(time.Now().Add(patient))
		var text strings.Builder
		for range 1 + r.IntN(5) {
			switch p := newBind(); r.IntN(6) {
			case 0:
				text.WriteString(p.post())
			case 1:
				text.WriteString(p.v3(nil))
			case 2:
				text.WriteString(get(p.with("OutId", strings.Repeat("z", 6000)).query("GET", "wrong")))
			case 3:
				text.WriteString("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			default:
				text.WriteString(p.get())
			}
		}
		switch r.IntN(8) {
		case 0:
			text.WriteString(newBind().post()[:200])
		case 1:
			text.WriteString("no HTTP at all\r\n\r\n")
		}
		fmt.Fprint(c, text.String())
		_ = c.SetReadDeadline(time.Now().Add(time.Duration(r.IntN(20)) * time.Millisecond))
		_, _ = io.Copy(io.Discard, c)
		if r.IntN(3) == 0 {
			_ = c.(*net.TCPConn).SetLinger(0)
		}
		c.Close()
	}
}
