package conformance

import (
	"strings"
	"testing"

	"axbench/conformance/emulator"
	"axbench/results"
)

// TestCodeAlternatives: what the notes of the catalogue tolerate beside a code is WARN or not provoked, as they say, and never a failure.
func TestCodeAlternatives(t *testing.T) {
	for _, v := range []struct {
		name   string
		change func(*emulator.Choices)
		clause string
		want   results.ClauseWord
	}{
		{"right", func(*emulator.Choices) {}, "COD-NO_NOT_EXIST", results.ClausePass},
		{"right", func(*emulator.Choices) {}, "COD-FORBIDDEN_ACTION", results.ClausePass},
		{"right", func(*emulator.Choices) {}, "INV-3", results.ClausePass},
		{"X forbidden", func(c *emulator.Choices) { c.XUnknown = "isv.FORBIDDEN_ACTION" }, "COD-NO_NOT_EXIST", results.ClauseNotProvoked},
		{"X used", func(c *emulator.Choices) { c.XUnknown = "isv.NO_USED_BY_OTHERS" }, "COD-NO_NOT_EXIST", results.ClauseNotProvoked},
		{"pool of another", func(c *emulator.Choices) { c.ForeignPool = "isv.NO_NOT_EXIST" }, "COD-FORBIDDEN_ACTION", results.ClauseWarn},
		{"X of another", func(c *emulator.Choices) { c.XOtherAccount = "isv.FORBIDDEN_ACTION" }, "COD-NO_USED_BY_OTHERS", results.ClauseNotProvoked},
		{"missing at the gateway", func(c *emulator.Choices) { c.Missing = "gateway" }, "COD-ILLEGAL_ARGUMENT", results.ClausePass},
		{"date", func(c *emulator.Choices) { c.BadExpiration = "isv.ILLEGAL_ARGUMENT" }, "COD-EXPIRE_DATE_ILLEGAL", results.ClauseWarn},
		{"number", func(c *emulator.Choices) { c.BadNumber = "isv.ILLEGAL_ARGUMENT" }, "COD-MOBILE_NUMBER_ILLEGAL", results.ClauseWarn},
		{"conflict", func(c *emulator.Choices) { c.ConflictCode = "isv.NO_AVAILABLE_NUMBER" }, "COD-BIND_CONFLICT", results.ClauseWarn},
		{"permission", func(c *emulator.Choices) { c.PermissionCode = "Forbidden.RAM" }, "COD-RAM_PERMISSION_DENY", results.ClauseNotProvoked},
		{"number elsewhere", func(c *emulator.Choices) { c.BadNumber = "isv.NO_NOT_EXIST" }, "COD-MOBILE_NUMBER_ILLEGAL", results.ClauseFail},
	} {
		_, known := full(t, func(c *emulator.Config) { v.change(&c.Choices) })
		c := hold(t, "", func(c *Config) { known(c); c.Only = []string{v.clause} })
		if got := clauseOf(t, c, v.clause); got.Verdict != v.want {
			t.Errorf("%s: %s: %s (%s)", v.name, v.clause, got.Verdict, got.Reason)
		}
		if want := v.want == results.ClausePass; want != (c.Codes.Provoked > 0) && v.clause != "INV-3" {
			t.Errorf("%s: %d codes provoked", v.name, c.Codes.Provoked)
		}
	}
}

// TestUnprovocable: a code that is declared unprovocable is not applicable, one that is not declared is not provoked.
func TestUnprovocable(t *testing.T) {
	_, known := full(t, nil)
	c := hold(t, "", func(c *Config) {
		known(c)
		p := *c.Provision
		p.Codes = map[string]Provoke{"isv.PARTNER_IS_CLOSED": {Unprovocable: "no partner here"}}
		c.Provision, c.Only = &p, []string{"COD-PARTNER_IS_CLOSED", "COD-DAO_EXCEPTION"}
	})
	if r := clauseOf(t, c, "COD-PARTNER_IS_CLOSED"); r.Verdict != results.ClauseNotApplicable || !strings.Contains(r.Reason, "no partner here") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
	if r := clauseOf(t, c, "COD-DAO_EXCEPTION"); r.Verdict != results.ClauseNotProvoked || !strings.Contains(r.Reason, "codes.isp.DAO_EXCEPTION") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// TestSmallPoolIsLarger: a pool with more numbers than are declared does not run out, which is no failure of the endpoint.
func TestSmallPoolIsLarger(t *testing.T) {
	_, known := full(t, nil)
	c := hold(t, "", func(c *Config) {
		known(c)
		p := *c.Provision
		p.Pools = map[string]PoolFacts{"main": p.Pools["main"], "small": {Key: "FC000002", Size: 5}}
		c.Provision, c.Only = &p, []string{"COD-NO_AVAILABLE_NUMBER", "INV-3"}
	})
	if r := clauseOf(t, c, "COD-NO_AVAILABLE_NUMBER"); r.Verdict != results.ClauseInconclusive {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// TestChoices: an endpoint's choices are found out, and the order of its faults is.
func TestChoices(t *testing.T) {
	for id, want := range map[string]map[string]string{
		"": {
			"ok_message": "OK", "extension": "sent", "request_id": "upper", "subs_id": "16", "business_status": "200", "message": "table", "failure_dto": "absent",
			"auth_status": "400", "format": "json", "param_names": "exact", "action": "BindAxb", "min_ahead": "1m", "max_ahead": "none", "iso_expiration": "refused",
			"same_out_id": "two bindings", "unknown_binding": "isv.ILLEGAL_ARGUMENT", "after_isp": "none", "order_auth_number": "auth", "order_number_date": "number",
			"order_pool_number": "pool", "order_number_conflict": "number",
		},
		"B04.zh": {"ok_message": "table"}, "B81": {"extension": "absent"}, "B82": {"request_id": "lower"}, "B15.uuid": {"subs_id": "uuid"}, "B80.english": {"message": "english"},
		"B80.code": {"message": "code"}, "B06.null": {"failure_dto": "null"}, "B06.empty": {"failure_dto": "empty"}, "B23.403": {"auth_status": "403"},
		"B91": {"action": "both"}, "B93": {"param_names": "any_case"}, "B96": {"after_isp": "bound"}, "B94": {"empty_boolean": "refused"},
	} {
		_, known := full(t, func(c *emulator.Config) {
			if id != "" {
				c.Benign = []string{id}
			}
		})
		got := map[string]string{}
		for _, c := range openChoices(t, known) {
			got[c.ID] = c.Value
		}
		for choice, value := range want {
			if got[choice] != value {
				t.Errorf("%q: %s is %q, want %q", id, choice, got[choice], value)
			}
		}
	}
}

// openChoices runs only the cases that find out choices.
func openChoices(t *testing.T, known func(*Config)) []results.Choice {
	t.Helper()
	cfg := Config{Path: "/", Profile: "strict", Seed: 1}
	known(&cfg)
	s, err := newSuite(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.pool.Close()
	s.prepare()
	for _, c := range allCases() {
		if len(c.clauses) == 0 || c.name == "rec/no-boolean" {
			s.run(c)
		}
	}
	return s.choices
}
