package results

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTagsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.StringN(1, 20, 64), rapid.SampledFrom([]string{"~other", "a|b", "%41", ",", " ", "号码", "isv.FLOW_LIMIT"}))
		phase, clock, code := name.Draw(t, "phase"), name.Draw(t, "clock"), name.Draw(t, "code")
		tag := TagOf(phase, clock, code)
		if strings.ContainsAny(tag, ", \r\n\t") {
			t.Fatalf("tag %q cannot stand in a log", tag)
		}
		p, cl, co, err := ParseTag(tag)
		if err != nil || p != phase || cl != clock || co != code {
			t.Fatalf("%q came back as %q %q %q, %v", tag, p, cl, co, err)
		}
	})
}

func TestTagOfKeepsNames(t *testing.T) {
	if got := TagOf("warm-up.1", "response", "isv.BIND_CONFLICT"); got != "warm-up.1|response|isv.BIND_CONFLICT" {
		t.Error(got)
	}
	if got := TagOf("main", "response", "~other"); got != "main|response|~other" {
		t.Error(got)
	}
	if got := TagOf("main", "response", "a b|c"); got != "main|response|a%20b%7Cc" {
		t.Error(got)
	}
}

func TestParseTagRefuses(t *testing.T) {
	for _, tag := range []string{"", "a|b", "a|b|", "|b|c", "a|b|c|d", "a|b|c%", "a|b|c%4", "a|b|%zz", "a|b|%41", "a|b|x y", "a|b|%2a"} {
		if _, _, _, err := ParseTag(tag); err == nil {
			t.Errorf("%q was read as a tag", tag)
		}
	}
}

func FuzzParseTag(f *testing.F) {
	for _, seed := range []string{"main|response|good", "a|b|%20", "a||b", "%", "a|b|~other"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		phase, clock, code, err := ParseTag(tag)
		if err == nil && TagOf(phase, clock, code) != tag {
			t.Errorf("%q is not what TagOf makes of its parts", tag)
		}
	})
}
