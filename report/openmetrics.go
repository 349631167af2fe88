package report

import (
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"axbench/results"
	"axbench/results/judge"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// RunOpenMetrics writes a run as OpenMetrics 1.0 text, which ends in "# EOF": what is to be pushed to or read into a
// Prometheus after the run. Durations are seconds, ratios 0 to 1. Its families, all of the prefix axbench_:
//
//	run_info                     1, with scenario, verdict, version, target, model, seed and digest as labels
//	run_complete                 0 for a run that is partial: everything else is then what had reached the disk
//	run_exit_code                not there while the run is partial
//	run_start_timestamp_seconds, run_duration_seconds
//	calls_planned_total, calls_sent_total, calls_good_total{phase}, calls_ended_total{phase, end}: the ledger; end is done, failed,
//	                             unfinished, dropped or not_offered. Follow-up calls have the phase "followups"
//	phase_recorded{phase}, phase_duration_seconds{phase}, phase_rate{phase, of} per second
//	codes_total{phase, code, class, documented}
//	clause_violations_total, clause_checked_total{clause, level}
//	slo_passed{rule, phase}      1, 0, or NaN where it was not judged; slo_value, slo_limit{rule, phase, unit}
//	latency_quantile_seconds{phase, clock, q, bound}: the quantiles of run.json, "offered" among the clocks. bound="true" is to
//	                             be read "more than"
//	latency_seconds{phase, clock}                 histogram of every clock; response is that of good answers
//	code_latency_seconds{phase, clock, code}      histogram of response and service by code
//	unanswered_seconds{phase, end}                histogram of what calls without an end had taken: each took longer
//	generator_*                  health of the generator; of several, the worst of each figure
//	fleet_*                      of a run that several generators made: arrivals decided, decided twice and missing, calls of unknown end,
//	                             and by generator and host whether it is valid, what it sent and withheld, lateness, offset of its clock
//
// The histograms' edges are the same for every run: 1, 2 and 5 in each power of ten from 10 µs to 1 h, each moved to the nearest end of
// a bucket of intervals.hlog (below 0.1 % from 1 ms on). So the count of each le is exactly how many values were not above it,
// _sum is exact, and values beyond 1 h are in +Inf alone.
func RunOpenMetrics(w io.Writer, rec *results.Record) error {
	m := &metrics{families: map[string]*dto.MetricFamily{}, seen: map[string]bool{}}
	m.run(&rec.Run)
	for i := range rec.Run.Phases {
		m.phase(&rec.Run.Phases[i], rec.Run.Phases[i].Name)
	}
	if f := &rec.Run.FollowUps; f.Ledger != (results.Ledger{}) {
		m.phase(f, results.FollowUpPhase)
	}
	m.rules(&rec.Run)
	m.generator(&rec.Run.Generator)
	m.fleet(rec.Run.Fleet)
	m.histograms(rec)
	for _, name := range m.order {
		if _, err := expfmt.MetricFamilyToOpenMetrics(w, m.families[name]); err != nil {
			return err
		}
	}
	_, err := expfmt.FinalizeOpenMetrics(w)
	return err
}

// metrics collects families in the order of their first sample.
type metrics struct {
	families map[string]*dto.MetricFamily
	order    []string
	seen     map[string]bool // family and labels: no series stands twice, whatever the names in a run are
}

// labels are names and values in turn. Values are escaped by add.
type labels []string

func (m *metrics) add(kind dto.MetricType, name, help string, l labels, fill func(*dto.Metric)) {
	metric := &dto.Metric{}
	key := name
	for i := 0; i+1 < len(l); i += 2 {
		value := Escape(l[i+1])
		metric.Label = append(metric.Label, &dto.LabelPair{Name: new(l[i]), Value: new(value)})
		key += "\n" + value
	}
	if m.seen[key] {
		return
	}
	m.seen[key] = true
	family := m.families[name]
	if family == nil {
		full := "axbench_" + name
		family = &dto.MetricFamily{Name: new(full), Help: new(help), Type: new(kind)}
		for _, unit := range []string{"seconds", "bytes"} {
			if len(name) > len(unit) && name[len(name)-len(unit)-1:] == "_"+unit {
				family.Unit = new(unit)
			}
		}
		m.families[name] = family
		m.order = append(m.order, name)
	}
	fill(metric)
	family.Metric = append(family.Metric, metric)
}

func (m *metrics) gauge(name, help string, v float64, l ...string) {
	m.add(dto.MetricType_GAUGE, name, help, l, func(metric *dto.Metric) { metric.Gauge = &dto.Gauge{Value: new(v)} })
}

func (m *metrics) counter(name, help string, n int64, l ...string) {
	m.add(dto.MetricType_COUNTER, name, help, l, func(metric *dto.Metric) { metric.Counter = &dto.Counter{Value: new(float64(max(n, 0)))} })
}

func (m *metrics) histogram(name, help string, h *results.Histogram, l ...string) {
	m.add(dto.MetricType_HISTOGRAM, name, help, l, func(metric *dto.Metric) { metric.Histogram = cumulative(h) })
}

func (m *metrics) run(run *results.Run) {
	m.gauge("run_info", "What was run, as labels.", 1, "scenario", run.Scenario, "verdict", string(run.Verdict), "version", run.Version, "target", run.Target.URL,
		"model", run.Model, "seed", strconv.FormatInt(run.Seed, 10), "digest", run.Digest)
	m.gauge("run_complete", "0 for a run that goes on or was killed.", number01(run.Ended != nil && run.ExitCode != nil))
	if run.ExitCode != nil {
		m.gauge("run_exit_code", "Exit code of the run.", float64(*run.ExitCode))
	}
	m.gauge("run_start_timestamp_seconds", "When the run began, since the epoch.", float64(run.Started.UnixMilli())/1e3)
	if run.Ended != nil {
		m.gauge("run_duration_seconds", "From the start to the end of the run.", run.Ended.Sub(run.Started).Seconds())
	}
}

func (m *metrics) phase(p *results.Phase, name string) {
	m.counter("calls_planned_total", "Arrivals that were planned.", p.Planned, "phase", name)
	m.counter("calls_sent_total", "Calls of which the first byte was sent.", p.Sent, "phase", name)
	m.counter("calls_good_total", "Calls with the code that was asked for and no broken MUST clause.", p.Good, "phase", name)
	for _, end := range []struct {
		name string
		n    int64
	}{{"done", p.Done}, {"failed", p.Failed}, {"unfinished", p.Unfinished}, {"dropped", p.Dropped}, {"not_offered", p.NotOffered}} {
		m.counter("calls_ended_total", "What became of the planned arrivals: the sum is calls_planned.", end.n, "phase", name, "end", end.name)
	}
	m.gauge("phase_recorded", "1 for a phase that rules and latencies are about.", number01(p.Recorded), "phase", name)
	m.gauge("phase_duration_seconds", "Length of the phase without its drain.", time.Duration(p.ElapsedNS).Seconds(), "phase", name)
	const rates = "Calls per second; done and good are of calls that ended inside the phase."
	if p.Rate.Planned != nil {
		m.gauge("phase_rate", rates, *p.Rate.Planned, "phase", name, "of", "planned")
	}
	m.gauge("phase_rate", rates, p.Rate.Sent, "phase", name, "of", "sent")
	m.gauge("phase_rate", rates, p.Rate.Done, "phase", name, "of", "done")
	m.gauge("phase_rate", rates, p.Rate.Good, "phase", name, "of", "good")
	for i := range p.Codes {
		c := &p.Codes[i]
		m.counter("codes_total", "Calls by the code they ended with.", c.Count,
			"phase", name, "code", c.Code, "class", string(c.Class), "documented", strconv.FormatBool(c.Documented))
	}
	m.quantiles(name, p.Latency)
}

func (m *metrics) quantiles(phase string, l results.Latency) {
	for _, clock := range clockRows {
		q, ok := l[clock.name]
		if !ok {
			continue
		}
		for _, v := range []struct {
			q, name string
			ns      int64
			need    int64 // samples below which the value says nothing
		}{{"0.5", "p50", q.P50, 1}, {"0.9", "p90", q.P90, 1}, {"0.95", "p95", q.P95, 1}, {"0.99", "p99", q.P99, 1},
			{"0.999", "p99.9", q.P999, judge.Enough(0.999)}, {"0.9999", "p99.99", q.P9999, judge.Enough(0.9999)}, {"1", "max", q.Max, 1}} {
			if q.Count >= v.need {
				m.gauge("latency_quantile_seconds", "Quantiles; bound=\"true\" is to be read \"more than\".", float64(v.ns)/1e9,
					"phase", phase, "clock", clock.name, "q", v.q, "bound", strconv.FormatBool(bound(&q, v.name)))
			}
		}
	}
}

func (m *metrics) rules(run *results.Run) {
	for i := range run.Violations {
		v := &run.Violations[i]
		m.counter("clause_violations_total", "Answers that broke a clause.", v.Count, "clause", v.Clause, "level", v.Level)
		m.counter("clause_checked_total", "Answers that could have broken a clause.", v.Checked, "clause", v.Clause, "level", v.Level)
	}
	for i := range run.SLOs {
		s := &run.SLOs[i]
		passed := math.NaN()
		if s.Pass != nil {
			passed = number01(*s.Pass)
		}
		m.gauge("slo_passed", "1 held, 0 missed, NaN not judged.", passed, "rule", s.Rule, "phase", s.Phase)
		if s.Value != nil {
			m.gauge("slo_value", "What a rule is about; a lower bound where bound=\"true\".", *s.Value,
				"rule", s.Rule, "phase", s.Phase, "unit", s.Unit, "bound", strconv.FormatBool(s.Bound))
		}
		if s.AbortedNS > 0 {
			m.gauge("slo_aborted_seconds", "When a rule stopped the run, since its start.", time.Duration(s.AbortedNS).Seconds(), "rule", s.Rule, "phase", s.Phase)
		}
		m.gauge("slo_limit", "What a rule allows, in the unit of its value.", s.Limit, "rule", s.Rule, "phase", s.Phase, "unit", s.Unit)
	}
}

func (m *metrics) generator(g *results.Generator) {
	m.gauge("generator_valid", "0 where the generator did not keep the plan, or was not judged.", number01(g.Valid))
	m.gauge("generator_late_p99_seconds", "p99 of the generator's own lateness in the worst recorded phase.", time.Duration(g.LateP99NS).Seconds())
	m.gauge("generator_late_max_seconds", "Its maximum.", time.Duration(g.LateMaxNS).Seconds())
	m.gauge("generator_stall_max_seconds", "Longest time that it stood still while a recorded phase had calls.", time.Duration(g.StallMaxNS).Seconds())
	m.gauge("generator_cpu_cores", "Mean number of cores that were busy.", g.CPUCores)
	m.gauge("generator_other_cpu_cores", "Mean number of its cores that other processes kept busy, 0 where nobody knows.", g.CPUOthers)
	if g.SkewLowNS != nil && g.SkewHighNS != nil {
		const skew = "By how much the server's clock is ahead of the generator's: at least and at most."
		m.gauge("generator_clock_skew_seconds", skew, time.Duration(*g.SkewLowNS).Seconds(), "bound", "low")
		m.gauge("generator_clock_skew_seconds", skew, time.Duration(*g.SkewHighNS).Seconds(), "bound", "high")
	}
	m.gauge("generator_gc_pause_max_seconds", "Longest pause of the garbage collector.", time.Duration(g.GCPauseMaxNS).Seconds())
	m.gauge("generator_memory_max_bytes", "Most resident memory.", float64(g.RSSMaxBytes))
	m.gauge("generator_in_flight_max", "Most calls open at once.", float64(g.MaxInFlight))
	m.counter("generator_connections_total", "Connections opened.", g.Connections)
	m.counter("generator_overflow_total", "Values beyond the histograms' range.", g.Overflow)
}

// histograms adds what intervals.hlog holds, by tag.
func (m *metrics) histograms(rec *results.Record) {
	const (
		whole  = "Every clock by phase; response is that of good answers."
		byCode = "Response and service time by code."
		open   = "What calls without an end had taken since due: each took longer."
	)
	tags := rec.Tags()
	for pass := range 3 { // a family after the other
		for _, tag := range tags {
			phase, clock, code, err := results.ParseTag(tag)
			if err != nil {
				continue // Tags come from ParseTag
			}
			h := rec.Histogram(phase, clock, code)
			if h == nil || h.Count() == 0 {
				continue
			}
			isBound, isWhole := clock == results.ClockBound, code == results.CodeAll || code == results.CodeGood
			switch {
			case pass == 0 && !isBound && isWhole:
				m.histogram("latency_seconds", whole, h, "phase", phase, "clock", clock)
			case pass == 1 && !isBound && !isWhole:
				m.histogram("code_latency_seconds", byCode, h, "phase", phase, "clock", clock, "code", code)
			case pass == 2 && isBound:
				m.histogram("unanswered_seconds", open, h, "phase", phase, "end", code)
			}
		}
	}
}

// cumulativeEdges are the last nanoseconds of the buckets nearest to 1, 2 and 5 in each power of ten, ascending.
var cumulativeEdges = func() []int64 {
	var list []int64
	for decade := int64(10_000); decade < results.HighestNS; decade *= 10 {
		for _, step := range []int64{1, 2, 5} {
			if ns := step * decade; ns < results.HighestNS {
				from, to := results.BucketOf(ns)
				edge := to - 1
				if ns-(from-1) <= to-1-ns {
					edge = from - 1
				}
				list = append(list, edge)
			}
		}
	}
	from, _ := results.BucketOf(results.HighestNS)
	return append(list, from-1)
}()

// cumulative counts h into buckets that each hold all values up to their edge.
func cumulative(h *results.Histogram) *dto.Histogram {
	counts := make([]int64, len(cumulativeEdges))
	h.Buckets(func(from, to, n int64) {
		if from >= results.HighestNS {
			return // beyond the range: in +Inf alone
		}
		at, _ := slices.BinarySearch(cumulativeEdges, to-1)
		if at < len(counts) {
			counts[at] += max(n, 0)
		}
	})
	d := &dto.Histogram{SampleSum: new(float64(h.Sum()) / 1e9)}
	sum := uint64(0)
	for i, n := range counts {
		sum += uint64(n)
		d.Bucket = append(d.Bucket, &dto.Bucket{UpperBound: new(float64(cumulativeEdges[i]) / 1e9), CumulativeCount: new(sum)})
	}
	d.SampleCount = new(max(sum, uint64(max(h.Count(), 0)))) // a file that somebody made may say that it overflows an int64
	return d
}

func number01(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
