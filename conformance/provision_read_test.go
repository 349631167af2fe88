package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"axbench/conformance/traffic"
	"axbench/scenarios/strict"

	"pgregory.net/rapid"
)

const head = "apiVersion: bindaxb/provisioning/v1\n"

// declared is a file with everything in it.
const declared = head + `target: {base_url: "https://vendor.example/", zone: "+08:00", flow_limit_rps: 50, deadline: 5s}
phones: {a: ["15000000000-15000000999"], b: ["15800000000-15800000999", "15900000000"], landline: ["057188990000-057188990099"]}
budget: {bindings: 400, expiration: 3m, calls: 5000, rate: 5}
credentials:
  main:      {id_env: AK_MAIN, secret_env: SK_MAIN}
  second_of_main_account: {id_env: AK2, secret_env: SK2}
  other_account: {id_env: AK_O, secret_env: SK_O, token_env: TK_O}
  suspended: {id_env: AK_S, secret_env: SK_S}
pools:
  main:   {key: FC123456, size: 40, numbers: {"北京": ["17000000000", 17000000005-17000000007], "杭州": ["17000000001 - 17000000002"]}, empty_city: "拉萨"}
  small:  {key: FC000002, size: 3}
  strict: {key: FC000003, strict: true, empty_city: "拉萨"}
  foreign: {key: FC999999, of: other_account, number: "17099999999"}
query: {subscription_detail: true, unbind: true}
channels: {clock: "http://127.0.0.1:9090/clock", receipts: "https://vendor.example/calls"}
codes:
  isv.OUT_OF_SERVICE:      {credential: suspended}
  isv.VENDOR_BIND_FAILED:  {phone_a: "15000000911"}
  isp.SYSTEM_ERROR:        {phone_a: "15000000000", phone_b: "15900000001"}
  isp.DAO_EXCEPTION:       {header: {X-Fault: dao}}
  isv.NO_AVAILABLE_NUMBER: {pool: small, city: 杭州, out_id: none}
  isv.PARTNER_IS_CLOSED:   {unprovocable: "no partner model in this product"}
`

