package emulator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var clauseForm = regexp.MustCompile(`^(ACC|TRN|SIG|PRM|RSP|INV|LOD|COD)-[A-Z0-9_-]+$`)

// clausesInSource finds the ids of clauses in the package's own source: every text that has the form of one, and every second
// argument of refuse and wrong whatever its form. It returns where each stands.
func clausesInSource(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	files := token.NewFileSet()
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, e.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		add := func(x ast.Expr, any bool) {
			lit, ok := x.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return
			}
			if id, _ := strconv.Unquote(lit.Value); any || clauseForm.MatchString(id) && id != "COD-" {
				found[id] = files.Position(lit.Pos()).String()
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok {
				add(lit, false)
			}
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 1 {
				if f, ok := call.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "refuse" || f.Sel.Name == "wrong") {
					add(call.Args[1], true)
				}
			}
			return true
		})
	}
	return found
}
