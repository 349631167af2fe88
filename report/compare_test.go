package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"axbench/results"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

func compareReport(t testing.TB, c *Compared, format string, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCompare(&b, c, format, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCompareGolden(t *testing.T) {
	for i := range compareSamples {
		s := &compareSamples[i]
		t.Run(s.name, func(t *testing.T) {
			c := compareSampleOf(t, s)
			text := compareReport(t, c, "text", Options{})
			golden(t, "compare/"+s.name+".txt", []byte(text))
			for n, line := range strings.Split(text, "\n") {
				if w := width(line); w > defaultWidth {
					t.Errorf("line %d has %d cells: %s", n+1, w, line)
				}
			}
			if s.name == "worse" {
				golden(t, "compare/"+s.name+".ascii.txt", []byte(compareReport(t, c, "text", Options{Text: TextOptions{ASCII: true, Width: 80}})))
				golden(t, "compare/"+s.name+".color.txt", []byte(compareReport(t, c, "text", Options{Text: TextOptions{Color: true, Width: 140}})))
			}
			golden(t, "compare/"+s.name+".md", []byte(compareReport(t, c, "markdown", Options{})))
			golden(t, "compare/"+s.name+".xml", []byte(compareReport(t, c, "junit", Options{})))
			golden(t, "compare/"+s.name+".html", []byte(withoutAssets(t, compareReport(t, c, "html", Options{}))))
			golden(t, "compare/"+s.name+".zh.html", []byte(withoutAssets(t, compareReport(t, c, "html", Options{HTML: HTMLOptions{Lang: "zh"}}))))
			file, err := os.ReadFile(filepath.Join("testdata", "compare", s.name+".json"))
			if got := compareReport(t, c, "json", Options{}); err != nil || got != string(file) {
				t.Errorf("as JSON it is another than the file: %v\n%s", err, firstDifference(got, string(file)))
			}
		})
	}
}

// TestCompareSays holds what no report of a comparison may leave out, whatever the layout and the language.
func TestCompareSays(t *testing.T) {
	cases := map[string]struct{ says, zh []string }{
		"worse":        {[]string{"WORSE", "exit code 5", "+11.2 %", "+7.1 % to +15.2 %", "> 10.0 s", "isv.MYSTERY_ERROR", "RSP-9", "newly broken", "in peak", "1.4 times as many calls"}, []string{"性能退化", "新出现未规定的错误码 isv.MYSTERY_ERROR", "新被违反"}},
		"better":       {[]string{"BETTER", "exit code 0", "-25.0 %", "perhaps better"}, []string{"变好", "从 20ms 变为 15ms"}},
		"same":         {[]string{"SAME", "exit code 0", "+0.5 %", "-0.01 pt"}, []string{"持平"}},
		"inconclusive": {[]string{"INCONCLUSIVE", "exit code 7", "is wider than the minimum effect of 8ms", "12 times as many calls"}, []string{"约需 12 倍的请求数"}},
		"undecided":    {[]string{"exit code 6", "decides nothing: it is invalid"}, []string{"不能作为依据"}},
	}
	for i := range compareSamples {
		name := compareSamples[i].name
		c, want := compareSampleOf(t, &compareSamples[i]), cases[name]
		reports := map[string]string{"text": compareReport(t, c, "text", Options{Text: TextOptions{Width: 1 << 16}}), "html": strings.ReplaceAll(pageText(t, compareReport(t, c, "html", Options{})), " – ", " to ")}
		for _, f := range []string{"markdown", "junit"} {
			reports[f] = strings.ReplaceAll(compareReport(t, c, f, Options{}), "&gt;", ">")
		}
		for format, got := range reports {
			for _, s := range want.says {
				if s == "in peak" && format == "html" || s == "in peak" && format == "text" {
					s = "peak"
				}
				if !strings.Contains(got, s) {
					t.Errorf("%s of %s does not say %q", format, name, s)
				}
			}
		}
		zh := pageText(t, compareReport(t, c, "html", Options{HTML: HTMLOptions{Lang: "zh"}}))
		for _, s := range want.zh {
			if !strings.Contains(zh, s) {
				t.Errorf("the Chinese page of %s does not say %q", name, s)
			}
		}
	}
}

// TestCompareJUnitIsAsRed: the document is red exactly where the exit code is not 0.
func TestCompareJUnitIsAsRed(t *testing.T) {
	for i := range compareSamples {
		c := compareSampleOf(t, &compareSamples[i])
		p := &parsedJUnit{}
		if err := xml.Unmarshal([]byte(compareReport(t, c, "junit", Options{})), p); err != nil {
			t.Fatal(err)
		}
		if red := p.Failures+p.Errors > 0; red != (c.ExitCode != 0) {
			t.Errorf("%s: %d failures and %d errors at exit code %d", compareSamples[i].name, p.Failures, p.Errors, c.ExitCode)
		}
	}
}

// TestComparePageWithoutRuns: a page of which the runs cannot be read says so and keeps its tables.
func TestComparePageWithoutRuns(t *testing.T) {
	c := compareSampleOf(t, &compareSamples[0])
	c.NewRuns[0].Dir = "nowhere"
	page := pageText(t, compareReport(t, c, "html", Options{}))
	if !strings.Contains(page, "There are no charts: ") || !strings.Contains(page, "typical(offered)") {
		t.Errorf("the page reads\n%s", page)
	}
	c.BaseRuns, c.NewRuns = nil, nil
	if page := compareReport(t, c, "html", Options{}); strings.Contains(page, "<figure") {
		t.Error("there are charts of nothing")
	}
}

// checkCompare makes every report of c and holds what must be true of any: what came from outside is text and nothing else.
func checkCompare(t failer, c *Compared, languages ...string) {
	t.Helper()
	for _, o := range []TextOptions{{}, {ASCII: true, Width: 1}, {Width: 1 << 20}, {Color: true, Width: 80}} {
		var b strings.Builder
		if err := CompareText(&b, c.Comparison, o); err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		if !utf8.ValidString(b.String()) {
			t.Fatalf("%+v: the report is no UTF-8", o)
		}
		checkTerminal(t, b.String(), o)
	}
	var m, x strings.Builder
	if err := CompareMarkdown(&m, c.Comparison); err != nil {
		t.Fatalf("Markdown: %v", err)
	}
	checkMarkdown(t, m.String())
	if err := CompareJUnit(&x, c.Comparison); err != nil {
		t.Fatalf("JUnit: %v", err)
	}
	checkTerminal(t, x.String(), TextOptions{})
	if err := xml.Unmarshal([]byte(x.String()), &parsedJUnit{}); err != nil {
		t.Fatalf("JUnit: %v", err)
	}
	for _, lang := range languages {
		var h strings.Builder
		if err := CompareHTML(&h, c, HTMLOptions{Lang: lang}); err != nil {
			t.Fatalf("HTML: %v", err)
		}
		rows := 0
		checkPage(t, h.String(), pageStyles, compareScripts, func(n *html.Node) {
			if n.Data == "tr" && hasAttr(n, "data-metric") {
				rows++
			}
		})
		if rows != len(c.Metrics) {
			t.Fatalf("HTML has %d rows for %d metrics", rows, len(c.Metrics))
		}
	}
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func TestCompareOfHostileTexts(t *testing.T) {
	for n, s := range hostileTexts {
		c := compareSampleOf(t, &compareSamples[n%len(compareSamples)])
		fill(reflect.ValueOf(c.Comparison).Elem(), s, false)
		checkCompare(t, c, Languages...)
		c = compareSampleOf(t, &compareSamples[0]) // verdicts stay: every branch is reached
		c.Reasons, c.Notes, c.Base[0].Dir, c.New[0].Target = []string{s}, []string{s}, s, s
		c.Codes[0].Code, c.Codes[1].Reason, c.Clauses[0].Sentence, c.Metrics[0].Name, c.Metrics[1].Reason = s, s, s, s, s
		checkCompare(t, c, Languages[n%len(Languages)])
	}
}

func TestCompareOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &Compared{Comparison: &results.Comparison{}}
		hostile(t, reflect.ValueOf(c.Comparison).Elem(), 0)
		checkCompare(t, c, rapid.SampledFrom(Languages).Draw(t, "language"))
	})
}

func FuzzCompareOfJSON(f *testing.F) {
	for i := range compareSamples {
		data, err := os.ReadFile(filepath.Join("testdata", "compare", compareSamples[i].name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"verdict":"\u001b[31m","metrics":[{"name":"<b>","unit":"ns","base":1e308,"delta":-1e308,"low":1e308,"min_effect":-1e308,"verdict":"worse"}],"generator":[{"name":"x|y","base":1e308}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &Compared{Comparison: &results.Comparison{}}
		if json.Unmarshal(data, c.Comparison) == nil {
			checkCompare(t, c, Languages...)
		}
	})
}

func TestCheckCompareFormat(t *testing.T) {
	for _, f := range CompareFormats() {
		if err := CheckCompareFormat(f); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	if err := CheckCompareFormat("csv"); err == nil || !strings.Contains(err.Error(), "a comparison has no report of format") {
		t.Errorf("csv: %v", err)
	}
	if err := WriteCompare(&bytes.Buffer{}, &Compared{}, "nosuch", Options{}); err == nil || !strings.Contains(err.Error(), "unknown format") {
		t.Errorf("nosuch: %v", err)
	}
}
