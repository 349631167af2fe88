package traffic

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func journalIn(t testing.TB) (string, *Journal) {
	t.Helper()
	path := filepath.Join(t.TempDir(), JournalName)
	j, err := CreateJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close(testNow) })
	return path, j
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestJournalSaysWhatIsAlive(t *testing.T) {
	path, j := journalIn(t)
	must(t, j.Bound([]byte("1000000000000001"), []byte(testX), "FC123456", testExpires))
	must(t, j.Bound([]byte("1000000000000002"), []byte(testX), "FC123456", time.Time{}))
	must(t, j.Bound([]byte("odd id\n+ % 中"), []byte(""), "", testExpires.Add(time.Nanosecond)))
	must(t, j.Unbound("1000000000000001"))
	list, err := ReadJournal(path)
	must(t, err)
	want := []Binding{
		{SubsID: "1000000000000002", X: testX, PoolKey: "FC123456"},
		{SubsID: "odd id\n+ % 中", Expires: time.Unix(testExpires.Unix()+1, 0)},
	}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("got %q, want %q", list, want)
	}
	info, err := os.Stat(path)
	must(t, err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := CreateJournal(path); err == nil {
		t.Error("a second journal over the first")
	}
}

func TestJournalIsDeletedWhenNothingCanBeAlive(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fill  func(j *Journal)
		close time.Time
		stays bool
	}{
		{"nothing was bound", func(*Journal) {}, testNow, false},
		{"all unbound", func(j *Journal) { j.Bound([]byte("1"), []byte(testX), "P", testExpires); j.Unbound("1") }, testNow, false},
		{"one alive", func(j *Journal) { j.Bound([]byte("1"), []byte(testX), "P", testExpires) }, testNow, true},
		{"all expired", func(j *Journal) { j.Bound([]byte("1"), []byte(testX), "P", testExpires) }, testExpires, false},
		{"one unbound, one expired", func(j *Journal) {
			j.Bound([]byte("1"), []byte(testX), "P", testExpires)
			j.Bound([]byte("2"), []byte(testX), "P", testExpires.Add(time.Hour))
			j.Unbound("2")
		}, testExpires, false},
		{"one without a known end", func(j *Journal) { j.Bound([]byte("1"), []byte(testX), "P", time.Time{}) }, testExpires.Add(1e6 * time.Hour), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, j := journalIn(t)
			tt.fill(j)
			must(t, j.Close(tt.close))
			if _, err := os.Stat(path); (err == nil) != tt.stays {
				t.Errorf("stays: %v, want %v", err == nil, tt.stays)
			}
			must(t, j.Close(tt.close))
			if err := j.Unbound("3"); err == nil {
				t.Error("a closed journal takes lines")
			}
		})
	}
}

func TestJournalAfterAKill(t *testing.T) {
	whole := journalHead + "\n+ 1 17000000001 P 4000000000\n+ 2 17000000001 P 4000000000\n- 1\n"
	for cut := range len(whole) + 1 {
		path := filepath.Join(t.TempDir(), JournalName)
		must(t, os.WriteFile(path, []byte(whole[:cut]), 0o600))
		list, err := ReadJournal(path)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		lines := strings.Count(whole[:cut], "\n")
		want := map[int]string{2: "1", 3: "1 2", 4: "2"}[lines]
		if got := ids(list); got != want {
			t.Errorf("cut at %d: alive %q, want %q", cut, got, want)
		}
		j, again, err := resumeJournal(path)
		must(t, err)
		if ids(again) != want {
			t.Errorf("cut at %d: resumed with %q, want %q", cut, ids(again), want)
		}
		must(t, j.Bound([]byte("9"), []byte(testX), "P", testExpires))
		list, err = ReadJournal(path)
		if err != nil || ids(list) != strings.TrimSpace(want+" 9") {
			t.Errorf("cut at %d and gone on with: %q, %v", cut, ids(list), err)
		}
		j.Close(testNow)
	}
}

func ids(list []Binding) string {
	var s []string
	for _, b := range list {
		s = append(s, b.SubsID)
	}
	return strings.Join(s, " ")
}

