package cmd

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/signature"
	"axbench/conformance/traffic"
)

const (
	plantedID    = "LTAI5tSENTINELid"
	plantedKey   = "sentinelSECRETsentinelSECRET99"
	plantedNonce = "0f9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b-7"
	plantedA     = "15012349876"
	plantedB     = "057188991234"
)

// explained signs one call and explains it against message, which is made from what was signed.
func explained(t *testing.T, scheme client.Scheme, code string, message func(e client.Explanation) string) explanation {
	t.Helper()
	creds := client.Credentials{ID: plantedID, Secret: plantedKey, Source: "test"}
	signer, err := client.New(client.Config{Scheme: scheme, Method: "GET", Host: "127.0.0.1:8080", Credentials: creds})
	if err != nil {
		t.Fatal(err)
	}
	params := []signature.Param{{Name: "PoolKey", Value: "FC123456"}, {Name: "PhoneNoA", Value: plantedA}, {Name: "PhoneNoB", Value: plantedB},
		{Name: "Expiration", Value: "2027-09-18 17:00:00"}, {Name: "ExpectCity", Value: "北京"}}
	e := signer.Explain("BindAxb", params, []byte(plantedNonce), time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), client.NoFault)
	x := &explainer{redactor: traffic.NewRedactor(creds.ID, creds.Secret), numbers: []string{plantedA, plantedB}, scheme: scheme}
	var known *contract.Code
	if code != "" {
		if known = contract.Edition2019.Find([]byte(code)); known == nil {
			t.Fatalf("no code %s", code)
		}
	}
	out := x.explain(e, known, message(e))
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{plantedID, plantedKey, plantedNonce, plantedA, plantedB, e.Signature} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s stands in the explanation: %s", secret, text)
		}
	}
	if len(out.Canonical) < 5 || out.StringToSign == "" {
		t.Errorf("the explanation is not whole: %s", text)
	}
	return out
}

func nothing(client.Explanation) string { return "" }

func echoOfV1(change func(sts string) string) func(client.Explanation) string {
	return func(e client.Explanation) string { return contract.MismatchV1 + change(e.StringToSign) }
}

func echoOfV3(change func(canonical string) string) func(client.Explanation) string {
	return func(e client.Explanation) string {
		return fmt.Sprintf("%s[%s] %s%s]", contract.MismatchV3, e.StringToSign, echoV3, change(e.Canonical))
	}
}

func replace(old, new string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, new, 1) }
}

func same(s string) string { return s }

func TestExplain(t *testing.T) {
	cases := []struct {
		name    string
		scheme  client.Scheme
		code    string
		message func(client.Explanation) string
		server  string   // what the explanation says of the server
		differ  []string // what differs, in part
	}{
		{"taken", client.V1, "OK", nothing, "it took the signature", nil},
		{"taken, another business code", client.V3, "isv.BIND_CONFLICT", nothing, "it took the signature", nil},
		{"refused for another reason", client.V1, "InvalidTimeStamp.Expired", nothing, "not about the signature's value", nil},
		{"no readable code", client.V1, "", nothing, "unknown", nil},
		{"no echo", client.V1, codeNoMatch, nothing, "does not say what", nil},
		{"V1, the same", client.V1, codeNoMatch, echoOfV1(same), "its secret is another one", nil},
		{"V1, method", client.V1, codeNoMatch, echoOfV1(replace("GET&", "POST&")), "something else", []string{"method GET POST"}},
		{"V1, value", client.V1, codeNoMatch, echoOfV1(replace("FC123456", "FC654321")), "something else", []string{"parameter PoolKey FC123456 FC654321"}},
		{"V1, encoding", client.V1, codeNoMatch, echoOfV1(replace("%2520", "%2B")), "something else", []string{"parameter Expiration 2027-09-18%2017%3A00%3A00 2027-09-18+17%3A00%3A00"}},
		{"V1, absent", client.V1, codeNoMatch, echoOfV1(replace("PoolKey%3DFC123456%26", "")), "something else", []string{"parameter PoolKey FC123456 (absent)"}},
		{"V1, added", client.V1, codeNoMatch, echoOfV1(func(s string) string { return s + "%26Zone%3D1" }), "something else", []string{"parameter Zone (absent)"}},
		{"V1, nonce", client.V1, codeNoMatch, echoOfV1(replace(plantedNonce, "another")), "something else", []string{"parameter SignatureNonce [removed] another value"}},
		{"V1, number", client.V1, codeNoMatch, echoOfV1(replace(plantedA, "15012349877")), "something else", []string{"parameter PhoneNoA 150"}},
		{"V1, order", client.V1, codeNoMatch, echoOfV1(func(s string) string {
			return strings.Replace(s, "PhoneNoA%3D"+plantedA+"%26PhoneNoB%3D"+plantedB, "PhoneNoB%3D"+plantedB+"%26PhoneNoA%3D"+plantedA, 1)
		}), "something else", []string{"order: parameter"}},
		{"V3, the same", client.V3, codeNoMatch, echoOfV3(same), "its secret is another one", nil},
		{"V3, header", client.V3, codeNoMatch, echoOfV3(replace("host:127.0.0.1:8080", "host:127.0.0.1")), "something else", []string{"header host 127.0.0.1:8080 127.0.0.1"}},
		{"V3, nonce header", client.V3, codeNoMatch, echoOfV3(replace(plantedNonce, "another")), "something else", []string{"header x-acs-signature-nonce [removed] another value"}},
		{"V3, body", client.V3, codeNoMatch, echoOfV3(func(s string) string { return s[:len(s)-2] + "00" }), "something else", []string{"hash of the body"}},
		{"V3, line breaks as text", client.V3, codeNoMatch, echoOfV3(func(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }), "its secret is another one", nil},
		{"V3, a wrong echo", client.V3, codeNoMatch, echoOfV3(func(string) string { return "x" }), "does not say what", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := explained(t, c.scheme, c.code, c.message)
			if !strings.Contains(got.Server, c.server) {
				t.Errorf("server: %q, want %q", got.Server, c.server)
			}
			var texts []string
			for _, d := range got.Differences {
				texts = append(texts, d.What+" "+d.Sent+" "+d.Server)
			}
			if len(texts) != len(c.differ) {
				t.Fatalf("differences: %q, want %q", texts, c.differ)
			}
			for i := range texts {
				if !strings.HasPrefix(texts[i], c.differ[i]) {
					t.Errorf("difference: %q, want %q", texts[i], c.differ[i])
				}
			}
		})
	}
}

// FuzzEcho: what a server repeats is foreign, and must neither break the reader nor carry a secret through it.
func FuzzEcho(f *testing.F) {
	for _, s := range []string{"", "x", "GET&%2F&A%3DB", "GET\n/\nA=B\nhost:x\n\nhost\n00", "GET&%2F&AccessKeyId%3D" + plantedID + " HTTP/1.1%26" + plantedA, "\r\n\r\n&&=%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x := &explainer{redactor: traffic.NewRedactor(plantedID, plantedKey), numbers: []string{plantedA}}
		for _, scheme := range []client.Scheme{client.V1, client.V3} {
			x.scheme = scheme
			message := contract.MismatchV1 + s
			if scheme == client.V3 {
				message = contract.MismatchV3 + echoV3 + s + "]"
			}
			if theirs, ok := echoed(scheme, message); ok {
				for _, d := range x.compare(&signed{method: "GET"}, theirs) {
					if strings.Contains(d.Server, plantedID) || strings.Contains(d.Server, "\r") || strings.Contains(d.Server, "\n") {
						t.Fatalf("%q leads to %q", s, d.Server)
					}
				}
			}
		}
	})
}
