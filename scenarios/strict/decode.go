package strict

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// decoder fills values from the nodes of one document.
type decoder struct {
	file   string
	shift  int      // lines of the file before the document
	text   []string // lines of the document
	refuse func(key string) (problem, accepted string)
}

var (
	typeDuration = reflect.TypeFor[time.Duration]()
	typePos      = reflect.TypeFor[Pos]()
	typeRaw      = reflect.TypeFor[Raw]()
)

// fail makes an error about a node.
func (d *decoder) fail(n ast.Node, at path, problem, accepted string) *Error {
	line, column := d.position(start(n))
	e := &Error{File: d.file, Line: line, Column: column, Field: at.String(), Problem: problem, Accepted: accepted}
	if text, ok := scalar(n); ok {
		e.Value = Echo(e.Field, text)
		if e.Value == "" && text != "" {
			e.Problem = withhold(e.Problem, text)
		}
	}
	return e
}

// value fills v from n. f is the field that v is, nil for the document and for elements.
func (d *decoder) value(n ast.Node, v reflect.Value, at path, f *field) error {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.value(n, v.Elem(), at, f)
	}
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return d.fail(n, at, "anchors, aliases, tags and merge keys are not used here", "the value itself")
	case *ast.NullNode, nil:
		return d.fail(n, at, "no value is given", accepts(v.Type(), f))
	}
	if text, ok := scalar(n); ok {
		return d.scalar(n, text, v, at, f)
	}
	switch n := n.(type) {
	case *ast.SequenceNode:
		if v.Kind() == reflect.Slice {
			return d.list(n, v, at)
		}
		return d.fail(n, at, "a list stands here", accepts(v.Type(), f))
	case *ast.MappingNode, *ast.MappingValueNode:
		return d.mapping(n, v, at, f)
	}
	return d.fail(n, at, "this kind of YAML is not used here", accepts(v.Type(), f))
}

// scalar fills v from a scalar that is written as text.
func (d *decoder) scalar(n ast.Node, text string, v reflect.Value, at path, f *field) error {
	if f != nil && len(f.enum) > 0 && !slices.Contains(f.enum, text) {
		problem := "not one of the accepted values"
		if near := Nearest(text, f.enum); near != "" {
			problem += fmt.Sprintf(", did you mean %q?", near)
		}
		return d.fail(n, at, problem, strings.Join(f.enum, ", "))
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return d.custom(n, text, u, at, v, f)
	}
	bad := func(problem string) error { return d.fail(n, at, problem, accepts(v.Type(), f)) }
	number := 0.0
	switch {
	case v.Type() == typeDuration:
		x, err := time.ParseDuration(text)
		if err != nil {
			return bad("not a duration with its unit")
		}
		if x < 0 {
			return bad("a duration is never negative")
		}
		v.SetInt(int64(x))
		return nil
	case v.Kind() == reflect.String:
		v.SetString(text)
		return nil
	case quoted(n):
		return bad("text in quotes stands here")
	case v.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			return bad("neither true nor false")
		}
		v.SetBool(text == "true")
		return nil
	case v.CanInt():
		x, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v.OverflowInt(x) {
			return bad("not a whole number in range")
		}
		v.SetInt(x)
		number = float64(x)
	case v.CanFloat():
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return bad("not a number")
		}
		v.SetFloat(x)
		number = x
	default:
		return bad("a single value stands here")
	}
	if f != nil && (f.min != nil && number < *f.min || f.max != nil && number > *f.max) {
		return bad("out of range")
	}
	return nil
}

// custom lets a type read its own text.
func (d *decoder) custom(n ast.Node, text string, u encoding.TextUnmarshaler, at path, v reflect.Value, f *field) error {
	err := u.UnmarshalText([]byte(text))
	if err == nil {
		if v.Kind() == reflect.Struct && fieldsOf(v.Type()).pos != nil {
			pos := Pos{file: d.file, path: at.String(), value: text}
			pos.line, pos.column = d.position(start(n))
			v.FieldByIndex(fieldsOf(v.Type()).pos).Set(reflect.ValueOf(pos))
		}
		return nil
	}
	var invalid *Invalid
	if errors.As(err, &invalid) {
		return d.fail(n, at, invalid.Problem, invalid.Accepted)
	}
	accepted := ""
	if f != nil {
		accepted = f.hint
	}
	return d.fail(n, at, err.Error(), accepted)
}

func (d *decoder) list(n *ast.SequenceNode, v reflect.Value, at path) error {
	out := reflect.MakeSlice(v.Type(), len(n.Values), len(n.Values))
	for i, item := range n.Values {
		if err := d.value(item, out.Index(i), path{fmt.Sprintf("%s[%d]", at, i)}, nil); err != nil {
			return err
		}
	}
	v.Set(out)
	return nil
}

