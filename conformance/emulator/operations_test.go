package emulator

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/conformance/contract"
)

// made is a binding that a test made, and what it was asked for with.
type made struct {
	params params
	x, id  string
}

// make binds, or ends the test.
func (e *endpoint) make(t testing.TB, p params) made {
	t.Helper()
	a := e.raw(t, p.get())
	if a.fields["Code"] != "OK" {
		t.Fatalf("bind: %d %s", a.status, a.body)
	}
	return made{p, a.fields["SecretBindDTO.SecretNo"], a.fields["SecretBindDTO.SubsId"]}
}

// on are the parameters of an operation on a binding.
func (m made) on(action string, pairs ...string) params {
	x := "PhoneNoX"
	if action == "UnbindSubscription" {
		x = "SecretNo"
	}
	return newParams(action).with("PoolKey", m.params["PoolKey"], "SubsId", m.id, x, m.x).with(pairs...)
}

// detail is what a query says of a binding, by field.
func (e *endpoint) detail(t testing.TB, m made) map[string]string {
	t.Helper()
	out := map[string]string{}
	for path, value := range e.raw(t, m.on("QuerySubscriptionDetail").get()).fields {
		out[strings.TrimPrefix(path, "SecretBindDetailDTO.")] = value
	}
	return out
}

// label is the OutId of a binding, which no answer shows.
func (e *endpoint) label(m made) string {
	id, _ := e.parseSubsID(m.id)
	x, _ := secret(m.x)
	b, _ := e.pools[m.params["PoolKey"]].Query(e.Now(), id, x)
	return b.Label
}

// TestUpdate changes each thing that a binding has, and shows that the rest stays as it is.
func TestUpdate(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, ""), fixed)
	full := func() params {
		return newBind().with("CallRestrict", "CONTROL_BX_DISABLE", "ASRStatus", "true", "ASRModelId", models[1], "OutId", "before")
	}
	for _, c := range []struct {
		kind  string
		pairs []string
		want  map[string]string // what is other afterwards, in the words of the query
		label string
	}{
		{"updateNoA", []string{"PhoneNoA", "13900000001"}, map[string]string{"PhoneNoA": "13900000001"}, "before"},
		{"updateNoB", []string{"PhoneNoB", "057188992688"}, map[string]string{"PhoneNoB": "057188992688"}, "before"},
		{"updateExpire", []string{"Expiration", "2026-12-24 12:00:00"}, map[string]string{"ExpireDate": "2026-12-24 12:00:00"}, "before"},
		{"updateCallRestrict", []string{"CallRestrict", "CONTROL_AX_DISABLE"}, map[string]string{"CallRestrict": "CONTROL_AX_DISABLE"}, "before"},
		{"updateCallRestrict", []string{"CallRestrict", "CONTROL_CLEAR_DISABLE"}, map[string]string{"CallRestrict": ""}, "before"},
		{"updateCallDisplayType", []string{"CallDisplayType", "2"}, nil, "before"},
		{"updateOutId", []string{"OutId", `after 中"`}, nil, `after 中"`},
		{"updateIsRecordingEnabled", []string{"IsRecordingEnabled", "True"}, map[string]string{"NeedRecord": "true"}, "before"},
		{"updateAsr", []string{"ASRStatus", "false"}, map[string]string{"ASRStatus": "false"}, "before"},
		{"updateAsr", []string{"ASRStatus", "true", "ASRModelId", models[2]}, map[string]string{"ASRModelId": models[2]}, "before"},
		{"updateNoA", []string{"PhoneNoA", "13900000002", "PhoneNoB", "13900000003", "OutId", "no", "RingConfig", "{}"}, map[string]string{"PhoneNoA": "13900000002"}, "before"},
	} {
		t.Run(c.kind+strings.Join(c.pairs, " "), func(t *testing.T) {
			m := e.make(t, full())
			want := e.detail(t, m)
			delete(want, "RequestId")
			for field, value := range c.want {
				if want[field] = value; value == "" {
					delete(want, field)
				}
			}
			a := e.raw(t, m.on("UpdateSubscription", append([]string{"OperateType", c.kind}, c.pairs...)...).get())
			if a.status != 200 || a.fields["Code"] != "OK" || a.fields["Message"] != "OK" || len(a.fields) != 3 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			got := e.detail(t, m)
			delete(got, "RequestId")
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			if got := e.label(m); got != c.label {
				t.Errorf("OutId is %q, want %q", got, c.label)
			}
		})
	}
}

