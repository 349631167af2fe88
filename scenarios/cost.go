package scenarios

import (
	"fmt"
	"math"
	"slices"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/runner/pace"
)

// PairsPerX is how many bindings one X serves at a time, as long as no two of them share A or B. The document of 2019-01 is
// silent; today's page says so.
const PairsPerX = 200

// exactCalls is the longest plan whose calls Cost counts one by one; in longer ones it goes by shares.
const exactCalls = 5_000_000

// Cost is what a plan would cost: every count is of the plan, nothing was sent. In the closed model arrivals depend on the
// answers, and counts of calls are 0.
type Cost struct {
	Closed   bool          `json:"closed"`
	Duration time.Duration `json:"duration_ns"`
	Phases   []PhaseCost   `json:"phases"`
	Requests []RequestCost `json:"requests"`

	Arrivals  int64   `json:"arrivals"`
	FollowUps int64   `json:"followups"` // unbinds during the run
	CleanUp   int64   `json:"cleanup"`   // unbinds after the run
	Calls     int64   `json:"calls"`     // all of these together, if every bind succeeds
	Bindings  int64   `json:"bindings"`  // calls that expect to bind
	Peak      float64 `json:"peak_per_s"`

	DistinctA   int64         `json:"distinct_a"` // numbers used, about
	DistinctB   int64         `json:"distinct_b"`
	LongestLife time.Duration `json:"longest_life_ns"`
	LiveAtPeak  int64         `json:"live_at_peak"` // bindings alive at the same time, by Little's law
	XAtPeak     int64         `json:"x_at_peak"`    // X numbers that these need

	Warnings []string `json:"warnings"`
}

// PhaseCost is the part of one phase.
type PhaseCost struct {
	Name     string        `json:"name"`
	Record   bool          `json:"record"`
	Shape    string        `json:"shape"`
	Duration time.Duration `json:"duration_ns"`
	Arrivals int64         `json:"arrivals"`
}

// RequestCost is the part of one template.
type RequestCost struct {
	Name      string  `json:"name"`
	Operation string  `json:"operation"`
	Expect    string  `json:"expect"`
	Share     float64 `json:"share"`
	Calls     int64   `json:"calls"`
}

// Cost adds up a plan of this scenario.
func (s *Source) Cost(plan *pace.Plan) Cost {
	c := Cost{Closed: plan.Closed(), Duration: plan.Duration(), Arrivals: plan.Total(), Peak: plan.Peak(), Warnings: []string{}}
	if ceiling := plan.Ceiling(); !ceiling.IsZero() {
		c.Peak = min(c.Peak, ceiling.Float())
	}
	for i, p := range plan.Phases() {
		c.Phases = append(c.Phases, PhaseCost{p.Name, p.Record, p.Shape.String(), p.Duration, plan.Count(i)})
	}
	binding := 0.0 // share of calls that bind
	counts := s.counts(plan.Total())
	for i, t := range s.templates {
		expect := t.expect
		if expect == "" {
			expect = "OK"
		}
		c.Requests = append(c.Requests, RequestCost{t.name, t.op.Name, expect, s.choose.share[i], counts[i]})
		if t.binds() {
			binding += s.choose.share[i]
			c.Bindings += counts[i]
			c.LongestLife = max(c.LongestLife, t.life(plan.Duration()))
		}
	}
	s.unbinds(&c)
	c.Calls = c.Arrivals + c.FollowUps + c.CleanUp
	c.DistinctA, c.DistinctB = s.distinct(roleA, counts), s.distinct(roleB, counts)
	if !c.Closed {
		c.LiveAtPeak = min(c.Bindings, int64(math.Ceil(c.Peak*binding*c.LongestLife.Seconds())))
		c.XAtPeak = max(ceilDiv(c.LiveAtPeak, PairsPerX), ceilDiv(c.LiveAtPeak, c.DistinctA), ceilDiv(c.LiveAtPeak, c.DistinctB))
	}
	s.warn(&c)
	return c
}

// counts returns how many calls of total each template makes.
func (s *Source) counts(total int64) []int64 {
	out := make([]int64, len(s.templates))
	if total > exactCalls {
		for i, share := range s.choose.share {
			out[i] = int64(math.Round(share * float64(total)))
		}
		return out
	}
	for k := range total {
		out[s.choose.at(k)]++
	}
	return out
}

// unbinds counts the calls that end bindings, by the scenario's own rule or the run's.
func (s *Source) unbinds(c *Cost) {
	for _, t := range s.templates {
		switch {
		case !t.binds():
		case t.then == traffic.UnbindAfter:
			c.FollowUps = c.Bindings
		case t.then == traffic.UnbindAtEnd:
			c.CleanUp = c.Bindings
		}
	}
}

// binds reports whether calls of the template are meant to bind.
func (t *template) binds() bool { return t.op == contract.BindAxb && t.expect == "" }

// life returns how long a binding of the template lives at most, in a run of that length.
func (t *template) life(run time.Duration) time.Duration {
	life := time.Duration(math.MaxInt64)
	for i := range t.fields {
		switch f := &t.fields[i]; {
		case f.role != roleExpiration:
		case f.kind == expiration:
			life = f.span.To
		case len(f.until) > 0: // a fixed date: without a clock it is as good as for ever
			life = time.Duration(math.MaxInt64)
		}
	}
	switch t.then {
	case traffic.UnbindAfter:
		life = min(life, t.hold)
	case traffic.UnbindAtEnd:
		life = min(life, run)
	}
	return life
}

// distinct estimates how many numbers of a role the calls use.
func (s *Source) distinct(r role, counts []int64) int64 {
	sum, most := 0.0, 0.0
	for i, t := range s.templates {
		for j := range t.fields {
			f := &t.fields[j]
			if f.role != r || !t.binds() {
				continue
			}
			size, n := float64(f.size), float64(counts[i])
			if f.sequential {
				sum += min(size, n)
			} else {
				sum += size * -math.Expm1(-n/size)
			}
			most += size
		}
	}
	return int64(math.Round(min(sum, most)))
}

func ceilDiv(a, b int64) int64 {
	if b <= 0 {
		return 0
	}
	return (a + b - 1) / b
}

// warn says what somebody should know before starting the run.
func (s *Source) warn(c *Cost) {
	add := func(format string, args ...any) { c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...)) }
	life := "for ever"
	if c.LongestLife < math.MaxInt64 {
		life = "up to " + c.LongestLife.String()
	}
	binds := slices.IndexFunc(s.templates, (*template).binds)
	if binds >= 0 && s.templates[binds].then == traffic.Never {
		add("nothing unbinds: the bindings live %s. A repetition within that time binds the same numbers again; give it --offset %d", life, max(c.Arrivals, 1)+s.cfg.Offset)
	}
	numbers := s.Numbers()
	for _, a := range numbers.A {
		if at := slices.IndexFunc(numbers.B, a.meets); at >= 0 {
			add("A and B have numbers in common (%s and %s): a call may bind a number to itself", a, numbers.B[at])
			break
		}
	}
	if least := min(c.DistinctA, c.DistinctB); least > 0 && c.LiveAtPeak > least*50 {
		add("%d bindings live at the peak share %d numbers: each X takes a number once, so expect conflicts or an exhausted pool", c.LiveAtPeak, least)
	}
	if safety := s.file.Safety; safety.Budget > 0 && c.Calls > safety.Budget {
		add("%d calls are more than the budget of %d", c.Calls, safety.Budget)
	}
	for _, r := range c.Requests {
		if r.Calls == 0 && !c.Closed {
			add("no call of the plan is drawn from request %q", r.Name)
		}
	}
}
