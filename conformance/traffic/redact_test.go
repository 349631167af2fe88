package traffic

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"axbench/conformance/client"
	"axbench/conformance/signature"

	"pgregory.net/rapid"
)

func TestPseudonymsAreOneToOne(t *testing.T) {
	r := newRedactor([]byte("key"), nil)
	for _, length := range []int{4, 5, 6, 7} { // whole domains: every number behind a leading 150
		seen := map[string]bool{}
		n := 1
		for range length - 3 {
			n *= 10
		}
		for i := range n {
			in := fmt.Sprintf("150%0*d", length-3, i)
			out := r.Number(in)
			if len(out) != length || out[:3] != "150" || seen[out] || strings.Trim(out, plainDigits) != "" {
				t.Fatalf("%s becomes %s", in, out)
			}
			seen[out] = true
		}
	}
}

func TestPseudonyms(t *testing.T) {
	r, again, other := newRedactor([]byte("key"), nil), newRedactor([]byte("key"), nil), newRedactor([]byte("other"), nil)
	digitsOnly := func(s string) string { return string(digitsOf(decodeAll(glyphsOf([]byte(s))))) }
	for _, in := range []string{"15010101010", "057188992688", "01062345678", "12345", "8615010101010", "123456789012345678901234567890"} {
		out := r.Number(in)
		if out == in || len(out) != len(in) || out[:3] != in[:3] {
			t.Errorf("%s becomes %s", in, out)
		}
		if again.Number(in) != out {
			t.Errorf("%s: another pseudonym under the same key", in)
		}
		if other.Number(in) == out {
			t.Errorf("%s: the same pseudonym under another key", in)
		}
	}
	long := strings.Repeat("0", 3+3*blockDigits)
	for out := r.Number(long)[3:]; out != ""; out = out[blockDigits:] {
		if out[:blockDigits] == long[:blockDigits] {
			t.Errorf("a block of a long number stays as it is: %s", out)
		}
	}
	plain := r.Number("15010101010")
	for in, form := range map[string]string{
		"150-1010-1010": "ddd-dddd-dddd", "+86 15010101010": "+dd ddddddddddd", "１５０１０１０１０１０": "ＤＤＤＤＤＤＤＤＤＤＤ", "150x1010y1010": "dddxddddydddd",
	} {
		out := r.Number(in)
		var shape strings.Builder
		for _, c := range out {
			switch {
			case c >= '0' && c <= '9':
				c = 'd'
			case c >= '０' && c <= '９':
				c = 'Ｄ'
			}
			shape.WriteRune(c)
		}
		if shape.String() != form || !strings.HasSuffix(digitsOnly(out), plain) {
			t.Errorf("%s becomes %s, want the digits of %s in the form %s", in, out, plain, form)
		}
	}
	for _, in := range []string{"", "1", "150", "abc"} {
		if out := r.Number(in); out != in {
			t.Errorf("%q becomes %q: there is nothing to hide in it", in, out)
		}
	}
}

