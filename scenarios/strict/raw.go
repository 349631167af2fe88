package strict

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// raw cuts the text of an entry's value out of the document. Its lines and columns stay those of the file.
func (d *decoder) raw(e *ast.MappingValueNode, at path) (Raw, error) {
	switch e.Value.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		return Raw{}, d.fail(e.Value, at, "this section has no keys", "a mapping")
	}
	first := start(e.Value)
	line, column := first.Position.Line, first.Position.Column
	if first.Type == token.MappingStartType {
		return d.rawFlow(first, line, column), nil
	}
	key := start(e.Key).Position.Column
	end := line
	for end < len(d.text) && inside(d.text[end], key) {
		end++
	}
	text := strings.Join(d.text[line-1:end], "\n") + "\n"
	return Raw{Text: []byte(text), Line: line + d.shift}, nil
}

// inside reports whether a line belongs to the section of a key at that column: it is blank, a comment, or indented more.
func inside(line string, column int) bool {
	trimmed := strings.TrimLeft(line, " ")
	return trimmed == "" || trimmed[0] == '#' || len(line)-len(trimmed) >= column
}

// rawFlow cuts a section in braces, from its first brace to the last.
func (d *decoder) rawFlow(first *token.Token, line, column int) Raw {
	depth, last := 0, first
	for t := first; t != nil; t = t.Next {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		}
		if last = t; depth == 0 {
			break
		}
	}
	rows := append([]string(nil), d.text[line-1:last.Position.Line]...)
	n := len(rows) - 1
	rows[n] = string([]rune(rows[n])[:last.Position.Column])
	rows[0] = strings.Repeat(" ", column-1) + string([]rune(rows[0])[column-1:])
	return Raw{Text: []byte(strings.Join(rows, "\n") + "\n"), Line: line + d.shift}
}
