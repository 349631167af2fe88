package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// CalibrationSchema is the name and version of the format of calibration.json.
const CalibrationSchema = "axbench.calibration/v1"

// Calibrations is calibration.json: what machines can do as generators, an entry each.
type Calibrations struct {
	Schema   string        `json:"schema"`
	Machines []Calibration `json:"machines"`
}

// Calibration is what one machine can do, measured with one build of axbench. Rates are calls per second.
type Calibration struct {
	Machine   Machine   `json:"machine"`
	Version   string    `json:"version"` // of axbench
	Go        string    `json:"go"`
	Measured  time.Time `json:"measured"`
	BusyCores float64   `json:"busy_cores"` // kept busy by other processes before it was measured; 0 where nobody knows
	Emulator  *Ceiling  `json:"emulator"`   // with the embedded emulator beside it on this machine; null where nothing was found
	Responder *Ceiling  `json:"responder"`  // against an empty responder on this machine: the generator's own ceiling
}

// Machine tells machines apart.
type Machine struct {
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Cores    int    `json:"cores"` // that the system lets the process use
	MaxProcs int    `json:"gomaxprocs"`
	CPU      string `json:"cpu,omitempty"` // model, where it is known
}

// Ceiling is the highest rate at which runs are valid, and the interval that holds it.
type Ceiling struct {
	Low        float64  `json:"low"`
	Value      float64  `json:"value"`
	High       *float64 `json:"high"` // null where the highest rate that was tried was valid
	Confidence float64  `json:"confidence"`
	Probes     int      `json:"probes"`
}

// BusyCalibration is how many cores other processes may keep busy at most: beyond that the ceilings are too low, and nothing is refused
// for them.
const BusyCalibration = 0.5

// Busy tells whether the machine was too busy for the ceilings to be those of the machine.
func (c *Calibration) Busy() bool { return c.BusyCores > BusyCalibration }

// CalibrationAge is how long a calibration is good for.
const CalibrationAge = 90 * 24 * time.Hour

// ErrNotCalibrated says that there is no entry for a machine.
var ErrNotCalibrated = errors.New("this machine was not calibrated")

// Find returns the entry of a machine that holds for a build of axbench at the time now. The error is ErrNotCalibrated for a file
// without entries, else a sentence that says why none of them holds.
func (c *Calibrations) Find(m Machine, version, goVersion string, now time.Time) (*Calibration, error) {
	if len(c.Machines) == 0 {
		return nil, ErrNotCalibrated
	}
	at := slices.IndexFunc(c.Machines, func(x Calibration) bool { return x.Machine == m })
	if at < 0 {
		return nil, fmt.Errorf("the stored calibration is of another machine: %s, this is %s", c.Machines[0].Machine, m)
	}
	x := &c.Machines[at]
	switch age := now.Sub(x.Measured); {
	case x.Version != version || x.Go != goVersion:
		return nil, fmt.Errorf("the stored calibration is of axbench %s with %s, this is %s with %s", x.Version, x.Go, version, goVersion)
	case age > CalibrationAge:
		return nil, fmt.Errorf("the stored calibration is %d days old, at most %d are good", int(age.Hours()/24), int(CalibrationAge.Hours()/24))
	case age < -24*time.Hour:
		return nil, fmt.Errorf("the stored calibration is of %s, which is yet to come", x.Measured.UTC().Format(time.DateOnly))
	}
	return x, nil
}

// String names a machine as a person would.
func (m Machine) String() string {
	s := fmt.Sprintf("%s/%s, %d cores, GOMAXPROCS %d", m.OS, m.Arch, m.Cores, m.MaxProcs)
	if m.CPU != "" {
		s += ", " + m.CPU
	}
	return s
}

// Put makes x the entry of its machine.
func (c *Calibrations) Put(x Calibration) {
	c.Forget(x.Machine)
	c.Machines = append(c.Machines, x)
}

// Forget takes out the entry of a machine and tells whether there was one.
func (c *Calibrations) Forget(m Machine) bool {
	n := len(c.Machines)
	c.Machines = slices.DeleteFunc(c.Machines, func(x Calibration) bool { return x.Machine == m })
	return len(c.Machines) < n
}

// ReadCalibrations reads calibration.json. A file that is not there is empty. An error is a *RecordError where it is about what the
// file says: another schema, or a ceiling that is none.
func ReadCalibrations(path string) (*Calibrations, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Calibrations{Schema: CalibrationSchema, Machines: []Calibration{}}, nil
	}
	if err != nil {
		return nil, err
	}
	c := &Calibrations{}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, &RecordError{File: path, Line: lineOf(data, err), Err: err}
	}
	if c.Schema != CalibrationSchema {
		return nil, &RecordError{File: path, Err: fmt.Errorf("schema is %q, this program reads %q", c.Schema, CalibrationSchema)}
	}
	for i := range c.Machines {
		for _, ceiling := range []*Ceiling{c.Machines[i].Emulator, c.Machines[i].Responder} {
			if ceiling != nil && !ceiling.sound() {
				return nil, &RecordError{File: path, Err: fmt.Errorf("entry %d has a ceiling of %v/s between %v and its high end", i+1, ceiling.Value, ceiling.Low)}
			}
		}
	}
	return c, nil
}

// sound tells whether the ends are in their order.
func (c *Ceiling) sound() bool {
	return c.Low > 0 && c.Low <= c.Value && (c.High == nil || c.Value <= *c.High)
}

// WriteCalibrations replaces calibration.json, whole or not at all, and makes the folder that it is in.
func WriteCalibrations(path string, c *Calibrations) error {
	c.Schema = CalibrationSchema
	orEmpty(&c.Machines)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return WriteFile(path, b.Bytes(), 0o644)
}
