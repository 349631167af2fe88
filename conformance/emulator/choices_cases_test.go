package emulator

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

// choices are the cases of TestChoices, in the order of Choices.
var choices = []choice{
	{"action: Axbbind", "", binding(having("Action", "BindAxb"), having("Action", "Axbbind")), "OK, 404 InvalidAction.NotFound", "404 InvalidAction.NotFound, OK"},
	{"action: both", "", binding(having("Action", "BindAxb"), having("Action", "Axbbind")), "OK, 404 InvalidAction.NotFound", "OK, OK"},
	{"action: both", "", rootOf("BindAxb", "Axbbind"), "<BindAxbResponse> <Error>", "<BindAxbResponse> <AxbbindResponse>"},
	{"methods: get", "", everyWay, "OK, OK, OK, OK", "OK, 400 UnsupportedHTTPMethod, 400 UnsupportedHTTPMethod, 400 UnsupportedHTTPMethod"},
	{"methods: post", "", everyWay, "OK, OK, OK, OK", "400 UnsupportedHTTPMethod, OK, OK, OK"},
	{"methods: query", "", everyWay, "OK, OK, OK, OK", "OK, OK, 400 MissingAction, OK"},
	{"signatures: v1", "", everyWay, "OK, OK, OK, OK", "OK, OK, OK, 400 IncompleteSignature"},
	{"signatures: v3", "", everyWay, "OK, OK, OK, OK", "400 InvalidSignatureMethod, 400 InvalidSignatureMethod, 400 InvalidSignatureMethod, OK"},
	{"format: xml", "", seen(contentType, "Format", "-"), "application/json;charset=utf-8", "text/xml;charset=utf-8"},
	{"business_status: 400", "", refusedForm, "isv.ILLEGAL_ARGUMENT 3 fields, OK", "400 isv.ILLEGAL_ARGUMENT 3 fields, OK"},
	{"zone: UTC", "", binding(having("Expiration", "2026-11-23 10:00:00"), having("Expiration", "2026-11-23 16:31:30")), badEnd + ", OK", "OK, OK"},
	{"zone: -03:30", "", queried("GmtCreate"), "2026-11-23 16:30:00", "2026-11-23 05:00:00"},
	{"min_ahead: 5m", "", binding(having("Expiration", "2026-11-23 16:35:00"), having("Expiration", "2026-11-23 16:35:01")), "OK, OK", badEnd + ", OK"},
	{"min_ahead: none", "", binding(having("Expiration", "2026-11-23 16:30:00"), having("Expiration", "2026-11-23 16:30:01")), badEnd + ", " + badEnd, badEnd + ", OK"},
	{"max_ahead: 24h", "", binding(having("Expiration", "2026-11-24 16:30:00"), having("Expiration", "2026-11-24 16:30:01")), "OK, OK", "OK, " + badEnd},
	{"expiry: inclusive", "", lastSecond, "1 0 0", "1 1 0"},
	{"booleans: exact", "", binding(having("IsRecordingEnabled", "true"), having("IsRecordingEnabled", "True"), having("ASRStatus", "FALSE")), "OK, OK, OK", "OK, " + illegalArgument + ", " + illegalArgument},
	{"recording: on", "", queried("NeedRecord"), "false", "true"},
	{"country_code: strip", "", binding(having("PhoneNoA", "+8613100000001"), having("PhoneNoB", " 8613100000002"), having("PhoneNoX", "+8617000000001"), having("PhoneNoA", "+8513100000003"), having("PhoneNoA", "8613100000003")),
		badPhone + ", " + badPhone + ", " + badPhone + ", " + badPhone + ", " + badPhone, "OK, OK, OK, " + badPhone + ", " + badPhone},
	{"country_code: strip", "", queried("PhoneNoA", "PhoneNoA", "+8657188992688"), badPhone, "057188992688"},
	{"country_code: strip", "", queried("PhoneNoB", "PhoneNoB", "+8613100000001"), badPhone, "13100000001"},
	{"country_code: strip", "", sending(func() string {
		return strings.Replace(newBind().with("PhoneNoA", " 8613100000001").get(), "%208613", "+8613", 1)
	}), badPhone, "OK"}, // a "+" that was not escaped
	{"service_numbers: accept", "", binding(having("PhoneNoA", "95588"), having("PhoneNoB", "4001234567"), having("PhoneNoA", "9501312345678"), having("PhoneNoA", "400123456"), having("PhoneNoA", "10086")),
		badPhone + ", " + badPhone + ", " + badPhone + ", " + badPhone + ", " + badPhone, "OK, OK, OK, " + badPhone + ", " + badPhone},
	{"hyphen: normalise", "", same("0571-88992688", "13100000001", "057188992688", "13100000002"), badPhone + ", OK", "OK, isv.BIND_CONFLICT"},
	{"hyphen: normalise", "", binding(having("PhoneNoA", "010-62345678"), having("PhoneNoA", "05718-8992688"), having("PhoneNoA", "131-00000001")), badPhone + ", " + badPhone + ", " + badPhone, "OK, " + badPhone + ", " + badPhone},
	{"same_number: accept", "", binding(having("PhoneNoA", "13100000001", "PhoneNoB", "13100000001"), having("PhoneNoA", "17000000000", "PhoneNoX", "17000000000")), illegalArgument + ", " + illegalArgument, "OK, OK"},
	{"unknown_pool: isv.POOLKEY_NOT_EXISTS", "", binding(having("PoolKey", "nowhere")), illegalArgument, noPool},
	{"foreign_pool: isv.PARTNER_NOT_EXIST", otherOwners, binding(having("PoolKey", "O")), "isv.FORBIDDEN_ACTION", "isv.PARTNER_NOT_EXIST"},
	{"x_unknown: isv.FORBIDDEN_ACTION", "", binding(having("PhoneNoX", "17999999999")), "isv.NO_NOT_EXIST", "isv.FORBIDDEN_ACTION"},
	{"x_other_pool: isv.NO_NOT_EXIST", otherOwners, binding(having("PhoneNoX", "17100000000")), "isv.FORBIDDEN_ACTION", "isv.NO_NOT_EXIST"},
	{"x_other_account: isv.NO_NOT_EXIST", otherOwners, binding(having("PhoneNoX", "17300000000")), "isv.NO_USED_BY_OTHERS", "isv.NO_NOT_EXIST"},
	{"strict_refusal: isv.FORBIDDEN_ACTION", otherOwners, binding(having("PoolKey", "P", "ExpectCity", "拉萨")), "isv.NO_AVAILABLE_NUMBER", "isv.FORBIDDEN_ACTION"},
	{"conflict: same_role", "", binding(having("PhoneNoX", "17000000000", "PhoneNoA", "13100000001", "PhoneNoB", "13100000002"), having("PhoneNoX", "17000000000", "PhoneNoA", "13100000002"),
		having("PhoneNoX", "17000000000", "PhoneNoA", "13100000001")), "OK, isv.BIND_CONFLICT, isv.BIND_CONFLICT", "OK, OK, isv.BIND_CONFLICT"},
	{"conflict_code: isv.NO_AVAILABLE_NUMBER", "", same("13100000001", "13100000002", "13100000001", "13100000003"), "OK, isv.BIND_CONFLICT", "OK, isv.NO_AVAILABLE_NUMBER"},
	{"city_names: exact", otherOwners, binding(having("PoolKey", "P", "ExpectCity", "北京市"), having("PoolKey", "P", "ExpectCity", "北京"), having("PoolKey", "P", "ExpectCity", "上海市"), having("PoolKey", "P", "ExpectCity", "上海")),
		"OK, OK, OK, OK", "isv.NO_AVAILABLE_NUMBER, OK, OK, isv.NO_AVAILABLE_NUMBER"},
	{"city_aliases: {beijing: 北京, 沪: 上海市}", otherOwners, binding(having("PoolKey", "P", "ExpectCity", "beijing"), having("PoolKey", "P", "ExpectCity", "沪"), having("PoolKey", "P", "ExpectCity", "hangzhou")),
		"isv.NO_AVAILABLE_NUMBER, isv.NO_AVAILABLE_NUMBER, isv.NO_AVAILABLE_NUMBER", "OK, OK, isv.NO_AVAILABLE_NUMBER"},
	{"pick: packed", "", firstThree, "spread", "17000000000 17000000000 17000000000 17000000001"},
	{"x_and_city: refuse", "", binding(having("PhoneNoX", "17000000001", "ExpectCity", "杭州"), having("PhoneNoX", "17000000002"), having("ExpectCity", "杭州")), "OK, OK, OK", illegalArgument + ", OK, OK"},
	{"same_pair: conflict", "", again, "OK another, X: OK another, swapped: OK another", "isv.BIND_CONFLICT, X: OK another, swapped: OK another"},
	{"same_pair: same", "", again, "OK another, X: OK another, swapped: OK another", "OK the same, X: OK another, swapped: OK another"},
	{"extension: absent", "", seen(func(a answer) string { return fmt.Sprintf("%d %s", len(a.fields), a.fields["SecretBindDTO.Extension"]) }), "6 130", "5 "},
	{"failure_dto: as_null", "", refusedBodies, "none none none", `"SecretBindDTO":null none <SecretBindDTO></SecretBindDTO>`},
	{"failure_dto: empty", "", refusedBodies, "none none none", `"SecretBindDTO":{} none <SecretBindDTO></SecretBindDTO>`},
	{"message: english", "", refusedTexts, "请求成功 is not said; 号码格式非法; subs not exist; PhoneNoA is mandatory for this action.", "请求成功 is not said; illegal number format; subs not exist; PhoneNoA is mandatory for this action."},
	{"message: code", "", refusedTexts, "请求成功 is not said; 号码格式非法; subs not exist; PhoneNoA is mandatory for this action.", "请求成功 is not said; isv.MOBILE_NUMBER_ILLEGAL; isv.ILLEGAL_ARGUMENT; PhoneNoA is mandatory for this action."},
	{"ok_message: 请求成功", "", seen(func(a answer) string { return a.fields["Message"] }), "OK", "请求成功"},
	{"request_id: lower", "", seen(func(a answer) string {
		id := a.fields["RequestId"]
		return fmt.Sprint(uuid.MatchString(id), uuid.MatchString(strings.ToUpper(id)), a.header.Get("x-acs-request-id") == id)
	}), "true true true", "false true true"},
	{"subs_id: 8", "", idForm, "16 digits, found, listed, ended", "8 digits, found, listed, ended"},
	{"subs_id: 19", "", idForm, "16 digits, found, listed, ended", "19 digits, found, listed, ended"},
	{"subs_id: uuid", "", idForm, "16 digits, found, listed, ended", "UUID, found, listed, ended"},
	{"after_isp: bound", "triggers: [{code: isp.SYSTEM_ERROR, phone_a: '13100000001'}, {code: isv.VENDOR_BIND_FAILED, phone_a: '13100000002'}]",
		bindsAfter("13100000001", "13100000002"), "isp.SYSTEM_ERROR: 0 bound, isv.VENDOR_BIND_FAILED: 0 bound", "isp.SYSTEM_ERROR: 1 bound, isv.VENDOR_BIND_FAILED: 0 bound"},
	{"after_isp: bound", "codes: [{code: isp.DAO_EXCEPTION, share: 100%}]", bindsAfter("13100000001", "x"), "isp.DAO_EXCEPTION: 0 bound, isp.DAO_EXCEPTION: 0 bound", "isp.DAO_EXCEPTION: 1 bound, isp.DAO_EXCEPTION: 0 bound"},
	{"pool_key_bytes: 8, unknown_pool: isv.POOLKEY_NOT_EXISTS", "", binding(having("PoolKey", "12345678"), having("PoolKey", "123456789")), illegalArgument + ", " + illegalArgument, noPool + ", " + illegalArgument},
	{"out_id_bytes: 3", "", binding(having("OutId", "中"), having("OutId", "abcd"), having("OutOrderId", "abcd")), "OK, OK, OK", "OK, " + illegalArgument + ", " + illegalArgument},
	{"duplicates: first", "", sending(sentTwice("17000000001", "17000000002", 0), sentTwice("17000000001", "17000000002", 1)), "400 InvalidPhoneNoX, 400 InvalidPhoneNoX", "OK, 400 SignatureDoesNotMatch"},
	{"duplicates: last", "", sending(sentTwice("17000000001", "17000000002", 0), sentTwice("17000000001", "17000000002", 1)), "400 InvalidPhoneNoX, 400 InvalidPhoneNoX", "400 SignatureDoesNotMatch, OK"},
	{"unknown_params: refuse", "", binding(having("Tag.1.Key", "v"), having("poolKey", "v"), having("OwnerId", "1", "ResourceOwnerId", "1", "ResourceOwnerAccount", "a", "SignatureType", "", "RegionId", "cn-hangzhou", "GroupId", "1")),
		"OK, OK, OK", "400 InvalidParameter, 400 InvalidParameter, OK"},
	{"empty: refuse", "", binding(having("PhoneNoX", ""), having("OutId", ""), having("ExpectCity", "", "OutId", "x"), having("SignatureType", ""), having("OutId", "x")),
		"OK, OK, OK, OK, OK", illegalArgument + ", " + illegalArgument + ", " + illegalArgument + ", OK, OK"},
	{"param_names: any_case", "", otherLetters, "400 MissingAction, 400 MissingPhoneNoA, OK", "OK, OK, 400 InvalidPoolKey"},
	{"missing: gateway", "", without("PoolKey", "PhoneNoA", "PhoneNoB", "Expiration"), "isv.ILLEGAL_ARGUMENT, 400 MissingPhoneNoA, isv.ILLEGAL_ARGUMENT, 400 MissingExpiration",
		"400 MissingPoolKey, 400 MissingPhoneNoA, 400 MissingPhoneNoB, 400 MissingExpiration"},
	{"missing: business", "", without("PoolKey", "PhoneNoA", "PhoneNoB", "Expiration"), "isv.ILLEGAL_ARGUMENT, 400 MissingPhoneNoA, isv.ILLEGAL_ARGUMENT, 400 MissingExpiration",
		"isv.ILLEGAL_ARGUMENT, isv.ILLEGAL_ARGUMENT, isv.ILLEGAL_ARGUMENT, isv.ILLEGAL_ARGUMENT"},
	{"bad_expiration: isv.ILLEGAL_ARGUMENT", "", binding(having("Expiration", "x"), having("Expiration", "1970-01-01 00:00:00")), badEnd + ", " + badEnd, illegalArgument + ", " + illegalArgument},
	{"bad_number: isv.ILLEGAL_ARGUMENT", "", binding(having("PhoneNoA", "x"), having("PhoneNoB", "x"), having("PhoneNoX", "x")), badPhone + ", " + badPhone + ", " + badPhone, illegalArgument + ", " + illegalArgument + ", " + illegalArgument},
	{"unknown_binding: isv.SUBS_NOT_EXIST", "", onNothing, "isv.ILLEGAL_ARGUMENT, isv.ILLEGAL_ARGUMENT, isv.ILLEGAL_ARGUMENT", "isv.SUBS_NOT_EXIST, isv.SUBS_NOT_EXIST, isv.SUBS_NOT_EXIST"},
	{"unverified: Forbidden.UserVerification", otherOwners, sending(func() string { return newBind().as("shy") }), "isv.ACCOUNT_ABNORMAL", "403 Forbidden.UserVerification"},
	{"permission_denied: NoPermission", otherOwners, sending(func() string { return newBind().as("denied") }), "isp.RAM_PERMISSION_DENY", "403 NoPermission"},
	{"auth_status: 400", "", badAuth, "404 InvalidAccessKeyId.NotFound, 400 SignatureDoesNotMatch, 400 MissingSignature, 404 InvalidAction.NotFound", "400 InvalidAccessKeyId.NotFound, 400 SignatureDoesNotMatch, 400 MissingSignature, 404 InvalidAction.NotFound"},
	{"auth_status: 403", "", badAuth, "404 InvalidAccessKeyId.NotFound, 400 SignatureDoesNotMatch, 400 MissingSignature, 404 InvalidAction.NotFound", "403 InvalidAccessKeyId.NotFound, 403 SignatureDoesNotMatch, 403 MissingSignature, 404 InvalidAction.NotFound"},
	{"auth_status: 404", "", badAuth, "404 InvalidAccessKeyId.NotFound, 400 SignatureDoesNotMatch, 400 MissingSignature, 404 InvalidAction.NotFound", "404 InvalidAccessKeyId.NotFound, 404 SignatureDoesNotMatch, 404 MissingSignature, 404 InvalidAction.NotFound"},
	{"gzip: asked", "", codings, "gzip: plain, none: plain, q=0: plain", "gzip: gzip, none: plain, q=0: plain"},
	{"operations: [BindAxb, UnbindSubscription]", "", onNothing, "isv.ILLEGAL_ARGUMENT, isv.ILLEGAL_ARGUMENT, isv.ILLEGAL_ARGUMENT", "isv.ILLEGAL_ARGUMENT, 404 InvalidAction.NotFound, 404 InvalidAction.NotFound"},
	{"remember_expired: 0", "", remembered, "0 0", "gone gone"},
	{"remember_expired: 1", "", remembered, "0 0", "gone 0"},
}

