package emulator

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// TestNonces replays after many others, within the window and after it.
func TestNonces(t *testing.T) {
	n := newNonces(maxNonces)
	others := underRace(30_000, 300_000)
	for i := range others {
		if !n.first(n.key("k"), fmt.Sprint(i), 100, 100) {
			t.Fatalf("nonce %d is new and was refused", i)
		}
	}
	for i := range others {
		if n.first(n.key("k"), fmt.Sprint(i), 100+nonceMinutes, 100) {
			t.Fatalf("nonce %d was accepted again", i)
		}
	}
	if !n.first(n.key("other key"), "1", 100, 100) {
		t.Error("another key's nonce was refused")
	}
	if !n.first(n.key("k"), "1", 100+nonceMinutes+1, 100) {
		t.Error("a nonce is refused after the window")
	}
	if n.forgotten.Load() != 0 {
		t.Errorf("%d forgotten", n.forgotten.Load())
	}
}

// TestNonceOfTheFuture shows that a nonce is kept as long as its Timestamp is accepted, over the wrap of the minutes.
func TestNonceOfTheFuture(t *testing.T) {
	for start := int64(29_000_000); start < 29_000_000+300; start += 7 {
		n := newNonces(maxNonces)
		n.first(n.key("k"), "n", start, start+15)
		if n.first(n.key("k"), "n", start+30, start+15) {
			t.Fatalf("minute %d: accepted again while its Timestamp is", start%256)
		}
		if !n.first(n.key("k"), "n", start+31, start+31) {
			t.Fatalf("minute %d: refused after its time", start%256)
		}
	}
}

// TestNoncesAreBounded fills the table beyond its size: it says how many it forgot, and not more than that are accepted again.
func TestNoncesAreBounded(t *testing.T) {
	const size = 1 << 14
	n := newNonces(size)
	for i := range 2 * size {
		n.first(n.key("k"), fmt.Sprint(i), int64(100+i/size), 100)
	}
	places := 0
	for i := range n.shards {
		places += len(n.shards[i].places)
	}
	forgotten := n.forgotten.Load()
	if places > size || forgotten < size {
		t.Errorf("%d places for %d, %d forgotten", places, size, forgotten)
	}
	for i := range 4 * size { // a quarter of an hour later there is room again, without growing
		n.first(n.key("k2"), fmt.Sprint(i), int64(130+i/size*20), 0)
	}
	if places := len(n.shards[0].places); places > size/nonceShards {
		t.Errorf("%d places in a shard", places)
	}
}

// TestNoncesAtOnce has many callers with the same nonce: one of them gets through.
func TestNoncesAtOnce(t *testing.T) {
	n := newNonces(maxNonces)
	for i := range 200 {
		var passed atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if n.first(n.key("k"), fmt.Sprint(i), 1, 1) {
					passed.Add(1)
				}
			})
		}
		wg.Wait()
		if passed.Load() != 1 {
			t.Fatalf("%d callers passed with one nonce", passed.Load())
		}
	}
}

// TestBucket counts what passes at half, once and twice the limit.
func TestBucket(t *testing.T) {
	const rate, seconds = 1000, 10
	for _, offered := range []int{500, 1000, 2000} {
		b := newBucket(rate, 0)
		passed := 0
		for i := range offered * seconds {
			if b.take(int64(1e9) + int64(i)*int64(1e9)/int64(offered)) {
				passed++
			}
		}
		want := min(offered*seconds, rate*seconds+rate)
		if passed < want-1 || passed > want {
			t.Errorf("%d/s for %d s: %d passed, want %d", offered, seconds, passed, want)
		}
	}
	slow := newBucket(Rate(0.1), 0)
	if !slow.take(1) || slow.take(9e9) || !slow.take(11e9) {
		t.Error("one call in ten seconds is not what passes")
	}
}

// TestBucketAtOnce has many callers at one instant: exactly one second's worth passes.
func TestBucketAtOnce(t *testing.T) {
	b := newBucket(100, 0)
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if b.take(5e9) {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if passed.Load() != 100 {
		t.Errorf("%d passed, want 100", passed.Load())
	}
}
