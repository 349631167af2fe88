package emulator

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"

	"axbench/conformance/contract"
)

// moreTransport are mutants for clauses that the others leave out, or break in one way only.
var moreTransport = slices.Concat(moreCalls, moreBodies, moreMessages, moreForms, moreXML)

// moreCalls refuse what they should serve, or serve what they should refuse.
var moreCalls = []*Deviation{
	{ID: "T50", Text: "an unknown Action is answered HTTP 200 with Code OK", Clauses: []string{"TRN-1"}, at: onStage("action", func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r != c.server.rows.action {
			return r, false
		}
		c.clause, c.param = "", ""
		c.op = &operation{Operation: &contract.Operation{Name: "Unknown", Root: "UnknownResponse"}, write: func(*call, *writer) {}}
		return c.server.rows.ok, true
	})},
	{ID: "T52", Text: "any Version accepted", Clauses: []string{"TRN-2"}, at: onStage("action", func(c *call, next func(*call) *row) (*row, bool) {
		other := c.common.version != contract.Version && c.common.version != ""
		if other {
			c.common.version = contract.Version
		}
		return next(c), other
	})},
	{ID: "T53", Text: "RegionId=cn-hangzhou refused", Clauses: []string{"TRN-3"}, at: onStage("required", func(c *call, next func(*call) *row) (*row, bool) {
		if region, _ := lookup(c.params, "RegionId"); region != "cn-hangzhou" {
			return next(c), false
		}
		return c.wrong(c.server.rows.find("InvalidRegionId"), "TRN-3", "RegionId"), true
	})},
	{ID: "T54", Text: "POST refused (405)", Clauses: []string{"TRN-4"}, at: onPoints("method", func(*Server) points { return refuseMethod("POST", "GET") })},
	{ID: "T55", Text: "parameters in a form body are not read", Clauses: []string{"TRN-4"}, at: onStage("read", func(c *call, next func(*call) *row) (*row, bool) {
		form := len(c.ctx.Request.Body()) > 0
		c.ctx.Request.SetBody(nil)
		return next(c), form
	})},
	{ID: "T56", Text: "a Chinese ExpectCity or OutId refused", Clauses: []string{"TRN-5"}, at: onStage("required", func(c *call, next func(*call) *row) (*row, bool) {
		for _, f := range []field{fExpectCity, fOutID} {
			if !ascii(c.values[f]) {
				return c.wrong(c.server.rows.illegal, "TRN-5", "ExpectCity"), true
			}
		}
		return next(c), false
	})},
	{ID: "T57", Text: "Format=XML refused", Clauses: []string{"TRN-6"}, at: onStage("format", func(c *call, next func(*call) *row) (*row, bool) {
		if format, err := contract.ParseFormat(c.common.format); err != nil || format != contract.XML {
			return next(c), false
		}
		return c.wrong(c.server.rows.format, "TRN-6", "Format"), true
	})},
	{ID: "T58", Text: "Format absent yields XML", Clauses: []string{"TRN-6"}, Set: func(c *Config) { c.Choices.Format = "xml" }},
	{ID: "T59", Text: "XML body although Format=JSON", Clauses: []string{"TRN-6"}, at: onDecision(func(c *call, r *row) (*row, bool) {
		was := c.format
		c.format = contract.XML
		return r, was == contract.JSON
	})},
}

// moreBodies are no JSON object, in ways that some reader forgives.
var moreBodies = []*Deviation{
	{ID: "T60", Text: "a second JSON object behind the first", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte { return slices.Concat(body, []byte("\n{}")) })},
	{ID: "T61", Text: "a semicolon behind the JSON object", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte { return slices.Concat(body, []byte(";")) })},
	{ID: "T62", Text: "the JSON object in a list of one", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte { return slices.Concat([]byte("["), body, []byte("]")) })},
	{ID: "T63", Text: "JSONP: the JSON object as argument of callback()", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte { return slices.Concat([]byte("callback("), body, []byte(")")) })},
	{ID: "T64", Text: "a guard against inclusion, )]}', before the JSON", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte { return slices.Concat([]byte(")]}',\n"), body) })},
	{ID: "T65", Text: "JSON in UTF-16", Clauses: []string{"TRN-5", "TRN-8"}, at: inJSON.body(func(body []byte) []byte {
		var out []byte
		for _, unit := range utf16.Encode([]rune(string(body))) {
			out = append(out, byte(unit>>8), byte(unit))
		}
		return out
	})},
	{ID: "T66", Text: "a line break inside Message, not escaped", Clauses: []string{"TRN-8"}, at: inJSON.answer(func(c *call, a *response) bool { return a.inMessage(c.format, "\n") })},
	{ID: "T68", Text: "duplicate key inside SecretBindDTO: SubsId twice", Clauses: []string{"TRN-8"}, at: bound.dto(func(c *call, dto *node) bool {
		return dto.add(textNode("SubsId", "1000000000000001"))
	})},
	{ID: "T69", Text: "Message in GBK", Clauses: []string{"TRN-5"}, at: everyAnswer.answer(func(c *call, a *response) bool {
		return a.inMessage(c.format, "\xc7\xeb\xc7\xf3") // 请求
	})},
	{ID: "T70", Text: "a comment in the JSON", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte { return slices.Concat([]byte("{/* BindAxb */"), body[1:]) })},
	{ID: "T71", Text: "a NUL behind the JSON", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte { return slices.Concat(body, []byte{0}) })},
}