func contentType(a answer) string { return a.header.Get("Content-Type") }

// everyWay binds with GET, POST with a query, POST with a form, and V3.
func everyWay(t *testing.T, e *endpoint) string {
	return sending(func() string { return newBind().get() }, func() string { return newBind().postQuery() }, func() string { return newBind().post() }, func() string { return newBind().v3(nil) })(t, e)
}

// rootOf tells the root elements of answers in XML.
func rootOf(actions ...string) func(*testing.T, *endpoint) string {
	return func(t *testing.T, e *endpoint) string {
		var roots []string
		for _, action := range actions {
			a := e.raw(t, newBind().with("Action", action, "Format", "XML").get())
			roots = append(roots, regexp.MustCompile("<[A-Z][A-Za-z]*>").FindString(a.body))
		}
		return strings.Join(roots, " ")
	}
}

func refusedForm(t *testing.T, e *endpoint) string {
	a := e.raw(t, newBind().with("PoolKey", "-").get())
	return fmt.Sprintf("%s %d fields, %s", codeOf(a), len(a.fields), codeOf(e.raw(t, newBind().get())))
}

// lastSecond tells the status of a binding before, in and after the second of its Expiration.
func lastSecond(t *testing.T, e *endpoint) string {
	m := e.make(t, newBind().with("Expiration", "2026-11-23 17:00:00"))
	var out []string
	for _, at := range []time.Duration{30*time.Minute - time.Second, 30 * time.Minute, 30*time.Minute + time.Second} {
		e.MoveClock(at)
		out = append(out, e.detail(t, m)["Status"])
	}
	return strings.Join(out, " ")
}

