package conformance

import (
	"strings"
	"testing"
	"time"

	"axbench/conformance/emulator"
	"axbench/results"
)

// about are the clauses that the cases under load say something of.
var aboutLoad = []string{
	"INV-1", "INV-2", "INV-3", "INV-4", "INV-5", "INV-6", "INV-7", "LOD-1", "LOD-2", "LOD-3", "LOD-4", "LOD-5", "LOD-6", "LOD-7", "SIG-9", "RSP-2", "COD-FLOW_LIMIT",
}

// noFailure reports every clause that failed, and those that did not pass though they are named.
func noFailure(t *testing.T, c *results.Conform, passed ...string) {
	t.Helper()
	for _, r := range c.Clauses {
		if r.Verdict == results.ClauseFail || r.Verdict == results.ClauseError || r.Verdict == results.ClauseWarn {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	for _, id := range passed {
		if r := clauseOf(t, c, id); r.Verdict != results.ClausePass {
			t.Errorf("%s: %s: %s", id, r.Verdict, r.Reason)
		}
	}
	t.Logf("%d calls, %v, %d bindings", c.Calls, time.Duration(c.ElapsedNS).Round(time.Millisecond), c.Bindings.Created)
}

// TestLoadOnEndpointsThatAreRight: whatever an endpoint leaves out or bounds, nothing fails under load that is right by itself.
func TestLoadOnEndpointsThatAreRight(t *testing.T) {
	always := []string{"LOD-1", "LOD-6", "INV-1", "INV-2", "INV-6", "INV-7", "RSP-2"}
	const small = "pools: [{key: FC123456, numbers: {杭州: ['17100000100-17100000105']}}]\n"
	const alone = "pools: [{key: FC123456, pairs: 1, numbers: {杭州: ['17100000100-17100000199']}}]\n"
	const limit = "limits: [{rate: 25/s, burst: 25, per: account, style: business, operation: BindAxb}]\n"
	flow := []string{"LOD-2", "LOD-3", "LOD-4", "COD-FLOW_LIMIT"}
	declared := func(change func(p *Provision)) func(*Config) {
		return func(c *Config) {
			p, err := ParseProvision("test", []byte("apiVersion: bindaxb/provisioning/v1\n"))
			if err != nil {
				t.Fatal(err)
			}
			p.Pools = map[string]PoolFacts{}
			change(p)
			c.Provision = p
		}
	}
	unbinding := declared(func(p *Provision) { p.Query.Unbind = true })
	for _, c := range []struct {
		name, config string
		known        func(*Config)
		passed       []string
	}{
		{"nothing declared", "", nil, append(always, "INV-5", "LOD-5")},
		{"a pool of six that nobody declares", small, nil, always},
		{"one pair on an X", alone, nil, always},
		{"one pair on an X, and unbinds", alone, unbinding, append(always, "LOD-5")},
		{"the small pool is the only one", small, declared(func(p *Provision) {
			p.Query.Unbind, p.Pools["small"] = true, PoolFacts{Key: "FC123456", Size: 6}
		}), append(always, "INV-3", "INV-4", "LOD-7")},
		{"more numbers than are declared", small, declared(func(p *Provision) {
			p.Query.Unbind, p.Pools["small"] = true, PoolFacts{Key: "FC123456", Size: 4}
		}), always},
		{"fewer numbers than are declared", small, declared(func(p *Provision) {
			p.Query.Unbind, p.Pools["small"] = true, PoolFacts{Key: "FC123456", Size: 9}
		}), append(always, "INV-4", "LOD-7")},
		{"a limit on the main account", small + limit, declared(func(p *Provision) {
			p.Query.Unbind, p.Target.FlowLimitRPS, p.Pools["small"] = true, 25, PoolFacts{Key: "FC123456", Size: 6}
		}), flow},
		{"a limit of the gateway", limit[:len(limit)-1] + "\n", declared(func(p *Provision) { p.Target.FlowLimitRPS = 25 }), []string{"LOD-4"}},
		{"a limit that is lower than declared", small + limit, declared(func(p *Provision) { p.Target.FlowLimitRPS = 50 }), []string{"LOD-2"}},
		{"a limit that is higher than declared", small + limit, declared(func(p *Provision) { p.Target.FlowLimitRPS = 10 }), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, addr := endpoint(t, c.config, func(e *emulator.Config) {
				if c.name == "a limit of the gateway" {
					e.Limits[0].Style = "gateway"
				}
			})
			r := hold(t, addr, func(cfg *Config) {
				if cfg.Only, cfg.Load.Calls = aboutLoad, underRace(800, 2000); c.known != nil {
					c.known(cfg)
				}
				if strings.Contains(c.name, "limit") {
					cfg.Only = append([]string{"LOD-1", "LOD-6", "RSP-2"}, flow...)
				}
			})
			noFailure(t, r, c.passed...)
		})
	}
}

// TestLoadElsewhere: on an endpoint that is not this machine, the budget and the rate hold, and only declared numbers are bound.
func TestLoadElsewhere(t *testing.T) {
	_, addr := endpoint(t, "", nil)
	p, err := ParseProvision("test", []byte(`apiVersion: bindaxb/provisioning/v1
phones: {a: ["15000000000-15000000299"], b: ["15800000000-15800000299"]}
budget: {bindings: 150, calls: 900, rate: 300}
`))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	c := hold(t, addr, func(c *Config) { c.Foreign, c.Provision, c.Only = true, p, aboutLoad })
	noFailure(t, c, "LOD-1", "LOD-6", "RSP-2", "INV-1")
	if c.Calls > 900 || c.Bindings.Created > 150 {
		t.Errorf("%d calls of 900, %d bindings of 150", c.Calls, c.Bindings.Created)
	}
	if rate := float64(c.Calls) / time.Since(began).Seconds(); rate > 450 {
		t.Errorf("%.0f calls a second of 300", rate)
	}
}
