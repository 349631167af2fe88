package emulator

// slowToShow are mutants that show after a thousand calls and more.
var slowToShow = []string{"L14", "E05"}

// underRace is a count as it is with the race detector and without it. The race detector looks at how goroutines meet, which more calls, one
// after the other, do not change.
func underRace(with, without int) int {
	if raceEnabled {
		return with
	}
	return without
}

// tries reports whether the i-th of many cases that are alike is tried: each of them is, but one of every four under the race detector.
func tries(i int) bool { return i%underRace(4, 1) == 0 }
