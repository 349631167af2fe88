package emulator

import "math"

// Streams of random numbers, so that one does not follow another.
const (
	streamLatency uint64 = iota + 1
	streamCode
	streamHigh
	streamLow
	streamTrace
	streamTag
	streamRing
	streamFault
	streamAccept
	streamGarbage
)

// random returns number k of a stream: the same for the same seed. It is a bijection of k.
func random(seed, stream, k uint64) uint64 {
	return mix(k*0x9e3779b97f4a7c15 + mix(seed^mix(stream)))
}

// mix is the output function of splitmix64.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit turns 64 random bits into a number in (0, 1).
func unit(r uint64) float64 { return (float64(r>>11) + 0.5) / (1 << 53) }

// normal returns a normally distributed number for call k.
func normal(seed, k uint64) float64 {
	return math.Sqrt2 * math.Erfinv(2*unit(random(seed, streamLatency, k))-1)
}
