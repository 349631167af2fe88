package report

import (
	"math"
	"slices"
	"strings"

	"axbench/results"
)

// The size of a drawing in cells.
const (
	drawRows    = 13
	drawLabel   = 9 // of the axis on the left
	drawWidest  = 96
	drawLargest = 1e15 // what is beyond is no rate and no time
)

// drawing is a chart of characters: points over a rate, on even steps from 0.
type drawing struct {
	columns  int
	right    float64 // rate at the right edge
	low, top float64 // of the values; logarithms where log is set
	log      bool
	cells    [][]rune
}

func drawable(f float64) bool { return f >= 0 && f <= drawLargest }

// newDrawing lays out a drawing for these rates and values.
func newDrawing(columns int, rates, values []float64, log bool) *drawing {
	d := &drawing{columns: columns, right: axisTop(slices.Max(rates)), log: log}
	if log {
		low, high := math.Log10(max(slices.Min(values), 1)), math.Log10(max(slices.Max(values), 1))
		room := max((high-low)*0.06, 0.2-(high-low)/2) // no less than what a factor of 2.5 takes
		d.low, d.top = low-room, high+room
	} else {
		d.top = axisTop(slices.Max(values))
	}
	for range drawRows {
		d.cells = append(d.cells, []rune(strings.Repeat(" ", columns)))
	}
	return d
}

// axisTop is the end of an axis from 0 that shows f with some room.
func axisTop(f float64) float64 {
	if f <= 0 {
		return 1
	}
	return f * 1.05
}

func (d *drawing) column(rate float64) int {
	return min(max(int(math.Round(rate/d.right*float64(d.columns-1))), 0), d.columns-1)
}

func (d *drawing) row(value float64) int {
	if d.log {
		value = math.Log10(max(value, 1))
	}
	return min(max(drawRows-1-int(math.Round((value-d.low)/(d.top-d.low)*(drawRows-1))), 0), drawRows-1)
}

// set puts a sign where there is nothing that matters more: the ground gives way to lines, lines to points, and points of different
// kinds become one of both.
func (d *drawing) set(column, row int, sign rune) {
	at := &d.cells[row][column]
	switch have := signRank(*at); {
	case have < signRank(sign):
		*at = sign
	case have == signRank(sign) && *at != sign && have == 3:
		*at = '◆'
	}
}

func signRank(r rune) int {
	switch r {
	case ' ':
		return 0
	case '▒':
		return 1
	case '┊', '·':
		return 2
	case '◆':
		return 4
	case '◇':
		return 5
	}
	return 3
}

// solidBand is how many columns of a band are filled; a wider one is thinned out, so that points are seen in it.
const solidBand = 3

// vertical draws a line, or with to above from a band, over all rows.
func (d *drawing) vertical(from, to float64, sign rune) {
	if !drawable(from) || !drawable(to) || from > d.right {
		return
	}
	first, last := d.column(from), d.column(min(to, d.right))
	for c := first; c <= last; c++ {
		for r := range drawRows {
			if last-first < solidBand || (r+c)%2 == 0 {
				d.set(c, r, sign)
			}
		}
	}
}

// ticks are the values on the axis of the values, by the row that they stand in.
func (d *drawing) ticks(write func(float64) string) map[int]string {
	texts := map[int]string{}
	put := func(v float64) {
		r := d.row(v)
		for _, near := range []int{r, r - 1} { // one row between two texts
			if _, taken := texts[near]; taken {
				return
			}
		}
		texts[r] = write(v)
	}
	if !d.log {
		for _, v := range evenTicks(d.top, 4) {
			put(v)
		}
		return texts
	}
	for _, steps := range [][]float64{{1}, {5, 2}} {
		for decade := math.Floor(d.low); decade <= d.top; decade++ {
			for _, s := range steps {
				if v := s * math.Pow(10, decade); math.Log10(v) >= d.low && math.Log10(v) <= d.top {
					put(v)
				}
			}
		}
	}
	if len(texts) == 0 {
		put(math.Pow(10, (d.low+d.top)/2))
	}
	return texts
}

// evenTicks are round values from 0 to top, about n of them.
func evenTicks(top float64, n int) []float64 {
	step := math.Pow(10, math.Floor(math.Log10(top/float64(n))))
	for _, f := range []float64{1, 2, 5, 10} {
		if top/(step*f) <= float64(n)+1 {
			step *= f
			break
		}
	}
	var list []float64
	for i := range 2*n + 2 {
		if v := float64(i) * step; v <= top {
			list = append(list, v)
		}
	}
	return list
}

