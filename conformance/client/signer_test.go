package client_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

var (
	plain = client.Credentials{ID: "testId", Secret: "testSecret", Source: "test"}
	sts   = client.Credentials{ID: "testId", Secret: "testSecret", Token: "testToken+/=", Source: "test"}
	noon  = time.Date(2026, 11, 23, 8, 25, 28, 987654321, time.UTC)
	nonce = []byte("b78f0de524bd6840b84b9392014d7649")

	documented = []signature.Param{
		{Name: "PoolKey", Value: "FC123456"}, {Name: "PhoneNoA", Value: "15010101010"}, {Name: "PhoneNoB", Value: "057188992688"},
		{Name: "Expiration", Value: "2027-09-18 17:00:00"}, {Name: "ExpectCity", Value: "北京"},
		{Name: "IsRecordingEnabled", Value: "false"}, {Name: "OutId", Value: "your Out*Id~+/="},
	}
)

// configs are all ways to make a call.
func configs() (list []client.Config) {
	for _, scheme := range []client.Scheme{client.V1, client.V3} {
		for _, how := range []struct {
			method string
			place  client.Place
		}{{"GET", client.Query}, {"POST", client.Query}, {"POST", client.Form}} {
			for _, format := range []contract.Format{contract.JSON, contract.XML} {
				for _, c := range []client.Credentials{plain, sts} {
					for _, region := range []string{"", "cn-hangzhou"} {
						list = append(list, client.Config{Scheme: scheme, Method: how.method, Place: how.place, Format: format,
							Host: "127.0.0.1:28180", Region: region, UserAgent: "axbench/1 (test)", Credentials: c})
					}
				}
			}
		}
	}
	return list
}

func signer(t interface{ Fatal(...any) }, cfg client.Config) *client.Signer {
	s, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// received is a request as net/http reads it, which shares nothing with this repository.
type received struct {
	*http.Request
	body   string
	params url.Values // of query and form
}

func receive(raw []byte) (*received, error) {
	src := bufio.NewReader(bytes.NewReader(raw))
	r, err := http.ReadRequest(src)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if src.Buffered() > 0 {
		return nil, fmt.Errorf("%d bytes behind the request", src.Buffered())
	}
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		for name, values := range form {
			params[name] = append(params[name], values...)
		}
	}
	return &received{r, string(body), params}, nil
}

// verify recomputes the signature from what was received.
func (r *received) verify(secret string) error {
	var params []signature.Param
	for name, values := range r.params {
		for _, value := range values {
			if name != "Signature" {
				params = append(params, signature.Param{Name: name, Value: value})
			}
		}
	}
	signature.Sort(params)
	if r.Header.Get("X-Acs-Version") == "" {
		want := signature.NewV1Key(secret).Append(nil, signature.AppendStringToSignV1(nil, r.Method, params))
		if got := r.params["Signature"]; len(got) != 1 || got[0] != string(want) {
			return fmt.Errorf("Signature is %q, want %q", got, want)
		}
		return nil
	}
	if r.body != "" {
		params = nil
	}
	a, ok := signature.ParseAuthorization([]byte(r.Header.Get("Authorization")))
	if !ok {
		return fmt.Errorf("Authorization is %q", r.Header["Authorization"])
	}
	var headers []signature.Header
	for name := range a.Each {
		value := r.Header.Get(string(name))
		if string(name) == "host" {
			value = r.Host
		}
		headers = append(headers, signature.Header{Name: string(name), Value: value})
	}
	hash := string(signature.AppendPayloadHash(nil, []byte(r.body)))
	canonical := signature.AppendCanonicalRequestV3(nil, r.Method, "/", params, headers, hash)
	want := signature.NewV3Key(secret).Append(nil, signature.AppendStringToSignV3(nil, canonical))
	if !signature.Equal(a.Signature, want) || r.Header.Get("X-Acs-Content-Sha256") != hash {
		return fmt.Errorf("signature %s and payload hash %s, want %s and %s", a.Signature, r.Header.Get("X-Acs-Content-Sha256"), want, hash)
	}
	return nil
}

