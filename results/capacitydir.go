package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// CreateCapacity makes the directory of a search for capacity (its parents too; an empty one may be there already) and writes a
// capacity.json that says that the search goes on. WriteCapacity replaces it as often as there is something new to say.
func CreateCapacity(dir string, c *Capacity) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: a search writes into a directory of its own", dir)
	}
	return WriteCapacity(dir, c)
}

// WriteCapacity replaces capacity.json in dir, whole or not at all. It sets the schema, makes the verdict partial where there is none and
// writes absent lists as empty ones.
func WriteCapacity(dir string, c *Capacity) error {
	c.Schema = CapacitySchema
	if c.Verdict == "" {
		c.Verdict = VerdictPartial
	}
	c.complete()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("%s: %w", CapacityFile, err)
	}
	return WriteFile(filepath.Join(dir, CapacityFile), b.Bytes(), 0o644)
}

// complete makes absent lists empty.
func (c *Capacity) complete() {
	for _, list := range []*[]string{&c.Rules, &c.Reasons, &c.Notes} {
		if *list == nil {
			*list = []string{}
		}
	}
	if c.Curve == nil {
		c.Curve = []Probe{}
	}
	for i := range c.Curve {
		p := &c.Curve[i]
		if p.Reasons == nil {
			p.Reasons = []string{}
		}
		if p.Codes == nil {
			p.Codes = []CodeShare{}
		}
	}
}

// OpenCapacity reads the directory of a search for capacity. An error is a *RecordError where it is about the record.
func OpenCapacity(dir string) (*CapacityRecord, error) {
	file := filepath.Join(dir, CapacityFile)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	rec := &CapacityRecord{Dir: dir}
	if err := json.Unmarshal(data, &rec.Capacity); err != nil {
		return nil, &RecordError{File: file, Line: lineOf(data, err), Err: err}
	}
	switch c := &rec.Capacity; {
	case c.Schema != CapacitySchema:
		return nil, &RecordError{File: file, Err: fmt.Errorf("schema is %q, this program reads %q", c.Schema, CapacitySchema)}
	case c.Verdict == "":
		return nil, &RecordError{File: file, Err: errors.New("it has no verdict")}
	}
	rec.Capacity.complete()
	return rec, nil
}

// IsCapacityDir tells whether dir holds a search for capacity, read or not.
func IsCapacityDir(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, CapacityFile))
	return err == nil && info.Mode().IsRegular()
}
