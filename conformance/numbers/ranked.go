package numbers

import "math/bits"

// ranked is a set of X. Its levels count them, so that the n-th one is found without looking at all.
type ranked struct {
	words  []uint64         // bit x
	counts [levels][]uint32 // of level k: how many bits are set in each run of 16 words, times 16 for each level below
}

const levels = 3

func newRanked(words uint32) ranked {
	s := ranked{words: make([]uint64, words)}
	size := int(words)
	for k := range s.counts {
		size = (size + 15) / 16
		s.counts[k] = make([]uint32, size)
	}
	return s
}

func (s *ranked) has(x uint32) bool { return s.words[x/64]&(1<<(x%64)) != 0 }

// add enters an x that is not in it.
func (s *ranked) add(x uint32) {
	s.words[x/64] |= 1 << (x % 64)
	for k := range s.counts {
		s.counts[k][x>>(10+4*k)]++
	}
}

// remove takes out an x that is in it.
func (s *ranked) remove(x uint32) {
	s.words[x/64] &^= 1 << (x % 64)
	for k := range s.counts {
		s.counts[k][x>>(10+4*k)]--
	}
}

// nth returns the x that has r others before it.
func (s *ranked) nth(r int) uint32 {
	i, rest := 0, uint32(r)
	for k := levels - 1; k >= 0; k-- {
		level := s.counts[k]
		for i *= 16; rest >= level[i]; i++ {
			rest -= level[i]
		}
	}
	for i *= 16; ; i++ {
		n := uint32(bits.OnesCount64(s.words[i]))
		if rest < n {
			return uint32(i*64) + bit(s.words[i], rest)
		}
		rest -= n
	}
}

// skip returns where to go on from word i, a multiple of 16: i itself, or behind the greatest run that begins there and has
// nothing set.
func (s *ranked) skip(i int) int {
	for k := levels - 1; k >= 0; k-- {
		if run := 16 << (4 * k); i%run == 0 && s.counts[k][i/run] == 0 {
			return i + run
		}
	}
	return i
}

// bit returns the place of the bit of w that has r set ones before it.
func bit(w uint64, r uint32) uint32 {
	for ; r > 0; r-- {
		w &= w - 1
	}
	return uint32(bits.TrailingZeros64(w))
}