// mapping fills a struct or a map.
func (d *decoder) mapping(n ast.Node, v reflect.Value, at path, f *field) error {
	entries := pairs(n)
	isMap := v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String
	if !isMap && (v.Kind() != reflect.Struct || len(fieldsOf(v.Type()).names) == 0) {
		return d.fail(n, at, "a mapping stands here", accepts(v.Type(), f))
	}
	if err := d.keys(entries, at); err != nil {
		return err
	}
	if !isMap {
		return d.structure(n, entries, v, at)
	}
	out := reflect.MakeMapWithSize(v.Type(), len(entries))
	for _, e := range entries {
		key, _ := scalar(e.Key)
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(e.Value, item, at.key(key), nil); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), item)
	}
	v.Set(out)
	return nil
}

// keys refuses keys that are no plain names, that stand twice, and those the caller refuses.
func (d *decoder) keys(entries []*ast.MappingValueNode, at path) error {
	lines := make(map[string]int, len(entries))
	for _, e := range entries {
		key, ok := scalar(e.Key)
		if _, merge := e.Key.(*ast.MergeKeyNode); !ok || merge || key == "" {
			return d.fail(e.Key, at, "this key is not a plain name", "a name and a colon")
		}
		line, _ := d.position(start(e.Key))
		if first, twice := lines[key]; twice {
			return d.unnamed(e.Key, at.key(key), fmt.Sprintf("this key stands twice, first on line %d", first), "each key once")
		}
		lines[key] = line
		if d.refuse == nil {
			continue
		}
		if problem, accepted := d.refuse(key); problem != "" {
			return d.unnamed(e.Key, at.key(key), problem, accepted)
		}
	}
	return nil
}

// unnamed is fail without the key's text as the value: the path has it.
func (d *decoder) unnamed(n ast.Node, at path, problem, accepted string) *Error {
	line, column := d.position(start(n))
	return &Error{File: d.file, Line: line, Column: column, Field: at.String(), Problem: problem, Accepted: accepted}
}

func (d *decoder) structure(n ast.Node, entries []*ast.MappingValueNode, v reflect.Value, at path) error {
	fields := fieldsOf(v.Type())
	pos := Pos{file: d.file, path: at.String(), fields: make(map[string]place, len(entries))}
	pos.line, pos.column = d.position(start(n))
	for _, e := range entries {
		key, _ := scalar(e.Key)
		f := fields.byName[key]
		if f == nil {
			problem := "unknown key"
			if near := Nearest(key, fields.names); near != "" {
				problem = fmt.Sprintf("unknown key, did you mean %q?", near)
			}
			return d.unnamed(e.Key, at.key(key), problem, strings.Join(fields.names, ", "))
		}
		here := place{}
		here.line, here.column = d.position(start(e.Value))
		here.value, _ = scalar(e.Value)
		pos.fields[key] = here
		d.elements(pos, key, e.Value, f.typ)
		if f.typ == typeRaw {
			raw, err := d.raw(e, at.key(key))
			if err != nil {
				return err
			}
			v.FieldByIndex(f.index).Set(reflect.ValueOf(raw))
			continue
		}
		if err := d.value(e.Value, v.FieldByIndex(f.index), at.key(key), f); err != nil {
			return err
		}
	}
	for _, name := range fields.required {
		if !pos.Has(name) {
			f := fields.byName[name]
			return d.unnamed(n, at.key(name), "this value is missing", accepts(f.typ, f))
		}
	}
	if fields.pos != nil {
		v.FieldByIndex(fields.pos).Set(reflect.ValueOf(pos))
	}
	return nil
}

// elements notes where the scalars of a list stand, and the values of a map and the scalars of lists in them.
func (d *decoder) elements(pos Pos, key string, n ast.Node, t reflect.Type) {
	note := func(key string, n ast.Node) {
		if text, ok := scalar(n); ok {
			at := place{value: text}
			at.line, at.column = d.position(start(n))
			pos.fields[key] = at
		}
	}
	if list, ok := n.(*ast.SequenceNode); ok {
		for i, item := range list.Values {
			note(fmt.Sprintf("%s[%d]", key, i), item)
		}
		return
	}
	if t.Kind() != reflect.Map {
		return
	}
	for _, e := range pairs(n) {
		if name, ok := scalar(e.Key); ok {
			at, here := key+"."+name, place{}
			here.line, here.column = d.position(start(e.Key))
			pos.fields[at] = here
			note(at, e.Value)
			d.elements(pos, at, e.Value, t.Elem())
		}
	}
}

// pairs returns the entries of a mapping, which the parser writes in two ways.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// start returns the first token of a node.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return start(n.Values[0])
		}
	case *ast.MappingValueNode:
		return start(n.Key)
	}
	return n.GetToken()
}

// scalar returns the text of a scalar as it is written.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func quoted(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Token != nil && (n.Token.Type == token.DoubleQuoteType || n.Token.Type == token.SingleQuoteType)
	case *ast.LiteralNode:
		return true
	}
	return false
}
