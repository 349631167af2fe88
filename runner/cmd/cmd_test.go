package cmd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/scenarios/strict"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"
)

// TestMain lets twice as many tests go on at once as there are cores: they wait for runs, which wait for the next arrival.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"axbench":   func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)) },
		witnessName: witnessMain,
		skewedName:  skewedMain,
	})
}

// TestScripts runs the command line as its users do: each command's good case and its wrong uses, by message and exit code. A command
// that hangs is killed and shown when the time of all tests is nearly over.
func TestScripts(t *testing.T) {
	samples, err := filepath.Abs("../../report/testdata/runs")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLES", samples)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("LANG", "C.UTF-8")
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else each of the commands sleeps a second at its end under the race detector
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    scriptExits,
			"freeport": scriptFreePort,
			"waitport": scriptWaitPort,
			"waitline": scriptWaitLine,
			"fetch":    scriptFetch,
			"flip":     scriptFlip,
			"keypair":  scriptKeyPair,
			"copydir":  scriptCopyDir,
			"makerun":  scriptMakeRun,
		},
	})
}

// scriptExits runs axbench and holds its exit code: exits CODE ARG...
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	err := ts.Exec("axbench", args[1:]...)
	code := 0
	var ended interface{ ExitCode() int }
	if errors.As(err, &ended) {
		code = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("axbench did not run: %v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("axbench %s ended with %d, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}

// scriptFreePort sets a variable to a loopback port that is free: freeport NAME.
func scriptFreePort(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0], port)
}

// scriptWaitPort returns when something listens on the port: waitport PORT.
func scriptWaitPort(ts *testscript.TestScript, _ bool, args []string) {
	for range 500 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+args[0]); err == nil {
			c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("nothing listens on port %s", args[0])
}

// TestEmulateChild: the child tells where it is, answers, and ends with its input.
func TestEmulateChild(t *testing.T) {
	in, parent := io.Pipe()
	child, out := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Main([]string{"emulate", "--child"}, in, out, &stderr, noEnv)
		out.Close()
	}()
	fmt.Fprint(parent, "config 0\n")
	lines := bufio.NewReader(child)
	var hello struct{ URL string }
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &hello)
	}
	if err != nil || !strings.HasPrefix(hello.URL, "http://127.0.0.1:") {
		t.Fatalf("the child says %q, %v", line, err)
	}
	var answer bytes.Buffer
	if code := Main([]string{"call", "--target", hello.URL, "--json"}, in, &answer, &answer, noEnv); code != 0 {
		t.Errorf("call ended with %d:\n%s", code, answer.String())
	}
	parent.Close()
	if code := <-ended; code != 0 || stderr.Len() > 0 {
		t.Errorf("the child ended with %d and %q", code, stderr.String())
	}
}

func noEnv(string) string { return "" }

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// TestBrokenStdout: a result that could not be written is no success.
func TestBrokenStdout(t *testing.T) {
	for _, args := range [][]string{{"codes"}, {"codes", "--json"}, {"scenarios"}, {"scenarios", "show", "demo"}, {"scenarios", "schema"}, {"report", "../../report/testdata/runs/pass"}} {
		var stderr bytes.Buffer
		if code := Main(args, strings.NewReader(""), brokenWriter{}, &stderr, noEnv); code != 1 || !strings.Contains(stderr.String(), "axbench: error: ") {
			t.Errorf("%v: exit code %d and %q, want 1 and an error", args, code, stderr.String())
		}
		stderr.Reset()
		if code := Main(args, strings.NewReader(""), io.Discard, &stderr, noEnv); code != 0 || stderr.Len() > 0 {
			t.Errorf("%v: exit code %d and %q on a sound stdout", args, code, stderr.String())
		}
	}
}

