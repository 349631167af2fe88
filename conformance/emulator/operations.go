package emulator

import (
	"slices"
	"time"

	"axbench/conformance/contract"
)

// operation is one action: what the gateway checks of it, and what it does.
type operation struct {
	*contract.Operation
	root     string // name of the root element of an XML answer
	index    int
	required []wanted
	optional []wanted
	injected []*injected
	triggers []trigger
	stages   []stage
	write    func(c *call, w *writer) // the answer's own fields after a success
}

// wanted is a parameter, and how a call is refused that does not have it, or has it empty.
type wanted struct {
	name   string
	field  field
	row    *row
	clause string
}

func newOperations(cfg *Config, t *rows) map[string]*operation {
	ops := map[string]*operation{}
	for i, o := range contract.Operations {
		op := &operation{Operation: o, root: o.Root, index: i}
		for _, p := range o.Params {
			op.want(&p, cfg.Choices.Missing, t)
		}
		ops[o.Name] = op
	}
	for _, b := range behaviours {
		op := ops[b.operation.Name]
		op.stages, op.write = slices.Clone(b.stages), b.write
	}
	addTriggers(cfg, ops, t)
	addInjected(cfg, ops, t)
	nameThem(&cfg.Choices, ops)
	return ops
}

// want notes a parameter of an operation: whether it must be there, who says so, and else how an empty one could be refused.
func (op *operation) want(p *contract.Param, missing string, t *rows) {
	byGateway := p.GatewayRequired || missing == "gateway" && p.Required
	if missing == "business" {
		byGateway = false
	}
	w := wanted{p.Name, fieldOf(p.Name), t.illegal, requiredClause(p.Name)}
	switch {
	case byGateway:
		w.row = t.find("Missing" + p.Name)
		op.required = append(op.required, w)
	case missing == "business" && (p.GatewayRequired || p.Required):
		op.required = append(op.required, w)
	case !p.Required:
		w.clause = "PRM-X-7"
		op.optional = append(op.optional, w)
	}
}

// nameThem leaves the operations that exist, under the names by which they are called.
func nameThem(c *Choices, ops map[string]*operation) {
	for name := range ops {
		if !c.exists(name) {
			delete(ops, name)
		}
	}
	if c.Action == "" || c.Action == contract.BindAxb.Name {
		return
	}
	bind := *ops[contract.BindAxb.Name]
	bind.root, bind.stages = titleAction+"Response", slices.Clone(bind.stages) // its own, since deviations wrap them
	ops[titleAction] = &bind
	if c.Action == titleAction {
		delete(ops, contract.BindAxb.Name)
	}
}

// titleAction is how the title of the document calls BindAxb (bindaxb-doc:8).
const titleAction = "Axbbind"

// requiredClause is the clause by which a call without a parameter is refused.
func requiredClause(name string) string {
	switch name {
	case "PoolKey":
		return "PRM-POOL-1"
	case "PhoneNoA":
		return "PRM-A-1"
	case "PhoneNoB":
		return "PRM-B-1"
	case "Expiration":
		return "PRM-EXP-1"
	}
	return "COD-ILLEGAL_ARGUMENT"
}

// behaviour is what an operation does behind the gateway: its stages, the last of which always decides, and what its answer
// holds beside the envelope after a success.
type behaviour struct {
	operation *contract.Operation
	stages    []stage
	write     func(c *call, w *writer)
}

var behaviours = []behaviour{
	{contract.BindAxb, bindStages, (*call).writeBind},
	{contract.UnbindSubscription, []stage{{"unbind subscription", (*call).checkSubscription}, {"unbind trigger", (*call).checkTriggered}, {"unbind", (*call).unbind}}, (*call).writeUnbind},
	{contract.QuerySubscriptionDetail, []stage{{"detail subscription", (*call).checkSubscription}, {"detail trigger", (*call).checkTriggered}, {"detail", (*call).detail}}, (*call).writeDetail},
	{contract.UpdateSubscription, []stage{{"update subscription", (*call).checkSubscription}, {"update change", (*call).checkChange}, {"update trigger", (*call).checkTriggered},
		{"update", (*call).update}}, (*call).writeNothing},
	{contract.QuerySubsID, []stage{{"list pool", (*call).checkListed}, {"list trigger", (*call).checkTriggered}, {"list", (*call).listBindings}}, (*call).writeList},
}

// stampOf writes a time as the document does, in a zone.
func stampOf(dst []byte, t time.Time, zone *time.Location) []byte {
	return t.In(zone).AppendFormat(dst, contract.ExpirationLayout)
}
