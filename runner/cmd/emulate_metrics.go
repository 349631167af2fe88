package cmd

import (
	"time"

	"axbench/conformance/emulator"
	"axbench/runner/export"
)

// What the emulator's admin listener shows to Prometheus. Durations are seconds, and names keep to its conventions:
//
//	axbench_emulator_uptime_seconds                  since it was made
//	axbench_emulator_arrivals_total                  requests that were read
//	axbench_emulator_answers_total                   answers that were written
//	axbench_emulator_unwritten_total                 answers that were lost
//	axbench_emulator_undecided_total                 calls that a fault struck before they reached the service
//	axbench_emulator_calls_total{operation,code}     decisions, written or not; operation is empty where it was not known
//	axbench_emulator_refusals_total{clause}          refusals by the clause that they were made by
//	axbench_emulator_in_flight_calls                 calls that were read and not yet answered
//	axbench_emulator_in_flight_calls_peak            the most of them
//	axbench_emulator_live_bindings{pool}             bindings that are live now
//	axbench_emulator_connections_total               connections that were accepted
//	axbench_emulator_open_connections                connections that are open now
//	axbench_emulator_open_connections_peak           the most of them
//	axbench_emulator_tls_failures_total              TLS handshakes that failed
//	axbench_emulator_faults_total{kind}              how often each kind of fault struck
//	axbench_emulator_injected_total{code}            calls that got a code because they were drawn for it
//	axbench_emulator_deviation_hits_total{id}        how often a mutant or a benign variant changed something
//	axbench_emulator_nonces_forgotten_total          replays that would not have been noticed
//	axbench_emulator_service_seconds                 last byte read to first byte written: count, sum and exact quantiles
//	axbench_emulator_code_service_seconds{code}      the same by code
//	axbench_emulator_overshoot_seconds               how much later than drawn answers were written: likewise
//	axbench_emulator_utilisation_ratio               of the servers of a queue
//	axbench_emulator_queue_servers                   servers of the queue; this and the next only with a queue
//	axbench_emulator_queue_service_time_seconds      what a server takes for a call
//	axbench_emulator_queue_calls_total               calls that came to it
//	axbench_emulator_queue_waited_total              calls that found all servers busy
//	axbench_emulator_queue_waiting_calls             calls that wait now
//	axbench_emulator_queue_waiting_calls_peak        the most of them
//	axbench_emulator_queue_waiting_calls_mean        over time
//	axbench_emulator_queue_wait_mean_seconds         over the calls
//	axbench_emulator_clock_offset_seconds            by how much the business clock is ahead
const metricPrefix = "axbench_emulator_"

