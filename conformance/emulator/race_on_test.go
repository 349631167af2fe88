//go:build race

package emulator

import (
	"os"
	"strings"
)

// raceEnabled reports whether the race detector is built in.
const raceEnabled = true

// A process under the race detector sleeps a second at its end; children of the tests need not.
func init() {
	_ = os.Setenv("GORACE", strings.TrimSpace(os.Getenv("GORACE")+" atexit_sleep_ms=0"))
}
