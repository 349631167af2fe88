package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"axbench/results"
)

// maxHlogLine is far above the longest line of a log that results has read.
const maxHlogLine = 8 << 20

// RunHlog writes intervals.hlog of a run as it is: HdrHistogram log V2 with one interval a second and tag, which
// HistogramLogProcessor takes as they are (-tag 'main|response|good', -listtags, -start, -end). Nothing is merged, because such
// tools merge what they are asked for and only the single intervals give a curve over time.
//
// A last line that is not whole, which a kill leaves behind, is left out. Characters that a terminal would act on can stand in
// comments only; they become visible as by Escape.
func RunHlog(w io.Writer, rec *results.Record) error {
	path := filepath.Join(rec.Dir, results.IntervalFile)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriter(w)
	in := bufio.NewReaderSize(f, 64<<10)
	for n := 1; ; n++ {
		line, err := wholeLine(in)
		switch {
		case err == io.EOF:
			return out.Flush()
		case err != nil:
			return &results.RecordError{File: path, Line: n, Err: err}
		}
		out.WriteString(Escape(string(bytes.ReplaceAll(line, []byte("\r"), nil)))) // errors stay until Flush
		out.WriteByte('\n')
	}
}

// wholeLine returns the next line that ends in a line break, without it.
func wholeLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case err != bufio.ErrBufferFull:
			return nil, err
		case len(line) > maxHlogLine:
			return nil, fmt.Errorf("line is longer than %d bytes", maxHlogLine)
		}
	}
}
