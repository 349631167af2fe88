package report

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestTablesFit: no line of a table is wider than the page, whatever stands in it, and no number of it is lost.
func TestTablesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPage(TextOptions{Width: rapid.IntRange(leastWidth, 130).Draw(t, "width")})
		names, numbers := rapid.IntRange(1, 3).Draw(t, "names"), rapid.IntRange(1, 12).Draw(t, "numbers")
		word := rapid.StringMatching(`[a-z码]{1,40}`)
		var columns, all []string
		for range names {
			columns = append(columns, rapid.StringMatching(`[a-z]{1,10}`).Draw(t, "name"))
		}
		for range numbers {
			columns = append(columns, ">"+rapid.StringMatching(`[a-z]{1,10}`).Draw(t, "number"))
		}
		text := rapid.Bool().Draw(t, "text")
		if text {
			columns = append(columns, "text")
		}
		tb := newTable(columns...)
		for r := range rapid.IntRange(1, 4).Draw(t, "rows") {
			var row []string
			for range names {
				row = append(row, word.Draw(t, "cell"))
			}
			for k := range numbers {
				all = append(all, fmt.Sprintf("%d.%d%s", r, k, strings.Repeat("0", rapid.IntRange(0, 8).Draw(t, "digits"))))
				row = append(row, all[len(all)-1])
			}
			if text {
				row = append(row, word.Draw(t, "text"))
			}
			tb.row(normal, row...)
		}
		p.table(tb)
		for _, line := range strings.Split(p.out.String(), "\n") {
			if width(line) > p.width {
				t.Errorf("%d cells of %d: %s", width(line), p.width, line)
			}
		}
		for _, n := range all {
			if !strings.Contains(p.out.String(), n) {
				t.Errorf("%s is not there", n)
			}
		}
	})
}
