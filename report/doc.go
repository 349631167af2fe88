// Package report makes reports for people and tools from a run directory: never from the target, the engine or anything
// that only a running process knows.
//
// What the numbers mean and whether they are good enough is decided before, in results and results/judge; a report only
// says it. Everything in a run directory may have come from a target and is escaped for the format written. Functions
// here start no goroutines and may be called from several at once.
package report
