package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"axbench/results"
	"axbench/runner/search"
)

// calibrated writes a calibration for this machine, changed by change, and returns its file.
func calibrated(t *testing.T, emulator, responder float64, change func(*results.Calibration)) string {
	t.Helper()
	ceiling := func(value float64) *results.Ceiling {
		high := value * 1.05
		return &results.Ceiling{Low: value * 0.95, Value: value, High: &high, Confidence: 0.95, Probes: 12}
	}
	c := results.Calibration{Machine: thisMachine(), Version: version(), Go: runtime.Version(), Measured: time.Now(), Emulator: ceiling(emulator), Responder: ceiling(responder)}
	if change != nil {
		change(&c)
	}
	path := filepath.Join(t.TempDir(), "axbench", "calibration.json")
	if err := results.WriteCalibrations(path, &results.Calibrations{Machines: []results.Calibration{c}}); err != nil {
		t.Fatal(err)
	}
	return path
}

// planned runs axbench plan and returns what it said.
func plannedWith(t *testing.T, env map[string]string, args ...string) (notes []string, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = Main(append([]string{"plan", "smoke", "--json"}, args...), strings.NewReader(""), &out, &err, func(name string) string { return env[name] })
	var result struct{ Notes []string }
	if code == 0 {
		if e := json.Unmarshal(out.Bytes(), &result); e != nil {
			t.Fatalf("%v: %s", e, out.String())
		}
	}
	return result.Notes, err.String(), code
}

// TestCeiling: what is said of a plan by where its rate lies beside the ceiling of its target.
func TestCeiling(t *testing.T) {
	path := calibrated(t, 1000, 2000, nil)
	open := calibrated(t, 1000, 2000, func(c *results.Calibration) { c.Emulator.High = nil })
	busy := calibrated(t, 1000, 2000, func(c *results.Calibration) { c.BusyCores = 0.8 })
	for name, c := range map[string]struct {
		args []string
		want string // in a note; "" for no note
	}{
		"far below":            {[]string{"--rate", "700/s", "--calibration", path}, ""},
		"near":                 {[]string{"--rate", "900/s", "--calibration", path}, "asks for 900/s at its highest, calls that follow included: that is 90% of what this machine can send, 1,000/s with the emulator beside it (950 to 1,050"},
		"within the interval":  {[]string{"--rate", "1040/s", "--calibration", path}, "that is 104% of what this machine can send"},
		"busy, below":          {[]string{"--rate", "700/s", "--calibration", busy}, ""},
		"busy, above":          {[]string{"--rate", "9000/s", "--calibration", busy}, "other processes kept it busy: it could send 1,000/s with the emulator"},
		"above":                {[]string{"--rate", "1051/s", "--calibration", path}, "more than this machine can send, 1,000/s with the emulator beside it"},
		"another target":       {[]string{"--rate", "1051/s", "--target", "http://127.0.0.1:9/", "--calibration", path}, ""},
		"above it there":       {[]string{"--rate", "2200/s", "--target", "http://127.0.0.1:9/", "--calibration", path}, "more than this machine can send, 2,000/s by itself"},
		"no upper end, below":  {[]string{"--rate", "900/s", "--calibration", open}, ""},
		"no upper end, above":  {[]string{"--rate", "1100/s", "--calibration", open}, "higher rates than 950/s were not tried"},
		"callers have no rate": {[]string{"--callers", "5000", "--calibration", path}, ""},
		"never calibrated":     {[]string{"--rate", "90000/s", "--calibration", filepath.Join(t.TempDir(), "none.json")}, ""},
	} {
		notes, stderr, code := plannedWith(t, nil, c.args...)
		got := strings.Join(notes, "; ")
		if code != 0 || (c.want == "") != (got == "" || !strings.Contains(got, "machine")) || !strings.Contains(got, c.want) {
			t.Errorf("%s: exit code %d, %q, %s; want %q", name, code, got, stderr, c.want)
		}
	}
}

