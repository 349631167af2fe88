package cmd

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"axbench/results"
)

// wholePool runs TestPoolAgainstEmulator as .ci/bench/measure does: all pools, for longer.
var wholePool = flag.Bool("pool", false, "all pools against the emulator, for half a minute each")

// poolCase is a small pool: how many X of how many pairs, from how many people A and B come, 0 for so many that none comes twice.
type poolCase struct{ size, pairs, peopleA, peopleB int }

var poolCases = []poolCase{{20, 3, 2, 0}, {20, 1, 0, 0}, {20, 3, 0, 0}, {105, 1, 0, 0}, {30, 4, 0, 3}, {20, 3, 25, 4}}

// scenario asks a pool of the emulator for 100 bindings a second, each unbound after a second.
func (c poolCase) scenario(seconds int) string {
	people := func(first string, n int) string {
		if n == 0 {
			return fmt.Sprintf("{mobile: %s00000000-%s99999999, order: random}", first, first)
		}
		return fmt.Sprintf("{mobile: %s00000000-%s%08d, order: random}", first, first, n-1)
	}
	return fmt.Sprintf(`schema: axbench.scenario/v1
name: pool
seed: 5
phases:
  - {name: fill, record: false, duration: 3s, poisson: 100/s}
  - {name: main, duration: %ds, poisson: 100/s}
requests:
  - params: {PoolKey: FC000020, PhoneNoA: %s, PhoneNoB: %s, Expiration: {in: 10m}}
bindings: {unbind: after 1s}
late: {p99: 1s, max: 2s}
slo: [good >= 0%%]
`, seconds, people("150", c.peopleA), people("158", c.peopleB))
}

func (c poolCase) emulator() string {
	return fmt.Sprintf("pools:\n  - {key: FC000020, size: %d, pairs: %d, cities: [北京]}\n", c.size, c.pairs)
}

// simulated returns, from simulations as long as the run, where its share of refusals should lie with 99 % confidence.
func (c poolCase) simulated(t *testing.T, seconds int, hold string) (low, mean, high float64) {
	args := []string{"capacity", "pool", "--rate", "100/s", "--hold", hold, "--size", strconv.Itoa(c.size), "--pairs", strconv.Itoa(c.pairs), "--bindings",
		strconv.Itoa(10 * 100 * seconds), "--refusal", "10%", "--json"}
	if c.peopleA > 0 {
		args = append(args, "--phones-a", strconv.Itoa(c.peopleA))
	}
	if c.peopleB > 0 {
		args = append(args, "--phones-b", strconv.Itoa(c.peopleB))
	}
	var out, stderr bytes.Buffer
	if code := Main(args, strings.NewReader(""), &out, &stderr, noEnv); code != 0 {
		t.Fatalf("%v ended with %d: %s", args, code, stderr.String())
	}
	var a poolAnswer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	square, n := 0.0, float64(len(a.Size.Shares))
	for _, s := range a.Size.Shares {
		square += (s - a.Size.Share) * (s - a.Size.Share) / (n - 1)
	}
	room := 3.250 * math.Sqrt(square*(1+1/n)) // of one more like them, Student's t of nine degrees
	return a.Size.Share - room, a.Size.Share, a.Size.Share + room
}

// measured runs the scenario against an emulator in real time and returns the share of refusals, and whether unbinds came in time: on
// average by a fiftieth of the hold.
func (c poolCase) measured(t *testing.T, seconds int) (share float64, timely bool) {
	target, end := startEmulatorWith(t, c.emulator())
	defer end()
	dir := t.TempDir()
	file := filepath.Join(dir, "pool.yaml")
	if err := os.WriteFile(file, []byte(c.scenario(seconds)), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	code := Main([]string{"run", file, "--target", target, "--out", filepath.Join(dir, "run"), "--json"}, strings.NewReader(""), &out, &stderr, noEnv)
	var run results.Run
	if err := json.Unmarshal(out.Bytes(), &run); err != nil || code != 0 && code != results.ExitInvalid {
		t.Fatalf("ended with %d, %v: %s", code, err, stderr.String())
	}
	for _, p := range run.Phases {
		for _, code := range p.Codes {
			if p.Name == "main" && code.Code == "isv.NO_AVAILABLE_NUMBER" {
				return float64(code.Count) / float64(p.Done), run.FollowUps.Latency[results.Offered].Mean < 20e6
			}
		}
	}
	t.Fatal("run.json says nothing of isv.NO_AVAILABLE_NUMBER")
	return 0, false
}

// TestPoolAgainstEmulator holds the simulation against the emulator in real time. On a busy machine unbinds come late, so that holds
// are longer: the share may be as high as for holds a tenth longer.
func TestPoolAgainstEmulator(t *testing.T) {
	cases, seconds := poolCases[:1], 4
	if *wholePool {
		cases, seconds = poolCases, 30
	}
	for _, c := range cases {
		share, timely := c.measured(t, seconds)
		for try := 0; !timely && try < 2; try++ {
			share, timely = c.measured(t, seconds)
		}
		if !timely {
			t.Skip("this machine is too busy to unbind in time")
		}
		low, mean, high := c.simulated(t, seconds, "1s")
		inside := low <= share && share <= high
		fmt.Printf("measured: %+v: %.2f %% refused, %.2f %% simulated (%.2f to %.2f %%, 99 %%), inside: %v\n", c, 100*share, 100*mean, 100*low, 100*high, inside)
		if _, _, late := c.simulated(t, seconds, "1100ms"); share < low || share > late {
			t.Errorf("%+v: %.4f refused, simulated %.4f to %.4f", c, share, low, late)
		}
		if c == poolCases[0] { // what must be detected: a model that knows nothing of the repeats
			c.peopleA = 0
			if _, _, without := c.simulated(t, seconds, "1100ms"); share <= without {
				t.Errorf("%.4f refused, but without repeats it could be %.4f: the case shows nothing", share, without)
			}
		}
	}
}