func TestBadJournals(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"another format", "axbench.bindings/v2\n", ":1: not a line of " + journalHead},
		{"another file", "{}\n", ":1: "},
		{"word", journalHead + "\n+ 1 2 P 5\nhello\n", ":3: "},
		{"expiry", journalHead + "\n+ 1 2 P soon\n", ":2: "},
		{"fields", journalHead + "\n+ 1 2 3\n", ":2: "},
		{"escape", journalHead + "\n- %zz\n", ":2: "},
		{"cut escape", journalHead + "\n- 1%2\n", ":2: "},
		{"blank line", journalHead + "\n\n", ":2: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), JournalName)
			must(t, os.WriteFile(path, []byte(tt.text), 0o600))
			if _, err := ReadJournal(path); err == nil || !strings.Contains(err.Error(), path+tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if _, _, err := resumeJournal(path); err == nil {
				t.Error("it is gone on with")
			}
			if now, err := os.ReadFile(path); err != nil || string(now) != tt.text {
				t.Errorf("the file was changed: %q", now)
			}
		})
	}
	if _, err := ReadJournal(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestJournalOfManyWorkers(t *testing.T) {
	const workers, each = 16, 200
	path, j := journalIn(t)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", w, i)
				if err := j.Bound([]byte(id), []byte(testX), "P", testExpires); err != nil {
					t.Error(err)
					return
				}
				if i%50 == 0 { // what was said to be written is in the file
					data, err := os.ReadFile(path)
					if err != nil || !strings.Contains(string(data), "+ "+id+" ") {
						t.Errorf("%s is not in the file", id)
					}
				}
				if i%2 == 0 {
					if err := j.Unbound(id); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	list, err := ReadJournal(path)
	must(t, err)
	if len(list) != workers*each/2 {
		t.Errorf("%d alive, want %d", len(list), workers*each/2)
	}
}

func TestJournalThatCannotBeWrittenStopsTheRun(t *testing.T) {
	path, j := journalIn(t)
	must(t, j.f.Close())
	var reasons []string
	tr := New(Config{MemoryIDs: 1 << 20, Journal: j, Stop: func(r string) { reasons = append(reasons, r) }})
	for i := 0; i < 40_000 && len(reasons) == 0; i++ { // space that was reserved before takes some lines
		judge(tr, bind(t, newSigner(t, clientV1)), bound(i))
	}
	judge(tr, bind(t, newSigner(t, clientV1)), bound(40_000))
	if len(reasons) != 1 || !strings.Contains(reasons[0], "journal of bindings") || tr.Err() == nil {
		t.Errorf("reasons %q, error %v", reasons, tr.Err())
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestJournalFieldsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "field")
		line := string(appendField(nil, in))
		out, ok := parseField(line)
		if !ok || out != in || strings.ContainsAny(line, " \n") || line == "" {
			t.Fatalf("%q is written %q and read %q", in, line, out)
		}
	})
}

func FuzzReadJournal(f *testing.F) {
	f.Add([]byte(journalHead + "\n+ 1 17000000001 P 4000000000\n- 1\n"))
	f.Add([]byte(journalHead + "\n+ %41 % % 0\n+"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, whole, err := readJournal("j", strings.NewReader(string(data)))
		if err == nil && whole != int64(strings.LastIndex(string(data), "\n")+1) {
			t.Errorf("%d whole bytes of %q", whole, data)
		}
		for _, b := range list {
			if strings.Contains(string(appendField(nil, b.SubsID)), " ") {
				t.Errorf("field %q", b.SubsID)
			}
		}
	})
}

func BenchmarkJournal(b *testing.B) {
	for _, workers := range []int{1, 16} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			_, j := journalIn(b)
			b.ReportAllocs()
			b.SetParallelism(workers)
			id, x := []byte("1000000768393849"), []byte(testX)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := j.Bound(id, x, "FC123456", testExpires); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func TestJournalOfManyChunks(t *testing.T) {
	path, j := journalIn(t)
	const n = 60_000 // more than two chunks
	later := time.Now().Add(time.Hour)
	for i := range n {
		must(t, j.Bound(fmt.Appendf(nil, "%016d", i), []byte("17000000000"), "FC123456", later))
	}
	list, err := ReadJournal(path) // as after a kill: the file still ends in what was reserved
	must(t, err)
	if len(list) != n || list[n-1].SubsID != fmt.Sprintf("%016d", n-1) {
		t.Fatalf("%d bindings before the end, want %d", len(list), n)
	}
	must(t, j.Close(time.Now()))
	data, err := os.ReadFile(path)
	must(t, err)
	if bytes.IndexByte(data, 0) >= 0 || data[len(data)-1] != '\n' {
		t.Error("the closed journal ends in reserved space")
	}
	again, _, err := resumeJournal(path)
	must(t, err)
	for i := range n {
		must(t, again.Unbound(fmt.Sprintf("%016d", i)))
	}
	must(t, again.Close(time.Now()))
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the empty journal is still there: %v", err)
	}
}