func parse(t testing.TB, text string) *Provision {
	t.Helper()
	p, err := ParseProvision("p.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParseProvision(t *testing.T) {
	p := parse(t, declared)
	a, b, landline := p.Ranges()
	for _, tt := range []struct {
		got  any
		want string
	}{
		{p.Target.Deadline, "5s"},
		{p.Codes["isp.DAO_EXCEPTION"].Header["X-Fault"], "dao"},
		{a, "[15000000001-15000000910 15000000912-15000000999]"},
		{b, "[15800000000-15800000999 15900000000]"},
		{landline, "[057188990000-057188990099]"},
		{p.Pool("main").All(4), "[17000000000 17000000001 17000000002 17000000005]"},
		{p.Pool("main").In("北京", 9), "[17000000000 17000000005 17000000006 17000000007]"},
		{p.Pool("main").Cities(), "[北京 杭州]"},
		{p.Pool("main").Count(), "6"},
		{p.Pool("main").CountIn("杭州"), "2"},
		{p.Pool("main").Complete(), "false"},
		{p.Pool("foreign").All(3), "[17099999999]"},
		{p.Pool("foreign").Has("17099999999"), "true"},
		{p.Pool("small").All(3), "[]"},
		{p.Pool("small").Has(""), "false"},
		{p.FlowCredential(), "main"},
	} {
		if got := fmt.Sprint(tt.got); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	magicA, magicB := p.Magic()
	if fmt.Sprint(magicA, magicB) != "[15000000000 15000000911] [15900000001]" {
		t.Errorf("magic numbers %v %v", magicA, magicB)
	}
	if p.Pool("none") != nil {
		t.Error("a pool that is not declared")
	}
	for x, want := range map[string]string{"17000000000": "北京", "17000000006": "北京", "17000000002": "杭州", "17000000003": "", "7000000000": "", "017000000000": "", "x": "", "": ""} {
		if city, ok := p.Pool("main").CityOf(x); city != want || ok != (want != "") {
			t.Errorf("%q is of %q, %v", x, city, ok)
		}
	}
}

func TestProvisionZone(t *testing.T) {
	for text, offset := range map[string]int{"UTC": 0, "+08:00": 8 * 3600, "-03:30": -(3*3600 + 1800), "+14:00": 14 * 3600} {
		zone, ok := parse(t, head+"target: {zone: \""+text+"\"}\n").Zone()
		if !ok {
			t.Fatalf("%s: not declared", text)
		}
		if _, got := time.Unix(0, 0).In(zone).Zone(); got != offset {
			t.Errorf("%s: %d seconds", text, got)
		}
	}
	if _, ok := parse(t, head).Zone(); ok {
		t.Error("a zone that was not declared")
	}
}

// TestProvisionWrong has one file for each kind of error.
func TestProvisionWrong(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "p.yaml:1:1: the file is empty"},
		{"no version", "budget: {calls: 5}\n", "p.yaml:1:1: apiVersion: this value is missing; accepted: bindaxb/provisioning/v1"},
		{"version", "apiVersion: bindaxb/provisioning/v2\n", `p.yaml:1:13: apiVersion: not one of the accepted values, did you mean "bindaxb/provisioning/v1"? ("bindaxb/provisioning/v2"); accepted: bindaxb/provisioning/v1`},
		{"unknown key", head + "pool: {}\n", `p.yaml:2:1: pool: unknown key, did you mean "pools"?`},
		{"unknown key in a map", head + "pools:\n  main: {kei: x}\n", `p.yaml:3:10: pools.main.kei: unknown key, did you mean "key"?`},
		{"pool twice", head + "pools:\n  main: {key: x}\n  main: {key: y}\n", `p.yaml:4:3: pools.main: this key stands twice, first on line 3`},

		{"base_url", head + "target: {base_url: vendor.example}\n", `p.yaml:2:20: target.base_url: not a URL of a target ("vendor.example"); accepted: emulator, http://`},
		{"base_url with a password", head + "target: {base_url: 'https://me:hunter2@vendor.example/'}\n", `target.base_url: a URL of a target holds no user and no password`},
		{"zone", head + "target: {zone: Asia/Shanghai}\n", `p.yaml:2:16: target.zone: not a zone ("Asia/Shanghai"); accepted: UTC`},
		{"zone too far", head + "target: {zone: \"+14:01\"}\n", `target.zone: not a zone ("+14:01")`},
		{"zone minutes", head + "target: {zone: \"+08:60\"}\n", `target.zone: not a zone`},
		{"flow limit", head + "target: {flow_limit_rps: -1}\n", `target.flow_limit_rps: out of range ("-1"); accepted: a number from 0 to 1000000`},
		{"deadline", head + "target: {deadline: 10ms}\n", `target.deadline: out of range ("10ms"); accepted: from 100ms to 5m0s`},

		{"phone", head + "phones:\n  a:\n    - 0571-88992688\n", `p.yaml:4:7: phones.a[0]: not a range of numbers; accepted: 3 to 16 digits`},
		{"range backwards", head + "phones: {b: [15000000009-15000000000]}\n", `p.yaml:2:14: phones.b[0]: not a range of numbers`},
		{"range of two lengths", head + "phones: {b: [100, 999-1000]}\n", `p.yaml:2:19: phones.b[1]: not a range of numbers; accepted`},
		{"range too long", head + "phones: {a: [15000000000-15999999999]}\n", `phones.a[0]: too many numbers; accepted: at most 1000000 in a list`},
		{"range twice", head + "phones: {a: [100-200, 200]}\n", `phones.a[1]: some of these numbers stand before ("200")`},
		{"landline", head + "phones: {landline: [57188992688]}\n", `phones.landline[0]: a landline begins with the 0 of its area code`},
		{"too many entries", head + "phones: {a: [" + strings.Repeat("100,", 1001) + "]}\n", `phones.a: too many entries`},
		{"only faults", head + "phones: {a: [123]}\ncodes: {isp.SYSTEM_ERROR: {phone_a: 123}}\n", `phones.a: every number of it stands for a fault`},

		{"expiration short", head + "budget: {expiration: 90s}\n", `p.yaml:2:22: budget.expiration: out of range ("90s"); accepted: from 2m0s`},
		{"expiration long", head + "budget: {expiration: 61m}\n", `budget.expiration: out of range`},
		{"expiration none", head + "budget: {expiration: 0s}\n", `budget.expiration: out of range`},
		{"negative budget", head + "budget: {bindings: -1}\n", `budget.bindings: out of range ("-1")`},
		{"more bindings than calls", head + "budget: {bindings: 11, calls: 10}\n", `budget.bindings: more bindings than calls ("11"); accepted: at most calls, which is 10`},
		{"rate", head + "budget: {rate: 5/s}\n", `budget.rate: not a number ("5/s")`},

		{"no secret", head + "credentials: {main: {id_env: A}}\n", `p.yaml:2:21: credentials.main.secret_env: this value is missing; accepted: text, for example AXB_MAIN_SECRET`},
		{"empty variable", head + "credentials: {main: {id_env: '', secret_env: B}}\n", `credentials.main.id_env: not the name of an environment variable`},
		{"variable twice", head + "credentials: {main: {id_env: A, secret_env: A}}\n", `credentials.main.secret_env: this variable stands before`},
		{"name of a credential", head + "credentials: {Main: {id_env: A, secret_env: B}}\n", `credentials.Main: not a name of a credential; accepted: a small letter`},
		{"misspelt credential", head + "credentials: {second_of_main_acount: {id_env: A, secret_env: B}}\n", `nothing uses a credential of this name, did you mean "second_of_main_account"?; accepted: main,`},

		{"no key", head + "pools: {main: {size: 3}}\n", `p.yaml:2:15: pools.main.key: this value is missing`},
		{"empty key", head + "pools: {main: {key: ''}}\n", `pools.main.key: no key of a pool; accepted: the PoolKey`},
		{"misspelt pool", head + "pools: {smal: {key: x}}\n", `p.yaml:2:15: pools.smal: nothing uses a pool of this name, did you mean "small"?`},
		{"key twice", head + "pools:\n  main: {key: x}\n  second: {key: x}\n", `p.yaml:4:17: pools.second.key: the pool main has this key`},
		{"numbers", head + "pools:\n  main:\n    key: x\n    numbers:\n      杭州: [170, 1x]\n", `p.yaml:6:17: pools.main.numbers.杭州[1]: not a range of numbers ("1x")`},
		{"city without numbers", head + "pools: {main: {key: x, numbers: {杭州: []}}}\n", `p.yaml:2:34: pools.main.numbers.杭州: no number of this city; accepted: numbers and ranges, or the city as empty_city`},
		{"too many X", head + "pools: {main: {key: x, numbers: {杭州: [1000000000-2000000000]}}}\n", `too many numbers; accepted: at most 100000000 in a pool`},
		{"X in two cities", head + "pools: {main: {key: x, numbers: {上海: [100-199, 300], 杭州: [150]}}}\n", `pools.main.numbers.杭州[0]: some of these numbers stand in this pool too ("150")`},
		{"X in two pools", head + "pools: {main: {key: x, numbers: {上海: [100-199]}}, small: {key: y, numbers: {上海: [500, 110-111]}}}\n", `pools.small.numbers.上海[1]: some of these numbers stand in the pool main too ("110-111")`},
		{"number of another pool", head + "pools: {foreign: {key: x, numbers: {上海: [100-199]}}, main: {key: y, number: 150}}\n", `pools.main.number: the pool foreign has this number ("150")`},
		{"size", head + "pools: {main: {key: x, size: 2, numbers: {上海: [100-102]}}}\n", `pools.main.size: fewer than the 3 of numbers ("2")`},
		{"number", head + "pools: {main: {key: x, number: 1x}}\n", `pools.main.number: not a number ("1x")`},
		{"empty city", head + "pools: {main: {key: x, empty_city: 上海, numbers: {上海: [100]}}}\n", `pools.main.empty_city: numbers has some of this city ("上海")`},
		{"of", head + "credentials: {other_account: {id_env: A, secret_env: B}}\npools: {foreign: {key: x, of: other}}\n", `p.yaml:3:31: pools.foreign.of: no credential of this name is declared ("other"); accepted: main, other_account`},
		{"foreign of main", head + "pools: {foreign: {key: x, of: main}}\n", `pools.foreign.of: a foreign pool is of another account ("main")`},

		{"channel", head + "channels: {clock: emulator}\n", `p.yaml:2:19: channels.clock: not a URL ("emulator")`},
		{"channel elsewhere", head + "target: {base_url: 'https://a.example'}\nchannels: {receipts: 'https://b.example/'}\n", `channels.receipts: neither loopback nor the host of target.base_url ("https://b.example/")`},
		{"channel without a target", head + "channels: {receipts: 'https://b.example/'}\n", `channels.receipts: neither loopback nor the host`},
		{"channel like loopback", head + "channels: {clock: 'http://127.1:9/'}\n", `channels.clock: an IPv4 address in another form`},
		{"channel in the clear", head + "target: {base_url: 'https://a.example'}\nchannels: {clock: 'http://a.example/clock'}\n", `channels.clock: without encryption`},

		{"unknown code", head + "codes: {isv.OUT_OF_SERVIC: {city: x}}\n", `p.yaml:2:28: codes.isv.OUT_OF_SERVIC: no code of the document, did you mean "isv.OUT_OF_SERVICE"?; accepted: one of the document's codes`},
		{"code without its prefix", head + "codes: {FLOW_LIMIT: {city: x}}\n", `did you mean "isv.FLOW_LIMIT"?`},
		{"code of a later list", head + "codes: {isv.POOLKEY_NOT_EXISTS: {city: x}}\n", `no code of the document`},
		{"OK", head + "codes: {OK: {city: x}}\n", `codes.OK: OK needs no sign`},
		{"no sign", head + "codes: {isv.FLOW_LIMIT: {}}\n", `codes.isv.FLOW_LIMIT: an entry without a sign; accepted: credential, phone_a`},
		{"no reason", head + "codes: {isv.FLOW_LIMIT: {unprovocable: ' '}}\n", `codes.isv.FLOW_LIMIT.unprovocable: no reason (" ")`},
		{"reason of two lines", head + "codes:\n  isv.FLOW_LIMIT:\n    unprovocable: |\n      a\n      b\n", `codes.isv.FLOW_LIMIT.unprovocable: no reason`},
		{"reason and a sign", head + "codes: {isv.FLOW_LIMIT: {unprovocable: why, city: x}}\n", `p.yaml:2:51: codes.isv.FLOW_LIMIT.city: a sign beside unprovocable ("x")`},
		{"magic number", head + "codes: {isp.SYSTEM_ERROR: {phone_b: +123}}\n", `codes.isp.SYSTEM_ERROR.phone_b: not a number ("+123")`},
		{"empty sign", head + "codes: {isp.SYSTEM_ERROR: {out_id: ''}}\n", `codes.isp.SYSTEM_ERROR.out_id: no sign`},
		{"credential of a code", head + "credentials: {limited: {id_env: A, secret_env: B}}\ncodes: {isv.FLOW_LIMIT: {credential: limitd}}\n", `no credential of this name is declared, did you mean "limited"?; accepted: limited, main`},
		{"pool of a code", head + "pools: {small: {key: x}}\ncodes: {isv.FLOW_LIMIT: {pool: smal}}\n", `codes.isv.FLOW_LIMIT.pool: no pool of this name is declared, did you mean "small"? ("smal"); accepted: small`},
		{"no header", head + "codes: {isp.SYSTEM_ERROR: {header: {}}}\n", `codes.isp.SYSTEM_ERROR.header: no header`},
		{"name of a header", head + "codes: {isp.SYSTEM_ERROR: {header: {'X Fault': a}}}\n", `p.yaml:2:48: codes.isp.SYSTEM_ERROR.header.X Fault: not a name of a header`},
		{"header of its own", head + "codes: {isp.SYSTEM_ERROR: {header: {HOST: a}}}\n", `header.HOST: every call has this header already`},
		{"value of a header", head + "codes: {isp.SYSTEM_ERROR: {header: {X-Fault: \"a\\tb\"}}}\n", `header.X-Fault: not a value of a header; accepted: 1 to 300`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseProvision("p.yaml", []byte(tt.text))
			var e *strict.Error
			if p != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), tt.want) || e.Line == 0 {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestProvisionNearlyWrong: what stands beside the errors above is read.
func TestProvisionNearlyWrong(t *testing.T) {
	for _, text := range []string{
		head,
		head + "target: {base_url: emulator, zone: '-14:00', deadline: 100ms}\n",
		head + "budget: {expiration: 2m, bindings: 10, calls: 10}\n",
		head + "budget: {expiration: 1h}\n",
		head + "phones: {a: [100-199], b: [200, 0571]}\n",
		head + "credentials: {main: {id_env: A, secret_env: ALIBABA_CLOUD_ACCESS_KEY_SECRET}}\n",
		head + "pools: {main: {key: x, of: main, size: 2, numbers: {上海: [100-101]}}, foreign: {key: y}}\n",
		head + "channels: {clock: 'http://localhost:9/clock', receipts: 'https://[::1]:9/'}\n",
		head + "target: {base_url: 'http://a.example'}\nchannels: {clock: 'http://a.example/clock'}\n",
		head + "credentials: {mine: {id_env: A, secret_env: B}}\ncodes: {isv.ACCOUNT_ABNORMAL: {credential: mine}, isv.FORBIDDEN_ACTION: {credential: main}}\n",
		head + "pools: {mine: {key: x}}\ncodes: {isv.ACCOUNT_ABNORMAL: {pool: mine}}\n",
	} {
		parse(t, text)
	}
}

// TestProvisionKeepsSecrets: who pastes a key where its variable belongs does not read it again in an error.
func TestProvisionKeepsSecrets(t *testing.T) {
	for _, secret := range []string{"LTAI5tGh7Kq2mVx9Zw3Bn8Pd", "LTAI5TGH7KQ2MVX9", "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zAB", "testsecret", "STS.NTHAABBCCDD", "0123456789ABCDEF0123456789ABCDEF",
		"ABCDEFGHIJKLMNOP", "AKIAIOSFODNN7EXAMPLE", "my-secret", "sk live 1", "a=b"} {
		for _, text := range []string{
			"credentials: {main: {id_env: '%s', secret_env: A}}", "credentials: {main: {id_env: A, secret_env: '%s'}}", "credentials: {main: {id_env: A, secret_env: B, token_env: '%s'}}",
			"credentials: {main: '%s'}", "credentials: '%s'", "credentials: {main: {id_env: ['%s']}}",
		} {
			_, err := ParseProvision("p.yaml", []byte(head+fmt.Sprintf(text, secret)+"\n"))
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf(text+": %v", secret, err)
			}
		}
	}
}

func TestProvisionSecrets(t *testing.T) {
	p := parse(t, declared)
	env := map[string]string{"AK_MAIN": "id-main", "SK_MAIN": "hush-main", "AK2": "id-2", "SK2": "hush-2", "AK_O": "id-o", "SK_O": "hush-o", "TK_O": "token-o", "AK_S": "id-s", "SK_S": "hush-s"}
	got, err := p.Secrets(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if c := got["other_account"]; len(got) != 4 || c.ID != "id-o" || c.Secret != "hush-o" || c.Token != "token-o" || c.Source != "environment, credential other_account" {
		t.Errorf("%d credentials, %s", len(got), c)
	}
	delete(env, "SK2")
	delete(env, "TK_O")
	got, err = p.Secrets(func(name string) string { return env[name] })
	var e *strict.Error
	if got != nil || !errors.As(err, &e) {
		t.Fatalf("%v %v", got, err)
	}
	for _, want := range []string{"p.yaml:7:53: ", "p.yaml:8:62: ", "the environment variable TK_O of the credential other_account is not set", "the environment variable SK2 of the credential second_of_main_account is not set"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "id-") {
		t.Errorf("a value is in %v", err)
	}
}

func TestProvisionSummary(t *testing.T) {
	s := parse(t, declared).Summary("p.yaml", []byte("x"))
	if s.File != "p.yaml" || s.SHA256 != "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" || !s.Query || !s.Unbind || !s.Clock || !s.Receipts ||
		fmt.Sprint(s.Credentials) != "[main other_account second_of_main_account suspended]" || fmt.Sprint(s.Pools) != "[foreign main small strict]" ||
		fmt.Sprint(s.Unprovocable) != "map[isv.PARTNER_IS_CLOSED:no partner model in this product]" {
		t.Errorf("%+v", s)
	}
	nothing, err := json.Marshal((&Provision{}).Summary("p.yaml", nil))
	if err != nil || string(nothing) != `{"file":"","sha256":"","credentials":[],"pools":[],"unprovocable":{},"query":false,"unbind":false,"clock":false,"receipts":false}` {
		t.Errorf("%s %v", nothing, err)
	}
}

// TestPoolFactsAgree holds the methods that look at ranges against the numbers written out.
func TestPoolFactsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		want := map[string]string{}
		at := 100
		fmt.Fprintf(&text, "%spools: {main: {key: x, numbers: {", head)
		for c := range rapid.IntRange(1, 4).Draw(t, "cities") {
			fmt.Fprintf(&text, "c%d: [", c)
			for range rapid.IntRange(1, 4).Draw(t, "ranges") {
				from := at + rapid.IntRange(0, 5).Draw(t, "gap")
				at = from + rapid.IntRange(1, 20).Draw(t, "length")
				fmt.Fprintf(&text, "%d-%d,", from, at-1)
				for n := from; n < at; n++ {
					want[fmt.Sprint(n)] = fmt.Sprintf("c%d", c)
				}
			}
			text.WriteString("],")
		}
		text.WriteString("}}}\n")
		p, err := ParseProvision("p.yaml", []byte(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		f := p.Pool("main")
		loose := &PoolFacts{Numbers: f.Numbers} // one that was not read
		if f.Count() != len(want) || len(f.All(len(want)+1)) != len(want) || len(loose.All(3)) != min(3, len(want)) {
			t.Fatalf("%d numbers, want %d", f.Count(), len(want))
		}
		for n := 95; n < at+5; n++ {
			x := fmt.Sprint(n)
			city, ok := f.CityOf(x)
			again, _ := loose.CityOf(x)
			if city != want[x] || again != city || ok != (city != "") || f.Has(x) != ok {
				t.Fatalf("%s is of %q and %q, want %q", x, city, again, want[x])
			}
		}
	})
}

// TestRangesWithoutMagic: what is drawn from is what is declared without what stands for a fault, to the number.
func TestRangesWithoutMagic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		magic := rapid.SliceOfN(rapid.IntRange(90, 140), 0, 5).Draw(t, "magic")
		p := &Provision{Phones: ProvisionPhones{A: []string{"100-119", "121", "0130-0131"}}, Codes: map[string]Provoke{}}
		want := 23
		seen := map[int]bool{}
		for i, n := range magic {
			p.Codes[fmt.Sprint(i)] = Provoke{PhoneB: fmt.Sprint(n)}
			if !seen[n] && (n >= 100 && n < 120 || n == 121) {
				want--
			}
			seen[n] = true
		}
		a, _, _ := p.Ranges()
		got := 0
		for _, r := range a {
			s, ok := readSpan(r.String())
			if !ok {
				t.Fatalf("%v is no range", r)
			}
			got += int(s.count())
			for n := range seen {
				if s.meets(numberSpan{digits: 3, from: uint64(n), to: uint64(n)}) {
					t.Fatalf("%d is in %v", n, a)
				}
			}
		}
		if got != want || len(a) > 0 && a[len(a)-1] != (traffic.Numbers{From: "0130", To: "0131"}) {
			t.Fatalf("%d numbers in %v, want %d", got, a, want)
		}
	})
}

