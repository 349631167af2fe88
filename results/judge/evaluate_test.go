package judge

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"axbench/results"
)

func TestEveryKindOfRulePassesAndFails(t *testing.T) {
	flow := func(f *fixture) { f.refuse(20, "isv.FLOW_LIMIT", results.ClassBusiness, 2*ms) }
	broken := func(f *fixture) {
		f.run.Violations = []results.Violation{{Clause: "RSP-9", Level: "MUST", Count: 2}, {Clause: results.ClauseUnderLoad, Level: "MUST", Count: 2}, {Clause: "HTTP-3", Level: "SHOULD", Count: 3},
			{Clause: "X-1", Level: "MAY", Count: 5}}
	}
	cases := []struct {
		name       string
		change     func(*fixture)
		pass, fail string
		value      float64
	}{
		{"quantile of offered", nil, "p50(offered) <= 51ms", "p50(offered) < 50ms", 50e6},
		{"quantile of response", nil, "p99(response) <= 99.1ms", "p99(response) < 98ms", 99e6},
		{"quantile above a limit", nil, "p90(response) > 89ms", "p90(response) > 91ms", 90e6},
		{"quantile of service", nil, "p90(service) < 46ms in main", "p90(service) < 44ms in main", 45e6},
		{"quantile of a code", flow, "p75(response, isv.FLOW_LIMIT) < 3ms", "p75(response, isv.FLOW_LIMIT) < 1ms", 2e6},
		{"quantile of a class", flow, "p75(service, business) < 3ms", "p75(service, business) < 1ms", 2e6},
		{"offered of a code", flow, "p75(offered, isv.FLOW_LIMIT) < 3ms", "p75(offered, isv.FLOW_LIMIT) < 1ms", 2e6},
		{"maximum", nil, "max(response) <= 100ms", "max(response) < 100ms", 100e6},
		{"share of a code", flow, "share(isv.FLOW_LIMIT) <= 2%", "share(isv.FLOW_LIMIT) < 2%", 0.02},
		{"share of a class", flow, "share(business) < 2.1%", "share(ok) > 98%", 0.02},
		{"share of a code that never came", nil, "share(isv.FLOW_LIMIT) < 1%", "share(isv.FLOW_LIMIT) >= 1%", 0},
		{"share of dropped calls", func(f *fixture) { f.lose(5, &f.main().Dropped, results.CodeDropped, ms) }, "share(dropped) <= 0.5%", "share(dropped) < 0.5%", 0.005},
		{"count of a code", flow, "count(isv.FLOW_LIMIT) <= 20", "count(isv.FLOW_LIMIT) < 20", 20},
		{"count of unfinished calls", func(f *fixture) { f.lose(5, &f.main().Unfinished, results.CodeUnfinished, ms) }, "count(unfinished) <= 5", "count(unfinished) <= 4", 5},
		{"count of calls not offered", func(f *fixture) { f.lose(5, &f.main().NotOffered, results.CodeUnfinished, ms) }, "count(not_offered) <= 5", "count(not_offered) <= 4", 5},
		{"good", flow, "good >= 98% in main", "good >= 98.1%", 0.98},
		{"goodput", flow, "goodput >= 98/s", "goodput >= 98.1/s", 98},
		{"violations", broken, "violations <= 5", "violations <= 4", 5},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture()
			if c.change != nil {
				c.change(f)
			}
			rec := f.summarised(t)
			for text, want := range map[string]bool{c.pass: true, c.fail: false} {
				slo := Evaluate(rec, MustParseRule(text))
				if slo.Pass == nil || *slo.Pass != want || slo.Value == nil || slo.Reason != "" {
					t.Fatalf("%s: %s, want pass %v", text, show(slo), want)
				}
				if text == c.pass && math.Abs(*slo.Value-c.value) > c.value/900 {
					t.Errorf("%s: %s, want the value %v", text, show(slo), c.value)
				}
				if slo.Low != nil && (*slo.Low > *slo.Value || slo.High != nil && *slo.High < *slo.Value) {
					t.Errorf("%s: the interval leaves the value out: %s", text, show(slo))
				}
			}
		})
	}
}

func show(s results.SLO) string {
	text := func(p *float64) string {
		if p == nil {
			return "null"
		}
		return fmt.Sprint(*p)
	}
	pass := "null"
	if s.Pass != nil {
		pass = fmt.Sprint(*s.Pass)
	}
	return fmt.Sprintf("value %s (%s to %s) bound %v pass %s reason %q", text(s.Value), text(s.Low), text(s.High), s.Bound, pass, s.Reason)
}

