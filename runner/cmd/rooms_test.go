package cmd

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// rooms is the table of DESIGN.md: which of our packages each package may import. A package that is not in it has no
// place yet. Test files are free to import what they need to test against, but for runner/cmd.
var rooms = map[string][]string{
	"":                           {"runner/cmd"},
	"results":                    {},
	"results/judge":              {"results"},
	"runner/pace":                {},
	"runner/wire":                {},
	"runner/record":              {"results"},
	"runner":                     {"runner/pace", "runner/wire", "runner/record", "results"},
	"runner/search":              {"runner", "results", "results/judge"},
	"runner/export":              {"results"},
	"runner/fleet":               {"runner", "runner/pace", "runner/record", "results", "results/judge"},
	"runner/fleet/deploy":        {},
	"runner/cmd":                 {"*"},
	"conformance/contract":       {},
	"conformance/signature":      {},
	"conformance/client":         {"conformance/contract", "conformance/signature"},
	"conformance/check":          {"conformance/contract"},
	"conformance/traffic":        {"conformance/contract", "conformance/client", "conformance/check", "conformance/signature", "runner/wire", "runner", "results"},
	"conformance/numbers":        {"conformance/contract"},
	"conformance/numbers/sizing": {"conformance/numbers", "conformance/contract"},
	"conformance/emulator":       {"conformance/contract", "conformance/signature", "conformance/numbers", "scenarios/strict"},
	"conformance/emulator/admin": {"conformance/emulator", "conformance/numbers", "conformance/contract"},
	"conformance":                {"conformance/contract", "conformance/client", "conformance/check", "conformance/traffic", "runner/wire", "runner", "runner/pace", "runner/record", "results", "results/judge", "scenarios/strict"},
	"scenarios/strict":           {},
	"scenarios":                  {"conformance/contract", "conformance/client", "conformance/traffic", "runner", "runner/pace", "results/judge", "scenarios/strict"},
	"report":                     {"results", "results/judge"},
	"report/live":                {"report", "results"},
	"report/browser":             {}, // for tests
}

// modules says in which package each module from outside is used: in one only.
var modules = map[string]string{
	"github.com/HdrHistogram/hdrhistogram-go": "results",
	"github.com/rogpeppe/go-internal":         "results", // the lock on the tags of a store
	"gonum.org/v1/gonum":                      "results/judge",
	"golang.org/x/time":                       "runner/pace",
	"github.com/urfave/cli/v2":                "runner/cmd",
	"github.com/vbauerster/mpb/v8":            "runner/cmd",
	"golang.org/x/net":                        "runner/cmd", // which proxy the environment means
	"github.com/valyala/fasthttp":             "conformance/emulator",
	"github.com/goccy/go-yaml":                "scenarios/strict",
	"github.com/invopop/jsonschema":           "scenarios/strict",
	"github.com/mattn/go-runewidth":           "report",
	"github.com/chromedp/chromedp":            "report/browser",
	"github.com/chromedp/cdproto":             "report/browser",
	"github.com/prometheus/client_golang":     "runner/export",
	"github.com/prometheus/client_model":      "report", // the text form of metrics, as is common
	"github.com/prometheus/common":            "report",
	"go.opentelemetry.io/otel":                "runner/export",
	"github.com/go-logr/logr":                 "runner/export", // to keep the two libraries below quiet
	"google.golang.org/grpc":                  "runner/export",
	"github.com/nats-io/nats.go":              "runner/fleet",
	"github.com/nats-io/nats-server/v2":       "runner/fleet",
}

// topLevel is what the root of the repository may hold.
var topLevel = []string{"go.mod", "go.sum", "main.go", "scenarios", "runner", "report", "conformance", "results", "README.md",
	"LICENSE", "CHANGELOG.md"}

const (
	maxFileLines     = 500
	maxFunctionLines = 70
	maxMainLines     = 30
)

// source is one Go file.
type source struct {
	path  string // from the root
	room  string // its directory, "" for the root
	test  bool
	lines int
	file  *ast.File
	fset  *token.FileSet
}

// loadTree parses every Go file below root but those in testdata, in hidden directories and of other modules.
func loadTree(root fs.FS) ([]source, error) {
	var list []source
	fset := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := path.Base(name); base == "testdata" || strings.HasPrefix(base, ".") && base != "." || base == "dist" {
				return fs.SkipDir
			}
			if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil && name != "." {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		list = append(list, source{path: name, room: strings.TrimPrefix(path.Dir(name), "."), test: strings.HasSuffix(name, "_test.go"),
			lines: strings.Count(string(data), "\n"), file: file, fset: fset})
		return nil
	})
	return list, err
}

