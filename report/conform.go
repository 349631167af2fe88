package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"axbench/results"
)

// conformView is a conformance run as every report tells it, in its order. All texts from outside are escaped for the format, so
// that a renderer has nothing raw to forget.
type conformView struct {
	lang                     language
	Headline, Tone, Sentence string
	ExitCode                 int
	Started, Version         string
	Target, Profile          string
	Reasons, Notes           []string
	Facts                    []fact
	Total                    int
	Verdicts                 []countView
	Chapters                 []*chapterView
	Bounds                   []string // what the continuous checks that nothing broke prove
	Unique                   []uniqueView
	Untested                 string
	Needs                    []needView
	Unprovocable             []fact
	Codes                    string
	Seen                     results.CodesSeen // its counts only: Missing is below
	Missing                  []string
	Skipped                  []groupView // cases by the reason why they did not run
	Choices                  []results.Choice
	Changed                  []results.ChoiceChange
	Known                    []results.KnownFailure
	Bindings                 string
	Left                     []string
}

type fact struct{ Name, Value string }

// countView is how many clauses have a verdict.
type countView struct {
	wordView
	Count int
	Share string
}

type chapterView struct {
	lang      language
	ID, Title string
	Counts    []countView // of every word that is shown, zero included
	Clauses   []*clauseView
}

type clauseView struct {
	wordView
	ID, Level, Profile, Source, Sentence, Check, Note, Needs string
	Decides                                                  bool
	Reason, Known                                            string
	Checked, Failed                                          int64
	Counted                                                  string
	Observations                                             []observationView
	Exchange                                                 *exchangeView
	Again                                                    []string // a command line in parts that hold together
	verdict                                                  results.ClauseWord
}

type observationView struct {
	wordView
	Case, Sent, Expected, Got string
	Times                     int
	Line                      int // of evidence.ndjson
}

type exchangeView struct {
	ID              string // in a page
	Line            int
	What            string
	Request, Answer string // lines end in \n
}

type uniqueView struct {
	Text   string
	Broken bool
}

type needView struct {
	ID, Takes, Declare string
	Count              int
	Groups             []groupView
}

// groupView are names that share a reason.
type groupView struct {
	Reason string
	Names  []string
}

// newConformView draws the report up in English. esc escapes for the format.
func newConformView(rec *results.ConformRecord, esc func(string) string) *conformView {
	return newConformViewIn(rec, esc, english)
}

// newConformViewIn is newConformView in a language. What comes from the directory stays as it is there.
func newConformViewIn(rec *results.ConformRecord, esc func(string) string, l language) *conformView {
	c := &rec.Conform
	h := headlineOf(c)
	v := &conformView{lang: l,
		Headline: esc(c.Headline), Tone: h.tone, Sentence: l.t(h.sentence), ExitCode: c.ExitCode, Target: esc(c.Target.URL), Profile: esc(c.Profile),
		Started: c.Started.UTC().Format("2006-01-02 15:04:05 UTC"), Version: esc(c.Version), Seen: c.Codes,
		Reasons: each(c.Reasons, esc), Notes: each(c.Notes, esc), Facts: conformFacts(rec, esc, l), Total: len(c.Clauses),
		Missing: each(c.Codes.Missing, esc), Bounds: conformBounds(c, esc, l), Unique: conformUnique(c, esc, l), Needs: conformNeeded(c, esc, l),
		Skipped: skippedCases(c, esc),
	}
	v.Seen.Missing = nil
	v.Codes = l.t("codes observed %d of %d, provoked %d of %d", c.Codes.Observed, c.Codes.Of, c.Codes.Provoked, c.Codes.Of)
	v.Chapters = conformInChapters(rec, esc, l)
	v.Verdicts = countWords(c.Clauses, esc, l)
	open := int64(results.CountWords(c.Clauses)[results.ClauseNotProvoked])
	v.Untested = l.t("%d of %d clauses (%s) were not provoked: they are not tested, and not passed", open, v.Total, share(open, int64(v.Total)))
	for _, code := range sortedKeys(c.Provisioning.Unprovocable) {
		v.Unprovocable = append(v.Unprovocable, fact{esc(code), esc(c.Provisioning.Unprovocable[code])})
	}
	for _, x := range c.Choices {
		v.Choices = append(v.Choices, results.Choice{ID: esc(x.ID), Text: esc(x.Text), Value: esc(x.Value), Detail: esc(x.Detail)})
	}
	for _, x := range c.Changed {
		v.Changed = append(v.Changed, results.ChoiceChange{ID: esc(x.ID), Before: esc(x.Before), Now: esc(x.Now)})
	}
	for _, k := range c.Known {
		v.Known = append(v.Known, results.KnownFailure{Clause: esc(k.Clause), Reason: esc(k.Reason), Expires: esc(k.Expires), Problem: esc(k.Problem)})
	}
	v.bindings(rec, esc)
	return v
}

