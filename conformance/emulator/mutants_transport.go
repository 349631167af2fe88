package emulator

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"

	"axbench/conformance/contract"
)

// mutantsTransport are wrong in how an answer travels, or in what is taken for a call at all.
var mutantsTransport = slices.Concat(wrongBytes, wrongAnswers, wrongCalls, moreTransport)

// wrongBytes are wrong in the bytes of an answer, whatever it says.
var wrongBytes = []*Deviation{
	{ID: "T02", Text: "valid JSON served as Content-Type text/html", Clauses: []string{"TRN-7"}, at: inJSON.answer(func(c *call, a *response) bool {
		a.kind = []byte("text/html;charset=utf-8")
		return true
	})},
	{ID: "T03", Text: "valid JSON with no Content-Type header", Clauses: []string{"TRN-7"}, at: inJSON.answer(func(c *call, a *response) bool {
		a.kind = nil
		return true
	})},
	{ID: "T04", Text: "UTF-8 BOM before the JSON", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte { return slices.Concat([]byte("\ufeff"), body) })},
	{ID: "T06", Text: "JSON cut short but Content-Length matches the cut", Clauses: []string{"TRN-8"}, at: everyAnswer.body(func(body []byte) []byte { return body[:len(body)*2/3] })},
	{ID: "T08", Text: "body longer than Content-Length on keep-alive (next response is shifted)", Clauses: []string{"TRN-9"}, Needs: "two calls on one connection",
		at: everyAnswer.bytes(endKeep, func(message []byte) []byte { return slices.Concat(message, []byte(`{"Took":3}`)) })},
	{ID: "T12", Text: "one invalid UTF-8 byte inside Message", Clauses: []string{"TRN-5"}, at: everyAnswer.answer(func(c *call, a *response) bool { return a.inMessage(c.format, "\xb2") })},
	{ID: "T14", Text: "JSON body although Format=XML", Clauses: []string{"TRN-6"}, Needs: "Format=XML", at: onDecision(func(c *call, r *row) (*row, bool) {
		was := c.format
		c.format = contract.JSON
		return r, was == contract.XML
	})},
	{ID: "T15", Text: `duplicate key: "Code":"OK" and later "Code":"isv.ILLEGAL_ARGUMENT"`, Clauses: []string{"TRN-8"},
		at: success.tree(func(c *call, body *node) bool { return body.add(textNode("Code", "isv.ILLEGAL_ARGUMENT")) })},
	{ID: "T16", Text: "JavaScript-ish JSON: single quotes, trailing comma, NaN", Clauses: []string{"TRN-8"}, at: inJSON.body(func(body []byte) []byte {
		body = bytes.ReplaceAll(body, []byte(`"`), []byte(`'`))
		return append(body[:len(body)-1], ",'Took':NaN,}"...)
	})},
	{ID: "T17", Text: `JSON text wrapped in a JSON string ("{\"Code\":...}")`, Clauses: []string{"TRN-8"},
		at: inJSON.body(func(body []byte) []byte { return append(appendJSON([]byte(`"`), string(body)), '"') })},
	{ID: "T18", Text: "gzip body although Accept-Encoding was identity", Clauses: []string{"TRN-12"}, Needs: "Accept-Encoding: identity", at: everyAnswer.answer(func(c *call, a *response) bool {
		accepted := strings.ToLower(string(c.ctx.Request.Header.Peek("Accept-Encoding")))
		if accepted == "" || strings.Contains(accepted, "gzip") || strings.Contains(accepted, "*") {
			return false
		}
		a.body = compressed(a.body)
		a.add("Content-Encoding", "gzip")
		return true
	})},
	{ID: "T23", Text: "keep-alive cross-talk: answers with the previous request's body", Clauses: []string{"TRN-9", "INV-5"}, Needs: "two calls on one connection",
		at: everyAnswer.answer(func(c *call, a *response) bool {
			if c.conn == nil {
				return false
			}
			previous := c.conn.previous
			if c.conn.previous = bytes.Clone(a.body); previous == nil {
				return false
			}
			a.body = previous
			return true
		})},
}

