package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"axbench/results"
)

// codes shows what the target answered: undocumented codes first, then what was seen by class, then what was not.
func (p *page) codes(run *results.Run) {
	p.heading("Codes, all phases")
	seen := seenCodes(run.Totals.Codes)
	if len(seen) == 0 {
		p.para("  ", "no call ended with a code", normal)
	} else {
		p.codeTable(seen)
	}
	if len(run.Phases) > 1 && len(seen) > 0 {
		p.classTable(run)
	}
	var unseen []string
	for i := range run.Totals.Codes {
		if c := &run.Totals.Codes[i]; c.Count == 0 && c.Documented {
			unseen = append(unseen, p.safe(c.Code))
		}
	}
	if len(unseen) > 0 {
		p.para("  ", fmt.Sprintf("documented, never seen (%d): %s", len(unseen), strings.Join(unseen, ", ")), dim)
	}
	if seen := seenCodes(run.FollowUps.Codes); len(seen) > 0 {
		p.heading("Codes of follow-ups")
		p.codeTable(seen)
	}
}

// seenCodes picks what came at least once: undocumented codes first, then by class, the most frequent first.
func seenCodes(list []results.Code) []*results.Code {
	var seen []*results.Code
	for i := range list {
		if list[i].Count > 0 {
			seen = append(seen, &list[i])
		}
	}
	slices.SortStableFunc(seen, func(a, b *results.Code) int {
		if r := classRank(a.Class) - classRank(b.Class); r != 0 {
			return r
		}
		return cmp.Compare(b.Count, a.Count)
	})
	return seen
}

// classRank orders classes for the table: what nobody documented comes first.
func classRank(c results.Class) int {
	if c == results.ClassUndocumented {
		return -1
	}
	if i := slices.Index(results.Classes, c); i >= 0 {
		return i
	}
	return len(results.Classes)
}

func (p *page) codeTable(seen []*results.Code) {
	t := newTable("code", "class", ">count", ">share", ">expected", ">p50", ">p99", ">HTTP", "text")
	for _, c := range seen {
		st, class := normal, p.safe(string(c.Class))
		if c.Class == results.ClassUndocumented {
			st, class = red, "UNDOCUMENTED"
		}
		expected := ""
		if c.Expected > 0 && c.Class != results.ClassOK {
			expected = count(c.Expected)
		}
		t.row(st, p.safe(c.Code), class, count(c.Count), percent(c.Share), expected,
			quantile(&c.Response, "p50"), quantile(&c.Response, "p99"), statuses(c.HTTPStatus), p.codeText(c))
	}
	t.drop()
	p.table(t)
}

// codeText is the document's text and its translation, or what a code of ours means.
func (p *page) codeText(c *results.Code) string {
	zh, en := p.safe(c.TextZH), p.safe(c.TextEN)
	if p.ascii || zh == "" {
		return en
	}
	return zh + " " + en
}

func statuses(list []int) string {
	var texts []string
	for i, s := range list {
		if i == 4 {
			return strings.Join(texts, ",") + ",…"
		}
		texts = append(texts, strconv.Itoa(s))
	}
	return strings.Join(texts, ",")
}

// classTable shows which phase brought which class of codes.
func (p *page) classTable(run *results.Run) {
	columns := []string{"phase"}
	for _, c := range results.Classes {
		columns = append(columns, ">"+string(c))
	}
	t := newTable(columns...)
	for i := range run.Phases {
		ph := &run.Phases[i]
		sums := map[results.Class]int64{}
		for k := range ph.Codes {
			sums[ph.Codes[k].Class] += ph.Codes[k].Count
		}
		row := []string{p.safe(ph.Name)}
		for _, c := range results.Classes {
			row = append(row, count(sums[c]))
		}
		t.row(normal, row...)
	}
	p.line()
	p.table(t)
	p.line()
}