// capacityDrawings draws p99 and goodput against rate.
func (p *page) capacityDrawings(c *results.Capacity) {
	columns := min(p.width, drawWidest) - drawLabel - 4
	var rates, p99, good []float64
	var latencies, goodputs []*results.Probe
	for i := range c.Curve {
		r := &c.Curve[i]
		if !drawable(r.Rate) {
			continue
		}
		if r.Offered.Count > 0 && r.Offered.P99 > 0 {
			latencies, p99 = append(latencies, r), append(p99, float64(r.Offered.P99))
		}
		if v := r.GoodPerSecond(); drawable(v) {
			goodputs, good = append(goodputs, r), append(good, v)
		}
		rates = append(rates, r.Rate)
	}
	if len(good) > 0 && slices.Max(good) == 0 { // nobody answered, or nothing but errors
		goodputs = nil
	}
	if len(latencies) > 0 {
		p.heading("p99(offered) against rate")
		d := newDrawing(columns, rates, p99, true)
		d.marks(c)
		for i, r := range latencies {
			sign := probeSigns[probeState(r)]
			if bound(&r.Offered, "p99") {
				sign = '↑'
			}
			d.set(d.column(r.Rate), d.row(p99[i]), sign)
		}
		if k := c.Knee; k != nil && drawable(k.Rate) && k.P99NS > 0 && k.Rate <= d.right {
			d.set(d.column(k.Rate), d.row(float64(k.P99NS)), '◇')
		}
		p.drawing(d, tickDuration)
	}
	if len(goodputs) > 0 {
		p.heading("Goodput against rate")
		d := newDrawing(columns, rates, append(slices.Clone(good), slices.Max(rates)), false)
		d.marks(c)
		for column := range columns { // what is asked for
			d.set(column, d.row(float64(column)/float64(columns-1)*d.right), '·')
		}
		for i, r := range goodputs {
			d.set(d.column(r.Rate), d.row(good[i]), probeSigns[probeState(r)])
		}
		p.drawing(d, perS)
	}
	if len(latencies)+len(goodputs) > 0 {
		p.drawingLegend(c, len(goodputs) > 0)
	}
}

// probeSigns are the points of a drawing.
var probeSigns = [3]rune{'●', '✕', '?'}

// marks draws the interval and the plan.
func (d *drawing) marks(c *results.Capacity) {
	if c.Rate.Low != nil && c.Rate.High != nil {
		d.vertical(*c.Rate.Low, *c.Rate.High, '▒')
	}
	if c.Plan.Rate != nil {
		d.vertical(*c.Plan.Rate, *c.Plan.Rate, '┊')
	}
}

// drawing prints d with its axes.
func (p *page) drawing(d *drawing, write func(float64) string) {
	texts := d.ticks(write)
	for r := range d.cells {
		axis := "│"
		if texts[r] != "" {
			axis = "┤"
		}
		p.line(cell{"  " + pad(texts[r], drawLabel, true) + " ", dim}, cell{axis + string(d.cells[r]), normal})
	}
	line, below := []rune(strings.Repeat("─", d.columns)), []rune(strings.Repeat(" ", d.columns+8))
	next := 0
	for _, v := range evenTicks(d.right, 6) {
		text := []rune(rateText(v))
		at := max(d.column(v)-len(text)/2, 0)
		if at < next || at+len(text) > len(below) {
			continue
		}
		line[d.column(v)] = '┴'
		copy(below[at:], text)
		next = at + len(text) + 2
	}
	lead := strings.Repeat(" ", drawLabel+3)
	p.line(cell{lead + "└" + string(line), normal})
	p.line(cell{lead + " " + strings.TrimRight(string(below), " ") + " /s", dim})
}

// drawingLegend says what the signs mean that can stand in the drawings.
func (p *page) drawingLegend(c *results.Capacity, ideal bool) {
	parts := []string{"● held", "✕ missed"}
	for i := range c.Curve {
		if c.Curve[i].Pass == nil {
			parts = append(parts, "? cannot tell")
			break
		}
	}
	parts = append(parts, "◆ several")
	for i := range c.Curve {
		if bound(&c.Curve[i].Offered, "p99") {
			parts = append(parts, "↑ at least: calls without an end")
			break
		}
	}
	if c.Knee != nil {
		parts = append(parts, "◇ knee")
	}
	if ideal {
		parts = append(parts, "· what is asked for")
	}
	if c.Rate.Low != nil && c.Rate.High != nil {
		parts = append(parts, "▒ the interval")
	}
	if c.Plan.Rate != nil {
		parts = append(parts, "┊ plan for "+perS(*c.Plan.Rate))
	}
	p.para("  ", strings.Join(parts, "   "), dim)
}

// tickDuration writes nanoseconds as an axis does: no digit more than needed.
func tickDuration(ns float64) string {
	number, unit, _ := strings.Cut(durationF(ns), " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return strings.TrimSpace(number + " " + unit)
}
