package emulator

import (
	"net"
	"sync/atomic"
	"time"
)

// faults are those of one server, ready to be drawn. They are safe for concurrent use.
type faults struct {
	seed      uint64
	origin    *origin
	known     int      // how many of the front stages must be passed until the operation is known; none of them has an effect
	calls     []*fault // those that strike calls
	accepts   []*fault // those that strike connections as they are accepted
	refuse    []*fault
	shut      *timeline    // when nobody listens; nil for never
	accepted  atomic.Int64 // connections, by whose number those of accepts draw
	undecided atomic.Int64 // calls that were struck before they were decided
}

// fault is a Fault at work.
type fault struct {
	*faultKind
	seed      uint64 // of its own
	share     float64
	window    interval
	operation string // "" for every one
	before    bool
	pace      time.Duration
	delta     int
	hits      atomic.Int64
}

// newFaults returns nil for a configuration without any.
func newFaults(cfg *Config, from *origin) *faults {
	if len(cfg.Faults) == 0 {
		return nil
	}
	out := &faults{seed: uint64(cfg.Seed), origin: from}
	var shut []interval
	for i := range cfg.Faults {
		c := &cfg.Faults[i]
		f := &fault{faultKind: findFaultKind(c.Kind), seed: mix(out.seed + uint64(i)), share: shareIn(c.Share, &c.Pos, &c.Window), window: c.Window.interval(),
			operation: c.Operation, before: c.Effect == "before", pace: c.pace(), delta: c.Delta}
		switch {
		case f.calls:
			out.calls = append(out.calls, f)
		case f.name == kindRefuse:
			out.refuse, shut = append(out.refuse, f), append(shut, f.window)
		default:
			out.accepts = append(out.accepts, f)
		}
	}
	for i, s := range front {
		if s.name == "action" {
			out.known = i + 1
		}
	}
	if len(shut) > 0 {
		out.shut = newTimeline(shut)
	}
	return out
}

// run takes a call through its stages, and says what is to strike it. A call that is struck before it reaches the service has
// no effect and no decision: then row is nil.
func (f *faults) run(c *call) (*row, *fault) {
	if len(f.calls) == 0 || c.conn == nil {
		return c.run(), nil
	}
	r := c.pass(c.server.front[:f.known])
	struck := f.draw(c)
	if struck != nil && struck.before {
		f.undecided.Add(1)
		c.clause = ""
		return nil, struck
	}
	if r == nil {
		r = c.pass(c.server.front[f.known:])
	}
	if r == nil {
		r = c.pass(c.op.stages)
	}
	return r, struck
}

// draw returns the fault that strikes a call, by the call's number and time; nil for none.
func (f *faults) draw(c *call) *fault {
	at := f.origin.since(c.read)
	for _, x := range f.calls {
		if x.operation != "" && (c.op == nil || c.op.Name != x.operation) {
			continue
		}
		if x.strikes(streamFault, c.number, at) {
			return x
		}
	}
	return nil
}

// strikes draws number n of a stream at a time since the first call, and counts a hit.
func (x *fault) strikes(stream, n uint64, at int64) bool {
	if !x.window.always() && (at < 0 || !x.window.open(at)) || unit(random(x.seed, stream, n)) >= x.share {
		return false
	}
	x.hits.Add(1)
	return true
}

// accept reports whether a connection that was just accepted is to stay. If not, it is reset.
func (f *faults) accept(raw net.Conn) bool {
	if len(f.accepts) == 0 {
		return true
	}
	n := uint64(f.accepted.Add(1))
	at := f.origin.since(instant())
	for _, x := range f.accepts {
		if x.strikes(streamAccept, n, at) {
			reset(raw)
			return false
		}
	}
	return true
}

// reset closes a TCP connection with a reset.
func reset(raw net.Conn) {
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}

// tamper is what the fault does to the answer to call n.
func (x *fault) tamper(n uint64) tamper {
	t := tamper{pace: x.pace, then: x.then, lost: x.lost, foreign: !x.shows}
	if x.rewrite != nil {
		t.rewrite = func(answer []byte) []byte { return x.faultKind.rewrite(x, n, answer) }
	}
	return t
}

// counts says how often each kind struck. For refuse it is how often the listener was closed.
func (f *faults) counts() map[string]int64 {
	if f == nil {
		return nil
	}
	out := map[string]int64{}
	for _, list := range [][]*fault{f.calls, f.accepts, f.refuse} {
		for _, x := range list {
			out[x.name] += x.hits.Load()
		}
	}
	return out
}
