package results

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// decode reads one encoded histogram with a decoder of its own.
func decode(payload []byte, exact []int64) (*Histogram, error) {
	d := newDecoder()
	if err := d.read(payload, exact); err != nil {
		return nil, err
	}
	return d.histogram(), nil
}

// header returns the head of counts of the given size; change may alter it.
func header(size int, change func(head []byte)) []byte {
	head := make([]byte, headerV2)
	binary.BigEndian.PutUint32(head, cookieV2)
	binary.BigEndian.PutUint32(head[4:], uint32(size))
	binary.BigEndian.PutUint32(head[12:], digits)
	binary.BigEndian.PutUint64(head[16:], uint64(LowestNS))
	binary.BigEndian.PutUint64(head[24:], uint64(HighestNS))
	if change != nil {
		change(head)
	}
	return head
}

// zip is the inverse of unzip.
func zip(raw ...[]byte) []byte {
	b := bytes.NewBuffer(make([]byte, 8))
	z := zlib.NewWriter(b)
	for _, part := range raw {
		_, _ = z.Write(part) // into memory
	}
	_ = z.Close()
	binary.BigEndian.PutUint32(b.Bytes(), cookieV2Compressed)
	binary.BigEndian.PutUint32(b.Bytes()[4:], uint32(b.Len()-8))
	return b.Bytes()
}

func encode64(b []byte) []byte { return base64.StdEncoding.AppendEncode(nil, b) }

// counts is a whole payload of the given numbers.
func counts(numbers ...int64) []byte {
	var b []byte
	for _, n := range numbers {
		b = appendZigZag(b, n)
	}
	return encode64(zip(header(len(b), nil), b))
}

// payloads are one of each kind: what is wrong with it, "" for what must be taken.
func payloads() map[string]struct {
	text  []byte
	wrong string
} {
	type kind = struct {
		text  []byte
		wrong string
	}
	five := []byte{2, 4, 6, 8, 10} // 1 to 5
	good := zip(header(5, nil), five)
	put := func(at int, v uint32) []byte {
		return zip(header(5, func(head []byte) { binary.BigEndian.PutUint32(head[at:], v) }), five)
	}
	damaged := slices.Clone(good)
	damaged[len(damaged)-1]++
	short := slices.Clone(good)
	binary.BigEndian.PutUint32(short[4:], uint32(len(short)-12))
	negative := slices.Clone(good)
	negative[4] = 0xff
	gzip := slices.Clone(good)
	gzip[8] = 0x1f
	cookie := slices.Clone(good)
	cookie[3]++
	return map[string]kind{
		"good":                      {encode64(good), ""},
		"bytes behind the stream":   {encode64(append(slices.Clone(good), 1, 2, 3)), ""},
		"another word size":         {encode64(put(0, cookieV2&^0xf0)), ""},
		"an offset":                 {encode64(put(8, 1)), ""},
		"a ratio":                   {encode64(put(32, 77)), ""},
		"no counts":                 {counts(), ""},
		"a count of zero":           {counts(0, 7, -1, 3), ""},
		"the last bucket":           {counts(1-numBuckets, 9), ""},
		"only empty buckets":        {counts(-numBuckets), ""},
		"the greatest count":        {counts(-50, math.MaxInt64), ""},
		"a long zero":               {encode64(zip(header(3, nil), []byte{0x80, 0x80, 0})), ""},
		"empty":                     {nil, "too short"},
		"not base64":                {[]byte("HIST*AAA"), "illegal base64"},
		"seven bytes":               {encode64(good[:7]), "too short"},
		"cookie":                    {encode64(cookie), "cookie"},
		"inner cookie":              {encode64(put(0, 0x1c849301)), "cookie"},
		"length beyond the end":     {encode64(good[:len(good)-1]), "cut short"},
		"negative length":           {encode64(negative), "cut short"},
		"stream cut short":          {encode64(short), "unexpected EOF"},
		"checksum":                  {encode64(damaged), "checksum"},
		"not zlib":                  {encode64(gzip), "invalid header"},
		"half a header":             {encode64(zip(header(0, nil)[:20])), "no header"},
		"other digits":              {encode64(put(12, 2)), "another geometry"},
		"other lowest":              {encode64(put(20, 1)), "another geometry: 1 to"},
		"other highest":             {encode64(put(24, 1)), "another geometry"},
		"negative size":             {encode64(put(4, 1<<31)), "bytes of counts"},
		"too large a size":          {encode64(put(4, 24577*9)), "bytes of counts"},
		"less than its size":        {encode64(put(4, 6)), "less than the 6"},
		"more than its size":        {encode64(put(4, 4)), "more than the 4"},
		"a count cut short":         {encode64(zip(header(2, nil), []byte{2, 0x80})), "last count"},
		"a count too many":          {counts(-numBuckets, 1), "behind the last"},
		"a count of zero too many":  {counts(-numBuckets, 0), "behind the last"},
		"a run too long":            {counts(5, -numBuckets), "behind the last"},
		"the longest run":           {counts(5, -math.MaxInt64), "behind the last"},
		"a run without a length":    {counts(math.MinInt64), "behind the last"},
		"a sum beyond an int64":     {counts(math.MaxInt64, 1), "more than an int64"},
		"more zeros than its size":  {encode64(zip(header(1, nil), make([]byte, 1<<20))), "more than the 1"},
		"more counts than possible": {counts(slices.Repeat([]int64{1}, int(numBuckets)+1)...), "behind the last"},
	}
}

