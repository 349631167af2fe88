package emulator

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"axbench/conformance/numbers"
)

// mutantsLoad go wrong when there are many calls, or long between two of them.
var mutantsLoad = []*Deviation{
	{ID: "L02", Text: "cross-talk: DTO of another request in flight", Clauses: []string{"INV-5"}, Needs: "binds at the same time", at: onPoints("bind", crossTalk)},
	{ID: "L04", Text: "SubsId duplicated under concurrency", Clauses: []string{"INV-1", "LOD-7"}, Needs: "binds at the same time", at: onPoints("bind", sameSubsID)},
	{ID: "L14", Text: "nonce cache evicts under load: replay accepted after 10 000 other requests", Clauses: []string{"LOD-5"}, Needs: "a replay after 10,000 other calls", at: onPoints("nonce", ringOfNonces)},
	{ID: "L16", Text: "idle keep-alive connection reset mid-request", Clauses: []string{"LOD-6"}, Needs: "a call over a connection that was idle for more than a second", at: onWire(resetIdle)},
	{ID: "L17", Text: "body truncated above N concurrent requests", Clauses: []string{"LOD-1"}, Needs: "more than 8 calls at the same time", at: onPoints("answer", truncates)},
	{ID: "L21", Text: "limit counted per connection", Clauses: []string{"LOD-4"}, Needs: "a flow limit, and calls above it over several connections", at: onPoints("flow", limitsByConn)},
	{ID: "L80", Text: "over the limit HTTP 503 with a page instead of isv.FLOW_LIMIT", Clauses: []string{"LOD-2"}, Needs: "a flow limit, and calls above it",
		at: code("isv.FLOW_LIMIT").answer(func(_ *call, a *response) bool {
			a.status, a.kind, a.body = 503, []byte("text/html"), []byte("<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>")
			return true
		})},
	{ID: "L81", Text: "the limit does not lift when the rate falls", Clauses: []string{"LOD-4"}, Needs: "a flow limit, calls above it, and one some time later", at: onPoints("flow", neverLifts)},
	{ID: "L82", Text: "one X given to two binds of the same A or B at the same time", Clauses: []string{"LOD-7", "INV-2"}, Needs: "binds of one A at the same time", at: onPoints("bind", sharedX)},
}

// holdTime is how long these mutants hold a call, so that there is another one in flight with it.
const holdTime = time.Millisecond

// meeting brings two calls together that are in flight at the same time. It is safe for concurrent use.
type meeting struct {
	mu      sync.Mutex
	waiting *guest
}

type guest struct {
	brought numbers.Binding
	met     chan numbers.Binding
}

// meet waits for another call for at most holdTime and returns what that one brought. second says that this call came later.
func (m *meeting) meet(s *Server, mine numbers.Binding) (theirs numbers.Binding, second, ok bool) {
	m.mu.Lock()
	if w := m.waiting; w != nil {
		m.waiting = nil
		m.mu.Unlock()
		w.met <- mine
		return w.brought, true, true
	}
	me := &guest{mine, make(chan numbers.Binding, 1)}
	m.waiting = me
	m.mu.Unlock()
	select {
	case theirs = <-me.met:
		return theirs, false, true
	case <-time.After(holdTime):
	case <-s.stopping:
	}
	m.mu.Lock()
	alone := m.waiting == me
	if alone {
		m.waiting = nil
	}
	m.mu.Unlock()
	if alone {
		return numbers.Binding{}, false, false
	}
	return <-me.met, false, true // somebody came at the last moment
}

// meeting makes a mutant of binds that meet: f changes the call's binding and returns true when it did.
func meetingBinds(s *Server, f func(c *call, theirs numbers.Binding, second bool) bool) map[string]stageFunc {
	m := &meeting{}
	return map[string]stageFunc{"bind": func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r != s.rows.ok {
			return r, false
		}
		theirs, second, ok := m.meet(s, c.binding)
		return r, ok && f(c, theirs, second)
	}}
}

// crossTalk exchanges what two calls get.
func crossTalk(s *Server) points {
	return points{stages: meetingBinds(s, func(c *call, theirs numbers.Binding, _ bool) bool {
		c.binding = theirs
		return true
	})}
}

