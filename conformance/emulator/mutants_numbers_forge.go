package emulator

import (
	"strings"
	"sync"

	"axbench/conformance/numbers"
)

// forger makes bindings that the model would refuse. The model holds each under reserved numbers in the place of A and B, so
// that it can be unbound and ends in time; queries show what it stands for. It is safe for concurrent use.
type forger struct {
	mu    sync.Mutex
	shown map[numbers.SubsID]numbers.Binding
}

// maxRemembered bounds each memory of a mutant: one that is full is emptied, and the mutant shows less for a while.
const maxRemembered = 1 << 16

// remember puts a value into a memory.
func remember[K comparable, V any](memory map[K]V, key K, value V) {
	if len(memory) >= maxRemembered {
		clear(memory)
	}
	memory[key] = value
}

func newForger() *forger { return &forger{shown: map[numbers.SubsID]numbers.Binding{}} }

// bind makes the binding that the call asks for on c.request.X, or on a random one, whatever is bound there. It reports false
// when the X is full or not the pool's.
func (f *forger) bind(c *call) bool {
	stand := c.request
	stand.A, stand.B = c.reserved(0), c.reserved(1)
	b, refusal := c.pool.Bind(c.today, stand)
	if refusal != numbers.None {
		return false
	}
	b.A, b.B = c.request.A, c.request.B
	c.binding = b
	f.show(b)
	c.pardon()
	return true
}

// show makes queries show a binding as it is given.
func (f *forger) show(b numbers.Binding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	remember(f.shown, b.SubsID, b)
}

// with adds the stage that shows to those of a mutant.
func (f *forger) with(stages map[string]stageFunc) points {
	stages["detail"] = func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r != c.server.rows.ok {
			return r, false
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if b, ok := f.shown[c.binding.SubsID]; ok {
			c.binding.A, c.binding.B, c.binding.Expires = b.A, b.B, b.Expires
		}
		return r, false // counted when it was bound
	}
	return points{stages: stages}
}

// atlas says which numbers a server has where.
type atlas map[string][]numbers.City // by key of the pool

func newAtlas(s *Server) atlas {
	a := atlas{}
	for _, p := range s.model.Pools() {
		a[p.Key()] = p.Cities()
	}
	return a
}

// city returns where an X of a pool is.
func (a atlas) city(p *pool, x numbers.Number) string {
	for _, c := range a[p.Key()] {
		for _, r := range c.Ranges {
			if r.First <= x && x <= r.Last {
				return c.Name
			}
		}
	}
	return ""
}

// knows reports whether a city stands in some pool.
func (a atlas) knows(name string) bool {
	for _, cities := range a {
		for _, c := range cities {
			if c.Name == bareCity(name) {
				return true
			}
		}
	}
	return false
}

// bareCity is the name of a city without its suffix.
func bareCity(name string) string { return strings.TrimSuffix(name, "市") }
