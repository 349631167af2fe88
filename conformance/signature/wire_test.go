package signature_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"axbench/conformance/signature"
)

// call is a request as a verifier sees it: everything decoded.
type call struct {
	Method, Path string
	Query, Form  []signature.Param // sorted
	Headers      []signature.Header
	Body         string // V3: the body as bytes
	Claimed      string // signature
	Credential   string
	Hash         string // V3: what x-acs-content-sha256 says
}

// readCall reads raw with net/http, which shares nothing with this repository.
func readCall(raw []byte) (*call, error) {
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
	c := &call{Method: r.Method, Path: r.URL.EscapedPath()}
	if c.Query, err = decode(r.URL.RawQuery); err != nil {
		return nil, err
	}
	if len(r.Header["Authorization"]) > 0 {
		c.Body = string(body)
		return c, c.readV3(r)
	}
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		if c.Form, err = decode(string(body)); err != nil {
			return nil, err
		}
	} else if len(body) > 0 {
		return nil, fmt.Errorf("a body that is no form")
	}
	var all []signature.Param
	for _, p := range slices.Concat(c.Query, c.Form) {
		switch p.Name {
		case "Signature":
			c.Claimed += p.Value
			continue
		case "AccessKeyId":
			c.Credential = p.Value
		}
		all = append(all, p)
	}
	signature.Sort(all)
	c.Query, c.Form, c.Path = all, nil, ""
	return c, nil
}

func (c *call) readV3(r *http.Request) error {
	a, ok := signature.ParseAuthorization([]byte(r.Header.Get("Authorization")))
	if !ok {
		return fmt.Errorf("authorization %q", r.Header["Authorization"])
	}
	c.Claimed, c.Credential = string(a.Signature), string(a.Credential)
	for name := range a.Each {
		values := r.Header.Values(string(name))
		if string(name) == "host" {
			values = []string{r.Host}
		}
		if len(values) != 1 {
			return fmt.Errorf("signed header %s: %d values", name, len(values))
		}
		c.Headers = append(c.Headers, signature.Header{Name: string(name), Value: values[0]})
	}
	c.Hash = r.Header.Get("x-acs-content-sha256")
	return nil
}

func decode(query string) ([]signature.Param, error) {
	var params []signature.Param
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		n, err := url.QueryUnescape(name)
		if err != nil {
			return nil, err
		}
		v, err := url.QueryUnescape(value)
		if err != nil {
			return nil, err
		}
		params = append(params, signature.Param{Name: n, Value: v})
	}
	signature.Sort(params)
	return params, nil
}

// verify reports whether the call carries the signature of the id "testId" with that secret.
func (c *call) verify(secret string) bool {
	if c.Credential != "testId" {
		return false
	}
	if c.Headers == nil {
		toSign := signature.AppendStringToSignV1(nil, c.Method, c.Query)
		return signature.Equal(signature.NewV1Key(secret).Append(nil, toSign), []byte(c.Claimed))
	}
	if string(signature.AppendPayloadHash(nil, []byte(c.Body))) != c.Hash {
		return false
	}
	canonical := signature.AppendCanonicalRequestV3(nil, c.Method, c.Path, c.Query, c.Headers, c.Hash)
	toSign := signature.AppendStringToSignV3(nil, canonical)
	return signature.Equal(signature.NewV3Key(secret).Append(nil, toSign), []byte(c.Claimed))
}

func wireFiles(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/wire/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 20 {
		t.Fatalf("%d requests in testdata/wire, want 20", len(names))
	}
	files := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(name), ".txt")] = data
	}
	return files
}

// TestWire verifies what real clients sent, byte for byte as it was on the wire.
func TestWire(t *testing.T) {
	for name, raw := range wireFiles(t) {
		t.Run(name, func(t *testing.T) {
			c, err := readCall(raw)
			if err != nil {
				t.Fatal(err)
			}
			if !c.verify("testSecret") {
				t.Errorf("does not verify: %+v", c)
			}
			if c.verify("testsecret") || c.verify("testSecret&") || c.verify("") {
				t.Error("verifies with another secret")
			}
		})
	}
}

// TestWireChanged changes every byte of every request. A changed request may verify only when it says the same as before: the
// byte was outside of what is signed, or the change was one of spelling.
func TestWireChanged(t *testing.T) {
	for name, raw := range wireFiles(t) {
		t.Run(name, func(t *testing.T) {
			want, err := readCall(raw)
			if err != nil {
				t.Fatal(err)
			}
			refused := 0
			changed := bytes.Clone(raw)
			for i := range raw {
				for _, b := range []byte{raw[i] ^ 1, raw[i] ^ 0x20, '0', '&'} {
					changed[i] = b
					c, err := readCall(changed)
					switch {
					case b == raw[i]:
					case err != nil || !c.verify("testSecret"):
						refused++
					case !reflect.DeepEqual(c, want):
						t.Errorf("byte %d changed from %q to %q still verifies", i, raw[i], b)
					}
				}
				changed[i] = raw[i]
			}
			if refused < len(raw) {
				t.Errorf("%d changes of %d bytes were refused: too few to mean anything", refused, len(raw))
			}
		})
	}
}

// TestSignedPartsChanged changes, adds and drops each signed part of one call of each scheme: none may verify.
func TestSignedPartsChanged(t *testing.T) {
	files := wireFiles(t)
	for _, name := range []string{"oldgo-sts", "popcore-post", "newgo-sts", "gengo-body", "v1go"} {
		original := func() *call {
			c, err := readCall(files[name])
			if err != nil || !c.verify("testSecret") {
				t.Fatalf("%s: %v, or it does not verify", name, err)
			}
			return c
		}
		refused := func(what string, change func(c *call)) {
			c := original()
			change(c)
			if c.verify("testSecret") {
				t.Errorf("%s: %s still verifies", name, what)
			}
		}
		refused("another method", func(c *call) { c.Method = map[string]string{"GET": "POST", "POST": "GET"}[c.Method] })
		refused("one more parameter", func(c *call) {
			c.Query = append(c.Query, signature.Param{Name: "PhoneNoX", Value: "17000000000"})
			signature.Sort(c.Query)
		})
		refused("a shorter signature", func(c *call) { c.Claimed = c.Claimed[:len(c.Claimed)-1] })
		refused("no signature", func(c *call) { c.Claimed = "" })
		refused("a signature in other case", func(c *call) { c.Claimed = strings.ToUpper(c.Claimed) })
		for i := range original().Query {
			refused("a changed parameter", func(c *call) { c.Query[i].Value += "0" })
			refused("a renamed parameter", func(c *call) { c.Query[i].Name += "0" })
			refused("a dropped parameter", func(c *call) { c.Query = append(c.Query[:i], c.Query[i+1:]...) })
		}
		for i := range original().Headers {
			refused("a changed header", func(c *call) { c.Headers[i].Value += "0" })
			refused("a dropped header", func(c *call) { c.Headers = append(c.Headers[:i], c.Headers[i+1:]...) })
		}
		if original().Headers != nil {
			refused("a changed body", func(c *call) { c.Body += " " })
			refused("another path", func(c *call) { c.Path = "/x" })
		}
	}
}
