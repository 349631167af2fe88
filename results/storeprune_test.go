package results

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// age sets when everything below dir changed.
func age(t testing.TB, dir string, at time.Time) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		return os.Chtimes(path, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// partial makes the run.json of dir that of a run that has not ended.
func partial(t testing.TB, dir string) {
	t.Helper()
	path := filepath.Join(dir, RunFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), `"verdict":"pass"`, `"verdict":"partial"`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPrune(t *testing.T) {
	store := t.TempDir()
	now := start.Add(24 * time.Hour)
	outside := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(outside, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	var smoke []string
	for i := range 8 {
		smoke = append(smoke, stored(t, store, KindRun, "smoke", i, byte(i)))
	}
	peak := stored(t, store, KindRun, "peak", 0, 0x20)
	capacity := stored(t, store, KindCapacity, "capacity-smoke", 0, 0x21)
	conform := stored(t, store, KindConform, "conform", 0, 0x22)
	if _, err := SetTag(smoke[0], "baseline"); err != nil {
		t.Fatal(err)
	}
	partial(t, smoke[1]) // and changed just now, whatever its start
	partial(t, smoke[2])
	if err := os.MkdirAll(filepath.Join(smoke[3], "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{filepath.Join(smoke[3], "deep", "file"): outside, filepath.Join(smoke[3], "dir"): filepath.Dir(outside)} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	foreign := []string{filepath.Join(store, "mine"), filepath.Join(store, NewDirName(start, "smoke", [2]byte{1, 1}))}
	for _, dir := range foreign {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(store, NewDirName(start, "smoke", [2]byte{2, 2}))
	if err := os.Symlink(smoke[3], link); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(store, prunedPrefix+NewDirName(start, "smoke", [2]byte{3, 3}))
	if err := os.MkdirAll(filepath.Join(left, "half"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range smoke {
		age(t, dir, now.Add(-time.Hour))
	}
	age(t, smoke[1], now.Add(-StillAfter+time.Second))
	rule := PruneRule{Keep: 2, Now: now, Held: func(e *Entry) string {
		if e.Dir == smoke[4] {
			return "it holds bindings"
		}
		return ""
	}}
	plan, err := PlanPrune(store, rule)
	if err != nil {
		t.Fatal(err)
	}
	gone := func(items []PruneItem) (list []string) {
		for _, item := range items {
			if item.Remove {
				list = append(list, item.Dir)
			}
		}
		return list
	}
	if want := []string{smoke[5], smoke[3], smoke[2]}; !reflect.DeepEqual(gone(plan), want) {
		t.Errorf("the plan lets %v go, want %v", gone(plan), want)
	}
	whys := map[string]string{}
	for _, item := range plan {
		whys[item.Dir] = item.Why
	}
	for dir, want := range map[string]string{smoke[0]: "it bears the tag baseline", smoke[1]: "it may still be running", smoke[4]: "it holds bindings"} {
		if !strings.HasPrefix(whys[dir], want) {
			t.Errorf("%s stays for %q, want %q", dir, whys[dir], want)
		}
	}
	done, err := Prune(store, rule)
	if err != nil || !reflect.DeepEqual(gone(done), gone(plan)) {
		t.Errorf("removed %v, %v; planned were %v", gone(done), err, gone(plan))
	}
	for _, dir := range append(gone(plan), left) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", dir, err)
		}
	}
	for _, path := range append([]string{outside, link, peak, capacity, conform, smoke[0], smoke[1], smoke[4], smoke[6], smoke[7]}, foreign...) {
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s is gone: %v", path, err)
		}
	}
	hidden, err := filepath.Glob(filepath.Join(store, prunedPrefix+"*"))
	if err != nil || len(hidden) > 0 {
		t.Errorf("half removed: %v, %v", hidden, err)
	}
}

func TestPruneAge(t *testing.T) {
	store := t.TempDir()
	old, young := stored(t, store, KindRun, "smoke", 0, 0), stored(t, store, KindRun, "smoke", 60, 1)
	for _, c := range []struct {
		older time.Duration
		keep  int
		want  map[string]bool
	}{
		{2 * time.Hour, -1, map[string]bool{}},
		{90 * time.Minute, -1, map[string]bool{old: true}},
		{time.Minute, -1, map[string]bool{old: true, young: true}},
		{time.Minute, 1, map[string]bool{old: true}}, // both must let it go
		{0, 0, map[string]bool{old: true, young: true}},
	} {
		items, err := PlanPrune(store, PruneRule{Older: c.older, Keep: c.keep, Now: start.Add(2 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			if item.Remove != c.want[item.Dir] {
				t.Errorf("older than %s, keep %d: %s goes: %v", c.older, c.keep, item.Name, item.Remove)
			}
		}
	}
}

func TestPruneNoStore(t *testing.T) {
	store := filepath.Join(t.TempDir(), "nowhere")
	if items, err := Prune(store, PruneRule{Keep: 0}); len(items) > 0 || err != nil {
		t.Errorf("%v, %v", items, err)
	}
	if _, err := os.Stat(store); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the store was made: %v", err)
	}
}

// A store that cannot be locked loses nothing.
func TestPruneLockedOut(t *testing.T) {
	store := t.TempDir()
	dir := stored(t, store, KindRun, "smoke", 0, 0)
	if err := os.Mkdir(filepath.Join(store, lockFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Prune(store, PruneRule{Keep: 0, Now: start.Add(time.Hour)}); err == nil || !IsRunDir(dir) {
		t.Errorf("the directory is there: %v; error %v", IsRunDir(dir), err)
	}
	if _, err := SetTag(dir, "baseline"); err == nil {
		t.Error("it was tagged")
	}
}

// Whatever the rule: of each scenario the newest Keep stay, what bears a tag stays, and what goes is older than Older.
func TestPruneProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, err := os.MkdirTemp("", "axbench-prune")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(store)
		n := rapid.IntRange(0, 12).Draw(t, "directories")
		tagged := map[string]bool{}
		for i := range n {
			scenario := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "scenario")
			at := start.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "minute")) * time.Minute)
			dir := filepath.Join(store, NewDirName(at, scenario, [2]byte{0, byte(i)}))
			text := `{"schema":"` + Schema + `","scenario":"` + scenario + `","verdict":"pass","started":"` + at.Format(time.RFC3339Nano) + `"}`
			if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, RunFile), []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "tagged") {
				tagged[dir] = true
				if err := os.WriteFile(filepath.Join(dir, TagsFile), []byte("t\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		rule := PruneRule{Keep: rapid.IntRange(-1, 5).Draw(t, "keep"), Older: time.Duration(rapid.IntRange(0, 100).Draw(t, "older")) * time.Minute, Now: start.Add(100 * time.Minute)}
		items, err := Prune(store, rule)
		if err != nil || len(items) != n {
			t.Fatalf("%d of %d items, %v", len(items), n, err)
		}
		kept := map[string]int{}
		for _, item := range items {
			if _, err := os.Stat(item.Dir); errors.Is(err, fs.ErrNotExist) != item.Remove {
				t.Fatalf("%s: remove %v, %v", item.Name, item.Remove, err)
			}
			due := rule.Now.Sub(item.Started) > rule.Older || rule.Older == 0
			beyond := kept[item.Scenario] >= rule.Keep
			kept[item.Scenario]++
			if want := due && beyond && !tagged[item.Dir]; item.Remove != want {
				t.Fatalf("%s: remove %v, want %v", item.Name, item.Remove, want)
			}
		}
	})
}
