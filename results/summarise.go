package results

import (
	"slices"
	"time"
)

// Summarise fills from counts and histograms everything in Run that follows from them: Latency, Rate and the quantiles
// and shares of Codes in every phase and in FollowUps; Totals, the sum of all phases, warm-up included; and of Generator the lateness
// (the worst of the recorded phases) and the overflow. Counts of phases stay as they are.
func (r *Record) Summarise() {
	run := &r.Run
	for i := range run.Phases {
		p := &run.Phases[i]
		r.summarise(p, p.Name)
	}
	run.Totals = total(run.Phases)
	r.summarise(&run.Totals, AllPhases)
	r.summarise(&run.FollowUps, FollowUpPhase)
	run.FollowUps.Rate.Planned = nil // they are planned as they are made
	r.summariseGenerator()
}

func (r *Record) summarise(p *Phase, phase string) {
	p.Rate = rateOf(p)
	p.Latency = Latency{}
	for clock := range NumClocks {
		code := CodeAll
		if clock == ClockResponse {
			code = CodeGood
		}
		if h := r.Histogram(phase, clock.String(), code); h != nil {
			p.Latency[clock.String()] = h.Summary()
		}
	}
	if q := r.Offered(phase).Summary(); q.Count > 0 {
		p.Latency[Offered] = q
	}
	for i := range p.Codes {
		c := &p.Codes[i]
		c.Response = r.summaryOf(phase, ClockResponse, c.Code)
		c.Service = r.summaryOf(phase, ClockService, c.Code)
		c.Share = 0
		if ended := p.Done + p.Failed; ended > 0 {
			c.Share = float64(c.Count) / float64(ended)
		}
	}
	p.complete()
}

func (r *Record) summaryOf(phase string, clock Clock, code string) Quantiles {
	if h := r.Histogram(phase, clock.String(), code); h != nil {
		return h.Summary()
	}
	return Quantiles{}
}

// rateOf returns the calls per second of a phase: planned over its planned length, everything else over its elapsed
// time. Without elapsed time the rates are 0.
func rateOf(p *Phase) Rate {
	var rate Rate
	planned := p.DurationNS
	if planned == 0 {
		planned = p.ElapsedNS
	}
	if p.Model != ModelClosed && planned > 0 {
		v := perSecond(p.Planned, planned)
		rate.Planned = &v
	}
	if p.ElapsedNS > 0 {
		rate.Sent = perSecond(p.Sent, p.ElapsedNS)
		rate.Done = perSecond(p.DoneInside, p.ElapsedNS)
		rate.Good = perSecond(p.GoodInside, p.ElapsedNS)
	}
	return rate
}

func perSecond(count, ns int64) float64 { return float64(count) / (float64(ns) / float64(time.Second)) }

// total sums the phases. Its model is theirs, or "mixed"; it counts as recorded when all of them are.
func total(phases []Phase) Phase {
	t := Phase{Name: "total", Recorded: len(phases) > 0}
	for i := range phases {
		p := &phases[i]
		if i == 0 {
			t.Model = p.Model
		} else if t.Model != p.Model {
			t.Model = ModelMixed
		}
		t.Recorded = t.Recorded && p.Recorded
		t.Ledger.Add(&p.Ledger)
		t.Sent += p.Sent
		t.Good += p.Good
		t.DoneInside += p.DoneInside
		t.GoodInside += p.GoodInside
		t.DurationNS += p.DurationNS
		t.ElapsedNS += p.ElapsedNS
		for j := range p.Codes {
			t.addCode(&p.Codes[j])
		}
	}
	return t
}

// addCode sums a code of a phase into the total.
func (p *Phase) addCode(from *Code) {
	i := slices.IndexFunc(p.Codes, func(c Code) bool { return c.Code == from.Code })
	if i < 0 {
		c := *from
		c.HTTPStatus = slices.Clone(from.HTTPStatus)
		p.Codes = append(p.Codes, c)
		return
	}
	c := &p.Codes[i]
	c.Count += from.Count
	c.Expected += from.Expected
	c.HTTPStatus = append(c.HTTPStatus, from.HTTPStatus...)
	slices.Sort(c.HTTPStatus)
	c.HTTPStatus = slices.Compact(c.HTTPStatus)
	if from.FirstSeen != nil && (c.FirstSeen == nil || from.FirstSeen.Before(*c.FirstSeen)) {
		c.FirstSeen = from.FirstSeen
	}
	if from.LastSeen != nil && (c.LastSeen == nil || from.LastSeen.After(*c.LastSeen)) {
		c.LastSeen = from.LastSeen
	}
}

// summariseGenerator takes lateness from the recorded phases.
func (r *Record) summariseGenerator() {
	g := &r.Run.Generator
	g.LateP99NS, g.LateMaxNS, g.Overflow = 0, 0, 0
	for i := range r.Run.Phases {
		p := &r.Run.Phases[i]
		if late, ok := p.Latency[ClockLate.String()]; ok && p.Recorded {
			g.LateP99NS = max(g.LateP99NS, late.P99)
			g.LateMaxNS = max(g.LateMaxNS, late.Max)
		}
	}
	for tag, h := range r.tags {
		// A code's histogram holds what "good", "all" or a bound counts as well.
		if _, clock, code, _ := ParseTag(tag); code == CodeAll || code == CodeGood || clock == ClockBound {
			g.Overflow += h.Overflow()
		}
	}
}
