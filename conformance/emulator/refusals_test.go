package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// TestGatewayRefusals holds every refusal of the gateway to its status, code, message and body.
func TestGatewayRefusals(t *testing.T) {
	e := serve(t, config(t, "credentials: [{id: sts, secret: s, token: t}, {id: plain, secret: s}]"), fixed)
	used := newBind()
	if a := e.raw(t, used.get()); a.fields["Code"] != "OK" {
		t.Fatal(a.body)
	}
	at := func(off time.Duration) string { return noon.Add(off).Format(contract.TimestampLayout) }
	wrong := newBind()
	wrongText := string(signature.AppendStringToSignV1(nil, "GET", wrong.sorted()))
	header := func(name, value string) func(http.Header) {
		return func(h http.Header) {
			if h.Set(name, value); value == "" {
				h.Del(name)
			}
		}
	}
	type refusal struct {
		name    string
		request string
		status  int
		code    string
		message string
	}
	cases := []refusal{
		{"method", strings.Replace(newBind().get(), "GET", "PUT", 1), 400, "UnsupportedHTTPMethod", "This http method is not supported."},
		{"foreign host", strings.Replace(newBind().get(), "127.0.0.1:1", "evil.example", 1), 404, "InvalidProduct.NotFound", "Cannot find product according to your specified domain."},
		{"loopback as prefix", strings.Replace(newBind().get(), "127.0.0.1:1", "127.0.0.1.evil.example", 1), 404, "InvalidProduct.NotFound", ""},
		{"path", strings.Replace(newBind().get(), "/?", "/v1?", 1), 404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."},
		{"action", newBind().with("Action", "NoSuchAction").get(), 404, "InvalidAction.NotFound", ""},
		{"action of the title", newBind().with("Action", "AxbBind").get(), 404, "InvalidAction.NotFound", ""},
		{"version", newBind().with("Version", "1999-01-01").get(), 400, "InvalidVersion", "Specified parameter Version is not valid."},
		{"format", newBind().with("Format", "YAML").get(), 400, "InvalidParameter.Format", "Specified parameter format is not valid."},
		{"signature method", newBind().with("SignatureMethod", "HMAC-MD5").get(), 400, "InvalidSignatureMethod", "Specified signature method is not valid."},
		{"signature version", newBind().with("SignatureVersion", "2.0").get(), 400, "InvalidSignatureVersion", "Specified parameter SignatureVersion is not valid."},
		{"unknown key", newBind().with("AccessKeyId", "nobody").get(), 404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."},
		{"other secret", get(wrong.query("GET", "wrong")), 400, "SignatureDoesNotMatch", contract.MismatchV1 + wrongText},
		{"signed as POST", get(newBind().query("POST", BuiltinSecret)), 400, "SignatureDoesNotMatch", ""},
		{"unsigned", get(strings.Split(newBind().query("GET", "x"), "&Signature=")[0]), 400, "MissingSignature", "Signature is mandatory for this action."},
		{"empty signature", get(strings.Split(newBind().query("GET", "x"), "&Signature=")[0] + "&Signature="), 400, "MissingSignature", ""},
		{"signature cut", strings.Replace(newBind().get(), "%3D HTTP", " HTTP", 1), 400, "SignatureDoesNotMatch", ""},
		{"changed after signing", strings.Replace(newBind().get(), "PhoneNoB=158", "PhoneNoB=159", 1), 400, "SignatureDoesNotMatch", ""},
		{"added after signing", strings.Replace(newBind().get(), "&Signature=", "&PhoneNoX=17000000000&Signature=", 1), 400, "SignatureDoesNotMatch", ""},
		{"changed in the form", strings.Replace(newBind().post(), "PhoneNoB=158", "PhoneNoB=159", 1), 400, "SignatureDoesNotMatch", ""},
		{"nonce again", used.get(), 400, "SignatureNonceUsed", "Specified signature nonce was used already."},
		{"nonce again, other parameters", newBind().with("SignatureNonce", used["SignatureNonce"]).get(), 400, "SignatureNonceUsed", ""},
		{"nonce again, V3", used.v3(nil), 400, "SignatureNonceUsed", ""},
		{"old", newBind().with("Timestamp", at(-15*time.Minute-time.Second)).get(), 400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."},
		{"future", newBind().with("Timestamp", at(15*time.Minute+time.Second)).get(), 400, "InvalidTimeStamp.Expired", ""},
		{"token missing", get(newBind().with("AccessKeyId", "sts").query("GET", "s")), 400, "MissingSecurityToken", "SecurityToken is mandatory for this action."},
		{"token wrong", get(newBind().with("AccessKeyId", "sts", "SecurityToken", "x").query("GET", "s")), 400, "InvalidSecurityToken.MismatchWithAccessKey", ""},
		{"token too many", get(newBind().with("AccessKeyId", "plain", "SecurityToken", "x").query("GET", "s")), 400, "InvalidSecurityToken.MismatchWithAccessKey", ""},
		{"twice", strings.Replace(newBind().get(), "&PhoneNoB=", "&PhoneNoB=15800000000&PhoneNoB=", 1), 400, "InvalidPhoneNoB", "Specified parameter PhoneNoB is not valid."},
		{"signature twice", strings.Replace(newBind().get(), "&Signature=", "&Signature=x&Signature=", 1), 400, "InvalidSignature", ""},
		{"unknown twice", get("a=1&a=2&" + newBind().query("GET", BuiltinSecret)), 400, "InvalidParameter", ""},
		{"too many", get(strings.Repeat("a=1&", maxParams) + newBind().query("GET", BuiltinSecret)), 400, "InvalidParameter", ""},
		{"no A", newBind().with("PhoneNoA", "-").get(), 400, "MissingPhoneNoA", "PhoneNoA is mandatory for this action."},
		{"empty A", newBind().with("PhoneNoA", "").get(), 400, "MissingPhoneNoA", ""},
		{"no Expiration", newBind().with("Expiration", "-").get(), 400, "MissingExpiration", ""},
		{"no SubsId", newParams("UnbindSubscription").with("PoolKey", BuiltinPool, "SecretNo", "1").get(), 400, "MissingSubsId", ""},
		{"no SecretNo", newParams("UnbindSubscription").with("PoolKey", BuiltinPool, "SubsId", "1").get(), 400, "MissingSecretNo", ""},
		{"no PhoneNoX", newParams("QuerySubscriptionDetail").with("PoolKey", BuiltinPool, "SubsId", "1").get(), 400, "MissingPhoneNoX", ""},
		{"no HTTP", "GET\r\n\r\n", 400, "InvalidRequest", "The request cannot be read."},
		{"long head", "GET /?" + strings.Repeat("a", maxHead) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "InvalidRequest", ""},
		{"V3: no authorization", newBind().v3(header("Authorization", "")), 400, "IncompleteSignature", "The request signature does not conform to Aliyun standards."},
		{"V3: other algorithm", newBind().v3(header("Authorization", "ACS3-RSA-SHA256 Credential=testid,SignedHeaders=host,Signature=00")), 400, "IncompleteSignature", ""},
		{"V3: headers not covered", newBind().v3(header("Authorization", "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host,Signature=00")), 400, "IncompleteSignature", ""},
		{"V3: changed date", newBind().v3(header("x-acs-date", at(time.Second))), 400, "SignatureDoesNotMatch", ""},
		{"V3: malformed date", newBind().v3(header("x-acs-date", "today")), 400, "InvalidTimeStamp.Format", ""},
		{"V3: no date", newBind().v3(header("x-acs-date", "")), 400, "MissingTimestamp", ""},
		{"V3: no version", newBind().v3(header("x-acs-version", "")), 400, "MissingVersion", ""},
		{"V3: no action", newBind().v3(header("x-acs-action", "")), 400, "MissingAction", ""},
		{"V3: unknown key", newBind().with("AccessKeyId", "nobody").v3(nil), 404, "InvalidAccessKeyId.NotFound", ""},
		{"V3: changed query", strings.Replace(newBind().v3(nil), "PhoneNoB=158", "PhoneNoB=159", 1), 400, "SignatureDoesNotMatch", ""},
		{"V3: body not signed", strings.Replace(newBind().v3(nil), "Content-Length: 0", "Content-Length: 3", 1) + "a=1", 400, "SignatureDoesNotMatch", ""},
	}
	for _, name := range []string{"Action", "Version", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"} {
		cases = append(cases, refusal{"no " + name, newBind().with(name, "-").get(), 400, "Missing" + name, name + " is mandatory for this action."},
			refusal{"empty " + name, newBind().with(name, "").get(), 400, "Missing" + name, ""})
	}
	for _, stamp := range []string{"2026-11-23 08:30:00", "2026-11-23T08:30:00", "2026-11-23T08:30:00.000Z", "2026-11-23T08:30:00+08:00", "2026-11-31T08:30:00Z", "1795422600", "2026-1-23T08:30:00Z", "2026-11-23T24:00:00Z"} {
		cases = append(cases, refusal{"timestamp " + stamp, newBind().with("Timestamp", stamp).get(), 400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."})
	}
	live := e.Truth().Live
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := e.raw(t, c.request)
			if a.status != c.status || a.fields["Code"] != c.code || c.message != "" && a.fields["Message"] != c.message {
				t.Fatalf("%d %s, want %d %s %s", a.status, a.body, c.status, c.code, c.message)
			}
			id := a.fields["RequestId"]
			recommend := fmt.Sprintf("https://api.aliyun.com/troubleshoot?q=%s&product=Dyplsapi&requestId=%s", c.code, id)
			if !uuid.MatchString(id) || a.fields["HostId"] != "dyplsapi.aliyuncs.com" || a.fields["Recommend"] != recommend || len(a.fields) != 5 {
				t.Errorf("body: %s", a.body)
			}
			if a.header.Get("Content-Type") != "application/json;charset=utf-8" || a.header.Get("x-acs-request-id") != id {
				t.Errorf("header: %v", a.header)
			}
			if contract.Edition2019.Find([]byte(c.code)) == nil {
				t.Errorf("%s is no documented code", c.code)
			}
			if strings.Contains(a.body, BuiltinSecret) {
				t.Error("the answer holds the secret")
			}
		})
	}
	if now := e.Truth().Live; now != live {
		t.Errorf("%d bindings were made by refused calls", now-live)
	}
}

// TestBusinessRefusals holds every refusal of the service to its code. They come with status 200 and without a binding.
func TestBusinessRefusals(t *testing.T) {
	e := serve(t, config(t, `
pools:
  - {key: P, numbers: {北京: [17100000000-17100000001], 拉萨: [17100000002]}}
  - {key: S, mode: strict, numbers: {北京: [17200000000]}}
  - {key: One, pairs: 1, numbers: {北京: [17300000000]}}`), fixed)
	hold := func(p params) answer {
		a := e.raw(t, p.get())
		if a.fields["Code"] != "OK" {
			t.Fatal(a.body)
		}
		return a
	}
	hold(newBind().with("PoolKey", "P", "PhoneNoX", "17100000000", "PhoneNoA", "13100000000", "PhoneNoB", "057188992688"))
	hold(newBind().with("PoolKey", "One"))
	hold(newBind().with("PoolKey", "S", "ExpectCity", "北京", "PhoneNoA", "13100000000"))
	bind := func(pairs ...string) params { return newBind().with(append([]string{"PoolKey", "P"}, pairs...)...) }
	const illegal, mobile, expire = "isv.ILLEGAL_ARGUMENT", "isv.MOBILE_NUMBER_ILLEGAL", "isv.EXPIRE_DATE_ILLEGAL"
	type refusal struct {
		name string
		p    params
		code string
	}
	cases := []refusal{
		{"no pool", bind("PoolKey", "-"), illegal},
		{"empty pool", bind("PoolKey", ""), illegal},
		{"unknown pool", bind("PoolKey", "p"), illegal},
		{"long pool", bind("PoolKey", strings.Repeat("P", 65)), illegal},
		{"no B", bind("PhoneNoB", "-"), illegal},
		{"empty B", bind("PhoneNoB", ""), illegal},
		{"A is B", bind("PhoneNoA", "15000000000", "PhoneNoB", "15000000000"), illegal},
		{"A is X", bind("PhoneNoA", "17100000000", "PhoneNoX", "17100000000"), illegal},
		{"X bound to A", bind("PhoneNoX", "17100000000", "PhoneNoA", "13100000000"), "isv.BIND_CONFLICT"},
		{"X bound to B", bind("PhoneNoX", "17100000000", "PhoneNoB", "057188992688"), "isv.BIND_CONFLICT"},
		{"X bound, roles swapped", bind("PhoneNoX", "17100000000", "PhoneNoA", "057188992688", "PhoneNoB", "13100000000"), "isv.BIND_CONFLICT"},
		{"X owned by nobody", bind("PhoneNoX", "17999999999"), "isv.NO_NOT_EXIST"},
		{"X of another pool", bind("PhoneNoX", "17200000000"), "isv.FORBIDDEN_ACTION"},
		{"exhausted", bind("PoolKey", "One"), "isv.NO_AVAILABLE_NUMBER"},
		{"strict, other city", bind("PoolKey", "S", "ExpectCity", "杭州"), "isv.NO_AVAILABLE_NUMBER"},
		{"strict, city used up for A", bind("PoolKey", "S", "ExpectCity", "北京", "PhoneNoA", "13100000000"), "isv.NO_AVAILABLE_NUMBER"},
		{"recording", bind("IsRecordingEnabled", "maybe"), illegal},
		{"recording 2", bind("IsRecordingEnabled", "2"), illegal},
		{"recording empty", bind("IsRecordingEnabled", ""), illegal},
		{"long OutId", bind("OutId", strings.Repeat("x", 257)), illegal},
		{"restrict", bind("CallRestrict", "NONE"), illegal},
		{"ring", bind("RingConfig", "{"), illegal},
		{"timeout", bind("CallTimeout", "181"), illegal},
		{"city not UTF-8", bind("ExpectCity", "\xb1\xb1"), illegal},
		{"query: no pool", newParams("QuerySubscriptionDetail").with("SubsId", "1", "PhoneNoX", "1"), illegal},
		{"query: unknown pool", newParams("QuerySubscriptionDetail").with("PoolKey", "x", "SubsId", "1", "PhoneNoX", "1"), illegal},
		{"query: unknown product", newParams("QuerySubscriptionDetail").with("ProductType", "AXB_170", "SubsId", "1000000000000000", "PhoneNoX", "1"), illegal},
	}
	for _, n := range []string{"1500000000", "150000000000", "1500000000a", "１５００００００００1", "150 0000000", "1.5e10", "0x123456789", "+8615000000", "0571-88992688", "12000000000", "012345678", "0123456789012", " 15000000000"} {
		cases = append(cases, refusal{"A " + n, bind("PhoneNoA", n), mobile}, refusal{"B " + n, bind("PhoneNoB", n), mobile})
	}
	for _, n := range []string{"abc", "12345", "1710000000x", "1234567890123456"} {
		cases = append(cases, refusal{"X " + n, bind("PhoneNoX", n), mobile})
	}
	for _, d := range []string{"2026-11-22 00:00:00", "1970-01-01 00:00:00", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00", "11/24/2026 00:00:00", "2026-11-24", "1795422600", "2026-11-24 24:00:00",
		"2026-11-24 12:60:00", "2026-11-24 12:00:00.0", "2026-11-24 12:00:00 x", "2027-02-29 00:00:00", "2027-02-30 00:00:00", "2026-13-01 00:00:00", "2026-00-01 00:00:00", "2026-11-24 1:00:00",
		"2026-11-23 16:30:30", "2026-11-23 16:31:00"} { // 16:30:00 is now
		cases = append(cases, refusal{"expires " + d, bind("Expiration", d), expire})
	}
	live := e.Truth().Live
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := e.raw(t, c.p.get())
			if a.status != 200 || a.fields["Code"] != c.code || a.fields["Message"] == "" || !uuid.MatchString(a.fields["RequestId"]) || len(a.fields) != 3 {
				t.Errorf("%d %s, want 200 %s", a.status, a.body, c.code)
			}
			want := contract.Edition2019.Find([]byte(c.code)).ZH
			if strings.HasPrefix(c.p["Action"], "Query") && c.p["ProductType"] != "" {
				want = "subs not exist"
			}
			if a.fields["Message"] != want {
				t.Errorf("message %q, want %q", a.fields["Message"], want)
			}
		})
	}
	if now := e.Truth().Live; now != live {
		t.Errorf("%d bindings were made by refused calls", now-live)
	}
}

