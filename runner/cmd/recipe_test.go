package cmd

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/results"

	"github.com/goccy/go-yaml"
)

// recipes is where the files are that README "In CI" tells people to copy.
const recipes = "../../.ci/recipes"

// pipeline is a temporary clone with the recipe's files in their places, and what a CI system keeps between its jobs.
type pipeline struct {
	t        *testing.T
	dir      string // the clone
	cache    string // results/ of an earlier job, "" before the first
	log      string // what the last job said
	scenario *strings.Replacer
	env      map[string]string // of every job
}

func newPipeline(t *testing.T, scenario ...string) *pipeline {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the recipe is for machines with bash")
	}
	p := &pipeline{t: t, dir: t.TempDir(), cache: filepath.Join(t.TempDir(), "cache"), env: map[string]string{
		"AXBENCH_ONLY": "PRM-POOL-1", "MIN_EFFECT": "40% good=3%", // a test's machine is busy, and its runs are short
	}}
	p.scenario = strings.NewReplacer(append([]string{"seed: 1\n", "seed: 1\nmax_late: 20s\nlate: {p99: 10s, max: 20s}\n", "duration: 3s, rate: 100/s", "duration: 500ms, rate: 100/s",
		"p99(offered) < 250ms", "p50(offered) < 5s"}, scenario...)...)
	return p
}

// checkout makes the clone anew.
func (p *pipeline) checkout() {
	p.t.Helper()
	p.dir = p.t.TempDir()
	if err := os.Mkdir(filepath.Join(p.dir, "ci"), 0o755); err != nil {
		p.t.Fatal(err)
	}
	for _, name := range []string{"axbench.sh", "axbench.yaml"} {
		text, err := os.ReadFile(filepath.Join(recipes, name))
		if err != nil {
			p.t.Fatal(err)
		}
		if name == "axbench.yaml" {
			text = []byte(p.scenario.Replace(string(text)))
		}
		p.write(filepath.Join(p.dir, "ci", name), string(text))
	}
	// In place of the compiler, which others test: it looks at where it is and what it is asked for.
	axbench, err := exec.LookPath("axbench")
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(filepath.Join(p.dir, "tools", "go"), "#!/bin/sh\n[ \"$1 $2 $4\" = 'build -o .' ] && grep -q '^module axbench$' go.mod && mkdir -p \"$(dirname \"$3\")\" && ln -sf '"+axbench+"' \"$3\"\n")
	if err := os.Chmod(filepath.Join(p.dir, "tools", "go"), 0o755); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pipeline) write(path, text string) {
	p.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		p.t.Fatal(err)
	}
}

// copyDir replaces a directory by a copy of another, if that is there.
func (p *pipeline) copyDir(to, from string) {
	p.t.Helper()
	if _, err := os.Stat(from); err != nil {
		return
	}
	if err := errors.Join(os.RemoveAll(to), os.CopyFS(to, os.DirFS(from))); err != nil {
		p.t.Fatal(err)
	}
}

// bash runs a script as a step and returns its exit code.
func (p *pipeline) bash(script, path string, env map[string]string) int {
	p.t.Helper()
	c := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	c.Dir = p.dir
	c.Env = []string{"PATH=" + path + filepath.Join(p.dir, "tools") + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + p.dir, "LANG=C.UTF-8", "GORACE=atexit_sleep_ms=0"}
	for name, value := range env {
		c.Env = append(c.Env, name+"="+value)
	}
	out, err := c.CombinedOutput()
	p.log += string(out)
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return 0
}

// reports holds what a job leaves for people and for the CI system.
func (p *pipeline) reports(want ...string) {
	p.t.Helper()
	for _, name := range want {
		data, err := os.ReadFile(filepath.Join(p.dir, "reports", name))
		if err != nil || len(data) == 0 {
			p.t.Errorf("reports/%s: %d bytes, %v\n%s", name, len(data), err, p.log)
			continue
		}
		if filepath.Ext(name) != ".xml" {
			continue
		}
		d := xml.NewDecoder(strings.NewReader(string(data)))
		for err == nil {
			_, err = d.Token()
		}
		if err != io.EOF {
			p.t.Errorf("reports/%s: %v", name, err)
		}
	}
}

