package signature_test

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"axbench/conformance/signature"
)

func TestEscape(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"AZaz09-_.~", "AZaz09-_.~"},
		{" ", "%20"},
		{"+", "%2B"},
		{"*", "%2A"},
		{"%7E", "%257E"},
		{"2017-09-05 12:00:00", "2017-09-05%2012%3A00%3A00"},
		{"北京", "%E5%8C%97%E4%BA%AC"},
		{"a/b?c=d&e", "a%2Fb%3Fc%3Dd%26e"},
		{"\x00\x7f\xff", "%00%7F%FF"},
		{"!'()", "%21%27%28%29"},
	}
	for _, tt := range tests {
		same(t, tt.in, signature.AppendEscaped(nil, tt.in), tt.want)
	}
	same(t, "appended", signature.AppendEscaped([]byte("x="), "a b"), "x=a%20b")
}

// TestEscapeRoundTrip holds escaping against net/url: any bytes come back, and nothing that has to be escaped is left.
func TestEscapeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "in"))
		out := string(signature.AppendEscaped(nil, in))
		for _, unescape := range []func(string) (string, error){url.QueryUnescape, url.PathUnescape} {
			back, err := unescape(out)
			if err != nil || back != in {
				t.Fatalf("%q became %q and came back as %q, %v", in, out, back, err)
			}
		}
		if rest := strings.Trim(out, "%ABCDEFabcdefghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"); rest != "" {
			t.Fatalf("%q holds %q", out, rest)
		}
		if want := strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(in)); out != want {
			t.Fatalf("%q became %q, net/url has %q", in, out, want)
		}
	})
}

var drawParams = rapid.SliceOf(rapid.Custom(func(t *rapid.T) signature.Param {
	return signature.Param{
		Name:  rapid.StringMatching(`[A-Za-z._ *~&=北-]{1,3}`).Draw(t, "name"),
		Value: rapid.String().Draw(t, "value"),
	}
}))

// TestSort: bytewise by name, stable, and nothing lost.
func TestSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawParams.Draw(t, "params")
		sorted := slices.Clone(in)
		signature.Sort(sorted)
		for i := 1; i < len(sorted); i++ {
			if bytes.Compare([]byte(sorted[i-1].Name), []byte(sorted[i].Name)) > 0 {
				t.Fatalf("%q before %q", sorted[i-1].Name, sorted[i].Name)
			}
		}
		values := func(params []signature.Param) map[string][]string {
			m := map[string][]string{}
			for _, p := range params {
				m[p.Name] = append(m[p.Name], p.Value)
			}
			return m
		}
		before, after := values(in), values(sorted)
		for name := range before {
			if !slices.Equal(before[name], after[name]) {
				t.Fatalf("%q: %q became %q", name, before[name], after[name])
			}
		}
		if len(in) != len(sorted) || len(before) != len(after) {
			t.Fatal("parameters lost")
		}
	})
}

func TestSortIsCaseSensitive(t *testing.T) {
	params := []signature.Param{{Name: "b"}, {Name: "a"}, {Name: "B"}, {Name: "AB"}, {Name: "A"}, {Name: "中"}}
	signature.Sort(params)
	var names []string
	for _, p := range params {
		names = append(names, p.Name)
	}
	if got, want := strings.Join(names, " "), "A AB B a b 中"; got != want {
		t.Errorf("sorted %q, want %q", got, want)
	}
}

// TestStringToSignV1 holds the one-pass string to sign against its definition: the canonical query, escaped once more.
func TestStringToSignV1(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		params := drawParams.Draw(t, "params")
		signature.Sort(params)
		got := string(signature.AppendStringToSignV1(nil, "POST", params))
		query := string(signature.AppendCanonicalQuery(nil, params))
		if want := "POST&%2F&" + string(signature.AppendEscaped(nil, query)); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
