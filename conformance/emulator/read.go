package emulator

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"axbench/conformance/signature"
)

// readParams takes the parameters of query and body apart. Where both have a name, the query's value counts: old clients repeat
// everything in a JSON body. With V1 the parameters of either kind of body are signed like those of the query.
func (c *call) readParams() {
	query := c.ctx.URI().QueryString()
	body := c.ctx.Request.Body()
	c.arena = slices.Grow(c.arena[:0], len(query)+len(body))
	c.query = c.form(c.query, query)
	if len(body) > 0 && c.server.rules.Methods != "query" {
		kind := c.ctx.Request.Header.ContentType()
		switch {
		case hasFold(kind, "application/x-www-form-urlencoded"):
			c.body = c.form(c.body, body)
		case hasFold(kind, "application/json"):
			c.body = c.object(c.body, body)
		}
	}
	c.query = c.sort(c.query)
	c.params = append(c.params, c.query...)
	if len(c.body) > 0 {
		c.body = c.sort(c.body)
		for _, p := range c.body {
			if _, ok := lookup(c.query, p.Name); !ok {
				c.params = append(c.params, p)
			}
		}
		signature.Sort(c.params)
	}
	c.params = c.sift(c.params)
}

// sort orders parameters, which most clients have done already, and notes a name that stands twice, unless one of its values
// is to be taken.
func (c *call) sort(params []signature.Param) []signature.Param {
	for sorted := false; ; sorted = true {
		i := 1
		for i < len(params) && params[i-1].Name < params[i].Name {
			i++
		}
		switch d := c.server.rules.Duplicates; {
		case i >= len(params):
			return params
		case !sorted && i == len(params)-1:
			insert(params)
		case !sorted:
			signature.Sort(params)
		case d == "first" || d == "last":
			params = once(params, d == "last")
		default:
			c.twice = params[i].Name
			return params
		}
	}
}

// insert puts the last parameter in its place among the others, which are in order: most clients append the Signature.
func insert(params []signature.Param) {
	i := len(params) - 1
	last := params[i]
	for ; i > 0 && params[i-1].Name > last.Name; i-- {
		params[i] = params[i-1]
	}
	params[i] = last
}

// once leaves one parameter of each name in sorted ones, which are in the order of the wire within a name. It stands before
// the signature, so that the value that is used is the one that has to be signed (SIG-21).
func once(params []signature.Param, last bool) []signature.Param {
	kept := params[:0]
	for _, p := range params {
		switch n := len(kept); {
		case n == 0 || kept[n-1].Name != p.Name:
			kept = append(kept, p)
		case last:
			kept[n-1] = p
		}
	}
	return kept
}

func hasFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && strings.EqualFold(text(b[:len(prefix)]), prefix)
}

// form reads name=value pairs joined by "&". "+" is a space; what is no escape stays as it is. What needs no decoding points
// into b, the rest into the arena, which has room for all of the request.
func (c *call) form(params []signature.Param, b []byte) []signature.Param {
	for at := 0; at < len(b); {
		if len(params) == maxParams {
			c.bad = true
			return params
		}
		name, next := c.token(b, at, true)
		value := ""
		if next < len(b) && b[next] == '=' {
			value, next = c.token(b, next+1, false)
		}
		if next > at {
			params = append(params, signature.Param{Name: name, Value: value})
		}
		at = next + 1
	}
	return params
}

// Kinds of bytes in a form.
const (
	plain = iota
	escaped
	equals
	ampersand
)

var kinds = [256]byte{'%': escaped, '+': escaped, '=': equals, '&': ampersand}

// token decodes from at up to "&", or "=" as well in a name, and returns where that stands.
func (c *call) token(b []byte, at int, name bool) (string, int) {
	i := at
	for ; i < len(b); i++ {
		if k := kinds[b[i]]; k == ampersand || k == equals && name {
			return text(b[at:i]), i
		} else if k == escaped {
			break
		}
	}
	if i == len(b) {
		return text(b[at:]), i
	}
	start := len(c.arena)
	c.arena = append(c.arena, b[at:i]...)
	for ; i < len(b); i++ {
		x := b[i]
		if k := kinds[x]; k == ampersand || k == equals && name {
			break
		}
		switch {
		case x == '+':
			x = ' '
		case x == '%' && i+2 < len(b) && hex[b[i+1]] < 16 && hex[b[i+2]] < 16:
			x = hex[b[i+1]]<<4 | hex[b[i+2]]
			i += 2
		}
		c.arena = append(c.arena, x)
	}
	return text(c.arena[start:]), i
}

// hex is the value of a hex digit, 16 for other bytes.
var hex = func() (t [256]byte) {
	for i := range t {
		t[i] = 16
	}
	for i := range 10 {
		t['0'+i] = byte(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = byte(10+i), byte(10+i)
	}
	return t
}()

// object reads a JSON object: text as it is, other values as they are written, null as absent.
func (c *call) object(params []signature.Param, b []byte) []signature.Param {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		c.bad = true
		return params
	}
	for d.More() {
		name, err := d.Token()
		var raw json.RawMessage
		if err != nil || d.Decode(&raw) != nil || len(params) == maxParams {
			c.bad = true
			return params
		}
		value := string(raw)
		if raw[0] == '"' && json.Unmarshal(raw, &value) != nil {
			c.bad = true
			return params
		}
		if value != "null" || raw[0] == '"' {
			params = append(params, signature.Param{Name: name.(string), Value: value})
		}
	}
	if _, err := d.Token(); err != nil || d.More() {
		c.bad = true
	}
	return params
}
