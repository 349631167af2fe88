package emulator

import (
	"strings"

	"axbench/conformance/contract"
	"axbench/scenarios/strict"
)

// Trigger is a sign by which a call gets a code that nobody can provoke from outside: a declared number, or another value. All
// values that are given must be in the call, which must be right in every other way.
type Trigger struct {
	Pos          strict.Pos        `yaml:"-" json:"-"`
	Code         string            `yaml:"code" jsonschema:"required,example=isv.VENDOR_BIND_FAILED"`
	PhoneA       string            `yaml:"phone_a" jsonschema:"description=PhoneNoA"`
	PhoneB       string            `yaml:"phone_b" jsonschema:"description=PhoneNoB"`
	PhoneX       string            `yaml:"phone_x" jsonschema:"description=PhoneNoX (SecretNo of an unbind)"`
	Pool         string            `yaml:"pool" jsonschema:"description=PoolKey"`
	City         string            `yaml:"city" jsonschema:"description=ExpectCity"`
	OutID        string            `yaml:"out_id" jsonschema:"description=OutId"`
	Header       map[string]string `yaml:"header" jsonschema:"description=headers of the request"`
	Operation    string            `yaml:"operation" jsonschema:"description=BindAxb without it"`
	Undocumented bool              `yaml:"undocumented" jsonschema:"description=must be true for a code that no list has"`
}

func (c *Config) checkTriggers() *strict.Error {
	for i := range c.Triggers {
		t := &c.Triggers[i]
		switch {
		case t.Code == "OK" || !codeName(t.Code):
			return t.Pos.Error("code", "not the name of a code that a trigger can have", "a code of axbench codes other than OK")
		case findCode(t.Code) == nil && !t.Undocumented:
			return t.Pos.Error("code", "no list has this code", "a code of axbench codes, or undocumented: true beside it")
		case contract.FindOperation(t.operation()) == nil:
			return t.Pos.Error("operation", "no such operation", strings.Join(operationNames(), ", "))
		case len(t.marks()) == 0 && len(t.Header) == 0:
			return t.Pos.Error("", "a trigger without a sign", "phone_a, phone_b, phone_x, pool, city, out_id or header")
		}
	}
	return nil
}

func (t *Trigger) operation() string {
	if t.Operation == "" {
		return contract.BindAxb.Name
	}
	return t.Operation
}

// mark is a value that a parameter must have.
type mark struct {
	field field
	value string
}

func (t *Trigger) marks() (list []mark) {
	x := fPhoneNoX
	if t.operation() == contract.UnbindSubscription.Name {
		x = fSecretNo
	}
	for _, s := range []mark{{fPhoneNoA, t.PhoneA}, {fPhoneNoB, t.PhoneB}, {x, t.PhoneX}, {fPoolKey, t.Pool}, {fExpectCity, t.City}, {fOutID, t.OutID}} {
		if s.value != "" {
			list = append(list, s)
		}
	}
	return list
}

// trigger is a Trigger ready to be looked for.
type trigger struct {
	row    *row
	marks  []mark
	header map[string]string
}

// pulled reports whether a call has all the signs.
func (t *trigger) pulled(c *call) bool {
	for _, s := range t.marks {
		if c.values[s.field] != s.value {
			return false
		}
	}
	for name, value := range t.header {
		if text(c.ctx.Request.Header.Peek(name)) != value {
			return false
		}
	}
	return true
}

// addTriggers gives each operation its triggers.
func addTriggers(cfg *Config, ops map[string]*operation, t *rows) {
	for i := range cfg.Triggers {
		g := &cfg.Triggers[i]
		op := ops[g.operation()]
		op.triggers = append(op.triggers, trigger{t.find(g.Code), g.marks(), g.Header})
	}
}

// checkTriggered answers a call that has the signs of a trigger. It stands behind all that the call itself could be refused
// for, so that a caller's mistake never gets the code of a fault behind the endpoint (INV-7).
func (c *call) checkTriggered() *row {
	for i := range c.op.triggers {
		if t := &c.op.triggers[i]; t.pulled(c) {
			return c.instead(t.row)
		}
	}
	return nil
}

// codeClause is the clause of a code: COD-BIND_CONFLICT of isv.BIND_CONFLICT; "" for codes that have none.
func codeClause(code string) string {
	_, name, _ := strings.Cut(code, ".")
	if id := "COD-" + name; contract.FindClause(id) != nil {
		return id
	}
	return ""
}