// firstThree tells the X of three disjoint pairs and of one that meets the first of them.
func firstThree(t *testing.T, e *endpoint) string {
	var list []string
	first := e.make(t, newBind())
	list = append(list, first.x, e.make(t, newBind()).x, e.make(t, newBind()).x, e.make(t, newBind().with("PhoneNoA", first.params["PhoneNoA"])).x)
	if list[0] != list[1] || list[1] != list[2] {
		return "spread"
	}
	return strings.Join(list, " ")
}

// again binds a pair a second time: by itself, on an X, and with the roles changed.
func again(t *testing.T, e *endpoint) string {
	p := newBind()
	first := e.make(t, p)
	x := "17000000000"
	if first.x == x {
		x = "17000000001"
	}
	tell := func(q params) string {
		a := e.raw(t, q.with("SignatureNonce", fmt.Sprint("a", nonceCount.Add(1))).get())
		switch {
		case a.fields["Code"] != "OK":
			return codeOf(a)
		case a.fields["SecretBindDTO.SubsId"] == first.id:
			return "OK the same"
		}
		return "OK another"
	}
	return tell(p) + ", X: " + tell(p.with("PhoneNoX", x)) + ", swapped: " + tell(p.with("PhoneNoA", p["PhoneNoB"], "PhoneNoB", p["PhoneNoA"]))
}