// TestUpdateTakesEffect shows that an update is what the next call meets: the old number is free and the new one is not.
func TestUpdateTakesEffect(t *testing.T) {
	e := serve(t, config(t, "pools: [{key: P, numbers: {北京: [17100000000]}}]"), fixed)
	m := e.make(t, newBind().with("PoolKey", "P", "PhoneNoA", "13100000001", "PhoneNoB", "13100000002"))
	update := func(pairs ...string) string {
		return e.raw(t, m.on("UpdateSubscription", pairs...).get()).fields["Code"]
	}
	if code := update("OperateType", "updateNoA", "PhoneNoA", "13100000003"); code != "OK" {
		t.Fatal(code)
	}
	bind := func(a string) string {
		return e.raw(t, newBind().with("PoolKey", "P", "PhoneNoA", a).get()).fields["Code"]
	}
	if old, now := bind("13100000001"), bind("13100000003"); old != "OK" || now != "isv.NO_AVAILABLE_NUMBER" {
		t.Errorf("the old A: %s, the new one: %s", old, now)
	}
	if code := update("OperateType", "updateNoB", "PhoneNoB", "13100000001"); code != "isv.BIND_CONFLICT" {
		t.Errorf("B of another binding on the X: %s", code)
	}
	if code := update("OperateType", "updateExpire", "Expiration", "2026-11-23 17:30:00"); code != "OK" {
		t.Fatal(code)
	}
	if e.MoveClock(time.Hour - time.Second); e.detail(t, m)["Status"] != "1" {
		t.Error("a second before its new end the binding is over")
	}
	if e.MoveClock(time.Hour); e.detail(t, m)["Status"] != "0" {
		t.Error("at its new end the binding goes on")
	}
}

