package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// moreBenignForms have an unusual body.
var moreBenignForms = []*Deviation{
	{ID: "B50", Text: "the fields in another order", at: everyAnswer.tree(func(c *call, body *node) bool {
		slices.Reverse(body.kids)
		body.each(func(k *node) { slices.Reverse(k.kids) })
		return true
	})},
	{ID: "B51", Text: "JSON with indentation", at: inJSON.body(func(body []byte) []byte {
		var b bytes.Buffer
		if json.Indent(&b, body, "", "  ") != nil {
			return body
		}
		return b.Bytes()
	})},
	{ID: "B52", Text: "a line break behind the body", at: everyAnswer.body(func(body []byte) []byte { return slices.Concat(body, []byte("\n")) })},
	{ID: "B53.unicode", Text: `letters beyond ASCII as \u escapes`, at: inJSON.body(escapedBeyondASCII)},
	{ID: "B53.slash", Text: `the slash escaped in JSON: \/`, at: inJSON.body(func(body []byte) []byte { return bytes.ReplaceAll(body, []byte("/"), []byte(`\/`)) })},
	{ID: "B54", Text: "the XML declaration with double quotes, and a line break behind it", Needs: "Format=XML", at: inXML.body(func(body []byte) []byte {
		return bytes.Replace(body, []byte("<?xml version='1.0' encoding='UTF-8'?>"), []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), 1)
	})},
	{ID: "B55", Text: "XML with indentation", Needs: "Format=XML", at: inXML.body(func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte("><"), []byte(">\n  <"))
	})},
	{ID: "B56", Text: "gateway errors without HostId and Recommend, as before 2018", at: fromGateway.tree(func(c *call, body *node) bool {
		return body.remove("HostId") && body.remove("Recommend")
	})},
	{ID: "B57", Text: "gateway errors with an unknown extra field", at: fromGateway.tree(func(c *call, body *node) bool { return body.add(textNode("Advice", "see the documentation")) })},
}

// moreBenignMessages have an unusual head, or come in an unusual way.
var moreBenignMessages = []*Deviation{
	{ID: "B60.bare", Text: "Content-Type application/json without a charset", at: inJSON.answer(kind("application/json"))},
	{ID: "B60.upper", Text: "Content-Type application/json; charset=UTF-8", at: inJSON.answer(kind("application/json; charset=UTF-8"))},
	{ID: "B60.xml", Text: "Content-Type application/xml for XML", Needs: "Format=XML", at: inXML.answer(kind("application/xml;charset=utf-8"))},
	{ID: "B61", Text: "further header fields: Server, Vary, Set-Cookie", at: everyAnswer.answer(func(c *call, a *response) bool {
		a.add("Server", "Tengine")
		a.add("Vary", "Accept-Encoding")
		a.add("Set-Cookie", "acw_tc=0a1b2c3d;path=/;HttpOnly;Max-Age=1800")
		return true
	})},
	{ID: "B62", Text: "none of the gateway's own header fields", Needs: "HTTP/1.1", at: everyAnswer.head(endKeep, func(lines [][]byte) [][]byte {
		return slices.DeleteFunc(lines, func(line []byte) bool {
			name, _, _ := bytes.Cut(bytes.ToLower(line), []byte(":"))
			return bytes.HasPrefix(name, []byte("x-acs-")) || bytes.HasPrefix(name, []byte("access-control-")) || string(name) == "etag" || string(name) == "keep-alive"
		})
	})},
	{ID: "B63", Text: "header fields in another order", Needs: "HTTP/1.1", at: everyAnswer.head(endKeep, func(lines [][]byte) [][]byte {
		slices.Reverse(lines[1:])
		return lines
	})},
	{ID: "B64", Text: "header names in lower case", Needs: "HTTP/1.1", at: everyAnswer.head(endKeep, func(lines [][]byte) [][]byte {
		for i, line := range lines[1:] {
			name, value, _ := bytes.Cut(line, []byte(":"))
			lines[1+i] = slices.Concat(bytes.ToLower(name), []byte(":"), value)
		}
		return lines
	})},
	{ID: "B65", Text: "no space behind the colon of a header field", Needs: "HTTP/1.1", at: everyAnswer.head(endKeep, func(lines [][]byte) [][]byte {
		for i := range lines[1:] {
			lines[1+i] = bytes.Replace(lines[1+i], []byte(": "), []byte(":"), 1)
		}
		return lines
	})},
	{ID: "B66.other", Text: "another reason phrase", Needs: "HTTP/1.1", at: everyAnswer.head(endKeep, reason("As You Wish"))},
	{ID: "B66.none", Text: "an empty reason phrase", Needs: "HTTP/1.1", at: everyAnswer.head(endKeep, reason(""))},
	{ID: "B67", Text: "429 for throttling", at: code("Throttling.User", "Throttling.Api", "FlowLimited").status(429)},
	{ID: "B68", Text: "the answer comes in many small pieces", Needs: "HTTP/1.1", at: onWire(func(c *call, r *row, t *tamper) bool {
		t.pace = 20 * time.Microsecond
		return true
	})},
	{ID: "B69", Text: "HTTP 202 on success", at: success.status(202)},
}

// reason replaces the reason phrase.
func reason(phrase string) func(lines [][]byte) [][]byte {
	return func(lines [][]byte) [][]byte {
		if parts := bytes.SplitN(lines[0], []byte(" "), 3); len(parts) == 3 {
			parts[2] = []byte(phrase)
			lines[0] = bytes.Join(parts, []byte(" "))
		}
		return lines
	}
}

// escapedBeyondASCII writes JSON in ASCII.
func escapedBeyondASCII(body []byte) (out []byte) {
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch {
		case r < utf8.RuneSelf:
			out = append(out, body[0])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		body = body[n:]
	}
	return out
}