// refusedBodies tells of SecretBindDTO in a refused bind, in another refused call and in XML.
func refusedBodies(t *testing.T, e *endpoint) string {
	var out []string
	for _, p := range []params{newBind().with("PoolKey", "-"), newParams("QuerySubsId").with("PhoneNoX", "x"), newBind().with("PoolKey", "-", "Format", "XML")} {
		found := regexp.MustCompile(`"SecretBindDTO":(null|\{\})|<SecretBindDTO></SecretBindDTO>`).FindString(e.raw(t, p.get()).body)
		if found == "" {
			found = "none"
		}
		out = append(out, found)
	}
	return strings.Join(out, " ")
}

func refusedTexts(t *testing.T, e *endpoint) string {
	said := "请求成功 is said"
	if !strings.Contains(e.raw(t, newBind().get()).body, "请求成功") {
		said = "请求成功 is not said"
	}
	out := []string{said}
	for _, p := range []params{newBind().with("PhoneNoA", "x"), newParams("UnbindSubscription").with("PoolKey", BuiltinPool, "SubsId", "1", "SecretNo", "1"), newBind().with("PhoneNoA", "-")} {
		out = append(out, e.raw(t, p.get()).fields["Message"])
	}
	return strings.Join(out, "; ")
}

// idForm tells the form of a SubsId, and whether every operation knows it again.
func idForm(t *testing.T, e *endpoint) string {
	e.make(t, newBind())
	m := e.make(t, newBind().with("PhoneNoX", "17000000000"))
	form := fmt.Sprint(len(m.id), " digits")
	if regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(m.id) {
		form = "UUID"
	} else if !regexp.MustCompile(`^[1-9][0-9]*$`).MatchString(m.id) {
		form = m.id
	}
	if d := e.detail(t, m); d["SubsId"] == m.id && d["PhoneNoA"] == m.params["PhoneNoA"] {
		form += ", found"
	}
	if e.raw(t, newParams("QuerySubsId").with("PhoneNoX", m.x).get()).fields["SubsId"] == m.id {
		form += ", listed"
	}
	if e.raw(t, m.on("UnbindSubscription").get()).fields["Code"] == "OK" && e.detail(t, m)["PhoneNoA"] == "" {
		form += ", ended"
	}
	return form
}

