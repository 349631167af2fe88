package emulator

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// clausesACC are accounts and credentials.
var clausesACC = map[string]func(*trial){
	"ACC-1": func(tr *trial) {
		tr.refused("an account that nobody verified", tr.as("unverified", "PoolKey", "FC-unverified"))
	},
	"ACC-2": func(tr *trial) {
		tr.gateway("an inactive key", tr.as("inactive"), "InvalidAccessKeyId.Inactive")
	},
	"ACC-3": func(tr *trial) {
		tr.gateway("a random key", tr.as("LTAI5tNobody"), "InvalidAccessKeyId.NotFound")
		tr.gateway("a deleted key", tr.as("deleted"), "InvalidAccessKeyId.NotFound")
	},
	"ACC-4": func(tr *trial) {
		p := newBind().with("PhoneNoX", "17000000001")
		tr.ok("the first key", tr.call(p.get()))
		tr.ok("the second key", tr.as("second"))
		tr.wants("the same A on the same X, with the second key", tr.as("second", "PhoneNoX", "17000000001", "PhoneNoA", p["PhoneNoA"]), "isv.BIND_CONFLICT")
	},
	"ACC-5": func(tr *trial) {
		tr.gateway("another secret", tr.call(get(newBind().query("GET", "second-secret"))), "SignatureDoesNotMatch")
		tr.gateway("another id", tr.call(get(newBind().with("AccessKeyId", "second").query("GET", BuiltinSecret))), "SignatureDoesNotMatch")
	},
}

// clausesTRN are the transport. Those that have only a panel are about every answer.
var clausesTRN = map[string]func(*trial){
	"TRN-1": func(tr *trial) {
		tr.ok("BindAxb", tr.bind())
		tr.gateway("an action that there is not", tr.bind("Action", "NoSuchAction"), "InvalidAction.NotFound")
		tr.gateway("other letters", tr.bind("Action", "bindaxb"), "InvalidAction.NotFound")
	},
	"TRN-2": func(tr *trial) {
		tr.ok("2017-05-25", tr.bind("Version", "2017-05-25"))
		tr.gateway("1999-01-01", tr.bind("Version", "1999-01-01"), "InvalidVersion")
	},
	"TRN-3": func(tr *trial) {
		tr.ok("cn-hangzhou", tr.bind("RegionId", "cn-hangzhou"))
		tr.ok("no region", tr.bind())
	},
	"TRN-4": func(tr *trial) {
		tr.ok("GET", tr.bind())
		tr.ok("POST, parameters in a form", tr.call(newBind().post()))
		tr.ok("POST, parameters in the query", tr.call(newBind().postQuery()))
	},
	"TRN-5": func(tr *trial) {
		tr.panel()
		r := tr.bind("ExpectCity", "北京", "OutId", "订单一号")
		if tr.ok("Chinese", r); !strings.HasPrefix(r.x(), "170000") || r.x() >= "17000010000" {
			tr.fault("X %s is not in 北京", r.x())
		}
		if m := tr.bind("PhoneNoA", "x").texts["Message"]; m != "号码格式非法" || !utf8.ValidString(m) {
			tr.fault("message %q", m)
		}
	},
	"TRN-6": func(tr *trial) {
		tr.panel()
		for _, format := range []string{"JSON", "json", "-"} {
			if r := tr.bind("Format", format); r.xml || r.code() != "OK" {
				tr.fault("Format %s: %d %s", format, r.status, r.body)
			}
		}
		for _, format := range []string{"XML", "xml"} {
			if r := tr.bind("Format", format); !r.xml || r.code() != "OK" || r.root != "BindAxbResponse" {
				tr.fault("Format %s: %d %s", format, r.status, r.body)
			}
		}
		tr.gateway("a format that there is not", tr.bind("Format", "YAML"), "InvalidParameter.Format")
	},
	"TRN-7": (*trial).panel,
	"TRN-8": (*trial).panel,
	"TRN-9": func(tr *trial) {
		tr.panel()
		a, b := newBind().with("PhoneNoX", "17000000001"), newBind().with("PhoneNoX", "17000000002", "PhoneNoB", "1")
		first, second := tr.pair(a.get(), b.get())
		if first.x() != "17000000001" || second.code() != "isv.MOBILE_NUMBER_ILLEGAL" {
			tr.fault("answers on one connection: %s, %s", first.body, second.body)
		}
	},
	"TRN-10": (*trial).panel,
	"TRN-11": (*trial).panel,
	"TRN-12": (*trial).panel,
	"TRN-13": (*trial).panel,
	"TRN-14": func(tr *trial) {
		tr.panel()
		for range 12 {
			r := tr.call(get(newBind().query("GET", "wrong")))
			tr.gateway("a bad signature", r, "SignatureDoesNotMatch")
			if r.texts["RequestId"] == "" || r.texts["Message"] == "" {
				tr.fault("no form: %s", r.body)
			}
		}
	},
}

// pair sends two requests over one connection.
func (tr *trial) pair(first, second string) (reply, reply) {
	r := tr.pipeline(first, second)
	return r[0], r[1]
}

// panel sends calls of every kind, so that what is about every answer has something to be broken by: enough of them for a
// fault of one call in ten.
func (tr *trial) panel() {
	plain := strings.Replace(newBind().get(), "\r\n\r\n", "\r\nAccept-Encoding: identity\r\n\r\n", 1)
	tr.ok("a bind", tr.call(plain))
	again := newBind()
	tr.call(again.get())
	tr.call(again.with("SignatureNonce", again["SignatureNonce"]+"b").get())
	tr.pair(newBind().get(), newBind().post())
	tr.pair(newBind().get(), newBind().with("PhoneNoA", "x").get())
	tr.call(newBind().v3(nil))
	tr.call(newBind().v3(func(h http.Header) { h.Set("x-acs-date", "x") }))
	for _, format := range []string{"JSON", "XML", "-"} {
		for _, with := range [][]string{{}, {"PhoneNoA", "x"}, {"PoolKey", "-"}, {"Expiration", "2020-01-01 00:00:00"}, {"Version", "1"}, {"PhoneNoA", "-"}, {"PhoneNoX", "17000000001"},
			{"PhoneNoA", magic("isp.SYSTEM_ERROR")}, {"PhoneNoA", magic("isp.DAO_EXCEPTION")}} {
			tr.bind(append([]string{"Format", format}, with...)...)
		}
		tr.call(get(newBind().with("Format", format).query("GET", "wrong")))
	}
}
