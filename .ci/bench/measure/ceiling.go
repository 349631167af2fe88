package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"axbench/results"
)

// ceilingRuns is how often each rate is run beside the ceiling.
const ceilingRuns = 10

// ceiling finds what this machine can send, and holds runs below and above that against the gate.
func ceiling() {
	file := filepath.Join(work, "calibration.json")
	began := time.Now()
	out, err := exec.Command(axbench, "calibrate", "--calibration", file, "--json").Output()
	var c results.Calibration
	if e := json.Unmarshal(out, &c); e != nil || c.Emulator == nil || c.Responder == nil {
		fail(fmt.Errorf("calibrate: %w", errors.Join(err, e)))
	}
	row("calibrate: both ceilings found in", "≤ 60 s", "%.0f s; %.2f cores busy before", time.Since(began).Seconds(), c.BusyCores)
	for name, x := range map[string]*results.Ceiling{"  against the empty responder": c.Responder, "  with the emulator beside it": c.Emulator} {
		high := 0.0
		if x.High != nil {
			high = *x.High
		}
		row(name, "an interval", "%.0f/s (%.0f to %.0f), %d probes", x.Value, x.Low, high, x.Probes)
	}
	for _, beside := range []struct {
		factor float64
		want   int // exit code
		what   string
	}{{0.5, 0, "valid"}, {1.5, 6, "invalid"}} {
		hits := 0
		for range ceilingRuns {
			r, _ := do("ceiling", "--rate", fmt.Sprintf("%.0f/s", beside.factor*c.Emulator.Value), "--duration", "3s", "--beyond-ceiling", "--calibration", file)
			if r.ExitCode == beside.want {
				hits++
			}
		}
		row(fmt.Sprintf("%.1f x the ceiling of the emulator: %s", beside.factor, beside.what), fmt.Sprintf("%d of %d", ceilingRuns, ceilingRuns), "%d of %d", hits, ceilingRuns)
	}
	row("1.5 x the ceiling without --beyond-ceiling", "exit 6, nothing sent", "exit %d", refused(file, 1.5*c.Emulator.Value))
}

// refused runs above the ceiling as anybody would, and returns the exit code.
func refused(file string, rate float64) int {
	dir := filepath.Join(work, "refused")
	cmd := exec.Command(axbench, "run", ".ci/bench/ceiling.yaml", "--rate", fmt.Sprintf("%.0f/s", rate), "--duration", "3s", "--calibration", file, "--out", dir)
	_ = cmd.Run()
	if _, err := os.Stat(dir); err == nil {
		fail(errors.New("a run above the ceiling left a run directory"))
	}
	return cmd.ProcessState.ExitCode()
}
