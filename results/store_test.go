package results

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestNewDirName(t *testing.T) {
	now := time.Date(2026, 3, 4, 13, 6, 7, 0, time.FixedZone("UTC+8", 8*3600))
	cases := map[string]string{
		"quickstart":             "20260304T050607Z-quickstart-0aff",
		"my scenario/../x":       "20260304T050607Z-my-scenario-..-x-0aff",
		"":                       "20260304T050607Z-run-0aff",
		strings.Repeat("a", 200): "20260304T050607Z-" + strings.Repeat("a", 64) + "-0aff",
		"高峰":                     "20260304T050607Z--------0aff",
	}
	for scenario, want := range cases {
		got := NewDirName(now, scenario, [2]byte{0x0a, 0xff})
		if got != want || !dirName.MatchString(got) {
			t.Errorf("%q: %q, want %q", scenario, got, want)
		}
	}
}

func TestOnlyRunDirectoriesAreListed(t *testing.T) {
	store := t.TempDir()
	name := func(i byte) string { return filepath.Join(store, NewDirName(start, "s", [2]byte{0, i})) }
	for i := range byte(2) {
		w, err := Create(name(i), newRun())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	foreign := map[string]func() error{
		"another name": func() error { return os.Rename(name(1), filepath.Join(store, "mine")) },
		"no run.json":  func() error { return os.Mkdir(name(2), 0o755) },
		"another schema": func() error {
			if err := os.Mkdir(name(3), 0o755); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(name(3), RunFile), []byte(`{"schema":"x"}`), 0o644)
		},
		"a file": func() error { return os.WriteFile(name(4), nil, 0o644) },
		"a link": func() error { return os.Symlink(name(0), name(5)) },
	}
	for what, make := range foreign {
		if err := make(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	got, err := List(store)
	if want := []string{name(0)}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("listed %v, %v; want %v", got, err, want)
	}
	if got, err := List(filepath.Join(store, "nowhere")); err != nil || got != nil {
		t.Errorf("a store that is not there: %v, %v", got, err)
	}
}

// Every field of run.json, conform.json and evidence.ndjson is told of in the package comment.
func TestDocNamesEveryField(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(string(doc), func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) {
		words[w] = true
	}
	names := map[string]bool{}
	jsonNames(reflect.TypeFor[Run](), names)
	jsonNames(reflect.TypeFor[Conform](), names)
	jsonNames(reflect.TypeFor[Exchange](), names)
	jsonNames(reflect.TypeFor[Comparison](), names)
	if len(names) < 60 {
		t.Fatalf("only %d fields found", len(names))
	}
	for name := range names {
		if !words[name] {
			t.Errorf("doc.go does not name the field %q", name)
		}
	}
}

func jsonNames(t reflect.Type, names map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return
	}
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "" {
			names[name] = true
		}
		jsonNames(t.Field(i).Type, names)
	}
}
