package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"axbench/results"
)

// codesView is what the target answered.
type codesView struct {
	Undocumented []codeView   // with an exchange each
	Broken       []brokenView // violated clauses, with an exchange each
	Seen         []codeView   // documented codes and failures, by class
	Unseen       []codeView
	FollowUps    []codeView
	Classes      []string // of the columns of Phases
	Phases       []classRow
	Problem      string // why there are no exchanges
}

// codeView is the account of one code.
type codeView struct {
	Code, Class, ClassWord string
	Count, Share, Expected string
	Width                  float64
	P50, P99               string
	First, Last            instant
	HTTP, TextZH, TextEN   string
	Exchange               *exchangeView
	Open                   bool // the exchange is unfolded
}

// instant is a time of the run: since its start, and as the clock showed it.
type instant struct{ Since, At string }

// brokenView is a clause that answers broke.
type brokenView struct {
	ID, Level, Class, Mark, Sentence, Count, Checked, Share, Detail string
	Exchange                                                        *exchangeView
	Open                                                            bool
}

// classRow counts a phase's answers by class.
type classRow struct {
	Name  string
	Cells []string
}

func codesOf(rec *results.Record, l language) codesView {
	run := &rec.Run
	v := codesView{}
	list, err := evidenceOf(rec)
	if err != nil {
		v.Problem = l.t("%s cannot be read: %s", results.EvidenceFile, Escape(err.Error()))
	}
	open := true // only the first exchange is
	for _, c := range seenCodes(run.Totals.Codes) {
		code := codeOf(run, c, l)
		if c.Class != results.ClassUndocumented {
			v.Seen = append(v.Seen, code)
			continue
		}
		at := slices.IndexFunc(list, func(e results.Evidence) bool { return e.Code == c.Code })
		if at >= 0 {
			code.Exchange, code.Open = runExchange(list, at, "code", l), open
			open = false
		}
		v.Undocumented = append(v.Undocumented, code)
	}
	for i := range run.Violations {
		if x := &run.Violations[i]; x.Count > 0 {
			b := brokenOf(x, list, l)
			b.Open = open && b.Exchange != nil
			open = open && b.Exchange == nil
			v.Broken = append(v.Broken, b)
		}
	}
	slices.SortStableFunc(v.Broken, func(a, b brokenView) int { return levelRank(a.Level) - levelRank(b.Level) })
	for i := range run.Totals.Codes {
		if c := &run.Totals.Codes[i]; c.Count == 0 && c.Documented {
			v.Unseen = append(v.Unseen, codeOf(run, c, l))
		}
	}
	for _, c := range seenCodes(run.FollowUps.Codes) {
		v.FollowUps = append(v.FollowUps, codeOf(run, c, l))
	}
	if len(run.Phases) > 1 {
		v.byClass(run, l)
	}
	return v
}

// evidenceOf reads the exchanges of a run that has a directory.
func evidenceOf(rec *results.Record) ([]results.Evidence, error) {
	if rec.Dir == "" {
		return nil, nil
	}
	return rec.Evidence()
}

// levelRank puts the gravest level first.
func levelRank(level string) int {
	if i := slices.Index([]string{"MUST", "SHOULD"}, level); i >= 0 {
		return i
	}
	return 2
}

func codeOf(run *results.Run, c *results.Code, l language) codeView {
	v := codeView{Code: Escape(c.Code), Class: Escape(string(c.Class)), ClassWord: l.class(c.Class), Count: count(c.Count), Share: percent(c.Share),
		Width: barWidth(c.Share, 1), P50: quantile(&c.Response, "p50"), P99: quantile(&c.Response, "p99"), HTTP: strings.ReplaceAll(statuses(c.HTTPStatus), ",", ", "),
		TextZH: Escape(c.TextZH), TextEN: Escape(c.TextEN), First: instantOf(run, c.FirstSeen), Last: instantOf(run, c.LastSeen)}
	if c.Expected > 0 && c.Class != results.ClassOK {
		v.Expected = count(c.Expected)
	}
	return v
}

// classWords are the classes of codes in words.
var classWords = map[results.Class]string{
	results.ClassOK: "ok", results.ClassBusiness: "business", results.ClassGateway: "gateway", results.ClassUndocumented: "undocumented",
	results.ClassMalformed: "malformed", results.ClassTransport: "transport",
}

func (l language) class(c results.Class) string {
	if word, ok := classWords[c]; ok {
		return l.t(word)
	}
	return Escape(string(c))
}

func instantOf(run *results.Run, t *time.Time) instant {
	if t == nil {
		return instant{}
	}
	since := durationF(float64(t.Sub(run.Started)))
	if since[0] != '-' {
		since = "+" + since
	}
	return instant{Since: since, At: t.UTC().Format("2006-01-02 15:04:05.000 UTC")}
}

func brokenOf(x *results.Violation, list []results.Evidence, l language) brokenView {
	b := brokenView{ID: Escape(x.Clause), Level: Escape(x.Level), Class: "warn", Mark: "▲", Sentence: Escape(x.Sentence), Count: count(x.Count), Checked: count(x.Checked),
		Share: share(x.Count, x.Checked)}
	if x.Level == "MUST" {
		b.Class, b.Mark = "fail", "✕"
	}
	at := x.FirstEvidence - 1
	if at < 0 || at >= len(list) {
		at = slices.IndexFunc(list, func(e results.Evidence) bool { return slices.Contains(e.Clauses, x.Clause) })
	}
	if at >= 0 {
		b.Exchange, b.Detail = runExchange(list, at, "clause-"+x.Clause, l), Escape(list[at].Detail)
	}
	return b
}

// runExchange is line at of the evidence, from 0, as an example of what is named.
func runExchange(list []results.Evidence, at int, of string, l language) *exchangeView {
	e := &list[at]
	took := ""
	if e.ResponseNS > 0 {
		took = l.t("response %s", duration(e.ResponseNS))
	}
	phase := ""
	if e.Phase != "" {
		phase = l.t("phase %s", e.Phase)
	}
	return &exchangeView{ID: fmt.Sprintf("exchange-%s-%d", Escape(of), at+1), Line: at + 1, What: Escape(joined(e.Operation, e.Code, phase, took)), Request: safeLines(e.Request, Escape, l), Answer: safeLines(e.Answer, Escape, l)}
}

// byClass shows which phase brought which class of codes.
func (v *codesView) byClass(run *results.Run, l language) {
	for _, c := range results.Classes {
		v.Classes = append(v.Classes, l.class(c))
	}
	for i := range run.Phases {
		ph := &run.Phases[i]
		sums := map[results.Class]int64{}
		for k := range ph.Codes {
			sums[ph.Codes[k].Class] += ph.Codes[k].Count
		}
		row := classRow{Name: Escape(ph.Name)}
		for _, c := range results.Classes {
			row.Cells = append(row.Cells, count(sums[c]))
		}
		v.Phases = append(v.Phases, row)
	}
}
