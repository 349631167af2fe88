package results

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Interval is what one tag recorded in one second.
type Interval struct {
	Phase, Clock, Code string
	H                  *Histogram
}

const (
	exactPrefix  = "#[Exact: "  // exact minimum, maximum, sum and overflow of the interval in the next line
	secondPrefix = "#[Second: " // the second of timeline.ndjson that the intervals behind it belong to
	maxLogLine   = 4 << 20      // far above the largest histogram of this geometry
)

// logHeader returns the head of intervals.hlog for a run that started at the given time.
func logHeader(started time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := hdr.NewHistogramLogWriter(&b)
	seconds := float64(started.UnixMilli()) / 1e3
	err := w.OutputComment("[" + Schema + ": nanoseconds, 1 us to 1 h, 3 digits; tags are phase|clock|code; Interval_Max is in ms]")
	if err == nil {
		err = w.OutputLogFormatVersion()
	}
	if err == nil { // by hand: the library's lines end at whole seconds
		_, err = fmt.Fprintf(&b, "#[StartTime: %.3f (seconds since epoch), %s]\n#[BaseTime: %.3f (seconds since epoch)]\n",
			seconds, started.UTC().Format(time.RFC3339Nano), seconds)
	}
	if err == nil {
		err = w.OutputLegend()
	}
	return b.Bytes(), err
}

// appendInterval appends the two lines of one interval. The library's log writer would cut Interval_Max to the
// bucket's end and knows no exact figures, so the line is put together here.
func (e *encoder) appendInterval(dst []byte, offset, length time.Duration, tag string, h *Histogram) ([]byte, error) {
	dst = fmt.Appendf(dst, "%s%d,%d,%d,%d]\n", exactPrefix, h.min, h.max, h.sum, h.overflow)
	dst = fmt.Appendf(dst, "Tag=%s,%.3f,%.3f,%.6f,", tag, offset.Seconds(), length.Seconds(), float64(h.max)/1e6)
	dst, err := e.append(dst, e.sparse(h))
	if err != nil {
		return dst, fmt.Errorf("encode %s: %w", tag, err)
	}
	return append(dst, '\n'), nil
}

// tagSet merges intervals into one histogram per tag.
type tagSet struct {
	tags   map[string]*Histogram
	merges map[string]int
	dense  int
	small  bool // none becomes dense
}

// A histogram that is merged into again and again is made dense, which takes a tenth of the time of a sparse one and
// 196 KB: after denseAfter times, for the first maxDense tags.
const (
	denseAfter = 30
	maxDense   = 64
)

func newTagSet() *tagSet { return &tagSet{tags: map[string]*Histogram{}, merges: map[string]int{}} }

func (s *tagSet) add(tag string, h *Histogram) error { return s.into(tag).Merge(h) }

// into returns the histogram that the next interval of tag is to be merged into.
func (s *tagSet) into(tag string) *Histogram {
	into := s.tags[tag]
	if into == nil {
		tag = strings.Clone(tag)
		into = NewHistogram()
		s.tags[tag] = into
	}
	if s.merges[tag]++; s.merges[tag] == denseAfter && s.dense < maxDense && !s.small {
		into.makeDense()
		s.dense++
	}
	return into
}

// logReader takes an intervals.hlog apart, a line at a time. Where it knows the second of an interval it passes over those
// behind last; an interval before the first comment of ours belongs to second 0.
type logReader struct {
	last   int64
	second int64
	exact  []int64
	tags   map[string]knownTag
	want   func(phase, clock, code string) bool
	each   func(second int64, tag string, d *decoder) error // d has read the interval
	d      *decoder
}

// knownTag is a tag that was found to be right.
type knownTag struct {
	name   string
	wanted bool
}

// readLog calls each for every interval of r, which is named file in errors. Seconds after last are left out, and so are tags that are
// not wanted; nil wants all. A last line without its end is left out as well and reported by torn. The histogram is valid until
// each returns.
func readLog(r io.Reader, file string, last int64, want func(phase, clock, code string) bool, each func(second int64, tag string, h *Histogram) error) (torn bool, err error) {
	return scanLog(r, file, &logReader{last: last, want: want, each: func(second int64, tag string, d *decoder) error {
		return each(second, tag, d.histogram())
	}})
}

// mergeLog is readLog into one histogram for each tag.
func mergeLog(r io.Reader, file string, last int64) (tags map[string]*Histogram, torn bool, err error) {
	set := newTagSet()
	torn, err = scanLog(r, file, &logReader{last: last, each: func(_ int64, tag string, d *decoder) error { return d.mergeInto(set.into(tag)) }})
	if err != nil {
		return nil, false, err
	}
	return set.tags, torn, nil
}

func scanLog(r io.Reader, file string, lr *logReader) (torn bool, err error) {
	lr.tags, lr.d = map[string]knownTag{}, newDecoder()
	lines := newLines(r, file)
	for {
		line, err := lines.next()
		if err == io.EOF {
			return lines.torn, nil
		}
		if err == nil {
			if err = lr.line(line); err != nil {
				err = lines.wrap(err)
			}
		}
		if err != nil {
			return false, err
		}
	}
}

func (lr *logReader) line(line []byte) error {
	switch {
	case len(line) == 0 || line[0] == '"':
		return nil
	case line[0] != '#':
		exact := lr.exact
		lr.exact = nil
		if lr.second > lr.last {
			return nil
		}
		return lr.interval(line, exact)
	}
	if text, ok := strings.CutPrefix(string(line), secondPrefix); ok {
		var err error
		lr.second, err = strconv.ParseInt(strings.TrimSuffix(text, "]"), 10, 64)
		return err
	}
	if text, ok := strings.CutPrefix(string(line), exactPrefix); ok {
		var err error
		lr.exact, err = parseExact(strings.TrimSuffix(text, "]"))
		return err
	}
	return nil // another comment
}

func parseExact(text string) ([]int64, error) {
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return nil, fmt.Errorf("exact figures %q are not min,max,sum,overflow", text)
	}
	exact := make([]int64, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("exact figures %q: %q is no count of nanoseconds", text, part)
		}
		exact[i] = n
	}
	if exact[0] > exact[1] {
		return nil, fmt.Errorf("exact figures %q: the minimum is above the maximum", text)
	}
	return exact, nil
}

// interval reads one line "Tag=…,start,length,max,payload".
func (lr *logReader) interval(line []byte, exact []int64) error {
	rest, ok := bytes.CutPrefix(line, []byte("Tag="))
	if !ok || bytes.Count(rest, []byte(",")) != 4 {
		return fmt.Errorf("not an interval: want Tag=phase|clock|code,start,length,max,histogram")
	}
	name, rest, _ := bytes.Cut(rest, []byte(","))
	for range 3 {
		var number []byte
		number, rest, _ = bytes.Cut(rest, []byte(","))
		if f, err := strconv.ParseFloat(string(number), 64); err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return fmt.Errorf("%q is no number of seconds or milliseconds", number)
		}
	}
	tag, known := lr.tags[string(name)]
	if !known {
		tag.name = string(name)
		phase, clock, code, err := ParseTag(tag.name)
		if err != nil {
			return err
		}
		tag.wanted = lr.want == nil || lr.want(phase, clock, code)
		lr.tags[tag.name] = tag
	}
	if !tag.wanted {
		return nil
	}
	if err := lr.d.read(rest, exact); err != nil {
		return err
	}
	return lr.each(lr.second, tag.name, lr.d)
}
