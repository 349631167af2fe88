package traffic

import (
	"strings"

	"axbench/conformance/contract"
)

// publicWords are what the document itself says, in every answer: names of operations, fields and parameters, and values that
// are the same for everybody. An access key id may be called like a part of one ("abnormal"); taking it out of
// "isv.ACCOUNT_ABNORMAL" would hide nothing and change what the answer says.
var publicWords = func() map[string]bool {
	m := map[string]bool{contract.GatewayRoot: true, contract.Version: true}
	for _, word := range []string{"JSON", "XML", "json", "xml", "true", "false", "True", "False", "HMAC-SHA1", "UTF-8", "utf-8"} {
		m[word] = true
	}
	for _, p := range contract.CommonParams {
		m[p.Name] = true
	}
	for _, op := range contract.Operations {
		m[op.Name], m[op.Root] = true, true
		for _, p := range op.Params {
			m[p.Name] = true
		}
		for _, f := range op.Fields {
			for _, name := range strings.Split(f.Path, ".") {
				m[name] = true
			}
		}
		for _, c := range op.Codes {
			m[c.Name] = true
		}
	}
	return m
}()

var editions = []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent}

// isPublic reports whether a word, in its exact spelling, is one of the document's. The patterns of the gateway's codes
// ("Invalid*") are none: anything may follow them.
func isPublic(word []byte) bool {
	if publicWords[string(word)] {
		return true
	}
	for _, e := range editions {
		if c := e.Find(word); c != nil && c.Name == string(word) {
			return true
		}
	}
	return false
}

// inPublic reports whether b[from:to] lies inside one word of the document.
func inPublic(b []byte, from, to int) bool {
	for from > 0 && isWord(b[from-1]) {
		from--
	}
	for to < len(b) && isWord(b[to]) {
		to++
	}
	return isPublic(b[from:to])
}

func isWord(c byte) bool { return isName(c) || c == '.' }
