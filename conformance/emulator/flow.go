package emulator

import (
	"sync/atomic"
	"time"
)

// bucket is a token bucket that holds one second's worth and starts full. It is kept as the instant at which it would be
// full again, so that taking a token is one compare-and-swap. It is safe for concurrent use and must not be copied in use.
type bucket struct {
	each  int64 // nanoseconds for one token
	depth int64 // nanoseconds for all of them
	full  *atomic.Int64
}

func newBucket(r Rate) bucket {
	each := int64(float64(time.Second) / float64(r))
	return bucket{each: each, depth: max(each, int64(time.Second)), full: new(atomic.Int64)}
}

// take takes a token at an instant, if there is one.
func (b *bucket) take(now int64) bool {
	for {
		was := b.full.Load()
		full := max(was, now) + b.each
		if full-now > b.depth {
			return false
		}
		if b.full.CompareAndSwap(was, full) {
			return true
		}
	}
}
