package export

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"axbench/results"
)

// Names of the metrics of a run that stand in more than one place.
const (
	prefix        = "axbench_"
	metricBound   = prefix + "bound_seconds"
	metricOffered = prefix + "offered_seconds"
	metricByCode  = prefix + "code_response_seconds"
)

// secondsOf is the name of the histogram of a clock.
func secondsOf(clock string) string { return prefix + clock + "_seconds" }

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }

// spreadHelp describes the histograms of a run.
var spreadHelp = map[string]string{
	metricBound:                 "How long calls without an end took until then: timeouts, unfinished and dropped ones.",
	metricOffered:               "Due to done of good answers, and calls without an end at the time they had taken until then.",
	metricByCode:                "Due to done of all calls that ended with a code.",
	prefix + "response_seconds": "Due to done of good answers.",
	prefix + "service_seconds":  "Sent to done.",
	prefix + "lag_seconds":      "Due to sent: queued, connect and late together.",
	prefix + "queued_seconds":   "Due until a slot was free.",
	prefix + "connect_seconds":  "Connecting for a call.",
	prefix + "late_seconds":     "What the generator itself was late by.",
	prefix + "sign_seconds":     "Building and signing a request, outside of all latencies.",
	prefix + "tls_seconds":      "TLS handshake, part of connect.",
	prefix + "write_seconds":    "First to last byte written.",
	prefix + "wait_seconds":     "Last byte written to first byte read.",
	prefix + "read_seconds":     "First to last byte read.",
}

// secondLabel names the second label of the histograms that have one.
var secondLabel = map[string]string{metricBound: "end", metricByCode: "code"}

// Samples returns everything that was counted until the last second. The doc of the package lists it.
func (r *Run) Samples() []Sample {
	var violations []results.Violation
	if r.violations != nil {
		violations = r.violations()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.gauges()
	for _, p := range r.phases {
		list = append(list, p.counters()...)
		list = append(list, p.ended()...)
		list = append(list, p.distributions()...)
	}
	for i := range violations {
		v := &violations[i]
		labels := []Label{{"clause", clean(v.Clause)}, {"level", clean(v.Level)}}
		list = append(list, counter("violations_total", "Answers that broke a clause.", v.Count, labels...),
			counter("checked_total", "Answers that could have broken a clause.", v.Checked, labels...))
	}
	for i := range list {
		if list[i].Kind != Gauge {
			list[i].Start = r.start
		}
	}
	return list
}

// gauges are the samples without a history.
func (r *Run) gauges() []Sample {
	list := []Sample{
		gauge("run_info", "What is run: always 1.", 1, r.info...),
		gauge("start_time_seconds", "When the run began, in Unix time.", float64(r.start.UnixNano())/1e9),
		gauge("elapsed_seconds", "How long the run has been going on, to the last whole second.", r.elapsed.Seconds()),
		gauge("in_flight_calls", "Calls that are open.", float64(r.now.InFlight)),
		gauge("queued_calls", "Calls that are due and wait for a slot.", float64(r.now.Queued)),
		gauge("late_p99_seconds", "The generator's own lateness in the last second, its 99th percentile.", seconds(r.now.LateP99NS)),
		gauge("stall_seconds", "The longest time that the generator stood still in the last second.", seconds(r.now.StallMaxNS)),
		gauge("cpu_cores", "Cores that were busy for the generator in the last second.", r.now.CPU),
		gauge("other_cpu_cores", "The generator's cores that other processes kept busy in the last second.", r.now.CPUOthers),
		gauge("gc_pause_seconds", "The longest pause of the generator's garbage collector in the last second.", seconds(r.now.GCPauseNS)),
		gauge("resident_memory_bytes", "Memory of the generator.", float64(r.now.RSSBytes)),
	}
	for _, p := range r.phases {
		if p.name == results.FollowUpPhase {
			continue
		}
		current := 0.0
		if p.name == r.now.Phase {
			current = 1
		}
		list = append(list, gauge("current_phase", "Which phase the last second was of.", current, Label{"phase", p.name}))
	}
	if r.verdict != nil {
		list = append(list, gauge("verdict_info", "What the run came to: always 1.", 1, r.verdict...))
	}
	return list
}

// counters are those of the ledger.
func (p *phase) counters() []Sample {
	of := Label{"phase", p.name}
	return []Sample{
		counter("planned_calls_total", "Calls that have fallen due.", p.ledger.Planned, of),
		counter("sent_calls_total", "Calls whose first byte was written.", p.sent, of),
		counter("done_calls_total", "Calls with a complete answer, whatever it says.", p.ledger.Done, of),
		counter("good_calls_total", "Answers with the code that was asked for and no broken MUST clause.", p.good, of),
		counter("unfinished_calls_total", "Calls that were given up at the end of the drain.", p.ledger.Unfinished, of),
		counter("dropped_calls_total", "Calls whose patience ended in the queue.", p.ledger.Dropped, of),
		counter("not_offered_calls_total", "Calls that were never handed out.", p.ledger.NotOffered, of),
	}
}

// ended are the calls that ended, by code.
func (p *phase) ended() (list []Sample) {
	failed := map[string]int64{results.CodeRefused: 0, results.CodeReset: 0, results.CodeTimeout: 0, results.CodeTLS: 0, results.CodeFraming: 0}
	for _, name := range slices.Sorted(maps.Keys(p.codes)) {
		c := p.codes[name]
		list = append(list, counter("calls_total", "Calls that ended.", c.count, Label{"phase", p.name}, Label{"code", name}, Label{"class", string(c.class)}))
		if transport(name) {
			failed[name] += c.count
		}
	}
	for _, name := range slices.Sorted(maps.Keys(failed)) {
		list = append(list, counter("failed_calls_total", "Calls without an answer.", failed[name], Label{"phase", p.name}, Label{"code", name}))
	}
	return list
}

// distributions are the histograms.
func (p *phase) distributions() (list []Sample) {
	for _, of := range slices.SortedFunc(maps.Keys(p.spreads), func(a, b spreadOf) int {
		return cmp.Or(cmp.Compare(a.metric, b.metric), cmp.Compare(a.label, b.label))
	}) {
		s := Sample{Name: of.metric, Help: spreadHelp[of.metric], Labels: []Label{{"phase", p.name}}}
		if name := secondLabel[of.metric]; name != "" {
			s.Labels = append(s.Labels, Label{name, of.label})
		}
		p.spreads[of].into(&s)
		list = append(list, s)
	}
	return list
}

func counter(name, help string, n int64, labels ...Label) Sample {
	return Sample{Name: prefix + name, Help: help, Kind: Counter, Value: float64(n), Labels: labels}
}

func gauge(name, help string, value float64, labels ...Label) Sample {
	return Sample{Name: prefix + name, Help: help, Kind: Gauge, Value: value, Labels: labels}
}

func seconds(ns int64) float64 { return time.Duration(ns).Seconds() }
