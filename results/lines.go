package results

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// RecordError says where a file of a run directory cannot be read.
type RecordError struct {
	File string
	Line int // from 1; 0 where it is about the whole file
	Err  error
}

// Error returns "file:line: problem".
func (e *RecordError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap returns the problem.
func (e *RecordError) Unwrap() error { return e.Err }

var errLongLine = errors.New("line is longer than any record")

// lines reads a file line by line and knows where it is. Its memory is the longest line.
type lines struct {
	r    *bufio.Reader
	file string
	n    int
	buf  []byte
	torn bool // the file ended in the middle of a line, which was not returned
}

func newLines(r io.Reader, file string) *lines {
	return &lines{r: bufio.NewReaderSize(r, 64<<10), file: file}
}

// next returns the next whole line without its end, valid until the next call, or io.EOF.
func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	l.n++
	for {
		part, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		switch {
		case err == nil:
			return l.buf[:len(l.buf)-1], nil
		case len(l.buf) > maxLogLine:
			return nil, l.wrap(errLongLine)
		case err == io.EOF:
			l.torn = len(l.buf) > 0
			return nil, io.EOF
		case err != bufio.ErrBufferFull:
			return nil, l.wrap(err)
		}
	}
}

// wrap adds file and line to an error.
func (l *lines) wrap(err error) error { return &RecordError{File: l.file, Line: l.n, Err: err} }