func TestCodeOf(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want int
	}{
		{"none", nil, 0},
		{"any", errors.New("x"), 1},
		{"use", usagef("x"), 2},
		{"file", fmt.Errorf("read: %w", &strict.Error{File: "x.yaml"}), 2},
		{"target", fmt.Errorf("open: %w", &traffic.UsageError{}), 2},
		{"guard", fmt.Errorf("open: %w", &traffic.Refused{}), 8},
		{"refused", refusedf("x"), 8},
		{"several runs", fmt.Errorf("base: %w", &results.AmbiguousError{}), 2},
		{"no run", fmt.Errorf("base: %w", &results.NoRunError{}), 7},
		{"verdict", exit(4), 4},
		{"pass", exit(0), 0},
	}
	for _, c := range cases {
		if got := codeOf(c.err); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestFail: errors reach people as lines of their own, without what a terminal would act on.
func TestFail(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want string
		code int
	}{
		{"nothing", nil, "", 0},
		{"only a code", exit(3), "", 3},
		{"hint", usagef("no %s", "x").withHint("y"), "axbench: error: no x\naxbench: hint: y\n", 2},
		{"wrapped", fmt.Errorf("load: %w", usagef("no x").withHint("y")), "axbench: error: load: no x\naxbench: hint: y\n", 2},
		{"lines", errors.New("a\nb"), "axbench: error: a\naxbench: error: b\n", 1},
		{"escape sequence", errors.New("a\x1b[2J\u202e"), "axbench: error: a\\x1b[2J\\u202e\n", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var stderr bytes.Buffer
			p := &program{stderr: &stderr}
			if code := p.fail(c.err); code != c.code || stderr.String() != c.want {
				t.Errorf("%d and %q, want %d and %q", code, stderr.String(), c.code, c.want)
			}
		})
	}
}

// TestPanic: a panic ends with 1 and says where, but not what was in its value.
func TestPanic(t *testing.T) {
	describe := func(f func()) (text string) {
		defer func() { text = panicError(recover()).Error() }()
		f()
		return ""
	}
	got := describe(func() { panic("sentinelSECRET") })
	if strings.Contains(got, "sentinel") || !strings.Contains(got, "panic (string)") || !strings.Contains(got, "cmd_test.go") {
		t.Errorf("a panic with a string: %q", got)
	}
	got = describe(func() { panic(fmt.Errorf("sentinelSECRET")) })
	if strings.Contains(got, "sentinel") {
		t.Errorf("a panic with an error: %q", got)
	}
	list := []int{}
	got = describe(func() { _ = list[len(os.Args)+5] })
	if !strings.Contains(got, "index out of range") {
		t.Errorf("a panic of the runtime: %q", got)
	}
}

// TestTwins: every flag of every command has its twin, but those that loosen a guard.
func TestTwins(t *testing.T) {
	p := &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}
	without := map[string]bool{}
	var walk func(commands []*cli.Command)
	walk = func(commands []*cli.Command) {
		for _, c := range commands {
			for _, f := range c.Flags {
				if name := f.Names()[0]; twin(name) == "" {
					without[name] = true
				} else if want := "AXBENCH_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")); twin(name) != want {
					t.Errorf("--%s has the twin %s, want %s", name, twin(name), want)
				}
			}
			walk(c.Subcommands)
		}
	}
	walk(p.app().Commands)
	for _, name := range []string{"allow-host", "insecure", "plaintext", "yes", "force"} {
		if !without[name] {
			t.Errorf("--%s is no flag, or has a twin", name)
		}
		delete(without, name)
	}
	delete(without, "any-interface")
	delete(without, "child")
	if len(without) > 0 {
		t.Errorf("flags without a twin: %v", without)
	}
}

func TestLocale(t *testing.T) {
	cases := []struct {
		env  map[string]string
		want bool
	}{
		{nil, true}, {map[string]string{"LANG": "C"}, false}, {map[string]string{"LANG": "zh_CN.GBK"}, false}, {map[string]string{"LANG": "zh_CN.UTF-8"}, true},
		{map[string]string{"LC_ALL": "C", "LANG": "en_US.UTF-8"}, false}, {map[string]string{"LC_CTYPE": "en_US.utf8", "LANG": "C"}, true},
	}
	for _, c := range cases {
		p := &program{env: func(name string) string { return c.env[name] }}
		if got := p.utf8(); got != c.want {
			t.Errorf("%v: %v, want %v", c.env, got, c.want)
		}
	}
}

// scriptWaitLine waits until a file that another process writes has a line: waitline FILE
func scriptWaitLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitline FILE")
	}
	for range 600 {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && bytes.Contains(text, []byte("\n")) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s has no line after 30 s", args[0])
}

// TestMainAtOnce calls Main from several goroutines, which the race detector watches.
func TestMainAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, args := range [][]string{{"--version"}, {"codes", "--help"}, {"codes"}} {
				var out, errs bytes.Buffer
				if code := Main(args, strings.NewReader(""), &out, &errs, noEnv); code != 0 || out.Len() == 0 {
					t.Errorf("axbench %s: exit code %d, %d bytes, %s", args, code, out.Len(), &errs)
				}
			}
		})
	}
	all.Wait()
}
