package report

import (
	"strings"
)

// style is how a piece of text stands out, if colour was asked for.
type style string

const (
	normal style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "1;32"
	yellow style = "33"
)

// cell is a piece of text that is safe to print, and its style.
type cell struct {
	text  string
	style style
}

// page collects the lines of a report for a terminal.
type page struct {
	out   strings.Builder
	color bool
	ascii bool
	width int
}

// The width of a line where none is given, and the least that tables are laid out for.
const (
	defaultWidth = 100
	leastWidth   = 60
)

func newPage(o TextOptions) *page {
	p := &page{color: o.Color, ascii: o.ASCII, width: defaultWidth}
	if o.Width > 0 {
		p.width = max(o.Width, leastWidth)
	}
	return p
}

// asciiOwn replaces this package's own signs, cell for cell so that columns stay where they are.
var asciiOwn = strings.NewReplacer("µ", "u", "→", ">", "·", "-", "…", "~", "█", "#", "▉", "#", "▊", "#", "▋", "#", "▌", "+",
	"▍", "+", "▎", ".", "▏", ".", "░", ">", "─", "-", "≥", ">", "⋮", ":", "✕", "x", "◆", "#", "▲", "!", "○", "o", "–", "-", "✓", "+")

// safe escapes text from outside.
func (p *page) safe(s string) string { return escape(s, p.ascii) }

// line prints one line; spaces at its end are left out.
func (p *page) line(parts ...cell) {
	for len(parts) > 0 && strings.TrimRight(parts[len(parts)-1].text, " ") == "" {
		parts = parts[:len(parts)-1]
	}
	for i, c := range parts {
		text := c.text
		if p.ascii {
			text = asciiOwn.Replace(text)
		}
		if i == len(parts)-1 {
			text = strings.TrimRight(text, " ")
		}
		if p.color && c.style != normal {
			text = "\x1b[" + string(c.style) + "m" + text + "\x1b[0m"
		}
		p.out.WriteString(text)
	}
	p.out.WriteByte('\n')
}

// heading starts a section.
func (p *page) heading(title string) {
	p.line()
	p.line(cell{title, bold})
}

// para prints s, which is safe, wrapped and indented; first stands before its first line.
func (p *page) para(first, s string, st style) {
	indent := strings.Repeat(" ", width(first))
	for i, l := range wrap(s, p.width-width(first)) {
		lead := indent
		if i == 0 {
			lead = first
		}
		p.line(cell{lead, normal}, cell{l, st})
	}
}

// item prints s, which is safe, as an entry of a list.
func (p *page) item(s string, st style) { p.para("  - ", s, st) }

// pair prints one named value; an empty value prints nothing.
func (p *page) pair(name, value string) {
	if value != "" {
		p.para("  "+pad(name, 13, false), value, normal)
	}
}

// table is a grid of safe texts. Columns are as wide as their widest cell.
type table struct {
	head  []string
	right []bool // numbers stand on the right
	rows  [][]cell
}

// newTable takes names of columns; one that begins with ">" stands on the right.
func newTable(columns ...string) *table {
	t := &table{}
	for _, c := range columns {
		name, right := strings.CutPrefix(c, ">")
		t.head = append(t.head, name)
		t.right = append(t.right, right)
	}
	return t
}

// row adds a row of plain cells in one style.
func (t *table) row(st style, texts ...string) {
	row := make([]cell, len(texts))
	for i, s := range texts {
		row[i] = cell{s, st}
	}
	t.rows = append(t.rows, row)
}

// drop removes the columns in which no row says anything.
func (t *table) drop() {
	for i := len(t.head) - 1; i > 0; i-- {
		empty := true
		for _, r := range t.rows {
			empty = empty && (r[i].text == "" || r[i].text == "-")
		}
		if !empty {
			continue
		}
		t.head = append(t.head[:i:i], t.head[i+1:]...)
		t.right = append(t.right[:i:i], t.right[i+1:]...)
		for k, r := range t.rows {
			t.rows[k] = append(r[:i:i], r[i+1:]...)
		}
	}
}

// table prints t. Texts of the last column that do not fit stand below their rows.
func (p *page) table(t *table) {
	widths := make([]int, len(t.head))
	for i, h := range t.head {
		widths[i] = width(h)
		for _, r := range t.rows {
			widths[i] = max(widths[i], width(r[i].text))
		}
	}
	last := len(widths) - 1
	used := 2
	for _, w := range widths[:last] {
		used += w + 2
	}
	below := used+widths[last] > p.width && !t.right[last]
	head := make([]cell, len(t.head))
	for i, h := range t.head {
		head[i] = cell{h, dim}
	}
	p.tableRow(head, widths, t.right)
	for _, r := range t.rows {
		if !below {
			p.tableRow(r, widths, t.right)
			continue
		}
		p.tableRow(r[:last], widths, t.right)
		if r[last].text != "" {
			p.para("      ", r[last].text, r[last].style)
		}
	}
}

func (p *page) tableRow(row []cell, widths []int, right []bool) {
	parts := []cell{{"  ", normal}}
	for i, c := range row {
		parts = append(parts, cell{pad(c.text, widths[i], right[i]), c.style}, cell{"  ", normal})
	}
	p.line(parts[:len(parts)-1]...)
}
