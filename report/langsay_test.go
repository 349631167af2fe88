package report

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The functions that make sentences of run directories, by file; nil for all of a file.
var sentenceSources = []struct {
	file  string
	funcs []string
	whole string // the sentence that a text is put into there
}{
	{"../results/judge/gate.go", []string{"health", "ledgers", "balance"}, ""},
	{"../results/judge/gatefleet.go", []string{"losses", "broken", "orNoReason", "plan", "where", "reasons", "agreement", "generators", "generator"}, ""},
	{"../results/judge/gatelate.go", []string{"late", "away", "stalls", "cores", "cause", "const"}, ""},
	{"../results/judge/gatequeue.go", []string{"queue"}, ""},
	{"../results/judge/gateclock.go", []string{"clock"}, ""},
	{"../results/judge/judge.go", []string{"Judge", "conclude", "unanswered", "decided", "judge", "missed", "nonconformant", "times"}, ""},
	{"../results/judge/evaluate.go", []string{"begin", "violations"}, ""},
	{"../results/judge/sample.go", []string{"measure", "quantile", "const"}, ""},
	{"../results/judge/window.go", []string{"thin"}, ""},
	{"../results/judge/watch.go", []string{"SLO", "overWindows"}, ""},
	{"../results/rebuild.go", []string{"rebuild"}, ""},
	{"../results/reader.go", []string{"noteTorn"}, ""},
	{"../results/conform.go", []string{"const"}, ""},
	{"../runner/cmd/finish.go", []string{"judgement", "unreachable"}, ""},
	{"../runner/cmd/attach.go", []string{"note"}, ""},
	{"../runner/cmd/fleet_gather.go", []string{"describe", "ledger", "leftBehind"}, ""},
	{"../runner/cmd/fleet_run.go", []string{"ended"}, ""},
	{"../runner/fleet/slots.go", []string{"bury", "stopped"}, ""},
	{"../runner/cmd/ceiling.go", []string{"againstCeiling", "ceilingOf", "ceilingText", "const"}, ""},
	{"../runner/cmd/capacity_ceiling.go", []string{"searchBound"}, ""},
	{"../results/calibration.go", []string{"Find"}, ""},
	{"../runner/cmd/load.go", []string{"fitRules"}, ""},
	{"../runner/cmd/session.go", []string{"describe"}, ""},
	{"../runner/cmd/capacity.go", []string{"const"}, ""},
	{"../runner/cmd/capacity_search.go", []string{"const"}, ""},
	{"../runner/cmd/capacity_probe.go", []string{"wrongAnswers"}, ""},
	{"../runner/cmd/capacity_end.go", []string{"verdict", "noteBindings", "const"}, ""},
	{"../runner/search/judged.go", []string{"decide", "backlog", "Second"}, ""},
	{"../runner/cmd/target.go", []string{"reach"}, ""},
	{"../runner/sleep_linux.go", []string{"const"}, ""},
	{"../runner/sleep_other.go", []string{"const"}, ""},
	{"../runner/pace/shape.go", []string{"String"}, ""},
	{"../runner/pace/closed.go", []string{"String"}, ""},
	{"../conformance/traffic/breaker.go", []string{"count"}, ""},
	{"../conformance/traffic/invariants.go", nil, ""},
	{"../conformance/verdict.go", []string{"reason", "const"}, ""},
	{"../conformance/verdict.go", []string{"Conclude"}, "7 %s: x1"},
	{"../conformance/known.go", []string{"applyKnown"}, ""},
	{"../conformance/continuous.go", []string{"const"}, ""},
	{"conformclause.go", []string{"conformNeeded"}, ""},
	{"../results/comparison.go", []string{"const"}, ""},
	{"../results/judge/compare.go", []string{"undecided", "unusable", "changes"}, ""},
	{"../results/judge/comparealike.go", []string{"differ", "note", "const"}, ""},
	{"../results/judge/compareverdict.go", []string{"decide", "inconclusive", "bounded", "changed", "openText", "const"}, ""},
	{"../results/judge/comparecodes.go", []string{"wordOfCode", "wordOfClause"}, ""},
	{"../runner/cmd/baseline.go", []string{"missingBaseline", "compare"}, ""},
}

