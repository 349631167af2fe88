package results

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestKilledRunIsRebuilt(t *testing.T) {
	dir, _ := write(t, 3)
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	checkKilled(t, &rec.Run)
}

// checkKilled holds a run of three seconds of newRun against what must be known of it.
func checkKilled(t *testing.T, run *Run) {
	t.Helper()
	if run.Verdict != VerdictPartial || run.ExitCode != nil {
		t.Errorf("verdict %s, exit code %v", run.Verdict, run.ExitCode)
	}
	main := &run.Phases[1]
	// Two of four seconds of main went by: 20 calls were due and had their end, 20 were never offered.
	if want := (Ledger{Planned: 40, Done: 18, Failed: 2, NotOffered: 20}); main.Ledger != want {
		t.Errorf("ledger %+v, want %+v", main.Ledger, want)
	}
	if main.Good != 14 || main.Sent != 18 || main.GoodInside != 14 || main.ElapsedNS != 2e9 || main.Shape == "" || !main.Recorded {
		t.Errorf("main %+v", main)
	}
	classes := map[string]Class{}
	for _, c := range main.Codes {
		classes[c.Code] = c.Class
	}
	want := map[string]Class{"OK": ClassOK, "isv.BIND_CONFLICT": ClassBusiness, "Throttling.User": ClassGateway, CodeRefused: ClassTransport}
	if fmt.Sprint(classes) != fmt.Sprint(want) {
		t.Errorf("classes %v, want %v", classes, want)
	}
	if c := main.Codes[1]; c.Count != 2 || c.TextZH != "绑定冲突" || !c.FirstSeen.Equal(start.Add(time.Second)) || !c.LastSeen.Equal(start.Add(2*time.Second)) {
		t.Errorf("code %+v", c)
	}
	if c := main.Codes[0]; !c.Documented || main.Codes[2].Documented {
		t.Errorf("documented: %+v, %+v", c, main.Codes[2])
	}
	if f := run.FollowUps; f.Sent != 2 || f.Ledger != (Ledger{Planned: 4, Done: 2, Unfinished: 2}) || len(f.Codes) != 1 || f.Codes[0].Count != 2 || f.Codes[0].Class != ClassOK || f.Good != 2 {
		t.Errorf("follow-ups %+v", f)
	}
	if run.Totals.Planned != 50 || run.Totals.Ended() != 50 || run.Totals.Latency["response"].Count != run.Totals.Good {
		t.Errorf("totals %+v", run.Totals)
	}
	if !strings.Contains(strings.Join(run.Notes, "\n"), "wrote no end") {
		t.Errorf("notes %q", run.Notes)
	}
}

func TestOpenCallsOfAKilledRunAreUnfinished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	w, err := Create(dir, newRun())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.AppendSecond(start, start.Add(time.Second), []Second{{T: 0, Phase: "main", Planned: 10, Sent: 10, Done: 4, Dropped: 1}}, nil); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Ledger{Planned: 40, Done: 4, Dropped: 1, Unfinished: 5, NotOffered: 30}); rec.Run.Phases[1].Ledger != want {
		t.Errorf("ledger %+v, want %+v", rec.Run.Phases[1].Ledger, want)
	}
}

func TestRunKilledBeforeItsFirstSecond(t *testing.T) {
	dir, _ := write(t, 0)
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if rec.Run.Verdict != VerdictPartial || rec.Run.Totals.NotOffered != 50 || rec.Run.Totals.Ended() != rec.Run.Totals.Planned {
		t.Errorf("%+v", rec.Run.Totals)
	}
}

