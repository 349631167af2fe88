package results

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"io"
	"math"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// unzip returns the bytes inside an encoded histogram, which do not depend on the compressor.
func unzip(t interface{ Fatal(...any) }, text []byte) []byte {
	b, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		t.Fatal(err)
	}
	z, err := zlib.NewReader(bytes.NewReader(b[8:]))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEncoderWritesWhatTheLibraryWrites(t *testing.T) {
	e := newEncoder()
	check := func(t interface {
		Fatal(...any)
		Fatalf(string, ...any)
	}, h *Histogram) {
		mine, err := e.append(nil, e.sparse(h))
		if err != nil {
			t.Fatal(err)
		}
		sparse := h.asSparse()
		if sparse == nil {
			sparse = hdr.NewPacked(LowestNS, HighestNS, digits)
		}
		theirs, err := sparse.EncodeV2()
		if err != nil {
			t.Fatal(err)
		}
		if a, b := unzip(t, mine), unzip(t, theirs); !bytes.Equal(a, b) {
			t.Fatalf("wrote %x\nlibrary %x", a, b)
		}
		back, err := decode(mine, []int64{h.min, h.max, h.sum, h.overflow})
		if err != nil || !equal(back.Summary(), h.Summary()) {
			t.Fatalf("read %+v, %v; wrote %+v", back, err, h.Summary())
		}
	}
	check(t, NewHistogram())
	huge := &Histogram{sparse: hdr.NewPacked(LowestNS, HighestNS, digits), count: math.MaxInt64}
	if err := huge.sparse.RecordValues(5e6, math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	huge.min, huge.max = 5e6, 5e6
	check(t, huge)
	rapid.Check(t, func(t *rapid.T) {
		for _, h := range forms(t, durations().Draw(t, "values")) {
			check(t, h)
		}
	})
}
