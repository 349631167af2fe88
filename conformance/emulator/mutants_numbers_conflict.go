package emulator

import (
	"sync"

	"axbench/conformance/numbers"
)

// mutantsConflict see conflicts where there are none, or none where there are, or call them by another name.
var mutantsConflict = []*Deviation{
	{ID: "N08", Text: "the same X given twice to the same A (two live bindings, different B)", Clauses: []string{"INV-2"}, Needs: "two binds of one A without PhoneNoX",
		at: repeating(func(r *numbers.Request) pair { return pair{a: r.A} }, func(r *numbers.Request, was *numbers.Binding) bool { return r.B != was.B })},
	{ID: "N09", Text: "the same X given twice to the same B", Clauses: []string{"INV-2"}, Needs: "two binds of one B without PhoneNoX",
		at: repeating(func(r *numbers.Request) pair { return pair{b: r.B} }, func(r *numbers.Request, was *numbers.Binding) bool { return r.A != was.A })},
	{ID: "N11", Text: "conflict missed when roles are swapped: (A,B,X) then (B,A,X)", Clauses: []string{"PRM-X-5"}, Needs: "two binds of a pair on one X, the second with A and B swapped", at: onPoints("bind", sameRoleOnly)},
	{ID: "N12", Text: "explicit X conflict answered isv.NO_AVAILABLE_NUMBER", Clauses: []string{"PRM-X-5"}, Needs: "two binds of one A on one X",
		at: onStage("bind", instead("isv.NO_AVAILABLE_NUMBER", func(c *call, r *row) bool { return c.request.X != 0 && r == c.server.rules.conflict }))},
	{ID: "N20", Text: "pool exhausted -> isp.SYSTEM_ERROR", Clauses: []string{"INV-3"}, Needs: "binds of one A until every X of a small pool is taken",
		at: onStage("bind", instead("isp.SYSTEM_ERROR", func(c *call, r *row) bool {
			return r == c.server.rows.refusals[numbers.NoAvailable] && c.request.X == 0 && !(c.pool.Strict() && c.request.City != "")
		}))},
	{ID: "N46", Text: "second bind with the same OutId -> isv.BIND_CONFLICT", Clauses: []string{"PRM-OUT-4"}, Needs: "two binds with one OutId", at: onPoints("bind", outIDOnce)},
	{ID: "N47", Text: "same (A,B) again gets the same X and a second SubsId", Clauses: []string{"INV-2"}, Needs: "two binds of one pair without PhoneNoX",
		at: repeating(func(r *numbers.Request) pair { return pair{r.A, r.B} }, func(*numbers.Request, *numbers.Binding) bool { return true })},
}

// pair is who is bound: A, B or both.
type pair struct{ a, b numbers.Number }

// repeating binds again on the X of the binding before, when that is live and fits.
func repeating(of func(*numbers.Request) pair, fits func(*numbers.Request, *numbers.Binding) bool) at {
	type who struct {
		pool string
		pair
	}
	return onPoints("bind", func(*Server) points {
		f := newForger()
		var mu sync.Mutex
		last := map[who]numbers.Binding{}
		return f.with(map[string]stageFunc{"bind": func(c *call, next func(*call) *row) (*row, bool) {
			mu.Lock()
			defer mu.Unlock()
			key := who{c.pool.Key(), of(&c.request)}
			if was, ok := last[key]; ok && c.request.X == 0 && fits(&c.request, &was) && c.live(&was) {
				c.request.X = was.X
				if f.bind(c) {
					remember(last, key, c.binding)
					return c.server.rows.ok, true
				}
				c.request.X = 0
			}
			r := next(c)
			if r == c.server.rows.ok {
				remember(last, key, c.binding)
			}
			return r, false
		}})
	})
}

// live reports whether a binding of the call's pool has not ended.
func (c *call) live(b *numbers.Binding) bool {
	_, refusal := c.pool.Query(c.today, b.SubsID, b.X)
	return refusal == numbers.None
}

// sameRoleOnly lets A be bound where it is B, and B where it is A.
func sameRoleOnly(*Server) points {
	type place struct {
		x, number numbers.Number
		isB       bool
	}
	f := newForger()
	var mu sync.Mutex
	held := map[place]numbers.Binding{}
	on := func(c *call, n numbers.Number, isB bool) bool {
		b, ok := held[place{c.request.X, n, isB}]
		return ok && c.live(&b)
	}
	return f.with(map[string]stageFunc{"bind": func(c *call, next func(*call) *row) (*row, bool) {
		mu.Lock()
		defer mu.Unlock()
		r, hit := next(c), false
		if r == c.server.rules.conflict && c.request.X != 0 {
			q := &c.request
			same, swapped := on(c, q.A, false) || on(c, q.B, true), on(c, q.A, true) || on(c, q.B, false)
			if !same && swapped && f.bind(c) {
				r, hit = c.server.rows.ok, true
			}
		}
		if r == c.server.rows.ok {
			remember(held, place{c.binding.X, c.request.A, false}, c.binding)
			remember(held, place{c.binding.X, c.request.B, true}, c.binding)
		}
		return r, hit
	}})
}

// outIDOnce takes an OutId for the name of a binding.
func outIDOnce(*Server) points {
	var mu sync.Mutex
	seen := map[string]bool{}
	return points{stages: map[string]stageFunc{"bind": func(c *call, next func(*call) *row) (*row, bool) {
		if c.values[fOutID] == "" {
			return next(c), false
		}
		mu.Lock()
		defer mu.Unlock()
		id := c.key.account.name + "\x00" + c.values[fOutID]
		if seen[id] {
			return c.wrong(c.server.rules.conflict, "COD-BIND_CONFLICT", "OutId"), true
		}
		r := next(c)
		if r == c.server.rows.ok {
			remember(seen, id, true)
		}
		return r, false
	}}}
}
