package fleet

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const (
	playRate  = 800
	playSlots = 4
	playTime  = 8 * time.Second
	oneTick   = playRate/playSlots/4 + 2 // arrivals of a slot between two windows, and in the step that makes one
)

// play runs a world of four agents through what do does to it, once it has begun.
func play(t *testing.T, setup func(*world), do func(w *world, p []*player)) (w *world, o *Outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, playSlots, playRate, playTime)
		if setup != nil {
			setup(w)
		}
		outcome := w.lead(false)
		for i := range playSlots {
			w.join(i, func(p *player) { p.skew = time.Duration(i-1) * 150 * time.Millisecond })
		}
		time.Sleep(3 * time.Second) // formation, a second ahead, and some arrivals
		if do != nil {
			do(w, w.agents)
		}
		o = w.end(outcome)
	})
	w.t = t
	return w, o
}

func redistribute(w *world) { w.spec.Loss = LossRedistribute }

func TestSlotsAndRivals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, 100, 2*time.Second)
		outcome := w.lead(false)
		for range 3 { // one more than there are slots, all with the same wish
			w.join(0, nil)
		}
		time.Sleep(2 * time.Second)
		late := w.join(1, nil)
		o := w.end(outcome)
		w.check(o, 0)
		refused := 0
		for _, p := range w.agents {
			if errors.Is(p.err, ErrNoSlot) {
				refused++
			}
		}
		if refused != 2 || !errors.Is(late.err, ErrNoSlot) {
			t.Errorf("%d of 4 agents were refused: %v", refused, w.errors())
		}
		if _, err := w.lead(false)(); !errors.Is(err, ErrRival) {
			t.Errorf("a run of the same name was announced twice: %v", err)
		}
	})
}

func TestNotFormed(t *testing.T) {
	for name, c := range map[string]struct {
		agents int
		spec   func(*Spec)
		change func(*player) // of one agent
		want   string
	}{
		"too few":      {3, nil, nil, "3 of 4 generators were ready within 5s"},
		"another plan": {4, nil, func(p *player) { p.digest = "other" }, "would make other calls"},
		"clock":        {4, func(s *Spec) { s.MaxSkew = 100 * time.Microsecond }, nil, "max-skew"},
		"cannot":       {4, nil, func(p *player) { p.refuses = "no file left" }, "cannot make the run: no file left"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, 4, 100, time.Second)
				if c.spec != nil {
					c.spec(&w.spec)
				}
				outcome := w.lead(false)
				for i := range c.agents {
					w.join(i, func(p *player) {
						if c.change != nil && i == 2 {
							c.change(p)
						}
					})
				}
				_, err := outcome()
				w.group.Wait()
				if !errors.Is(err, ErrNotFormed) || !strings.Contains(err.Error(), c.want) || len(w.seen) > 0 {
					t.Errorf("%v, and %d arrivals were seen", err, len(w.seen))
				}
			})
		})
	}
}

func TestHealthyRun(t *testing.T) {
	w, o := play(t, nil, nil)
	w.check(o, 0)
	if o.Missing != 0 || o.Aborted != "" || w.errors() != nil {
		t.Errorf("%+v, %v", o, w.errors())
	}
}

func TestKilledAgent(t *testing.T) {
	w, o := play(t, nil, func(_ *world, p []*player) { p[1].die() })
	w.check(o, oneTick)
	if !strings.Contains(o.Aborted, "generator 1 (here) was lost: silent for 2.") || o.Missing < 1000 || o.Slots[1].Lost == "" {
		t.Errorf("%+v", o)
	}
	var aborted *AbortedError
	if p := w.agents[0]; !errors.As(p.err, &aborted) {
		t.Errorf("another agent ends with %v", p.err)
	}
}

