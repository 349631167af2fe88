package traffic

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseTarget(t *testing.T) {
	type want struct {
		loopback  bool
		addr, url string
		host      string
	}
	for _, tt := range []struct {
		in   string
		want want
	}{
		{"http://127.0.0.1:8080", want{true, "127.0.0.1:8080", "http://127.0.0.1:8080/", "127.0.0.1:8080"}},
		{"http://127.255.255.254/", want{true, "127.255.255.254:80", "http://127.255.255.254/", "127.255.255.254"}},
		{"https://localhost:1/a/b", want{true, "localhost:1", "https://localhost:1/a/b", "localhost:1"}},
		{"http://[::1]", want{true, "[::1]:80", "http://[::1]/", "[::1]"}},
		{"http://[::1]:9", want{true, "[::1]:9", "http://[::1]:9/", "[::1]:9"}},
		{"https://dyplsapi.aliyuncs.com", want{false, "dyplsapi.aliyuncs.com:443", "https://dyplsapi.aliyuncs.com/", "dyplsapi.aliyuncs.com"}},
		{"http://128.0.0.1", want{false, "128.0.0.1:80", "http://128.0.0.1/", "128.0.0.1"}},
		{"http://10.0.0.1:80", want{false, "10.0.0.1:80", "http://10.0.0.1/", "10.0.0.1"}},
		{"http://foo.localhost", want{false, "foo.localhost:80", "http://foo.localhost/", "foo.localhost"}},
		{"http://localhost.example.com", want{false, "localhost.example.com:80", "http://localhost.example.com/", "localhost.example.com"}},
		{"http://127.0.0.1.nip.io", want{false, "127.0.0.1.nip.io:80", "http://127.0.0.1.nip.io/", "127.0.0.1.nip.io"}},
		{"http://[2001:db8::1]", want{false, "[2001:db8::1]:80", "http://[2001:db8::1]/", "[2001:db8::1]"}},
	} {
		t.Run(tt.in, func(t *testing.T) {
			e, err := ParseTarget(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := (want{e.Loopback, e.Addr(), e.String(), e.HostHeader()}); got != tt.want || e.Emulator {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if e, err := ParseTarget("emulator"); err != nil || !e.Emulator || !e.Loopback || e.String() != "emulator" {
		t.Errorf("emulator: %+v, %v", e, err)
	}
}

// Spellings that some resolver takes for loopback, and what else no target may be, are errors and never loopback.
func TestParseTargetRefusesTricks(t *testing.T) {
	for _, tt := range []struct{ in, problem string }{
		{"http://127.1", "four decimal numbers"},
		{"http://127.0.1", "four decimal numbers"},
		{"http://0x7f.1", "four decimal numbers"},
		{"http://0x7f000001", "four decimal numbers"},
		{"http://0x7f.0x0.0x0.0x1", "four decimal numbers"},
		{"http://2130706433", "four decimal numbers"},
		{"http://0177.0.0.1", "four decimal numbers"},
		{"http://127.0.0.01", "four decimal numbers"},
		{"http://127.0.0.256", "four decimal numbers"},
		{"http://127.0.0.1.", "dot at the end"},
		{"http://localhost.", "dot at the end"},
		{"http://LOCALHOST", "upper-case"},
		{"http://LocalHost:80", "upper-case"},
		{"http://API.example.com", "upper-case"},
		{"http://0.0.0.0", "not the address of one host"},
		{"http://0", "four decimal numbers"},
		{"http://255.255.255.255", "not the address of one host"},
		{"http://224.0.0.1", "not the address of one host"},
		{"http://[::]", "not the address of one host"},
		{"http://[::ffff:127.0.0.1]", "an IPv4 address written as IPv6"},
		{"http://[::ffff:7f00:1]", "an IPv4 address written as IPv6"},
		{"http://[0:0:0:0:0:0:0:1]", "another form"},
		{"http://[::01]", "another form"},
		{"http://[::1%25lo]", "zone"},
		{"http://[fe80::1%25eth0]", "zone"},
		{"http://[127.0.0.1]", "not a URL"},
		{"http://loc%61lhost", "not a URL"},
		{"http://ｌocalhost", "not a host name"},
		{"http://１２７.0.0.1", "not a host name"},
		{"http://local host", "not a URL"},
		{"http://a..b", "not a host name"},
		{"http://.a", "not a host name"},
		{"http://user:pass@127.0.0.1", "no user"},
		{"http://user@127.0.0.1", "no user"},
		{"http://@127.0.0.1", "no user"},
		{"http://127.0.0.1:80@evil.example", "no user"},
		{"http://127.0.0.1\\@evil.example", "not a URL"},
		{"http://127.0.0.1?x=1", "no query"},
		{"http://127.0.0.1?", "no query"},
		{"http://127.0.0.1#", "no query"},
		{"http://127.0.0.1:", "no port"},
		{"http://127.0.0.1:0", "not a port"},
		{"http://127.0.0.1:65536", "not a port"},
		{"http://127.0.0.1:080", "not a port"},
		{"http://", "no host"},
		{"http:///path", "no host"},
		{"127.0.0.1:8080", "not a URL"},
		{"localhost:8080", "not a URL"},
		{"//127.0.0.1", "not a URL"},
		{"ftp://127.0.0.1", "not a URL"},
		{"unix:///tmp/x", "not a URL"},
		{"Emulator", "not a URL"},
		{"", "not a URL"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			e, err := ParseTarget(tt.in)
			var usage *UsageError
			if !errors.As(err, &usage) || !strings.Contains(usage.Error(), tt.problem) || e.Loopback {
				t.Errorf("%+v, %v; want an error with %q", e, err, tt.problem)
			}
		})
	}
}

func TestPasswordsAreNotRepeated(t *testing.T) {
	for _, in := range []string{"http://user:sentinelPW@127.0.0.1/", "http://user:sentinelPW@a b", "http://u:sentinel/PW@h", "user:sentinelPW@host", "http://u:sentinel#PW@h"} {
		_, err := ParseTarget(in)
		if err == nil || strings.Contains(err.Error(), "sentinel") {
			t.Errorf("%v", err)
		}
	}
}

// Whatever is written, only three hosts are loopback.
func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:80/", "http://[::1]/x", "https://localhost", "http://a@127.1", "http://0x7f.1", "emulator"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		e, err := ParseTarget(target)
		if err != nil {
			var usage *UsageError
			if !errors.As(err, &usage) {
				t.Errorf("%T", err)
			}
			return
		}
		if e.Loopback && !e.Emulator && e.Host != "localhost" && e.Host != "::1" && !strings.HasPrefix(e.Host, "127.") {
			t.Errorf("%q is loopback: %+v", target, e)
		}
		if again, err := ParseTarget(e.String()); err != nil || again != e {
			t.Errorf("%q is written %q, and read %+v, %v", target, e, again, err)
		}
	})
}

// foreign is a guard that lets a plan for a foreign host through.
func foreign() Guard {
	return Guard{
		Target: "https://api.example.com", AllowHost: "api.example.com", Budget: 1000, Ceiling: 20,
		A: []Numbers{{"15000000000", "15000000499"}, {"15000000500", "15000000999"}, {"057188990000", "057188990099"}},
		B: []Numbers{{"15800000000", "15800000999"}},
		Plan: GuardPlan{
			Calls: 1000, Peak: 20,
			A: []Numbers{{"15000000100", "15000000900"}, {"057188990007", "057188990007"}},
			B: []Numbers{{"15800000000", "15800000999"}},
		},
	}
}

func TestGuard(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*Guard)
		missing string // "" when it passes
	}{
		{"all there", func(*Guard) {}, ""},
		{"plaintext allowed", func(g *Guard) { g.Target, g.Plaintext = "http://api.example.com", true }, ""},
		{"a closed model under the ceiling", func(g *Guard) { g.Plan.Peak = 0 }, ""},
		{"an odd value of declared digits", func(g *Guard) {
			g.Plan.Odd = []string{"1500-000 0100", "１５８００００００００", "ab", "12"}
		}, ""},
		{"no host", func(g *Guard) { g.AllowHost = "" }, "--allow-host api.example.com"},
		{"another host", func(g *Guard) { g.AllowHost = "example.com" }, "--allow-host api.example.com"},
		{"the host with a port", func(g *Guard) { g.AllowHost = "api.example.com:443" }, "--allow-host api.example.com"},
		{"the host in capitals", func(g *Guard) { g.AllowHost = "API.example.com" }, "--allow-host api.example.com"},
		{"a wildcard", func(g *Guard) { g.AllowHost = "*" }, "--allow-host api.example.com"},
		{"plaintext", func(g *Guard) { g.Target = "http://api.example.com" }, "--plaintext"},
		{"insecure", func(g *Guard) { g.Insecure = true }, "--insecure is for loopback only"},
		{"no budget", func(g *Guard) { g.Budget = 0 }, "safety.budget"},
		{"over the budget", func(g *Guard) { g.Plan.Calls = 1001 }, "up to 1001 calls, safety.budget is 1000"},
		{"calls without a bound", func(g *Guard) { g.Plan.Calls = -1 }, "has no bound"},
		{"no ceiling", func(g *Guard) { g.Ceiling = 0 }, "safety.ceiling"},
		{"over the ceiling", func(g *Guard) { g.Plan.Peak = 20.5 }, "peak is 20.5/s, safety.ceiling is 20/s"},
		{"no A declared", func(g *Guard) { g.A = nil }, "safety.a"},
		{"no B declared", func(g *Guard) { g.B = nil }, "safety.b"},
		{"no B declared or planned", func(g *Guard) { g.B, g.Plan.B = nil, nil }, "safety.b"},
		{"A outside", func(g *Guard) { g.Plan.A = append(g.Plan.A, Numbers{"15000000900", "15000001000"}) }, "15000001000"},
		{"A below", func(g *Guard) { g.Plan.A = []Numbers{{"14999999999", "15000000000"}} }, "14999999999"},
		{"A in a gap", func(g *Guard) { g.A = []Numbers{g.A[0], {"15000000501", "15000000999"}, g.A[2]} }, "15000000500"},
		{"a row of a CSV outside", func(g *Guard) { g.Plan.B = append(g.Plan.B, Numbers{"13800000000", "13800000000"}) }, "13800000000"},
		{"another length", func(g *Guard) { g.Plan.B = []Numbers{{"1580000000", "1580000000"}} }, "1580000000"},
		{"B in the range of A only", func(g *Guard) { g.Plan.B = []Numbers{{"15000000100", "15000000100"}} }, "safety.b"},
		{"a declared range that is none", func(g *Guard) { g.B = []Numbers{{"15800000999", "15800000000"}} }, "no range of numbers"},
		{"an odd value of other digits", func(g *Guard) { g.Plan.Odd = []string{"+8613800000000"} }, "might ring"},
		{"a short number", func(g *Guard) { g.Plan.Odd = []string{"1-1-0"} }, "might ring 110"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := foreign()
			tt.change(&g)
			s, err := g.Check()
			if tt.missing == "" {
				text := strings.Join(s.Lines, "\n")
				if err != nil || !s.Foreign || !strings.Contains(text, "api.example.com") || !strings.Contains(text, "budget of 1000") ||
					!strings.Contains(text, "ceiling of 20/s") || !strings.Contains(text, "15800000000-15800000999") {
					t.Errorf("%v\n%s", err, text)
				}
				return
			}
			var refused *Refused
			if !errors.As(err, &refused) || len(refused.Missing) != 1 || !strings.Contains(err.Error(), tt.missing) {
				t.Errorf("error %v, want one reason with %q", err, tt.missing)
			}
		})
	}
}

