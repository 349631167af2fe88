package emulator

import (
	"slices"
	"strings"
	"sync"

	"axbench/conformance/contract"
)

// moreEnvelope are mutants for clauses that the others leave out, or break in one way only.
var moreEnvelope = slices.Concat(moreRequestIDs, moreCodes, moreMessageTexts, moreDTOs, moreNumbers)

var moreRequestIDs = []*Deviation{
	{ID: "E50", Text: "RequestId omitted on success only", Clauses: []string{"RSP-1"}, at: success.tree(func(c *call, body *node) bool { return body.remove("RequestId") })},
	{ID: "E51", Text: "RequestId null", Clauses: []string{"RSP-1"}, at: everyAnswer.tree(bareField("RequestId", "null"))},
	{ID: "E52", Text: "RequestId is a JSON number", Clauses: []string{"RSP-1"}, at: inJSON.tree(bareField("RequestId", "8906582"))},
	{ID: "E53", Text: "RequestId under the name RequestID", Clauses: []string{"RSP-1", "RSP-12"}, at: everyAnswer.tree(func(c *call, body *node) bool { return body.rename("RequestId", "RequestID") })},
	{ID: "E54", Text: "RequestId is that of the connection: calls that share it have the same", Clauses: []string{"RSP-2"}, Needs: "two calls on one connection", at: onStage("method", func(c *call, next func(*call) *row) (*row, bool) {
		if c.conn == nil {
			return next(c), false
		}
		again := c.conn.previous != nil
		if !again {
			c.conn.previous = slices.Clone(c.id[:])
		}
		copy(c.id[:], c.conn.previous)
		return next(c), again
	})},
	{ID: "E55", Text: "RequestId is a function of A and B: calls for one pair have the same", Clauses: []string{"RSP-2", "RSP-16"}, Needs: "two calls for one pair", at: onStage("read", func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		own, pair := c.number, c.values[fPhoneNoA]+c.values[fPhoneNoB]
		c.number = 0
		for i := range len(pair) {
			c.number = c.number*31 + uint64(pair[i])
		}
		c.newRequestID()
		c.number = own
		return r, pair != ""
	})},
	{ID: "E56", Text: "two calls in a row have one RequestId", Clauses: []string{"RSP-2"}, at: requestIDOf(func(c *call) (uint64, bool) { return c.number | 1, c.number&1 == 0 })},
	{ID: "E99", Text: "RequestId is a function of the second: calls in one have the same", Clauses: []string{"RSP-2"}, at: requestIDOf(func(c *call) (uint64, bool) { return uint64(c.now.Unix()), true })},
}

var moreCodes = []*Deviation{
	{ID: "E57", Text: `success is "ok"`, Clauses: []string{"RSP-4"}, at: success.field("Code", changedTo("ok"))},
	{ID: "E58", Text: `success is "OK " with a space behind it`, Clauses: []string{"RSP-4"}, at: success.field("Code", changedTo("OK "))},
	{ID: "E59", Text: `success is "SUCCESS"`, Clauses: []string{"RSP-4"}, at: success.field("Code", changedTo("SUCCESS"))},
	{ID: "E60", Text: `success is "200"`, Clauses: []string{"RSP-4"}, at: success.field("Code", changedTo("200"))},
	{ID: "E61", Text: "Code is a JSON number: 0 for OK, 1 for the rest", Clauses: []string{"RSP-3"}, at: business.and(inJSON).tree(func(c *call, body *node) bool {
		if body.find("Code").text == "OK" {
			return body.replace("Code", bareNode("Code", "0"))
		}
		return body.replace("Code", bareNode("Code", "1"))
	})},
	{ID: "E62", Text: `Code "" on errors`, Clauses: []string{"RSP-3", "RSP-5"}, at: refusal.field("Code", changedTo(""))},
	{ID: "E63", Text: "codes in lower case: isv.illegal_argument", Clauses: []string{"RSP-5"}, at: refusal.field("Code", func(_ *call, text string) string { return strings.ToLower(text) })},
	{ID: "E64", Text: "codes without their prefix: ILLEGAL_ARGUMENT", Clauses: []string{"RSP-5"}, at: refusal.field("Code", func(_ *call, text string) string {
		_, name, _ := strings.Cut(text, ".")
		return name
	})},
	{ID: "E65", Text: "codes of the service in upper case: ISV.ILLEGAL_ARGUMENT", Clauses: []string{"RSP-5"}, at: refusal.field("Code", func(_ *call, text string) string { return strings.ToUpper(text) })},
	{ID: "E66", Text: "Code and Message swapped on errors", Clauses: []string{"RSP-5"}, at: refusal.tree(func(c *call, body *node) bool {
		code, message := body.find("Code"), body.find("Message")
		code.text, message.text = message.text, code.text
		return true
	})},
	{ID: "E67", Text: "the wrong parameter's name behind the code: isv.ILLEGAL_ARGUMENT:PoolKey", Clauses: []string{"RSP-5"}, at: refusal.field("Code", func(c *call, text string) string {
		return text + ":" + c.param
	})},
}

