package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
)

// keyArgument says which argument of a function or method is a key.
var keyArgument = map[string]int{"t": 0, "prefixed": 0, "n": 1, "key": 0}

// goKeys are the keys that the Go files of this package look up, by where.
func goKeys(t *testing.T) map[string]string {
	t.Helper()
	keys := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			var f string
			switch fun := call.Fun.(type) {
			case *ast.SelectorExpr:
				if x, ok := fun.X.(*ast.Ident); ok && (x.Name == "l" || x.Name == "lang") {
					f = fun.Sel.Name
				} else if x, ok := fun.X.(*ast.SelectorExpr); ok && x.Sel.Name == "lang" {
					f = fun.Sel.Name
				}
			case *ast.Ident:
				if fun.Name == "key" {
					f = "key"
				}
			}
			if at, ok := keyArgument[f]; ok && at < len(call.Args) {
				if text, ok := constant(call.Args[at]); ok {
					keys[text] = set.Position(call.Pos()).String()
				}
			}
			return true
		})
	}
	return keys
}

// constant is the value of a literal or of several joined by +.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); e.Kind == token.STRING && err == nil {
			return s, true
		}
	case *ast.BinaryExpr:
		a, okA := constant(e.X)
		b, okB := constant(e.Y)
		return a + b, okA && okB
	}
	return "", false
}

// templateKeys are the keys of t and n in the templates.
func templateKeys(t *testing.T) map[string]string {
	t.Helper()
	keys := map[string]string{}
	for _, tmpl := range templatesOf(english).Templates() {
		if tmpl.Tree != nil {
			nodeKeys(tmpl.Tree.Root, func(key string) { keys[key] = tmpl.Name() })
		}
	}
	return keys
}

func nodeKeys(n parse.Node, add func(string)) {
	pipe := func(p *parse.PipeNode) {
		if p != nil {
			nodeKeys(p, add)
		}
	}
	list := func(lists ...*parse.ListNode) {
		for _, l := range lists {
			if l != nil {
				for _, n := range l.Nodes {
					nodeKeys(n, add)
				}
			}
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		list(n)
	case *parse.ActionNode:
		pipe(n.Pipe)
	case *parse.IfNode:
		pipe(n.Pipe)
		list(n.List, n.ElseList)
	case *parse.RangeNode:
		pipe(n.Pipe)
		list(n.List, n.ElseList)
	case *parse.WithNode:
		pipe(n.Pipe)
		list(n.List, n.ElseList)
	case *parse.TemplateNode:
		pipe(n.Pipe)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			commandKeys(c, add)
		}
	}
}

func commandKeys(c *parse.CommandNode, add func(string)) {
	for _, a := range c.Args {
		if p, ok := a.(*parse.PipeNode); ok {
			nodeKeys(p, add)
		}
	}
	f, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok {
		return
	}
	if at, ok := keyArgument[f.Ident]; ok && at+1 < len(c.Args) {
		if s, ok := c.Args[at+1].(*parse.StringNode); ok {
			add(s.Text)
		}
	}
}

// tableKeys are the keys that stand in tables and are looked up by what they stand beside.
func tableKeys() map[string]string {
	keys := map[string]string{closedSentence: "closedSentence"}
	add := func(where string, texts ...string) {
		for _, s := range texts {
			keys[s] = where
		}
	}
	for _, v := range verdictWords {
		add("verdictWords", v.word, v.sentence)
	}
	for _, v := range exitMeanings {
		add("exitMeanings", v)
	}
	for _, v := range classWords {
		add("classWords", v)
	}
	for _, v := range modelWords {
		add("modelWords", v)
	}
	for _, v := range mainClocks {
		add("mainClocks", v.name, v.meaning)
	}
	for _, v := range partClocks {
		add("partClocks", v.label, v.meaning)
	}
	for _, v := range scriptWords {
		add("scriptWords", v)
	}
	for _, v := range conformWords {
		add("conformWords", v.Word, v.Meaning)
	}
	for _, v := range conformChapters {
		add("conformChapters", v.title)
	}
	for _, v := range conformNeeds {
		add("conformNeeds", v.takes, v.declare)
	}
	for _, v := range capacityVerdicts {
		add("capacityVerdicts", v.word, v.sentence)
	}
	for _, v := range capacityLimits {
		add("capacityLimits", v.word, v.meaning, v.advice)
	}
	for _, v := range capacityStages {
		add("capacityStages", v)
	}
	for _, v := range changeWords {
		add("changeWords", v.word, v.sentence)
	}
	for _, v := range compareExits {
		add("compareExits", v)
	}
	for _, v := range ownNames {
		add("ownNames", v)
	}
	for _, v := range probeWords {
		add("probeWords", v.word)
	}
	for _, v := range partStates {
		add("partStates", v)
	}
	add("conformInChapters", "Other clauses")
	add("conformNeeded", "something this version does not know", "see the clause")
	add("conformFactNames", conformFactNames...)
	for _, h := range headlines() {
		add("headlineOf", h)
	}
	return keys
}