// TestUpdateRefusals holds every refusal of an update to its code and Message, and shows that a refused one changes nothing.
func TestUpdateRefusals(t *testing.T) {
	e := serve(t, config(t, `
accounts: [{name: other, credentials: [{id: o, secret: s}], pools: [{key: O, numbers: {北京: [17300000000]}}]}]
pools: [{key: P, numbers: {北京: [17100000000]}}]`), fixed)
	m := e.make(t, newBind().with("PoolKey", "P"))
	other := e.make(t, newBind().with("PoolKey", "P"))
	ended := e.make(t, newBind().with("PoolKey", "P", "Expiration", "2026-11-23 16:32:00"))
	e.MoveClock(2 * time.Minute)
	const illegal = "isv.ILLEGAL_ARGUMENT"
	for _, c := range []struct {
		name    string
		of      made
		pairs   []string
		status  int
		code    string
		message string // "": not looked at
	}{
		{"no type", m, nil, 400, "MissingOperateType", "OperateType is mandatory for this action."},
		{"unknown type", m, []string{"OperateType", "updateNoX", "PhoneNoX", m.x}, 200, illegal, "参数非法"},
		{"type in other letters", m, []string{"OperateType", "UpdateNoA", "PhoneNoA", "13900000001"}, 200, illegal, ""},
		{"nothing to change", m, []string{"OperateType", "updateNoA"}, 200, illegal, ""},
		{"empty", m, []string{"OperateType", "updateOutId", "OutId", ""}, 200, illegal, ""},
		{"malformed A", m, []string{"OperateType", "updateNoA", "PhoneNoA", "x"}, 200, "isv.MOBILE_NUMBER_ILLEGAL", ""},
		{"malformed B", m, []string{"OperateType", "updateNoB", "PhoneNoB", "1390000000"}, 200, "isv.MOBILE_NUMBER_ILLEGAL", ""},
		{"A is B", m, []string{"OperateType", "updateNoA", "PhoneNoA", m.params["PhoneNoB"]}, 200, illegal, ""},
		{"A of another binding", m, []string{"OperateType", "updateNoA", "PhoneNoA", other.params["PhoneNoA"]}, 200, "isv.BIND_CONFLICT", "绑定冲突"},
		{"B that is A of another", m, []string{"OperateType", "updateNoB", "PhoneNoB", other.params["PhoneNoA"]}, 200, "isv.BIND_CONFLICT", ""},
		{"past", m, []string{"OperateType", "updateExpire", "Expiration", "2026-11-23 16:31:00"}, 200, "isv.EXPIRE_DATE_ILLEGAL", ""},
		{"a minute ahead", m, []string{"OperateType", "updateExpire", "Expiration", "2026-11-23 16:33:00"}, 200, "isv.EXPIRE_DATE_ILLEGAL", ""},
		{"no date", m, []string{"OperateType", "updateExpire", "Expiration", "tomorrow"}, 200, "isv.EXPIRE_DATE_ILLEGAL", ""},
		{"pool of another type", m, []string{"OperateType", "updateAxgGroup", "GroupId", "1"}, 200, "isv.FORBIDDEN_ACTION", "createAxgGroup"},
		{"restrict", m, []string{"OperateType", "updateCallRestrict", "CallRestrict", "NONE"}, 200, illegal, ""},
		{"display", m, []string{"OperateType", "updateCallDisplayType", "CallDisplayType", "4"}, 200, illegal, ""},
		{"recording", m, []string{"OperateType", "updateIsRecordingEnabled", "IsRecordingEnabled", "maybe"}, 200, illegal, ""},
		{"model", m, []string{"OperateType", "updateAsr", "ASRStatus", "true", "ASRModelId", "x"}, 200, illegal, ""},
		{"long OutId", m, []string{"OperateType", "updateOutId", "OutId", strings.Repeat("x", 257)}, 200, illegal, ""},
		{"ring", m, []string{"OperateType", "updateOutId", "OutId", "x", "RingConfig", "["}, 200, illegal, ""},
		{"unknown", m, []string{"OperateType", "updateOutId", "OutId", "x", "SubsId", "1000000000000001"}, 200, illegal, "subs not exist"},
		{"other X", m, []string{"OperateType", "updateOutId", "OutId", "x", "PhoneNoX", "17100000009"}, 200, illegal, "subs not exist"},
		{"unknown pool", m, []string{"OperateType", "updateOutId", "OutId", "x", "PoolKey", "Q"}, 200, illegal, ""},
		{"foreign pool", m, []string{"OperateType", "updateOutId", "OutId", "x", "PoolKey", "O"}, 200, "isv.FORBIDDEN_ACTION", ""},
		{"no pool", m, []string{"OperateType", "updateOutId", "OutId", "x", "PoolKey", "-"}, 200, illegal, ""},
		{"expired, A", ended, []string{"OperateType", "updateNoA", "PhoneNoA", "13900000001"}, 200, "isv.FORBIDDEN_ACTION", "updateNoA"},
		{"expired, B", ended, []string{"OperateType", "updateNoB", "PhoneNoB", "13900000001"}, 200, "isv.FORBIDDEN_ACTION", "updateNoB"},
		{"expired, end", ended, []string{"OperateType", "updateExpire", "Expiration", "2026-12-24 12:00:00"}, 200, "isv.FORBIDDEN_ACTION", "updateEndDate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := e.detail(t, c.of)
			a := e.raw(t, c.of.on("UpdateSubscription", c.pairs...).get())
			if a.status != c.status || a.fields["Code"] != c.code || c.message != "" && a.fields["Message"] != c.message {
				t.Errorf("%d %s, want %d %s %s", a.status, a.body, c.status, c.code, c.message)
			}
			after := e.detail(t, c.of)
			delete(before, "RequestId")
			delete(after, "RequestId")
			if fmt.Sprint(before) != fmt.Sprint(after) {
				t.Errorf("a refused update changed %v to %v", before, after)
			}
		})
	}
	if a := e.raw(t, ended.on("UnbindSubscription").get()); a.fields["Code"] != "isv.ILLEGAL_ARGUMENT" || a.fields["Message"] != "subs not exist" {
		t.Errorf("unbind of an expired binding: %s", a.body)
	}
	if d := e.detail(t, ended); d["Status"] != "0" || d["PhoneNoA"] != ended.params["PhoneNoA"] {
		t.Errorf("query of an expired binding: %v", d)
	}
}

