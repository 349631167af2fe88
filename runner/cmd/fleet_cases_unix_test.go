//go:build unix

package cmd

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"axbench/results"
)

// TestFleet plays runs of several generators with real processes, and what can happen to them. It runs by itself, its cases beside each
// other: other tests keep the cores busier than a run in time allows.
func TestFleet(t *testing.T) {
	if testing.Short() {
		t.Skip("runs of several seconds with a handful of processes each")
	}
	for _, c := range []struct {
		name string
		play func(*testing.T)
	}{
		{"healthy, clocks off", proveHealthy},
		{"agent killed", proveKilled},
		{"agent killed, others take over", func(t *testing.T) { proveReplaced(t, "", results.ExitInvalid) }},
		{"agent killed, others take over as is allowed", func(t *testing.T) { proveReplaced(t, "generators: {missing: 40%}\n", results.ExitPass) }},
		{"cut off for less than the lease", proveShortCut},
		{"cut off for more than the lease", proveLongCut},
		{"cut off for more than the lease, others take over", proveLongCutReplaced},
		{"cut off for good", proveCutForGood},
		{"frozen for a moment", proveFrozenShortly},
		{"frozen for more than the lease", proveFrozenLong},
		{"controller killed and replaced", proveAttached},
		{"controller killed and replaced late", proveAttachedLate},
		{"threshold", proveAbort},
		{"hand-over", proveHandOver},
		{"rivals for a slot", proveRivals},
		{"too few agents", proveTooFew},
		{"clocks not known well enough", proveUnsureClock},
		{"own server", proveOwnServer},
		{"same identifiers from two generators", proveSharedIdentifiers},
		{"bindings of a killed agent", proveCleanUp},
		{"two controllers", proveTwoControllers},
		{"interrupted", proveInterrupted},
		{"two hand over", proveTwoHandOver},
		{"all hand over", proveAllHandOver},
		{"killed before the start", proveKilledBeforeStart},
		{"all killed", proveAllKilled},
		{"controller frozen for a moment", proveControllerFrozenShortly},
		{"controller frozen for more than the lease", proveControllerFrozenLong},
		{"unbinding while cut off", proveUnbinding},
		{"callers, one killed", proveCallers},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.play(t)
		})
	}
}

// proveHealthy: clocks that are off by a third of a second do not show in when the generators begin.
func proveHealthy(t *testing.T) {
	p := newProof(t, proofConfig{lease: "5s"})
	const off = 300 * time.Millisecond
	for i, skew := range []time.Duration{off, -off, 40 * time.Millisecond, 0} {
		p.joinAs(skewedName, i, envSkew+"="+skew.String())
	}
	run := p.ends(results.ExitPass)
	p.whole(run)
	for i := range run.Fleet.Generators {
		g := &run.Fleet.Generators[i]
		t.Logf("measured: generator %d: clock ahead by %s, exchange %s", i, time.Duration(g.OffsetNS), time.Duration(g.RTTNS))
	}
	if f := run.Fleet; f.StartBoundNS <= 0 || f.StartBoundNS > f.MaxSkewNS {
		t.Errorf("start bound %s of %s", time.Duration(f.StartBoundNS), time.Duration(f.MaxSkewNS))
	}
	first, counts := p.starts(), p.perSecond()
	spread := slices.MaxFunc(first, cmpDuration) - slices.MinFunc(first, cmpDuration)
	t.Logf("measured: starts as the witness saw them %v, %s apart, bound %s; arrivals in each second %v", first, spread, time.Duration(run.Fleet.StartBoundNS), counts)
	if 2*spread > off {
		t.Errorf("the generators began %s apart with clocks that are %s apart", spread, 2*off)
	}
	for i, n := range counts {
		if i < p.cfg.seconds && (4*n < 3*p.cfg.rate || 4*n > 5*p.cfg.rate) {
			t.Errorf("%d arrivals in second %d, the rate is %d", n, i, p.cfg.rate)
		}
	}
}

func cmpDuration(a, b time.Duration) int { return int(max(-1, min(1, a-b))) }

