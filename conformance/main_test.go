package conformance

import (
	"flag"
	"os"
	"testing"
)

// TestMain sets what the tests may cost, unless the command line does. Most runs of the suite wait more than they compute. The race detector
// looks at how goroutines meet, which more samples and more bytes do not change: there each search is a part of what it is without it.
func TestMain(m *testing.M) {
	flag.Parse()
	unlessSet("test.parallel", "4")
	if raceEnabled {
		unlessSet("rapid.checks", "25")
	}
	os.Exit(m.Run())
}

// unlessSet sets a flag that has its default.
func unlessSet(name, value string) {
	if f := flag.Lookup(name); f.Value.String() == f.DefValue {
		_ = flag.Set(name, value)
	}
}

// underRace is a count as it is with the race detector and without it.
func underRace(with, without int) int {
	if raceEnabled {
		return with
	}
	return without
}
