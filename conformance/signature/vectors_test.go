package signature_test

import (
	"encoding/json"
	"os"
	"testing"

	"axbench/conformance/signature"
)

// vector is one entry of testdata/vectors.json: signatures that Alibaba published, or that real clients made.
type vector struct {
	Name          string            `json:"name"`
	Kind          string            `json:"kind"`
	Source        string            `json:"source"`
	Method        string            `json:"method"`
	Path          string            `json:"path"`
	Secret        string            `json:"secret"`
	AccessKeyID   string            `json:"access_key_id"`
	Params        map[string]string `json:"params"`
	SignedHeaders map[string]string `json:"signed_headers"`
	Body          string            `json:"body"`

	CanonicalQuery   string `json:"canonical_query"`
	CanonicalRequest string `json:"canonical_request"`
	StringToSign     string `json:"string_to_sign"`
	Signature        string `json:"signature"`
}

func loadVectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) != 22 {
		t.Fatalf("%d vectors, want 22", len(vectors))
	}
	return vectors
}

func TestVectors(t *testing.T) {
	kinds := map[string]int{}
	for _, v := range loadVectors(t) {
		kinds[v.Kind]++
		t.Run(v.Name, func(t *testing.T) {
			switch v.Kind {
			case "V1":
				testV1(t, v)
			case "V3":
				testV3(t, v)
			default:
				t.Fatalf("kind %q", v.Kind)
			}
		})
	}
	if kinds["V1"] != 14 || kinds["V3"] != 8 {
		t.Errorf("kinds %v, want 14 of V1 and 8 of V3", kinds)
	}
}

func testV1(t *testing.T, v vector) {
	params := sortedParams(v.Params)
	same(t, "canonical query", signature.AppendCanonicalQuery(nil, params), v.CanonicalQuery)
	toSign := signature.AppendStringToSignV1(nil, v.Method, params)
	same(t, "string to sign", toSign, v.StringToSign)
	key := signature.NewV1Key(v.Secret)
	for range 2 { // the key's state is used again
		same(t, "signature", key.Append(nil, toSign), v.Signature)
	}
	differs(t, "signature with another secret", signature.NewV1Key(v.Secret+"x").Append(nil, toSign), v.Signature)
}

func testV3(t *testing.T, v vector) {
	hash := signature.AppendPayloadHash(nil, []byte(v.Body))
	same(t, "payload hash", hash, v.SignedHeaders["x-acs-content-sha256"])
	canonical := signature.AppendCanonicalRequestV3(nil, v.Method, v.Path, sortedParams(v.Params), sortedHeaders(v.SignedHeaders), string(hash))
	same(t, "canonical request", canonical, v.CanonicalRequest)
	toSign := signature.AppendStringToSignV3(nil, canonical)
	same(t, "string to sign", toSign, v.StringToSign)
	key := signature.NewV3Key(v.Secret)
	for range 2 {
		same(t, "signature", key.Append(nil, toSign), v.Signature)
	}
	differs(t, "signature with another secret", signature.NewV3Key(v.Secret+"x").Append(nil, toSign), v.Signature)
}

// TestDocumentSamples signs BindAxb with the sample values of the document; the signatures were computed with two other
// programs.
func TestDocumentSamples(t *testing.T) {
	base := map[string]string{
		"AccessKeyId": "testId", "Action": "BindAxb", "Expiration": "2017-09-05 12:00:00", "Format": "JSON",
		"PhoneNoA": "15000000000", "PhoneNoB": "15800000000", "PoolKey": "FC123456", "RegionId": "cn-hangzhou",
		"SignatureMethod": "HMAC-SHA1", "SignatureNonce": "00000000-0000-4000-8000-000000000000", "SignatureVersion": "1.0",
		"Timestamp": "2017-09-05T04:00:00Z", "Version": "2017-05-25",
	}
	tests := []struct {
		name, method string
		more         map[string]string
		want         string
	}{
		{"required only", "GET", nil, "3qmi7EBdSfy/MPzx+ukU+dLs5aY="},
		{"post", "POST", nil, "t3gIr6uCviYw/ZEPa/PNiChq/UQ="},
		{"all, hostile OutId", "GET", map[string]string{
			"ExpectCity": "北京", "IsRecordingEnabled": "true", "PhoneNoX": "17000000000", "OutId": "a b*c~d+e/%&=中\"'",
		}, "rVoYsLVFSvOlWQxKiO03H+nndbg="},
		{"empty OutId stays", "GET", map[string]string{"OutId": ""}, "zhGmBf8b/LfQTaD/n3s9VV91+34="},
	}
	key := signature.NewV1Key("testSecret")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			params := sortedParams(base, tt.more)
			same(t, "signature", key.Append(nil, signature.AppendStringToSignV1(nil, tt.method, params)), tt.want)
		})
	}
}

func sortedParams(maps ...map[string]string) []signature.Param {
	var params []signature.Param
	for _, m := range maps {
		for name, value := range m {
			params = append(params, signature.Param{Name: name, Value: value})
		}
	}
	signature.Sort(params)
	return params
}

func sortedHeaders(m map[string]string) []signature.Header {
	var headers []signature.Header
	for _, p := range sortedParams(m) {
		headers = append(headers, signature.Header(p))
	}
	return headers
}

func same(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if string(got) != want {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func differs(t *testing.T, what string, got []byte, from string) {
	t.Helper()
	if string(got) == from {
		t.Errorf("%s: %q, want another", what, got)
	}
}