// emulatorSamples turns what the emulator knows of itself into samples.
func emulatorSamples(t emulator.Truth, offset time.Duration) []export.Sample {
	list := []export.Sample{
		gauge("uptime_seconds", "Time since the emulator was made.", seconds(t.Uptime)),
		counter("arrivals_total", "Requests that were read.", t.Arrivals),
		counter("answers_total", "Answers that were written.", t.Answered),
		counter("unwritten_total", "Answers that were lost.", t.Unwritten),
		counter("undecided_total", "Calls that a fault struck before they reached the service.", t.Undecided),
		gauge("in_flight_calls", "Calls that were read and not yet answered.", float64(t.InFlight)),
		gauge("in_flight_calls_peak", "The most calls that were in flight at a time.", float64(t.Flying)),
		counter("connections_total", "Connections that were accepted.", t.Accepted),
		gauge("open_connections", "Connections that are open.", float64(t.Open)),
		gauge("open_connections_peak", "The most connections that were open at a time.", float64(t.Peak)),
		counter("tls_failures_total", "TLS handshakes that failed.", t.NoTLS),
		counter("nonces_forgotten_total", "Nonces that were forgotten too early: replays of them would not have been noticed.", t.NoncesForgotten),
		summary("service_seconds", "Last byte of a request read to first byte of its answer written.", t.Service),
		summary("overshoot_seconds", "How much later than drawn an answer with a latency was written.", t.Overshoot),
		gauge("utilisation_ratio", "Utilisation of the servers of a queue since the first call.", t.Utilisation),
		gauge("clock_offset_seconds", "By how much the business clock is ahead of the real one.", offset.Seconds()),
	}
	for operation, codes := range t.CodesByOperation {
		for code, n := range codes {
			list = append(list, labelled(counter("calls_total", "Decisions, written or not.", n), "operation", operation, "code", code))
		}
	}
	for code, q := range t.ServiceByCode {
		list = append(list, labelled(summary("code_service_seconds", "Last byte of a request read to first byte of its answer written, by code.", q), "code", code))
	}
	for pool, n := range t.LiveByPool {
		list = append(list, labelled(gauge("live_bindings", "Bindings that are live.", float64(n)), "pool", pool))
	}
	list = append(list, counters("refusals_total", "Refusals by the clause that they were made by.", "clause", t.Clauses)...)
	list = append(list, counters("faults_total", "How often each kind of fault struck.", "kind", t.Faults)...)
	list = append(list, counters("injected_total", "Calls that got a code because they were drawn for it.", "code", t.Injected)...)
	list = append(list, counters("deviation_hits_total", "How often a mutant or a benign variant changed something.", "id", t.Deviation)...)
	return append(list, queueSamples(t.Queue)...)
}

// queueSamples are those of a latency.queue; q is nil without one.
func queueSamples(q *emulator.QueueTruth) []export.Sample {
	if q == nil {
		return nil
	}
	return []export.Sample{
		gauge("queue_servers", "Servers behind the queue.", float64(q.Servers)),
		gauge("queue_service_time_seconds", "What a server takes for a call.", seconds(q.Service)),
		counter("queue_calls_total", "Calls that came to the queue.", q.Calls),
		counter("queue_waited_total", "Calls that found all servers busy.", q.Waited),
		gauge("queue_waiting_calls", "Calls that wait for a server.", float64(q.Waiting)),
		gauge("queue_waiting_calls_peak", "The most calls that waited at a time.", float64(q.MaxWaiting)),
		gauge("queue_waiting_calls_mean", "Calls that waited, over time.", q.MeanWaiting),
		gauge("queue_wait_mean_seconds", "Time that calls waited, over the calls.", q.MeanWait/1e9),
	}
}

func seconds(ns int64) float64 { return float64(ns) / 1e9 }

func counter(name, help string, value int64) export.Sample {
	return export.Sample{Name: metricPrefix + name, Help: help, Kind: export.Counter, Value: float64(value)}
}

func gauge(name, help string, value float64) export.Sample {
	return export.Sample{Name: metricPrefix + name, Help: help, Kind: export.Gauge, Value: value}
}

// labelled gives a sample labels: names and values.
func labelled(s export.Sample, pairs ...string) export.Sample {
	for i := 0; i < len(pairs); i += 2 {
		s.Labels = append(s.Labels, export.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	return s
}

// counters is one counter for each value of a label.
func counters(name, help, label string, values map[string]int64) (list []export.Sample) {
	for of, value := range values {
		list = append(list, labelled(counter(name, help, value), label, of))
	}
	return list
}

// summary is a distribution of nanoseconds, in seconds.
func summary(name, help string, q emulator.Quantiles) export.Sample {
	return export.Sample{Name: metricPrefix + name, Help: help, Kind: export.Summary, Count: uint64(q.Count), Sum: q.Mean * float64(q.Count) / 1e9,
		Points: map[float64]float64{0: seconds(q.Min), 0.5: seconds(q.P50), 0.9: seconds(q.P90), 0.95: seconds(q.P95), 0.99: seconds(q.P99),
			0.999: seconds(q.P999), 0.9999: seconds(q.P9999), 1: seconds(q.Max)}}
}
