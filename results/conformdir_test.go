package results

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func newConform() *Conform {
	return &Conform{
		Version: "0.1.0", Started: start, ElapsedNS: 12 * int64(time.Second), Seed: 42, Target: Target{URL: "emulator", Method: "GET"},
		Headline: HeadlineNotConformant, ExitCode: ExitNonconformant, Reasons: []string{"A MUST clause failed."}, Profile: "seed", Profiles: []string{"seed"},
		Codes: CodesSeen{Of: 23, Observed: 8, Provoked: 7, Missing: []string{"isv.FLOW_LIMIT"}},
		Clauses: []ClauseResult{
			{ID: "PRM-A-1", Chapter: "PRM", Level: "MUST", Verdict: ClauseFail, Decides: true, Checked: 2, Failed: 1, Evidence: []int{2},
				Observations: []Observation{{Case: "a", Verdict: ClauseFail, Sent: "no PhoneNoA", Got: "OK", Times: 1, Evidence: 2}}},
			{ID: "RSP-1", Chapter: "RSP", Level: "MUST", Verdict: ClausePass, Decides: true, Checked: 100, Bound99: 0.0461},
			{ID: "COD-FLOW_LIMIT", Chapter: "COD", Level: "MUST", Verdict: ClauseNotProvoked, Needs: "P1"},
		},
		Cases: []CaseResult{{Name: "a", Clauses: []string{"PRM-A-1"}, Calls: 2}},
		Calls: 2, Bindings: Bindings{Created: 1, Left: 1}, Catalogue: "ab12",
	}
}

func exchange(code string) *Exchange {
	return &Exchange{Evidence: Evidence{Time: start, Operation: "BindAxb", Code: code, Class: ClassOK, Request: "GET /?Action=BindAxb", Answer: `{"Code":"OK"}`},
		Case: "a", Format: "JSON", Status: 200, Head: []byte("HTTP/1.1 200 OK\r\n"), Body: []byte(`{"Code":"<OK>"}`)}
}

