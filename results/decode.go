package results

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// decoder reads histograms of the one geometry in the V2 compressed encoding. The library's own decoder makes a new
// decompressor for each histogram (44 KB, dozens for each second of a run); this one keeps its memory, which is bounded by the
// largest legal payload and the longest line. The two are held against each other by a fuzz test. It is for one goroutine.
//
// It accepts what the library accepts, but for counts that add up to more than an int64: those no histogram can take in.
type decoder struct {
	text    []byte // out of base64
	source  bytes.Reader
	zip     io.ReadCloser // nil before the first; also a zlib.Resetter
	raw     []byte        // header and counts
	buckets []bucket      // of the histogram read last, ascending, none empty
	total   int64         // of the buckets
	h       Histogram     // the figures read last; its counts are filled in by histogram
}

// bucket holds count values from the bucket that begins at from, in nanoseconds.
type bucket struct{ from, count int64 }

// numBuckets is how many counts the geometry has: its last octave, which holds HighestNS, goes on to a power of two.
var numBuckets = bucketIndex(1<<bits.Len64(uint64(HighestNS))-1) + 1

const maxZigZag = 9 // bytes of one count

func newDecoder() *decoder {
	return &decoder{h: Histogram{sparse: hdr.NewPacked(LowestNS, HighestNS, digits)}}
}

// read takes in one encoded histogram and its exact figures: minimum, maximum, sum and overflow. Without them, nil, those of the
// buckets serve. After an error nothing can be asked for.
func (d *decoder) read(payload []byte, exact []int64) error {
	d.buckets, d.total = d.buckets[:0], 0
	err := d.unpack(payload)
	if err == nil {
		err = d.parse(d.raw[headerV2:])
	}
	if err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	h := &d.h
	h.count, h.overflow = d.total, 0
	if exact == nil {
		h.min, h.max, h.sum = d.estimate()
		return nil
	}
	h.min, h.max, h.sum, h.overflow = exact[0], exact[1], exact[2], exact[3]
	if h.overflow > math.MaxInt64-h.count {
		return fmt.Errorf("histogram: %w", errTooMany)
	}
	h.count += h.overflow
	return nil
}

// histogram returns what was read last. It is valid until the next read, and must not be changed.
func (d *decoder) histogram() *Histogram {
	d.h.sparse.Reset()
	for _, b := range d.buckets {
		_ = d.h.sparse.RecordValues(b.from, b.count) // parse saw to the range and the total
	}
	return &d.h
}

// mergeInto is h.Merge of what was read last. A dense h gets the counts without a histogram between.
func (d *decoder) mergeInto(h *Histogram) error {
	if h.dense == nil || d.h.count > math.MaxInt64-h.count {
		return h.Merge(d.histogram())
	}
	if d.h.count == 0 {
		return nil
	}
	for _, b := range d.buckets {
		if err := h.dense.RecordValues(b.from, b.count); err != nil {
			return fmt.Errorf("histogram: %w", err)
		}
	}
	h.extend(d.h.min, d.h.max, d.h.sum, d.h.count)
	h.overflow += d.h.overflow
	return nil
}

// unpack puts header and counts into raw.
func (d *decoder) unpack(payload []byte) (err error) {
	if d.text, err = base64.StdEncoding.AppendDecode(d.text[:0], payload); err != nil {
		return err
	}
	if len(d.text) < 8 {
		return fmt.Errorf("%d bytes are too short, the head alone has 8", len(d.text))
	}
	if err = checkCookie(d.text, cookieV2Compressed); err != nil {
		return err
	}
	zipped, length := d.text[8:], binary.BigEndian.Uint32(d.text[4:])
	if int64(length) > int64(len(zipped)) {
		return fmt.Errorf("cut short: %d compressed bytes of %d", len(zipped), length)
	}
	d.source.Reset(zipped[:length])
	if d.zip == nil {
		d.zip, err = zlib.NewReader(&d.source)
	} else {
		err = d.zip.(zlib.Resetter).Reset(&d.source, nil)
	}
	if err != nil {
		return err
	}
	return d.inflate()
}

