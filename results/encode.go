package results

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/bits"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// encoder writes histograms in the V2 compressed encoding. The library's own encoder makes a new compressor for each
// histogram (850 KB and half a millisecond, dozens of times a second beside a dispatcher that must not be late); this
// one keeps its memory. The two are held against each other by a test. It is for one goroutine.
type encoder struct {
	zip     *zlib.Writer
	raw     []byte
	zipped  bytes.Buffer
	scratch *hdr.PackedHistogram
}

const (
	cookieV2           = 0x1c849303 | 0x10
	cookieV2Compressed = 0x1c849304 | 0x10
	headerV2           = 40
)

func newEncoder() *encoder {
	zip, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	if err != nil { // the level is a constant
		panic(err)
	}
	return &encoder{zip: zip, scratch: hdr.NewPacked(LowestNS, HighestNS, digits)}
}

// sparse returns the counts of h in sparse form, valid until the next call.
func (e *encoder) sparse(h *Histogram) *hdr.PackedHistogram {
	switch {
	case h.dense != nil:
		e.scratch.Reset()
		e.scratch.MergeFrom(h.dense)
		return e.scratch
	case h.sparse != nil:
		return h.sparse
	}
	e.scratch.Reset()
	return e.scratch
}

// append appends the base64 text of a histogram of the one geometry.
func (e *encoder) append(dst []byte, sparse *hdr.PackedHistogram) ([]byte, error) {
	e.raw = append(e.raw[:0], make([]byte, headerV2)...)
	next := int64(0)
	sparse.ForEachBucket(func(v, count int64) bool {
		index := bucketIndex(v)
		switch zeros := index - next; {
		case zeros == 1:
			e.raw = appendZigZag(e.raw, 0)
		case zeros > 1:
			e.raw = appendZigZag(e.raw, -zeros)
		}
		e.raw = appendZigZag(e.raw, count)
		next = index + 1
		return true
	})
	if next == 0 { // the reference encoders write the first count of an empty histogram
		e.raw = appendZigZag(e.raw, 0)
	}
	head := e.raw[:headerV2]
	binary.BigEndian.PutUint32(head[0:], cookieV2)
	binary.BigEndian.PutUint32(head[4:], uint32(len(e.raw)-headerV2))
	binary.BigEndian.PutUint32(head[8:], 0) // normalizing index offset
	binary.BigEndian.PutUint32(head[12:], digits)
	binary.BigEndian.PutUint64(head[16:], uint64(LowestNS))
	binary.BigEndian.PutUint64(head[24:], uint64(HighestNS))
	binary.BigEndian.PutUint64(head[32:], math.Float64bits(1)) // integer to double ratio

	e.zipped.Reset()
	e.zipped.Write(make([]byte, 8))
	e.zip.Reset(&e.zipped)
	if _, err := e.zip.Write(e.raw); err != nil {
		return dst, err
	}
	if err := e.zip.Close(); err != nil {
		return dst, err
	}
	out := e.zipped.Bytes()
	binary.BigEndian.PutUint32(out[0:], cookieV2Compressed)
	binary.BigEndian.PutUint32(out[4:], uint32(len(out)-8))
	return base64.StdEncoding.AppendEncode(dst, out), nil
}

// bucketIndex returns the place among all counts of the bucket that begins at v.
func bucketIndex(v int64) int64 {
	octave := int64(max(0, bits.Len64(uint64(v))-unitBits-subBits))
	return octave<<(subBits-1) + v>>(octave+unitBits)
}

// appendZigZag appends v as the ZigZag LEB128-64b9B of HdrHistogram: the ninth byte holds eight bits.
func appendZigZag(dst []byte, v int64) []byte {
	u := uint64(v<<1) ^ uint64(v>>63)
	for range 8 {
		if u < 0x80 {
			return append(dst, byte(u))
		}
		dst = append(dst, byte(u)|0x80)
		u >>= 7
	}
	return append(dst, byte(u))
}
