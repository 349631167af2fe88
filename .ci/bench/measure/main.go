// Command measure runs the scenarios of this folder with a fresh build of axbench and prints what came of each beside what
// is asked of it. It needs an otherwise idle machine, sends to loopback only and takes about ten minutes.
//
//	go run ./.ci/bench/measure [stall|late|memory|fast|truth|seed|emulator|pool|exclusive|added|conform|report|live|sizing|ceiling|compare|fleet|generators|validity [times]|capacity [COUNT] ...]
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

type quantiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

type run struct {
	Digest   string `json:"digest"`
	ExitCode int    `json:"exit_code"`
	Phases   []struct {
		Planned, Done, Dropped int64
		Rate                   struct{ Good float64 }
		Latency                map[string]quantiles
	} `json:"phases"`
	Violations []struct {
		Clause         string
		Count, Checked int64
	}
	Generator struct {
		CPUCores   float64 `json:"cpu_cores"`
		CPUPerCall float64 `json:"cpu_us_per_call"`
		RSS        float64 `json:"rss_max_bytes"`
		InFlight   int64   `json:"max_in_flight"`
	} `json:"generator"`
}

// truth is what the emulator says of itself.
type truth struct {
	Service   quantiles `json:"service"`
	Overshoot quantiles `json:"overshoot"`
}

var (
	work    string
	axbench string
	count   int
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "fleet-server" {
		serveFleet(os.Args[2])
		return
	}
	var err error
	if work, err = os.MkdirTemp("", "axbench-measure"); err != nil {
		fail(err)
	}
	defer os.RemoveAll(work)
	axbench = filepath.Join(work, "axbench")
	if out, err := exec.Command("go", "build", "-o", axbench, ".").CombinedOutput(); err != nil {
		fail(fmt.Errorf("%w\n%s", err, out))
	}
	all := []struct {
		name string
		do   func()
	}{{"stall", stall}, {"late", late}, {"memory", memory}, {"fast", fast}, {"truth", compare}, {"seed", seed},
		{"emulator", oneCore}, {"pool", pool}, {"exclusive", exclusive}, {"added", added}, {"conform", conform}, {"report", bigReport}, {"live", live}, {"capacity", capacity}, {"sizing", sizing}, {"ceiling", ceiling}, {"compare", comparisons},
		{"fleet", fleetBus}, {"generators", generators},
		{"validity", validity}}
	fmt.Printf("%-52s %-26s %s\n", "what", "asked", "measured")
	for _, m := range all {
		if len(os.Args) == 1 || slices.Contains(os.Args[1:], m.name) {
			m.do()
		}
	}
}

// do runs a scenario of this folder and returns its run.json and the emulator's truth.
func do(scenario string, flags ...string) (run, truth) { return doOn("", scenario, flags...) }

// doOn is do on one core, on all when core is "".
func doOn(core, scenario string, flags ...string) (run, truth) {
	count++
	dir := filepath.Join(work, fmt.Sprint("run", count))
	args := append([]string{axbench, "run", ".ci/bench/" + scenario + ".yaml", "--json", "--out", dir}, flags...)
	if core != "" {
		args = append([]string{"taskset", "-c", core}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = nil
	out, err := cmd.Output()
	var r run
	if e := json.Unmarshal(out, &r); e != nil || len(r.Phases) == 0 {
		fail(fmt.Errorf("%s %v: %v, %v", scenario, flags, err, e))
	}
	var t truth
	if data, err := os.ReadFile(filepath.Join(dir, "emulator.json")); err == nil {
		if err := json.Unmarshal(data, &t); err != nil {
			fail(err)
		}
	}
	return r, t
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "measure:", err)
	os.Exit(1)
}

func row(what, asked, format string, args ...any) {
	fmt.Printf("%-52s %-26s %s\n", what, asked, fmt.Sprintf(format, args...))
}

func ms(ns float64) string { return fmt.Sprintf("%.2f ms", ns/1e6) }

func stall() {
	r, _ := do("stall")
	resp, service := r.Phases[0].Latency["response"], r.Phases[0].Latency["service"]
	row("stall, 3000 in flight: response p90, p99", "1000 ms, 1900 ms ± 3 %", "%s, %s", ms(resp.P90), ms(resp.P99))
	row("  service p90, p99", "the same", "%s, %s", ms(service.P90), ms(service.P99))
	row("  queued max, dropped", "0, 0", "%s, %d", ms(r.Phases[0].Latency["queued"].Max), r.Phases[0].Dropped)
	r, _ = do("stall", "--max-in-flight", "50")
	row("stall, 50 in flight: response p90", "1000 to 1100 ms", "%s", ms(r.Phases[0].Latency["response"].P90))
	row("  service p90, dropped", "< 50 ms, 0", "%s, %d", ms(r.Phases[0].Latency["service"].P90), r.Phases[0].Dropped)
	r, _ = do("stall", "--callers", "50", "--duration", "10s")
	row("stall, closed, 50 callers: response p90", "< 50 ms", "%s", ms(r.Phases[0].Latency["response"].P90))
}

func late() {
	for _, rate := range []string{"500/s", "5000/s"} {
		for range 3 {
			r, _ := do("fast", "--rate", rate, "--duration", "10s")
			l := r.Phases[0].Latency["late"]
			row("late at "+rate+": p50, p99; cores of the generator", "≤ 0.1 ms, ≤ 1 ms; ≤ 0.5", "%s, %s; %.2f", ms(l.P50), ms(l.P99), r.Generator.CPUCores)
		}
	}
}

func memory() {
	short, _ := do("slow")
	long, _ := do("slow", "--rate", "2500/s", "--duration", "60s")
	row("memory at 5000 in flight, 6 s", "≤ 150 MB", "%.0f MB at %d in flight", short.Generator.RSS/1e6, short.Generator.InFlight)
	row("memory at 5000 in flight, 60 s", "no more", "%.0f MB at %d in flight", long.Generator.RSS/1e6, long.Generator.InFlight)
}

func fast() {
	for range 3 {
		r, _ := do("fast")
		row("signed and checked calls with the embedded emulator", "≥ 20000/s", "%.0f/s, exit %d", r.Phases[0].Rate.Good, r.ExitCode)
	}
	r, _ := do("fast", "--rate", "20000/s", "--duration", "10s")
	row("  open at 20000/s: good, late p99", "20000/s", "%.0f/s, %s, exit %d", r.Phases[0].Rate.Good, ms(r.Phases[0].Latency["late"].P99), r.ExitCode)
}

func compare() {
	r, t := do("lognormal")
	got, want := r.Phases[0].Latency["service"], t.Service
	for _, q := range []struct {
		name      string
		got, want float64
	}{{"p50", got.P50, want.P50}, {"p90", got.P90, want.P90}, {"p99", got.P99, want.P99}} {
		row("service "+q.name+" against the emulator's record", "± 2 % + 0.3 ms", "%s against %s: off by %s of %s allowed",
			ms(q.got), ms(q.want), ms(math.Abs(q.got-q.want)), ms(0.02*q.want+0.3e6))
	}
}

func seed() {
	a, _ := do("fast", "--rate", "200/s", "--duration", "2s", "--seed", "7")
	time.Sleep(time.Second)
	b, _ := do("fast", "--rate", "200/s", "--duration", "2s", "--seed", "7")
	c, _ := do("fast", "--rate", "200/s", "--duration", "2s", "--seed", "8")
	row("digest of seed 7, 7 and 8", "equal, other", "%.8s %.8s %.8s", a.Digest, b.Digest, c.Digest)
}