func TestKilledAgentIsReplaced(t *testing.T) {
	w, o := play(t, redistribute, func(_ *world, p []*player) { p[1].die() })
	w.check(o, oneTick)
	// A slot's 200/s for the permission, the half second, the look-ahead and a little.
	if o.Aborted != "" || o.Missing < 400 || o.Missing > 800 || len(o.Gaps) != 1 || *o.Gaps[0].Slot != 1 {
		t.Errorf("%+v", o)
	}
}

func TestTwoKilledAgents(t *testing.T) {
	w, o := play(t, redistribute, func(_ *world, p []*player) { p[1].die(); p[3].die() })
	w.check(o, 2*oneTick)
	if n := len(o.Division.Epochs); n < 1 || n > 2 || len(o.Division.Lost()) != 2 || o.Aborted != "" {
		t.Errorf("%+v", o)
	}
}

func TestShortPartition(t *testing.T) {
	w, o := play(t, nil, func(_ *world, p []*player) {
		p[2].cut(true)
		time.Sleep(1200 * time.Millisecond)
		p[2].cut(false)
	})
	w.check(o, 0)
	if o.Missing != 0 || o.Aborted != "" || w.errors() != nil {
		t.Errorf("%+v, %v", o, w.errors())
	}
}

func TestLongPartition(t *testing.T) {
	w, o := play(t, redistribute, func(_ *world, p []*player) {
		p[2].cut(true)
		time.Sleep(4 * time.Second)
		p[2].cut(false)
	})
	w.check(o, 0) // what it has measured came late, and counts
	if o.Aborted != "" || o.Slots[2].Lost == "" || o.Slots[2].Late == 0 || o.Missing == 0 || !errors.Is(w.agents[2].err, ErrFenced) {
		t.Errorf("%+v, %v", o, w.errors())
	}
}

// Without the lease an agent that is cut off goes on, and others do its work too: the witness and the ledger see it.
func TestWithoutLeaseIsCaught(t *testing.T) {
	w, o := play(t, redistribute, func(_ *world, p []*player) {
		p[2].unsafe.Store(true)
		p[2].cut(true)
		time.Sleep(4 * time.Second)
		p[2].cut(false)
	})
	double := 0
	for _, n := range w.seen {
		double += n - 1
	}
	if double == 0 {
		t.Errorf("an agent without a lease sends nothing twice: the test does not bite; %+v", o)
	}
}

func TestFrozenAgent(t *testing.T) {
	w, o := play(t, nil, func(_ *world, p []*player) { p[0].freeze(400 * time.Millisecond) })
	w.check(o, 0)
	if o.Missing != 0 || o.Aborted != "" {
		t.Errorf("%+v", o)
	}
	w, o = play(t, redistribute, func(_ *world, p []*player) { p[0].freeze(4 * time.Second) })
	w.check(o, oneTick)
	if o.Slots[0].Lost == "" || o.Missing == 0 {
		t.Errorf("%+v", o)
	}
}

func TestHandOver(t *testing.T) {
	w, o := play(t, nil, func(_ *world, p []*player) { p[3].leave <- struct{}{} })
	w.check(o, 0)
	if o.Missing != 0 || o.Aborted != "" || !o.Slots[3].Left || w.errors() != nil {
		t.Errorf("%+v, %v", o, w.errors())
	}
}

// Of two that leave nearly at once the one that said so first may be relieved last.
func TestTwoHandOvers(t *testing.T) {
	for i := range 12 {
		w, o := play(t, nil, func(_ *world, p []*player) {
			time.Sleep(time.Duration(i) * 5 * time.Millisecond)
			p[3].leave <- struct{}{}
			time.Sleep(15 * time.Millisecond)
			p[0].leave <- struct{}{}
		})
		w.check(o, 0)
		if o.Missing != 0 || o.Aborted != "" || !o.Slots[3].Left || !o.Slots[0].Left || w.errors() != nil {
			t.Errorf("%d: %+v, %v", i, o, w.errors())
		}
	}
}

// One is given up while another one is about to leave.
func TestHandOverAndLoss(t *testing.T) {
	w, o := play(t, redistribute, func(_ *world, p []*player) {
		p[1].die()
		time.Sleep(2300 * time.Millisecond)
		p[3].leave <- struct{}{}
	})
	w.check(o, oneTick)
	if o.Aborted != "" || o.Missing > 800 || len(o.Division.Epochs) != 2 {
		t.Errorf("%+v", o)
	}
}

func TestAbort(t *testing.T) {
	var at time.Time
	w, o := play(t, nil, func(w *world, _ []*player) {
		at = time.Now()
		w.stop(errors.New("a rule was missed"))
	})
	w.check(o, 0)
	if late := w.last.Sub(at); o.Aborted != "a rule was missed" || late > 50*time.Millisecond || o.Missing == 0 || len(o.Gaps) != 1 || o.Gaps[0].Slot != nil {
		t.Errorf("the last arrival came %s behind the decision; %+v", late, o)
	}
}

func TestControllerIsReplaced(t *testing.T) {
	for name, c := range map[string]struct {
		away time.Duration
		gap  bool
	}{"in time": {time.Second, false}, "too late": {3500 * time.Millisecond, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, playSlots, playRate, playTime)
				first := w.lead(false)
				for i := range playSlots {
					w.join(i, nil)
				}
				time.Sleep(3 * time.Second)
				w.stream.mu.Lock()
				w.stream.down, w.control.cut = true, true // controller and server are killed
				w.stream.mu.Unlock()
				time.Sleep(c.away)
				old := w.control
				w.control = &client{m: w.stream}
				w.stream.mu.Lock()
				w.stream.down = false
				w.stream.mu.Unlock()
				second := w.lead(true)
				o, err := second()
				w.group.Wait()
				if err != nil {
					t.Fatal(err)
				}
				w.check(o, 0)
				if (o.Missing > 0) != c.gap || o.Aborted != "" {
					t.Errorf("%+v", o)
				}
				w.stream.mu.Lock()
				old.cut = false
				w.stream.mu.Unlock()
				if _, err := first(); !errors.Is(err, ErrRival) {
					t.Errorf("the controller that was thought to be dead ends with %v", err)
				}
			})
		})
	}
}

func TestLostAck(t *testing.T) {
	w, o := play(t, nil, func(w *world, p []*player) {
		w.stream.mu.Lock()
		p[1].client.loseAcks = 3
		w.stream.mu.Unlock()
	})
	w.check(o, 0)
	if o.Missing != 0 || o.Slots[1].Lost != "" {
		t.Errorf("%+v", o)
	}
}

// A controller that stood still itself, with the server inside of it, gives nobody up for it.
func TestFrozenController(t *testing.T) {
	var freeze atomic.Bool
	w, o := play(t, func(w *world) {
		w.status = func(Status) {
			if !freeze.CompareAndSwap(true, false) {
				return
			}
			for _, down := range []bool{true, false} {
				w.stream.mu.Lock()
				w.stream.down = down
				w.stream.mu.Unlock()
				w.control.still.Store(down)
				if down {
					time.Sleep(4 * time.Second)
				}
			}
		}
	}, func(*world, []*player) { freeze.Store(true) })
	w.check(o, 0)
	if o.Missing == 0 || o.Aborted != "" || w.errors() != nil {
		t.Errorf("%+v, %v", o, w.errors())
	}
}

// A clock that drifts is looked at again and again.
func TestDriftingClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, 10, 35*time.Second)
		outcome := w.lead(false)
		began := time.Now()
		w.join(0, func(p *player) { p.drift = func() time.Duration { return time.Since(began) / 1000 } })
		o := w.end(outcome)
		w.check(o, 0)
		if got := o.Slots[0].Ready.Offset; got < 25*time.Millisecond || got > 36*time.Millisecond {
			t.Errorf("the clock is ahead by %s at the end, want about 30ms", got)
		}
	})
}
