// Package judge decides what a run is worth: the rules of service level objectives, their evaluation with intervals, the
// gate that tells whether the generator measured anything but itself, and the exit code. All of it is pure functions
// over a results.Record: it reads no clock and no file, starts no goroutine and prints nothing.
//
// # Rules
//
// A rule is METRIC OP VALUE [over WINDOW] [in PHASE, …] [abort [after GRACE]] (ParseRule). It is about the calls of its phases
// together, of all recorded ones without any. The point value decides; Low and High are a 95 % interval:
//
//	quantiles   the order statistics whose ranks a binomial count of n calls, each below the quantile with
//	            probability q, leaves with 2.5 % on either side (no assumption about the distribution)
//	share, good Clopper-Pearson
//	goodput     Poisson count over the elapsed time (Garwood)
//	count, violations and max have none: they state what happened
//
// Low or High is null where the interval is open: High of a quantile whose upper rank is behind the last value or among
// calls without an end, Low of one whose lower rank is before the first.
//
// Pass is null, and Reason says why, when there is nothing to judge or too little: no call in the set, or for a quantile
// fewer calls than the least number that gives its interval an upper end, the smallest n with q^n <= 2.5 % (p50: 6, p90: 36,
// p95: 72, p99: 368, p99.9: 3,688, p99.99: 36,887). A quantile that falls among calls without an end is a lower bound:
// Bound is true, and it misses every limit, whatever the operator.
//
// # Windows
//
// With "over 10s" a rule must hold in every 10 seconds that lie within its phases: windows of whole seconds of the run, each a
// second further than the one before, across the border of two phases if both are the rule's. In a window count the calls that came to
// an end in it, whatever became of them; good is a share of those. track says where calls count that end outside of every window.
// The rule has the value of the worst window: one that misses the limit before one that keeps it, then by value. A window with too
// few samples is thin and decides nothing; if all are, Pass is null. A window in which nothing ended has a goodput and a count
// of 0, which can miss a limit but not keep one. Violations are counted over the whole run and have no windows.
//
// # Abort
//
// A rule with "abort" ends the run as soon as it is proven missed (track.proven), judged once a second and not before a grace time
// after the start of its first phase: one window, or 5 seconds without one. A window that missed in the grace time ends the run at its end:
// the rule is missed whatever follows. Without a window it is judged over all calls that have ended so far. Thin samples never end a
// run, and nothing does before a call of a recorded phase was answered, as no rule is judged then.
//
// Watch is fed with the seconds of a run while it goes on, and with those of its directory when it is judged: the same seconds give
// the same answer. A rule that ended the run (Input.Aborted) keeps the value for which it did, whatever the drain brings.
//
// # Comparison
//
// Compare holds runs against a baseline: what its words mean and what decides them is described there, how variation among calls,
// seconds and runs is counted at spreads. It works on the courses of runs (results.Course), second by second.
//
// # Exit code
//
// See Judge. The gate is described at gate.
package judge
