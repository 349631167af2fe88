package conformance

import (
	"crypto/tls"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/conformance/emulator"
	"axbench/conformance/emulator/admin"
	"axbench/results"
)

// full is the endpoint of the campaign, changed as told, and what a run of the suite needs to know of it.
func full(t testing.TB, change func(*emulator.Config)) (*emulator.Server, func(*Config)) {
	t.Helper()
	server, addr := endpoint(t, string(read(t, "testdata/full.emulator.yaml")), change)
	second := httptest.NewServer(admin.New(server, nil))
	t.Cleanup(second.Close)
	text := strings.ReplaceAll(string(read(t, "testdata/full.provision.yaml")), "ADMIN", second.URL)
	declared, err := ParseProvision("full.provision.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := declared.Secrets(keysOfFull)
	if err != nil {
		t.Fatal(err)
	}
	return server, func(c *Config) {
		c.Target.Addr, c.Target.Host, c.Host = addr, addr, addr
		if server.Secure() {
			c.Target.TLS = &tls.Config{InsecureSkipVerify: true} // loopback, and whose it is is not what is tested
		}
		c.Provision, c.Credentials = declared, secrets
	}
}

// keysOfFull is the environment of full.provision.yaml: AXB_GONE_KEY holds gone-key.
func keysOfFull(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "AXB_")), "_", "-")
}

// graded are mutants whose code the catalogue accepts as second best for a MUST: the verdict is WARN.
var graded = map[string]bool{"N12": true, "V26": true}

// TestPower runs the suite against every mutant, restricted to the clauses that it is aimed at: each must be seen by one of them.
// Run one with -run Power/V04.
func TestPower(t *testing.T) {
	for _, m := range emulator.Mutants() {
		t.Run(m.ID, func(t *testing.T) {
			t.Parallel()
			server, known := full(t, func(c *emulator.Config) { c.Mutants = []string{m.ID} })
			c := hold(t, "", func(c *Config) {
				known(c)
				c.Only, c.Limit = m.Clauses, 20*time.Second
			})
			killed := slices.ContainsFunc(c.Clauses, func(r results.ClauseResult) bool {
				return r.Verdict == results.ClauseFail || r.Verdict == results.ClauseWarn && (r.Level == "SHOULD" || graded[m.ID]) || r.Verdict == results.ClauseInfo && r.Level == "MAY" && r.Failed > 0
			})
			switch {
			case server.Hits()[m.ID] == 0 && m.Point() != "setting":
				t.Errorf("%s was not reached (%v)", m.Text, m.Clauses)
			case left[m.ID] != "":
				if killed && left[m.ID] != softer {
					t.Errorf("%s is seen after all", m.ID)
				}
			case !killed:
				t.Errorf("not seen: %s (%v; needs %s)", m.Text, m.Clauses, m.Needs)
			}
			if testing.Verbose() || t.Failed() {
				dump(t, c)
			}
		})
	}
}

// softer: the catalogue's note makes this part of a MUST clause a SHOULD, so that the word is WARN.
const softer = "TRN-4: POST is a SHOULD"

// left are the mutants that no clause fails on purpose.
var left = map[string]string{
	"T54": softer,
	"T55": softer,
}

// TestFalseAlarms runs the whole suite against every benign variant: none may fail a clause.
func TestFalseAlarms(t *testing.T) {
	for _, b := range emulator.BenignVariants() {
		t.Run(b.ID, func(t *testing.T) {
			t.Parallel()
			_, known := full(t, func(c *emulator.Config) { c.Benign = []string{b.ID} })
			c := hold(t, "", func(c *Config) { known(c); c.Limit = 15 * time.Second })
			for _, r := range c.Clauses {
				if r.Verdict == results.ClauseFail || r.Verdict == results.ClauseError {
					t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
		})
	}
}
