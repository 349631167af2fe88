package cmd

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/signature"
	"axbench/conformance/traffic"
)

// explanation is how a call was signed and what the server made of it. Everything in it is redacted: of parameters and
// headers only known ones stay, numbers are pseudonyms.
type explanation struct {
	Canonical    []string     `json:"canonical"` // V1: the canonical query, a parameter each; V3: the lines of the canonical request
	StringToSign string       `json:"string_to_sign"`
	Server       string       `json:"server"`      // what the server said of the signature
	Differences  []difference `json:"differences"` // between what was signed here and what the server says it would have signed
}

// difference is one part of what is signed that the two sides see differently.
type difference struct {
	What   string `json:"what"`
	Sent   string `json:"sent"`
	Server string `json:"server"`
}

// The texts between which the gateway repeats what it signed.
const (
	echoV1      = "server string to sign is:"
	echoV3      = "server CanonicalRequest is ["
	absent      = "(absent)"
	otherValue  = "another value"
	codeNoMatch = "SignatureDoesNotMatch"
)

// explainer redacts what it explains.
type explainer struct {
	redactor *traffic.Redactor
	numbers  []string // that the call was made with
	scheme   client.Scheme
}

// explain compares what was signed with what came back. known is nil for a code that no list has.
func (x *explainer) explain(e client.Explanation, known *contract.Code, message string) explanation {
	ours := parseSigned(x.scheme, e)
	out := explanation{Canonical: x.canonical(ours), StringToSign: x.stringToSign(ours, e.StringToSign), Differences: []difference{}}
	switch {
	case known == nil:
		out.Server = "it gave no code that a list has: whether it took the signature is unknown"
	case known.Group != contract.Gateway:
		out.Server = "it took the signature"
	case known.Name != codeNoMatch:
		out.Server = "the gateway refused the call with " + known.Name + ", which is not about the signature's value"
	default:
		theirs, ok := echoed(x.scheme, message)
		if !ok {
			out.Server = "it did not take the signature, and does not say what it would have signed"
			break
		}
		out.Differences = append(out.Differences, x.compare(ours, theirs)...)
		out.Server = "it would have signed something else"
		if len(out.Differences) == 0 {
			out.Server = "it would have signed the same: its secret is another one, or the signature was changed on its way"
		}
	}
	return out
}

// signed is what goes into a signature, taken apart. The parts are as they are signed: encoded, not redacted.
type signed struct {
	method, path string
	params       []pair
	headers      []pair // V3
	names        string // V3: SignedHeaders
	payload      string // V3: hash of the body
}

type pair struct{ name, value string }

func parseSigned(scheme client.Scheme, e client.Explanation) *signed {
	if scheme == client.V3 {
		s, _ := parseCanonicalV3(e.Canonical)
		return s
	}
	s, _ := parseStringV1(e.StringToSign)
	return s
}

// parseStringV1 takes a V1 string to sign apart: METHOD&path&query, the last two escaped.
func parseStringV1(text string) (*signed, bool) {
	parts := strings.SplitN(text, "&", 3)
	if len(parts) < 3 {
		return &signed{}, false
	}
	path, err1 := url.PathUnescape(parts[1])
	query, err2 := url.PathUnescape(parts[2])
	return &signed{method: parts[0], path: path, params: splitPairs(query, "&", "=")}, err1 == nil && err2 == nil
}

// parseCanonicalV3 takes a V3 canonical request apart: method, path, query, headers, an empty line, names, payload hash.
func parseCanonicalV3(text string) (*signed, bool) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	lines := strings.Split(text, "\n")
	if len(lines) < 6 {
		return &signed{}, false
	}
	n := len(lines)
	s := &signed{method: lines[0], path: lines[1], params: splitPairs(lines[2], "&", "="), names: lines[n-2], payload: lines[n-1]}
	for _, l := range lines[3 : n-2] {
		if l != "" {
			s.headers = append(s.headers, splitPairs(l, "\n", ":")...)
		}
	}
	return s, true
}

func splitPairs(text, between, inside string) []pair {
	var list []pair
	for _, part := range strings.Split(text, between) {
		if part != "" {
			name, value, _ := strings.Cut(part, inside)
			list = append(list, pair{name, value})
		}
	}
	return list
}

// echoed finds what the server says it signed in the message of SignatureDoesNotMatch.
func echoed(scheme client.Scheme, message string) (*signed, bool) {
	if scheme == client.V1 {
		_, text, ok := strings.Cut(message, echoV1)
		if !ok {
			return nil, false
		}
		return parseStringV1(strings.TrimSpace(text))
	}
	_, text, ok := strings.Cut(message, echoV3)
	if !ok {
		return nil, false
	}
	return parseCanonicalV3(strings.TrimSuffix(strings.TrimSpace(text), "]"))
}

