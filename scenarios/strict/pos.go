package strict

// Pos says where a struct stands in its file. The decoder fills every field of this type; the zero Pos prints errors
// without a place.
type Pos struct {
	file         string
	path         string
	line, column int
	value        string // of a struct that was read from a scalar
	fields       map[string]place
}

type place struct {
	line, column int
	value        string // of a scalar
}

// Has reports whether the key was given.
func (p *Pos) Has(key string) bool {
	_, ok := p.fields[key]
	return ok
}

// Line returns the line that the struct begins on, 0 when it was not read from a file.
func (p *Pos) Line() int { return p.line }

// Field returns the path of the struct in its file: phases[1].
func (p *Pos) Field() string { return p.path }

// Error makes an error about the field of that key, about an element of a list of scalars with a key like tags[1], about an
// entry of a map with a key like header.X-Test or a scalar of a list in one with numbers.hangzhou[1], or about the whole
// struct when key is "". It stands at the value, or at the struct where the key was not given.
func (p *Pos) Error(key, problem, accepted string) *Error {
	e := &Error{File: p.file, Line: p.line, Column: p.column, Field: p.path, Problem: problem, Accepted: accepted}
	if key == "" {
		e.Value = Echo(e.Field, p.value)
		return e
	}
	e.Field = path{p.path}.key(key).String()
	if f, ok := p.fields[key]; ok {
		e.Line, e.Column, e.Value = f.line, f.column, Echo(e.Field, f.value)
	}
	return e
}

// Raw is the text of a section that another reader decodes: whole lines with their indentation, so that
// Decode(name, raw.Text, raw.Line, …) gives the same lines and columns as the file. The zero Raw is an absent section.
type Raw struct {
	Text []byte
	Line int // line of the file on which Text begins, from 1
}

// path is the way to a field: phases[1].rate.
type path struct{ s string }

func (p path) String() string { return p.s }

func (p path) key(k string) path {
	if p.s == "" {
		return path{name(k)}
	}
	return path{p.s + "." + name(k)}
}
