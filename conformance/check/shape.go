package check

import (
	"strings"

	"axbench/conformance/contract"
)

// Parents of a field that are no field themselves.
const (
	atTop   = -1 // the answer itself
	unknown = -2 // an object that is not documented
)

// field is one documented field of an answer.
type field struct {
	name   string
	parent int // index of the field it is in, or atTop
	object bool
	always bool
	onOK   bool
	okOnly bool
}

// shape is what an answer to one operation looks like. Index -1 stands for a field that the operation does not have.
type shape struct {
	op      *contract.Operation // nil: unknown, only the envelope
	fields  []field
	request int // RequestId
	code    int
	message int
	dto     int // the object after success
	subs    int // its SubsId, or the list of QuerySubsId, which has no object
	number  int // its X: SecretNo of a bind, PhoneNoX of a query
}

func newShape(op *contract.Operation, documented []contract.Field) *shape {
	s := &shape{op: op, request: -1, code: -1, message: -1, dto: -1, subs: -1, number: -1}
	for _, d := range documented {
		f := field{name: d.Path, parent: atTop, object: d.Type == contract.Object, always: d.Always, onOK: d.OnOK, okOnly: d.OKOnly}
		if dot := strings.LastIndexByte(d.Path, '.'); dot >= 0 {
			f.name = d.Path[dot+1:]
			f.parent = s.index(documented, d.Path[:dot])
		}
		i := len(s.fields)
		s.fields = append(s.fields, f)
		switch {
		case f.parent == atTop && f.object && f.onOK:
			s.dto = i
		case f.parent == atTop:
			s.place(f.name, i)
		case f.parent == s.dto:
			s.placeInDTO(f.name, i)
		}
	}
	return s
}

func (s *shape) index(documented []contract.Field, path string) int {
	for i := range documented {
		if documented[i].Path == path {
			return i
		}
	}
	return unknown
}

func (s *shape) place(name string, i int) {
	switch name {
	case "RequestId":
		s.request = i
	case "Code":
		s.code = i
	case "Message":
		s.message = i
	case "SubsId":
		s.subs = i
	}
}

func (s *shape) placeInDTO(name string, i int) {
	switch name {
	case "SubsId":
		s.subs = i
	case "SecretNo":
		s.number = i
	case "PhoneNoX":
		s.number = i
	}
}

// find returns the index of the field of that exact name in that parent, or -1.
func (s *shape) find(parent int, name []byte) int {
	if parent == unknown {
		return -1
	}
	for i := range s.fields {
		f := &s.fields[i]
		if f.parent == parent && len(f.name) == len(name) && f.name == string(name) {
			return i
		}
	}
	return -1
}

// alike returns the fields whose name is name in another spelling (letter case, '_', '-'), as bits.
func (s *shape) alike(name []byte) (bits uint32) {
	for i := range s.fields {
		if alike(name, s.fields[i].name) {
			bits |= 1 << i
		}
	}
	return bits
}

func alike(key []byte, name string) bool {
	n := 0
	for _, c := range key {
		if c == '_' || c == '-' {
			continue
		}
		if n == len(name) || lower(c) != lower(name[n]) {
			return false
		}
		n++
	}
	return n == len(name)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