// baseline returns the directory in the cache that bears the tag, "" for none.
func (p *pipeline) baseline() string {
	tags, err := filepath.Glob(filepath.Join(p.cache, "*", "tags"))
	if err != nil || len(tags) > 1 {
		p.t.Errorf("baselines: %v, %v", tags, err)
	}
	if len(tags) == 0 {
		return ""
	}
	return filepath.Base(filepath.Dir(tags[0]))
}

// ended makes a job and holds its exit code. A job whose machine was too busy to measure (6), or to tell two runs apart (7), is made again,
// a few times.
func (p *pipeline) ended(what string, want int, job func() int) {
	p.t.Helper()
	got := job()
	for try := 1; got != want && (got == results.ExitInvalid || got == results.ExitNoData) && try < 4; try++ {
		got = job()
	}
	if got == results.ExitNoData && want == results.ExitRegression && strings.Contains(p.log, "INCONCLUSIVE") {
		p.t.Skipf("this machine is too busy to tell two runs apart: %s ended with %d", what, got)
	}
	if got != want {
		p.t.Fatalf("%s ended with %d, want %d:\n%s", what, got, want, p.log)
	}
}

// readRecipe reads one of the YAML files; a key that the test does not know is an error.
func readRecipe(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(recipes, name))
	if err == nil {
		err = yaml.UnmarshalWithOptions(data, v, yaml.Strict())
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

type githubWorkflow struct {
	Name        string
	On          map[string]any
	Permissions map[string]string
	Concurrency map[string]string
	Jobs        map[string]struct {
		RunsOn  string `yaml:"runs-on"`
		Timeout int    `yaml:"timeout-minutes"`
		Env     map[string]string
		Steps   []githubStep
	}
}

type githubStep struct {
	Name, Uses, Run, Shell, If string
	With                       map[string]string
}

var officialAction = regexp.MustCompile(`^actions/[a-z-]+(/[a-z]+)?@v[0-9]+$`)

// github runs the workflow as GitHub does and returns the exit code of the first step that failed. A step, a condition or an expression
// that this does not know is an error: then the test is to learn it.
func (p *pipeline) github(main bool, more map[string]string) (code int) {
	p.t.Helper()
	var w githubWorkflow
	readRecipe(p.t, "github.yml", &w)
	p.checkout()
	p.log = ""
	onMain := map[bool]string{true: "true", false: "false"}[main]
	expressions := map[string]string{
		"${{ github.event_name != 'pull_request' && github.ref_name == github.event.repository.default_branch }}": onMain,
		"${{ inputs.renew == true }}": "false",
	}
	env := map[string]string{"RUNNER_TEMP": p.t.TempDir(), "GITHUB_PATH": filepath.Join(p.dir, "path"), "GITHUB_STEP_SUMMARY": filepath.Join(p.dir, "summary")}
	job := w.Jobs["axbench"]
	for name, value := range job.Env {
		if strings.Contains(value, "${{") {
			known, ok := expressions[value]
			if !ok {
				p.t.Fatalf("env %s: %s is not known", name, value)
			}
			value = known
		}
		env[name] = value
	}
	maps.Copy(env, p.env)
	maps.Copy(env, more)
	conditions := map[string]bool{"": true, "${{ !cancelled() }}": true, "${{ !cancelled() && env.MAIN == 'true' }}": main}
	ran := 0
	for _, s := range job.Steps {
		goes, known := conditions[s.If]
		if !known {
			p.t.Fatalf("step %q: the condition %s is not known", s.Name, s.If)
		}
		if !goes || s.If == "" && code != 0 {
			continue
		}
		if s.Uses != "" {
			p.githubAction(&s)
			continue
		}
		if s.Shell != "bash" || strings.Contains(s.Run, "${{") {
			p.t.Fatalf("step %q: shell %q, and expressions belong into env", s.Name, s.Shell)
		}
		ran++
		added, _ := os.ReadFile(env["GITHUB_PATH"])
		path := strings.ReplaceAll(string(added), "\n", ":")
		if ended := p.bash(s.Run, path, env); code == 0 {
			code = ended
		}
	}
	if ran < 1 {
		p.t.Fatal("no step was run")
	}
	return code
}

// githubAction does what an action does to the clone.
func (p *pipeline) githubAction(s *githubStep) {
	p.t.Helper()
	if !officialAction.MatchString(s.Uses) {
		p.t.Fatalf("%s is no official action at a major version", s.Uses)
	}
	store := filepath.Join(p.dir, "results")
	switch name, _, _ := strings.Cut(strings.TrimPrefix(s.Uses, "actions/"), "@"); name {
	case "checkout":
		if path := s.With["path"]; path != "" {
			p.write(filepath.Join(p.dir, path, "go.mod"), "module axbench\n")
		}
	case "setup-go":
		if _, err := os.Stat(filepath.Join(p.dir, s.With["go-version-file"])); err != nil {
			p.t.Error(err)
		}
	case "cache/restore":
		p.copyDir(filepath.Join(p.dir, s.With["path"]), p.cache)
	case "cache/save":
		if s.With["path"] != "results" {
			p.t.Errorf("%s is kept", s.With["path"])
		}
		p.copyDir(p.cache, store)
	case "upload-artifact":
		if list, err := os.ReadDir(filepath.Join(p.dir, s.With["path"])); err != nil || len(list) == 0 {
			p.t.Errorf("artifact %s: %d files, %v", s.With["path"], len(list), err)
		}
	default:
		p.t.Fatalf("the test does not know %s", s.Uses)
	}
}

// TestRecipeGitHub: the first job makes the baseline, the second is as good, the third meets a target that has become slow.
func TestRecipeGitHub(t *testing.T) {
	t.Parallel()
	long := []string{"duration: 30s, rate: 200/s", "duration: 4s, rate: 200/s"}
	p := newPipeline(t, long...)
	p.ended("the first job of the main branch", 0, func() int { return p.github(true, nil) })
	first := p.baseline()
	if first == "" || !strings.Contains(p.log, "New baseline") {
		t.Fatalf("no baseline was made:\n%s", p.log)
	}
	p.reports("conform.xml", "run1.xml", "conform.html", "run1.html", "trend.html")
	p.ended("a second job", 0, func() int { return p.github(false, map[string]string{"INCONCLUSIVE": "warn"}) })
	p.reports("conform.xml", "run1.xml", "compare.xml", "compare.html", "trend.html")
	if text, err := os.ReadFile(filepath.Join(p.dir, "summary")); err != nil || strings.Count(string(text), "\n## ")+1 < 3 {
		t.Errorf("the summary, %v:\n%s", err, text)
	}
	p.scenario = newPipeline(t, append(long, "median: 50ms, p99: 80ms", "median: 150ms, p99: 240ms")...).scenario
	p.ended("a job against a slower target", 5, func() int { return p.github(true, nil) })
	if !strings.Contains(p.log, "WORSE") || p.baseline() != first {
		t.Errorf("the baseline is %s, was %s:\n%s", p.baseline(), first, p.log)
	}
}

// TestRecipeNeverGreenByAccident: what is broken makes no baseline, and without one other branches fail unless they choose not to.
func TestRecipeNeverGreenByAccident(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, "duration: 30s, rate: 200/s", "duration: 1s, rate: 100/s")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	axbench, err := exec.LookPath("axbench")
	if err != nil {
		t.Fatal(err)
	}
	wrong := exec.Command(axbench, "emulate", "--listen", addr, "--mutant", "V01")
	if err := wrong.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = wrong.Process.Kill(); _ = wrong.Wait() }()
	for range 500 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.ended("a job against a wrong endpoint", 4, func() int { return p.github(true, map[string]string{"AXBENCH_TARGET": "http://" + addr + "/"}) })
	if p.baseline() != "" {
		t.Error("a wrong endpoint's run became the baseline")
	}
	p.reports("conform.xml", "run1.xml")
	if err := os.RemoveAll(p.cache); err != nil {
		t.Fatal(err)
	}
	p.ended("a pull request without a baseline", 7, func() int { return p.github(false, nil) })
	p.ended("a pull request that may be without a baseline", 0, func() int { return p.github(false, map[string]string{"WITHOUT_BASELINE": "warn"}) })
	if !strings.Contains(p.log, "No baseline") {
		t.Errorf("nothing is said:\n%s", p.log)
	}
	if _, err := os.Stat(p.cache); err == nil {
		t.Error("a pull request wrote the history")
	}
	p.ended("a job without a scenario", 2, func() int { return p.bash("SCENARIO=ci/nosuch.yaml bash ci/axbench.sh", "", p.env) })
	p.ended("a job without axbench", 1, func() int { return p.bash("SCENARIO=ci/axbench.yaml bash ci/axbench.sh", "", p.env) })
}

