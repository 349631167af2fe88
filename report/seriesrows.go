package report

// seriesRow sums up a stretch of a run, for a table. Rates are per second, times in nanoseconds, absent where no good answer
// ended.
type seriesRow struct {
	From, To            int64 // seconds since the start
	Planned, Sent, Good float64
	Closed              bool  // in a closed model nothing is planned: Planned is 0
	Failed              int64 // failed, unfinished, dropped or not offered
	P50, P90, P99, Max  int64
}

// rows sums the series up in at most n stretches of the same number of points.
func (s *Series) rows(n int) []seriesRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < 1 || len(s.points) == 0 {
		return nil
	}
	per := (len(s.points) + n - 1) / n
	var list []seriesRow
	for i := 0; i < len(s.points); i += per {
		var sum point
		for j := i; j < min(i+per, len(s.points)); j++ {
			sum.add(&s.points[j])
		}
		sum.settle()
		r := seriesRow{From: int64(i) * s.step, To: min(int64(i+per)*s.step, s.seconds), P50: sum.p50, P90: sum.p90, P99: sum.p99, Max: sum.max,
			Failed: sum.failed + sum.unfinished + sum.dropped + sum.notOffered}
		width := float64(r.To - r.From)
		r.Planned, r.Sent, r.Good = float64(sum.planned)/width, float64(sum.sent)/width, float64(sum.good)/width
		if r.Closed = s.closed(r.From, r.To); r.Closed {
			r.Planned = 0
		}
		list = append(list, r)
	}
	return list
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
