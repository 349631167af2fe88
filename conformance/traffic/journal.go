package traffic

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// JournalName is the journal's name in a run directory.
const JournalName = "bindings.journal"

// journalHead is the first line of a journal: its format.
const journalHead = "axbench.bindings/v1"

// Binding is what it takes to unbind a binding. It holds neither A nor B.
type Binding struct {
	SubsID, X, PoolKey string
	Expires            time.Time // zero when unknown
}

// unix returns when a binding ends by itself, 0 for unknown.
func (b *Binding) unix() int64 {
	if b.Expires.IsZero() {
		return 0
	}
	return b.Expires.Unix()
}

// Journal records the bindings of a run so that they can be unbound, also when the run was killed: a line when one was made,
// a line when it is gone. A line is in the file (not necessarily on the disk: it outlives the process, not a power cut) when
// the method returns. It is safe for concurrent use.
//
// Where files can be mapped, a line is copied into one; elsewhere it is written, and workers that come at the same time share
// one write.
type Journal struct {
	path   string
	mapped *mapped // nil where lines are written

	mu      sync.Mutex
	written sync.Cond
	f       *os.File
	err     error  // the first one; the journal is of no use after it
	buf     []byte // lines of the current batch
	spare   []byte
	batch   uint64 // number of the current batch
	done    uint64 // batches below this are in the file
	writing bool

	size    int64 // of what is in the file, without reserved space
	foreign bool  // lines of other journals are in it, some maybe twice: bound and unbound do not tell what is alive

	bound, unbound          int64
	firstExpiry, lastExpiry int64 // Unix seconds
}

// CreateJournal starts the journal of a run. The file must not exist; it is readable by its owner only.
func CreateJournal(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal of bindings: %w", err)
	}
	if _, err := f.WriteString(journalHead + "\n"); err != nil {
		f.Close()
		return nil, fmt.Errorf("journal of bindings: %w", err)
	}
	return newJournal(path, f, int64(len(journalHead))+1), nil
}

// newJournal goes on behind the first size bytes of f.
func newJournal(path string, f *os.File, size int64) *Journal {
	j := &Journal{path: path, f: f, mapped: newMapped(f, size), size: size, firstExpiry: math.MaxInt64, lastExpiry: math.MinInt64}
	j.written.L = &j.mu
	return j
}

// expires takes note of when a binding ends by itself, 0 for unknown.
func (j *Journal) expires(unix int64) {
	if unix == 0 {
		j.lastExpiry = math.MaxInt64
		return
	}
	j.firstExpiry = min(j.firstExpiry, unix)
	j.lastExpiry = max(j.lastExpiry, unix)
}

// Bound records a binding. expires may be zero for unknown.
func (j *Journal) Bound(subsID, x []byte, poolKey string, expires time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.bound++
	unix := int64(0)
	if !expires.IsZero() {
		unix = second(expires)
	}
	j.expires(unix)
	j.buf = appendBound(j.buf, subsID, x, poolKey, unix)
	return j.commit()
}

// appendBound appends the line of a binding.
func appendBound[T string | []byte](dst []byte, subsID, x T, poolKey string, unix int64) []byte {
	b := append(dst, '+', ' ')
	b = appendField(b, subsID)
	b = append(b, ' ')
	b = appendField(b, x)
	b = append(b, ' ')
	b = appendField(b, poolKey)
	b = append(b, ' ')
	b = strconv.AppendInt(b, unix, 10)
	return append(b, '\n')
}

// Unbound records that a binding is gone.
func (j *Journal) Unbound(subsID string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.unbound++
	j.buf = AppendUnbound(j.buf, subsID)
	return j.commit()
}

// AppendUnbound appends the line of a binding that is gone, as Journal.Append takes it.
func AppendUnbound(dst []byte, subsID string) []byte {
	b := append(dst, '-', ' ')
	b = appendField(b, subsID)
	return append(b, '\n')
}

// commit returns when the current batch is in the file. Where lines are written, the first worker writes what all have added
// meanwhile. The caller holds the lock.
func (j *Journal) commit() error {
	if j.mapped != nil && j.f != nil {
		err := j.mapped.append(j.buf)
		if err != nil && j.err == nil {
			j.err = fmt.Errorf("journal of bindings: %w", err)
		}
		if j.err == nil {
			j.size += int64(len(j.buf))
		}
		j.buf = j.buf[:0]
		return j.err
	}
	mine := j.batch
	for j.done <= mine && j.err == nil {
		if j.writing {
			j.written.Wait()
			continue
		}
		if j.f == nil {
			return errors.New("journal of bindings: closed")
		}
		lines := j.buf
		j.buf, j.spare = j.spare[:0], nil
		j.batch++
		j.writing = true
		j.mu.Unlock()
		_, err := j.f.Write(lines)
		j.mu.Lock()
		j.writing = false
		j.spare = lines[:0]
		if err != nil {
			j.err = fmt.Errorf("journal of bindings: %w", err)
		} else {
			j.done = j.batch
			j.size += int64(len(lines))
		}
		j.written.Broadcast()
	}
	return j.err
}

