package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Escape makes s safe to print on a terminal: control characters, escape sequences, bidirectional overrides, invisible
// and combining characters and bytes that are no UTF-8 become visible \x1b, \u202e. It keeps every other character and
// never yields a line break. It is safe for concurrent use.
func Escape(s string) string {
	return escape(s, false)
}

// escape is Escape; with ascii every character beyond ASCII is escaped as well.
func escape(s string, ascii bool) string {
	if plain(s, ascii) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case printable(r, ascii):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[size:]
	}
	return b.String()
}

func plain(s string, ascii bool) bool {
	for i, r := range s {
		if !printable(r, ascii) {
			return false
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false
			}
		}
	}
	return true
}

// printable tells whether r stands as it is: it fills cells of its own and moves nothing.
func printable(r rune, ascii bool) bool {
	if r < 0x80 {
		return r >= 0x20 && r != 0x7f
	}
	return !ascii && unicode.IsPrint(r) && !unicode.In(r, unicode.Mn, unicode.Me) && cells.RuneWidth(r) > 0
}

// cells counts terminal cells by East Asian width; ambiguous characters count one, whatever the locale is.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// width is the number of terminal cells that the escaped text s fills.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += cells.RuneWidth(r)
	}
	return n
}

// cut shortens s to at most n cells, ending in the mark of an omission where something is missing.
func cut(s string, n int, mark string) string {
	if width(s) <= n {
		return s
	}
	room := n - width(mark)
	if room < 0 {
		return ""
	}
	used := 0
	for i, r := range s {
		w := cells.RuneWidth(r)
		if used+w > room {
			return s[:i] + mark
		}
		used += w
	}
	return s
}

// pad fills s with spaces to n cells, on the left if right is set.
func pad(s string, n int, right bool) string {
	gap := n - width(s)
	if gap <= 0 {
		return s
	}
	if right {
		return strings.Repeat(" ", gap) + s
	}
	return s + strings.Repeat(" ", gap)
}

// wrap breaks s into lines of at most n cells at spaces, and inside words that are longer, as Chinese sentences are.
func wrap(s string, n int) []string {
	n = max(n, 8)
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		w := width(word)
		if used > 0 && used+1+w <= n {
			line, used = line+" "+word, used+1+w
			continue
		}
		if used > 0 {
			lines = append(lines, line)
		}
		for w > n {
			head := cut(word, n, "")
			lines = append(lines, head)
			word = word[len(head):]
			w = width(word)
		}
		line, used = word, w
	}
	if used > 0 {
		lines = append(lines, line)
	}
	return lines
}