// TestCeilingOfFollowUps: calls that follow from answers count too.
func TestCeilingOfFollowUps(t *testing.T) {
	path := calibrated(t, 1000, 2000, nil)
	scenario := filepath.Join(t.TempDir(), "unbind.yaml")
	text := "schema: axbench.scenario/v1\nname: unbind\nphases: [{name: main, duration: 1m, rate: 600/s}]\nbindings: {unbind: after 1s}\n" +
		"requests: [{params: {PoolKey: FC123456, PhoneNoA: {mobile: 13000000000-13999999999}, PhoneNoB: {mobile: 15000000000-15999999999}, Expiration: {in: 10m}}}]\n"
	if err := os.WriteFile(scenario, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	if code := Main([]string{"plan", scenario, "--calibration", path}, strings.NewReader(""), &out, &stderr, noEnv); code != 0 || !strings.Contains(stderr.String(), "more than this machine can send") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

// TestForeignCalibration: an entry of another machine, another build or long ago is not used, and a note says so.
func TestForeignCalibration(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*results.Calibration)
		want   string
	}{
		"more cores":      {func(c *results.Calibration) { c.Machine.Cores++ }, "is of another machine"},
		"another CPU":     {func(c *results.Calibration) { c.Machine.CPU += " II" }, "is of another machine"},
		"another system":  {func(c *results.Calibration) { c.Machine.OS = "plan9" }, "is of another machine"},
		"another version": {func(c *results.Calibration) { c.Version = "0.0.1" }, "is of axbench 0.0.1"},
		"another Go":      {func(c *results.Calibration) { c.Go = "go0" }, "with go0"},
		"long ago":        {func(c *results.Calibration) { c.Measured = c.Measured.Add(-91 * 24 * time.Hour) }, "91 days old, at most 90 are good"},
	} {
		path := calibrated(t, 1000, 2000, c.change)
		notes, stderr, code := plannedWith(t, nil, "--rate", "5000/s", "--calibration", path)
		got := strings.Join(notes, "; ")
		if code != 0 || !strings.Contains(got, c.want) || !strings.Contains(got, "it was not used") || strings.Contains(got, "can send") {
			t.Errorf("%s: exit code %d, %q, %s; want %q", name, code, got, stderr, c.want)
		}
	}
}

// TestCalibrationPlace: where a calibration is looked for, and that a broken one does not stop a run that did not name it.
func TestCalibrationPlace(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("%LOCALAPPDATA% has another form")
	}
	path := calibrated(t, 1000, 2000, nil)
	cache := filepath.Dir(filepath.Dir(path))
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".cache", "axbench"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, filepath.Join(home, ".cache", "axbench", "calibration.json")); err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string]map[string]string{
		"XDG_CACHE_HOME":      {"XDG_CACHE_HOME": cache, "HOME": t.TempDir()},
		"HOME":                {"HOME": home},
		"a relative folder":   {"XDG_CACHE_HOME": "cache", "HOME": home},
		"the twin of a flag":  {"AXBENCH_CALIBRATION": path},
		"the flag before all": {"XDG_CACHE_HOME": t.TempDir(), "AXBENCH_CALIBRATION": path},
	} {
		if notes, _, _ := plannedWith(t, env, "--rate", "5000/s"); !strings.Contains(strings.Join(notes, " "), "can send") {
			t.Errorf("%s: %q", name, notes)
		}
	}
	for name, env := range map[string]map[string]string{"nowhere": {}, "an empty folder": {"XDG_CACHE_HOME": t.TempDir()}} {
		if notes, _, code := plannedWith(t, env, "--rate", "5000/s"); code != 0 || strings.Contains(strings.Join(notes, " "), "machine") {
			t.Errorf("%s: %q", name, notes)
		}
	}
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if notes, _, code := plannedWith(t, map[string]string{"XDG_CACHE_HOME": cache}); code != 0 || !strings.Contains(strings.Join(notes, " "), "the stored calibration cannot be read") {
		t.Errorf("a broken file: %q", notes)
	}
	if _, stderr, code := plannedWith(t, nil, "--calibration", path); code != 2 {
		t.Errorf("a broken file that was named: exit code %d, %s", code, stderr)
	}
}

