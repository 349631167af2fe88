package conformance

import (
	"strings"
	"testing"

	"axbench/results"
)

// TestBareEndpoint: with nothing declared the correct emulator has no failure, and is not said to conform.
func TestBareEndpoint(t *testing.T) {
	_, addr := endpoint(t, "", nil)
	c := hold(t, addr, func(c *Config) { c.Load.Calls = underRace(2000, 0) })
	for _, r := range c.Clauses {
		if r.Verdict == results.ClauseFail || r.Verdict == results.ClauseError || r.Verdict == results.ClauseWarn {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	if !strings.HasPrefix(c.Headline, results.HeadlineIncomplete) || c.ExitCode != results.ExitNoData {
		t.Errorf("%s, exit code %d", c.Headline, c.ExitCode)
	}
	if testing.Verbose() {
		dump(t, c)
	}
	t.Logf("%s, %v, %d calls, %v, notes %v", c.Headline, c.Counts, c.Calls, c.ElapsedNS/1e6, c.Notes)
}

func dump(t *testing.T, c *results.Conform) {
	for _, r := range c.Cases {
		t.Logf("case %s calls %d %v %s", r.Name, r.Calls, r.ElapsedNS/1000, r.Skipped)
	}
	for _, r := range c.Clauses {
		for _, o := range r.Observations {
			t.Logf("%s %s %s: %s | %s | want %s | got %s ×%d", r.ID, r.Verdict, o.Verdict, o.Case, o.Sent, o.Expected, o.Got, o.Times)
		}
	}
}