func TestPseudonymsProperty(t *testing.T) {
	r := newRedactor([]byte("key"), nil)
	digits := rapid.StringMatching(`[0-9]{4,24}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := digits.Draw(t, "a"), digits.Draw(t, "b")
		pa, pb := r.Number(a), r.Number(b)
		if len(pa) != len(a) || pa[:3] != a[:3] || (a == b) != (pa == pb) {
			t.Fatalf("%s, %s become %s, %s", a, b, pa, pb)
		}
	})
}

func TestText(t *testing.T) {
	r := newRedactor([]byte("key"), []string{testSecret})
	mobile, landline, short := r.Number("15010101010"), r.Number("057188992688"), r.Number("0106234567")
	for _, tt := range []struct{ name, in, want string }{
		{"nothing to hide", `{"Code":"OK","Message":"请求成功"}`, `{"Code":"OK","Message":"请求成功"}`},
		{"mobile", "call 15010101010 now", "call " + mobile + " now"},
		{"landline of 12", "057188992688", landline},
		{"landline of 10", "0106234567", short},
		{"with country code", "+8615010101010", "+86" + mobile},
		{"SubsId of 16 digits", `"SubsId":"1000000768393849"`, `"SubsId":"1000000768393849"`},
		{"9 digits", "015010101", "015010101"},
		{"13 digits", "1501010101012", "1501010101012"},
		{"no mobile: 12…", "12010101010", "12010101010"},
		{"a UUID that ends in digits", "9297B722-A016-43FB-B51A-057188992688", "9297B722-A016-43FB-B51A-057188992688"},
		{"a hash that holds digits", "b1e4b3e1d2eb5cc9d5c15010101010ad", "b1e4b3e1d2eb5cc9d5c15010101010ad"},
		{"digits among letters", "abc15010101010def", "abc" + mobile + "def"},
		{"percent-encoded", "%31%35%30%31%30%31%30%31%30%31%30", mobile},
		{"half percent-encoded", "150101010%31%30", mobile},
		{"encoded twice", "1501010101%2530", mobile},
		{"encoded nine times", "1501010101%2525252525252525" + "30", mobile},
		{"JSON escapes", `\u00315010101010`, mobile},
		{"XML references", "1501010101&#48; 1501010101&#x30;", mobile + " " + mobile},
		{"full-width", "１５０１０１０１０１０", toWide(mobile)},
		{"full-width, percent-encoded", url.QueryEscape("１５０１０１０１０１０"), toWide(mobile)},
		{"full-width JSON", `\uff115010101010`, "１" + mobile[1:]},
		{"odd number with a label", `"SecretNo":"4001234567"`, `"SecretNo":"` + r.Number("4001234567") + `"`},
		{"odd number with an encoded label", `PhoneNoX%3D95123456%26Pool`, `PhoneNoX%3D` + r.Number("95123456") + `%26Pool`},
		{"label in XML", "<PhoneNoA>95123456</PhoneNoA>", "<PhoneNoA>" + r.Number("95123456") + "</PhoneNoA>"},
		{"secret", "x" + testSecret + "y", "x[removed]y"},
		{"secret in other case and encoding", "%73" + strings.ToUpper(testSecret[1:]), "[removed]"},
		{"access key id by its form", "key LTAI5tSomethingElse00 was", "key [removed] was"},
		{"named values", "AccessKeyId=abc&Signature=x%2By%3D&Action=BindAxb", "AccessKeyId=[removed]&Signature=[removed]&Action=BindAxb"},
		{"named values, encoded", "GET&%2F&AccessKeyId%3Dabc%26SignatureNonce%3D1-2%26Version%3D2017-05-25",
			"GET&%2F&AccessKeyId%3D[removed]%26SignatureNonce%3D[removed]%26Version%3D2017-05-25"},
		{"named values in JSON", `{"Signature": "abc","SignatureMethod":"HMAC-SHA1"}`, `{"Signature": "[removed]","SignatureMethod":"HMAC-SHA1"}`},
		{"the word alone", "Specified signature is not matched", "Specified signature is not matched"},
		{"control characters", "a\x1b[31mb\r\nc\x00\u202e\u0085", `a\x1b[31mb\r\nc\x00\u202e\u0085`},
		{"not UTF-8", "a\xffb\xc3", `a\xffb\xc3`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.Text([]byte(tt.in)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func toWide(digits string) string {
	var b strings.Builder
	for _, c := range digits {
		b.WriteRune(c - '0' + '０')
	}
	return b.String()
}

// hidden are what no record may hold, as they are and in forms that a reader would decode at once.
func hidden(t interface{ Errorf(string, ...any) }, record string, secrets ...string) {
	decoded := record
	for range 8 {
		for _, s := range secrets {
			if strings.Contains(strings.ToLower(decoded), strings.ToLower(s)) {
				t.Errorf("%q is in the record:\n%s", s, record)
				return
			}
		}
		decoded = string(view(nil, first(decode(glyphsOf([]byte(decoded))))))
	}
	if !utf8.ValidString(record) {
		t.Errorf("not UTF-8: %q", record)
	}
}

func first(gs []glyph, _ bool) []glyph { return gs }

func TestExchangeOfEveryKindOfCall(t *testing.T) {
	nonce := "sentinelNONCEvalue01"
	for _, cfg := range []client.Config{
		{Scheme: client.V1}, {Scheme: client.V1, Method: "POST"}, {Scheme: client.V1, Method: "POST", Place: client.Form},
		{Scheme: client.V3}, {Scheme: client.V3, Method: "POST"}, {Scheme: client.V3, Method: "POST", Place: client.Form},
	} {
		t.Run(fmt.Sprint(cfg.Scheme, " ", cfg.Method, " ", cfg.Place), func(t *testing.T) {
			signer := newSigner(t, cfg)
			req := bind(t, signer)
			x := signer.Explain(req.Operation, req.Memo.(*Memo).Params, []byte(nonce), testNow, client.NoFault)
			r := NewRedactor(testCreds.ID, testCreds.Secret, testCreds.Token)
			echo := `{"RequestId":"9297B722-A016-43FB-B51A-E54050D9369D","Code":"SignatureDoesNotMatch","Message":"server string to sign is:` +
				strings.ReplaceAll(x.StringToSign, "\n", `\n`) + ` PoolKey=FC123456&PhoneNoA=` + testA + `&PhoneNoB=` + testB + ` canonical [` + strings.ReplaceAll(x.Canonical, "\n", `\n`) + `] you sent ` + x.Signature + `"}`
			head := "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nSet-Cookie: session=sentinelCOOKIE\r\nX-Echo: " + testA + "\r\n"
			request, answer := r.Exchange(req.Bytes, []byte(head), []byte(echo), testA, testB)
			secrets := []string{testCreds.ID, testCreds.Secret, testCreds.Token, nonce, x.Signature, testA, testB, "sentinelCOOKIE"}
			hidden(t, request, secrets...)
			hidden(t, answer, secrets...)
			for _, number := range []string{testA, testB} {
				if p := r.Number(number); !strings.Contains(request, p) || !strings.Contains(answer, p) {
					t.Errorf("the pseudonym of a number is missing:\n%s\n%s", request, answer)
				}
			}
			for _, stays := range []string{"BindAxb", "FC123456", "2017-05-25", "2026-03-01"} {
				if !strings.Contains(request, stays) {
					t.Errorf("%s is missing:\n%s", stays, request)
				}
			}
			for _, stays := range []string{"9297B722-A016-43FB-B51A-E54050D9369D", "SignatureDoesNotMatch", "FC123456", "BindAxb", "400 Bad Request", "\nContent-Type: application/json\n"} {
				if !strings.Contains(answer, stays) {
					t.Errorf("%s is missing:\n%s", stays, answer)
				}
			}
		})
	}
}

