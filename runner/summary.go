package runner

import (
	"errors"
	"time"
)

var errHopeless = errors.New("stopped by the runner")

// hopelessAfter is how long a run goes on without a single connection.
const hopelessAfter = 2 * time.Second

// hopeless says that no connection could be made since the start, and remembers why.
func (e *engine) hopeless() bool {
	if e.unreachable == "" && e.now() >= hopelessAfter {
		e.unreachable = e.book.Unreachable()
	}
	return e.unreachable != ""
}

// summary collects what was counted. It is called when all goroutines but the caller's have ended.
func (e *engine) summary(stopped bool) *Summary {
	phases, follow := e.book.Result(e.stoppedAt)
	now := connectionsOf(e.Pool)
	g := e.health.total()
	sent := follow.Sent
	for i := range phases {
		sent += phases[i].Sent
	}
	if sent > 0 {
		g.CPUPerCallUS /= float64(sent)
	} else {
		g.CPUPerCallUS = 0 // there was no call to spend it on
	}
	for i, ph := range e.Plan.Phases() {
		if ph.Record {
			g.StallMaxNS = max(g.StallMaxNS, int64(e.book.StallMax(i)))
		}
	}
	if !e.Plan.Closed() {
		g.LimitDefault = int64(DefaultMaxInFlight(e.Plan))
	}
	g.MaxInFlight, g.Limit, g.Connections = int64(e.busiest), int64(e.MaxInFlight), now.opened-e.before.opened
	g.Unopened = now.short - e.before.short
	return &Summary{Started: e.started, Ended: time.Now(), Phases: phases, FollowUps: follow, Generator: g, Stopped: stopped, Unreachable: e.unreachable}
}

func (o *Outcome) reset() {
	*o = Outcome{Violations: o.Violations[:0], FollowUps: o.FollowUps[:0]}
}

// giveUp marks what is still in flight as unfinished.
func (e *engine) giveUp()      { e.aborted.Store(true) }
func (e *engine) gaveUp() bool { return e.aborted.Load() }
