package emulator

import (
	"bytes"
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// window is how far a Timestamp may be off. The gateway's own text says 15 minutes; a page of today says 31.
const window = 15 * time.Minute

// Names of headers, as the server below spells them.
var (
	nameAuthorization = []byte("Authorization")
	nameAccept        = []byte("Accept")
	nameNonce         = []byte("X-Acs-Signature-Nonce")
	nameAction        = []byte("X-Acs-Action")
	nameVersion       = []byte("X-Acs-Version")
	nameDate          = []byte("X-Acs-Date")
	nameToken         = []byte("X-Acs-Security-Token")
)

// checkScheme finds out which signature the call has and where its common parameters are.
func (c *call) checkScheme() *row {
	head := &c.ctx.Request.Header
	authorization := head.PeekCanonical(nameAuthorization)
	if bytes.HasPrefix(authorization, []byte("ACS3-")) {
		c.v3 = true
	} else if c.values[fSignature] == "" && len(head.PeekCanonical(nameNonce)) > 0 {
		c.v3 = true // V3 without a signature
	}
	if !c.v3 {
		c.commonV1()
		if c.server.rules.Signatures == "v3" {
			return c.wrong(c.server.rows.signatureMethod, "SIG-13", "SignatureMethod")
		}
		return nil
	}
	c.common = common{
		action: text(head.PeekCanonical(nameAction)), version: text(head.PeekCanonical(nameVersion)), nonce: text(head.PeekCanonical(nameNonce)),
		timestamp: text(head.PeekCanonical(nameDate)), token: text(head.PeekCanonical(nameToken)),
	}
	if c.given.has(fFormat) {
		c.common.format = c.values[fFormat]
	} else if accept := head.PeekCanonical(nameAccept); hasFold(accept, "application/xml") || hasFold(accept, "text/xml") {
		c.common.format = "XML"
	}
	var ok bool
	if c.auth, ok = signature.ParseAuthorization(authorization); !ok || c.server.rules.Signatures == "v1" {
		return c.refuse(c.server.rows.incomplete, "SIG-2")
	}
	c.common.key = text(c.auth.Credential)
	return nil
}

// commonV1 picks the common parameters.
func (c *call) commonV1() {
	v := &c.values
	c.common = common{action: v[fAction], version: v[fVersion], key: v[fAccessKeyID], method: v[fSignatureMethod], signatureVersion: v[fSignatureVersion],
		nonce: v[fSignatureNonce], timestamp: v[fTimestamp], token: v[fSecurityToken], format: v[fFormat]}
}

// checkCommon wants every common parameter (SIG-13 to SIG-15). An empty one is a missing one.
func (c *call) checkCommon() *row {
	t := c.server.rows
	switch {
	case c.common.key == "":
		return c.wrong(t.find("MissingAccessKeyId"), "SIG-15", "AccessKeyId")
	case !c.v3 && c.common.method == "":
		return c.wrong(t.find("MissingSignatureMethod"), "SIG-15", "SignatureMethod")
	case !c.v3 && c.common.method != "HMAC-SHA1":
		return c.wrong(t.signatureMethod, "SIG-13", "SignatureMethod")
	case !c.v3 && c.common.signatureVersion == "":
		return c.wrong(t.find("MissingSignatureVersion"), "SIG-15", "SignatureVersion")
	case !c.v3 && c.common.signatureVersion != "1.0":
		return c.wrong(t.signatureVersion, "SIG-14", "SignatureVersion")
	case c.common.nonce == "":
		return c.wrong(t.find("MissingSignatureNonce"), "SIG-15", "SignatureNonce")
	case c.common.timestamp == "":
		return c.wrong(t.find("MissingTimestamp"), "SIG-15", "Timestamp")
	case !c.v3 && c.values[fSignature] == "":
		return c.wrong(t.find("MissingSignature"), "SIG-2", "Signature")
	}
	return nil
}

// checkTimestamp wants yyyy-MM-ddTHH:mm:ssZ, near enough to now.
func (c *call) checkTimestamp() *row {
	stamp, ok := parseTime(c.common.timestamp, 'T')
	if !ok {
		return c.wrong(c.server.rows.timeFormat, "SIG-12", "Timestamp")
	}
	if off := c.now.Sub(time.Unix(stamp, 0)); off > window || off < -window {
		return c.wrong(c.server.rows.timeExpired, "SIG-10", "Timestamp")
	}
	c.common.stamp = stamp
	return nil
}

// checkKey finds the key, by id and by whether the call brought a token.
func (c *call) checkKey() *row {
	keys := c.server.keys[c.common.key]
	if len(keys) == 0 {
		return c.wrong(c.server.rows.keyUnknown, "ACC-3", "AccessKeyId")
	}
	for _, k := range keys {
		if k.token != c.common.token {
			continue
		}
		switch c.key = k; {
		case k.inactive:
			return c.wrong(c.server.rows.keyInactive, "ACC-2", "AccessKeyId")
		case k.expired:
			return c.wrong(c.server.rows.tokenExpired, "ACC-2", "SecurityToken")
		}
		return nil
	}
	switch {
	case c.common.token == "":
		return c.wrong(c.server.rows.noToken, "ACC-5", "SecurityToken")
	case !tokenForm(c.common.token):
		return c.wrong(c.server.rows.tokenMalformed, "ACC-5", "SecurityToken")
	}
	return c.wrong(c.server.rows.tokenMismatch, "ACC-5", "SecurityToken")
}

// tokenForm reports whether s is made of what security tokens are made of: the characters of base64, with either alphabet, and
// the marks between its parts.
func tokenForm(s string) bool {
	for i := 0; i < len(s); i++ {
		b := s[i]
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte("+/=-_.:~", b) >= 0) {
			return false
		}
	}
	return true
}

