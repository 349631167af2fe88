package scenarios

import (
	"hash/fnv"
	"math"
	"math/bits"
)

// stream is a keyed sequence of draws: the n-th is a hash of key and n (the finaliser of splitmix64), so that any of them
// is had at once and none depends on another.
type stream uint64

// golden is 2^64 over the golden ratio: the step of splitmix64.
const golden = 0x9e3779b97f4a7c15

// newStream returns the draws of one thing under a seed.
func newStream(seed int64, what string) stream {
	h := fnv.New64a()
	h.Write([]byte(what))
	return stream(mix(mix(uint64(seed)) ^ h.Sum64()))
}

// at returns draw n, evenly spread over 64 bits.
func (s stream) at(n int64) uint64 { return mix(uint64(s) + uint64(n)*golden) }

// below returns draw n, evenly spread from 0 to size-1.
func (s stream) below(n int64, size uint64) uint64 {
	hi, _ := bits.Mul64(s.at(n), size)
	return hi
}

func mix(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// chooser draws an index by weight.
type chooser struct {
	draws stream
	upTo  []uint64 // upper bound of each index's part of the 64 bits
	share []float64
}

// newChooser makes a chooser of the weights of right and of wrong templates; share is that of the wrong ones together.
func newChooser(draws stream, weights []int, right int, share float64) chooser {
	c := chooser{draws: draws}
	sum := [2]float64{}
	part := func(i int) int {
		if i < right {
			return 0
		}
		return 1
	}
	for i, w := range weights {
		sum[part(i)] += float64(w)
	}
	whole, reached := [2]float64{1 - share, share}, 0.0
	for i, w := range weights {
		p := float64(w) / sum[part(i)] * whole[part(i)]
		reached += p
		c.share = append(c.share, p)
		c.upTo = append(c.upTo, uint64(math.Min(reached, 1)*(1<<63))<<1)
	}
	c.upTo[len(c.upTo)-1] = math.MaxUint64
	return c
}

// at returns the index of call k.
func (c *chooser) at(k int64) int {
	if len(c.upTo) == 1 {
		return 0
	}
	u, i := c.draws.at(k), 0
	for u > c.upTo[i] {
		i++
	}
	return i
}
