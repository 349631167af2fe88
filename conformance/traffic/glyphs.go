package traffic

import "bytes"

// glyph is one byte of a text as a reader would decode it, with the bytes of the source that stand for it. A number can so be
// found whatever its spelling: "150", "%31%35%30", "%2531…", "\u0031…", "&#49;…", full-width.
type glyph struct {
	c        byte
	wide     bool // a full-width digit, of which c is the plain one
	done     bool // replaced by text; never looked at again
	from, to int32
	text     string
}

const (
	plainDigits = "0123456789"
	wideDigits  = "０１２３４５６７８９"
	wideLen     = len("０")
)

// setDigit replaces a digit by another one of the same width.
func (g *glyph) setDigit(d byte) {
	i := int(d - '0')
	g.done = true
	if g.wide {
		g.text = wideDigits[i*wideLen : (i+1)*wideLen]
		return
	}
	g.text = plainDigits[i : i+1]
}

// glyphsOf makes one glyph of every byte.
func glyphsOf(src []byte) []glyph {
	gs := make([]glyph, len(src))
	for i, c := range src {
		gs[i] = glyph{c: c, from: int32(i), to: int32(i + 1)}
	}
	return gs
}

// decode undoes one level of spelling in place: %HH, \u00HH, &#N;, &#xH; and full-width digits in UTF-8. It returns what is
// left and whether anything was undone. Glyphs that are done stay and end every sequence.
func decode(gs []glyph) ([]glyph, bool) {
	out := gs[:0]
	changed := false
	for i := 0; i < len(gs); {
		n, c, wide := spelled(gs[i:])
		if n < 2 {
			out = append(out, gs[i])
			i++
			continue
		}
		out = append(out, glyph{c: c, wide: wide, from: gs[i].from, to: gs[i+n-1].to})
		i += n
		changed = true
	}
	return out, changed
}

// decodeAll undoes every level of spelling in one pass from the end, in place.
func decodeAll(gs []glyph) []glyph {
	head := len(gs)
	for i := len(gs) - 1; i >= 0; i-- {
		head--
		gs[head] = gs[i]
		for n, c, wide := spelled(gs[head:]); n >= 2; n, c, wide = spelled(gs[head:]) {
			gs[head+n-1] = glyph{c: c, wide: wide, from: gs[head].from, to: gs[head+n-1].to}
			head += n - 1
		}
	}
	return gs[head:]
}

// spelled reads one spelled-out byte at the start of gs: how many glyphs spell it, and what it is. 0 for none.
func spelled(gs []glyph) (n int, c byte, wide bool) {
	var b [10]byte // the longest: &#x0FF19;
	for n < len(gs) && n < len(b) && !gs[n].done && !gs[n].wide {
		b[n] = gs[n].c
		n++
	}
	s := b[:n]
	switch {
	case len(s) >= 3 && s[0] == '%':
		if v, ok := hexValue(s[1:3]); ok {
			return 3, byte(v), false
		}
	case len(s) >= 6 && s[0] == '\\' && (s[1] == 'u' || s[1] == 'U'):
		if v, ok := hexValue(s[2:6]); ok {
			return codePoint(6, v)
		}
	case len(s) >= 4 && s[0] == '&' && s[1] == '#':
		return entity(s)
	case len(s) >= 3 && s[0] == 0xEF && s[1] == 0xBC && s[2] >= 0x90 && s[2] <= 0x99:
		return 3, '0' + s[2] - 0x90, true
	}
	return 0, 0, false
}

// entity reads a numeric character reference of XML.
func entity(s []byte) (n int, c byte, wide bool) {
	end := bytes.IndexByte(s, ';')
	if end < 3 {
		return 0, 0, false
	}
	digits := s[2:end]
	if digits[0] == 'x' || digits[0] == 'X' {
		if v, ok := hexValue(digits[1:]); ok {
			return codePoint(end+1, v)
		}
		return 0, 0, false
	}
	v := 0
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, 0, false
		}
		v = v*10 + int(d-'0')
	}
	return codePoint(end+1, v)
}

// codePoint turns a code point into a byte or a full-width digit; others are left as they are spelled.
func codePoint(n, v int) (int, byte, bool) {
	switch {
	case v < 0x80:
		return n, byte(v), false
	case v >= 0xFF10 && v <= 0xFF19:
		return n, byte('0' + v - 0xFF10), true
	}
	return 0, 0, false
}

func hexValue(s []byte) (v int, ok bool) {
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | int(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | int(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, len(s) > 0
}

// barrier stands in views for what is done. It is no part of UTF-8, so it belongs to no word and no number.
const barrier = 0xff

// view is the glyphs as bytes, into dst.
func view(dst []byte, gs []glyph) []byte {
	dst = dst[:0]
	for i := range gs {
		if gs[i].done {
			dst = append(dst, barrier)
		} else {
			dst = append(dst, gs[i].c)
		}
	}
	return dst
}

// remove replaces gs[from:to] by one word.
func remove(gs []glyph, from, to int) {
	for i := from; i < to; i++ {
		if gs[i].done {
			continue
		}
		gs[i].done, gs[i].text = true, ""
		if i == from {
			gs[i].text = removed
		}
	}
}

// removed stands in records for what was taken out.
const removed = "[removed]"
