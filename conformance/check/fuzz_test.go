package check

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"axbench/conformance/contract"
)

var bindShape = newShape(contract.BindAxb, contract.BindAxb.Fields)

var jsonSeeds = []string{
	good, refusal, gateway, unbound, detail, goodXML, "", " ", "{", "[]", "0", "-0.0e+00", "1E9", "01", "- 1", "\"\\u0000\"", `"\ud83d\ude00"`, `"\ud83d"`,
	`"\ud83d\u0041"`, `{"a":{"a":[{"a":1}]},"a":2}`, `{"\u0061":1,"a":2}`, `{"SecretBindDTO":{"SubsId":"1"},"SecretBindDTO":{}}`, "\"\xff\"", "\xef\xbb\xbf{}",
	`{"":"","":""}`, `{"a":1,}`, `[1,]`, `{'a':1}`, `nul`, `truee`, `{"Code":"OK"}{`, "[\"\x7f\"]", "[\"\x1f\"]", strings.Repeat("[", 70), `{"Code":1e5,"code":"OK"}`,
}

// FuzzJSON holds the walker against encoding/json, both ways, and the values that both read against each other.
func FuzzJSON(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var r reader
		r.reset(bindShape, body)
		top, ok := r.readJSON()
		accepted := ok && r.fault == ""
		if accepted && !json.Valid(body) {
			t.Fatalf("accepts %q", body)
		}
		if !accepted && json.Valid(body) && depth(body) <= maxDepth {
			t.Fatalf("refuses %q: %s at %d", body, r.fault, r.faultAt)
		}
		if !accepted {
			return
		}
		if valid := utf8.Valid(body); valid != (r.badUTF8 < 0) {
			t.Fatalf("UTF-8 of %q: first bad byte %d", body, r.badUTF8)
		} else if !valid {
			return
		}
		halves := bytes.Contains(bytes.ToLower(body), []byte(`\ud`)) // encoding/json makes all halves of a pair one character
		if double := hasDuplicate(body); double != (r.twice >= 0) && !(double && halves) {
			t.Fatalf("duplicates in %q: %v, offset %d", body, double, r.twice)
		}
		if top == object && r.twice < 0 && !halves {
			compare(t, &r, body)
		}
	})
}

// compare holds the values of the fields against those that encoding/json reads.
func compare(t *testing.T, r *reader, body []byte) {
	var want map[string]any
	if err := json.Unmarshal(body, &want); err != nil {
		return // a number out of range
	}
	for i, f := range r.shape.fields {
		from := want
		if f.parent != atTop {
			from, _ = want[r.shape.fields[f.parent].name].(map[string]any)
		}
		v, there := from[f.name]
		if there != (r.values[i].kind != absent) {
			t.Fatalf("%s of %q: there %v, kind %v", f.name, body, there, r.values[i].kind)
		}
		if s, ok := v.(string); ok && (r.values[i].kind != text || s != string(r.values[i].text)) {
			t.Fatalf("%s of %q: want %q, got %q", f.name, body, s, r.values[i].text)
		}
		if n, ok := v.(float64); ok && (r.values[i].kind != number || (n != 0) && !r.values[i].filled) {
			t.Fatalf("%s of %q: want the number %v, got %q", f.name, body, n, r.values[i].text)
		}
	}
}

