package search

import "math"

// climb looks for a rate that is held and one above it that is not. It returns false when the search is over.
func (s *searcher) climb() (bracketed bool) {
	rate, held := s.cfg.Start, 0.0
	for {
		p := s.ask(StageClimb, rate, 1)
		if p != nil && p.Verdict == Lost && !p.Clear { // a single verdict may be wrong, and here it would cost much
			p = s.ask(StageRepeat, rate, 1)
		}
		if p == nil {
			return false
		}
		switch p.Verdict {
		case Held:
			if p.Rate >= s.cfg.Max {
				return s.atCeiling()
			}
			held = p.Rate
			rate = min(held*s.cfg.Factor, s.cfg.Max)
		case Lost:
			return held > 0 || s.descend(p)
		case Unknown:
			return s.backOff(held, p.Rate)
		}
	}
}

// atCeiling confirms that the highest rate that is allowed is held.
func (s *searcher) atCeiling() (bracketed bool) {
	p := s.ask(StageConfirm, s.cfg.Max, confirmLength)
	switch {
	case p == nil:
	case p.Verdict == Held:
		s.end(Ceiling)
	case p.Verdict == Lost:
		return true
	default:
		s.end(Generator)
	}
	return false
}

// confirmLength is how much longer the recorded part of a probe is that confirms.
const confirmLength = 2

// descend halves the rate until one is held.
func (s *searcher) descend(lost *Probed) (bracketed bool) {
	for {
		rate := lost.Rate / s.cfg.Factor
		if lost.Steady > 0 {
			rate = min(rate, 0.9*lost.Steady)
		}
		if lost.Rate <= s.cfg.Floor*1.001 {
			s.end(Nothing)
			return false
		}
		p := s.ask(StageClimb, rate, 1)
		if p != nil && p.Verdict == Lost && p.Rate <= s.cfg.Floor*1.001 && !p.Clear {
			p = s.ask(StageRepeat, rate, 1)
		}
		switch {
		case p == nil:
			return false
		case p.Verdict == Held:
			return true
		case p.Verdict == Unknown:
			s.end(Generator)
			return false
		}
		lost = p
	}
}

// backOff looks for the highest rate between one that was held (0 for none) and one at which runs are invalid, twice over,
// that the generator can tell something about.
func (s *searcher) backOff(held, invalid float64) (bracketed bool) {
	for range 3 {
		rate := invalid / s.cfg.Factor
		if held > 0 {
			rate = math.Sqrt(held * invalid)
		}
		if rate < s.cfg.Floor || held > 0 && rate/held < 1+s.cfg.Precision {
			break
		}
		p := s.ask(StageClimb, rate, 1)
		switch {
		case p == nil:
			return false
		case p.Verdict == Lost:
			return held > 0 || s.descend(p)
		case p.Verdict == Held:
			held = p.Rate
		default:
			invalid = p.Rate
		}
	}
	s.end(Generator)
	return false
}
