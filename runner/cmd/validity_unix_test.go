//go:build unix

package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"axbench/results"
)

// validityScenario is what the runs below change: how late calls are is left to the machine that the tests run on.
const validityScenario = `schema: axbench.scenario/v1
name: validity
PHASES
requests:
  - params:
      PoolKey: FC123456
      PhoneNoA: {mobile: 15000000000-15000999999}
      PhoneNoB: {mobile: 15800000000-15800999999}
      Expiration: {in: 10m}
slo: [good >= 0%]
`

// begun is axbench as a process of its own, with a scenario.
type begun struct {
	*exec.Cmd
	dir    string
	stderr bytes.Buffer
}

func begin(t *testing.T, scenario string, flags ...string) *begun {
	t.Helper()
	path, err := exec.LookPath("axbench") // this test binary by the name that testscript gave it
	if err != nil {
		t.Fatal(err)
	}
	b := &begun{dir: filepath.Join(t.TempDir(), "run")}
	file := filepath.Join(t.TempDir(), "validity.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(validityScenario, "PHASES", scenario, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Cmd = exec.Command(path, append([]string{"run", file, "--out", b.dir, "--json"}, flags...)...)
	b.Stderr = &b.stderr
	b.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "AXBENCH_CALIBRATION="+b.dir+".none") // not the developer's
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Process.Kill() })
	return b
}

// end returns the run when the process has ended.
func (b *begun) end(t *testing.T) *results.Run {
	t.Helper()
	_ = b.Wait() // the exit code is that of the verdict
	run := &results.Run{}
	text, err := os.ReadFile(filepath.Join(b.dir, results.RunFile))
	if err == nil {
		err = json.Unmarshal(text, run)
	}
	if err != nil || run.ExitCode == nil || *run.ExitCode != b.ProcessState.ExitCode() {
		t.Fatalf("%v, %s; stderr:\n%s", err, b.ProcessState, b.stderr.String())
	}
	return run
}

// TestFrozenGenerator: a generator that is stopped for 400 ms is found out at any rate and in both models, whether a call was due
// meanwhile or not.
func TestFrozenGenerator(t *testing.T) {
	t.Parallel()
	const open = "late: {p99: 10s}\nphases: [{name: warm, record: false, duration: 500ms, rate: RATE}, {name: main, duration: 3500ms, rate: RATE}]"
	for name, scenario := range map[string]string{
		"hardly a call": strings.ReplaceAll(open, "RATE", "1/s"),
		"many calls":    strings.ReplaceAll(open, "RATE", "500/s"),
		"closed":        "late: {p99: 10s}\nphases: [{name: main, duration: 4s, callers: 4, think: 50ms}]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := begin(t, scenario)
			waitForLines(t, filepath.Join(b.dir, results.TimelineFile), 2)
			if err := b.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			time.Sleep(400 * time.Millisecond)
			if err := b.Process.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			run := b.end(t)
			why := strings.Join(run.Generator.Why, "\n")
			if *run.ExitCode != results.ExitInvalid || run.Verdict != results.VerdictInvalid || !strings.Contains(why, "the generator stood still for ") {
				t.Errorf("exit %d, %s: %q", *run.ExitCode, run.Verdict, why)
			}
			if got := time.Duration(run.Generator.StallMaxNS); got < 390*time.Millisecond {
				t.Errorf("it was stopped for 400 ms and found %s", got)
			}
		})
	}
}

// waitForLines waits until a file has n lines.
func waitForLines(t *testing.T, path string, n int) {
	t.Helper()
	for range 600 {
		if text, err := os.ReadFile(path); err == nil && bytes.Count(text, []byte("\n")) >= n {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s has no %d lines after 12 s", path, n)
}

// TestGeneratorIsTheLimit: too few places, and a rate that no machine keeps.
func TestGeneratorIsTheLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, scenario, want string
		flags                []string
	}{
		{"few places", "late: {p99: 50ms, max: 20s}\nphases: [{name: main, duration: 3s, rate: 200/s}]\nemulator: {latency: {lognormal: {median: 20ms, p99: 80ms}}}",
			"raise max-in-flight to ", []string{"--max-in-flight", "2"}},
		{"beyond every ceiling", "late: {p99: 10ms}\nphases: [{name: main, duration: 1s, rate: 300000/s}]", "the plan was not kept in phase main: ", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			scenario := tt.scenario
			if strings.HasPrefix(tt.name, "beyond") {
				scenario = strings.Replace(scenario, "late:", "drain: 2s\nlate:", 1)
			}
			run := begin(t, scenario, tt.flags...).end(t)
			if why := strings.Join(run.Generator.Why, "\n"); *run.ExitCode != results.ExitInvalid || !strings.Contains(why, tt.want) {
				t.Errorf("exit %d: %q", *run.ExitCode, why)
			}
		})
	}
}

// TestTargetIsTheLimit: a target that is slow, stalls or is saturated is never taken for a generator that is the limit. How late a
// busy machine lets calls be is not looked at.
func TestTargetIsTheLimit(t *testing.T) {
	t.Parallel()
	for name, scenario := range map[string]string{
		"slow":                    "phases: [{name: main, duration: 2s, rate: 100/s}]\nemulator: {latency: {fixed: 400ms}}",
		"stalled":                 "phases: [{name: main, duration: 4s, rate: 200/s}]\nemulator: {latency: {fixed: 5ms, stall: {after: 1s, for: 1s}}}",
		"stalled, few places":     "max_in_flight: 40\nphases: [{name: main, duration: 4s, rate: 200/s}]\nemulator: {latency: {fixed: 5ms, stall: {after: 1s, for: 1s}}}",
		"saturated":               "timeout: 3s\nphases: [{name: main, duration: 4s, rate: 200/s}]\nemulator: {latency: {queue: {servers: 1, service: 20ms}}}",
		"saturated in the middle": "timeout: 3s\nmax_in_flight: 60\nphases: [{name: low, duration: 2s, rate: 20/s}, {name: high, duration: 3s, rate: 200/s}]\nemulator: {latency: {queue: {servers: 1, service: 20ms}}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := begin(t, scenario).end(t)
			for _, why := range run.Generator.Why {
				if strings.Contains(why, "max-in-flight") || strings.Contains(why, "ceiling") || strings.Contains(why, "clock") {
					t.Errorf("exit %d: %q", *run.ExitCode, why)
				}
			}
			if run.Totals.Done == 0 {
				t.Error("nothing was measured")
			}
		})
	}
}
