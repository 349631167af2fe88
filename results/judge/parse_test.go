package judge

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseRule(t *testing.T) {
	cases := []struct {
		text      string
		canonical string
		limit     float64
	}{
		{"p99(offered) < 50ms", "p99(offered) < 50ms", 50e6},
		{"p99 < 50ms", "p99(offered) < 50ms", 50e6},
		{"  p99.90( response )<=1.5s  in  peak ", "p99.9(response) <= 1.5s in peak", 1.5e9},
		{"p50(service, isv.FLOW_LIMIT) >= 20 ms in main", "p50(service, isv.FLOW_LIMIT) >= 20ms in main", 20e6},
		{"p99.99(service,OK) < 0.25ms", "p99.99(service, OK) < 250µs", 250e3},
		{"p75(response) < 1500us", "p75(response) < 1.5ms", 1.5e6},
		{"p75 < 12μs", "p75(offered) < 12µs", 12e3},
		{"max(service, ok) < 1s", "max(service, ok) < 1s", 1e9},
		{"max < 999ns", "max(offered) < 999ns", 999},
		{"p90 > 0ns", "p90(offered) > 0ns", 0},
		{"p99 < 90s in in", "p99(offered) < 90s in in", 90e9},
		{"share(isv.NO_AVAILABLE_NUMBER) < 1%", "share(isv.NO_AVAILABLE_NUMBER) < 1%", 0.01},
		{"share(~other) <= 0.1 %", "share(~other) <= 0.1%", 0.001},
		{"share(gateway) < 0.07", "share(gateway) < 7%", 0.07},
		{"count(transport) <= 3", "count(transport) <= 3", 3},
		{"count ( timeout ) < 1000000", "count(timeout) < 1000000", 1e6},
		{"good >= 99%", "good >= 99%", 0.99},
		{"good >= 99.995% in main", "good >= 99.995% in main", 0.99995},
		{"good > 1", "good > 100%", 1},
		{"goodput >= 450/s", "goodput >= 450/s", 450},
		{"goodput>449.5", "goodput > 449.5/s", 449.5},
		{"violations <= 0", "violations <= 0", 0},
		{"p99 < 50ms over 10s", "p99(offered) < 50ms over 10s", 50e6},
		{"p99 < 50 ms over 1m30s in main", "p99(offered) < 50ms over 90s in main", 50e6},
		{"good>=99% in ramp,main", "good >= 99% in ramp, main", 0.99},
		{"good >= 99 % in  main ,\tramp , peak abort", "good >= 99% in main, ramp, peak abort", 0.99},
		{"p99 < 50ms over 10s in main abort after 1m", "p99(offered) < 50ms over 10s in main abort after 60s", 50e6},
		{"goodput >= 450 over 2s abort", "goodput >= 450/s over 2s abort", 450},
		{"max < 1s abort", "max(offered) < 1s abort", 1e9},
		{"count(OK) >= 9 over 5s abort", "count(OK) >= 9 over 5s abort", 9},
		{"p99 < 1s in over, abort, after abort after 7s", "p99(offered) < 1s in over, abort, after abort after 7s", 1e9},
		{"p99 < 1s in abort", "p99(offered) < 1s in abort", 1e9},
	}
	for _, c := range cases {
		r, err := ParseRule(c.text)
		if err != nil || r.String() != c.canonical || r.Limit != c.limit {
			t.Errorf("%q is %q with limit %v (%v), want %q with %v", c.text, r, r.Limit, err, c.canonical, c.limit)
			continue
		}
		if again, err := ParseRule(r.String()); err != nil || again != r {
			t.Errorf("%q came back as %+v, %v", r, again, err)
		}
	}
}