func each(list []string, esc func(string) string) []string {
	var out []string
	for _, s := range list {
		out = append(out, esc(s))
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// joined joins what is there as a list.
func joined(parts ...string) string { return joinWith(", ", parts...) }

func joinWith(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), sep)
}

// short is the beginning of a digest: enough to tell two apart by eye.
func short(digest string) string {
	if len(digest) > 16 {
		return digest[:16] + "..."
	}
	return digest
}

// conformFacts says what was run, against what and with which declarations.
func conformFacts(rec *results.ConformRecord, esc func(string) string, l language) []fact {
	c := &rec.Conform
	t, d := &c.Target, &c.Provisioning
	only := ""
	if len(c.Only) > 0 {
		only = l.t("only %s", strings.Join(c.Only, " "))
	}
	took := l.n("%s call", "%s calls", c.Calls)
	if !c.Partial {
		took = l.t("%s in %s", took, duration(c.ElapsedNS))
	}
	facts := []fact{
		{"target", joined(t.URL, t.Method, l.prefixed("signature %s", t.Signature), t.Format, l.prefixed("document %s", t.Document), l.prefixed("TLS %s", l.plain(t.TLS)),
			l.prefixed("proxy %s", t.Proxy))},
		{"profile", joined(strings.Join(c.Profiles, " + "), only)},
		{"declared", declaredOf(d, l)},
		{"time", joined(c.Started.UTC().Format("2006-01-02 15:04:05 UTC"), took, l.t("seed %d", c.Seed))},
		{"axbench", joined(c.Version, l.prefixed("clauses SHA-256 %s", short(c.Catalogue)))},
		{"directory", rec.Dir},
	}
	for i := range facts {
		facts[i].Name, facts[i].Value = l.t(facts[i].Name), esc(facts[i].Value)
	}
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Value == "" })
}

// conformFactNames are the names of the facts of a conformance run.
var conformFactNames = []string{"target", "profile", "declared", "time", "axbench", "directory"}

// declaredOf says what was declared of the endpoint.
func declaredOf(d *results.Provisioning, l language) string {
	if d.File == "" {
		return l.t("nothing")
	}
	declared := joined(d.File, prefixed("SHA-256 ", short(d.SHA256)), l.prefixed("credentials %s", strings.Join(d.Credentials, " ")),
		l.prefixed("pools %s", strings.Join(d.Pools, " ")))
	for _, has := range []struct {
		name string
		is   bool
	}{{l.t("query"), d.Query}, {l.t("unbind"), d.Unbind}, {l.t("clock"), d.Clock}, {l.t("call records"), d.Receipts}} {
		if has.is {
			declared += ", " + has.name
		}
	}
	return declared
}

// countWords counts verdicts in the order of reports, unknown ones last.
func countWords(clauses []results.ClauseResult, esc func(string) string, l language) []countView {
	counts := results.CountWords(clauses)
	var list []countView
	add := func(word results.ClauseWord) {
		n := counts[word]
		list = append(list, countView{wordIn(word, esc, l), n, share(int64(n), int64(len(clauses)))})
		delete(counts, word)
	}
	for _, word := range results.ClauseWords {
		add(word)
	}
	var others []results.ClauseWord
	for word := range counts {
		others = append(others, word)
	}
	slices.Sort(others)
	for _, word := range others {
		add(word)
	}
	return list
}

