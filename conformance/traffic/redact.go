package traffic

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// How much of each part of an exchange is looked at, and how much of it is recorded at most, in bytes. More is looked at, and of
// that the last characters are not recorded, since half a number would not be found.
const (
	maxLook   = 8 << 10
	maxRecord = 4 << 10
	maxTail   = 64 // decoded characters
)

// Redactor makes exchanges fit to be recorded. Telephone numbers become pseudonyms: one to one, of the same length, with the
// same separators and leading 3 digits, under a key that is random, lives as long as the Redactor and is written nowhere.
// Of requests only known parameters and headers stay; what was taken out (access key id, signature, nonce, token) is also
// taken out of the answer, as are credentials wherever they stand. What stays is escaped. It is safe for concurrent use.
type Redactor struct {
	mu   sync.Mutex
	p    *pseudonymizer
	base [][]byte
}

// NewRedactor returns a Redactor under a fresh key. secrets are removed wherever they stand; empty ones are ignored.
func NewRedactor(secrets ...string) *Redactor {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return newRedactor(key, secrets)
}

func newRedactor(key []byte, secrets []string) *Redactor {
	var x exchange
	for _, s := range secrets {
		x.addSecret([]byte(s))
	}
	return &Redactor{p: newPseudonymizer(key), base: x.secrets}
}

// Number returns the pseudonym of a telephone number: its digits, taken together, are replaced, everything else stays.
func (r *Redactor) Number(s string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(render(nil, []byte(s), r.number([]byte(s), &exchange{}), maxRecord))
}

// Text redacts text from outside that belongs to no request.
func (r *Redactor) Text(s []byte) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.text(nil, s, &exchange{}))
}

// Exchange redacts one request, as bytes of HTTP/1.1, and what came back. numbers are those that the request stands for.
func (r *Redactor) Exchange(request, head, body []byte, numbers ...string) (req, answer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, x := newExchange(request, numbers)
	req = cut(r.request(nil, m, x))
	if len(head)+len(body) > 0 {
		answer = cut(r.answer(nil, head, body, x))
	}
	return req, answer
}

// Raw redacts an answer as Exchange does and leaves the bytes that stay as they came, so that the answer can be checked again.
// cut says that it is not whole: too long, or a body in which numbers cannot be found, of which nothing stays.
func (r *Redactor) Raw(request, head, body []byte, numbers ...string) (rawHead, rawBody []byte, cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, x := newExchange(request, numbers)
	if len(head) > maxLook {
		return nil, nil, true
	}
	for i, line := range bytes.SplitAfter(head, []byte("\n")) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		switch end := len(value) - len(bytes.TrimRight(value, "\r\n")); {
		case i == 0 || !ok:
			rawHead = append(rawHead, r.raw(line, x)...)
		case keptHeaders[strings.ToLower(string(bytes.TrimSpace(name)))]:
			rawHead = append(append(append(rawHead, name...), ':'), r.raw(value, x)...)
		default:
			rawHead = append(append(append(rawHead, name...), ": "+removed...), value[len(value)-end:]...)
		}
	}
	if opaque(body) || len(body) > maxLook {
		return rawHead, nil, true
	}
	return rawHead, r.raw(body, x), false
}

// Value redacts a decoded value of a request that stands for these numbers as Raw does where it comes back in the answer.
func (r *Redactor) Value(s string, numbers ...string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, x := newExchange(nil, numbers)
	return string(r.raw([]byte(s), x))
}

// raw returns src scrubbed and not escaped.
func (r *Redactor) raw(src []byte, x *exchange) (dst []byte) {
	s := scrubber{p: r.p, x: x, base: r.base}
	from := int32(0)
	for _, g := range s.scrub(src) {
		if g.done {
			dst = append(append(dst, src[from:g.from]...), g.text...)
			from = g.to
		}
	}
	return append(dst, src[from:]...)
}

// phrase redacts a part of the answer to request.
func (r *Redactor) phrase(s, request []byte, numbers ...string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, x := newExchange(request, numbers)
	return string(r.text(nil, s, x))
}

// number scrubs src and replaces all its digits.
func (r *Redactor) number(src []byte, x *exchange) []glyph {
	s := scrubber{p: r.p, x: x, base: r.base}
	whole := exchange{secrets: x.secrets}
	whole.addNumber(src)
	s.x = &whole
	gs := s.scrub(src)
	s.look(gs)
	s.mask(gs, 0, len(gs))
	return gs
}

// cut keeps a record within its size.
func cut(b []byte) string {
	if len(b) <= maxRecord {
		return string(b)
	}
	return strings.ToValidUTF8(string(b[:maxRecord]), "") + "[cut]"
}

