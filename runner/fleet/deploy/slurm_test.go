package deploy

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// noBash says why scripts cannot be run here.
func noBash() string {
	if runtime.GOOS == "windows" {
		return "the script is for machines with Slurm"
	}
	if _, err := exec.LookPath("bash"); err != nil {
		return err.Error()
	}
	if out, err := exec.Command("stat", "-L", "-c", "%u:%a", "--", "/").Output(); err != nil || len(out) == 0 {
		return "stat is not that of Linux"
	}
	return ""
}

// fakeSlurm stands for srun: it runs the command as each of the tasks, one after the other, as if on other hosts.
const fakeSlurm = `#!/bin/bash
while case $1 in --*) true ;; *) false ;; esac; do
  case $1 in --ntasks=*) tasks=${1#--ntasks=} ;; esac
  shift
done
for ((SLURM_PROCID = 0; SLURM_PROCID < tasks; SLURM_PROCID++)); do
  export SLURM_PROCID
  "$@" || code=$?
done
exit "${code:-0}"
`

// fakeAgent notes what it was started with, and which credentials it has.
const fakeAgent = `#!/bin/bash
dir=$(dirname "$0")
printf '%s\0' "$0" "$@" >"$dir/argv.$SLURM_PROCID"
printf '%s\n' "$ALIBABA_CLOUD_ACCESS_KEY_ID|$ALIBABA_CLOUD_ACCESS_KEY_SECRET|$AXBENCH_NATS_PASSWORD" >"$dir/env.$SLURM_PROCID"
`

// cluster is a directory with srun and an agent.
func cluster(t rapid.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "slurm")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"srun": fakeSlurm, "agent": fakeAgent, "agent.env": ""} {
		mode := os.FileMode(0o700)
		if name == "agent.env" {
			mode = 0o600
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// batch runs a script as Slurm's first node does and returns its exit code.
func batch(t rapid.TB, dir string, text []byte) (int, string) {
	t.Helper()
	file := filepath.Join(dir, "script")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("bash", file)
	c.Dir = dir
	c.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "SLURM_PROCID=0"}
	out, err := c.CombinedOutput()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), string(out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0, string(out)
}

// slurmCommand runs a script and returns the command line of each task. The program and the file with credentials, which stand in single
// quotes, are those of the test.
func slurmCommand(t rapid.TB, s Settings, text []byte) map[string][]string {
	t.Helper()
	dir := cluster(t)
	defer os.RemoveAll(dir)
	agent := filepath.Join(dir, "agent")
	script := strings.Replace(string(text), "\n  '"+s.Program+"'\n", "\n  '"+agent+"'\n", 1)
	if s.EnvFile != "" {
		script = strings.Replace(script, " axbench-agent '"+s.EnvFile+"' ", " axbench-agent '"+filepath.Join(dir, "agent.env")+"' ", 1)
	}
	if code, out := batch(t, dir, []byte(script)); code != 0 || out != "" {
		t.Fatalf("the script ended with %d: %s\n%s", code, out, script)
	}
	all := map[string][]string{}
	files, _ := filepath.Glob(filepath.Join(dir, "argv.*"))
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
		if words[0] == agent {
			words[0] = s.Program
		}
		all[strings.TrimPrefix(filepath.Ext(f), ".")] = words
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 4+2*len(all) || len(all) != s.Generators {
		t.Fatalf("%d tasks of %d, and %d files: %v", len(all), s.Generators, len(entries), err)
	}
	return all
}

// TestSlurmCredentials: only a file of the user alone is read, and nothing in it is executed.
func TestSlurmCredentials(t *testing.T) {
	if why := noBash(); why != "" {
		t.Skip(why)
	}
	cases := []struct {
		name, text string
		mode       os.FileMode
		code       int
		want       string
	}{
		{"as it is meant", "# the API\nALIBABA_CLOUD_ACCESS_KEY_ID=LTAI\nALIBABA_CLOUD_ACCESS_KEY_SECRET=a b$(id)`id`\"c'\n\nAXBENCH_NATS_PASSWORD=x=y#z\\", 0o600, 0, "LTAI|a b$(id)`id`\"c'|x=y#z\\"},
		{"others may read it", "ALIBABA_CLOUD_ACCESS_KEY_ID=LTAI\n", 0o640, 2, "chmod 600"},
		{"quotes", "ALIBABA_CLOUD_ACCESS_KEY_ID=\"LTAI\"\n", 0o600, 2, ":1: values have no quotes"},
		{"another variable", "AXBENCH_NATS_USER=a\nLD_PRELOAD=/tmp/x.so\n", 0o600, 2, ":2: none of the names"},
		{"a command", "id\n", 0o600, 2, ":1: none of the names"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := cluster(t)
			defer os.RemoveAll(dir)
			s := sound(Slurm)
			s.Generators, s.Program, s.EnvFile = 2, filepath.Join(dir, "agent"), filepath.Join(dir, "agent.env")
			if err := errors.Join(os.WriteFile(s.EnvFile, []byte(c.text), 0o600), os.Chmod(s.EnvFile, c.mode)); err != nil {
				t.Fatal(err)
			}
			code, out := batch(t, dir, manifest(t, Slurm, s))
			if code != c.code {
				t.Fatalf("it ended with %d: %s", code, out)
			}
			for _, task := range []string{"0", "1"} {
				env, err := os.ReadFile(filepath.Join(dir, "env."+task))
				if c.code == 0 && strings.TrimSuffix(string(env), "\n") != c.want {
					t.Errorf("task %s has %q, want %q", task, env, c.want)
				}
				if c.code != 0 && (err == nil || !strings.Contains(out, c.want)) {
					t.Errorf("task %s was started, or it is not said why: %s", task, out)
				}
			}
		})
	}
}

// TestSlurmScript reads what the script asks of Slurm, and lets bash look at all of it.
func TestSlurmScript(t *testing.T) {
	s := sound(Slurm)
	s.Deadline = 26 * time.Hour
	s.Args = []string{"'", "$(id)"}
	text := string(manifest(t, Slurm, s))
	want := []string{"--job-name=axbench-night-7", "--nodes=4", "--ntasks=4", "--ntasks-per-node=1", "--time=1-02:01:00", "--exclusive", "--no-requeue", "--no-kill", "--export=NONE", "--signal=TERM@60"}
	var got []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if option, ok := strings.CutPrefix(line, "#SBATCH "); ok {
			got = append(got, option)
		} else if !strings.HasPrefix(line, "#") {
			break // Slurm reads no further
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("Slurm is asked for %q, want %q", got, want)
	}
	for i, line := range strings.Split(text, "\n") {
		if len(line) > 160 || strings.ContainsRune(line, '\t') || line != strings.TrimRight(line, " ") {
			t.Errorf("line %d: %q", i+1, line)
		}
	}
	if why := noBash(); why != "" {
		t.Skip(why)
	}
	_, task, _ := strings.Cut(text, "<<'END_OF_TASK'\n")
	task, _, _ = strings.Cut(task, "END_OF_TASK\n")
	for name, script := range map[string]string{"script": text, "task": task} {
		c := exec.Command("bash", "-n")
		c.Stdin = strings.NewReader(script)
		if out, err := c.CombinedOutput(); err != nil || len(out) > 0 || script == "" {
			t.Errorf("bash -n of the %s: %v: %s", name, err, out)
		}
		if check, err := exec.LookPath("shellcheck"); err == nil {
			c := exec.Command(check, "--shell=bash", "-")
			c.Stdin = strings.NewReader(script)
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("shellcheck of the %s: %s", name, out)
			}
		}
	}
}
