package emulator

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// mutantsSignature compare signatures in the wrong way, or sign the wrong thing.
var mutantsSignature = []*Deviation{
	{ID: "G02", Text: "Signature present but never verified", Clauses: []string{"SIG-2", "SIG-4"}, Needs: "a call with a wrong signature", at: onStage("signature", forgiving(mismatch))},
	{ID: "G03", Text: "wrong secret accepted", Clauses: []string{"ACC-5", "SIG-3"}, Needs: "a call signed with another secret", at: onStage("signature", forgiving(wellFormed))},
	{ID: "G04", Text: "only AccessKeyId checked", Clauses: []string{"ACC-5", "SIG-3"}, Needs: "a call with a wrong signature or with none", at: onPoints("signature", unsigned)},
	{ID: "G12", Text: "Signature compared case-insensitively", Clauses: []string{"SIG-16"}, Needs: "a call with a letter of its signature in the other case",
		at: onStage("signature", forgiving(func(c *call, r *row) bool { return mismatch(c, r) && bytes.EqualFold(c.signature, c.provided()) }))},
	{ID: "G13", Text: "only a prefix of the Signature compared", Clauses: []string{"SIG-16"}, Needs: "a call with the last letter of its signature changed",
		at: onStage("signature", forgiving(func(c *call, r *row) bool {
			return mismatch(c, r) && len(c.provided()) >= prefixSize && bytes.HasPrefix(c.signature, c.provided()[:prefixSize])
		}))},
	{ID: "G17", Text: `"*" or "~" escaped wrongly: OutId "a*b~c" refused`, Clauses: []string{"SIG-6", "PRM-OUT-2"}, Needs: "a call with * or ~ in a value", at: onStage("signature", formEscaped)},
	{ID: "G18", Text: "non-ASCII canonicalised in GBK: 北京 refused", Clauses: []string{"TRN-5", "SIG-6"}, Needs: "a call with a value that is not ASCII", at: onStage("signature", inGBK)},
	{ID: "G21", Text: "GET-signed request accepted as POST", Clauses: []string{"SIG-8"}, Needs: "a POST signed as GET", at: onStage("signature", asGET)},
	{ID: "G33", Text: "two Signature parameters: the good one verified, request accepted", Clauses: []string{"SIG-21"}, Needs: "a call with two Signature parameters", at: onPoints("signature", anySignature)},
	{ID: "G42", Text: "signature covers only the business parameters", Clauses: []string{"SIG-4"}, Needs: "a call with V1 whose Timestamp is changed after signing, by at most five minutes", at: onStage("signature", anyTimestamp)},
	{ID: "G44", Text: "Signature must be the first query parameter", Clauses: []string{"SIG-7"}, Needs: "a call with V1 whose Signature is not first", at: onStage("signature", signatureFirst)},
	{ID: "G80", Text: "a Signature with + in it is refused (decoded twice)", Clauses: []string{"SIG-1"}, Needs: "some calls with V1: every third signature has one", at: onStage("signature", decodedTwice)},
	{ID: "G81", Text: "one parameter that was added after signing is not covered", Clauses: []string{"SIG-5"}, Needs: "a call with a parameter put in after signing", at: onStage("signature", oneMore)},
	{ID: "G83", Text: "a mismatch is answered with the signature that was expected", Clauses: []string{"SIG-18"}, Needs: "a call with a wrong signature",
		at: onStage("signature", func(c *call, next func(*call) *row) (*row, bool) {
			r := next(c)
			if r == nil || !mismatch(c, r) {
				return r, false
			}
			c.message += " server signature is:" + string(c.signature)
			return r, true
		})},
}

// prefixSize is how much of a signature G13 looks at.
const prefixSize = 16

// mismatch holds for the refusal of a signature that is another one than expected.
func mismatch(c *call, r *row) bool { return r == c.server.rows.mismatch }

// provided is the signature that came.
func (c *call) provided() []byte {
	if c.v3 {
		return c.auth.Signature
	}
	return []byte(c.values[fSignature])
}

// wellFormed holds for a mismatch of something that has the form of a signature. Without the secret that was used a server
// cannot tell a signature made with it from one of other parameters, so these pass as well.
func wellFormed(c *call, r *row) bool {
	s := c.provided()
	if !mismatch(c, r) || len(s) != len(c.signature) {
		return false
	}
	for _, b := range s {
		letter := '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
		if !letter && (c.v3 || b != '+' && b != '/' && b != '=') {
			return false
		}
	}
	return true
}

// unsigned asks for no signature at all.
func unsigned(*Server) points {
	return points{stages: map[string]stageFunc{
		"common":    forgiving(func(c *call, r *row) bool { return r == c.server.rows.find("MissingSignature") }),
		"signature": forgiving(func(*call, *row) bool { return true }),
	}}
}

// again runs the stage of the signature once more.
func (c *call) again(next func(*call) *row) *row {
	c.headers = c.headers[:0]
	c.pardon()
	return next(c)
}

// asGET tries the signature of a GET for a POST.
func asGET(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r == nil || !mismatch(c, r) || c.method != "POST" {
		return r, false
	}
	c.method = "GET"
	r = c.again(next)
	c.method = "POST"
	if r == nil {
		return nil, true
	}
	return c.again(next), false
}

// signed runs the stage of the signature as if other parameters had come.
func (c *call) signed(next func(*call) *row, change func([]signature.Param) []signature.Param) *row {
	params, query := c.params, c.query
	c.params, c.query = change(params), change(query)
	r := c.again(next)
	c.params, c.query = params, query
	return r
}

