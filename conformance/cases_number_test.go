package conformance

import (
	"strings"
	"testing"

	"axbench/conformance/contract"
	"axbench/conformance/emulator"
	"axbench/results"
)

// clausesOfNumbers are those of pool, numbers and cities, with what bindings have in common.
func clausesOfNumbers() []string {
	list := []string{"RSP-13", "INV-1", "INV-2", "INV-7"}
	for _, c := range contract.Catalogue {
		for _, chapter := range []string{"PRM-POOL", "PRM-A-", "PRM-B-", "PRM-AB-", "PRM-X-", "PRM-CITY-"} {
			if strings.HasPrefix(c.ID, chapter) {
				list = append(list, c.ID)
			}
		}
	}
	return list
}

func choiceOf(c *results.Conform, id string) string {
	for _, choice := range c.Choices {
		if choice.ID == id {
			return choice.Value
		}
	}
	return ""
}

// choiceRuns are endpoints that went one way or another where the document leaves it open, and what is declared of them.
var choiceRuns = []struct {
	name      string
	endpoint  func(*emulator.Config)
	provision func(*Provision)
	want      map[string]string // the value of some choices
}{
	{"defaults", nil, nil, map[string]string{
		"same_pair": "another X", "hyphen": "refused", "x_and_city": "x", "pairs_per_x": "several", "city_suffix": "understood", "city_language": "not understood",
		"x_is_a": "refused", "same_number": "refused", "country_code": "refused", "service_numbers_400": "refused", "empty_x": "accepted",
		"unknown_pool": "isv.ILLEGAL_ARGUMENT", "foreign_pool": "isv.FORBIDDEN_ACTION",
		"x_unknown": "isv.NO_NOT_EXIST", "x_other_pool": "isv.FORBIDDEN_ACTION", "x_other_account": "isv.NO_USED_BY_OTHERS",
	}},
	{"other codes", func(c *emulator.Config) {
		o := &c.Choices
		o.UnknownPool, o.ForeignPool, o.BadNumber, o.StrictRefusal = "isv.PARTNER_NOT_EXIST", "isv.ILLEGAL_ARGUMENT", "isv.ILLEGAL_ARGUMENT", "isv.NO_NOT_EXIST"
		o.XUnknown, o.XOtherPool, o.XOtherAccount = "isv.FORBIDDEN_ACTION", "isv.NO_NOT_EXIST", "isv.NO_NOT_EXIST"
		o.SamePair, o.BusinessStatus, o.Missing = "conflict", 400, "gateway"
	}, nil, map[string]string{
		"unknown_pool": "isv.PARTNER_NOT_EXIST", "foreign_pool": "isv.ILLEGAL_ARGUMENT", "same_pair": "isv.BIND_CONFLICT",
		"x_unknown": "isv.FORBIDDEN_ACTION", "x_other_pool": "isv.NO_NOT_EXIST", "x_other_account": "isv.NO_NOT_EXIST",
	}},
	{"lenient", func(c *emulator.Config) {
		o := &c.Choices
		o.CountryCode, o.ServiceNumbers, o.Hyphen, o.SameNumber, o.SamePair, o.Missing = "strip", "accept", "normalise", "accept", "same", "business"
		o.CityAliases = map[string]string{"guangzhou": "广州", "shanghai": "上海", "beijing": "北京", "hangzhou": "杭州"}
	}, nil, map[string]string{
		"country_code": "accepted", "service_numbers_95": "accepted", "hyphen": "the number without it", "same_number": "accepted",
		"x_is_a": "accepted", "city_language": "understood", "same_pair": "the same binding",
	}},
	{"strict", func(c *emulator.Config) {
		o := &c.Choices
		o.XAndCity, o.Empty, o.CityNames, o.Pick = "refuse", "refuse", "exact", "packed"
	}, nil, map[string]string{"x_and_city": "refused", "empty_x": "refused", "empty_out_id": "refused", "city_suffix": "not understood"}},
	{"one pair for an X", func(c *emulator.Config) { c.Choices.Hyphen = "normalise"; onePair(c) }, nil, map[string]string{
		"pairs_per_x": "one", "hyphen": "the number without it", // which a query shows
	}},
	{"one pair for an X, nothing to unbind or query", onePair, noQuery, map[string]string{"pairs_per_x": "one"}},
	{"nothing to unbind or query", nil, noQuery, map[string]string{"pairs_per_x": "several"}},
	{"one pair for an X in small pools", func(c *emulator.Config) {
		onePair(c)
		for i := range c.Pools {
			if c.Pools[i].Key == "FC000003" {
				c.Pools[i].Numbers = map[string][]emulator.NumberSpan{"北京": c.Pools[i].Numbers["上海"]}
			}
		}
	}, func(p *Provision) {
		noQuery(p)
		p.Pools["strict"] = PoolFacts{Key: "FC000003", Size: 5, Strict: true, Numbers: map[string][]string{"北京": {"17100000210-17100000214"}}, EmptyCity: "拉萨"}
	}, map[string]string{"pairs_per_x": "one"}},
	{"a small budget", nil, func(p *Provision) { p.Budget.Bindings = 150 }, map[string]string{"x_unknown": "isv.NO_NOT_EXIST"}},
	{"part of the numbers declared", nil, func(p *Provision) {
		main := p.Pools["main"]
		main.Size, main.Numbers, main.spans = 0, map[string][]string{"北京": {"17000000000-17000000009"}, "上海": {"17000010000-17000010009"}}, nil
		p.Pools = map[string]PoolFacts{"main": main}
	}, map[string]string{"x_unknown": "isv.NO_NOT_EXIST"}},
}

