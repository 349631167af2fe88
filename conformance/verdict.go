package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/results"
)

// severity orders the words of observations: a clause has the worst of its own.
var severity = map[results.ClauseWord]int{
	results.ClauseError: 6, results.ClauseFail: 5, results.ClauseInconclusive: 4, results.ClauseWarn: 3, results.ClauseNotProvoked: 2,
	results.ClausePass: 1, results.ClauseInfo: 0,
}

// verdictFor is the algebra of one clause: the worst of its observations, in the order ERROR > FAIL > INCONCLUSIVE > WARN > NOT_PROVOKED > PASS.
// Without an observation that could have failed nothing passes.
func verdictFor(words []results.ClauseWord, checked int64) results.ClauseWord {
	worst := results.ClauseNotProvoked
	found := checked > 0
	if found {
		worst = results.ClausePass
	}
	for _, w := range words {
		switch {
		case w == results.ClauseInfo && !found:
			worst, found = w, true
		case !found || severity[w] > severity[worst]:
			worst, found = w, true
		}
	}
	return worst
}

// verdictOn is verdictFor a clause of a level: INFO is the most that a broken MAY can be.
func verdictOn(level string, words []results.ClauseWord, checked int64) results.ClauseWord {
	v := verdictFor(words, checked)
	if level == contract.May.String() && v == results.ClausePass && slices.Contains(words, results.ClauseInfo) {
		return results.ClauseInfo
	}
	return v
}

// selectClauses makes the states of the clauses that the run is about.
func (s *suite) selectClauses(profiles, only []string) error {
	for _, id := range only {
		c := contract.FindClause(id)
		if c == nil {
			return &UnknownClause{ID: id}
		}
		if !slices.Contains(profiles, c.Profile) {
			return &UnknownClause{ID: id, Profile: c.Profile}
		}
	}
	for _, c := range contract.Catalogue {
		if slices.Contains(profiles, c.Profile) && (len(only) == 0 || slices.Contains(only, c.ID)) {
			st := &clauseState{clause: c}
			s.clauses[c.ID] = st
			s.order = append(s.order, st)
		}
	}
	return nil
}

// UnknownClause is a clause asked for that there is not, or not in the profile: bad use. What is not found must not end well.
type UnknownClause struct {
	ID      string
	Profile string // that has it; "" when there is no such clause
}

func (e *UnknownClause) Error() string {
	if e.Profile != "" {
		return fmt.Sprintf("clause %s is of profile %s: ask for --profile %s", e.ID, e.Profile, e.Profile)
	}
	return fmt.Sprintf("no clause is called %q", e.ID)
}

// clauseResult draws the conclusion of one clause.
func (st *clauseState) result() results.ClauseResult {
	r := st.statement()
	r.Checked, r.Failed = st.checked, st.failed
	var words []results.ClauseWord
	for i := range st.observations {
		o := &st.observations[i]
		words = append(words, o.Verdict)
		n, bad := tally(r.Level, o)
		r.Checked, r.Failed = r.Checked+n, r.Failed+bad
	}
	r.Verdict = verdictOn(r.Level, words, st.checked)
	r.Bound99 = bound99(st.checked, st.failed)
	if st.declared != "" && r.Verdict == results.ClauseNotProvoked {
		r.Verdict, r.Reason = results.ClauseNotApplicable, declaredWords+st.declared
	}
	r.Observations = slices.Clone(st.observations)
	slices.SortStableFunc(r.Observations, func(a, b results.Observation) int {
		return cmp.Compare(severity[b.Verdict], severity[a.Verdict])
	})
	r.Evidence = evidenceLines(r.Observations)
	r.Reason = cmp.Or(r.Reason, st.reason(r))
	return r
}

// statement is what the catalogue says of the clause.
func (st *clauseState) statement() results.ClauseResult {
	c := st.clause
	return results.ClauseResult{
		ID: c.ID, Chapter: c.Chapter(), Level: c.Level.String(), Profile: c.Profile, Source: c.Source, Sentence: c.Sentence, Check: c.Check,
		Note: c.Note, Needs: c.Needs.String(), Decides: decides(c),
	}
}

// declaredWords begin the reason of a clause that is declared unprovocable.
const declaredWords = "declared unprovocable: "

// tally is what an observation of a case counts for: how often a clause could have failed, and how often it did. Those of continuous
// checks are counted as they come.
func tally(level string, o *results.Observation) (checked, failed int64) {
	switch n := int64(o.Times); {
	case o.Sent == continuousWords:
		return 0, 0
	case o.Verdict == results.ClausePass:
		return n, 0
	case o.Verdict == results.ClauseFail, o.Verdict == results.ClauseWarn, o.Verdict == results.ClauseInfo && level == contract.May.String():
		return n, n
	}
	return 0, 0
}

// bound99 is the rate of failures that is excluded with 99 % confidence by answers under a continuous check of which none failed; 0 where
// some did.
func bound99(checked, failed int64) float64 {
	if checked <= 0 || failed != 0 {
		return 0
	}
	return 4.61 / float64(checked)
}