// TestRunAboveCeiling: such a run is refused before anything is sent or written, and made when that is asked for; one below is made.
func TestRunAboveCeiling(t *testing.T) {
	path := calibrated(t, 40, 80, nil)
	dead := "http://127.0.0.1:1/" // nobody answers there: a run that is made ends with 7
	for name, c := range map[string]struct {
		args  []string
		code  int
		says  string
		wrote bool
	}{
		"above":               {[]string{"--rate", "100/s"}, 6, "axbench: error: the plan asks for 100/s at its highest, calls that follow included: that is more than this machine can send, 80/s by itself (76 to 84, measured ", false},
		"above, all the same": {[]string{"--rate", "100/s", "--beyond-ceiling"}, 7, "axbench: warning: the plan asks for 100/s", true},
		"below":               {[]string{"--rate", "20/s"}, 7, "axbench: run directory", true},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		var out, stderr bytes.Buffer
		code := Main(append([]string{"run", "smoke", "--target", dead, "--duration", "200ms", "--calibration", path, "--out", dir}, c.args...), strings.NewReader(""), &out, &stderr, noEnv)
		if code != c.code || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%s: exit code %d, want %d and %q:\n%s", name, code, c.code, c.says, stderr.String())
		}
		rec, err := results.ReadRun(dir)
		if (err == nil) != c.wrote {
			t.Errorf("%s: a run directory: %v", name, err)
		}
		if c.wrote && strings.Contains(name, "same") && !strings.Contains(strings.Join(rec.Notes, " "), "more than this machine can send") {
			t.Errorf("%s: the notes of the run are %q", name, rec.Notes)
		}
	}
}

// TestHintOfInvalidRun: a run that its generator spoilt says once what to do, where nobody has done it.
func TestHintOfInvalidRun(t *testing.T) {
	scenario := filepath.Join(t.TempDir(), "late.yaml")
	text := "schema: axbench.scenario/v1\nname: late\nphases: [{name: main, duration: 200ms, rate: 100/s}]\nlate: {p99: 1ns, max: 1ns}\n" +
		"requests: [{params: {PoolKey: FC123456, PhoneNoA: {mobile: 13000000000-13999999999}, PhoneNoB: {mobile: 15000000000-15999999999}, Expiration: {in: 10m}}}]\n"
	if err := os.WriteFile(scenario, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	target, end := startEmulator(t)
	defer end()
	for file, want := range map[string]int{filepath.Join(t.TempDir(), "none.json"): 1, calibrated(t, 4000, 8000, nil): 0} {
		var out, stderr bytes.Buffer
		code := Main([]string{"run", scenario, "--target", target, "--calibration", file, "--out", filepath.Join(t.TempDir(), "run")}, strings.NewReader(""), &out, &stderr, noEnv)
		if n := strings.Count(out.String(), calibrateHint); n != want {
			t.Errorf("exit code %d, the hint is there %d times, want %d:\n%s", code, n, want, out.String())
		}
	}
}

// TestCapacityCeiling: a search goes no further than what this machine can send, and one that was to begin there is refused.
func TestCapacityCeiling(t *testing.T) {
	path := calibrated(t, 400, 800, nil)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"bounded":      {[]string{"--max", "5000/s"}, 0, "the search goes no further than 420/s: this machine can send no more, 400/s with the emulator beside it"},
		"below":        {[]string{"--max", "200/s"}, 0, ""},
		"begins there": {[]string{"--start", "500/s"}, 6, "--start 500/s is more than this machine can send, 400/s with the emulator beside it"},
		"all the same": {[]string{"--start", "500/s", "--beyond-ceiling"}, 0, ""},
	} {
		var out, stderr bytes.Buffer
		code := Main(append([]string{"capacity", "smoke", "--dry-run", "--calibration", path}, c.args...), strings.NewReader(""), &out, &stderr, noEnv)
		got := out.String() + stderr.String()
		if code != c.code || !strings.Contains(got, c.says) || c.says == "" && strings.Contains(got, "this machine can send") {
			t.Errorf("%s: exit code %d, want %d and %q:\n%s", name, code, c.code, c.says, got)
		}
	}
	f := &search.Finding{End: search.Ceiling, LimitedBy: results.LimitCeiling}
	(&capacityPlan{}).ofMachine(f)
	if f.LimitedBy != results.LimitCeiling {
		t.Errorf("the ceiling of the command line became %s", f.LimitedBy)
	}
	if (&capacityPlan{machine: true}).ofMachine(f); f.LimitedBy != results.LimitGenerator || f.End != search.Generator {
		t.Errorf("the ceiling of this machine is told as %+v", f)
	}
}

func TestClockAlone(t *testing.T) {
	clock, late := "this machine's clock is 20m0s behind the server's: set the clock", "the generator was late in phase main"
	for name, c := range map[string]struct {
		why  []string
		want bool
	}{"clock": {[]string{clock}, true}, "late": {[]string{late}, false}, "both": {[]string{clock, late}, false}} {
		if got := clockAlone(c.why); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
