package conformance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"axbench/conformance/contract"
	"axbench/results"
)

// observed are the words that an observation can have, from the worst to the best.
var observed = []results.ClauseWord{
	results.ClauseError, results.ClauseFail, results.ClauseInconclusive, results.ClauseWarn, results.ClauseNotProvoked, results.ClausePass,
}

// TestVerdictIsTheWorst: in every order and number of observations the worst decides, and nothing passes that could not have failed.
func TestVerdictIsTheWorst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom(observed), 0, 12).Draw(t, "words")
		checked := rapid.Int64Range(0, 3).Draw(t, "checked")
		want := results.ClauseNotProvoked
		if checked > 0 {
			want = results.ClausePass
		}
		if len(words) > 0 {
			best := len(observed) - 1
			if checked == 0 {
				best = -1
			}
			for _, w := range words {
				if i := slices.Index(observed, w); best < 0 || i < best {
					best = i
				}
			}
			want = observed[best]
		}
		got := verdictFor(words, checked)
		if got != want {
			t.Fatalf("%v with %d answers under continuous checks: %s, want %s", words, checked, got, want)
		}
		if got == results.ClausePass && checked == 0 && !slices.Contains(words, results.ClausePass) {
			t.Fatal("passed without an observation that could have failed")
		}
		shuffled := rapid.Permutation(words).Draw(t, "shuffled")
		if other := verdictFor(shuffled, checked); other != got {
			t.Fatalf("%v: %s, in another order %s", words, got, other)
		}
		more := append(slices.Clone(words), rapid.SampledFrom(observed).Draw(t, "one more"))
		if len(words) > 0 && severity[verdictFor(more, checked)] < severity[got] {
			t.Fatalf("%v: one more observation made %s better", more, got)
		}
	})
}

// TestOpenChoiceIsNoVerdict: which way a choice went neither passes a clause nor hides what was seen of it.
func TestOpenChoiceIsNoVerdict(t *testing.T) {
	info := results.ClauseInfo
	for _, c := range []struct {
		words   []results.ClauseWord
		checked int64
		want    results.ClauseWord
	}{
		{[]results.ClauseWord{info}, 0, info},
		{[]results.ClauseWord{info}, 1, results.ClausePass},
		{[]results.ClauseWord{info, results.ClausePass}, 0, results.ClausePass},
		{[]results.ClauseWord{results.ClauseFail, info}, 0, results.ClauseFail},
		{[]results.ClauseWord{info, results.ClauseNotProvoked}, 0, results.ClauseNotProvoked},
	} {
		if got := verdictFor(c.words, c.checked); got != c.want {
			t.Errorf("%v with %d: %s, want %s", c.words, c.checked, got, c.want)
		}
	}
	if got := verdictOn("MAY", []results.ClauseWord{info, results.ClausePass}, 0); got != info {
		t.Errorf("a broken MAY: %s", got)
	}
}

// verdict is the result of a clause that decides.
func verdict(id string, word results.ClauseWord, level string) results.ClauseResult {
	return results.ClauseResult{ID: id, Verdict: word, Level: level, Decides: true}
}

