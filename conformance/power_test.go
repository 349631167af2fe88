package conformance

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/emulator"
	"axbench/results"
)

// wholeCampaign runs the whole campaign; without it every eighth deviation is tried, which the tests of every day can bear.
var wholeCampaign = flag.Bool("power", false, "try all mutants and benign variants, not every eighth")

// secondBest are mutants whose answer the catalogue itself grades as second best for a MUST: the verdict that kills is WARN.
var secondBest = map[string]string{
	"N12": "PRM-X-5: isv.NO_AVAILABLE_NUMBER is WARN",
	"V26": "PRM-EXP-3: isv.ILLEGAL_ARGUMENT is WARN",
	"T54": "TRN-4: POST is a SHOULD",
	"T55": "TRN-4: POST is a SHOULD",
}

// power counts what a campaign saw.
type power struct {
	mu               sync.Mutex
	mutants          int
	declared         int      // killed with everything declared
	bare             int      // killed with nothing declared
	missed, unseen   []string // with everything declared; not reached at all
	notWithoutAnyone []string // killed only with declarations
}

// TestPower is the proof of power: the suite against every mutant of the emulator, with everything declared and with nothing
// declared. Each run is restricted to the clauses that the mutant is aimed at, since a kill counts only there: FAIL, or WARN for a
// SHOULD, with an exchange kept as evidence. Every mutant must be reached and killed with everything declared; the share that is killed with
// nothing declared is printed. All of them are tried with -power; one alone with -power -run Power/mutants/V04.
func TestPower(t *testing.T) {
	if raceEnabled {
		t.Skip("the campaign is about what the suite sees, and takes minutes under the race detector")
	}
	t.Parallel()
	var p power
	t.Run("mutants", func(t *testing.T) { together(t, emulator.Mutants(), p.try) })
	slices.Sort(p.notWithoutAnyone)
	fmt.Printf("power: %d of %d mutants killed (%.2f); with nothing declared %d (%.2f)\n", p.declared, p.mutants, share(p.declared, p.mutants), p.bare, share(p.bare, p.mutants))
	if len(p.missed)+len(p.unseen) > 0 {
		t.Errorf("not killed: %v; not reached: %v", p.missed, p.unseen)
	}
	t.Logf("only with declarations: %s", strings.Join(p.notWithoutAnyone, " "))
}

// together runs a test for each deviation, some at a time: they wait more than they work.
func together(t *testing.T, list []*emulator.Deviation, run func(*testing.T, *emulator.Deviation)) {
	var workers sync.WaitGroup
	next := make(chan *emulator.Deviation)
	for range 12 {
		workers.Go(func() {
			for d := range next {
				t.Run(d.ID, func(t *testing.T) { run(t, d) })
			}
		})
	}
	for i, d := range list {
		if *wholeCampaign || i%8 == 0 {
			next <- d
		}
	}
	close(next)
	workers.Wait()
}

func share(n, of int) float64 { return float64(n) / float64(max(1, of)) }

// try runs the suite against one mutant, twice.
func (p *power) try(t *testing.T, m *emulator.Deviation) {
	killed := func(declared bool) (bool, bool) {
		server, known := full(t, func(c *emulator.Config) { c.Mutants = []string{m.ID} })
		c := hold(t, "", func(c *Config) {
			known(c)
			c.Only, c.Limit, c.Keep = m.Clauses, time.Minute, countingKeep()
			if !declared {
				main := c.Credentials[MainCredential]
				c.Provision, c.Credentials = &Provision{Target: ProvisionTarget{Deadline: time.Second}}, map[string]client.Credentials{MainCredential: main}
			}
		})
		ok := slices.ContainsFunc(c.Clauses, func(r results.ClauseResult) bool { return kills(m, r) })
		if declared && !ok && testing.Verbose() {
			dump(t, c)
		}
		return ok, server.Hits()[m.ID] > 0 || m.Point() == "setting"
	}
	ok, reached := killed(true)
	for range 2 { // some show in a share of the calls only, or when two calls meet
		if !ok {
			ok, reached = killed(true)
		}
	}
	bare, _ := killed(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mutants++
	switch {
	case !reached:
		p.unseen = append(p.unseen, m.ID)
		t.Errorf("%s was not reached (%v; needs %s)", m.Text, m.Clauses, m.Needs)
	case !ok:
		p.missed = append(p.missed, m.ID)
		t.Errorf("not killed: %s (%v; needs %s)", m.Text, m.Clauses, m.Needs)
	default:
		p.declared++
	}
	if bare {
		p.bare++
	} else if ok {
		p.notWithoutAnyone = append(p.notWithoutAnyone, m.ID)
	}
}

// kills reports whether the verdict on a clause kills a mutant: a broken clause at its level, with evidence.
func kills(m *emulator.Deviation, r results.ClauseResult) bool {
	if len(r.Evidence) == 0 {
		return false
	}
	switch r.Verdict {
	case results.ClauseFail:
		return true
	case results.ClauseWarn:
		return r.Level == contract.Should.String() || secondBest[m.ID] != ""
	case results.ClauseInfo:
		return r.Level == contract.May.String() && r.Failed > 0
	}
	return false
}

// countingKeep numbers exchanges and keeps none.
func countingKeep() func(*results.Exchange) (int, error) {
	n := 0
	return func(*results.Exchange) (int, error) { n++; return n, nil }
}

// TestConformant: the correct emulator is conformant in every profile, with every MUST provoked.
func TestConformant(t *testing.T) {
	_, known := full(t, nil)
	c := hold(t, "", func(c *Config) {
		known(c)
		c.Provision.Target.Deadline = 0 // nothing hangs here, and a busy machine may be slow
		c.Load.Calls = underRace(3000, 0)
	})
	if c.Headline != results.HeadlineConformant || c.ExitCode != results.ExitPass || c.Codes.Provoked != 23 {
		t.Errorf("%s, exit code %d, %v, %+v", c.Headline, c.ExitCode, c.Reasons, c.Codes)
	}
	for _, r := range c.Clauses {
		if r.Verdict != results.ClausePass && r.Verdict != results.ClauseInfo {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
}

// TestFalseAlarms runs the whole suite against every benign variant: none may fail a clause.
func TestFalseAlarms(t *testing.T) {
	if raceEnabled {
		t.Skip("the campaign is about what the suite sees, and takes minutes under the race detector")
	}
	t.Parallel()
	var alarms, variants int
	var mu sync.Mutex
	t.Run("benign", func(t *testing.T) {
		together(t, emulator.BenignVariants(), func(t *testing.T, b *emulator.Deviation) {
			_, known := full(t, func(c *emulator.Config) { c.Benign = []string{b.ID} })
			c := hold(t, "", func(c *Config) {
				known(c)
				c.Limit, c.Load.Calls = 20*time.Second, 500
			})
			mu.Lock()
			defer mu.Unlock()
			variants++
			for _, r := range c.Clauses {
				if r.Verdict == results.ClauseFail || r.Verdict == results.ClauseError {
					t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
					alarms++
				}
			}
		})
	})
	fmt.Printf("false alarms: %d in %d benign variants\n", alarms, variants)
}
