package conformance

import "testing"

// TestWhole: what is a document to its end, and what goes on.
func TestWhole(t *testing.T) {
	for body, want := range map[string]bool{
		"":                               false,
		" ":                              false,
		`{"Code":"OK"}`:                  true,
		"\xef\xbb\xbf{\"Code\":\"OK\"} ": true,
		`{"Code":"OK","DTO":{"A":""}`:    false,
		`{"Code":"OK`:                    false,
		`<?xml version='1.0' encoding='UTF-8'?><Error><Code>X</Code></Error>`: true,
		`<?xml version='1.0' encoding='UTF-8'?><Error><Code>X</Code></Erro`:   false,
		`<Error><Code>X</Code>`: false,
		"plain":                 false,
	} {
		if got := whole([]byte(body)); got != want {
			t.Errorf("%q: %v", body, got)
		}
	}
}
