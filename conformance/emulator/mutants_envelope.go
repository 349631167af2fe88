package emulator

import (
	"slices"
	"strings"
	"unicode"

	"axbench/conformance/contract"
)

// mutantsEnvelope are wrong in what an answer says: RequestId, Code, Message and SecretBindDTO.
var mutantsEnvelope = slices.Concat(wrongRequestID, wrongCode, wrongMessage, wrongNames, wrongDTO, moreEnvelope)

var wrongRequestID = []*Deviation{
	{ID: "E02", Text: "RequestId omitted on errors only", Clauses: []string{"RSP-1"}, at: failure.tree(func(c *call, body *node) bool { return body.remove("RequestId") })},
	{ID: "E03", Text: `RequestId is ""`, Clauses: []string{"RSP-1"}, at: everyAnswer.tree(func(c *call, body *node) bool { return body.set("RequestId", "") })},
	{ID: "E04", Text: "RequestId constant for every response", Clauses: []string{"RSP-2"}, at: requestIDOf(func(c *call) (uint64, bool) { return 1, true })},
	{ID: "E05", Text: "RequestId repeats once per 1000 (worker counter restarts)", Clauses: []string{"RSP-2"}, Needs: "more than 1000 calls", at: requestIDOf(func(c *call) (uint64, bool) {
		return c.number - 999, c.number >= 1000 && c.number%1000 == 0
	})},
	{ID: "E38", Text: "RequestId echoes SignatureNonce", Clauses: []string{"RSP-16"}, at: everyAnswer.tree(func(c *call, body *node) bool {
		return c.common.nonce != "" && body.set("RequestId", c.common.nonce)
	})},
}

// requestIDOf gives a call the RequestId of another, in header and body.
func requestIDOf(other func(c *call) (number uint64, changed bool)) at {
	return onStage("method", func(c *call, next func(*call) *row) (*row, bool) {
		number, changed := other(c)
		if changed {
			own := c.number
			c.number = number
			c.newRequestID()
			c.number = own
		}
		return next(c), changed
	})
}

var wrongCode = []*Deviation{
	{ID: "E10", Text: `Code missing, "Success":true added`, Clauses: []string{"RSP-3"}, at: business.tree(func(c *call, body *node) bool {
		code := body.find("Code")
		if code == nil {
			return false
		}
		body.remove("Code")
		value := "false"
		if code.text == "OK" {
			value = "true"
		}
		return body.add(bareNode("Success", value))
	})},
	{ID: "E11", Text: "Code null", Clauses: []string{"RSP-3"}, at: business.tree(func(c *call, body *node) bool { return body.replace("Code", bareNode("Code", "null")) })},
	{ID: "E12", Text: "undocumented code isv.INNER_ERROR", Clauses: []string{"RSP-5"}, at: refusal.tree(func(c *call, body *node) bool { return body.set("Code", "isv.INNER_ERROR") })},
	{ID: "E14", Text: "prefix swapped: isp.ILLEGAL_ARGUMENT", Clauses: []string{"RSP-5"}, at: code("isv.ILLEGAL_ARGUMENT").tree(func(c *call, body *node) bool { return body.set("Code", "isp.ILLEGAL_ARGUMENT") })},
}

// What a careless server lets out.
const (
	stackTrace = "java.lang.IllegalArgumentException: bad request\n\tat com.example.axb.BindService.bind(BindService.java:118)\n\tat com.example.axb.BindController.handle(BindController.java:42)"
	internals  = "connect to db-axb-03.internal (10.23.4.17:3306) timed out"
)

var wrongMessage = []*Deviation{
	{ID: "E16", Text: "Message omitted", Clauses: []string{"RSP-6"}, at: everyAnswer.tree(func(c *call, body *node) bool { return body.remove("Message") })},
	{ID: "E17", Text: `Message "" on errors`, Clauses: []string{"RSP-7"}, at: failure.tree(func(c *call, body *node) bool { return body.set("Message", "") })},
	{ID: "E19", Text: "every Message says the OK text, also on errors", Clauses: []string{"RSP-7"},
		at: business.tree(func(c *call, body *node) bool { return body.set("Message", messageOf("OK")) })},
	{ID: "E39", Text: "Message carries a stack trace or SQL text", Clauses: []string{"RSP-15"}, at: refusal.tree(func(c *call, body *node) bool { return body.set("Message", stackTrace) })},
	{ID: "E44", Text: "Message leaks an internal host or IP", Clauses: []string{"RSP-15"}, at: refusal.tree(func(c *call, body *node) bool { return body.set("Message", internals) })},
}

// messageOf is the document's text of a code.
func messageOf(code string) string { return contract.Edition2019.Find([]byte(code)).ZH }

