package conformance

import (
	"strings"

	"axbench/conformance/client"
)

// flowLimitTable is what a call above the declared flow limit may get (COD-FLOW_LIMIT). The gateway's own throttles are others: then this one was
// not provoked.
var flowLimitTable = must("isv.FLOW_LIMIT").orSkip("Throttling*", "FlowLimited")

// declaredCodes are the codes that only a declaration can provoke, with what may come of the trigger: the notes of the catalogue, and the
// near twins of which the document does not say how they differ (COD-*).
var declaredCodes = []struct {
	code string
	want outcomes
}{
	{"isp.RAM_PERMISSION_DENY", must("isp.RAM_PERMISSION_DENY").orSkip("Forbidden*", "NoPermission*")},
	{"isv.OUT_OF_SERVICE", must("isv.OUT_OF_SERVICE", "isv.ACCOUNT_ABNORMAL")},
	{"isv.PRODUCT_UN_SUBSCRIPT", must("isv.PRODUCT_UN_SUBSCRIPT", "isv.PRODUCT_UNSUBSCRIBE")},
	{"isv.PRODUCT_UNSUBSCRIBE", must("isv.PRODUCT_UNSUBSCRIBE", "isv.PRODUCT_UN_SUBSCRIPT")},
	{"isv.ACCOUNT_NOT_EXISTS", must("isv.ACCOUNT_NOT_EXISTS", "isv.PARTNER_NOT_EXIST").orSkip("InvalidAccessKeyId*")},
	{"isv.ACCOUNT_ABNORMAL", must("isv.ACCOUNT_ABNORMAL", "isv.OUT_OF_SERVICE")},
	{"isp.SYSTEM_ERROR", must("isp.SYSTEM_ERROR", "isp.UNKNOWN_ERR_CODE")},
	{"isp.UNKNOWN_ERR_CODE", must("isp.UNKNOWN_ERR_CODE", "isv.VENDOR_BIND_FAILED")},
	{"isv.PARTNER_NOT_EXIST", must("isv.PARTNER_NOT_EXIST", "isv.ACCOUNT_NOT_EXISTS")},
	{"isv.PARTNER_IS_CLOSED", must("isv.PARTNER_IS_CLOSED")},
	{"isp.DAO_EXCEPTION", must("isp.DAO_EXCEPTION")},
	{"isp.VENDOR_UNAVAILABLE", must("isp.VENDOR_UNAVAILABLE")},
	{"isv.FORBIDDEN_ACTION", must("isv.FORBIDDEN_ACTION", "isv.NO_NOT_EXIST")},
	{"isv.NO_USED_BY_OTHERS", must("isv.NO_USED_BY_OTHERS", "isv.FORBIDDEN_ACTION", "isv.NO_NOT_EXIST")},
	{"isv.VENDOR_BIND_FAILED", must("isv.VENDOR_BIND_FAILED")},
	// Those that anybody can provoke have cases of their own; a declaration is one more way.
	{"isv.NO_NOT_EXIST", noNotExist},
	{"isv.ILLEGAL_ARGUMENT", must("isv.ILLEGAL_ARGUMENT").orSkip(anyGateway)},
	{"isv.NO_AVAILABLE_NUMBER", must("isv.NO_AVAILABLE_NUMBER", "isv.BIND_CONFLICT")},
	{"isv.FLOW_LIMIT", flowLimitTable},
	{"isv.EXPIRE_DATE_ILLEGAL", overTable},
	{"isv.MOBILE_NUMBER_ILLEGAL", must("isv.MOBILE_NUMBER_ILLEGAL", "isv.ILLEGAL_ARGUMENT")},
	{"isv.BIND_CONFLICT", must("isv.BIND_CONFLICT", "isv.NO_AVAILABLE_NUMBER")},
}

// noNotExist is what a well-formed X that nobody has may get: of which of three codes it is, the document leaves open.
var noNotExist = must("isv.NO_NOT_EXIST").orSkip("isv.FORBIDDEN_ACTION", "isv.NO_USED_BY_OTHERS")

