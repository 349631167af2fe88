package wire

import "bytes"

// head is what the framing needs to know of status line and header fields.
type head struct {
	status int
	old    bool // HTTP/1.0
	end    int  // offset behind the empty line

	length    int  // of Content-Length, when lengthSet
	lengthSet bool //
	chunked   bool // Transfer-Encoding: chunked
	close     bool // Connection has close
	persist   bool // Connection has keep-alive
	open      bool // the body ends with the connection

	contentType, contentEncoding span
}

func (h *head) proto() string {
	if h.old {
		return "HTTP/1.0"
	}
	return "HTTP/1.1"
}

// keepAlive says whether the connection outlives the answer.
func (h *head) keepAlive() bool {
	return !h.open && !h.close && (!h.old || h.persist)
}

// Kinds of bytes in a head (RFC 9110, 5.5 and 5.6.2).
const (
	tokenByte uint8 = 1 << iota // of names and other tokens
	valueByte                   // of field values and reasons: HTAB, SP, VCHAR, obs-text
)

var kinds = func() (t [256]uint8) {
	for i := range t {
		if i == '\t' || i >= ' ' && i != 0x7f {
			t[i] |= valueByte
		}
		if i >= '0' && i <= '9' || i >= 'a' && i <= 'z' || i >= 'A' && i <= 'Z' {
			t[i] |= tokenByte
		}
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] |= tokenByte
	}
	return t
}()

// all says whether every byte of b is of the kind.
func all(b []byte, kind uint8) bool {
	for _, c := range b {
		if kinds[c]&kind == 0 {
			return false
		}
	}
	return true
}

// trim removes optional white space around b.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// is says whether b is the lower-case ASCII word, whatever its letter case.
func is(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := range b {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// line takes the next line, without its CRLF, off the bytes not yet understood. It bounds what it leaves behind.
func (r *reader) line() (line []byte, v verdict, wait bool) {
	b := r.block.b
	i := bytes.IndexByte(b[r.scan:r.end], '\n')
	if i < 0 {
		r.scan = r.end
		return nil, r.bounded(r.end), true
	}
	from, nl := r.at, r.scan+i
	if v := r.bounded(nl + 1); v != more {
		return nil, v, false
	}
	r.at, r.scan = nl+1, nl+1
	if nl == from || b[nl-1] != '\r' {
		return nil, r.fail("line ended by a bare LF " + where[r.state]), false
	}
	return b[from : nl-1], more, false
}

// TLSRecord is the Detail of an answer that is a TLS alert: the server waits for a handshake, and the call was made without TLS.
const TLSRecord = "a TLS alert and no HTTP/1 status line"

// alert is the first byte of one: the type of the record.
const alert = 21

// bounded judges a line that reaches to end.
func (r *reader) bounded(end int) verdict {
	switch r.state {
	case inStatus:
		const start = "HTTP/1."
		if n := min(end, len(start)); string(r.block.b[:n]) != start[:n] {
			if r.block.b[0] == alert {
				return r.fail(TLSRecord)
			}
			return r.fail("no HTTP/1 status line")
		}
		fallthrough
	case inFields:
		if r.spent+end > r.maxHead {
			return r.fail("head larger than the limit")
		}
	default:
		if end-r.at > maxLine {
			return r.fail("line too long " + where[r.state])
		}
	}
	return more
}

// statusLine reads HTTP-version SP status-code SP [reason-phrase].
func (r *reader) statusLine(line []byte) verdict {
	status, old, problem := parseStatusLine(line)
	if problem != "" {
		return r.fail(problem)
	}
	r.head = head{status: status, old: old}
	r.state = inFields
	return more
}

// parseStatusLine returns the status and whether the version is HTTP/1.0, or what is wrong with line.
func parseStatusLine(line []byte) (status int, old bool, problem string) {
	const form = "HTTP/1.1 200 "
	if len(line) < len("HTTP/1.1 ") || string(line[:7]) != form[:7] || line[8] != ' ' || line[7] != '0' && line[7] != '1' {
		return 0, false, "no status line of HTTP/1.1 or HTTP/1.0"
	}
	if len(line) < len(form) || line[12] != ' ' {
		return 0, false, "status code is not three digits and a space"
	}
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return 0, false, "status code is not three digits and a space"
		}
		status = status*10 + int(c-'0')
	}
	if status < 100 {
		return 0, false, "status code below 100"
	}
	if !all(line[13:], valueByte) {
		return 0, false, "control character in the reason"
	}
	return status, line[7] == '0', ""
}

