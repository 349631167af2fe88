package search

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"axbench/results"
	"axbench/results/judge"
)

// The phases of a probe. Only the last is recorded.
const (
	PhaseFlush  = "flush"
	PhaseSettle = "settle"
	PhaseProbe  = "probe"
)

// What counts as much, of the calls planned.
const (
	someShare  = 0.002 // of refusals for flow: there is a limit
	falling    = 0.01  // of calls that are more open at the end than at the begin: answers fall behind
	noiseSigma = 3     // and how far beyond noise
	behind     = 0.985 // steady goodput below this share of the rate: the target could not follow
	farBehind  = 0.9   // and so little that no verdict is needed to see it
)

// Judge says what a judged run says about the rate of a step: held if every rule was kept and arrivals did not outrun answers. seconds are
// the lines of its timeline; hold is how long a binding is held before it is unbound, 0 if that is not known; cut says why the run was
// ended because it was clearly lost, "" if it was not. reasons says in sentences why the rate was not held, or why nobody can tell.
func Judge(rec *results.Record, seconds []results.Second, st *Step, hold time.Duration, cut string) (o *Outcome, reasons []string) {
	run := &rec.Run
	j := judged{run: run, step: st, seconds: seconds, o: &Outcome{}}
	for i := range run.Phases {
		switch run.Phases[i].Name {
		case PhaseProbe:
			j.probe = &run.Phases[i]
		case PhaseSettle:
			j.settle = &run.Phases[i]
		}
	}
	if j.probe == nil || run.Totals.Done == 0 {
		j.o.Dead = true
		return j.o, run.Reasons
	}
	offered := j.probe.Latency[results.Offered]
	j.o.P50, j.o.P99 = time.Duration(offered.P50), time.Duration(offered.P99)
	j.goodput()
	if !run.Generator.Valid {
		j.o.Limit = results.LimitGenerator
		return j.o, run.Generator.Why
	}
	j.count()
	return j.o, j.decide(hold, cut)
}

// judged is one run on its way to an outcome.
type judged struct {
	run           *results.Run
	step          *Step
	seconds       []results.Second
	probe, settle *results.Phase
	o             *Outcome

	throttled, exhausted, other int64     // recorded calls that ended so, and were not meant to
	firstThrottle               time.Time // of all phases; zero for none
}

// count looks at what the calls ended with.
func (j *judged) count() {
	for i := range j.probe.Codes {
		c := &j.probe.Codes[i]
		n := c.Count - c.Expected
		switch {
		case n <= 0 || c.Class == results.ClassOK || c.Code == results.CodeTimeout:
		case throttles(c.Code):
			j.throttled += n
		case c.Code == codeExhausted:
			j.exhausted += n
		default:
			j.other += n
		}
	}
	for i := range j.run.Phases {
		for k := range j.run.Phases[i].Codes {
			c := &j.run.Phases[i].Codes[k]
			if throttles(c.Code) && c.FirstSeen != nil && (j.firstThrottle.IsZero() || c.FirstSeen.Before(j.firstThrottle)) {
				j.firstThrottle = *c.FirstSeen
			}
		}
	}
	first := j.firstThrottle.Sub(j.run.Started)
	j.o.Flushed = !j.firstThrottle.IsZero() && first < j.step.Flush+j.step.Settle
	j.o.Throttled = j.o.Flushed || float64(j.throttled) > someShare*float64(j.probe.Planned)
}

const codeExhausted = "isv.NO_AVAILABLE_NUMBER"

// throttles tells whether a code refuses a call because of the rate.
func throttles(code string) bool {
	return code == "isv.FLOW_LIMIT" || code == "FlowLimited" || strings.HasPrefix(code, "Throttling")
}