// codeCases provoke each of the 23 codes (COD).
var codeCases = append([]testCase{
	{"cod/ok", []string{"COD-OK"}, nil, (*trial).plainBinds},
	{"cod/illegal-argument", []string{"COD-ILLEGAL_ARGUMENT"}, nil, func(t *trial) {
		const clause = "COD-ILLEGAL_ARGUMENT"
		r := t.bind().drop("PoolKey").saying("a bind without PoolKey")
		want := must("isv.ILLEGAL_ARGUMENT").orSkip(anyGateway)
		if t.send(r).gateway() {
			r = t.recording("maybe")
		}
		t.provoked(t.refuse(r, want, clause), "isv.ILLEGAL_ARGUMENT")
	}},
	{"cod/expire-date-illegal", []string{"COD-EXPIRE_DATE_ILLEGAL"}, nil, func(t *trial) {
		past := t.dated(t.in(-day).In(t.zone).Format("2006-01-02 15:04:05")).saying("a bind with an Expiration of yesterday")
		t.provoked(t.refuse(past, overTable, "COD-EXPIRE_DATE_ILLEGAL"), "isv.EXPIRE_DATE_ILLEGAL")
	}},
	{"cod/mobile-number-illegal", []string{"COD-MOBILE_NUMBER_ILLEGAL"}, nil, func(t *trial) {
		r := t.bind()
		r.set("PhoneNoA", letters(r.get("PhoneNoA"))).saying("a bind with letters in PhoneNoA")
		t.provoked(t.refuse(r, must("isv.MOBILE_NUMBER_ILLEGAL", "isv.ILLEGAL_ARGUMENT"), "COD-MOBILE_NUMBER_ILLEGAL"), "isv.MOBILE_NUMBER_ILLEGAL")
	}},
	{"cod/no-not-exist", []string{"COD-NO_NOT_EXIST"}, nil, func(t *trial) {
		r := t.bind().set("PhoneNoX", t.nobodysX()).saying("a bind with a PhoneNoX that is nobody's")
		if x := t.send(r); x.ok() && x.secretNo == r.get("PhoneNoX") && !t.complete("main") {
			r = t.renew(r).set("PhoneNoX", t.nobodysX()) // by chance it may have been one of the pool
		}
		t.provoked(t.refuse(r, noNotExist, "COD-NO_NOT_EXIST"), "isv.NO_NOT_EXIST")
	}},
	{"cod/bind-conflict", []string{"COD-BIND_CONFLICT"}, nil, func(t *trial) {
		const clause = "COD-BIND_CONFLICT"
		first := t.send(t.bind())
		if !first.ok() || first.secretNo == "" {
			t.word(first, "INCONCLUSIVE", "OK, so that its X can be asked for", clause)
			return
		}
		r := t.bind().set("PhoneNoA", first.req.get("PhoneNoA")).set("PhoneNoX", first.secretNo)
		r.saying("a bind of the A and the X of the bind before")
		t.provoked(t.refuse(r, must("isv.BIND_CONFLICT", "isv.NO_AVAILABLE_NUMBER"), clause), "isv.BIND_CONFLICT")
	}},
	{"cod/no-available-number", []string{"COD-NO_AVAILABLE_NUMBER", "INV-3"}, []need{needSize("small")}, func(t *trial) {
		t.exhaust("small")
	}},
	{"cod/no-available-number-in-city", []string{"COD-NO_AVAILABLE_NUMBER"}, []need{needPool("strict"), needEmptyCity("strict")}, func(t *trial) {
		if needSize("small")(t.suite) == "" {
			return // the pool that runs out says more: here the code is left open (PRM-CITY-4)
		}
		p := t.provision.Pool("strict")
		r := t.bind().set("PoolKey", p.Key).set("ExpectCity", p.EmptyCity).saying("a bind in a strict pool that has no number of the city")
		t.provoked(t.refuse(r, must("isv.NO_AVAILABLE_NUMBER").orSkip(anyBusiness), "COD-NO_AVAILABLE_NUMBER"), "isv.NO_AVAILABLE_NUMBER")
	}},
	{"cod/forbidden-action", []string{"COD-FORBIDDEN_ACTION"}, []need{needPool("foreign")}, func(t *trial) {
		if _, declared := t.provision.Codes["isv.FORBIDDEN_ACTION"]; declared {
			return
		}
		// An endpoint that knows the pools of an account only has no pool of that key.
		want := must("isv.FORBIDDEN_ACTION", "isv.NO_NOT_EXIST").orSkip("isv.ILLEGAL_ARGUMENT", "isv.PARTNER_NOT_EXIST", "isv.POOLKEY_NOT_EXISTS")
		r := t.bind().set("PoolKey", t.poolKey("foreign")).saying("a bind in a pool of another account")
		t.provoked(t.refuse(r, want, "COD-FORBIDDEN_ACTION"), "isv.FORBIDDEN_ACTION")
	}},
	{"cod/no-used-by-others", []string{"COD-NO_USED_BY_OTHERS"}, []need{needPool("foreign")}, func(t *trial) {
		_, declared := t.provision.Codes["isv.NO_USED_BY_OTHERS"]
		numbers := t.provision.Pool("foreign").All(1)
		if declared || len(numbers) == 0 {
			return
		}
		// Nobody said that the number is in use.
		want := must("isv.NO_USED_BY_OTHERS").orSkip("isv.FORBIDDEN_ACTION", "isv.NO_NOT_EXIST")
		r := t.bind().set("PhoneNoX", numbers[0]).saying("a bind with a PhoneNoX of another account")
		t.provoked(t.refuse(r, want, "COD-NO_USED_BY_OTHERS"), "isv.NO_USED_BY_OTHERS")
	}},
}, declaredCases()...)

