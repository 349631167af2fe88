package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// generators measures a run of several generators, which are processes of this machine.
func generators() {
	const rounds = 5
	var bounds []time.Duration
	for range rounds {
		r, _ := severalOf("--generators", "4", "--local", "--rate", "200/s", "--duration", "2s")
		bounds = append(bounds, time.Duration(r.Fleet.StartBound))
	}
	slices.Sort(bounds)
	row("4 generators on this machine: start bound", "≤ 1 ms in each of 5", "%s at most, median %s", bounds[rounds-1], bounds[rounds/2])

	var lasts []time.Duration
	var after []int
	for range rounds {
		last, n := lastArrival()
		lasts, after = append(lasts, last), append(after, n)
	}
	slices.Sort(lasts)
	row("  last arrival after an abort at 2000/s", "≤ 50 ms in each of 5", "%s at most, median %s; %v arrivals after it", lasts[rounds-1], lasts[rounds/2], after)

	var alone, part []float64
	for range rounds { // in turns
		load := []string{"--rate", "5000/s", "--duration", "10s"}
		r, _ := severalOf(load...)
		alone = append(alone, r.Generator.CPUCores)
		r, _ = severalOf(append(load, "--generators", "1", "--local")...)
		part = append(part, r.Fleet.Generators[0].Generator.CPUCores)
	}
	slices.Sort(alone)
	slices.Sort(part)
	row("  a generator on a bus at 5000/s: CPU beside that of one alone", "< 2 % of a core", "%+.1f %% of a core: %.3f and %.3f cores (medians of %d; from %.3f to %.3f and from %.3f to %.3f)",
		100*(part[rounds/2]-alone[rounds/2]), part[rounds/2], alone[rounds/2], rounds, part[0], part[rounds-1], alone[0], alone[rounds-1])
}

// several is run.json of a run of several generators.
type several struct {
	ExitCode  int `json:"exit_code"`
	Generator struct {
		CPUCores float64 `json:"cpu_cores"`
	}
	Fleet struct {
		StartBound float64 `json:"start_bound_ns"`
		Generators []struct {
			Generator struct {
				CPUCores float64 `json:"cpu_cores"`
			}
		}
	}
}

// severalOf runs fast.yaml and returns run.json and when it said on stderr that it ends.
func severalOf(flags ...string) (r several, ended time.Time) {
	count++
	args := append([]string{"run", ".ci/bench/fast.yaml", "--json", "--out", filepath.Join(work, fmt.Sprint("run", count))}, flags...)
	cmd := exec.Command(axbench, args...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		fail(err)
	}
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	said := ""
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if ended.IsZero() && strings.Contains(lines.Text(), "no more calls are made") {
			ended = time.Now()
		}
		said += lines.Text() + "\n"
	}
	_ = cmd.Wait() // the exit code is the verdict's
	if err := json.Unmarshal([]byte(out.String()), &r); err != nil {
		fail(fmt.Errorf("%v: %w\n%s", flags, err, said))
	}
	return r, ended
}

// lastArrival lets a rule end a run of four generators, and returns how long after its decision the last call came to the target, and
// how many came after it.
func lastArrival() (last time.Duration, after int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	target := &refusing{from: 6000}
	server := &http.Server{Handler: target}
	go server.Serve(l)
	_, decided := severalOf("--generators", "4", "--local", "--target", "http://"+l.Addr().String()+"/", "--rate", "2000/s", "--duration", "12s", "--slo", "good >= 99% abort")
	_ = server.Close()
	if decided.IsZero() {
		fail(fmt.Errorf("no rule ended the run"))
	}
	target.mu.Lock()
	defer target.mu.Unlock()
	for _, at := range target.arrivals {
		if at.After(decided) {
			after++
		}
		last = max(last, at.Sub(decided))
	}
	return last, after
}

// refusing is a target that refuses all calls but so many, and notes when they come.
type refusing struct {
	from     int
	mu       sync.Mutex
	arrivals []time.Time
}

func (t *refusing) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	t.mu.Lock()
	t.arrivals = append(t.arrivals, time.Now())
	n := len(t.arrivals)
	t.mu.Unlock()
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	id := strconv.Itoa(1_000_000_000 + n)
	if n > t.from {
		fmt.Fprintf(w, `{"Code":"isp.SYSTEM_ERROR","Message":"isp.SYSTEM_ERROR","RequestId":"r-%s"}`, id)
		return
	}
	fmt.Fprintf(w, `{"Code":"OK","Message":"OK","RequestId":"r-%s","SecretBindDTO":{"SecretNo":"17%s","SubsId":"%s","Extension":"130"}}`, id, id[1:], id)
}
