// Package strict reads one YAML document into a struct and refuses whatever the struct does not have: unknown and
// duplicate keys, wrong types, missing values, several documents, empty files. Every error names file, line, column,
// field, value and what would be accepted.
//
// The struct says what is accepted, once, for the reader and for the JSON Schema (see Schema): the tag yaml gives a
// field's key, the tag jsonschema its keywords, of which the reader enforces required, enum, minimum and maximum.
//
//   - A type with UnmarshalText reads its scalars by that method; a list or a mapping fills it by its kind.
//   - A string field takes any scalar as it is written: 0571 and False keep their spelling.
//   - time.Duration takes 10s, 1m30s, 500ms; never negative.
//   - A pointer is set when the key is there.
//   - A field of type Pos (with yaml:"-") is filled with where its struct stands, for checks after reading.
//   - A field of type Raw keeps the text of its section for another reader.
//   - A root value with the method Refuse(key) (problem, accepted string) names keys that have a reason of their own to be
//     refused, at any depth; an empty problem leaves the key to the ordinary rules.
//
// Anchors, aliases, tags and merge keys are refused: a scenario is read by people. What values mean together is left to
// the caller, and so is opening files. The package starts no goroutine and is safe for concurrent use.
package strict

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a document, so that a hostile one cannot take the process down.
const (
	MaxBytes = 1 << 20 // length of a document in bytes
	maxDepth = 64      // nesting of lists and mappings
)

// Error says what is wrong in a file, and where. It prints as one line.
type Error struct {
	File         string
	Line, Column int    // from 1; Column counts characters; 0 when unknown
	Field        string // path of the field: phases[1].rate; "" for the document
	Value        string // as written; "" when it must not be shown, see Echo
	Problem      string
	Accepted     string // what would be accepted; may be ""
}

// Error prints file:line:column: field: problem (value); accepted: …
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&b, ":%d", e.Column)
		}
	}
	b.WriteString(": ")
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Problem)
	if e.Value != "" {
		fmt.Fprintf(&b, " (%q)", e.Value)
	}
	if e.Accepted != "" {
		b.WriteString("; accepted: " + e.Accepted)
	}
	return b.String()
}

// Invalid is what an UnmarshalText returns to name the problem and what it accepts apart. Any other error is the problem.
type Invalid struct{ Problem, Accepted string }

func (e *Invalid) Error() string {
	if e.Accepted == "" {
		return e.Problem
	}
	return e.Problem + "; accepted: " + e.Accepted
}

// Decode reads the one YAML document in data into the struct that into points to. name is the file's name in errors and
// firstLine the line of it on which data begins (1 for a whole file; 0 counts as 1). Errors are *Error. Fields without a
// key keep their value, so defaults are set before the call.
func Decode(name string, data []byte, firstLine int, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() || target.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("strict: decode into %T, want a pointer to a struct", into)
	}
	d := &decoder{file: name, shift: max(firstLine, 1) - 1}
	if r, ok := into.(interface {
		Refuse(key string) (problem, accepted string)
	}); ok {
		d.refuse = r.Refuse
	}
	body, err := d.parse(data)
	if err != nil {
		return err
	}
	return d.value(body, target.Elem(), path{}, nil)
}

// parse returns the body of the only document.
func (d *decoder) parse(data []byte) (body ast.Node, err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > MaxBytes {
		return nil, d.plain(1, 1, "the document is too long", fmt.Sprintf("at most %d bytes", MaxBytes))
	}
	if line, ok := validText(data); !ok {
		return nil, d.plain(line, 0, "the text is not UTF-8 or holds a control character", "UTF-8 text")
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	d.text = strings.Split(string(data), "\n")
	if line := tooDeep(data); line > 0 {
		return nil, d.plain(line, 0, "nested too deeply", fmt.Sprintf("at most %d levels", maxDepth))
	}
	defer func() { // the parser is foreign code on foreign bytes
		if p := recover(); p != nil {
			body, err = nil, d.plain(1, 1, "the text cannot be read as YAML", "")
		}
	}()
	file, err := parser.Parse(lexer.Tokenize(string(data)), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, d.syntax(err)
	}
	for i, doc := range file.Docs {
		switch {
		case doc.Body == nil && len(file.Docs) == 1:
		case i > 0:
			line := 1
			if doc.Start != nil {
				line = doc.Start.Position.Line
			} else if doc.Body != nil {
				line = doc.Body.GetToken().Position.Line
			}
			return nil, d.plain(line, 1, "a second document begins", "one document a file")
		default:
			body = doc.Body
		}
	}
	if body == nil || body.Type() == ast.NullType {
		return nil, d.plain(1, 1, "the file is empty", "one YAML document")
	}
	return body, nil
}

// syntax turns the parser's error into ours. Its text is kept unless it quotes the file.
func (d *decoder) syntax(err error) error {
	line, column, message := 1, 1, "the text cannot be read as YAML"
	if y, ok := err.(yaml.Error); ok {
		if t := y.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
		if m := y.GetMessage(); m != "" && !strings.ContainsAny(m, "\"'`[]") && !hasNumber(m) {
			message = "not YAML: " + m
		}
	}
	return d.plain(line, column, message, "")
}

func (d *decoder) plain(line, column int, problem, accepted string) *Error {
	return &Error{File: d.file, Line: line + d.shift, Column: column, Problem: problem, Accepted: accepted}
}

// validText finds the first line with a byte that is no text.
func validText(data []byte) (line int, ok bool) {
	line = 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1, r < ' ' && r != '\n' && r != '\t' && r != '\r', r == 0x7f:
			return line, false
		case r == '\n':
			line++
		}
		data = data[n:]
	}
	return 0, true
}

// tooDeep returns the first line that nests too deeply for the parser, which recurses, or 0. It looks at brackets and at
// the indicators that may nest within one line, without regard to quotes: more than enough for any real file.
func tooDeep(data []byte) int {
	line, flow, dashes, indent, spaces := 1, 0, 0, 0, true
	for i, c := range data {
		switch c {
		case '\n':
			line, dashes, indent, spaces = line+1, 0, 0, true
			continue
		case '[', '{':
			flow++
		case ']', '}':
			flow = max(0, flow-1)
		case '-', '?', ':':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t') && flow == 0 {
				dashes++
			}
		}
		if spaces = spaces && c == ' '; spaces {
			indent++
		}
		if flow > maxDepth || dashes > maxDepth || indent > 4*maxDepth {
			return line
		}
	}
	return 0
}

// position of a token in the file.
func (d *decoder) position(t *token.Token) (line, column int) {
	if t == nil || t.Position == nil {
		return 1 + d.shift, 1
	}
	return t.Position.Line + d.shift, t.Position.Column
}
