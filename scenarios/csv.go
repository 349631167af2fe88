package scenarios

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"axbench/scenarios/strict"
)

// Limits of a CSV file.
const (
	maxCSVBytes = 64 << 20
	maxCSVRows  = 2_000_000
	maxCell     = 1024 // bytes
)

// table is a CSV file. Its first row names the columns.
type table struct {
	path string
	data []byte
	rows [][]string // the header too
}

// readTable reads a CSV file: UTF-8, commas, all rows of the same length.
func readTable(path string, data []byte) (*table, error) {
	t := &table{path: path, data: bytes.TrimPrefix(data, []byte("\ufeff"))}
	at := func(line, column int, problem, accepted string) error {
		return &strict.Error{File: path, Line: line, Column: column, Problem: problem, Accepted: accepted}
	}
	if len(data) > maxCSVBytes {
		return nil, at(1, 1, "the file is too long", "at most 64 MiB")
	}
	r := csv.NewReader(bytes.NewReader(t.data))
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, at(bad.Line, max(bad.Column, 1), bad.Err.Error(), "rows of commas between values, all with the same number of columns")
		}
		for i, cell := range row {
			if line, column := r.FieldPos(i); len(cell) > maxCell || !utf8.ValidString(cell) {
				return nil, at(line, column, "the value is too long or not UTF-8", "at most 1024 bytes of UTF-8")
			}
		}
		if t.rows = append(t.rows, row); len(t.rows) > maxCSVRows {
			return nil, at(len(t.rows), 1, "the file has too many rows", "at most 2000000")
		}
	}
	if len(t.rows) == 0 {
		return nil, at(1, 1, "the file is empty", "a first row with the names of the columns, and rows of values")
	}
	return t, nil
}

// fail makes an error about a cell, without its value: rows may hold phone numbers.
func (t *table) fail(row int, column, problem, accepted string) error {
	e := &strict.Error{File: t.path, Line: row + 1, Column: 1, Field: column, Problem: problem, Accepted: accepted}
	index := max(0, slices.Index(t.rows[0], column))
	r := csv.NewReader(bytes.NewReader(t.data))
	for range row + 1 {
		if _, err := r.Read(); err != nil {
			return e
		}
	}
	e.Line, e.Column = r.FieldPos(index)
	return e
}

// column returns the values of a column and the index of their first row. c is where the file names it.
func (t *table) column(c *strict.Pos, name string) (values []string, first int, err error) {
	index := slices.Index(t.rows[0], name)
	if index < 0 {
		problem := "the file has no column of that name"
		if near := strict.Nearest(name, t.rows[0]); near != "" && strict.Echo("", near) != "" {
			problem += ", did you mean \"" + near + "\"?"
		}
		return nil, 0, c.Error("column", problem, "a name in the first row of the file")
	}
	if len(t.rows) == 1 {
		return nil, 0, t.fail(0, name, "there are no rows", "at least one row below the names")
	}
	values = make([]string, 0, len(t.rows)-1)
	for _, row := range t.rows[1:] {
		values = append(values, row[index])
	}
	return values, 1, nil
}

// numbers is column for a trace, which needs no names when it has one column.
func (t *table) numbers(c *Column, name string) (values []string, first int, err error) {
	if _, bare := offset(t.rows[0][0]); c.Column != "" || len(t.rows[0]) > 1 || !bare {
		return t.column(&c.Pos, name)
	}
	for _, row := range t.rows {
		values = append(values, row[0])
	}
	return values, 0, nil
}
