package emulator

import (
	"fmt"
	"sync/atomic"
	"time"

	"axbench/conformance/contract"
	"axbench/scenarios/strict"
)

// Limit is a flow limit: a token bucket that starts full. Each operation has a bucket of its own.
type Limit struct {
	Pos       strict.Pos `yaml:"-" json:"-"`
	Rate      Rate       `yaml:"rate" jsonschema:"required,description=calls that pass in the long run"`
	Burst     int        `yaml:"burst" jsonschema:"minimum=1,maximum=10000000,description=calls that may come at once (one second's worth)"`
	Per       string     `yaml:"per" jsonschema:"enum=account,enum=key,enum=connection,description=what is counted together"`
	Style     string     `yaml:"style" jsonschema:"enum=business,enum=gateway,enum=gateway_api,enum=flow_limited,description=isv.FLOW_LIMIT or Throttling.User or Throttling.Api or FlowLimited with 400"`
	Operation string     `yaml:"operation" jsonschema:"description=only this operation; every one without it"`
}

func checkLimits(limits []Limit) *strict.Error {
	for i := range limits {
		l := &limits[i]
		switch {
		case l.Rate <= 0:
			return l.Pos.Error("rate", "no value is given", "for example 50/s")
		case l.Operation != "" && contract.FindOperation(l.Operation) == nil:
			return l.Pos.Error("operation", "no such operation", "one of axbench codes, for example BindAxb")
		}
	}
	return nil
}

// limits are the common ones: FlowLimit and Limits.
func (c *Config) limits() []Limit {
	if c.FlowLimit > 0 {
		return append([]Limit{{Rate: c.FlowLimit}}, c.Limits...)
	}
	return c.Limits
}

// limiter is one limit of one account, key or connection. It is safe for concurrent use.
type limiter struct {
	row     *row
	header  string // that says when to try again; "" for none
	clause  string
	limit   *Limit
	buckets []bucket // by operation.index; each is 0 where the limit does not hold
}

func newLimiter(l *Limit, t *rows) *limiter {
	out := &limiter{limit: l, clause: "LOD-2", row: t.flow, buckets: make([]bucket, len(contract.Operations))}
	switch l.Style {
	case "gateway":
		out.row, out.header = t.find("Throttling.User"), "x-ratelimit-user"
	case "gateway_api":
		out.row, out.header = t.find("Throttling.Api"), "x-ratelimit-user-api"
	case "flow_limited":
		out.row = t.find("FlowLimited")
	}
	for i, op := range contract.Operations {
		if l.Operation == "" || l.Operation == op.Name {
			out.buckets[i] = newBucket(l.Rate, l.Burst)
		}
	}
	return out
}

// take takes a token of an operation at an instant, if there is one.
func (l *limiter) take(operation int, now int64) bool {
	b := &l.buckets[operation]
	return b.each == 0 || b.take(now)
}

// tooFast refuses a call. What the header's Reset counts is not documented: here, seconds of 1970.
func (c *call) tooFast(l *limiter) *row {
	if l.header != "" {
		b := &l.buckets[c.op.index]
		left := (b.wait(c.read) + 1e6 - 1) / 1e6 // milliseconds
		c.response.add(l.header, fmt.Sprintf("Limit:%d,Remain:0,TimeLeft:%d,Reset:%d", b.depth/b.each, left, (c.now.UnixMilli()+left+999)/1000))
	}
	return c.refuse(l.row, l.clause)
}

// bucket is a token bucket that starts full. It is kept as the instant at which it would be full again, so that taking a token
// is one compare-and-swap. It is safe for concurrent use and must not be copied in use.
type bucket struct {
	each  int64 // nanoseconds for one token; 0: no limit
	depth int64 // nanoseconds for all of them
	full  *atomic.Int64
}

// newBucket makes a bucket of burst tokens, of one second's worth when burst is 0.
func newBucket(r Rate, burst int) bucket {
	each := int64(float64(time.Second) / float64(r))
	depth := max(each, int64(time.Second))
	if burst > 0 {
		depth = each * int64(burst)
	}
	return bucket{each: each, depth: depth, full: new(atomic.Int64)}
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

// wait is how long it takes at an instant until there is a token.
func (b *bucket) wait(now int64) int64 { return max(0, b.full.Load()+b.each-now-b.depth) }
