package results

import (
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

// stored makes a directory of a kind in a store as old as minutes say, named after scenario, and returns its path.
func stored(t testing.TB, store string, kind Kind, scenario string, minute int, hex byte) string {
	t.Helper()
	at := start.Add(time.Duration(minute) * time.Minute)
	dir := filepath.Join(store, NewDirName(at, scenario, [2]byte{0xab, hex}))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var file string
	var v any
	switch kind {
	case KindRun:
		run := newRun()
		run.Schema, run.Scenario, run.Started, run.Verdict = Schema, scenario, at, VerdictPass
		file, v = RunFile, run
	case KindConform:
		file, v = ConformFile, &Conform{Schema: ConformSchema, Started: at, Headline: HeadlineConformant}
	case KindCapacity:
		file, v = CapacityFile, &Capacity{Schema: CapacitySchema, Started: at, Scenario: strings.TrimPrefix(scenario, "capacity-"), Verdict: VerdictPass}
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), data, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestResolve(t *testing.T) {
	store := t.TempDir()
	outside := filepath.Join(t.TempDir(), "mine")
	smoke0 := stored(t, store, KindRun, "smoke", 0, 0)
	peak1 := stored(t, store, KindRun, "peak", 1, 1)
	smoke2 := stored(t, store, KindRun, "smoke", 2, 2)
	conform3 := stored(t, store, KindConform, "conform", 3, 3)
	capacity4 := stored(t, store, KindCapacity, "capacity-smoke", 4, 4)
	for _, dir := range []string{smoke0, peak1, conform3, capacity4} {
		if _, err := SetTag(dir, "baseline"); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(stored(t, t.TempDir(), KindRun, "smoke", 0, 0), outside); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(smoke0, filepath.Join(store, NewDirName(start.Add(time.Hour), "smoke", [2]byte{0xcc, 0xcc}))); err != nil {
		t.Fatal(err)
	}
	name := filepath.Base
	all := []string{capacity4, conform3, peak1, smoke0}
	ambiguous, none := &AmbiguousError{}, &NoRunError{}
	cases := []struct {
		ref  string
		want Want
		dirs []string
		err  any
	}{
		{ref: outside, dirs: []string{outside}},
		{ref: smoke0 + "/", dirs: []string{smoke0}},
		{ref: smoke0, want: Want{Scenario: "peak"}, dirs: []string{smoke0}}, // a path is what it is
		{ref: name(smoke2), dirs: []string{smoke2}},
		{ref: name(smoke2)[:len(dirTime)], dirs: []string{smoke2}},
		{ref: "ab02", dirs: []string{smoke2}},
		{ref: "smoke-ab02", dirs: []string{smoke2}},
		{ref: "ab0", err: &none}, // "ab0" ends no name
		{ref: "b02", err: &none},
		{ref: "2026", err: &ambiguous},
		{ref: "latest", dirs: []string{capacity4}},
		{ref: "latest~0", dirs: []string{capacity4}},
		{ref: "latest~1", dirs: []string{conform3}},
		{ref: "latest~4", dirs: []string{smoke0}},
		{ref: "latest~5", err: &none},
		{ref: "latest:smoke", dirs: []string{capacity4}},
		{ref: "latest:smoke", want: Want{Kind: KindRun}, dirs: []string{smoke2}},
		{ref: "latest:smoke~1", want: Want{Kind: KindRun}, dirs: []string{smoke0}},
		{ref: "latest:conform", dirs: []string{conform3}},
		{ref: "latest", want: Want{Kind: KindConform}, dirs: []string{conform3}},
		{ref: "latest", want: Want{Scenario: "peak"}, dirs: []string{peak1}},
		{ref: "latest:nosuch", err: &none},
		{ref: "latest:", err: &none},
		{ref: "latest~x", err: &none},
		{ref: "baseline", dirs: all},
		{ref: "baseline", want: Want{Kind: KindRun, Scenario: "smoke"}, dirs: []string{smoke0}},
		{ref: "baseline:peak", dirs: []string{peak1}},
		{ref: "baseline:smoke", dirs: []string{capacity4, smoke0}},
		{ref: "baseline:peak", want: Want{Scenario: "smoke"}, err: &none},
		{ref: "baseline", want: Want{Scenario: "nosuch"}, err: &none},
		{ref: "baseline~1", err: &none},
		{ref: "nosuch", err: &none},
		{ref: "", err: &none},
		{ref: ".", err: &none},
		{ref: "../nosuch", err: &none},
		{ref: "\x1b[2J", err: &none},
	}
	for _, c := range cases {
		t.Run(strings.ReplaceAll(c.ref, "/", "|"), func(t *testing.T) {
			got, err := Resolve(store, c.ref, c.want)
			if c.err == nil {
				if err != nil || !reflect.DeepEqual(got, c.dirs) {
					t.Errorf("%v: %v, %v; want %v", c.want, got, err, c.dirs)
				}
				return
			}
			if !errors.As(err, c.err) || errors.Is(err, ErrNoRun) != (c.err == any(&none)) || len(got) > 0 {
				t.Errorf("%v: %v and the error %v, want a %T", c.want, got, err, c.err)
			}
		})
	}
	if _, err := Resolve(filepath.Join(store, "nowhere"), "baseline", Want{}); !errors.Is(err, ErrNoRun) {
		t.Errorf("without a store: %v", err)
	}
	if _, err := ResolveOne(store, "baseline", Want{}); !errors.As(err, &ambiguous) || len(ambiguous.Candidates) != 4 {
		t.Errorf("one of four: %v", err)
	}
	if dir, err := ResolveOne(store, "baseline", Want{Kind: KindConform}); dir != conform3 || err != nil {
		t.Errorf("one by kind: %v, %v", dir, err)
	}
}

// Two copies that bear one tag, as a kill or a copied directory leaves them, are not told apart by luck.
func TestResolveDoubleTag(t *testing.T) {
	store := t.TempDir()
	for i := range 12 {
		dir := stored(t, store, KindRun, "smoke", i, byte(i))
		if err := os.WriteFile(filepath.Join(dir, TagsFile), []byte("baseline\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Resolve(store, "baseline", Want{})
	var many *AmbiguousError
	if !errors.As(err, &many) || len(many.Candidates) != 12 || !strings.Contains(err.Error(), "-ab0b, ") || !strings.HasSuffix(err.Error(), "-ab04 and 4 more") {
		t.Errorf("%v", err)
	}
	if from, err := SetTag(many.Candidates[3], "baseline"); err != nil || len(from) != 11 {
		t.Errorf("set again: taken from %v, %v", from, err)
	}
	if dir, err := ResolveOne(store, "baseline", Want{}); err != nil || dir != many.Candidates[3] {
		t.Errorf("after it was set again: %v, %v", dir, err)
	}
}

// A directory of the working directory goes first, and where its file is broken that is said; one without a file is nobody's.
func TestResolveBrokenDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	tagged := stored(t, "store", KindRun, "smoke", 0, 0)
	if _, err := SetTag(tagged, "baseline"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("baseline", 0o755); err != nil {
		t.Fatal(err)
	}
	if dir, err := ResolveOne("store", "baseline", Want{}); err != nil || dir != tagged {
		t.Errorf("a folder without a file: %v, %v", dir, err)
	}
	if err := os.WriteFile(filepath.Join("baseline", RunFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	var broken *RecordError
	if dir, err := ResolveOne("store", "baseline", Want{}); !errors.As(err, &broken) || errors.Is(err, ErrNoRun) {
		t.Errorf("a broken file: %v, %v", dir, err)
	}
}

// Of runs of one second the start decides, not the name.
func TestNewestWithinASecond(t *testing.T) {
	store := t.TempDir()
	first := stored(t, store, KindRun, "zz", 0, 0)
	second := stored(t, store, KindRun, "aa", 0, 0)
	data, err := os.ReadFile(filepath.Join(second, RunFile))
	if err != nil {
		t.Fatal(err)
	}
	later := start.Add(time.Millisecond).Format(time.RFC3339Nano)
	data = []byte(strings.Replace(string(data), start.Format(time.RFC3339Nano), later, 1))
	if err := os.WriteFile(filepath.Join(second, RunFile), data, 0o644); err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{"latest": second, "latest~1": first} {
		if got, err := ResolveOne(store, ref, Want{}); got != want || err != nil {
			t.Errorf("%s: %s, %v; want %s", ref, got, err, want)
		}
	}
}

func BenchmarkEntries(b *testing.B) {
	store := b.TempDir()
	data, err := os.ReadFile("../report/testdata/runs/pass/" + RunFile)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		dir := filepath.Join(store, NewDirName(start.Add(time.Duration(i)*time.Second), "pass", [2]byte{}))
		if err := os.Mkdir(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, RunFile), data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		list, err := List(store)
		if err != nil || len(list) != 1000 {
			b.Fatal(fmt.Sprint(len(list), err))
		}
	}
}

// No reference leads out of the store by its name, and none that names nothing is taken for something.
func FuzzResolve(f *testing.F) {
	store := f.TempDir()
	dir := stored(f, store, KindRun, "smoke", 0, 0)
	for _, seed := range []string{"latest", "latest:smoke~0", "latest~99999999", "ab00", "..", "../..", "a:b:c~1", "~", ":", "\x00", "20260304", filepath.Base(dir)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		if strings.ContainsAny(ref, `/\`) {
			return // a path may lead anywhere
		}
		got, err := Resolve(store, ref, Want{})
		if err == nil && !reflect.DeepEqual(got, []string{dir}) || err != nil && len(got) > 0 {
			t.Errorf("%q: %v, %v", ref, got, err)
		}
	})
}
