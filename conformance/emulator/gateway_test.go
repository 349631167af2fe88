package emulator

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// bytesOf sends a request and returns all that comes until the emulator, which was told to, closes.
func (e *endpoint) bytesOf(t testing.TB, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprint(c, request)
	_ = c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestHeadersOnTheWire holds the names and values of header fields letter by letter: of the service, of the gateway, in both
// formats, on a connection that stays and on one that does not.
func TestHeadersOnTheWire(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	lines := func(status, kind, rest string) *regexp.Regexp {
		return regexp.MustCompile(`^HTTP/1\.1 ` + status + "\r\nDate: [^\r]+\r\nContent-Type: " + kind + "\r\nContent-Length: [0-9]+\r\n" +
			"x-acs-request-id: [0-9A-F-]{36}\r\nx-acs-trace-id: [0-9a-f]{32}\r\nETag: \"[0-9A-F]{16}\"\r\n" +
			`Access-Control-Allow-Origin: \*` + "\r\n" + `Access-Control-Expose-Headers: \*` + "\r\n" + rest + "\r\n$")
	}
	const json, text, stays = `application/json;charset=utf-8`, `text/xml;charset=utf-8`, "Connection: keep-alive\r\nKeep-Alive: timeout=25\r\n"
	closing := func(p params) string {
		return strings.Replace(p.get(), "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)
	}
	for _, c := range []struct {
		name    string
		request string
		want    *regexp.Regexp
	}{
		{"OK", newBind().get(), lines("200 OK", json, stays)},
		{"OK in XML", newBind().with("Format", "XML").get(), lines("200 OK", text, stays)},
		{"refused", newBind().with("PhoneNoB", "x").post(), lines("200 OK", json, stays)},
		{"gateway", newBind().with("Version", "1").get(), lines("400 Bad Request", json, stays)},
		{"gateway in XML", newBind().with("AccessKeyId", "x", "Format", "XML").get(), lines("404 Not Found", text, stays)},
		{"for the last time", closing(newBind()), lines("200 OK", json, "Connection: close\r\n")},
		{"HTTP/1.0", strings.Replace(newBind().get(), "HTTP/1.1", "HTTP/1.0", 1), lines("200 OK", json, "Connection: close\r\n")},
	} {
		t.Run(c.name, func(t *testing.T) {
			head, _, _ := strings.Cut(e.bytesOf(t, c.request), "\r\n\r\n")
			if !c.want.MatchString(head + "\r\n\r\n") {
				t.Errorf("%s", head)
			}
		})
	}
}

// errorOf decodes a gateway error in XML.
type errorOf struct {
	XMLName   xml.Name
	RequestID string `xml:"RequestId"`
	HostID    string `xml:"HostId"`
	Code      string
	Message   string
	Recommend string
	Denied    *struct {
		AuthAction       string
		NoPermissionType string
	} `xml:"AccessDeniedDetail"`
}

// TestGatewayErrorsInXML holds errors of every kind in XML against the same ones in JSON.
func TestGatewayErrorsInXML(t *testing.T) {
	e := serve(t, config(t, `
credentials: [{id: sts, secret: s, token: t}, {id: denied, secret: s, deny: [BindAxb]}, {id: off, secret: s, state: inactive}]
choices: {permission_denied: Forbidden.RAM}
accounts: [{name: slow, credentials: [{id: slow, secret: s}], limits: [{rate: 1/m, burst: 1, style: gateway}]}]`), fixed)
	key := func(id, secret string, pairs ...string) func(params) string {
		return func(p params) string {
			return get(p.with("AccessKeyId", id).with(pairs...).query("GET", secret))
		}
	}
	e.raw(t, key("slow", "s")(newBind()))
	for code, spell := range map[string]func(params) string{
		"SignatureDoesNotMatch":                      key(BuiltinID, "<&>"),
		"InvalidAccessKeyId.NotFound":                key("nobody", "s"),
		"InvalidAccessKeyId.Inactive":                key("off", "s"),
		"MissingSecurityToken":                       key("sts", "s"),
		"InvalidSecurityToken.MismatchWithAccessKey": key("sts", "s", "SecurityToken", "x"),
		"InvalidTimeStamp.Expired":                   key(BuiltinID, BuiltinSecret, "Timestamp", "2026-11-23T08:00:00Z"),
		"InvalidTimeStamp.Format":                    key(BuiltinID, BuiltinSecret, "Timestamp", "now"),
		"InvalidSignatureMethod":                     key(BuiltinID, BuiltinSecret, "SignatureMethod", "none"),
		"InvalidAction.NotFound":                     key(BuiltinID, BuiltinSecret, "Action", "Nothing"),
		"InvalidVersion":                             key(BuiltinID, BuiltinSecret, "Version", "1"),
		"MissingPhoneNoA":                            key(BuiltinID, BuiltinSecret, "PhoneNoA", "-"),
		"Forbidden.RAM":                              key("denied", "s"),
		"Throttling.User":                            key("slow", "s"),
		"InvalidPhoneNoA": func(p params) string {
			return strings.Replace(p.get(), "&PhoneNoA=", "&PhoneNoA=1&PhoneNoA=", 1)
		},
	} {
		t.Run(code, func(t *testing.T) {
			plain := e.raw(t, spell(newBind()))
			a := e.raw(t, spell(newBind().with("Format", "XML")))
			var v errorOf
			if err := xml.Unmarshal([]byte(a.body), &v); err != nil {
				t.Fatalf("%v: %s", err, a.body)
			}
			if plain.fields["Code"] != code || v.Code != code || a.status != plain.status || a.status < 400 || v.XMLName.Local != "Error" || a.header.Get("Content-Type") != "text/xml;charset=utf-8" {
				t.Errorf("%d %s\n%d %s", plain.status, plain.body, a.status, a.body)
			}
			if v.HostID != contract.Endpoint || v.RequestID != a.header.Get("x-acs-request-id") || !strings.Contains(v.Recommend, "q="+code+"&product=Dyplsapi&requestId="+v.RequestID) {
				t.Errorf("%s", a.body)
			}
			if code != "SignatureDoesNotMatch" && v.Message != plain.fields["Message"] {
				t.Errorf("message %q, in JSON %q", v.Message, plain.fields["Message"])
			}
			if denied := code == "Forbidden.RAM"; denied != (v.Denied != nil) || denied != (plain.fields["AccessDeniedDetail.AuthAction"] == "dypls:BindAxb") {
				t.Errorf("%s\n%s", plain.body, a.body)
			} else if denied && (v.Denied.AuthAction != "dypls:BindAxb" || v.Denied.NoPermissionType != "ImplicitDeny") {
				t.Errorf("%s", a.body)
			}
		})
	}
}

// TestMismatchEchoes: a mismatch is answered with what the server signed, word for word, so that a client can see where it
// went another way.
func TestMismatchEchoes(t *testing.T) {
	e := serve(t, config(t, "credentials: [{id: other, secret: s}]"), fixed)
	p := newBind()
	want := contract.MismatchV1 + string(signature.AppendStringToSignV1(nil, "POST", p.with("OutId", "中*~ +").sorted()))
	body := p.with("OutId", "中*~ +").query("POST", "wrong")
	a := e.raw(t, fmt.Sprintf("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	if a.status != 400 || a.fields["Message"] != want {
		t.Errorf("V1: %d\n%s\nwant\n%s", a.status, a.fields["Message"], want)
	}
	request := tokenV3("other", "")
	request = strings.Replace(request, ",Signature=", ",Signature=0", 1)
	a = e.raw(t, request)
	form := regexp.MustCompile(`^Specified signature does not match our calculation\. server StringToSign is \[ACS3-HMAC-SHA256\n([0-9a-f]{64})\] server CanonicalRequest is \[((?s).*)\]$`)
	m := form.FindStringSubmatch(a.fields["Message"])
	if a.status != 400 || m == nil {
		t.Fatalf("V3: %d %s", a.status, a.body)
	}
	if hash := string(signature.AppendPayloadHash(nil, []byte(m[2]))); hash != m[1] || !strings.HasPrefix(m[2], "GET\n/\nExpiration=") || !strings.HasSuffix(m[2], "\n"+signature.EmptyPayloadHash) {
		t.Errorf("V3: %q, hash %s", m[2], hash)
	}
}

// TestDenied: what a key may not do is named, as an object, by both codes of the gateway and by neither of the service's.
func TestDenied(t *testing.T) {
	for _, code := range []string{"NoPermission", "Forbidden.RAM", "isp.RAM_PERMISSION_DENY"} {
		e := serve(t, config(t, "credentials: [{id: denied, secret: s, deny: [UpdateSubscription]}]\nchoices: {permission_denied: "+code+"}"), fixed)
		p := newParams("UpdateSubscription").with("AccessKeyId", "denied", "PoolKey", BuiltinPool)
		a := e.raw(t, get(p.query("GET", "s")))
		gateway := !strings.HasPrefix(code, "isp.")
		status, action := 200, ""
		if gateway {
			status, action = 403, "dypls:UpdateSubscription"
		}
		if a.status != status || a.fields["Code"] != code || a.fields["AccessDeniedDetail.AuthAction"] != action || strings.Contains(a.body, "AccessDeniedDetail") != gateway {
			t.Errorf("%s: %d %s", code, a.status, a.body)
		}
		if a := e.raw(t, get(newBind().with("AccessKeyId", "denied").query("GET", "s"))); a.fields["Code"] != "OK" {
			t.Errorf("another operation: %s", a.body)
		}
	}
}

// TestSecurityTokens: a token is looked at before the signature, with both of them.
func TestSecurityTokens(t *testing.T) {
	e := serve(t, config(t, `credentials: [{id: sts, secret: s, token: CAISzgJ1q6Ft5B2y+/=}, {id: sts, secret: s, token: old, state: expired}, {id: plain, secret: s}]`), fixed)
	for _, c := range []struct {
		id, token string
		code      string
	}{
		{"sts", "CAISzgJ1q6Ft5B2y+/=", "OK"},
		{"sts", "", "MissingSecurityToken"},
		{"sts", "old", "InvalidSecurityToken.Expired"},
		{"sts", "CAISother", "InvalidSecurityToken.MismatchWithAccessKey"},
		{"sts", "no token", "InvalidSecurityToken.Malformed"},
		{"sts", "tökén", "InvalidSecurityToken.Malformed"},
		{"plain", "CAISother", "InvalidSecurityToken.MismatchWithAccessKey"},
		{"nobody", "CAISother", "InvalidAccessKeyId.NotFound"},
	} {
		p := newBind().with("AccessKeyId", c.id, "SecurityToken", c.token)
		if c.token == "" {
			p = p.with("SecurityToken", "-")
		}
		status := map[string]int{"OK": 200, "InvalidAccessKeyId.NotFound": 404}[c.code]
		if status == 0 {
			status = 400
		}
		if a := e.raw(t, get(p.query("GET", "s"))); a.status != status || a.fields["Code"] != c.code {
			t.Errorf("V1, token %q: %d %s, want %s", c.token, a.status, a.body, c.code)
		}
		if c.token == "tökén" { // no header holds it
			continue
		}
		if a := e.raw(t, tokenV3(c.id, c.token)); a.status != status || a.fields["Code"] != c.code {
			t.Errorf("V3, token %q: %d %s, want %s", c.token, a.status, a.body, c.code)
		}
	}
}

// tokenV3 is a bind signed with V3 by a key of secret s, with a token in its header.
func tokenV3(id, token string) string {
	p := newBind()
	query := newParams("").with("PoolKey", p["PoolKey"], "PhoneNoA", p["PhoneNoA"], "PhoneNoB", p["PhoneNoB"], "Expiration", p["Expiration"])
	for name := range newParams("") {
		delete(query, name)
	}
	headers := []signature.Header{{Name: "host", Value: "localhost"}, {Name: "x-acs-action", Value: "BindAxb"}, {Name: "x-acs-content-sha256", Value: signature.EmptyPayloadHash},
		{Name: "x-acs-date", Value: p["Timestamp"]}, {Name: "x-acs-security-token", Value: token}, {Name: "x-acs-signature-nonce", Value: p["SignatureNonce"]}, {Name: "x-acs-version", Value: contract.Version}}
	if token == "" {
		headers = slices.Delete(headers, 4, 5)
	}
	canonical := signature.AppendCanonicalRequestV3(nil, "GET", "/", query.sorted(), headers, signature.EmptyPayloadHash)
	sign := signature.NewV3Key("s").Append(nil, signature.AppendStringToSignV3(nil, canonical))
	var b strings.Builder
	fmt.Fprintf(&b, "GET /?%s HTTP/1.1\r\nAuthorization: ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%s\r\n",
		signature.AppendCanonicalQuery(nil, query.sorted()), id, signature.AppendSignedHeaders(nil, headers), sign)
	for _, h := range headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h.Name, h.Value)
	}
	return b.String() + "\r\n"
}

// TestJSONBodyIsSigned: with V1, parameters of a JSON body are among the signed ones, and the query's come first.
func TestJSONBodyIsSigned(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	post := func(query, body string) string {
		return fmt.Sprintf("POST /?%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", query, len(body), body)
	}
	split := func(p params) (signed string) { // all but three parameters in the query, signed together
		q := p.query("POST", BuiltinSecret)
		for _, name := range []string{"ExpectCity", "IsRecordingEnabled", "PhoneNoX"} {
			q = regexp.MustCompile("(^|&)"+name+"=[^&]*").ReplaceAllString(q, "")
		}
		return strings.TrimPrefix(q, "&")
	}
	p := newBind().with("ExpectCity", "北京", "IsRecordingEnabled", "true", "PhoneNoX", "17000000007")
	for _, c := range []struct {
		name    string
		request string
		code    string
	}{
		{"all in the query", post(newBind().query("POST", BuiltinSecret), ""), "OK"},
		{"again in the body", post(newBind().query("POST", BuiltinSecret), `{"PhoneNoA":"1","Version":null}`), "OK"},
		{"some in the body", post(split(p), `{"PhoneNoX":"17000000007","IsRecordingEnabled":true,"ExpectCity":"北京"}`), "OK"},
		{"one that was not signed", post(newBind().query("POST", BuiltinSecret), `{"PhoneNoX":"17000000008"}`), "SignatureDoesNotMatch"},
		{"one that nobody knows and that was not signed", post(newBind().query("POST", BuiltinSecret), `{"x":"y"}`), "SignatureDoesNotMatch"},
		{"one that was signed and is not there", post(split(newBind().with("PhoneNoX", "17000000009")), `{}`), "SignatureDoesNotMatch"},
		{"changed", post(split(newBind().with("PhoneNoX", "17000000009")), `{"PhoneNoX":"17000000010"}`), "SignatureDoesNotMatch"},
		{"no JSON", post(newBind().query("POST", BuiltinSecret), `{"x":`), "InvalidParameter"},
	} {
		a := e.raw(t, c.request)
		if a.fields["Code"] != c.code {
			t.Errorf("%s: %d %s, want %s", c.name, a.status, a.body, c.code)
		}
		if c.name == "some in the body" && a.fields["SecretBindDTO.SecretNo"] != "17000000007" {
			t.Errorf("%s: %s", c.name, a.body)
		}
	}
}

// TestOtherMethods: each is refused as a method, a HEAD without a body, and the connection goes on.
func TestOtherMethods(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, ""), fixed)
	c, err := net.Dial("tcp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(c)
	for _, method := range []string{"HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "get"} {
		fmt.Fprint(c, strings.Replace(newBind().get(), "GET", method, 1))
		a := read(t, r, method)
		if a.status != 400 || a.header.Get("x-acs-request-id") == "" || (a.body == "") != (method == "HEAD") || method != "HEAD" && a.fields["Code"] != "UnsupportedHTTPMethod" {
			t.Errorf("%s: %d %v %s", method, a.status, a.header, a.body)
		}
		fmt.Fprint(c, newBind().get())
		if a := read(t, r, "GET"); a.fields["Code"] != "OK" {
			t.Errorf("behind %s: %d %s", method, a.status, a.body)
		}
	}
	fmt.Fprint(c, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if a := read(t, r, "OPTIONS"); a.fields["Code"] != "UnsupportedHTTPMethod" {
		t.Errorf("OPTIONS *: %d %s", a.status, a.body)
	}
	if truth := e.settled(t, 15); truth.Codes["UnsupportedHTTPMethod"] != 8 || truth.Live != 7 {
		t.Errorf("truth: %+v", truth)
	}
}

// TestEveryCodeOfTheDocument reaches each of the 23: by a rule of the document, else by the state of an account, else by a
// declared number.
func TestEveryCodeOfTheDocument(t *testing.T) {
	text := `
credentials: [{id: denied, secret: s, deny: [BindAxb]}]
pools:
  - {key: P, numbers: {北京: [17100000000]}}
  - {key: One, pairs: 1, numbers: {北京: [17200000000]}}
triggers:
`
	triggers := map[string]string{"isp.SYSTEM_ERROR": "13100000001", "isp.UNKNOWN_ERR_CODE": "13100000002", "isp.DAO_EXCEPTION": "13100000003",
		"isp.VENDOR_UNAVAILABLE": "13100000004", "isv.VENDOR_BIND_FAILED": "13100000005"}
	for code, number := range triggers {
		text += fmt.Sprintf("  - {code: %s, phone_a: \"%s\"}\n", code, number)
	}
	text += "accounts:\n"
	for state := range stateCodes {
		text += fmt.Sprintf("  - {name: %[1]s, state: %[1]s, credentials: [{id: %[1]s, secret: s}]}\n", state)
	}
	text += "  - {name: slow, credentials: [{id: slow, secret: s}], limits: [{rate: 1/m, burst: 1}], pools: [{key: Other, numbers: {北京: [17300000000]}}]}\n"
	e := serve(t, config(t, text), fixed)
	as := func(id string, p params) string { return get(p.with("AccessKeyId", id).query("GET", "s")) }
	taken := newBind().with("PoolKey", "P", "PhoneNoX", "17100000000")
	requests := map[string]string{
		"OK":                      taken.get(),
		"isv.BIND_CONFLICT":       taken.with("SignatureNonce", "again", "PhoneNoB", "13900000000").get(),
		"isv.ILLEGAL_ARGUMENT":    newBind().with("IsRecordingEnabled", "maybe").get(),
		"isv.EXPIRE_DATE_ILLEGAL": newBind().with("Expiration", "1970-01-01 00:00:00").get(),

		"isv.MOBILE_NUMBER_ILLEGAL": newBind().with("PhoneNoA", "x").get(),
		"isv.NO_NOT_EXIST":          newBind().with("PhoneNoX", "17999999999").get(),
		"isv.FORBIDDEN_ACTION":      newBind().with("PoolKey", "Other").get(),
		"isv.NO_USED_BY_OTHERS":     newBind().with("PhoneNoX", "17300000000").get(),
		"isv.NO_AVAILABLE_NUMBER":   newBind().with("PoolKey", "One").get(),
		"isp.RAM_PERMISSION_DENY":   as("denied", newBind()),
		"isv.FLOW_LIMIT":            as("slow", newBind().with("PoolKey", "Other")),
	}
	for code, number := range triggers {
		requests[code] = newBind().with("PhoneNoA", number).get()
	}
	for state, code := range stateCodes {
		requests[code] = as(state, newBind())
	}
	e.raw(t, newBind().with("PoolKey", "One").get())
	e.raw(t, as("slow", newBind().with("PoolKey", "Other")))
	e.raw(t, requests["OK"])
	reached := 0
	for _, c := range contract.Edition2019.Codes() {
		request := requests[c.Name]
		if c.Name == "OK" {
			request = newBind().get()
		}
		a := e.raw(t, request)
		if a.status != 200 || a.fields["Code"] != c.Name || (a.fields["SecretBindDTO.SubsId"] != "") != (c.Name == "OK") {
			t.Errorf("%s: %d %s", c.Name, a.status, a.body)
			continue
		}
		if reached++; c.Name != "OK" && a.fields["Message"] != c.ZH {
			t.Errorf("%s: message %q, want %q", c.Name, a.fields["Message"], c.ZH)
		}
	}
	if reached != 23 {
		t.Errorf("%d of 23 codes were reached", reached)
	}
}