func (s *source) imports() []string {
	var list []string
	for _, spec := range s.file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// ownImports finds imports of our packages against the table.
func ownImports(tree []source) (wrong []string) {
	for i := range tree {
		s := &tree[i]
		allowed, known := rooms[s.room]
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s: the table of DESIGN.md has no room %s", s.path, s.room))
			continue
		}
		for _, p := range s.imports() {
			own, ok := strings.CutPrefix(p, "axbench/")
			if !ok || s.test && own != "runner/cmd" || own == s.room || slices.Contains(allowed, own) {
				continue
			}
			if own != "runner/cmd" && slices.Contains(allowed, "*") {
				continue
			}
			wrong = append(wrong, fmt.Sprintf("%s: %s may not import %s", s.path, s.room, own))
		}
	}
	return wrong
}

// foreignImports finds modules from outside in a package that is not theirs.
func foreignImports(tree []source) (wrong []string) {
	for i := range tree {
		s := &tree[i]
		if s.test {
			continue
		}
		for _, p := range s.imports() {
			if first, _, _ := strings.Cut(p, "/"); !strings.Contains(first, ".") {
				continue
			}
			module := ""
			for m := range modules {
				if (p == m || strings.HasPrefix(p, m+"/")) && len(m) > len(module) {
					module = m
				}
			}
			if module == "" || modules[module] != s.room {
				wrong = append(wrong, fmt.Sprintf("%s: %s is not for %s", s.path, p, s.room))
			}
		}
	}
	return wrong
}

// streams finds code that ends the process, reads the environment or writes to a standard stream, which only main may.
func streams(tree []source) (wrong []string) {
	forbidden := map[string]bool{"os.Exit": true, "os.Getenv": true, "os.LookupEnv": true, "os.Environ": true, "os.Stdin": true, "os.Stdout": true, "os.Stderr": true}
	for i := range tree {
		s := &tree[i]
		if s.test || s.room == "" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			name := x.Name + "." + sel.Sel.Name
			if forbidden[name] || strings.HasPrefix(name, "log.Fatal") || strings.HasPrefix(name, "log.Print") ||
				strings.HasPrefix(name, "log.Panic") || strings.HasPrefix(name, "fmt.Print") {
				wrong = append(wrong, fmt.Sprintf("%s: %s", s.fset.Position(n.Pos()), name))
			}
			return true
		})
	}
	return wrong
}

// lengths finds what does not fit: files and functions, literals in them aside.
func lengths(tree []source) (wrong []string) {
	for i := range tree {
		s := &tree[i]
		limit := maxFileLines
		if s.path == "main.go" {
			limit = maxMainLines
		}
		if s.lines > limit {
			wrong = append(wrong, fmt.Sprintf("%s: %d lines, at most %d", s.path, s.lines, limit))
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := s.span(f) - s.literalLines(f.Body); n > maxFunctionLines {
				wrong = append(wrong, fmt.Sprintf("%s: %s has %d lines, at most %d", s.fset.Position(f.Pos()), f.Name.Name, n, maxFunctionLines))
			}
		}
	}
	return wrong
}

// span counts the lines of n.
func (s *source) span(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// literalLines counts the lines inside the outermost composite literals of n. Functions written inside of literals are
// no data and count.
func (s *source) literalLines(n ast.Node) int {
	sum := 0
	ast.Inspect(n, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		sum += s.span(lit) - 1
		ast.Inspect(lit, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncLit); ok {
				sum -= s.span(f) - 1
				return false
			}
			return true
		})
		return false
	})
	return sum
}

// comments finds packages without a package comment.
func comments(tree []source) (wrong []string) {
	documented := map[string]bool{}
	for i := range tree {
		if s := &tree[i]; !s.test {
			documented[s.room] = documented[s.room] || s.file.Doc != nil
		}
	}
	for room, ok := range documented {
		if !ok {
			wrong = append(wrong, fmt.Sprintf("package %q has no package comment", room))
		}
	}
	return wrong
}

// strangers finds entries of the top level that have no place there. Hidden files and what .gitignore names at the root
// are nobody's business.
func strangers(root fs.FS) (wrong []string, err error) {
	entries, err := fs.ReadDir(root, ".")
	if err != nil {
		return nil, err
	}
	ignore, err := fs.ReadFile(root, ".gitignore")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || slices.Contains(topLevel, name) {
			continue
		}
		ignored := slices.ContainsFunc(strings.Fields(string(ignore)), func(pattern string) bool {
			ok, err := path.Match(strings.Trim(pattern, "/"), name)
			return err == nil && ok
		})
		if !ignored {
			wrong = append(wrong, "the top level has no place for "+name)
		}
	}
	return wrong, nil
}

