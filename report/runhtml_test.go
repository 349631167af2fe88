package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"axbench/results"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

func runHTML(t *testing.T, rec *results.Record, o HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := RunHTML(&b, rec, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRunHTMLGolden(t *testing.T) {
	for i := range samples {
		name := samples[i].name
		rec, err := results.Open("testdata/runs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".html", []byte(withoutAssets(t, runHTML(t, rec, HTMLOptions{}))))
		golden(t, name+".zh.html", []byte(withoutAssets(t, runHTML(t, rec, HTMLOptions{Lang: "zh"}))))
	}
}

// checkRunHTML makes the page in these languages and holds what must be true of any, and that it is in its order.
func checkRunHTML(t failer, rec *results.Record, languages ...string) {
	t.Helper()
	for _, lang := range languages {
		var b strings.Builder
		if err := RunHTML(&b, rec, HTMLOptions{Lang: lang}); err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		var sections, figures []string
		checkPage(t, b.String(), pageStyles, pageScripts, func(n *html.Node) {
			switch {
			case n.Data == "section":
				sections = append(sections, attr(n, "id"))
			case n.Data == "figure":
				figures = append(figures, attr(n, "data-chart"))
			}
		})
		if !slices.Equal(sections, RunSectionNames) {
			t.Fatalf("%s: the sections are %q", lang, sections)
		}
		if want := []string{"rate", "flight", "latency", "codes", "generator", "heat", "curve"}; !slices.Equal(figures, want) {
			t.Fatalf("%s: the charts are %q", lang, figures)
		}
	}
}

// pageText is what a reader sees of a page, with single blanks.
func pageText(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	walk(parseHTML(t, page), func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(n.Data + " ")
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// TestRunHTMLSays holds what no page may leave out, sample by sample, whatever the layout.
func TestRunHTMLSays(t *testing.T) {
	cases := map[string]struct{ says, zh, not []string }{
		"pass": {[]string{"PASS", "exit code 0: every rule held", "p99(offered) < 50ms", "+75.8 %", "below 0.14 % with 99 % confidence", "unique over all 3,200",
			"planned 3,200 = done 3,200 + failed 0 + unfinished 0 + dropped 0 + not offered 0", "号码格式非法", "illegal number format"}, []string{"通过", "退出码 0：所有 SLO 均达标", "置信区间"},
			[]string{"FAIL", closedSentence, "axbench cleanup"}},
		"slo-missed": {[]string{"FAIL", "exit code 3: an SLO was missed", "> 10.0 s", "no data", "-9,901 % or worse", "no upper end", "axbench cleanup testdata/runs/slo-missed",
			"1,868 bindings are still live"}, []string{"仍有 1,868 个绑定生效", "或更差"}, []string{"PARTIAL"}},
		"aborted": {[]string{"FAIL", "exit code 3: an SLO was missed", "was missed at 8s: it is 223ms, from 6s to 8s; the run was stopped", "it stopped the run at 8.00 s; worst window: second 6 to 8; windows judged: 6, missed: 1; with too few samples: 1",
			"windows judged: 0, missed: 0; with too few samples: 4", "219 ms – 231 ms", "221 ms – no upper end", "-6,000 were not sent"}, []string{"该规则在 8.00 s 时停止了运行；最差窗口：第 6 秒至第 8 秒",
			"p99.9 需要 3,688 个样本，任何 5s 的窗口中都不超过 2,000 个", "在 8s 时未达标：实测值 223ms，第 6 秒至第 8 秒；运行已停止", "运行因 p99(offered) < 200ms over 2s in ramp, main 而停止"}, []string{"INVALID"}},
		"nonconformant": {[]string{"NOT CONFORMANT", "exit code 4: the target broke the document", "1 undocumented code", "isv.MYSTERY_ERROR", "RSP-9", "broken by 3 of 600 answers, 0.50 %",
			"SecretBindDTO: expected an object", "over the first 500 of 600", "Documented, never seen: 3", `\x1b[31m神秘\u202e`, "exchange, line 2 of evidence.ndjson"},
			[]string{"1 个未规定的错误码", "2 条被违反的条款", "the clock of the target is 3 s ahead"}, nil},
		"closed":  {[]string{closedSentence, "PASS", "proxy.test:3128", "runtime timer (up to 1 ms late)"}, []string{"闭环模型：正在等待应答的调用方不会发出新请求"}, nil},
		"invalid": {[]string{"INVALID", "exit code 6", "not valid: the numbers do not describe the target", "p99 14.0 ms, max 31.0 ms"}, []string{"结果无效"}, []string{"valid: the generator kept"}},
		"fleet":   {[]string{"INVALID", "exit code 6", "generator 2 (load-c) was lost", "controller"}, []string{"结果无效", "控制端"}, []string{"of 2 cores"}}, // more at TestFleetSays
		"partial": {[]string{"PARTIAL", "no exit code yet", "not ended; on disk up to 3s"}, []string{"运行没有写下结尾：按已记录的 3 秒统计"}, []string{"PASS", "exit code 0"}},
		"no-data": {[]string{"NO DATA", "exit code 7", "refused", "no call was measured"}, []string{"没有测得任何请求"}, nil},
		"bounds":  {[]string{"INTERRUPTED", "exit code 130", "> 10.0 s", "all recorded phases", "step-1", "40 calls without an answer may have bound"}, []string{"40 个没有应答的请求可能已绑定成功"}, nil},
	}
	for i := range samples {
		name := samples[i].name
		c, ok := cases[name]
		if !ok {
			t.Errorf("nothing is asked of %s", name)
		}
		rec, err := results.Open("testdata/runs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		checkRunHTML(t, rec, Languages...)
		en, zh := pageText(t, runHTML(t, rec, HTMLOptions{})), pageText(t, runHTML(t, rec, HTMLOptions{Lang: "zh"}))
		for _, s := range c.says {
			if !strings.Contains(en, s) {
				t.Errorf("%s does not say %q", name, s)
			}
		}
		for _, s := range c.zh {
			if !strings.Contains(zh, s) {
				t.Errorf("%s does not say %q", name, s)
			}
		}
		for _, s := range c.not {
			if strings.Contains(en, s) {
				t.Errorf("%s says %q", name, s)
			}
		}
	}
}

// TestRunHTMLOrder: undocumented codes, then broken clauses, then what was seen, at last what was not.
func TestRunHTMLOrder(t *testing.T) {
	rec, err := results.Open("testdata/runs/nonconformant")
	if err != nil {
		t.Fatal(err)
	}
	rec.Run.Violations = append(rec.Run.Violations[:0:0], rec.Run.Violations...)
	slices.Reverse(rec.Run.Violations) // a SHOULD first
	page := runHTML(t, rec, HTMLOptions{})
	at := -1
	for _, s := range []string{`id="codes"`, `data-code="isv.MYSTERY_ERROR"`, `id="clause-RSP-9"`, `id="clause-RSP-5"`, `data-code="OK"`, `data-code="isv.FLOW_LIMIT"`, `id="time"`} {
		next := strings.Index(page, s)
		if next <= at {
			t.Errorf("%s stands at %d, what comes before it at %d", s, next, at)
		}
		at = next
	}
	if n := strings.Count(page, " open>"); n != 1 {
		t.Errorf("%d exchanges are unfolded, want the first", n)
	}
}

// TestRunHTMLOfEachCode: every code of the run is in the page exactly once, seen or not.
func TestRunHTMLOfEachCode(t *testing.T) {
	rec, err := results.Open("testdata/runs/nonconformant")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		rec.Run.Totals.Codes = append(rec.Run.Totals.Codes, results.Code{Code: "isv.CODE_" + strings.Repeat("X", i), Class: results.ClassBusiness, Documented: true, Count: int64(i % 2)})
	}
	counts := map[string]int{}
	checkPage(t, runHTML(t, rec, HTMLOptions{}), pageStyles, pageScripts, func(n *html.Node) {
		if code := attr(n, "data-code"); code != "" {
			counts[code]++
		}
	})
	for _, c := range rec.Run.Totals.Codes {
		if counts[c.Code] != 1 {
			t.Errorf("%s is there %d times", c.Code, counts[c.Code])
		}
	}
	if len(counts) != len(rec.Run.Totals.Codes) {
		t.Errorf("%d codes, want %d", len(counts), len(rec.Run.Totals.Codes))
	}
}

func TestRunHTMLOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := &results.Record{Dir: rapid.SampledFrom(hostileTexts).Draw(t, "dir")}
		hostile(t, reflect.ValueOf(&rec.Run).Elem(), 0)
		checkRunHTML(t, rec, rapid.SampledFrom(Languages).Draw(t, "language"))
	})
}

// TestRunHTMLOfHostileTexts: whatever stands in run.json and in the evidence is text in the page.
func TestRunHTMLOfHostileTexts(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/runs/nonconformant")); err != nil {
		t.Fatal(err)
	}
	for n, s := range hostileTexts {
		list, err := (&results.Record{Dir: "testdata/runs/nonconformant"}).Evidence()
		if err != nil {
			t.Fatal(err)
		}
		var lines []byte
		for i := range list {
			fill(reflect.ValueOf(&list[i]).Elem(), s, false)
			line, err := json.Marshal(&list[i])
			if err != nil {
				t.Fatal(err)
			}
			lines = append(append(lines, line...), '\n')
		}
		if err := os.WriteFile(filepath.Join(dir, results.EvidenceFile), lines, 0o644); err != nil {
			t.Fatal(err)
		}
		rec, err := results.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		fill(reflect.ValueOf(&rec.Run).Elem(), s, false)
		for i := range rec.Run.Totals.Codes {
			rec.Run.Totals.Codes[i].Class = results.ClassUndocumented
		}
		checkRunHTML(t, rec, Languages[n%len(Languages)])
	}
}

// TestRunHTMLHostileTextsAreFound: the checks of a page do find what they are for.
func TestRunHTMLHostileTextsAreFound(t *testing.T) {
	rec, err := results.Open("testdata/runs/pass")
	if err != nil {
		t.Fatal(err)
	}
	page := runHTML(t, rec, HTMLOptions{})
	for _, bad := range []string{"<script>alert(1)</script>", "<img src=x>", "<a href=javascript:x>", "<p onclick=x>", "\x1b[31m", "<!--", "<p style='background:url(x)'>", "<a href='#nowhere'>x</a>",
		"<script type='application/json' id='series'>{</script>", "<style>p{}</style>"} {
		if !fails(func(t failer) {
			checkPage(t, strings.Replace(page, "<footer>", "<footer>"+bad, 1), pageStyles, pageScripts, nil)
		}) {
			t.Errorf("%q passed", bad)
		}
	}
}

// TestRunHTMLWithoutSeries: a directory whose seconds cannot be read has a page that says so.
func TestRunHTMLWithoutSeries(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/runs/pass")); err != nil {
		t.Fatal(err)
	}
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{results.TimelineFile, results.EvidenceFile} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{\"t\":\n{}\n{}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page := runHTML(t, rec, HTMLOptions{})
	text := pageText(t, page)
	for _, s := range []string{"There are no charts: ", "evidence.ndjson cannot be read", "PASS"} {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	if strings.Contains(page, `id="series"`) {
		t.Error("the page has a series")
	}
}

// TestRunSections: what a live page replaces is what the page has.
func TestRunSections(t *testing.T) {
	rec, err := results.Open("testdata/runs/nonconformant")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Languages {
		sections, err := RunSections(rec, HTMLOptions{Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		page := runHTML(t, rec, HTMLOptions{Lang: lang})
		for _, name := range RunSectionNames {
			inside, ok := sections[name]
			switch {
			case slices.Contains(RunShells, name) == ok:
				t.Errorf("%s: in the sections: %v", name, ok)
			case ok && (inside == "" || !strings.Contains(page, `<section id="`+name+`" data-section>`+inside+`</section>`)):
				t.Errorf("%s: the page has something else", name)
			}
		}
	}
}

// A run without a directory reads no file, not even one of these names where it stands.
func TestRunHTMLWithoutDirectory(t *testing.T) {
	t.Chdir("testdata/runs/nonconformant")
	run, err := results.ReadRun(".")
	if err != nil {
		t.Fatal(err)
	}
	rec := &results.Record{Run: *run}
	text := pageText(t, runHTML(t, rec, HTMLOptions{Live: true, Series: NewSeries(&rec.Run)}))
	if strings.Contains(text, "PhoneNoA=") || !strings.Contains(text, "no exchange with isv.MYSTERY_ERROR was kept") {
		t.Error("the page has an exchange")
	}
}

func TestRunHTMLErrors(t *testing.T) {
	rec := &results.Record{}
	if err := RunHTML(brokenWriter{}, rec, HTMLOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the writer's error", err)
	}
	if err := RunHTML(&bytes.Buffer{}, rec, HTMLOptions{Lang: "de"}); err == nil {
		t.Error("a language that there is not")
	}
	if _, err := RunSections(rec, HTMLOptions{Lang: "de"}); err == nil {
		t.Error("a language that there is not")
	}
}

func TestGauge(t *testing.T) {
	value := func(v float64) *float64 { return &v }
	g := gaugeOf(&results.SLO{Rule: "p99(offered) < 50ms", Limit: 50, Value: value(30), Low: value(20), High: value(40)})
	if g == nil || !(g.From < g.Value && g.Value < g.From+g.IntervalWidth && g.From+g.IntervalWidth < g.Limit) || g.OKFrom != 0 || g.OKWidth != g.Limit || g.Open {
		t.Errorf("%+v", g)
	}
	g = gaugeOf(&results.SLO{Rule: "good >= 99%", Limit: 0.99, Value: value(0.9), Low: value(0.8)})
	if g == nil || g.Value >= g.Limit || g.OKFrom != g.Limit || math.Abs(g.OKFrom+g.OKWidth-100) > 0.011 || !g.Open {
		t.Errorf("%+v", g)
	}
	for _, s := range []results.SLO{{Limit: 1}, {Limit: 1, Value: value(math.NaN())}, {Limit: 1, Value: value(math.Inf(1))}} {
		if g := gaugeOf(&s); g != nil {
			t.Errorf("%+v has a gauge", s)
		}
	}
	if g := gaugeOf(&results.SLO{Rule: "count(x) <= 0", Value: value(0)}); g == nil || g.Value != g.Limit {
		t.Errorf("%+v", g)
	}
}
