package traffic

import (
	"strings"
	"sync"
	"sync/atomic"

	"axbench/conformance/check"
	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner/wire"
)

// How many codes that no list names are kept by name, of each kind, and how long a name may be.
const (
	maxNames   = 32
	maxNameLen = 64
	maxRawLen  = 1024 // a longer code is not remembered by what it was
)

// codeEntry is one code as results know it.
type codeEntry struct {
	name     string
	class    results.Class
	evidence atomic.Int32 // exchanges kept
}

// codeBook turns the codes of answers into stable strings, of which there are few: every listed code, the first 32 distinct
// undocumented ones and the first 32 of the gateway's families (Missing…, Invalid…, Throttling…), and one more for the rest
// of each kind. It is safe for concurrent use.
type codeBook struct {
	edition   contract.Edition
	listed    map[*contract.Code]*codeEntry // not changed after newCodeBook
	failures  map[wire.Failure]*codeEntry   // not changed after newCodeBook
	malformed *codeEntry
	other     *codeEntry // undocumented beyond the first
	otherGate *codeEntry // of the gateway's families beyond the first
	otherSeen atomic.Int64

	mu    sync.RWMutex
	byRaw map[string]*codeEntry // by what stood in the answer
	named map[string]*codeEntry // the same by name
	kept  map[results.Class]int // how many are kept
}

// reserved are words that results use where codes stand.
var reserved = map[string]bool{
	results.CodeAll: true, results.CodeGood: true, results.CodeUnfinished: true, results.CodeDropped: true,
	results.CodeRefused: true, results.CodeReset: true, results.CodeTimeout: true, results.CodeTLS: true,
	results.CodeFraming: true, results.CodeMalformed: true, "not_offered": true,
	"ok": true, "business": true, "gateway": true, "undocumented": true, "transport": true,
}

func newCodeBook(edition contract.Edition) *codeBook {
	b := &codeBook{
		edition:   edition,
		listed:    map[*contract.Code]*codeEntry{},
		failures:  map[wire.Failure]*codeEntry{},
		malformed: &codeEntry{name: results.CodeMalformed, class: results.ClassMalformed},
		other:     &codeEntry{name: results.CodeOther, class: results.ClassUndocumented},
		otherGate: &codeEntry{name: "gateway" + results.CodeOther, class: results.ClassGateway},
		byRaw:     map[string]*codeEntry{},
		named:     map[string]*codeEntry{},
		kept:      map[results.Class]int{},
	}
	names := map[string]*codeEntry{}
	list := func(c *contract.Code) {
		if names[c.Name] == nil {
			names[c.Name] = &codeEntry{name: c.Name, class: ClassOf(c.Group)}
		}
		b.listed[c] = names[c.Name]
	}
	for _, e := range []contract.Edition{edition, contract.EditionCurrent} { // check uses the current list for other operations
		for _, c := range append(e.Codes(), contract.GatewayCodes()...) {
			if !strings.HasSuffix(c.Name, "*") {
				list(c)
			}
		}
	}
	for _, c := range contract.OwnCodes() {
		list(c)
	}
	for f, name := range map[wire.Failure]string{
		wire.Refused: results.CodeRefused, wire.Reset: results.CodeReset, wire.Timeout: results.CodeTimeout,
		wire.TLS: results.CodeTLS, wire.Framing: results.CodeFraming,
	} {
		b.failures[f] = &codeEntry{name: name, class: results.ClassTransport}
	}
	return b
}

// ClassOf returns the class of the codes of a group.
func ClassOf(g contract.Group) results.Class {
	switch g {
	case contract.Success:
		return results.ClassOK
	case contract.Business:
		return results.ClassBusiness
	case contract.Gateway:
		return results.ClassGateway
	}
	return results.ClassUndocumented
}

// failure returns the code of a call without an answer.
func (b *codeBook) failure(f wire.Failure) *codeEntry {
	if e := b.failures[f]; e != nil {
		return e
	}
	return b.failures[wire.Reset]
}

// find returns the code of an answer.
func (b *codeBook) find(res *check.Result, r *Redactor, request []byte, m *Memo) *codeEntry {
	if res.Code == nil {
		return b.malformed
	}
	if e := b.listed[res.Known]; e != nil && res.Known != nil {
		return e
	}
	b.mu.RLock()
	e := b.byRaw[string(res.Code)]
	b.mu.RUnlock()
	if e == nil {
		name := func() string { return codeName(r.phrase(res.Code, request, m.A, m.B, m.X)) }
		e = b.learn(res.Code, res.Known, name)
	}
	if e == b.other {
		b.otherSeen.Add(1)
	}
	return e
}

// learn keeps a code that no list names, if there is room.
func (b *codeBook) learn(raw []byte, known *contract.Code, nameOf func() string) *codeEntry {
	class, rest := results.ClassUndocumented, b.other
	if known != nil {
		class, rest = ClassOf(known.Group), b.otherGate
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.byRaw[string(raw)]; e != nil {
		return e
	}
	if b.kept[class] >= maxNames {
		return rest
	}
	name := nameOf()
	e := b.named[name]
	if e == nil {
		e = &codeEntry{name: name, class: class}
		b.named[name] = e
		b.kept[class]++
	}
	if len(raw) <= maxRawLen && len(b.byRaw) < 8*maxNames {
		b.byRaw[string(raw)] = e
	}
	return e
}

// codeName makes a name of a redacted code: of [A-Za-z0-9._-], of at most 64 bytes and no word of our own.
func codeName(redacted string) string {
	b := appendWord(nil, []byte(redacted))
	b = b[:min(len(b), maxNameLen)]
	name := string(b)
	switch {
	case name == "":
		return "_empty"
	case reserved[strings.ToLower(name)]:
		return "_" + name
	}
	return name
}

// Codes returns the rows of every code of an edition of the document, in its order and with a count of 0, as each phase of
// run.json has them. The slice is the caller's.
func Codes(edition contract.Edition) []results.Code {
	var list []results.Code
	for _, c := range edition.Codes() {
		list = append(list, results.Code{
			Code: c.Name, Class: ClassOf(c.Group), Documented: true, TextZH: c.ZH, TextEN: c.EN, HTTPStatus: []int{},
		})
	}
	return list
}

// Describe returns the row of one code of an Outcome, with a count of 0.
func (t *Traffic) Describe(code string, class results.Class) results.Code {
	r := results.Code{Code: code, Class: class, HTTPStatus: []int{}}
	if class != results.ClassOK && class != results.ClassBusiness && class != results.ClassGateway {
		return r
	}
	r.Documented = true
	c := t.cfg.Edition.Find([]byte(code))
	if c == nil { // the document of 2019-01 lists the codes of BindAxb only
		c = contract.EditionCurrent.Find([]byte(code))
	}
	for _, own := range contract.OwnCodes() {
		if c == nil && own.Name == code {
			c = own
		}
	}
	if c != nil {
		r.TextZH, r.TextEN = c.ZH, c.EN
	}
	return r
}

// OtherCodes returns how many answers had an undocumented code beyond those kept by name.
func (t *Traffic) OtherCodes() int64 { return t.codes.otherSeen.Load() }
