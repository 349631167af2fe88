package strict

import (
	"errors"
	"strings"
	"testing"
)

// FuzzDecode holds the reader to its promise: an *Error with a place or a value, whatever the bytes; and a section is
// cut out with its text.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"kind: open\nphases:\n  - {name: a, for: 1s}\n",
		"section:\n  a: 1\n  b: [x]\nwords: [a]\n",
		"section: {a: {b: 1}}\n",
		"a: &x 1\nb: *x\n", "? a\n: b\n", "- - - a\n", "kind: |\n  text\n", "kind: >-\n  a\n  b\n", "---\nkind: open\n...\n", "{", "\"\\x41\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var d doc
		err := Decode("f.yaml", data, 1, &d)
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Line < 1 || e.Problem == "" || strings.Contains(e.Error(), "\n")) {
			t.Fatalf("error without a place: %#v", err)
		}
		if err == nil && d.Section.Text != nil {
			if d.Section.Line < 1 || len(d.Section.Text) == 0 {
				t.Fatalf("section without text: %+v", d.Section)
			}
		}
	})
}