func TestGuardSaysEverythingAtOnce(t *testing.T) {
	_, err := Guard{Target: "http://api.example.com", Plan: GuardPlan{Calls: 5, Peak: 1}}.Check()
	var refused *Refused
	if !errors.As(err, &refused) || len(refused.Missing) != 6 {
		t.Errorf("%v", err)
	}
	var usage *UsageError
	if _, err = (Guard{Target: "http://a@b"}).Check(); !errors.As(err, &usage) {
		t.Errorf("a bad target: %v", err)
	}
}

func TestGuardOfACleanup(t *testing.T) {
	g := Guard{Target: "https://api.example.com", AllowHost: "api.example.com"}
	if s, err := g.CheckHost(); err != nil || !s.Foreign {
		t.Errorf("%+v, %v", s, err)
	}
	var refused *Refused
	for _, change := range []func(*Guard){
		func(g *Guard) { g.AllowHost = "" }, func(g *Guard) { g.AllowHost = "b" }, func(g *Guard) { g.Target = "http://api.example.com" }, func(g *Guard) { g.Insecure = true },
	} {
		bad := g
		change(&bad)
		if _, err := bad.CheckHost(); !errors.As(err, &refused) || len(refused.Missing) != 1 {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if s, err := (Guard{Target: "http://127.0.0.1", Insecure: true}).CheckHost(); err != nil || s.Foreign {
		t.Errorf("loopback: %+v, %v", s, err)
	}
	var usage *UsageError
	if _, err := (Guard{Target: "http://127.1"}).CheckHost(); !errors.As(err, &usage) {
		t.Errorf("a bad target: %v", err)
	}
}

func TestGuardLeavesLoopbackAlone(t *testing.T) {
	for _, target := range []string{"emulator", "http://127.0.0.1:1", "https://localhost", "http://[::1]"} {
		s, err := Guard{Target: target, Insecure: true, Plan: GuardPlan{Calls: -1, Peak: 1e9, A: []Numbers{{"1", "2"}}}}.Check()
		if err != nil || s.Foreign || len(s.Lines) != 0 {
			t.Errorf("%s: %+v, %v", target, s, err)
		}
	}
}

// uncovered says the same as trying every number.
func TestUncoveredProperty(t *testing.T) {
	two := rapid.Custom(func(t *rapid.T) Numbers {
		a, b := rapid.IntRange(0, 60).Draw(t, "a"), rapid.IntRange(0, 12).Draw(t, "len")
		n := Numbers{pad(a), pad(min(99, a+b))}
		return n
	})
	rapid.Check(t, func(t *rapid.T) {
		p, declared := two.Draw(t, "plan"), rapid.SliceOfN(two, 0, 6).Draw(t, "declared")
		want := ""
		for n := p.From; want == "" && n <= p.To; n = successor(n) {
			held := false
			for _, d := range declared {
				held = held || d.From <= n && n <= d.To
			}
			if !held {
				want = n
			}
		}
		if got := uncovered(p, declared); got != want {
			t.Fatalf("%v in %v: %q, want %q", p, declared, got, want)
		}
	})
}

func pad(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }
