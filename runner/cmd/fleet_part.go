package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/fleet"
	"axbench/runner/pace"
)

// fleetPart is what makes of a session one generator's part of a run that several make.
type fleetPart struct {
	agent   *fleet.Agent
	payload *fleetPayload
	facts   *traffic.Facts
	tail    *traffic.JournalTail
	start   time.Time

	session  *session
	fragment *results.Fragment // of the second that is being closed
	log      *os.File

	mu    sync.Mutex
	told  time.Time // when the account was sent last
	last  [][]byte  // pieces for the last window, once the run has ended
	ended bool
}

// The kinds of pieces of a window's Extra, by their first byte.
const (
	pieceFacts   = 'f' // traffic.Facts
	pieceJournal = 'j' // lines of the journal of bindings
	pieceAccount = 'a' // traffic.Account as JSON, since the start
)

// accountEvery is how often a generator tells the API's own accounts.
const accountEvery = time.Second

func piece(kind byte, data []byte) []byte { return append([]byte{kind}, data...) }

// extra returns what happened in the API's own accounts since it was last called.
func (w *fleetPart) extra() (pieces [][]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for more := true; more; more = w.facts.More() {
		pieces = append(pieces, piece(pieceFacts, w.facts.Take()))
	}
	pieces = append(pieces, w.journal()...)
	if now := time.Now(); now.Sub(w.told) >= accountEvery || w.ended {
		w.told = now
		if data, err := json.Marshal(w.session.traffic.Account(now)); err == nil {
			pieces = append(pieces, piece(pieceAccount, data))
		}
	}
	pieces, w.last = append(pieces, w.last...), nil
	return pieces
}

// journal returns what was journalled since it was last called. The caller holds mu. What cannot be read stays in the journal on this machine.
func (w *fleetPart) journal() (pieces [][]byte) {
	for {
		lines, err := w.tail.Take()
		if len(lines) == 0 || err != nil {
			return pieces
		}
		pieces = append(pieces, piece(pieceJournal, lines))
	}
}

// attach ties this part to the session that makes it.
func (w *fleetPart) attach(s *session, c *traffic.Config) {
	w.session, c.Facts = s, w.facts
	w.tail = s.journal.Tail()
	s.writer.Tap(func(f results.Fragment) { w.fragment = &f })
}

// fleetLog is the file in an agent's run directory with everything that it has agreed and reported: axbench attach --from reads it. Like the journal
// of bindings it is for its owner only.
const fleetLog = "records.ndjson"

// keepLog begins to write fleetLog.
func (w *fleetPart) keepLog(dir string) (err error) {
	if w.log, err = os.OpenFile(filepath.Join(dir, fleetLog), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return err
	}
	w.agent.KeepLog(w.log)
	return nil
}

// cleaningUp takes the last lines of the journal before it is closed, and returns what is to be done when the clean-up is over.
func (w *fleetPart) cleaningUp(path string) (over func()) {
	w.facts.Over() // what is unbound from now on is nobody's proof of anything
	w.mu.Lock()
	last := w.journal()
	w.mu.Unlock()
	before, err := traffic.ReadJournal(path)
	if err != nil {
		before = nil // the controller finds out when it unbinds them
	}
	return func() { w.cleaned(last, before, path) }
}

// cleaned tells the controller which bindings the clean-up has unbound. before holds those that were left when it began.
func (w *fleetPart) cleaned(pieces [][]byte, before []traffic.Binding, path string) {
	after, err := traffic.ReadJournal(path)
	if err != nil {
		after = nil // it is gone: so are they all
	}
	left := map[string]bool{}
	for _, b := range after {
		left[b.SubsID] = true
	}
	var lines []byte
	flush := func() {
		if len(lines) > 0 {
			pieces = append(pieces, piece(pieceJournal, lines))
			lines = nil
		}
	}
	for i := range before {
		if left[before[i].SubsID] {
			continue
		}
		if lines = traffic.AppendUnbound(lines, before[i].SubsID); len(lines) > fleet.MaxExtra/2 {
			flush()
		}
	}
	flush()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last, w.ended = pieces, true
}

// weight is this generator's part of the plan, and the sum of all.
func (w *fleetPart) weight() (mine, whole int) {
	for _, n := range w.agent.Spec.Weights {
		whole += n
	}
	return w.agent.Spec.Weights[w.agent.Slot], whole
}

// peak is the highest rate of this part; 0 for callers, who have none.
func (w *fleetPart) peak(l *loaded) (float64, error) {
	if l.plan.Closed() {
		return 0, nil
	}
	peak, err := l.peak()
	mine, whole := w.weight()
	return peak * float64(mine) / float64(whole), err
}

