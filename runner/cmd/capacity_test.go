package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"axbench/results"
)

// capacityTarget has a capacity that is known.
const capacityTarget = `schema: axbench.scenario/v1
name: known
max_late: 20s
late: {p99: 10s, max: 20s}
phases: [{duration: 1s, rate: 100/s}]
requests:
  - params:
      PoolKey: KNOWN
      PhoneNoA: {mobile: 15000000000-15000999999}
      PhoneNoB: {mobile: 15800000000-15800999999}
      Expiration: {in: 10m}
`

// TestCapacity searches a queue, a flow limit and a pool, each of which bears 300/s. A machine that is busy with other things may keep the
// emulator from what it could do, or end the search; it never makes it better.
func TestCapacity(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("three searches of about twenty seconds")
	}
	cases := []struct {
		name, target string
		limit        results.Limit
	}{
		{"queue", "slo: [good >= 98%, \"p99(offered) < 80ms\"]\nemulator:\n  pools: [{key: KNOWN, size: 1000}]\n  latency: {queue: {servers: 6, service: 20ms}}\n", results.LimitSaturation},
		{"limit", "slo: [good >= 98%]\nemulator:\n  pools: [{key: KNOWN, size: 1000}]\n  flow_limit: 300/s\n", results.LimitThrottle},
		{"pool", "slo: [good >= 98%]\nbindings: {unbind: after 1s}\nemulator:\n  pools: [{key: KNOWN, pairs: 2, numbers: {北京: [\"17100000000-17100000149\"]}}]\n", results.LimitExhaustion},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file, out := filepath.Join(dir, "known.yaml"), filepath.Join(dir, "out")
			if err := os.WriteFile(file, []byte(capacityTarget+c.target), 0o600); err != nil {
				t.Fatal(err)
			}
			axbench, err := exec.LookPath("axbench")
			if err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			search := exec.Command(axbench, "capacity", file, "--start", "200/s", "--step", "1s", "--precision", "15%", "--budget-time", "60s", "--out", out, "--json")
			search.Stdout, search.Stderr, search.Dir = &stdout, &stderr, dir
			_ = search.Run()
			code := search.ProcessState.ExitCode()
			var found results.Capacity
			if err := json.Unmarshal(stdout.Bytes(), &found); err != nil {
				t.Fatalf("exit code %d, %v:\n%s%s", code, err, stdout.String(), stderr.String())
			}
			if rec, err := results.OpenCapacity(out); err != nil || *rec.Capacity.ExitCode != code || len(rec.Capacity.Curve) != len(found.Curve) {
				t.Errorf("capacity.json is not what was printed: %v", err)
			}
			for _, p := range found.Curve {
				if _, err := results.Open(filepath.Join(out, p.Dir)); err != nil || p.Dir == "" {
					t.Errorf("probe %d has no run directory: %v", p.Step, err)
				}
			}
			if code != results.ExitPass {
				t.Logf("this machine was too busy: %d, %q", code, found.Reasons)
				if code != results.ExitInvalid && code != results.ExitNoData && code != results.ExitSLO {
					t.Errorf("exit code %d\n%s", code, stderr.String())
				}
				return
			}
			low, high := *found.Rate.Low, *found.Rate.High
			if low > 303 || found.LimitedBy == c.limit && c.limit == results.LimitThrottle && high < 300 {
				t.Errorf("from %v to %v, 300 is right:\n%s", low, high, stderr.String())
			}
			if high < 300 {
				t.Logf("from %v to %v: the emulator was kept from its work", low, high)
			} else if found.LimitedBy != c.limit {
				t.Errorf("limited by %s, want %s:\n%s", found.LimitedBy, c.limit, stderr.String())
			}
		})
	}
}
