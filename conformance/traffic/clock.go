package traffic

import (
	"bytes"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"axbench/runner/wire"
)

// dateGrain is the resolution of a Date header: the server's clock stood in the second that it names, at some instant between the
// first byte of the call and the last of its answer.
const dateGrain = time.Second

// dateStale is how old a Date may be: many servers make one once a second.
const dateStale = time.Second

// clock finds out by how much the server's clock is ahead of this machine's, from the Date of its answers: each holds it between
// two bounds, and all together between the greatest lower and the least upper one. It is safe for concurrent use.
type clock struct {
	told      atomic.Bool  // there was a Date
	low, high atomic.Int64 // nanoseconds; written under mu
	last      atomic.Pointer[date]

	mu     sync.Mutex
	jumped bool
}

// date is a Date as it was read last: it changes once a second.
type date struct {
	text [len(http.TimeFormat)]byte
	ns   int64 // Unix time
}

// Skew is what the answers of a run say of the server's clock.
type Skew struct {
	Low    time.Duration `json:"low_ns"` // by how much it is ahead of this machine's, at least and at most
	High   time.Duration `json:"high_ns"`
	Jumped bool          `json:"jumped,omitempty"` // no one skew explains all answers: the bounds are those of the last ones
}

// Skew returns what the answers have said so far of the server's clock; ok is false when none had a Date.
func (t *Traffic) Skew() (s Skew, ok bool) {
	c := &t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	low, high := time.Duration(c.low.Load()), time.Duration(c.high.Load())
	return Skew{min(low, high), max(low, high), c.jumped}, c.told.Load() // crossed bounds are within dateStale of each other
}

// observe takes in an answer.
func (c *clock) observe(a *wire.Answer) {
	if a.Times.Sent.IsZero() || a.Times.Done.IsZero() {
		return
	}
	at, ok := c.dateOf(a.Head)
	if !ok {
		return
	}
	// Wall clock: that is what calls are signed by.
	low, high := at-a.Times.Done.UnixNano(), at+int64(dateGrain)-a.Times.Sent.UnixNano()
	if c.told.Load() && low <= c.low.Load() && high >= c.high.Load() {
		return // nothing new
	}
	c.narrow(low, high)
}

// narrow takes in the bounds of one answer. One that cannot be so beside the others begins anew.
func (c *clock) narrow(low, high int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.told.Load():
	case low > c.high.Load()+int64(dateStale) || high < c.low.Load()-int64(dateStale):
		c.jumped = true
	default:
		low, high = max(low, c.low.Load()), min(high, c.high.Load())
	}
	c.low.Store(low)
	c.high.Store(high)
	c.told.Store(true)
}

// dateOf reads the Date of an answer's head.
func (c *clock) dateOf(head []byte) (ns int64, ok bool) {
	text := dateField(head)
	if len(text) != len(http.TimeFormat) {
		return 0, false
	}
	if d := c.last.Load(); d != nil && bytes.Equal(d.text[:], text) {
		return d.ns, true
	}
	at, err := time.Parse(http.TimeFormat, string(text))
	if err != nil {
		return 0, false
	}
	d := &date{ns: at.UnixNano()}
	copy(d.text[:], text)
	c.last.Store(d)
	return d.ns, true
}

var dateName = []byte("date:")

// dateField returns the value of the first Date, nil without one.
func dateField(head []byte) []byte {
	for len(head) > 0 {
		line := head
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			line, head = head[:i], head[i+1:]
		} else {
			head = nil
		}
		if len(line) > len(dateName) && line[0]|0x20 == 'd' && bytes.EqualFold(line[:len(dateName)], dateName) {
			return bytes.TrimSpace(line[len(dateName):])
		}
	}
	return nil
}
