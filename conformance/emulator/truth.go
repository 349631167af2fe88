package emulator

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// Truth is what an emulator knows of itself. Times are nanoseconds.
type Truth struct {
	Arrivals  int64            `json:"arrivals"`  // requests read
	Answered  int64            `json:"answered"`  // answers written
	Unwritten int64            `json:"unwritten"` // answers whose connection was gone
	Codes     map[string]int64 `json:"codes"`     // decided, written or not
	Live      int64            `json:"live_bindings"`
	InFlight  int64            `json:"in_flight"`   // read and not yet answered
	Accepted  int64            `json:"connections"` // accepted so far
	Open      int64            `json:"connections_open"`
	NoTLS     int64            `json:"tls_failed,omitempty"` // handshakes that failed
	Deviation map[string]int64 `json:"deviations,omitempty"` // how often each changed something, by id
	Service   Quantiles        `json:"service"`              // of the answers written: last byte read to first byte written
	Overshoot Quantiles        `json:"overshoot"`            // of those with a latency: how much later than drawn they were written

	NoncesForgotten int64   `json:"nonces_forgotten"`      // replays that would not have been noticed
	Utilisation     float64 `json:"utilisation,omitempty"` // of the servers of a latency.queue, since the first call
}

// Quantiles summarises durations. Each quantile is the value of rank ceil(q·count), to 0.05 %; Min and Max are exact.
type Quantiles struct {
	Count int64   `json:"count"`
	Min   int64   `json:"min"`
	Mean  float64 `json:"mean"`
	P50   int64   `json:"p50"`
	P90   int64   `json:"p90"`
	P95   int64   `json:"p95"`
	P99   int64   `json:"p99"`
	P999  int64   `json:"p99_9"`
	P9999 int64   `json:"p99_99"`
	Max   int64   `json:"max"`
}

// Truth returns the record as it is now. The counts of calls that are being answered may differ by those.
func (s *Server) Truth() Truth {
	return Truth{
		Arrivals:        int64(s.arrived.Load()),
		Answered:        s.truth.service.count.Load(),
		Unwritten:       s.truth.unwritten.Load(),
		Codes:           s.rows.counts(),
		Live:            int64(s.model.Live(s.Now())),
		InFlight:        s.inFlight(),
		Accepted:        s.truth.connections.Load(),
		Open:            s.truth.open.Load(),
		NoTLS:           s.truth.handshakes.Load(),
		Deviation:       s.Hits(),
		Service:         s.truth.service.quantiles(),
		Overshoot:       s.truth.overshoot.quantiles(),
		NoncesForgotten: s.nonces.forgotten.Load(),
		Utilisation:     s.latency.utilisation(instant()),
	}
}

// inFlight is how many calls have been read and not been answered.
func (s *Server) inFlight() int64 {
	return max(0, int64(s.arrived.Load())-s.truth.service.count.Load()-s.truth.unwritten.Load())
}

type truth struct {
	service, overshoot tally
	unwritten          atomic.Int64
	connections, open  atomic.Int64
	handshakes         atomic.Int64 // that failed
}

// opened and closed count connections.
func (t *truth) opened() {
	t.connections.Add(1)
	t.open.Add(1)
}

func (t *truth) closed() { t.open.Add(-1) }

func (t *truth) init() {
	t.service.init()
	t.overshoot.init()
}

// written records an answer that went out at an instant, or could not be written.
func (t *truth) written(o owed, now int64, ok bool) {
	if !ok {
		t.unwritten.Add(1)
		return
	}
	t.service.add(now - o.arrival)
	if o.due > o.arrival {
		t.overshoot.add(now - o.due)
	}
}

// Buckets of a tally: as wide as 1 up to 2^fineBits, then 2^(fineBits-1) for every power of two.
const (
	fineBits  = 12
	half      = 1 << (fineBits - 1)
	maxTally  = int64(time.Hour)
	maxBucket = 32 * half
)

// tally counts durations in buckets that are at most 0.05 % wide. It is safe for concurrent use.
type tally struct {
	buckets []atomic.Int64
	count   atomic.Int64
	sum     atomic.Int64
	min     atomic.Int64
	max     atomic.Int64
}

func (t *tally) init() {
	t.buckets = make([]atomic.Int64, maxBucket+1)
	t.min.Store(math.MaxInt64)
}

func bucketOf(v int64) int {
	shift := max(0, bits.Len64(uint64(v))-fineBits)
	return shift*half + int(v>>shift)
}

// highest returns the greatest value of a bucket.
func highest(b int) int64 {
	shift := max(0, b/half-1)
	return (int64(b-shift*half)+1)<<shift - 1
}

func (t *tally) add(v int64) {
	v = min(max(v, 0), maxTally)
	t.buckets[bucketOf(v)].Add(1)
	t.count.Add(1)
	t.sum.Add(v)
	for low := t.min.Load(); v < low && !t.min.CompareAndSwap(low, v); low = t.min.Load() {
	}
	for high := t.max.Load(); v > high && !t.max.CompareAndSwap(high, v); high = t.max.Load() {
	}
}

func (t *tally) quantiles() Quantiles {
	n := t.count.Load()
	if n == 0 {
		return Quantiles{}
	}
	q := Quantiles{Count: n, Min: t.min.Load(), Max: t.max.Load(), Mean: float64(t.sum.Load()) / float64(n)}
	wanted := []struct {
		q  float64
		to *int64
	}{{0.5, &q.P50}, {0.9, &q.P90}, {0.95, &q.P95}, {0.99, &q.P99}, {0.999, &q.P999}, {0.9999, &q.P9999}}
	seen := int64(0)
	for b := range t.buckets {
		seen += t.buckets[b].Load()
		for len(wanted) > 0 && seen >= int64(math.Ceil(wanted[0].q*float64(n))) {
			*wanted[0].to = min(max(highest(b), q.Min), q.Max)
			wanted = wanted[1:]
		}
	}
	for _, w := range wanted { // counted while we looked
		*w.to = q.Max
	}
	return q
}
