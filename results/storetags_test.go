package results

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func TestCheckTag(t *testing.T) {
	for _, good := range []string{"baseline", "v1.2.3", "B", "beef1", "a" + strings.Repeat("b", 63)} {
		if err := CheckTag(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "2026", "-x", "latest", "Latest", "beef", "a/b", "a b", "a:b", "a~1", "..", "a\n", "基线", "a" + strings.Repeat("b", 64)} {
		if CheckTag(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestTags(t *testing.T) {
	store := t.TempDir()
	one, two := stored(t, store, KindRun, "smoke", 0, 0), stored(t, store, KindRun, "smoke", 1, 1)
	other, conform := stored(t, store, KindRun, "peak", 2, 2), stored(t, store, KindConform, "conform", 3, 3)
	before, err := os.ReadFile(filepath.Join(one, RunFile))
	if err != nil {
		t.Fatal(err)
	}
	set := func(dir, tag string, want ...string) {
		t.Helper()
		if from, err := SetTag(dir, tag); err != nil || !reflect.DeepEqual(from, want) {
			t.Errorf("tag %s %s: taken from %v, %v; want %v", dir, tag, from, err, want)
		}
	}
	has := func(dir string, want ...string) {
		t.Helper()
		e, err := ReadEntry(dir)
		if err != nil || !reflect.DeepEqual(e.Tags, append([]string{}, want...)) {
			t.Errorf("%s has the tags %v, %v; want %v", dir, e.Tags, err, want)
		}
	}
	set(one, "release")
	set(one, "baseline")
	set(one, "baseline")
	set(other, "baseline")
	set(conform, "baseline")
	has(one, "baseline", "release")
	set(two, "baseline", one)
	has(one, "release")
	has(two, "baseline")
	has(other, "baseline")
	has(conform, "baseline")
	if had, err := ClearTag(two, "baseline"); !had || err != nil {
		t.Errorf("clear: %v, %v", had, err)
	}
	if had, err := ClearTag(two, "baseline"); had || err != nil {
		t.Errorf("clear again: %v, %v", had, err)
	}
	if _, err := os.Stat(filepath.Join(two, TagsFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory without tags keeps the file: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(one, RunFile)); err != nil || string(after) != string(before) {
		t.Errorf("run.json was changed by a tag, %v", err)
	}
	link := filepath.Join(store, NewDirName(start, "smoke", [2]byte{9, 9}))
	if err := os.Symlink(one, link); err != nil {
		t.Fatal(err)
	}
	for what, dir := range map[string]string{"a link": link, "the store": store, "nothing": filepath.Join(store, NewDirName(start, "x", [2]byte{}))} {
		if _, err := SetTag(dir, "baseline"); err == nil {
			t.Errorf("%s was tagged", what)
		}
	}
	if _, err := SetTag(one, "latest"); err == nil {
		t.Error("latest was set as a tag")
	}
}

func TestReadTagsOfOthers(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, TagsFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("\r\nzulu\r\n  alpha \nalpha")
	if got, err := ReadTags(dir); err != nil || !reflect.DeepEqual(got, []string{"alpha", "zulu"}) {
		t.Errorf("%q, %v", got, err)
	}
	write("fine\n../../etc\n")
	var at *RecordError
	if _, err := ReadTags(dir); !errors.As(err, &at) || at.Line != 2 {
		t.Errorf("a hostile line: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, TagsFile)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, TagsFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTags(dir); err == nil {
		t.Error("a link was followed")
	}
}

// Whoever sets one tag at the same time as others: at the end exactly one directory bears it.
func TestConcurrentTags(t *testing.T) {
	store := t.TempDir()
	var dirs []string
	for i := range 8 {
		dirs = append(dirs, stored(t, store, KindRun, "smoke", i, byte(i)))
	}
	var group sync.WaitGroup
	for _, dir := range dirs {
		group.Go(func() {
			for range 5 {
				if _, err := SetTag(dir, "baseline"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if dir, err := ResolveOne(store, "baseline", Want{}); err != nil {
		t.Errorf("%s, %v", dir, err)
	}
}

// Whatever a file of tags holds, what is read of it are names that can be tags, sorted and each once.
func FuzzReadTags(f *testing.F) {
	for _, seed := range []string{"", "baseline\n", "b\na\r\n\n a ", "latest\n", "../x", "\x00", strings.Repeat("a", 70)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, TagsFile), data, 0o644); err != nil {
			t.Fatal(err)
		}
		tags, err := ReadTags(dir)
		if err != nil {
			return
		}
		for i, tag := range tags {
			if CheckTag(tag) != nil || i > 0 && tags[i-1] >= tag {
				t.Errorf("%q holds %q", data, tags)
			}
		}
	})
}