var wrongNames = []*Deviation{
	{ID: "E20", Text: "camelCase field names (requestId, code, secretBindDTO)", Clauses: []string{"RSP-12"}, at: everyAnswer.tree(renamed(camelCase))},
	{ID: "E21", Text: "snake_case field names", Clauses: []string{"RSP-12"}, at: everyAnswer.tree(renamed(snakeCase))},
	{ID: "E22", Text: `whole answer wrapped in {"data":{...}}`, Clauses: []string{"RSP-12"}, at: everyAnswer.tree(func(c *call, body *node) bool {
		body.kids = []*node{objectNode("data", body.kids...)}
		return true
	})},
	{ID: "E36", Text: "SubsId and SecretNo flattened to the top level", Clauses: []string{"RSP-12"}, at: bound.tree(func(c *call, body *node) bool {
		dto := body.find("SecretBindDTO")
		body.remove("SecretBindDTO")
		return body.add(dto.find("SubsId"), dto.find("SecretNo"))
	})},
}

// renamed gives every field another name.
func renamed(name func(string) string) func(c *call, body *node) bool {
	return func(_ *call, body *node) bool {
		body.each(func(k *node) { k.name = name(k.name) })
		return true
	}
}

func camelCase(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// snakeCase writes secret_bind_dto for SecretBindDTO.
func snakeCase(s string) string {
	var b strings.Builder
	for i, r := range s {
		if unicode.IsUpper(r) && i > 0 && !unicode.IsUpper(rune(s[i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

var wrongDTO = []*Deviation{
	{ID: "E24", Text: "Code OK with SecretBindDTO null", Clauses: []string{"RSP-8"}, at: bound.tree(func(c *call, body *node) bool {
		return body.replace("SecretBindDTO", bareNode("SecretBindDTO", "null"))
	})},
	{ID: "E27", Text: "error Code with a filled SecretBindDTO", Clauses: []string{"RSP-9"}, at: refusedBind.tree(func(c *call, body *node) bool {
		body.remove("SecretBindDTO")
		return body.add(objectNode("SecretBindDTO", textNode("Extension", "130"), textNode("SecretNo", "17000000000"), textNode("SubsId", inventedID)))
	})},
	{ID: "E28", Text: "SubsId missing", Clauses: []string{"RSP-10"}, at: bound.dto(func(c *call, dto *node) bool { return dto.remove("SubsId") })},
	{ID: "E29", Text: "SubsId is a JSON number (1000000768393849123 loses digits in float64 clients)", Clauses: []string{"RSP-10"}, at: bound.and(inJSON).dto(func(c *call, dto *node) bool {
		return dto.replace("SubsId", bareNode("SubsId", dto.find("SubsId").text+"123"))
	})},
	{ID: "E30", Text: `SubsId ""`, Clauses: []string{"RSP-10"}, at: bound.dto(func(c *call, dto *node) bool { return dto.set("SubsId", "") })},
	{ID: "E31", Text: "SecretNo missing", Clauses: []string{"RSP-11"}, at: bound.dto(func(c *call, dto *node) bool { return dto.remove("SecretNo") })},
	{ID: "E32", Text: "SecretNo is a JSON number", Clauses: []string{"RSP-11"}, at: bound.and(inJSON).dto(func(c *call, dto *node) bool {
		return dto.replace("SecretNo", bareNode("SecretNo", strings.TrimLeft(dto.find("SecretNo").text, "0")))
	})},
	{ID: "E33", Text: "SecretNo formatted +86-170-0000-0000", Clauses: []string{"RSP-11"}, at: bound.field("SecretNo", func(c *call, text string) string {
		if len(text) == 11 {
			return "+86-" + text[:3] + "-" + text[3:7] + "-" + text[7:]
		}
		return "+86-" + strings.TrimPrefix(text, "0")
	})},
	{ID: "E34", Text: "SecretNo and SubsId swapped", Clauses: []string{"RSP-13"}, at: bound.dto(func(c *call, dto *node) bool {
		x, id := dto.find("SecretNo"), dto.find("SubsId")
		x.text, id.text = id.text, x.text
		return true
	})},
	{ID: "E35", Text: "SecretNo sent under the name PhoneNoX", Clauses: []string{"RSP-11"}, at: bound.dto(func(c *call, dto *node) bool { return dto.rename("SecretNo", "PhoneNoX") })},
	{ID: "E40", Text: "error with SubsId at top level", Clauses: []string{"RSP-9"}, at: refusedBind.tree(func(c *call, body *node) bool { return body.add(textNode("SubsId", inventedID)) })},
}

// inventedID is the SubsId of no binding.
const inventedID = "1000000768393849"

// refusedBind are the binds that the service refused.
var refusedBind which = func(c *call, r *row) bool { return refusal(c, r) && c.binds() }
