package check

import (
	"strings"
	"testing"

	"axbench/conformance/contract"
)

// What is right, though unusual, breaks nothing. (The rows with a want break a SHOULD at most.)
func TestGoodAnswers(t *testing.T) {
	deep := strings.Repeat("[", 60) + strings.Repeat("]", 60)
	runTable(t, []testAnswer{
		{name: "plain", body: good, code: "OK"},
		{name: "given X", body: good, x: testX, code: "OK"},
		{name: "strict", body: good, x: testX, strict: true, code: "OK"},
		{name: "strict, a page of the help", body: refusalWith("isv.BIND_CONFLICT", "see https://help.example/home/bind, and/or/opt/in"), strict: true, code: "isv.BIND_CONFLICT"},
		{name: "pretty", body: "\r\n\t {\n \"Message\" : \"OK\" ,\n \"RequestId\" : \"r\" , \"Code\" : \"OK\" ,\t" + goodDTO + " \n}\n", code: "OK"},
		{name: "unknown extra fields", code: "OK",
			body: replace(replace(good, `"Code"`, `"Extra":{"a":[1,-0.5e+3,{"a":null}],"b":{}},"Code"`), `"Extension"`, `"More":[true,false],"Extension"`)},
		{name: "extra field that is like a documented one", body: replace(good, `"Code"`, `"code":200,"message":null,"Code"`), code: "OK"},
		{name: "deep but bounded", body: replace(good, `"Code"`, `"Extra":`+deep+`,"Code"`), code: "OK"},
		{name: "no Extension", body: replace(good, `"Extension":"130",`, ``), code: "OK"},
		{name: "Extension null", body: replace(good, `"130"`, `null`), code: "OK"},
		{name: "Message in Chinese", body: replace(good, `"Message":"OK"`, `"Message":"请求成功"`), code: "OK"},
		{name: "Message another text", body: replace(good, `"Message":"OK"`, `"Message":"bound. \ud83d\ude00 ok"`), code: "OK"},
		{name: "escaped", body: replace(replace(good, `"Code":"OK"`, `"\u0043od\u0065":"\u004fK"`), `"130"`, `"\"\\\/\b\f\n\r\t"`), code: "OK"},
		{name: "lone surrogate", body: replace(good, `"130"`, `"\ud800"`), code: "OK"},
		{name: "names that differ in a lone surrogate", body: replace(good, `"Code"`, `"\ud800":1,"\ud801":2,"Code"`), code: "OK"},
		{name: "SubsId of 8 digits", body: replace(good, subsID, "10000007"), code: "OK"},
		{name: "SubsId of 19 digits", body: replace(good, subsID, "1000000768393849123"), code: "OK"},
		{name: "SubsId a UUID", body: replace(good, subsID, "0b5f8a54-17d2-4d4b-9f7e-000000000001"), code: "OK"},
		{name: "X a landline", body: replace(good, testX, "057188992688"), code: "OK"},
		{name: "X a 95 number", body: replace(good, testX, "95013123456"), code: "OK"},
		{name: "X a long 95 number", body: replace(good, testX, "9501312345678901"), code: "OK"},
		{name: "X is A as the caller asked", body: replace(good, testX, testA), x: testA, code: "OK"},
		{name: "Content-Type without charset", body: good, ct: "application/json", code: "OK"},
		{name: "Content-Type in other case", body: replace(good, `"Message":"OK"`, `"Message":"好"`), ct: `Application/JSON ; Charset="UTF-8"`, code: "OK"},
		{name: "another charset, ASCII body", body: good, ct: "application/json;charset=ISO-8859-1", code: "OK"},
		{name: "Content-Encoding identity", body: good, ce: "Identity", code: "OK"},
		{name: "HTTP 201", body: good, status: 201, code: "OK"},

		{name: "refused", body: refusal, code: "isv.BIND_CONFLICT"},
		{name: "refused, DTO null", body: replace(refusal, `"Code"`, `"SecretBindDTO":null,"Code"`), code: "isv.BIND_CONFLICT"},
		{name: "refused, DTO empty", body: replace(refusal, `"Code"`, `"SecretBindDTO":{},"Code"`), code: "isv.BIND_CONFLICT"},
		{name: "refused, DTO of empty fields", body: replace(refusal, `"Code"`, `"SecretBindDTO":{"SubsId":null,"SecretNo":""},"Code"`), code: "isv.BIND_CONFLICT"},
		{name: "refused, DTO an empty list", body: replace(refusal, `"Code"`, `"SecretBindDTO":[],"Code"`), code: "isv.BIND_CONFLICT"},
		{name: "refused, unknown extra field in the DTO", body: replace(refusal, `"Code"`, `"SecretBindDTO":{"Hint":"h"},"Code"`), code: "isv.BIND_CONFLICT"},
		{name: "refused, table text", body: refusalWith("isv.BIND_CONFLICT", "绑定冲突"), code: "isv.BIND_CONFLICT"},
		{name: "refused, free text", body: refusalWith("isv.ILLEGAL_ARGUMENT", "extension can must be null"), code: "isv.ILLEGAL_ARGUMENT"},
		{name: "refused, text of a later page", body: refusalWith("isv.NO_USED_BY_OTHERS", "号码被其他业务方占用"), code: "isv.NO_USED_BY_OTHERS"},
		{name: "flow limit", body: refusalWith("isv.FLOW_LIMIT", "业务流控"), code: "isv.FLOW_LIMIT"},
		{name: "refused with HTTP 400", body: refusal, status: 400, want: "TRN-10", must: "", code: "isv.BIND_CONFLICT"},
		{name: "code of a later page", body: refusalWith("isv.POOLKEY_NOT_EXISTS", "x"), latest: true, code: "isv.POOLKEY_NOT_EXISTS"},

		{name: "gateway", body: gateway, status: 400, code: "SignatureNonceUsed"},
		{name: "gateway, HTTP 403", body: gateway, status: 403, code: "SignatureNonceUsed"},
		{name: "gateway, HTTP 404", body: gateway, status: 404, code: "SignatureNonceUsed"},
		{name: "gateway, missing parameter", body: refusalWith("MissingPoolKey", "PoolKey is mandatory for this action."), status: 400, code: "MissingPoolKey"},
		{name: "gateway, throttled", body: refusalWith("Throttling.User.Burst", "Request was denied due to user flow control."), status: 429, code: "Throttling.User.Burst"},
		{name: "gateway, server fault", body: refusalWith("InternalError", "x"), status: 500, code: "InternalError"},
		{name: "gateway, with details", body: replace(gateway, `"Code"`, `"AccessDeniedDetail":{"AuthAction":"dypls:BindAxb"},"Code"`), status: 403, code: "SignatureNonceUsed"},
		{name: "gateway, echo of the string to sign", strict: true, status: 400, code: "SignatureDoesNotMatch",
			body: refusalWith("SignatureDoesNotMatch", contract.MismatchV1+"GET&%2F&PhoneNoA%3D"+testA+"%26PhoneNoB%3D"+testB)},

		{name: "unbound", body: unbound, op: contract.UnbindSubscription, code: "OK"},
		{name: "unbound, ChargeId a boolean", body: replace(unbound, `"true"`, `true`), op: contract.UnbindSubscription, code: "OK"},
		{name: "unbound, no ChargeId", body: replace(unbound, `,"ChargeId":"true"`, ``), op: contract.UnbindSubscription, code: "OK"},
		{name: "unbind of an unknown binding", body: refusalWith("isv.ILLEGAL_ARGUMENT", "subs not exist"), op: contract.UnbindSubscription, code: "isv.ILLEGAL_ARGUMENT"},
		{name: "unbind of an unknown binding, today's code", body: refusalWith("isv.SUBS_NOT_EXIST", "绑定关系不存在"), op: contract.UnbindSubscription, code: "isv.SUBS_NOT_EXIST"},
		{name: "detail", body: detail, op: contract.QuerySubscriptionDetail, x: testX, code: "OK"},
		{name: "detail, strict", body: detail, op: contract.QuerySubscriptionDetail, x: testX, strict: true, code: "OK"},
		{name: "detail refused", body: replace(refusal, `"Code"`, `"Status":"error","SubsId":"`+subsID+`","Code"`), op: contract.QuerySubscriptionDetail, code: "isv.BIND_CONFLICT"},
		{name: "updated", body: updated, op: contract.UpdateSubscription, strict: true, code: "OK"},
		{name: "update refused", body: refusalWith("isv.FORBIDDEN_ACTION", "updateNoA"), op: contract.UpdateSubscription, code: "isv.FORBIDDEN_ACTION"},
		{name: "update refused with a code of today", body: refusalWith("isv.UPDATE_CONFLICT", "更新绑定关系冲突"), op: contract.UpdateSubscription, code: "isv.UPDATE_CONFLICT"},
		{name: "list", body: listed, op: contract.QuerySubsID, x: testX, strict: true, code: "OK"},
		{name: "list of one", body: replace(listed, ",1000000768393850", ""), op: contract.QuerySubsID, x: testX, code: "OK"},
		{name: "list of none", body: replace(listed, subsID+",1000000768393850", ""), op: contract.QuerySubsID, x: testX, code: "OK"},
		{name: "list refused", body: refusal, op: contract.QuerySubsID, x: testX, code: "isv.BIND_CONFLICT"},
		{name: "list refused, SubsId null", body: replace(refusal, `"Code"`, `"SubsId":null,"Code"`), op: contract.QuerySubsID, x: testX, code: "isv.BIND_CONFLICT"},
		{name: "list of no pool", body: replace(gateway, "SignatureNonceUsed", "POOLKEY_NOT_EXIST"), status: 400, op: contract.QuerySubsID, x: testX, code: "POOLKEY_NOT_EXIST"},
		{name: "operation that is not known", body: good, op: &contract.Operation{Name: "BindAxn"}, code: "OK"},
	})
}

