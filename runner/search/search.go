// Package search finds the highest rate that is held, from runs at single rates: it says which rate comes next, and what
// the verdicts so far mean. It knows neither clock nor target: whoever calls Search makes the runs and says of each whether its rate
// was held, and by what criterion is theirs.
//
// The method. The rate is doubled until it is not held. From then on a posterior over the rate that is held is kept (see
// posterior): every verdict is taken to be right with a probability below one, and the steady rate of good answers of a target that
// could not follow is taken for a good guess, no more. A probe goes where the most is left to learn: to the median while the
// posterior is wide, then to the edges of the narrow interval that is its best guess. The search is over when that
// interval holds enough of the posterior and a longer probe at its low end was held.
//
// Search starts no goroutine.
package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"axbench/results"
)

// The stages of a search, as in capacity.json.
const (
	StageClimb   = "climb"   // the rate is doubled until it is not held, or halved until it is
	StageNarrow  = "narrow"  // the interval closes
	StageRepeat  = "repeat"  // a probe that could not tell, or whose verdict is doubted, once more
	StageConfirm = "confirm" // a longer one at the low end
)

// Config says how to search. Rates are per second.
type Config struct {
	Start  float64 // first rate
	Max    float64 // never more than this; 0 for no bound
	Floor  float64 // lowest rate worth trying; 0 is Start/32
	Factor float64 // of the climb; 0 is 2

	Record  time.Duration // length of a probe's recorded part
	Settle  time.Duration // and of the unrecorded one ahead of it
	Samples int64         // recorded calls that a verdict needs: a slow probe is so much longer

	Precision  float64       // width of the interval, (high-low)/low; 0 is 0.05
	Confidence float64       // that the interval holds the rate; 0 is 0.95
	Mistakes   float64       // share of verdicts that are taken to be wrong, whatever the rate; 0 is 0.05
	Budget     time.Duration // for all probes together, as Outcome.Took has them; 0 for no bound
	MaxProbes  int           // 0 is 100
}

// Step is one probe to make: Flush at FlushRate, then Settle at Rate, neither recorded, then Record at Rate.
type Step struct {
	Number    int // from 1
	Stage     string
	Rate      float64
	Record    time.Duration
	Settle    time.Duration
	Flush     time.Duration // 0 unless the target was seen to let a burst pass a limit
	FlushRate float64
}

// Length is how long arrivals go on.
func (s *Step) Length() time.Duration { return s.Flush + s.Settle + s.Record }

// Verdict is what a probe says about its rate.
type Verdict int

// The verdicts.
const (
	Unknown Verdict = iota // the probe cannot tell
	Held
	Lost
)

// Outcome is what came of a step.
type Outcome struct {
	Verdict Verdict
	Clear   bool          // of Lost: the miss is far beyond noise
	Limit   results.Limit // of Lost: what was missed; of Unknown: LimitGenerator if the run was invalid
	Thin    bool          // of Unknown: too few calls to judge
	Shallow bool          // of Unknown: the settle phase was too short; Settle says what it takes
	Settle  time.Duration
	Dead    bool // the target does not answer any more: the search ends

	Goodput *float64 // good answers a second that came in the recorded part; nil if that holds no whole second

	Steady float64 // of Lost: good answers a second while the target could not follow; 0 if it could
	Spread float64 // standard error of Steady, as a share of it

	Throttled bool    // refusals for flow came
	Flushed   bool    // and already before the recorded part
	Passed    float64 // calls that passed before the first of them
	PassedIn  time.Duration

	P50, P99 time.Duration // of offered, for Knee; 0 if not known
	Took     time.Duration
}

// End says why a search ended.
type End string

// The ends.
const (
	Found     End = "found"     // the interval is as narrow as asked for
	Ceiling   End = "ceiling"   // Max was held
	Generator End = "generator" // probes above Low were invalid
	Nothing   End = "nothing"   // not even the lowest rate was held
	Budget    End = "budget"    // time or probes were used up: the interval is wider than asked for
	Dead      End = "dead"      // the target did not answer
	Stopped   End = "stopped"   // ctx ended
)

