package conformance

import (
	"fmt"
	"slices"
	"strings"

	"axbench/conformance/contract"
	"axbench/results"
)

// repetition is what the recorded exchanges of a run say when they are judged again.
type repetition struct {
	*Verification
	c               *results.Conform
	exchanges       []results.Exchange
	again           []*replayed
	complete        bool             // every call of the run is recorded
	checked, broken map[string]int64 // by clause, of continuous checks
	codes           map[string]bool
	hiddenCode      bool // of some exchange
}

// Why something is not repeated.
const (
	whyHidden  = "redaction hides in the answer what it depends on"
	whyPool    = "needs the numbers that the pool is declared to have"
	whyEarlier = "depends on calls of which no exchange is kept, or on what redaction hides"
	whyFailed  = "how a connection ended cannot be seen again"
	whyCut     = "the answer is not kept whole: it is no text, or too long"
	whyUnkept  = "its exchange is not kept"
	whyCase    = "the case judged it from more than the code of one answer"
	whyAside   = "the case set it aside for what else it saw"
	whyMeant   = "which codes cases meant to provoke, and came"
	whyBefore  = "what an earlier run chose is not in the bundle"
	whyTime    = "which bindings had expired or were unbound when the run ended"
	whyVersion = "the run was made with another catalogue of clauses: sentences and levels are not compared"
)

// repeat judges everything again that needs no request signature.
func (v *Verification) repeat(rec *results.ConformRecord, files []bundleFile) {
	c := &rec.Conform
	edition, err := contract.ParseEdition(c.Target.Document)
	if err != nil {
		v.differ("%s: %v", results.ConformFile, err)
		return
	}
	r := &repetition{
		Verification: v, c: c, exchanges: rec.Exchanges, complete: int64(len(rec.Exchanges)) == c.Calls,
		checked: map[string]int64{}, broken: map[string]int64{}, codes: map[string]bool{},
	}
	replay := newReplay(edition)
	for i := range rec.Exchanges {
		r.exchange(&rec.Exchanges[i], replay.next(&rec.Exchanges[i]))
	}
	v.repeated("answers judged again", len(rec.Exchanges))
	if int64(len(rec.Exchanges)) > c.Calls {
		v.differ("%s has %d exchanges of %d calls", results.EvidenceFile, len(rec.Exchanges), c.Calls)
	}
	if !r.complete {
		v.notRepeated("", "calls of which no exchange is kept: counts are compared as at least", int(c.Calls)-len(rec.Exchanges))
	}
	for i := range c.Clauses {
		r.clause(&c.Clauses[i])
	}
	r.catalogue()
	r.choices(files)
	r.counts(edition)
	r.conclusion()
	slices.SortStableFunc(v.NotRepeated, func(a, b NotRepeat) int { return strings.Compare(a.Clause, b.Clause) })
}

// exchange compares one exchange with what is recorded of it.
func (r *repetition) exchange(e *results.Exchange, again *replayed) {
	r.again = append(r.again, again)
	hidden := strings.Fields(e.Hidden)
	for _, d := range again.differences(e) {
		if !slices.Contains(hidden, d.id) {
			r.differ("%s line %d: of %s it says %q, and the answer says %q", results.EvidenceFile, e.Line, d.id, d.recorded, d.again)
		}
	}
	for _, id := range slices.Compact(hidden) {
		switch {
		case id == codeHidden:
			r.hiddenCode = true
			r.notRepeated("", "the code: redaction hides it in the answer", 1)
		case e.Failure != "":
			r.notRepeated(id, whyFailed, 1)
		case id == "RSP-13":
			r.notRepeated(id, whyPool, 1)
		case !r.complete && (id == "RSP-2" || id == "INV-1" || id == "INV-2"):
			r.notRepeated(id, whyEarlier, 1)
		default:
			r.notRepeated(id, whyHidden, 1)
		}
	}
	for _, id := range strings.Fields(e.Checked) {
		r.checked[id]++
		switch {
		case unrepeated[id] != "":
			r.notRepeated(id, unrepeated[id], 1)
		case e.Cut && !slices.Contains(again.checked, id):
			r.notRepeated(id, whyCut, 1)
		}
	}
	for _, id := range strings.Fields(e.Broken) {
		r.broken[id]++
	}
	r.answer(e, again, slices.Contains(hidden, codeHidden))
}

