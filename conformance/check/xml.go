package check

import (
	"bytes"
	"unicode/utf8"
)

// readXML reads the body as one XML 1.0 document: well-formed, with names of at most one colon, without a document type
// declaration. Only elements count; attributes are passed over. A byte order mark is allowed, as XML allows it.
func (r *reader) readXML() bool {
	if bytes.HasPrefix(r.body, bom) {
		r.pos = len(bom)
	}
	if r.has("<?xml") && r.pos+5 < len(r.body) && isSpace(r.body[r.pos+5]) && !r.xmlDeclaration() {
		return false
	}
	if !r.xmlMisc() {
		return false
	}
	if r.peek() != '<' {
		return r.fail("no root element")
	}
	r.pos++
	name, ok := r.xmlName()
	if !ok {
		return false
	}
	r.root = name
	v, ok := r.xmlElement(name, atTop)
	if !ok {
		return false
	}
	if v.kind == text && !blank(v.text) {
		r.mixed = r.pos
	}
	if !r.xmlMisc() {
		return false
	}
	if r.pos < len(r.body) {
		return r.fail("bytes behind the root element")
	}
	return true
}

var bom = []byte("\xEF\xBB\xBF")

// has reports whether s comes next.
func (r *reader) has(s string) bool {
	return len(r.body)-r.pos >= len(s) && string(r.body[r.pos:r.pos+len(s)]) == s
}

// blank reports whether b is only white space.
func blank(b []byte) bool {
	for _, c := range b {
		if !isSpace(c) {
			return false
		}
	}
	return true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// xmlMisc passes over white space, comments and processing instructions outside the root element.
func (r *reader) xmlMisc() bool {
	for {
		r.space()
		switch {
		case r.has("<!--"):
			if !r.xmlComment() {
				return false
			}
		case r.has("<?"):
			if !r.xmlInstruction() {
				return false
			}
		case r.has("<!"):
			return r.fail("a document type declaration")
		default:
			return true
		}
	}
}

func (r *reader) xmlDeclaration() bool {
	r.pos += len("<?xml")
	last := 0
	for {
		spaced := r.pos
		r.space()
		if r.has("?>") {
			r.pos += 2
			if last == 0 {
				return r.fail("an XML declaration without version")
			}
			return true
		}
		if spaced == r.pos {
			return r.fail("no XML declaration")
		}
		name, ok := r.xmlName()
		if !ok {
			return false
		}
		val, ok := r.xmlAttributeValue()
		if !ok {
			return false
		}
		order := 0
		switch string(name) {
		case "version":
			order, ok = 1, string(val) == "1.0"
		case "encoding":
			order, ok = 2, isEncodingName(val)
			r.encoding = val
		case "standalone":
			order, ok = 3, string(val) == "yes" || string(val) == "no"
		}
		if order <= last || !ok || order > 1 && last == 0 {
			return r.fail("no XML declaration")
		}
		last = order
	}
}

func isEncodingName(b []byte) bool {
	for i, c := range b {
		c = lower(c)
		if ('a' <= c && c <= 'z') || i > 0 && ('0' <= c && c <= '9' || c == '.' || c == '_' || c == '-') {
			continue
		}
		return false
	}
	return len(b) > 0
}

// xmlElement reads the rest of the element of that name, from behind its name. Its children are fields of parent.
func (r *reader) xmlElement(name []byte, parent int) (v value, ok bool) {
	if r.depth == maxDepth {
		return v, r.fail("nested too deep")
	}
	r.depth++
	r.clearWithin(parent)
	empty, ok := r.xmlAttributes()
	if !ok {
		return v, false
	}
	v.kind = text
	if !empty {
		if v, ok = r.xmlContent(parent); !ok {
			return v, false
		}
		if !r.xmlEnd(name) {
			return v, false
		}
	}
	r.depth--
	return v, true
}

// xmlEnd reads an end tag from behind its "</".
func (r *reader) xmlEnd(name []byte) bool {
	if n := len(name); len(r.body)-r.pos > n && r.body[r.pos+n] == '>' && bytes.Equal(r.body[r.pos:r.pos+n], name) {
		r.pos += n + 1
		return true
	}
	end, ok := r.xmlName()
	if !ok {
		return false
	}
	if !bytes.Equal(end, name) {
		return r.fail("an end tag of another name")
	}
	r.space()
	if r.peek() != '>' {
		return r.fail("no '>' at the end of an end tag")
	}
	r.pos++
	return true
}

// xmlContent reads to behind the "</" of the end tag. With child elements the value is an object, else the text.
func (r *reader) xmlContent(parent int) (v value, ok bool) {
	v.kind = text
	words := words{start: -1}
	for {
		part, resolved, ok := r.xmlText()
		if !ok {
			return v, false
		}
		words.spoken = words.spoken || !blank(part)
		if v.kind == text {
			words.join(r, part, resolved)
		}
		switch {
		case r.has("</"):
			r.pos += 2
			if v.kind == text {
				v.text, v.filled = words.text, len(words.text) > 0
				return v, true
			}
			if words.spoken && parent != unknown && r.mixed < 0 {
				r.mixed = r.pos
			}
			v.filled = true
			return v, true
		case r.has("<!--"):
			ok = r.xmlComment()
		case r.has("<![CDATA["):
			part, ok = r.xmlCDATA()
			words.spoken = words.spoken || len(part) > 0
			if v.kind == text {
				words.join(r, part, false)
			}
		case r.has("<?"):
			ok = r.xmlInstruction()
		case r.peek() == '<':
			v.kind = object
			ok = r.xmlChild(parent)
		default:
			ok = r.fail("the end inside an element")
		}
		if !ok {
			return v, false
		}
	}
}

// words puts the text of one element together from its parts.
type words struct {
	text   []byte
	start  int  // where text starts in the scratch, once it is there; -1 before
	spoken bool // there was more than white space
}

// join appends part. It is at the end of the scratch when it was resolved there, and so already behind a text that is there.
func (w *words) join(r *reader, part []byte, resolved bool) {
	switch {
	case len(part) == 0:
		return
	case len(w.text) == 0:
		w.text = part
		return
	case w.start < 0:
		w.start = len(r.scratch)
		r.scratch = append(append(r.scratch, w.text...), part...)
	case !resolved:
		r.scratch = append(r.scratch, part...)
	}
	w.text = r.scratch[w.start:len(r.scratch):len(r.scratch)]
}

func (r *reader) xmlChild(parent int) bool {
	r.pos++
	name, ok := r.xmlName()
	if !ok {
		return false
	}
	i := r.shape.find(parent, name)
	v, ok := r.xmlElement(name, r.within(i))
	if !ok {
		return false
	}
	if i >= 0 && r.shape.fields[i].object && v.kind == text && blank(v.text) {
		v = value{kind: object}
	}
	r.put(i, name, v)
	return true
}

// xmlText reads character data up to the next '<' or the end. It returns a part of the body, or of the scratch where
// references or line ends were resolved.
func (r *reader) xmlText() (part []byte, resolved, ok bool) {
	start := r.pos
	for {
		for r.pos < len(r.body) && plainXML[r.body[r.pos]] {
			r.pos++
		}
		if r.pos == len(r.body) {
			return r.xmlResolved(start, resolved), resolved, true
		}
		switch c := r.body[r.pos]; {
		case c == '<':
			return r.xmlResolved(start, resolved), resolved, true
		case c == '&':
			resolved = true
			if !r.xmlReference() {
				return nil, false, false
			}
		case c == '\r':
			resolved = true
			r.pos++
		case c == ']' && r.has("]]>"):
			return nil, false, r.fail("']]>' in text")
		default:
			if !r.xmlChar() {
				return nil, false, false
			}
		}
	}
}

// plainXML are the bytes that stand for themselves in the text of an element, one byte each.
var plainXML = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '<' && c != '&' && c != ']'
	}
	t['\t'], t['\n'] = true, true
	return t
}()

