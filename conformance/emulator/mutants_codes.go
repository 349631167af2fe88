package emulator

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
)

// mutantsCodes are three for each error code of the document: the condition of the code is ignored, answered isp.SYSTEM_ERROR,
// or the code is misspelt.
var mutantsCodes = func() (list []*Deviation) {
	for i, c := range contract.Edition2019.Codes()[1:] {
		code, clause, needs := c.Name, []string{codeClause(c.Name)}, "a call that gets "+c.Name
		list = append(list,
			&Deviation{ID: "IGN(" + code + ")", Text: "the condition holds, the answer is OK with a filled DTO", Clauses: clause, Needs: needs,
				at: onPoints("decision", ignoring(code))},
			&Deviation{ID: "SYS(" + code + ")", Text: "the condition holds, the answer is isp.SYSTEM_ERROR (for isp.SYSTEM_ERROR itself: isp.DAO_EXCEPTION)", Clauses: clause, Needs: needs,
				at: onDecision(systemError(code))},
			&Deviation{ID: "SPL(" + code + ")", Text: "the right code misspelt: isv/isp swapped, or one underscore lost", Clauses: clause, Needs: needs,
				at: onPoints("decision", misspelt(code, i%2 == 0))})
	}
	return list
}()

// systemError answers a code as a fault of the endpoint.
func systemError(code string) decisionFunc {
	other := "isp.SYSTEM_ERROR"
	if code == other {
		other = "isp.DAO_EXCEPTION"
	}
	return func(c *call, r *row) (*row, bool) {
		if r.name != code {
			return r, false
		}
		c.message = ""
		return c.server.rows.find(other), true
	}
}

// misspelt answers a code with its prefix swapped, or without its last underscore.
func misspelt(code string, swap bool) func(*Server) points {
	wrong := strings.NewReplacer("isv.", "isp.", "isp.", "isv.").Replace(code)
	if !swap {
		i := strings.LastIndexByte(code, '_')
		wrong = code[:i] + code[i+1:]
	}
	return func(s *Server) points {
		right := s.rows.find(code)
		s.rows.add(&row{name: wrong, message: right.message, status: right.status})
		other := s.rows.find(wrong)
		return points{decision: func(c *call, r *row) (*row, bool) {
			if r != right {
				return r, false
			}
			c.message = c.text(r) // other has no text of its own that is ready to be sent
			return other, true
		}}
	}
}

// ignoring goes on with a bind behind the refusal. What cannot be bound is answered with a binding that is forged.
func ignoring(code string) func(*Server) points {
	return func(s *Server) points {
		f, a := newForger(), newAtlas(s)
		var fakes atomic.Uint64
		p := f.with(map[string]stageFunc{})
		p.decision = func(c *call, r *row) (*row, bool) {
			if r.name != code || !c.binds() || c.key == nil {
				return r, false
			}
			if c.goOn() != s.rows.ok && !f.nearly(c) {
				c.binding = numbers.Binding{SubsID: numbers.SubsID(fakeSubsID + fakes.Add(1)), X: a.first(c.pool)}
			}
			if x, ok := secret(c.values[fPhoneNoX]); ok {
				c.binding.X = x
			}
			return c.accept(), true
		}
		return p
	}
}

// fakeSubsID is below the SubsIds of what no pool has a place for.
const fakeSubsID = 9_000_000_000_000_000

// goOn passes the stages behind the one that refused.
func (c *call) goOn() *row {
	refused := func(s stage) bool { return s.name == c.stage }
	i, j := slices.IndexFunc(c.server.front, refused), slices.IndexFunc(c.op.stages, refused)
	c.pardon()
	if i >= 0 {
		if r := c.pass(c.server.front[i+1:]); r != nil {
			return r
		}
	}
	c.fillIn()
	return c.pass(c.op.stages[j+1:])
}

// fillIn makes up what was not read of a bind.
func (c *call) fillIn() {
	if c.pool == nil {
		c.pool = c.defaultPool()
	}
	if c.pool == nil {
		c.pool = c.server.pools[c.server.model.Pools()[0].Key()]
	}
	q := &c.request
	if q.A == 0 {
		q.A = c.reserved(2)
	}
	if q.B == 0 {
		q.B = c.reserved(3)
	}
	if !q.Expires.After(c.today) {
		q.Expires = c.today.Add(time.Hour)
	}
}

// nearly forges the binding that was asked for, or one on any X of the pool.
func (f *forger) nearly(c *call) bool {
	c.fillIn()
	if f.bind(c) {
		return true
	}
	c.request.X, c.request.City = 0, ""
	return f.bind(c)
}

// first is some number of a pool.
func (a atlas) first(p *pool) numbers.Number {
	for _, c := range a[p.Key()] {
		for _, r := range c.Ranges {
			return r.First
		}
	}
	return 0
}
