package wire

// Bounds of the framing beside Limits.
const (
	maxInterim = 8    // interim answers (1xx) before the answer
	maxLine    = 1024 // bytes of a chunk line or a trailer field
	// Per byte of data this many bytes of chunk framing are taken, and MaxHead on top: a chunk of one byte needs 5.
	overheadPerByte = 8
)

// verdict is what reader makes of the bytes so far.
type verdict uint8

const (
	more     verdict = iota // the answer goes on
	complete                // the answer is complete
	broken                  // it cannot become an honestly framed answer; reader.detail says why
)

// state is what reader expects next.
type state uint8

const (
	inStatus    state = iota
	inFields          // header fields or the empty line
	inBody            // left bytes of a body with Content-Length
	inOpenBody        // a body that ends with the connection
	inChunkLine       // chunk size and extensions
	inChunk           // left bytes of a chunk
	inChunkEnd        // the CRLF behind a chunk's data
	inTrailer         // trailer fields or the empty line
	inNothing         // the answer is complete
)

// where names the states for Detail.
var where = [...]string{
	inStatus: "in the head", inFields: "in the head", inBody: "in the body", inOpenBody: "in the body",
	inChunkLine: "in a chunk line", inChunk: "in a chunk", inChunkEnd: "behind a chunk", inTrailer: "in the trailer",
	inNothing: "behind the answer",
}

// span is a part of the block by offsets, which stay right when the block grows.
type span struct{ from, to int }

func (s span) of(b []byte) []byte {
	if s.to == 0 {
		return nil
	}
	return b[s.from:s.to:s.to]
}

// reader takes the bytes of one answer as they come and judges them. It does no I/O: the caller reads into space, tells
// feed how much came, and eof when nothing will. The zero value needs a reset before use.
//
// The block holds the head and behind it the body without transfer coding: bytes up to at are understood, up to end
// they are read, and of a chunked body those from data to at are chunk framing that is about to be overwritten.
type reader struct {
	maxHead, maxBody int

	block  *block
	end    int // bytes read into the block
	at     int // bytes understood
	scan   int // the search for the end of the line resumes here
	data   int // end of the body so far
	state  state
	detail string // set by broken

	interim  int // interim answers so far
	spent    int // bytes of interim heads so far
	overhead int // bytes of chunk framing so far
	left     int // bytes to come of the body or chunk
	head     head
}

// reset prepares for the next answer. The block, if any, must have been taken away.
func (r *reader) reset(maxHead, maxBody int) {
	*r = reader{maxHead: maxHead, maxBody: maxBody}
}

// started says whether any byte came.
func (r *reader) started() bool { return r.end > 0 || r.interim > 0 }

// space is where the next bytes go: never empty, valid until the next call of a method.
func (r *reader) space() []byte {
	if r.block == nil {
		r.block = newBlock()
	}
	if r.end == len(r.block.b) {
		r.block.grow(r.end)
	}
	return r.block.b[r.end:]
}

// feed judges after n more bytes were put into space. After another verdict than more it must not be called again.
func (r *reader) feed(n int) verdict {
	r.end += n
	for {
		v, wait := r.advance()
		if v != more {
			return v
		}
		if wait {
			r.closeGap()
			return more
		}
	}
}

// eof judges after the connection was closed in an orderly way.
func (r *reader) eof() verdict {
	if r.state == inOpenBody {
		r.state = inNothing
		return complete
	}
	return r.fail("closed " + where[r.state])
}

func (r *reader) fail(detail string) verdict {
	r.detail = detail
	return broken
}

// advance understands one line or one piece of body. wait means that this needs bytes that are not there yet.
func (r *reader) advance() (v verdict, wait bool) {
	switch r.state {
	case inBody, inChunk:
		return r.piece()
	case inOpenBody:
		r.at, r.data = r.end, r.end
		if r.data-r.head.end > r.maxBody {
			return r.fail("body larger than the limit"), false
		}
		return more, true
	case inChunkEnd:
		return r.chunkEnd()
	}
	line, v, wait := r.line()
	if v != more || wait {
		return v, wait
	}
	switch r.state {
	case inStatus:
		v = r.statusLine(line)
	case inFields:
		v = r.fieldLine(line)
	case inChunkLine:
		v = r.chunkLine(line)
	case inTrailer:
		v = r.trailerLine(line)
	}
	return v, false
}

// piece takes what there is of a body with a length or of a chunk.
func (r *reader) piece() (v verdict, wait bool) {
	n := min(r.left, r.end-r.at)
	if r.data != r.at {
		copy(r.block.b[r.data:], r.block.b[r.at:r.at+n])
	}
	r.data += n
	r.at += n
	r.left -= n
	if r.left > 0 {
		return more, true
	}
	if r.state == inBody {
		r.state = inNothing
		return complete, false
	}
	r.state = inChunkEnd
	return more, false
}

// closeGap moves bytes that are read but not understood to the end of the body, over chunk framing that is done with.
func (r *reader) closeGap() {
	gap := r.at - r.data
	if r.state < inChunkLine || gap == 0 {
		return
	}
	copy(r.block.b[r.data:], r.block.b[r.at:r.end])
	r.end -= gap
	r.at = r.data
	r.scan = max(r.scan-gap, r.at)
}

// deliver puts a complete answer into a, which takes over the block.
func (r *reader) deliver(a *Answer) {
	b := r.block.b
	a.Status, a.Proto = r.head.status, r.head.proto()
	a.Head = b[: r.head.end-len("\r\n") : r.head.end-len("\r\n")]
	a.Body = b[r.head.end:r.data:r.data]
	a.ContentType = r.head.contentType.of(b)
	a.ContentEncoding = r.head.contentEncoding.of(b)
	a.Extra = r.end > r.at
	a.KeepAlive = r.head.keepAlive() && !a.Extra
	a.block, r.block = r.block, nil
}

// partial copies the body so far of an answer whose framing says that more comes, nil before a body and where it ends with the connection.
func (r *reader) partial() []byte {
	if r.state < inBody || r.state == inOpenBody || r.state == inNothing || r.block == nil {
		return nil
	}
	return append([]byte(nil), r.block.b[r.head.end:r.data]...)
}

// drop gives the block back after a failure.
func (r *reader) drop() {
	r.block.free()
	r.block = nil
}
