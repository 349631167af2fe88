package check

import "unicode/utf8"

// readJSON reads the body as one JSON text (RFC 8259) and returns the kind of its top level. Bytes behind it are a fault,
// noted after everything was read.
func (r *reader) readJSON() (top kind, ok bool) {
	r.space()
	if r.pos == len(r.body) {
		return absent, r.fail("no JSON value")
	}
	v, ok := r.jsonValue(atTop)
	if !ok {
		return absent, false
	}
	r.space()
	if r.pos < len(r.body) {
		r.fail("bytes behind the JSON value")
	}
	return v.kind, true
}

func (r *reader) space() {
	for r.pos < len(r.body) {
		switch r.body[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// jsonValue reads the value that starts here; the members of an object are fields of parent.
func (r *reader) jsonValue(parent int) (v value, ok bool) {
	switch c := r.peek(); c {
	case '"':
		v.kind = text
		v.text, ok = r.jsonString()
		v.filled = len(v.text) > 0
	case '{':
		return r.jsonObject(parent)
	case '[':
		return r.jsonArray()
	case 't':
		return value{kind: boolean, filled: true}, r.literal("true")
	case 'f':
		return value{kind: boolean}, r.literal("false")
	case 'n':
		return value{kind: null}, r.literal("null")
	default:
		if c != '-' && (c < '0' || c > '9') {
			if r.pos == len(r.body) {
				return v, r.fail("the end instead of a JSON value")
			}
			return v, r.fail("no JSON value")
		}
		start := r.pos
		v.kind, ok = number, r.jsonNumber()
		v.text = r.body[start:r.pos]
		v.filled = ok && !zero(v.text)
	}
	return v, ok
}

// zero reports whether a number has no digit but 0 before its exponent.
func zero(number []byte) bool {
	for _, c := range number {
		if '1' <= c && c <= '9' {
			return false
		}
		if c == 'e' || c == 'E' {
			break
		}
	}
	return true
}

func (r *reader) jsonObject(parent int) (v value, ok bool) {
	if r.depth == maxDepth {
		return v, r.fail("nested too deep")
	}
	r.depth++
	r.clearWithin(parent)
	base := len(r.keys)
	v.kind = object
	r.pos++
	r.space()
	if r.peek() == '}' {
		r.pos++
		r.depth--
		return v, true
	}
	v.filled = true
	for {
		if !r.jsonMember(parent) {
			return v, false
		}
		r.space()
		switch r.peek() {
		case ',':
			r.pos++
			r.space()
			continue
		case '}':
			r.pos++
		default:
			return v, r.fail("neither ',' nor '}' behind a member")
		}
		if !r.distinct(base) {
			r.double()
		}
		r.depth--
		return v, true
	}
}

func (r *reader) jsonMember(parent int) bool {
	if r.peek() != '"' {
		return r.fail("no string as the name of a member")
	}
	name, ok := r.jsonString()
	if !ok {
		return false
	}
	r.space()
	if r.peek() != ':' {
		return r.fail("no ':' behind the name of a member")
	}
	r.pos++
	r.space()
	i := r.shape.find(parent, name)
	v, ok := r.jsonValue(r.within(i))
	if !ok {
		return false
	}
	if i < 0 {
		r.keys = append(r.keys, name)
	}
	r.put(i, name, v)
	return true
}

func (r *reader) jsonArray() (v value, ok bool) {
	if r.depth == maxDepth {
		return v, r.fail("nested too deep")
	}
	r.depth++
	v.kind = array
	r.pos++
	r.space()
	if r.peek() == ']' {
		r.pos++
		r.depth--
		return v, true
	}
	v.filled = true
	for {
		if _, ok := r.jsonValue(unknown); !ok {
			return v, false
		}
		r.space()
		switch r.peek() {
		case ',':
			r.pos++
			r.space()
		case ']':
			r.pos++
			r.depth--
			return v, true
		default:
			return v, r.fail("neither ',' nor ']' behind an element")
		}
	}
}

func (r *reader) literal(word string) bool {
	if len(r.body)-r.pos < len(word) || string(r.body[r.pos:r.pos+len(word)]) != word {
		return r.fail("no JSON value")
	}
	r.pos += len(word)
	return true
}

// jsonNumber reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (r *reader) jsonNumber() bool {
	if r.peek() == '-' {
		r.pos++
	}
	if r.peek() == '0' {
		r.pos++
	} else if !r.digits() {
		return r.fail("a number without digits")
	}
	if r.peek() == '.' {
		r.pos++
		if !r.digits() {
			return r.fail("a fraction without digits")
		}
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.pos++
		if c := r.peek(); c == '+' || c == '-' {
			r.pos++
		}
		if !r.digits() {
			return r.fail("an exponent without digits")
		}
	}
	return true
}

// digits passes over digits and reports whether there was one.
func (r *reader) digits() bool {
	start := r.pos
	for r.pos < len(r.body) && '0' <= r.body[r.pos] && r.body[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > start
}

// plain are the bytes that stand for themselves in a JSON string, one byte each.
var plain = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// jsonString reads a string and returns its characters: a part of the body, or of the scratch when there were escapes.
func (r *reader) jsonString() ([]byte, bool) {
	b := r.body
	start := r.pos + 1
	i := start
	escaped := false
	for {
		for i < len(b) && plain[b[i]] {
			i++
		}
		if i == len(b) {
			r.pos = i
			return nil, r.fail("the end inside a string")
		}
		switch c := b[i]; {
		case c == '"':
			r.pos = i + 1
			if escaped {
				return r.unescape(b[start:i]), true
			}
			return b[start:i:i], true
		case c == '\\':
			escaped = true
			n := escapeLen(b[i:])
			if n == 0 {
				r.pos = i
				return nil, r.fail("no JSON escape")
			}
			i += n
		case c < ' ':
			r.pos = i
			return nil, r.fail("a control character in a string")
		default:
			r.nonASCII = true
			rune, n := utf8.DecodeRune(b[i:])
			if rune == utf8.RuneError && n == 1 {
				r.invalidUTF8(i)
			}
			i += n
		}
	}
}

// escapeLen returns the length of the escape at the start of b, 0 if it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b[2:]); ok {
			return 6
		}
	}
	return 0
}

func hex4(b []byte) (u rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		d := hexDigit(c)
		if d < 0 {
			return 0, false
		}
		u = u<<4 | d
	}
	return u, true
}

// hexDigit returns the value of c, -1 if it is no hexadecimal digit.
func hexDigit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// unescape appends the characters of a valid raw string to the scratch and returns them. A surrogate without its other half,
// which the grammar allows, keeps its number as three bytes, so that names that differ stay different.
func (r *reader) unescape(raw []byte) []byte {
	start := len(r.scratch)
	out := r.scratch
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '\\' {
			out = append(out, c)
			i++
			continue
		}
		if raw[i+1] != 'u' {
			out = append(out, unescaped(raw[i+1]))
			i += 2
			continue
		}
		u, _ := hex4(raw[i+2:])
		i += 6
		if 0xD800 <= u && u < 0xDC00 && i+1 < len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
			if low, _ := hex4(raw[i+2:]); 0xDC00 <= low && low < 0xE000 {
				u = (u-0xD800)<<10 + (low - 0xDC00) + 0x10000
				i += 6
			}
		}
		if 0xD800 <= u && u < 0xE000 {
			out = append(out, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0x3F, 0x80|byte(u)&0x3F)
			continue
		}
		out = utf8.AppendRune(out, u)
	}
	r.scratch = out
	return out[start:len(out):len(out)]
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
