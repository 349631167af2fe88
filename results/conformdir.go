package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// MaxConformEvidence bounds evidence.ndjson of a conformance run, in bytes.
const MaxConformEvidence = 64 << 20

// ConformWriter appends the exchanges of a conformance run to its directory. It is safe for concurrent use.
type ConformWriter struct {
	dir string

	mu    sync.Mutex
	file  *os.File
	size  int64
	limit int64
	lines int
	left  int64
}

// CreateConform makes the directory of a conformance run (its parents too; an empty one may be there already), opens
// evidence.ndjson and writes a conform.json that says that the run has not ended, so that what a kill leaves behind is
// known for what it is. WriteConform replaces it at the end. Nothing of c is kept or changed.
func CreateConform(dir string, c *Conform) (*ConformWriter, error) {
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
	f, err := os.OpenFile(filepath.Join(dir, EvidenceFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	partial := *c
	partial.Partial, partial.Headline, partial.ExitCode = true, HeadlineInconclusive, ExitNoData
	partial.Clauses, partial.Cases = nil, nil // without a verdict they say nothing
	partial.Reasons = []string{"The run has not ended: it is still going on or was killed."}
	if err := writeConform(dir, &partial); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &ConformWriter{dir: dir, file: f, limit: MaxConformEvidence}, nil
}

// Dir returns the directory.
func (w *ConformWriter) Dir() string { return w.dir }

// AppendExchange appends one exchange and returns its line, from 1, which it writes in place of e.Line. Once an exchange does
// not fit into MaxConformEvidence neither it nor any later one is written, and the line is 0; so it is for one that is
// longer than a reader takes. e is neither kept nor changed.
func (w *ConformWriter) AppendExchange(e *Exchange) (line int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return 0, fmt.Errorf("append evidence: %w", os.ErrClosed)
	}
	numbered := *e
	numbered.Line = w.lines + 1
	data, err := appendJSON(nil, &numbered)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", EvidenceFile, err)
	}
	if len(data) > maxLogLine {
		w.left++
		return 0, nil
	}
	if w.size+int64(len(data)) > w.limit {
		w.limit = 0 // what is written is the beginning of the run, without gaps
		w.left++
		return 0, nil
	}
	if _, err := w.file.Write(data); err != nil {
		return 0, fmt.Errorf("append evidence: %w", err)
	}
	w.size += int64(len(data))
	w.lines++
	return w.lines, nil
}

// Left returns how many exchanges were not written for want of room.
func (w *ConformWriter) Left() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.left
}

// Close brings evidence.ndjson to disk and closes it, once. It comes before WriteConform.
func (w *ConformWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.file.Sync(), w.file.Close())
	w.file = nil
	return err
}

// WriteConform replaces conform.json in dir, whole or not at all. It sets the schema, ends Partial, counts the verdicts of
// c.Clauses into c.Counts and writes absent lists as empty ones.
func WriteConform(dir string, c *Conform) error {
	c.Partial = false
	return writeConform(dir, c)
}

func writeConform(dir string, c *Conform) error {
	c.Schema = ConformSchema
	c.complete()
	c.Counts = CountWords(c.Clauses)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("%s: %w", ConformFile, err)
	}
	return WriteFile(filepath.Join(dir, ConformFile), b.Bytes(), 0o644)
}

// CountWords counts the clauses of each verdict. Every word of ClauseWords is in the result.
func CountWords(clauses []ClauseResult) WordCounts {
	counts := WordCounts{}
	for _, w := range ClauseWords {
		counts[w] = 0
	}
	for i := range clauses {
		counts[clauses[i].Verdict]++
	}
	return counts
}

// IsConformDir tells whether dir holds a conform.json, of whatever form: whether it is to be read by OpenConform.
func IsConformDir(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, ConformFile))
	return err == nil && !info.IsDir()
}

// ConformRecord is the directory of a conformance run as read.
type ConformRecord struct {
	Dir       string
	Conform   Conform
	Exchanges []Exchange // evidence.ndjson, line 1 first
}

// Exchange returns the exchange of a line of evidence.ndjson, from 1, nil for 0 and for one that was not kept.
func (r *ConformRecord) Exchange(line int) *Exchange {
	if line < 1 || line > len(r.Exchanges) {
		return nil
	}
	return &r.Exchanges[line-1]
}