// FuzzParseProvision: whatever the bytes are, there is a provision or an error with a place, in one line; and what was read can
// be used.
func FuzzParseProvision(f *testing.F) {
	f.Add([]byte(declared))
	f.Add([]byte(head))
	f.Add([]byte(head + "pools: {main: {key: x, numbers: {上海: [100-199, 300], 杭州: [150]}}}\n"))
	f.Add([]byte(head + "codes: {isv.FLOW_LIMIT: {unprovocable: why, city: x}}\n"))
	f.Add([]byte(head + "credentials: {main: {id_env: LTAI5tGh7Kq2mVx9Zw3Bn8Pd, secret_env: A}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProvision("p.yaml", data)
		var e *strict.Error
		if err != nil {
			if p != nil || !errors.As(err, &e) || e.Line < 1 || e.Problem == "" || strings.Contains(e.Error(), "\n") {
				t.Fatalf("error without a place: %#v", err)
			}
			return
		}
		p.Ranges()
		p.Summary("p.yaml", data)
		if _, err := p.Secrets(func(string) string { return "x" }); err != nil {
			t.Fatal(err)
		}
		for name := range p.Pools {
			pool := p.Pool(name)
			for _, x := range pool.All(10) {
				if !pool.Has(x) {
					t.Fatalf("the pool %s has %s and has it not", name, x)
				}
			}
		}
	})
}