func TestConclude(t *testing.T) {
	pass, fail := verdict("A-1", results.ClausePass, "MUST"), verdict("A-2", results.ClauseFail, "MUST")
	unsure, unseen := verdict("A-3", results.ClauseInconclusive, "MUST"), verdict("A-4", results.ClauseNotProvoked, "MUST")
	broken := verdict("A-5", results.ClauseError, "MUST")
	aside := func(r results.ClauseResult) results.ClauseResult { r.Decides = false; return r }
	known := func(r results.ClauseResult) results.ClauseResult { r.Known = "a reason"; return r }
	for _, c := range []struct {
		name     string
		clauses  []results.ClauseResult
		known    []results.KnownFailure
		headline string
		exit     int
		reasons  string
	}{
		{"all passed", []results.ClauseResult{pass}, nil, "conformant", 0, ""},
		{"what a SHOULD says", []results.ClauseResult{pass, verdict("A-6", results.ClauseWarn, "SHOULD"), verdict("A-7", results.ClauseNotProvoked, "SHOULD")}, nil, "conformant", 0, ""},
		{"declared", []results.ClauseResult{pass, verdict("A-8", results.ClauseNotApplicable, "MUST")}, nil, "conformant", 0, ""},
		{"one failed", []results.ClauseResult{pass, fail, unsure, unseen, broken}, nil, "not conformant", 4, "1 MUST clause is broken: A-2; 1 clause could not be judged for a fault of the suite: A-5; " +
			"1 clause could not be judged: A-3; 1 MUST clause was not provoked: A-4"},
		{"a fault of the suite", []results.ClauseResult{pass, broken, unsure}, nil, "inconclusive", 1, "1 clause could not be judged for a fault of the suite: A-5; 1 clause could not be judged: A-3"},
		{"one unsure", []results.ClauseResult{pass, unsure, unseen}, nil, "inconclusive", 7, "1 clause could not be judged: A-3; 1 MUST clause was not provoked: A-4"},
		{"one not provoked", []results.ClauseResult{pass, unseen}, nil, "no failure found, incomplete (1 MUST clauses not provoked)", 7, "1 MUST clause was not provoked: A-4"},
		{"an open choice alone", []results.ClauseResult{verdict("A-9", results.ClauseInfo, "MUST")}, nil, "no failure found, incomplete (1 MUST clauses not provoked)", 7, "1 MUST clause was not provoked: A-9"},
		{"decisions of this project do not decide", []results.ClauseResult{pass, aside(fail), aside(unsure), aside(unseen)}, nil, "conformant", 0, ""},
		{"but a fault of the suite does", []results.ClauseResult{pass, aside(broken)}, nil, "inconclusive", 1, "1 clause could not be judged for a fault of the suite: A-5"},
		{"a known failure", []results.ClauseResult{pass, known(fail)}, nil, "conformant", 0, ""},
		{"an entry that does not hold", []results.ClauseResult{pass}, []results.KnownFailure{{Clause: "A-1", Problem: "no longer fails"}}, "not conformant", 4, "1 entry of the known failures does not hold: A-1 (no longer fails)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := results.Conform{Clauses: c.clauses, Known: c.known}
			Conclude(&r)
			if r.Headline != c.headline || r.ExitCode != c.exit || strings.Join(r.Reasons, "; ") != c.reasons {
				t.Errorf("%s, exit %d, %q; want %s, exit %d, %q", r.Headline, r.ExitCode, strings.Join(r.Reasons, "; "), c.headline, c.exit, c.reasons)
			}
			sum := 0
			for _, w := range results.ClauseWords {
				sum += r.Counts[w]
			}
			if sum != len(c.clauses) || len(r.Counts) != len(results.ClauseWords) {
				t.Errorf("counts %v of %d clauses", r.Counts, len(c.clauses))
			}
		})
	}
}

func TestKnownFailures(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	clauses := []results.ClauseResult{
		verdict("RSP-9", results.ClauseFail, "MUST"), verdict("RSP-7", results.ClauseWarn, "SHOULD"), verdict("RSP-1", results.ClausePass, "MUST"),
		verdict("RSP-2", results.ClauseInconclusive, "MUST"), verdict("RSP-3", results.ClauseFail, "MUST"),
	}
	list := applyKnown(clauses, []results.KnownFailure{
		{Clause: "RSP-9", Reason: "a release", Expires: "2026-07-01"}, {Clause: "RSP-7", Reason: "words", Expires: "2030-01-01"},
		{Clause: "RSP-1", Reason: "was broken", Expires: "2030-01-01"}, {Clause: "RSP-2", Reason: "nobody knows", Expires: "2030-01-01"},
		{Clause: "RSP-3", Reason: "too late", Expires: "2026-06-29"}, {Clause: "LOD-1", Reason: "of another profile", Expires: "2030-01-01"},
	}, now)
	want := map[string]string{"RSP-1": "no longer fails", "RSP-3": "expired on 2026-06-29"}
	for _, k := range list {
		if k.Problem != want[k.Clause] {
			t.Errorf("%s: problem %q, want %q", k.Clause, k.Problem, want[k.Clause])
		}
	}
	expected := map[string]string{"RSP-9": "a release (until 2026-07-01)", "RSP-7": "words (until 2030-01-01)"}
	for _, c := range clauses {
		if c.Known != expected[c.ID] {
			t.Errorf("%s: known %q, want %q", c.ID, c.Known, expected[c.ID])
		}
	}
}

