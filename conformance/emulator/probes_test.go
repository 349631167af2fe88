package emulator

import (
	"fmt"
	"strings"

	"axbench/conformance/contract"
)

// probeConfig is the endpoint that the probes ask: the built-in pool of 50,000 numbers from 17000000000 in five cities, with
// beside it
//   - small pools of the same account: FC000002 (three numbers), FC000003 (strict; two in 北京, one in 杭州), FC000004 (one
//     number for two pairs), FC000005 (one number in 北京, ten in 杭州)
//   - keys of the same account: second, sts (token sts-token), inactive, deleted, denied (may not bind)
//   - the account other with FC999999, and one account for each state, called as the state, with the pool FC-<state>; the
//     secret of every key is its name and "-secret"
//   - the accounts limited, limited-gateway, limited-api and limited-flow, which take three binds and no more
//   - for each code a trigger: magic(code) as PhoneNoA
var probeConfig = func() string {
	var b strings.Builder
	b.WriteString(`seed: 7
credentials:
  - {id: second, secret: second-secret}
  - {id: sts, secret: sts-secret, token: sts-token}
  - {id: inactive, secret: inactive-secret, state: inactive}
  - {id: deleted, secret: deleted-secret, state: deleted}
  - {id: denied, secret: denied-secret, deny: [BindAxb]}
pools:
  - {key: FC000002, numbers: {北京: [17000100000-17000100002]}}
  - {key: FC000003, mode: strict, numbers: {北京: [17000200000-17000200001], 杭州: [17000200010]}}
  - {key: FC000004, pairs: 2, numbers: {北京: [17000300000]}}
  - {key: FC000005, numbers: {北京: [17000400000], 杭州: [17000400010-17000400019]}}
accounts:
  - {name: other, credentials: [{id: other, secret: other-secret}], pools: [{key: FC999999, numbers: {北京: [17099999990-17099999999]}}]}
`)
	account := func(k int, name, more string) {
		fmt.Fprintf(&b, "  - {name: %s, credentials: [{id: %[1]s, secret: %[1]s-secret}], pools: [{key: FC-%[1]s, size: 10, first: \"170005%02d000\", cities: [北京]}]%s}\n", name, k, more)
	}
	for i, state := range accountStates {
		account(i, state, ", state: "+state)
	}
	for i, style := range [][2]string{{"limited", "business"}, {"limited-gateway", "gateway"}, {"limited-api", "gateway_api"}, {"limited-flow", "flow_limited"}} {
		account(50+i, style[0], fmt.Sprintf(", limits: [{rate: 1/m, burst: 3, style: %s, operation: BindAxb}]", style[1]))
	}
	b.WriteString("triggers:\n")
	for _, c := range contract.Edition2019.Codes()[1:] {
		fmt.Fprintf(&b, "  - {code: %s, phone_a: %q}\n", c.Name, magic(c.Name))
	}
	return b.String()
}()

var accountStates = []string{"unverified", "out_of_service", "never_subscribed", "unsubscribed", "gone", "abnormal", "no_partner", "partner_closed"}

// magic is the PhoneNoA that gets a code of the document.
func magic(code string) string {
	for i, c := range contract.Edition2019.Codes() {
		if c.Name == code {
			return fmt.Sprint(15099000900 + i)
		}
	}
	panic("no code " + code)
}

// probesCodes meet every code by its rule or state where there is one, else by a trigger.
var probesCodes = []probe{
	{name: "bind", run: func(p *prober) { p.get("bind", p.bind()) }},
	{name: "states", run: func(p *prober) {
		for _, state := range accountStates {
			p.as(state, state+"-secret", state, p.bind("PoolKey", "FC-"+state))
		}
		p.as("denied", "denied-secret", "denied", p.bind())
	}},
	{name: "triggers", run: func(p *prober) {
		for _, c := range contract.Edition2019.Codes()[1:] {
			p.get(c.Name, p.bind("PhoneNoA", magic(c.Name)))
		}
	}},
	{name: "refusals", run: func(p *prober) {
		p.get("no pool key", p.bind("PoolKey", "-"))
		p.get("bad A", p.bind("PhoneNoA", "1500000"))
		p.get("past", p.bind("Expiration", "2020-01-01 00:00:00"))
		p.get("foreign pool", p.bind("PoolKey", "FC999999"))
		p.get("unknown X", p.bind("PhoneNoX", "17088888888"))
		p.get("X of another pool", p.bind("PhoneNoX", "17000100000"))
		p.get("X of another account", p.bind("PhoneNoX", "17099999990"))
	}},
	{name: "conflict", run: func(p *prober) {
		first := p.bind()
		x := p.get("first", first).x()
		p.get("A again", p.bind("PhoneNoA", first["PhoneNoA"], "PhoneNoX", x))
		p.get("B again", p.bind("PhoneNoB", first["PhoneNoB"], "PhoneNoX", x))
		p.get("swapped", p.bind("PhoneNoA", first["PhoneNoB"], "PhoneNoB", first["PhoneNoA"], "PhoneNoX", x))
		p.get("free", p.bind("PhoneNoX", x))
	}},
	{name: "exhaustion", run: func(p *prober) {
		a := p.phone("150", 9999)
		for range 4 {
			p.get("A again", p.bind("PoolKey", "FC000002", "PhoneNoA", a))
		}
		p.get("another pair", p.bind("PoolKey", "FC000002"))
	}},
	{name: "limits", run: func(p *prober) {
		for _, id := range []string{"limited", "limited-gateway", "limited-api", "limited-flow"} {
			for range 4 {
				p.as(id, id+"-secret", id, p.bind("PoolKey", "FC-"+id))
			}
		}
	}},
}
