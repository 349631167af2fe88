package cmd

import (
	"time"

	"axbench/conformance/emulator"
	"axbench/runner/export"
)

// What the emulator's admin listener shows to Prometheus. Durations are seconds, and names keep to its conventions:
//
//	axbench_emulator_arrivals_total              requests that were read
//	axbench_emulator_answers_total               answers that were written
//	axbench_emulator_unwritten_total             answers whose connection was gone
//	axbench_emulator_calls_total{code}           decisions by code, written or not
//	axbench_emulator_refusals_total{clause}      refusals by the clause that they were made by
//	axbench_emulator_in_flight_calls             calls that were read and not yet answered
//	axbench_emulator_live_bindings               bindings that are live now
//	axbench_emulator_connections_total           connections that were accepted
//	axbench_emulator_open_connections            connections that are open now
//	axbench_emulator_tls_failures_total          TLS handshakes that failed
//	axbench_emulator_deviation_hits_total{id}    how often a mutant or a benign variant changed something
//	axbench_emulator_nonces_forgotten_total      replays that would not have been noticed
//	axbench_emulator_service_seconds             last byte read to first byte written: count, sum and exact quantiles
//	axbench_emulator_overshoot_seconds           how much later than drawn answers were written: likewise
//	axbench_emulator_utilisation_ratio           of the servers of a queue
//	axbench_emulator_clock_offset_seconds        by how much the business clock is ahead
const metricPrefix = "axbench_emulator_"

// emulatorSamples turns what the emulator knows of itself into samples.
func emulatorSamples(t emulator.Truth, clauses map[string]int64, offset time.Duration) []export.Sample {
	list := []export.Sample{
		counter("arrivals_total", "Requests that were read.", t.Arrivals),
		counter("answers_total", "Answers that were written.", t.Answered),
		counter("unwritten_total", "Answers whose connection was gone.", t.Unwritten),
		gauge("in_flight_calls", "Calls that were read and not yet answered.", float64(t.InFlight)),
		gauge("live_bindings", "Bindings that are live.", float64(t.Live)),
		counter("connections_total", "Connections that were accepted.", t.Accepted),
		gauge("open_connections", "Connections that are open.", float64(t.Open)),
		counter("tls_failures_total", "TLS handshakes that failed.", t.NoTLS),
		counter("nonces_forgotten_total", "Nonces that were forgotten too early: replays of them would not have been noticed.", t.NoncesForgotten),
		summary("service_seconds", "Last byte of a request read to first byte of its answer written.", t.Service),
		summary("overshoot_seconds", "How much later than drawn an answer with a latency was written.", t.Overshoot),
		gauge("utilisation_ratio", "Utilisation of the servers of a queue since the first call.", t.Utilisation),
		gauge("clock_offset_seconds", "By how much the business clock is ahead of the real one.", offset.Seconds()),
	}
	list = append(list, counters("calls_total", "Decisions by code, written or not.", "code", t.Codes)...)
	list = append(list, counters("refusals_total", "Refusals by the clause that they were made by.", "clause", clauses)...)
	return append(list, counters("deviation_hits_total", "How often a mutant or a benign variant changed something.", "id", t.Deviation)...)
}

func counter(name, help string, value int64) export.Sample {
	return export.Sample{Name: metricPrefix + name, Help: help, Kind: export.Counter, Value: float64(value)}
}

func gauge(name, help string, value float64) export.Sample {
	return export.Sample{Name: metricPrefix + name, Help: help, Kind: export.Gauge, Value: value}
}

// counters is one counter for each value of a label.
func counters(name, help, label string, values map[string]int64) (list []export.Sample) {
	for of, value := range values {
		s := counter(name, help, value)
		s.Labels = []export.Label{{Name: label, Value: of}}
		list = append(list, s)
	}
	return list
}

// summary is a distribution of nanoseconds, in seconds.
func summary(name, help string, q emulator.Quantiles) export.Sample {
	seconds := func(ns int64) float64 { return float64(ns) / 1e9 }
	return export.Sample{Name: metricPrefix + name, Help: help, Kind: export.Summary, Count: uint64(q.Count), Sum: q.Mean * float64(q.Count) / 1e9,
		Points: map[float64]float64{0: seconds(q.Min), 0.5: seconds(q.P50), 0.9: seconds(q.P90), 0.95: seconds(q.P95), 0.99: seconds(q.P99),
			0.999: seconds(q.P999), 0.9999: seconds(q.P9999), 1: seconds(q.Max)}}
}
