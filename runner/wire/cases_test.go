package wire

import "strings"

// answerCase is what a server may send and what is to become of it.
type answerCase struct {
	name string
	raw  string

	// of a good one
	status int
	proto  string // "HTTP/1.1" if empty
	body   string
	keep   bool
	extra  bool
	open   bool // complete only with the end of the connection

	detail string // of a bad one
}

// testLimits are the limits that the cases are about.
var testLimits = Limits{MaxHead: 2000, MaxBody: 1000}

const (
	head200 = "HTTP/1.1 200 OK\r\n"
	chunked = head200 + "Transfer-Encoding: chunked\r\n\r\n"
)

var goodCases = []answerCase{
	{name: "gateway", raw: okAnswer, status: 200, body: okBody, keep: true},
	{name: "empty body", raw: head200 + "Content-Length: 0\r\n\r\n", status: 200, keep: true},
	{name: "error status", raw: "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno", status: 503, body: "no", keep: true},
	{name: "empty reason", raw: "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", status: 404, keep: true},
	{name: "reason beyond ASCII", raw: "HTTP/1.1 400 \xe9\t!\r\nContent-Length: 0\r\n\r\n", status: 400, keep: true},
	{name: "status 999", raw: "HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", status: 999, keep: true},
	{name: "names in any case", raw: head200 + "CONTENT-length:2\r\ncOnNeCtIoN:\t Close \r\n\r\nab", status: 200, body: "ab"},
	{name: "empty value", raw: head200 + "X-Empty:\r\nX-Blank: \t\r\nContent-Length: 1\r\n\r\na", status: 200, body: "a", keep: true},
	{name: "leading zeros", raw: head200 + "Content-Length: 0003\r\n\r\nabc", status: 200, body: "abc", keep: true},
	{name: "close among options", raw: head200 + "Connection: x, close\r\nContent-Length: 1\r\n\r\na", status: 200, body: "a"},
	{name: "close in a second field", raw: head200 + "Connection: keep-alive\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", status: 200, body: "a"},
	{name: "body of the limit", raw: head200 + "Content-Length: 1000\r\n\r\n" + strings.Repeat("x", 1000), status: 200, body: strings.Repeat("x", 1000), keep: true},
	{name: "head of the limit", raw: head200 + "Content-Length: 0\r\nX: " + strings.Repeat("x", 2000-len(head200)-19-3-4) + "\r\n\r\n", status: 200, keep: true},

	{name: "1.0 closes", raw: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", status: 200, proto: "HTTP/1.0", body: "ab"},
	{name: "1.0 keeps alive", raw: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nab", status: 200, proto: "HTTP/1.0", body: "ab", keep: true},
	{name: "1.0 until the end", raw: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nab", status: 200, proto: "HTTP/1.0", body: "ab", open: true},
	{name: "1.1 until the end", raw: head200 + "Connection: close\r\n\r\nabc", status: 200, body: "abc", open: true},
	{name: "empty until the end", raw: head200 + "\r\n", status: 200, open: true},

	{name: "204", raw: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, keep: true},
	{name: "204 with length 0", raw: "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", status: 204, keep: true},
	{name: "304 with the length of what it does not send", raw: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5000\r\n\r\n", status: 304, keep: true},
	{name: "100 first", raw: "HTTP/1.1 100 Continue\r\n\r\n" + head200 + "Content-Length: 1\r\n\r\na", status: 200, body: "a", keep: true},
	{name: "two kinds of interim", raw: "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Type: text/wrong\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + chunked + "1\r\na\r\n0\r\n\r\n", status: 200, body: "a", keep: true},
	{name: "eight interim", raw: strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 8) + "HTTP/1.1 204 x\r\n\r\n", status: 204, keep: true},

	{name: "chunks", raw: chunked + "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", status: 200, body: "abc0123456789", keep: true},
	{name: "chunked in any case", raw: head200 + "transfer-encoding: ChunKed\r\n\r\n1\r\na\r\n000\r\n\r\n", status: 200, body: "a", keep: true},
	{name: "no chunk but the last", raw: chunked + "0\r\n\r\n", status: 200, keep: true},
	{name: "chunk extensions", raw: chunked + "2;a\r\nab\r\n1;b=c;d=\"e; \\\"f\"\r\nc\r\n0;last\r\n\r\n", status: 200, body: "abc", keep: true},
	{name: "trailer", raw: chunked + "1\r\na\r\n0\r\nX-Sum: 1\r\nX-More:\r\n\r\n", status: 200, body: "a", keep: true},
	{name: "chunks of one byte", raw: chunked + strings.Repeat("1\r\nx\r\n", 1000) + "0\r\n\r\n", status: 200, body: strings.Repeat("x", 1000), keep: true},
	{name: "chunk data looks like framing", raw: chunked + "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", status: 200, body: "0\r\n\r\n\r\n", keep: true},

	{name: "bytes behind a body", raw: head200 + "Content-Length: 1\r\n\r\nab", status: 200, body: "a", extra: true},
	{name: "a second answer", raw: okAnswer + okAnswer, status: 200, body: okBody, extra: true},
	{name: "body behind 204", raw: "HTTP/1.1 204 x\r\n\r\nab", status: 204, extra: true},
	{name: "body behind 304", raw: "HTTP/1.1 304 x\r\nContent-Length: 2\r\n\r\nab", status: 304, extra: true},
	{name: "bytes behind the last chunk", raw: chunked + "0\r\n\r\n\r\n", status: 200, extra: true},
}

var badCases = []answerCase{
	{name: "no HTTP", raw: "SSH-2.0-OpenSSH_9.6\r\n", detail: "no HTTP/1 status line"},
	{name: "no HTTP, no line", raw: "\x00\x03\x01\x00\x02", detail: "no HTTP/1 status line"},
	{name: "TLS", raw: "\x15\x03\x01\x00\x02", detail: TLSRecord},
	{name: "empty line first", raw: "\r\n" + okAnswer, detail: "no HTTP/1 status line"},
	{name: "lower case", raw: "http/1.1 200 OK\r\n\r\n", detail: "no HTTP/1 status line"},
	{name: "HTTP/2", raw: "HTTP/2.0 200 OK\r\n\r\n", detail: "no HTTP/1 status line"},
	{name: "HTTP/1.2", raw: "HTTP/1.2 200 OK\r\n\r\n", detail: "no status line of HTTP/1.1"},
	{name: "HTTP/1.11", raw: "HTTP/1.11 200 OK\r\n\r\n", detail: "no status line of HTTP/1.1"},
	{name: "no status", raw: "HTTP/1.1\r\n\r\n", detail: "no status line of HTTP/1.1"},
	{name: "two spaces", raw: "HTTP/1.1  200 OK\r\n\r\n", detail: "three digits"},
	{name: "status of two digits", raw: "HTTP/1.1 20 OK\r\n\r\n", detail: "three digits"},
	{name: "status of four digits", raw: "HTTP/1.1 2000 OK\r\n\r\n", detail: "three digits"},
	{name: "status of letters", raw: "HTTP/1.1 2x0 OK\r\n\r\n", detail: "three digits"},
	{name: "signed status", raw: "HTTP/1.1 +20 OK\r\n\r\n", detail: "three digits"},
	{name: "no space behind the status", raw: "HTTP/1.1 200\r\n\r\n", detail: "and a space"},
	{name: "status 099", raw: "HTTP/1.1 099 x\r\n\r\n", detail: "below 100"},
	{name: "control character in the reason", raw: "HTTP/1.1 200 O\x00K\r\n\r\n", detail: "in the reason"},
	{name: "bare CR in the reason", raw: "HTTP/1.1 200 OK\r \r\n\r\n", detail: "in the reason"},

	{name: "bare LF behind the status line", raw: "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", detail: "bare LF in the head"},
	{name: "bare LF behind a field", raw: head200 + "Content-Length: 0\n\r\n", detail: "bare LF in the head"},
	{name: "bare LF as empty line", raw: head200 + "Content-Length: 0\r\n\n", detail: "bare LF in the head"},
	{name: "bare CR in a value", raw: head200 + "X: a\rb\r\n\r\n", detail: "in a field value"},
	{name: "NUL in a value", raw: head200 + "X: a\x00b\r\n\r\n", detail: "in a field value"},
	{name: "DEL in a value", raw: head200 + "X: \x7f\r\n\r\n", detail: "in a field value"},
	{name: "folded", raw: head200 + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n", detail: "folded"},
	{name: "folded at once", raw: head200 + "\tX: a\r\n\r\n", detail: "folded"},
	{name: "space before the colon", raw: head200 + "Content-Length : 0\r\n\r\n", detail: "not a token"},
	{name: "empty name", raw: head200 + ": x\r\n\r\n", detail: "not a token"},
	{name: "name beyond ASCII", raw: head200 + "\xc3\xa9: x\r\n\r\n", detail: "not a token"},
	{name: "no colon", raw: head200 + "Content-Length\r\n\r\n", detail: "without a colon"},

	{name: "length twice, differing", raw: head200 + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", detail: "Content-Length repeated"},
	{name: "length twice, the same", raw: head200 + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", detail: "Content-Length repeated"},
	{name: "list of lengths", raw: head200 + "Content-Length: 1, 1\r\n\r\na", detail: "not a number"},
	{name: "signed length", raw: head200 + "Content-Length: +1\r\n\r\na", detail: "not a number"},
	{name: "negative length", raw: head200 + "Content-Length: -1\r\n\r\na", detail: "not a number"},
	{name: "hexadecimal length", raw: head200 + "Content-Length: 0x1\r\n\r\na", detail: "not a number"},
	{name: "empty length", raw: head200 + "Content-Length:\r\n\r\na", detail: "not a number"},
	{name: "length that overflows", raw: head200 + "Content-Length: 18446744073709551617\r\n\r\na", detail: "larger than the limit"},
	{name: "length and chunked", raw: head200 + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", detail: "together"},
	{name: "chunked and length", raw: head200 + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n", detail: "together"},
	{name: "chunked twice", raw: head200 + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", detail: "Transfer-Encoding repeated"},
	{name: "list with chunked", raw: head200 + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", detail: "other than chunked"},
	{name: "identity", raw: head200 + "Transfer-Encoding: identity\r\n\r\n", detail: "other than chunked"},
	{name: "almost chunked", raw: head200 + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", detail: "other than chunked"},
	{name: "chunked in 1.0", raw: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", detail: "in HTTP/1.0"},
	{name: "204 chunked", raw: "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", detail: "where there is no body"},
	{name: "204 with a length", raw: "HTTP/1.1 204 x\r\nContent-Length: 2\r\n\r\nab", detail: "where there is no body"},
	{name: "interim with a length", raw: "HTTP/1.1 100 x\r\nContent-Length: 2\r\n\r\nab" + okAnswer, detail: "where there is no body"},
	{name: "101", raw: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", detail: "status 101"},
	{name: "nine interim", raw: strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 9) + okAnswer, detail: "too many interim"},
	{name: "body behind an interim", raw: "HTTP/1.1 100 x\r\n\r\nab", detail: "no HTTP/1 status line"},

	{name: "head over the limit", raw: head200 + "X: " + strings.Repeat("x", 2000) + "\r\n\r\n", detail: "head larger"},
	{name: "head over the limit by one", raw: head200 + "Content-Length: 0\r\nX: " + strings.Repeat("x", 2001-len(head200)-19-3-4) + "\r\n\r\n", detail: "head larger"},
	{name: "interim heads over the limit", raw: strings.Repeat("HTTP/1.1 100 x\r\nX: "+strings.Repeat("x", 400)+"\r\n\r\n", 5) + okAnswer, detail: "head larger"},
	{name: "head without end", raw: head200 + strings.Repeat("X: x\r\n", 5000), detail: "head larger"},
	{name: "length over the limit", raw: head200 + "Content-Length: 1001\r\n\r\n", detail: "body larger"},
	{name: "open body over the limit", raw: head200 + "\r\n" + strings.Repeat("x", 1001), detail: "body larger"},
	{name: "chunk over the limit", raw: chunked + "3E9\r\n", detail: "body larger"},
	{name: "chunks over the limit", raw: chunked + "3E8\r\n" + strings.Repeat("x", 1000) + "\r\n1\r\n", detail: "body larger"},

	{name: "chunk size empty", raw: chunked + "\r\n\r\n", detail: "not hexadecimal"},
	{name: "chunk size no number", raw: chunked + "x\r\n", detail: "not hexadecimal"},
	{name: "chunk size signed", raw: chunked + "-1\r\n", detail: "not hexadecimal"},
	{name: "chunk size behind a space", raw: chunked + " 1\r\na\r\n0\r\n\r\n", detail: "not hexadecimal"},
	{name: "chunk size of 17 digits", raw: chunked + "10000000000000001\r\na\r\n0\r\n\r\n", detail: "not hexadecimal"},
	{name: "chunk size that overflows", raw: chunked + "ffffffffffffffff\r\na\r\n0\r\n\r\n", detail: "body larger"},
	{name: "chunk size padded", raw: chunked + "1 \r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "chunk size with a prefix", raw: chunked + "0x1\r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "space before a chunk extension", raw: chunked + "1 ;a\r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "space in a chunk extension", raw: chunked + "1;a = b\r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "space behind a chunk extension", raw: chunked + "1;a \r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "chunk extension without a name", raw: chunked + "1;\r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "chunk extension without a value", raw: chunked + "1;a=\r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "chunk extension not closed", raw: chunked + "1;a=\"b\r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "chunk extension with a control character", raw: chunked + "1;a=\"\x01\"\r\na\r\n0\r\n\r\n", detail: "breaks the grammar"},
	{name: "chunk line by bare LF", raw: chunked + "1\na\r\n0\r\n\r\n", detail: "bare LF in a chunk line"},
	{name: "chunk line too long", raw: chunked + "1;" + strings.Repeat("a", 1100) + "\r\na\r\n0\r\n\r\n", detail: "line too long in a chunk line"},
	{name: "chunk line without end", raw: chunked + "1;" + strings.Repeat("a", 1100), detail: "line too long in a chunk line"},
	{name: "chunk framing over the limit", raw: chunked + strings.Repeat("1;"+strings.Repeat("a", 900)+"\r\na\r\n", 5), detail: "more chunk framing"},
	{name: "chunk longer than said", raw: chunked + "1\r\nab\r\n0\r\n\r\n", detail: "not followed by CRLF"},
	{name: "chunk ended by LF", raw: chunked + "1\r\na\n0\r\n\r\n", detail: "not followed by CRLF"},
	{name: "chunk ended by CR", raw: chunked + "1\r\na\r0\r\n\r\n", detail: "not followed by CRLF"},
	{name: "trailer without colon", raw: chunked + "0\r\nX\r\n\r\n", detail: "in the trailer"},
	{name: "trailer folded", raw: chunked + "0\r\nX: a\r\n b\r\n\r\n", detail: "in the trailer"},
	{name: "trailer by bare LF", raw: chunked + "0\r\nX: a\n\r\n", detail: "bare LF in the trailer"},
	{name: "trailer with a length", raw: chunked + "0\r\nContent-Length: 0\r\n\r\n", detail: "framing in the trailer"},
	{name: "trailer without end", raw: chunked + "0\r\n" + strings.Repeat("X: x\r\n", 5000), detail: "more chunk framing"},
	{name: "no last chunk but an answer", raw: chunked + okAnswer, detail: "not hexadecimal"},

	{name: "closed in the status line", raw: "HTTP/1.1 2", detail: "closed in the head"},
	{name: "closed behind an interim", raw: "HTTP/1.1 100 Continue\r\n\r\n", detail: "closed in the head"},
	{name: "closed in the fields", raw: head200 + "Content-Le", detail: "closed in the head"},
	{name: "closed in the body", raw: head200 + "Content-Length: 3\r\n\r\nab", detail: "closed in the body"},
	{name: "closed in a chunk", raw: chunked + "3\r\nab", detail: "closed in a chunk"},
	{name: "closed behind a chunk", raw: chunked + "3\r\nabc", detail: "closed behind a chunk"},
	{name: "closed before the last chunk", raw: chunked + "3\r\nabc\r\n", detail: "closed in a chunk line"},
	{name: "closed in the trailer", raw: chunked + "0\r\n", detail: "closed in the trailer"},
}