// bindsAfter tells the codes of binds and how many bindings each left.
func bindsAfter(numbers ...string) func(*testing.T, *endpoint) string {
	return func(t *testing.T, e *endpoint) string {
		var out []string
		for _, a := range numbers {
			before := e.Truth().Live
			got := e.raw(t, newBind().with("PhoneNoA", a).get())
			out = append(out, fmt.Sprintf("%s: %d bound", codeOf(got), e.Truth().Live-before))
			if strings.Contains(got.body, "SecretNo") {
				t.Errorf("the refusal tells of the binding: %s", got.body)
			}
		}
		return strings.Join(out, ", ")
	}
}

// otherLetters binds with names in small letters: all of them, one of them, and one beside the right one.
func otherLetters(t *testing.T, e *endpoint) string {
	small := params{}
	for name, value := range newBind() {
		small[strings.ToLower(name)] = value
	}
	p := newBind()
	return sending(func() string { return strings.Replace(small.get(), "&Signature=", "&signature=", 1) },
		func() string { return p.with("PhoneNoA", "-", "phonenoa", p["PhoneNoA"]).get() },
		func() string { return newBind().with("poolkey", "nowhere").get() })(t, e)
}

// without binds with one parameter missing.
func without(names ...string) func(*testing.T, *endpoint) string {
	var calls [][]string
	for _, name := range names {
		calls = append(calls, having(name, "-"))
	}
	return binding(calls...)
}