// 2 % of the calls timed out after 10 ms: p99 of offered is among them, and must miss whatever limit there is.
func TestALowerBoundMissesEveryLimit(t *testing.T) {
	lost := map[string]func(*fixture){
		"timeout": func(f *fixture) {
			f.loseResponses(20)
			f.refuse(20, results.CodeTimeout, results.ClassTransport, 10*ms)
		},
		"dropped":    func(f *fixture) { f.loseResponses(20); f.lose(20, &f.main().Dropped, results.CodeDropped, 10*ms) },
		"unfinished": func(f *fixture) { f.loseResponses(20); f.lose(20, &f.main().Unfinished, results.CodeUnfinished, 10*ms) },
	}
	for name, change := range lost {
		f := newFixture()
		change(f)
		rec := f.summarised(t)
		rules := []string{"p99(offered) < 10s", "p99(offered) > 1ms", "max(offered) < 1000s", "p99.5(offered) <= 3600s in main", "p75(offered, " + name + ") < 1s"}
		if name == "timeout" {
			rules = append(rules, "p75(response, timeout) < 1s", "p75(service, timeout) < 1s", "max(response, transport) < 1s", "p75(offered, transport) < 1s")
		}
		for _, text := range rules {
			if slo := Evaluate(rec, MustParseRule(text)); slo.Pass == nil || *slo.Pass || !slo.Bound || slo.High != nil {
				t.Errorf("%s, %s: %s", name, text, show(slo))
			}
		}
		for _, text := range []string{"p97(offered) <= 101ms", "p90(response) < 101ms", "p90(service) < 60ms"} {
			if slo := Evaluate(rec, MustParseRule(text)); slo.Pass == nil || !*slo.Pass || slo.Bound {
				t.Errorf("%s, %s: %s", name, text, show(slo))
			}
		}
	}
}

// loseResponses records main's response times anew, n fewer.
func (f *fixture) loseResponses(n int64) {
	f.clear("main", "response", results.CodeGood)
	for i := range 1000 - n {
		f.record("main", "response", results.CodeGood, (1+i%100)*ms)
	}
}

func TestTransportFailuresThatEndedAreMeasured(t *testing.T) {
	f := newFixture()
	f.refuse(20, results.CodeReset, results.ClassTransport, 10*ms)
	if slo := Evaluate(f.summarised(t), MustParseRule("p75(response, transport) < 11ms")); slo.Pass == nil || !*slo.Pass {
		t.Error(show(slo))
	}
}

func TestTooLittleIsNotJudged(t *testing.T) {
	none := func(f *fixture) {
		f.run.Phases[1] = results.Phase{Name: "main", Recorded: true, Model: results.ModelOpen}
	}
	cases := []struct {
		rule, why string
		change    func(*fixture)
	}{
		{"p99.9(response, isv.FLOW_LIMIT) < 1s", "p99.9 needs 3,688 samples, there are 20", func(f *fixture) { f.refuse(20, "isv.FLOW_LIMIT", results.ClassBusiness, ms) }},
		{"p99.99 < 1s", "p99.99 needs 36,887 samples, there are 1,000", nil},
		{"p50(response, isv.FLOW_LIMIT) < 1s", "no call of that kind", nil},
		{"max(response, isv.FLOW_LIMIT) < 1s", "no call of that kind", nil},
		{"p99(offered) < 1s in main", "no call of that kind", func(f *fixture) { f.clear("main", "response", results.CodeGood) }},
		{"share(OK) > 1%", "no call ended", none},
		{"count(OK) < 1", "no call ended", none},
		{"count(dropped) < 1", "no call was planned", none},
		{"share(dropped) < 1%", "no call was planned", none},
		{"good >= 99%", "no call was planned", none},
		{"goodput > 1/s", "no call ended", none},
		{"violations <= 0", "no call was answered", (*fixture).silent},
		{"good >= 99% in mian", "did you mean main? phases are main", nil},
		{"good >= 99% in peak", "phases are main", nil},
		{"good >= 99% in warm-up", "record: false", nil},
		{"share(isv.FLOW_LIMITT) < 1%", "did you mean isv.FLOW_LIMIT?", nil},
		{"count(droped) < 1", "did you mean dropped?", nil},
		{"share(bussiness) < 1%", "did you mean business?", nil},
		{"good >= 99%", "no phase was recorded", func(f *fixture) { f.main().Recorded = false }},
	}
	for _, c := range cases {
		f := newFixture()
		if c.change != nil {
			c.change(f)
		}
		if slo := Evaluate(f.summarised(t), MustParseRule(c.rule)); slo.Pass != nil || !strings.Contains(slo.Reason, c.why) {
			t.Errorf("%s: %s, want %q", c.rule, show(slo), c.why)
		}
	}
}