// decide fills in the verdict and says why.
func (j *judged) decide(hold time.Duration, cut string) (reasons []string) {
	missed, unclear := j.rules()
	grown, text := j.backlog()
	switch {
	case cut != "":
		reasons = append([]string{cut}, missed...)
	case len(missed) > 0 || grown && !j.o.Shallow:
		reasons = missed
		if grown {
			reasons = append(reasons, text)
		}
	case grown:
		return []string{fmt.Sprintf("answers take %s, longer than the settle phase of %s: nobody can tell whether they keep up",
			judge.Duration(int64(j.o.P50)), judge.Duration(int64(j.step.Flush+j.step.Settle)))}
	case j.probe.NotOffered > 0 && j.throttled > 0: // the circuit breaker ended it
		reasons = j.run.Reasons
	case j.probe.NotOffered > 0:
		j.o.Dead = true
		return j.run.Reasons
	case len(unclear) > 0:
		j.o.Thin = true
		return unclear
	default:
		j.o.Verdict = Held
		return nil
	}
	j.o.Shallow = false
	j.o.Verdict, j.o.Limit = Lost, j.limit(grown || cut != "")
	j.measure(hold)
	if j.o.Limit == results.LimitSaturation && !grown && cut == "" {
		j.o.Steady = 0 // the target kept up: what it answered says nothing of what it could have
	}
	j.o.Clear = cut != "" || j.o.Steady > 0 && j.o.Steady < farBehind*j.step.Rate
	j.spill()
	return reasons
}

// rules lists the rules that were missed, and what kept others from being judged.
func (j *judged) rules() (missed, unclear []string) {
	for i := range j.run.SLOs {
		switch slo := &j.run.SLOs[i]; {
		case slo.Pass == nil:
			unclear = append(unclear, slo.Rule+" could not be judged: "+slo.Reason)
		case !*slo.Pass:
			missed = append(missed, j.reason(slo.Rule))
		}
	}
	return missed, unclear
}

// reason returns the sentence of the run about a rule.
func (j *judged) reason(rule string) string {
	for _, r := range j.run.Reasons {
		if strings.HasPrefix(r, rule+" was missed") {
			return r
		}
	}
	return rule
}

// backlog tells whether more calls were open at the end of the recorded part than at its begin, beyond noise. In a steady state the number
// of open calls has no trend, whatever it is; it differs between two instants by about the square root of twice its mean, and by what a
// pause as long as the slowest answers leaves open.
func (j *judged) backlog() (grown bool, reason string) {
	end := open(j.probe)
	begin := int64(0)
	if j.settle != nil {
		begin = open(j.settle)
	}
	service := time.Duration(j.probe.Latency[results.ClockService.String()].P50)
	mean := max(float64(begin), j.step.Rate*service.Seconds(), 1)
	growth := float64(end - begin)
	pause := j.step.Rate * (j.o.P99 - j.o.P50).Seconds()
	if growth < max(falling*float64(j.probe.Planned), noiseSigma*math.Sqrt(2*mean), pause, 3) {
		return false, ""
	}
	if before := j.step.Flush + j.step.Settle; service > before*7/10 && growth < 1.2*j.step.Rate*service.Seconds() {
		j.o.Shallow, j.o.Settle = true, service*5/2
	}
	return true, fmt.Sprintf("answers fall behind: %s of %s calls more were open at the end than at the begin",
		judge.Thousands(end-begin), judge.Thousands(j.probe.Planned))
}

// open counts the calls of a phase that had not come to an end when the phase did.
func open(p *results.Phase) int64 {
	failed := p.Failed
	for i := range p.Codes {
		if p.Codes[i].Code == results.CodeTimeout { // these ended long after they began, later than most phases
			failed -= p.Codes[i].Count
		}
	}
	return p.Planned - p.NotOffered - p.DoneInside - failed
}

// limit names what was missed: the refusals that came most often, or saturation where they are too few to be the cause.
func (j *judged) limit(grown bool) results.Limit {
	most, limit := j.throttled, results.LimitThrottle
	if j.exhausted > most {
		most, limit = j.exhausted, results.LimitExhaustion
	}
	if j.other > most {
		most, limit = j.other, results.LimitErrors
	}
	bad := j.probe.Planned - j.probe.Good
	late := bad - j.throttled - j.exhausted - j.other // never answered in time
	if float64(most) <= someShare*float64(j.probe.Planned) || grown && late > most {
		return results.LimitSaturation
	}
	return limit
}

