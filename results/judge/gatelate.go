package judge

import (
	"fmt"
	"strconv"
	"time"

	"axbench/results"
)

// What to change.
const (
	adviceFaster = "lower the rate, or take a faster machine"
	adviceCores  = "lower the rate, or give it more cores"
	adviceOthers = "keep them off this machine, or lower the rate"
	adviceStill  = "keep the process and the machine running, and the cores free"
	advicePause  = "raise GOGC, or lower the calls in flight"
)

// late judges how late the calls of a recorded phase were sent.
func (v *verdict) late(p *results.Phase) {
	h := v.rec.Histogram(p.Name, results.ClockLate.String(), results.CodeAll)
	if h == nil || h.Count() == 0 {
		if p.Sent > 0 {
			v.fail("nobody recorded how late the %s calls of phase %s were sent", Thousands(p.Sent), p.Name)
		}
		return
	}
	if n := h.Above(int64(v.each)); float64(n) > lateShare*float64(h.Count()) {
		v.fail("the generator was late in phase %s: %s of %s calls by more than %s (p99 %s), at most 1%% is valid: %s",
			p.Name, percent(n, h.Count()), Thousands(h.Count()), v.each, over(h.Quantile(0.99), v.each), v.cause(p.Name))
		return
	}
	if worst := v.worst(func(s *results.Second) int64 { return s.LateP99NS }, p.Name); worst != nil && worst.LateP99NS > int64(v.most) {
		v.fail("the generator was late in second %d of the run, phase %s: p99 %s, at most %s is valid: %s",
			worst.T, p.Name, over(worst.LateP99NS, v.most), v.most, v.cause(p.Name))
	}
}

// away judges a recorded phase of callers by how often a call would have been late: a caller that is kept from calling is not late, it
// only calls less.
func (v *verdict) away(p *results.Phase) {
	if p.Model != results.ModelClosed || v.each > results.AwayLeast {
		return
	}
	var away int64
	for i := range v.lines {
		if s := &v.lines[i]; s.Phase == p.Name {
			away += s.AwayNS
		}
	}
	if p.ElapsedNS > 0 && float64(away) > lateShare*float64(p.ElapsedNS) {
		v.fail("the generator was away for %s of phase %s, for longer than %s each time, at most 1%% is valid: %s",
			percent(away, p.ElapsedNS), p.Name, time.Duration(results.AwayLeast), v.cause(p.Name))
	}
}

// worst returns the line of the recorded phases, or of one of them, that has most of what of says, nil without any.
func (v *verdict) worst(of func(*results.Second) int64, phase string) (worst *results.Second) {
	for i := range v.lines {
		s := &v.lines[i]
		if (phase == "" && v.recorded(s.Phase) || phase == s.Phase) && (worst == nil || of(s) > of(worst)) {
			worst = s
		}
	}
	return worst
}

func (v *verdict) recorded(phase string) bool {
	for i := range v.run.Phases {
		if p := &v.run.Phases[i]; p.Name == phase {
			return p.Recorded
		}
	}
	return false
}

// stalls judges the times in which the generator stood still.
func (v *verdict) stalls() {
	if s := v.worst(func(s *results.Second) int64 { return s.StallMaxNS }, ""); s != nil && s.StallMaxNS > int64(v.most) {
		v.fail("the generator stood still for %s in second %d of the run, phase %s, at most %s is valid: %s",
			over(s.StallMaxNS, v.most), s.T, s.Phase, v.most, adviceStill)
	}
	if s := v.worst(func(s *results.Second) int64 { return s.GCPauseNS }, ""); s != nil && s.GCPauseNS > int64(v.most) {
		v.fail("garbage collection stopped the generator for %s in second %d of the run, phase %s, at most %s is valid: %s",
			over(s.GCPauseNS, v.most), s.T, s.Phase, v.most, advicePause)
	}
}

// cores judges whether the generator had cores left.
func (v *verdict) cores() {
	cores := float64(v.run.Host.Cores)
	var seconds, full int
	most, last := 0.0, int64(-1)
	for i := range v.lines {
		s := &v.lines[i]
		if s.T == last || !v.recorded(s.Phase) {
			continue
		}
		last = s.T
		seconds++
		if cores > 0 && s.CPU >= fullShare*cores {
			full++
			most = max(most, s.CPU)
		}
	}
	if full >= 2 && float64(full) > fullMost*float64(seconds) {
		v.fail("the generator used all of its CPU in %d of %d seconds: up to %s of %d cores: %s",
			full, seconds, number(min(most, cores)), v.run.Host.Cores, adviceCores)
	}
}

// cause names what most likely kept the generator from sending the calls of a phase in time, and what to change.
func (v *verdict) cause(phase string) string {
	var cpu, others float64
	var n int
	var pause, stall, late int64
	for i := range v.lines {
		s := &v.lines[i]
		if s.Phase != phase || s.LateP99NS <= int64(v.each)/2 && s.NotOffered == 0 && s.AwayNS == 0 {
			continue // of the seconds in which it happened
		}
		n++
		cpu += s.CPU
		others += s.CPUOthers
		pause, stall, late = max(pause, s.GCPauseNS), max(stall, s.StallMaxNS), max(late, s.LateMaxNS)
	}
	cores := float64(v.run.Host.Cores)
	if n > 0 {
		cpu, others = cpu/float64(n), others/float64(n)
	}
	const busy = 0.85
	switch {
	case n == 0 || cores == 0:
	case stall > int64(v.most):
		return fmt.Sprintf("it stood still for %s: %s", Duration(stall), adviceStill)
	case cpu >= busy*cores:
		return fmt.Sprintf("it used %s of %d cores: %s", number(min(cpu, cores)), v.run.Host.Cores, adviceCores)
	case cpu+others >= busy*cores && others > 0.1*cores:
		return fmt.Sprintf("it used %s of %d cores while other processes kept %s busy: %s",
			number(min(cpu, cores)), v.run.Host.Cores, number(others), adviceOthers)
	case pause > late/2 && pause > int64(time.Millisecond):
		return fmt.Sprintf("garbage collection stopped it for %s: %s", Duration(pause), advicePause)
	}
	return adviceFaster
}

// percent writes n of all as a share of three digits.
func percent(n, all int64) string {
	return strconv.FormatFloat(100*float64(n)/float64(all), 'g', 3, 64) + "%"
}

// number writes a number of cores.
func number(cores float64) string { return strconv.FormatFloat(cores, 'f', 2, 64) }