func TestEnoughSamplesAreJudged(t *testing.T) {
	f := newFixture()
	if slo := Evaluate(f.summarised(t), MustParseRule("p99.5 < 1s")); slo.Pass == nil {
		t.Errorf("1000 calls for p99.5: %s", show(slo))
	}
	f = newFixture()
	f.refuse(1, "Throttling.User", results.ClassGateway, ms)
	if slo := Evaluate(f.summarised(t), MustParseRule("share(Odd.Code) <= 0%")); slo.Pass == nil || !*slo.Pass {
		t.Errorf("a code of no list: %s", show(slo))
	}
}

// Warm-up must not lean on a rule.
func TestOnlyRecordedPhasesAreJudged(t *testing.T) {
	f := newFixture()
	for range 1000 {
		f.record("warm-up", "response", results.CodeGood, 60_000*ms)
	}
	f.run.Phases[0].Good = 0
	rec := f.summarised(t)
	for _, text := range []string{"p99(offered) < 101ms", "max(response) <= 100ms", "good >= 100%"} {
		if slo := Evaluate(rec, MustParseRule(text)); slo.Pass == nil || !*slo.Pass {
			t.Errorf("%s: %s", text, show(slo))
		}
	}
}

func TestPhasesAreJudgedTogetherAndApart(t *testing.T) {
	f := newFixture()
	peak := f.phase("peak", true, 1000, 10e9)
	peak.Good, peak.GoodInside = 900, 900
	f.run.Phases = append(f.run.Phases, peak)
	rec := f.summarised(t)
	for text, want := range map[string]float64{"good >= 0%": 0.95, "good >= 0% in main": 1, "good >= 0% in peak": 0.9, "good >= 0% in peak, main": 0.95, "count(OK) > 0 in main": 1000, "count(OK) > 0 in main, peak": 2000, "goodput > 1": 95, "count(OK) > 0": 2000} {
		if slo := Evaluate(rec, MustParseRule(text)); slo.Value == nil || math.Abs(*slo.Value-want) > 1e-9 {
			t.Errorf("%s: %s, want %v", text, show(slo), want)
		}
	}
}

func TestValidate(t *testing.T) {
	known := Known{Phases: []string{"main", "peak"}, Unrecorded: []string{"warm-up"}, Codes: []string{"OK", "isv.FLOW_LIMIT"}}
	cases := map[string]string{
		"good >= 99%":                      "",
		"good >= 99% in peak":              "",
		"share(isv.FLOW_LIMIT) < 1%":       "",
		"share(business) < 1%":             "",
		"share(timeout) < 1%":              "",
		"share(entirely.OTHER) < 1%":       "",
		"good >= 99% in peek":              `column 16: unknown "peek"; did you mean peak? phases are main, peak`,
		"good >= 99% in night":             `unknown "night"; phases are main, peak`,
		"p99 < 1s in warm-up":              `that phase has record: false; recorded phases are main, peak`,
		"p99(service, isv.FLOWLIMIT) < 1s": `column 14: unknown "isv.FLOWLIMIT"; did you mean isv.FLOW_LIMIT?`,
		"share(tiemout) < 1%":              "did you mean timeout?",
		"good >= 99% in main, peak":        "",
		"good >= 99% in main, peek abort":  `column 22: unknown "peek"; did you mean peak?`,
		"good >= 99% in warm-up, main":     `column 16: unknown "warm-up"; that phase has record: false`,
		"p99 < 1s over 5s in mian":         `column 30: unknown "mian"`,
	}
	for text, want := range cases {
		err := MustParseRule(text).Validate(known)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if err := MustParseRule("share(isv.FLOWLIMIT) < 1%").Validate(Known{}); err != nil {
		t.Errorf("without a list of codes: %v", err)
	}
}
