package emulator

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"axbench/conformance/contract"
)

// reply is one answer, read by a reader of its own: it believes nothing that the emulator's code believes.
type reply struct {
	status int
	header map[string][]string // lower-case names
	body   string
	broken string // what is wrong with the framing
	late   bool   // it did not come in time
	xml    bool
	root   string
	fault  string            // why the body is no document
	texts  map[string]string // of strings, by path
	other  map[string]string // of everything else, by path: its JSON
}

func (r reply) code() string { return r.texts["Code"] }
func (r reply) x() string    { return r.texts["SecretBindDTO.SecretNo"] }
func (r reply) subs() string { return r.texts["SecretBindDTO.SubsId"] }

// of is a field of the detail of a binding, whatever its type.
func (r reply) of(field string) string {
	return r.texts["SecretBindDetailDTO."+field] + r.other["SecretBindDetailDTO."+field]
}

var statusLine = regexp.MustCompile(`^HTTP/1\.1 ([0-9]{3}) [ -~]*$`)

// read takes the first answer off raw, reads it and returns what is behind it.
func (r *reply) read(raw string) (rest string) {
	r.texts, r.other = map[string]string{}, map[string]string{}
	rest = r.frame(raw)
	if r.status != 0 {
		r.document()
	}
	return rest
}

// frame takes the first answer off raw and returns what is behind it.
func (r *reply) frame(raw string) (rest string) {
	r.header = map[string][]string{}
	head, rest, ok := strings.Cut(raw, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	status := statusLine.FindStringSubmatch(lines[0])
	if !ok || status == nil {
		r.broken = fmt.Sprintf("no answer: %.40q", raw)
		return ""
	}
	r.status, _ = strconv.Atoi(status[1])
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		r.header[strings.ToLower(name)] = append(r.header[strings.ToLower(name)], strings.TrimSpace(value))
	}
	lengths, chunked := r.header["content-length"], r.header["transfer-encoding"] != nil
	switch n, err := strconv.Atoi(strings.Join(lengths, ",")); {
	case chunked && lengths != nil:
		r.broken = "a length and chunks"
	case chunked:
		rest = r.chunks(rest)
	case err != nil:
		r.broken = fmt.Sprintf("no length: %v", lengths)
	case len(rest) < n:
		r.body, r.broken, rest = rest, fmt.Sprintf("%d bytes of %d", len(rest), n), ""
	default:
		r.body, rest = rest[:n], rest[n:]
	}
	return rest
}

// chunks reads a body in chunks.
func (r *reply) chunks(rest string) string {
	for {
		size, behind, ok := strings.Cut(rest, "\r\n")
		n, err := strconv.ParseInt(size, 16, 32)
		if !ok || err != nil || len(behind) < int(n)+2 {
			r.broken = "a chunk is missing"
			return ""
		}
		r.body, rest = r.body+behind[:n], behind[n+2:]
		if n == 0 {
			return rest
		}
	}
}

// document reads the body.
func (r *reply) document() {
	var err error
	if r.xml = strings.HasPrefix(r.body, "<"); r.xml {
		err = r.readXML()
	} else {
		err = r.readJSON()
	}
	if err != nil {
		r.fault = err.Error()
	}
}

var loneSurrogate = regexp.MustCompile(`(?i)\\ud[89ab][0-9a-f]{2}(?:[^\\]|\\[^u]|\\u[^d]|\\ud[^c-f]|$)`)

// readJSON reads one object, of which no name stands twice.
func (r *reply) readJSON() error {
	switch {
	case !strings.HasPrefix(r.body, "{"):
		return fmt.Errorf("begins with %.10q", r.body)
	case !json.Valid([]byte(r.body)):
		return errors.New("no JSON")
	case loneSurrogate.MatchString(r.body):
		return errors.New("half of a pair of surrogates")
	}
	d := json.NewDecoder(strings.NewReader(r.body))
	_, _ = d.Token()
	return r.object(d, "")
}

// object reads the members of an object behind its bracket.
func (r *reply) object(d *json.Decoder, path string) error {
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		at := path + fmt.Sprint(name)
		if seen[at] {
			return fmt.Errorf("%s stands twice", at)
		}
		seen[at] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		switch {
		case value[0] == '{':
			r.other[at] = "{}"
			inner := json.NewDecoder(strings.NewReader(string(value)))
			_, _ = inner.Token()
			if err := r.object(inner, at+"."); err != nil {
				return err
			}
		case value[0] == '"':
			var s string
			if err := json.Unmarshal(value, &s); err != nil {
				return err
			}
			r.texts[at] = s
		default:
			r.other[at] = string(value)
		}
	}
	return nil
}