// answer compares what is recorded of an answer beside its clauses.
func (r *repetition) answer(e *results.Exchange, again *replayed, hidden bool) {
	differ := func(what string, recorded, is any) {
		r.differ("%s line %d: %s is %q, and the answer says %q", results.EvidenceFile, e.Line, what, recorded, is)
	}
	if !again.whole {
		if e.Code != "" && e.Cut {
			r.hiddenCode = true
		}
		return
	}
	if again.known != nil {
		r.codes[again.known.Name] = true
	}
	if want := evidenceWord(again.code); e.Code != want {
		differ("the code", e.Code, want)
	}
	if want := evidenceWord(again.id); e.RequestID != want {
		differ("the RequestId", e.RequestID, want)
	}
	if want := classOf(true, again.code, again.known); e.Class != want && !hidden {
		differ("the class", e.Class, want)
	}
	if line, _, _ := strings.Cut(string(e.Head), "\n"); e.Head != nil && !strings.Contains(line, fmt.Sprintf(" %03d ", e.Status)) {
		differ("the status", fmt.Sprint(e.Status), strings.TrimSpace(line))
	}
}

// clause compares the observations of a clause with the exchanges that they point at.
func (r *repetition) clause(c *results.ClauseResult) {
	for i := range c.Observations {
		o := &c.Observations[i]
		switch {
		case o.Sent != continuousWords && len(o.Pass) == 0:
			r.notRepeated(c.ID, whyCase, 1)
		case o.Evidence == 0:
			r.notRepeated(c.ID, whyUnkept, 1)
		case o.Sent == continuousWords:
			r.continuous(c, o)
		default:
			r.table(c, o)
		}
	}
}

// continuous compares an observation of a continuous check.
func (r *repetition) continuous(c *results.ClauseResult, o *results.Observation) {
	e, again := &r.exchanges[o.Evidence-1], r.again[o.Evidence-1]
	level, found := again.levels[c.ID]
	switch {
	case unrepeated[c.ID] != "", e.Cut && !found, slices.Contains(strings.Fields(e.Hidden), c.ID):
		return // listed with the exchange
	case !found:
		r.differ("%s says that line %d breaks %s, and its answer does not", results.ConformFile, e.Line, c.ID)
	case broken(level) != o.Verdict:
		r.differ("%s says %s of %s for line %d, and its answer says %s", results.ConformFile, o.Verdict, c.ID, e.Line, broken(level))
	default:
		r.repeated("observations of continuous checks", 1)
	}
}

// table compares an observation that the code of an answer decides.
func (r *repetition) table(c *results.ClauseResult, o *results.Observation) {
	e, again := &r.exchanges[o.Evidence-1], r.again[o.Evidence-1]
	clause := contract.FindClause(c.ID)
	switch {
	case o.Verdict == results.ClauseInconclusive:
		r.notRepeated(c.ID, whyAside, 1)
		return
	case !again.whole && e.Cut:
		r.notRepeated(c.ID, whyCut, 1)
		return
	case slices.Contains(strings.Fields(e.Hidden), codeHidden):
		r.notRepeated(c.ID, whyHidden, 1)
		return
	case clause == nil:
		return // listed with the catalogue
	}
	word := outcomes{pass: o.Pass, warn: o.Warn, skip: o.Skip}.of(again.code, again.known, again.ok())
	if word == results.ClauseFail {
		word = broken(clause.Level)
	}
	if word != o.Verdict {
		r.differ("%s says %s of %s for line %d, and its code %q says %s", results.ConformFile, o.Verdict, c.ID, e.Line, again.code, word)
		return
	}
	r.repeated("observations that a code decides", 1)
}
