package traffic

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"axbench/conformance/contract"
)

// message is an HTTP message taken apart, as far as redaction needs it.
type message struct {
	method, path, query, proto []byte
	headers                    [][]byte
	body                       []byte
	form, json                 bool
}

func splitMessage(raw []byte) *message {
	m := &message{}
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	m.body = body
	lines := bytes.Split(head, []byte("\r\n"))
	m.headers = lines[1:]
	var target []byte
	m.method, target, _ = bytes.Cut(lines[0], []byte(" "))
	target, m.proto, _ = bytes.Cut(target, []byte(" "))
	m.path, m.query, _ = bytes.Cut(target, []byte("?"))
	for _, h := range m.headers {
		if name, value, _ := bytes.Cut(h, []byte(":")); strings.EqualFold(string(name), "Content-Type") {
			value = bytes.ToLower(value)
			m.form = bytes.Contains(value, []byte("x-www-form-urlencoded"))
			m.json = bytes.Contains(value, []byte("json"))
		}
	}
	return m
}

// kept says what becomes of a parameter.
type kept uint8

const (
	drop kept = iota
	keep
	mask
)

// keptParams is the allow list of parameters: those of the operations and the harmless common ones.
var keptParams = func() map[string]kept {
	m := map[string]kept{}
	for _, name := range []string{
		"Action", "Version", "Format", "RegionId", "SignatureMethod", "SignatureVersion", "SignatureType", "Timestamp", "TimeStamp",
	} {
		m[name] = keep
	}
	for _, op := range contract.Operations {
		for _, p := range op.Params {
			m[p.Name] = keep
		}
	}
	for name := range m {
		if slices.Contains(numberNames, strings.ToLower(name)) {
			m[name] = mask
		}
	}
	return m
}()

// keptHeaders is the allow list of headers, in lower case. The hash of the payload is not in it: a telephone number can be
// guessed from the hash of a form.
var keptHeaders = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range []string{
		"host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "connection", "x-acs-action",
		"x-acs-version", "x-acs-date", "x-acs-credentials-provider",
		"date", "server", "keep-alive", "transfer-encoding", "content-encoding", "vary", "etag", "location", "retry-after", "via",
		"cache-control", "x-acs-request-id", "x-acs-trace-id", "x-ratelimit-user-api", "x-ratelimit-user",
		"access-control-allow-origin", "access-control-expose-headers", "access-control-allow-methods",
		"access-control-allow-headers", "access-control-max-age", "allow", "upgrade", "trailer",
	} {
		m[name] = true
	}
	return m
}()

// pairs calls each for every name=value of a query or form, with the name decoded and the value as it stands.
func pairs(s []byte, each func(name string, rawName, value []byte)) {
	for len(s) > 0 {
		var pair []byte
		pair, s, _ = bytes.Cut(s, []byte("&"))
		name, value, _ := bytes.Cut(pair, []byte("="))
		each(string(plain(name)), name, value)
	}
}

// plain decodes one level of a query or form.
func plain(s []byte) []byte {
	gs, _ := decode(glyphsOf(bytes.ReplaceAll(s, []byte("+"), []byte(" "))))
	return view(nil, gs)
}

// collect finds the numbers and secrets of a request.
func (m *message) collect(x *exchange) {
	param := func(name string, _, value []byte) {
		switch keptParams[name] {
		case mask:
			x.addNumber(plain(value))
		case drop:
			x.addSecret(plain(value))
		}
	}
	pairs(m.query, param)
	if m.form {
		pairs(m.body, param)
	}
	if m.json {
		for _, f := range jsonFields(m.body) {
			param(f.name, nil, bytes.Trim(f.value, `"`))
		}
	}
	for _, h := range m.headers {
		name, value, _ := bytes.Cut(h, []byte(":"))
		if keptHeaders[strings.ToLower(string(name))] {
			continue
		}
		x.addSecret(value)
		for _, part := range bytes.FieldsFunc(value, func(c rune) bool { return c == ',' || c == ' ' }) {
			if n, v, _ := bytes.Cut(part, []byte("=")); slices.Contains(secretNames, strings.ToLower(string(n))) {
				x.addSecret(v)
			}
		}
	}
}

// jsonField is one member of a JSON object, its value as it stands.
type jsonField struct {
	name  string
	value []byte
}

// jsonFields takes a JSON object apart; nil if it is none.
func jsonFields(body []byte) []jsonField {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	fields := []jsonField{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return nil
		}
		fields = append(fields, jsonField{name, value})
	}
	return fields
}

// newExchange finds out what must not be seen of a request.
func newExchange(request []byte, numbers []string) (*message, *exchange) {
	x := &exchange{}
	for _, n := range numbers {
		x.addNumber([]byte(n))
	}
	m := splitMessage(request)
	m.collect(x)
	x.sort()
	return m, x
}
