package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// conform times a whole run of the suite against the embedded emulator, from the start of the process to its end.
func conform() {
	for range 3 {
		count++
		began := time.Now()
		out, err := exec.Command(axbench, "conform", "--profile", "strict", "--json", "--out", filepath.Join(work, fmt.Sprint("conform", count))).Output()
		took := time.Since(began)
		var exit *exec.ExitError
		var c struct {
			Headline string
			Calls    int64
			Clauses  []struct{ Verdict string }
		}
		if err != nil && !errors.As(err, &exit) || json.Unmarshal(out, &c) != nil {
			fail(fmt.Errorf("conform: %w", err))
		}
		row("a full conformance run against the emulator", "≤ 60 s", "%.1f s, %d calls, %d clauses, %s", took.Seconds(), c.Calls, len(c.Clauses), c.Headline)
	}
}
