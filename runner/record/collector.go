package record

import (
	"sync/atomic"
	"time"

	"axbench/results"
)

// Gauges are counted where they happen and read by the collector. They are safe for concurrent use.
type Gauges struct {
	Planned  []atomic.Int64 // by phase: arrivals whose due instant has come
	Sent     []atomic.Int64 // by phase: calls whose first byte was written
	Follows  atomic.Int64   // follow-up calls made
	FollowTx atomic.Int64   // follow-up calls sent
	InFlight atomic.Int64
	Queued   atomic.Int64
}

// NewGauges returns gauges for n phases.
func NewGauges(n int) *Gauges {
	return &Gauges{Planned: make([]atomic.Int64, n), Sent: make([]atomic.Int64, n)}
}

// PhaseSpan names a phase and its place in the run.
type PhaseSpan struct {
	Name       string
	Start, End time.Duration
}

// Health is what the generator itself did in one second.
type Health struct {
	CPU       float64 // cores busy
	CPUOthers float64 // for other processes
	GCPauseNS int64
	RSSBytes  int64
	Stalls    []Stall // that touch the second, by time
}

// Stall is a time in which the generator was away: from when it wanted to go on until it did, since the start of the run.
type Stall struct {
	From, To time.Duration
}

// Sink takes what ended in one second. results.Writer is one.
type Sink interface {
	AppendSecond(start, end time.Time, lines []results.Second, intervals []results.Interval) error
}

// Collector folds samples into accounts. It is for one goroutine; the shards are for the workers.
type Collector struct {
	started time.Time
	shards  []*Shard
	spare   []Sample
	late    []Sample // ended after the second that is being closed
	phases  []*account
	follow  *account
	gauges  *Gauges
	sink    Sink
}

// NewCollector returns a collector with n shards for phases of a run that started at started.
func NewCollector(started time.Time, phases []PhaseSpan, n int, gauges *Gauges, sink Sink) *Collector {
	c := &Collector{started: started, gauges: gauges, sink: sink, follow: newAccount(results.FollowUpPhase, 0, 1<<62)}
	for range n {
		c.shards = append(c.shards, &Shard{})
	}
	for _, p := range phases {
		c.phases = append(c.phases, newAccount(p.Name, p.Start, p.End))
	}
	return c
}

// Shard returns shard i, modulo their number.
func (c *Collector) Shard(i int) *Shard { return c.shards[i%len(c.shards)] }

// Fold takes in what was put so far. Samples that ended at until or later wait for the next second.
func (c *Collector) Fold(until time.Duration) {
	kept := c.late[:0]
	for i := range c.late {
		if c.late[i].End < until {
			c.account(c.late[i].Phase).add(&c.late[i])
		} else {
			kept = append(kept, c.late[i])
		}
	}
	c.late = kept
	for _, s := range c.shards {
		full := s.swap(c.spare)
		for i := range full {
			if full[i].End < until {
				c.account(full[i].Phase).add(&full[i])
			} else {
				c.late = append(c.late, full[i])
			}
		}
		c.spare = full
	}
}

func (c *Collector) account(phase int) *account {
	if phase == FollowUps {
		return c.follow
	}
	return c.phases[phase]
}

// Close writes second t, which ended at end, to the sink and returns its lines.
func (c *Collector) Close(t int64, end time.Duration, health Health) ([]results.Second, error) {
	var lines []results.Second
	var intervals []results.Interval
	for i, a := range c.phases {
		planned, sent := c.gauges.Planned[i].Load(), c.gauges.Sent[i].Load()
		a.second.Planned, a.second.Sent = planned-a.ledger.Planned, sent-a.sent
		a.ledger.Planned, a.sent = planned, sent
		a.stalled(health.Stalls, time.Duration(t)*time.Second, end)
		line, ivs, ok := a.flush(t)
		intervals = append(intervals, ivs...)
		if ok {
			lines = append(lines, line)
		}
	}
	follow := c.closeFollowUps(t, &intervals)
	if len(lines) == 0 {
		lines = append(lines, results.Second{T: t, Phase: c.phaseAt(end)})
	}
	last := &lines[len(lines)-1]
	last.FollowUps, last.InFlight, last.Queued = follow, c.gauges.InFlight.Load(), c.gauges.Queued.Load()
	for i := range lines {
		lines[i].CPU, lines[i].CPUOthers, lines[i].GCPauseNS, lines[i].RSSBytes = health.CPU, health.CPUOthers, health.GCPauseNS, health.RSSBytes
	}
	start := c.started.Add(time.Duration(t) * time.Second)
	err := c.sink.AppendSecond(start, c.started.Add(end), lines, intervals)
	for _, iv := range intervals {
		iv.H.Reset()
	}
	return lines, err
}

// closeFollowUps returns what happened to follow-up calls since the last second.
func (c *Collector) closeFollowUps(t int64, intervals *[]results.Interval) results.Ledger {
	a := c.follow
	a.ledger.Planned, a.sent = c.gauges.Follows.Load(), c.gauges.FollowTx.Load()
	delta := a.since()
	_, ivs, _ := a.flush(t)
	*intervals = append(*intervals, ivs...)
	return delta
}

// phaseAt names the phase that t falls into, the last one behind the end.
func (c *Collector) phaseAt(t time.Duration) string {
	for _, a := range c.phases {
		if t <= a.end {
			return a.name
		}
	}
	return c.phases[len(c.phases)-1].name
}

// Unreachable returns why no call of the plan got as far as the first byte of its request: results.CodeRefused or CodeTLS.
// It returns "" when one did, or none has ended yet.
func (c *Collector) Unreachable() (code string) {
	for i, a := range c.phases {
		if c.gauges.Sent[i].Load() > 0 {
			return ""
		}
		for _, name := range [...]string{results.CodeRefused, results.CodeTLS} {
			if x := a.codes[name]; x != nil && x.Count > 0 {
				code = name
			}
		}
	}
	return code
}

// StallMax returns the longest stall of phase i so far.
func (c *Collector) StallMax(i int) time.Duration { return c.phases[i].stallMax }

// Result returns the accounts of the phases and of the follow-up calls, for a run whose arrivals ended at stopped.
func (c *Collector) Result(stopped time.Duration) (phases []results.Phase, follow results.Phase) {
	for _, a := range c.phases {
		phases = append(phases, a.phase(c.started, max(0, min(a.end, stopped)-a.start)))
	}
	return phases, c.follow.phase(c.started, stopped)
}