func TestRequestKeepsOnlyWhatIsAllowed(t *testing.T) {
	r := NewRedactor()
	raw := "POST /?Action=BindAxb&NewSecret=sentinelNEW&%53ignature=sentinelSIG&PhoneNoA=0571-88992688&OutId=from+15010101010 HTTP/1.1\r\n" +
		"Host: h\r\nX-New: sentinelHEADER\r\nContent-Type: application/json\r\n\r\n" +
		`{"PhoneNoB":15020202020,"AccessKeyId":"sentinelAK","DtmfConfig":{"a":"15030303030"},"New":{"x":"sentinelBODY"}}`
	request, answer := r.Exchange([]byte(raw), nil, []byte("sentinelNEW sentinelSIG sentinelHEADER sentinelAK 0571-88992688 057188992688 15020202020 15030303030"))
	secrets := []string{"sentinelNEW", "sentinelSIG", "sentinelHEADER", "sentinelAK", "sentinelBODY", "88992688", "15010101010", "15020202020", "15030303030"}
	hidden(t, request, secrets...)
	hidden(t, answer, secrets...)
	want := "POST /?Action=BindAxb&NewSecret=[removed]&%53ignature=[removed]&PhoneNoA=" + r.Number("0571-88992688") + "&OutId=from+" + r.Number("15010101010") + " HTTP/1.1\n" +
		"Host: h\nX-New: [removed]\nContent-Type: application/json\n\n" +
		`{"PhoneNoB":` + r.Number("15020202020") + `,"AccessKeyId":"[removed]","DtmfConfig":{"a":"` + r.Number("15030303030") + `"},"New":"[removed]"}`
	if request != want {
		t.Errorf("got  %s\nwant %s", request, want)
	}
	if got := r.Number("057188992688"); !strings.Contains(answer, got) || strings.Replace(r.Number("0571-88992688"), "-", "", 1) != got {
		t.Errorf("with and without hyphen it is the same number: %s", answer)
	}
}

func TestANumberInsideAnother(t *testing.T) {
	r := NewRedactor()
	short, long := "15010101010", "777150101010107"
	for _, numbers := range [][]string{{short, long}, {long, short}} {
		_, answer := r.Exchange([]byte("GET / HTTP/1.1\r\n\r\n"), []byte("HTTP/1.1 200 OK"), []byte(short+" "+long), numbers...)
		if want := r.Number(short) + " " + r.Number(long); !strings.HasSuffix(answer, want) {
			t.Errorf("%v: %s, want %s", numbers, answer, want)
		}
	}
}

func TestRecordsAreBounded(t *testing.T) {
	r := NewRedactor()
	// A number across every place where something is cut off.
	for shift := range 12 {
		body := []byte(strings.Repeat("x", shift) + strings.Repeat("15010101010 ", 400_000/12))
		_, answer := r.Exchange([]byte("GET / HTTP/1.1\r\n\r\n"), []byte("HTTP/1.1 200 OK"), body)
		if len(answer) > maxRecord+len("[cut]") || !strings.HasSuffix(answer, "[cut]") {
			t.Fatalf("%d bytes, ends in %q", len(answer), answer[max(0, len(answer)-10):])
		}
		hidden(t, answer, "15010101010", "5010101010")
	}
	nested := []byte("1501010101%" + strings.Repeat("25", 8000) + "30")
	hidden(t, r.Text(nested), "1501010101")
}

