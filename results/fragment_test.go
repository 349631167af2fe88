package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// fragments are those of newRun, so many seconds long, with evidence before the second one and behind the last.
func fragments(t testing.TB, seconds int64) (dir string, list []Fragment) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "run")
	w, err := Create(dir, newRun())
	if err != nil {
		t.Fatal(err)
	}
	w.Tap(func(f Fragment) { list = append(list, f) })
	evidence := func(code string) {
		if _, err := w.AppendEvidence(&Evidence{Time: start, Phase: "main", Code: code, Request: "GET /?a=<1>"}); err != nil {
			t.Fatal(err)
		}
	}
	for s := range seconds {
		if s == 1 {
			evidence("OK")
			evidence("isv.BIND_CONFLICT")
		}
		lines, intervals := second(s)
		at := start.Add(time.Duration(s) * time.Second)
		if err := w.AppendSecond(at, at.Add(time.Second), lines, intervals); err != nil {
			t.Fatal(err)
		}
	}
	evidence("Throttling.User")
	w.TapRest()
	w.TapRest() // there is nothing more
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, list
}

// travelled is a fragment as it comes out at the other end.
func travelled(t testing.TB, f Fragment) *Fragment {
	t.Helper()
	var back Fragment
	if err := json.Unmarshal([]byte(asJSON(t, f)), &back); err != nil {
		t.Fatal(err)
	}
	return &back
}

// TestFragmentsMakeTheSameDirectory copies a directory second by second while it is written.
func TestFragmentsMakeTheSameDirectory(t *testing.T) {
	dir, list := fragments(t, 3)
	if len(list) != 4 || list[0].Evidence != nil || bytes.Count(list[1].Evidence, []byte("\n")) != 2 || list[3].Timeline != nil || list[3].T != 2 || list[3].EndNS != 3e9 {
		t.Fatalf("%d fragments: %+v", len(list), list)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	w, err := Create(copied, newRun())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if err := w.AppendFragment(travelled(t, f)); err != nil {
			t.Fatal(err)
		}
	}
	if line, err := w.AppendEvidence(&Evidence{}); err != nil || line != 4 {
		t.Errorf("evidence of the copy goes to line %d, %v", line, err)
	}
	record := w.Record(newRun())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{TimelineFile, IntervalFile, EvidenceFile} {
		want, _ := os.ReadFile(filepath.Join(dir, name))
		got, err := os.ReadFile(filepath.Join(copied, name))
		if name == EvidenceFile {
			got = got[:bytes.LastIndexByte(got[:len(got)-1], '\n')+1]
		}
		if err != nil || len(want) == 0 || !bytes.Equal(got, want) {
			t.Errorf("%s is another one, %v", name, err)
		}
	}
	opened, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(record.Tags(), opened.Tags()) {
		t.Fatalf("tags %v, want %v", record.Tags(), opened.Tags())
	}
	for _, tag := range opened.Tags() {
		if got, want := record.tags[tag].Summary(), opened.tags[tag].Summary(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", tag, got, want)
		}
	}
	if err := w.AppendFragment(travelled(t, Fragment{T: 9})); err == nil {
		t.Error("a closed directory was written to")
	}
}