// readXML reads one element, of whose members no name stands twice in one place.
func (r *reply) readXML() error {
	d := xml.NewDecoder(strings.NewReader(r.body))
	var path []string
	var text string
	for {
		token, err := d.Token()
		if err != nil {
			if errors.Is(err, io.EOF) && r.root != "" && len(path) == 0 {
				return nil
			}
			return fmt.Errorf("no XML: %v", err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			if len(path) == 0 && r.root != "" {
				return errors.New("two roots")
			} else if len(path) == 0 {
				r.root = v.Name.Local
			} else if len(path) > 1 {
				r.other[strings.Join(path[1:], ".")] = "{}"
			}
			path, text = append(path, v.Name.Local), ""
		case xml.CharData:
			text += string(v)
		case xml.EndElement:
			at := strings.Join(path[1:], ".")
			if _, twice := r.texts[at]; twice {
				return fmt.Errorf("%s stands twice", at)
			}
			if at != "" && r.other[at] == "" {
				r.texts[at] = text
			}
			path = path[:len(path)-1]
		}
	}
}

// asked is what a request says, as far as answers are held against it.
func asked(request, name string) string {
	for rest := request; ; {
		i := strings.Index(rest, name+"=")
		switch {
		case i < 0:
			return ""
		case i > 0 && strings.IndexByte("?&\n", rest[i-1]) >= 0:
			value, _, _ := strings.Cut(rest[i+len(name)+1:], "&")
			value, _, _ = strings.Cut(value, " ")
			return value
		}
		rest = rest[i+len(name)+1:]
	}
}

// judge holds one answer against the clauses that are about every answer.
func (tr *trial) judge(request string, r *reply) {
	breaks := func(clause string, when bool, format string, args ...any) {
		if when {
			tr.note(clause, format+" in %d %.300s", append(args, r.status, r.body)...)
		}
	}
	breaks("TRN-13", r.late, "no whole answer in time")
	breaks("TRN-9", r.broken != "", "%s", r.broken)
	breaks("LOD-6", r.broken != "", "%s", r.broken)
	breaks("TRN-11", r.status/100 == 3, "a redirect")
	breaks("TRN-12", r.header["content-encoding"] != nil, "a coding that nobody asked for")
	breaks("TRN-5", !utf8.ValidString(r.body), "not UTF-8")
	breaks("TRN-8", r.fault != "", "%s", r.fault)
	form := r.xml != strings.EqualFold(asked(request, "Format"), "XML") || !r.xml && !strings.Contains(r.body, "{") || r.xml && r.fault != ""
	breaks("TRN-6", form, "not the form that was asked for")
	breaks("TRN-14", form && r.status >= 400, "a failure in another form than asked for")
	breaks("TRN-5", otherCharset(r), "another charset than UTF-8 is declared")
	kind := map[bool]string{false: "application/json;charset=utf-8", true: "text/xml;charset=utf-8"}[r.xml]
	breaks("TRN-7", strings.Join(r.header["content-type"], ",") != kind, "Content-Type %v", r.header["content-type"])
	for _, secret := range []string{BuiltinSecret, "-secret"} {
		breaks("SIG-18", strings.Contains(r.body, secret), "a secret")
	}
	tr.envelope(request, r, breaks)
	if asked(request, "Action") == "BindAxb" || strings.Contains(request, "action: BindAxb") || strings.Contains(request, "Action: BindAxb") {
		tr.bound(request, r, breaks)
	}
}

var (
	subsForms = regexp.MustCompile(`^[0-9]{8,19}$`)
	charsets  = regexp.MustCompile(`(?im)(?:charset=|^<\?xml[^>]*encoding=['"])([A-Za-z0-9_-]+)`)
)

// otherCharset reports whether the header or the document itself names another charset than UTF-8.
func otherCharset(r *reply) bool {
	for _, m := range charsets.FindAllStringSubmatch(strings.Join(r.header["content-type"], ",")+"\n"+r.body, -1) {
		if !strings.EqualFold(m[1], "UTF-8") {
			return true
		}
	}
	return false
}

type breaker func(clause string, when bool, format string, args ...any)

// meansSuccess are other words for OK.
var meansSuccess = regexp.MustCompile(`(?i)^(ok|success|200|0)\s*$`)

var innerThings = regexp.MustCompile(`(?i)exception|\.java|\.go:|goroutine |traceback|select .* from|insert into|\bsql\b|/(home|opt|usr|var|data)/|\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|localhost|\.internal|\.local\b`)

// envelope judges what every answer has.
func (tr *trial) envelope(request string, r *reply, breaks breaker) {
	code, hasCode := r.texts["Code"]
	message, hasMessage := r.texts["Message"]
	id := r.texts["RequestId"]
	known := contract.Edition2019.Find([]byte(code))
	gateway := known != nil && known.Group == contract.Gateway
	breaks("RSP-1", id == "", "no RequestId")
	breaks("RSP-2", id != "" && tr.again("request "+id), "RequestId again")
	breaks("RSP-16", id != "" && id == asked(request, "SignatureNonce"), "the nonce as RequestId")
	breaks("RSP-3", code == "", "no Code")
	breaks("RSP-4", code != "OK" && meansSuccess.MatchString(code), "success is %q", code)
	breaks("RSP-5", hasCode && known == nil, "%q is not documented", code)
	breaks("RSP-6", !hasMessage, "no Message")
	breaks("RSP-7", code != "OK" && hasMessage && (strings.TrimSpace(message) == "" || message == "OK" || message == "请求成功"), "Message %q", message)
	for _, c := range contract.Edition2019.Codes() {
		breaks("RSP-7", c.Name != code && message == c.ZH, "Message of %s", c.Name)
	}
	breaks("RSP-15", code != "SignatureDoesNotMatch" && innerThings.MatchString(message), "Message %q", message)
	breaks("TRN-10", r.status/100 != 2 && !gateway, "a business answer with status %d", r.status)
	breaks("TRN-10", r.status/100 == 2 && r.body == "", "no body")
	breaks("TRN-14", r.status >= 400 && (code == "" || message == "" || id == "") || gateway && r.status < 400, "a failure without its form")
	fields := contract.GatewayFields
	if !gateway {
		fields = contract.BindAxb.Fields
		for _, op := range contract.Operations {
			if asked(request, "Action") == op.Name {
				fields = op.Fields
			}
		}
	}
	documented := map[string]bool{}
	for _, f := range fields {
		documented[f.Path] = true
		_, there := r.texts[f.Path]
		breaks("RSP-12", !there && r.other[f.Path] == "" && (f.Always || f.OnOK && code == "OK"), "%s is not in its place", f.Path)
	}
	for _, paths := range []map[string]string{r.texts, r.other} {
		for path := range paths {
			breaks("RSP-12", !documented[path], "%s is not documented", path)
		}
	}
}

// again notes an id and reports whether it was seen before.
func (tr *trial) again(id string) bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	before := tr.ids[id]
	tr.ids[id] = true
	return before
}