func TestCompressedBodiesAreNotShown(t *testing.T) {
	r := NewRedactor()
	utf16 := make([]byte, 0, 64)
	for _, c := range []byte("call 15010101010") {
		utf16 = append(utf16, c, 0)
	}
	for name, body := range map[string][]byte{"gzip": {0x1f, 0x8b, 8, 0, 'a', 'b', 'c', 'd'}, "utf-16": utf16, "latin": bytes.Repeat([]byte{0xe9, 'a'}, 20)} {
		if _, answer := r.Exchange([]byte("GET / HTTP/1.1\r\n\r\n"), []byte("HTTP/1.1 200 OK"), body); !strings.Contains(answer, "bytes of binary not shown") {
			t.Errorf("%s is shown: %s", name, answer)
		}
	}
	if _, answer := r.Exchange([]byte("GET / HTTP/1.1\r\n\r\n"), []byte("HTTP/1.1 200 OK"), []byte("请求成功\n")); !strings.HasSuffix(answer, `请求成功\n`) {
		t.Errorf("text is not shown: %s", answer)
	}
}

// spell writes s so that a reader who decodes gets s: each byte as it is or escaped, to a random depth.
func spell(t *rapid.T, s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		depth := rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2, 3}).Draw(t, "depth")
		if depth == 0 {
			b.WriteByte(s[i])
			continue
		}
		one := fmt.Sprintf("%%%02X", s[i])
		if rapid.Bool().Draw(t, "lower") {
			one = strings.ToLower(one)
		}
		for range depth - 1 {
			one = strings.ReplaceAll(one, "%", "%25")
		}
		b.WriteString(one)
	}
	return b.String()
}

func TestNothingLeaksProperty(t *testing.T) {
	junk := rapid.SampledFrom([]string{" ", "&", "=", "\"", "%", "%2", "a", "Code", "PhoneNoA=", "\\u00", "&#", "\r\n", "中", "\xff", "1", "00", "{", "}", ":", "%26", "-", "Signature", "AccessKeyId%3D"})
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`1[3-9][0-9]{9}`).Draw(t, "a")
		b := rapid.StringMatching(`0[0-9]{9,11}`).Draw(t, "b")
		r := NewRedactor(testCreds.ID, testCreds.Secret, testCreds.Token)
		nonce := "sentinelNONCEvalue01"
		plant := []string{a, b, testCreds.ID, testCreds.Secret, testCreds.Token, nonce}
		var answer strings.Builder
		for range rapid.IntRange(1, 12).Draw(t, "parts") {
			if rapid.Bool().Draw(t, "junk") {
				answer.WriteString(junk.Draw(t, "text"))
			} else {
				// Something that is no digit before it: what a digit in front makes is another, longer number.
				answer.WriteString("|" + spell(t, rapid.SampledFrom(plant).Draw(t, "plant")))
			}
		}
		query := "PhoneNoA=" + spell(t, a) + "&PhoneNoB=" + spell(t, b) + "&SignatureNonce=" + nonce + "&AccessKeyId=" + testCreds.ID +
			"&OutId=" + string(signature.AppendEscaped(nil, answer.String()))
		request := "GET /?" + query + " HTTP/1.1\r\nHost: h\r\n\r\n"
		req, ans := r.Exchange([]byte(request), []byte("HTTP/1.1 200 OK\r\nX-A: "+answer.String()), []byte(answer.String()), a, b)
		hidden(t, req, plant...)
		hidden(t, ans, plant...)
	})
}

func FuzzExchange(f *testing.F) {
	f.Add([]byte("GET /?PhoneNoA=15010101010 HTTP/1.1\r\nHost: h\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\n"), []byte(`{"Code":"OK"}`))
	f.Add([]byte("POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{\"PhoneNoA\":1}"), []byte(""), []byte("%2531%"))
	f.Add([]byte(""), []byte("\n\n"), []byte("&#x;&#49\\u003"))
	f.Fuzz(func(t *testing.T, request, head, body []byte) {
		r := newRedactor([]byte("key"), []string{testSecret})
		req, ans := r.Exchange(request, head, body, testA)
		for _, s := range []string{req, ans} {
			if len(s) > maxRecord+len("[cut]") {
				t.Errorf("%d bytes", len(s))
			}
			hidden(t, s, testSecret, testA)
			if strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\n' }) {
				t.Errorf("control characters in %q", s)
			}
		}
	})
}
