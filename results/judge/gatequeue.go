package judge

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"axbench/results"
)

const (
	// lengthy is how much longer than normal the calls in flight must be for the queue behind them to be the target's.
	lengthy = 2
	// crowded is the share of the places that calls of normal length may need.
	crowded = 0.8
	// alike is how far the medians of seconds may lie apart that are taken together as the fastest ones, until they hold some calls.
	// A handful says nothing.
	alike   = 1.5
	some    = 200
	handful = 50
)

// queue judges calls that waited for a place in flight, or were dropped waiting. That is ours when the limit of calls in flight was too
// low for a target that was as fast as ever, and the target's when it took so long that it held all the places: a limit that
// leaves each call a second (LimitDefault) is never too low.
//
// Seconds in which calls queued are taken together in episodes: what the target did in one second shows in the queue for many.
// The queue of an episode is ours if
//
//   - the calls that held the places meanwhile were no longer than normal: the mean slot time weighted by length, which is what an
//     instant of a slot sees, is at most twice the normal service time; or
//   - the arrivals of the episode at the normal mean service time need 80 % of the places or more: random arrivals then queue
//     whatever the target does.
//
// Normal is the median service time of the seconds without queue, warm-up included, or rather of the fastest tenth of them, since a
// target that saturates is slow before the limit is reached; of the fastest tenth of all seconds where each has a queue.
//
// Where the limit was never reached the safety ceiling held the calls back, which is ours too. A closed model has no queue but
// that one.
func (v *verdict) queue() error {
	if !v.queued() {
		return nil
	}
	g := &v.run.Generator
	ceiling := v.run.Model == results.ModelClosed || g.Limit > 0 && g.MaxInFlight < g.Limit
	episodes, normal, err := v.episodes()
	if err != nil {
		return err
	}
	for i := range v.run.Phases {
		p := &v.run.Phases[i]
		if !p.Recorded {
			continue
		}
		ours, theirs := waits{limit: int64(v.most)}, waits{limit: int64(v.most)}
		for j := range episodes {
			e := &episodes[j]
			w := &theirs
			if ceiling || (g.LimitDefault == 0 || g.Limit < g.LimitDefault) && e.ours(normal, g.Limit) {
				w = &ours
			}
			w.add(e.waited[p.Name])
		}
		all := p.Sent + p.Dropped
		switch {
		case ours.considerable(all) && ceiling:
			v.fail("the safety ceiling held calls of phase %s back: %s of %s waited for more than %s, up to %s, at most 1%% is valid: raise safety.ceiling, or lower the rate",
				p.Name, percent(ours.over, all), Thousands(all), v.each, Duration(ours.longest))
		case ours.considerable(all):
			v.fail("max-in-flight was too low in phase %s: %s of %s calls waited for one of %s places for more than %s, up to %s, while the target took no longer than ever, at most 1%% is valid: raise max-in-flight to %s",
				p.Name, percent(ours.over, all), Thousands(all), Thousands(g.Limit), v.each, Duration(ours.longest), Thousands(v.places(episodes, normal)))
		case theirs.considerable(all):
			v.note("the target held all of the %s places in phase %s: %s of %s calls waited for one for more than %s, up to %s, which is part of their response time",
				Thousands(g.Limit), p.Name, percent(theirs.over, all), Thousands(all), v.each, Duration(theirs.longest))
		}
	}
	return nil
}

// queued says whether calls of a recorded phase waited for longer than a late call may, or were dropped.
func (v *verdict) queued() bool {
	for i := range v.run.Phases {
		if p := &v.run.Phases[i]; p.Recorded {
			h := v.rec.Histogram(p.Name, results.ClockQueued.String(), results.CodeAll)
			if p.Dropped > 0 || h != nil && h.Above(int64(v.each)) > 0 {
				return true
			}
		}
	}
	return false
}

// waits counts calls that waited.
type waits struct {
	limit   int64 // of p99 of a second
	over    int64 // for longer than a late call may
	longest int64
	second  int64 // greatest p99 of a second
}

func (w *waits) add(o waits) {
	w.over += o.over
	w.longest, w.second = max(w.longest, o.longest), max(w.second, o.second)
}

// considerable says whether such waits of all calls make a run invalid, if they are ours.
func (w *waits) considerable(all int64) bool {
	return float64(w.over) > lateShare*float64(all) || w.second > w.limit
}

// episode is a time of consecutive seconds in which calls queued.
type episode struct {
	first, last int64            // second
	arrivals    int64            // follow-ups included
	during      int64            // in how many seconds
	peak        int64            // most of them in a second
	slots       moments          // of the calls that held places and came to an end, or were given up
	waited      map[string]waits // by phase
}

// ours says whether the limit, and not the target, made calls queue.
func (e *episode) ours(normal norm, limit int64) bool {
	if normal.median == 0 || e.slots.time == 0 {
		return false // nothing came to an end
	}
	need := float64(e.arrivals) / float64(max(1, e.during)) * normal.mean / 1e9
	return e.slots.weighted() <= lengthy*normal.median || limit > 0 && need >= crowded*float64(limit)
}

// moments are sums over slot times in nanoseconds.
type moments struct{ time, squares float64 }

func (m *moments) add(h *results.Histogram) {
	h.Buckets(func(from, to, n int64) {
		s := float64(from+to) / 2
		m.time += float64(n) * s
		m.squares += float64(n) * s * s
	})
}

// weighted is the mean slot time that an instant of a slot sees.
func (m *moments) weighted() float64 { return m.squares / m.time }

// norm is the service time of a target at ease.
type norm struct{ median, mean float64 }

