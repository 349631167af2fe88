package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"axbench/results"

	"golang.org/x/net/html"
)

func conformHTML(t *testing.T, rec *results.ConformRecord) string {
	return conformHTMLIn(t, rec, english)
}

func conformHTMLIn(t *testing.T, rec *results.ConformRecord, l language) string {
	t.Helper()
	var b bytes.Buffer
	if err := ConformHTML(&b, rec, HTMLOptions{Lang: string(l)}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func conformJUnit(t *testing.T, rec *results.ConformRecord) string {
	t.Helper()
	var b bytes.Buffer
	if err := ConformJUnit(&b, rec); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parsedJUnit is what a CI system reads, written down a second time.
type parsedJUnit struct {
	parsedCounts
	Suites []struct {
		parsedCounts
		Name  string `xml:"name,attr"`
		Cases []struct {
			Name    string         `xml:"name,attr"`
			Time    string         `xml:"time,attr"`
			Failure *parsedMessage `xml:"failure"`
			Skipped *parsedMessage `xml:"skipped"`
			Error   *parsedMessage `xml:"error"`
			Out     string         `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type parsedMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
}

type parsedCounts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"`
}

func parseJUnit(t *testing.T, text string) *parsedJUnit {
	t.Helper()
	p := &parsedJUnit{}
	if err := xml.Unmarshal([]byte(text), p); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

// wordsOf counts the verdicts that a reader of JUnit can tell apart by elements alone. A failure that is known is one by its record.
func (p *parsedJUnit) words(t *testing.T) results.WordCounts {
	t.Helper()
	counts := results.WordCounts{}
	for _, s := range p.Suites {
		if s.Name == junitKnown {
			continue
		}
		for _, c := range s.Cases {
			word := results.ClausePass
			switch {
			case c.Failure != nil:
				word = results.ClauseFail
			case c.Error != nil && c.Error.Type == "inconclusive":
				word = results.ClauseInconclusive
			case c.Error != nil:
				word = results.ClauseError
			case c.Skipped != nil && strings.HasPrefix(c.Skipped.Message, "NOT_PROVOKED: "):
				word = results.ClauseNotProvoked
			case c.Skipped != nil && strings.HasPrefix(c.Skipped.Message, "NOT_APPLICABLE: "):
				word = results.ClauseNotApplicable
			case c.Skipped != nil && strings.HasPrefix(c.Skipped.Message, "known failure until "):
				word = results.ClauseFail
			case c.Skipped != nil:
				t.Errorf("%s is skipped for %q", c.Name, c.Skipped.Message)
			case strings.HasPrefix(strings.TrimSpace(c.Out), "WARN "):
				word = results.ClauseWarn
			case strings.HasPrefix(strings.TrimSpace(c.Out), "INFO "):
				word = results.ClauseInfo
			}
			counts[word]++
		}
	}
	return counts
}

// TestConformReportsAgree is SLF-1: JUnit, HTML, JSON and the text, read back, have the counts of the record.
func TestConformReportsAgree(t *testing.T) {
	for i := range conformSamples {
		name := conformSamples[i].name
		t.Run(name, func(t *testing.T) {
			rec := conformRecord(t, name)
			want := map[results.ClauseWord]int{}
			for w, n := range rec.Conform.Counts {
				if n > 0 {
					want[w] = n
				}
			}
			for what, got := range map[string]results.WordCounts{
				"JUnit": parseJUnit(t, conformJUnit(t, rec)).words(t), "HTML": htmlWords(t, conformHTML(t, rec)), "JSON": jsonWords(t, rec.Dir),
				"text": textWords(conformText(t, rec, TextOptions{Verbose: true}), rec),
			} {
				if !reflect.DeepEqual(map[results.ClauseWord]int(got), want) {
					t.Errorf("%s has %v, the record %v", what, got, want)
				}
			}
		})
	}
}

func jsonWords(t *testing.T, dir string) results.WordCounts {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, results.ConformFile))
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Clauses []struct{ Verdict results.ClauseWord }
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	counts := results.WordCounts{}
	for _, c := range v.Clauses {
		counts[c.Verdict]++
	}
	return counts
}

func textWords(text string, rec *results.ConformRecord) results.WordCounts {
	counts := results.WordCounts{}
	for _, c := range rec.Conform.Clauses {
		for _, w := range results.ClauseWords {
			if strings.Contains(text, " "+string(w)+" "+c.ID+" · ") {
				counts[w]++
			}
		}
	}
	return counts
}

// walk visits every node of a page.
func walk(n *html.Node, f func(*html.Node)) {
	f(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, f)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func parseHTML(t *testing.T, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func htmlWords(t *testing.T, page string) results.WordCounts {
	t.Helper()
	counts := results.WordCounts{}
	walk(parseHTML(t, page), func(n *html.Node) {
		if n.Type == html.ElementNode && attr(n, "data-clause") != "" {
			counts[results.ClauseWord(attr(n, "data-verdict"))]++
		}
	})
	return counts
}

// The counts in JUnit's attributes are those of its elements, and every suite says how long it took.
func TestConformJUnitCounts(t *testing.T) {
	for i := range conformSamples {
		p := parseJUnit(t, conformJUnit(t, conformRecord(t, conformSamples[i].name)))
		var all parsedCounts
		for _, s := range p.Suites {
			var n parsedCounts
			for _, c := range s.Cases {
				n.Tests++
				switch {
				case c.Failure != nil:
					n.Failures++
				case c.Error != nil:
					n.Errors++
				case c.Skipped != nil:
					n.Skipped++
				}
			}
			if n.Time = s.Time; n != s.parsedCounts {
				t.Errorf("%s, %s: %+v, its elements %+v", conformSamples[i].name, s.Name, s.parsedCounts, n)
			}
			if d, err := strconv.ParseFloat(s.Time, 64); err != nil || d < 0 {
				t.Errorf("%s, %s: time %q", conformSamples[i].name, s.Name, s.Time)
			}
			all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+n.Tests, all.Failures+n.Failures, all.Errors+n.Errors, all.Skipped+n.Skipped
		}
		if all.Time = p.Time; all != p.parsedCounts || all.Time != "83.000" {
			t.Errorf("%s: %+v, its suites %+v", conformSamples[i].name, p.parsedCounts, all)
		}
	}
}

// A known failure is skipped, and an entry that does not hold is a failing test of its own.
func TestConformJUnitKnownFailures(t *testing.T) {
	rec := conformRecord(t, "nonconformant")
	find := func(suite, name string) (message string, failed bool, found bool) {
		for _, s := range parseJUnit(t, conformJUnit(t, rec)).Suites {
			for _, c := range s.Cases {
				if strings.HasPrefix(s.Name, suite) && c.Name == name {
					if c.Skipped != nil {
						message = c.Skipped.Message
					}
					return message, c.Failure != nil, true
				}
			}
		}
		return "", false, false
	}
	if message, failed, found := find("PRM", "PRM-EXP-3"); !found || failed || message != "known failure until 2026-12-31: the vendor repairs it in the next version" {
		t.Errorf("%q, failed %v, found %v", message, failed, found)
	}
	for _, id := range []string{"SIG-2", "RSP-14"} {
		if _, failed, found := find(junitKnown, id); !failed || !found {
			t.Errorf("%s: failed %v, found %v", id, failed, found)
		}
	}
	if _, _, found := find(junitKnown, "PRM-EXP-3"); found {
		t.Error("an entry that holds is a test")
	}
	for i := range rec.Conform.Known { // an entry that is over covers nothing
		rec.Conform.Known[i].Problem = "expired on 2026-01-31"
	}
	if _, failed, _ := find("PRM", "PRM-EXP-3"); !failed {
		t.Error("a failure is covered by an entry that is over")
	}
}

// The page stands alone, every clause can be pointed at, and every link leads somewhere.
func TestConformHTMLStandsAlone(t *testing.T) {
	for i := range conformSamples {
		rec := conformRecord(t, conformSamples[i].name)
		ids := checkPage(t, conformHTML(t, rec), pageStyles[:1], pageScripts[:1], nil)
		for _, c := range rec.Conform.Clauses {
			if ids[c.ID] != 1 {
				t.Errorf("%s: %d elements have the id %s", rec.Dir, ids[c.ID], c.ID)
			}
		}
	}
}

func TestConformGoldenOfTools(t *testing.T) {
	for i := range conformSamples {
		name := conformSamples[i].name
		rec := conformRecord(t, name)
		golden(t, "conform/"+name+".xml", []byte(conformJUnit(t, rec)))
		golden(t, "conform/"+name+".html", []byte(withoutAssets(t, conformHTML(t, rec))))
		golden(t, "conform/"+name+".zh.html", []byte(withoutAssets(t, conformHTMLIn(t, rec, chinese))))
	}
}
