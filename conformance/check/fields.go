package check

import (
	"bytes"

	"axbench/conformance/contract"
)

// outcome is which of two rules the fields of an answer stand under.
type outcome uint8

const (
	unclear   outcome = iota // no readable code
	succeeded                // OK, or meant to be
	refused
)

// expected words a field of the wrong type.
func expected(field, what string, got value) string {
	if got.kind == text && !got.filled {
		return field + ": expected " + what + ", got an empty string"
	}
	return field + ": expected " + what + ", got " + got.kind.String()
}

// fields judges what the values of a readable answer say.
func (c *Checker) fields(res *Result, sent *Sent, a *Answer, form form) {
	s := res.reader.shape
	whole := res.envelope()
	out := c.code(res, sent)
	res.status(a, out, whole)
	c.message(res, out)
	switch {
	case out == unclear:
	case s.dto >= 0:
		res.binding(sent, out)
	case s.subs >= 0:
		res.bindings(out)
	}
	res.names(out)
	if form == formXML {
		res.rootName(out)
	}
	res.SubsID = chars(res.reader.get(s.subs))
	res.SecretNo = chars(res.reader.get(s.number))
}

// chars returns the characters of a string, else nil.
func chars(v value) []byte {
	if v.kind != text {
		return nil
	}
	return v.text
}

// envelope judges the three fields of every answer (RSP-1, RSP-3, RSP-6) and reports whether they are all there.
func (r *Result) envelope() bool {
	s := r.reader.shape
	request, code, message := r.reader.get(s.request), r.reader.get(s.code), r.reader.get(s.message)
	if request.kind == text && request.filled {
		r.Checked |= 1 << rsp1
	} else {
		r.add(rsp1, expected("RequestId", "a non-empty string", request))
	}
	if code.kind == text {
		r.Checked |= 1 << rsp3
	} else {
		r.add(rsp3, expected("Code", "a string", code))
	}
	if message.kind == text {
		r.Checked |= 1 << rsp6
	} else {
		r.add(rsp6, expected("Message", "a string", message))
	}
	r.RequestID, r.Message = chars(request), chars(message)
	if code.kind == text && code.filled {
		r.Code = code.text
	}
	return request.filled && request.kind == text && r.Code != nil && message.kind == text
}

// code judges RSP-4 and RSP-5.
func (c *Checker) code(res *Result, sent *Sent) outcome {
	if res.Code == nil {
		if res.reader.get(res.reader.shape.code).kind == text {
			res.add(rsp5, "Code: expected one of the documented list, got an empty string")
		}
		return unclear
	}
	res.Known = c.find(sent.Operation, res.Code)
	switch {
	case res.Known == nil && meansOK(res.Code):
		res.add(rsp4, `Code: expected exactly "OK" for a success, got another spelling`)
		return succeeded
	case res.Known == nil:
		res.add(rsp5, "Code: expected one of the documented list of "+c.edition.String()+" or of the gateway's")
	case res.Known.Group == contract.Success:
		res.Checked |= 1 << rsp4
		return succeeded
	case res.Known.Group == contract.Business:
		res.Checked |= 1 << rsp5
	}
	return refused
}

// meansOK reports whether a code that is not OK is a word for success.
func meansOK(code []byte) bool {
	code = bytes.TrimSpace(code)
	return equalFold(code, "ok") || equalFold(code, "success") || equalFold(code, "succeeded") || equalFold(code, "200") ||
		equalFold(code, "0")
}