// TestAccepted is the other side: what looks like the refused ones and is not.
func TestAccepted(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	ok := map[string]string{}
	for _, n := range []string{"13000000000", "19999999999", "01062345678", "057188992688", "03511234567", "0101234567"} {
		ok["A "+n] = newBind().with("PhoneNoA", n).get()
		ok["B "+n] = newBind().with("PhoneNoB", n).get()
	}
	for _, d := range []string{"2026-11-23 16:31:01", "2026-11-23 16:32:00", "2028-02-29 23:59:59", "2038-01-20 00:00:00", "9999-12-31 23:59:59", "2099-1-31 23:59:59"} {
		ok["expires "+d] = newBind().with("Expiration", d).get()
	}
	for _, v := range []string{"true", "false", "True", "False"} {
		ok["recording "+v] = newBind().with("IsRecordingEnabled", v).get()
	}
	for name, pairs := range map[string][]string{
		"empty X": {"PhoneNoX", ""}, "empty city": {"ExpectCity", ""}, "empty OutId": {"OutId", ""}, "unknown city": {"ExpectCity", "🏙"}, "long city": {"ExpectCity", strings.Repeat("无", 1300)},
		"long OutId": {"OutId", strings.Repeat("中", 85)}, "region": {"RegionId", "cn-hangzhou"}, "no format": {"Format", "-"}, "format": {"Format", "json"}, "signature type": {"SignatureType", ""},
		"unknown": {"Tag.1.Key", "v"}, "late": {"Timestamp", noon.Add(-15 * time.Minute).Format(contract.TimestampLayout)}, "early": {"Timestamp", noon.Add(15 * time.Minute).Format(contract.TimestampLayout)},
		"X and city": {"PhoneNoX", "17000000001", "ExpectCity", "杭州"}, "everything": {"OutOrderId", "1", "CallDisplayType", "1", "RingConfig", "{}", "ASRStatus", "TRUE", "ASRModelId", models[1], "CallTimeout", "15", "DtmfConfig", `{"a":1}`},
	} {
		ok[name] = newBind().with(pairs...).get()
	}
	ok["localhost"] = strings.Replace(newBind().get(), "127.0.0.1:1", "LOCALHOST:80", 1)
	ok["IPv6"] = strings.Replace(newBind().get(), "127.0.0.1:1", "[::1]:80", 1)
	ok["other loopback"] = strings.Replace(newBind().get(), "127.0.0.1:1", "127.9.9.9", 1)
	ok["lower-case escapes"] = strings.NewReplacer("%3A", "%3a", "%2F", "%2f").Replace(newBind().with("OutId", "a:b/c").get())
	ok["raw star and plus"] = strings.NewReplacer("%2A", "*", "%20", "+").Replace(newBind().with("OutId", "a *b").get())
	ok["signature first"] = get(func() string {
		q, s, _ := strings.Cut(newBind().query("GET", BuiltinSecret), "&Signature=")
		return "Signature=" + s + "&" + q
	}())
	ok["city"] = newBind().with("ExpectCity", "北京", "OutId", `a b*c~d+e/%&=中"'`).get()
	for name, request := range ok {
		t.Run(name, func(t *testing.T) {
			if a := e.raw(t, request); a.status != 200 || a.fields["Code"] != "OK" {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
}

// TestExplicitNumberBeatsCity also shows that the number asked for is the one bound.
func TestExplicitNumberBeatsCity(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	a := e.raw(t, newBind().with("PhoneNoX", "17000000001", "ExpectCity", "杭州").get())
	if a.fields["SecretBindDTO.SecretNo"] != "17000000001" {
		t.Error(a.body)
	}
}

// TestExpiry moves the clock over the end of a binding.
func TestExpiry(t *testing.T) {
	now := noon
	e := serve(t, config(t, "pools: [{key: P, numbers: {北京: [17100000000]}}]"), func() time.Time { return now })
	p := newBind().with("PoolKey", "P", "Expiration", "2026-11-23 16:35:00")
	bind := func() string {
		q := p.with("SignatureNonce", fmt.Sprint("e", nonceCount.Add(1)), "Timestamp", now.Format(contract.TimestampLayout), "Expiration", "2026-11-23 17:00:00")
		return e.raw(t, q.get()).fields["Code"]
	}
	if a := e.raw(t, p.get()); a.fields["Code"] != "OK" {
		t.Fatal(a.body)
	}
	now = noon.Add(5*time.Minute - time.Second)
	if code := bind(); code != "isv.NO_AVAILABLE_NUMBER" {
		t.Errorf("a second before its end: %s", code)
	}
	now = noon.Add(5 * time.Minute)
	if code := bind(); code != "OK" {
		t.Errorf("at its end: %s", code)
	}
}

// TestInjectedCodes holds shares against counts, and shows that another operation is left alone.
func TestInjectedCodes(t *testing.T) {
	e := serve(t, config(t, `
codes:
  - {code: isp.SYSTEM_ERROR, share: 20%}
  - {code: Throttling.User, share: 10%}
  - {code: isv.INNER_ERROR, share: 5%, undocumented: true}`), fixed)
	const calls = 1000
	statuses := map[string]int{}
	for range calls {
		a := e.raw(t, newBind().get())
		statuses[a.fields["Code"]] = a.status
	}
	truth := e.settled(t, calls)
	for code, want := range map[string]int64{"isp.SYSTEM_ERROR": 200, "Throttling.User": 100, "isv.INNER_ERROR": 50, "OK": 650} {
		if got := truth.Codes[code]; got < want*7/10 || got > want*13/10 {
			t.Errorf("%s: %d, want about %d", code, got, want)
		}
	}
	if truth.Live != truth.Codes["OK"] {
		t.Errorf("%d bindings, %d OK", truth.Live, truth.Codes["OK"])
	}
	if statuses["Throttling.User"] != 400 || statuses["isp.SYSTEM_ERROR"] != 200 {
		t.Errorf("statuses: %v", statuses)
	}
	for range 50 {
		a := e.raw(t, newParams("QuerySubscriptionDetail").with("PoolKey", BuiltinPool, "SubsId", "1", "PhoneNoX", "1").get())
		if a.fields["Code"] != "isv.ILLEGAL_ARGUMENT" {
			t.Fatalf("query: %s", a.body)
		}
	}
}

// TestFlowLimit sends faster than the limit: the account gets its burst and no more, each operation has its own.
func TestFlowLimit(t *testing.T) {
	e := serve(t, config(t, "flow_limit: 60/m"), fixed)
	codes := map[string]int{}
	for range 10 {
		a := e.raw(t, newBind().get())
		codes[a.fields["Code"]]++
		if a.status != 200 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if codes["OK"] == 0 || codes["isv.FLOW_LIMIT"] == 0 || codes["OK"]+codes["isv.FLOW_LIMIT"] != 10 {
		t.Errorf("codes: %v", codes)
	}
	if live := e.Truth().Live; live != int64(codes["OK"]) {
		t.Errorf("%d bindings, %d OK", live, codes["OK"])
	}
	a := e.raw(t, newParams("QuerySubscriptionDetail").with("PoolKey", BuiltinPool, "SubsId", "1", "PhoneNoX", "1").get())
	if a.fields["Code"] != "isv.ILLEGAL_ARGUMENT" {
		t.Errorf("another operation: %s", a.body)
	}
}
