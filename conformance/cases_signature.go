package conformance

import (
	"crypto/md5"
	"encoding/base64"
	"hash"
	"strings"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
)

// signatureCases hold what is signed and how it is compared (SIG). Times and nonces are in cases_signature_time.go, what a refused caller
// can find out or change in cases_signature_effect.go.
var signatureCases = append(append([]testCase{
	{"sig/vectors", []string{"SIG-1"}, nil, func(t *trial) {
		if broken := brokenVector(); broken != "" {
			panic("conformance: the signer does not sign vector " + broken)
		}
		t.accept(t.bind(), nil, "SIG-1")
		for _, sign := range []string{"+", "/"} {
			t.acceptedWith(sign)
		}
		nonce := newNonce()
		for _, last := range []string{"0", "1"} {
			r := t.bind().with(func(d *client.Draft) { d.Nonce = nonce + last })
			if x := t.suite.exchange(t.c, r); x.code == "SignatureNonceUsed" { // once: a second try would use it again
				t.holds(x, false, "OK: this nonce was not used before", "SIG-1")
			}
		}
	}},
	{"sig/unsigned", []string{"SIG-2", "SIG-17"}, nil, func(t *trial) {
		x := t.refuse(t.bind().with(unsigned).saying("a bind without Signature"), unauthenticated, "SIG-2")
		t.gatewayCode(x, "MissingSignature", "MissingParameter", "IncompleteSignature")
		t.refuse(t.bind().with(spoiled(func(string) string { return "" })).saying("a bind with an empty Signature"), unauthenticated, "SIG-2")
		random := t.bind().with(spoiled(func(string) string { return base64.StdEncoding.EncodeToString([]byte(newNonce()[:20])) }))
		x = t.refuse(random.saying("a bind with a random Signature"), unauthenticated, "SIG-2")
		t.gatewayCode(x, "SignatureDoesNotMatch")
		t.refuse(t.bind().with(unsigned).with(asForm).saying("a form without Signature"), unauthenticated, "SIG-2")
	}},
	{"sig/other-key", []string{"SIG-3"}, nil, func(t *trial) {
		t.refuse(t.bind().with(func(d *client.Draft) { d.BareKey = true }).saying("a bind signed with the secret without &"), unauthenticated, "SIG-3")
		t.refuse(t.bind().with(func(d *client.Draft) { d.Credentials.Secret = "" }).saying("a bind signed with an empty secret"), unauthenticated, "SIG-3")
		for _, near := range []struct {
			words string
			make  func(secret string) string
		}{
			{"the secret and more", func(s string) string { return s + "x" }},
			{"the secret without its last character", func(s string) string { return s[:max(0, len(s)-1)] }},
			{"the first half of the secret", func(s string) string { return s[:len(s)/2] }},
			{"the secret in the other case", otherCase},
		} {
			secret := near.make(t.credential("").Secret)
			if secret == t.credential("").Secret {
				continue
			}
			r := t.bind().with(func(d *client.Draft) { d.Credentials.Secret = secret })
			t.refuse(r.saying("a bind signed with "+near.words), unauthenticated, "SIG-3")
		}
	}},
	{"sig/changed-after", []string{"SIG-4"}, nil, changedAfter},
	{"sig/more-or-less", []string{"SIG-5"}, nil, moreOrLess},
	{"sig/canonical", []string{"SIG-6"}, nil, func(t *trial) {
		if !t.base.works {
			t.spaceless()
		}
		for _, way := range []edit{asGet, asForm} {
			if !t.usable(way) {
				continue
			}
			t.accept(t.bind().set("OutId", hostile).with(way).saying("an OutId of all that is to be escaped"), nil, "SIG-6")
			t.acceptUnless(t.bind().set("ExpectCity", "北京").with(way).saying("a city in Chinese"), noNumberThere, "SIG-6")
		}
		// An empty one may be refused for being empty, but it is signed (vector V6).
		t.acceptUnless(t.bind().set("OutId", "").saying("an empty OutId, signed"), []string{"isv.*", "Missing*", "InvalidOutId*", "InvalidParameter*"}, "SIG-6")
	}},
	{"sig/wire-form", []string{"SIG-7"}, nil, wireForm},
	{"sig/method", []string{"SIG-8"}, nil, func(t *trial) {
		as := func(method string) edit { return func(d *client.Draft) { d.SignAs = method } }
		t.refuse(t.bind().with(asGet).with(as("POST")).saying("signed as POST, sent by GET"), unauthenticated, "SIG-8")
		for _, way := range []edit{asPost, asForm} {
			r := t.bind().with(way).with(as("GET")).saying("signed as GET, sent by POST")
			if usable := t.usable(way); usable || t.send(r).ok() { // a refusal says something only where POST is served
				t.refuse(r, unauthenticated, "SIG-8")
			}
		}
	}},
	{"sig/exact", []string{"SIG-16"}, nil, func(t *trial) {
		for _, change := range []struct {
			words string
			make  func(string) string
		}{
			{"the last character of the signature changed", otherLast},
			{"one letter of the signature in the other case", func(s string) string { return flipped(s, 0) }},
			{"a later letter of the signature in the other case", func(s string) string { return flipped(s, len(s)/2) }},
			{"the signature without its last group", func(s string) string { return s[:len(s)-4] }},
			{"half of the signature", func(s string) string { return s[:len(s)/2] }},
			{"four characters of the signature", func(s string) string { return s[:4] }},
			{"the signature and more", func(s string) string { return s + "AAAA" }},
			{"the signature twice", func(s string) string { return s + s }},
		} {
			t.refuse(t.bind().with(spoiled(change.make)).saying("a bind with "+change.words), unauthenticated, "SIG-16")
		}
	}},
	{"sig/algorithm", []string{"SIG-13"}, nil, func(t *trial) {
		md := func(d *client.Draft) { d.Hash = func() hash.Hash { return md5.New() } }
		for _, method := range []string{"none", "HMAC-MD5"} {
			named := signedWith("SignatureMethod", method)
			t.refuse(t.bind().with(named).saying("SignatureMethod="+method+", signed with HMAC-SHA1"), unauthenticated, "SIG-13")
			t.refuse(t.bind().with(named).with(unsigned).saying("SignatureMethod="+method+" and no signature"), unauthenticated, "SIG-13")
			t.refuse(t.bind().with(named).with(md).saying("SignatureMethod="+method+", signed with HMAC-MD5"), unauthenticated, "SIG-13")
		}
		t.refuse(t.bind().with(md).saying("signed with HMAC-MD5"), unauthenticated, "SIG-13")
		t.refuse(t.bind().with(signedWith("SignatureMethod", "HMAC-SHA256")).saying("SignatureMethod=HMAC-SHA256, signed with HMAC-SHA1"), unauthenticated, "SIG-13")
		missing := without("SignatureMethod")
		t.refuse(t.bind().with(missing).saying("no SignatureMethod"), unauthenticated, "SIG-13")
		t.refuse(t.bind().with(missing).with(unsigned).saying("no SignatureMethod and no signature"), unauthenticated, "SIG-13")
	}},
	{"sig/version", []string{"SIG-14"}, nil, func(t *trial) {
		for _, version := range []string{"2.0", "1.1"} {
			t.refuse(t.bind().with(signedWith("SignatureVersion", version)).saying("SignatureVersion="+version), unauthenticated, "SIG-14")
		}
		t.refuse(t.bind().with(without("SignatureVersion")).saying("no SignatureVersion"), unauthenticated, "SIG-14")
	}},
	{"sig/required", []string{"SIG-15", "SIG-17"}, nil, func(t *trial) {
		for _, name := range []string{"Action", "Version", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"} {
			x := t.refuse(t.bind().with(without(name)).saying("no "+name), unauthenticated, "SIG-15")
			if name != "Action" && name != "Version" {
				t.gatewayCode(x, "Missing"+name, "MissingParameter", "Invalid"+name, "InvalidTimeStamp.Format", "IncompleteSignature")
			}
			t.refuseOnce(t.bind().with(signedWith(name, "")).saying("an empty "+name), unauthenticated, "SIG-15")
		}
	}},
}, signatureTimeCases...), signatureEffectCases...)

