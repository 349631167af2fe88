package traffic

import (
	"unicode"
	"unicode/utf8"
)

const lowerHex = "0123456789abcdef"

// appendEscaped appends text from outside so that it is valid UTF-8 and moves no cursor: control characters, invisible ones
// and bytes that are no UTF-8 are spelled out as \n, \x1b, \u202e. A backslash stays as it is.
func appendEscaped(dst, s []byte) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		switch {
		case r == utf8.RuneError && n <= 1:
			dst = append(dst, '\\', 'x', lowerHex[s[0]>>4], lowerHex[s[0]&15])
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < 0x80 && (r < ' ' || r == 0x7f):
			dst = append(dst, '\\', 'x', lowerHex[r>>4], lowerHex[r&15])
		case !unicode.IsPrint(r):
			dst = appendCodePoint(dst, r)
		default:
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return dst
}

func appendCodePoint(dst []byte, r rune) []byte {
	if r > 0xffff {
		dst = append(dst, '\\', 'U')
		for shift := 28; shift >= 0; shift -= 4 {
			dst = append(dst, lowerHex[r>>shift&15])
		}
		return dst
	}
	dst = append(dst, '\\', 'u')
	for shift := 12; shift >= 0; shift -= 4 {
		dst = append(dst, lowerHex[r>>shift&15])
	}
	return dst
}

// appendWord appends s as a word of [A-Za-z0-9._-]; every other byte becomes _XX in hex.
func appendWord(dst, s []byte) []byte {
	for _, c := range s {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
			dst = append(dst, c)
		default:
			dst = append(dst, '_', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
	}
	return dst
}