// fieldLine reads one header field, or the empty line.
func (r *reader) fieldLine(line []byte) verdict {
	if len(line) == 0 {
		return r.headEnd()
	}
	name, value, problem := parseField(line)
	if problem != "" {
		return r.fail(problem)
	}
	h := &r.head
	switch len(name) {
	case len("connection"):
		if is(name, "connection") {
			h.connection(value)
		}
	case len("content-type"):
		if is(name, "content-type") && h.contentType.to == 0 {
			h.contentType = r.spanOf(value)
		}
	case len("content-length"):
		if is(name, "content-length") {
			return r.contentLength(value)
		}
	case len("content-encoding"):
		if is(name, "content-encoding") && h.contentEncoding.to == 0 {
			h.contentEncoding = r.spanOf(value)
		}
	case len("transfer-encoding"):
		if is(name, "transfer-encoding") {
			return r.transferEncoding(value)
		}
	}
	return more
}

// parseField splits a field line, or says what is wrong with it.
func parseField(line []byte) (name, value []byte, problem string) {
	if line[0] == ' ' || line[0] == '\t' {
		return nil, nil, "folded field line"
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return nil, nil, "field line without a colon"
	}
	name, value = line[:colon], trim(line[colon+1:])
	if colon == 0 || !all(name, tokenByte) {
		return nil, nil, "field name is not a token directly before the colon"
	}
	if !all(value, valueByte) {
		return nil, nil, "control character in a field value"
	}
	return name, value, ""
}

// spanOf returns the offsets of value, a part of the line before at.
func (r *reader) spanOf(value []byte) span {
	// The capacity of a slice of the block counts from its start to the end of the block.
	from := cap(r.block.b) - cap(value)
	return span{from, from + len(value)}
}

func (r *reader) contentLength(value []byte) verdict {
	h := &r.head
	if h.lengthSet {
		return r.fail("Content-Length repeated")
	}
	if len(value) == 0 {
		return r.fail("Content-Length is not a number")
	}
	n := 0
	for _, c := range value {
		if c < '0' || c > '9' {
			return r.fail("Content-Length is not a number")
		}
		if n < 1<<40 { // beyond every limit; digits go on being checked
			n = n*10 + int(c-'0')
		}
	}
	h.length, h.lengthSet = n, true
	return more
}

func (r *reader) transferEncoding(value []byte) verdict {
	if r.head.chunked {
		return r.fail("Transfer-Encoding repeated")
	}
	if !is(value, "chunked") {
		return r.fail("Transfer-Encoding other than chunked")
	}
	r.head.chunked = true
	return more
}

// connection reads a list of connection options.
func (h *head) connection(value []byte) {
	for len(value) > 0 {
		option := value
		if i := bytes.IndexByte(value, ','); i >= 0 {
			option, value = value[:i], value[i+1:]
		} else {
			value = nil
		}
		switch option = trim(option); {
		case is(option, "close"):
			h.close = true
		case is(option, "keep-alive"):
			h.persist = true
		}
	}
}

// headEnd decides how the body is framed (RFC 9112, 6.3).
func (r *reader) headEnd() verdict {
	h := &r.head
	h.end = r.at
	r.data = r.at
	switch {
	case h.chunked && h.lengthSet:
		return r.fail("Content-Length together with Transfer-Encoding")
	case h.chunked && h.old:
		return r.fail("Transfer-Encoding in HTTP/1.0")
	case h.chunked && (h.status < 200 || h.status == 204):
		return r.fail("Transfer-Encoding where there is no body")
	case h.lengthSet && h.length > 0 && (h.status < 200 || h.status == 204):
		return r.fail("Content-Length where there is no body")
	case h.status < 200:
		return r.interimEnd()
	case h.status == 204 || h.status == 304:
		r.state = inNothing
		return complete
	case h.chunked:
		r.state = inChunkLine
		return more
	case h.lengthSet && h.length > r.maxBody:
		return r.fail("body larger than the limit")
	case h.lengthSet:
		r.left, r.state = h.length, inBody
		return more
	}
	h.open = true
	r.state = inOpenBody
	return more
}

// interimEnd forgets an interim answer and starts over with the bytes behind it.
func (r *reader) interimEnd() verdict {
	if r.head.status == 101 {
		return r.fail("status 101 though no upgrade was asked for")
	}
	if r.interim++; r.interim > maxInterim {
		return r.fail("too many interim answers")
	}
	r.spent += r.at
	copy(r.block.b, r.block.b[r.at:r.end])
	r.end -= r.at
	r.at, r.scan, r.data = 0, 0, 0
	r.state = inStatus
	return more
}