func TestDecoderTakesAndRefuses(t *testing.T) {
	d := newDecoder() // what one leaves behind must not change the next
	for name, kind := range payloads() {
		err := d.read(kind.text, nil)
		if kind.wrong == "" && err != nil || kind.wrong != "" && (err == nil || !strings.Contains(err.Error(), kind.wrong)) {
			t.Errorf("%s: %v, want %q", name, err, kind.wrong)
		}
		like(t, name, d, kind.text)
	}
}

// like compares what d makes of a payload with what the library does.
func like(t interface{ Errorf(string, ...any) }, name string, d *decoder, text []byte) {
	err := d.read(text, nil)
	theirs, why := hdr.DecodePacked(text)
	if why == nil && (theirs.LowestTrackableValue() != LowestNS || theirs.HighestTrackableValue() != HighestNS || theirs.SignificantFigures() != digits) {
		why = errors.New("another geometry")
	}
	var want []bucket
	total := int64(0)
	if why == nil {
		theirs.ForEachBucket(func(v, count int64) bool {
			want = append(want, bucket{v, count})
			if count > math.MaxInt64-total { // the library goes on with a total that is too small
				why = errTooMany
				return false
			}
			total += count
			return true
		})
	}
	if (err == nil) != (why == nil) {
		t.Errorf("%s: %v, the library says %v", name, err, why)
	}
	if err != nil || why != nil {
		return
	}
	h := d.histogram()
	var got []bucket
	h.sparse.ForEachBucket(func(v, count int64) bool {
		got = append(got, bucket{v, count})
		return true
	})
	if !slices.Equal(got, want) || h.count != total || h.sparse.TotalCount() != total || h.overflow != 0 {
		t.Errorf("%s: %d in %v, the library has %d in %v", name, h.count, got, total, want)
	}
	if total == 0 {
		theirs = hdr.NewPacked(LowestNS, HighestNS, digits)
	}
	lo, hi, sum := theirs.Min(), theirs.Max(), theirs.Mean()*float64(total)
	if total == 0 {
		lo, hi, sum = 0, 0, 0
	}
	if h.min != lo || h.max != hi || sum < math.MaxInt64 && h.sum != int64(sum) || sum >= math.MaxInt64 && h.sum != math.MaxInt64 {
		t.Errorf("%s: %d to %d, sum %d; the library has %d to %d, %g", name, h.min, h.max, h.sum, lo, hi, sum)
	}
}

