//go:build !race

package emulator

// raceEnabled reports whether the race detector is built in.
const raceEnabled = false