// Finding is what a search came to. Rates that are not known are 0.
type Finding struct {
	End              End
	Low, Value, High float64 // Value is the best guess; High is 0 when nothing was seen to be lost
	Mass             float64 // of the posterior, between Low and High
	LimitedBy        results.Limit
	Probes           []Probed
}

// Probed is a step and what came of it.
type Probed struct {
	Step
	Outcome
}

// Search looks for the highest rate that is held, as far as ctx and the bounds of cfg let it. probe makes one step; its error
// ends the search and is returned with what was found so far. An outcome that is Unknown is taken as no fact about the target.
func Search(ctx context.Context, cfg Config, probe func(context.Context, Step) (*Outcome, error)) (*Finding, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &searcher{cfg: cfg, ctx: ctx, probe: probe, settle: cfg.Settle}
	s.run()
	return &s.finding, s.err
}

func (c Config) withDefaults() (Config, error) {
	set := func(v *float64, def float64) {
		if *v == 0 {
			*v = def
		}
	}
	set(&c.Factor, 2)
	set(&c.Precision, 0.05)
	set(&c.Confidence, 0.95)
	set(&c.Mistakes, 0.05)
	set(&c.Floor, c.Start/32)
	if c.MaxProbes == 0 {
		c.MaxProbes = 100
	}
	if c.Max == 0 {
		c.Max = math.Inf(1)
	}
	switch {
	case !(c.Start > 0) || math.IsInf(c.Start, 0):
		return c, fmt.Errorf("the first rate is %v, it must be above 0", c.Start)
	case !(c.Floor > 0) || c.Floor > c.Start:
		return c, fmt.Errorf("the lowest rate is %v, it must be above 0 and at most the first", c.Floor)
	case !(c.Max >= c.Start):
		return c, fmt.Errorf("the highest rate is %v, it must be at least the first", c.Max)
	case !(c.Factor > 1):
		return c, fmt.Errorf("the factor of the climb is %v, it must be above 1", c.Factor)
	case !(c.Precision >= 0.001 && c.Precision <= 1):
		return c, fmt.Errorf("the precision is %v, it must be 0.001 to 1", c.Precision)
	case !(c.Confidence >= 0.5 && c.Confidence < 1):
		return c, fmt.Errorf("the confidence is %v, it must be 0.5 to below 1", c.Confidence)
	case !(c.Mistakes > 0 && c.Mistakes < 0.5):
		return c, fmt.Errorf("the share of mistakes is %v, it must be above 0 and below 0.5", c.Mistakes)
	case c.Record <= 0 || c.Settle < 0:
		return c, errors.New("a probe must have a recorded part")
	}
	return c, nil
}

// searcher is one search on its way.
type searcher struct {
	cfg     Config
	ctx     context.Context
	probe   func(context.Context, Step) (*Outcome, error)
	finding Finding
	err     error

	spent  time.Duration
	settle time.Duration
	longer float64 // by how much recorded parts are longer than asked for, because calls were too few; 0 is 1

	throttled bool // the target lets bursts pass a limit: probes begin by using them up
	passed    []passing
	reserve   float64 // by how much more than was seen to pass; 0 is 1
	level     float64 // the rate that the limit lets pass, 0 if not known
	refused   float64 // the lowest rate at which it was seen to refuse calls

	post  *posterior // of the first taken probes; nil before the climb is over
	taken int
	worth bool // what throttled was when they were taken in
}

// end notes why the search is over.
func (s *searcher) end(e End) { s.finding.End = e }

func (s *searcher) run() {
	if bracketed := s.climb(); bracketed {
		s.narrow()
	}
	s.conclude()
}

// nice keeps four digits: rates are read by people.
func nice(rate float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(rate))-3)
	if unit < 1 {
		return math.Round(rate*math.Round(1/unit)) / math.Round(1/unit)
	}
	return math.Round(rate/unit) * unit
}