// TestCallsVerify: whatever the configuration and the values, what net/http reads has the parameters that were given and a
// signature that holds.
func TestCallsVerify(t *testing.T) {
	for _, cfg := range configs() {
		name := fmt.Sprintf("%v %s %v %v token=%v region=%s", cfg.Scheme, cfg.Method, cfg.Place, cfg.Format, cfg.Credentials.Token != "", cfg.Region)
		t.Run(name, func(t *testing.T) {
			s := signer(t, cfg) // one for all calls: buffers are used again
			rapid.Check(t, func(t *rapid.T) {
				op := rapid.SampledFrom(contract.Operations).Draw(t, "operation").Name
				params := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) signature.Param {
					return signature.Param{Name: "P" + rapid.StringN(0, 5, -1).Draw(t, "name"), Value: string(rapid.SliceOf(rapid.Byte()).Draw(t, "value"))}
				}), 0, 6, func(p signature.Param) string { return p.Name }).Draw(t, "params")
				before := slices.Clone(params)
				r, err := receive(s.Append(nil, op, params, nonce, noon, client.NoFault))
				if err != nil {
					t.Fatal(err)
				}
				if err := r.verify("testSecret"); err != nil {
					t.Fatal(err)
				}
				if r.verify("testsecret") == nil {
					t.Fatal("verifies with another secret")
				}
				if !slices.Equal(params, before) {
					t.Fatal("the caller's parameters were changed")
				}
				for _, p := range params {
					if got := r.params[p.Name]; len(got) != 1 || got[0] != p.Value {
						t.Fatalf("%q = %q, want %q", p.Name, got, p.Value)
					}
				}
				wantCommon(t, r, cfg, op, len(params))
			})
		})
	}
}

// wantCommon holds the rest of the request against the configuration.
func wantCommon(t *rapid.T, r *received, cfg client.Config, op string, given int) {
	want := map[string]string{"RegionId": cfg.Region}
	if cfg.Scheme == client.V1 {
		want = map[string]string{
			"RegionId": cfg.Region, "Action": op, "Version": "2017-05-25", "Format": cfg.Format.String(), "AccessKeyId": "testId",
			"SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": string(nonce),
			"Timestamp": "2026-11-23T08:25:28Z", "SecurityToken": cfg.Credentials.Token, "Signature": r.params.Get("Signature"),
		}
	} else if cfg.Format == contract.XML {
		want["Format"] = "XML"
	}
	for name, value := range want {
		if r.params.Get(name) != value {
			t.Fatalf("%s = %q, want %q", name, r.params.Get(name), value)
		}
		if value != "" {
			given++
		}
	}
	if len(r.params) != given {
		t.Fatalf("%d parameters, want %d: %v", len(r.params), given, r.params)
	}
	wantHeaders := http.Header{"User-Agent": {"axbench/1 (test)"}, "Accept-Encoding": {"identity"}}
	if cfg.Method == "POST" {
		wantHeaders.Set("Content-Length", fmt.Sprint(len(r.body)))
	}
	if cfg.Place == client.Form {
		wantHeaders.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.URL.RawQuery != "" {
			t.Fatalf("query %q beside the form", r.URL.RawQuery)
		}
	} else if r.body != "" {
		t.Fatalf("body %q", r.body)
	}
	if cfg.Scheme == client.V3 {
		setV3(wantHeaders, r, cfg, op)
	}
	if got, want := fmt.Sprint(r.Header), fmt.Sprint(wantHeaders); got != want {
		t.Fatalf("headers\n got %s\nwant %s", got, want)
	}
	if r.Host != "127.0.0.1:28180" || r.Method != cfg.Method || r.URL.Path != "/" || r.Proto != "HTTP/1.1" {
		t.Fatalf("%s %s %s to %s", r.Method, r.URL.Path, r.Proto, r.Host)
	}
}