// configure makes the runner keep to this generator's part of the plan.
func (w *fleetPart) configure(c *runner.Config) {
	lease, spec := w.agent.Lease(), &w.agent.Spec
	mine, whole := w.weight()
	if c.MaxInFlight == 0 {
		c.MaxInFlight = runner.DefaultMaxInFlight(c.Plan)
	}
	c.MaxInFlight = max(1, (c.MaxInFlight*mine+whole-1)/whole)
	if ceiling := c.Plan.Ceiling(); !ceiling.IsZero() {
		c.Ceiling = ceiling.Scale(float64(mine) / float64(whole))
	}
	c.Share, c.Start, c.LookAhead = lease, w.start, spec.LookAhead
	next := c.OnSecond
	c.OnSecond = func(p runner.Progress) {
		w.second(p)
		if next != nil {
			next(p)
		}
	}
}

// second sends what one second has brought.
func (w *fleetPart) second(p runner.Progress) {
	if w.fragment == nil {
		return
	}
	phases, follow := p.Accounts()
	w.agent.Keep(*w.fragment, fleet.Accounts{Phases: phases, FollowUps: follow})
	w.fragment = nil
}

// final is what this generator says when it has ended.
func (w *fleetPart) final(sum *runner.Summary) *fleet.Final {
	accounts := fleet.Accounts{Phases: sum.Phases, FollowUps: sum.FollowUps}
	w.session.writer.TapRest()
	if w.fragment != nil {
		w.agent.Keep(*w.fragment, accounts)
		w.fragment = nil
	}
	accounts.Withheld = w.agent.Lease().Withheld()
	f := &fleet.Final{Accounts: accounts, Generator: sum.Generator, Started: sum.Started, Ended: sum.Ended, Unreachable: sum.Unreachable}
	switch {
	case w.session.breaker != "":
		f.Stopped = "the circuit breaker ended the run: " + w.session.breaker
	case sum.Unreachable != "":
		f.Stopped = unreachable(sum.Unreachable)
	}
	return f
}

// leave hands this generator's part over to the others. It returns false when there is nothing to hand over yet.
func (w *fleetPart) leave(plan *pace.Plan) bool {
	if w == nil || w.agent.Lease() == nil || plan.Closed() {
		return false
	}
	at := time.Since(w.start) + w.agent.Spec.LookAhead + fleet.LeaveLead
	cursor := plan.Cursor()
	for a, ok := cursor.Next(); ok; a, ok = cursor.Next() {
		if a.Due >= at {
			w.agent.Leave(a.K, a.Due)
			return true
		}
	}
	return true // the plan is over before
}

// ownPlan is the plan that the engine of this generator walks: the whole one, of which the lease knows what is its own, or its own callers
// of a closed one.
func (w *fleetPart) ownPlan(l *loaded) (*pace.Plan, error) {
	if !l.plan.Closed() {
		return l.plan, nil
	}
	var phases []pace.Phase
	for _, ph := range l.plan.Phases() {
		callers := ph.Shape.(pace.Callers)
		callers.N = callersOf(ph, w.agent.Spec.Weights, w.agent.Slot)
		ph.Shape = callers
		phases = append(phases, ph)
	}
	return pace.NewPlan(phases, l.file.Seed, l.file.Safety.Ceiling.Rate)
}

// callersOf is how many callers of a closed phase are those of a slot.
func callersOf(ph pace.Phase, weights []int, slot int) int {
	division, err := pace.Divide(weights)
	if err != nil {
		return 0 // weights were looked at before
	}
	return int(division.Mine(slot, 0, int64(ph.Shape.(pace.Callers).N)))
}

// planned is how many arrivals of a phase are this generator's.
func (w *fleetPart) planned(plan *pace.Plan, phase int) int64 {
	return partPlanned(plan, w.agent.Spec.Weights, w.agent.Slot, phase)
}

// partPlanned is how many arrivals of a phase are those of a slot, before any epoch.
func partPlanned(plan *pace.Plan, weights []int, slot, phase int) int64 {
	from := int64(0)
	for i := range phase {
		from += plan.Count(i)
	}
	division, err := pace.Divide(weights)
	if err != nil {
		return 0 // weights were looked at before
	}
	return division.Mine(slot, from, from+plan.Count(phase))
}

// ready is what this generator says of itself.
func (w *fleetPart) ready(ceiling float64) fleet.Ready {
	s := w.session
	return fleet.Ready{Host: report.Escape(hostName()), PID: os.Getpid(), Digest: s.run.Digest, Machine: s.run.Host, Ceiling: ceiling}
}
