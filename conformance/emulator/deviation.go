package emulator

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"axbench/scenarios/strict"
)

// Deviation is a behaviour that the endpoint does not show by itself: a mutant, which is wrong, or a benign variant, which is
// right but unusual. It is a small function at a named point of a call's way, or a setting, or both.
type Deviation struct {
	ID      string        `json:"id"`
	Text    string        `json:"text"`
	Clauses []string      `json:"clauses,omitempty"` // that a mutant breaks
	Needs   string        `json:"needs,omitempty"`   // what must be configured or done for it to show
	Set     func(*Config) `json:"-"`                 // changes the configuration; nil for none
	at      at
}

// Point is where on the way of a call the deviation stands: the name of a stage, "decision", "answer", "wire", "receipt" or
// "setting".
func (d *Deviation) Point() string {
	if d.at.name == "" {
		return "setting"
	}
	return d.at.name
}

// Mutants are all wrong behaviours, by family: transport, envelope, validation, numbers, gateway, accounts, load, codes.
func Mutants() []*Deviation { return mutants }

// BenignVariants are all unusual behaviours that the document allows.
func BenignVariants() []*Deviation { return benign }

// The points. Each returns true when it changed something, which is a hit.
type (
	// stageFunc stands in the place of a stage, whose own function is next.
	stageFunc func(c *call, next func(*call) *row) (r *row, hit bool)
	// decisionFunc sees what the stages decided and may decide otherwise.
	decisionFunc func(c *call, r *row) (*row, bool)
	// answerFunc changes an answer that is composed and not yet written.
	answerFunc func(c *call, r *row, a *response) bool
	// wireFunc says how the answer leaves the connection. It is not asked for calls without a connection of ours.
	wireFunc func(c *call, r *row, t *tamper) bool
	// receiptFunc changes the record of a call through an X.
	receiptFunc func(r *Receipt) bool
)

// points are the functions of one deviation on one server. A deviation that remembers something keeps it in their closures, and
// guards it: calls come at the same time.
type points struct {
	stages   map[string]stageFunc
	decision decisionFunc
	answer   answerFunc
	wire     wireFunc
	receipt  receiptFunc
}

// at is where a deviation stands and how its functions are made for a server.
type at struct {
	name string
	make func(s *Server) points
}

func onStage(name string, f stageFunc) at {
	return at{name, func(*Server) points { return points{stages: map[string]stageFunc{name: f}} }}
}

func onDecision(f decisionFunc) at {
	return at{"decision", func(*Server) points { return points{decision: f} }}
}

func onAnswer(f answerFunc) at {
	return at{"answer", func(*Server) points { return points{answer: f} }}
}

func onWire(f wireFunc) at {
	return at{"wire", func(*Server) points { return points{wire: f} }}
}

func onReceipt(f receiptFunc) at {
	return at{"receipt", func(*Server) points { return points{receipt: f} }}
}

// onPoints is for deviations with a memory of their own, or at several points; name is the main one.
func onPoints(name string, make func(s *Server) points) at { return at{name, make} }

// findDeviation looks an id up; letters count.
func findDeviation(list []*Deviation, id string) *Deviation {
	if i := slices.IndexFunc(list, func(d *Deviation) bool { return d.ID == id }); i >= 0 {
		return list[i]
	}
	return nil
}

func (c *Config) checkDeviations() *strict.Error {
	if err := c.checkIDs("mutants", c.Mutants, mutants, benign); err != nil {
		return err
	}
	return c.checkIDs("benign", c.Benign, benign, mutants)
}

// checkIDs wants ids of a list, each once. An error stands at the id and says which one may have been meant.
func (c *Config) checkIDs(key string, ids []string, list, others []*Deviation) *strict.Error {
	for i, id := range ids {
		problem := ""
		switch {
		case slices.Contains(ids[:i], id):
			problem = "this id stands before"
		case findDeviation(list, id) == nil && findDeviation(others, id) != nil:
			problem = "this id is not of this list but of the other: mutants are wrong, benign variants are right"
		case findDeviation(list, id) == nil:
			problem = "no such id" + Meant(list, id)
		}
		if problem != "" {
			return c.Pos.Error(fmt.Sprintf("%s[%d]", key, i), problem, "ids of axbench emulate --list-mutants, each once")
		}
	}
	return nil
}