func TestParseRuleSaysWhatIsWrong(t *testing.T) {
	cases := []struct {
		text   string
		column int
		want   string
	}{
		{"", 1, "no metric"},
		{"gut >= 99%", 1, `unknown metric "gut"`},
		{"god >= 99%", 1, "did you mean good?"},
		{"goodputs >= 9", 1, "did you mean goodput?"},
		{"p99.999 < 1s", 1, "at most two decimals"},
		{"p100 < 1s", 1, "the largest value is max"},
		{"p49 < 1s", 1, "percentiles are p50 to p99.99"},
		{"p9 < 1s", 1, "percentiles are p50 to p99.99"},
		{"p99. < 1s", 1, "percentile p99."},
		{"p99(responce) < 1s", 5, "did you mean response?"},
		{"p99(lag) < 1s", 5, "quantiles are of offered, response or service"},
		{"p99(offered < 1s", 13, "missing )"},
		{"p99(offered,) < 1s", 13, "no code or class"},
		{"p99(offered, <b>) < 1s", 14, "no code or class"},
		{"share < 1%", 7, "share of what?"},
		{"count() < 1", 7, "no code or class"},
		{"good(OK) < 1%", 5, "good takes no argument"},
		{"good 99%", 6, "no operator"},
		{"good => 99%", 6, "did you mean >=?"},
		{"good == 99%", 6, "one of < <= > >="},
		{"good >= 99", 9, "did you mean 99%?"},
		{"good >= 101%", 9, "above 1"},
		{"good >= -1%", 9, "a value is a number and a unit"},
		{"good >= 1e-2", 10, `unit "e-2"`},
		{"good >= .9", 9, `value ".9"`},
		{"good >= 99.%", 9, `value "99.%"`},
		{"good >=", 8, `value ""`},
		{"p99 < 50", 9, "a duration as 50ms"},
		{"p99 < 50m", 9, `unit "m"`},
		{"p99 < 1.5ns", 7, "finer than a nanosecond"},
		{"p99 < 50/s", 9, `unit "/s"`},
		{"goodput > 5ms", 12, "a rate as 450/s"},
		{"count(OK) < 1.5", 13, "counts are whole numbers"},
		{"violations <= 0 in main", 20, "counted over the whole run"},
		{"good >= 99% im main", 13, `a phase follows as "in PHASE"`},
		{"good >= 99% in", 15, "no name of a phase"},
		{"good >= 99% in main too", 21, `"too" behind the phase`},
		{"good >= 99% over", 17, `"" is not the length of a window; write it as over 10s`},
		{"good >= 99% over ten", 18, `"ten" is not the length of a window`},
		{"good >= 99% over 10", 18, "write it as over 10s"},
		{"good >= 99% over 1.5s", 18, "it is whole seconds"},
		{"good >= 99% over 0s", 18, "it is 1s to 1h0m0s"},
		{"good >= 99% over -5s", 18, "it is 1s to 1h0m0s"},
		{"good >= 99% over 2h", 18, "it is 1s to 1h0m0s"},
		{"good >= 99% over 1s over 2s", 21, `"over 2s" behind the window; over stands there already`},
		{"good >= 99% in main over 5s", 21, "the order is over, in, abort"},
		{"good >= 99% abort in main", 19, "the order is over, in, abort"},
		{"good >= 99% over 5s main", 21, `a phase follows as "in PHASE"`},
		{"good >= 99% in main,", 21, "no name of a phase after the comma"},
		{"good >= 99% in main, , peak", 22, "no name of a phase after the comma"},
		{"good >= 99% in , peak", 16, "no name of a phase after in"},
		{"good >= 99% in main, peak, main", 28, "phase main stands there twice"},
		{"good >= 99% in a b", 18, `"b" behind the phase`},
		{"good >= 99% abort after", 24, `"" is not a grace time; write it as abort after 30s`},
		{"good >= 99% abort after 0s", 25, "it is 1s to 744h0m0s"},
		{"good >= 99% abort after 1500ms", 25, "it is whole seconds"},
		{"good >= 99% abort 5s", 19, `"5s" behind abort`},
		{"good >= 99% abort abort", 19, "abort stands there already"},
		{"violations <= 0 over 5s", 17, "violations over a window; violations are counted over the whole run"},
		{"violations <= 0 abort", 17, "violations cannot end a run"},
		{"violations <= 0 in a, b", 20, "leave out in a, b"},
		{"count(OK) >= 9 abort", 16, "count(OK) only grows"},
		{"max > 1ms in main abort", 19, "name a window"},
		{"good >= 99%over 5s", 11, `unit "%over"`},
		{"p99 < " + strings.Repeat("9", 40) + "s", 7, "out of range"},
		{"count(OK) < " + strings.Repeat("9", 65), 13, "value"},
	}
	for _, c := range cases {
		_, err := ParseRule(c.text)
		var rule *RuleError
		if !errors.As(err, &rule) || rule.Column != c.column || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want column %d and %q", c.text, err, c.column, c.want)
		}
	}
}