// moreMessages are framed wrongly, or do not come to an end.
var moreMessages = []*Deviation{
	{ID: "T72", Text: "Content-Length larger than the body, then the connection ends", Clauses: []string{"TRN-9"}, at: everyAnswer.head(endClose, longer(7))},
	{ID: "T73", Text: "Content-Length smaller than the body", Clauses: []string{"TRN-9"}, at: everyAnswer.head(endKeep, longer(-7))},
	{ID: "T74", Text: "two Content-Length fields that differ", Clauses: []string{"TRN-9"}, at: everyAnswer.head(endKeep, func(lines [][]byte) [][]byte { return append(lines, []byte("Content-Length: 2")) })},
	{ID: "T75", Text: "Content-Length and Transfer-Encoding: chunked, and no chunks", Clauses: []string{"TRN-9"},
		at: everyAnswer.head(endClose, func(lines [][]byte) [][]byte { return append(lines, []byte("Transfer-Encoding: chunked")) })},
	{ID: "T76", Text: "chunked without the last chunk, then the connection ends", Clauses: []string{"TRN-9"}, at: everyAnswer.bytes(endClose, func(message []byte) []byte {
		head, body, _ := bytes.Cut(message, []byte("\r\n\r\n"))
		lines := slices.DeleteFunc(bytes.Split(head, []byte("\r\n")), contentLength)
		lines = append(lines, []byte("Transfer-Encoding: chunked"), nil, strconv.AppendInt(nil, int64(len(body)), 16), body, nil)
		return bytes.Join(lines, []byte("\r\n"))
	})},
	{ID: "T77", Text: "the connection is reset in the middle of the body", Clauses: []string{"TRN-9", "LOD-6"}, at: everyAnswer.bytes(endReset, func(message []byte) []byte { return message[:len(message)-20] })},
	{ID: "T78", Text: "half of the body, and nothing more comes", Clauses: []string{"TRN-13"}, at: everyAnswer.bytes(endHang, func(message []byte) []byte { return message[:len(message)-20] })},
	{ID: "T79", Text: "one call in ten is never answered", Clauses: []string{"TRN-13", "LOD-6"}, at: tenth.bytes(endHang, func([]byte) []byte { return nil })},
	{ID: "T80", Text: "a status line without HTTP's name", Clauses: []string{"TRN-9"}, at: everyAnswer.head(endClose, func(lines [][]byte) [][]byte {
		lines[0] = bytes.TrimPrefix(lines[0], []byte("HTTP/1.1 "))
		return lines
	})},
	{ID: "T81", Text: "one call in ten: the connection is closed without an answer", Clauses: []string{"LOD-6", "TRN-14"}, at: tenth.bytes(endClose, func([]byte) []byte { return nil })},
}

