package emulator

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"axbench/conformance/contract"
)

// TestConformanceSample calls with every key of the configuration and with every sign: each is answered with its code, and all
// codes that a caller cannot provoke by itself are there.
func TestConformanceSample(t *testing.T) {
	cfg, err := Parse("conformance.yaml", ConformanceSample(), 1)
	if err != nil {
		t.Fatal(err)
	}
	e := serve(t, cfg, fixed)
	seen := map[string]bool{}
	meet := func(what, want string, a answer) {
		t.Helper()
		if a.fields["Code"] != want {
			t.Errorf("%s: %s, want %s", what, a.body, want)
		}
		seen[want] = true
	}
	keys := map[string]string{"axb-disabled": "InvalidAccessKeyId.Inactive", "axb-erased": "InvalidAccessKeyId.NotFound", "axb-denied": "isp.RAM_PERMISSION_DENY"}
	own := map[string]string{"other": "FC999999", "limited": "FC000004"}
	for _, account := range cfg.AllAccounts() {
		for _, k := range account.Credentials {
			want := firstText(keys[k.ID], cfg.StateCode(account.State), "OK")
			meet(k.ID, want, e.raw(t, get(newBind().with("AccessKeyId", k.ID, "PoolKey", firstText(own[account.Name], BuiltinPool)).query("GET", k.Secret))))
		}
	}
	for _, g := range cfg.Triggers {
		p := newBind()
		for name, value := range map[string]string{"PhoneNoA": g.PhoneA, "PhoneNoB": g.PhoneB} {
			if value != "" {
				p = p.with(name, value)
			}
		}
		request := p.get()
		for name, value := range g.Header {
			request = strings.Replace(request, "\r\n", "\r\n"+name+": "+value+"\r\n", 1)
		}
		meet(fmt.Sprint(g.Code), g.Code, e.raw(t, request))
	}
	meet("foreign pool", "isv.FORBIDDEN_ACTION", e.raw(t, newBind().with("PoolKey", "FC999999").get()))
	meet("X of another account", "isv.NO_USED_BY_OTHERS", e.raw(t, newBind().with("PhoneNoX", "17100000300").get()))
	meet("strict pool", "isv.NO_AVAILABLE_NUMBER", e.raw(t, newBind().with("PoolKey", "FC000003", "ExpectCity", "拉萨").get()))
	for i := range 8 {
		meet("small pool", "OK", e.raw(t, newBind().with("PoolKey", "FC000002", "PhoneNoA", "13911112222", "PhoneNoB", fmt.Sprint(13922220000+i)).get()))
	}
	meet("small pool", "isv.NO_AVAILABLE_NUMBER", e.raw(t, newBind().with("PoolKey", "FC000002", "PhoneNoA", "13911112222", "PhoneNoB", "13922220009").get()))
	meet("limit", "isv.FLOW_LIMIT", limited(t, e))

	for _, code := range []string{"isv.ILLEGAL_ARGUMENT", "isv.EXPIRE_DATE_ILLEGAL", "isv.MOBILE_NUMBER_ILLEGAL", "isv.NO_NOT_EXIST", "isv.BIND_CONFLICT"} {
		seen[code] = true // anybody can
	}
	for _, code := range contract.Edition2019.Codes() {
		if !seen[code.Name] {
			t.Errorf("nothing provokes %s", code.Name)
		}
	}
}

// limited calls as the limited account until it is too fast: with more calls than may come at once, sent all at once, since
// tokens come back while a slow machine calls. A few times, for a machine that stands still in the middle.
func limited(t *testing.T, e *endpoint) (last answer) {
	for round := range 10 {
		var requests strings.Builder
		const n = 80
		for i := range n {
			requests.WriteString(get(newBind().with("AccessKeyId", "axb-limited", "PoolKey", "FC000004", "PhoneNoB", fmt.Sprint(13933330000+round*n+i)).query("GET", "axb-limited-secret")))
		}
		c := dial(t, e.addr)
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(patient))
		go io.WriteString(c, requests.String())
		for range n {
			if last = read(t, c.r, "GET"); last.fields["Code"] == "isv.FLOW_LIMIT" {
				return last
			}
		}
	}
	return last
}

func firstText(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// TestConformanceSampleShape holds what a suite relies on: numbers can be declared, no pool has one of the empty city, and the
// main account has no limit.
func TestConformanceSampleShape(t *testing.T) {
	cfg, err := Parse("conformance.yaml", ConformanceSample(), 1)
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int{}
	for _, p := range cfg.AllPools() {
		for _, city := range p.Cities {
			n := 0
			for _, r := range city.Ranges {
				n += r.Size()
			}
			if n > 500 || city.Name == "拉萨" {
				t.Errorf("pool %s has %d numbers of %s", p.Key, n, city.Name)
			}
			sizes[p.Key] += n
		}
	}
	if sizes[BuiltinPool] != 1500 || sizes["FC000002"] < 3 || sizes["FC000002"] > 8 || len(sizes) != 7 {
		t.Errorf("sizes %v", sizes)
	}
	if main := cfg.AllAccounts()[0]; main.Name != MainAccount || len(main.Limits) != 0 {
		t.Errorf("%+v", main)
	}
}

func TestDeclared(t *testing.T) {
	cfg := config(t, "flow_limit: 50/s\nchoices: {zone: \"-03:30\", operations: [BindAxb], unverified: isv.FORBIDDEN_ACTION}\n"+
		"credentials: [{id: a, secret: b}]\npools: [{key: x, size: 7, first: \"17100000000\", cities: [上海, 北京]}]\n"+
		"accounts: [{name: o, credentials: [{id: c, secret: d}], pools: [{key: y, numbers: {北京: [\"17200000000\"]}}]}]\n")
	pools, accounts := cfg.AllPools(), cfg.AllAccounts()
	for _, tt := range []struct{ got, want any }{
		{len(pools), 3}, {pools[0].Account, MainAccount}, {pools[1].Account, "o"}, {pools[2].Key, BuiltinPool}, {pools[0].Cities[0].Ranges[0].String(), "17100000000-17100000003"},
		{len(accounts), 2}, {accounts[0].Credentials[0].ID, BuiltinID}, {len(accounts[0].Credentials), 2}, {accounts[1].Limits[0].Rate, Rate(50)},
		{cfg.Choices.Zone.String(), "-03:30"}, {Zone{}.String(), "+08:00"}, {cfg.Has("BindAxb"), true}, {cfg.Has("UnbindSubscription"), false},
		{cfg.StateCode("unverified"), "isv.FORBIDDEN_ACTION"}, {cfg.StateCode("gone"), "isv.ACCOUNT_NOT_EXISTS"}, {cfg.StateCode(""), ""}, {cfg.DeniedCode(), "isp.RAM_PERMISSION_DENY"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %v, want %v", tt.got, tt.want)
		}
	}
}
