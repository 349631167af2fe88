package cmd

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"axbench/report"

	"github.com/urfave/cli/v2"
)

// TestWriteReports: a report that cannot be written is an error that names it, and keeps no other from being written.
func TestWriteReports(t *testing.T) {
	dir := t.TempDir()
	good, old := filepath.Join(dir, "good"), filepath.Join(dir, "old")
	if err := os.WriteFile(old, []byte("an older and longer report"), 0o600); err != nil {
		t.Fatal(err)
	}
	list := []wantedReport{{"junit", filepath.Join(dir, "gone", "x")}, {"csv", good}, {"broken", filepath.Join(dir, "never")}, {"text", "-"}, {"json", old}}
	var stdout bytes.Buffer
	p := &program{stdout: &stdout, env: noEnv}
	ctx := cli.NewContext(cli.NewApp(), nil, nil)
	err := p.writeReports(ctx, list, func(b *bytes.Buffer, format string, o report.Options) error {
		if format == "broken" {
			return errBroken
		}
		b.WriteString(format)
		return nil
	})
	if !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "write the report junit=") || !strings.Contains(err.Error(), "write the report broken=") {
		t.Errorf("the error is %v", err)
	}
	for path, want := range map[string]string{good: "csv", old: "json"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v", path, got, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 || stdout.String() != "text" {
		t.Errorf("%d files, %v; stdout %q", len(entries), err, stdout.String())
	}
}

var errBroken = errors.New("cannot be rendered")

// TestCheckOutput: what cannot be written is found before, what can leaves no trace.
func TestCheckOutput(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"file": "x", "run/run.json": "{}", "conform/conform.json": "{}"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct{ path, out, want string }{
		{"-", "", ""},
		{"new", "", ""},
		{"file", "", ""},
		{"run.json", "", ""}, // of no run directory
		{"run/report.md", "", ""},
		{"run/run.json", "", "belongs to the run directory"},
		{"run/timeline.ndjson", "", "belongs to the run directory"},
		{"conform/evidence.ndjson", "", "belongs to the run directory"},
		{"conform/bundle.zip", "", "belongs to the run directory"},
		{"coming/x.md", "coming", ""}, // the command makes it
		{"coming/../coming/x.md", "coming", ""},
		{"coming/run.json", "coming", "belongs to the run directory"},
		{"coming/sub/x.md", "coming", "takes no file"},
		{"gone/x.md", "", "takes no file"},
		{"file/x.md", "", "takes no file"},
		{"run", "", "is a folder"},
	}
	for _, c := range cases {
		path, out := c.path, c.out
		if path != "-" {
			path = dir + "/" + path // as somebody types it
		}
		if out != "" {
			out = filepath.Join(dir, out)
		}
		err := checkOutput(path, out)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), ".axbench.")) {
			t.Errorf("%s: %v, want %q", c.path, err, c.want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("%d entries are left, %v; want file, run and conform", len(entries), err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "file")); err != nil || string(data) != "x" {
		t.Errorf("the file holds %q, %v", data, err)
	}
}
