package traffic

import (
	"bytes"
	"slices"
	"strings"
)

// exchange is what one exchange must not show: the values that its request took out, and the numbers it names.
type exchange struct {
	secrets [][]byte // in the form of scrubber.low
	numbers []number
}

// number is a telephone number of the exchange, as it was written and as digits only.
type number struct {
	literal, digits []byte
}

// shortest secret and number that are looked for everywhere: shorter ones are words of ordinary text.
const (
	minSecret = 4
	minNumber = 5
	minInside = 8 // shorter numbers are not looked for inside longer runs of digits
)

func (x *exchange) addSecret(s []byte) {
	s = bytes.ReplaceAll(bytes.ToLower(bytes.TrimSpace(s)), []byte("+"), []byte(" "))
	if len(s) < minSecret {
		return
	}
	for _, old := range x.secrets {
		if bytes.Equal(old, s) {
			return
		}
	}
	x.secrets = append(x.secrets, s)
}

// addNumber takes a decoded value.
func (x *exchange) addNumber(literal []byte) {
	gs := decodeAll(glyphsOf(literal))
	n := number{literal: view(nil, gs), digits: digitsOf(gs)}
	if len(n.digits) >= minNumber {
		x.numbers = append(x.numbers, n)
	}
}

// digitsOf returns the digits among glyphs.
func digitsOf(gs []glyph) (d []byte) {
	for _, g := range gs {
		if isDigit(g.c) {
			d = append(d, g.c)
		}
	}
	return d
}

// sort puts longer numbers first: a shorter one may be part of a longer one.
func (x *exchange) sort() {
	slices.SortStableFunc(x.numbers, func(a, b number) int { return len(b.digits) - len(a.digits) })
}

// scrubber replaces what must not be recorded in one text. It belongs to one call of the Redactor, which holds its lock.
type scrubber struct {
	p    *pseudonymizer
	x    *exchange
	base [][]byte // secrets of the whole run, in the form of low
	view []byte
	low  []byte
	buf  []byte
}

// levels is how many levels of spelling are looked at one by one; what lies deeper is looked at once, at the bottom.
const levels = 4

// scrub looks at src as it is and at the levels of spelling below, and replaces secrets and numbers where they show.
func (s *scrubber) scrub(src []byte) []glyph {
	gs := glyphsOf(src)
	for level, changed := 0, true; changed && level < levels; level++ {
		s.pass(gs, false)
		gs, changed = decode(gs)
	}
	gs = decodeAll(gs)
	s.pass(gs, true)
	s.look(gs)
	s.maskPhones(gs)
	return gs
}

func (s *scrubber) pass(gs []glyph, last bool) {
	s.look(gs)
	s.dropSecrets(gs)
	s.dropNamed(gs)
	s.look(gs)
	s.maskNumbers(gs)
	s.maskLabelled(gs, last)
}

func (s *scrubber) look(gs []glyph) {
	s.view = view(s.view, gs)
	s.low = append(s.low[:0], s.view...)
	for i, c := range s.low {
		if 'A' <= c && c <= 'Z' {
			s.low[i] = c + 'a' - 'A'
		}
		if c == '+' { // a form's space: an echo may have either
			s.low[i] = ' '
		}
	}
}

// dropSecrets removes every value that must not be seen.
func (s *scrubber) dropSecrets(gs []glyph) {
	for _, list := range [][][]byte{s.base, s.x.secrets} {
		for _, want := range list {
			for at := 0; ; {
				i := bytes.Index(s.low[at:], want)
				if i < 0 {
					break
				}
				if at += i; !inPublic(s.view, at, at+len(want)) {
					remove(gs, at, at+len(want))
				}
				at += len(want)
			}
		}
	}
	for _, mark := range []string{"ltai", "sts."} { // how access key ids of this cloud begin
		for at := 0; ; {
			i := bytes.Index(s.low[at:], []byte(mark))
			if i < 0 {
				break
			}
			from := at + i
			to := from + len(mark)
			for to < len(s.low) && isAlnum(s.low[to]) {
				to++
			}
			if to-from >= 12 {
				remove(gs, from, to)
			}
			at = to
		}
	}
}

// secretNames are the names whose value never stays, in lower case.
var secretNames = []string{
	"accesskeyid", "accesskeysecret", "access_key_id", "access_key_secret", "access-key-id", "signature", "signaturenonce",
	"securitytoken", "security_token", "x-acs-signature-nonce", "x-acs-security-token", "x-acs-accesskey-id",
	"x-acs-content-sha256", "authorization", "credential", "bearertoken", "x-acs-bearer-token", "cookie", "set-cookie",
}

// dropNamed removes the value after every secret name: name=value, "name":"value", name: value, <name>value<.
func (s *scrubber) dropNamed(gs []glyph) {
	for i := 0; i < len(s.low); i++ {
		if !isAlnum(s.low[i]) || i > 0 && (isName(s.low[i-1]) || s.low[i-1] == '/') {
			continue
		}
		end := i
		for end < len(s.low) && isName(s.low[end]) {
			end++
		}
		name := string(s.low[i:end])
		i = end - 1
		if !slices.Contains(secretNames, name) {
			continue
		}
		from, ok := valueAfter(s.low, end)
		if !ok {
			continue
		}
		stop := "&\"'<>]},;\\ \t\r\n\xff"
		if name == "authorization" || strings.HasSuffix(name, "cookie") {
			stop = "\"'<>]\\\r\n\xff"
		}
		to := from
		for to < len(s.low) && strings.IndexByte(stop, s.low[to]) < 0 {
			to++
		}
		remove(gs, from, to)
		i = max(i, to-1)
	}
}