// Meant names the variants of an id, B08.close of B08, or the id that is spelt most like it.
func Meant(list []*Deviation, id string) string {
	var all, variants []string
	for _, d := range list {
		all = append(all, d.ID)
		if strings.HasPrefix(d.ID, id+".") {
			variants = append(variants, d.ID)
		}
	}
	if len(variants) > 0 {
		return ": its variants are " + strings.Join(variants, ", ")
	}
	if near := strict.Nearest(id, all); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	return ""
}

// chosen returns the deviations that a configuration asks for.
func (c *Config) chosen() (list []*Deviation) {
	for _, id := range c.Mutants {
		list = append(list, findDeviation(mutants, id))
	}
	for _, id := range c.Benign {
		list = append(list, findDeviation(benign, id))
	}
	return list
}

// deviations are those of one server.
type deviations struct {
	list     []*active
	decision []*active
	answer   []*active
	wire     []*active
}

// active is a deviation at work, and how often it changed something.
type active struct {
	*Deviation
	points
	hits atomic.Int64
}

// deviate makes the chosen deviations and puts them at their points. It returns nil when there are none, so that a call of a
// correct server asks once.
func (s *Server) deviate(cfg *Config) error {
	for _, d := range cfg.chosen() {
		a := &active{Deviation: d}
		if s.deviations == nil {
			s.deviations = &deviations{}
		}
		s.deviations.list = append(s.deviations.list, a)
		if d.at.make == nil {
			continue
		}
		a.points = d.at.make(s)
		for name, f := range a.stages {
			if !s.wrap(name, a, f) {
				return fmt.Errorf("emulator: %s stands at stage %q, which there is not", d.ID, name)
			}
		}
		if a.decision != nil {
			s.deviations.decision = append(s.deviations.decision, a)
		}
		if a.answer != nil {
			s.deviations.answer = append(s.deviations.answer, a)
		}
		if a.wire != nil {
			s.deviations.wire = append(s.deviations.wire, a)
		}
	}
	return nil
}

// wrap puts f in the place of the stage of that name, in front or in an operation.
func (s *Server) wrap(name string, a *active, f stageFunc) (found bool) {
	put := func(stages []stage) {
		for i := range stages {
			if stages[i].name != name {
				continue
			}
			next := stages[i].run
			stages[i].run = func(c *call) *row {
				r, hit := f(c, next)
				a.count(hit)
				return r
			}
			found = true
		}
	}
	put(s.front)
	for _, op := range s.ops {
		put(op.stages)
	}
	return found
}

func (a *active) count(hit bool) {
	if hit {
		a.hits.Add(1)
	}
}

// decided lets the deviations change a decision.
func (d *deviations) decided(c *call, r *row) *row {
	for _, a := range d.decision {
		var hit bool
		r, hit = a.decision(c, r)
		a.count(hit)
	}
	return r
}

// altered lets them change the composed answer and how it leaves.
func (d *deviations) altered(c *call, r *row) {
	for _, a := range d.answer {
		a.count(a.points.answer(c, r, &c.response))
	}
	if c.conn == nil {
		return
	}
	for _, a := range d.wire {
		a.count(a.points.wire(c, r, &c.conn.tamper))
	}
}

// recorded lets the deviations change a call record. d may be nil.
func (d *deviations) recorded(r *Receipt) {
	if d == nil {
		return
	}
	for _, a := range d.list {
		if a.receipt != nil {
			a.count(a.receipt(r))
		}
	}
}

// Hits says how often each deviation of this server changed something, by id.
func (s *Server) Hits() map[string]int64 {
	if s.deviations == nil {
		return nil
	}
	out := map[string]int64{}
	for _, a := range s.deviations.list {
		out[a.ID] = a.hits.Load()
	}
	return out
}

// family joins lists of deviations and refuses an id that stands twice: it is called while the package is set up.
func family(lists ...[]*Deviation) (all []*Deviation) {
	seen := map[string]bool{}
	for _, list := range lists {
		for _, d := range list {
			if seen[d.ID] || d.ID == "" || strings.TrimSpace(d.Text) == "" {
				panic("emulator: deviation " + d.ID + " stands twice or says nothing")
			}
			seen[d.ID] = true
		}
		all = append(all, list...)
	}
	return all
}