func setV3(h http.Header, r *received, cfg client.Config, op string) {
	h.Set("Accept", "application/"+strings.ToLower(cfg.Format.String()))
	h.Set("x-acs-action", op)
	h.Set("x-acs-version", "2017-05-25")
	h.Set("x-acs-date", "2026-11-23T08:25:28Z")
	h.Set("x-acs-signature-nonce", string(nonce))
	h.Set("x-acs-content-sha256", r.Header.Get("x-acs-content-sha256")) // held against the body by verify
	h.Set("Authorization", r.Header.Get("Authorization"))
	if cfg.Credentials.Token != "" {
		h.Set("x-acs-security-token", cfg.Credentials.Token)
		h.Set("x-acs-accesskey-id", "testId")
	}
}

// TestSameAsRealClient: three requests of a real client (@alicloud/pop-core 1.8.0), parameter by parameter.
func TestSameAsRealClient(t *testing.T) {
	const business = "&ExpectCity=%E5%8C%97%E4%BA%AC&Expiration=2027-09-18%2017%3A00%3A00&Format=JSON&IsRecordingEnabled=false&OutId=your%20Out%2AId~%2B%2F%3D&PhoneNoA=15010101010&PhoneNoB=057188992688&PoolKey=FC123456"
	tests := []struct {
		name, method string
		place        client.Place
		token, nonce string
		second       int
		want         string
	}{
		{"get", "GET", client.Query, "", "b78f0de524bd6840b84b9392014d7649", 28,
			"AccessKeyId=testId&Action=BindAxb" + business + "&SignatureMethod=HMAC-SHA1&SignatureNonce=b78f0de524bd6840b84b9392014d7649&SignatureVersion=1.0&Timestamp=2026-11-23T08%3A25%3A28Z&Version=2017-05-25&Signature=2U34i1%2BCHqLEN6aNqPydoNnflbA%3D"},
		{"form", "POST", client.Form, "", "f036792cb9d0124d9ab98f2912c74c8e", 32,
			"AccessKeyId=testId&Action=BindAxb" + business + "&SignatureMethod=HMAC-SHA1&SignatureNonce=f036792cb9d0124d9ab98f2912c74c8e&SignatureVersion=1.0&Timestamp=2026-11-23T08%3A25%3A32Z&Version=2017-05-25&Signature=tnCjhF0o4ERDms6LTvWxEfhtxJ0%3D"},
		{"token", "GET", client.Query, "testToken", "bc8f5d302802088b480d5cf605dc5d57", 32,
			"AccessKeyId=testId&Action=BindAxb" + business + "&SecurityToken=testToken&SignatureMethod=HMAC-SHA1&SignatureNonce=bc8f5d302802088b480d5cf605dc5d57&SignatureVersion=1.0&Timestamp=2026-11-23T08%3A25%3A32Z&Version=2017-05-25&Signature=zV9gldeZvp8oMCN8EjElgmM2PcY%3D"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := client.Config{Method: tt.method, Place: tt.place, Host: "127.0.0.1:28180", Credentials: plain}
			cfg.Credentials.Token = tt.token
			now := noon.Truncate(time.Minute).Add(time.Duration(tt.second)*time.Second + time.Nanosecond).In(contract.Zone)
			r, err := receive(signer(t, cfg).Append(nil, "BindAxb", documented, []byte(tt.nonce), now, client.NoFault))
			if err != nil {
				t.Fatal(err)
			}
			if got := r.URL.RawQuery + r.body; got != tt.want {
				t.Errorf("parameters\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	got := signer(t, client.Config{Host: "h", Credentials: plain}).Append([]byte("kept "), "BindAxb", nil, nonce, noon, client.NoFault)
	if want := "kept GET /?AccessKeyId="; !strings.HasPrefix(string(got), want) {
		t.Errorf("%q, want it to start with %q", got, want)
	}
	if want := " HTTP/1.1\r\nHost: h\r\nUser-Agent: axbench\r\nAccept-Encoding: identity\r\n\r\n"; !strings.HasSuffix(string(got), want) {
		t.Errorf("%q, want it to end with %q", got, want)
	}
	form := signer(t, client.Config{Place: client.Form, Host: "h", Credentials: plain}).Append(nil, "BindAxb", nil, nonce, noon, client.NoFault)
	if !bytes.HasPrefix(form, []byte("POST / HTTP/1.1\r\n")) {
		t.Errorf("form: %q", form)
	}
}