// rules draws any rule that can be written.
func rules() *rapid.Generator[Rule] {
	name := rapid.StringMatching(`[A-Za-z0-9._~-]{1,20}`)
	return rapid.Custom(func(t *rapid.T) Rule {
		r := Rule{Kind: rapid.SampledFrom([]Kind{KindQuantile, KindShare, KindCount, KindGood, KindGoodput, KindViolations}).Draw(t, "kind"),
			Op: rapid.SampledFrom([]Op{Less, LessEqual, Greater, GreaterEqual}).Draw(t, "op")}
		switch r.Kind {
		case KindQuantile:
			r.Percent = rapid.SampledFrom([]string{"50", "75", "90", "95", "99", "99.5", "99.9", "99.99", "max"}).Draw(t, "percent")
			r.Latency = rapid.SampledFrom(latencies).Draw(t, "latency")
			if rapid.Bool().Draw(t, "of a code") {
				r.Name = name.Draw(t, "name")
			}
		case KindShare, KindCount:
			r.Name = name.Draw(t, "name")
		}
		switch r.Unit() {
		case UnitNS:
			r.Limit = float64(rapid.Int64Range(0, 1<<53).Draw(t, "ns"))
		case UnitShare:
			r.Limit = rapid.OneOf(rapid.Float64Range(0, 1), rapid.Just(0.0), rapid.Just(1.0)).Filter(func(f float64) bool { return f == 0 || f > 1e-20 }).Draw(t, "share")
		case UnitPerS:
			r.Limit = rapid.Float64Range(1e-3, 1e9).Draw(t, "rate")
		default:
			r.Limit = float64(rapid.Int64Range(0, 1<<53).Draw(t, "count"))
		}
		if r.Kind == KindViolations {
			return r
		}
		whole := rapid.Int64Range(1, 3600)
		if rapid.Bool().Draw(t, "over a window") {
			r.Window = time.Duration(whole.Draw(t, "window")) * time.Second
		}
		phases := rapid.SliceOfNDistinct(name, 0, 3, rapid.ID[string]).Draw(t, "phases")
		r.Phase = strings.Join(phases, phaseSeparator)
		if r.Abort = rapid.Bool().Draw(t, "abort") && !(r.grows() && r.upward()); r.Abort && rapid.Bool().Draw(t, "after a grace time") {
			r.Grace = time.Duration(whole.Draw(t, "grace")) * time.Second
		}
		return r
	})
}

func TestRulesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rules().Draw(t, "rule")
		if again, err := ParseRule(r.String()); err != nil || again != r {
			t.Fatalf("%q came back as %+v, %v; it was %+v", r, again, err, r)
		}
	})
}

func FuzzParseRule(f *testing.F) {
	for _, seed := range []string{"p99(offered) < 50ms", "p99.9(service, OK) <= 1.5s in peak", "share(~other) < 0.1%", "count(transport) <= 3",
		"good >= 99%", "goodput >= 450/s", "violations <= 0", "p99 < 12µs in in", "p99 < 1s over 10s in a, b abort after 1m", "good >= 99% over 5s abort", "max < 1s in over,in abort", "good >= 0.99", "good", "p(", "share()"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRule(text)
		if err != nil {
			var rule *RuleError
			if !errors.As(err, &rule) || rule.Column < 1 || rule.Column > len(text)+1 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if again, err := ParseRule(r.String()); err != nil || again != r {
			t.Errorf("%q is %q, which came back as %+v, %v", text, r, again, err)
		}
	})
}

func TestNearest(t *testing.T) {
	names := []string{"OK", "isv.BIND_CONFLICT", "isv.FLOW_LIMIT", "main"}
	cases := map[string]string{"isv.BIND_CONFLIKT": "isv.BIND_CONFLICT", "ISV.flow_limit": "isv.FLOW_LIMIT", "mian": "main", "peak": "", "OJ": "OK", "x": "", "": ""}
	for word, want := range cases {
		if got := Nearest(word, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}

func TestShift(t *testing.T) {
	cases := []struct {
		number string
		n      int
		want   string
	}{{"99.9", -2, "0.999"}, {"0.07", 2, "7"}, {"1", -9, "0.000000001"}, {"1.5", 9, "1500000000"}, {"0", 3, "0"}, {"100", -2, "1"}, {"99.90", 0, "99.9"}, {"0.5", 1, "5"}}
	for _, c := range cases {
		if got := shift(c.number, c.n); got != c.want {
			t.Errorf("%s by %d is %s, want %s", c.number, c.n, got, c.want)
		}
	}
}
