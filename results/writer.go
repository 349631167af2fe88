package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Writer appends to a run directory while the run goes on. AppendSecond, AppendFragment, Tap, TapRest and Finish are for one goroutine;
// AppendEvidence is safe for concurrent use with everything.
type Writer struct {
	dir     string
	started time.Time

	timeline, intervals *os.File
	line, log           []byte // scratch: what one second appends
	encoder             *encoder
	set                 *tagSet // everything appended
	last                int64   // second appended last, -1 for none
	lastNS              int64   // when it ended, since the start
	tap                 func(Fragment)

	mu       sync.Mutex
	evidence *os.File
	lines    int
	tapped   bool
	untapped []byte // evidence that no fragment has yet
}

// Create makes the run directory (its parents too; an empty one may be there already), writes run.json with verdict
// partial and opens the other files. Of run it keeps nothing but Started.
func Create(dir string, run *Run) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty: a run writes into a directory of its own", dir)
	}
	w := &Writer{dir: dir, started: run.Started, encoder: newEncoder(), set: newTagSet(), last: -1}
	for _, file := range []struct {
		name string
		into **os.File
	}{{TimelineFile, &w.timeline}, {IntervalFile, &w.intervals}, {EvidenceFile, &w.evidence}} {
		if *file.into, err = os.OpenFile(filepath.Join(dir, file.name), os.O_WRONLY|os.O_CREATE|os.O_APPEND|os.O_EXCL, 0o644); err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	head, err := logHeader(run.Started)
	if err == nil {
		_, err = w.intervals.Write(head)
	}
	if err == nil {
		partial := *run
		partial.Verdict, partial.ExitCode = VerdictPartial, nil
		err = WriteRun(dir, &partial)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Dir returns the run directory.
func (w *Writer) Dir() string { return w.dir }

// AppendSecond appends one second of the run, from start to end: a line of timeline.ndjson for every phase in lines and
// an interval for every histogram. All lines are of the same second T. It writes once to each file, intervals first, so
// a killed run has whole lines, and histograms at most one second longer than the timeline (which Open leaves out).
// Empty histograms are passed over. Nothing passed in is kept.
func (w *Writer) AppendSecond(start, end time.Time, lines []Second, intervals []Interval) error {
	w.log, w.line = w.log[:0], w.line[:0]
	if len(lines) > 0 {
		w.log = fmt.Appendf(w.log, "%s%d]\n", secondPrefix, lines[0].T)
	}
	var err error
	for i := range intervals {
		if err = w.interval(start.Sub(w.started), end.Sub(start), &intervals[i]); err != nil {
			return err
		}
	}
	for i := range lines {
		if w.line, err = appendJSON(w.line, &lines[i]); err != nil {
			return fmt.Errorf("%s: %w", TimelineFile, err)
		}
	}
	if w.intervals == nil {
		return fmt.Errorf("append a second: %w", os.ErrClosed)
	}
	if _, err = w.intervals.Write(w.log); err != nil {
		return fmt.Errorf("append a second: %w", err)
	}
	if _, err = w.timeline.Write(w.line); err != nil {
		return fmt.Errorf("append a second: %w", err)
	}
	if len(lines) > 0 {
		w.last = lines[0].T
	}
	w.lastNS = int64(end.Sub(w.started))
	w.tapSecond()
	return nil
}

// interval puts one histogram into the log of this second and into what was appended so far.
func (w *Writer) interval(offset, length time.Duration, iv *Interval) (err error) {
	if iv.H == nil || iv.H.Count() == 0 {
		return nil
	}
	if iv.Phase == "" || iv.Clock == "" || iv.Code == "" {
		return fmt.Errorf("interval without a name: phase %q, clock %q, code %q", iv.Phase, iv.Clock, iv.Code)
	}
	tag := TagOf(iv.Phase, iv.Clock, iv.Code)
	sparse := *iv.H
	sparse.dense, sparse.sparse = nil, w.encoder.sparse(iv.H)
	if w.log, err = w.encoder.appendInterval(w.log, offset, length, tag, &sparse); err != nil {
		return err
	}
	return w.set.add(tag, &sparse)
}

// AppendEvidence appends one exchange and returns its line, from 1. It is safe for concurrent use.
func (w *Writer) AppendEvidence(e *Evidence) (line int, err error) {
	data, err := appendJSON(nil, e)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", EvidenceFile, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.evidence == nil {
		return 0, fmt.Errorf("append evidence: %w", os.ErrClosed)
	}
	if _, err := w.evidence.Write(data); err != nil {
		return 0, fmt.Errorf("append evidence: %w", err)
	}
	if w.tapped {
		w.untapped = append(w.untapped, data...)
	}
	w.lines++
	return w.lines, nil
}

// Record returns what was appended with run in place of run.json: what the judge needs at the end of a run. It is what
// Open would read, without reading it. Run is copied; its slices are shared. AppendSecond must not be called afterwards.
func (w *Writer) Record(run *Run) *Record {
	return &Record{Dir: w.dir, Run: *run, tags: w.set.tags}
}

// Finish replaces run.json, after everything appended is on disk. A run without a verdict stays partial: then another
// Finish, or WriteRun, is to follow with one. Files may have been closed before.
func (w *Writer) Finish(run *Run) error {
	for _, f := range w.files() {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return WriteRun(w.dir, run)
}

// Close brings the files to disk and closes them, once. The directory stays, partial unless Finish was called.
func (w *Writer) Close() error {
	var errs []error
	for _, f := range w.files() {
		errs = append(errs, f.Sync(), f.Close())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timeline, w.intervals, w.evidence = nil, nil, nil
	return errors.Join(errs...)
}

// files lists the open files.
func (w *Writer) files() []*os.File {
	return slices.DeleteFunc([]*os.File{w.timeline, w.intervals, w.evidence}, func(f *os.File) bool { return f == nil })
}

// appendJSON appends v as one line. Signs like < stay as they are: renderers escape for their own format.
func appendJSON(dst []byte, v any) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// WriteRun replaces run.json in dir. Absent lists are written as empty ones, an absent verdict as partial.
func WriteRun(dir string, run *Run) error {
	run.Schema = Schema
	if run.Verdict == "" {
		run.Verdict = VerdictPartial
	}
	run.complete()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(run); err != nil {
		return fmt.Errorf("%s: %w", RunFile, err)
	}
	return WriteFile(filepath.Join(dir, RunFile), b.Bytes(), 0o644)
}

// complete makes every list and map that readers may walk an empty one instead of null.
func (r *Run) complete() {
	orEmpty(&r.Reasons)
	orEmpty(&r.Notes)
	orEmpty(&r.Phases)
	orEmpty(&r.Violations)
	orEmpty(&r.Unique)
	orEmpty(&r.SLOs)
	r.Totals.complete()
	r.FollowUps.complete()
	if r.Fleet != nil {
		orEmpty(&r.Fleet.Gaps)
		orEmpty(&r.Fleet.Generators)
	}
	for i := range r.Phases {
		r.Phases[i].complete()
	}
}

func (p *Phase) complete() {
	orEmpty(&p.Codes)
	if p.Latency == nil {
		p.Latency = Latency{}
	}
	for i := range p.Codes {
		orEmpty(&p.Codes[i].HTTPStatus)
	}
}

func orEmpty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
