package wire

import "sync"

const (
	blockSize = 4 << 10  // what a block starts with: a whole answer of this API fits four times
	blockKeep = 64 << 10 // larger ones are left to the garbage collector
)

// block is memory for the bytes of one answer, or of one encrypted request. A call takes one only when there is something
// to put in it, so that a call that waits for its answer holds none.
type block struct{ b []byte }

var blocks = sync.Pool{New: func() any { return &block{b: make([]byte, blockSize)} }}

func newBlock() *block { return blocks.Get().(*block) }

// free gives b back. It may be nil.
func (b *block) free() {
	if b != nil && len(b.b) <= blockKeep {
		blocks.Put(b)
	}
}

// grow doubles b and keeps its first n bytes.
func (b *block) grow(n int) {
	larger := make([]byte, 2*len(b.b))
	copy(larger, b.b[:n])
	b.b = larger
}
