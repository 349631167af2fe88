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
	"▍", "+", "▎", ".", "▏", ".", "░", ">", "─", "-", "≥", ">", "⋮", ":", "✕", "x", "◆", "#", "▲", "!", "○", "o", "–", "-", "✓", "+",
	"●", "o", "┊", ":", "│", "|", "┤", "|", "└", "+", "┴", "+", "▒", "=", "↑", "^", "±", "~", "◇", "K")

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
