package emulator

import (
	"sync"
	"sync/atomic"
	"time"

	"axbench/conformance/numbers"
)

// mutantsStored keep another binding than was asked for, or tell another one.
var mutantsStored = []*Deviation{
	{ID: "N21", Text: "SubsId constant", Clauses: []string{"INV-1"}, Needs: "two binds", at: onPoints("bind", oneSubsID)},
	{ID: "N23", Text: "SubsId is A|B|X in clear", Clauses: []string{"RSP-14"}, Needs: "any bind", at: onPoints("answer", speakingSubsID)},
	{ID: "N24", Text: "binding expires early", Clauses: []string{"PRM-EXP-8"}, Needs: "a conflict probe when more than half of the time to Expiration is over", at: onPoints("bind", halfTheTime)},
	{ID: "N27", Text: "recording defaults to true", Clauses: []string{"PRM-REC-5"}, Needs: "QuerySubscriptionDetail after a bind without IsRecordingEnabled",
		at: onStage(stageOptions, passed(func(c *call) bool { return !c.given.has(fIsRecordingEnabled) && c.keepRecording(noteRecording) }))},
	{ID: "N28", Text: "IsRecordingEnabled ignored", Clauses: []string{"PRM-REC-5"}, Needs: "QuerySubscriptionDetail after a bind with IsRecordingEnabled=true",
		at: onStage(stageOptions, passed(func(c *call) bool { return c.given.has(fIsRecordingEnabled) && c.keepRecording(0) }))},
	{ID: "N29", Text: "Expiration stored 8 hours off", Clauses: []string{"PRM-EXP-8"}, Needs: "QuerySubscriptionDetail, or a conflict probe after Expiration",
		at: onStage("bind", reading(func(c *call) bool {
			c.request.Expires = c.request.Expires.Add(8 * time.Hour)
			return true
		}))},
	{ID: "N31", Text: "A and B stored swapped", Clauses: []string{"PRM-AB-2"}, Needs: "QuerySubscriptionDetail",
		at: onStage("bind", reading(func(c *call) bool {
			c.request.A, c.request.B = c.request.B, c.request.A
			return true
		}))},
	{ID: "N32", Text: "failed bind still consumes an X", Clauses: []string{"SIG-19", "INV-4", "LOD-3"}, Needs: "refused binds in a small pool", at: onDecision(takesAnyway)},
	{ID: "N35", Text: "another account's PoolKey accepted", Clauses: []string{"PRM-POOL-6"}, Needs: "a second account with a pool",
		at: onStage("bind pool", forgiving(func(c *call, _ *row) bool {
			p := c.server.pools[c.values[fPoolKey]]
			return p != nil && p.account != c.key.account
		}))},
	{ID: "N82", Text: "every tenth bind with nothing wrong -> isv.VENDOR_BIND_FAILED", Clauses: []string{"COD-OK"}, Needs: "ten binds", at: onPoints("bind", everyTenthFails)},
}

// keepRecording replaces what is kept of IsRecordingEnabled.
func (c *call) keepRecording(recording uint32) bool {
	was := c.request.Note
	c.request.Note = was&^noteRecording | recording
	return c.request.Note != was
}

// oneSubsID gives the first SubsId to everybody.
func oneSubsID(*Server) points {
	var first atomic.Uint64
	return points{stages: map[string]stageFunc{"bind": func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r != c.server.rows.ok {
			return r, false
		}
		own := uint64(c.binding.SubsID)
		first.CompareAndSwap(0, own)
		c.binding.SubsID = numbers.SubsID(first.Load())
		return r, first.Load() != own
	}}}
}

// speakingSubsID makes the SubsId of the numbers, and understands it when it comes back.
func speakingSubsID(s *Server) points {
	var mu sync.Mutex
	ids := map[string]string{}
	return points{
		answer: bound.field("SubsId", func(c *call, id string) string {
			speaking := c.request.A.String() + "|" + c.request.B.String() + "|" + c.binding.X.String()
			mu.Lock()
			defer mu.Unlock()
			remember(ids, speaking, id)
			return speaking
		}).make(s).answer,
		stages: map[string]stageFunc{"required": reading(func(c *call) bool {
			mu.Lock()
			defer mu.Unlock()
			if id, ok := ids[c.values[fSubsID]]; ok {
				c.set(fSubsID, id)
			}
			return false // counted when it was told
		})},
	}
}

// halfTheTime ends bindings when half of their time is over. Queries say what was asked for.
func halfTheTime(*Server) points {
	f := newForger()
	return f.with(map[string]stageFunc{"bind": func(c *call, next func(*call) *row) (*row, bool) {
		asked := c.request.Expires
		if asked.Sub(c.today) < 2*time.Second {
			return next(c), false
		}
		c.request.Expires = c.today.Add(asked.Sub(c.today) / 2)
		r := next(c)
		if r != c.server.rows.ok {
			return r, false
		}
		told := c.binding
		told.Expires = asked
		f.show(told)
		return r, true
	}})
}

// takesAnyway takes an X for a bind that is refused, wherever it is: the one that was asked for, else any. The X is filled up
// with reserved numbers until the binding would have ended, so that nobody else gets it.
func takesAnyway(c *call, r *row) (*row, bool) {
	p := c.server.pools[c.values[fPoolKey]]
	if r == c.server.rows.ok || !c.binds() || p == nil || c.key != nil && c.key.account != p.account {
		return r, false
	}
	take := numbers.Request{Expires: c.today.Add(time.Hour)}
	if seconds, ok := c.expiration(); ok && seconds > c.today.Unix() {
		take.Expires = time.Unix(seconds, 0)
	}
	if x, ok := numbers.Parse(c.values[fPhoneNoX]); ok && p.Has(x) {
		take.X = x
	}
	taken := uint64(0)
	for ; taken < numbers.MaxPairs; taken++ {
		take.A, take.B = c.reserved(2*taken), c.reserved(2*taken+1)
		b, refusal := p.Bind(c.today, take)
		if refusal != numbers.None {
			break
		}
		take.X = b.X
	}
	return r, taken > 0
}

// everyTenthFails refuses a bind that nothing is wrong with.
func everyTenthFails(*Server) points {
	var count atomic.Int64
	return points{stages: map[string]stageFunc{"bind": func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r != c.server.rows.ok || count.Add(1)%10 != 0 {
			return r, false
		}
		c.pool.Unbind(c.today, c.binding.SubsID, c.binding.X)
		return c.refuse(c.server.rows.find("isv.VENDOR_BIND_FAILED"), "COD-VENDOR_BIND_FAILED"), true
	}}}
}
