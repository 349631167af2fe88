package report

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	cases := []struct{ name, in, want, ascii string }{
		{"plain", "isv.BIND_CONFLICT", "isv.BIND_CONFLICT", "isv.BIND_CONFLICT"},
		{"chinese", "无可用号码", "无可用号码", `\u65e0\u53ef\u7528\u53f7\u7801`},
		{"escape sequence", "a\x1b[31mb", `a\x1b[31mb`, `a\x1b[31mb`},
		{"one-byte control of C1", "a\u009bb", `a\u009bb`, `a\u009bb`},
		{"line break", "a\r\nb\tc", `a\x0d\x0ab\x09c`, `a\x0d\x0ab\x09c`},
		{"delete", "a\x7f", `a\x7f`, `a\x7f`},
		{"bidirectional override", "a\u202eb\u2066c", `a\u202eb\u2066c`, `a\u202eb\u2066c`},
		{"zero width", "a\u200bb\ufeff", `a\u200bb\ufeff`, `a\u200bb\ufeff`},
		{"combining", "e\u0301", `e\u0301`, `e\u0301`},
		{"line separator", "a\u2028b", `a\u2028b`, `a\u2028b`},
		{"tag characters", "a\U000e0041", `a\U000e0041`, `a\U000e0041`},
		{"no UTF-8", "a\xff\xc3", `a\xff\xc3`, `a\xff\xc3`},
		{"the replacement character itself", "\ufffd", "\ufffd", `\ufffd`},
		{"no-break space", "a\u00a0b", `a\u00a0b`, `a\u00a0b`},
		{"empty", "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Escape(c.in); got != c.want {
				t.Errorf("Escape: %q, want %q", got, c.want)
			}
			if got := escape(c.in, true); got != c.ascii {
				t.Errorf("in ASCII: %q, want %q", got, c.ascii)
			}
		})
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "无可用号码", "a\x1b]0;x\a", "\u202e", "\xff", "e\u0301", "👩‍👩‍👧"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Escape(s)
		if !utf8.ValidString(got) || Escape(got) != got {
			t.Fatalf("Escape(%q) = %q is not in its final form", s, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r < 0x20 || r >= 0x7f && r <= 0x9f }) {
			t.Fatalf("Escape(%q) = %q holds a control character", s, got)
		}
		for _, r := range escape(s, true) {
			if r >= 0x7f || r < 0x20 {
				t.Fatalf("in ASCII %q holds %U", s, r)
			}
		}
		for n := range 12 {
			if c := cut(got, n, "…"); width(c) > n {
				t.Fatalf("cut(%q, %d) = %q is %d wide", got, n, c, width(c))
			}
		}
		joined := strings.Join(wrap(got, 10), "")
		if strings.ReplaceAll(joined, " ", "") != strings.ReplaceAll(got, " ", "") {
			t.Fatalf("wrap(%q) lost something: %q", got, joined)
		}
	})
}

func TestWidth(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "无可用": 6, "，。": 4, "ｆｕｌｌ": 8, "한글": 4, "カナ": 4, "ｶﾅ": 2, "§±×": 3, "█░": 2, "“”": 2} {
		if got := width(s); got != want {
			t.Errorf("width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestPadAndCut(t *testing.T) {
	if got := pad("无x", 5, false) + "|" + pad("无x", 5, true) + "|" + pad("无可用", 2, false); got != "无x  |  无x|无可用" {
		t.Errorf("pad: %q", got)
	}
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"无可用号码", 10, "无可用号码"}, {"无可用号码", 9, "无可用号…"}, {"无可用号码", 8, "无可用…"}, {"abc", 2, "a…"}, {"abc", 1, "…"}, {"abc", 0, ""}} {
		if got := cut(c.in, c.n, "…"); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	got := strings.Join(wrap("every rule held 每条规则都遵守了没有例外 end", 14), "|")
	if want := "every rule|held|每条规则都遵守|了没有例外 end"; got != want {
		t.Errorf("wrap: %q, want %q", got, want)
	}
	if lines := wrap("", 14); lines != nil {
		t.Errorf("wrap of nothing: %q", lines)
	}
}
