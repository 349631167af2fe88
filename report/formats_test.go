package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"axbench/results"
)

func rendered(t testing.TB, rec *results.Record, format string) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteRun(&b, rec, format, Options{}); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

func sampleRun(t testing.TB, name string) *results.Record {
	t.Helper()
	rec, err := results.Open(path.Join("testdata/runs", name))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestFormatsGolden holds the machine formats of every sample. Metrics are long: four samples have all there is in them.
func TestFormatsGolden(t *testing.T) {
	for i := range samples {
		name := samples[i].name
		rec := sampleRun(t, name)
		golden(t, name+".xml", []byte(rendered(t, rec, "junit")))
		golden(t, name+".md", []byte(rendered(t, rec, "markdown")))
		golden(t, name+".csv", []byte(rendered(t, rec, "csv")))
		if slices.Contains([]string{"bounds", "fleet", "nonconformant", "partial"}, name) {
			golden(t, name+".prom", []byte(rendered(t, rec, "openmetrics")))
		}
	}
	for i := range conformSamples {
		name := conformSamples[i].name
		var b bytes.Buffer
		if err := WriteConform(&b, conformRecord(t, name), "markdown", Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "conform/"+name+".md", b.Bytes())
	}
}

// TestHlogIsTheLog: of a whole log nothing is changed.
func TestHlogIsTheLog(t *testing.T) {
	for i := range samples {
		rec := sampleRun(t, samples[i].name)
		want, err := os.ReadFile(filepath.Join(rec.Dir, results.IntervalFile))
		if err != nil {
			t.Fatal(err)
		}
		if got := rendered(t, rec, "hlog"); got != string(want) {
			t.Errorf("%s: %s", samples[i].name, firstDifference(got, string(want)))
		}
	}
}

// TestHlogIsSafe: what can stand in a log that was read, a terminal does not act on, and the intervals stay.
func TestHlogIsSafe(t *testing.T) {
	dir := damaged(t, "nonconformant", results.IntervalFile, func(b []byte) []byte {
		returns := regexp.MustCompile(`(?m)^Tag=.*$`).ReplaceAll(b, []byte("$0\r"))
		return append([]byte("# \x1b]0;x\a\u202e\xff\n\"\x1b[31m\"\n"), append(returns, "Tag=torn"...)...)
	})
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := rendered(t, rec, "hlog")
	checkTerminal(t, got, TextOptions{})
	clean := rendered(t, sampleRun(t, "nonconformant"), "hlog")
	if head := "# \\x1b]0;x\\x07\\u202e\\xff\n\"\\x1b[31m\"\n"; got != head+clean {
		t.Error(firstDifference(got, head+clean))
	}
}

// TestJSONIsTheRecord: what stands in run.json stands in the report, escaped where a terminal would act on it.
func TestJSONIsTheRecord(t *testing.T) {
	for i := range samples {
		rec := sampleRun(t, samples[i].name)
		if i == 0 {
			rec.Run.Scenario, rec.Dir = "\x1b[31m\u009b\u202e\U000e0041\u2028 无可用 <b> \\u202e", ""
		}
		got := rendered(t, rec, "json")
		checkTerminal(t, got, TextOptions{})
		var back results.Run
		if err := json.Unmarshal([]byte(got), &back); err != nil || !reflect.DeepEqual(back, rec.Run) {
			t.Errorf("%s reads back as another run: %v", samples[i].name, err)
		}
		if data, err := os.ReadFile(path.Join("testdata/runs", samples[i].name, results.RunFile)); err != nil || i > 0 && rec.Run.Ended != nil && got != string(data) {
			t.Errorf("%s, %v: %s", samples[i].name, err, firstDifference(got, string(data)))
		}
	}
}

// TestFormatNames: every name is known, and what one kind of run does not have is told apart from what nobody has.
func TestFormatNames(t *testing.T) {
	if got := strings.Join(RunFormats(), " "); got != "text html junit markdown csv openmetrics hlog json" {
		t.Errorf("formats of a run: %s", got)
	}
	if got := strings.Join(ConformFormats(), " "); got != "text html junit markdown json" {
		t.Errorf("formats of a conformance run: %s", got)
	}
	if got := strings.Join(CapacityFormats(), " "); got != "text html junit markdown json" {
		t.Errorf("formats of a search for capacity: %s", got)
	}
	if err := CheckCapacityFormat("csv"); err == nil || err.Error() != `a search for capacity has no report of format "csv", accepted: text, html, junit, markdown, json` {
		t.Errorf("csv of a search: %v", err)
	}
	if err := WriteCapacity(brokenWriter{}, capacityRecord(t, &capacitySamples[0]), "csv", Options{}); err == nil {
		t.Error("a format that there is not")
	}
	rec, conform := sampleRun(t, "pass"), conformRecord(t, "incomplete")
	for _, name := range append(RunFormats(), ConformFormats()...) {
		var b bytes.Buffer
		if err := WriteRun(&b, rec, name, Options{}); (err == nil) != (b.Len() > 0) || err != nil && slices.Contains(RunFormats(), name) {
			t.Errorf("%s of a run: %d bytes, %v", name, b.Len(), err)
		}
		b.Reset()
		if err := WriteConform(&b, conform, name, Options{}); (err == nil) != slices.Contains(ConformFormats(), name) || (err == nil) != (b.Len() > 0) {
			t.Errorf("%s of a conformance run: %d bytes, %v", name, b.Len(), err)
		}
		if err := WriteRun(brokenWriter{}, rec, name, Options{}); err == nil {
			t.Errorf("%s: the writer's error is lost", name)
		}
	}
	for name, want := range map[string]string{"nosuch": `unknown format "nosuch", accepted: text, html, junit, markdown, json`,
		"csv": `a conformance run has no report of format "csv", accepted: text, html, junit, markdown, json`} {
		if err := CheckConformFormat(name); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnsaid: a format that cannot say what qualifies it leaves it to the caller.
func TestUnsaid(t *testing.T) {
	torn := damaged(t, "pass", results.TimelineFile, func(b []byte) []byte { return b[:len(b)-9] })
	for _, c := range []struct{ dir, format, want string }{
		{"testdata/runs/pass", "csv", ""},
		{torn, "csv", "timeline.ndjson: the last line is not whole and was left out"},
		{torn, "junit", ""},
		{"testdata/runs/partial", "csv", "the run wrote no end: counted from the 3 seconds it recorded; calls that were open then count as unfinished"},
		{"testdata/runs/partial", "hlog", "the run wrote no end: counted from the 3 seconds it recorded; calls that were open then count as unfinished"},
		{"testdata/runs/partial", "markdown", ""},
	} {
		rec, err := results.Open(c.dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(Unsaid(rec, c.format), "; "); got != c.want {
			t.Errorf("%s of %s leaves %q unsaid, want %q", c.format, c.dir, got, c.want)
		}
	}
}
