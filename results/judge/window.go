package judge

import (
	"fmt"
	"slices"
	"time"

	"axbench/results"
)

// span is a stretch of a run, since its start.
type span struct{ start, end time.Duration }

// spansOf returns when each phase was, as planned or, for a run that ended, as it came.
func spansOf(phases []results.Phase, planned bool) []span {
	list, at := make([]span, len(phases)), time.Duration(0)
	for i := range phases {
		length := time.Duration(phases[i].ElapsedNS)
		if d := time.Duration(phases[i].DurationNS); planned && d > 0 {
			length = d
		}
		list[i] = span{at, at + length}
		at = list[i].end
		if d := time.Duration(phases[i].DurationNS); d > length {
			at = list[i].start + d // what was cut off was not moved ahead
		}
	}
	return list
}

// track follows one rule second by second.
//
// A call counts in the second in which it came to an end. A second is the rule's if the whole of it lies in phases of the rule, and a
// window is a stretch of such seconds. So that none of the rule's calls is lost on the way, one that ended outside of them counts in
// a near one: in the next, if its phase began within the second before or there was none yet; else, as for those that ended in
// the drain or in the next phase, in the last one before it. Such calls count for everything but goodput, which is what ended in the
// seconds of the window. Calls that ended outside and were never offered count nowhere: those a run that was stopped did not get to.
//
// Memory is one sample for each second of the window.
type track struct {
	rule   Rule
	begins map[string]time.Duration // of its phases
	spans  []span                   // of its phases, those that meet as one
	first  time.Duration            // start of its first phase

	now   sample // the second that is being taken in
	carry sample // ahead of the first second of a span
	extra sample // behind the last one
	total sample // of a rule without a window: all until now

	ring     ring
	at       int64       // the last second that is the rule's; -2 for none
	newest   results.SLO // the window that ended last: it may still get what comes behind
	newestAt int64
	open     bool // there is one
	fullest  int64
	worst    results.SLO
	account  results.SLOWindow
}

func newTrack(r Rule, phases []results.Phase, spans []span) *track {
	k := &track{rule: r, begins: map[string]time.Duration{}, at: -2, first: -1, account: results.SLOWindow{Seconds: int64(r.Window / time.Second)}}
	if r.Kind == KindQuantile && r.Window == 0 {
		k.total = emptied(&k.total)
	}
	for i := range phases {
		if !phases[i].Recorded || !r.covers(phases[i].Name) {
			continue
		}
		k.begins[phases[i].Name] = spans[i].start
		if k.first < 0 {
			k.first = spans[i].start
		}
		if n := len(k.spans); n > 0 && k.spans[n-1].end == spans[i].start {
			k.spans[n-1].end = spans[i].end
		} else {
			k.spans = append(k.spans, spans[i])
		}
	}
	return k
}

// owns tells whether the whole of second t lies in phases of the rule.
func (k *track) owns(t int64) bool {
	start := time.Duration(t) * time.Second
	return slices.ContainsFunc(k.spans, func(s span) bool { return s.start <= start && start+time.Second <= s.end })
}

// place returns where a call of that phase counts that ended in second t.
func (k *track) place(phase string, t int64) *sample {
	begin := int64(k.begins[phase] / time.Second)
	switch {
	case k.rule.Window == 0 || k.owns(t):
		return &k.now
	case k.ring.len() == 0 || begin == t && k.owns(t+1):
		return &k.carry
	}
	return &k.extra
}

// line takes in what ended in one second in one phase.
func (k *track) line(l *results.Second, class func(string) results.Class) {
	if _, ok := k.begins[l.Phase]; !ok {
		return
	}
	into := k.place(l.Phase, l.T)
	s := sample{good: l.Good, ended: l.Done + l.Failed}
	s.planned = s.ended + l.Unfinished + l.Dropped
	ledger := results.Ledger{Dropped: l.Dropped, Unfinished: l.Unfinished}
	if into == &k.now {
		s.planned += l.NotOffered
		ledger.NotOffered = l.NotOffered
		s.inside = l.Good
		if k.rule.Window == 0 {
			s.inside = l.GoodInside
		}
	}
	n, ok := k.rule.fromLedger(&ledger)
	if ok {
		s.named = n
	}
	for code, n := range l.Codes {
		if !ok && k.rule.matches(code, class(code)) {
			s.named += n
		}
	}
	into.add(&s)
}

// interval takes in a histogram of second t, which stays the caller's.
func (k *track) interval(t int64, phase string, p part, h *results.Histogram) error {
	own := results.NewHistogram()
	if err := own.Merge(h); err != nil {
		return err
	}
	k.place(phase, t).take(p, own)
	return nil
}