// noSentences are texts in these functions that no reader of a run directory sees by themselves.
var noSentences = []*regexp.Regexp{
	regexp.MustCompile(`^[A-Za-z0-9_./:=%{}*,; -]{0,3}$`), // separators
	regexp.MustCompile(`^(SHOULD|MUST|emulator|https?:|%s|%d|%v)$`),
	regexp.MustCompile(`^[a-z_]+$|^[A-Z_]+$|^[A-Z]+-[0-9]+$|^[A-Z][a-z]+Id$|^[a-z.]+(json|/v1)$`),      // names of clocks, codes, words, clauses, fields, files
	regexp.MustCompile(`^something this version|^see the clause|^x1 \(x1\)$`),                          // keys of their own
	regexp.MustCompile(`^find this executable|^start the emulator|^the emulator's address|^axbench: `), // errors
}

// forms are the sentences that a file can write, with samples in the place of what is not fixed.
func forms(t *testing.T, file string, funcs []string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	found := map[string]bool{}
	for _, d := range parsed.Decls {
		name := ""
		switch d := d.(type) {
		case *ast.FuncDecl:
			name = d.Name.Name
		case *ast.GenDecl:
			name = d.Tok.String()
		}
		if name == "import" || funcs != nil && !slices.Contains(funcs, name) {
			continue
		}
		found[name] = true
		ast.Inspect(d, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			if s, ok := form(e); ok {
				list = append(list, s)
				return false
			}
			return true
		})
	}
	for _, name := range funcs {
		if !found[name] {
			t.Errorf("%s has no %s any more", file, name)
		}
	}
	return list
}

// form is the sample of a string expression that holds a literal.
func form(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, ok := constant(e)
		return sampled(s), ok
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		a, okA := form(e.X)
		b, okB := form(e.Y)
		if !okA && !okB {
			return "", false
		}
		if !okA {
			a = "x1"
		}
		if !okB {
			b = "x1"
		}
		return a + b, true
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" && len(e.Args) > 0 {
			if s, ok := constant(e.Args[0]); ok {
				return sampled(s), true
			}
		}
	}
	return "", false
}

var verbSample = strings.NewReplacer("%d", "7", "%s", "x1", "%q", `"x1"`, "%v", "x1", "%%", "%")

func sampled(format string) string { return verbSample.Replace(format) }

// inWhole completes a text that others add to.
func inWhole(whole, s string) string {
	switch {
	case strings.HasSuffix(s, ": "):
		return s + "x1"
	case whole != "" && strings.Contains(s, "clause") && !strings.HasSuffix(s, ")"), whole != "" && strings.Contains(s, "known failures"):
		return strings.Replace(whole, "%s", s, 1)
	}
	return s
}

// TestEverySentenceIsChinese: each sentence that is written into a run directory has a Chinese form, and each Chinese form is of one
// that is.
func TestEverySentenceIsChinese(t *testing.T) {
	used := make([]bool, len(zhSentences))
	sentences := 0
	for _, source := range sentenceSources {
		list := forms(t, source.file, source.funcs)
		if len(list) == 0 {
			t.Errorf("%s: no sentence found", source.file)
		}
		for _, s := range list {
			s = inWhole(source.whole, s)
			if slices.ContainsFunc(noSentences, func(re *regexp.Regexp) bool { return re.MatchString(s) }) && !slices.ContainsFunc(zhSentences, func(z sentence) bool { return z.en == s }) {
				continue
			}
			sentences++
			at := slices.IndexFunc(sentencePatterns(), func(p pattern) bool { return p.re.MatchString(s) })
			if at < 0 {
				t.Errorf("%s: %q has no Chinese form", source.file, s)
				continue
			}
			used[at] = true
			if zh := chinese.say(s); zh.Foreign || strings.ContainsAny(zh.Text, "{}") {
				t.Errorf("%s: %q becomes %q", source.file, s, zh.Text)
			}
		}
	}
	if sentences < 40 {
		t.Errorf("only %d sentences found", sentences)
	}
	for i, u := range used {
		if !u {
			t.Errorf("nobody writes %q", zhSentences[i].en)
		}
	}
}

