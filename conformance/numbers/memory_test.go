package numbers

import (
	"runtime"
	"testing"
	"time"
)

// heap returns the bytes in use.
func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// TestMemory counts the bytes of a pool of a million: free, with an X of its own for each of many pairs, with labels, and with
// what is remembered of them.
func TestMemory(t *testing.T) {
	const size, pairs = 1_000_000, 50_000
	before := heap()
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(must(t, "17000000000"), size)}}}})
	if each := (heap() - before) / size; each > 16 {
		t.Errorf("a free number takes %.0f bytes", each)
	}
	a, b := must(t, "15000000000"), must(t, "15800000000")
	var took [2]float64
	for i, label := range []string{"", "order 0123456789"} {
		p.Reset()
		before = heap()
		for k := range Number(pairs) {
			if _, refusal := p.Bind(start, Request{A: a + k, B: b + k, Expires: start.Add(time.Hour), Label: label}); refusal != None {
				t.Fatal(refusal)
			}
		}
		took[i] = (heap() - before) / pairs
	}
	// 64 for the record, 4 for its place by SubsID, and twice 24 for the phone, 16 for its entry in a map that may be less
	// than half full; a label 16 for the string and 16 for its text.
	if took[0] > 300 || took[1] > took[0]+64 {
		t.Errorf("a binding takes %.0f bytes, with a label %.0f", took[0], took[1])
	}
	p.Live(start.Add(time.Hour))
	if n := p.remembered; n != Remember {
		t.Errorf("%d remembered, want %d", n, Remember)
	}
	runtime.KeepAlive(p)
}

// TestRecordsAreUsedAgain has many bindings end in a pool that remembers few.
func TestRecordsAreUsedAgain(t *testing.T) {
	p := single(t, PoolConfig{Key: "P", Remember: 100, Cities: []City{{"北京", []Range{NewRange(must(t, "170"), 2)}}}})
	if p.slab.next > 1 || len(p.slab.chunks) > 1 || len(p.labels.chunks) != 0 {
		t.Error("a free pool has records")
	}
	for i := range 50_000 {
		now := start.Add(time.Duration(i) * time.Second)
		if _, refusal := p.Bind(now, Request{A: must(t, "150"), B: must(t, "151"), Expires: now.Add(time.Second)}); refusal != None {
			t.Fatal(refusal)
		}
	}
	if p.slab.next > 110 || len(p.bySubs.pages) > 2 || len(p.labels.chunks) != 0 {
		t.Errorf("%d records and %d pages for 100 that are remembered, %d chunks of labels for none", p.slab.next, len(p.bySubs.pages), len(p.labels.chunks))
	}
}
