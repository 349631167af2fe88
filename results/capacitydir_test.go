package results

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCapacityDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "search")
	c := &Capacity{Version: "x", Scenario: "s", Started: time.Unix(1_700_000_000, 0).UTC()}
	if err := CreateCapacity(dir, c); err != nil {
		t.Fatal(err)
	}
	rec, err := OpenCapacity(dir)
	if err != nil || rec.Capacity.Verdict != VerdictPartial || rec.Capacity.ExitCode != nil || rec.Capacity.Curve == nil || rec.Capacity.Notes == nil {
		t.Fatalf("at the begin: %+v, %v", rec, err)
	}
	low, exit := 480.0, 0
	c.Rate.Low, c.ExitCode, c.Verdict, c.Curve = &low, &exit, VerdictPass, []Probe{{Step: 1, Rate: 50}}
	if err := WriteCapacity(dir, c); err != nil {
		t.Fatal(err)
	}
	rec, err = OpenCapacity(dir)
	if err != nil || *rec.Capacity.Rate.Low != 480 || len(rec.Capacity.Curve) != 1 || rec.Capacity.Curve[0].Reasons == nil || rec.Dir != dir {
		t.Errorf("at the end: %+v, %v", rec, err)
	}
	if !IsCapacityDir(dir) || IsCapacityDir(filepath.Dir(dir)) {
		t.Error("the directory of the search is one, its parent is none")
	}
	if err := CreateCapacity(dir, c); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a second search in the same directory: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v; want capacity.json alone", len(entries), err)
	}
}

func TestOpenCapacityRefuses(t *testing.T) {
	for name, text := range map[string]string{"no JSON": "{", "another schema": `{"schema":"axbench.run/v1","verdict":"pass"}`, "no verdict": `{"schema":"axbench.capacity/v1"}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, CapacityFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var at *RecordError
		if _, err := OpenCapacity(dir); !errors.As(err, &at) || !strings.HasSuffix(at.File, CapacityFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenCapacity(t.TempDir()); !os.IsNotExist(err) {
		t.Errorf("an empty directory: %v", err)
	}
}