// Long runs merge into dense histograms; nothing may be different for it.
func TestLongRun(t *testing.T) {
	const seconds = 3 * denseAfter
	dir, w := write(t, seconds)
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range []*Record{rec, w.Record(newRun())} {
		good := rec.Histogram("main", "response", CodeGood)
		if good.dense == nil {
			t.Fatalf("still sparse after %d merges", seconds-1)
		}
		want := NewHistogram()
		for s := int64(1); s < seconds; s++ {
			for i := range int64(7) {
				want.Record((5 + i + s) * ms)
			}
		}
		if got := good.Summary(); !equal(got, want.Summary()) {
			t.Errorf("%+v, want %+v", got, want.Summary())
		}
	}
}

// An arrival of the next phase may be counted in the second before it: the phase is no longer for that.
func TestElapsedTimeOfAKilledRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	run := newRun()
	run.Phases[1].Codes = nil
	w, err := Create(dir, run)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for s, lines := range [][]Second{{{Phase: "warm-up", Planned: 10}, {Phase: "main", Planned: 1}},
		{{T: 1, Phase: "main", Planned: 10, Done: 1, Codes: map[string]int64{"OK": 1}, CodeClass: map[string]Class{"OK": ClassOK}}}} {
		at := start.Add(time.Duration(s) * time.Second)
		if err := w.AppendSecond(at, at.Add(time.Second), lines, nil); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := rec.Run.Phases[0].ElapsedNS, rec.Run.Phases[1].ElapsedNS; a != 1e9 || b != 1e9 {
		t.Errorf("phases took %d and %d", a, b)
	}
	if c := rec.Run.Phases[1].Codes; len(c) != 1 || !c[0].Documented || c[0].Class != ClassOK {
		t.Errorf("codes %+v", c)
	}
}

// What was cut off is left out of counts and histograms alike, and said.
func TestTornLinesAreLeftOut(t *testing.T) {
	for _, file := range []string{TimelineFile, IntervalFile} {
		for _, cut := range []int64{1, 40} {
			dir, _ := write(t, 3)
			path := filepath.Join(dir, file)
			info, err := os.Stat(path)
			if err == nil {
				err = os.Truncate(path, info.Size()-cut)
			}
			if err != nil {
				t.Fatal(err)
			}
			rec, err := Open(dir)
			if err != nil {
				t.Fatalf("%s cut by %d: %v", file, cut, err)
			}
			if notes := strings.Join(rec.Run.Notes, "\n"); !strings.Contains(notes, file+": the last line is not whole") {
				t.Errorf("%s cut by %d: notes %q", file, cut, notes)
			}
			seconds := int64(2)
			if file == TimelineFile {
				seconds = 1
			}
			if got := rec.Run.Phases[1].Done; got != 9*seconds {
				t.Errorf("%s cut by %d: %d done in main", file, cut, got)
			}
			if got := rec.Histogram("main", "response", CodeGood).Count(); got != 7*seconds {
				t.Errorf("%s cut by %d: %d response times in main", file, cut, got)
			}
		}
	}
	dir, _ := write(t, 1)
	if rec, err := Open(dir); err != nil || strings.Contains(strings.Join(rec.Run.Notes, "\n"), "not whole") {
		t.Errorf("whole files were called torn: %v, %v", rec.Run.Notes, err)
	}
}