// text appends src scrubbed and escaped.
func (r *Redactor) text(dst, src []byte, x *exchange) []byte {
	s := scrubber{p: r.p, x: x, base: r.base}
	if len(src) <= maxLook {
		return render(dst, src, s.scrub(src), maxRecord)
	}
	src = src[:maxLook]
	gs := s.scrub(src)
	return render(dst, src, gs, min(maxRecord, int(gs[max(0, len(gs)-maxTail)].from)))
}

// render appends glyphs: what is done by its text, the rest as it stands in src, escaped. At most about limit bytes of src.
func render(dst, src []byte, gs []glyph, limit int) []byte {
	from := int32(0) // of the stretch that stays as it is
	for _, g := range gs {
		if int(g.to) > limit {
			dst = appendEscaped(dst, src[from:max(from, g.from)])
			return append(dst, "[cut]"...)
		}
		if g.done {
			dst = appendEscaped(dst, src[from:g.from])
			dst = append(dst, g.text...)
			from = g.to
		}
	}
	return appendEscaped(dst, src[from:])
}

// request appends a request in which only what the allow lists name is left.
func (r *Redactor) request(dst []byte, m *message, x *exchange) []byte {
	dst = r.text(dst, m.method, x)
	dst = append(dst, ' ')
	dst = r.text(dst, m.path, x)
	if len(m.query) > 0 {
		dst = append(dst, '?')
		dst = r.params(dst, m.query, x)
	}
	dst = append(dst, ' ')
	dst = r.text(dst, m.proto, x)
	dst = r.headers(dst, m.headers, x)
	if len(m.body) == 0 {
		return dst
	}
	dst = append(dst, "\n\n"...)
	switch {
	case m.form:
		return r.params(dst, m.body, x)
	case m.json:
		if fields := jsonFields(m.body); fields != nil {
			return r.fields(dst, fields, x)
		}
	}
	return append(strconv.AppendInt(append(dst, '['), int64(len(m.body)), 10), " bytes not shown]"...)
}

func (r *Redactor) params(dst, s []byte, x *exchange) []byte {
	first := true
	pairs(s, func(name string, rawName, value []byte) {
		if !first {
			dst = append(dst, '&')
		}
		first = false
		dst = r.text(dst, rawName, x)
		dst = append(dst, '=')
		dst = r.value(dst, name, value, x)
	})
	return dst
}

// value appends the value of one parameter as the allow list says.
func (r *Redactor) value(dst []byte, name string, value []byte, x *exchange) []byte {
	switch keptParams[name] {
	case keep:
		return r.text(dst, value, x)
	case mask:
		return render(dst, value, r.number(value, x), maxRecord)
	}
	if len(value) == 0 {
		return dst
	}
	return append(dst, removed...)
}

func (r *Redactor) headers(dst []byte, lines [][]byte, x *exchange) []byte {
	for _, h := range lines {
		name, value, ok := bytes.Cut(h, []byte(":"))
		dst = append(dst, '\n')
		dst = r.text(dst, name, x)
		if !ok {
			continue
		}
		dst = append(dst, ": "...)
		if keptHeaders[strings.ToLower(string(name))] {
			dst = r.text(dst, bytes.TrimSpace(value), x)
		} else {
			dst = append(dst, removed...)
		}
	}
	return dst
}

func (r *Redactor) fields(dst []byte, fields []jsonField, x *exchange) []byte {
	dst = append(dst, '{')
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		name, _ := json.Marshal(f.name)
		dst = r.text(dst, name, x)
		dst = append(dst, ':')
		if keptParams[f.name] == drop {
			dst = append(dst, `"`+removed+`"`...)
			continue
		}
		dst = r.value(dst, f.name, f.value, x)
	}
	return append(dst, '}')
}

// answer appends head and body of an answer.
func (r *Redactor) answer(dst, head, body []byte, x *exchange) []byte {
	lines := bytes.Split(bytes.TrimRight(head, "\r\n"), []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimSuffix(lines[i], []byte("\r"))
	}
	dst = r.text(dst, lines[0], x)
	dst = r.headers(dst, lines[1:], x)
	dst = append(dst, "\n\n"...)
	if opaque(body) {
		return append(strconv.AppendInt(append(dst, '['), int64(len(body)), 10), " bytes of binary not shown]"...)
	}
	return r.text(dst, body, x)
}

// opaque reports whether a body is no text: compressed or in another encoding, where numbers would not be found.
func opaque(body []byte) bool {
	look := body[:min(len(body), maxLook)]
	odd := 0
	for rest := look; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			odd++
		}
		rest = rest[n:]
	}
	return bytes.HasPrefix(body, []byte{0x1f, 0x8b}) || odd*20 > len(look)
}
