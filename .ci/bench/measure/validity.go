package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// trial is one run of which it is known whether its generator was the limit.
type trial struct {
	what    string
	invalid bool     // the gate has to say so
	latency string   // of the emulator, instead of the scenario's
	flags   []string // of the run
	core    string   // that the run is held to; its emulator has the others
	busy    int      // loops that share the core
	env     []string
	frozen  time.Duration // for how long the run is stopped once, after a second or two
}

var trials = []trial{
	{what: "one core shared with 4 busy loops, 3000/s", invalid: true, core: "0", busy: 4, flags: []string{"--rate", "3000/s", "--duration", "4s"}},
	{what: "one core shared with 4 busy loops, 20 callers", invalid: true, core: "0", busy: 4, flags: []string{"--callers", "20", "--duration", "4s"}},
	{what: "GOMAXPROCS=1, 20000/s", invalid: true, env: []string{"GOMAXPROCS=1"}, flags: []string{"--rate", "20000/s", "--duration", "4s"}},
	{what: "3 places, 500/s", invalid: true, flags: []string{"--max-in-flight", "3"}},
	{what: "1 place, 60/s", invalid: true, flags: []string{"--max-in-flight", "1", "--rate", "60/s", "--duration", "4s"}},
	{what: "stopped for 400 ms, 2/s", invalid: true, frozen: 400 * time.Millisecond, flags: []string{"--rate", "2/s", "--duration", "4s"}},
	{what: "stopped for 400 ms, 2/s behind a warm-up", invalid: true, frozen: 400 * time.Millisecond, flags: []string{"--rate", "2/s", "--duration", "3s", "--warmup", "900ms"}},
	{what: "stopped for 400 ms, 5000/s", invalid: true, frozen: 400 * time.Millisecond, flags: []string{"--rate", "5000/s", "--duration", "4s"}},
	{what: "stopped for 400 ms, 2 callers", invalid: true, frozen: 400 * time.Millisecond, flags: []string{"--callers", "2", "--duration", "4s"}},
	{what: "300000/s", invalid: true, flags: []string{"--rate", "300000/s", "--duration", "2s"}},
	{what: "an easy run", flags: []string{"--rate", "200/s", "--duration", "4s"}},
	{what: "an easy closed run", flags: []string{"--callers", "4", "--duration", "4s"}},
	{what: "a slow target", latency: "{fixed: 400ms}", flags: []string{"--rate", "200/s", "--duration", "4s"}},
	{what: "a target that stalls for 1 s", latency: "{fixed: 5ms, stall: {after: 1500ms, for: 1s}}", flags: []string{"--rate", "200/s", "--duration", "5s"}},
	{what: "the same with 40 places", latency: "{fixed: 5ms, stall: {after: 1500ms, for: 1s}}", flags: []string{"--rate", "200/s", "--duration", "5s", "--max-in-flight", "40"}},
	{what: "a saturated target", latency: "{queue: {servers: 2, service: 20ms}}", flags: []string{"--rate", "200/s", "--duration", "5s"}},
}

// validity tries the gate: how many of the runs it called invalid.
func validity() {
	for i := range trials {
		t := &trials[i]
		if t.core != "" && runtime.NumCPU() < 2 {
			row("gate: "+t.what, "invalid", "needs two cores")
			continue
		}
		n, said, other := pairsAsked(5), 0, ""
		for range n {
			exit, why := t.run()
			if exit == 6 {
				said++
			}
			if (exit == 6) != t.invalid {
				other = why
			}
		}
		asked := fmt.Sprintf("invalid 0 of %d", n)
		if t.invalid {
			asked = fmt.Sprintf("invalid %d of %d", n, n)
		}
		row("gate: "+t.what, asked, "%d of %d %.300s", said, n, other)
	}
}

// run makes the run and returns its exit code and the reasons.
func (t *trial) run() (exit int, why string) {
	count++
	dir := filepath.Join(work, fmt.Sprint("trial", count))
	args := append([]string{axbench, "run", ".ci/bench/validity.yaml", "--json", "--out", dir}, t.flags...)
	if t.latency != "" {
		file := filepath.Join(work, fmt.Sprint("trial", count, ".yaml"))
		t.rewrite(file)
		args[2] = file
	}
	if t.core != "" {
		e := start("1")
		defer e.stop()
		args = append([]string{"taskset", "-c", t.core}, append(args, "--target", e.url)...)
		for range t.busy {
			loop := exec.Command("taskset", "-c", t.core, "sh", "-c", "while :; do :; done")
			if err := loop.Start(); err != nil {
				fail(err)
			}
			defer loop.Wait()
			defer loop.Process.Kill()
		}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), t.env...)
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	if t.frozen > 0 {
		time.Sleep(time.Second + time.Duration(rand.Int64N(int64(1800*time.Millisecond))))
		_ = cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(t.frozen)
		_ = cmd.Process.Signal(syscall.SIGCONT)
	}
	_ = cmd.Wait() // the exit code is the verdict's
	text, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err != nil {
		fail(fmt.Errorf("%s: %w", t.what, err))
	}
	var judged struct{ Reasons []string }
	if err := json.Unmarshal(text, &judged); err != nil {
		fail(err)
	}
	return cmd.ProcessState.ExitCode(), strings.Join(judged.Reasons, "; ")
}

// rewrite makes the scenario with another latency.
func (t *trial) rewrite(file string) {
	text, err := os.ReadFile(".ci/bench/validity.yaml")
	if err != nil {
		fail(err)
	}
	head, _, ok := strings.Cut(string(text), "  latency: ")
	if !ok {
		fail(fmt.Errorf("validity.yaml has no latency"))
	}
	if err := os.WriteFile(file, []byte(head+"  latency: "+t.latency+"\n"), 0o600); err != nil {
		fail(err)
	}
}
