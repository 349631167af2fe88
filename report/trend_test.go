package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"axbench/results"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// trendSample is a trend with everything that one can have: a missed rule, an invalid run, a killed one, a tag, changes, a lower bound.
func trendSample() *results.Trend {
	trend := &results.Trend{Schema: results.TrendSchema, Scenario: "nightly", Metrics: []results.TrendMetric{
		{Name: "p50(offered)", Unit: "ns"}, {Name: "p99(offered)", Unit: "ns"}, {Name: "good", Unit: "share"}, {Name: "goodput", Unit: "per_s"},
	}}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for i, c := range []struct {
		exit    int
		verdict results.Verdict
		p99     float64
	}{{0, results.VerdictPass, 40e6}, {0, results.VerdictPass, 42e6}, {6, results.VerdictInvalid, 900e6}, {0, results.VerdictPass, 41e6},
		{3, results.VerdictFail, 80e6}, {-1, results.VerdictPartial, 0}, {5, results.VerdictWorse, 79e6}, {0, results.VerdictPass, 43e6}} {
		name := results.NewDirName(at, "nightly", [2]byte{0, byte(i)})
		r := results.TrendRun{Entry: results.Entry{Dir: "results/" + name, Name: name, Kind: results.KindRun, Scenario: "nightly", Started: at, Verdict: string(c.verdict),
			Partial: c.exit < 0, Tags: []string{}}, Report: "results/" + name + "/report.html", Changes: []results.TrendChange{}}
		if c.exit >= 0 {
			r.ExitCode = &c.exit
		}
		add := func(v, low, high float64) {
			r.Values = append(r.Values, results.TrendValue{Value: &v, Low: &low, High: &high})
		}
		if c.p99 > 0 {
			add(c.p99/4, c.p99/4.2, c.p99/3.9)
			add(c.p99, c.p99/1.2, c.p99*1.3)
			add(1-c.p99/1e10, 1-c.p99/9e9, 1-c.p99/2e10)
			add(400-c.p99/1e7, 380-c.p99/1e7, 420-c.p99/1e7)
		} else {
			r.Values = make([]results.TrendValue, 4)
			for k := range r.Values {
				r.Values[k].Reason = "the directory has no intervals.hlog"
			}
			r.Report = ""
		}
		trend.Runs = append(trend.Runs, r)
		at = at.Add(24 * time.Hour)
	}
	trend.Runs[1].Tags = []string{"baseline", "v1"}
	trend.Runs[4].Values[1].Bound, trend.Runs[4].Values[1].High = true, nil
	trend.Runs[3].Changes = []results.TrendChange{{What: results.ChangeVersion, From: "1.0.0", To: "1.1.0"}, {What: results.ChangePlan, From: "a", To: "b"}}
	trend.Runs[6].Changes = []results.TrendChange{{What: results.ChangeTarget, From: "emulator GET", To: "http://127.0.0.1:1/ GET"},
		{What: results.ChangeHost, From: "linux amd64 2", To: "linux amd64 8"}, {What: results.ChangeNote, To: "something else"}}
	return trend
}

func TestTrendGoldens(t *testing.T) {
	trend := trendSample()
	one := *trend
	one.Metrics = trend.Metrics[1:2]
	one.Runs = nil
	for _, r := range trend.Runs {
		r.Values = r.Values[1:2]
		one.Runs = append(one.Runs, r)
	}
	render := map[string]func(*strings.Builder) error{
		"trend.txt":       func(b *strings.Builder) error { return TrendText(b, trend, TextOptions{}) },
		"trend.ascii.txt": func(b *strings.Builder) error { return TrendText(b, &one, TextOptions{ASCII: true}) },
		"trend.html":      func(b *strings.Builder) error { return TrendHTML(b, trend, "1.2.3", HTMLOptions{}) },
		"trend.zh.html":   func(b *strings.Builder) error { return TrendHTML(b, trend, "1.2.3", HTMLOptions{Lang: "zh"}) },
	}
	for name, f := range render {
		var b strings.Builder
		if err := f(&b); err != nil {
			t.Fatal(err)
		}
		got := b.String()
		if strings.HasSuffix(name, ".html") {
			checkPage(t, got, pageStyles, trendScripts, nil)
			_, got, _ = strings.Cut(got, "<body")
			got, _, _ = strings.Cut(got, `<script type="application/json" id="words">`)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs: go test ./report -run TestTrendGoldens -update, then look at it\n%s", name, got)
		}
	}
}

// A run that cannot tell is in the table and in no line; a line leads from the least to the greatest of the others.
func TestTrendLineLeavesOut(t *testing.T) {
	var b strings.Builder
	if err := TrendText(&b, trendSample(), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.Contains(text, "  p99(offered)  ▁▁·▁█·█▁  40.0 ms to 80.0 ms, now 43.0 ms\n") {
		t.Errorf("%s", text)
	}
}

// hostileTrend puts a text wherever one from outside stands.
func hostileTrend(s string) *results.Trend {
	trend := trendSample()
	trend.Scenario = s
	for i := range trend.Metrics {
		trend.Metrics[i].Name = s + fmt.Sprint(i)
	}
	for i := range trend.Runs {
		r := &trend.Runs[i]
		r.Name, r.Verdict, r.Target, r.Version, r.Tags = s, s, s, s, []string{s}
		r.Changes = nil
		for _, what := range []string{results.ChangeVersion, results.ChangePlan, results.ChangeTarget, results.ChangeHost, results.ChangeNote, s} {
			r.Changes = append(r.Changes, results.TrendChange{What: what, From: s, To: s})
		}
		for k := range r.Values {
			r.Values[k].Reason = s
		}
	}
	return trend
}

func checkTrend(t failer, trend *results.Trend, languages ...string) {
	t.Helper()
	for _, o := range []TextOptions{{}, {ASCII: true}} {
		var b strings.Builder
		if err := TrendText(&b, trend, o); err != nil {
			t.Fatalf("%v", err)
		}
		checkTerminal(t, b.String(), o)
	}
	for _, lang := range languages {
		var b strings.Builder
		if err := TrendHTML(&b, trend, "1.2.3", HTMLOptions{Lang: lang}); err != nil {
			t.Fatalf("%v", err)
		}
		rows := 0
		checkPage(t, b.String(), pageStyles, trendScripts, func(n *html.Node) {
			if n.Data == "tr" {
				rows++
			}
		})
		if rows < len(trend.Runs) {
			t.Fatalf("%d rows of %d runs", rows, len(trend.Runs))
		}
	}
}

func TestTrendOfHostileTexts(t *testing.T) {
	for _, s := range []string{"<script>alert(1)</script>", "</script><img src=x onerror=y>", "\x1b[2J\x1b]0;x\a", "\u202ereversed", "a\nb\r\tc", "\xff\xfe", strings.Repeat("W", 300), "{{.}}", "']};"} {
		checkTrend(t, hostileTrend(s), Languages...)
	}
}

func TestTrendOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trend := hostileTrend(rapid.String().Draw(t, "text"))
		trend.Runs = trend.Runs[:rapid.IntRange(1, len(trend.Runs)).Draw(t, "runs")]
		for i := range trend.Runs {
			for k := range trend.Runs[i].Values {
				v := rapid.Float64().Draw(t, "value")
				trend.Runs[i].Values[k].Value = &v
			}
		}
		checkTrend(t, trend, "en")
	})
}