// unauthenticated is what may come of a call that is not signed as it must be: a refusal by whoever it is that looks at callers. What
// is said of numbers, dates and conflicts, and that something does not work at the moment, does not show that anybody looked.
var unauthenticated = oneOf(anyGateway, "isv.ILLEGAL_ARGUMENT", "isv.INVALID_PARAMETERS", "isv.FORBIDDEN_ACTION", "isv.ACCOUNT_*", "isv.PARTNER_*",
	"isv.PRODUCT_*", "isv.OUT_OF_SERVICE", "isp.RAM_PERMISSION_DENY", anyOther).orSkip(anyRefusal).
	worded("a refusal of the caller")

// otherCase is a text with its small letters as capitals, or with its capitals as small letters where it has none.
func otherCase(s string) string {
	if up := strings.ToUpper(s); up != s {
		return up
	}
	return strings.ToLower(s)
}

// hostile is the OutId of the catalogue's vectors: all that is escaped in a way of its own.
const hostile = `a b*c~d+e/%&=中"'`

// brokenVector names the first of the catalogue's vectors (section 8) that the signer of this suite does not sign as published, "" for
// none.
func brokenVector() string {
	sample := []traffic.Param{{Name: "PoolKey", Value: "FC123456"}, {Name: "PhoneNoA", Value: "15000000000"}, {Name: "PhoneNoB", Value: "15800000000"},
		{Name: "Expiration", Value: "2017-09-05 12:00:00"}}
	all := append(sample[:4:4], traffic.Param{Name: "ExpectCity", Value: "北京"}, traffic.Param{Name: "IsRecordingEnabled", Value: "true"},
		traffic.Param{Name: "PhoneNoX", Value: "17000000000"}, traffic.Param{Name: "OutId", Value: hostile})
	empty := append(sample[:4:4], traffic.Param{Name: "OutId", Value: ""})
	for _, v := range []struct {
		name, method string
		params       []traffic.Param
		want         string
	}{
		{"V3", "GET", sample, "3qmi7EBdSfy/MPzx+ukU+dLs5aY="}, {"V4", "POST", sample, "t3gIr6uCviYw/ZEPa/PNiChq/UQ="},
		{"V5", "GET", all, "rVoYsLVFSvOlWQxKiO03H+nndbg="}, {"V6", "GET", empty, "zhGmBf8b/LfQTaD/n3s9VV91+34="},
	} {
		d := client.Draft{Action: contract.BindAxb.Name, Params: v.params, Method: v.method, Nonce: "00000000-0000-4000-8000-000000000000",
			Time: time.Date(2017, 9, 5, 4, 0, 0, 0, time.UTC), Credentials: client.Credentials{ID: "testId", Secret: "testSecret"},
			Set: []traffic.Param{{Name: "RegionId", Value: "cn-hangzhou"}}}
		if d.Build("", "/").Signature != v.want {
			return v.name
		}
	}
	return ""
}

