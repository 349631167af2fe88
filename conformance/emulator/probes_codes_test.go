package emulator

import (
	"testing"

	"axbench/conformance/contract"
)

// met is the probe that meets a code by its rule; the others are met by a trigger.
var met = map[string]string{
	"isp.RAM_PERMISSION_DENY": "states", "isv.OUT_OF_SERVICE": "states", "isv.PRODUCT_UN_SUBSCRIPT": "states", "isv.PRODUCT_UNSUBSCRIBE": "states",
	"isv.ACCOUNT_NOT_EXISTS": "states", "isv.ACCOUNT_ABNORMAL": "states", "isv.PARTNER_NOT_EXIST": "states", "isv.PARTNER_IS_CLOSED": "states",
	"isv.NO_NOT_EXIST": "refusals", "isv.ILLEGAL_ARGUMENT": "refusals", "isv.FORBIDDEN_ACTION": "refusals", "isv.NO_USED_BY_OTHERS": "refusals",
	"isv.EXPIRE_DATE_ILLEGAL": "refusals", "isv.MOBILE_NUMBER_ILLEGAL": "refusals", "isv.NO_AVAILABLE_NUMBER": "exhaustion", "isv.FLOW_LIMIT": "limits", "isv.BIND_CONFLICT": "conflict",
}

// shownCodes wants each of the three, with the code gone and what stands there instead.
var shownCodes = func() map[string]evidence {
	out := map[string]evidence{}
	for _, c := range contract.Edition2019.Codes()[1:] {
		probes := []string{met[c.Name]}
		if met[c.Name] == "" {
			probes[0] = "triggers"
		}
		system := "isp.SYSTEM_ERROR"
		if c.Name == system {
			system = "isp.DAO_EXCEPTION"
		}
		out["IGN("+c.Name+")"] = evidence{probes: probes, shows: says("OK"), hides: says(c.Name)}
		out["SYS("+c.Name+")"] = evidence{probes: probes, shows: says(system), hides: says(c.Name)}
		out["SPL("+c.Name+")"] = evidence{probes: probes, hides: says(c.Name)}
	}
	return out
}()

// TestIgnoredCodes wants a filled DTO of a binding of its own wherever a code is ignored, by its rule and by its trigger.
func TestIgnoredCodes(t *testing.T) {
	for _, c := range contract.Edition2019.Codes()[1:] {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, "IGN("+c.Name+")", evidence{})
			r := &prober{t: t, e: s.e, probe: "ignored", number: 999, ahead: &s.ahead}
			seen := map[string]bool{}
			bound := func(o observed) {
				t.Helper()
				if o.code() != "OK" || !subs.MatchString(o.subs()) || seen[o.subs()] || len(o.x()) != 11 {
					t.Errorf("%d %s", o.status, o.body)
				}
				seen[o.subs()] = true
			}
			for range 3 {
				bound(r.get("trigger", r.bind("PhoneNoA", magic(c.Name))))
				bound(r.get("plain", r.bind()))
			}
			switch c.Name {
			case "isv.ILLEGAL_ARGUMENT":
				for _, q := range []params{r.bind("PoolKey", "-"), r.bind("PoolKey", "FC404404"), r.bind("PhoneNoB", ""), r.bind("IsRecordingEnabled", "2"), r.bind("PhoneNoA", "15900000000", "PhoneNoB", "15900000000")} {
					bound(r.get("rule", q))
				}
			case "isv.NO_AVAILABLE_NUMBER":
				for range 5 { // one number for two pairs
					bound(r.get("rule", r.bind("PoolKey", "FC000004")))
				}
				bound(r.get("strict", r.bind("PoolKey", "FC000003", "ExpectCity", "上海")))
			case "isv.NO_NOT_EXIST":
				o := r.get("rule", r.bind("PhoneNoX", "17088888888"))
				if bound(o); o.x() != "17088888888" {
					t.Errorf("another X: %s", o.body)
				}
			}
		})
	}
}

// TestMisspeltCodes wants 22 codes that no list has, one letter or one underscore away from one that is there.
func TestMisspeltCodes(t *testing.T) {
	s, err := New(config(t, ""), fixed)
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.rows.byName)
	for i, c := range contract.Edition2019.Codes()[1:] {
		misspelt(c.Name, i%2 == 0)(s)
	}
	if n := len(s.rows.byName) - before; n != 22 {
		t.Errorf("%d new codes, want 22", n)
	}
	undocumented := 0
	for name := range s.rows.byName {
		if findCode(name) == nil && name != "FlowLimited" {
			undocumented++
		}
	}
	if undocumented != 22 {
		t.Errorf("%d undocumented codes, want 22", undocumented)
	}
}
