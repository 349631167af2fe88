//go:build unix

package cmd

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"axbench/results"
)

const takeOver = "on_generator_loss: redistribute\n"

// proveReplaced: the others take over what a killed agent still had to do. Whether that is enough is for the scenario to say.
func proveReplaced(t *testing.T, allowed string, code int) {
	p := newProof(t, proofConfig{seconds: 7, more: takeOver + allowed}).joinAll()
	p.begun(500)
	_ = p.agents[1].Process.Kill()
	again := p.join(1) // as what restarts processes does
	p.agents = p.agents[:p.cfg.generators]
	if code := again.code(); code != results.ExitNoData || !strings.Contains(again.said(), "the run has no free slot") {
		t.Errorf("another process for the same slot ended with %d:\n%s", code, again.said())
	}
	run := p.ends(code)
	f := run.Fleet
	if len(f.Gaps) == 0 || f.Gaps[0].Slot == nil || *f.Gaps[0].Slot != 1 || f.Generators[1].State != results.PartLost {
		t.Errorf("%+v", f)
	}
	// What the killed one had left without anybody to take over would be three times as much.
	if left := run.Totals.Planned/4 - f.Generators[1].Decided; f.Missing == 0 || 4*f.Missing > 3*left {
		t.Errorf("%d arrivals of the killed agent's %d were not offered", f.Missing, left)
	}
	p.othersEnd(1)
}

// proveLongCutReplaced: what an agent did that was cut off for long is reported later, and the others do the rest.
func proveLongCutReplaced(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 8, more: takeOver}).joinAll()
	p.begun(500)
	p.relays[2].cut()
	p.told("generator 2 was lost: silent for ")
	time.Sleep(time.Second)
	p.relays[2].mend()
	run := p.ends(results.ExitInvalid)
	g := &run.Fleet.Generators[2]
	t.Logf("measured: withheld %d, late reports %d, unreported %d", g.Withheld, g.Late, g.Unreported)
	if g.State != results.PartLost || g.Late == 0 || g.Withheld == 0 || len(run.Fleet.Gaps) != 1 {
		t.Errorf("%+v, gaps %+v", g, run.Fleet.Gaps)
	}
	p.othersEnd(2)
}

// proveCutForGood: of an agent that never comes back nobody knows what it did while its permission lasted.
func proveCutForGood(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 6, more: takeOver}).joinAll()
	p.begun(500)
	p.relays[2].cut()
	run := p.ends(results.ExitInvalid)
	if g := &run.Fleet.Generators[2]; g.State != results.PartLost {
		t.Errorf("%+v", g)
	}
	p.othersEnd(2)
}

// proveAttached: another controller goes on with what the first one has left behind, and nothing is lost.
func proveAttached(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 6, lease: "5s"}).joinAll()
	p.begun(500)
	p.replace(0)
	p.whole(p.ends(results.ExitPass))
}

// proveAttachedLate: generators that nobody leads stop by themselves, and go on when somebody does.
func proveAttachedLate(t *testing.T) {
	p := newProof(t, proofConfig{seconds: 8}).joinAll()
	p.begun(500)
	p.replace(3500 * time.Millisecond)
	run := p.ends(results.ExitInvalid)
	withheld := int64(0)
	for i := range run.Fleet.Generators {
		g := &run.Fleet.Generators[i]
		if withheld += g.Withheld; g.State != results.PartEnded || g.Withheld == 0 {
			t.Errorf("%+v", g)
		}
	}
	if run.Fleet.Missing != withheld || run.Fleet.Unknown != 0 {
		t.Errorf("%d arrivals were withheld; %+v", withheld, run.Fleet)
	}
	p.othersEnd(-1)
}

// replace kills the controller with the bus inside, and after a while starts another.
func (p *proof) replace(after time.Duration) {
	p.t.Helper()
	_ = p.controller.Process.Kill()
	<-p.controller.done
	time.Sleep(after)
	before := len(p.seen())
	p.dir = filepath.Join(p.t.TempDir(), "run")
	p.controller = p.start("axbench", []string{"attach", p.id, "--store", p.store, "--out", p.dir, "--json"})
	p.t.Logf("measured: %d arrivals when the second controller began", before)
}