// Close closes the journal and deletes the file when no binding in it can be alive at now.
func (j *Journal) Close(now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.f == nil {
		return j.err
	}
	for j.writing {
		j.written.Wait()
	}
	err := j.err
	if j.mapped != nil {
		err = errors.Join(err, j.mapped.close())
	}
	err = errors.Join(err, j.f.Close())
	j.f = nil
	if err == nil && j.empty(now) {
		err = os.Remove(j.path)
	}
	return err
}

// maxReread is the size up to which a journal is read again to see whether it is empty.
const maxReread = 64 << 20

// empty reports whether no binding can be alive at now: all are gone, all are expired, or each is one of the two.
func (j *Journal) empty(now time.Time) bool {
	if j.unbound >= j.bound && !j.foreign || j.lastExpiry <= now.Unix() {
		return true
	}
	if now.Unix() < j.firstExpiry && !j.foreign { // none of those that are left has expired
		return false
	}
	if info, err := os.Stat(j.path); err != nil || info.Size() > maxReread {
		return false
	}
	list, err := ReadJournal(j.path)
	return err == nil && !slices.ContainsFunc(list, func(b Binding) bool {
		return b.Expires.IsZero() || now.Before(b.Expires)
	})
}

// appendField appends a field of a line: bytes other than [A-Za-z0-9._-] as %XX, nothing as a lone %.
func appendField[T string | []byte](dst []byte, s T) []byte {
	if len(s) == 0 {
		return append(dst, '%')
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if isAlnum(c) || c == '.' || c == '_' || c == '-' {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', lowerHex[c>>4], lowerHex[c&15])
		}
	}
	return dst
}

// parseField reads what appendField writes.
func parseField(s string) (string, bool) {
	if s == "" {
		return "", false
	}
	if s == "%" {
		return "", true
	}
	if strings.IndexByte(s, '%') < 0 {
		return s, true
	}
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		v, ok := hexValue([]byte(s[i+1 : i+3]))
		if !ok {
			return "", false
		}
		b = append(b, byte(v))
		i += 2
	}
	return string(b), true
}

// ReadJournal returns the bindings that the journal does not say are gone, in the order in which they were made; expired ones
// too. What stands behind the last line feed is ignored: a line that was cut off by a kill, or space that was reserved. An error names file and line.
func ReadJournal(path string) ([]Binding, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("journal of bindings: %w", err)
	}
	defer f.Close()
	list, _, err := readJournal(path, f)
	return list, err
}

// maxLine is longer than any line that an answer within the limits of wire can cause.
const maxLine = 8 << 20

// readJournal also returns how many bytes the whole lines take.
func readJournal(path string, r io.Reader) (list []Binding, whole int64, err error) {
	type numbered struct {
		Binding
		n int
	}
	live := map[string]numbered{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	lines.Split(wholeLines)
	n := 0
	for ; lines.Scan(); n++ {
		line := lines.Text()
		whole += int64(len(line)) + 1
		bad := func() ([]Binding, int64, error) {
			return nil, 0, fmt.Errorf("journal of bindings: %s:%d: not a line of %s", path, n+1, journalHead)
		}
		if n == 0 {
			if line != journalHead {
				return bad()
			}
			continue
		}
		b, made, ok := parseLine(line)
		switch {
		case !ok:
			return bad()
		case made:
			live[b.SubsID] = numbered{b, n}
		default:
			delete(live, b.SubsID)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, 0, fmt.Errorf("journal of bindings: %s:%d: %w", path, n+1, err)
	}
	order := make([]numbered, 0, len(live))
	for _, b := range live {
		order = append(order, b)
	}
	slices.SortFunc(order, func(a, b numbered) int { return a.n - b.n })
	for _, b := range order {
		list = append(list, b.Binding)
	}
	return list, whole, nil
}

// wholeLines splits at line ends and drops what stands behind the last one.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}

func parseLine(line string) (b Binding, made, ok bool) {
	f := strings.Split(line, " ")
	switch {
	case len(f) == 2 && f[0] == "-":
		b.SubsID, ok = parseField(f[1])
		return b, false, ok
	case len(f) == 5 && f[0] == "+":
		var ok1, ok2, ok3 bool
		b.SubsID, ok1 = parseField(f[1])
		b.X, ok2 = parseField(f[2])
		b.PoolKey, ok3 = parseField(f[3])
		unix, err := strconv.ParseInt(f[4], 10, 64)
		if unix != 0 {
			b.Expires = time.Unix(unix, 0)
		}
		return b, true, ok1 && ok2 && ok3 && err == nil
	}
	return b, false, false
}

// resumeJournal opens a journal to go on with it: a torn last line is cut off, and an empty file (killed at once) gets its
// first line.
func resumeJournal(path string) (*Journal, []Binding, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("journal of bindings: %w", err)
	}
	list, whole, err := readJournal(path, f)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil && whole == 0 {
		_, err = f.WriteString(journalHead + "\n")
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("journal of bindings: %w", err)
	}
	j := newJournal(path, f, max(whole, int64(len(journalHead))+1))
	j.bound = int64(len(list))
	for i := range list {
		j.expires(list[i].unix())
	}
	return j, list, nil
}
