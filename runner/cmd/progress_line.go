package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"axbench/report"
	"axbench/results"
)

// The measures of the lines on a terminal, in cells.
const (
	lineWidth  = 100
	nameWidth  = 16
	barWidth   = 30
	leastBar   = 8
	mostPlain  = 4 // codes that a plain line names
	partsApart = "   "
)

// lineStyle is what the terminal can show.
type lineStyle struct {
	color bool
	ascii bool
}

// The colours of parts, as escape sequences select them.
const (
	colorNone   = ""
	colorSoft   = "2"
	colorGood   = "32"
	colorWarn   = "33"
	colorBad    = "31"
	colorStrong = "1"
)

// part is a piece of a line. Where the line is too long, the parts with the highest drop go first; 0 stays.
type part struct {
	text  string
	color string
	drop  int
}

// paint colours a text where colour was asked for.
func (st lineStyle) paint(text, color string) string {
	if !st.color || color == colorNone || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// fit joins the parts with sep and drops what has no room in width cells. Every text is as many cells as runes.
func (st lineStyle) fit(parts []part, sep string, width int) string {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.text == "" })
	for length(parts, sep) > max(width, 0) {
		worst := -1
		for i, p := range parts { // of equals the last goes
			if p.drop > 0 && (worst < 0 || p.drop >= parts[worst].drop) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		parts = slices.Delete(parts, worst, worst+1)
	}
	var b strings.Builder
	room := width
	for i, p := range parts {
		if i > 0 {
			p.text = sep + p.text
		}
		text := cutRunes(p.text, room)
		room -= len([]rune(text))
		b.WriteString(st.paint(text, p.color))
	}
	return b.String()
}

// length is how many cells parts fill.
func length(parts []part, sep string) int {
	n := max(0, len(parts)-1) * len(sep)
	for _, p := range parts {
		n += len([]rune(p.text))
	}
	return n
}

// cutRunes returns at most the first n runes of s.
func cutRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:max(n, 0)])
	}
	return s
}

// phaseLine is the line of phase i: its name, a bar of its time, and what became of its calls.
func (m *meter) phaseLine(s *progressState, i, width int) string {
	ph := m.plan.Phases()[i]
	p := &s.phases[i]
	wide := 0
	for _, ph := range m.plan.Phases() {
		wide = max(wide, min(len(ph.Name), nameWidth))
	}
	name := cutRunes(report.Escape(ph.Name), wide)
	inside := max(0, min(s.elapsed-m.plan.Start(i), ph.Duration))
	clock := fmt.Sprintf("%6s / %-6s", shortTime(inside), shortTime(ph.Duration))
	cells := min(barWidth, max(leastBar, width/4))
	used := wide + cells + len(clock) + 2
	if used > width {
		return m.style.fit([]part{{name, colorStrong, 0}, {strings.TrimSpace(clock), colorNone, 1}}, " ", width)
	}
	parts := []part{{"waiting", colorSoft, 1}}
	if p.planned > 0 || p.done > 0 {
		parts = []part{{"planned " + grouped(p.planned), colorNone, 2}, {"done " + grouped(p.done), colorNone, 1}, {"good " + grouped(p.good), colorNone, 3}}
	}
	name = m.style.paint(name, colorStrong) + strings.Repeat(" ", wide-len([]rune(name)))
	return name + " " + m.style.bar(inside, ph.Duration, cells) + " " + clock + m.style.after(parts, width-used)
}

// after is what fits of parts behind a text that leaves room cells.
func (st lineStyle) after(parts []part, room int) string {
	if texts := st.fit(parts, partsApart, room-len(partsApart)); texts != "" {
		return partsApart + texts
	}
	return ""
}

// bar draws how much of all is over, in n cells.
func (st lineStyle) bar(over, all time.Duration, n int) string {
	full := n
	if all > 0 {
		full = int(int64(n) * int64(over) / int64(all))
	}
	done, rest := "━", "─"
	if st.ascii {
		done, rest = "#", "."
	}
	return st.paint(strings.Repeat(done, full), colorGood) + st.paint(strings.Repeat(rest, n-full), colorSoft)
}