// onNothing unbinds, queries and updates a binding that there is not.
func onNothing(t *testing.T, e *endpoint) string {
	m := made{newBind(), "17000000000", "1000000000000001"}
	return sending(func() string { return m.on("UnbindSubscription").get() }, func() string { return m.on("QuerySubscriptionDetail").get() },
		func() string { return m.on("UpdateSubscription", "OperateType", "updateOutId", "OutId", "x").get() })(t, e)
}

// badAuth tells of three failures of authentication and of one other.
func badAuth(t *testing.T, e *endpoint) string {
	return sending(func() string { return newBind().as("nobody") }, func() string { return newBind().as(BuiltinID) },
		func() string {
			return strings.Split(newBind().get(), "&Signature=")[0] + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
		}, func() string { return newBind().with("Action", "x").get() })(t, e)
}

// codings tells how answers come to clients that accept gzip or not.
func codings(t *testing.T, e *endpoint) string {
	var out []string
	for _, c := range [][2]string{{"gzip", "Accept-Encoding: deflate, gzip\r\n"}, {"none", ""}, {"q=0", "Accept-Encoding: gzip;q=0, identity\r\n"}} {
		a := e.raw(t, strings.Replace(newBind().get(), "\r\n\r\n", "\r\n"+c[1]+"\r\n", 1))
		form, body := "plain", []byte(a.body)
		if a.header.Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(bytes.NewReader(body))
			if err == nil {
				body, err = io.ReadAll(r)
			}
			if form = "gzip"; err != nil || a.header.Get("Vary") != "Accept-Encoding" || a.header.Get("Content-Length") != "" {
				t.Errorf("%v, header %v", err, a.header)
			}
		}
		if !bytes.Contains(body, []byte(`"Code":"OK"`)) {
			t.Errorf("%s: %q", c[0], body)
		}
		out = append(out, c[0]+": "+form)
	}
	return strings.Join(out, ", ")
}

// remembered tells the status of two bindings that have expired, the one that ended first first.
func remembered(t *testing.T, e *endpoint) string {
	first, second := e.make(t, newBind().with("Expiration", "2026-11-23 16:35:00")), e.make(t, newBind().with("Expiration", "2026-11-23 16:40:00"))
	e.MoveClock(time.Hour)
	var out []string
	for _, m := range []made{first, second} {
		status := e.detail(t, m)["Status"]
		if status == "" {
			status = "gone"
		}
		out = append(out, status)
	}
	return strings.Join(out, " ")
}
