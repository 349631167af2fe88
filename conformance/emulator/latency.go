package emulator

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// latency says when an answer is to go out. It is safe for concurrent use.
type latency struct {
	seed  uint64
	fixed int64

	lognormal bool
	median    float64 // nanoseconds
	sigma     float64

	stall      bool
	after, gap int64

	first atomic.Int64 // instant of the first call; 0 before it

	queue   bool
	service int64
	mu      sync.Mutex
	free    []int64 // heap of the instants at which servers are free, in time without the stall
	busy    int64   // time of servers given away
}

// z99 is the 99 % quantile of the standard normal distribution.
const z99 = 2.3263478740408408

func newLatency(c *Latency, seed uint64) *latency {
	l := &latency{seed: seed, fixed: int64(c.Fixed)}
	if n := c.Lognormal; n != nil {
		l.lognormal, l.median = true, float64(n.Median)
		l.sigma = math.Log(float64(n.P99)/float64(n.Median)) / z99
	}
	if q := c.Queue; q != nil {
		l.queue, l.service, l.free = true, int64(q.Service), make([]int64, q.Servers)
	}
	if s := c.Stall; s != nil {
		l.stall, l.after, l.gap = true, int64(s.After), int64(s.For)
	}
	return l
}

// due returns when the answer to call k, read at the instant arrival, is to be written.
func (l *latency) due(k uint64, arrival int64) int64 {
	if l.stall || l.queue {
		l.first.CompareAndSwap(0, max(arrival, 1))
	}
	at := l.moving(arrival)
	switch {
	case l.lognormal:
		at += int64(l.median * math.Exp(l.sigma*normal(l.seed, k)))
	case l.queue:
		at = l.served(at)
	default:
		at += l.fixed
	}
	return l.standing(at)
}

// moving turns an instant into time without the stall, and standing turns it back: in the stall nothing moves, so that a
// call that meets it is late by all of what is left of it.
func (l *latency) moving(at int64) int64 {
	from := l.first.Load() + l.after
	if !l.stall || at < from {
		return at
	}
	return max(from, at-l.gap)
}

func (l *latency) standing(at int64) int64 {
	if !l.stall || at < l.first.Load()+l.after {
		return at
	}
	return at + l.gap
}

// served gives the call that is ready at an instant to the server that is free first, and returns when it is done.
func (l *latency) served(at int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	done := max(at, l.free[0]) + l.service
	l.busy += l.service
	i := 0
	for {
		child := 2*i + 1
		if child >= len(l.free) {
			break
		}
		if child+1 < len(l.free) && l.free[child+1] < l.free[child] {
			child++
		}
		if l.free[child] >= done {
			break
		}
		l.free[i] = l.free[child]
		i = child
	}
	l.free[i] = done
	return done
}

// utilisation is the share of the servers' time that was given away, from the first call to now.
func (l *latency) utilisation(now int64) float64 {
	first := l.first.Load()
	if !l.queue || first == 0 || now <= first {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	ahead := int64(0) // given away beyond now
	moving := l.moving(now)
	for _, f := range l.free {
		ahead += max(0, f-moving)
	}
	return min(1, float64(max(0, l.busy-ahead))/float64(now-first)/float64(len(l.free)))
}

// Streams of random numbers, so that one does not follow another.
const (
	streamLatency uint64 = iota + 1
	streamCode
	streamHigh
	streamLow
	streamTrace
	streamTag
	streamRing
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

// pause is how long a call may be early without being held back: less than a timer's own error.
const pause = 5 * time.Microsecond