// secondLine says what the last second was like and how long the run will go on.
func (m *meter) secondLine(s *progressState, width int) string {
	if s.ended {
		all := s.sum()
		return m.style.fit([]part{{"planned " + grouped(all.planned), colorNone, 0}, {"done " + grouped(all.done), colorNone, 0}, {"good " + grouped(all.good), colorNone, 0},
			{"in " + shortTime(s.elapsed), colorNone, 1}}, partsApart, width)
	}
	if s.elapsed == 0 {
		return m.style.fit([]part{{"starting", colorSoft, 0}}, partsApart, width)
	}
	return m.style.fit(m.lastSecond(s), partsApart, width)
}

// lastSecond lists the parts of the last second.
func (m *meter) lastSecond(s *progressState) []part {
	parts := []part{
		{grouped(s.good) + " good/s", colorStrong, 0},
		{"p50 " + m.style.latency(s.p50), colorNone, 3},
		{"p99 " + m.style.latency(s.p99), colorNone, 1},
		{"lag " + m.style.latency(s.lag), colorNone, 4},
		{"late " + m.style.latency(s.late), colorNone, 7},
		{grouped(s.inFlight) + " in flight", colorNone, 2},
	}
	if s.queued > 0 {
		parts = append(parts, part{grouped(s.queued) + " queued", colorWarn, 5})
	}
	return append(parts, part{m.left(s), colorNone, 6})
}

// left says how long the run will go on.
func (m *meter) left(s *progressState) string {
	if left := m.plan.Duration() - s.elapsed; left > 0 && !s.draining {
		return shortTime(left) + " left"
	}
	return "waiting for open calls"
}

// codesLine lists the codes that came, the most frequent first, and what became of calls that have none.
func (m *meter) codesLine(s *progressState, width int) string {
	return m.style.fit(m.codes(s), partsApart, width)
}

// codes lists what the calls came to. What no list has and what never came says so.
func (m *meter) codes(s *progressState) []part {
	var parts []part
	for i, c := range s.top() {
		text, color, drop := report.Escape(c.name)+" "+grouped(c.count), colorNone, i+2
		switch c.class {
		case results.ClassOK:
			color = colorGood
		case results.ClassUndocumented:
			text, color, drop = text+" (undocumented)", colorBad, 1
		case results.ClassMalformed:
			color, drop = colorBad, 1
		case results.ClassTransport:
			text, color = text+" (no answer)", colorWarn
		}
		parts = append(parts, part{text, color, drop})
	}
	all := s.sum()
	for _, lost := range []struct {
		name string
		n    int64
	}{{"dropped", all.dropped}, {"not offered", all.notOffered}, {"unfinished", all.unfinished}} {
		if lost.n > 0 {
			parts = append(parts, part{lost.name + " " + grouped(lost.n), colorWarn, 0})
		}
	}
	return parts
}

// plainLine says the same in a line without colour.
func (m *meter) plainLine(s *progressState) string {
	plain := meter{plan: m.plan, style: lineStyle{ascii: m.style.ascii}}
	p := s.phases[s.current]
	texts := []string{fmt.Sprintf("%s of %s, %s: planned %d, done %d, good %d", shortTime(s.elapsed), shortTime(m.plan.Duration()),
		report.Escape(m.plan.Phases()[s.current].Name), p.planned, p.done, p.good)}
	for _, part := range plain.lastSecond(s) {
		texts = append(texts, part.text)
	}
	codes := plain.codes(s)
	more := max(0, len(codes)-mostPlain)
	for _, part := range codes[:len(codes)-more] {
		texts = append(texts, part.text)
	}
	if more > 0 {
		texts = append(texts, fmt.Sprintf("%d more codes", more))
	}
	return strings.Join(texts, ", ")
}

// latency writes ns with three digits; "-" for none.
func (st lineStyle) latency(ns int64) string {
	micro := "µs"
	if st.ascii {
		micro = "us"
	}
	digits := func(f float64) string {
		switch {
		case f >= 99.95:
			return strconv.FormatFloat(f, 'f', 0, 64)
		case f >= 9.995:
			return strconv.FormatFloat(f, 'f', 1, 64)
		}
		return strconv.FormatFloat(f, 'f', 2, 64)
	}
	switch f := float64(ns); {
	case ns <= 0:
		return "-"
	case f < 999.5e3:
		return digits(f/1e3) + " " + micro
	case f < 999.5e6:
		return digits(f/1e6) + " ms"
	default:
		return digits(f/1e9) + " s"
	}
}

// shortTime writes d to the second, below two seconds to the tenth.
func shortTime(d time.Duration) string {
	if d < 2*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	d = d.Round(time.Second)
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// grouped writes n with thousands separators.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
