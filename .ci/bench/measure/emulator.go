package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// endpoint is an emulator in a process of its own.
type endpoint struct {
	cmd *exec.Cmd
	url string
}

// start runs the emulator, on one core when core is not "".
func start(core string, flags ...string) *endpoint {
	args := append([]string{axbench, "emulate", "--listen", "127.0.0.1:0", "--json"}, flags...)
	if core != "" {
		args = append([]string{"taskset", "-c", core}, args...)
	}
	e := &endpoint{cmd: exec.Command(args[0], args[1:]...)}
	if core != "" {
		e.cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		fail(err)
	}
	if err := e.cmd.Start(); err != nil {
		fail(err)
	}
	var hello struct{ URL string }
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&hello); err != nil {
		fail(fmt.Errorf("emulator: %w", err))
	}
	e.url = hello.URL
	return e
}

func (e *endpoint) stop() {
	_ = e.cmd.Process.Signal(syscall.SIGTERM)
	if err := e.cmd.Wait(); err != nil && e.cmd.ProcessState.ExitCode() > 0 {
		fail(fmt.Errorf("emulator: %w", err))
	}
}

// status reads a line of /proc/PID/status in kB.
func (e *endpoint) status(key string) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.cmd.Process.Pid))
	if err != nil {
		fail(err)
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return n
		}
	}
	return 0
}

// cpu is the processor time of the emulator so far, in seconds.
func (e *endpoint) cpu() float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", e.cmd.Process.Pid))
	if err != nil {
		fail(err)
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}

// oneCore gives the emulator one core and the generator the other.
func oneCore() {
	for range 3 {
		e := start("0")
		before := e.cpu()
		r, _ := doOn("1", "fast", "--target", e.url, "--callers", "32", "--duration", "8s", "--warmup", "1s")
		spent := e.cpu() - before
		var calls int64
		for _, p := range r.Phases {
			calls += p.Done
		}
		last := r.Phases[len(r.Phases)-1]
		row("emulator on one core, generator on the other", "≥ 30000/s on one core", "%.0f/s good with %.0f %% of its core: %.1f µs a call, %.0f/s a core",
			last.Rate.Good, 100*spent/9, 1e6*spent/float64(calls), float64(calls)/spent)
		e.stop()
	}
}

// pool measures a million numbers, free and with bindings.
func pool() {
	e := start("", "--config", ".ci/bench/million.yaml")
	free := e.status("VmRSS")
	r, _ := do("fast", "--target", e.url, "--callers", "32", "--duration", "5s")
	row("emulator with a pool of a million numbers", "≤ 300 MB", "%.0f MB free, %.0f MB at most after %d binds", free/1e3, e.status("VmHWM")/1e3, r.Phases[0].Done)
	e.stop()
}

// exclusive looks for two live bindings that share a number on one X.
func exclusive() {
	r, _ := do("exclusive")
	for _, v := range r.Violations {
		if v.Clause == "INV-2" {
			row("64 callers on 8 X: INV-2", "0 violations", "%d of %d bindings, exit %d", v.Count, v.Checked, r.ExitCode)
			return
		}
	}
	fail(fmt.Errorf("run.json says nothing of INV-2"))
}

// added is how late answers leave the emulator, beside how late a bare sleep of the kernel ends in the same seconds, and the
// generator's own lateness.
func added() {
	for range 5 {
		w := newWitness()
		r, t := do("added")
		bare := w.end()
		row("added by the emulator at 2000/s and 5 ms: p50, p99", "p99 < 0.5 ms", "%s, %s (a bare kernel sleep p99 %s, generator late p99 %s)",
			ms(t.Overshoot.P50), ms(t.Overshoot.P99), ms(float64(bare)), ms(r.Phases[1].Latency["late"].P99))
	}
	for range 3 {
		_, t := do("fast", "--rate", "2000/s", "--duration", "10s")
		row("its service time at 2000/s without latency: p50, p99", "p99 < 0.5 ms", "%s, %s", ms(t.Service.P50), ms(t.Service.P99))
	}
}
