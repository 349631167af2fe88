//go:build unix

package cmd

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"axbench/results"
)

// proveTwoControllers: of two that lead a run the first one is told, and goes; what it has recorded stays.
func proveTwoControllers(t *testing.T) {
	url := startNATS(t, "proof", "sentinel-password").url
	env := []string{envNATSUser + "=proof", envNATSPassword + "=sentinel-password"}
	p := newProof(t, proofConfig{seconds: 6, lease: "5s", flags: []string{"--nats", url}, env: env}).joinAll()
	p.begun(800)
	first, left := p.controller, p.dir
	p.dir = filepath.Join(t.TempDir(), "run")
	p.controller = p.start("axbench", []string{"attach", p.id, "--nats", url, "--out", p.dir, "--json"})
	p.whole(p.ends(results.ExitPass))
	if code := first.code(); code != results.ExitNoData || !strings.Contains(first.said(), "another controller leads this run") {
		t.Errorf("the first controller ended with %d:\n%s", code, first.said())
	}
	if _, err := readRun(left); err != nil {
		t.Errorf("nothing is left of the first one's run directory: %v", err)
	}
}

// proveInterrupted: Ctrl-C ends the run everywhere, and what was done is reported.
func proveInterrupted(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 6, lease: "5s"}).joinAll()
	p.begun(500)
	_ = p.controller.Process.Signal(syscall.SIGINT)
	run := p.ends(130)
	if len(run.Fleet.Gaps) != 1 || run.Totals.Done != run.Totals.Planned-run.Totals.NotOffered {
		t.Errorf("%+v, %+v", run.Fleet.Gaps, run.Totals.Ledger)
	}
	p.othersEnd(-1)
}

// proveTwoHandOver: two generators leave at the same time, of different weight.
func proveTwoHandOver(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 6, lease: "5s", flags: []string{"--weights", "3,2,1,2"}}).joinAll()
	p.begun(500)
	p.signal(3, syscall.SIGTERM)
	p.signal(0, syscall.SIGTERM)
	p.whole(p.ends(results.ExitPass))
}

// proveAllHandOver: there is nobody to hand over to, and the report says so.
func proveAllHandOver(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 6, lease: "5s"}).joinAll()
	p.begun(500)
	for i := range p.agents {
		p.signal(i, syscall.SIGTERM)
	}
	run := p.ends(results.ExitInvalid)
	if notes := strings.Join(run.Notes, "\n"); !strings.Contains(notes, "the controller ended the run: generator ") || !strings.Contains(notes, " leaves") {
		t.Errorf("%q", notes)
	}
	p.othersEnd(-1)
}

// proveKilledBeforeStart: a generator that is gone when it is told to begin.
func proveKilledBeforeStart(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 4}).joinAll()
	p.told("4 of 4 generators are ready")
	_ = p.agents[0].Process.Kill()
	p.until("the controller ends", p.controller.over)
	if n := len(p.seen()); p.controller.code() == results.ExitPass || p.controller.code() == results.ExitInternal || n > 800 {
		t.Errorf("the controller ended with %d, and %d arrivals came", p.controller.code(), n)
	}
	p.check(p.report())
	p.othersEnd(0)
}

// proveAllKilled: nobody is left.
func proveAllKilled(t *testing.T) {
	p := newProof(t, proofConfig{more: takeOver}).joinAll()
	p.begun(1000)
	for _, a := range p.agents {
		_ = a.Process.Kill()
	}
	run := p.ends(results.ExitInvalid)
	for i := range run.Fleet.Generators {
		if g := &run.Fleet.Generators[i]; g.State != results.PartLost {
			t.Errorf("%+v", g)
		}
	}
}

// proveControllerFrozenShortly: nobody needs a controller for a moment.
func proveControllerFrozenShortly(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 6, lease: "5s"}).joinAll()
	p.begun(500)
	p.rest(1500 * time.Millisecond)
	p.whole(p.ends(results.ExitPass))
}

// rest lets the controller stand still, and the bus with it.
func (p *proof) rest(d time.Duration) {
	_ = p.controller.Process.Signal(syscall.SIGSTOP)
	time.Sleep(d)
	_ = p.controller.Process.Signal(syscall.SIGCONT)
}

// proveControllerFrozenLong: generators stop by themselves, and go on with a controller that gives none of them up for its own absence.
func proveControllerFrozenLong(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 9}).joinAll()
	p.begun(500)
	p.rest(4 * time.Second)
	run := p.ends(results.ExitInvalid)
	for i := range run.Fleet.Generators {
		if g := &run.Fleet.Generators[i]; g.State != results.PartEnded || g.Withheld == 0 || g.Why != "" {
			t.Errorf("%+v", g)
		}
	}
	p.othersEnd(-1)
}

// proveUnbinding: bindings are unbound by who has made them, or else by the controller.
func proveUnbinding(t *testing.T) {
	target, admin := emulatorApart(t)
	p := newProof(t, proofConfig{target: target, unbind: "after 500ms", seconds: 7, more: takeOver}).joinAll()
	p.until("bindings", func() bool { return liveBindings(t, admin) >= 100 || p.controller.over() })
	p.relays[2].cut()
	p.told("generator 2 was lost: silent for ")
	p.relays[2].mend()
	run := p.ends(results.ExitInvalid)
	p.until("the agent ends", p.agents[2].over)
	if left := liveBindings(t, admin); left != 0 || run.Bindings.Left != 0 || run.Bindings.Created != run.Totals.Done {
		t.Errorf("%d bindings are left; %+v, %+v", left, run.Bindings, run.Totals.Ledger)
	}
	if f := &run.FollowUps; f.Planned != f.Ended() || f.Planned != run.Bindings.Created {
		t.Errorf("%+v", f.Ledger)
	}
}

// proveCallers: callers of a generator that is gone call no more, and the run is invalid.
func proveCallers(t *testing.T) {
	p := newProof(t, proofConfig{flags: []string{"--callers", "8", "--duration", "5s"}}).joinAll()
	p.begun(2000)
	_ = p.agents[1].Process.Kill()
	p.until("the controller ends", p.controller.over)
	run := p.report()
	if *run.ExitCode != results.ExitInvalid || run.Totals.Planned != run.Totals.Ended() || run.Totals.Done == 0 || int64(len(p.seen())) < run.Totals.Done {
		t.Errorf("exit %d, %+v", *run.ExitCode, run.Totals.Ledger)
	}
	twice := map[int64]bool{}
	for _, s := range p.seen() {
		if twice[s.k] {
			t.Errorf("call %d came twice", s.k)
		}
		twice[s.k] = true
	}
	p.othersEnd(1)
}
