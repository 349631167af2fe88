package client

import (
	"strings"
	"testing"
	"unicode"
)

// FuzzProfiles: no file makes the readers of profiles panic, and none of its words of 24 characters and more comes back in an
// error: keys and tokens are that long.
func FuzzProfiles(f *testing.F) {
	f.Add(`{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":"LTAIxxxxxxxxxxxxxxxxxxxxxx","access_key_secret":"s"}]}`)
	f.Add(`{"profiles":[{"name":"default","mode":"StsToken","access_key_id":"i","access_key_secret":"s","sts_token":"t"}]}`)
	f.Add(`{"profiles":[{"name":"default","mode":"LTAIxxxxxxxxxxxxxxxxxxxxxx"}]}`)
	f.Add(`{"profiles":[{"name":"default","mode":7}]}`)
	f.Add("[default]\ntype = access_key\naccess_key_id = i\naccess_key_secret = \"s\"\n")
	f.Add("[default]\ntype = abcdefghijklmnopqrstuvwxyz\n")
	f.Add("[default\n=\n]x[")
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func([]byte, string) (Credentials, bool, error){parseConfig, parseINI} {
			c, found, err := parse([]byte(text), "default")
			if err == nil {
				if !found && c != (Credentials{}) {
					t.Fatal("not found, but filled")
				}
				continue
			}
			if found || c != (Credentials{}) {
				t.Fatalf("error %v beside a result", err)
			}
			for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				if len(word) >= 24 && strings.Contains(err.Error(), word) {
					t.Fatalf("the error shows %q: %v", word, err)
				}
			}
		}
	})
}
