package report

import "slices"

// seriesRow sums up a stretch of a run, for a table. Rates are per second, times in nanoseconds, absent where no good answer
// ended.
type seriesRow struct {
	From, To            int64 // seconds since the start
	Planned, Sent, Good float64
	Closed              bool  // in a closed model nothing is planned: Planned is 0
	Failed              int64 // failed, unfinished, dropped or not offered
	P50, P90, P99, Max  int64
}

// rowCache keeps the rows of stretches that are over.
type rowCache struct {
	step int64
	per  int // points of a row
	list []seriesRow
}

// rows sums the series up in at most n stretches of the same number of points.
func (s *Series) rows(n int) []seriesRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < 1 || len(s.points) == 0 {
		return nil
	}
	per := (len(s.points) + n - 1) / n
	if s.done.per != per || s.done.step != s.step {
		s.done = rowCache{step: s.step, per: per}
	}
	list := slices.Clone(s.done.list)
	var all pile
	for i := len(list) * per; i < len(s.points); i += per {
		list = append(list, s.row(i, per, &all))
		if i+per < len(s.points) { // the last point may still grow
			s.done.list = append(s.done.list, list[len(list)-1])
		}
	}
	return list
}

// row sums up points from number i on, per of them if there are as many.
func (s *Series) row(i, per int, all *pile) seriesRow {
	r := seriesRow{From: int64(i) * s.step, To: min(int64(i+per)*s.step, s.seconds)}
	var planned, sent, good int64
	for j := i; j < min(i+per, len(s.points)); j++ {
		p := &s.points[j]
		planned, sent, good = planned+p.planned, sent+p.sent, good+p.good
		r.Failed += p.failed + p.unfinished + p.dropped + p.notOffered
		all.add(&p.response)
	}
	sum := all.take()
	q := sum.quantiles(0.5, 0.9, 0.99, 1)
	r.P50, r.P90, r.P99, r.Max = q[0], q[1], q[2], q[3]
	width := float64(r.To - r.From)
	r.Planned, r.Sent, r.Good = float64(planned)/width, float64(sent)/width, float64(good)/width
	if r.Closed = s.closed(r.From, r.To); r.Closed {
		r.Planned = 0
	}
	return r
}

// closed tells whether a phase of a closed model covers any of the seconds.
func (s *Series) closed(from, to int64) bool {
	for i := range s.phases {
		if p := &s.phases[i]; p.closed && p.from.Seconds() < float64(to) && p.end.Seconds() > float64(from) {
			return true
		}
	}
	return false
}