// conformInChapters sorts the clauses into chapters, in each the gravest verdict first.
func conformInChapters(rec *results.ConformRecord, esc func(string) string, l language) []*chapterView {
	byID := map[string][]results.ClauseResult{}
	var others []string
	for _, c := range rec.Conform.Clauses {
		id := chapterOf(&c)
		if byID[id] == nil && chapterTitle(id) == "" {
			others = append(others, id)
		}
		byID[id] = append(byID[id], c)
	}
	order := others
	for i := range conformChapters {
		order = slices.Insert(order, i, conformChapters[i].id)
	}
	var list []*chapterView
	for _, id := range order {
		clauses := byID[id]
		if len(clauses) == 0 {
			continue
		}
		ch := &chapterView{ID: esc(id), lang: l, Title: l.t(cmp.Or(chapterTitle(id), "Other clauses")), Counts: countWords(clauses, esc, l)}
		slices.SortStableFunc(clauses, func(a, b results.ClauseResult) int { return cmp.Compare(rank(a.Verdict), rank(b.Verdict)) })
		for i := range clauses {
			ch.Clauses = append(ch.Clauses, newClauseView(rec, &clauses[i], esc, l))
		}
		list = append(list, ch)
	}
	return list
}

func chapterTitle(id string) string {
	for _, ch := range conformChapters {
		if ch.id == id {
			return ch.title
		}
	}
	return ""
}

// chapterOf names the chapter of a clause: what its id says, where that is a chapter.
func chapterOf(c *results.ClauseResult) string {
	if id, _, ok := strings.Cut(c.ID, "-"); ok && chapterTitle(id) != "" {
		return id
	}
	return c.Chapter
}

// Open are the clauses of a chapter that did not pass, Passed those that did.
func (ch *chapterView) Open() []*clauseView { return ch.those(false) }

// Passed are the clauses of a chapter that passed.
func (ch *chapterView) Passed() []*clauseView { return ch.those(true) }

func (ch *chapterView) those(passed bool) []*clauseView {
	var list []*clauseView
	for _, c := range ch.Clauses {
		if (c.verdict == results.ClausePass) == passed {
			list = append(list, c)
		}
	}
	return list
}

// Unobserved and Unprovoked are what the codes lack.
func (v *conformView) Unobserved() int { return max(v.Seen.Of-v.Seen.Observed, 0) }

// Unprovoked is how many of the document's codes were not provoked.
func (v *conformView) Unprovoked() int { return max(v.Seen.Of-v.Seen.Provoked, 0) }

// Has tells whether a clause, escaped, is in the report.
func (v *conformView) Has(id string) bool {
	return slices.ContainsFunc(v.Chapters, func(ch *chapterView) bool {
		return slices.ContainsFunc(ch.Clauses, func(c *clauseView) bool { return c.ID == id })
	})
}

// Row counts the clauses of a chapter by verdict, in the order of the whole run's Verdicts.
func (v *conformView) Row(ch *chapterView) []countView {
	row := slices.Clone(v.Verdicts)
	for i := range row {
		row[i].Count = 0
		for _, n := range ch.Counts {
			if n.Word == row[i].Word {
				row[i].Count = n.Count
			}
		}
	}
	return row
}

// Summary words the counts of a chapter: "5 clauses: 1 FAIL, 4 PASS".
func (ch *chapterView) Summary() string {
	var parts []string
	for _, w := range ch.Counts {
		if w.Count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", w.Count, w.Label))
		}
	}
	return ch.lang.n("%s clause", "%s clauses", int64(len(ch.Clauses))) + ch.lang.t(": ") + strings.Join(parts, ch.lang.t(", "))
}

// bindings says what the run left behind at the target.
func (v *conformView) bindings(rec *results.ConformRecord, esc func(string) string) {
	b := &rec.Conform.Bindings
	if *b == (results.Bindings{}) {
		return
	}
	v.Bindings = v.lang.t("%s created, %s unbound, %s expired, %s unknown (no answer, may have bound), %s left",
		count(b.Created), count(b.Unbound), count(b.Expired), count(b.Unknown), count(b.Left))
	if b.Left > 0 {
		v.Left = append(v.Left, v.lang.t("%s may still be live: axbench cleanup %s unbinds what can be, expiry ends the rest",
			v.lang.n("%s binding", "%s bindings", b.Left), esc(shellQuote(rec.Dir))))
	}
	if b.Unknown > 0 {
		v.Left = append(v.Left, v.lang.t("%s without an answer may have bound: nobody here knows their SubsId, so only expiry ends them",
			v.lang.n("%s call", "%s calls", b.Unknown)))
	}
}
