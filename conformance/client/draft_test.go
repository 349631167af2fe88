package client_test

import (
	"crypto/md5"
	"hash"
	"slices"
	"strings"
	"testing"

	"axbench/conformance/client"
	"axbench/conformance/signature"
)

// TestDraft: each thing that is made wrong on purpose is wrong, and nothing else: what goes out is held against what it would
// need.
func TestDraft(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*client.Draft)
		right  bool
		holds  string // of the request
	}{
		{"as it is", func(*client.Draft) {}, true, "GET /?AccessKeyId=testId&"},
		{"a form", func(d *client.Draft) { d.Form = true }, true, "\r\n\r\nAccessKeyId=testId&"},
		{"another order", func(d *client.Draft) {
			d.Rearrange = func(p []signature.Param) []signature.Param { slices.Reverse(p); return p }
		}, true, "GET /?Signature="},
		{"another method", func(d *client.Draft) { d.SignAs = "POST" }, false, "GET /?"},
		{"a bare key", func(d *client.Draft) { d.BareKey = true }, false, ""},
		{"another hash", func(d *client.Draft) { d.Hash = func() hash.Hash { return md5.New() } }, false, ""},
		{"spoiled", func(d *client.Draft) { d.Spoil = func(s string) string { return s[1:] } }, false, ""},
		{"changed after", func(d *client.Draft) {
			d.Rearrange = func(p []signature.Param) []signature.Param { p[0].Value = "other"; return p }
		}, false, "AccessKeyId=other"},
		{"unsigned beside the query", func(d *client.Draft) { d.Beside = []signature.Param{{Name: "PhoneNoA", Value: "1"}} }, false,
			"Content-Length: 10\r\n\r\nPhoneNoA=1"},
	} {
		d := client.Draft{Action: "BindAxb", Params: documented, Credentials: client.Credentials{ID: "testId", Secret: "testSecret"}, Nonce: string(nonce), Time: noon}
		c.change(&d)
		b := d.Build("127.0.0.1:1", "/")
		if (b.Sent == b.Valid) != c.right {
			t.Errorf("%s: sent %q, needed %q", c.name, b.Sent, b.Valid)
		}
		if !strings.Contains(string(b.Request), c.holds) {
			t.Errorf("%s: %q is not in %q", c.name, c.holds, b.Request)
		}
	}
}
