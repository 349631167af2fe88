package emulator

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// stamp is a Timestamp that is off by d.
func stamp(d time.Duration) string { return noon.Add(d).Format(contract.TimestampLayout) }

// clausesSIG are the signature.
var clausesSIG = map[string]func(*trial){
	"SIG-1": func(tr *trial) {
		for range 12 { // some of the signatures have a "+" in them
			tr.ok("V1 with GET", tr.bind())
			tr.ok("V1 with POST", tr.call(newBind().post()))
		}
		tr.ok("V3", tr.call(newBind().v3(nil)))
	},
	"SIG-2": func(tr *trial) {
		tr.gateway("no signature", tr.call(bare(newBind().get())), "MissingSignature")
		tr.gateway("an empty one", tr.call(strings.Replace(bare(newBind().get()), "/?", "/?Signature=&", 1)), "MissingSignature")
		tr.gateway("a random one", tr.call(strings.Replace(bare(newBind().get()), "/?", "/?Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D&", 1)), "SignatureDoesNotMatch")
	},
	"SIG-3": func(tr *trial) {
		tr.gateway("another secret", tr.call(get(newBind().query("GET", "testsecre"))), "SignatureDoesNotMatch")
		tr.gateway("the secret with another end than &", tr.call(get(newBind().query("GET", BuiltinSecret+"&"))), "SignatureDoesNotMatch")
	},
	"SIG-4": func(tr *trial) {
		p := newBind().with("OutId", "o1", "ExpectCity", "c1", "PhoneNoX", "17000000009", "Timestamp", stamp(-time.Minute), "RegionId", "r1")
		for name, to := range map[string]string{"PoolKey": "FC000002", "PhoneNoA": "15011111111", "PhoneNoB": "15011111111", "PhoneNoX": "17000000008", "ExpectCity": "c2", "Expiration": later(48 * time.Hour),
			"OutId": "o2", "Timestamp": stamp(0), "SignatureNonce": "another", "RegionId": "r2", "AccessKeyId": "second"} {
			for _, place := range []func(params) string{params.get, params.post} {
				old, new := name+"="+url.QueryEscape(p[name]), name+"="+url.QueryEscape(to)
				request := strings.ReplaceAll(place(p.with("SignatureNonce", fmt.Sprint("s4", nonceCount.Add(1)))), "%20", "+")
				if name == "SignatureNonce" {
					old = "SignatureNonce="
					new = "SignatureNonce=x"
				}
				request = lengthened(tr.change(request, old, new))
				tr.gateway("another "+name, tr.call(request), "SignatureDoesNotMatch")
			}
		}
	},
	"SIG-5": func(tr *trial) {
		tr.gateway("PhoneNoX added", tr.call(strings.Replace(newBind().get(), "&Signature=", "&PhoneNoX=17000000001&Signature=", 1)), "SignatureDoesNotMatch")
		tr.gateway("a parameter that nobody knows added", tr.call(strings.Replace(newBind().get(), "/?", "/?Zzz=1&", 1)), "SignatureDoesNotMatch")
		tr.gateway("OutId dropped", tr.call(tr.change(newBind().with("OutId", "x").get(), "&OutId=x", "")), "SignatureDoesNotMatch")
	},
	"SIG-6": func(tr *trial) {
		tr.ok("characters of every kind", tr.bind("OutId", `a b*c~d+e/%&=中"'`, "ExpectCity", "北京"))
		tr.ok("the same in a form", tr.call(newBind().with("OutId", `a b*c~d+e/%&=中"'`, "ExpectCity", "北京").post()))
		tr.ok("the same with V3", tr.call(newBind().with("OutId", `a b*c~d+e/%&=中"'`, "ExpectCity", "北京").v3(nil)))
	},
	"SIG-7": func(tr *trial) {
		signed := func() (query, sign string) {
			query, sign, _ = strings.Cut(newBind().with("OutId", "a:b/c").query("GET", BuiltinSecret), "&Signature=")
			return query, "Signature=" + sign
		}
		q, s := signed()
		tr.ok("the signature first", tr.call(get(s+"&"+q)))
		q, s = signed()
		parts := strings.Split(q, "&")
		for i := range len(parts) / 2 {
			parts[i], parts[len(parts)-1-i] = parts[len(parts)-1-i], parts[i]
		}
		tr.ok("the other way round", tr.call(get(strings.Join(parts, "&")+"&"+s)))
		q, s = signed()
		tr.ok("escapes in small letters", tr.call(get(strings.NewReplacer("%3A", "%3a", "%2F", "%2f").Replace(q)+"&"+s)))
	},
	"SIG-8": func(tr *trial) {
		tr.gateway("signed for GET, sent with POST", tr.call("POST"+strings.TrimPrefix(strings.Replace(newBind().get(), "\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n", 1), "GET")), "SignatureDoesNotMatch")
		tr.gateway("signed for POST, sent with GET", tr.call(get(newBind().query("POST", BuiltinSecret))), "SignatureDoesNotMatch")
	},
	"SIG-9": func(tr *trial) {
		p := newBind()
		tr.ok("a nonce", tr.call(p.get()))
		tr.gateway("the same request", tr.call(p.get()), "SignatureNonceUsed")
		tr.gateway("the nonce with other parameters", tr.bind("SignatureNonce", p["SignatureNonce"]), "SignatureNonceUsed")
		tr.gateway("the nonce with another version of the signature", tr.call(p.v3(nil)), "SignatureNonceUsed")
		twin := newBind()
		codes := make([]string, 2)
		atOnce(2, func(i int) { r := tr.call(twin.get()); codes[i] = r.code() })
		if codes[0] == codes[1] || codes[0]+codes[1] != "OKSignatureNonceUsed" && codes[1]+codes[0] != "OKSignatureNonceUsed" {
			tr.fault("two at the same instant: %v", codes)
		}
	},
	"SIG-10": func(tr *trial) {
		for _, off := range []time.Duration{-24 * time.Hour, 24 * time.Hour, -20 * time.Minute, 20 * time.Minute, -15*time.Minute - time.Second} {
			tr.gateway("off by "+off.String(), tr.bind("Timestamp", stamp(off)), "InvalidTimeStamp.Expired")
		}
	},
	"SIG-11": func(tr *trial) {
		for _, off := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
			tr.ok("off by "+off.String(), tr.bind("Timestamp", stamp(off)))
		}
	},
	"SIG-12": func(tr *trial) {
		for _, text := range []string{noon.Format("2006-01-02 15:04:05"), noon.Format("2006-01-02T15:04:05"), noon.Format("2006-01-02T15:04:05.000Z"), noon.Format("2006-01-02T15:04:05+08:00"),
			fmt.Sprint(noon.Unix()), "2026-11-31T08:30:00Z", "now"} {
			tr.gateway(text, tr.bind("Timestamp", text), "InvalidTimeStamp.Format")
		}
	},
	"SIG-13": func(tr *trial) {
		tr.gateway("none", tr.bind("SignatureMethod", "none"), "InvalidSignatureMethod")
		tr.gateway("HMAC-MD5", tr.bind("SignatureMethod", "HMAC-MD5"), "InvalidSignatureMethod")
		tr.gateway("no method", tr.bind("SignatureMethod", "-"), "MissingSignatureMethod")
	},
	"SIG-14": func(tr *trial) {
		tr.gateway("2.0", tr.bind("SignatureVersion", "2.0"), "InvalidSignatureVersion")
		tr.gateway("no version", tr.bind("SignatureVersion", "-"), "MissingSignatureVersion")
	},
	"SIG-15": func(tr *trial) {
		for _, name := range []string{"Action", "Version", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"} {
			tr.gateway("no "+name, tr.bind(name, "-"), "Missing"+name)
		}
	},
	"SIG-16": func(tr *trial) {
		for range 4 {
			for name, bend := range map[string]func(string) string{
				"the last letter changed":    func(s string) string { return flip(s, len(s)-2) },
				"a letter in the other case": func(s string) string { return strings.Map(swapFirst(), s) },
				"the first letter changed":   func(s string) string { return flip(s, 0) },
				"cut":                        func(s string) string { return s[:len(s)-1] },
				"something behind it":        func(s string) string { return s + "A" },
			} {
				query, sign, _ := strings.Cut(newBind().query("GET", BuiltinSecret), "&Signature=")
				plain, _ := url.QueryUnescape(sign)
				tr.gateway(name, tr.call(get(query+"&Signature="+url.QueryEscape(bend(plain)))), "SignatureDoesNotMatch")
			}
		}
	},
	"SIG-17": func(tr *trial) {
		p := newBind()
		tr.ok("for a used nonce", tr.call(p.get()))
		for code, r := range map[string]reply{
			"SignatureDoesNotMatch": tr.call(get(newBind().query("GET", "wrong"))), "SignatureNonceUsed": tr.call(p.get()), "InvalidTimeStamp.Expired": tr.bind("Timestamp", stamp(-time.Hour)),
			"InvalidTimeStamp.Format": tr.bind("Timestamp", "x"), "MissingSignatureNonce": tr.bind("SignatureNonce", "-"), "IncompleteSignature": tr.call(newBind().v3(noAuthorization)),
		} {
			if tr.gateway(code, r, code); r.status != 400 {
				tr.fault("%s: HTTP status %d", code, r.status)
			}
		}
		if r := tr.as("nobody"); r.status != 404 || r.code() != "InvalidAccessKeyId.NotFound" {
			tr.fault("an unknown key: %d %s", r.status, r.code())
		}
	},
	"SIG-18": func(tr *trial) {
		tr.panel()
		for _, format := range []string{"JSON", "XML"} {
			p := newBind().with("Format", format)
			sign := string(signature.NewV1Key(BuiltinSecret).Append(nil, signature.AppendStringToSignV1(nil, "GET", p.sorted())))
			r := tr.call(get(p.query("GET", "wrong")))
			if strings.Contains(r.body, sign) || strings.Contains(r.body, url.QueryEscape(sign)) {
				tr.fault("the valid signature is in %s", r.body)
			}
		}
	},
	"SIG-19": func(tr *trial) {
		const a = "15098000001"
		for range 20 {
			p := newBind().with("PoolKey", "FC000002", "PhoneNoA", a)
			tr.gateway("a bad signature", tr.call(get(p.query("GET", "wrong"))), "SignatureDoesNotMatch")
		}
		if n := tr.capacity(BuiltinID, BuiltinSecret, "FC000002", a, 5); n != 3 {
			tr.fault("a pool of three took %d binds after 20 that were not let in", n)
		}
	},
	"SIG-20": func(tr *trial) {
		for _, spell := range []func(params) string{func(p params) string { return bare(p.get()) }, func(p params) string { return get(p.query("GET", "wrong")) }} {
			want := tr.call(spell(newBind()))
			for _, pairs := range [][]string{{"PhoneNoA", "x"}, {"PoolKey", "nowhere"}, {"PoolKey", "FC000002"}, {"Expiration", "x"}, {"PhoneNoB", "-"}, {"PhoneNoA", "-"}, {"PhoneNoX", "17099999990"}} {
				if got := tr.call(spell(newBind().with(pairs...))); got.code() != want.code() || got.status != want.status {
					tr.fault("an unknown caller with %v: %d %s, else %d %s", pairs, got.status, got.code(), want.status, want.code())
				}
			}
		}
	},
	"SIG-21": func(tr *trial) {
		behind := func(p params, more string) reply { return tr.call(get(p.query("GET", BuiltinSecret) + "&" + more)) }
		if r := behind(newBind().with("PhoneNoX", "17000000011"), "PhoneNoX=17000000012"); r.code() == "OK" && r.x() != "17000000011" {
			tr.fault("PhoneNoX twice: the one that was not signed is used")
		}
		if r := behind(newBind().with("OutId", "a"), "OutId=b"); r.code() == "OK" {
			tr.fault("OutId twice: %s", r.body)
		}
		tr.refused("Signature twice", behind(newBind(), "Signature=x"))
		q, s, _ := strings.Cut(newBind().query("GET", BuiltinSecret), "&Signature=")
		tr.refused("Signature twice, the good one behind", tr.call(get(q+"&Signature=x&Signature="+s)))
	},
}

// flip changes the letter at an index.
func flip(s string, at int) string {
	c := byte('A')
	if s[at] == c {
		c = 'B'
	}
	return s[:at] + string(c) + s[at+1:]
}

// swapFirst returns a mapping that changes the case of the first letter it meets.
func swapFirst() func(rune) rune {
	done := false
	return func(c rune) rune {
		if done || !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return c
		}
		done = true
		return c ^ 0x20
	}
}