// Every documented code with its own text or its name, and every gateway code, breaks nothing.
func TestEveryCodeIsGood(t *testing.T) {
	var table []testAnswer
	for _, e := range []contract.Edition{contract.Edition2019, contract.EditionCurrent} {
		for _, c := range e.Codes() {
			row := testAnswer{name: c.Name, body: refusalWith(c.Name, c.ZH), latest: e == contract.EditionCurrent, code: c.Name}
			if c.Group == contract.Success {
				row.body = replace(good, `"Message":"OK"`, `"Message":"`+c.ZH+`"`)
			}
			named := row
			named.name += " by name"
			named.body = replace(row.body, c.ZH, c.Name)
			table = append(table, row, named)
		}
	}
	if len(table) < 2*(23+20) {
		t.Fatalf("%d rows", len(table))
	}
	for _, c := range contract.GatewayCodes() {
		name := strings.TrimSuffix(c.Name, "*")
		if name != c.Name {
			name += "PhoneNoA"
		}
		table = append(table, testAnswer{name: name, body: refusalWith(name, strings.ReplaceAll(c.EN, `"`, "")), status: c.HTTPStatus, code: name})
	}
	runTable(t, table)
}

// A Result says what the answer said.
func TestValues(t *testing.T) {
	for _, c := range []testAnswer{
		{name: "JSON", body: good},
		{name: "JSON, escaped", body: replace(replace(good, "-", `\u002D`), "1710", `\u0031710`)},
		{name: "XML", body: goodXML, xml: true},
		{name: "XML, references", body: replace(replace(goodXML, "B722-", `&#x42;72&#50;<![CDATA[-]]>`), "1710", `1<!-- -->710`), xml: true},
		{name: "redirect", body: good, status: 307},
		{name: "gzip", body: zip(good), ce: "gzip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var res Result
			c.check(t, &res)
			got := []string{string(res.Code), string(res.Message), string(res.RequestID), string(res.SubsID), string(res.SecretNo)}
			want := []string{"OK", "OK", requestID, subsID, testX}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			if res.Known == nil || res.Known.Name != "OK" {
				t.Error("OK is not known")
			}
		})
	}
}

