package cmd

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"axbench/conformance"
	"axbench/conformance/contract"
	"axbench/conformance/emulator"
)

// provisionConfigs are configurations whose provisioning file has to fit them.
var provisionConfigs = map[string]string{
	"built-in":       "",
	"sample":         emulator.Sample,
	"conformance":    string(emulator.ConformanceSample()),
	"only strict":    "pools: [{key: FC123456, mode: strict, numbers: {拉萨: [\"17000000000\"]}}]\n",
	"phones are X":   "pools: [{key: '\"#', size: 3, first: \"13900000000\"}, {key: b, size: 3, first: \"13800099999\"}]\n",
	"odd key":        "credentials: [{id: testid, secret: testsecret, state: inactive}, {id: a, secret: \"it's $x\", token: t}]\n",
	"no key":         "credentials: [{id: testid, secret: testsecret, state: deleted}]\n",
	"limits":         "flow_limit: 300/m\nlimits: [{rate: 2/s, style: gateway}, {rate: 9000000/s}]\naccounts: [{name: x, credentials: [{id: x, secret: x}]}, {name: y, credentials: [{id: y, secret: y}], limits: [{rate: 4/s}]}]\n",
	"other codes":    "choices: {permission_denied: Forbidden.RAM, unverified: isv.ACCOUNT_ABNORMAL, operations: [BindAxb], zone: \"-03:30\", city_aliases: {拉萨: 北京}}\ncredentials: [{id: a, secret: b, deny: [BindAxb]}]\naccounts: [{name: u, state: unverified, credentials: [{id: u, secret: u}]}]\n",
	"pool as a sign": "pools: [{key: p1, size: 99, first: \"17100000000\"}, {key: p2, size: 98, first: \"17200000000\"}, {key: p3, size: 97, first: \"17300000000\"}]\ntriggers: [{code: isp.SYSTEM_ERROR, pool: p1, header: {x: 'a\"b'}}, {code: isp.DAO_EXCEPTION, pool: none}, {code: isv.MINE, undocumented: true, city: x}, {code: isp.VENDOR_UNAVAILABLE, operation: UnbindSubscription, city: x}]\n",
}

// provisioned is what is declared of a configuration.
func provisioned(t *testing.T, config string) (*emulator.Config, *conformance.Provision, map[string]string) {
	t.Helper()
	cfg, err := emulator.Parse("config.yaml", []byte(config), 1)
	if err != nil {
		t.Fatal(err)
	}
	text, env, err := provisioningOf(cfg, "http://127.0.0.1:8080/", "http://127.0.0.1:9090/")
	if err != nil {
		t.Fatal(err)
	}
	p, err := conformance.ParseProvision("p.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return cfg, p, env
}

// TestProvisioningRoundTrip reads what is printed of each configuration and holds it against the emulator itself.
func TestProvisioningRoundTrip(t *testing.T) {
	for name, config := range provisionConfigs {
		t.Run(name, func(t *testing.T) {
			cfg, p, env := provisioned(t, config)
			server, err := emulator.New(cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			states := map[string]emulator.PoolState{}
			for _, s := range server.Pools() {
				states[s.Key] = s
			}
			for _, pool := range p.Pools {
				s, ok := states[pool.Key]
				if !ok || s.Size != pool.Size || !pool.Complete() || (s.Mode == "strict") != pool.Strict || (pool.Of == "") != (s.Account == emulator.MainAccount) || len(s.Cities) != len(pool.Numbers) {
					t.Errorf("pool %q is declared as %+v, and is %+v", pool.Key, pool, s)
				}
				for _, city := range s.Cities {
					if pool.CountIn(city.Name) != city.Numbers || city.Name == pool.EmptyCity {
						t.Errorf("pool %q has %d numbers of %s, declared are %d", pool.Key, city.Numbers, city.Name, pool.CountIn(city.Name))
					}
				}
			}
			secrets, err := p.Secrets(func(name string) string { return env[name] })
			if err != nil {
				t.Fatal(err)
			}
			named := 0
			for _, c := range p.Credentials {
				named += 2
				if c.TokenEnv != "" {
					named++
				}
			}
			if named != len(env) || len(secrets) != len(p.Credentials) {
				t.Errorf("%d variables for %d names", len(env), named)
			}
			a, b, landline := p.Ranges()
			if len(a) == 0 || len(b) == 0 || len(landline) == 0 {
				t.Errorf("phones %v %v %v", a, b, landline)
			}
		})
	}
}

// TestProvisioningOf holds what each configuration has that the others have not.
func TestProvisioningOf(t *testing.T) {
	of := func(name string) *conformance.Provision {
		_, p, _ := provisioned(t, provisionConfigs[name])
		return p
	}
	pools := func(p *conformance.Provision) string { return fmt.Sprint(slices.Sorted(maps.Keys(p.Pools))) }
	keys := func(p *conformance.Provision) string { return fmt.Sprint(slices.Sorted(maps.Keys(p.Credentials))) }
	builtin, sample, strict, odd, limits, other, sign := of("built-in"), of("sample"), of("only strict"), of("odd key"), of("limits"), of("other codes"), of("pool as a sign")
	a, _, _ := of("phones are X").Ranges()
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"built-in pools", pools(builtin), "[main]"},
		{"built-in keys", keys(builtin), "[main]"},
		{"built-in codes", len(builtin.Codes), 0},
		{"built-in query", builtin.Query.Unbind && builtin.Query.SubscriptionDetail, true},
		{"clock", builtin.Channels.Clock, "http://127.0.0.1:9090/clock"},
		{"receipts", builtin.Channels.Receipts, "http://127.0.0.1:9090/calls"},
		{"sample pools", pools(sample), "[foreign main second small strict]"},
		{"sample limit", sample.Target.FlowLimitRPS, 5000.0},
		{"strict is main", pools(strict) + strict.Pools["main"].EmptyCity, "[main]三亚"},
		{"A is no X", a[0].From, "13700000000"},
		{"a temporary key", keys(odd) + odd.Credentials["main"].TokenEnv, "[inactive main]AXB_MAIN_TOKEN"},
		{"no key", keys(of("no key")), "[deleted]"},
		{"two accounts", keys(limits), "[limited main other_account]"},
		{"limit of one", limits.Target.FlowLimitRPS, 4.0},
		{"no such code", keys(other), "[main unverified]"},
		{"unverified stands for its code", other.Codes["isv.ACCOUNT_ABNORMAL"].Credential, "unverified"},
		{"query", other.Query.Unbind || other.Query.SubscriptionDetail, false},
		{"zone", other.Target.Zone, "-03:30"},
		{"pool of a sign", sign.Pools[sign.Codes["isp.SYSTEM_ERROR"].Pool].Key + sign.Codes["isp.SYSTEM_ERROR"].Header["x"], `p1a"b`},
		{"signs that never come", len(sign.Codes), 1},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, tt.got, tt.want)
		}
	}
}

