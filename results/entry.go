package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Kind says what a directory of the store is of.
type Kind string

// The kinds, by the file that makes a directory one.
const (
	KindRun      Kind = "run"      // run.json
	KindConform  Kind = "conform"  // conform.json
	KindCapacity Kind = "capacity" // capacity.json
)

// ConformScenario stands for the scenario of a conformance run, which has none.
const ConformScenario = "conform"

// Entry is the head of a directory: what a list shows of it, read from run.json, conform.json or capacity.json and tags alone. Texts
// are as the files have them and not escaped.
type Entry struct {
	Dir      string    `json:"dir"` // as it was asked for
	Name     string    `json:"name"`
	Kind     Kind      `json:"kind"`
	Scenario string    `json:"scenario"` // "conform" for a conformance run
	Digest   string    `json:"digest,omitempty"`
	Version  string    `json:"version"` // of axbench
	Target   string    `json:"target"`  // URL
	Started  time.Time `json:"started"`
	Partial  bool      `json:"partial"`   // it goes on, or was killed
	Verdict  string    `json:"verdict"`   // of a run or a search; the headline of a conformance run
	ExitCode *int      `json:"exit_code"` // null while it is partial
	Tags     []string  `json:"tags"`
	Figures  Figures   `json:"figures"`
}

// Figures are the first numbers of a run: of its recorded phase, where there are several of the one with the most calls. Of a search for
// capacity Rate is the rate that the target held. Nulls are not known.
type Figures struct {
	Phase   string   `json:"phase,omitempty"`
	Rate    *float64 `json:"rate"`    // sent a second
	Good    *float64 `json:"good"`    // share of planned
	Goodput *float64 `json:"goodput"` // a second
	P50NS   *int64   `json:"p50_ns"`  // offered
	P99NS   *int64   `json:"p99_ns"`
	Bound   bool     `json:"bound,omitempty"` // P99NS is to be read "> value"
}

// maxHead bounds what is read of a file whose head is wanted.
const maxHead = 64 << 20

// head is what ReadEntry takes from any of the three files. What the others of their fields hold is not looked at.
type head struct {
	Schema, Version, Scenario, Digest string
	Started                           time.Time
	Target                            struct{ URL string }
	Verdict, Headline                 string
	Partial                           bool
	ExitCode                          *int `json:"exit_code"`
	Phases                            []headPhase
	Rate                              struct{ Value *float64 } // of capacity.json
}

type headPhase struct {
	Name          string
	Recorded      bool
	Planned, Good int64
	Rate          struct{ Sent, Good float64 }
	Latency       struct {
		Offered *struct {
			Count    int64
			P50, P99 int64
			Bounds   []string
		}
	}
}

// ReadEntry reads the head of the directory of a run, a conformance run or a search for capacity, wherever it is and whatever it is
// called. An error is ErrNoRun, with the directory, where dir is none of them; a *RecordError where its file cannot be read.
func ReadEntry(dir string) (*Entry, error) {
	for _, of := range []struct {
		kind         Kind
		file, schema string
	}{{KindRun, RunFile, Schema}, {KindConform, ConformFile, ConformSchema}, {KindCapacity, CapacityFile, CapacitySchema}} {
		path := filepath.Join(dir, of.file)
		data, err := readHead(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, &RecordError{File: path, Err: err}
		}
		h := &head{}
		if err := json.Unmarshal(data, h); err != nil {
			return nil, &RecordError{File: path, Line: lineOf(data, err), Err: err}
		}
		if h.Schema != of.schema {
			return nil, &RecordError{File: path, Err: fmt.Errorf("schema is %q, this program reads %q", h.Schema, of.schema)}
		}
		return h.entry(dir, of.kind)
	}
	return nil, &NoRunError{Ref: dir, Why: "is no run directory: it has no " + RunFile + ", " + ConformFile + " or " + CapacityFile}
}

// readHead reads a file that may be anything: links, pipes and devices are refused.
func readHead(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxHead+1))
	if err == nil && len(data) > maxHead {
		err = fmt.Errorf("it is longer than %d bytes", maxHead)
	}
	return data, err
}

func (h *head) entry(dir string, kind Kind) (*Entry, error) {
	tags, err := ReadTags(dir)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	e := &Entry{
		Dir: dir, Name: filepath.Base(abs), Kind: kind, Scenario: h.Scenario, Digest: h.Digest, Version: h.Version, Target: h.Target.URL,
		Started: h.Started, Verdict: h.Verdict, ExitCode: h.ExitCode, Tags: tags, Partial: h.Partial || h.Verdict == string(VerdictPartial),
	}
	switch kind {
	case KindRun:
		e.Figures = h.figures()
	case KindConform:
		e.Scenario, e.Verdict = ConformScenario, h.Headline
		if h.Partial {
			e.ExitCode = nil
		}
	case KindCapacity:
		e.Figures.Rate = h.Rate.Value
	}
	return e, nil
}

// figures picks the phase that Figures tell of.
func (h *head) figures() (f Figures) {
	var most *headPhase
	for i := range h.Phases {
		if p := &h.Phases[i]; p.Recorded && (most == nil || p.Planned > most.Planned) {
			most = p
		}
	}
	if most == nil {
		return f
	}
	f.Phase, f.Rate, f.Goodput = most.Name, &most.Rate.Sent, &most.Rate.Good
	if most.Planned > 0 {
		good := float64(most.Good) / float64(most.Planned)
		f.Good = &good
	}
	if o := most.Latency.Offered; o != nil && o.Count > 0 {
		f.P50NS, f.P99NS = &o.P50, &o.P99
		for _, name := range o.Bounds {
			f.Bound = f.Bound || name == "p99"
		}
	}
	return f
}
