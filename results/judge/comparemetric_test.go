package judge

import (
	"math"
	"strings"
	"testing"

	"axbench/results"
)

func TestParseMinEffect(t *testing.T) {
	good := map[string]MinEffect{
		"5%": {"", 0.05, false}, "p50=2.5%": {"p50", 0.025, false}, "p99(service)=5ms": {"p99(service)", 5e6, true}, "good=0.2%": {"good", 0.002, true},
		"goodput=10/s": {"goodput", 10, true}, "goodput = 1%": {"goodput", 0.01, false}, "share(isv.FLOW_LIMIT)=1%": {"share(isv.FLOW_LIMIT)", 0.01, true},
		"typical=0%": {"typical", 0, false},
	}
	for text, want := range good {
		if got, err := ParseMinEffect(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"": "no share", "5": "no share", "5ms": "no share", "-1%": "no share", "x%": "no share", "p50": "no share", "p50=": "no minimum effect", "p50=5": "no minimum effect",
		"p50=1000%1": "no minimum effect", "p5=5%": "did you mean", "good=1ms": "percentage points", "good=200%": "no share", "goodput=5ms": "3% or 10/s", "=5%": "unknown metric",
		"share=2": "percentage points", "p50=NaN%": "no share", "p50=2000%": "no share",
	} {
		if got, err := ParseMinEffect(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", text, got, err, want)
		}
	}
}

func FuzzParseMinEffect(f *testing.F) {
	for _, s := range []string{"5%", "p50=0.5ms", "good=0.1%", "share(x)=1%", "goodput=3/s", "=", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if e, err := ParseMinEffect(s); err == nil && !(e.Value >= 0 && !math.IsInf(e.Value, 0)) {
			t.Errorf("%q: %+v", s, e)
		}
	})
}

// An effect that is asked for takes the place of its half of the default one.
func TestMinEffectDecides(t *testing.T) {
	in := pairOf(4, plain, target{median: 20, p99: 80, slower: 1.1}, 30)
	if out := compared(t, in); out.Verdict != results.ChangeWorse {
		t.Fatalf("%s", out.Verdict)
	}
	in.Effects = []MinEffect{{"", 0.3, false}}
	if out := compared(t, in); out.Verdict != results.ChangeSame {
		t.Errorf("30%% matter: %s, %q", out.Verdict, out.Reasons)
	}
	in.Effects = []MinEffect{{"p50", 10e6, true}, {"p99", 0.5, false}}
	out := compared(t, in)
	if m := metricNamed(t, out, "p50(offered)", ""); m.MinEffect != 10e6 {
		t.Errorf("%+v", m)
	}
	if m := metricNamed(t, out, "p99(service)", ""); m.MinEffect != 0.5**m.Base {
		t.Errorf("%+v", m)
	}
}
