package signature_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"axbench/conformance/signature"
)

func TestKeysPrintNothing(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		same(t, verb, fmt.Appendf(nil, verb, signature.NewV1Key("sentinel")), "signature.V1Key")
		same(t, verb, fmt.Appendf(nil, verb, signature.NewV3Key("sentinel")), "signature.V3Key")
	}
}

func TestEmptyPayloadHash(t *testing.T) {
	same(t, "hash of nothing", signature.AppendPayloadHash(nil, nil), signature.EmptyPayloadHash)
}

func TestEqual(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"ab12", "ab12", true},
		{"ab12", "ab13", false},
		{"ab12", "AB12", false},
		{"ab12", "ab1", false},
		{"ab12", "", false},
	}
	for _, tt := range tests {
		if got := signature.Equal([]byte(tt.a), []byte(tt.b)); got != tt.want {
			t.Errorf("Equal(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}

// TestKeyAppends: what stood in dst stays.
func TestKeyAppends(t *testing.T) {
	got := signature.NewV3Key("s").Append([]byte("x="), []byte("text"))
	if sum, err := hex.DecodeString(string(got[2:])); string(got[:2]) != "x=" || err != nil || len(sum) != 32 {
		t.Errorf("V3: %q", got)
	}
	if got := signature.NewV1Key("s").Append([]byte("x="), []byte("text")); string(got[:2]) != "x=" || len(got) != 2+28 {
		t.Errorf("V1: %q", got)
	}
}

func benchParams() (v1, business []signature.Param) {
	business = []signature.Param{
		{Name: "ExpectCity", Value: "北京"}, {Name: "Expiration", Value: "2027-09-18 17:00:00"},
		{Name: "IsRecordingEnabled", Value: "false"}, {Name: "OutId", Value: "your Out*Id~+/="},
		{Name: "PhoneNoA", Value: "15010101010"}, {Name: "PhoneNoB", Value: "057188992688"}, {Name: "PoolKey", Value: "FC123456"},
	}
	v1 = append(v1, business...)
	v1 = append(v1, []signature.Param{
		{Name: "AccessKeyId", Value: "testId"}, {Name: "Action", Value: "BindAxb"}, {Name: "Format", Value: "JSON"},
		{Name: "SignatureMethod", Value: "HMAC-SHA1"}, {Name: "SignatureNonce", Value: "9dfffcc25ce0a4b7ae9e892b4c43c19a"},
		{Name: "SignatureVersion", Value: "1.0"}, {Name: "Timestamp", Value: "2026-11-23T08:22:54Z"}, {Name: "Version", Value: "2017-05-25"},
	}...)
	return v1, business
}

// signV1 and signV3 are one signature each, from unsorted parameters.
func signV1() func() {
	params, _ := benchParams()
	work := make([]signature.Param, len(params))
	key := signature.NewV1Key("testSecret")
	var toSign, sig []byte
	return func() {
		copy(work, params)
		signature.Sort(work)
		toSign = signature.AppendStringToSignV1(toSign[:0], "POST", work)
		sig = key.Append(sig[:0], toSign)
	}
}

func signV3() func() {
	_, params := benchParams()
	work := make([]signature.Param, len(params))
	headers := []signature.Header{
		{Name: "host", Value: "127.0.0.1:28180"}, {Name: "x-acs-action", Value: "BindAxb"},
		{Name: "x-acs-content-sha256", Value: signature.EmptyPayloadHash}, {Name: "x-acs-date", Value: "2026-11-23T08:22:56Z"},
		{Name: "x-acs-signature-nonce", Value: "32f6ed3c79df1da4c5852884fec3e446"}, {Name: "x-acs-version", Value: "2017-05-25"},
	}
	key := signature.NewV3Key("testSecret")
	var canonical, toSign, sig []byte
	return func() {
		copy(work, params)
		signature.Sort(work)
		canonical = signature.AppendCanonicalRequestV3(canonical[:0], "POST", "/", work, headers, signature.EmptyPayloadHash)
		toSign = signature.AppendStringToSignV3(toSign[:0], canonical)
		sig = key.Append(sig[:0], toSign)
	}
}

func TestSigningDoesNotAllocate(t *testing.T) {
	for name, sign := range map[string]func(){"V1": signV1(), "V3": signV3()} {
		sign()
		if n := testing.AllocsPerRun(100, sign); n != 0 {
			t.Errorf("%s: %v allocations a signature, want none", name, n)
		}
	}
}

func BenchmarkSignV1(b *testing.B) { bench(b, signV1()) }
func BenchmarkSignV3(b *testing.B) { bench(b, signV3()) }

func bench(b *testing.B, f func()) {
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
}
