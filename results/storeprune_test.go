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

// prunable is a store with everything that a prune may meet.
type prunable struct {
	store   string
	smoke   []string // runs, oldest first: 0 bears a tag, 1 may be running, 2 was killed, 3 holds links
	others  []string // of other scenarios, of other people, and behind links
	left    string   // what an earlier prune was killed over
	outside string   // a file that links lead to
}

func newPrunable(t *testing.T, now time.Time) *prunable {
	p := &prunable{store: t.TempDir(), outside: filepath.Join(t.TempDir(), "precious")}
	do := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 8 {
		p.smoke = append(p.smoke, stored(t, p.store, KindRun, "smoke", i, byte(i)))
	}
	_, err := SetTag(p.smoke[0], "baseline")
	deep := filepath.Join(p.smoke[3], "deep")
	do(err, os.WriteFile(p.outside, []byte("x"), 0o644), os.Mkdir(deep, 0o755))
	do(os.Symlink(p.outside, filepath.Join(deep, "file")), os.Symlink(filepath.Dir(p.outside), filepath.Join(deep, "dir")))
	partial(t, p.smoke[1])
	partial(t, p.smoke[2])
	name := func(n byte) string { return NewDirName(start, "smoke", [2]byte{n, n}) }
	link, mine, empty := filepath.Join(p.store, name(1)), filepath.Join(p.store, "mine"), filepath.Join(p.store, name(2))
	p.left = filepath.Join(p.store, prunedPrefix+name(3))
	do(os.Symlink(p.smoke[3], link), os.Mkdir(mine, 0o755), os.Mkdir(empty, 0o755), os.MkdirAll(filepath.Join(p.left, "half"), 0o755))
	p.others = []string{link, mine, empty, p.outside, stored(t, p.store, KindRun, "peak", 0, 0x20),
		stored(t, p.store, KindCapacity, "capacity-smoke", 0, 0x21), stored(t, p.store, KindConform, "conform", 0, 0x22)}
	for _, dir := range p.smoke {
		age(t, dir, now.Add(-time.Hour))
	}
	age(t, p.smoke[1], now.Add(-StillAfter+time.Second)) // whatever its start says
	return p
}

func removed(items []PruneItem) (list []string) {
	for _, item := range items {
		if item.Remove {
			list = append(list, item.Dir)
		}
	}
	return list
}

func TestPrune(t *testing.T) {
	now := start.Add(24 * time.Hour)
	p := newPrunable(t, now)
	rule := PruneRule{Keep: 2, Now: now, Held: func(e *Entry) string {
		if e.Dir == p.smoke[4] {
			return "it holds bindings"
		}
		return ""
	}}
	plan, err := PlanPrune(p.store, rule)
	if err != nil {
		t.Fatal(err)
	}
	gone := []string{p.smoke[5], p.smoke[3], p.smoke[2]}
	if got := removed(plan); !reflect.DeepEqual(got, gone) {
		t.Errorf("the plan lets %v go, want %v", got, gone)
	}
	whys := map[string]string{}
	for _, item := range plan {
		whys[item.Dir] = item.Why
	}
	for i, want := range map[int]string{0: "it bears the tag baseline", 1: "it may still be running", 4: "it holds bindings", 7: ""} {
		if got := whys[p.smoke[i]]; !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s stays for %q, want %q", p.smoke[i], got, want)
		}
	}
	if done, err := Prune(p.store, rule); err != nil || !reflect.DeepEqual(removed(done), gone) {
		t.Errorf("removed %v, %v; planned were %v", removed(done), err, gone)
	}
	for _, dir := range append(gone, p.left) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", dir, err)
		}
	}
	for _, path := range append(p.others, p.smoke[0], p.smoke[1], p.smoke[4], p.smoke[6], p.smoke[7]) {
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s is gone: %v", path, err)
		}
	}
	if hidden, err := filepath.Glob(filepath.Join(p.store, prunedPrefix+"*")); err != nil || len(hidden) > 0 {
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
		n := rapid.IntRange(0, 8).Draw(t, "directories")
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