// TestRooms holds the import directions and the measures of the code.
func TestRooms(t *testing.T) {
	root := os.DirFS("../..")
	tree, err := loadTree(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(tree) < 50 {
		t.Fatalf("only %d Go files found: this looks at the wrong tree", len(tree))
	}
	top, err := strangers(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range slices.Concat(top, ownImports(tree), foreignImports(tree), streams(tree), lengths(tree), comments(tree)) {
		t.Error(wrong)
	}
}

// TestRoomsDetect plants one fault of each kind, beside its harmless neighbour.
func TestRoomsDetect(t *testing.T) {
	long := strings.Repeat("\tx++\n", maxFunctionLines+1)
	table := strings.Repeat("\t\t1,\n", maxFunctionLines+1)
	cases := []struct {
		name, path, body string
		find             func([]source) []string
		want             int
	}{
		{"report may import results", "report/a.go", "package report\nimport _ \"axbench/results\"\n", ownImports, 0},
		{"report may not import conformance", "report/a.go", "package report\nimport _ \"axbench/conformance/check\"\n", ownImports, 1},
		{"its test may", "report/a_test.go", "package report\nimport _ \"axbench/conformance/check\"\n", ownImports, 0},
		{"emulator may not import client", "conformance/emulator/a.go", "package emulator\nimport _ \"axbench/conformance/client\"\n", ownImports, 1},
		{"nobody imports runner/cmd", "runner/fleet/a.go", "package fleet\nimport _ \"axbench/runner/cmd\"\n", ownImports, 1},
		{"not even a test", "runner/fleet/a_test.go", "package fleet\nimport _ \"axbench/runner/cmd\"\n", ownImports, 1},
		{"main imports it", "main.go", "package main\nimport _ \"axbench/runner/cmd\"\n", ownImports, 0},
		{"a room without a place", "util/a.go", "package util\n", ownImports, 1},
		{"a module at home", "scenarios/strict/a.go", "package strict\nimport _ \"github.com/goccy/go-yaml/ast\"\n", foreignImports, 0},
		{"a module elsewhere", "scenarios/a.go", "package scenarios\nimport _ \"github.com/goccy/go-yaml/ast\"\n", foreignImports, 1},
		{"a module nobody knows", "scenarios/a.go", "package scenarios\nimport _ \"example.org/x\"\n", foreignImports, 1},
		{"in a test", "scenarios/a_test.go", "package scenarios\nimport _ \"pgregory.net/rapid\"\n", foreignImports, 0},
		{"exit", "runner/a.go", "package runner\nfunc f() { os.Exit(1) }\n", streams, 1},
		{"print", "runner/a.go", "package runner\nfunc f() { fmt.Println(1); fmt.Fprintln(w, 1) }\n", streams, 1},
		{"environment", "runner/cmd/a.go", "package cmd\nfunc f() { os.Getenv(\"X\") }\n", streams, 1},
		{"exit in main", "main.go", "package main\nfunc main() { os.Exit(1) }\n", streams, 0},
		{"long function", "runner/a.go", "package runner\nfunc f() {\n" + long + "}\n", lengths, 1},
		{"long table", "runner/a.go", "package runner\nfunc f() {\n\t_ = []int{\n" + table + "\t}\n}\n", lengths, 0},
		{"long function in a literal", "runner/a.go", "package runner\nfunc f() {\n\t_ = []func(){\nfunc() {\n" + long + "\t}}\n}\n", lengths, 1},
		{"long file", "runner/a.go", "package runner\n" + strings.Repeat("\n", maxFileLines), lengths, 1},
		{"long main", "main.go", "package main\n" + strings.Repeat("\n", maxMainLines), lengths, 1},
		{"no comment", "runner/a.go", "package runner\n", comments, 1},
		{"a comment", "runner/a.go", "// Package runner runs.\npackage runner\n", comments, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree, err := loadTree(fstest.MapFS{c.path: {Data: []byte(c.body)}})
			if err != nil {
				t.Fatal(err)
			}
			if got := c.find(tree); len(got) != c.want {
				t.Errorf("found %q, want %d", got, c.want)
			}
		})
	}
	got, err := strangers(fstest.MapFS{"go.mod": {}, "axbench": {}, "util/a.go": {}, ".gitignore": {Data: []byte("/axbench\n")}})
	if err != nil || len(got) != 1 || !strings.HasSuffix(got[0], "util") {
		t.Errorf("strangers: %q, %v; want util alone", got, err)
	}
}

// TestOtherModules plants one with a file in a directory of its own, beside what belongs to this one.
func TestOtherModules(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("package p\n")}
	tree, err := loadTree(fstest.MapFS{"go.mod": {}, "main.go": file, "runner/other/go.mod": {}, "runner/other/a.go": file,
		"runner/other/sub/a.go": file, "runner/z.go": file})
	if err != nil || len(tree) != 2 || tree[0].path != "main.go" || tree[1].path != "runner/z.go" {
		t.Errorf("%d files, %v; want main.go and runner/z.go alone", len(tree), err)
	}
}