// places proposes a limit: twice what the peak needs at normal, and clearly more than there was.
func (v *verdict) places(episodes []episode, normal norm) int64 {
	peak := int64(0)
	for i := range episodes {
		peak = max(peak, episodes[i].peak)
	}
	need := float64(peak) * normal.mean / 1e9
	n := int64(math.Ceil(2*need + 4*math.Sqrt(need)))
	return max(n, 2*v.run.Generator.Limit, 8)
}

// episodes reads the seconds in which calls queued, and what was normal.
func (v *verdict) episodes() ([]episode, norm, error) {
	queue, err := v.waiting()
	if err != nil {
		return nil, norm{}, err
	}
	list := group(queue)
	at := func(second int64) *episode {
		i, _ := slices.BinarySearchFunc(list, second, func(e episode, t int64) int { return cmp.Compare(e.last, t) })
		if i < len(list) && list[i].first <= second {
			return &list[i]
		}
		return nil
	}
	for t, q := range queue {
		if e := at(t); e != nil {
			for name, w := range q.by {
				sum := e.waited[name]
				sum.add(w)
				e.waited[name] = sum
			}
		}
	}
	v.arrivals(at)
	served := map[int64]*service{}
	wanted := func(_, clock, code string) bool {
		return clock == results.ClockService.String() && (code == results.CodeAll || code == results.CodeUnfinished || slices.Contains(lost, code))
	}
	err = v.rec.EachInterval(wanted, func(second int64, phase, _, code string, h *results.Histogram) error {
		if e := at(second); e != nil {
			e.slots.add(h)
		}
		if code == results.CodeAll && phase != results.FollowUpPhase && h.Count() > 0 {
			if served[second] == nil {
				served[second] = &service{}
			}
			served[second].add(h.Count(), float64(h.Quantile(0.5)), h.Mean())
		}
		return nil
	})
	return list, normalOf(served, func(t int64) bool { return at(t) != nil }), err
}

// lost are the codes of calls that were sent and brought no answer: they are not among "all".
var lost = []string{results.CodeReset, results.CodeTimeout, results.CodeTLS, results.CodeFraming}

// queueing is what waited in a second, by phase.
type queueing struct {
	counts bool // the second has a queue worth the name
	by     map[string]waits
}

// waiting returns what waited by second: one has a queue when 1 % of its calls or more had waited for longer than a late call may, when
// calls waited at its end, or when some were dropped.
func (v *verdict) waiting() (map[int64]*queueing, error) {
	found := map[int64]*queueing{}
	add := func(second int64, phase string, counts bool, w waits) {
		q := found[second]
		if q == nil {
			q = &queueing{by: map[string]waits{}}
			found[second] = q
		}
		q.counts = q.counts || counts
		sum := q.by[phase]
		sum.add(w)
		q.by[phase] = sum
	}
	for i := range v.lines {
		if s := &v.lines[i]; s.Dropped > 0 {
			add(s.T, s.Phase, true, waits{over: s.Dropped, second: math.MaxInt64})
		} else if s.Queued > 0 {
			add(s.T, s.Phase, true, waits{})
		}
	}
	wanted := func(_, clock, code string) bool {
		return clock == results.ClockQueued.String() && code == results.CodeAll || clock == results.ClockBound && code == results.CodeDropped
	}
	err := v.rec.EachInterval(wanted, func(second int64, phase, clock, _ string, h *results.Histogram) error {
		if clock == results.ClockBound {
			add(second, phase, true, waits{longest: h.Max()})
		} else if n := h.Above(int64(v.each)); n > 0 {
			p99 := h.Quantile(0.99)
			add(second, phase, p99 > int64(v.each), waits{over: n, longest: h.Max(), second: p99})
		}
		return nil
	})
	return found, err
}

// group makes episodes of consecutive seconds with a queue.
func group(seconds map[int64]*queueing) (list []episode) {
	for _, t := range slices.Sorted(maps.Keys(seconds)) {
		switch n := len(list); {
		case !seconds[t].counts:
		case n > 0 && list[n-1].last == t-1:
			list[n-1].last = t
		default:
			list = append(list, episode{first: t, last: t, waited: map[string]waits{}})
		}
	}
	return list
}

// arrivals counts what fell due in each episode.
func (v *verdict) arrivals(at func(int64) *episode) {
	second, planned := int64(-1), int64(0)
	flush := func() {
		if e := at(second); e != nil {
			e.arrivals += planned
			e.peak = max(e.peak, planned)
			if planned > 0 {
				e.during++
			}
		}
		planned = 0
	}
	for i := range v.lines {
		s := &v.lines[i]
		if s.T != second {
			flush()
			second = s.T
		}
		planned += s.Planned + s.FollowUps.Planned
	}
	flush()
}

// service is what is kept of the service times of a second, or of several.
type service struct {
	n            int64
	median, mean float64 // of several seconds, the mean of their medians weighted by calls
}

func (s *service) add(n int64, median, mean float64) {
	s.n += n
	s.median += (median - s.median) * float64(n) / float64(s.n)
	s.mean += (mean - s.mean) * float64(n) / float64(s.n)
}

// normalOf returns what was normal of the service times by second, where busy are those with a queue.
func normalOf(served map[int64]*service, busy func(int64) bool) norm {
	var rows []*service
	for _, all := range []bool{false, true} {
		for t, s := range served {
			if all || !busy(t) {
				rows = append(rows, s)
			}
		}
		if len(rows) > 0 {
			break
		}
	}
	slices.SortFunc(rows, func(a, b *service) int { return cmp.Compare(a.median, b.median) })
	var fastest service
	for i, s := range rows {
		tenth := i < (len(rows)+9)/10
		if !tenth && (fastest.n >= some || fastest.n >= handful && s.median > alike*fastest.median) {
			break
		}
		fastest.add(s.n, s.median, s.mean)
	}
	return norm{fastest.median, fastest.mean}
}
