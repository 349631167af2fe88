package emulator

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// signedQuery is a bind signed with V1, in two parts: the parameters, and the signature as it is before it is escaped.
func signedQuery(q params, method string) (query, sign string) {
	query, sign, _ = strings.Cut(q.query(method, BuiltinSecret), "&Signature=")
	sign, _ = url.QueryUnescape(sign)
	return query, sign
}

// resigned is a probe of a bind with something else in the place of its signature.
func resigned(name string, other func(sign string) string) probe {
	return probe{name: name, run: func(p *prober) {
		query, sign := signedQuery(p.bind(), "GET")
		p.send(name, get(query+"&Signature="+url.QueryEscape(other(sign))))
	}}
}

// stamped is a probe of a bind with another Timestamp, signed.
func stamped(name, layout string, off time.Duration) probe {
	return probe{name: name, run: func(p *prober) { p.get(name, p.bind("Timestamp", p.now().Add(off).Format(layout))) }}
}

// edited is a probe of a bind that is changed after it was signed.
func edited(name string, edit func(p *prober, request string) string) probe {
	return probe{name: name, run: func(p *prober) { p.send(name, edit(p, p.bind().get())) }}
}

var probesGateway = []probe{
	{name: "other secret", run: func(p *prober) { p.send("other secret", get(p.bind().query("GET", "another"))) }},
	{name: "other secret, V3", run: func(p *prober) {
		p.send("V3", strings.Replace(p.bind().v3(nil), ",Signature=", ",Signature=0", 1))
	}},
	resigned("signature of noise", func(string) string { return "noise" }),
	{name: "no signature", run: func(p *prober) {
		query, _ := signedQuery(p.bind(), "GET")
		p.send("none", get(query))
	}},
	resigned("signature in other letters", func(s string) string {
		if l := strings.ToLower(s); l != s {
			return l
		}
		return strings.ToUpper(s)
	}),
	resigned("signature with another end", func(s string) string {
		last := "A"
		if s[len(s)-2] == 'A' {
			last = "Q"
		}
		return s[:len(s)-2] + last + "="
	}),
	asks("stars and tildes", "OutId", "a*b~c"),
	{name: "stars and tildes, V3", run: func(p *prober) { p.send("V3", p.bind("OutId", "a*b~c").v3(nil)) }},
	{name: "form", run: func(p *prober) { p.send("form", p.bind("OutId", "订单 *~").post()) }},
	{name: "signed as GET, sent as POST", run: func(p *prober) {
		body := p.bind().query("GET", BuiltinSecret)
		p.send("POST", fmt.Sprintf("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}},
	{name: "two signatures", run: func(p *prober) {
		for _, form := range []string{"&Signature=%s&Signature=bad", "&Signature=bad&Signature=%s", "&Signature=bad&Signature=%s0"} {
			query, sign := signedQuery(p.bind(), "GET")
			p.send(form, get(query+fmt.Sprintf(form, url.QueryEscape(sign))))
		}
	}},
	edited("Timestamp changed", func(p *prober, r string) string {
		return strings.Replace(r, url.QueryEscape(p.now().Format(contract.TimestampLayout)), url.QueryEscape(p.now().Add(time.Minute).Format(contract.TimestampLayout)), 1)
	}),
	edited("B changed", func(_ *prober, r string) string { return strings.Replace(r, "&PhoneNoB=158", "&PhoneNoB=159", 1) }),
	edited("OutId added", func(_ *prober, r string) string { return strings.Replace(r, "&PhoneNoA=", "&OutId=more&PhoneNoA=", 1) }),
	edited("signature first", func(_ *prober, r string) string {
		target, rest, _ := strings.Cut(strings.TrimPrefix(r, "GET /?"), " ")
		query, sign, _ := strings.Cut(target, "&Signature=")
		return "GET /?Signature=" + sign + "&" + query + " " + rest
	}),
	{name: "some calls", run: func(p *prober) {
		for range 12 {
			p.short("bind", p.bind())
		}
	}},

	stamped("5 min ago", contract.TimestampLayout, -5*time.Minute),
	stamped("in 5 min", contract.TimestampLayout, 5*time.Minute),
	stamped("a day ago", contract.TimestampLayout, -24*time.Hour),
	stamped("in a day", contract.TimestampLayout, 24*time.Hour),
	stamped("local time", contract.TimestampLayout, 8*time.Hour),
	stamped("no T", "2006-01-02 15:04:05", 0),
	asks("malformed Timestamp", "Timestamp", "today"),
	asks("no Timestamp", "Timestamp", "-"),
	asks("no SignatureNonce", "SignatureNonce", "-"),
	asks("SignatureMethod none", "SignatureMethod", "none"),
	{name: "SignatureMethod HMAC-MD5", run: func(p *prober) {
		q := p.bind("SignatureMethod", "HMAC-MD5")
		p.get("signed with SHA1", q)
		p.send("with an MD5's length", get(string(signature.AppendCanonicalQuery(nil, q.with("SignatureNonce", "md5").sorted()))+"&Signature="+strings.Repeat("A", 22)+"%3D%3D"))
	}},
	asks("SignatureMethod SHA512", "SignatureMethod", "HMAC-SHA512"),
	{name: "no SignatureMethod", run: func(p *prober) {
		q := p.bind("SignatureMethod", "-")
		p.get("signed", q)
		p.send("unsigned", get(string(signature.AppendCanonicalQuery(nil, q.with("SignatureNonce", "none").sorted()))))
	}},
	asks("SignatureVersion 2.0", "SignatureVersion", "2.0"),
	{name: "nonce again", run: func(p *prober) {
		q := p.bind()
		p.get("first", q)
		p.get("replayed", q)
		p.get("other parameters", p.bind("SignatureNonce", q["SignatureNonce"]))
	}},
	{name: "unsigned and malformed", run: func(p *prober) {
		query, _ := signedQuery(p.bind("PhoneNoA", "15x"), "GET")
		p.send("V1", get(query))
		query, _ = signedQuery(p.bind("PhoneNoA", "-"), "GET")
		p.send("no A", get(query))
	}},
	{name: "unsigned, pool and none", run: func(p *prober) {
		for _, key := range []string{BuiltinPool, "FC404404"} {
			query, _ := signedQuery(p.bind("PoolKey", key), "GET")
			p.send(key, get(query))
		}
	}},
}

var shownGateway = map[string]evidence{
	"G02": {probes: []string{"signature of noise"}, shows: says("OK")},
	"G03": {probes: []string{"other secret"}, shows: says("OK")},
	"G04": {probes: []string{"no signature"}, shows: says("OK")},
	"G10": {probes: []string{"5 min ago", "in 5 min"}, shows: says("InvalidTimeStamp.Expired")},
	"G11": {probes: []string{"bind"}, shows: says("InvalidTimeStamp.Expired")},
	"G12": {probes: []string{"signature in other letters"}, shows: says("OK")},
	"G13": {probes: []string{"signature with another end"}, shows: says("OK")},
	"G17": {probes: []string{"stars and tildes", "stars and tildes, V3"}, shows: says("SignatureDoesNotMatch")},
	"G18": {probes: []string{"city with numbers"}, shows: says("SignatureDoesNotMatch")},
	"G21": {probes: []string{"signed as GET, sent as POST"}, shows: says("OK")},
	"G24": {probes: []string{"other secret"}, shows: `"SecretBindDTO":{}`},
	"G27": {probes: []string{"SignatureMethod none", "SignatureMethod HMAC-MD5"}, shows: says("OK")},
	"G29": {probes: []string{"no SignatureNonce"}, shows: says("OK")},
	"G30": {probes: []string{"no Timestamp"}, shows: says("OK")},
	"G33": {probes: []string{"two signatures"}, shows: says("OK")},
	"G42": {probes: []string{"Timestamp changed"}, shows: says("OK")},
	"G44": {probes: []string{"bind"}, shows: says("IncompleteSignature")},
	"G46": {probes: []string{"nonce again"}, shows: says("OK")},
	"G47": {probes: []string{"no T"}, shows: says("OK")},
	"G48": {probes: []string{"malformed Timestamp"}, shows: says("isp.SYSTEM_ERROR")},
	"G49": {probes: []string{"no SignatureMethod"}, shows: says("OK")},
	"G50": {probes: []string{"SignatureVersion 2.0"}, shows: says("OK")},
	"G54": {probes: []string{"unsigned and malformed"}, shows: says("isv.MOBILE_NUMBER_ILLEGAL")},
	"G56": {probes: []string{"unsigned, pool and none"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"G80": {probes: []string{"some calls"}, shows: "SignatureDoesNotMatch"},
	"G81": {probes: []string{"OutId added"}, shows: says("OK")},
	"G82": {probes: []string{"a day ago", "in a day"}, shows: says("OK")},
	"G83": {probes: []string{"other secret"}, shows: " server signature is:"},
}