// checkSignature signs what came and compares. A mismatch is answered with what was signed, as the gateway does.
func (c *call) checkSignature() *row {
	if c.v3 {
		return c.checkV3()
	}
	c.toSign = signature.AppendStringToSignV1(c.toSign[:0], c.method, c.params)
	k := c.key.v1.Get().(*signature.V1Key)
	c.signature = k.Append(c.signature[:0], c.toSign)
	c.key.v1.Put(k)
	if !signature.Equal(c.signature, []byte(c.values[fSignature])) {
		c.message = contract.MismatchV1 + string(c.toSign)
		return c.refuse(c.server.rows.mismatch, "SIG-3")
	}
	return nil
}

// mustSign are the headers that a V3 signature has to cover.
var mustSign = [...]string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}

func (c *call) checkV3() *row {
	covered := 0
	complete := true
	c.auth.Each(func(name []byte) bool {
		n := text(name)
		var value []byte
		switch n {
		case "host":
			value = c.ctx.Request.Header.Host()
		case "content-type":
			value = c.ctx.Request.Header.ContentType()
		default:
			value = c.ctx.Request.Header.Peek(n)
		}
		for _, m := range mustSign {
			if n == m {
				covered++
			}
		}
		c.headers = append(c.headers, signature.Header{Name: n, Value: text(bytes.TrimSpace(value))})
		complete = len(c.headers) <= maxParams
		return complete
	})
	if !complete || covered != len(mustSign) {
		return c.refuse(c.server.rows.incomplete, "SIG-4")
	}
	hash := signature.EmptyPayloadHash
	if body := c.ctx.Request.Body(); len(body) > 0 {
		start := len(c.arena)
		c.arena = signature.AppendPayloadHash(c.arena, body)
		hash = text(c.arena[start:])
	}
	c.canonical = signature.AppendCanonicalRequestV3(c.canonical[:0], c.method, "/", c.query, c.headers, hash)
	c.toSign = signature.AppendStringToSignV3(c.toSign[:0], c.canonical)
	k := c.key.v3.Get().(*signature.V3Key)
	c.signature = k.Append(c.signature[:0], c.toSign)
	c.key.v3.Put(k)
	if !signature.Equal(c.signature, c.auth.Signature) {
		c.message = contract.MismatchV3 + "[" + string(c.toSign) + "] server CanonicalRequest is [" + string(c.canonical) + "]"
		return c.refuse(c.server.rows.mismatch, "SIG-3")
	}
	return nil
}

// checkNonce lets a nonce of a key pass once. Only calls with a good signature get here, so that nobody can use up others'.
func (c *call) checkNonce() *row {
	if !c.server.nonces.first(c.key.hash, c.common.nonce, c.now.Unix()/60, c.common.stamp/60) {
		return c.wrong(c.server.rows.nonceUsed, "SIG-9", "SignatureNonce")
	}
	return nil
}

// parseTime reads yyyy-MM-dd, the separator, HH:mm:ss and, after a 'T', a 'Z', and returns seconds of 1970 as if it were UTC.
// Month and day may have one digit where the separator is a space: a client that binds until 2099-1-31 23:59:59 is served.
// What is no date is refused.
func parseTime(s string, separator byte) (seconds int64, ok bool) {
	if separator == 'T' {
		if s, ok = strings.CutSuffix(s, "Z"); !ok {
			return 0, false
		}
	}
	var v [6]int
	ends := [6]byte{'-', '-', separator, ':', ':', 0}
	for i := range v {
		digits := 0
		for digits < len(s) && s[digits]-'0' <= 9 {
			v[i] = v[i]*10 + int(s[digits]-'0')
			if digits++; digits > 4 {
				return 0, false
			}
		}
		want := 2
		if i == 0 {
			want = 4
		}
		if digits != want && !(digits == 1 && separator == ' ' && (i == 1 || i == 2)) {
			return 0, false
		}
		if s = s[digits:]; ends[i] != 0 {
			if s == "" || s[0] != ends[i] {
				return 0, false
			}
			s = s[1:]
		}
	}
	if s != "" || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > monthDays(v[0], v[1]) || v[3] > 23 || v[4] > 59 || v[5] > 59 {
		return 0, false
	}
	return ((int64(days(v[0], v[1], v[2]))*24+int64(v[3]))*60+int64(v[4]))*60 + int64(v[5]), true
}

func monthDays(year, month int) int {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	}
	return 30 + (month+month/8)%2
}

// days counts days from 1970-01-01, in years that begin in March so that the leap day comes last.
func days(year, month, day int) int {
	if month <= 2 {
		year, month = year-1, month+12
	}
	year += 400 // no negative ones
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468 - 146097
}