// step plans a probe.
func (s *searcher) step(stage string, rate, length float64) Step {
	st := Step{Number: len(s.finding.Probes) + 1, Stage: stage, Rate: nice(min(max(rate, s.cfg.Floor), s.cfg.Max)), Settle: s.settle}
	record := time.Duration(float64(s.cfg.Record) * max(1, s.longer) * length)
	st.Record = max(record, time.Duration(1.05*float64(s.cfg.Samples)/st.Rate*1e9))
	if s.throttled {
		limit := s.level
		if limit == 0 { // all that is known is that it is lower
			limit = s.refused
		}
		st.FlushRate = nice(min(flushFactor*max(st.Rate, limit), s.cfg.Max))
		beyond := max(st.FlushRate-s.level, 0.05*st.FlushRate)
		st.Flush = max(minFlush, time.Duration(flushMargin*s.burst()/beyond*1e9)).Round(time.Millisecond)
	}
	return st
}

// passing is how many calls a limit let pass before it refused one, and how long that took.
type passing struct {
	calls  float64
	within time.Duration
}

// burst is how many calls beyond the steady rate it takes until a limit refuses one, as far as it was seen to let pass.
func (s *searcher) burst() (calls float64) {
	for _, p := range s.passed {
		calls = max(calls, p.calls-s.level*p.within.Seconds())
	}
	return max(1, calls) * max(1, s.reserve)
}

// A burst is used up at so many times the rate, within so many times the time that it takes.
const (
	flushFactor = 3
	flushMargin = 1.3
	minFlush    = 200 * time.Millisecond
)

// one makes a single probe. It returns nil when the search is over.
func (s *searcher) one(stage string, rate, length float64) *Probed {
	st := s.step(stage, rate, length)
	switch {
	case s.ctx.Err() != nil:
		s.end(Stopped)
		return nil
	case len(s.finding.Probes) >= s.cfg.MaxProbes, s.cfg.Budget > 0 && s.spent+st.Length() > s.cfg.Budget:
		s.end(Budget)
		return nil
	}
	o, err := s.probe(s.ctx, st)
	if o != nil {
		s.finding.Probes = append(s.finding.Probes, Probed{st, *o})
		s.spent += o.Took
	}
	switch {
	case err != nil:
		s.err = err
		s.end(Stopped)
		return nil
	case o == nil || s.ctx.Err() != nil:
		s.end(Stopped)
		return nil
	case o.Dead:
		s.end(Dead)
		return nil
	}
	p := &s.finding.Probes[len(s.finding.Probes)-1]
	s.learn(p)
	return p
}

// learn takes from a probe what later ones have to do differently.
func (s *searcher) learn(p *Probed) {
	if p.Verdict == Held && p.P99 > 0 {
		s.settle = max(s.settle, min(2*p.P99, 10*s.cfg.Settle))
	}
	if !p.Throttled || p.Limit == results.LimitGenerator {
		return
	}
	s.throttled = true
	s.passed = append(s.passed, passing{p.Passed, p.PassedIn})
	if p.Verdict == Lost && (s.refused == 0 || p.Rate < s.refused) {
		s.refused = p.Rate
	}
	if p.Steady > 0 {
		s.level = p.Steady
	}
}

// ask makes a probe, and once more if it could not tell: with more calls, a longer settle phase or a longer flush where one of these was
// missing, or else as it was. The last one is returned; nil when the search is over.
func (s *searcher) ask(stage string, rate, length float64) *Probed {
	p := s.one(stage, rate, length)
	for tries := 0; p != nil && tries < maxRepeats; tries++ {
		unflushed := s.throttled && p.Verdict == Held && !p.Flushed
		switch {
		case unflushed && p.Flush > 0: // the recorded part may have lived on what the flush left
			s.reserve = 2 * max(1, s.reserve)
		case unflushed: // made before anybody knew of the limit
		case p.Verdict != Unknown:
			return p
		case p.Shallow:
			s.settle = max(s.settle, p.Outcome.Settle)
		case p.Thin:
			s.longer = 2 * max(1, s.longer)
		case tries > 0: // invalid twice
			return p
		}
		p = s.one(StageRepeat, rate, length)
	}
	return p
}

// maxRepeats bounds how often one rate is tried again because its probes could not tell.
const maxRepeats = 3