// close ends second t.
func (k *track) close(t int64) {
	switch {
	case k.rule.Window == 0:
		k.total.add(&k.now)
		k.total.elapsed = k.until(time.Duration(t+1) * time.Second)
	case k.owns(t):
		k.push(t)
	case k.open && k.extra.planned+k.extra.named > 0:
		k.measure()
	}
	k.now = sample{}
}

// until returns how much of the rule's phases was over at end.
func (k *track) until(end time.Duration) (d time.Duration) {
	for _, s := range k.spans {
		d += max(0, min(s.end, end)-s.start)
	}
	return d
}

// push adds a second of the rule and judges the window that ends with it.
func (k *track) push(t int64) {
	k.settle()
	if t != k.at+1 {
		k.ring, k.extra = ring{quantile: k.rule.Kind == KindQuantile}, sample{}
	}
	k.at = t
	k.now.add(&k.carry)
	k.carry = sample{}
	k.now.elapsed = time.Second
	k.ring.push(k.now)
	if int64(k.ring.len()) > k.account.Seconds {
		k.ring.pop()
	}
	if int64(k.ring.len()) == k.account.Seconds {
		k.open, k.newestAt = true, t+1-k.account.Seconds
		k.measure()
	}
}

// measure judges the newest window.
func (k *track) measure() {
	s := k.ring.sum()
	s.add(&k.extra)
	k.newest = k.rule.measure(s)
	if k.newest.Pass == nil && s.ended == 0 && k.rule.upward() && (k.rule.Kind == KindGoodput || k.rule.Kind == KindCount) {
		// That nothing ended is no sample that could keep a limit, but it is a rate and a count that can miss one.
		missed := k.rule.unknown("")
		k.rule.decide(&missed, 0)
		if !*missed.Pass {
			k.newest = missed
		}
	}
	if k.rule.Kind == KindQuantile && k.newest.Pass == nil {
		k.fullest = max(k.fullest, results.NewOfferedSet(s.values, s.bounds).Count())
	}
}

// settle books the newest window: nothing more can come to it.
func (k *track) settle() {
	if !k.open {
		return
	}
	k.open = false
	k.account, k.worst = k.booked()
}

// booked returns the account and the worst window with the newest one in it.
func (k *track) booked() (results.SLOWindow, results.SLO) {
	a, worst := k.account, k.worst
	switch {
	case k.newest.Pass == nil:
		a.Thin++
		return a, worst
	case a.Judged == 0 || k.rule.worse(&k.newest, &worst):
		worst, a.Worst = k.newest, k.newestAt
	}
	if a.Judged++; !*k.newest.Pass {
		a.Missed++
	}
	return a, worst
}

// worse tells whether a is farther on the wrong side than b: one that misses the limit before one that keeps it, then by value.
func (r Rule) worse(a, b *results.SLO) bool {
	switch {
	case *a.Pass != *b.Pass:
		return !*a.Pass
	case *a.Value != *b.Value:
		return (*a.Value < *b.Value) == r.upward()
	}
	return a.Bound && !b.Bound
}

// slo returns the rule as it stands.
func (k *track) slo() results.SLO {
	if k.rule.Window == 0 {
		return k.rule.measure(&k.total)
	}
	account, worst := k.account, k.worst
	if k.open {
		account, worst = k.booked()
	}
	if account.Judged == 0 {
		worst = k.rule.unknown(k.thin(account.Thin))
	}
	worst.Window = &account
	return worst
}

// thin says why no window was judged.
func (k *track) thin(windows int64) string {
	length := seconds(k.rule.Window)
	switch {
	case windows == 0 && len(k.rule.Phases()) == 1:
		return fmt.Sprintf("no window of %s lies within phase %s", length, k.rule.Phase)
	case windows == 0:
		return fmt.Sprintf("no window of %s lies within the phases of the rule", length)
	case k.fullest > 0:
		return fmt.Sprintf("p%s needs %s samples, in no window of %s are there more than %s", k.rule.Percent, Thousands(k.rule.Enough()), length, Thousands(k.fullest))
	case k.rule.Kind == KindQuantile:
		return fmt.Sprintf("no call of that kind: %s", k.rule.Metric())
	}
	return fmt.Sprintf("no call ended in any window of %s", length)
}

// proven tells whether the rule is missed whatever else the run may bring: a window missed it; all calls until now are more than
// a limit allows; a percentile of enough calls misses it, as it would at the end; of any other value the 95 % interval lies
// beyond the limit.
func (k *track) proven(slo *results.SLO) bool {
	switch {
	case slo.Pass == nil || *slo.Pass:
		return false
	case k.rule.Window > 0 || k.rule.Kind == KindQuantile || k.rule.grows():
		return true
	case k.rule.upward():
		return slo.High != nil && !k.rule.Op.holds(*slo.High, k.rule.Limit)
	}
	return slo.Low != nil && !k.rule.Op.holds(*slo.Low, k.rule.Limit)
}