// inflate reads no more than the header allows and one byte, however much the stream holds.
func (d *decoder) inflate() error {
	d.raw = grown(d.raw, headerV2)
	if _, err := io.ReadFull(d.zip, d.raw); err != nil {
		return fmt.Errorf("no header of %d bytes: %w", headerV2, err)
	}
	size, err := checkHeader(d.raw)
	if err != nil {
		return err
	}
	d.raw = grown(d.raw, headerV2+size+1)
	counts, end := d.raw[headerV2:headerV2+size], d.raw[headerV2+size:]
	if _, err := io.ReadFull(d.zip, counts); err != nil {
		return fmt.Errorf("less than the %d bytes of counts that its header names: %w", size, err)
	}
	switch _, err := io.ReadFull(d.zip, end); err {
	case io.EOF: // and the checksum was right
		d.raw = d.raw[:headerV2+size]
		return nil
	case nil:
		return fmt.Errorf("more than the %d bytes of counts that its header names", size)
	default:
		return err
	}
}

// grown returns b with length n, what it holds kept.
func grown(b []byte, n int) []byte {
	if n > cap(b) {
		b = append(make([]byte, 0, max(n, 2*cap(b))), b...)
	}
	return b[:n]
}

// checkCookie compares the first four bytes of b; other readers, too, leave out of account which word size it names.
func checkCookie(b []byte, want uint32) error {
	if got := binary.BigEndian.Uint32(b); got&^0xf0 != want&^0xf0 {
		return fmt.Errorf("cookie %#x is not that of the V2 encoding, %#x", got, want)
	}
	return nil
}

// checkHeader returns how many bytes of counts follow the header. The normalizing offset and the conversion ratio mean nothing here.
func checkHeader(head []byte) (size int, err error) {
	if err := checkCookie(head, cookieV2); err != nil {
		return 0, err
	}
	low, high := int64(binary.BigEndian.Uint64(head[16:])), int64(binary.BigEndian.Uint64(head[24:]))
	if figures := int32(binary.BigEndian.Uint32(head[12:])); low != LowestNS || high != HighestNS || figures != digits {
		return 0, fmt.Errorf("another geometry: %d to %d, %d digits; want %d to %d, %d digits", low, high, figures, LowestNS, HighestNS, digits)
	}
	length := int32(binary.BigEndian.Uint32(head[4:]))
	if length < 0 || int64(length) > numBuckets*maxZigZag {
		return 0, fmt.Errorf("%d bytes of counts, at most %d are possible", length, numBuckets*maxZigZag)
	}
	return int(length), nil
}

var errTooMany = errors.New("its counts add up to more than an int64")

// parse takes the counts apart. A negative number is a run of empty buckets.
func (d *decoder) parse(counts []byte) error {
	for index := int64(0); len(counts) > 0; {
		v, n := zigZag(counts)
		if n == 0 {
			return errors.New("its last count is cut short")
		}
		counts = counts[n:]
		if v == math.MinInt64 || max(1, -v) > numBuckets-index {
			return fmt.Errorf("its counts go on behind the last of %d buckets: %d after %d", numBuckets, v, index)
		}
		if v < 0 {
			index -= v
			continue
		}
		if v > math.MaxInt64-d.total {
			return errTooMany
		}
		if v > 0 {
			d.total += v
			d.buckets = append(d.buckets, bucket{bucketStart(index), v})
		}
		index++
	}
	return nil
}

// estimate returns minimum, maximum and sum as the buckets have them: the outer ends of the first and the last one, and every
// value in the middle of its bucket.
func (d *decoder) estimate() (lo, hi, sum int64) {
	if len(d.buckets) == 0 {
		return 0, 0, 0
	}
	mean := 0.0
	for _, b := range d.buckets {
		mean += float64(b.count) * float64(b.from+bucketSize(b.from)/2) / float64(d.total)
	}
	last := d.buckets[len(d.buckets)-1].from
	sum = math.MaxInt64
	if f := mean * float64(d.total); f < math.MaxInt64 {
		sum = int64(f)
	}
	return d.buckets[0].from, last + bucketSize(last) - 1, sum
}

// bucketStart is the inverse of bucketIndex: where the bucket at a place among all counts begins.
func bucketStart(index int64) int64 {
	octave := max(0, index>>(subBits-1)-1)
	return (index - octave<<(subBits-1)) << (octave + unitBits)
}

// zigZag reads a number of appendZigZag and tells how many bytes it took, 0 if b ends within it.
func zigZag(b []byte) (v int64, n int) {
	u := uint64(0)
	for i, c := range b[:min(len(b), maxZigZag)] {
		if i < maxZigZag-1 && c >= 0x80 {
			u |= uint64(c&0x7f) << (7 * i)
			continue
		}
		u |= uint64(c) << (7 * i)
		return int64(u>>1) ^ -int64(u&1), i + 1
	}
	return 0, 0
}
