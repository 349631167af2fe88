package conformance

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"axbench/conformance/emulator"
	"axbench/results"
)

// TestNothingHeldLong: on a foreign endpoint without a declared unbind no binding is made for longer than the budget says.
func TestNothingHeldLong(t *testing.T) {
	_, known := full(t, nil)
	longest := time.Duration(0)
	bound := 0
	c := hold(t, "", func(c *Config) {
		known(c)
		p := *c.Provision
		p.Query.Unbind, p.Budget.Rate, p.Budget.Calls = false, 1_000_000, 1_000_000
		p.Phones = loopbackPhones
		c.Provision, c.Foreign = &p, true
		c.Only = []string{"PRM-EXP-1", "PRM-EXP-2", "PRM-EXP-3", "PRM-EXP-4", "PRM-EXP-5", "PRM-EXP-6", "PRM-EXP-7", "PRM-EXP-8", "PRM-EXP-9", "PRM-REC-2", "COD-OK"}
		c.Keep = func(e *results.Exchange) (int, error) {
			if e.Operation == "BindAxb" && e.Code == "OK" {
				bound++
				longest = max(longest, e.Until.Sub(e.Judged))
			}
			return 1, nil
		}
	})
	if bound == 0 || longest > 3*time.Minute {
		t.Errorf("%d bindings, the longest until %v ahead", bound, longest)
	}
	for id, want := range map[string]results.ClauseWord{
		"PRM-EXP-2": results.ClauseNotProvoked, "PRM-EXP-9": results.ClauseNotProvoked, "PRM-EXP-4": results.ClausePass, "PRM-EXP-8": results.ClausePass,
	} {
		if got := clauseOf(t, c, id); got.Verdict != want {
			t.Errorf("%s: %s (%s)", id, got.Verdict, got.Reason)
		}
	}
}

// TestClockComesBack: a run that moves the endpoint's clock leaves it as it was, and one that finds it moved follows it.
func TestClockComesBack(t *testing.T) {
	for _, before := range []time.Duration{0, 40 * time.Minute, -26 * time.Hour} {
		server, known := full(t, nil)
		server.MoveClock(before)
		c := hold(t, "", func(c *Config) {
			known(c)
			c.Only = []string{"PRM-EXP-2", "PRM-EXP-3", "PRM-EXP-6", "PRM-EXP-8"}
		})
		for _, r := range c.Clauses {
			if r.Verdict != results.ClausePass {
				t.Errorf("%v: %s: %s (%s)", before, r.ID, r.Verdict, r.Reason)
			}
		}
		if off := server.ClockOffset() - before; off.Abs() > time.Second {
			t.Errorf("the clock was left %v from where it was", off)
		}
	}
}

// TestNoClock: without a channel and without time to wait the end of a binding is not provoked, and what the second channel says of it is
// not taken for that.
func TestNoClock(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Minute} {
		_, known := full(t, nil)
		c := hold(t, "", func(c *Config) {
			known(c)
			p := *c.Provision
			p.Channels.Clock = ""
			c.Provision, c.Wait, c.Only = &p, wait, []string{"PRM-EXP-8"}
		})
		if r := clauseOf(t, c, "PRM-EXP-8"); r.Verdict != results.ClauseNotProvoked || !strings.Contains(r.Reason, "--wait 3m10s") {
			t.Errorf("%s: %s", r.Verdict, r.Reason)
		}
	}
}

// TestChannelGuard: nothing but this machine and the endpoint's own host is called, and no redirect is followed.
func TestChannelGuard(t *testing.T) {
	asked := 0
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer away.Close()
	here := httptest.NewServer(http.RedirectHandler(away.URL, http.StatusTemporaryRedirect))
	defer here.Close()
	s, err := newSuite(t.Context(), Config{Host: "vendor.example:443"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.pool.Close()
	for url, want := range map[string]string{
		"http://192.0.2.1/clock": "neither on this machine", "http://127.0.0.1.example/": "neither on this machine", "ftp://127.0.0.1/": "is none",
		here.URL: "HTTP 307", "http://127.0.0.1:1/": "does not answer",
	} {
		if err := s.post(url, map[string]string{"advance": "0s"}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if asked != 0 {
		t.Error("a redirect was followed")
	}
}

// TestZoneOfEndpoint: the zone is found, and a declared one that does not hold is not believed.
func TestZoneOfEndpoint(t *testing.T) {
	for _, declared := range []string{"", "UTC", "+08:00", "-05:00"} {
		for _, variant := range []struct {
			benign []string
			zone   string
		}{{nil, "+08:00"}, {[]string{"B20.utc"}, "UTC"}} {
			_, known := full(t, func(c *emulator.Config) { c.Benign = variant.benign })
			c := hold(t, "", func(c *Config) {
				known(c)
				p := *c.Provision
				p.Target.Zone = declared
				c.Provision, c.Only = &p, []string{"PRM-EXP-2", "PRM-EXP-3", "PRM-EXP-6", "PRM-EXP-7"}
			})
			for _, r := range c.Clauses {
				if r.Verdict != results.ClausePass {
					t.Errorf("declared %q, %s: %s: %s (%s)", declared, variant.zone, r.ID, r.Verdict, r.Reason)
				}
			}
			if len(c.Choices) == 0 || c.Choices[0].ID != "zone" || c.Choices[0].Value != variant.zone {
				t.Errorf("declared %q, %s: %+v", declared, variant.zone, c.Choices)
			}
		}
	}
}
