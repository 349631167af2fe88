package signature_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"axbench/conformance/signature"
)

func TestParseAuthorization(t *testing.T) {
	const good = "ACS3-HMAC-SHA256 Credential=testId,SignedHeaders=host;x-acs-date,Signature=ab12"
	tests := []struct {
		name, in string
		ok       bool
	}{
		{"documented", good, true},
		{"spaces behind commas", strings.ReplaceAll(good, ",", ", "), true},
		{"another order", "ACS3-HMAC-SHA256 Signature=ab12,Credential=testId,SignedHeaders=host;x-acs-date", true},
		{"empty", "", false},
		{"another algorithm", strings.Replace(good, "SHA256", "SM3", 1), false},
		{"no space", strings.Replace(good, " ", "", 1), false},
		{"no credential", "ACS3-HMAC-SHA256 SignedHeaders=host,Signature=ab12", false},
		{"no headers", "ACS3-HMAC-SHA256 Credential=testId,Signature=ab12", false},
		{"no signature", "ACS3-HMAC-SHA256 Credential=testId,SignedHeaders=host", false},
		{"empty signature", "ACS3-HMAC-SHA256 Credential=testId,SignedHeaders=host,Signature=", false},
		{"twice", good + ",Signature=ab12", false},
		{"something else", good + ",Extra=1", false},
		{"trailing comma", good + ",", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, ok := signature.ParseAuthorization([]byte(tt.in))
			if ok != tt.ok {
				t.Fatalf("ok = %v, want %v", ok, tt.ok)
			}
			if !ok {
				return
			}
			same(t, "credential", a.Credential, "testId")
			same(t, "headers", a.SignedHeaders, "host;x-acs-date")
			same(t, "signature", a.Signature, "ab12")
			var names []string
			for name := range a.Each {
				names = append(names, string(name))
			}
			if !slices.Equal(names, []string{"host", "x-acs-date"}) {
				t.Errorf("names %q", names)
			}
			for range a.Each {
				break // ends without a panic
			}
		})
	}
}

func FuzzParseAuthorization(f *testing.F) {
	for _, raw := range wireFiles(f) {
		if _, rest, ok := bytes.Cut(raw, []byte("Authorization: ")); ok {
			value, _, _ := bytes.Cut(rest, []byte("\r\n"))
			f.Add(value)
		}
	}
	f.Add([]byte("ACS3-HMAC-SHA256 ,,="))
	f.Fuzz(func(t *testing.T, in []byte) {
		a, ok := signature.ParseAuthorization(in)
		if !ok {
			if a.Credential != nil || a.SignedHeaders != nil || a.Signature != nil {
				t.Fatalf("refused and filled: %q", a)
			}
			return
		}
		if len(a.Credential) == 0 || len(a.SignedHeaders) == 0 || len(a.Signature) == 0 {
			t.Fatalf("accepted with an empty part: %q", in)
		}
		rebuilt := slices.Concat([]byte("ACS3-HMAC-SHA256 Credential="), a.Credential, []byte(",SignedHeaders="), a.SignedHeaders, []byte(",Signature="), a.Signature)
		again, ok := signature.ParseAuthorization(rebuilt)
		if !ok || !bytes.Equal(again.Signature, a.Signature) || !bytes.Equal(again.Credential, a.Credential) || !bytes.Equal(again.SignedHeaders, a.SignedHeaders) {
			t.Fatalf("%q read back as %q", rebuilt, again)
		}
		var names [][]byte
		for name := range a.Each {
			names = append(names, name)
		}
		if !bytes.Equal(bytes.Join(names, []byte(";")), a.SignedHeaders) {
			t.Fatalf("%q split into %q", a.SignedHeaders, names)
		}
	})
}