// FuzzDecoder is given whole payloads, and what is inside them, which no fuzzer would find a checksum for.
func FuzzDecoder(f *testing.F) {
	for _, kind := range payloads() {
		f.Add(kind.text, false)
		if b, err := base64.StdEncoding.DecodeString(string(kind.text)); err == nil && len(b) > 8 {
			if z, err := zlib.NewReader(bytes.NewReader(b[8:])); err == nil {
				inside, _ := io.ReadAll(io.LimitReader(z, 1000)) // as far as it goes
				f.Add(inside, true)
			}
		}
	}
	e := newEncoder()
	for _, h := range []*Histogram{NewHistogram(), recorded(1, 5_000, 20e6, 21e6, 22e6, HighestNS), recorded(HighestNS + 1)} {
		text, err := e.append(nil, e.sparse(h))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, false)
		f.Add(unzip(f, text), true)
	}
	f.Add(append(header(3, nil), 2, 3, 4), true)
	f.Fuzz(func(t *testing.T, data []byte, inside bool) {
		if inside {
			data = encode64(zip(data))
		}
		d := newDecoder()
		like(t, "first", d, data)
		like(t, "good", d, counts(1, -5, 7))
		like(t, "again", d, data)
		like(t, "good again", d, counts(1, -5, 7))
	})
}

// A stream that inflates to far more than any histogram is not read to its end, and the memory kept is that of the largest one.
func TestDecoderReadsNoMoreThanTheLargestHistogram(t *testing.T) {
	most := int(numBuckets) * maxZigZag
	bomb := zip(header(most, nil), make([]byte, 8<<20))
	for name, text := range map[string][]byte{"most counts": bomb, "one count": zip(header(1, nil), make([]byte, 8<<20))} {
		d := newDecoder()
		if err := d.read(encode64(text), nil); err == nil || !strings.Contains(err.Error(), "more than the") {
			t.Errorf("%s: %v", name, err)
		}
		if left := d.source.Len(); left < len(text)/2 {
			t.Errorf("%s: %d bytes of %d were not read", name, left, len(text))
		}
		if cap(d.raw) > headerV2+most+1 {
			t.Errorf("%s: %d bytes are kept", name, cap(d.raw))
		}
	}
	largest := slices.Repeat([]byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0}, int(numBuckets))
	d := newDecoder()
	like(t, "largest", d, encode64(zip(header(len(largest), nil), largest)))
}

func TestBucketsLieWhereTheLibraryHasThem(t *testing.T) {
	dense := hdr.New(LowestNS, HighestNS, digits)
	if n := len(dense.Export().Counts); int64(n) != numBuckets {
		t.Fatalf("%d buckets, the library has %d", numBuckets, n)
	}
	for i := range numBuckets {
		v := bucketStart(i)
		if err := dense.RecordValue(v); err != nil || bucketIndex(v) != i || bucketIndex(v+bucketSize(v)-1) != i {
			t.Fatalf("bucket %d begins at %d, which lies in %d: %v", i, v, bucketIndex(v), err)
		}
	}
	for i, n := range dense.Export().Counts {
		if n != 1 {
			t.Fatalf("bucket %d of the library holds %d starts", i, n)
		}
	}
}

// What the encoder wrote, one decoder reads one after another, into targets of both forms, as Merge would have it.
func TestDecoderReadsWhatTheEncoderWrites(t *testing.T) {
	e, d := newEncoder(), newDecoder()
	rapid.Check(t, func(t *rapid.T) {
		want, sparse, dense := NewHistogram(), NewHistogram(), NewHistogram()
		dense.makeDense()
		for _, values := range rapid.SliceOfN(durations(), 1, 6).Draw(t, "intervals") {
			h := recorded(values...)
			text, err := e.append(nil, e.sparse(h))
			if err != nil {
				t.Fatal(err)
			}
			if err := d.read(text, []int64{h.min, h.max, h.sum, h.overflow}); err != nil {
				t.Fatal(err)
			}
			if got := d.histogram(); !sameHistogram(got, h) {
				t.Fatalf("read %+v, wrote %+v", got.Summary(), h.Summary())
			}
			if err := errors.Join(want.Merge(h), d.mergeInto(sparse), d.mergeInto(dense)); err != nil {
				t.Fatal(err)
			}
		}
		if !sameHistogram(sparse, want) || !sameHistogram(dense, want) {
			t.Fatalf("merged sparse %+v, dense %+v; want %+v", sparse.Summary(), dense.Summary(), want.Summary())
		}
	})
}

