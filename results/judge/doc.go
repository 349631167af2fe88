// Package judge decides what a run is worth: the rules of service level objectives, their evaluation with intervals, the
// gate that tells whether the generator measured anything but itself, and the exit code. All of it is pure functions
// over a results.Record: it reads no clock and no file, starts no goroutine and prints nothing.
//
// # Rules
//
// A rule is METRIC OP VALUE [in PHASE] (ParseRule). The point value decides; Low and High are a 95 % interval:
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
// fewer than 1/(1-q) calls (p99: 100, p99.9: 1000). A quantile that falls among calls without an end is a lower bound:
// Bound is true, and it misses every limit, whatever the operator.
//
// # Exit code
//
// See Judge. The gate is described at gate.
package judge
