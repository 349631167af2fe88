package check

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// nameStart are the characters beyond ASCII that a name may start with, nameRest the further ones it may go on with (XML 1.0,
// 5th edition, productions 4 and 4a).
var (
	nameStart = &unicode.RangeTable{
		R16: []unicode.Range16{
			{0xC0, 0xD6, 1}, {0xD8, 0xF6, 1}, {0xF8, 0x2FF, 1}, {0x370, 0x37D, 1}, {0x37F, 0x1FFF, 1}, {0x200C, 0x200D, 1},
			{0x2070, 0x218F, 1}, {0x2C00, 0x2FEF, 1}, {0x3001, 0xD7FF, 1}, {0xF900, 0xFDCF, 1}, {0xFDF0, 0xFFFD, 1},
		},
		R32: []unicode.Range32{{0x10000, 0xEFFFF, 1}},
	}
	nameRest = &unicode.RangeTable{
		R16: []unicode.Range16{{0xB7, 0xB7, 1}, {0x300, 0x36F, 1}, {0x203F, 0x2040, 1}},
	}
)

// Classes of nameASCII.
const (
	startsName    = 1
	continuesName = 2
)

// nameASCII are the ASCII characters of a name but for the colon.
var nameASCII = func() (t [256]uint8) {
	for c := range t {
		l := lower(byte(c))
		switch {
		case 'a' <= l && l <= 'z' || l == '_':
			t[c] = startsName
		case '0' <= l && l <= '9' || l == '-' || l == '.':
			t[c] = continuesName
		}
	}
	return t
}()

// xmlName reads a name of at most one colon.
func (r *reader) xmlName() ([]byte, bool) {
	start := r.pos
	colons := 0
	for r.pos < len(r.body) {
		c := r.body[r.pos]
		if class := nameASCII[c]; class == startsName || class == continuesName && r.pos > start {
			r.pos++
			continue
		}
		if c == ':' && r.pos > start && colons == 0 {
			colons++
			r.pos++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r.nonASCII = true
		u, n := utf8.DecodeRune(r.body[r.pos:])
		if u == utf8.RuneError && n == 1 {
			r.invalidUTF8(r.pos)
			return nil, r.fail("a name that is not UTF-8")
		}
		if !unicode.Is(nameStart, u) && (r.pos == start || !unicode.Is(nameRest, u)) {
			break
		}
		r.pos += n
	}
	if r.pos == start || r.body[r.pos-1] == ':' {
		return nil, r.fail("no name")
	}
	return r.body[start:r.pos:r.pos], true
}

// xmlAttributes reads the rest of a start tag and reports whether the element is empty.
func (r *reader) xmlAttributes() (empty, ok bool) {
	base := len(r.keys)
	for {
		before := r.pos
		r.space()
		switch {
		case r.peek() == '>':
			r.pos++
		case r.has("/>"):
			r.pos += 2
			empty = true
		default:
			if before == r.pos {
				return false, r.fail("no start tag")
			}
			name, ok := r.xmlName()
			if !ok {
				return false, false
			}
			if _, ok = r.xmlAttributeValue(); !ok {
				return false, false
			}
			r.keys = append(r.keys, name)
			continue
		}
		if !r.distinct(base) {
			return false, r.fail("an attribute twice in one start tag")
		}
		return empty, true
	}
}

// xmlAttributeValue reads '=' and a quoted value, and returns the value as written.
func (r *reader) xmlAttributeValue() ([]byte, bool) {
	r.space()
	if r.peek() != '=' {
		return nil, r.fail("an attribute without '='")
	}
	r.pos++
	r.space()
	quote := r.peek()
	if quote != '"' && quote != '\'' {
		return nil, r.fail("an attribute value without quotes")
	}
	r.pos++
	start := r.pos
	for r.pos < len(r.body) {
		switch c := r.body[r.pos]; c {
		case quote:
			r.pos++
			return r.body[start : r.pos-1], true
		case '<':
			return nil, r.fail("'<' in an attribute value")
		case '&':
			if !r.xmlReference() {
				return nil, false
			}
		default:
			if !r.xmlChar() {
				return nil, false
			}
		}
	}
	return nil, r.fail("the end inside an attribute value")
}

// xmlComment passes over a comment.
func (r *reader) xmlComment() bool {
	r.pos += len("<!--")
	for r.pos < len(r.body) {
		if r.has("--") {
			if !r.has("-->") {
				return r.fail("'--' in a comment")
			}
			r.pos += 3
			return true
		}
		if !r.xmlChar() {
			return false
		}
	}
	return r.fail("the end inside a comment")
}

// xmlInstruction passes over a processing instruction.
func (r *reader) xmlInstruction() bool {
	r.pos += 2
	name, ok := r.xmlName()
	if !ok {
		return false
	}
	if bytes.EqualFold(name, []byte("xml")) {
		return r.fail("an XML declaration that is not at the start")
	}
	if !r.has("?>") && !isSpace(r.peek()) {
		return r.fail("no processing instruction")
	}
	for r.pos < len(r.body) {
		if r.has("?>") {
			r.pos += 2
			return true
		}
		if !r.xmlChar() {
			return false
		}
	}
	return r.fail("the end inside a processing instruction")
}

// xmlCDATA reads a CDATA section.
func (r *reader) xmlCDATA() ([]byte, bool) {
	r.pos += len("<![CDATA[")
	start := r.pos
	for r.pos < len(r.body) {
		if r.has("]]>") {
			r.pos += 3
			return r.body[start : r.pos-3 : r.pos-3], true
		}
		if !r.xmlChar() {
			return nil, false
		}
	}
	return nil, r.fail("the end inside a CDATA section")
}
