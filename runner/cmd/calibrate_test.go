package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"axbench/results"
	"axbench/runner/search"
)

// axbenchCommand is this test binary as axbench, since a calibration starts children of its own executable. Its environment is what is
// given and nothing else: not the developer's calibration.
func axbenchCommand(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	path, err := exec.LookPath("axbench") // this test binary by the name that testscript gave it
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &errs, append([]string{"HOME=" + t.TempDir(), "GORACE=atexit_sleep_ms=0"}, env...)
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// TestCalibrate measures with small bounds. A machine that is busy with other tests may not be able to send even that without being
// late: then nothing is found, and that is what is said and stored.
func TestCalibrate(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	path := filepath.Join(cache, "axbench", "calibration.json")
	env := []string{"XDG_CACHE_HOME=" + cache}
	stdout, stderr, code := axbenchCommand(t, env, "calibrate", "--max", "100/s", "--budget-time", "6s", "--json")
	var got results.Calibration
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("exit code %d, %v:\n%s\n%s", code, err, stdout, stderr)
	}
	if got.Machine != thisMachine() || got.Version == "" || got.Measured.IsZero() {
		t.Errorf("it is of %+v", got)
	}
	switch {
	case code == 0 && got.Responder != nil && got.Emulator != nil:
	case code == 7 && (got.Responder == nil || got.Emulator == nil) && strings.Contains(stderr, "no ceiling was found against"):
		t.Logf("this machine is busy:\n%s", stderr)
	default:
		t.Errorf("exit code %d with %+v:\n%s", code, got, stderr)
	}
	stored, err := results.ReadCalibrations(path)
	if err != nil {
		t.Fatal(err)
	}
	if some := got.Responder != nil || got.Emulator != nil; some != (len(stored.Machines) == 1) {
		t.Fatalf("stored is %+v", stored)
	}
	for _, c := range []*results.Ceiling{got.Responder, got.Emulator} {
		if c != nil && (c.Low <= 0 || c.Low > 100 || c.Value > 100 || c.High != nil && *c.High > 105 || c.Probes == 0) {
			t.Errorf("a ceiling of %+v with at most 100/s", c)
		}
	}
	if len(stored.Machines) == 0 {
		return
	}
	if stdout, stderr, code := axbenchCommand(t, env, "calibrate", "--show"); code != 0 || !strings.Contains(stdout, "holds for this machine") {
		t.Errorf("--show: exit code %d:\n%s\n%s", code, stdout, stderr)
	}
	if stdout, stderr, code := axbenchCommand(t, env, "calibrate", "--forget"); code != 0 || !strings.Contains(stdout, "was taken out of") {
		t.Errorf("--forget: exit code %d:\n%s\n%s", code, stdout, stderr)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("after --forget there is %s: %v", path, err)
	}
}

// TestCalibrationShown: what is said of an entry of another machine, and that only this machine's is forgotten.
func TestCalibrationShown(t *testing.T) {
	path := calibrated(t, 1000, 2000, nil)
	stored, err := results.ReadCalibrations(path)
	if err != nil {
		t.Fatal(err)
	}
	other := stored.Machines[0]
	other.Machine.Cores, other.BusyCores = 96, 1.25
	other.Emulator = nil
	stored.Put(other)
	if err := results.WriteCalibrations(path, stored); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, string, int) {
		var out, stderr bytes.Buffer
		code := Main(append([]string{"calibrate", "--file", path}, args...), strings.NewReader(""), &out, &stderr, noEnv)
		return out.String(), stderr.String(), code
	}
	out, stderr, code := run("--show")
	for _, want := range []string{"holds for this machine", "1,000/s", "950 to 1,050 (95 %)", "96 cores", "not found", "other processes kept 1.2 cores busy"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("--show ends with %d and does not say %q:\n%s\n%s", code, want, out, stderr)
		}
	}
	if out, stderr, code = run("--forget", "--json"); code != 0 || !strings.Contains(out, `"forgotten": true`) {
		t.Errorf("--forget: %d\n%s\n%s", code, out, stderr)
	}
	if out, stderr, code = run("--show"); code != 0 || strings.Contains(out, "holds for this machine") || !strings.Contains(stderr, "is of another machine") {
		t.Errorf("--show of another machine's: %d\n%s\n%s", code, out, stderr)
	}
	if out, _, code = run("--forget"); code != 0 || !strings.Contains(out, "nothing was stored of this machine") {
		t.Errorf("--forget of nothing: %d\n%s", code, out)
	}
}

// TestCalibrationJudge: valid is held whatever the target did, and not valid is not, whatever it did.
func TestCalibrationJudge(t *testing.T) {
	rec := func(valid bool, done, dropped int64) *results.Record {
		r := &results.Record{}
		r.Run.Generator.Valid = valid
		r.Run.Totals.Done = done
		r.Run.Phases = []results.Phase{{Name: search.PhaseProbe, Recorded: true, DoneInside: done, Ledger: results.Ledger{Planned: 1000, Done: done, Dropped: dropped}}}
		if !valid {
			r.Run.Generator.Why = []string{"the generator was late"}
		}
		return r
	}
	c := &calibrating{}
	for name, x := range map[string]struct {
		rec  *results.Record
		want search.Outcome
	}{
		"valid":              {rec(true, 1000, 0), search.Outcome{Verdict: search.Held}},
		"valid, target slow": {rec(true, 400, 600), search.Outcome{Verdict: search.Held}},
		"late":               {rec(false, 1000, 0), search.Outcome{Verdict: search.Lost, Limit: results.LimitGenerator}},
		"far beyond":         {rec(false, 400, 600), search.Outcome{Verdict: search.Lost, Limit: results.LimitGenerator, Clear: true}},
		"nobody there":       {rec(true, 0, 1000), search.Outcome{Verdict: search.Held, Dead: true}},
	} {
		if got := c.judge(x.rec); *got != x.want {
			t.Errorf("%s: %+v, want %+v", name, *got, x.want)
		}
	}
}

// TestCalibrationSearch: the search with this criterion finds what a machine can do.
func TestCalibrationSearch(t *testing.T) {
	c := &calibrating{}
	for _, truth := range []float64{130, 3100, 47_000} {
		f, err := search.Search(context.Background(), search.Config{Start: calibrationStart, Max: 200_000, Record: calibrationRecord, Settle: calibrationSettle, Precision: calibrationPrecision},
			func(_ context.Context, st search.Step) (*search.Outcome, error) {
				r := &results.Record{}
				r.Run.Generator.Valid, r.Run.Totals.Done = st.Rate <= truth, 1
				return c.judge(r), nil
			})
		if err != nil {
			t.Fatal(err)
		}
		found, why := c.ceiling(f)
		if found == nil || found.High == nil || found.Low > truth || *found.High < truth || *found.High > found.Low*1.25 {
			t.Errorf("of %v: %+v, %s after %d probes", truth, found, why, len(f.Probes))
		}
	}
	f, err := search.Search(context.Background(), search.Config{Start: 500, Max: 500, Record: calibrationRecord, Settle: calibrationSettle}, func(context.Context, search.Step) (*search.Outcome, error) {
		return &search.Outcome{Verdict: search.Held}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := c.ceiling(f); found == nil || found.High != nil || found.Low != 500 || found.Value != 500 {
		t.Errorf("with a bound that is valid: %+v", found)
	}
}