// signatureWith looks for a nonce with which the signature holds a character, or none of several.
func signatureWith(good func(signature string) bool) edit {
	return func(d *client.Draft) {
		for range 200 { // one in three has a given one, and as many have neither "+" nor "/"
			if good(d.Build("", "/").Signature) {
				return
			}
			d.Nonce = newNonce()
		}
	}
}

// acceptedWith holds SIG-1 for signatures with a character that is escaped on the wire, against those without one.
func (t *trial) acceptedWith(sign string) {
	with := func() *request {
		return t.bind().with(signatureWith(func(s string) bool { return strings.Contains(s, sign) })).saying("a bind whose signature holds " + sign)
	}
	first := t.send(with())
	if first.ok() {
		t.holds(first, true, "OK", "SIG-1")
		return
	}
	neither := t.bind().with(signatureWith(func(s string) bool { return !strings.ContainsAny(s, "+/") }))
	control, again := t.send(neither.saying("a bind whose signature holds neither + nor /")), t.send(with())
	switch {
	case again.ok():
		t.word(again, "INCONCLUSIVE", "OK (and the same call was accepted when it was repeated)", "SIG-1")
	case !control.ok() || !again.readable() || again.throttled():
		t.word(again, "INCONCLUSIVE", "OK", "SIG-1")
	default:
		t.holds(again, false, "OK (one whose signature holds neither + nor / is accepted)", "SIG-1")
	}
}

