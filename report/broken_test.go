package report

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"axbench/results"
)

// damaged copies a sample and changes one of its files; nil takes it away.
func damaged(t testing.TB, sample, file string, change func([]byte) []byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), sample)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata/runs", sample))); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, file)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if change == nil {
		err = os.Remove(name)
	} else {
		err = os.WriteFile(name, change(data), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// lineOf replaces a line, from 1.
func lineOf(n int, by string) func([]byte) []byte {
	return func(b []byte) []byte {
		lines := strings.SplitAfter(string(b), "\n")
		lines[n-1] = by + "\n"
		return []byte(strings.Join(lines, ""))
	}
}

func cutEnd(b []byte) []byte { return b[:len(b)-7] }

// TestBrokenDirectories: whatever of a run directory is missing or wrong, each format either is made from the rest and says what is
// not there, or is refused with the file and the line.
func TestBrokenDirectories(t *testing.T) {
	machine := slices.DeleteFunc(RunFormats(), func(f string) bool { return f == "html" || f == "text" }) // their own tests hold those
	all := func(what string) map[string]string {
		m := map[string]string{}
		for _, f := range machine {
			m[f] = what
		}
		return m
	}
	const unread = "evidence.ndjson cannot be read: "
	cases := []struct {
		name, sample, file string
		change             func([]byte) []byte
		opens              string            // why the directory cannot be read at all
		fails, says        map[string]string // by format: why it is refused, what it says
	}{
		{"no run.json", "pass", results.RunFile, nil, "run.json: no such file", nil, nil},
		{"no intervals.hlog", "pass", results.IntervalFile, nil, "intervals.hlog: no such file", nil, nil},
		{"no timeline.ndjson", "pass", results.TimelineFile, nil, "", map[string]string{"csv": "timeline.ndjson: no such file"}, nil},
		{"no timeline.ndjson of a killed run", "partial", results.TimelineFile, nil, "timeline.ndjson: no such file", nil, nil},
		{"no evidence.ndjson", "nonconformant", results.EvidenceFile, nil, "", nil, map[string]string{"junit": unread, "markdown": unread}},
		{"a bad line in evidence.ndjson", "nonconformant", results.EvidenceFile, lineOf(2, "{"), "", nil,
			map[string]string{"junit": "evidence.ndjson:2: ", "markdown": "evidence.ndjson:2: "}},
		{"a bad line in timeline.ndjson", "pass", results.TimelineFile, lineOf(3, `{"t":"x"}`), "", map[string]string{"csv": "timeline.ndjson:3: "}, nil},
		{"the same of a killed run", "partial", results.TimelineFile, lineOf(2, "?"), "timeline.ndjson:2: ", nil, nil},
		{"a bad line in intervals.hlog", "pass", results.IntervalFile, lineOf(8, "Tag=a|b|c,0,1,2,HISTF"), "intervals.hlog:8: ", nil, nil},
		{"run.json of another schema", "pass", results.RunFile, lineOf(2, `"schema": "axbench.run/v9",`), `schema is "axbench.run/v9"`, nil, nil},
		{"run.json is cut", "pass", results.RunFile, cutEnd, "run.json:1224: unexpected end of JSON input", nil, nil},
		{"the last line of intervals.hlog is cut", "pass", results.IntervalFile, cutEnd, "", nil,
			map[string]string{"markdown": "intervals.hlog: the last line is not whole", "junit": "intervals.hlog: the last line is not whole", "json": "is not whole"}},
		{"of timeline.ndjson", "pass", results.TimelineFile, cutEnd, "", nil, nil},
		{"of a killed run's", "partial", results.TimelineFile, cutEnd, "", nil,
			map[string]string{"markdown": "timeline.ndjson: the last line is not whole", "junit": "timeline.ndjson: the last line is not whole", "openmetrics": "axbench_run_complete 0"}},
		{"nothing is wrong but that it was killed", "partial", results.EvidenceFile, func(b []byte) []byte { return b }, "", nil,
			map[string]string{"markdown": "⚠️ PARTIAL · no exit code yet", "junit": "PARTIAL, no exit code yet", "json": `"verdict": "partial"`, "openmetrics": `verdict="partial"`}},
		{"empty files", "pass", results.TimelineFile, func([]byte) []byte { return nil }, "", nil, map[string]string{"csv": "t_s,time,phase"}},
		{"nothing is wrong", "nonconformant", results.EvidenceFile, func(b []byte) []byte { return b }, "", nil, all("MYSTERY_ERROR")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rec, err := results.Open(damaged(t, c.sample, c.file, c.change))
			if c.opens != "" {
				if err == nil || !strings.Contains(portable(err), c.opens) {
					t.Errorf("%v, want %q", err, c.opens)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, format := range machine {
				var b bytes.Buffer
				err := WriteRun(&b, rec, format, Options{})
				if want := c.fails[format]; want != "" {
					if err == nil || !strings.Contains(portable(err), want) || b.Len() > 0 {
						t.Errorf("%s: %d bytes, %v, want %q", format, b.Len(), err, want)
					}
					continue
				}
				if err != nil || !strings.Contains(b.String(), c.says[format]) {
					t.Errorf("%s: %v, or it does not say %q", format, err, c.says[format])
				}
			}
		})
	}
	if _, err := results.Open(t.TempDir()); err == nil {
		t.Error("an empty directory is read")
	}
}

// portable words what each system says of a missing file in one way.
func portable(err error) string {
	return strings.ReplaceAll(err.Error(), "The system cannot find the file specified.", "no such file")
}

// FuzzDirectories cuts into a file of a run directory and puts something else there: either the directory is refused, or every
// format is made from it and is safe.
func FuzzDirectories(f *testing.F) {
	files := []string{results.RunFile, results.TimelineFile, results.IntervalFile, results.EvidenceFile}
	tree := fstest.MapFS{}
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join("testdata/runs/nonconformant", name))
		if err != nil {
			f.Fatal(err)
		}
		tree[name] = &fstest.MapFile{Data: data}
	}
	for i := range files {
		f.Add(byte(i), uint32(0), uint32(0), []byte{})
		f.Add(byte(i), uint32(40), uint32(1<<30), []byte{})
		f.Add(byte(i), uint32(100), uint32(3), []byte("\x1b[31m\n"))
	}
	f.Add(byte(1), uint32(0), uint32(1<<30), []byte(`{"t":0,"phase":"=1+1","codes":{"|@all<b>\n":3,"-9":1}}`+"\n"))
	f.Add(byte(3), uint32(0), uint32(1<<30), []byte(`{"code":"isv.MYSTERY_ERROR","class":"undocumented","request":"`+"```"+`\n</details><script>","answer":"@team #1"}`+"\n"))
	f.Fuzz(func(t *testing.T, which byte, at, cut uint32, by []byte) {
		name := files[int(which)%len(files)]
		dir := t.TempDir()
		for _, other := range files {
			data := tree[other].Data
			if other == name {
				from := min(int64(at), int64(len(data)))
				to := min(from+int64(cut), int64(len(data)))
				data = slices.Concat(data[:from], by, data[to:])
			}
			if err := os.WriteFile(filepath.Join(dir, other), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		rec, err := results.Open(dir)
		if err != nil {
			return
		}
		checkFormats(t, rec)
	})
}
