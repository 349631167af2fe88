package traffic

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// withoutMapping makes a journal write its lines, as it does where files cannot be mapped.
func withoutMapping(t testing.TB, j *Journal) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.mapped != nil {
		must(t, j.mapped.close())
		j.mapped = nil
	}
}

func takeAll(t testing.TB, tail *JournalTail) (lines []byte) {
	t.Helper()
	for {
		some, err := tail.Take()
		must(t, err)
		if some == nil {
			return lines
		}
		if len(some) > tailRoom || some[len(some)-1] != '\n' {
			t.Fatalf("%d bytes that end in %q", len(some), some[len(some)-1])
		}
		lines = append(lines, some...)
	}
}

func TestJournalTail(t *testing.T) {
	for _, mapped := range []bool{true, false} {
		t.Run(fmt.Sprint("mapped ", mapped), func(t *testing.T) {
			path, j := journalIn(t)
			if !mapped {
				withoutMapping(t, j)
			}
			tail := j.Tail()
			if got := takeAll(t, tail); got != nil {
				t.Errorf("nothing was bound: %q", got)
			}
			must(t, j.Bound([]byte("1"), []byte(testX), "P", time.Time{}))
			if got := string(takeAll(t, tail)); got != "+ 1 "+testX+" P 0\n" {
				t.Errorf("%q", got)
			}
			// Beyond a mapped chunk, with workers and the reader at the same time.
			var seen bytes.Buffer
			var workers sync.WaitGroup
			for w := range 4 {
				workers.Go(func() {
					for i := range 10_000 {
						j.Bound(fmt.Appendf(nil, "%d-%d", w, i), []byte(testX), "FC123456", testExpires)
					}
				})
			}
			ended := make(chan struct{})
			go func() { workers.Wait(); close(ended) }()
			for more := true; more; {
				select {
				case <-ended:
					more = false
				default:
				}
				seen.Write(takeAll(t, tail))
			}
			must(t, j.Unbound("1"))
			seen.Write(takeAll(t, tail))
			file, err := os.ReadFile(path)
			must(t, err)
			want := strings.TrimPrefix(strings.TrimRight(string(file), "\x00"), journalHead+"\n+ 1 "+testX+" P 0\n")
			if seen.String() != want || strings.Count(want, "\n") != 40_001 {
				t.Errorf("read %d bytes, want %d with %d lines", seen.Len(), len(want), strings.Count(want, "\n"))
			}
			if again := takeAll(t, j.Tail()); len(again) != seen.Len()+len("+ 1 "+testX+" P 0\n") {
				t.Errorf("a second reader sees %d bytes", len(again))
			}
			must(t, j.Close(testNow))
			if _, err := tail.Take(); err == nil {
				t.Error("a closed journal can be read")
			}
		})
	}
}

func TestJournalTailPassesOverWhatIsTooLong(t *testing.T) {
	_, j := journalIn(t)
	must(t, j.Bound([]byte("1"), []byte(testX), "P", time.Time{}))
	must(t, j.Bound(bytes.Repeat([]byte("2"), 3*tailRoom+17), []byte(testX), "P", time.Time{}))
	must(t, j.Bound([]byte("3"), []byte(testX), "P", time.Time{}))
	tail, got, failed := j.Tail(), "", 0
	for range 4 {
		lines, err := tail.Take()
		if err != nil {
			failed++
		}
		got += string(lines)
	}
	if got != "+ 1 "+testX+" P 0\n+ 3 "+testX+" P 0\n" || failed != 1 {
		t.Errorf("%q, %d errors", got, failed)
	}
}