// xmlChar passes over one character.
func (r *reader) xmlChar() bool {
	c := r.body[r.pos]
	if c >= ' ' && c < utf8.RuneSelf || isSpace(c) {
		r.pos++
		return true
	}
	if c < ' ' {
		return r.fail("a control character")
	}
	r.nonASCII = true
	u, n := utf8.DecodeRune(r.body[r.pos:])
	if u == utf8.RuneError && n == 1 {
		r.invalidUTF8(r.pos)
	} else if !isXMLChar(u) {
		return r.fail("a character that XML does not allow")
	}
	r.pos += n
	return true
}

func isXMLChar(u rune) bool {
	return u == '\t' || u == '\n' || u == '\r' || ' ' <= u && u <= 0xD7FF || 0xE000 <= u && u <= 0xFFFD || 0x10000 <= u && u <= utf8.MaxRune
}

var references = [...]struct {
	name string
	char byte
}{{"lt;", '<'}, {"gt;", '>'}, {"amp;", '&'}, {"quot;", '"'}, {"apos;", '\''}}

// reference returns what the reference behind an '&' stands for and its length, or ok false.
func reference(b []byte) (u rune, n int, ok bool) {
	for _, ref := range references {
		if bytes.HasPrefix(b, []byte(ref.name)) {
			return rune(ref.char), len(ref.name), true
		}
	}
	if len(b) < 3 || b[0] != '#' {
		return 0, 0, false
	}
	base, i := rune(10), 1
	if b[1] == 'x' {
		base, i = 16, 2
	}
	first := i
	for ; i < len(b) && b[i] != ';'; i++ {
		d := hexDigit(b[i])
		if d < 0 || d >= base {
			return 0, 0, false
		}
		if u = u*base + d; u > utf8.MaxRune {
			return 0, 0, false
		}
	}
	return u, i + 1, i > first && i < len(b) && isXMLChar(u)
}

func (r *reader) xmlReference() bool {
	_, n, ok := reference(r.body[r.pos+1:])
	if !ok {
		return r.fail("an unknown reference")
	}
	r.pos += 1 + n
	return true
}

// xmlResolved returns the text from start to here, with references and line ends resolved.
func (r *reader) xmlResolved(start int, resolve bool) []byte {
	raw := r.body[start:r.pos:r.pos]
	if !resolve {
		return raw
	}
	from := len(r.scratch)
	out := r.scratch
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '&':
			u, n, _ := reference(raw[i+1:])
			out = utf8.AppendRune(out, u)
			i += n
		case c == '\r':
			out = append(out, '\n')
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
		default:
			out = append(out, c)
		}
	}
	r.scratch = out
	return out[from:len(out):len(out)]
}
