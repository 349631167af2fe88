package emulator

import (
	"fmt"
	"strings"
	"time"
)

// asks is a probe of one bind in another form.
func asks(name string, pairs ...string) probe {
	return probe{name: name, run: func(p *prober) { p.get(name, p.bind(pairs...)) }}
}

// ownX is the k-th of ten numbers of the built-in pool, in 上海, that no other probe asks for.
func (p *prober) ownX(k int) string { return fmt.Sprint(17000010000 + 10*p.number + k) }

// detail asks for a binding of the built-in pool.
func (p *prober) detail(bound observed) observed {
	return p.get("detail", p.params("QuerySubscriptionDetail", "PoolKey", BuiltinPool, "SubsId", bound.subs(), "PhoneNoX", bound.x()))
}

// told is a probe of a bind and of what a query says of it.
func told(name string, pairs ...string) probe {
	return probe{name: name, run: func(p *prober) { p.detail(p.get(name, p.bind(pairs...))) }}
}

// says is how an answer says a code.
func says(name string) string { return `"Code":"` + name + `"` }

var probesValidation = []probe{
	asks("pool missing", "PoolKey", "-"),
	asks("pool empty", "PoolKey", ""),
	asks("pool unknown", "PoolKey", "FC404404"),
	asks("pool of another account", "PoolKey", "FC999999"),
	asks("pool in small letters", "PoolKey", "fc123456"),
	asks("pool with a space", "PoolKey", "FC123456 "),
	asks("pool too long", "PoolKey", strings.Repeat("F", 65)),

	{name: "hyphen", run: func(p *prober) {
		n := p.phone("0571", 1)
		p.get("with", p.bind("PhoneNoA", n[:4]+"-"+n[4:], "PhoneNoX", p.ownX(0)))
		p.get("without", p.bind("PhoneNoA", n, "PhoneNoX", p.ownX(0)))
		p.get("B", p.bind("PhoneNoB", n[:4]+"-"+n[4:]))
	}},
	{name: "landlines", run: func(p *prober) {
		for _, of := range []string{"PhoneNoA", "PhoneNoB"} {
			for _, prefix := range []string{"01", "010", "0571"} {
				p.get(of+" "+prefix, p.bind(of, p.phone(prefix, p.calls)))
			}
		}
	}},
	{name: "short landlines", run: func(p *prober) {
		p.get("10 and 11 digits", p.bind("PhoneNoA", p.phone("01", 1), "PhoneNoB", p.phone("010", 1)))
	}},
	{name: "landline as B", run: func(p *prober) { p.get("B", p.bind("PhoneNoB", p.phone("0571", 1))) }},
	{name: "mobiles", run: func(p *prober) {
		for _, prefix := range []string{"139", "186", "199"} {
			p.get(prefix, p.bind("PhoneNoA", p.phone(prefix, 1), "PhoneNoB", p.phone(prefix, 2)))
		}
	}},
	{name: "zero in front", run: func(p *prober) {
		p.detail(p.get("with", p.bind("PhoneNoA", p.phone("0139", 1), "PhoneNoX", p.ownX(0))))
		p.get("without", p.bind("PhoneNoA", p.phone("139", 1), "PhoneNoX", p.ownX(0)))
	}},
	asks("A missing", "PhoneNoA", "-"),
	asks("A empty", "PhoneNoA", ""),
	asks("A malformed", "PhoneNoA", "1500000000a"),
	asks("B missing", "PhoneNoB", "-"),
	asks("B malformed", "PhoneNoB", "158 0000000"),
	{name: "A is B", run: func(p *prober) {
		p.get("A is B", p.bind("PhoneNoA", p.phone("150", 7), "PhoneNoB", p.phone("150", 7)))
	}},
	asks("X malformed", "PhoneNoX", "abcde"),
	asks("X empty", "PhoneNoX", ""),
	{name: "X given", run: func(p *prober) { p.get("X given", p.bind("PhoneNoX", p.ownX(0))) }},

	asks("over", "Expiration", "2020-01-01 00:00:00"),
	{name: "in 30 s", run: func(p *prober) { p.get("30 s", p.bind("Expiration", p.expires(30*time.Second))) }},
	{name: "in 2 min", run: func(p *prober) { p.get("2 min", p.bind("Expiration", p.expires(2*time.Minute))) }},
	told("date of ISO 8601", "Expiration", "2030-01-02T03:04:05Z"),
	told("date of the US", "Expiration", "01/02/2030"),
	asks("date without time", "Expiration", "2027-01-02"),
	asks("no leap year", "Expiration", "2027-02-29 00:00:00"),
	asks("far date", "Expiration", "9999-12-31 23:59:59"),
	asks("date missing", "Expiration", "-"),
	asks("date empty", "Expiration", ""),
	{name: "zones", run: func(p *prober) {
		for range 8 { // over where the endpoint is, to come in UTC
			p.short("zones", p.bind("Expiration", p.expires(-2*time.Hour)))
		}
	}},

	told("recording true", "IsRecordingEnabled", "true"),
	told("recording True", "IsRecordingEnabled", "True"),
	told("recording False", "IsRecordingEnabled", "False"),
	told("recording absent"),
	asks("recording maybe", "IsRecordingEnabled", "maybe"),
	{name: "OutIds", run: func(p *prober) {
		for _, id := range []string{"plain-1", "订单", `"quoted"`, "a&b", "50%"} {
			p.get(id, p.bind("OutId", id))
		}
	}},
	asks("city", "ExpectCity", "北京", "OutId", "city-1"),
	asks("later parameter", "ASRStatus", "false"),
	asks("unknown parameter", "Zzz", "1"),
	asks("all given", "ExpectCity", "北京", "OutId", "all-1", "IsRecordingEnabled", "False"),
	{name: "B twice", run: func(p *prober) {
		b := p.bind("PhoneNoB", p.phone("158", 1))
		two := "&PhoneNoB=" + b["PhoneNoB"] + "&PhoneNoB=" + p.phone("158", 2)
		o := p.send("twice", strings.Replace(b.get(), "&PhoneNoB="+b["PhoneNoB"], two, 1))
		p.note("used: %s", p.detail(o).fields["SecretBindDetailDTO.PhoneNoB"])
	}},
	{name: "one fault again and again", run: func(p *prober) {
		for range 8 {
			p.short("bad A", p.bind("PhoneNoA", "15x"))
		}
	}},
	{name: "two faults again and again", run: func(p *prober) {
		for range 8 {
			p.short("bad A, over", p.bind("PhoneNoA", "15x", "Expiration", "2020-01-01 00:00:00"))
		}
	}},
}

