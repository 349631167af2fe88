package conformance

import (
	"strings"
	"testing"

	"axbench/conformance/emulator"
)

// What the load phase keeps is judged again as the rest: the bundle of a run that found something under load verifies.
func TestBundleOfTheLoadPhase(t *testing.T) {
	for name, mutants := range map[string][]string{
		"cut bodies": {"L17"}, "one RequestId in a thousand": {"E05"}, "shared SubsId": {"L04"}, "lost connections": {"T81"}, "cross-talk": {"L02"}, "no answers": {"T79"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := underRace(600, 3000)
			if name == "one RequestId in a thousand" {
				calls = 3000
			}
			dir := runDir(t, func(c *emulator.Config) { c.Mutants = mutants }, func(c *Config) { c.Only, c.Load.Calls = aimedAt(mutants), calls })
			bundle, _ := bundleOf(t, dir, signer)
			if v := verify(t, bundle, publicOf(signer)); v.ExitCode != 0 || len(v.Differences) > 0 {
				t.Errorf("%d %s: %s", v.ExitCode, v.Word(), strings.Join(v.Differences, "\n"))
			}
		})
	}
}