// writeConformDir makes a whole directory with two exchanges.
func writeConformDir(t *testing.T, dir string) {
	t.Helper()
	c := newConform()
	w, err := CreateConform(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	for i, code := range []string{"isv.MOBILE_NUMBER_ILLEGAL", "OK"} {
		e := exchange(code)
		if line, err := w.AppendExchange(e); err != nil || line != i+1 || e.Line != 0 {
			t.Fatalf("line %d, %v, exchange %d", line, err, e.Line)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := WriteConform(dir, c); err != nil {
		t.Fatal(err)
	}
}

func TestConformRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "dir")
	writeConformDir(t, dir)
	rec, err := OpenConform(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := newConform()
	want.Schema, want.Counts = ConformSchema, CountWords(want.Clauses)
	want.complete()
	if !reflect.DeepEqual(&rec.Conform, want) {
		t.Errorf("got  %+v\nwant %+v", rec.Conform, *want)
	}
	if len(rec.Exchanges) != 2 || string(rec.Exchange(2).Body) != `{"Code":"<OK>"}` || rec.Exchange(2).Line != 2 || rec.Exchange(0) != nil || rec.Exchange(3) != nil {
		t.Errorf("exchanges %+v", rec.Exchanges)
	}
	if rec.Conform.Counts[ClauseFail] != 1 || len(rec.Conform.Counts) != len(ClauseWords) {
		t.Errorf("counts %v", rec.Conform.Counts)
	}
	if _, err := CreateConform(dir, newConform()); err == nil {
		t.Error("a directory that is not empty was taken")
	}
}

// The run that a kill ended is read as far as it got, and named.
func TestConformPartial(t *testing.T) {
	dir := filepath.Join(t.TempDir(), NewDirName(start, "conform", [2]byte{1, 2}))
	w, err := CreateConform(dir, newConform())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AppendExchange(exchange("OK")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(dir, EvidenceFile), `{"time":`)
	rec, err := OpenConform(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &rec.Conform
	if !c.Partial || c.Headline != HeadlineInconclusive || c.ExitCode != ExitNoData || len(c.Clauses) != 0 || len(rec.Exchanges) != 1 || len(c.Notes) != 1 {
		t.Errorf("%+v", c)
	}
	if !IsRunDir(dir) {
		t.Error("it is not the store's")
	}
	if _, err := w.AppendExchange(exchange("OK")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestConformEvidenceIsBounded(t *testing.T) {
	dir := t.TempDir()
	w, err := CreateConform(dir, newConform())
	if err != nil {
		t.Fatal(err)
	}
	w.limit = 3000
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				if _, err := w.AppendExchange(exchange("OK")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	long := exchange("OK")
	long.Body = make([]byte, maxLogLine)
	if line, err := w.AppendExchange(long); line != 0 || err != nil {
		t.Errorf("line %d, %v", line, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rec, err := OpenConform(dir)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, EvidenceFile))
	if err != nil || info.Size() > 3000 || len(rec.Exchanges) == 0 || int64(len(rec.Exchanges))+w.Left() != 41 {
		t.Errorf("%d bytes, %d exchanges, %d left, %v", info.Size(), len(rec.Exchanges), w.Left(), err)
	}
}

func TestBrokenConformDirectories(t *testing.T) {
	replace := func(file, old, new string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, file)
			data, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(data), old) {
				t.Fatalf("no %q in %s: %v", old, path, err)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, new, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(file string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := map[string]struct {
		broken func(t *testing.T, dir string)
		says   string
	}{
		"no conform.json":  {remove(ConformFile), "is no directory of a conformance run: it has no conform.json"},
		"no evidence":      {remove(EvidenceFile), "evidence.ndjson"},
		"another schema":   {replace(ConformFile, ConformSchema, "axbench.conform/v9"), `schema is "axbench.conform/v9", this program reads "axbench.conform/v1"`},
		"no JSON":          {replace(ConformFile, `"seed": 42,`, `"seed": 42`), "conform.json:7: "},
		"another type":     {replace(ConformFile, `"seed": 42`, `"seed": "x"`), "conform.json:6: "},
		"unknown verdict":  {replace(ConformFile, `"verdict": "PASS"`, `"verdict": "GOOD"`), `clause RSP-1 has the verdict "GOOD", which is none`},
		"edited verdict":   {replace(ConformFile, `"verdict": "FAIL",`+"\n      \"decides\"", `"verdict": "PASS",`+"\n      \"decides\""), "counts says 1 FAIL, and 0 clauses have that verdict"},
		"line too far":     {replace(ConformFile, `"evidence": 2`, `"evidence": 3`), "clause PRM-A-1 refers to line 3 of evidence.ndjson, which has 2"},
		"bad line":         {replace(EvidenceFile, `"line":2`, `"line":two`), "evidence.ndjson:2: "},
		"another number":   {replace(EvidenceFile, `"line":2`, `"line":7`), "evidence.ndjson:2: the exchange says that it is line 7"},
		"no whole line":    {func(t *testing.T, dir string) { appendTo(t, filepath.Join(dir, EvidenceFile), `{`) }, "evidence.ndjson:3: the last line is not whole"},
		"trailing content": {func(t *testing.T, dir string) { appendTo(t, filepath.Join(dir, ConformFile), `{}`) }, "conform.json"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "d")
			writeConformDir(t, dir)
			if _, err := OpenConform(dir); err != nil {
				t.Fatalf("before: %v", err)
			}
			c.broken(t, dir)
			if _, err := OpenConform(dir); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// A store holds runs and conformance runs, and neither hides the other.
func TestConformDirectoriesAreListed(t *testing.T) {
	store := t.TempDir()
	run := filepath.Join(store, NewDirName(start, "s", [2]byte{0, 1}))
	conform := filepath.Join(store, NewDirName(start.Add(time.Second), "conform", [2]byte{0, 2}))
	w, err := Create(run, newRun())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	writeConformDir(t, conform)
	other := filepath.Join(store, NewDirName(start, "conform", [2]byte{0, 3}))
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, ConformFile), []byte(`{"schema":"x"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := List(store)
	if want := []string{run, conform}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("listed %v, %v; want %v", got, err, want)
	}
	if IsConformDir(run) || !IsConformDir(conform) || IsConformDir(store) {
		t.Error("a conformance run is not told from a run")
	}
}

// One sample per version of the format stays readable for ever, whatever the program writes today.
func TestSampleOfConformVersion1(t *testing.T) {
	dir := filepath.Join("testdata", "conform-v1")
	if *writeSample {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		writeConformDir(t, dir)
		if err := os.WriteFile(filepath.Join(dir, ProfileFile), []byte("{}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := OpenConform(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &rec.Conform
	if c.Headline != HeadlineNotConformant || c.ExitCode != 4 || c.Target.URL != "emulator" || !c.Started.Equal(start) || c.Codes.Observed != 8 || c.Bindings.Left != 1 {
		t.Errorf("%+v", c)
	}
	if len(c.Clauses) != 3 || c.Clauses[0].Verdict != ClauseFail || c.Clauses[0].Observations[0].Got != "OK" || c.Clauses[1].Bound99 != 0.0461 {
		t.Errorf("clauses %+v", c.Clauses)
	}
	if e := rec.Exchange(c.Clauses[0].Evidence[0]); e == nil || e.Code != "OK" || e.Status != 200 || string(e.Head) != "HTTP/1.1 200 OK\r\n" {
		t.Errorf("exchange %+v", e)
	}
}

func FuzzConformJSON(f *testing.F) {
	data, err := json.Marshal(newConform())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ConformFile), data, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := ReadConform(dir)
		if err != nil {
			return
		}
		if got := CountWords(c.Clauses); !reflect.DeepEqual(map[ClauseWord]int(got), map[ClauseWord]int(c.Counts)) && len(c.Clauses) > 0 {
			t.Errorf("counts %v for clauses %v", c.Counts, got)
		}
	})
}
