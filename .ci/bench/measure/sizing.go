package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// sizing runs the whole of the tests that hold axbench capacity pool against Erlang's formula and against the emulator in real time, and
// prints what they measured.
func sizing() {
	for _, m := range []struct{ what, asked, pkg, test, flag string }{
		{"simulated pools against Erlang's formula", "≥ 95 % of cells inside 95 %", "./conformance/numbers/sizing", "^TestAgainstErlang$", "-whole"},
		{"speed of the simulation", "millions a second", "./conformance/numbers/sizing", "^TestSpeed$", "-whole"},
		{"simulated pools against the emulator", "inside", "./runner/cmd", "^TestPoolAgainstEmulator$", "-pool"},
	} {
		out, err := exec.Command("go", "test", "-count=1", "-v", "-run", m.test, m.pkg, m.flag).CombinedOutput()
		found := false
		for line := range strings.Lines(string(out)) {
			if said, ok := strings.CutPrefix(line, "measured: "); ok {
				row(m.what, m.asked, "%s", strings.TrimSpace(said))
				found = true
			}
		}
		if err != nil || !found {
			fail(fmt.Errorf("%s: %v\n%s", m.test, err, out))
		}
	}
}