// measure finds the steady rate of good answers while the target could not follow: over whole seconds of the recorded part, behind that of
// the first refusal for flow, and over whole cycles of a pool that empties and fills.
func (j *judged) measure(hold time.Duration) {
	if j.o.Limit == results.LimitErrors {
		return
	}
	if j.o.Limit == results.LimitThrottle && j.o.Flushed {
		j.measureFlushed()
		return
	}
	begin := j.step.Flush + j.step.Settle
	from := int64(math.Ceil(begin.Seconds()))
	to := int64(math.Floor((begin + time.Duration(j.probe.ElapsedNS)).Seconds() + 1e-3))
	if j.o.Limit == results.LimitThrottle {
		from = max(from, int64(j.firstThrottle.Sub(j.run.Started).Seconds())+1)
	}
	if cycle := int64(math.Ceil(hold.Seconds())); j.o.Limit == results.LimitExhaustion && cycle > 0 {
		to = from + (to-from)/cycle*cycle
	}
	if to <= from {
		return
	}
	good := make([]float64, to-from)
	sum := 0.0
	for i := range j.seconds {
		if s := &j.seconds[i]; s.T >= from && s.T < to {
			good[s.T-from] += float64(s.Good)
			sum += float64(s.Good)
		}
	}
	n := float64(len(good))
	if sum == 0 || sum/n > behind*j.step.Rate {
		return
	}
	j.o.Steady, j.o.Spread = sum/n, 0.5/math.Sqrt(sum)
	switch {
	case j.o.Limit != results.LimitSaturation: // what a limit or a pool lets pass does not vary
		j.o.Spread = min(j.o.Spread, 0.01)
	case len(good) >= 3:
		squares := 0.0
		for _, g := range good {
			squares += (g - sum/n) * (g - sum/n)
		}
		j.o.Spread = max(0.25/math.Sqrt(sum), math.Sqrt(squares/(n-1)/n)/(sum/n))
	}
}

// goodput counts the good answers that came in whole seconds of the recorded part, whenever their calls were due.
func (j *judged) goodput() {
	begin := j.step.Flush + j.step.Settle
	from, to := int64(math.Ceil(begin.Seconds())), int64(math.Floor((begin+time.Duration(j.probe.ElapsedNS)).Seconds()+1e-3))
	if to <= from {
		return
	}
	sum := 0.0
	for i := range j.seconds {
		if s := &j.seconds[i]; s.T >= from && s.T < to {
			sum += float64(s.Good)
		}
	}
	rate := sum / float64(to-from)
	j.o.Goodput = &rate
}

// measureFlushed is measure for a limit whose burst was used up before the recorded part: of all the calls due in that part it let pass what it
// always lets pass, whenever their answers came.
func (j *judged) measureFlushed() {
	good, d := float64(j.probe.Good), time.Duration(j.probe.ElapsedNS).Seconds()
	if good == 0 || d == 0 || good/d > behind*j.step.Rate {
		return
	}
	j.o.Steady, j.o.Spread = good/d, min(0.01, 0.5/math.Sqrt(good))
}

// spill counts the calls that a limit let pass before it refused one.
func (j *judged) spill() {
	if !j.o.Throttled || j.firstThrottle.IsZero() {
		return
	}
	left, passed := j.firstThrottle.Sub(j.run.Started), 0.0
	j.o.PassedIn = left
	for _, part := range []struct {
		rate float64
		d    time.Duration
	}{{j.step.FlushRate, j.step.Flush}, {j.step.Rate, j.step.Settle}, {j.step.Rate, j.step.Record}} {
		d := min(left, part.d)
		passed += part.rate * d.Seconds()
		left -= d
	}
	j.o.Passed = passed
}

// Lagging watches the seconds of a probe as they end, and says as soon as it is clearly lost because answers fall behind. It knows how long
// answers may take: call it with knowledge of a rate that was held, or a target that is slow but keeps up looks like one that does not.
type Lagging struct {
	Step *Step
}

// lagShare is the share of the calls of a recorded second that must be missing for a probe to be ended.
const lagShare = 0.25

// Second looks at the lines of one second that has ended, which bear the same T. It returns why the probe is lost, "" if it is not known to be.
func (l Lagging) Second(lines []results.Second) string {
	if len(lines) == 0 || float64(lines[0].T) < (l.Step.Flush+l.Step.Settle).Seconds() {
		return ""
	}
	var planned, ended int64
	for i := range lines {
		planned += lines[i].Planned
		ended += lines[i].Done + lines[i].Failed
	}
	open := slices.MaxFunc(lines, func(a, b results.Second) int { return int(a.InFlight + a.Queued - b.InFlight - b.Queued) })
	lag := planned - ended
	if ended == 0 || float64(lag) < max(lagShare*float64(planned), 20) || open.InFlight+open.Queued < lag {
		return ""
	}
	return fmt.Sprintf("answers fall behind: of %s calls due in a second only as many as %s ended in it", judge.Thousands(planned), judge.Thousands(ended))
}
