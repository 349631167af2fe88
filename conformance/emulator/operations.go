package emulator

import (
	"slices"
	"time"

	"axbench/conformance/contract"
)

// operation is one action: what the gateway checks of it, and what it does.
type operation struct {
	*contract.Operation
	index    int
	required []required
	injected []*injected
	triggers []trigger
	stages   []stage
	write    func(c *call, w *writer) // the answer's own fields after a success
}

type required struct {
	name    string
	field   field
	missing *row
	clause  string
}

func newOperations(cfg *Config, t *rows) map[string]*operation {
	ops := map[string]*operation{}
	for i, o := range contract.Operations {
		op := &operation{Operation: o, index: i}
		for _, p := range o.Params {
			if p.GatewayRequired {
				op.required = append(op.required, required{p.Name, fieldOf(p.Name), t.find("Missing" + p.Name), requiredClause(p.Name)})
			}
		}
		ops[o.Name] = op
	}
	for _, b := range behaviours {
		op := ops[b.operation.Name]
		op.stages, op.write = slices.Clone(b.stages), b.write
	}
	addTriggers(cfg, ops, t)
	addInjected(cfg, ops, t)
	return ops
}

// requiredClause is the clause by which the gateway refuses a call without a parameter.
func requiredClause(name string) string {
	switch name {
	case "PhoneNoA":
		return "PRM-A-1"
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
}

// stampOf writes a time as the document does, in a zone.
func stampOf(dst []byte, t time.Time, zone *time.Location) []byte {
	return t.In(zone).AppendFormat(dst, contract.ExpirationLayout)
}