// declaredCases are the cases of what the vendor declares under codes.
func declaredCases() (list []testCase) {
	for _, d := range declaredCodes {
		_, bare, _ := strings.Cut(d.code, ".")
		clause := "COD-" + bare
		name := "cod/declared-" + strings.ToLower(strings.ReplaceAll(bare, "_", "-"))
		list = append(list, testCase{name, []string{clause}, []need{needCode(d.code)}, func(t *trial) { t.declared(d.code, clause, d.want) }})
	}
	return list
}

// ownCases are the codes that are provoked without a declaration under codes: nothing is lacking where there is none.
var ownCases = map[string]bool{
	"isv.NO_NOT_EXIST": true, "isv.ILLEGAL_ARGUMENT": true, "isv.NO_AVAILABLE_NUMBER": true, "isv.FLOW_LIMIT": true, "isv.EXPIRE_DATE_ILLEGAL": true,
	"isv.MOBILE_NUMBER_ILLEGAL": true, "isv.BIND_CONFLICT": true,
}

// needCode wants a code to be declared: how it is met, or why it cannot be.
func needCode(code string) need {
	return func(s *suite) string {
		if _, ok := s.provision.Codes[code]; ok || ownCases[code] {
			return ""
		}
		return "codes." + code
	}
}

// needSize wants the number of X of a pool to be declared.
func needSize(name string) need {
	return func(s *suite) string {
		if p := s.provision.Pool(name); p != nil && (p.Size > 0 || p.Count() > 0) {
			return ""
		}
		return "pools." + name + ".size"
	}
}

// provoked notes that the code which was meant came.
func (t *trial) provoked(x *exchange, code string) {
	if x.code == code {
		t.codes.meant(code)
	}
}

// declared provokes a code in the way that the vendor says.
func (t *trial) declared(code, clause string, want outcomes) {
	how, ok := t.provision.Codes[code]
	switch {
	case !ok:
		return
	case how.Unprovocable != "":
		if st := t.clauses[clause]; st != nil {
			st.declared = how.Unprovocable
		}
		return
	}
	r := t.triggered(&how).saying("a bind with the sign that is declared for " + code)
	r.burst, r.meant = code == "isv.FLOW_LIMIT", code
	if how.Credential != "" {
		want = want.orSkip(anyGateway) // it may know the state of an account before the service does
		if how.Pool == "" && how.Credential != MainCredential && !t.ownsPool(how.Credential) {
			// In a pool of somebody else there are two faults in one call, and either may be answered.
			want = want.orSkip("isv.FORBIDDEN_ACTION", "isv.ILLEGAL_ARGUMENT", "isv.POOLKEY_NOT_EXISTS")
		}
	}
	if ownCases[code] && t.send(r).ok() {
		return // the sign may be part of a way only, such as the pool that runs out: the code's own case decides
	}
	t.provoked(t.refuse(r, want, clause), code)
}

// triggered is a bind with a declared sign.
func (t *trial) triggered(how *Provoke) *request {
	r := t.bind()
	if how.Credential != "" {
		r = t.bindAs(how.Credential)
	}
	r.trigger = true
	for _, p := range []struct{ name, value string }{
		{"PhoneNoA", how.PhoneA}, {"PhoneNoB", how.PhoneB}, {"PhoneNoX", how.PhoneX}, {"ExpectCity", how.City}, {"OutId", how.OutID},
	} {
		if p.value != "" {
			r.set(p.name, p.value)
		}
	}
	if how.Pool != "" {
		r.set("PoolKey", t.poolKey(how.Pool))
	}
	if len(how.Header) > 0 {
		r.with(func(d *client.Draft) {
			for name, value := range how.Header {
				d.Header(name, value)
			}
		})
	}
	return r
}

// letters spoils the end of a number.
func letters(number string) string { return number[:len(number)-4] + "abcd" }
