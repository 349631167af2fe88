package report

import (
	"cmp"
	"slices"
	"strings"
)

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

// table prints t within the width of the page. Where it does not fit, texts of the last column stand below their rows, then columns
// stand closer, and at last the columns that are left over stand in a block of their own below, behind the names of the rows again.
func (p *page) table(t *table) {
	widths := make([]int, len(t.head))
	for i, h := range t.head {
		widths[i] = width(h)
		for _, r := range t.rows {
			widths[i] = max(widths[i], width(r[i].text))
		}
	}
	last := len(widths) - 1
	shown := make([]int, len(widths))
	for i := range shown {
		shown[i] = i
	}
	below := !t.right[last] && p.tableWidth(widths, shown, wideGap) > p.width
	if below {
		shown = shown[:last]
	}
	gap := wideGap
	if p.tableWidth(widths, shown, wideGap) > p.width && p.tableWidth(widths, shown, narrowGap) <= p.width {
		gap = narrowGap
	}
	blocks := p.tableBlocks(t, widths, shown, gap)
	for i, b := range blocks {
		if i > 0 {
			p.line()
		}
		p.tableBlock(t, widths, b, gap, below && i == len(blocks)-1)
	}
}

// Cells between two columns, and the least that a name of a row is cut to.
const (
	wideGap   = 2
	narrowGap = 1
	leastName = 12
)

// tableWidth is how many cells the columns shown take.
func (p *page) tableWidth(widths, shown []int, gap int) int {
	n := 2 - gap
	for _, i := range shown {
		n += widths[i] + gap
	}
	return n
}

// tableBlocks deals the columns shown to blocks that fit the page. Each begins with the names of the rows: the columns on the left
// that are no numbers, which are cut where there is no room for a number beside them.
func (p *page) tableBlocks(t *table, widths, shown []int, gap int) (blocks [][]int) {
	if p.tableWidth(widths, shown, gap) <= p.width {
		return [][]int{shown}
	}
	names := 0
	for names < len(shown) && !t.right[shown[names]] {
		names++
	}
	names = max(names, min(1, len(shown)))
	widest := -gap
	for _, i := range shown[names:] {
		widest = max(widest, widths[i])
	}
	for p.tableWidth(widths, shown[:names], gap)+gap+widest > p.width {
		at := slices.MaxFunc(shown[:names], func(a, b int) int { return cmp.Compare(widths[a], widths[b]) })
		if widths[at] <= leastName {
			break
		}
		widths[at]--
	}
	block := slices.Clone(shown[:names])
	for _, i := range shown[names:] {
		if len(block) > names && p.tableWidth(widths, append(block, i), gap) > p.width {
			blocks = append(blocks, block)
			block = slices.Clone(shown[:names])
		}
		block = append(block, i)
	}
	return append(blocks, block)
}

// tableBlock prints the columns shown, and below each row the text of the last one if that is asked for.
func (p *page) tableBlock(t *table, widths, shown []int, gap int, below bool) {
	head := make([]cell, len(t.head))
	for i, h := range t.head {
		head[i] = cell{h, dim}
	}
	named := shown
	if last := len(head) - 1; below {
		widths[last] = width(t.head[last])
		if all := append(slices.Clone(shown), last); p.tableWidth(widths, all, gap) <= p.width {
			named = all
		}
	}
	p.tableRow(head, widths, named, t.right, gap)
	for _, r := range t.rows {
		p.tableRow(r, widths, shown, t.right, gap)
		if last := r[len(r)-1]; below && last.text != "" {
			p.para("      ", last.text, last.style)
		}
	}
}

func (p *page) tableRow(row []cell, widths, shown []int, right []bool, gap int) {
	parts := []cell{{"  ", normal}}
	for _, i := range shown {
		parts = append(parts, cell{pad(cut(row[i].text, widths[i], "…"), widths[i], right[i]), row[i].style}, cell{strings.Repeat(" ", gap), normal})
	}
	p.line(parts[:len(parts)-1]...)
}
