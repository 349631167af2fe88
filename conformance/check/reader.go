package check

import (
	"bytes"
	"slices"
	"strconv"
)

// maxDepth bounds how deep objects, arrays and elements may nest.
const maxDepth = 64

// kind is the type of a value.
type kind uint8

const (
	absent kind = iota
	null
	text
	number
	boolean
	object
	array
)

var kindNames = [...]string{"nothing", "null", "a string", "a number", "a boolean", "an object", "an array"}

func (k kind) String() string { return kindNames[k] }

// value is one value of an answer.
type value struct {
	text   []byte // of a string its characters, of a number or boolean as written
	kind   kind
	filled bool // says something: not null, "", 0, false, {} or []
}

// reader reads one body, JSON or XML, into the values of a shape. It stops at the first fault of grammar; what is well-formed
// but not allowed it notes and reads on.
type reader struct {
	shape  *shape
	body   []byte
	pos    int
	depth  int
	values []value // by field of the shape

	stray       uint32 // fields of which a like name was seen at a place or in a spelling that is not documented
	strayFilled uint32 // those of them that held something

	fault   string // "" while well-formed
	faultAt int

	nonASCII bool
	badUTF8  int // offset of the first byte that is not UTF-8, or -1
	twice    int // offset behind the first duplicate name, or -1
	mixed    int // XML: offset of text beside elements, or -1
	root     []byte
	encoding []byte // XML: of the declaration

	keys    [][]byte // names without a field, of the objects that are open
	scratch []byte   // unescaped strings
}

func (r *reader) reset(s *shape, body []byte) {
	r.shape, r.body, r.pos, r.depth = s, body, 0, 0
	if cap(r.values) < len(s.fields) {
		r.values = make([]value, len(s.fields))
	}
	r.values = r.values[:len(s.fields)]
	clear(r.values)
	r.stray, r.strayFilled = 0, 0
	r.fault, r.faultAt = "", 0
	r.nonASCII = false
	r.badUTF8, r.twice, r.mixed = -1, -1, -1
	r.root, r.encoding = nil, nil
	r.keys, r.scratch = r.keys[:0], r.scratch[:0]
}

// get returns the value of field i; none for -1.
func (r *reader) get(i int) value {
	if i < 0 {
		return value{}
	}
	return r.values[i]
}

// fail notes the fault of grammar that ends the reading.
func (r *reader) fail(what string) bool {
	r.fault, r.faultAt = what, r.pos
	return false
}

// peek returns the next byte, 0 at the end.
func (r *reader) peek() byte {
	if r.pos < len(r.body) {
		return r.body[r.pos]
	}
	return 0
}

// within returns the parent that the members of field i have.
func (r *reader) within(i int) int {
	if i >= 0 && r.shape.fields[i].object {
		return i
	}
	return unknown
}

// clearWithin forgets the members of field parent: it is being read a second time.
func (r *reader) clearWithin(parent int) {
	if parent < 0 {
		return
	}
	for i := range r.values {
		if r.shape.fields[i].parent == parent {
			r.values[i] = value{}
		}
	}
}

// put notes field i, or for -1 that name is not documented here. A field that comes twice has its last value.
func (r *reader) put(i int, name []byte, v value) {
	if i < 0 {
		if r.depth <= 3 {
			bits := r.shape.alike(name)
			r.stray |= bits
			if v.filled {
				r.strayFilled |= bits
			}
		}
		return
	}
	if r.values[i].kind != absent {
		r.double()
	}
	r.values[i] = v
}

func (r *reader) double() {
	if r.twice < 0 {
		r.twice = r.pos
	}
}

// distinct reports whether the names from base on differ, and removes them. It may reorder them.
func (r *reader) distinct(base int) bool {
	names := r.keys[base:]
	r.keys = r.keys[:base]
	if len(names) > 16 {
		slices.SortFunc(names, bytes.Compare)
		for i := 1; i < len(names); i++ {
			if bytes.Equal(names[i-1], names[i]) {
				return false
			}
		}
		return true
	}
	for i := range names {
		for j := range i {
			if bytes.Equal(names[i], names[j]) {
				return false
			}
		}
	}
	return true
}

func (r *reader) invalidUTF8(at int) {
	if r.badUTF8 < 0 {
		r.badUTF8 = at
	}
}

// at words an offset for a detail.
func at(what string, offset int) string { return what + " at byte " + strconv.Itoa(offset) }