var moreMessageTexts = []*Deviation{
	{ID: "E68", Text: "Message null", Clauses: []string{"RSP-6"}, at: everyAnswer.tree(bareField("Message", "null"))},
	{ID: "E69", Text: "Message is a list of texts", Clauses: []string{"RSP-6"}, at: inJSON.tree(func(c *call, body *node) bool {
		text := appendJSON([]byte(`["`), body.find("Message").text)
		return body.replace("Message", bareNode("Message", string(text)+`"]`))
	})},
	{ID: "E70", Text: "Message only of spaces on errors", Clauses: []string{"RSP-7"}, at: refusal.field("Message", changedTo("  "))},
	{ID: "E71", Text: "Message of the next code in the document's table", Clauses: []string{"RSP-7"}, at: refusal.tree(func(c *call, body *node) bool {
		codes := contract.Edition2019.Codes()
		i := slices.IndexFunc(codes, func(k *contract.Code) bool { return k.Name == body.find("Code").text })
		return i >= 0 && body.set("Message", codes[(i+1)%len(codes)].ZH)
	})},
	{ID: "E72", Text: "Message carries SQL text", Clauses: []string{"RSP-15"}, at: refusal.field("Message", changedTo("ORA-00001: INSERT INTO t_axb_subs (phone_a, phone_b, phone_x) VALUES (?, ?, ?)"))},
	{ID: "E73", Text: "Message carries a path of the server's disk", Clauses: []string{"RSP-15"}, at: refusal.field("Message", changedTo("/home/admin/axb/conf/pool.xml: no such entry"))},
	{ID: "E74", Text: "Message on success carries an address of the internal network", Clauses: []string{"RSP-15"}, at: success.field("Message", changedTo("OK (192.168.40.12:8080)"))},
	{ID: "E75", Text: "Message of a refused bind repeats A and B", Clauses: []string{"RSP-14"}, at: refusedBind.field("Message", func(c *call, text string) string {
		return text + ": " + c.values[fPhoneNoA] + ", " + c.values[fPhoneNoB]
	})},
}

var moreDTOs = []*Deviation{
	{ID: "E76", Text: "Code OK without SecretBindDTO", Clauses: []string{"RSP-8"}, at: bound.tree(func(c *call, body *node) bool { return body.remove("SecretBindDTO") })},
	{ID: "E77", Text: "Code OK with SecretBindDTO {}", Clauses: []string{"RSP-8", "RSP-10", "RSP-11"}, at: bound.dto(func(c *call, dto *node) bool {
		dto.kids = nil
		return true
	})},
	{ID: "E78", Text: "SecretBindDTO is a list of one", Clauses: []string{"RSP-8"}, at: bound.and(inJSON).tree(func(c *call, body *node) bool {
		dto := *body.find("SecretBindDTO")
		return body.replace("SecretBindDTO", bareNode("SecretBindDTO", "["+string(dto.body(contract.JSON))+"]"))
	})},
	{ID: "E79", Text: "SecretBindDTO is JSON in a string", Clauses: []string{"RSP-8"}, at: bound.and(inJSON).tree(func(c *call, body *node) bool {
		return body.set("SecretBindDTO", string(body.find("SecretBindDTO").body(contract.JSON)))
	})},
	{ID: "E80", Text: "SecretBindDTO under the name SecretBindDto", Clauses: []string{"RSP-8", "RSP-12"}, at: bound.tree(func(c *call, body *node) bool { return body.rename("SecretBindDTO", "SecretBindDto") })},
	{ID: "E81", Text: "SecretBindDTO inside another SecretBindDTO", Clauses: []string{"RSP-12"}, at: bound.tree(func(c *call, body *node) bool {
		return body.replace("SecretBindDTO", objectNode("SecretBindDTO", body.find("SecretBindDTO")))
	})},
	{ID: "E82", Text: "error with SecretNo at top level", Clauses: []string{"RSP-9"}, at: refusedBind.tree(func(c *call, body *node) bool { return body.add(textNode("SecretNo", "17000000000")) })},
	{ID: "E83", Text: "error with a SecretBindDTO that has only SecretNo", Clauses: []string{"RSP-9"}, at: refusedBind.tree(func(c *call, body *node) bool {
		body.remove("SecretBindDTO")
		return body.add(objectNode("SecretBindDTO", textNode("SecretNo", "17000000000")))
	})},
	{ID: "E84", Text: "SecretBindDTO repeats PhoneNoA and PhoneNoB", Clauses: []string{"RSP-14"}, at: bound.dto(func(c *call, dto *node) bool {
		return dto.add(textNode("PhoneNoA", c.values[fPhoneNoA]), textNode("PhoneNoB", c.values[fPhoneNoB]))
	})},
	{ID: "E85", Text: "the Extension is B", Clauses: []string{"RSP-14"}, at: bound.dto(func(c *call, dto *node) bool { return dto.set("Extension", c.values[fPhoneNoB]) })},
	{ID: "E86", Text: "the field names in upper case: CODE, REQUESTID", Clauses: []string{"RSP-12"}, at: everyAnswer.tree(renamed(strings.ToUpper))},
}