// sameSubsID gives the later of two calls the SubsId of the other.
func sameSubsID(s *Server) points {
	return points{stages: meetingBinds(s, func(c *call, theirs numbers.Binding, second bool) bool {
		if second {
			c.binding.SubsID = theirs.SubsID
		}
		return second
	})}
}

// sharedX moves the later of two binds that have a number in common to the X of the other.
func sharedX(s *Server) points {
	f := newForger()
	return f.with(meetingBinds(s, func(c *call, theirs numbers.Binding, second bool) bool {
		mine := c.binding
		if !second || c.request.X != 0 || !c.pool.Has(theirs.X) || mine.A != theirs.A && mine.B != theirs.B {
			return false
		}
		c.request.X = theirs.X
		if !f.bind(c) {
			return false
		}
		c.pool.Unbind(c.today, mine.SubsID, mine.X)
		return true
	}))
}

// ringSize is how many nonces L14 remembers.
const ringSize = 10_000

// ringOfNonces forgets nonces by their count instead of their time.
func ringOfNonces(*Server) points {
	var mu sync.Mutex
	var ring [ringSize]uint64
	known := map[uint64]bool{}
	at := 0
	return points{stages: map[string]stageFunc{"nonce": func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		print := mix(c.server.nonces.key(c.common.nonce) ^ c.key.hash)
		mu.Lock()
		defer mu.Unlock()
		if known[print] {
			return r, false
		}
		delete(known, ring[at])
		ring[at], known[print] = print, true
		at = (at + 1) % ringSize
		if r == c.server.rows.nonceUsed {
			return c.pardon(), true
		}
		return r, false
	}}}
}

// idleLimit is how long a connection may be idle before L16 resets it.
const idleLimit = time.Second

// resetIdle resets a connection on which nothing went out for a while, when the next request has been read.
func resetIdle(c *call, _ *row, t *tamper) bool {
	if c.conn.wrote == 0 || c.read-c.conn.wrote < int64(idleLimit) {
		return false
	}
	t.rewrite, t.then = func([]byte) []byte { return nil }, endReset
	return true
}

// maxTogether is the N of L17.
const maxTogether = 8

// truncates cuts bodies in half when too many calls are answered at once. Content-Length says so.
func truncates(s *Server) points {
	var together atomic.Int64
	return points{answer: func(_ *call, _ *row, a *response) bool {
		most := together.Add(1)
		select {
		case <-time.After(holdTime):
		case <-s.stopping:
		}
		most = max(most, together.Load())
		together.Add(-1)
		if most <= maxTogether {
			return false
		}
		a.body = a.body[:len(a.body)/2]
		return true
	}}
}

// maxConns is how many connections L21 knows before it forgets those that are closed.
const maxConns = 4096

// limitsByConn gives every connection the limits of the account for itself.
func limitsByConn(s *Server) points {
	var mu sync.Mutex
	own := map[*conn][]*limiter{}
	of := func(c *call) []*limiter {
		mu.Lock()
		defer mu.Unlock()
		list, ok := own[c.conn]
		if !ok {
			for _, l := range c.key.account.limits {
				list = append(list, newLimiter(l.limit, s.rows))
			}
			if len(own) >= maxConns {
				maps.DeleteFunc(own, func(k *conn, _ []*limiter) bool { return k.closed.Load() })
			}
			remember(own, c.conn, list)
		}
		return list
	}
	return points{stages: map[string]stageFunc{"flow": func(c *call, next func(*call) *row) (*row, bool) {
		if c.conn == nil || len(c.key.account.limits) == 0 {
			return next(c), false
		}
		over := slices.ContainsFunc(c.key.account.limits, func(l *limiter) bool { return !l.take(c.op.index, c.read) })
		for _, l := range of(c) {
			if !l.take(c.op.index, c.read) {
				return c.tooFast(l), false
			}
		}
		return c.checkNarrowFlow(), over
	}}}
}

// neverLifts refuses an account for ever once it was over its limit.
func neverLifts(*Server) points {
	type over struct {
		account   *account
		operation int
	}
	var mu sync.Mutex
	first := map[over]*row{}
	return points{stages: map[string]stageFunc{"flow": func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		key := over{c.key.account, c.op.index}
		mu.Lock()
		defer mu.Unlock()
		if r != nil {
			remember(first, key, r)
			return r, false
		}
		if r = first[key]; r == nil {
			return nil, false
		}
		return c.refuse(r, "LOD-2"), true
	}}}
}