// starts is when each generator began as the witness saw it, relative to one of them: how much later than by the plan its arrivals came, at
// the least.
func (p *proof) starts() []time.Duration {
	seen := p.seen()
	first := make([]time.Duration, p.cfg.generators)
	for i := range first {
		first[i] = time.Hour
	}
	for _, s := range seen {
		due := time.Duration(s.k) * time.Second / time.Duration(p.cfg.rate)
		i := s.k % int64(p.cfg.generators)
		first[i] = min(first[i], s.at.Sub(seen[0].at)-due)
	}
	return first
}

// perSecond counts the arrivals at the witness in each second since the first.
func (p *proof) perSecond() (counts []int) {
	seen := p.seen()
	for _, s := range seen {
		t := int(s.at.Sub(seen[0].at) / time.Second)
		for len(counts) <= t {
			counts = append(counts, 0)
		}
		counts[t]++
	}
	return counts
}

// proveKilled: the run ends, and what the killed one did is known but for what it did since its last report.
func proveKilled(t *testing.T) {
	p := newProof(t, proofConfig{}).joinAll()
	p.begun(500)
	_ = p.agents[1].Process.Kill()
	p.told("generator 1 was lost: silent for ")
	run := p.ends(results.ExitInvalid)
	if sent := p.beyond(run); 2*sent > run.Fleet.Unreported {
		t.Errorf("a killed agent had sent %d arrivals that it had not reported", sent)
	}
	g := &run.Fleet.Generators[1]
	if g.State != results.PartLost || !strings.Contains(strings.Join(run.Reasons, "\n"), "generator 1 (") || run.Fleet.Missing == 0 {
		t.Errorf("%+v; %q", g, run.Reasons)
	}
	p.othersEnd(1)
}

// othersEnd checks that all agents but one end with 0: the controller has ended the run.
func (p *proof) othersEnd(but int) {
	p.t.Helper()
	for i, a := range p.agents {
		if i == but {
			continue
		}
		p.until("the agents end", a.over)
		if a.code() != 0 {
			p.t.Errorf("agent %d ended with %d", i, a.code())
		}
	}
}

// proveShortCut: an agent that is away from the bus goes on, and what it had to report comes later.
func proveShortCut(t *testing.T) {
	p := newProof(t, proofConfig{lease: "4s"}).joinAll()
	p.begun(400)
	p.relays[2].cut()
	time.Sleep(1200 * time.Millisecond)
	p.relays[2].mend()
	p.whole(p.ends(results.ExitPass))
}

// proveLongCut: an agent that is away for longer than its permission lasts stops by itself, and what it did before still counts.
func proveLongCut(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 7}).joinAll()
	p.begun(500)
	p.relays[2].cut()
	p.told("generator 2 was lost: silent for ")
	p.relays[2].mend()
	run := p.ends(results.ExitInvalid)
	g := &run.Fleet.Generators[2]
	t.Logf("measured: withheld %d, late reports %d, unreported %d", g.Withheld, g.Late, g.Unreported)
	if g.State != results.PartLost || g.Late == 0 || g.Withheld == 0 {
		t.Errorf("%+v", g)
	}
	p.until("the agent ends", p.agents[2].over)
	if code := p.agents[2].code(); code != results.ExitInvalid {
		t.Errorf("the agent that was given up ended with %d", code)
	}
}

// proveFrozenShortly: a generator that stands still for less than its permission loses nothing, and the run is invalid all the same.
func proveFrozenShortly(t *testing.T) {
	p := newProof(t, proofConfig{late: "late: {p99: 10s}", lease: "5s"}).joinAll()
	p.begun(500)
	p.freeze(3)
	time.Sleep(400 * time.Millisecond)
	p.thaw(3)
	run := p.ends(results.ExitInvalid)
	if why := strings.Join(run.Generator.Why, "\n") + strings.Join(run.Reasons, "\n"); !strings.Contains(why, "generator 3 (") || !strings.Contains(why, "stood still for ") {
		t.Errorf("%q", why)
	}
	if run.Fleet.Missing != 0 || run.Totals.Done != run.Totals.Planned {
		t.Errorf("%+v", run.Totals.Ledger)
	}
}

