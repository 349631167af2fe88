//go:build unix

package cmd

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/results"
)

// proofScenario is what the runs below change. How late calls are is left to the machine that the tests run on.
const proofScenario = `schema: axbench.scenario/v1
name: proof
phases: [{name: main, duration: DURATION, rate: RATE}]
max_late: 5s
LATE
requests:
  - params:
      PoolKey: FC123456
      PhoneNoA: {mobile: 15000000000-15000999999}
      PhoneNoB: {mobile: 15800000000-15800999999}
      Expiration: {in: 10m}
bindings: {unbind: UNBIND}
slo: [good >= 0%]
`

// easyLate is a gate that a busy machine does not close.
const easyLate = "late: {p99: 10s, max: 20s}"

// proof is one run of real processes: a controller, agents, a witness that they call, and a relay between each agent and the bus. Nobody
// is told more than a user would tell them.
type proof struct {
	t          *testing.T
	cfg        proofConfig
	dir        string // run directory of the controller
	store      string // folder of that of the first one
	witnessed  string // file
	target     string
	controller *proc
	agents     []*proc
	relays     []*relay
	id, bus    string // as fleet.json says
}

// proofConfig says what a run is.
type proofConfig struct {
	generators int      // 0: 4
	rate       int      // a second; 0: 400
	seconds    int      // 0: 5
	lease      string   // "": 2s
	late       string   // "": easyLate
	unbind     string   // "": never
	more       string   // lines of the scenario
	answers    string   // of the witness; "": answersGood
	target     string   // in place of a witness
	flags      []string // of the controller; without --nats it has the bus inside
	env        []string // of everybody
}

func (c *proofConfig) fill() {
	set := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	set(&c.lease, "2s")
	set(&c.late, easyLate)
	set(&c.unbind, "never")
	set(&c.answers, answersGood)
	for v, d := range map[*int]int{&c.generators: 4, &c.rate: 400, &c.seconds: 5} {
		if *v == 0 {
			*v = d
		}
	}
}

// newProof starts witness and controller. The agents are still to come.
func newProof(t *testing.T, c proofConfig) *proof {
	t.Helper()
	c.fill()
	p := &proof{t: t, cfg: c, store: t.TempDir(), target: c.target}
	p.dir = filepath.Join(p.store, "run")
	if p.target == "" {
		p.target = p.startWitness()
	}
	scenario := filepath.Join(t.TempDir(), "proof.yaml")
	text := strings.NewReplacer("DURATION", fmt.Sprintf("%ds", c.seconds), "RATE", fmt.Sprintf("%d/s", c.rate), "LATE", c.late, "UNBIND", c.unbind).Replace(proofScenario) + c.more
	if err := os.WriteFile(scenario, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"run", scenario, "--generators", fmt.Sprint(c.generators), "--target", p.target, "--out", p.dir, "--json", "--lease", c.lease,
		"--max-skew", "100ms", "--formation", "20s"}
	if !slices.Contains(c.flags, "--nats") {
		args = append(args, "--embed", "127.0.0.1:0")
	}
	p.controller = p.start("axbench", append(args, c.flags...))
	t.Cleanup(func() {
		if t.Failed() {
			p.show()
		}
	})
	p.find()
	return p
}

// show prints what everybody said.
func (p *proof) show() {
	p.t.Logf("controller %s:\n%s", p.controller.state(), p.controller.said())
	if run, err := readRun(p.dir); err == nil {
		p.t.Logf("reasons: %s; fleet %+v", strings.Join(run.Reasons, "\n"), run.Fleet)
	}
	for i, a := range p.agents {
		p.t.Logf("agent %d %s:\n%s", i, a.state(), a.said())
	}
}

// find reads where the bus is.
func (p *proof) find() {
	p.t.Helper()
	var where whereabouts
	p.until("the bus is up", func() bool {
		text, err := os.ReadFile(filepath.Join(p.dir, fleetFile))
		return err == nil && json.Unmarshal(text, &where) == nil || p.controller.over()
	})
	if where.ID == "" {
		p.t.Fatalf("the controller ended before it had a bus: %s", p.controller.said())
	}
	p.id, p.bus = where.ID, strings.TrimPrefix(where.NATS, "nats://")
}

