package results

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var thisMachine = Machine{OS: "linux", Arch: "amd64", Cores: 4, MaxProcs: 4, CPU: "Some CPU @ 2 GHz"}

func ceilingOf(low, value, high float64) *Ceiling {
	return &Ceiling{Low: low, Value: value, High: &high, Confidence: 0.95, Probes: 12}
}

func TestCalibrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache", "axbench", "calibration.json")
	empty, err := ReadCalibrations(path)
	if err != nil || len(empty.Machines) != 0 {
		t.Fatalf("%+v, %v of a file that is not there", empty, err)
	}
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	if _, err := empty.Find(thisMachine, "1.0", "go1", now); !errors.Is(err, ErrNotCalibrated) {
		t.Errorf("of an empty file: %v", err)
	}
	other := thisMachine
	other.Cores = 64
	c := &Calibrations{}
	c.Put(Calibration{Machine: other, Version: "1.0", Go: "go1", Measured: now, Responder: ceilingOf(1, 2, 3)})
	c.Put(Calibration{Machine: thisMachine, Version: "1.0", Go: "go1", Measured: now.Add(-time.Hour), Responder: ceilingOf(1, 2, 3)})
	c.Put(Calibration{Machine: thisMachine, Version: "1.0", Go: "go1", Measured: now, Emulator: ceilingOf(900, 1000, 1100), Responder: ceilingOf(1900, 2000, 2100)})
	if err := WriteCalibrations(path, c); err != nil {
		t.Fatal(err)
	}
	read, err := ReadCalibrations(path)
	if err != nil || len(read.Machines) != 2 {
		t.Fatalf("%+v, %v; want one entry for each machine", read, err)
	}
	for name, f := range map[string]struct {
		machine         Machine
		version, golang string
		now             time.Time
		want            string // in the error; "" is found
	}{
		"the machine":     {thisMachine, "1.0", "go1", now, ""},
		"just good":       {thisMachine, "1.0", "go1", now.Add(CalibrationAge), ""},
		"too old":         {thisMachine, "1.0", "go1", now.Add(CalibrationAge + time.Second), "90 days old"},
		"of tomorrow":     {thisMachine, "1.0", "go1", now.Add(-25 * time.Hour), "is of 2026-05-01"},
		"another version": {thisMachine, "1.1", "go1", now, "is of axbench 1.0 with go1, this is 1.1"},
		"another Go":      {thisMachine, "1.0", "go2", now, "this is 1.0 with go2"},
		"another CPU":     {Machine{OS: "linux", Arch: "amd64", Cores: 4, MaxProcs: 4}, "1.0", "go1", now, "of another machine"},
		"fewer procs":     {Machine{OS: "linux", Arch: "amd64", Cores: 4, MaxProcs: 1, CPU: thisMachine.CPU}, "1.0", "go1", now, "GOMAXPROCS 1"},
	} {
		x, err := read.Find(f.machine, f.version, f.golang, f.now)
		switch {
		case f.want == "" && (err != nil || x.Emulator.Value != 1000 || *x.Responder.High != 2100):
			t.Errorf("%s: %+v, %v", name, x, err)
		case f.want != "" && (err == nil || !strings.Contains(err.Error(), f.want)):
			t.Errorf("%s: %v, want %q", name, err, f.want)
		}
	}
	if !read.Forget(thisMachine) || read.Forget(thisMachine) || len(read.Machines) != 1 {
		t.Errorf("after Forget there is %+v", read.Machines)
	}
}

func TestReadCalibrationsRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":        `{"schema":`,
		"another schema": `{"schema":"axbench.calibration/v2"}`,
		"ends crossed":   `{"schema":"axbench.calibration/v1","machines":[{"responder":{"low":3,"value":2,"high":4}}]}`,
		"above its end":  `{"schema":"axbench.calibration/v1","machines":[{"emulator":{"low":1,"value":5,"high":4}}]}`,
		"no rate":        `{"schema":"axbench.calibration/v1","machines":[{"emulator":{"low":0,"value":5}}]}`,
	} {
		path := filepath.Join(t.TempDir(), "calibration.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var record *RecordError
		if _, err := ReadCalibrations(path); !errors.As(err, &record) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