func (p *proof) freeze(i int) { p.signal(i, syscall.SIGSTOP) }
func (p *proof) thaw(i int)   { p.signal(i, syscall.SIGCONT) }

func (p *proof) signal(i int, s syscall.Signal) {
	p.t.Helper()
	if err := p.agents[i].Process.Signal(s); err != nil {
		p.t.Error(err)
	}
}

// proveFrozenLong: a generator that stands still for longer than its permission fires nothing when it goes on.
func proveFrozenLong(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 7}).joinAll()
	p.begun(500)
	p.freeze(0)
	p.told("generator 0 was lost: silent for ")
	at := time.Now()
	p.thaw(0)
	p.until("the agent ends", p.agents[0].over)
	if code := p.agents[0].code(); code != results.ExitInvalid {
		t.Errorf("the agent that was given up ended with %d", code)
	}
	run := p.ends(results.ExitInvalid)
	if g := &run.Fleet.Generators[0]; g.State != results.PartLost {
		t.Errorf("%+v", g)
	}
	for _, s := range p.seen() {
		if s.k%4 == 0 && s.at.After(at) {
			t.Errorf("arrival %d came %s behind the thaw", s.k, s.at.Sub(at))
		}
	}
}

// proveAbort: a rule that is missed stops everybody.
func proveAbort(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 8, answers: answersBad, lease: "5s", flags: []string{"--slo", "good >= 99% abort"}}).joinAll()
	decided := p.told("no more calls are made")
	run := p.ends(results.ExitSLO)
	before, after := 0, 0
	last := time.Time{}
	for _, s := range p.seen() {
		if s.at.After(decided) {
			after++
		} else {
			before++
		}
		if s.at.After(last) {
			last = s.at
		}
	}
	t.Logf("measured: the last arrival came %s behind the decision; %d before, %d after it", last.Sub(decided), before, after)
	if 10*after > before || run.Totals.NotOffered == 0 || len(run.Fleet.Gaps) != 1 {
		t.Errorf("%d arrivals before the decision, %d after it; %+v", before, after, run.Fleet.Gaps)
	}
	p.othersEnd(-1)
}

// proveHandOver: an agent that is told to end hands over, and nothing is lost.
func proveHandOver(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 6, lease: "5s"}).joinAll()
	p.begun(500)
	p.signal(3, syscall.SIGTERM)
	p.told("generator 3 leaves")
	run := p.ends(results.ExitPass)
	p.whole(run)
	if g := &run.Fleet.Generators[3]; g.State != results.PartLeft || g.Sent >= int64(p.cfg.rate*p.cfg.seconds/p.cfg.generators) {
		t.Errorf("%+v", g)
	}
}

// proveRivals: of two agents that want a slot one takes another, and one that finds none is refused.
func proveRivals(t *testing.T) {
	p := newProof(t, proofConfig{generators: 2, seconds: 4, lease: "5s"})
	for range 3 {
		p.join(0)
	}
	p.begun(100)
	p.join(-1)
	run := p.ends(results.ExitPass)
	refused := 0
	for i, a := range p.agents {
		p.until("the agents end", a.over)
		switch code := a.code(); {
		case code == results.ExitNoData && strings.Contains(a.said(), "the run has no free slot"):
			refused++
		case code != 0:
			t.Errorf("agent %d ended with %d", i, code)
		}
	}
	if refused != 2 || run.Totals.Done != run.Totals.Planned {
		t.Errorf("%d of 4 agents were refused; %+v", refused, run.Totals.Ledger)
	}
}

// proveTooFew: a run that does not get its generators does not begin.
func proveTooFew(t *testing.T) {
	p := newProof(t, proofConfig{flags: []string{"--formation", "6s"}})
	for i := range 3 {
		p.join(i)
	}
	p.until("the controller ends", p.controller.over)
	if code := p.controller.code(); code != results.ExitNoData || !strings.Contains(p.controller.said(), "3 of 4 generators were ready within 6s") {
		t.Errorf("the controller ended with %d", code)
	}
	for i, a := range p.agents {
		p.until("the agents end", a.over)
		if code := a.code(); code != results.ExitNoData {
			t.Errorf("agent %d ended with %d", i, code)
		}
	}
	if n := len(p.seen()); n > 0 {
		t.Errorf("%d arrivals came", n)
	}
	if _, err := os.Stat(p.dir); err == nil {
		t.Error("a run directory was left behind")
	}
}

