package client_test

import (
	"fmt"
	"strings"
	"testing"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// TestFaults: each fault breaks what it says and nothing else.
func TestFaults(t *testing.T) {
	for _, cfg := range configs() {
		s := signer(t, cfg)
		call := func(fault client.Fault) *received {
			r, err := receive(s.Append(nil, "BindAxb", documented, nonce, noon, fault))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		good := call(client.NoFault)
		if err := good.verify("testSecret"); err != nil {
			t.Errorf("no fault: %v", err)
		}
		_, right := parts(good)
		if bad := call(client.BadSignature); bad.verify("testSecret") == nil {
			t.Error("bad signature: verifies")
		} else if key, sum := parts(bad); key != "testId" || len(sum) != len(right) || sum == right {
			t.Errorf("bad signature: key %q, signature %q, right one %q", key, sum, right)
		}
		if none := call(client.NoSignature); none.params.Has("Signature") || none.Header.Get("Authorization") != "" {
			t.Error("no signature: there is one")
		}
		stale := call(client.StaleTimestamp)
		if err := stale.verify("testSecret"); err != nil {
			t.Errorf("stale timestamp: %v", err)
		}
		if got := stale.params.Get("Timestamp") + stale.Header.Get("x-acs-date"); got != "2026-11-23T07:25:28Z" {
			t.Errorf("stale timestamp: %q", got)
		}
		unknown := call(client.UnknownKey)
		if err := unknown.verify("testSecret"); err != nil {
			t.Errorf("unknown key: %v", err)
		}
		if key, _ := parts(unknown); key == "testId" || key == "" || unknown.params.Has("SecurityToken") || unknown.Header.Get("x-acs-security-token") != "" {
			t.Errorf("unknown key: %q, or a token", key)
		}
		if again := call(client.NoFault); fmt.Sprint(again.URL, again.Header, again.body) != fmt.Sprint(good.URL, good.Header, good.body) {
			t.Error("a call after the faults differs from the one before")
		}
	}
}

// parts are the access key id and the signature that a request carries.
func parts(r *received) (key, sum string) {
	if a, ok := signature.ParseAuthorization([]byte(r.Header.Get("Authorization"))); ok {
		return string(a.Credential), string(a.Signature)
	}
	return r.params.Get("AccessKeyId"), r.params.Get("Signature")
}

func TestExplain(t *testing.T) {
	for _, cfg := range configs() {
		s := signer(t, cfg)
		for _, fault := range []client.Fault{client.NoFault, client.BadSignature, client.NoSignature, client.StaleTimestamp, client.UnknownKey} {
			e := s.Explain("BindAxb", documented, nonce, noon, fault)
			if got := string(s.Append(nil, "BindAxb", documented, nonce, noon, fault)); got != string(e.Request) {
				t.Errorf("%v: the request explained\n%q\nis not the one sent\n%q", fault, e.Request, got)
			}
			var toSign, sum []byte
			if cfg.Scheme == client.V1 {
				toSign = signature.AppendEscaped([]byte(cfg.Method+"&%2F&"), e.Canonical)
				sum = signature.NewV1Key("testSecret").Append(nil, toSign)
			} else {
				toSign = signature.AppendStringToSignV3(nil, []byte(e.Canonical))
				sum = signature.NewV3Key("testSecret").Append(nil, toSign)
			}
			if string(toSign) != e.StringToSign {
				t.Errorf("%v: string to sign %q, want %q", fault, e.StringToSign, toSign)
			}
			if (string(sum) == e.Signature) == (fault == client.BadSignature) {
				t.Errorf("%v: signature %q, right one %q", fault, e.Signature, sum)
			}
			if strings.Contains(e.Canonical+e.StringToSign+e.Signature+string(e.Request), "testSecret") {
				t.Errorf("%v: the secret is in it", fault)
			}
		}
		kept := s.Explain("BindAxb", documented, nonce, noon, client.NoFault)
		before := kept.Canonical
		s.Append(nil, "UnbindSubscription", nil, []byte("00000000000000000000000000000000"), noon, client.NoFault)
		if kept.Canonical != before {
			t.Error("an explanation changed with the next call")
		}
	}
}

// TestNoHeaderInjection: operation and nonce stand in header lines with V3, and cannot end one.
func TestNoHeaderInjection(t *testing.T) {
	for _, cfg := range configs() {
		raw := signer(t, cfg).Append(nil, "BindAxb\r\nX-Evil: 1", documented, []byte("n\r\nX-Evil: 1"), noon, client.NoFault)
		r, err := receive(raw)
		if err != nil {
			t.Fatal(err)
		}
		if r.Header.Get("X-Evil") != "" {
			t.Errorf("%v %v: a header was injected", cfg.Scheme, cfg.Place)
		}
		if err := r.verify("testSecret"); err != nil {
			t.Errorf("%v %v: %v", cfg.Scheme, cfg.Place, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := func() client.Config { return client.Config{Host: "127.0.0.1:1", Credentials: plain} }
	tests := []struct {
		name   string
		change func(c *client.Config)
		want   string
	}{
		{"method", func(c *client.Config) { c.Method = "PUT" }, `method "PUT", accepted: GET, POST`},
		{"method in lower case", func(c *client.Config) { c.Method = "get" }, "accepted: GET, POST"},
		{"form by get", func(c *client.Config) { c.Method, c.Place = "GET", client.Form }, "place form with method GET"},
		{"scheme", func(c *client.Config) { c.Scheme = 7 }, "scheme Scheme(7)"},
		{"place", func(c *client.Config) { c.Place = 7 }, "place Place(7)"},
		{"format", func(c *client.Config) { c.Format = contract.Format(7) }, "format Format(7)"},
		{"no host", func(c *client.Config) { c.Host = "" }, "host"},
		{"host with a line break", func(c *client.Config) { c.Host = "a\r\nX: 1" }, "host"},
		{"path without slash", func(c *client.Config) { c.Path = "x" }, "path"},
		{"path with query", func(c *client.Config) { c.Path = "/?a=b" }, "path"},
		{"user agent", func(c *client.Config) { c.UserAgent = "a\nb" }, "user agent"},
		{"no id", func(c *client.Config) { c.Credentials.ID = "" }, "access key id is empty"},
		{"no secret", func(c *client.Config) { c.Credentials.Secret = "" }, "access key secret is empty"},
		{"id with a comma", func(c *client.Config) { c.Credentials.ID = "sentinel,Signature=1" }, "access key id holds a character"},
		{"secret with a space", func(c *client.Config) { c.Credentials.Secret = "sentinel " }, "access key secret holds a character"},
		{"token with a line break", func(c *client.Config) { c.Credentials.Token = "sentinel\r\nX: 1" }, "security token holds a character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := good()
			tt.change(&cfg)
			_, err := client.New(cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v, want an error with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "sentinel") || strings.Contains(err.Error(), "testSecret") {
				t.Errorf("%v: shows a credential", err)
			}
		})
	}
	if _, err := client.New(good()); err != nil {
		t.Errorf("the configuration that all of these change: %v", err)
	}
}

func TestWords(t *testing.T) {
	for _, s := range []client.Scheme{client.V1, client.V3} {
		if got, err := client.ParseScheme(strings.ToUpper(s.String())); err != nil || got != s {
			t.Errorf("%v: %v, %v", s, got, err)
		}
	}
	for _, p := range []client.Place{client.Query, client.Form} {
		if got, err := client.ParsePlace(p.String()); err != nil || got != p {
			t.Errorf("%v: %v, %v", p, got, err)
		}
	}
	for f := client.NoFault; f <= client.UnknownKey; f++ {
		if got, err := client.ParseFault(f.String()); err != nil || got != f {
			t.Errorf("%v: %v, %v", f, got, err)
		}
	}
	if _, err := client.ParseScheme("v2"); err == nil || err.Error() != `unknown signature scheme "v2", accepted: v1, v3` {
		t.Errorf("v2: %v", err)
	}
}
