package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// compared is what axbench compare --json prints.
type compared struct {
	Verdict string `json:"verdict"`
	Metrics []struct {
		Name    string `json:"name"`
		Verdict string `json:"verdict"`
	} `json:"metrics"`
}

// pairsAsked is the number among the arguments, or n.
func pairsAsked(n int) int {
	for _, a := range os.Args[1:] {
		if v, err := strconv.Atoi(a); err == nil && v > 0 {
			n = v
		}
	}
	return n
}

// comparisons holds pairs of real runs against each other: go run ./.ci/bench/measure compare [pairs] [alike] [loaded]. With the word "alike"
// only pairs of the same are made, with other seeds. Each run is 400/s for 8 s against the
// embedded emulator with a lognormal latency of median 20 ms and p99 80 ms; seeds differ, so that no two runs draw the same latencies. A
// run that was not valid is made again. A pair takes some 18 s. With the word "loaded" the gate is all but open, for a machine that is not
// idle: what is late by our own doing is then taken for the target's, which asks more of the pairs of the same.
func comparisons() {
	n, alike, seed := pairsAsked(20), slices.Contains(os.Args, "alike"), 1000
	if alike {
		seed = 5000
	}
	base := latencyScenario("base", "20ms", "80ms")
	for i, c := range []struct{ what, asked, file string }{
		{"pairs of the same that read worse", "≤ 5 of 100", base},
		{"pairs with a median 10 % slower that read worse", "≥ 19 of 20", latencyScenario("slower", "22ms", "88ms")},
		{"pairs with p99 twice as long that read worse", "≥ 19 of 20", latencyScenario("tail", "20ms", "160ms")},
	} {
		if alike && i > 0 {
			return
		}
		words, again := map[string]int{}, 0
		for i := range n {
			a, retriesA := validRun(base, seed+2*i)
			b, retriesB := validRun(c.file, seed+2*i+1)
			words[comparePair(a, b)]++
			again += retriesA + retriesB
			os.RemoveAll(a)
			os.RemoveAll(b)
		}
		row(c.what, c.asked, "%d of %d; better %d, same %d, inconclusive %d; %d invalid runs made again", words["worse"], n, words["better"], words["same"],
			words["inconclusive"], again)
	}
	comparisonTime(base)
}

// latencyScenario writes the scenario lognormal with other latencies and a phase of 8 s.
func latencyScenario(name, median, p99 string) string {
	text, err := os.ReadFile(".ci/bench/lognormal.yaml")
	if err != nil {
		fail(err)
	}
	gate := "emulator:"
	if slices.Contains(os.Args, "loaded") {
		gate = "late: {p99: 5s, max: 10s}\nemulator:"
	}
	changed := strings.NewReplacer("emulator:", gate, "median: 20ms", "median: "+median, "p99: 80ms", "p99: "+p99, "duration: 20s", "duration: 8s").Replace(string(text))
	file := filepath.Join(work, name+".yaml")
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		fail(err)
	}
	return file
}

// validRun makes a run until it is valid, six times at most.
func validRun(scenario string, seed int, flags ...string) (dir string, retries int) {
	for ; retries < 6; retries++ {
		count++
		dir = filepath.Join(work, fmt.Sprint("run", count))
		cmd := exec.Command(axbench, append([]string{"run", scenario, "--json", "--out", dir, "--seed", strconv.Itoa(seed)}, flags...)...)
		if _, err := cmd.Output(); cmd.ProcessState == nil {
			fail(err)
		}
		if code := cmd.ProcessState.ExitCode(); code == 0 {
			return dir, retries
		} else if code != 6 {
			fail(fmt.Errorf("%s ended with %d", scenario, code))
		}
		os.RemoveAll(dir)
	}
	fail(fmt.Errorf("no valid run of %s: this machine is too busy", scenario))
	return "", 0
}

// comparePair compares two run directories and returns the verdict.
func comparePair(a, b string) string {
	out, _ := exec.Command(axbench, "compare", a, b, "--json").Output()
	var c compared
	if err := json.Unmarshal(out, &c); err != nil || len(c.Metrics) == 0 {
		fail(fmt.Errorf("compare: %v: %.200s", err, out))
	}
	return c.Verdict
}

// comparisonTime is how long a comparison of two runs of a minute takes.
func comparisonTime(scenario string) {
	a, _ := validRun(scenario, 1, "--rate", "400/s", "--duration", "60s")
	b, _ := validRun(scenario, 2, "--rate", "400/s", "--duration", "60s")
	began := time.Now()
	word := comparePair(a, b)
	row("  a comparison of two runs of 60 s", "about a second", "%.2f s: %s", time.Since(began).Seconds(), word)
}