// evidenceLines are the first lines that observations point at, in their order.
func evidenceLines(list []results.Observation) []int {
	lines := []int{}
	for i := range list {
		if line := list[i].Evidence; line > 0 && !slices.Contains(lines, line) && len(lines) < 8 {
			lines = append(lines, line)
		}
	}
	return lines
}

// reason says in a sentence why a verdict is not PASS.
func (st *clauseState) reason(r results.ClauseResult) string {
	if r.Verdict == results.ClausePass {
		return ""
	}
	for _, o := range r.Observations {
		if o.Verdict != r.Verdict {
			continue
		}
		switch {
		case o.Expected != "" && o.Sent == continuousWords:
			return o.Got
		case o.Expected != "":
			return o.Sent + ": expected " + o.Expected + ", got " + o.Got
		}
		return o.Got
	}
	if len(st.lacking) > 0 {
		return "not declared: " + strings.Join(st.lacking, "; ")
	}
	return "nothing was seen that could have shown it broken"
}

// result is what the run saw.
func (s *suite) result() *results.Conform {
	profiles, _ := ProfilesOf(s.cfg.Profile) // checked by newSuite
	target := s.cfg.Describe
	target.Document = s.cfg.Edition.String()
	c := &results.Conform{
		Schema: results.ConformSchema, Version: s.cfg.Version, Started: s.started.UTC(), ElapsedNS: int64(time.Since(s.started)), Seed: s.cfg.Seed,
		Target: target, Profile: s.cfg.Profile, Profiles: profiles, Only: s.cfg.Only, Codes: s.codes.report(), Calls: s.calls,
		Bindings: s.bindings.report(time.Now()), Provisioning: s.cfg.Declared, Catalogue: catalogueHash(), Cases: s.results, Notes: s.notes,
		Choices: s.choices, Changed: changes(s.cfg.Before, s.choices), Unique: s.ids.Unique(),
	}
	for _, st := range s.order {
		c.Clauses = append(c.Clauses, st.result())
	}
	c.Known = applyKnown(c.Clauses, s.cfg.Known, s.started)
	Conclude(c)
	return c
}

// Conclude draws the headline, its reasons, the counts and the exit code from the verdicts on the clauses.
func Conclude(c *results.Conform) {
	c.Counts = results.WordCounts{}
	for _, w := range results.ClauseWords {
		c.Counts[w] = 0
	}
	var failed, errs, unsure, unseen []string
	for _, r := range c.Clauses {
		c.Counts[r.Verdict]++
		switch {
		case r.Verdict == results.ClauseError:
			errs = append(errs, r.ID)
		case !r.Decides || r.Known != "":
		case r.Verdict == results.ClauseFail:
			failed = append(failed, r.ID)
		case r.Verdict == results.ClauseInconclusive:
			unsure = append(unsure, r.ID)
		case (r.Verdict == results.ClauseNotProvoked || r.Verdict == results.ClauseInfo) && r.Level == contract.Must.String():
			unseen = append(unseen, r.ID)
		}
	}
	var stale []string
	for _, k := range c.Known {
		if k.Problem != "" {
			stale = append(stale, k.Clause+" ("+k.Problem+")")
		}
	}
	c.Reasons = []string{}
	reason := func(ids []string, one, many string) {
		if len(ids) > 0 {
			c.Reasons = append(c.Reasons, counted(ids, one, many))
		}
	}
	reason(failed, "MUST clause is broken", "MUST clauses are broken")
	reason(stale, "entry of the known failures does not hold", "entries of the known failures do not hold")
	reason(errs, "clause could not be judged for a fault of the suite", "clauses could not be judged for a fault of the suite")
	reason(unsure, "clause could not be judged", "clauses could not be judged")
	reason(unseen, "MUST clause was not provoked", "MUST clauses were not provoked")
	switch {
	case len(failed) > 0 || len(stale) > 0:
		c.Headline, c.ExitCode = results.HeadlineNotConformant, results.ExitNonconformant
	case len(errs) > 0:
		c.Headline, c.ExitCode = results.HeadlineInconclusive, results.ExitInternal
	case len(unsure) > 0:
		c.Headline, c.ExitCode = results.HeadlineInconclusive, results.ExitNoData
	case len(unseen) > 0:
		c.Headline, c.ExitCode = fmt.Sprintf("%s (%d MUST clauses not provoked)", results.HeadlineIncomplete, len(unseen)), results.ExitNoData
	default:
		c.Headline, c.ExitCode = results.HeadlineConformant, results.ExitPass
	}
}

// counted words a list of ids, the first ones by name: the clauses themselves have the rest.
func counted(ids []string, one, many string) string {
	const most = 12
	what, more := many, ""
	if len(ids) == 1 {
		what = one
	}
	if len(ids) > most {
		more = fmt.Sprintf(" and %d more", len(ids)-most)
	}
	return fmt.Sprintf("%d %s: %s%s", len(ids), what, strings.Join(ids[:min(len(ids), most)], ", "), more)
}

// CheckOnly says what is wrong with a choice of profile and clauses: an *UnknownClause, or nil. An unknown profile is an error too.
func CheckOnly(profile string, only []string) error {
	profiles, err := ProfilesOf(profile)
	if err != nil {
		return err
	}
	return (&suite{clauses: map[string]*clauseState{}}).selectClauses(profiles, only)
}
