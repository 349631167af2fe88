package wire

// chunkLine reads chunk-size [chunk-ext] (RFC 9112, 7.1).
func (r *reader) chunkLine(line []byte) verdict {
	size, n := 0, 0
	for ; n < len(line); n++ {
		d := hexDigit(line[n])
		if d < 0 {
			break
		}
		if size < 1<<40 { // beyond every limit; digits go on being checked
			size = size<<4 | d
		}
	}
	if n == 0 || n > 16 {
		return r.fail("chunk size is not hexadecimal")
	}
	if !validExtensions(line[n:]) {
		return r.fail("chunk extension breaks the grammar")
	}
	if v := r.spend(len(line) + 2); v != more {
		return v
	}
	if size == 0 {
		r.state = inTrailer
		return more
	}
	if size > r.maxBody-(r.data-r.head.end) {
		return r.fail("body larger than the limit")
	}
	r.left, r.state = size, inChunk
	return more
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// validExtensions checks *( ";" name [ "=" ( token / quoted-string ) ] ). The white space that a recipient may put up with
// there, and no sender may send, is refused.
func validExtensions(b []byte) bool {
	for len(b) > 0 {
		n := token(b[1:])
		if b[0] != ';' || n == 0 {
			return false
		}
		b = b[1+n:]
		if len(b) == 0 || b[0] != '=' {
			continue
		}
		b = b[1:]
		if n = token(b); n == 0 {
			n = quoted(b)
		}
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	return true
}

// token returns the length of the token that b starts with, 0 without one.
func token(b []byte) int {
	n := 0
	for n < len(b) && kinds[b[n]]&tokenByte != 0 {
		n++
	}
	return n
}

// quoted returns the length of the quoted-string that b starts with, 0 without one.
func quoted(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case kinds[c]&valueByte == 0:
			return 0
		case c == '\\':
			if i++; i == len(b) || kinds[b[i]]&valueByte == 0 {
				return 0
			}
		}
	}
	return 0
}

// spend counts bytes of chunk framing, so that a drip of empty framing cannot go on for ever.
func (r *reader) spend(n int) verdict {
	r.overhead += n
	if r.overhead > r.maxHead+overheadPerByte*(r.data-r.head.end) {
		return r.fail("more chunk framing than the limit")
	}
	return more
}

// chunkEnd takes the CRLF behind a chunk's data.
func (r *reader) chunkEnd() (v verdict, wait bool) {
	have := r.block.b[r.at:r.end]
	for i := range min(len(have), 2) {
		if have[i] != "\r\n"[i] {
			return r.fail("chunk data not followed by CRLF"), false
		}
	}
	if len(have) < 2 {
		return more, true
	}
	r.at += 2
	r.scan = r.at
	r.state = inChunkLine
	return r.spend(2), false
}

// trailerLine reads one trailer field, which is dropped, or the empty line.
func (r *reader) trailerLine(line []byte) verdict {
	if v := r.spend(len(line) + 2); v != more {
		return v
	}
	if len(line) == 0 {
		r.state = inNothing
		return complete
	}
	name, _, problem := parseField(line)
	if problem != "" {
		return r.fail(problem + " in the trailer")
	}
	if is(name, "content-length") || is(name, "transfer-encoding") || is(name, "trailer") {
		return r.fail("field of the framing in the trailer")
	}
	return more
}