// TestFragmentReads holds what a fragment says against what was appended.
func TestFragmentReads(t *testing.T) {
	_, list := fragments(t, 2)
	lines, intervals, evidence, err := travelled(t, list[1]).Read()
	if err != nil {
		t.Fatal(err)
	}
	wantLines, wantIntervals := second(1)
	if asJSON(t, lines) != asJSON(t, wantLines) || len(evidence) != 2 || evidence[1].Code != "isv.BIND_CONFLICT" {
		t.Errorf("lines %+v, evidence %+v", lines, evidence)
	}
	at := 0
	for _, want := range wantIntervals {
		if want.H.Count() == 0 {
			continue
		}
		got := intervals[at]
		if at++; got.Phase != want.Phase || got.Clock != want.Clock || got.Code != want.Code || !equal(got.H.Summary(), want.H.Summary()) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if at != len(intervals) {
		t.Errorf("%d intervals, want %d", len(intervals), at)
	}
}

// TestFragmentsThatAreNone: what is no second of a run, or not the next one, changes nothing and is told apart.
func TestFragmentsThatAreNone(t *testing.T) {
	_, list := fragments(t, 3)
	good := list[1]
	exact := string(good.Intervals[:bytes.Index(good.Intervals, []byte("Tag="))])
	exact = exact[strings.Index(exact, "\n")+1:]
	cases := []struct {
		name   string
		change func(*Fragment)
		want   string
	}{
		{"", func(*Fragment) {}, ""},
		{"a second before the first", func(f *Fragment) { f.T = -1 }, "fragment of second -1: seconds begin with 0"},
		{"another second", func(f *Fragment) { f.T = 4 }, "fragment of second 4: timeline.ndjson:1: it is of second 1"},
		{"half a line", func(f *Fragment) { f.Timeline = f.Timeline[:len(f.Timeline)-1] }, "fragment of second 1: timeline.ndjson:1: its last line is cut short"},
		{"half a histogram", func(f *Fragment) { f.Intervals = f.Intervals[:len(f.Intervals)-9] }, "fragment of second 1: intervals.hlog:"},
		{"half an exchange", func(f *Fragment) { f.Evidence = f.Evidence[:len(f.Evidence)-1] }, "fragment of second 1: evidence.ndjson:2: its last line is cut short"},
		{"no JSON", func(f *Fragment) { f.Timeline = []byte("{\"t\":}\n") }, "timeline.ndjson:1: invalid character"},
		{"no object", func(f *Fragment) { f.Timeline = []byte("null\n") }, "timeline.ndjson:1: not an object"},
		{"no phase", func(f *Fragment) { f.Timeline = append(f.Timeline, "{\"t\":1}\n"...) }, "timeline.ndjson:2: it names no phase"},
		{"an empty line", func(f *Fragment) { f.Evidence = []byte("\n") }, "evidence.ndjson:1: not an object"},
		{"another second of intervals", func(f *Fragment) { f.Intervals = []byte("#[Second: 2]\n") }, "intervals.hlog:1: it begins another second"},
		{"another base", func(f *Fragment) { f.Intervals = []byte("#[BaseTime: 0 (seconds since epoch)]\n") }, "intervals.hlog:1: neither an interval nor what stands before one"},
		{"a bad tag", func(f *Fragment) { f.Intervals = []byte("Tag=a|b,0,1,1,x\n") }, "has 2 parts, not phase|clock|code"},
		{"a bad histogram", func(f *Fragment) { f.Intervals = []byte("Tag=a|b|c,0,1,1,SElT\n") }, "intervals.hlog:1: histogram: "},
		{"exact figures of nothing", func(f *Fragment) { f.Intervals = append(f.Intervals, exact...) }, "exact figures without an interval"},
		{"exact figures twice", func(f *Fragment) { f.Intervals = []byte(exact + exact) }, "intervals.hlog:2: an interval is to follow exact figures"},
		{"bad exact figures", func(f *Fragment) { f.Intervals = []byte("#[Exact: 2,1,1,0]\n") }, "the minimum is above the maximum"},
	}
	dir, w := write(t, 1)
	size := func() string {
		var sizes []int64
		for _, name := range []string{TimelineFile, IntervalFile, EvidenceFile} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, info.Size())
		}
		return fmt.Sprint(sizes)
	}
	before := size()
	for _, c := range cases[1:] {
		f := travelled(t, good)
		c.change(f)
		if err := w.AppendFragment(f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if after := size(); after != before {
			t.Fatalf("%s: the files went from %s to %s", c.name, before, after)
		}
	}
	for _, next := range []struct {
		f    Fragment
		want string
	}{{list[1], ""}, {list[1], "fragment of second 1: that second is there already"}, {list[0], "fragment of second 0: it comes after second 1"},
		{Fragment{T: 1, Evidence: list[1].Evidence}, ""}, {Fragment{T: 0, Evidence: list[1].Evidence}, "it comes after second 1"}} {
		err := w.AppendFragment(travelled(t, next.f))
		if got := fmt.Sprint(err); (err == nil) != (next.want == "") || !strings.Contains(got, next.want) {
			t.Errorf("second %d: %v, want %q", next.f.T, err, next.want)
		}
	}
}

// FuzzFragment: bytes of any kind are read or refused, and what was read makes files that the readers of a directory read.
func FuzzFragment(f *testing.F) {
	_, list := fragments(f, 2)
	for _, one := range list {
		f.Add(one.T, one.Timeline, one.Intervals, one.Evidence)
	}
	f.Add(int64(3), []byte("{\"t\":3,\"phase\":\"\x1b\"}\n"), []byte("#[Second: 3]\n#[Exact: 0,0,0,9223372036854775807]\nTag=a|b|c,0,1,1,HISTFAAAA\n"), []byte("{}\n"))
	f.Add(int64(-1), []byte("\n"), []byte("Tag=,,,,\n"), []byte("null\n"))
	f.Fuzz(func(t *testing.T, second int64, timeline, intervals, evidence []byte) {
		one := &Fragment{T: second, EndNS: 1, Timeline: timeline, Intervals: intervals, Evidence: evidence}
		lines, list, exchanges, err := one.Read()
		if err != nil {
			if !strings.HasPrefix(err.Error(), fmt.Sprintf("fragment of second %d: ", second)) {
				t.Fatalf("%v", err)
			}
			return
		}
		n := 0
		torn, err := eachLineOf(bytes.NewReader(timeline), TimelineFile, func(s *Second) error { n++; return nil })
		if err != nil || torn || n != len(lines) {
			t.Fatalf("%d lines, the file has %d, %v", len(lines), n, err)
		}
		n = 0
		torn, err = eachLineOf(bytes.NewReader(evidence), EvidenceFile, func(*Evidence) error { n++; return nil })
		if err != nil || torn || n != len(exchanges) {
			t.Fatalf("%d exchanges, the file has %d, %v", len(exchanges), n, err)
		}
		n = 0
		torn, err = readLog(bytes.NewReader(intervals), IntervalFile, maxSecond, nil, func(_ int64, tag string, h *Histogram) error {
			if iv := list[n]; TagOf(iv.Phase, iv.Clock, iv.Code) != tag || h.Count() > 0 && !equal(iv.H.Summary(), h.Summary()) {
				return fmt.Errorf("interval %d is another one", n)
			}
			n++
			return nil
		})
		if err != nil || torn || n != len(list) {
			t.Fatalf("%d intervals, the file has %d, %v", len(list), n, err)
		}
		if _, _, err := MergeSecond(second, []SecondPart{{lines, list}, {lines, list}}); err != nil && !errors.Is(err, errDropped) {
			t.Fatal(err)
		}
	})
}

func BenchmarkFragmentRead(b *testing.B) {
	_, list := fragments(b, 2)
	for b.Loop() {
		one := Fragment{T: list[1].T, Timeline: list[1].Timeline, Intervals: list[1].Intervals}
		if _, _, _, err := one.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