// What could not have failed was not checked.
func TestChecked(t *testing.T) {
	table := []struct {
		testAnswer
		checked, not string
	}{
		{testAnswer{name: "good", body: good, x: testX}, "TRN-5 TRN-6 TRN-7 TRN-8 TRN-10 TRN-11 TRN-12 SIG-18 PRM-X-2 RSP-1 RSP-3 RSP-4 RSP-6 RSP-7 RSP-8 RSP-10 RSP-11 RSP-12 RSP-13", "TRN-14 RSP-5 RSP-9 RSP-14"},
		{testAnswer{name: "good, no X", body: good}, "RSP-13", "PRM-X-2"},
		{testAnswer{name: "refused", body: refusal, x: testX}, "TRN-10 RSP-5 RSP-7 RSP-9 RSP-12", "PRM-X-2 RSP-4 RSP-8 RSP-10 RSP-11 RSP-13 TRN-14"},
		{testAnswer{name: "gateway", body: gateway, status: 400}, "TRN-14 RSP-1 RSP-9", "RSP-5 RSP-8 TRN-10"},
		{testAnswer{name: "cut", body: good[:40]}, "TRN-8", "RSP-1 RSP-3 RSP-12"},
		{testAnswer{name: "no DTO", body: replace(good, ","+goodDTO, "")}, "RSP-8", "RSP-10 RSP-11 RSP-13"},
		{testAnswer{name: "strict", body: good, strict: true}, "RSP-14 RSP-15 RSP-16", ""},
		{testAnswer{name: "detail", body: detail, op: contract.QuerySubscriptionDetail}, "RSP-8 RSP-10 RSP-11 INV-5", "RSP-13 PRM-X-2"},
	}
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			var res Result
			c.check(t, &res)
			has := make(map[string]bool)
			for i, clause := range Clauses() {
				has[clause.ID] = res.Checked.Has(i)
			}
			for _, id := range strings.Fields(c.checked) {
				if !has[id] {
					t.Errorf("%s was not checked", id)
				}
			}
			for _, id := range strings.Fields(c.not) {
				if has[id] {
					t.Errorf("%s was checked", id)
				}
			}
		})
	}
}