var moreNumbers = []*Deviation{
	{ID: "E87", Text: "SubsId null", Clauses: []string{"RSP-10"}, at: bound.dto(bareField("SubsId", "null"))},
	{ID: "E88", Text: `SubsId is the text "null"`, Clauses: []string{"RSP-10", "INV-1"}, at: bound.field("SubsId", changedTo("null"))},
	{ID: "E89", Text: "SubsId under the name SubsID", Clauses: []string{"RSP-10", "RSP-12"}, at: bound.dto(func(c *call, dto *node) bool { return dto.rename("SubsId", "SubsID") })},
	{ID: "E90", Text: "SubsId in exponent form: 1.000000768393849e+15", Clauses: []string{"RSP-10"}, at: bound.and(inJSON).dto(func(c *call, dto *node) bool {
		id := dto.find("SubsId").text
		return dto.replace("SubsId", bareNode("SubsId", id[:1]+"."+id[1:]+"e+15"))
	})},
	{ID: "E91", Text: "SecretNo null", Clauses: []string{"RSP-11"}, at: bound.dto(bareField("SecretNo", "null"))},
	{ID: "E92", Text: `SecretNo ""`, Clauses: []string{"RSP-11"}, at: bound.field("SecretNo", changedTo(""))},
	{ID: "E93", Text: "SecretNo masked: 170****0000", Clauses: []string{"RSP-11"}, at: bound.field("SecretNo", func(_ *call, text string) string { return text[:3] + "****" + text[7:] })},
	{ID: "E94", Text: "SecretNo with a space in front", Clauses: []string{"RSP-11"}, at: bound.field("SecretNo", func(_ *call, text string) string { return " " + text })},
	{ID: "E95", Text: "SecretNo with 86 in front", Clauses: []string{"RSP-13"}, at: bound.field("SecretNo", func(_ *call, text string) string { return "86" + text })},
	{ID: "E96", Text: "SecretNo in full-width digits", Clauses: []string{"RSP-11"}, at: bound.field("SecretNo", func(_ *call, text string) string {
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, text)
	})},
	{ID: "E97", Text: "SecretNo is B", Clauses: []string{"RSP-13"}, at: bound.field("SecretNo", func(c *call, _ string) string { return c.values[fPhoneNoB] })},
	{ID: "E98", Text: "SecretNo is the X of the call before", Clauses: []string{"PRM-X-2", "INV-2", "INV-5"}, Needs: "two binds", at: onPoints("answer", previousX)},
}

// previousX remembers the X of the last bind that succeeded.
func previousX(*Server) points {
	var mu sync.Mutex
	last := ""
	return points{answer: func(c *call, r *row, a *response) (changed bool) {
		if !bound(c, r) {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		body := readTree(a.body, c.format)
		x := body.find("SecretBindDTO").find("SecretNo")
		if x == nil {
			return false
		}
		last, x.text, changed = x.text, last, last != ""
		if changed {
			a.body = body.body(c.format)
		}
		return changed
	}}
}

// bareField puts a bare value in the place of a field.
func bareField(name, value string) func(c *call, in *node) bool {
	return func(_ *call, in *node) bool { return in.replace(name, bareNode(name, value)) }
}

// changedTo is another text, whatever it was.
func changedTo(text string) func(*call, string) string {
	return func(*call, string) string { return text }
}
