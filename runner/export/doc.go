// Package export shows snapshots of numbers as Prometheus text or protobuf, through client_golang, and pushes them by OTLP,
// through the exporters of OpenTelemetry. What the numbers of an emulator mean is left to who collects them; those of a run
// are counted here, by a Run. Nothing here is on the way of a call: a Run is told of each second after it has ended, and a
// scrape or a push reads what was counted until then.
//
// There is no global registry and no meter provider. A Handler and a Run are safe for concurrent use. A Pusher owns one
// goroutine, which ends with its Close; nothing else here starts one.
//
// # Metrics of a run
//
// Times are seconds, sizes bytes, and everything counts from the start of the run. The label phase is a phase of the scenario,
// or "followups" for the calls that answers led to, which are in no phase. code is that of an answer, or one of refused, reset,
// timeout, tls, framing and malformed; class one of ok, business, gateway, undocumented, malformed and transport.
//
//	axbench_run_info{run,scenario,version,target,seed,model}  1; run is the name of the run directory, target a host or "emulator"
//	axbench_start_time_seconds                       when the run began, in Unix time
//	axbench_elapsed_seconds                          how long it has been going on, to the last whole second
//	axbench_current_phase{phase}                     1 for the phase of the last second, 0 for the others
//	axbench_verdict_info{verdict,exit_code}          1, once the run has been judged: only a last push has it
//
//	axbench_planned_calls_total{phase}               calls that have fallen due
//	axbench_sent_calls_total{phase}                  calls whose first byte was written
//	axbench_done_calls_total{phase}                  calls with a complete answer, whatever it says
//	axbench_good_calls_total{phase}                  answers with the code that was asked for and no broken MUST clause
//	axbench_failed_calls_total{phase,code}           calls without an answer
//	axbench_unfinished_calls_total{phase}            calls that were given up at the end of the drain
//	axbench_dropped_calls_total{phase}               calls whose patience ended in the queue
//	axbench_not_offered_calls_total{phase}           calls that were never handed out
//	axbench_calls_total{phase,code,class}            calls that ended: done + failed, every documented code from the start
//	axbench_violations_total{clause,level}           answers that broke a clause
//	axbench_checked_total{clause,level}              answers that could have broken it
//
//	axbench_in_flight_calls                          calls that are open
//	axbench_queued_calls                             calls that are due and wait for a slot
//	axbench_late_p99_seconds                         of the last second: the generator's own lateness, its 99th percentile
//	axbench_stall_seconds                            of the last second: the longest time that the generator stood still
//	axbench_cpu_cores                                of the last second: cores that were busy for the generator
//	axbench_other_cpu_cores                          of the last second: its cores that other processes kept busy
//	axbench_gc_pause_seconds                         of the last second: the longest pause of its garbage collector
//	axbench_resident_memory_bytes                    memory of the generator
//
//	axbench_response_seconds{phase}                  due to done, of good answers
//	axbench_offered_seconds{phase}                   the same, and calls without an end at the time they had taken until then,
//	                                                 so that a quantile among those is a lower bound
//	axbench_code_response_seconds{phase,code}        due to done, of all calls that ended with a code
//	axbench_bound_seconds{phase,end}                 how long calls without an end took until then: timeout, unfinished, dropped
//	axbench_service_seconds{phase}                   sent to done
//	axbench_lag_seconds{phase}                       due to sent = queued + connect + late
//	axbench_queued_seconds{phase}                    due until a slot was free
//	axbench_connect_seconds{phase}                   connecting for this call
//	axbench_late_seconds{phase}                      the rest of lag: the generator's own fault
//	axbench_sign_seconds{phase}                      building and signing, outside of all latencies
//	axbench_tls_seconds{phase}                       TLS handshake, part of connect
//	axbench_write_seconds{phase}                     first to last byte written
//	axbench_wait_seconds{phase}                      last byte written to first byte read
//	axbench_read_seconds{phase}                      first to last byte read
//
// The last fourteen are histograms, made of the HDR histograms of package results. Count, sum, minimum and maximum are exact. By
// OTLP, and to a scraper that takes protobuf, they have exponential ("native") buckets, each 2.2 % wide, or as much wider as it
// takes for no more than 160 of a histogram to hold values; what is below 512 ns is zero. To a scraper of text they have classic
// buckets from 10 µs to 60 s. A value is put where the middle of its HDR bucket is: within 0.1 %, or 256 ns, of itself.
package export