// flipped has the first letter from a place on in the other case; where there is none, the last character changed.
func flipped(s string, from int) string {
	for i := from; i < len(s); i++ {
		if c := s[i]; c|0x20 >= 'a' && c|0x20 <= 'z' && i < len(s)-2 { // the last two may not count whole
			return s[:i] + string(c^0x20) + s[i+1:]
		}
	}
	return otherLast(s)
}

// usable reports whether a plain bind sent in a way is accepted, so that a refusal of another sent so says something.
func (t *trial) usable(way edit) bool {
	return t.send(t.bind().with(way).saying("a plain bind for comparison")).ok()
}

// changedAfter signs one value of each parameter and sends another, which by itself is right (SIG-4): where a parameter is not
// covered by the signature the call is accepted.
func changedAfter(t *trial) {
	for _, way := range []struct {
		words string
		edit  edit
	}{{"in the query", asGet}, {"in a form", asForm}} {
		if !t.usable(way.edit) {
			continue
		}
		for i, p := range t.otherValues() {
			if t.stopped() != "" {
				return
			}
			r := t.full().with(way.edit).with(signedOtherwise(p.Name, p.Value)).saying(p.Name + " changed after signing, " + way.words)
			if i == 0 {
				t.refuse(r, unauthenticated, "SIG-4")
			} else {
				t.refuseOnce(r, unauthenticated, "SIG-4")
			}
		}
	}
}

// full is a bind with every parameter of the document but PhoneNoX.
func (t *trial) full() *request {
	r := t.bind().set("IsRecordingEnabled", "false").set("OutId", "order 1")
	return r.set("ExpectCity", t.city()).with(signedWith("RegionId", "cn-hangzhou"))
}

// city is one of which the main pool has numbers, as far as that is known.
func (t *trial) city() string {
	if p := t.provision.Pool("main"); p != nil && len(p.Numbers) > 0 {
		if _, ok := p.Numbers["北京"]; !ok {
			for city := range p.Numbers {
				return city
			}
		}
	}
	return "北京"
}

// otherValues are values that are signed in the place of those sent.
func (t *trial) otherValues() []traffic.Param {
	return []traffic.Param{
		{Name: "OutId", Value: "order 2"}, {Name: "PhoneNoA", Value: t.phones.a()}, {Name: "PhoneNoB", Value: t.phones.b()},
		{Name: "PoolKey", Value: "FC" + newNonce()[:8]}, {Name: "ExpectCity", Value: "上海市"}, {Name: "IsRecordingEnabled", Value: "true"},
		{Name: "Expiration", Value: "2035-01-01 00:00:00"}, {Name: "RegionId", Value: "cn-beijing"}, {Name: "Action", Value: "NoSuchAction"},
		{Name: "Version", Value: "1999-01-01"}, {Name: "Format", Value: "XML"}, {Name: "AccessKeyId", Value: "LTAI" + newNonce()[:12]},
		{Name: "SignatureNonce", Value: newNonce()}, {Name: "Timestamp", Value: timestamp(time.Now().Add(-time.Minute))},
		{Name: "SignatureMethod", Value: "HMAC-MD5"}, {Name: "SignatureVersion", Value: "2.0"},
	}
}