// startWitness starts a witness and returns its URL.
func (p *proof) startWitness() string {
	p.t.Helper()
	p.witnessed = filepath.Join(p.t.TempDir(), "arrivals")
	path, err := exec.LookPath(witnessName)
	if err != nil {
		p.t.Fatal(err)
	}
	c := exec.Command(path, p.witnessed, p.cfg.answers)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { in.Close(); _ = c.Process.Kill(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// join starts an agent for a slot, -1 for any, each behind a relay of its own.
func (p *proof) join(slot int) *proc { return p.joinAs("axbench", slot) }

func (p *proof) joinAs(program string, slot int, env ...string) *proc {
	p.t.Helper()
	r, err := newRelay(p.bus)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(r.close)
	args := []string{"agent", "--nats", "nats://" + r.listener.Addr().String(), "--run", p.id, "--wait", "40s",
		"--out", filepath.Join(p.t.TempDir(), "agent"), "--json"}
	if slot >= 0 {
		args = append(args, "--prefer", fmt.Sprint(slot))
	}
	a := p.start(program, args, env...)
	p.agents, p.relays = append(p.agents, a), append(p.relays, r)
	return a
}

// joinAll starts an agent for every slot.
func (p *proof) joinAll() *proof {
	p.t.Helper()
	for i := range p.cfg.generators {
		p.join(i)
	}
	return p
}

// seen returns what the witness has seen so far.
func (p *proof) seen() []sighting {
	p.t.Helper()
	list, err := readSightings(p.witnessed)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		p.t.Fatal(err)
	}
	return list
}

// begun waits until the witness has seen n arrivals.
func (p *proof) begun(n int) {
	p.t.Helper()
	p.until(fmt.Sprintf("%d arrivals", n), func() bool { return len(p.seen()) >= n || p.controller.over() })
}

// told waits until the controller has said something.
func (p *proof) told(text string) time.Time {
	p.t.Helper()
	var at time.Time
	p.until("the controller says "+text, func() bool { at = p.controller.saidAt(text); return !at.IsZero() || p.controller.over() })
	if at.IsZero() {
		p.t.Errorf("the controller never said %q", text)
	}
	return at
}

// until waits for something, with a bound that no working run comes near.
func (p *proof) until(what string, is func() bool) {
	p.t.Helper()
	for range 3000 {
		if is() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Fatalf("not within a minute: %s", what)
}

// ends waits for the controller's end, checks its exit code, and that its report is what the witness saw. It returns the report.
func (p *proof) ends(code int) *results.Run {
	p.t.Helper()
	p.until("the controller ends", p.controller.over)
	if got := p.controller.code(); got != code {
		p.t.Errorf("the controller ended with %d, want %d", got, code)
	}
	run := p.report()
	if run.ExitCode == nil || *run.ExitCode != p.controller.code() {
		p.t.Errorf("run.json has another exit code than the process: %v", run.ExitCode)
	}
	p.check(run)
	return run
}

func (p *proof) report() *results.Run {
	p.t.Helper()
	run, err := readRun(p.dir)
	if err != nil || run.Fleet == nil {
		p.t.Fatalf("%v: no report of several generators", err)
	}
	return run
}

// check holds the report against the witness: nothing came twice; what did not come is what the report says was not offered, but for what
// lost generators had no time to report; and every account adds up.
func (p *proof) check(run *results.Run) {
	p.t.Helper()
	p.accounts(run)
	if p.witnessed == "" {
		return
	}
	f, seen := run.Fleet, map[int64]int{}
	double := 0
	for _, s := range p.seen() {
		if seen[s.k]++; seen[s.k] > 1 {
			double++
		}
	}
	if double > 0 || f.Double > 0 {
		p.t.Errorf("%d arrivals came twice, the report says %d", double, f.Double)
	}
	all := &run.Totals
	missed := all.Planned - int64(len(seen))
	unsent := all.NotOffered + all.Dropped
	p.t.Logf("measured: planned %d, witnessed %d, missed %d; report: not offered %d (fleet %d), unknown %d, unreported at most %d, gaps %+v",
		all.Planned, len(seen), missed, all.NotOffered, f.Missing, f.Unknown, f.Unreported, f.Gaps)
	if missed > unsent+f.Unknown || missed < unsent-f.Unreported {
		p.t.Errorf("the witness missed %d arrivals, the report says %d (%d of unknown end, at most %d unreported)", missed, unsent, f.Unknown, f.Unreported)
	}
	outside := int64(0)
	for k := range all.Planned {
		if seen[k] == 0 && !slices.ContainsFunc(f.Gaps, func(g results.Gap) bool { return g.From <= k && k < g.To }) {
			outside++
		}
	}
	if outside > all.NotOffered-f.Missing+all.Dropped+f.Unknown {
		p.t.Errorf("%d arrivals did not come and lie in no gap", outside)
	}
}

// beyond is how many arrivals came of which the report says that they were not offered.
func (p *proof) beyond(run *results.Run) int64 {
	p.t.Helper()
	return int64(len(p.seen())) - (run.Totals.Planned - run.Totals.NotOffered - run.Totals.Dropped)
}

// accounts checks that they add up.
func (p *proof) accounts(run *results.Run) {
	p.t.Helper()
	all, f := &run.Totals, run.Fleet
	if want := int64(p.cfg.rate * p.cfg.seconds); all.Planned != want {
		p.t.Errorf("%d arrivals were planned, want %d", all.Planned, want)
	}
	for _, l := range append(run.Phases[:len(run.Phases):len(run.Phases)], *all) {
		if sum := l.Done + l.Failed + l.Unfinished + l.Dropped + l.NotOffered; sum != l.Planned {
			p.t.Errorf("%s: planned %d, accounted for %d: %+v", l.Name, l.Planned, sum, l.Ledger)
		}
	}
	gaps := int64(0)
	for _, g := range f.Gaps {
		gaps += g.Count
	}
	if gaps != f.Missing || f.Missing > all.NotOffered {
		p.t.Errorf("gaps of %d arrivals, missing %d, not offered %d", gaps, f.Missing, all.NotOffered)
	}
	if len(f.Generators) != p.cfg.generators {
		p.t.Errorf("the report has %d generators", len(f.Generators))
	}
}

// whole checks that nothing was lost.
func (p *proof) whole(run *results.Run) {
	p.t.Helper()
	if run.Totals.NotOffered != 0 || run.Totals.Done != run.Totals.Planned || run.Fleet.Missing != 0 || run.Fleet.Unknown != 0 {
		p.t.Errorf("not all was offered and done: %+v, fleet %+v", run.Totals.Ledger, run.Fleet)
	}
	for i, a := range p.agents {
		p.until("the agents end", a.over)
		if a.code() != 0 {
			p.t.Errorf("agent %d ended with %d", i, a.code())
		}
	}
}

// proc is a process that the test has started.
type proc struct {
	*exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	lines []string
	at    []time.Time
	out   strings.Builder
}

func (p *proof) start(program string, args []string, env ...string) *proc {
	p.t.Helper()
	path, err := exec.LookPath(program) // this test binary by the name that testscript gave it
	if err != nil {
		p.t.Fatal(err)
	}
	return startProc(p.t, path, args, append(slices.Clone(p.cfg.env), env...))
}

func startProc(t *testing.T, path string, args, env []string) *proc {
	t.Helper()
	c := &proc{Cmd: exec.Command(path, args...), done: make(chan struct{})}
	c.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "AXBENCH_CALIBRATION="+filepath.Join(t.TempDir(), "none")) // not the developer's
	c.Env = append(c.Env, env...)
	r, w := io.Pipe()
	c.Stdout, c.Stderr = &c.out, w
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(r); lines.Scan(); {
			c.mu.Lock()
			c.lines, c.at = append(c.lines, lines.Text()), append(c.at, time.Now())
			c.mu.Unlock()
		}
	}()
	go func() {
		_ = c.Wait() // the exit code says it
		w.Close()
		<-read
		close(c.done)
	}()
	t.Cleanup(func() { _ = c.Process.Kill(); <-c.done })
	return c
}

func (c *proc) over() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// code is the exit code of a process that is over, -1 of one that a signal ended.
func (c *proc) code() int { <-c.done; return c.ProcessState.ExitCode() }

func (c *proc) state() string {
	if !c.over() {
		return "(running)"
	}
	return "(" + c.ProcessState.String() + ")"
}

func (c *proc) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.lines, "\n")
}

// saidAt returns when a line with this text came, zero if none did.
func (c *proc) saidAt(text string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, line := range c.lines {
		if strings.Contains(line, text) {
			return c.at[i]
		}
	}
	return time.Time{}
}
