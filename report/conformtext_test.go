package report

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"axbench/results"
)

func conformText(t *testing.T, rec *results.ConformRecord, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := ConformText(&b, rec, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestConformTextGolden(t *testing.T) {
	for i := range conformSamples {
		name := conformSamples[i].name
		t.Run(name, func(t *testing.T) {
			rec := conformRecord(t, name)
			golden(t, "conform/"+name+".txt", []byte(conformText(t, rec, TextOptions{})))
			if name == "nonconformant" {
				golden(t, "conform/"+name+".ascii.txt", []byte(conformText(t, rec, TextOptions{ASCII: true, Width: 80})))
				golden(t, "conform/"+name+".color.txt", []byte(conformText(t, rec, TextOptions{Color: true, Verbose: true})))
			}
		})
	}
}

// TestConformSamplesHaveEveryWord: the golden reports show each verdict at least once.
func TestConformSamplesHaveEveryWord(t *testing.T) {
	rec := conformRecord(t, "nonconformant")
	for _, w := range results.ClauseWords {
		if rec.Conform.Counts[w] == 0 {
			t.Errorf("no clause is %s", w)
		}
	}
}

func TestConformTextFitsTheWidth(t *testing.T) {
	for i := range conformSamples {
		for _, o := range []TextOptions{{}, {Width: 80}, {ASCII: true, Verbose: true}} {
			for _, l := range strings.Split(conformText(t, conformRecord(t, conformSamples[i].name), o), "\n") {
				if most := max(o.Width, 100); width(l) > most && o.Width == 0 || o.Width > 0 && width(l) > o.Width {
					t.Errorf("%s, %+v: %d cells: %s", conformSamples[i].name, o, width(l), l)
				}
			}
		}
	}
}

// TestConformTextSays holds what no report may leave out, sample by sample, whatever the layout.
func TestConformTextSays(t *testing.T) {
	cases := map[string]struct{ says, not []string }{
		"nonconformant": {[]string{"NOT CONFORMANT", "exit code 4", "PRM-A-5 · MUST · bindaxb-doc:152", "A malformed number gets isv.MOBILE_NUMBER_ILLEGAL.",
			"got HTTP 200, OK", "line 1 of evidence.ndjson", "axbench conform --target https://vendor.example/ --only PRM-A-5 --profile pop \\ --provision 'our vendor.yaml'",
			"0 of 1,840, below 4.61/1,840 = 0.25 % with 99 % confidence: TRN-7, TRN-8, RSP-1", "5 of 22 clauses (22.73 %) were not provoked",
			"P3 accounts or keys in special states: 2 clauses", "codes observed 9 of 23, provoked 7 of 23", "changed: same_pair was conflict, is now another X",
			"SIG-2 until 2026-12-31: the old gateway did not look · NO LONGER FAILS: a failure itself", "axbench cleanup testdata/conform/nonconformant",
			"isv.PARTNER_IS_CLOSED: no partner model in this product", "does not decide the headline", "no answer: timeout", `\u001b[31m`},
			[]string{"\x1b", "✓ PASS ACC-3"}},
		"conformant": {[]string{"CONFORMANT", "exit code 0", "5 clauses: 5 PASS", "codes observed 23 of 23"}, []string{"NOT CONFORMANT", "Not provoked", " again "}},
		"incomplete": {[]string{"NO FAILURE FOUND, INCOMPLETE (2 MUST CLAUSES NOT PROVOKED)", "exit code 7", "only ACC-1 ACC-3 ACC-4", "declared nothing",
			"2 of 3 clauses (66.67 %) were not provoked"}, []string{"NOT CONFORMANT", "RSP"}},
		"inconclusive": {[]string{"INCONCLUSIVE", "exit code 7", "the target cannot be reached"}, []string{"NOT CONFORMANT", "✓ PASS ACC"}},
	}
	for name, c := range cases {
		flat := strings.Join(strings.Fields(conformText(t, conformRecord(t, name), TextOptions{})), " ")
		for _, s := range c.says {
			if !strings.Contains(flat, s) {
				t.Errorf("%s does not say %q", name, s)
			}
		}
		for _, s := range c.not {
			if strings.Contains(flat, s) {
				t.Errorf("%s says %q", name, s)
			}
		}
	}
}

// TestConformTextNamesEveryClause: what is neither PASS nor untested stands in its chapter, and with Verbose everything does. The untested
// ones stand together.
func TestConformTextNamesEveryClause(t *testing.T) {
	rec := conformRecord(t, "nonconformant")
	short, long := conformText(t, rec, TextOptions{}), conformText(t, rec, TextOptions{Verbose: true})
	for _, c := range rec.Conform.Clauses {
		head := wordOf(c.Verdict, Escape).Mark + " " + string(c.Verdict) + " " + c.ID + " "
		if !strings.Contains(long, head) {
			t.Errorf("with Verbose no %q", head)
		}
		quiet := c.Verdict == results.ClausePass || c.Verdict == results.ClauseNotProvoked
		if strings.Contains(short, head) == quiet {
			t.Errorf("%q: in its chapter %v, want %v", head, quiet, !quiet)
		}
		if c.Verdict == results.ClauseNotProvoked && !strings.Contains(short, c.ID) {
			t.Errorf("%s is not named", c.ID)
		}
	}
}

func TestConformTextOfAPartialRun(t *testing.T) {
	dir := t.TempDir()
	w, err := results.CreateConform(dir, nonconformantSample())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rec, err := results.OpenConform(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := conformText(t, rec, TextOptions{})
	for _, s := range []string{"INCONCLUSIVE · exit code 7", "still going on or was killed", "no clause was judged"} {
		if !strings.Contains(got, s) {
			t.Errorf("no %q in\n%s", s, got)
		}
	}
}

func TestShellQuote(t *testing.T) {
	cases := map[string]string{
		"emulator": "emulator", "https://vendor.example:8443/a-b_c": "https://vendor.example:8443/a-b_c", "": "''", "a b": "'a b'",
		"$(rm -rf ~)": "'$(rm -rf ~)'", "it's": `'it'\''s'`, "-x": "'-x'", "a;b&c|d": "'a;b&c|d'", "a\nb": "'a\nb'", "`x`": "'`x`'",
	}
	for in, want := range cases {
		if got := shellQuote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestConformWriteError(t *testing.T) {
	rec := &results.ConformRecord{}
	for name, f := range map[string]func() error{
		"text":  func() error { return ConformText(brokenWriter{}, rec, TextOptions{}) },
		"junit": func() error { return ConformJUnit(brokenWriter{}, rec) },
		"html":  func() error { return ConformHTML(brokenWriter{}, rec, HTMLOptions{}) },
	} {
		if err := f(); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v, want the writer's error", name, err)
		}
	}
}

// Every need of a clause has its words, and every chapter its place.
func TestConformWordsAreWhole(t *testing.T) {
	for _, w := range results.ClauseWords {
		if wordOf(w, Escape).Class == "unknown" {
			t.Errorf("no words for %s", w)
		}
	}
	if len(conformWords) != len(results.ClauseWords) || !slices.IsSortedFunc(conformWords, func(a, b wordView) int {
		return rank(results.ClauseWord(a.Word)) - rank(results.ClauseWord(b.Word))
	}) {
		t.Error("conformWords does not have the order of reports")
	}
}