var shownValidation = map[string]evidence{
	"V01": {probes: []string{"pool missing"}, shows: says("OK")},
	"V03": {probes: []string{"pool empty"}, shows: says("OK")},
	"V04": {probes: []string{"pool unknown", "pool of another account"}, shows: says("OK")},
	"V05": {probes: []string{"pool in small letters", "pool with a space"}, shows: says("OK")},
	"V10": {probes: []string{"hyphen"}, shows: says("OK")},
	"V11": {probes: []string{"landlines"}, hides: says("OK")},
	"V12": {probes: []string{"landline as B"}, shows: says("isv.MOBILE_NUMBER_ILLEGAL")},
	"V17": {probes: []string{"A malformed"}, shows: says("isv.NO_NOT_EXIST")},
	"V19": {probes: []string{"over"}, shows: says("OK")},
	"V20": {probes: []string{"in 30 s"}, shows: says("OK")},
	"V21": {probes: []string{"date of ISO 8601", "date of the US"}, shows: says("OK")},
	"V22": {probes: []string{"date without time"}, shows: says("OK")},
	"V26": {probes: []string{"over"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"V29": {probes: []string{"recording true"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"V31": {probes: []string{"bind"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"V32": {probes: []string{"OutIds"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"V34": {probes: []string{"bind"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"V35": {probes: []string{"X empty"}, shows: says("isv.NO_NOT_EXIST")},
	"V36": {probes: []string{"later parameter", "unknown parameter"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"V37": {probes: []string{"B twice"}, shows: says("OK")},
	"V42": {probes: []string{"pool unknown"}, shows: says("isp.DAO_EXCEPTION")},
	"V44": {probes: []string{"pool too long"}, shows: says("isp.DAO_EXCEPTION")},
	"V48": {probes: []string{"mobiles"}, shows: says("isv.MOBILE_NUMBER_ILLEGAL")},
	"V49": {probes: []string{"landlines"}, shows: says("isv.MOBILE_NUMBER_ILLEGAL")},
	"V51": {probes: []string{"zero in front"}, shows: says("isv.BIND_CONFLICT")},
	"V56": {probes: []string{"B missing", "B malformed"}, shows: says("OK")},
	"V57": {probes: []string{"B malformed"}, shows: says("isv.NO_NOT_EXIST")},
	"V58": {probes: []string{"A is B"}, shows: says("isp.SYSTEM_ERROR")},
	"V59": {probes: []string{"bind"}, shows: says("isv.NO_AVAILABLE_NUMBER")},
	"V60": {probes: []string{"X malformed"}, shows: says("OK")},
	"V61": {probes: []string{"X malformed"}, shows: says("isp.SYSTEM_ERROR")},
	"V63": {probes: []string{"bind"}, shows: says("isv.NO_AVAILABLE_NUMBER")},
	"V66": {probes: []string{"bind"}, shows: says("isv.EXPIRE_DATE_ILLEGAL")},
	"V67": {probes: []string{"no leap year"}, shows: says("OK")},
	"V68": {probes: []string{"in 2 min"}, shows: says("isv.EXPIRE_DATE_ILLEGAL")},
	"V70": {probes: []string{"far date"}, shows: says("isv.EXPIRE_DATE_ILLEGAL")},
	"V75": {probes: []string{"recording False"}, shows: `"NeedRecord":true`},
	"V77": {probes: []string{"bind"}, shows: says("isp.SYSTEM_ERROR")},
	"V79": {probes: []string{"recording true"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"V81": {probes: []string{"one fault again and again"}, shows: "isv.ILLEGAL_ARGUMENT"},
	"V82": {probes: []string{"two faults again and again"}, shows: "isv.EXPIRE_DATE_ILLEGAL"},
	"V83": {probes: []string{"A missing", "A empty"}, shows: says("OK")},
	"V84": {probes: []string{"date missing", "date empty"}, shows: says("OK")},
	"V85": {probes: []string{"zones"}, shows: "OK"},
	"V86": {probes: []string{"bind"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"V87": {probes: []string{"recording maybe"}, shows: says("OK")},
}