// TestQuerySubsID lists the bindings of an X as they come and go.
func TestQuerySubsID(t *testing.T) {
	e := serve(t, config(t, `
accounts: [{name: other, credentials: [{id: o, secret: s}], pools: [{key: O, numbers: {北京: [17300000000]}}]}]
pools: [{key: P, numbers: {北京: [17100000000, 17100000001]}}, {key: Q, numbers: {北京: [17200000000]}}]`), fixed)
	ask := func(pairs ...string) answer {
		return e.raw(t, newParams("QuerySubsId").with("PoolKey", "P", "PhoneNoX", "17100000000").with(pairs...).get())
	}
	if a := ask(); a.status != 200 || a.fields["Code"] != "OK" || a.fields["SubsId"] != "" || len(a.fields) != 4 {
		t.Errorf("nothing bound: %d %s", a.status, a.body)
	}
	var ids []string
	for range 3 {
		m := e.make(t, newBind().with("PoolKey", "P", "PhoneNoX", "17100000000"))
		ids = append(ids, m.id)
	}
	e.make(t, newBind().with("PoolKey", "P", "PhoneNoX", "17100000001"))
	for _, pairs := range [][]string{nil, {"PoolKey", "-"}, {"PoolKey", ""}} {
		a := ask(pairs...)
		got := strings.Split(a.fields["SubsId"], ",")
		slices.Sort(got)
		if a.status != 200 || a.fields["Code"] != "OK" || !slices.Equal(got, ids) {
			t.Errorf("%v: %d %s, want %v", pairs, a.status, a.body, ids)
		}
	}
	e.raw(t, newParams("UnbindSubscription").with("PoolKey", "P", "SubsId", ids[1], "SecretNo", "17100000000").get())
	if a := ask(); strings.Contains(a.body, ids[1]) || !strings.Contains(a.body, ids[0]) {
		t.Errorf("after an unbind: %s", a.body)
	}
	for _, c := range []struct {
		pairs  []string
		status int
		code   string
		text   string
	}{
		{[]string{"PoolKey", "nowhere"}, 400, "POOLKEY_NOT_EXIST", "poolKey not exsit."},
		{[]string{"PoolKey", "O"}, 400, "POOLKEY_NOT_EXIST", ""},
		{[]string{"PhoneNoX", "17999999999"}, 200, "isv.NO_NOT_EXIST", ""},
		{[]string{"PhoneNoX", "17200000000"}, 200, "isv.FORBIDDEN_ACTION", ""},
		{[]string{"PhoneNoX", "17300000000"}, 200, "isv.NO_USED_BY_OTHERS", ""},
		{[]string{"PhoneNoX", "17300000000", "PoolKey", "-"}, 200, "isv.NO_USED_BY_OTHERS", ""},
		{[]string{"PhoneNoX", "abc"}, 200, "isv.MOBILE_NUMBER_ILLEGAL", ""},
		{[]string{"PhoneNoX", ""}, 400, "MissingPhoneNoX", ""},
	} {
		a := ask(c.pairs...)
		if a.status != c.status || a.fields["Code"] != c.code || c.text != "" && a.fields["Message"] != c.text || a.fields["SubsId"] != "" {
			t.Errorf("%v: %d %s, want %d %s", c.pairs, a.status, a.body, c.status, c.code)
		}
		if gateway := a.fields["HostId"] != ""; gateway != (c.status == 400) {
			t.Errorf("%v: %s", c.pairs, a.body)
		}
	}
}

// TestOperationsInXML decodes the answers of all operations in XML: each has its own root.
func TestOperationsInXML(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	m := e.make(t, newBind())
	for _, p := range []params{
		m.on("QuerySubscriptionDetail"), m.on("UpdateSubscription", "OperateType", "updateOutId", "OutId", "<&>"),
		newParams("QuerySubsId").with("PoolKey", BuiltinPool, "PhoneNoX", m.x), m.on("UnbindSubscription"),
	} {
		a := e.raw(t, p.with("Format", "XML").get())
		var v struct {
			XMLName xml.Name
			Code    string
			SubsID  string `xml:"SubsId"`
		}
		if err := xml.Unmarshal([]byte(a.body), &v); err != nil || v.Code != "OK" || v.XMLName.Local != p["Action"]+"Response" {
			t.Errorf("%v %s", err, a.body)
		}
		if p["Action"] == "QuerySubsId" && v.SubsID != m.id {
			t.Errorf("%s, want %s", a.body, m.id)
		}
	}
}

// TestEveryParameterHasAField: what the documentation knows of, the emulator looks at, and nothing else.
func TestEveryParameterHasAField(t *testing.T) {
	fields := map[field]string{}
	look := func(name string) {
		f := fieldOf(name)
		if other := fields[f]; f == fieldCount || other != "" && other != name {
			t.Errorf("%s has field %d, like %q", name, f, other)
		}
		if fields[f] = name; spelt(name, false) != name || spelt(strings.ToLower(name), true) != name || spelt(strings.ToLower(name), false) != "" {
			t.Errorf("%s is not documented", name)
		}
	}
	for _, op := range contract.Operations {
		for _, p := range op.Params {
			look(p.Name)
		}
	}
	for _, p := range contract.CommonParams {
		if p.Name != "RegionId" && p.Name != "SignatureType" { // accepted, and without a meaning here
			look(p.Name)
		}
	}
	if len(fields) != int(fieldCount) {
		t.Errorf("%d fields for %d parameters", fieldCount, len(fields))
	}
	for _, name := range []string{"RegionId", "SignatureType", "OwnerId", "ResourceOwnerId", "ResourceOwnerAccount"} {
		if spelt(name, false) != name {
			t.Errorf("%s is not known", name)
		}
	}
	if spelt("Tag.1.Key", true) != "" {
		t.Error("what nobody documents is known")
	}
}
