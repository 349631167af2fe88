// Package results owns the run directory: what its files hold, how they are written while a run goes on, how they are
// read, and the one geometry of the histograms in it. It decides nothing (package judge does) and renders nothing
// (package report does). It starts no goroutine and reads no clock.
//
// # Run directory
//
// A directory "<UTC time>-<scenario>-<4 hex>" (NewDirName), or one that the user named. Its files:
//
//	run.json         what the run was, counted and came to; verdict "partial" until it is replaced at the end
//	timeline.ndjson  one object per second and phase, never amended: Second
//	intervals.hlog   one HdrHistogram per second and tag
//	evidence.ndjson  redacted exchanges, one object a line: Evidence
//	compare.json     what the run came to against a baseline, where it was given one; compare.html is its page
//	generators/N     of a run that several generators made, a run directory for each of them, by slot from 0
//
// A directory in a store may have a file tags as well: names that a user has given it, a name a line, each a letter and up to 63 more of
// [A-Za-z0-9._-]. In one store a tag names at most one directory of each kind and scenario (SetTag, which holds a lock on the empty file
// .lock of the store meanwhile). The tags go where the directory is copied to, and run.json stays as it was written.
//
// A conformance run has conform.json, evidence.ndjson with lines of type Exchange, and profile.json (the choices that a later run is held against).
//
// Each second is appended with one write per file, and evidence with one write per exchange, so a killed run leaves
// whole lines. A reader leaves out a last line without its newline and says so in notes; any other bad line is an error
// that names file and line. run.json appears whole or not at all. A number that is not known is null where the field
// says so, and 0 elsewhere; lists are never null. Unknown fields are to be ignored: more may come within a version.
//
// # run.json, schema axbench.run/v1
//
// Durations end in _ns and are nanoseconds, rates are per second, shares are 0 to 1, times are RFC 3339.
//
//	schema              "axbench.run/v1"
//	version             of axbench
//	scenario, digest    name of the scenario; SHA-256 over arrivals, operations and parameters, nonces not in it
//	seed, offset        as given
//	model               "open" or "closed"
//	started, ended      ended is null while the run goes on
//	target              url ("emulator" for the embedded one), method, signature, format, document, tls, proxy
//	host                os, arch, cores, go, clock (how the dispatcher sleeps)
//	command             the arguments that make the run again, "axbench" first; absent where nobody wrote them down
//	exit_code           null while partial
//	verdict             pass fail nonconformant worse invalid no_data interrupted partial
//	reasons             sentences, the deciding ones first; empty for a pass
//	notes               sentences that qualify the numbers
//	totals              the sum of all phases, warm-up included: a phase named "total"
//	phases[]            in order, see below
//	followups           the same account for calls that answers led to; they are in no phase and not in totals
//	violations[]        clause, level, profile, sentence, count, checked, bound_99, first_evidence (line, from 1; 0 none):
//	                    every clause that a call could have broken, so "0 of checked, below bound_99 = 4.61/checked" too.
//	                    LOD-1 counts the answers that broke a MUST clause of TRN or RSP, LOD-6 the calls that ended without
//	                    answer, timeout or refusal
//	unique[]            what, clause, checked, seen, full: held against each other were the first checked of seen
//	slos[]              rule, phase ("" all recorded), limit, value, low, high (95 %), unit (ns share per_s count), bound,
//	                    pass (true false null), reason (why null). A bound is to be read "> value" and missed its limit.
//	                    Of a rule over windows value, low and high are those of the worst one, and window has seconds, worst
//	                    (the second it began), judged, missed, thin (windows with too few samples). aborted_ns is when the rule
//	                    stopped the run, absent if it did not: value is then what it had at that time. phase lists several
//	                    as "a, b"
//	generator           cpu_us_per_call, cpu_cores, cpu_others (cores of ours that other processes kept busy, 0 where nobody
//	                    knows), late_p99_ns and late_max_ns (worst recorded phase), stall_max_ns (longest time that the
//	                    dispatcher was away while a recorded phase had calls), gc_pause_max_ns, rss_max_bytes, max_in_flight,
//	                    in_flight_limit, in_flight_default (the limit where nobody sets one, 0 in a closed model), connections,
//	                    unopened (connections that this machine had no file, port or memory for, absent for none),
//	                    clock_skew_low_ns and clock_skew_high_ns (the server's clock less this machine's lies between them, by
//	                    the Date of its answers; null where none came), clock_jumped (no one skew explains every Date: the
//	                    bounds are those of the last answers), overflow (durations beyond the histograms), valid, why[]
//	                    Of several generators it is the worst of each figure: max_in_flight is that of the one with most, beside
//	                    its limit, the clock is the one that is farthest off, connections, unopened and overflow are sums, and
//	                    why[] names the generator
//	bindings            created, unbound, expired, unknown, left
//	fleet               of a run that several generators made, absent otherwise: see below
//
// A fleet is the ledger of who decided which arrival, by index from 0. One is decided when a generator offered it, or was too late with
// it and did not on purpose:
//
//	id, on_generator_loss, lease_ns   the run on its bus; fail or redistribute; how long a generator may send when none of its reports is taken
//	start_bound_ns, max_skew_ns       no generator began further than this from the others; as far as it may be
//	decided, double, missing          arrivals that a generator decided; that two did; that none did. The last are in not_offered of the phases
//	gaps[]                            from, to (the first, and behind the last), count (how many of them are missing), slot (whose they were; absent
//	                                  where all of them are missing, whosever they were)
//	unknown                           calls of lost generators that were decided, and nobody knows how they ended: in unfinished of the phases
//	unreported                        how many of the missing ones lost generators may have sent after their last report, at most
//	allowed                           the share of the calls planned that may be missing or unknown
//	generators[]                      by slot: slot (from 0), weight, host, pid, machine (as host of the run), state (ended, left: it asked to be relieved,
//	                                  lost: it was given up; "" while the run goes on), why (of that, or what it has to say for
//	                                  itself), offset_ns (its clock is ahead of the controller's by that, to
//	                                  half of rtt_ns), the ledger as in a phase (of the arrivals that are its own), sent, decided, withheld (fell due while
//	                                  it was not permitted to send), windows (reports that came), late (of these, after it had been given up), unreported,
//	                                  generator (as that of the run, of this one)
//
// A phase:
//
//	name, recorded, model, shape
//	planned             = done + failed + unfinished + dropped + not_offered, to the unit
//	done                a complete, honestly framed HTTP answer was read, whatever it says
//	failed              none was: refused, reset, timeout, tls, framing
//	unfinished          still open after the drain
//	dropped             patience ended in the queue
//	not_offered         never handed out
//	sent                first byte written
//	good                the code that was asked for and no broken MUST clause
//	done_inside         those of done that ended before the phase did; good_inside likewise
//	duration_ns         as planned, 0 where the plan sets none
//	elapsed_ns          as it was, the drain left out
//	rate.planned        planned / duration_ns; null in a closed model
//	rate.sent           sent / elapsed_ns
//	rate.done, .good    done_inside and good_inside / elapsed_ns
//	latency             by clock (see Clocks) and "offered": count min mean p50 p90 p95 p99 p99_9 p99_99 max; where some are
//	                    lower bounds "bound": true and "bounds" names them; "overflow" counts those beyond the range
//	codes[]             code, class, documented, text_zh, text_en, http_status[], count, expected, share (of done +
//	                    failed), first_seen, last_seen, response, service
//
// A quantile q of n values is the one at rank ceil(q·n), the upper end of its bucket, held within the exact minimum and
// maximum. "offered" is defined at OfferedSet.AtRank.
//
// # timeline.ndjson
//
// The lines of a second stand together, t rises. t is the second since the start in which calls ended (or fell due, for
// planned; or were sent); codes counts by name, code_class gives their classes; in_flight, queued, cpu, cpu_others, gc_pause_ns and
// rss_bytes are of the whole generator. stall_max_ns is the longest time, from 1 ms on, that the dispatcher was away beyond its sleep:
// each time counts whole in every second that it touches, for the phases that were on or whose calls ended then; away_ns is how
// long in this second a call that fell due would have been more than 10 ms late for it. followups is the ledger of follow-up calls, on the last line of the second.
//
// Of several generators a line is made of theirs (MergeSecond): counts, in_flight, queued and rss_bytes are sums, the quantiles of response are read from
// the merged histograms, and cpu, cpu_others, gc_pause_ns, late_*, stall_max_ns and away_ns are those of the generator that is worst off in that second.
//
// # intervals.hlog
//
// HdrHistogram log V2, which other tools read: nanoseconds from 1 µs to 1 h with three digits, Interval_Max in
// milliseconds, timestamps in seconds since #[BaseTime. Tags are phase|clock|code (TagOf):
//
//	phase   a phase of the scenario, or "followups"
//	clock   one of Clocks, or "bound"
//	code    under response: "good" for good answers, or a code for all calls that ended with it, good or not
//	        under service: "all" for every answer, or a code; "unfinished" for calls that were given up, elapsed since sent
//	        under bound: "timeout", "unfinished" or "dropped", elapsed times since due
//	        under any other clock: "all"
//
// Names are of [A-Za-z0-9._-] with "~" for names of our own ("~other"); any other byte is %XX in hex.
//
// Two kinds of comment lines are ours. "#[Second: n]" stands before the intervals of second n of the timeline. "#[Exact:
// min,max,sum,overflow]" stands before an interval and gives what buckets cannot: exact nanoseconds, and how many values
// were above the range and are in no bucket. Other tools pass over both and see bucket precision, without overflow.
//
// # conform.json, schema axbench.conform/v1
//
//	schema, version     "axbench.conform/v1"; of axbench
//	started, elapsed_ns, seed, target   as in run.json
//	headline, exit_code conformant, not conformant, no failure found, incomplete (…), inconclusive
//	partial             true until the run has ended
//	reasons, notes      sentences: for the headline; that qualify the verdicts
//	profile, profiles   the widest, and all; only: the clauses asked for, absent for all
//	counts              how many clauses have each of PASS FAIL WARN INFO NOT_PROVOKED NOT_APPLICABLE INCONCLUSIVE ERROR
//	codes               of, observed, provoked, missing[] (never observed)
//	clauses[]           id, chapter, level, profile, source, sentence, check, note, needs (P0 to P6), verdict, decides (it counts
//	                    for the headline), reason, known (why its failure is expected), checked, failed, bound_99
//	                    (4.61/checked), observations[], evidence[] (lines of evidence.ndjson from 1, failing ones first)
//	observations[]      case, verdict, sent, expected, got, pass[], warn[], skip[], times, evidence (a line, 0 for none)
//	cases[]             name, clauses, calls, elapsed_ns, skipped (why it did not run)
//	choices[]           id, text, value, detail; changed[]: id, before, now
//	unique[], bindings  as in run.json
//	known[]             clause, reason, expires, problem
//	calls               how many were made
//	provisioning        file, sha256, credentials[], pools[], unprovocable (code to reason), query, unbind, clock, receipts
//	catalogue_sha256    of the list of clauses
//
// A line of evidence.ndjson is an Evidence (time, phase, operation, code, class, clauses, detail, request, answer, response_ns)
// with line, case, format, a, b, x, subs_id, failure, extra, status, head and body (base64), checked, broken, hidden, cut,
// request_id, judged, until, ends. Lines are numbered from 1 without gaps; the file is whole once the run has ended, and at most
// MaxConformEvidence long.
//
// # compare.json, schema axbench.compare/v1
//
// What axbench compare --json prints, and what axbench run --baseline keeps in the directory of its run.
//
//	schema, version, scenario   "axbench.compare/v1"; of axbench; of the new runs
//	verdict             better, same, worse, inconclusive
//	exit_code           0 same or better, 5 worse, 7 inconclusive or nothing to decide with, 6 an invalid new run
//	reasons, notes      sentences: the deciding ones first; what qualifies the figures
//	base[], new[]       the runs of a side: dir, started, version, target, seed, digest, verdict, exit_code, planned (calls of the recorded
//	                    phases that were compared), seconds (of them)
//	differences[]       what, base, new, decides (such runs are compared only when that is asked for)
//	level               the chance, at most, that anything reads worse where nothing changed; judged metrics share it
//	metrics[]           name, phase ("" all recorded), unit (ns share per_s), main (must be conclusive), base, new, base_bound and new_bound (to be
//	                    read "> value"), delta (new - base), relative (of base), low, high (of delta, at the level that all share: they decide
//	                    better and worse), low_95, high_95 (at 95 %: they decide same), min_effect, samples (calls, on either side), dispersion
//	                    (how many times the variance of independent calls was found), block (seconds taken as one), verdict, reason, method,
//	                    not_worse (a worsening by min_effect is excluded at 95 %), needs_times (how many times as many calls it takes to tell, 0
//	                    where nobody knows). Null: no value, or an open end
//	codes[]             that appeared or vanished, in any phase: code, class, documented, appeared, base of base_of calls, new of new_of, p (the chance of
//	                    that where the share did not change), significant (p below 1 %), verdict (absent where none), reason
//	clauses[]           that broke or hold again: clause, level, profile, sentence, broken, base of base_checked answers, new of new_checked, verdict, reason
//	generator[]         name, unit, base, new: shown, never judged
//
// # calibration.json, schema axbench.calibration/v1
//
// In the user's cache folder, not in a run directory: what machines can do as generators.
//
//	machines[]          an entry for each machine: machine (os, arch, cores, gomaxprocs, cpu), version and go (of the build), measured,
//	                    busy_cores (kept busy by other processes before; from 0.5 on nothing is refused), emulator and responder (with the
//	                    emulator beside it; by itself: low, value, high, confidence, probes; null where none was found; high is null where
//	                    the highest rate tried was valid)
//
// # capacity.json, schema axbench.capacity/v1
//
// Of axbench capacity, whose directory has the name form of a run's ("<UTC time>-capacity-<scenario>-<4 hex>"), report.html and probes/NNN, a run
// directory for each probe with phases flush, settle (neither recorded; left out when empty) and probe. It is replaced after every probe, whole or not at all.
//
//	schema, version, scenario, seed, started, ended, target, host, command   as in run.json
//	rules[]             what had to hold
//	exit_code, verdict, reasons, notes   as in run.json; null and partial while the search goes on
//	rate                low, value, high (per second; null: not known, high also where the highest rate tried was held), confidence
//	limited_by          saturation throttle exhaustion errors generator ceiling; absent where nothing was found
//	knee                rate, p99_ns; null where the curve has none
//	plan                rate (low less headroom, null where there is none), headroom (a share)
//	curve[]             the probes in order: step (from 1), stage (climb narrow repeat confirm), rate (asked for), dir (from this directory, "" when not
//	                    kept), start_ns (since started), elapsed_ns (of the recorded part, as are those that follow), verdict (of the run), pass (held: true
//	                    false; null where the run cannot tell), limit, reasons, the ledger as in a phase, rates (as rate of a phase), goodput (good
//	                    answers a second that came in the recorded part, whenever they were due; absent where it holds no whole second), offered, service,
//	                    codes[] (code, class, count, share; that came, most frequent first), cpu_cores, late_p99_ns
//
// # axbench results list --json and trend --json
//
// A list is of Entry: dir, name, kind (run conform capacity), scenario, digest, version, target, started, partial, verdict, exit_code, tags[]
// and figures (phase, rate, good, goodput, p50_ns, p99_ns, bound).
//
// A trend, schema axbench.trend/v1, has scenario, metrics[] (name, unit) and runs[], oldest first: an Entry with report (the page, from that
// of the trend), changes[] since the run before (what: version plan target host note; from, to) and values[], one of each metric (value,
// low, high, bound, reason).
package results