func TestBadRecordsNameFileAndLine(t *testing.T) {
	cases := []struct {
		name, file, line string
		want             string
	}{
		{"no JSON", TimelineFile, "{", "timeline.ndjson:2: unexpected end of JSON input"},
		{"wrong type", TimelineFile, `{"t":"x"}`, "timeline.ndjson:2: "},
		{"time runs back", TimelineFile, `{"t":-1,"phase":"main"}`, "timeline.ndjson:2: second -1 after second 0"},
		{"no tag", IntervalFile, "0.0,1.0,2.0,HISTFAAA", "intervals.hlog:%d: not an interval"},
		{"bad tag", IntervalFile, "Tag=a,0.0,1.0,2.0,HISTFAAA", `intervals.hlog:%d: tag "a" has 1 parts`},
		{"bad number", IntervalFile, "Tag=a|b|c,x,1.0,2.0,HISTFAAA", `intervals.hlog:%d: "x" is no number`},
		{"bad histogram", IntervalFile, "Tag=a|b|c,0.0,1.0,2.0,HISTFAAA", "intervals.hlog:%d: histogram: "},
		{"bad exact", IntervalFile, "#[Exact: 2,1,1,0]", "intervals.hlog:%d: exact figures"},
		{"short exact", IntervalFile, "#[Exact: 2,1]", "intervals.hlog:%d: exact figures"},
		{"bad second", IntervalFile, "#[Second: x]", "intervals.hlog:%d: "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := write(t, 1)
			path := filepath.Join(dir, c.file)
			n := len(readFileLines(t, path)) + 1
			appendTo(t, path, c.line+"\n{}\n")
			_, err := Open(dir)
			want := c.want
			if strings.Contains(want, "%d") {
				want = fmt.Sprintf(want, n)
			}
			var record *RecordError
			if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &record) || record.Line != n {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestForeignRunFilesAreRefused(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"another schema", `{"schema":"axbench.run/v9"}`, `schema is "axbench.run/v9", this program reads "axbench.run/v1"`},
		{"no schema", `{}`, `schema is ""`},
		{"no JSON", "{\n\n?}", "run.json:3: invalid character"},
		{"wrong type", "{\n\"seed\": \"x\"}", "run.json:2: "},
	}
	for _, c := range cases {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, RunFile), []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty directory: %v", err)
	}
}

func TestLineTooLong(t *testing.T) {
	dir, _ := write(t, 1)
	appendTo(t, filepath.Join(dir, IntervalFile), strings.Repeat("x", maxLogLine+100_000))
	if _, err := Open(dir); !errors.Is(err, errLongLine) {
		t.Errorf("a line of more than 4 MiB: %v", err)
	}
}

// A run that was killed in the middle of writing must still be read: this test starts itself as a writer, and kills it.
func TestKill(t *testing.T) {
	if dir := os.Getenv("RESULTS_TEST_WRITE_FOREVER"); dir != "" {
		writeForever(dir)
		return
	}
	for i := range 3 {
		dir := filepath.Join(t.TempDir(), "run")
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "RESULTS_TEST_WRITE_FOREVER="+dir)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 20+7*i && lines.Scan(); n++ {
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed: that is its only end
		rec, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		total := &rec.Run.Totals
		if rec.Run.Verdict != VerdictPartial || total.Done < 9*20 || total.Planned != total.Ended() || total.Good != total.Latency["response"].Count {
			t.Errorf("verdict %s, totals %+v", rec.Run.Verdict, total)
		}
	}
}

func writeForever(dir string) {
	w, err := Create(dir, newRun())
	for s := int64(0); err == nil && s < 100_000; s++ {
		lines, intervals := second(s)
		at := start.Add(time.Duration(s) * time.Second)
		err = w.AppendSecond(at, at.Add(time.Second), lines, intervals)
		fmt.Println(s)
	}
}

func FuzzIntervals(f *testing.F) {
	for _, seconds := range []int64{1, 2} {
		dir, _ := write(f, seconds)
		data, err := os.ReadFile(filepath.Join(dir, IntervalFile))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("#[Exact: 1,2,3,4]\nTag=a|b|c,0,1,2,HISTFAAA\n")
	f.Fuzz(func(t *testing.T, text string) {
		tags, _, err := mergeLog(strings.NewReader(text), "f", maxSecond)
		if err != nil {
			var record *RecordError
			if !errors.As(err, &record) || record.Line == 0 {
				t.Errorf("an error without a line: %v", err)
			}
			return
		}
		for tag, h := range tags {
			var n int64
			h.Buckets(func(_, _, count int64) { n += count })
			if _, _, _, err := ParseTag(tag); err != nil || n != h.Count() {
				t.Errorf("tag %q: %v, %d values in buckets of %d", tag, err, n, h.Count())
			}
		}
	})
}
