//go:build !race

package conformance

// raceEnabled reports whether the race detector is built in.
const raceEnabled = false
