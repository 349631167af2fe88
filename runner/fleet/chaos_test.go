package fleet

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

var worlds = flag.Int("worlds", 60, "how many random worlds TestChaos plays")

// TestChaos plays runs to which anything happens: agents are killed, frozen, cut off, told to leave, lose acknowledgements; the stream goes
// away. Whatever it was, nothing is sent twice, and the ledger says what the witness saw.
func TestChaos(t *testing.T) {
	for seed := range *worlds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { chaos(t, rand.New(rand.NewPCG(uint64(seed), 1))) })
	}
}

func chaos(t *testing.T, rng *rand.Rand) {
	synctest.Test(t, func(t *testing.T) {
		slots := 2 + rng.IntN(4)
		w := newWorld(t, slots, int64(200*slots), playTime)
		if rng.IntN(3) > 0 {
			w.spec.Loss = LossRedistribute
		}
		for i := range w.spec.Weights {
			w.spec.Weights[i] = 1 + rng.IntN(3)
		}
		outcome := w.lead(false)
		for i := range slots {
			w.join(i, nil)
		}
		time.Sleep(2 * time.Second)
		killed, what := 0, ""
		for range 1 + rng.IntN(4) {
			time.Sleep(time.Duration(rng.IntN(2500)) * time.Millisecond)
			p := w.agents[rng.IntN(slots)]
			if p.agent.Load() == nil {
				t.Fatal("it has not joined")
			}
			d := time.Duration(rng.IntN(5000)) * time.Millisecond
			switch rng.IntN(6) {
			case 0:
				what += fmt.Sprintf("; slot %d killed", p.agent.Load().Slot)
				killed++
				p.die()
			case 1:
				what += fmt.Sprintf("; slot %d frozen for %s", p.agent.Load().Slot, d)
				w.group.Go(func() { p.freeze(d) })
			case 2:
				what += fmt.Sprintf("; slot %d cut off for %s", p.agent.Load().Slot, d)
				w.group.Go(func() { p.cut(true); time.Sleep(d); p.cut(p.dead.Err() != nil) })
			case 3:
				what += fmt.Sprintf("; slot %d leaves", p.agent.Load().Slot)
				select {
				case p.leave <- struct{}{}:
				default:
				}
			case 4:
				what += fmt.Sprintf("; slot %d loses acknowledgements", p.agent.Load().Slot)
				w.stream.mu.Lock()
				p.client.loseAcks = 1 + rng.IntN(3)
				w.stream.mu.Unlock()
			case 5:
				what += fmt.Sprintf("; the stream is away for %s", d)
				w.stream.mu.Lock()
				w.stream.down = true
				w.stream.mu.Unlock()
				time.Sleep(d)
				w.stream.mu.Lock()
				w.stream.down = false
				w.stream.mu.Unlock()
			}
		}
		o, err := outcome()
		w.group.Wait()
		if err != nil {
			t.Fatalf("%v%s", err, what)
		}
		w.check(o, int64(3*oneTick*max(1, killed)+3*oneTick*w.unheard(o)))
		if t.Failed() {
			t.Logf("weights %v, %s%s; ended for %q; %+v", w.spec.Weights, w.spec.Loss, what, o.Aborted, o.Settlement)
		}
	})
}

// unheard counts slots that were given up and whose last words did not come before the run was over.
func (w *world) unheard(o *Outcome) (n int) {
	for i := range o.Slots {
		if s := &o.Slots[i]; s.Lost != "" {
			n += 20
		}
	}
	return n
}
