package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// The searches whose answer is known. Settings are short: thirty seconds a search.
var searches = []struct {
	what, scenario string
	truth          float64
	flags          []string
}{
	{"queue of 8 servers of 20 ms", "capacity-queue", 400, []string{"--settle", "700ms", "--step", "1500ms", "--precision", "7%"}},
	{"flow limit of 400/s with a burst of 400", "capacity-limit", 400, []string{"--settle", "1s", "--step", "1500ms"}},
	{"pool of 200 X with 2 pairs, held 1 s", "capacity-pool", 400, []string{"--settle", "1s", "--step", "2s"}},
}

// capacityFlags are those of all of them: two or three probes climb, about nine of three seconds follow.
var capacityFlags = []string{"--budget-time", "60s", "--keep-probes", "none", "--json"}

// startOf is where the search with that seed begins, from 200/s to 320/s: no two searches try the same rates, and none of them
// happens to try the truth.
func startOf(seed int) string {
	_, part := math.Modf(float64(seed) * math.Phi)
	return fmt.Sprintf("%.1f/s", 200+120*part)
}

// capacity searches each of them as often as the argument behind the name says, 20 times without one; twice where everything is measured:
// go run ./.ci/bench/measure capacity [COUNT] [capacity-queue|capacity-limit|capacity-pool ...].
func capacity() {
	times := 20
	if len(os.Args) == 1 {
		times = 2
	}
	if i := slices.Index(os.Args, "capacity"); i >= 0 && i+1 < len(os.Args) {
		if n, err := strconv.Atoi(os.Args[i+1]); err == nil && n > 0 {
			times = n
		}
	}
	for _, s := range searches {
		if !searched(s.scenario) {
			continue
		}
		var took, errs []float64
		covered, near := 0, 0
		ends := map[string]int{}
		for i := range times {
			began := time.Now()
			low, value, high, end := searchOnce(s.scenario, i+1, s.flags)
			took = append(took, time.Since(began).Seconds())
			ends[end]++
			if low <= s.truth && s.truth <= high {
				covered++
			}
			off := math.Abs(value/s.truth - 1)
			errs = append(errs, off)
			if off <= 0.05 {
				near++
			}
			fmt.Fprintf(os.Stderr, "  %s, seed %d: %v (%v to %v) %s in %.0f s\n", s.scenario, i+1, value, low, high, end, took[i])
		}
		slices.Sort(took)
		asked := fmt.Sprintf("≥ %d of %d", int(math.Ceil(0.95*float64(times))), times)
		row("capacity, "+s.what+": the interval holds it", asked, "%d of %d %v", covered, times, ends)
		row("  the value is within 5 %", asked, "%d of %d, worst %.1f %%", near, times, 100*slices.Max(errs))
		row("  time of a search", "≤ 30 s", "median %.0f s, worst %.0f s", took[len(took)/2], took[len(took)-1])
	}
}

// searched tells whether a search is to be made: with names of searches among the arguments only those.
func searched(scenario string) bool {
	named := false
	for _, s := range searches {
		named = named || slices.Contains(os.Args, s.scenario)
	}
	return !named || slices.Contains(os.Args, scenario)
}

// searchOnce makes one search. What it did not find is 0.
func searchOnce(scenario string, seed int, flags []string) (low, value, high float64, end string) {
	count++
	args := append([]string{"capacity", ".ci/bench/" + scenario + ".yaml", "--seed", fmt.Sprint(seed), "--start", startOf(seed), "--out", filepath.Join(work, fmt.Sprint("search", count))}, capacityFlags...)
	out, err := exec.Command(axbench, append(args, flags...)...).Output()
	var found struct {
		ExitCode  int    `json:"exit_code"`
		LimitedBy string `json:"limited_by"`
		Rate      struct{ Low, Value, High *float64 }
	}
	if e := json.Unmarshal(out, &found); e != nil {
		fail(fmt.Errorf("%s: %v, %v", scenario, err, e))
	}
	known := func(v *float64) float64 {
		if v == nil {
			return 0
		}
		return *v
	}
	return known(found.Rate.Low), known(found.Rate.Value), known(found.Rate.High), fmt.Sprintf("%s/%d", found.LimitedBy, found.ExitCode)
}