// wrongAnswers are wrong in the form of an answer, by what it says.
var wrongAnswers = []*Deviation{
	{ID: "T19", Text: "302 to another host which answers", Clauses: []string{"TRN-11"}, at: onPoints("host", func(*Server) points { return redirectOnce(302) })},
	{ID: "T21", Text: "204 / empty body on success", Clauses: []string{"TRN-10"}, at: success.answer(func(c *call, a *response) bool {
		a.status, a.kind, a.body = 204, nil, nil
		return true
	})},
	{ID: "T34", Text: "Format absent yields text/plain key=value", Clauses: []string{"TRN-6"}, Needs: "no Format", at: everyAnswer.answer(func(c *call, a *response) bool {
		body := readTree(a.body, c.format)
		if body == nil || c.common.format != "" || bytes.Contains(c.ctx.Request.Header.PeekCanonical(nameAccept), []byte("json")) {
			return false
		}
		a.kind, a.body = []byte("text/plain;charset=utf-8"), nil
		body.each(func(k *node) {
			if !k.object {
				a.body = append(a.body, k.name+"="+k.text+"\n"...)
			}
		})
		return true
	})},
	{ID: "T35", Text: "business failure sent as HTTP 500 (the official client then makes up to 3 attempts, each with a fresh nonce)", Clauses: []string{"TRN-10"}, at: refusal.status(500)},
	{ID: "T36", Text: "business failure sent as HTTP 400 without Code/Message/RequestId in the error form", Clauses: []string{"TRN-10"}, at: refusal.answer(func(c *call, a *response) bool {
		a.status = 400
		a.body = objectNode(contract.GatewayRoot, textNode("HostId", contract.Endpoint), textNode("Recommend", "https://api.aliyun.com/troubleshoot?product="+contract.Product)).body(c.format)
		return true
	})},
	{ID: "T37", Text: "301 http->https that drops the POST body", Clauses: []string{"TRN-11"}, Needs: "plain http", at: onPoints("host", redirectSecure)},
	{ID: "T39", Text: "gateway error as HTML page with HTTP 403", Clauses: []string{"TRN-14"}, at: fromGateway.answer(func(c *call, a *response) bool {
		a.status, a.kind, a.body = 403, []byte("text/html;charset=utf-8"), []byte(forbiddenPage)
		return true
	})},
}

const forbiddenPage = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body><center><h1>403 Forbidden</h1></center></body>\r\n</html>\r\n"

// wrongCalls refuse what they should serve, or serve what they should refuse.
var wrongCalls = []*Deviation{
	{ID: "T25", Text: "Action ignored: any Action is served as BindAxb", Clauses: []string{"TRN-1"}, at: onStage("action", func(c *call, next func(*call) *row) (*row, bool) {
		name := c.server.bindName()
		ignored := c.common.action != name
		c.common.action = name
		return next(c), ignored
	})},
	{ID: "T28", Text: "knows only the title spelling Axbbind/AxbBind; rejects BindAxb", Clauses: []string{"TRN-1"}, at: onStage("action", func(c *call, next func(*call) *row) (*row, bool) {
		switch c.common.action {
		case "Axbbind", "AxbBind":
			c.common.action = c.server.bindName()
			return next(c), true
		case contract.BindAxb.Name:
			return c.wrong(c.server.rows.action, "TRN-1", "Action"), true
		}
		return next(c), false
	})},
	{ID: "T29", Text: "rejects Version=2017-05-25", Clauses: []string{"TRN-2"}, at: onStage("action", func(c *call, next func(*call) *row) (*row, bool) {
		if c.common.version != contract.Version {
			return next(c), false
		}
		return c.wrong(c.server.rows.version, "TRN-2", "Version"), true
	})},
	{ID: "T32", Text: "RegionId mandatory", Clauses: []string{"TRN-3"}, at: onStage("required", func(c *call, next func(*call) *row) (*row, bool) {
		if region, _ := lookup(c.params, "RegionId"); region != "" {
			return next(c), false
		}
		return c.wrong(c.server.rows.find("MissingRegionId"), "TRN-3", "RegionId"), true
	})},
	{ID: "T40", Text: "GET refused (405)", Clauses: []string{"TRN-4"}, at: onPoints("method", func(*Server) points { return refuseMethod("GET", "POST") })},
}

// compressed is a body as gzip.
func compressed(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body) // a Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// inMessage puts bytes in front of the text of Message, as they are.
func (a *response) inMessage(format contract.Format, raw string) bool {
	mark := `"Message":"`
	if format == contract.XML {
		mark = "<Message>"
	}
	before, behind, ok := bytes.Cut(a.body, []byte(mark))
	if ok {
		a.body = slices.Concat(before, []byte(mark+raw), behind)
	}
	return ok
}

// bindName is the name under which the bind operation is served.
func (s *Server) bindName() string {
	for name, op := range s.ops {
		if op.Operation == contract.BindAxb {
			return name
		}
	}
	return contract.BindAxb.Name
}
