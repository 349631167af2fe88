package conformance

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"axbench/conformance/contract"
	"axbench/results"
)

// catalogue holds the clauses of the result against the catalogue, and draws the verdict of each from its observations.
func (r *repetition) catalogue() {
	if r.c.Catalogue != catalogueHash() {
		r.notRepeated("", whyVersion, len(r.c.Clauses))
	} else {
		r.selection()
	}
	for i := range r.c.Clauses {
		r.verdict(&r.c.Clauses[i])
	}
	r.repeated("verdicts on clauses", len(r.c.Clauses))
}

// selection compares which clauses there are, and what is said of them, with the catalogue.
func (r *repetition) selection() {
	profiles, err := ProfilesOf(r.c.Profile)
	if err != nil {
		r.differ("%s: %v", results.ConformFile, err)
		return
	}
	if !slices.Equal(profiles, r.c.Profiles) {
		r.differ("%s: profile %s does not hold the profiles %v", results.ConformFile, r.c.Profile, r.c.Profiles)
	}
	var want []string
	for _, c := range contract.Catalogue {
		if slices.Contains(profiles, c.Profile) && (len(r.c.Only) == 0 || slices.Contains(r.c.Only, c.ID)) {
			want = append(want, c.ID)
		}
	}
	var have []string
	for i := range r.c.Clauses {
		c := &r.c.Clauses[i]
		have = append(have, c.ID)
		st := clauseState{clause: contract.FindClause(c.ID)}
		if st.clause == nil {
			continue
		}
		s := st.statement()
		s.Verdict, s.Reason, s.Known, s.Checked, s.Failed, s.Bound99 = c.Verdict, c.Reason, c.Known, c.Checked, c.Failed, c.Bound99
		s.Observations, s.Evidence = c.Observations, c.Evidence
		if !reflect.DeepEqual(&s, c) {
			r.differ("%s says other things of %s than the catalogue", results.ConformFile, c.ID)
		}
	}
	if !slices.Equal(want, have) {
		r.differ("%s has other clauses than the catalogue has for profile %s", results.ConformFile, r.c.Profile)
	}
}

// verdict draws the verdict on one clause again.
func (r *repetition) verdict(c *results.ClauseResult) {
	var words []results.ClauseWord
	checked, failed := c.Checked, c.Failed // by continuous checks: what observations of cases do not account for
	for i := range c.Observations {
		o := &c.Observations[i]
		words = append(words, o.Verdict)
		n, bad := tally(c.Level, o)
		checked, failed = checked-n, failed-bad
	}
	want := verdictOn(c.Level, words, checked)
	if c.Verdict == results.ClauseNotApplicable && want == results.ClauseNotProvoked && r.declared(c.Reason) {
		want = c.Verdict
	}
	if c.Verdict != want {
		r.differ("%s says %s of %s, and its observations say %s", results.ConformFile, c.Verdict, c.ID, want)
	}
	if !slices.Equal(c.Evidence, evidenceLines(c.Observations)) || c.Bound99 != bound99(checked, failed) {
		r.differ("%s: evidence or bound of %s do not follow from its observations", results.ConformFile, c.ID)
	}
	r.count(c.ID, checked, failed)
}

// count compares how many answers a clause was held against, and how many broke it.
func (r *repetition) count(id string, checked, failed int64) {
	ok := checked >= r.checked[id] && failed >= r.broken[id] && failed <= checked
	if r.complete && rejudges(id) {
		ok = checked == r.checked[id] && failed == r.broken[id]
	}
	if !ok {
		r.differ("%s counts %d answers that could break %s and %d that did, and the exchanges say %d and %d",
			results.ConformFile, checked, id, failed, r.checked[id], r.broken[id])
	}
}

// declared reports whether a reason is that of a declaration.
func (r *repetition) declared(reason string) bool {
	why, ok := strings.CutPrefix(reason, declaredWords)
	if !ok {
		return false
	}
	for _, given := range r.c.Provisioning.Unprovocable {
		if given == why {
			return true
		}
	}
	return false
}

// choices compares profile.json with conform.json.
func (r *repetition) choices(files []bundleFile) {
	text, _ := find(files, results.ProfileFile)
	list := []results.Choice{}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&list); err != nil {
		r.differ("%s cannot be read: %v", results.ProfileFile, err)
		return
	}
	if !slices.Equal(list, r.c.Choices) {
		r.differ("%s and %s do not agree on the choices", results.ProfileFile, results.ConformFile)
	}
	r.repeated("choices", len(list))
	r.notRepeated("", whyBefore, len(r.c.Changed))
}

// counts compares what is counted over the whole run.
func (r *repetition) counts(edition contract.Edition) {
	seen := newCodesSeen(edition)
	seen.observed = r.codes
	want := seen.report()
	c := &r.c.Codes
	exact := r.complete && !r.hiddenCode
	if c.Of != want.Of || c.Observed < want.Observed || exact && (c.Observed != want.Observed || !slices.Equal(c.Missing, want.Missing)) {
		r.differ("%s says that %d of %d codes came, and the exchanges show %d of %d", results.ConformFile, c.Observed, c.Of, want.Observed, want.Of)
	}
	for _, u := range r.c.Unique {
		if n := r.checked[u.Clause]; u.Seen < n || r.complete && u.Seen != n {
			r.differ("%s says that %d of %s were seen, and the exchanges show %d", results.ConformFile, u.Seen, u.What, n)
		}
	}
	if n := r.checked["INV-1"]; r.c.Bindings.Created < n || r.complete && r.c.Bindings.Created != n {
		r.differ("%s counts %d bindings, and the exchanges show %d", results.ConformFile, r.c.Bindings.Created, n)
	}
	r.notRepeated("", whyMeant, c.Provoked)
	r.notRepeated("", whyTime, int(r.c.Bindings.Created))
}

// conclusion draws the headline again: known failures as of the day of the run, then what follows from the verdicts.
func (r *repetition) conclusion() {
	again := *r.c
	again.Clauses = slices.Clone(r.c.Clauses)
	known := slices.Clone(r.c.Known)
	for i := range again.Clauses {
		again.Clauses[i].Known = ""
	}
	for i := range known {
		known[i].Problem = ""
	}
	again.Known = applyKnown(again.Clauses, known, r.c.Started)
	for i := range again.Clauses {
		if again.Clauses[i].Known != r.c.Clauses[i].Known {
			r.differ("%s: whether the failure of %s is expected does not follow from the known failures", results.ConformFile, again.Clauses[i].ID)
		}
	}
	if !slices.Equal(again.Known, r.c.Known) {
		r.differ("%s: what became of the known failures does not follow from the verdicts", results.ConformFile)
	}
	Conclude(&again)
	if again.Headline != r.c.Headline || again.ExitCode != r.c.ExitCode || !slices.Equal(again.Reasons, r.c.Reasons) {
		r.differ("%s says %q (exit code %d), and its verdicts say %q (%d)", results.ConformFile, r.c.Headline, r.c.ExitCode, again.Headline, again.ExitCode)
	}
	r.repeated("headline", 1)
}