type gitlabFile struct {
	Axbench struct {
		Image     string
		Timeout   string
		Resources string `yaml:"resource_group"`
		Rules     []struct {
			If        string
			Variables map[string]string
		}
		Variables map[string]string
		Cache     struct {
			Key, Policy, When string
			Paths             []string
			Unprotect         bool
		}
		Before    []string `yaml:"before_script"`
		Script    []string
		Artifacts struct {
			When    string
			Expire  string `yaml:"expire_in"`
			Paths   []string
			Reports struct{ Junit []string }
		}
	}
}

// gitlab runs the job as a runner does.
func (p *pipeline) gitlab(main bool) int {
	p.t.Helper()
	var file gitlabFile
	readRecipe(p.t, "gitlab.yml", &file)
	job := &file.Axbench
	p.checkout()
	p.log = ""
	source := p.t.TempDir()
	p.write(filepath.Join(source, "go.mod"), "module axbench\n")
	env := map[string]string{"CI_BUILDS_DIR": p.t.TempDir(), "AXBENCH_REPOSITORY": source, "CI_COMMIT_REF_SLUG": "x"}
	maps.Copy(env, job.Variables)
	rules := map[bool]string{true: "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", false: `$CI_PIPELINE_SOURCE == "merge_request_event"`}
	for _, r := range job.Rules {
		if r.If == rules[main] {
			maps.Copy(env, r.Variables)
		}
	}
	maps.Copy(env, p.env)
	if job.Cache.Policy != "$HISTORY" || !slices.Equal(job.Cache.Paths, []string{"results/"}) || job.Cache.When != "always" || job.Artifacts.When != "always" {
		p.t.Errorf("the cache is %+v, artifacts are kept %s", job.Cache, job.Artifacts.When)
	}
	clone := "git init -q \"$AXBENCH_REPOSITORY\"; (cd \"$AXBENCH_REPOSITORY\"; git add go.mod; git -c user.name=x -c user.email=x@example.com commit -qm x)\n"
	if code := p.bash(clone, "", env); code != 0 {
		p.t.Fatalf("a repository to clone: %d\n%s", code, p.log)
	}
	store := filepath.Join(p.dir, "results")
	p.copyDir(store, p.cache)
	if len(job.Script) == 0 || len(job.Before) == 0 {
		p.t.Fatal("no commands")
	}
	code := p.bash(strings.Join(append(job.Before, job.Script...), "\n"), "", env)
	if env["HISTORY"] == "pull-push" {
		p.copyDir(p.cache, store)
	}
	for _, path := range job.Artifacts.Paths {
		if _, err := os.Stat(filepath.Join(p.dir, path)); err != nil {
			p.t.Error(err)
		}
	}
	for _, pattern := range job.Artifacts.Reports.Junit {
		if found, err := filepath.Glob(filepath.Join(p.dir, pattern)); err != nil || len(found) < 2 {
			p.t.Errorf("%s: %v, %v", pattern, found, err)
		}
	}
	return code
}

// TestRecipeGitLab: a merge request without a baseline fails, the main branch makes one and keeps the history.
func TestRecipeGitLab(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, "duration: 30s, rate: 200/s", "duration: 1s, rate: 100/s")
	p.ended("a merge request without a baseline", 7, func() int { return p.gitlab(false) })
	if _, err := os.Stat(p.cache); err == nil {
		t.Error("a merge request wrote the history")
	}
	p.ended("the first job of the main branch", 0, func() int { return p.gitlab(true) })
	if p.baseline() == "" {
		t.Errorf("no baseline was made:\n%s", p.log)
	}
	p.reports("conform.xml", "run1.xml", "run1.html", "trend.html", "summary.md")
}