// depth returns how deep a valid JSON text nests.
func depth(body []byte) (most int) {
	now := 0
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return most
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
			most = max(most, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}

// hasDuplicate reports whether an object of a valid JSON text has a name twice.
func hasDuplicate(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var open []map[string]bool // nil: an array
	name := false              // the next string is a name
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		switch {
		case token == json.Delim('{'):
			open = append(open, map[string]bool{})
		case token == json.Delim('['):
			open = append(open, nil)
		case token == json.Delim('}'), token == json.Delim(']'):
			open = open[:len(open)-1]
		case name:
			names, key := open[len(open)-1], token.(string)
			if names[key] {
				return true
			}
			names[key] = true
			name = false
			continue
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
}

var xmlSeeds = []string{
	goodXML, gatewayXML, good, "", "<a/>", "<a></a>", "<a b='1' c=\"2\"/>", "<a>&lt;&#x41;&#65;</a>", "<a><![CDATA[<]]></a>", "<!-- x --><a/>", "<?p q?><a/>",
	"<a>\r\n</a>", "<a:b/>", "<é/>", "<\u05a9/>", "<a>\xff</a>", "<a>]]></a>", "<a b='1' b='2'/>", "<!DOCTYPE a><a/>", "\xef\xbb\xbf<a/>", "<?xml version='1.0'?><a/>",
	"<BindAxbResponse><Code>O<!-- -->K</Code></BindAxbResponse>", "<BindAxbResponse><Code>a&amp;b\r\rc</Code></BindAxbResponse>",
	"<BindAxbResponse><Code>a<!-- -->b<![CDATA[c]]>d&amp;<?p?>&lt;e<!-- -->\r\nf</Code></BindAxbResponse>",
	"<BindAxbResponse><SecretBindDTO><SubsId>1</SubsId></SecretBindDTO></BindAxbResponse>",
}

// FuzzXML holds the XML reader against encoding/xml: what it accepts is accepted there too, with the same code.
func FuzzXML(f *testing.F) {
	for _, s := range xmlSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var r reader
		r.reset(bindShape, body)
		if !r.readXML() {
			if r.fault == "" {
				t.Fatalf("refuses %q without a fault", body)
			}
			return
		}
		if r.badUTF8 >= 0 {
			return // encoding/xml stops there
		}
		if !utf8.Valid(body) {
			t.Fatalf("%q is not UTF-8", body)
		}
		code, err := standardCode(bytes.TrimPrefix(body, bom))
		if err != nil && strings.Contains(err.Error(), "invalid XML name") && r.nonASCII {
			return // encoding/xml has the names of the 4th edition of XML 1.0, this reader those of the 5th
		}
		if err != nil {
			t.Fatalf("accepts %q: %v", body, err)
		}
		if got := r.values[bindShape.code]; r.twice < 0 && got.kind == text && string(got.text) != code {
			t.Fatalf("code of %q: want %q, got %q", body, code, got.text)
		}
	})
}

// standardCode reads a document to its end and returns the text of Code below the root.
func standardCode(body []byte) (code string, err error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	level, inCode := 0, false
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return code, nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			level++
			if level == 2 {
				inCode = token.Name.Space == "" && token.Name.Local == "Code"
			}
		case xml.EndElement:
			level--
			inCode = inCode && level >= 2
		case xml.CharData:
			if inCode && level == 2 {
				code += string(token)
			}
		}
	}
}

// FuzzCheck throws whole answers at the checker: nothing panics, and no Detail holds more than words and offsets.
func FuzzCheck(f *testing.F) {
	for _, s := range append(jsonSeeds, xmlSeeds...) {
		f.Add([]byte(s), 200, "application/json", "", false)
		f.Add([]byte(s), 400, "text/xml", "gzip", true)
	}
	f.Add([]byte(zip(good)), 200, jsonCT, "gzip", false)
	checker := NewStrict(contract.Edition2019)
	f.Fuzz(func(t *testing.T, body []byte, status int, ct, ce string, asXML bool) {
		sent := &Sent{Operation: contract.BindAxb, A: testA, B: testB, X: testX, Secret: secret, Signature: signature, Nonce: nonce}
		if asXML {
			sent.Format = contract.XML
		}
		a := &Answer{Status: status, ContentType: []byte(ct), ContentEncoding: []byte(ce), Body: bytes.Clone(body)}
		var res, again Result
		checker.Check(&res, sent, a)
		if !bytes.Equal(a.Body, body) {
			t.Fatal("Check changed the body")
		}
		if res.Code == nil && musts(res.Violations) == "" {
			t.Fatalf("no code and no MUST violation: %q", body)
		}
		for _, v := range res.Violations {
			if len(v.Detail) == 0 || len(v.Detail) > 160 {
				t.Fatalf("Detail %q", v.Detail)
			}
		}
		checker.Check(&again, sent, a)
		checker.Check(&again, sent, a)
		if ids(again.Violations) != ids(res.Violations) || !bytes.Equal(again.Code, res.Code) || again.Checked != res.Checked {
			t.Fatalf("another verdict the next time: %q", body)
		}
	})
}