// compare lists what differs, redacted.
func (x *explainer) compare(ours, theirs *signed) []difference {
	var list []difference
	plain := func(what, a, b string) {
		if a != b {
			list = append(list, difference{what, x.text(a), x.text(b)})
		}
	}
	plain("method", ours.method, theirs.method)
	plain("path", ours.path, theirs.path)
	list = append(list, comparePairs("parameter", ours.params, theirs.params, x.param)...)
	list = append(list, comparePairs("header", ours.headers, theirs.headers, x.header)...)
	plain("list of signed headers", ours.names, theirs.names)
	if ours.payload != theirs.payload {
		list = append(list, difference{"hash of the body", "[removed]", otherValue})
	}
	return list
}

// comparePairs compares two lists by name, then by order. redact shows a value.
func comparePairs(kind string, ours, theirs []pair, redact func(pair) string) []difference {
	var list []difference
	rest := slices.Clone(theirs)
	for _, o := range ours {
		i := slices.IndexFunc(rest, func(t pair) bool { return t.name == o.name })
		if i < 0 {
			list = append(list, difference{kind + " " + o.name, redact(o), absent})
			continue
		}
		t := rest[i]
		rest = slices.Delete(rest, i, i+1)
		if t.value == o.value {
			continue
		}
		a, b := redact(o), redact(t)
		if a == b {
			b = otherValue
		}
		list = append(list, difference{kind + " " + o.name, a, b})
	}
	for _, t := range rest {
		list = append(list, difference{kind + " " + t.name, absent, redact(t)})
	}
	if len(list) == 0 && !slices.Equal(ours, theirs) {
		for i := range ours {
			if ours[i] != theirs[i] {
				return append(list, difference{fmt.Sprintf("order: %s %d", kind, i+1), ours[i].name, theirs[i].name})
			}
		}
	}
	return list
}

// canonical shows what was signed, a part a line.
func (x *explainer) canonical(s *signed) []string {
	var lines []string
	if x.scheme == client.V3 {
		lines = append(lines, s.method, s.path)
	}
	for _, p := range s.params {
		lines = append(lines, p.name+"="+x.param(p))
	}
	if x.scheme == client.V1 {
		return lines
	}
	for _, h := range s.headers {
		lines = append(lines, h.name+":"+x.header(h))
	}
	return append(lines, "", s.names, x.payload(s))
}

// payload shows the hash of an empty body only: a number could be guessed from that of a form.
func (x *explainer) payload(s *signed) string {
	if s.payload == signature.EmptyPayloadHash {
		return s.payload
	}
	return "[removed]"
}

// stringToSign shows the string to sign: for V1 made from the redacted parameters, for V3 as it is, since it holds no
// more than a hash over a nonce that is not shown.
func (x *explainer) stringToSign(s *signed, text string) string {
	if x.scheme == client.V3 {
		return text
	}
	var query []string
	for _, p := range s.params {
		query = append(query, p.name+"="+x.param(p))
	}
	return s.method + "&" + string(signature.AppendEscaped(nil, s.path)) + "&" + string(signature.AppendEscaped(nil, strings.Join(query, "&")))
}

// param shows the value of a parameter as the redactor leaves it in a request.
func (x *explainer) param(p pair) string {
	request, _ := x.redactor.Exchange([]byte("GET /?"+oneWord(p.name)+"="+oneWord(p.value)+" HTTP/1.1\r\n\r\n"), nil, nil, x.numbers...)
	_, value, _ := strings.Cut(strings.TrimSuffix(request, " HTTP/1.1"), "=")
	return value
}

// header shows the value of a header as the redactor leaves it in a request.
func (x *explainer) header(p pair) string {
	request, _ := x.redactor.Exchange([]byte("GET / HTTP/1.1\r\n"+oneWord(p.name)+": "+oneLine.Replace(p.value)+"\r\n\r\n"), nil, nil, x.numbers...)
	_, line, _ := strings.Cut(request, "\n")
	_, value, _ := strings.Cut(line, ": ")
	return strings.TrimSpace(value)
}

// What a server repeats is foreign: it must not end the line it is redacted in.
var oneLine = strings.NewReplacer("\r", "%0D", "\n", "%0A")

func oneWord(s string) string { return strings.ReplaceAll(oneLine.Replace(s), " ", "%20") }

func (x *explainer) text(s string) string { return x.redactor.Text([]byte(s)) }
