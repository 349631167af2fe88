package emulator

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"axbench/conformance/contract"
	"axbench/scenarios/strict"
)

// settings lists every key of the configuration, at any depth.
func settings(t reflect.Type, seen map[reflect.Type]bool, to map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || t == reflect.TypeFor[strict.Pos]() || reflect.PointerTo(t).Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()) {
		return
	}
	seen[t] = true
	for _, f := range reflect.VisibleFields(t) {
		if key := f.Tag.Get("yaml"); key != "" && key != "-" {
			to[key] = true
			settings(f.Type, seen, to)
		}
	}
}

// off are the settings of the sample that are off: each stretch of lines that begin with # and no blank, as it is when it is on.
func off(t *testing.T) (texts []string) {
	t.Helper()
	line := regexp.MustCompile(`^#(.*)$`)
	for _, block := range regexp.MustCompile(`(?m)(^#( *- |[a-z]).*\n)+`).FindAllString(Sample, -1) {
		for _, one := range strings.Split(strings.TrimSuffix(block, "\n"), "\n") {
			texts = append(texts, line.ReplaceAllString(one, "$1"))
		}
	}
	if len(texts) < 5 {
		t.Fatalf("only %d settings are off: %q", len(texts), texts)
	}
	return texts
}

// TestSample reads the sample as it is, holds its keys against those of the configuration, and binds with it.
func TestSample(t *testing.T) {
	cfg, err := Parse("sample.yaml", []byte(Sample), 1)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	settings(reflect.TypeFor[Config](), map[reflect.Type]bool{}, keys)
	if len(keys) < 80 {
		t.Fatalf("only %d keys found", len(keys))
	}
	for key := range keys {
		if !regexp.MustCompile(`(?m)(^|[ {#])` + key + `:`).MatchString(Sample) {
			t.Errorf("the sample does not have %s", key)
		}
	}
	codes, states := map[string]bool{}, map[string]bool{}
	for _, trigger := range cfg.Triggers {
		codes[trigger.Code] = true
	}
	for _, code := range []string{"isp.SYSTEM_ERROR", "isp.UNKNOWN_ERR_CODE", "isp.DAO_EXCEPTION", "isp.VENDOR_UNAVAILABLE", "isv.VENDOR_BIND_FAILED"} {
		if !codes[code] {
			t.Errorf("no trigger for %s", code)
		}
	}
	for _, a := range cfg.Accounts {
		states[a.State] = true
	}
	for state := range stateClauses {
		if !states[state] {
			t.Errorf("no account is %s", state)
		}
	}
	for _, kind := range faultNames() {
		if !strings.Contains(Sample, "kind: "+kind+",") {
			t.Errorf("no fault of kind %s", kind)
		}
	}
	e := serve(t, cfg, fixed)
	if a := e.raw(t, newBind().get()); a.fields["Code"] != "OK" {
		t.Error(a.body)
	}
	for b, code := range map[string]string{"13800000001": "isp.SYSTEM_ERROR", "13800000005": "isv.VENDOR_BIND_FAILED"} {
		if a := e.raw(t, newBind().with("PhoneNoB", b).get()); a.fields["Code"] != code {
			t.Errorf("%s: %s", b, a.body)
		}
	}
}

// TestSampleAccounts calls with every key of the sample: each is answered with the code that its account or it stands for.
func TestSampleAccounts(t *testing.T) {
	cfg, err := Parse("sample.yaml", []byte(Sample), 1)
	if err != nil {
		t.Fatal(err)
	}
	e := serve(t, cfg, fixed)
	want := map[string]string{"second": "OK", "temporary": "OK", "disabled": "InvalidAccessKeyId.Inactive", "gone-key": "InvalidAccessKeyId.NotFound",
		"expired": "InvalidSecurityToken.Expired", "reader": "isp.RAM_PERMISSION_DENY", "foreign": "isv.FORBIDDEN_ACTION", "unverified": "isv.ACCOUNT_ABNORMAL"}
	seen := 0
	for _, o := range cfg.owners() {
		for _, k := range o.credentials {
			code := want[k.ID]
			if code == "" {
				code = stateCodes[o.account.State]
			}
			token := "-"
			if k.Token != "" {
				token = k.Token
			}
			a := e.raw(t, get(newBind().with("AccessKeyId", k.ID, "SecurityToken", token).query("GET", k.Secret)))
			if seen++; code == "" || a.fields["Code"] != code {
				t.Errorf("%s: %s, want %q", k.ID, a.body, code)
			}
			if !strings.Contains(Sample, code) {
				t.Errorf("the sample does not say that %s is %s", k.ID, code)
			}
		}
	}
	if seen < 14 {
		t.Errorf("only %d keys", seen)
	}
}

// TestSampleOff switches each setting on that is off, alone: it is read too.
func TestSampleOff(t *testing.T) {
	for _, text := range off(t) {
		t.Run(text, func(t *testing.T) {
			list := "" // of a line that belongs to a list
			if strings.HasPrefix(text, " ") {
				for _, line := range strings.Split(Sample[:strings.Index(Sample, "#"+text)], "\n") {
					if regexp.MustCompile(`^[a-z_]+:`).MatchString(line) {
						list = line + "\n"
					}
				}
			}
			if _, err := Parse("sample.yaml", []byte(list+text), 1); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSampleAgrees: what the sample says are the defaults are the defaults.
func TestSampleAgrees(t *testing.T) {
	cfg, err := Parse("sample.yaml", []byte(Sample), 1)
	if err != nil {
		t.Fatal(err)
	}
	usual := serve(t, config(t, ""), fixed)
	chosen := config(t, "")
	chosen.Choices = cfg.Choices
	sampled := serve(t, chosen, fixed)
	shown := func(a answer) string {
		delete(a.header, "Date")
		return fmt.Sprint(a.status, a.header, a.body)
	}
	for i, p := range []params{
		newBind(), newBind().with("ExpectCity", "杭州市"), newBind().with("PhoneNoA", "13x"), newBind().with("PhoneNoB", "-"), newBind().with("Expiration", "-"),
		newBind().with("Expiration", "2026-11-23 16:31:00"), newBind().with("PoolKey", "none"), newBind().with("PhoneNoX", "17999999999"), newBind().with("PhoneNoA", "+8613900000000"),
		newBind().with("IsRecordingEnabled", "TRUE"), newBind().with("IsRecordingEnabled", "yes"), newBind().with("Format", "-"), newBind().with("Action", "Axbbind"),
		newBind().with("OutId", strings.Repeat("x", 256)), newBind().with("OutId", strings.Repeat("x", 257)), newBind().with("PhoneNoA", "95188"), newBind().with("PhoneNoA", "0571-88992688"),
		newBind().with("SignatureVersion", "2.0"), newBind().with("unknown", "1"), newBind().with("ExpectCity", ""), newBind().with("poolkey", "x"),
	} {
		a, b := usual.raw(t, p.get()), sampled.raw(t, p.get())
		if x, y := shown(a), shown(b); x != y {
			t.Errorf("request %d:\n%s\n%s", i, x, y)
		}
	}
	if len(cfg.Choices.Operations) != len(contract.Operations) {
		t.Errorf("%d operations in the sample, %d in the contract", len(cfg.Choices.Operations), len(contract.Operations))
	}
}