// valueAfter finds where the value begins behind a name that ends at i.
func valueAfter(b []byte, i int) (int, bool) {
	skip := func(set string) {
		for i < len(b) && strings.IndexByte(set, b[i]) >= 0 {
			i++
		}
	}
	skip("\\\"' ")
	if i >= len(b) || strings.IndexByte("=:>", b[i]) < 0 {
		return 0, false
	}
	i++
	skip("\\\"' ")
	return i, i < len(b)
}

// maskNumbers replaces the numbers of the exchange, wherever they stand.
func (s *scrubber) maskNumbers(gs []glyph) {
	for _, n := range s.x.numbers {
		for i := 0; i < len(s.view); i++ {
			end := matchLiteral(s.view, i, n.literal)
			if end == 0 {
				end = matchDigits(s.view, i, n.digits)
			}
			if end == 0 {
				continue
			}
			if len(n.digits) < minInside && (i > 0 && isDigit(s.view[i-1]) || end < len(s.view) && isDigit(s.view[end])) {
				continue
			}
			s.mask(gs, i, end)
			i = end - 1
		}
	}
}

func matchLiteral(b []byte, i int, literal []byte) (end int) {
	if bytes.HasPrefix(b[i:], literal) {
		return i + len(literal)
	}
	return 0
}

// matchDigits matches digits at i with at most one character that is no letter and no digit between any two.
func matchDigits(b []byte, i int, digits []byte) (end int) {
	for n, d := range digits {
		if n > 0 && i < len(b) && !isAlnum(b[i]) && b[i] < 0x80 {
			i++
		}
		if i >= len(b) || b[i] != d {
			return 0
		}
		i++
	}
	return i
}

// numberNames are the fields that hold a telephone number, in lower case.
var numberNames = []string{"phonenoa", "phonenob", "phonenox", "secretno", "phoneno"}

// maskLabelled replaces the digits after every name of a number. Before the last level it leaves alone what may go on in a
// spelling that the next level undoes.
func (s *scrubber) maskLabelled(gs []glyph, last bool) {
	for _, name := range numberNames {
		for at := 0; ; {
			i := bytes.Index(s.low[at:], []byte(name))
			if i < 0 {
				break
			}
			at += i + len(name)
			from, ok := valueAfter(s.low, at)
			if !ok {
				continue
			}
			to := from
			for to < len(s.view) && isDigit(s.view[to]) {
				to++
			}
			open := to < len(s.view) && (s.view[to] == '%' || s.view[to] == '\\') || bytes.HasPrefix(s.view[to:], []byte("&#"))
			if to > from && (last || !open) {
				s.mask(gs, from, to)
			}
		}
	}
}

// maskPhones replaces every run of digits that has the form of a telephone number.
func (s *scrubber) maskPhones(gs []glyph) {
	for i := 0; i < len(s.view); {
		if !isDigit(s.view[i]) {
			i++
			continue
		}
		end := i
		for end < len(s.view) && isDigit(s.view[end]) {
			end++
		}
		if isPhone(s.view[i:end]) && !inID(s.view, i) {
			s.mask(gs, i, end)
		}
		i = end
	}
}

// mask replaces the digits in gs[from:to], taken together as one number.
func (s *scrubber) mask(gs []glyph, from, to int) {
	s.buf = s.buf[:0]
	for _, g := range gs[from:to] {
		if !g.done && isDigit(g.c) {
			s.buf = append(s.buf, g.c)
		}
	}
	s.p.digits(s.buf)
	n := 0
	for i := from; i < to; i++ {
		if g := &gs[i]; !g.done && isDigit(g.c) {
			g.setDigit(s.buf[n])
			n++
		}
	}
	for i := from; i < to; i++ {
		if i < len(s.view) {
			s.view[i] = barrier
		}
	}
}

// isPhone reports whether a whole run of digits looks like a mobile or landline number of China, with or without its country
// code: 1[3-9] and 9 more, or 0 and 9 to 11 more.
func isPhone(d []byte) bool {
	switch {
	case len(d) == 13 && string(d[:2]) == "86":
		d = d[2:]
	case len(d) == 15 && string(d[:4]) == "0086":
		d = d[4:]
	case len(d) >= 10 && len(d) <= 12 && d[0] == '0':
		return true
	}
	return len(d) == 11 && d[0] == '1' && d[1] >= '3'
}

// inID reports whether b[i] is inside a UUID or a hash in hex: a RequestId has to stay readable, for its owner to look it up.
func inID(b []byte, i int) bool {
	from, to := i, i
	for from > 0 && isHexDash(b[from-1]) {
		from--
	}
	for to < len(b) && isHexDash(b[to]) {
		to++
	}
	id := b[from:to]
	switch len(id) {
	case 36:
		return id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' && bytes.Count(id, []byte("-")) == 4
	case 32, 40, 64:
		return !bytes.Contains(id, []byte("-")) && bytes.ContainsAny(id, "abcdefABCDEF")
	}
	return false
}

func isHexDash(c byte) bool {
	return isDigit(c) || c == '-' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isName(c byte) bool { return isAlnum(c) || c == '-' || c == '_' }