// moreForms have another form than what they say.
var moreForms = []*Deviation{
	{ID: "T82", Text: "JSON served as text/xml", Clauses: []string{"TRN-7"}, at: inJSON.answer(kind("text/xml;charset=utf-8"))},
	{ID: "T83", Text: "XML served as application/json", Clauses: []string{"TRN-7"}, Needs: "Format=XML", at: inXML.answer(kind("application/json;charset=utf-8"))},
	{ID: "T84", Text: "success served as application/octet-stream", Clauses: []string{"TRN-7"}, at: success.answer(kind("application/octet-stream"))},
	{ID: "T85", Text: "success is HTTP 500", Clauses: []string{"TRN-10"}, at: success.status(500)},
	{ID: "T86", Text: "success is HTTP 400", Clauses: []string{"TRN-10"}, at: success.status(400)},
	{ID: "T87", Text: "HTTP 200 with an empty body on success", Clauses: []string{"TRN-8", "TRN-10"}, at: success.body(func([]byte) []byte { return nil })},
	{ID: "T88", Text: "business failure sent as HTTP 404, the body as it should be", Clauses: []string{"TRN-10"}, at: refusal.status(404)},
	{ID: "T89", Text: "307 to another host which answers: the signed body goes along", Clauses: []string{"TRN-11"}, at: onPoints("host", func(*Server) points { return redirectOnce(307) })},
	{ID: "T90", Text: "Content-Encoding: gzip over a body that is none", Clauses: []string{"TRN-12"}, at: everyAnswer.answer(func(c *call, a *response) bool {
		a.add("Content-Encoding", "gzip")
		return true
	})},
	{ID: "T91", Text: "gateway error with HTTP 200", Clauses: []string{"TRN-14"}, at: fromGateway.status(200)},
	{ID: "T92", Text: "gateway error without a body", Clauses: []string{"TRN-14"}, at: fromGateway.body(func([]byte) []byte { return nil })},
	{ID: "T93", Text: "gateway error without RequestId", Clauses: []string{"TRN-14", "RSP-1"}, at: fromGateway.tree(func(c *call, body *node) bool { return body.remove("RequestId") })},
	{ID: "T94", Text: `gateway error as {"error":{"code":…,"message":…}}`, Clauses: []string{"TRN-14"}, at: fromGateway.tree(func(c *call, body *node) bool {
		body.kids = []*node{objectNode("error", textNode("code", body.find("Code").text), textNode("message", body.find("Message").text))}
		return true
	})},
	{ID: "T95", Text: "gateway error as plain text", Clauses: []string{"TRN-14"}, at: fromGateway.answer(func(c *call, a *response) bool {
		a.kind = []byte("text/plain;charset=utf-8")
		a.body = append([]byte(nil), readTree(a.body, c.format).find("Message").text...)
		return true
	})},
	{ID: "T96", Text: "gateway error closes the connection without an answer", Clauses: []string{"TRN-14"}, at: fromGateway.bytes(endClose, func([]byte) []byte { return nil })},
}

// moreXML are wrong in XML, or where it comes.
var moreXML = []*Deviation{
	{ID: "T97", Text: "XML whose root is not closed: <BindAxbResponse> at the end", Clauses: []string{"TRN-6"}, Needs: "Format=XML", at: inXML.body(func(body []byte) []byte {
		i := bytes.LastIndex(body, []byte("</"))
		return slices.Concat(body[:i], []byte("<"), body[i+2:])
	})},
	{ID: "T98", Text: "XML in UTF-8 that declares GBK", Clauses: []string{"TRN-5", "TRN-6"}, Needs: "Format=XML", at: inXML.body(func(body []byte) []byte {
		return bytes.Replace(body, []byte("encoding='UTF-8'"), []byte("encoding='GBK'"), 1)
	})},
	{ID: "T99", Text: "gateway errors always in XML", Clauses: []string{"TRN-6", "TRN-14"}, at: onDecision(func(c *call, r *row) (*row, bool) {
		if !r.gateway || c.format == contract.XML {
			return r, false
		}
		c.format = contract.XML
		return r, true
	})},
	{ID: "T100", Text: "JSON in UTF-8 served with charset=gbk", Clauses: []string{"TRN-5", "TRN-7"}, at: inJSON.answer(kind("application/json;charset=gbk"))},
}

// tenth are one in ten of the calls, the first of them among the first ten.
var tenth which = func(c *call, _ *row) bool { return c.number%10 == 7 }

// kind gives an answer another Content-Type.
func kind(name string) func(c *call, a *response) bool {
	return func(_ *call, a *response) bool {
		a.kind = []byte(name)
		return true
	}
}

// longer adds to the number in Content-Length.
func longer(by int) func(lines [][]byte) [][]byte {
	return func(lines [][]byte) [][]byte {
		if i := slices.IndexFunc(lines, contentLength); i >= 0 {
			_, value, _ := bytes.Cut(lines[i], []byte(": "))
			length, _ := strconv.Atoi(string(value))
			lines[i] = fmt.Appendf(nil, "Content-Length: %d", max(0, length+by))
		}
		return lines
	}
}

func contentLength(line []byte) bool { return bytes.HasPrefix(line, []byte("Content-Length: ")) }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
