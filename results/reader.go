package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
)

// AllPhases stands for every phase of a run, warm-up included, where a phase is asked for.
const AllPhases = "*"

// maxSecond takes every second of a log.
const maxSecond = math.MaxInt64

// Record is a run directory as read: run.json and the merged histograms. Reading it is safe for concurrent use as long
// as nobody changes Run.
type Record struct {
	Dir string
	Run Run

	tags map[string]*Histogram
}

// Open reads the run directory dir. Of a run that was killed, one whose run.json has no end, it counts what timeline.ndjson holds, sets the verdict to
// partial and says in Run.Notes what was put together and what was left out. An error is a *RecordError with file and
// line where it is about a record.
func Open(dir string) (*Record, error) {
	run, err := ReadRun(dir)
	if err != nil {
		return nil, err
	}
	rec := &Record{Dir: dir, Run: *run}
	last := int64(maxSecond)
	killed := run.Ended == nil
	if killed {
		if last, err = rec.rebuild(); err != nil {
			return nil, err
		}
	}
	if err := rec.readIntervals(last); err != nil {
		return nil, err
	}
	if killed {
		rec.followUpCodes()
		rec.Summarise()
	}
	return rec, nil
}

// ReadRun reads and checks run.json of dir, and nothing else.
func ReadRun(dir string) (*Run, error) {
	data, err := os.ReadFile(filepath.Join(dir, RunFile))
	if err != nil {
		return nil, err
	}
	run := &Run{}
	if err := json.Unmarshal(data, run); err != nil {
		return nil, &RecordError{File: filepath.Join(dir, RunFile), Line: lineOf(data, err), Err: err}
	}
	if run.Schema != Schema {
		err := fmt.Errorf("schema is %q, this program reads %q", run.Schema, Schema)
		return nil, &RecordError{File: filepath.Join(dir, RunFile), Err: err}
	}
	run.complete()
	return run, nil
}

// lineOf returns the line, from 1, that an error of encoding/json is about, or 0.
func lineOf(data []byte, err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return 0
	}
	return 1 + bytes.Count(data[:offset], []byte("\n"))
}

func (r *Record) readIntervals(last int64) error {
	path := filepath.Join(r.Dir, IntervalFile)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	tags, torn, err := mergeLog(f, path, last)
	if err != nil {
		return err
	}
	r.tags = tags
	r.noteTorn(IntervalFile, torn)
	return nil
}

// EachInterval reads intervals.hlog and calls f for each interval of the tags that want is true for, nil for all of them, in the
// order of the file, that is by second; an error of f ends it and is returned with the line. Tags that are not wanted are not
// decoded, which is most of the work. The histogram is f's to read until it returns; the next interval comes in the same one. The
// seconds are those of Timeline; of a run that was killed there may be one more, which Timeline does not have.
func (r *Record) EachInterval(want func(phase, clock, code string) bool, f func(second int64, phase, clock, code string, h *Histogram) error) error {
	path := filepath.Join(r.Dir, IntervalFile)
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = readLog(file, path, maxSecond, want, func(second int64, tag string, h *Histogram) error {
		phase, clock, code, err := ParseTag(tag)
		if err != nil {
			return err
		}
		return f(second, phase, clock, code, h)
	})
	return err
}

func (r *Record) noteTorn(file string, torn bool) {
	if torn {
		r.Run.Notes = append(r.Run.Notes, file+": the last line is not whole and was left out")
	}
}

// Histogram returns what was recorded under phase, clock and code (see TagOf), merged over the run, or nil if nothing
// was. Phase "" means all recorded phases together, AllPhases every phase. The result must not be changed.
func (r *Record) Histogram(phase, clock, code string) *Histogram {
	if phase != "" && phase != AllPhases {
		return r.tags[TagOf(phase, clock, code)]
	}
	var found []*Histogram
	for i := range r.Run.Phases {
		if p := &r.Run.Phases[i]; p.Recorded || phase == AllPhases {
			if h := r.tags[TagOf(p.Name, clock, code)]; h != nil {
				found = append(found, h)
			}
		}
	}
	return MergeAll(found...)
}

// MergeAll returns the histograms as one, nil if none holds a value. Nil ones are passed over. With a single one the
// result is that one itself.
func MergeAll(list ...*Histogram) *Histogram {
	var merged *Histogram
	own := false
	for _, h := range list {
		switch {
		case h == nil || h.Count() == 0:
		case merged == nil:
			merged = h
		default:
			if !own {
				first := merged
				merged, own = NewHistogram(), true
				_ = merged.Merge(first)
			}
			_ = merged.Merge(h) // one geometry: it fails only for counts beyond int64
		}
	}
	return merged
}

// Bounds returns the elapsed times of the calls of a phase that never came to an end (see OfferedSet), nil if there
// are none. Phase is as for Histogram.
func (r *Record) Bounds(phase string) *Histogram {
	list := make([]*Histogram, 0, len(BoundCodes))
	for _, code := range BoundCodes {
		list = append(list, r.Histogram(phase, ClockBound, code))
	}
	return MergeAll(list...)
}

// Offered returns the latency "offered" of a phase as a set to be asked for ranks. Phase is as for Histogram.
func (r *Record) Offered(phase string) *OfferedSet {
	return NewOfferedSet(r.Histogram(phase, Clocks[ClockResponse], CodeGood), r.Bounds(phase))
}

// Tags lists the tags of the histograms, sorted.
func (r *Record) Tags() []string {
	list := make([]string, 0, len(r.tags))
	for tag := range r.tags {
		list = append(list, tag)
	}
	sort.Strings(list)
	return list
}

// Timeline reads timeline.ndjson. A last line that a kill cut short is left out.
func (r *Record) Timeline() ([]Second, error) {
	seconds, _, err := readLines[Second](filepath.Join(r.Dir, TimelineFile))
	return seconds, err
}

// Evidence reads evidence.ndjson. A last line that a kill cut short is left out.
func (r *Record) Evidence() ([]Evidence, error) {
	list, _, err := readLines[Evidence](filepath.Join(r.Dir, EvidenceFile))
	return list, err
}

func readLines[T any](path string) (list []T, torn bool, err error) {
	torn, err = eachLine(path, func(v *T) error {
		list = append(list, *v)
		return nil
	})
	return list, torn, err
}

// eachLine decodes a file line by line; what it gives out is new each time.
func eachLine[T any](path string, f func(*T) error) (torn bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	return eachLineOf(file, path, f)
}

// eachLineOf is eachLine of what r holds, called path in errors.
func eachLineOf[T any](r io.Reader, path string, f func(*T) error) (torn bool, err error) {
	lines := newLines(r, path)
	for {
		data, err := lines.next()
		if err == io.EOF {
			return lines.torn, nil
		}
		if err != nil {
			return false, err
		}
		v := new(T)
		if err = json.Unmarshal(data, v); err == nil {
			err = f(v)
		}
		if err != nil {
			return false, lines.wrap(err)
		}
	}
}