// sameHistogram tells whether two histograms hold the same, whatever their form.
func sameHistogram(a, b *Histogram) bool {
	list := func(h *Histogram) (list []int64) {
		h.Buckets(func(from, to, count int64) { list = append(list, from, to, count) })
		return append(list, h.count, h.overflow, h.min, h.max, h.sum)
	}
	return slices.Equal(list(a), list(b))
}

func TestMergeOfWhatWasReadKeepsToAnInt64(t *testing.T) {
	d := newDecoder()
	full := recorded(5e6)
	if err := d.read(counts(-50, math.MaxInt64), nil); err != nil {
		t.Fatal(err)
	}
	if err := d.mergeInto(full); !errors.Is(err, errDropped) || full.count != 1 {
		t.Errorf("%v, %d values", err, full.count)
	}
	if err := d.read(counts(-50, math.MaxInt64), []int64{1, 2, 3, 1}); !errors.Is(err, errTooMany) {
		t.Errorf("an overflow beside all that an int64 counts: %v", err)
	}
	into := recorded(7e6)
	if err := d.read(counts(0), []int64{1, 2, 3, 0}); err != nil {
		t.Fatal(err)
	}
	if err := d.mergeInto(into); err != nil || !sameHistogram(into, recorded(7e6)) {
		t.Errorf("of nothing: %v, %+v", err, into.Summary())
	}
	if err := d.read(counts(0), []int64{HighestNS + 1, HighestNS + 3, 2*HighestNS + 4, 2}); err != nil {
		t.Fatal(err)
	}
	if err := d.mergeInto(into); err != nil || !sameHistogram(into, recorded(7e6, HighestNS+1, HighestNS+3)) {
		t.Errorf("of two above the range: %v, %+v", err, into.Summary())
	}
}

// A histogram that cannot be decoded is reported with the file and its line, by either way of reading.
func TestUndecodableIntervalIsNamed(t *testing.T) {
	for name, kind := range payloads() {
		if kind.wrong == "" {
			continue
		}
		dir, _ := write(t, 1)
		rec, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, IntervalFile)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Count(data, []byte("\n")) + 1
		data = append(data, "Tag=a|b|c,0,1,2,"+string(kind.text)+"\n"...)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, open := Open(dir)
		each := rec.EachInterval(nil, func(int64, string, string, string, *Histogram) error { return nil })
		for _, err := range []error{open, each} {
			var record *RecordError
			if !errors.As(err, &record) || record.Line != want || record.File != path || !strings.Contains(err.Error(), "histogram: ") {
				t.Errorf("%s: %v, want line %d", name, err, want)
			}
		}
	}
}

func TestDecoderKeepsItsMemory(t *testing.T) {
	d, into := newDecoder(), recorded(1)
	text := counts(-9000, 1, 2, 3, -500, 70_000, 5)
	if n := testing.AllocsPerRun(100, func() {
		if err := errors.Join(d.read(text, nil), d.mergeInto(into)); err != nil {
			t.Fatal(err)
		}
		d.histogram()
	}); n > 4 { // zlib makes a new checksum each time; a new reader is a dozen of allocations and 44 KB
		t.Errorf("%v allocations a histogram", n)
	}
}

// TestCountsThatNothingHolds: counts of many intervals that no int64 holds together are an error and never a number that is wrong.
func TestCountsThatNothingHolds(t *testing.T) {
	for _, dense := range []bool{false, true} {
		into, huge := NewHistogram(), NewHistogram()
		if dense {
			into.makeDense()
		}
		huge.extend(ms, ms, ms, math.MaxInt64-1)
		huge.overflow = math.MaxInt64 - 1
		if err := into.Merge(huge); err != nil {
			t.Fatal(err)
		}
		if err := into.Merge(huge); !errors.Is(err, errDropped) || into.Count() != math.MaxInt64-1 {
			t.Errorf("dense %v: %v, and %d counted", dense, err, into.Count())
		}
	}
}