// headlines are the sentences that headlineOf can say, from its source.
func headlines() []string {
	var list []string
	file, err := parser.ParseFile(token.NewFileSet(), "conformwords.go", nil, 0)
	if err != nil {
		panic(err)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "headlineOf" {
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.CompositeLit); ok && len(lit.Elts) == 2 {
					if s, ok := constant(lit.Elts[1]); ok {
						list = append(list, s)
					}
				}
				return true
			})
		}
	}
	return list
}

// TestEveryTextIsChinese: each key has a Chinese text with the same verbs, and each Chinese text is used.
func TestEveryTextIsChinese(t *testing.T) {
	used := tableKeys()
	for _, keys := range []map[string]string{goKeys(t), templateKeys(t)} {
		if len(keys) < 60 {
			t.Errorf("only %d keys found", len(keys))
		}
		for key, where := range keys {
			used[key] = where
		}
	}
	zh := map[string]string{}
	for _, table := range zhTables {
		for key, text := range table {
			if _, twice := zh[key]; twice {
				t.Errorf("%q stands in two tables", key)
			}
			zh[key] = text
		}
	}
	for key, where := range used {
		text, ok := zh[key]
		if !ok {
			t.Errorf("%s: %q has no Chinese text", where, key)
		} else if got, want := verbs(text), verbs(key); !slices.Equal(got, want) {
			t.Errorf("%q has the verbs %q, its Chinese text %q", key, want, got)
		}
	}
	for key := range zh {
		if _, ok := used[key]; !ok {
			t.Errorf("%q is Chinese and not used", key)
		}
	}
}

var verb = regexp.MustCompile(`%(?:\[\d+\])?[a-z%]`)

// verbs lists the verbs of a format, numbered ones in the order of their arguments.
func verbs(format string) []string {
	list := slices.DeleteFunc(verb.FindAllString(format, -1), func(s string) bool { return s == "%%" })
	if slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, "[") }) {
		slices.Sort(list)
		for i := range list {
			if at := strings.IndexByte(list[i], ']'); at > 0 {
				list[i] = "%" + list[i][at+1:]
			}
		}
	}
	return list
}

// TestScriptWords: each word that a script looks up is there, and none that no script does.
func TestScriptWords(t *testing.T) {
	looked := map[string]bool{"theme_auto": true, "theme_light": true, "theme_dark": true} // page.js puts these together
	use := regexp.MustCompile(`\bW\.([a-zA-Z0-9_]+)|\bword\("([a-z0-9_]+)",|\bword\('([a-z0-9_]+)',`)
	files := 0
	for _, dir := range []string{"assets", "live"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".js") || strings.HasSuffix(path, ".min.js") {
				return nil // there may be no live page
			}
			text, err := os.ReadFile(path)
			files++
			for _, m := range use.FindAllStringSubmatch(string(text), -1) {
				for _, key := range m[1:] {
					if key != "" {
						looked[key] = true
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 2 {
		t.Fatalf("only %d scripts found", files)
	}
	for key := range looked {
		if scriptWords[key] == "" {
			t.Errorf("a script looks up %q, which is no word", key)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for name, want := range map[string]language{"": english, "en": english, "zh": chinese} {
		if l, err := languageOf(name); err != nil || l != want {
			t.Errorf("%q: %q, %v", name, l, err)
		}
	}
	for _, name := range []string{"de", "ZH", "zh-CN"} {
		if _, err := languageOf(name); err == nil || !strings.Contains(err.Error(), "accepted: en, zh") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if got := english.n("%s call", "%s calls", 1); got != "1 call" {
		t.Error(got)
	}
	if got := chinese.n("%s call", "%s calls", 1200); got != "1,200 次调用" {
		t.Error(got)
	}
}
