package search

import (
	"math"

	"axbench/results"
)

// clearMistakes is the share of verdicts that are taken to be wrong among those that are far beyond noise.
const clearMistakes = 0.01

// sure is the share of the posterior that an interval must hold: it leaves out half of what the confidence allows, for the ways in
// which targets are not as the posterior takes them to be.
func (s *searcher) sure() float64 { return 1 - (1-s.cfg.Confidence)/2 }

// settled is the share of the posterior that the best interval must have for probes to go to its edges rather than to the median.
const settled = 0.4

// leastSpread is how far a measured steady rate is believed to be off at the least, as a share: what a verdict calls held may lie
// beside it.
const leastSpread = 0.012

// overrunSpread is how much less it is believed per multiple of that rate that was asked for: a target that is overrun may answer less than
// it can.
const overrunSpread = 0.1

// belief computes the posterior from all probes so far. Verdicts that it has already are not taken in again, unless what they are worth has
// changed since.
func (s *searcher) belief() *posterior {
	if s.post == nil || s.worth != s.throttled {
		s.post, s.taken, s.worth = s.newBelief(), 0, s.throttled
	}
	for ; s.taken < len(s.finding.Probes); s.taken++ {
		o := &s.finding.Probes[s.taken]
		if !s.counts(o) {
			continue
		}
		mistakes := s.cfg.Mistakes
		if o.Verdict == Lost && o.Clear {
			mistakes = min(mistakes, clearMistakes)
		}
		s.post.observe(o.Rate, o.Verdict == Lost, mistakes)
	}
	s.post.guess, s.post.spread = s.steady()
	s.post.update()
	return s.post
}

// newBelief returns a posterior that knows no verdict, over the rates far around those that were held and lost so far.
func (s *searcher) newBelief() *posterior {
	held, lost := s.extremes()
	low, high := min(held, lost), max(held, lost)
	if low == 0 {
		low = s.cfg.Floor
	}
	low, high = low/1.1, high*1.1
	p := newPosterior(max(s.cfg.Floor/2, low/reach), high*reach, s.cfg.Precision)
	p.bracket = [2]float64{low, high}
	return p
}

// reach is by how much the first verdicts may be wrong.
const reach = 4

// counts tells whether a probe says something about its rate. One that was held while a burst may have passed a limit says
// nothing.
func (s *searcher) counts(o *Probed) bool {
	return o.Verdict == Lost || o.Verdict == Held && (!s.throttled || o.Flushed || s.level > 0 && o.Rate < 0.5*s.level)
}

// steady returns what the steady rates of good answers of probes that were lost say together of the rate that is held, each weighed by how
// far it may be off: the further a target is overrun, the less it may answer of what it can. Rates that come from a probe
// in which a burst may have passed count only where there are no others, and those below what was held say nothing: the target broke down.
func (s *searcher) steady() (rate, spread float64) {
	for _, burst := range []bool{false, true} {
		sum, weights := 0.0, 0.0
		for i := range s.finding.Probes {
			o := &s.finding.Probes[i]
			if o.Verdict != Lost || o.Steady < s.post.bracket[0] || o.Steady >= o.Rate || burst != (o.Throttled && !o.Flushed) {
				continue
			}
			off := math.Hypot(max(o.Spread, leastSpread), overrunSpread*(o.Rate/o.Steady-1))
			sum += math.Log(o.Steady) / off / off
			weights += 1 / off / off
		}
		if weights > 0 {
			return math.Exp(sum / weights), max(leastSpread, 1/math.Sqrt(weights))
		}
	}
	return 0, 0
}

// narrow closes the interval.
func (s *searcher) narrow() {
	unknown := 0
	for {
		b := s.belief()
		if b.from(s.cfg.Max) >= s.sure() {
			if !s.atCeiling() {
				return
			}
			continue
		}
		w := b.best(s.sure())
		if w.mass >= s.sure() {
			if s.confirm(b.rate(w.from)) {
				return
			}
			continue
		}
		rate := b.median(0, b.n-1)
		if w.mass >= settled && w.below > w.above {
			rate = b.rate(w.from)
		} else if w.mass >= settled {
			rate = b.rate(w.to)
		}
		if unknown > 0 {
			rate *= backOffFactor
		}
		p := s.ask(StageNarrow, rate, 1)
		if p == nil {
			return
		}
		if p.Verdict != Unknown {
			unknown = 0
		} else if unknown++; unknown >= maxUnknown {
			s.end(Generator)
			return
		}
	}
}

// How the search goes on when probes are invalid although they were repeated: a little lower, and not often.
const (
	backOffFactor = 0.97
	maxUnknown    = 2
)

// confirm makes a longer probe at the low end of an interval. It returns true when the search is over.
func (s *searcher) confirm(low float64) bool {
	p := s.ask(StageConfirm, low, confirmLength)
	switch {
	case p == nil:
		return true
	case p.Verdict == Unknown:
		s.end(Generator)
		return true
	case p.Verdict == Lost:
		return false
	}
	b := s.belief()
	if w := b.at(b.point(p.Rate), cells); w.mass >= s.sure() {
		s.found(b, w)
		s.finding.Low, s.finding.High = p.Rate, nice(p.Rate*(1+s.cfg.Precision))
		s.end(Found)
		return true
	}
	return false
}

// found notes an interval.
func (s *searcher) found(b *posterior, w window) {
	f := &s.finding
	f.Low, f.Value, f.High, f.Mass = nice(b.rate(w.from)), nice(b.median(w.from, w.to)), nice(b.rate(w.to)), w.mass
	f.LimitedBy = s.limit(f.Value)
}

// conclude fills in what is known when the search ended without the interval that was asked for.
func (s *searcher) conclude() {
	f := &s.finding
	held, lost := s.extremes()
	switch {
	case f.End == Found:
	case f.End == Ceiling:
		f.Low, f.Value, f.LimitedBy = s.cfg.Max, s.cfg.Max, results.LimitCeiling
	case held > 0 && lost > 0:
		b := s.belief()
		s.found(b, b.narrowest(s.sure()))
	case held > 0:
		f.Low, f.Value = held, held
	case lost > 0:
		f.High, f.LimitedBy = lost, s.limit(lost)
	}
	if f.End == Generator {
		f.LimitedBy = results.LimitGenerator
	}
}

// extremes returns the highest rate that was held and the lowest that was lost; 0 for none.
func (s *searcher) extremes() (held, lost float64) {
	for i := range s.finding.Probes {
		switch o := &s.finding.Probes[i]; {
		case !s.counts(o):
		case o.Verdict == Held:
			held = max(held, o.Rate)
		case lost == 0 || o.Rate < lost:
			lost = o.Rate
		}
	}
	return held, lost
}

// limit returns what was missed most often in the lost probes near a rate, or in the nearest one.
func (s *searcher) limit(rate float64) results.Limit {
	counts := map[results.Limit]int{}
	var most, nearest results.Limit
	distance := math.Inf(1)
	for i := range s.finding.Probes {
		o := &s.finding.Probes[i]
		if o.Verdict != Lost {
			continue
		}
		d := math.Abs(math.Log(o.Rate / rate))
		if d < distance {
			distance, nearest = d, o.Limit
		}
		if d <= 2*s.cfg.Precision {
			if counts[o.Limit]++; most == "" || counts[o.Limit] > counts[most] {
				most = o.Limit
			}
		}
	}
	if most != "" {
		return most
	}
	return nearest
}