func TestKnownFailuresFile(t *testing.T) {
	const head = "apiVersion: bindaxb/known-failures/v1\nfailures:\n"
	list, err := ParseKnown("known.yaml", []byte(head+"  - {clause: RSP-9, reason: a release, expires: 2027-01-31}\n"))
	if err != nil || len(list) != 1 || list[0] != (results.KnownFailure{Clause: "RSP-9", Reason: "a release", Expires: "2027-01-31"}) {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, bad := range []struct{ entry, want string }{
		{"{clause: RSP-99, reason: x, expires: 2027-01-31}", "no clause is called so"},
		{"{clause: RSP-9, reason: x, expires: soon}", "not a date"},
		{"{clause: RSP-9, reason: x}", "expires"},
		{`{clause: RSP-9, reason: "", expires: 2027-01-31}`, "no value"},
		{"{clause: RSP-9, reason: x, expires: 2027-01-31}\n  - {clause: RSP-9, reason: y, expires: 2027-01-31}", "stands before"},
		{"{clause: RSP-9, reason: x, expires: 2027-01-31, why: y}", "why"},
	} {
		if _, err := ParseKnown("known.yaml", []byte(head+"  - "+bad.entry+"\n")); err == nil || !strings.Contains(err.Error(), bad.want) || !strings.Contains(err.Error(), "known.yaml") {
			t.Errorf("%s: %v, want %q", bad.entry, err, bad.want)
		}
	}
}

func TestChanges(t *testing.T) {
	choice := func(id, value string) results.Choice { return results.Choice{ID: id, Value: value} }
	before := []results.Choice{choice("zone", "UTC"), choice("hyphen", "refused"), choice("a", unknownChoice), choice("b", "x"), choice("gone", "x")}
	now := []results.Choice{choice("zone", "+08:00"), choice("hyphen", "refused"), choice("a", "x"), choice("b", unknownChoice), choice("new", "x")}
	if got := changes(before, now); len(got) != 1 || got[0] != (results.ChoiceChange{ID: "zone", Before: "UTC", Now: "+08:00"}) {
		t.Errorf("%+v", got)
	}
	if got := changes(nil, now); got == nil || len(got) != 0 {
		t.Errorf("without a run before: %+v, want an empty list", got)
	}
}

func TestOutcomesOfACode(t *testing.T) {
	table := outcomes{pass: []string{"isv.BIND_CONFLICT"}, warn: []string{"isv.NO_AVAILABLE_NUMBER", "Missing*"}, skip: []string{anyGateway}}
	pass, warn, skip, fail := results.ClausePass, results.ClauseWarn, results.ClauseNotProvoked, results.ClauseFail
	for _, c := range []struct {
		table outcomes
		code  string
		want  results.ClauseWord
	}{
		{table, "isv.BIND_CONFLICT", pass},
		{table, "isv.NO_AVAILABLE_NUMBER", warn},
		{table, "MissingPoolKey", warn}, // the first list that has it decides
		{table, "SignatureDoesNotMatch", skip},
		{table, "isv.ILLEGAL_ARGUMENT", fail},
		{table, "isv.BIND_CONFLICTS", fail},
		{table, "ISV.BIND_CONFLICT", fail},
		{table, "OK", fail},
		{oneOf(anyBusiness), "isv.FLOW_LIMIT", pass},
		{oneOf(anyBusiness), "isp.SYSTEM_ERROR", fail},
		{oneOf(anyBusiness), "SignatureNonceUsed", fail},
		{oneOf(anyBusiness), "isv.UNHEARD_OF", fail},
		{oneOf(anyBusiness), "OK", fail},
		{oneOf(anyRefusal), "isp.SYSTEM_ERROR", pass},
		{oneOf(anyRefusal), "SignatureNonceUsed", pass},
		{oneOf(anyRefusal), "OK", fail},
		{oneOf(anyRefusal), "isv.UNHEARD_OF", fail},
		{oneOf(anyGateway), "isv.FLOW_LIMIT", fail},
		{oneOf("O*"), "OK", fail},
		{must("isv.FLOW_LIMIT").orSkip("Throttling*"), "Throttling.User", skip},
		{must("isv.FLOW_LIMIT").orWarn("isv.BIND_CONFLICT"), "isv.BIND_CONFLICT", warn},
	} {
		if got := c.table.word(c.code, contract.Edition2019.Find([]byte(c.code))); got != c.want {
			t.Errorf("%s of %+v: %s, want %s", c.code, c.table, got, c.want)
		}
	}
	if first, other := must("a").orWarn("b"), must("a").orWarn("b"); true {
		_ = first.orWarn("c")
		if len(first.warn) != 1 || len(other.warn) != 1 {
			t.Error("a table was changed by one made of it")
		}
	}
}

// TestNothingSelectedIsAnError: a filter that matches nothing does not end well.
func TestNothingSelectedIsAnError(t *testing.T) {
	for _, c := range []struct{ profile, only, want string }{
		{"seed", "RSP-99", `no clause is called "RSP-99"`},
		{"seed", "rsp-9", `no clause is called "rsp-9"`},
		{"seed", "SIG-9", "clause SIG-9 is of profile pop: ask for --profile pop"},
		{"gold", "", `unknown profile "gold", accepted: seed, pop, doc2019, strict`},
	} {
		cfg := Config{Profile: c.profile}
		if c.only != "" {
			cfg.Only = []string{c.only}
		}
		got, err := Run(t.Context(), cfg)
		if err == nil || err.Error() != c.want || got != nil {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
		var unknown *UnknownClause
		if c.only != "" && !errors.As(err, &unknown) {
			t.Errorf("%v is no *UnknownClause", err)
		}
	}
}
