package sizing

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func mustHold(t testing.TB, text string) Hold {
	h, err := ParseHold(text)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestParseHold(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"10m": 10 * time.Minute, "1h30m": 90 * time.Minute, "5m..30m": 1050 * time.Second, "exp:10m": 10 * time.Minute, "1ms": time.Millisecond,
		"lognormal:5m,5m1ms": 5 * time.Minute, "lognormal: 1s, 10s": 1632 * time.Millisecond,
	} {
		h := mustHold(t, text)
		if got := h.Mean(); (got - want).Abs() > time.Millisecond {
			t.Errorf("%s: mean %s, want %s", text, got, want)
		}
		if again := mustHold(t, h.String()); again != h {
			t.Errorf("%s came back as %s", text, h)
		}
	}
	for text, want := range map[string]string{
		"": "no length of time", "10": "no length of time", "soon": "no length of time", "-5m": "out of range", "0s": "out of range", "1us": "out of range",
		"1000h": "out of range", "30m..5m": "not more than", "5m..5m": "not more than", "5m..": "no length", "exp:5m,6m": "no hold time", "gamma:5m": "no hold time",
		"lognormal:5m": "no hold time", "lognormal:6m,5m": "not more than", "5m,6m": "no hold time", "exp:5m..6m": "no length", ":5m": "no hold time",
	} {
		if h, err := ParseHold(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want an error with %q", text, h, err, want)
		}
	}
}

func FuzzParseHold(f *testing.F) {
	for _, seed := range []string{"10m", "5m..30m", "exp:10m", "lognormal:5m,40m", "a:..", "1e9h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseHold(text)
		if err != nil {
			return
		}
		if again, err := ParseHold(h.String()); err != nil || again != h {
			t.Errorf("%q: %s came back as %s, %v", text, h, again, err)
		}
		rng := rand.New(rand.NewPCG(1, 1))
		if v := h.draw(rng); v < 0 || h.Mean() <= 0 || h.reach() <= 0 {
			t.Errorf("%q: draws %d, mean %s, reach %s", text, v, h.Mean(), h.reach())
		}
	})
}

// TestHoldDraws: what is drawn has the mean that is said and, of those live at an instant, all but the residue began within the
// reach.
func TestHoldDraws(t *testing.T) {
	const n = 200_000
	for _, text := range []string{"10m", "5m..30m", "exp:10m", "lognormal:5m,40m"} {
		h, rng := mustHold(t, text), rand.New(rand.NewPCG(1, 1))
		reach := float64(h.reach())
		sum, square, beyond := 0.0, 0.0, 0.0
		for range n {
			v := float64(h.draw(rng))
			sum, square = sum+v, square+v*v
			beyond += max(v-reach, 0)
		}
		mean := sum / n
		if off, sd := mean-float64(h.Mean()), math.Sqrt((square/n-mean*mean)/n); math.Abs(off) > 4*sd+1 {
			t.Errorf("%s: mean %s, want %s ± %s", text, time.Duration(mean), h.Mean(), time.Duration(4*sd))
		}
		if part := beyond / sum; part > 3*residue {
			t.Errorf("%s: %g of the live ones began more than %s ago", text, part, h.reach())
		}
	}
	if r := mustHold(t, "lognormal:5m,40m").reach(); r < 40*time.Minute || r > 24*time.Hour {
		t.Errorf("reach %s", r)
	}
}
