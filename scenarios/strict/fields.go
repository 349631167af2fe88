package strict

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// field is what the tags of a struct field say.
type field struct {
	name     string
	index    []int
	typ      reflect.Type
	enum     []string
	min, max *float64
	hint     string // example or description, for errors
}

// fields are those of one struct type, in its order.
type fields struct {
	names    []string
	required []string
	byName   map[string]*field
	pos      []int // index of the field of type Pos
}

var known sync.Map // reflect.Type → *fields

// fieldsOf reads the tags of a struct type once.
func fieldsOf(t reflect.Type) *fields {
	if f, ok := known.Load(t); ok {
		return f.(*fields)
	}
	out := &fields{byName: map[string]*field{}}
	for _, sf := range reflect.VisibleFields(t) {
		if sf.Type == typePos {
			out.pos = sf.Index
			continue
		}
		name, _, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		if !sf.IsExported() || name == "" || name == "-" {
			continue
		}
		f := &field{name: name, index: sf.Index, typ: sf.Type}
		if f.keywords(sf.Tag.Get("jsonschema")) {
			out.required = append(out.required, name)
		}
		out.names = append(out.names, name)
		out.byName[name] = f
	}
	known.Store(t, out)
	return out
}

// keywords takes what the reader enforces from a jsonschema tag and reports whether the field is required.
func (f *field) keywords(tag string) (required bool) {
	for _, word := range strings.Split(tag, ",") {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "required":
			required = true
		case "enum":
			f.enum = append(f.enum, value)
		case "minimum":
			f.min = number(value)
		case "maximum":
			f.max = number(value)
		case "example":
			if f.hint == "" {
				f.hint = "for example " + value
			}
		}
	}
	return required
}

func number(s string) *float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("strict: jsonschema tag: " + err.Error())
	}
	return &x
}

// accepts says in words what a type takes.
func accepts(t reflect.Type, f *field) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var words string
	switch {
	case f != nil && len(f.enum) > 0:
		return strings.Join(f.enum, ", ")
	case t == typeDuration:
		words = "a duration such as 500ms, 10s or 1m30s"
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		words = "a value"
		if t.Kind() == reflect.Struct && len(fieldsOf(t).names) > 0 {
			words += " or a mapping with " + strings.Join(fieldsOf(t).names, ", ")
		}
	case t.Kind() == reflect.String:
		words = "text"
	case t.Kind() == reflect.Bool:
		words = "true or false"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		words = "a whole number" + bounds(f)
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		words = "a number" + bounds(f)
	case t.Kind() == reflect.Slice:
		words = "a list"
	case t == typeRaw, t.Kind() == reflect.Map:
		words = "a mapping"
	case t.Kind() == reflect.Struct:
		words = "a mapping with " + strings.Join(fieldsOf(t).names, ", ")
	}
	if f != nil && f.hint != "" {
		words += ", " + f.hint
	}
	return words
}

func bounds(f *field) string {
	switch {
	case f == nil || f.min == nil && f.max == nil:
		return ""
	case f.max == nil:
		return " from " + decimal(*f.min)
	case f.min == nil:
		return " up to " + decimal(*f.max)
	}
	return " from " + decimal(*f.min) + " to " + decimal(*f.max)
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
