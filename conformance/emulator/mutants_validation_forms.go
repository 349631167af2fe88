package emulator

import (
	"fmt"

	"axbench/conformance/numbers"
)

// What most mutants are made of. A mutant leaves the stage that it stands at to do its work and changes what goes in or what
// comes out, so that it stays right when the stage changes.

// onStages is onStage for several stages with one function.
func onStages(f stageFunc, names ...string) at {
	return at{names[0], func(*Server) points {
		p := points{stages: map[string]stageFunc{}}
		for _, name := range names {
			p.stages[name] = f
		}
		return p
	}}
}

// instead answers the refusals of a stage for which when holds with another code.
func instead(code string, when func(c *call, r *row) bool) stageFunc {
	return func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r == nil || r == c.server.rows.ok || !when(c, r) {
			return r, false
		}
		c.message = ""
		return c.server.rows.find(code), true
	}
}

// refusing refuses what a stage would let pass.
func refusing(code, param string, when func(c *call) bool) stageFunc {
	return func(c *call, next func(*call) *row) (*row, bool) {
		if r := next(c); r != nil || !when(c) {
			return r, false
		}
		return c.wrong(c.server.rows.find(code), codeClause(code), param), true
	}
}

// keeping refuses what would become a binding, before it is one.
func keeping(code, param string, when func(c *call) bool) stageFunc {
	return func(c *call, next func(*call) *row) (*row, bool) {
		if !when(c) {
			return next(c), false
		}
		return c.wrong(c.server.rows.find(code), codeClause(code), param), true
	}
}

// reading changes what a stage reads. f returns true when it did.
func reading(f func(c *call) bool) stageFunc {
	return func(c *call, next func(*call) *row) (*row, bool) {
		hit := f(c)
		return next(c), hit
	}
}

// passed changes what a stage that let the call pass has read. f returns true when it did.
func passed(f func(c *call) bool) stageFunc {
	return func(c *call, next func(*call) *row) (*row, bool) {
		if r := next(c); r != nil {
			return r, false
		}
		return nil, f(c)
	}
}

// forgiving lets refusals of a stage for which when holds pass.
func forgiving(when func(c *call, r *row) bool) stageFunc {
	return func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r == nil || r == c.server.rows.ok || !when(c, r) {
			return r, false
		}
		return c.pardon(), true
	}
}

// pardon takes a refusal back, and the header fields that came with it.
func (c *call) pardon() *row {
	c.clause, c.param, c.message = "", "", ""
	c.response.more = c.response.more[:0]
	return nil
}

// set gives a parameter another value. What was signed stays as it came.
func (c *call) set(f field, value string) {
	c.values[f] = value
	c.given |= 1 << f
}

// defaultPool is the pool that an endpoint takes which does not care: the built-in one, else the account's first.
func (c *call) defaultPool() *pool {
	if p := c.server.pools[BuiltinPool]; p != nil && p.account == c.key.account {
		return p
	}
	for _, m := range c.server.model.Pools() {
		if p := c.server.pools[m.Key()]; p.account == c.key.account {
			return p
		}
	}
	return nil
}

// maxReserved is how many reserved numbers one call may have.
const maxReserved = 1024

// reserved is the k-th number that stands in a binding for what is no phone number, other ones for each call: it has more
// digits than any phone.
func (c *call) reserved(k uint64) numbers.Number {
	n, _ := numbers.Parse(fmt.Sprint(9_000_000_000_000_000 + c.number*maxReserved + k))
	return n
}

// streamMutant is the stream of random numbers of the mutants, far from those of the endpoint.
const streamMutant uint64 = 1 << 20

// coin is one of two sides for each call, by the seed.
func (c *call) coin() bool { return random(c.server.seed, streamMutant, c.number)&1 == 0 }