// inGBK signs what is not ASCII in a way that no client does, so that it never verifies. That is all that canonicalising in GBK
// shows, which is why there is no table of it here.
func inGBK(c *call, next func(*call) *row) (*row, bool) {
	foreign := func(p signature.Param) bool { return !ascii(p.Name) || !ascii(p.Value) }
	if !slices.ContainsFunc(c.params, foreign) && !slices.ContainsFunc(c.query, foreign) {
		return next(c), false
	}
	return c.signed(next, func(in []signature.Param) []signature.Param {
		out := slices.Clone(in)
		for i := range out {
			out[i].Name, out[i].Value = questioned(out[i].Name), questioned(out[i].Value)
		}
		return out
	}), true
}

// questioned has a question mark for every character that is not ASCII.
func questioned(s string) string {
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return '?'
		}
		return r
	}, s)
}

// formEscaped escapes as HTML forms do: "*" stays, "~" does not.
func formEscaped(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r != nil && !mismatch(c, r) {
		return r, false
	}
	var message string
	if c.v3 {
		head, rest, _ := strings.Cut(string(c.canonical), "\n/\n")
		query, rest, _ := strings.Cut(rest, "\n")
		other := strings.NewReplacer("%2A", "*", "~", "%7E").Replace(query)
		if other == query {
			return r, false
		}
		canonical := head + "\n/\n" + other + "\n" + rest
		c.toSign = signature.AppendStringToSignV3(c.toSign[:0], []byte(canonical))
		message = contract.MismatchV3 + "[" + string(c.toSign) + "] server CanonicalRequest is [" + canonical + "]"
		k := c.key.v3.Get().(*signature.V3Key)
		c.signature = k.Append(c.signature[:0], c.toSign)
		c.key.v3.Put(k)
	} else {
		other := strings.NewReplacer("%252A", "*", "~", "%257E").Replace(string(c.toSign))
		if other == string(c.toSign) {
			return r, false
		}
		message = contract.MismatchV1 + other
		k := c.key.v1.Get().(*signature.V1Key)
		c.signature = k.Append(c.signature[:0], []byte(other))
		c.key.v1.Put(k)
	}
	if signature.Equal(c.signature, c.provided()) {
		return c.pardon(), true
	}
	c.message = message
	return c.refuse(c.server.rows.mismatch, "SIG-3"), true
}

// anySignature lets a call with several signatures through and looks for a good one among them.
func anySignature(*Server) points {
	return points{stages: map[string]stageFunc{
		"read": forgiving(func(c *call, _ *row) bool { return c.twice == "Signature" && !c.bad }),
		"signature": func(c *call, next func(*call) *row) (*row, bool) {
			r := next(c)
			if r == nil || c.v3 || c.twice != "Signature" {
				return r, false
			}
			for _, p := range slices.Concat(c.query, c.body) {
				if p.Name != "Signature" {
					continue
				}
				c.set(fSignature, p.Value)
				if r = c.again(next); r == nil {
					return nil, true
				}
			}
			return r, false
		},
	}}
}

// skew is how far from now a Timestamp is looked for that was signed.
const skew = 5 * time.Minute

// anyTimestamp lets a call pass whose Timestamp was changed. A server that signed no common parameter would serve no real
// client, since they sign all; what is left to see is that a change of one is not noticed. So the Timestamp that was signed is
// looked for near now.
func anyTimestamp(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r == nil || !mismatch(c, r) || c.v3 {
		return r, false
	}
	at := slices.IndexFunc(c.params, func(p signature.Param) bool { return p.Name == "Timestamp" })
	if at < 0 {
		return r, false
	}
	came := c.params[at].Value
	defer func() { c.params[at].Value = came }()
	for off := time.Duration(0); off <= skew; off += time.Second {
		for _, t := range []time.Time{c.now.Add(-off), c.now.Add(off)} {
			c.params[at].Value = t.UTC().Format(contract.TimestampLayout)
			if c.again(next) == nil {
				return nil, true
			}
		}
	}
	c.params[at].Value = came
	return c.again(next), false
}

// signatureFirst wants a V1 signature at the beginning of query or form.
func signatureFirst(c *call, next func(*call) *row) (*row, bool) {
	first := []byte("Signature=")
	r := next(c)
	if r != nil || c.v3 || bytes.HasPrefix(c.ctx.URI().QueryString(), first) || bytes.HasPrefix(c.ctx.Request.Body(), first) {
		return r, false
	}
	return c.refuse(c.server.rows.incomplete, "SIG-2"), true
}

// decodedTwice takes a "+" that was escaped for a space.
func decodedTwice(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r != nil || c.v3 || !strings.Contains(c.values[fSignature], "+") {
		return r, false
	}
	c.message = contract.MismatchV1 + string(c.toSign)
	return c.refuse(c.server.rows.mismatch, "SIG-3"), true
}

// oneMore looks for a parameter without which the signature is right.
func oneMore(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r == nil || !mismatch(c, r) {
		return r, false
	}
	for _, p := range c.params {
		without := func(in []signature.Param) []signature.Param {
			return slices.DeleteFunc(slices.Clone(in), func(q signature.Param) bool { return q.Name == p.Name })
		}
		if c.signed(next, without) == nil {
			return nil, true
		}
	}
	return c.again(next), false
}