// TestSentencesKeepWhatTheyHold: each hole of an English form is in the Chinese one.
func TestSentencesKeepWhatTheyHold(t *testing.T) {
	for _, s := range zhSentences {
		holes := len(hole.FindAllString(s.en, -1))
		for i := range 9 {
			if name := fmt.Sprintf("{%d}", i+1); strings.Contains(s.zh, name) != (i < holes) {
				t.Errorf("%q: %s", s.en, name)
			}
		}
	}
}

func TestSay(t *testing.T) {
	cases := []struct{ in, want string }{
		{"clause RSP-9 was broken 3 times: SecretBindDTO is present if and only if Code is OK.", "条款 RSP-9 被违反 3 次：SecretBindDTO is present if and only if Code is OK."},
		{"undocumented code isv.X came once", "未规定的错误码 isv.X 出现 1 次"},
		{"p99(offered) < 50ms was missed: it is > 10s, among the calls that never came to an end", "p99(offered) < 50ms 未达标：实测值 大于 10s（落在始终没有结局的请求之中）"},
		{"p99(offered) < 50ms over 10s was missed: it is 81ms, from 13s to 23s", "p99(offered) < 50ms over 10s 未达标：实测值 81ms，第 13 秒至第 23 秒"},
		{"p99(offered) < 50ms over 10s in a, b was missed at 23s: it is > 81ms, among the calls that never came to an end, from 13s to 23s; the run was stopped",
			"p99(offered) < 50ms over 10s in a, b 在 23s 时未达标：实测值 大于 81ms（落在始终没有结局的请求之中），第 13 秒至第 23 秒；运行已停止"},
		{"p99.9(service) < 1s could not be judged: p99.9 needs 3,688 samples, there are 988", "p99.9(service) < 1s 无法判定：p99.9 需要 3,688 个样本，只有 988 个"},
		{"phase main does not add up: 10 calls were planned and 9 accounted for", "阶段 main的账目不平：计划 10 个请求，有结局的 9 个"},
		{"50 callers, think 1s to 2s", "50 个调用方，思考 1s 至 2s"},
		{"undocumented code {2} came 7 times", "未规定的错误码 {2} 出现 7 次"},
	}
	for _, c := range cases {
		if got := chinese.say(c.in); got.Text != c.want || got.Foreign {
			t.Errorf("%q: %+v, want %q", c.in, got, c.want)
		}
		if got := english.say(c.in); got.Text != c.in || got.Foreign {
			t.Errorf("%q in English: %+v", c.in, got)
		}
	}
	for _, s := range []string{"the clock of the target is 3 s ahead", "once upon a time", strings.Repeat("x ", 2000) + "times"} {
		if got := chinese.say(s); !got.Foreign || got.Text != s {
			t.Errorf("%q: %+v", s, got)
		}
	}
	if got := chinese.say("\x1b[31m"); got.Text != `\x1b[31m` {
		t.Errorf("%q", got.Text)
	}
}

// FuzzSay: whatever a run directory says, a page says it without control characters.
func FuzzSay(f *testing.F) {
	for _, s := range zhSentences {
		f.Add(strings.ReplaceAll(strings.ReplaceAll(s.en, "{s}", "once"), "{}", "\x1b{1}"))
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range []language{english, chinese} {
			checkTerminal(t, l.say(s).Text, TextOptions{})
		}
	})
}
