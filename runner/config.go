package runner

import (
	"errors"
	"time"

	"axbench/results"
	"axbench/runner/pace"
	"axbench/runner/record"
	"axbench/runner/wire"
)

// Config says what a run does. Run does not change it.
type Config struct {
	Plan   *pace.Plan
	Source Source
	Judge  Judge
	Pool   *wire.Pool
	Sink   record.Sink // where each second goes, results.Writer

	MaxInFlight int           // slots; further arrivals queue
	Timeout     time.Duration // over the whole answer, from sent
	Patience    time.Duration // longest stay in the queue
	Drain       time.Duration // longest wait for answers after the last arrival
	MaxLate     time.Duration // an arrival later than this by our own doing is not offered
	LookAhead   time.Duration // a call is signed at most this long before it is due
	Seed        uint64        // of think times

	Start   time.Time // when the plan begins, with a reading of the monotonic clock; the zero time is soon
	Share   Share     // of the plan that is this generator's; nil for all of it
	Ceiling pace.Rate // of everything that is sent; zero is the plan's

	// OnSecond, if set, is called once a second with what ended in it. It must not block.
	OnSecond func(Progress)
}

// Defaults of DESIGN: the values that a zero field of Config stands for.
const (
	DefaultTimeout  = 10 * time.Second
	DefaultPatience = 10 * time.Second
	DefaultMaxLate  = 500 * time.Millisecond

	defaultLookAhead = time.Second
)

// DefaultMaxInFlight returns the in-flight limit for a plan without one: a second's worth of its peak, at least 64.
func DefaultMaxInFlight(p *pace.Plan) int { return max(64, int(p.Peak())) }

func (c Config) withDefaults() (Config, error) {
	if c.Plan == nil || c.Source == nil || c.Judge == nil || c.Pool == nil || c.Sink == nil {
		return c, errors.New("runner: plan, source, judge, pool and sink are required")
	}
	if c.MaxInFlight == 0 {
		c.MaxInFlight = DefaultMaxInFlight(c.Plan)
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Patience == 0 {
		c.Patience = DefaultPatience
	}
	if c.Drain == 0 {
		c.Drain = c.Timeout
	}
	if c.MaxLate == 0 {
		c.MaxLate = DefaultMaxLate
	}
	if c.LookAhead == 0 {
		c.LookAhead = defaultLookAhead
	}
	if c.Ceiling.IsZero() {
		c.Ceiling = c.Plan.Ceiling()
	}
	return c, nil
}

// Progress is the state of a run at the end of one second.
type Progress struct {
	Elapsed  time.Duration
	Seconds  []results.Second // the lines of this second
	InFlight int64
	Queued   int64
	Draining bool
	// Accounts returns the accounts of the phases and of the follow-up calls so far, for OnSecond to call while it runs.
	Accounts func() (phases []results.Phase, followUps results.Phase)
}

// Summary is what a run counted. Latencies are in the run directory.
type Summary struct {
	Started   time.Time
	Ended     time.Time
	Phases    []results.Phase // without names of shapes, quantiles and texts of codes
	FollowUps results.Phase
	Generator results.Generator
	Stopped   bool // before the end of the plan
	// Unreachable says why the run was ended early, without a single connection: results.CodeRefused or CodeTLS, else "".
	Unreachable string
}
