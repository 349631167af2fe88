package check

import "axbench/conformance/contract"

// Checker holds answers against one edition of the document. It is immutable: safe for concurrent use.
type Checker struct {
	edition contract.Edition
	strict  bool
	shapes  []*shape
	common  *shape // of an unknown operation
	texts   map[string]*contract.Code
}

// New returns a checker for the clauses of the document and of the gateway before it.
func New(edition contract.Edition) *Checker {
	c := &Checker{edition: edition, common: newShape(nil, contract.GatewayFields), texts: tableTexts()}
	for _, op := range contract.Operations {
		c.shapes = append(c.shapes, newShape(op, op.Fields))
	}
	return c
}

// NewStrict returns a checker that also holds answers against the decisions of this project: clauses of profile strict
// (RSP-14, RSP-15, RSP-16).
func NewStrict(edition contract.Edition) *Checker {
	c := New(edition)
	c.strict = true
	return c
}

// tableTexts maps what the document says of each code, and each code's name, to the code. A text that stands for two codes is
// left out.
func tableTexts() map[string]*contract.Code {
	texts := make(map[string]*contract.Code)
	note := func(text string, code *contract.Code) {
		if other, ok := texts[text]; ok && (other == nil || other.Name != code.Name) {
			code = nil
		}
		texts[text] = code
	}
	for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
		for _, code := range e.Codes() {
			note(code.Name, code)
			if code.ZH != "" {
				note(code.ZH, code)
			}
		}
	}
	return texts
}

func (c *Checker) shape(op *contract.Operation) *shape {
	for _, s := range c.shapes {
		if s.op == op {
			return s
		}
	}
	return c.common
}

// find returns what the document says of a code. The document of 2019-01 lists only the codes of BindAxb; for the other
// operations the current list stands in, beside the codes of their own.
func (c *Checker) find(op *contract.Operation, code []byte) *contract.Code {
	known := c.edition.Find(code)
	if known == nil && op != contract.BindAxb {
		known = contract.EditionCurrent.Find(code)
	}
	if known == nil && op != nil {
		known = op.FindCode(code)
	}
	return known
}

// Check fills res with what the answer a to the request sent says and what it breaks. It is pure; sent and a are not kept, but
// res points into a.Body until the next Check with it.
func (c *Checker) Check(res *Result, sent *Sent, a *Answer) {
	res.Code, res.Message, res.RequestID, res.SubsID, res.SecretNo, res.Known = nil, nil, nil, nil, nil, nil
	clear(res.Violations)
	res.Violations, res.Checked, res.broken = res.Violations[:0], 0, 0

	redirect := a.Status/100 == 3
	res.hold(trn11, !redirect, "a redirect (HTTP 3xx) of a signed request")
	res.leaks(sent, a)
	body, plain := res.decode(a)
	shape := c.shape(sent.Operation)
	form := formOf(body)
	top, readable := res.read(shape, body, form)
	if redirect && !readable {
		return
	}
	if len(body) == 0 {
		res.emptyBody(a)
		return
	}
	if plain || readable {
		res.contentType(a, form)
		res.format(sent, a, form)
		res.utf8(a, body)
		res.oneDocument(form, top, readable)
	} else {
		res.add(trn8, "the body is compressed, and cannot be read")
	}
	if !readable {
		if a.Status >= 400 {
			res.add(trn14, "HTTP 4xx or 5xx without Code, Message and RequestId: the body cannot be read")
		}
		return
	}
	c.fields(res, sent, a, form)
	res.told(sent)
	if c.strict {
		res.strict(sent, a, body)
	}
}

// read reads the body, and reports whether it holds the fields: one whole JSON object or one whole root element. top is the
// kind of a JSON value that is no object.
func (r *Result) read(shape *shape, body []byte, form form) (top kind, readable bool) {
	r.reader.reset(shape, body)
	switch form {
	case formXML:
		return object, r.reader.readXML()
	case formHTML:
		return absent, r.reader.fail("an HTML page")
	case formJSON:
		if hasBOM(body) {
			r.reader.pos = len(bom)
		}
		top, ok := r.reader.readJSON()
		return top, ok && top == object
	}
	return absent, r.reader.fail("neither a JSON object nor an XML document")
}

// oneDocument judges TRN-8.
func (r *Result) oneDocument(form form, top kind, readable bool) {
	rd := &r.reader
	switch {
	case !readable && rd.fault != "":
		r.add(trn8, at("the body cannot be read: "+rd.fault, rd.faultAt))
	case !readable:
		r.add(trn8, "expected a JSON object, got "+top.String())
	case form == formJSON && hasBOM(rd.body):
		r.add(trn8, "a byte order mark before the JSON object")
	case rd.fault != "":
		r.add(trn8, at(rd.fault, rd.faultAt))
	case rd.twice >= 0 && form == formXML:
		r.add(trn8, at("a documented element twice in one parent", rd.twice))
	case rd.twice >= 0:
		r.add(trn8, at("the same name twice in an object that ends", rd.twice))
	case rd.badUTF8 >= 0:
		r.add(trn8, at("not UTF-8", rd.badUTF8))
	default:
		r.hold(trn8, true, "")
	}
}