// TestMergedJournal: what several generators noted, with repetitions, says what is alive, and is not deleted before that is gone.
func TestMergedJournal(t *testing.T) {
	path, j := journalIn(t)
	_, one := journalIn(t)
	_, two := journalIn(t)
	must(t, one.Bound([]byte("1"), []byte(testX), "P", testExpires))
	must(t, one.Bound([]byte("2"), []byte(testX), "P", testExpires.Add(time.Hour)))
	must(t, two.Bound([]byte("odd id\n%"), []byte(testX), "", time.Time{}))
	first, second := one.Tail(), two.Tail()
	batch := takeAll(t, first)
	must(t, j.Append(append([]byte(journalHead+"\n"), batch...)))
	must(t, j.Append(takeAll(t, second)))
	must(t, one.Unbound("1"))
	gone := takeAll(t, first)
	for range 5 { // as many as there are bindings, and more: they do not stand for others
		must(t, j.Append(gone))
	}
	must(t, j.Append(nil))
	list, err := ReadJournal(path)
	must(t, err)
	want := []Binding{
		{SubsID: "2", X: testX, PoolKey: "P", Expires: time.Unix(testExpires.Unix()+3600, 0)}, {SubsID: "odd id\n%", X: testX},
	}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("alive: %q, want %q", list, want)
	}
	info, err := os.Stat(path)
	must(t, err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	must(t, j.Close(testNow))
	if list, err = ReadJournal(path); err != nil || len(list) != 2 {
		t.Fatalf("the journal is gone though bindings are alive: %q, %v", list, err)
	}
	again, list, err := resumeJournal(path)
	must(t, err)
	for _, b := range list {
		must(t, again.Unbound(b.SubsID))
	}
	must(t, again.Close(testNow))
	if _, err := os.Stat(path); err == nil {
		t.Error("the journal stays though nothing in it is alive")
	}
}

func TestMergedJournalIsDeletedWhenNothingCanBeAlive(t *testing.T) {
	for lines, close := range map[string]time.Time{
		"+ 1 x P 100\n- 1\n- 1\n":                testNow,
		"+ 1 x P 0\n+ 2 x P 0\n- 2\n- 1\n- 1\n":  testNow,
		"+ 1 x P 4000000000\n+ 2 x P 100\n- 1\n": testNow,
		"- 1\n":                                  testNow,
	} {
		path, j := journalIn(t)
		must(t, j.Append([]byte(lines)))
		must(t, j.Close(close))
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%q: stays", lines)
		}
	}
}

func TestLinesThatAreNone(t *testing.T) {
	path, j := journalIn(t)
	must(t, j.Append([]byte("+ 1 x P 100\n")))
	before, err := os.ReadFile(path)
	must(t, err)
	for _, lines := range []string{
		"- 2", "+ 2 x P 100\n- 2", "\n", "+ 2 x P\n", "+ 2 x P 1e3\n", "+ 2 x P -1\n", "+ 2 x P 9223372036854775807\n", "+ 2 %4 P 0\n", "- 2 3\n", "+ 2 x P 0\nhello\n",
		"- " + strings.Repeat("1", tailRoom) + "\n", "axbench.bindings/v2\n",
	} {
		if err := j.Append([]byte(lines)); err == nil {
			t.Errorf("%.40q: accepted", lines)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("something was added: %v", err)
	}
	if err := j.Append([]byte(journalHead + "\n")); err != nil {
		t.Error(err)
	}
	must(t, j.Close(testNow))
	if err := j.Append([]byte("- 1\n")); err == nil {
		t.Error("a closed journal takes lines")
	}
}

// FuzzAppend: whatever the bytes, an error, or a journal that says the same as the lines do.
func FuzzAppend(f *testing.F) {
	f.Add([]byte("+ 1 17000000001 P 4000000000\n- 1\n"))
	f.Add([]byte(journalHead + "\n+ %41 % % 0\n"))
	f.Add([]byte("+ a\x00b x P 007\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "j")
		j, err := CreateJournal(path)
		must(t, err)
		defer os.Remove(path)
		defer j.Close(testNow)
		err = j.Append(data)
		got, readErr := ReadJournal(path)
		want, _, wantErr := readJournal("want", strings.NewReader(journalHead+"\n"+strings.ReplaceAll("\n"+string(data), "\n"+journalHead+"\n", "\n")[1:]))
		switch {
		case readErr != nil:
			t.Fatalf("%q: %v", data, readErr)
		case err != nil && len(got) != 0:
			t.Fatalf("%q: refused, and added %q", data, got)
		case err == nil && (wantErr != nil || !reflect.DeepEqual(got, want)):
			t.Fatalf("%q: %q, want %q, %v", data, got, want, wantErr)
		}
	})
}