func onePair(c *emulator.Config) {
	for i := range c.Pools {
		c.Pools[i].Pairs = 1
	}
}

func noQuery(p *Provision) { p.Query = ProvisionQuery{} }

// TestOpenChoicesOfNumbers: where the document leaves open which way an endpoint goes, each way is found out and none is a failure.
func TestOpenChoicesOfNumbers(t *testing.T) {
	for _, c := range choiceRuns {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, known := full(t, c.endpoint)
			got := hold(t, "", func(cfg *Config) {
				known(cfg)
				cfg.Only, cfg.Load.Calls = clausesOfNumbers(), 500 // how an endpoint is under load shows elsewhere
				if c.provision != nil {
					c.provision(cfg.Provision)
				}
			})
			for _, r := range got.Clauses {
				if r.Verdict == results.ClauseFail || r.Verdict == results.ClauseError {
					t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
			for id, want := range c.want {
				if value := choiceOf(got, id); value != want {
					t.Errorf("%s is %q, want %q", id, value, want)
				}
			}
			if testing.Verbose() {
				dump(t, got)
			}
		})
	}
}

// TestForeignBindsDeclaredNumbersOnly: elsewhere than on loopback no other number than a declared one is ever bound.
func TestForeignBindsDeclaredNumbersOnly(t *testing.T) {
	_, known := full(t, func(c *emulator.Config) {
		c.Choices.Hyphen, c.Choices.SameNumber, c.Choices.ServiceNumbers = "normalise", "accept", "accept"
	})
	cfg := Config{Profile: "strict", Seed: 1, Foreign: true, Path: "/"}
	known(&cfg)
	cfg.Provision.Budget.Rate = 1e6
	cfg.Provision.Phones = ProvisionPhones{A: []string{"15000000000-15000000099"}, B: []string{"15800000000-15800000099"}, Landline: []string{"057188990000-057188990009", "01062340000-01062340009"}}
	s, err := newSuite(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.pool.Close()
	s.prepare()
	for _, group := range [][]testCase{poolCases, phoneCases, numberCases, cityCases} {
		for i := range group {
			s.run(&group[i])
		}
	}
	if len(s.bindings.list) < 50 {
		t.Errorf("only %d bindings", len(s.bindings.list))
	}
	for _, b := range s.bindings.list {
		for _, n := range []string{b.a, b.b} {
			if !s.phones.mayUse(s, strings.ReplaceAll(n, "-", "")) {
				t.Errorf("%s was bound", n)
			}
		}
	}
	for id, st := range s.clauses {
		for _, o := range st.observations {
			if o.Verdict == results.ClauseFail || o.Verdict == results.ClauseError {
				t.Errorf("%s: %s: %s: %s", id, o.Case, o.Sent, o.Got)
			}
		}
	}
}

// TestEvenChance: the choice of a fair endpoint is probable, that of an unfair one is not.
func TestEvenChance(t *testing.T) {
	var all, fair, half []string
	for i := range 240 {
		all = append(all, "1700000"+itoa(1000+i))
	}
	for i := range 200 {
		fair = append(fair, all[i*97%240])
		half = append(half, all[i*97%120])
	}
	if p := evenChance(all, fair); p < 0.01 {
		t.Errorf("fair: %g", p)
	}
	if p := evenChance(all, half); p > fallbackChance {
		t.Errorf("half of the pool only: %g", p)
	}
	if p := evenChance(all, nil); p != 1 {
		t.Errorf("nothing given: %g", p)
	}
}