// status judges TRN-10 and TRN-14. whole says that RequestId, Code and Message are there.
func (r *Result) status(a *Answer, out outcome, whole bool) {
	success := a.Status/100 == 2
	gateway := r.Known != nil && r.Known.Group == contract.Gateway
	business := r.Known != nil && !gateway || hasPrefix(r.Code, "isv.") || hasPrefix(r.Code, "isp.")
	switch {
	case out == succeeded && !success:
		r.addAs(trn10, successNot2xx, "a success with a status other than HTTP 2xx")
	case (business || out == unclear) && !success:
		r.add(trn10, "a business answer with a status other than HTTP 2xx")
	case business || out == succeeded:
		r.Checked |= 1 << trn10
	}
	switch {
	case gateway && a.Status < 400:
		r.add(trn14, "a gateway code with a status other than HTTP 4xx or 5xx")
	case a.Status >= 400 && !business && out != succeeded:
		r.hold(trn14, whole, "HTTP 4xx or 5xx without all of Code, Message and RequestId")
	}
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// message judges RSP-7: never for equality.
func (c *Checker) message(res *Result, out outcome) {
	if res.reader.get(res.reader.shape.message).kind != text || out == unclear {
		return
	}
	if len(bytes.TrimSpace(res.Message)) == 0 {
		res.hold(rsp7, out == succeeded, "Message: expected a text on an error, got an empty string or spaces")
		return
	}
	code := c.texts[string(res.Message)]
	switch {
	case code == nil, res.Known != nil && code.Name == res.Known.Name:
		res.Checked |= 1 << rsp7
	case code.Group == contract.Success && out == succeeded:
		res.Checked |= 1 << rsp7 // RSP-4 says it
	case code.Group != contract.Success && res.Known == nil:
		res.Checked |= 1 << rsp7 // RSP-5 says it
	default:
		res.add(rsp7, "Message: the table text or the name of another code")
	}
}

// binding judges SecretBindDTO and what is in it (RSP-8 to RSP-11, RSP-13, PRM-X-2, INV-5).
func (r *Result) binding(sent *Sent, out outcome) {
	s := r.reader.shape
	dto := r.reader.values[s.dto]
	name := s.fields[s.dto].name
	if out == refused {
		r.noBinding(name, dto)
		return
	}
	if dto.kind != object {
		r.add(rsp8, expected(name, "an object after success", dto))
		return
	}
	r.Checked |= 1 << rsp8
	subs, number := r.reader.get(s.subs), r.reader.get(s.number)
	if subs.kind == text && subs.filled {
		r.Checked |= 1 << rsp10
	} else {
		r.add(rsp10, expected(name+".SubsId", "a non-empty string", subs))
	}
	if s.number < 0 {
		return
	}
	if number.kind != text || !number.filled {
		r.add(rsp11, expected(name+"."+s.fields[s.number].name, "a non-empty string of digits", number))
		return
	}
	if onlyDigits(number.text) {
		r.Checked |= 1 << rsp11
	} else {
		r.add(rsp11, name+"."+s.fields[s.number].name+": expected only digits, got other characters")
	}
	if s.op == contract.BindAxb {
		r.secretNo(sent, number.text)
	} else {
		r.asked(sent, subs, number.text)
	}
}

// bindings judges the SubsIds that QuerySubsId lists: a string, empty where the X has no binding, and nothing after a failure
// (RSP-9, RSP-10).
func (r *Result) bindings(out outcome) {
	list := r.reader.get(r.reader.shape.subs)
	switch {
	case out == refused:
		r.hold(rsp9, !list.filled, "SubsId: expected nothing after a failure")
	case list.kind == text:
		r.Checked |= 1 << rsp10
	default:
		r.add(rsp10, expected("SubsId", "a string", list))
	}
}

// secretNo judges the X of a bind: RSP-13, and where the caller chose it PRM-X-2 and INV-5.
func (r *Result) secretNo(sent *Sent, x []byte) {
	given := sent.X != "" && sent.X == string(x) // the caller's own choice, even if it is A or B
	switch {
	case !given && string(x) == sent.A:
		r.add(rsp13, "SecretBindDTO.SecretNo: the number A of the request")
	case !given && string(x) == sent.B:
		r.add(rsp13, "SecretBindDTO.SecretNo: the number B of the request")
	case !given && len(x) > 15 && !hasPrefix(x, "95") && onlyDigits(x):
		r.add(rsp13, "SecretBindDTO.SecretNo: more than 15 digits is no telephone number (E.164)")
	default:
		r.Checked |= 1 << rsp13
	}
	if sent.X != "" {
		r.hold(prmX2, given, "SecretBindDTO.SecretNo: expected the PhoneNoX of the request, got another")
		r.hold(inv5, given, "SecretBindDTO.SecretNo: expected the PhoneNoX of this request, got that of another")
	}
}

// asked judges whether a query was answered with the binding it asked for: INV-5.
func (r *Result) asked(sent *Sent, subs value, x []byte) {
	if sent.X != "" {
		r.hold(inv5, sent.X == string(x), "SecretBindDetailDTO.PhoneNoX: expected the PhoneNoX of the request, got another")
	}
	if sent.SubsID != "" && subs.kind == text {
		r.hold(inv5, sent.SubsID == string(subs.text), "SecretBindDetailDTO.SubsId: expected the SubsId of the request, got another")
	}
}

func onlyDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// noBinding judges RSP-9: after a failure the object is absent, null or empty, and what it would hold is nowhere else.
func (r *Result) noBinding(name string, dto value) {
	rd := &r.reader
	if dto.kind != object && dto.filled {
		r.add(rsp9, expected(name, "nothing, null or an empty object after a failure", dto))
		return
	}
	for i := range rd.shape.fields {
		f := &rd.shape.fields[i]
		if !f.okOnly {
			continue
		}
		if f.parent != atTop && rd.values[i].filled {
			r.add(rsp9, name+"."+f.name+": expected nothing after a failure")
			return
		}
		if f.onOK && rd.strayFilled&(1<<i) != 0 {
			r.add(rsp9, f.name+", at another place or in another spelling: expected nothing after a failure")
			return
		}
	}
	r.Checked |= 1 << rsp9
}

// names judges RSP-12: a field that is missing at its place and there under a like name, or elsewhere.
func (r *Result) names(out outcome) {
	rd := &r.reader
	if rd.mixed >= 0 {
		r.add(rsp12, at("text beside elements", rd.mixed))
		return
	}
	for i := range rd.shape.fields {
		f := &rd.shape.fields[i]
		due := f.always || f.onOK && out == succeeded
		if due && rd.values[i].kind == absent && rd.stray&(1<<i) != 0 {
			r.add(rsp12, f.name+": found only at another place or in another spelling")
			return
		}
	}
	r.Checked |= 1 << rsp12
}

// rootName judges the name of the root element (RSP-12).
func (r *Result) rootName(out outcome) {
	op := r.reader.shape.op
	root := r.reader.root
	if out != succeeded && string(root) == contract.GatewayRoot || op == nil || string(root) == op.Root {
		return
	}
	want := op.Root
	if out != succeeded {
		want += " or " + contract.GatewayRoot
	}
	r.add(rsp12, "root element: expected "+want+", got another name")
}