// proveUnsureClock: nobody can know a clock through a socket to ten microseconds.
func proveUnsureClock(t *testing.T) {
	p := newProof(t, proofConfig{flags: []string{"--max-skew", "10us"}}).joinAll()
	p.until("the controller ends", p.controller.over)
	if code := p.controller.code(); code != results.ExitNoData || !strings.Contains(p.controller.said(), "at most 10µs is allowed (max-skew)") || len(p.seen()) > 0 {
		t.Errorf("the controller ended with %d, and %d arrivals came", code, len(p.seen()))
	}
}

// proveSharedIdentifiers: two generators got the same identifiers, which neither of them could know.
func proveSharedIdentifiers(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 3, lease: "5s", answers: answersSame}).joinAll()
	run := p.ends(results.ExitNonconformant)
	for _, clause := range []string{"RSP-2", "INV-1"} {
		if n := violations(run, clause); n != 1 {
			t.Errorf("%s was broken once, the report says %d times", clause, n)
		}
		for i := range run.Fleet.Generators {
			own, err := readRun(results.GeneratorDir(p.dir, i))
			if err != nil {
				t.Fatal(err)
			}
			if n := violations(own, clause); n != 0 {
				t.Errorf("generator %d alone found %s broken", i, clause)
			}
		}
	}
	p.whole(run)
}

// violations is how often a clause was broken.
func violations(run *results.Run, clause string) (n int64) {
	for i := range run.Violations {
		if run.Violations[i].Clause == clause {
			n += run.Violations[i].Count
		}
	}
	return n
}

// proveOwnServer: the user's own server, which asks for a password, and is killed and started again meanwhile.
func proveOwnServer(t *testing.T) {
	server := startNATS(t, "proof", "sentinel-password")
	url := server.url
	p := newProof(t, proofConfig{lease: "5s", flags: []string{"--nats", url},
		env: []string{envNATSUser + "=proof", envNATSPassword + "=sentinel-password"}}).joinAll()
	p.begun(500)
	server.again(500 * time.Millisecond)
	p.whole(p.ends(results.ExitPass))
	stranger := p.start("axbench", []string{"agent", "--nats", url, "--run", p.id, "--wait", "1s"}, envNATSPassword+"=wrong")
	if code := stranger.code(); code != results.ExitNoData || strings.Contains(stranger.said(), "sentinel") {
		t.Errorf("an agent without the password ended with %d:\n%s", code, stranger.said())
	}
}

// proveCleanUp: the bindings of a generator that is gone are unbound by the controller, as far as it knew of them; the agent's own journal has the
// others.
func proveCleanUp(t *testing.T) {
	target, admin := emulatorApart(t)
	p := newProof(t, proofConfig{target: target, unbind: "end", seconds: 6}).joinAll()
	before := int64(0)
	p.until("bindings", func() bool { before = liveBindings(t, admin); return before >= 600 || p.controller.over() })
	_ = p.agents[1].Process.Kill()
	run := p.ends(results.ExitInvalid)
	p.othersEnd(1)
	left := liveBindings(t, admin)
	t.Logf("measured: %d bindings left, at most %d unreported; %+v", left, run.Fleet.Unreported, run.Bindings)
	if left > run.Fleet.Unreported || 2*left > before/4 {
		t.Errorf("%d bindings are left, at most %d could not be reported, the killed agent had made about %d", left, run.Fleet.Unreported, before/4)
	}
	agentDir := p.agents[1].Args[slices.Index(p.agents[1].Args, "--out")+1]
	clean := p.start("axbench", []string{"cleanup", agentDir})
	if code := clean.code(); code != 0 {
		t.Errorf("axbench cleanup of the killed agent's directory ended with %d:\n%s", code, clean.said())
	}
	if left = liveBindings(t, admin); 20*left > before/4 { // those of calls that were on their way when it was killed
		t.Errorf("%d bindings are left after its clean-up:\n%s", left, clean.said())
	}
}
