package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Fragment is what one second of a run appended to its directory: whole lines of its files. It is how a run directory travels
// while it is written: the same fragments in the same order make the same files (Writer.Tap, Writer.AppendFragment).
type Fragment struct {
	T         int64  `json:"t"`      // second since the start, from 0
	EndNS     int64  `json:"end_ns"` // when it ended, since the start
	Timeline  []byte `json:"timeline,omitempty"`
	Intervals []byte `json:"intervals,omitempty"`
	Evidence  []byte `json:"evidence,omitempty"` // recorded since the second before

	read *fragment // what Read made of it
}

// fragment is a Fragment as read.
type fragment struct {
	lines     []Second
	intervals []Interval
	evidence  []Evidence
}

// Read takes the fragment apart. The bytes may come from anywhere: an error names the second, the file and the line in the fragment that is no
// record of this second. The work is done once, so neither the bytes nor what is returned may be changed afterwards. It is not safe
// for concurrent use.
func (f *Fragment) Read() (lines []Second, intervals []Interval, evidence []Evidence, err error) {
	if f.read == nil {
		var read fragment
		if f.T < 0 {
			return nil, nil, nil, fmt.Errorf("fragment of second %d: seconds begin with 0", f.T)
		}
		for _, part := range []struct {
			file string
			data []byte
			read func([]byte) error
		}{{TimelineFile, f.Timeline, func(b []byte) error { return readRecords(b, &read.lines, f.checkLine) }},
			{IntervalFile, f.Intervals, func(b []byte) (err error) { read.intervals, err = f.readIntervals(b); return err }},
			{EvidenceFile, f.Evidence, func(b []byte) error { return readRecords(b, &read.evidence, nil) }}} {
			if err := part.read(part.data); err != nil {
				var at *RecordError
				if errors.As(err, &at) {
					at.File = part.file
				}
				return nil, nil, nil, fmt.Errorf("fragment of second %d: %w", f.T, err)
			}
		}
		f.read = &read
	}
	return f.read.lines, f.read.intervals, f.read.evidence, nil
}

var errCutShort = errors.New("its last line is cut short")

// eachPart calls do for each line of data, all of which are to be whole.
func eachPart(data []byte, do func(line []byte) error) error {
	for n := 1; len(data) > 0; n++ {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		err := errCutShort
		if whole {
			err = do(line)
		}
		if err != nil {
			return &RecordError{Line: n, Err: err}
		}
		data = rest
	}
	return nil
}

// readRecords reads lines that are an object each.
func readRecords[T any](data []byte, into *[]T, check func(*T) error) error {
	return eachPart(data, func(line []byte) error {
		var v T
		if len(line) == 0 || line[0] != '{' {
			return errors.New("not an object")
		}
		if err := json.Unmarshal(line, &v); err != nil {
			return err
		}
		*into = append(*into, v)
		if check == nil {
			return nil
		}
		return check(&v)
	})
}

func (f *Fragment) checkLine(s *Second) error {
	switch {
	case s.T != f.T:
		return fmt.Errorf("it is of second %d", s.T)
	case s.Phase == "":
		return errors.New("it names no phase")
	}
	return nil
}

// decoders keep the memory of decompressors from one fragment to the next.
var decoders = sync.Pool{New: func() any { return newDecoder() }}

// readIntervals is stricter than a reader of logs: what no Writer appends in a second is no part of a fragment.
func (f *Fragment) readIntervals(data []byte) (list []Interval, err error) {
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	lr := &logReader{second: f.T, last: maxSecond, tags: map[string]knownTag{}, d: d, each: func(_ int64, tag string, d *decoder) (err error) {
		iv := Interval{H: NewHistogram()}
		if iv.Phase, iv.Clock, iv.Code, err = ParseTag(tag); err == nil {
			err = d.mergeInto(iv.H)
		}
		list = append(list, iv)
		return err
	}}
	err = eachPart(data, func(line []byte) error {
		text := string(line)
		switch {
		case lr.exact != nil && strings.HasPrefix(text, "#"):
			return errors.New("an interval is to follow exact figures")
		case strings.HasPrefix(text, exactPrefix), strings.HasPrefix(text, "Tag="):
			return lr.line(line)
		case text == secondPrefix+strconv.FormatInt(f.T, 10)+"]":
			return nil
		case strings.HasPrefix(text, secondPrefix):
			return fmt.Errorf("it begins another second: %q", text)
		}
		return errors.New("neither an interval nor what stands before one")
	})
	if err == nil && lr.exact != nil {
		err = errors.New("exact figures without an interval")
	}
	return list, err
}