// OpenConform reads the directory of a conformance run: conform.json, whose counts must agree with its clauses, and
// evidence.ndjson, whose lines must be numbered as they stand and reach as far as conform.json refers to. Only of a run that
// did not end (Conform.Partial) a last line that is not whole is left out, which Notes then say. An error is a *RecordError with
// file and line where it is about a record.
func OpenConform(dir string) (*ConformRecord, error) {
	c, err := ReadConform(dir)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(dir, EvidenceFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readRecord(dir, c, file)
}

// ParseConform reads what OpenConform reads from a directory: the bytes of conform.json and of evidence.ndjson.
func ParseConform(conform, evidence []byte) (*ConformRecord, error) {
	c, err := parseConform(ConformFile, conform)
	if err != nil {
		return nil, err
	}
	return readRecord("", c, bytes.NewReader(evidence))
}

func readRecord(dir string, c *Conform, evidence io.Reader) (*ConformRecord, error) {
	rec := &ConformRecord{Dir: dir, Conform: *c}
	path := filepath.Join(dir, EvidenceFile)
	torn, err := eachLineOf(evidence, path, func(e *Exchange) error {
		rec.Exchanges = append(rec.Exchanges, *e)
		if n := len(rec.Exchanges); e.Line != n {
			return fmt.Errorf("the exchange says that it is line %d", e.Line)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if torn && !c.Partial {
		return nil, &RecordError{File: path, Line: len(rec.Exchanges) + 1, Err: errors.New("the last line is not whole")}
	}
	if torn {
		rec.Conform.Notes = append(rec.Conform.Notes, EvidenceFile+": the last line is not whole and was left out")
	}
	if err := rec.checkLines(); err != nil {
		return nil, &RecordError{File: filepath.Join(dir, ConformFile), Err: err}
	}
	return rec, nil
}

// checkLines finds references to lines that evidence.ndjson does not have.
func (r *ConformRecord) checkLines() error {
	check := func(clause string, line int) error {
		if line < 0 || line > len(r.Exchanges) {
			return fmt.Errorf("clause %s refers to line %d of %s, which has %d", clause, line, EvidenceFile, len(r.Exchanges))
		}
		return nil
	}
	for i := range r.Conform.Clauses {
		c := &r.Conform.Clauses[i]
		for _, line := range c.Evidence {
			if err := check(c.ID, line); err != nil {
				return err
			}
		}
		for k := range c.Observations {
			if err := check(c.ID, c.Observations[k].Evidence); err != nil {
				return err
			}
		}
	}
	return nil
}

// ReadConform reads and checks conform.json of dir, and nothing else.
func ReadConform(dir string) (*Conform, error) {
	path := filepath.Join(dir, ConformFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no directory of a conformance run: it has no %s: %w", dir, ConformFile, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	return parseConform(path, data)
}

func parseConform(path string, data []byte) (*Conform, error) {
	c := &Conform{}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, &RecordError{File: path, Line: lineOf(data, err), Err: err}
	}
	if c.Schema != ConformSchema {
		return nil, &RecordError{File: path, Err: fmt.Errorf("schema is %q, this program reads %q", c.Schema, ConformSchema)}
	}
	if err := c.checkCounts(); err != nil {
		return nil, &RecordError{File: path, Err: err}
	}
	c.complete()
	return c, nil
}

// checkCounts holds the counts against the clauses: where they differ, somebody has changed one of them.
func (c *Conform) checkCounts() error {
	counts := CountWords(c.Clauses)
	if len(counts) != len(ClauseWords) {
		for i := range c.Clauses {
			if r := &c.Clauses[i]; !r.Verdict.Known() {
				return fmt.Errorf("clause %s has the verdict %q, which is none", r.ID, string(r.Verdict))
			}
		}
	}
	for _, w := range ClauseWords {
		if c.Counts[w] != counts[w] {
			return fmt.Errorf("counts says %d %s, and %d clauses have that verdict", c.Counts[w], w, counts[w])
		}
	}
	return nil
}

// Known tells whether w is one of ClauseWords.
func (w ClauseWord) Known() bool {
	for _, known := range ClauseWords {
		if w == known {
			return true
		}
	}
	return false
}

// complete makes every list and map that readers may walk an empty one instead of null.
func (c *Conform) complete() {
	for _, list := range []*[]string{&c.Reasons, &c.Notes, &c.Profiles, &c.Codes.Missing, &c.Provisioning.Credentials, &c.Provisioning.Pools} {
		orEmpty(list)
	}
	if c.Provisioning.Unprovocable == nil {
		c.Provisioning.Unprovocable = map[string]string{}
	}
	orEmpty(&c.Clauses)
	orEmpty(&c.Cases)
	orEmpty(&c.Choices)
	orEmpty(&c.Changed)
	orEmpty(&c.Unique)
	orEmpty(&c.Known)
	for i := range c.Clauses {
		orEmpty(&c.Clauses[i].Observations)
		orEmpty(&c.Clauses[i].Evidence)
	}
	for i := range c.Cases {
		orEmpty(&c.Cases[i].Clauses)
	}
}