// TestProvisioningOfConformance: every name a suite asks for is there, and every code that needs a declaration has one.
func TestProvisioningOfConformance(t *testing.T) {
	_, p, env := provisioned(t, provisionConfigs["conformance"])
	for _, name := range []string{"main", "second_of_main_account", "other_account", "limited", "inactive", "deleted", "unverified"} {
		if _, ok := p.Credentials[name]; !ok {
			t.Errorf("no credential %s", name)
		}
	}
	for _, name := range []string{"main", "second", "small", "strict", "foreign", "limited"} {
		if p.Pool(name) == nil {
			t.Errorf("no pool %s", name)
		}
	}
	open := map[string]bool{"OK": true}
	for _, name := range []string{"ILLEGAL_ARGUMENT", "EXPIRE_DATE_ILLEGAL", "MOBILE_NUMBER_ILLEGAL", "NO_NOT_EXIST", "BIND_CONFLICT", "NO_AVAILABLE_NUMBER", "FLOW_LIMIT", "FORBIDDEN_ACTION", "NO_USED_BY_OTHERS"} {
		open["isv."+name] = true // they need no sign
	}
	for _, code := range contract.Edition2019.Codes() {
		if _, ok := p.Codes[code.Name]; ok == open[code.Name] {
			t.Errorf("%s: declared %v", code.Name, ok)
		}
	}
	if p.Target.FlowLimitRPS != 50 || p.FlowCredential() != "limited" || p.Pool("limited").Of != "limited" || env["AXB_MAIN_ID"] != emulator.BuiltinID || env["AXB_LIMITED_ID"] != "axb-limited" {
		t.Errorf("%+v %v", p.Target, env)
	}
}

// TestProvisioningExports: the line at the top of the file gives a shell the variables.
func TestProvisioningExports(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	cfg, err := emulator.Parse("config.yaml", []byte(provisionConfigs["odd key"]), 1)
	if err != nil {
		t.Fatal(err)
	}
	text, env, err := provisioningOf(cfg, "", "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	line := ""
	for _, l := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(l, "#   eval ") {
			line = strings.ReplaceAll(l[4:], "FILE", file)
		}
	}
	out, err := exec.Command(sh, "-c", line+"\nprintf %s \"$AXB_MAIN_ID|$AXB_MAIN_SECRET|$AXB_MAIN_TOKEN\"").Output()
	if want := "a|it's $x|t"; err != nil || string(out) != want || env["AXB_MAIN_SECRET"] != "it's $x" {
		t.Errorf("%q, want %q: %v", out, want, err)
	}
}

// TestProvisioningThatCannotBe: what has no place in a provisioning file is said, not printed.
func TestProvisioningThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(file, []byte("triggers: [{code: isp.SYSTEM_ERROR, header: {host: x}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code := Main([]string{"emulate", "--config", file, "--provisioning"}, strings.NewReader(""), &stdout, &stderr, noEnv)
	if code != 2 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "this configuration cannot be declared") || !strings.Contains(stderr.String(), "codes.isp.SYSTEM_ERROR.header.host") {
		t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
	if code := Main([]string{"emulate", "--provisioning"}, strings.NewReader(""), brokenWriter{}, &stderr, noEnv); code != 1 {
		t.Errorf("exit code %d on a broken stdout", code)
	}
}

// TestProvisioningHasNoTwin: the file that another command is told of by its variable does not keep the emulator from serving.
func TestProvisioningHasNoTwin(t *testing.T) {
	env := func(name string) string { return map[string]string{"AXBENCH_PROVISIONING": "p.yaml"}[name] }
	var stdout, stderr bytes.Buffer
	if code := Main([]string{"emulate", "--sample"}, strings.NewReader(""), &stdout, &stderr, env); code != 0 || stdout.String() != emulator.Sample {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}

// TestProvisioningOfTheCampaign: the file that the suite's own tests declare the emulator by is what is printed today.
func TestProvisioningOfTheCampaign(t *testing.T) {
	want, err := os.ReadFile("../../conformance/testdata/emulator.provision.yaml")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"emulate", "--conformance", "--provisioning", "--listen", "127.0.0.1:8080", "--admin", "127.0.0.1:9090"}
	code, got, stderr := axbench(nil, args...)
	if code != 0 || got != string(want) {
		t.Errorf("exit %d %s: write the output of axbench %s there", code, stderr, strings.Join(args, " "))
	}
}