// moreOrLess adds and removes parameters after signing (SIG-5).
func moreOrLess(t *trial) {
	x := t.send(t.bind().saying("a bind that shows an X of the pool"))
	list := []*request{
		t.bind().with(added("OutId", "order 2")).saying("OutId added after signing"),
		t.bind().with(addedBehind("ExpectCity", t.city())).saying("ExpectCity added after signing, behind Signature"),
		t.bind().with(added("IsRecordingEnabled", "true")).with(asForm).saying("IsRecordingEnabled added to a form after signing"),
		t.bind().with(addedBehind("X-Trace", "1")).saying("an unknown parameter added after signing"),
		t.bind().with(added("RegionId", "cn-beijing")).saying("RegionId added after signing"),
		t.bind().with(added("SecurityToken", "none")).saying("SecurityToken added after signing"),
		t.bind().with(addedBehind("OwnerId", "1")).saying("OwnerId added after signing"),
		t.bind().with(addedBehind("OutId", "")).saying("an empty OutId added after signing"),
		t.bind().set("OutId", "order 1").with(takenOut("OutId")).saying("OutId left out after signing"),
		t.bind().with(signedWith("RegionId", "cn-hangzhou")).with(takenOut("RegionId")).saying("RegionId left out after signing"),
		t.bind().set("ExpectCity", t.city()).with(takenOut("ExpectCity")).with(asForm).saying("ExpectCity left out of a form after signing"),
		t.bind().set("OutId", "order 1").with(renamed("OutId", "ExpectCity")).saying("OutId sent as ExpectCity after signing"),
	}
	if x.bound() && x.secretNo != "" {
		list = append(list, t.bind().with(added("PhoneNoX", x.secretNo)).saying("PhoneNoX added after signing"))
	}
	for _, r := range list {
		t.refuse(r, unauthenticated, "SIG-5")
	}
	t.unsignedBody()
}

// spaceless finds out why no bind is accepted (SIG-6): where the signature of every call with a space does not match and that of one without
// does, the space is escaped wrongly.
func (t *trial) spaceless() {
	spaced := t.send(t.bind().saying("a bind with the space of its Expiration"))
	bare := t.send(t.dated("2017-09-05").saying("a bind with an Expiration without a space"))
	if spaced.code == "SignatureDoesNotMatch" && bare.known != nil && bare.known.Group == contract.Business {
		t.holds(spaced, false, "no other answer to the signature than where there is no space: "+bare.got(), "SIG-6")
	}
}

// unsignedBody adds PhoneNoX in a body that nobody signed, beside a signed query (SIG-5). An endpoint that does not look into such a body
// may accept the call; one that binds the X of it has taken what was not signed.
func (t *trial) unsignedBody() {
	one, other := t.twoX()
	if one == "" || !t.usable(asPost) {
		return
	}
	taken := 0
	var last *exchange
	for _, number := range []string{one, other} {
		last = t.send(t.bind().with(beside("PhoneNoX", number)).saying("PhoneNoX added in a body that is not signed"))
		if last.ok() && last.secretNo == number {
			taken++
		}
	}
	if last.readable() && !last.throttled() {
		got := orElse(map[bool]string{true: "the X of the body was bound, both times"}[taken == 2], last.got())
		t.saw(last, taken < 2, "a refusal, or the body is not looked into", got, "SIG-5")
	}
}

// wireForm sends right calls in other orders and escapes (SIG-7).
func wireForm(t *trial) {
	for _, way := range []edit{asGet, asForm} {
		if !t.usable(way) {
			continue
		}
		full := func() *request { return t.full().set("OutId", hostile).with(way) }
		for _, form := range []struct {
			words string
			edit  edit
		}{
			{"Signature first", rearranged(signatureFirst)},
			{"Signature last", rearranged(signatureLast)},
			{"Signature in the middle", rearranged(func(p []traffic.Param) []traffic.Param {
				p = signatureFirst(p)
				return append(append(append([]traffic.Param{}, p[1:5]...), p[0]), p[5:]...)
			})},
			{"the parameters in another order", rearranged(func(p []traffic.Param) []traffic.Param {
				p = append([]traffic.Param{}, p...)
				t.random.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
				return p
			})},
			{"the parameters in descending order", rearranged(func(p []traffic.Param) []traffic.Param {
				var out []traffic.Param
				for i := range p {
					out = append(out, p[len(p)-1-i])
				}
				return out
			})},
			{"escapes in small letters", escaped(lowerHex)},
			{"a space as +", escaped(plusForSpace)},
			{"* as it is", escaped(bareAsterisk)},
			{"letters escaped, too", escaped(everythingEscaped)},
		} {
			t.acceptUnless(full().with(form.edit).saying("a bind with "+form.words), noNumberThere, "SIG-7")
		}
	}
}