var bindingData = regexp.MustCompile(`(?i)"(secretbinddto|subsid|secretno)":("[^"]|\{"|[0-9])|<(secretbinddto|subsid|secretno)>[^<]`)

// bound judges the answer to a bind.
func (tr *trial) bound(request string, r *reply, breaks breaker) {
	a, b, x, want := asked(request, "PhoneNoA"), asked(request, "PhoneNoB"), r.x(), asked(request, "PhoneNoX")
	gateway := r.status >= 400
	if !gateway {
		for _, n := range []string{a, b} {
			breaks("RSP-14", len(n) >= 10 && strings.Contains(r.body, n), "A or B")
		}
	}
	if r.code() != "OK" && !meansSuccess.MatchString(r.code()) {
		breaks("RSP-9", bindingData.MatchString(r.body), "binding data")
		return
	}
	breaks("RSP-8", r.other["SecretBindDTO"] != "{}", "no SecretBindDTO")
	breaks("RSP-10", !subsForms.MatchString(r.subs()), "SubsId %q", r.subs())
	breaks("RSP-11", x == "" || strings.Trim(x, "0123456789") != "", "SecretNo %q", x)
	breaks("RSP-13", x == a || x == b || len(x) != 11 || !strings.HasPrefix(x, "170"), "SecretNo %q", x)
	breaks("INV-1", tr.again("subs "+r.subs()), "SubsId again")
	breaks("PRM-X-2", want != "" && x != want, "another X")
	breaks("INV-5", want != "" && x != want, "another X")
}
